"""From HTTP to a message and back: request ids, idempotency keys, versions, and the asking of agents."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.contract import Asked, Command, State, encode, unwrap
from db.errors import Refusal
from serve.edge import caller_of, edge_of, request_id_of
from serve.errors import BrokenOff, broken_off, bug_answer
from serve.metrics import REQUESTS, SECONDS
from serve.undo import shown

S = TypeVar("S", bound=State)

_SANE_ID = re.compile(rb"[A-Za-z0-9._:\-]{1,64}")
KEY = re.compile(r"[!-~]{1,255}")


@dataclass(eq=False)
class BadIdempotencyKey(Refusal):
    status: ClassVar[int] = 400

    def __str__(self) -> str:
        return "Send one Idempotency-Key, of 1 to 255 printable ASCII characters without spaces."


@dataclass(eq=False)
class BadIfMatch(Refusal):
    value: str

    status: ClassVar[int] = 400

    def __str__(self) -> str:
        return f'If-Match must be a version such as "3", not {self.value}.'


def idempotency_key(request: Request) -> str | None:
    keys = request.headers.getlist("idempotency-key")
    if len(keys) > 1 or not all(KEY.fullmatch(key) for key in keys):
        raise BadIdempotencyKey()
    return keys[0] if keys else None


def version_of(request: Request, given: int | None) -> int | None:
    """The version the caller saw: from the body, or the If-Match header (`"3"`); None skips the check."""
    header = request.headers.get("if-match")
    if given is not None or header is None or header == "*":
        return given
    text = header.removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadIfMatch(header[:40])
    return int(text)


def json_answer(value: Any, status: int = 200, *, replayed: bool = False) -> Response:
    """`value` may hold structs, dates, ids: times come out in RFC 3339 and UTC."""
    response = Response(msgspec.json.encode(value), status, media_type="application/json")
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@dataclass(frozen=True)
class Told:
    """The agent's state in MessagePack, and whether it is the stored answer to an earlier request."""

    body: bytes
    replayed: bool


async def asking(request: Request, agent: str, command: Command, *, partition: str, remembered: bool = True) -> Told:
    """Send one command in the caller's name and wait for the answer.

    What changes nothing need not be `remembered`: asked again it is answered anew, with or without a key.

    Raises:
        Refused, Unavailable, Failed: see `agents.contract.unwrap`.
    """
    caller = caller_of(request)
    asked = Asked(
        type(command).__name__,
        encode(command),
        caller.principal,
        caller.principal,
        # A key of our own, when the caller gave none: a call is repeated when an agent dies in the middle of it.
        (idempotency_key(request) or f"request:{uuid4()}") if remembered else None,
        request_id_of(request),
    )
    answer = await edge_of(request).client.ask(agent, asked, partition=partition)
    return Told(unwrap(answer), answer.replayed)


async def sending(
    request: Request, agent: str, command: Command, state: type[S], *, partition: str, status: int = 200
) -> Response:
    """`asking`, answered with the agent's state as it is."""
    told = await asking(request, agent, command, partition=partition)
    return json_answer(shown(msgspec.msgpack.decode(told.body, type=state)), status, replayed=told.replayed)


async def wondering(request: Request, agent: str, command: Command, state: type[S], *, partition: str) -> Response:
    """A question that only an agent can answer: as `sending`, and nothing is kept of it."""
    told = await asking(request, agent, command, partition=partition, remembered=False)
    return json_answer(msgspec.msgpack.decode(told.body, type=state))


_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_HTTPS_ALONE = ((b"strict-transport-security", b"max-age=31536000"),)
_API = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


def _count(scope: Scope, status: int, seconds: float) -> None:
    """Under the route's template, never the address itself: ids would make a series of every order."""
    route = getattr(scope.get("route"), "path", "other")
    SECONDS.labels(scope["method"], route).observe(seconds)
    REQUESTS.labels(scope["method"], route, str(status)).inc()


class Envelope:
    """Around everything: a request id in and out, security headers, and an answer even to a bug of ours.

    With `id_is_told` somebody around it says the request's id in the answer, when it came with the request. With
    `https_alone` browsers are told never to come without TLS.
    """

    def __init__(self, app: ASGIApp, *, id_is_told: bool = False, https_alone: bool = False) -> None:
        self._app, self._id_is_told = app, id_is_told
        self._always = (*_ALWAYS, *(_HTTPS_ALONE if https_alone else ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        said = (b"x-request-id", request_id.encode())
        told = self._id_is_told and said in scope["headers"]
        extra = [*self._always] if told else [said, *self._always]
        if scope["path"].startswith("/api/"):
            extra += _API
        started = False
        begun = time.perf_counter()

        async def sealed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _count(scope, message["status"], time.perf_counter() - begun)
                present = {name.lower() for name, _ in message.get("headers", [])}
                message["headers"] = [*message.get("headers", []), *(h for h in extra if h[0] not in present)]
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, sealed)
        except Exception as error:
            if started:
                broken_off(Request(scope, receive), error)
                raise BrokenOff() from None  # whoever serves us ends the connection, and logs what it is given
            await bug_answer(Request(scope, receive), error)(scope, receive, sealed)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value.decode())
    return uuid4().hex
