"""How a route is declared. Each says who may call it; a route that does not say cannot be built.

A noun's file has `routes = Routes("orders")` and marks its endpoints; `serve/app.py` lists the nouns. What
a route needs before it runs (the caller, the scope, the rate, a readable body) happens here, without
FastAPI's dependencies, which cost more than the work.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from json import JSONDecodeError
from typing import Any, ClassVar, TypeVar

import msgspec
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from db.errors import Refusal
from serve.at_door import customer_at_door
from serve.edge import ANYONE, edge_of
from serve.errors import ERROR_RESPONSES
from serve.scopes import MissingScope, Scope

F = TypeVar("F", bound=Callable[..., Any])
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Public:
    """Nobody has to sign in, and this is why."""

    reason: str


@dataclass(frozen=True)
class SignedIn:
    """Any caller that is known; it is about themselves."""


@dataclass(frozen=True)
class AtDoor:
    """A customer who proved that an order is theirs; it is about the returns of that order and nothing else."""


Access = Scope | Public | SignedIn | AtDoor


@dataclass(eq=False)
class BodyTooLarge(Refusal):
    limit_bytes: int

    status: ClassVar[int] = 413

    def __str__(self) -> str:
        return f"The body is larger than {self.limit_bytes} bytes."


@dataclass(eq=False)
class UnreadableRequest(Refusal):
    why: str

    status: ClassVar[int] = 400

    def __str__(self) -> str:
        return f"The request cannot be read: {self.why}."


@dataclass(frozen=True)
class RouteSpec:
    method: str
    path: str
    endpoint: Callable[..., Any]
    access: Access
    status: int
    answer: type[Any] | None
    extra: dict[str, Any] = field(default_factory=dict)
    responses: dict[int | str, dict[str, Any]] = field(default_factory=dict)


class Routes:
    """The routes of one noun, in the order they are asked."""

    def __init__(self, tag: str, *, prefix: str = "/api/v1") -> None:
        self.tag, self.prefix = tag, prefix
        self.specs: list[RouteSpec] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        answer: type[Any] | None = None,
        status: int = 200,
        extra: dict[str, Any] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
    ) -> Callable[[F], F]:
        """Declare an endpoint. `answer` documents the body; `extra` joins its OpenAPI operation.

        The endpoint's docstring is its documentation: the first line the summary.
        """

        def mark(endpoint: F) -> F:
            endpoint.__access__ = access  # type: ignore[attr-defined]
            spec = RouteSpec(method, self.prefix + path, endpoint, access, status, answer, extra or {}, responses or {})
            self.specs.append(spec)
            return endpoint

        return mark

    def get(self, path: str, *, access: Access, **more: Any) -> Callable[[F], F]:
        return self.route("GET", path, access=access, **more)

    def post(self, path: str, *, access: Access, **more: Any) -> Callable[[F], F]:
        return self.route("POST", path, access=access, **more)

    def put(self, path: str, *, access: Access, **more: Any) -> Callable[[F], F]:
        return self.route("PUT", path, access=access, **more)

    def patch(self, path: str, *, access: Access, **more: Any) -> Callable[[F], F]:
        return self.route("PATCH", path, access=access, **more)

    def delete(self, path: str, *, access: Access, **more: Any) -> Callable[[F], F]:
        return self.route("DELETE", path, access=access, **more)

    @cached_property
    def built(self) -> list[EdgeRoute]:
        """The routes as FastAPI keeps them; they know no application, so every one in this process shares them."""
        return [
            EdgeRoute(
                spec.path,
                spec.endpoint,
                methods=[spec.method],
                status_code=spec.status,
                response_model=None,
                tags=[self.tag],
                operation_id=spec.endpoint.__name__,
                summary=(spec.endpoint.__doc__ or spec.endpoint.__name__).strip().splitlines()[0].rstrip("."),
                responses=_responses(spec),
                openapi_extra=_operation(spec),
                response_class=Response if spec.answer is None else JSONResponse,
            )
            for spec in self.specs
        ]


def _responses(spec: RouteSpec) -> dict[int | str, dict[str, Any]]:
    good: dict[str, Any] = {"model": spec.answer} if spec.answer else {}
    if spec.method in UNSAFE and not isinstance(spec.access, Public):
        good["headers"] = {
            "Idempotency-Replayed": {
                "description": "`true` when this is the stored answer to an earlier request with the same key",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    return {**ERROR_RESPONSES, spec.status: {"description": "Done", **good}, **spec.responses}


_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request happen once: the same key again answers with the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def _operation(spec: RouteSpec) -> dict[str, Any]:
    operation = dict(spec.extra)
    if isinstance(spec.access, Public):
        operation["security"] = []
        operation["x-public"] = spec.access.reason
        return operation
    if isinstance(spec.access, AtDoor):
        operation["security"], operation["x-at-door"] = [{"return_door": []}], True
    else:
        operation["security"] = [{"key": []}, {"session": []}]
    if isinstance(spec.access, Scope):
        operation["x-scope"] = spec.access.value
    if spec.method in UNSAFE:
        operation["parameters"] = [*operation.get("parameters", []), _KEY_PARAMETER]
    return operation


class EdgeRequest(Request):
    """Reads a body up to the limits of size and time, and JSON that PostgreSQL can keep: no NaN, no half surrogates."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            limit = edge_of(self).settings.body_limit_bytes
            if int(self.headers.get("content-length") or 0) > limit:
                raise BodyTooLarge(limit)
            seconds = edge_of(self).settings.body_seconds
            try:
                async with asyncio.timeout(seconds):
                    self._body = await self._whole(limit)
            except TimeoutError:
                raise UnreadableRequest(f"its body was not here within {seconds:g} seconds") from None
        return self._body

    async def _whole(self, limit: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in self.stream():
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(limit)
            chunks.append(chunk)
        return b"".join(chunks)

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            body = await self.body()
            try:
                self._json = msgspec.json.decode(body)
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
                raise JSONDecodeError(str(error), "", 0) from None
        return self._json


def refuse_nul(value: Any) -> None:
    """PostgreSQL's text cannot hold the character NUL."""
    if isinstance(value, str):
        if "\0" in value:
            raise UnreadableRequest("text cannot contain the character NUL")
    elif isinstance(value, dict):
        for key, inside in value.items():
            refuse_nul(key)
            refuse_nul(inside)
    elif isinstance(value, list):
        for inside in value:
            refuse_nul(inside)


_DIGITS = re.compile(r"\d{0,15}")


class EdgeRoute(APIRoute):
    """Lets the caller in, or not, before anything of the request is believed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        access: Access | None = getattr(self.endpoint, "__access__", None)
        if access is None:
            raise TypeError(f"{self.path} does not say who may call it")
        work = super().get_route_handler()

        async def handle(plain: Request) -> Response:
            request = EdgeRequest(plain.scope, plain.receive)
            if not _DIGITS.fullmatch(request.headers.get("content-length", "")):
                raise UnreadableRequest("Content-Length is not a number")
            edge = edge_of(request)
            if isinstance(access, Public):
                request.state.caller = ANYONE
                address = request.client.host if request.client else "unknown"
                edge.buckets.take(f"address:{address}")
            elif isinstance(access, AtDoor):
                request.state.caller = await asyncio.to_thread(customer_at_door, request)
                edge.buckets.take(request.state.caller.principal)
            else:
                caller = await edge.door.recognise(request)
                request.state.caller = caller
                edge.buckets.take(caller.principal)
                if isinstance(access, Scope) and access.value not in caller.scopes:
                    raise MissingScope(access.value)
            if "\0" in request.scope["path"] or b"%00" in request.scope.get("query_string", b""):
                raise UnreadableRequest("text cannot contain the character NUL")
            # FastAPI would blame the parsing for what is raised while it parses; so it is done before.
            if request.method in UNSAFE and rb"\u0000" in await request.body():
                with suppress(JSONDecodeError):
                    refuse_nul(await request.json())
            return await work(request)

        return handle
