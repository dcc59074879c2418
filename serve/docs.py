"""The API's description of itself: /api/v1/openapi.json, and a page that shows it without any other host."""

from __future__ import annotations

from html import escape
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serve.at_door import COOKIE as DOOR_COOKIE
from serve.auth import COOKIE
from serve.errors import error_schemas
from serve.routing import Public, Routes

routes = Routes("description")
_PUBLIC = Public("The description of the API holds no data")

SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "bearerFormat": "bo_live_…", "description": "An API key"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A signed-in person. Changes also need the session's token in the header X-CSRF-Token.",
    },
    "return_door": {
        "type": "apiKey",
        "in": "cookie",
        "name": DOOR_COOKIE,
        "description": "A customer who proved that one order is theirs: good for its returns and nothing else.",
    },
}

ABOUT = """Runs an e-commerce company behind the shop.

Amounts are whole minor units beside their currency; times are RFC 3339 in UTC. Lists take filters such as
`status_in=placed,held`, `sort=-created_at`, and a `cursor` or a `page`. Send `Idempotency-Key` to make a
request happen once, and `version` (or `If-Match`) to change only what you saw.
"""

_STYLE = """body{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}
code{background:#8882;padding:.1em .3em}td{padding:.2rem .8rem .2rem 0;vertical-align:top}"""


def schema(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(title="Backoffice", version="1", description=ABOUT, routes=app.routes)
        components = found.setdefault("components", {})
        components["securitySchemes"] = SECURITY
        components.setdefault("schemas", {}).update(error_schemas())
        found["servers"] = [{"url": "/"}]
        app.openapi_schema = found
    return app.openapi_schema


@routes.get(
    "/openapi.json",
    access=_PUBLIC,
    responses={200: {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def read_openapi(request: Request) -> Response:
    """The OpenAPI description of every route."""
    return Response(msgspec.json.encode(schema(request.app)), media_type="application/json")


@routes.get(
    "/docs",
    access=_PUBLIC,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "A page"}},
)
async def read_docs(request: Request) -> Response:
    """A page that lists every route and the scope it needs."""
    rows = []
    for path, methods in schema(request.app)["paths"].items():
        for method, operation in methods.items():
            scope = operation.get("x-scope") or operation.get("x-public") or "any caller"
            cells = (f"<code>{method.upper()} {escape(path)}</code>", escape(operation["summary"]), escape(scope))
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Backoffice API</title><style>{_STYLE}</style>"
        f"<h1>Backoffice API</h1><p>Full description: <a href=openapi.json>openapi.json</a></p>"
        f"<table>{''.join(rows)}</table></html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def describe(app: FastAPI) -> None:
    app.openapi = lambda: schema(app)  # type: ignore[method-assign]
