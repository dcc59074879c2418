"""Live updates: what agents announce, as server-sent events, to those who may read the noun it is about."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agents.contract import Event
from coordinator.registry import AGENTS
from db.errors import Invalid
from serve.edge import caller_of
from serve.live import LiveEvents
from serve.routing import Routes, SignedIn
from serve.scopes import Scope

routes = Routes("events")

_NOUN_SCOPES = {"inventory": Scope.read_stock}
PERSONAL = frozenset({"bulk", "notices"})  # agents whose events are for one caller alone: the payload's `principal`


class BadEventId(Invalid):
    def __str__(self) -> str:
        return "Last-Event-ID must be the id of an event, a whole number."


@cache
def scope_by_kind() -> dict[str, str]:
    """The scope that each kind of event needs: that of the agent whose `messages.py` defines it."""
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
    return [
        name
        for name, value in vars(import_module(f"agents.{agent}.messages")).items()
        if isinstance(value, type) and issubclass(value, Event) and value.__module__.startswith(f"agents.{agent}.")
    ]


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
    held = caller_of(request).scopes
    live: LiveEvents = request.app.state.live
    stream = live.stream(
        after=int(last) if last else None,
        kinds=[kind for kind, scope in scope_by_kind().items() if scope in held],
        subjects=request.query_params.getlist("subject"),
        personal=personal_kinds(),
        principal=caller_of(request).principal,
    )
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def attach(app: FastAPI) -> None:
    """Give the application its one listener; it begins with the first stream."""
    app.state.live = LiveEvents(app.state.edge.database)
