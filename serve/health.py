"""Whether this process lives, whether it can work, and what it counts."""

from __future__ import annotations

import re
from asyncio import to_thread
from functools import cache
from ipaddress import ip_address
from typing import Literal

from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Unavailable
from serve.edge import edge_of
from serve.metrics import render
from serve.requests import json_answer
from serve.routing import Public, Routes
from serve.scopes import MissingScope, Scope

routes = Routes("health", prefix="")


class Alive(BaseModel):
    status: Literal["ok"]


class Ready(BaseModel):
    status: Literal["ok"]
    schema_revision: str


BEHIND = "The database's schema is {found} and this release needs {wanted}: run the migrations."


@routes.get("/health/live", access=Public("Probes have no key, and it says nothing but ok"), answer=Alive)
async def live(request: Request) -> Response:  # noqa: ARG001
    """Whether the process answers at all."""
    return json_answer({"status": "ok"})


@routes.get("/health/ready", access=Public("Probes have no key; it says ok or what is missing"), answer=Ready)
def ready(request: Request) -> Response:
    """Whether the database answers and has this release's schema."""
    with edge_of(request).database.reading() as session:
        found = session.scalar(text("SELECT version_num FROM alembic_version"))
    if found != _head():
        raise Unavailable(BEHIND.format(found=found, wanted=_head()), retry_after=5.0)
    return json_answer({"status": "ok", "schema_revision": found})


@cache
def _head() -> str:
    from db.migrate import head

    return head()


@routes.get(
    "/metrics",
    access=Public("Direct callers of this machine may read counters; everybody else needs read_runtime"),
    responses={200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Counters for Prometheus."""
    edge = edge_of(request)
    if not (edge.settings.metrics_on_loopback and _direct_from_here(request)):
        caller = await edge.door.recognise(request)
        if Scope.read_runtime.value not in caller.scopes:
            raise MissingScope(Scope.read_runtime.value)
    text = await to_thread(render, edge.database, edge.settings.metrics_folder)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _direct_from_here(request: Request) -> bool:
    """From a loopback address, not through a proxy, whose own address says nothing about the caller, and not by a name
    that a page from elsewhere has led here (DNS rebinding)."""
    if any(h in request.headers for h in ("x-forwarded-for", "forwarded", "via")) or request.client is None:
        return False
    asked_for = re.sub(r":\d+$", "", request.headers.get("host", "")).strip("[]")
    return _is_here(request.client.host) and (asked_for == "localhost" or _is_here(asked_for))


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
