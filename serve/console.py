"""The console's files, from the same address as the API; a plain page where they have not been built."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

BUILT = Path(__file__).parents[1] / "web" / "dist"

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Backoffice</title>
<style>body{font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem;padding:0 1rem;color:#222}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8cf}}</style>
<h1>Backoffice is running</h1>
<p>This installation has no console files. The API is at <code>/api/v1</code>:
<a href="/api/v1/docs">what it offers</a>, <a href="/api/v1/openapi.json">OpenAPI</a>,
<a href="/health/ready">health</a>, <a href="/metrics">metrics</a>.</p></html>"""

_POLICY = "default-src 'self'; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"


def attach(app: FastAPI) -> None:
    """Serve `web/dist` at `/`; to be called after every other route."""
    if (BUILT / "index.html").exists():
        app.mount("/", StaticFiles(directory=BUILT, html=True), name="console")
        return

    async def not_built(request: Request) -> HTMLResponse:  # noqa: ARG001
        return HTMLResponse(_NOT_BUILT, headers={"Content-Security-Policy": _POLICY})

    app.router.routes.append(Route("/", not_built))
