"""Live updates: what agents announce, as server-sent events, to those who may read the noun it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, ClassVar

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from agents.contract import Event, messages_of
from agents.webhooks.catalogue import BY_KIND
from coordinator.registry import AGENTS
from db.errors import Invalid, Refusal
from serve.edge import Caller, caller_of, edge_of
from serve.live import Hearer, LiveEvents
from serve.routing import Routes, SignedIn
from serve.scopes import Scope

routes = Routes("events")

_NOUN_SCOPES = {
    "inventory": Scope.read_stock,
    "inbound": Scope.read_stock,
    "parcels": Scope.read_shipping,
    "planning": Scope.read_orders,
    "promising": Scope.read_orders,
    "returns": Scope.read_orders,
}
PERSONAL = frozenset({"bulk", "notices"})  # agents whose events are for one caller alone: the payload's `principal`


class BadEventId(Invalid):
    def __str__(self) -> str:
        return "Last-Event-ID must be the id of an event, a whole number."


@dataclass(eq=False)
class TooManyStreams(Refusal):
    limit: int
    retry_after: int = 5

    status: ClassVar[int] = 429

    def __str__(self) -> str:
        return f"You have {self.limit} live streams open. Close one, or try again in {self.retry_after} s."


class Stream(StreamingResponse):
    """Server-sent events, counted for the caller as long as they are open."""

    def __init__(self, events: AsyncIterator[bytes], live: LiveEvents, principal: str) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._live, self._principal = live, principal

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        with self._live.counted(self._principal):
            await super().__call__(scope, receive, send)


@cache
def scope_by_kind() -> dict[str, str]:
    """The scope that each kind of event needs: that of the agent whose messages define it."""
    found: dict[str, str] = {}
    for spec in AGENTS:
        if spec.name in PERSONAL:
            continue
        scope = _NOUN_SCOPES.get(spec.name) or Scope(f"read_{spec.name}")
        found |= dict.fromkeys(_events_of(spec.name), scope.value)
    return found


@cache
def personal_kinds() -> frozenset[str]:
    """Kinds of events that reach nobody but the caller they name."""
    return frozenset(kind for agent in PERSONAL for kind in _events_of(agent))


def _events_of(agent: str) -> list[str]:
    return [message.__name__ for message in messages_of(agent) if issubclass(message, Event)]


@routes.get(
    "/events",
    access=SignedIn(),
    responses={200: {"description": "A stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    extra={
        "parameters": [
            {
                "name": "subject",
                "in": "query",
                "description": "Only events about this record, such as `order:ID`; repeatable.",
                "schema": {"type": "array", "items": {"type": "string"}},
            },
            {
                "name": "Last-Event-ID",
                "in": "header",
                "description": "Go on after this event; browsers send it by themselves when they reconnect.",
                "schema": {"type": "string"},
            },
        ]
    },
)
async def events(request: Request) -> Response:
    """Every event you may read, from now on, as server-sent events.

    The stream stays open; a comment every 15 seconds keeps proxies from closing it. `Last-Event-ID` goes on
    where a broken connection ended.
    """
    last = request.headers.get("last-event-id")
    if last is not None and not (last.isascii() and last.isdigit() and len(last) < 19):
        raise BadEventId()
    live: LiveEvents = request.app.state.live
    principal, most = caller_of(request).principal, edge_of(request).settings.streams
    if live.open[principal] >= most:
        raise TooManyStreams(most)
    stream = live.stream(
        _hearing(request), after=int(last) if last else None, subjects=request.query_params.getlist("subject")
    )
    return Stream(stream, live, principal)


def _hearing(request: Request) -> Callable[[], Awaitable[Hearer | None]]:
    """Whoever is behind an open stream, looked at anew as often as callers of other requests are."""
    edge = edge_of(request)
    known: Hearer | None = _hearer(caller_of(request))
    until = edge.ticks() + edge.settings.caller_cache_seconds

    async def hearer() -> Hearer | None:
        nonlocal known, until
        if until <= edge.ticks():
            caller = await edge.door.still(request)
            known = _hearer(caller) if caller else None
            until = edge.ticks() + edge.settings.caller_cache_seconds
        return known

    return hearer


def _hearer(caller: Caller) -> Hearer:
    kinds = frozenset(kind for kind, scope in scope_by_kind().items() if scope in caller.scopes)
    return Hearer(kinds, personal_kinds(), caller.principal, partial(_told, caller.scopes))


def _told(scopes: frozenset[str], kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """As webhooks tell it: without what needs a scope that is not held, and without what never leaves the house."""
    return BY_KIND[kind].told(payload, scopes)[0] if kind in BY_KIND else payload


def attach(app: FastAPI) -> None:
    """Give the application its one listener; it begins with the first stream."""
    app.state.live = LiveEvents(app.state.edge.database)
