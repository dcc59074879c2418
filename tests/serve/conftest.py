"""The edge over a fresh database: the app in this process, callers with the scopes a test names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from agents.contract import Answer, Asked, encode
from db.session import Database
from serve.app import create_app
from serve.edge import EdgeSettings
from serve.keys import make_key
from serve.passwords import hash_password
from serve.people import make_user
from serve.scopes import ALL_SCOPES, ensure_roles
from tests.shop import START, TESTER

PASSWORD = "a long sentence nobody guesses"


@dataclass
class Recorder:
    """Stands where the agents stand: keeps what it was asked and says what it was told to say."""

    asked: list[tuple[str, Asked, str]] = field(default_factory=list)
    says: Any = None
    replayed: bool = False

    async def ask(self, agent: str, asked: Asked, *, partition: str) -> Answer:
        self.asked.append((agent, asked, partition))
        if isinstance(self.says, Answer):
            return self.says
        if isinstance(self.says, Exception):
            raise self.says
        return Answer(200, encode(self.says), self.replayed)

    def command(self, kind: type[Any]) -> Any:
        """The last command, which must be the only thing that was asked last."""
        _, asked, _ = self.asked[-1]
        assert asked.kind == kind.__name__
        return msgspec.msgpack.decode(asked.body, type=kind)


class Clock:
    """A clock that moves when told: wall time for rows, ticks for caches and buckets."""

    def __init__(self) -> None:
        self.now, self.seconds = START, 0.0

    def later(self, **delta: float) -> None:
        from datetime import timedelta

        step = timedelta(**delta)
        self.now += step
        self.seconds += step.total_seconds()


@dataclass
class Front:
    """The shop's front door: an app, its clock, and makers of callers."""

    app: FastAPI
    database: Database
    agents: Recorder
    clock: Clock

    def client(self, **headers: str) -> TestClient:
        return TestClient(self.app, headers=headers, raise_server_exceptions=False)

    def key(self, *scopes: str) -> TestClient:
        """A caller with an API key; without names it holds every scope."""
        with self.database.transaction(TESTER, now=self.clock.now) as tx:
            _, secret = make_key(tx, "test", sorted(scopes or ALL_SCOPES))
        return self.client(Authorization=f"Bearer {secret}")

    def person(self, role: str = "admin", *, email: str = "") -> str:
        email = email or f"{uuid4().hex[:8]}@example.com"
        with self.database.transaction(TESTER, now=self.clock.now) as tx:
            ensure_roles(tx)
            make_user(tx, email=email, name=role.title(), role=role, password_hash=hash_password(PASSWORD))
        return email

    def signed_in(self, role: str = "admin") -> TestClient:
        client = self.client()
        answer = client.post("/api/v1/session", json={"email": self.person(role), "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client


MakeFront = Callable[..., Front]


def front_over(url: str, **settings: Any) -> Front:
    database, clock, agents = Database(url), Clock(), Recorder()
    app = create_app(
        database, agents, settings=EdgeSettings(**settings), clock=lambda: clock.now, ticks=lambda: clock.seconds
    )
    return Front(app, database, agents, clock)


@pytest.fixture
def make_front(db_url: str) -> Iterator[MakeFront]:
    opened: list[Front] = []

    def make(**settings: Any) -> Front:
        opened.append(front_over(db_url, **settings))
        return opened[-1]

    yield make
    for front in opened:
        front.database.close()


@pytest.fixture
def front(make_front: MakeFront) -> Front:
    return make_front()


def error_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The error of an answer, which must have the one shape, this status and this code."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details", "fields", "request_id"}
    assert error["code"] == code, error
    assert error["request_id"] == answer.headers["X-Request-Id"]
    return dict(error)


def names_of(rows: Iterable[dict[str, Any]], column: str) -> list[Any]:
    return [row[column] for row in rows]
