"""The way of most orders: `POST /api/v1/orders` by a caller who is known, with a body that is in order.

It runs in front of Serve's and FastAPI's work for each request, which costs three times what placing an order does.
It answers only what it is sure of, and as the route in `serve/orders.py` would; everything else, and every doubt, goes
on to that route unread: callers to be looked up, bodies that are wrong, limits that are reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from uuid import uuid4

import msgspec
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.contract import Answer, Asked, Failed, encode, unwrap
from agents.orders.messages import PlaceOrder
from db.errors import Refusal, Unavailable
from serve.edge import Caller, Edge
from serve.errors import answer_to
from serve.limits import TooManyRequests
from serve.order_view import display_of_row
from serve.orders import NewOrder
from serve.requests import KEY, Envelope
from serve.scopes import Scope as Right
from serve.strict import twin_of

PATH = "/api/v1/orders"
LARGEST = 64_000  # bytes of a body; a larger one can wait for its turn

_read = msgspec.json.Decoder(twin_of(NewOrder)).decode
_open = msgspec.msgpack.Decoder().decode
_ROUTE = SimpleNamespace(path=PATH)  # what the request counters call it
_JSON = (b"content-type", b"application/json")
_REPLAYED = (b"idempotency-replayed", b"true")


class HotOrders:
    """Before the edge is open it lets everything through."""

    edge: Edge | None = None  # of this process

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._place = Envelope(self._placed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.edge is None or scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        is_said_twice = len(headers) < len(scope["headers"])  # which of two keys counts is judged in one place
        caller = None if is_said_twice else _caller(self.edge, headers)
        if caller is None:
            await self._app(scope, receive, send)
            return
        body, messages = await _body(receive)
        order = _order(body)
        if order is None or not _let_in(self.edge, caller):
            await self._app(scope, _again(messages, receive), send)
            return
        key = headers.get(b"idempotency-key", b"").decode("latin-1")
        scope["order"] = (order, caller, key)
        scope["route"] = _ROUTE
        await self._place(scope, receive, send)

    async def _placed(self, scope: Scope, _receive: Receive, send: Send) -> None:
        order, caller, key = scope["order"]
        request_id = scope["state"]["request_id"]
        asked = Asked(
            "PlaceOrder",
            encode(order),
            caller.principal,
            caller.principal,
            key or f"request:{uuid4()}",
            request_id,
        )
        partition = key or order.external_ref or request_id
        assert self.edge is not None  # noqa: S101 - it was when the request came
        try:
            answer = await self.edge.client.ask("orders", asked, partition=partition)
            body = shown(answer)
        except (Refusal, Unavailable, Failed) as error:
            await (await answer_to(Request(scope), error))(scope, _receive, send)
            return
        headers = [_JSON, (b"content-length", str(len(body)).encode())]
        if answer.replayed:
            headers.append(_REPLAYED)
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def shown(answer: Answer) -> bytes:
    """What the caller reads. Raises as `unwrap`."""
    state = _open(unwrap(answer))
    state["display"] = display_of_row(state)
    return msgspec.json.encode(state)


def _caller(edge: Edge, headers: Mapping[bytes, bytes]) -> Caller | None:
    """Who is known to call, may place orders, and sends what can be read at once."""
    length = headers.get(b"content-length", b"")
    key = headers.get(b"idempotency-key")
    if not (length.isdigit() and len(length) <= 5 and int(length) <= LARGEST) or b"transfer-encoding" in headers:
        return None
    if key is not None and not KEY.fullmatch(key.decode("latin-1")):
        return None
    if not headers.get(b"content-type", b"").startswith(b"application/json"):
        return None
    caller = edge.door.remembered(headers.get(b"authorization", b""))
    return caller if caller is not None and Right.write_orders in caller.scopes else None


async def _body(receive: Receive) -> tuple[bytes, list[Message]]:
    messages: list[Message] = []
    while True:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(m.get("body", b"") for m in messages), messages


def _order(body: bytes) -> PlaceOrder | None:
    if rb"\u0000" in body:
        return None
    if b'"code"' in body:  # of a gift card, which has to be looked up
        return None
    try:
        return msgspec.convert(msgspec.to_builtins(_read(body)), PlaceOrder)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _let_in(edge: Edge, caller: Caller) -> bool:
    try:
        edge.buckets.take(caller.principal)
    except TooManyRequests:
        return False
    return True


def _again(messages: list[Message], receive: Receive) -> Receive:
    """The request once more for whoever reads it next."""
    kept = iter(messages)

    async def read() -> Message:
        return next(kept, None) or await receive()

    return read


def in_front() -> list[Middleware]:
    """What Serve puts in front of every process that takes requests (`RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH`)."""
    return [Middleware(HotOrders)]
