"""What every route shares: the database, the way to the agents, settings, and who is calling."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

from starlette.requests import Request

from coordinator.client import AgentClient
from db.base import utc_now
from db.session import Database, Who

if TYPE_CHECKING:
    from serve.auth import Door
    from serve.limits import Buckets


@dataclass(frozen=True)
class EdgeSettings:
    rate_per_second: float = 200.0  # of one caller, in one process
    rate_burst: int = 400
    body_limit_bytes: int = 2_000_000
    body_seconds: float = 30.0
    streams: int = 32  # of live events that one caller may have open, in one process; a screen has one
    lookups: int = 64  # of callers that nobody knows yet, at a time
    caller_cache_seconds: float = 5.0  # a revoked key or a role that shrank is obeyed for at most this long
    session_idle: timedelta = timedelta(hours=12)
    session_lifetime: timedelta = timedelta(days=7)
    sign_in_failures: int = 5
    sign_in_window: timedelta = timedelta(minutes=15)
    behind_https: bool = False  # a proxy ends TLS: cookies are Secure even though we see plain HTTP
    request_id_is_told: bool = False  # Serve gives each request an id, and says it in the answer by itself
    cors_origins: tuple[str, ...] = ()
    dashboard_url: str | None = None  # Ray's own
    metrics_folder: Path | None = None  # where the processes of this machine keep their counters
    metrics_on_loopback: bool = True  # /metrics without a key for direct callers of this machine


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling. `principal` is `key:ID`, `user:ID` or `customer:ORDER`: it scopes idempotency
    keys and names the actor."""

    principal: str
    name: str
    scopes: frozenset[str]
    role: str | None = None
    csrf: str | None = field(default=None, repr=False)  # of a session; keys need none
    expires_at: datetime | None = None

    @property
    def user_id(self) -> UUID | None:
        kind, _, ident = self.principal.partition(":")
        return UUID(ident) if kind == "user" else None

    @property
    def order_id(self) -> UUID | None:
        """Of a customer at the door."""
        kind, _, ident = self.principal.partition(":")
        return UUID(ident) if kind == "customer" else None


ANYONE = Caller("anyone", "anyone", frozenset())


@dataclass
class Edge:
    database: Database
    client: AgentClient
    settings: EdgeSettings
    door: Door
    buckets: Buckets
    clock: Callable[[], datetime] = utc_now
    ticks: Callable[[], float] = time.monotonic


def edge_of(request: Request) -> Edge:
    return cast(Edge, request.app.state.edge)


def caller_of(request: Request) -> Caller:
    return cast(Caller, request.state.caller)


def who_of(request: Request) -> Who:
    return Who(caller_of(request).principal, request_id_of(request))


def request_id_of(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
