"""The console's files and the customers' page for returns, from the same address as the API.

A plain page where they have not been built.
"""

from __future__ import annotations

import mimetypes
import secrets
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

BUILT = Path(__file__).parents[1] / "web" / "dist"

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Backoffice</title>
<style nonce="__NONCE__">body{font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem;padding:0 1rem;color:#222}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8cf}}</style>
<h1>Backoffice is running</h1>
<p>This installation has no console files. The API is at <code>/api/v1</code>:
<a href="/api/v1/docs">what it offers</a>, <a href="/api/v1/openapi.json">OpenAPI</a>,
<a href="/health/ready">health</a>, <a href="/metrics">metrics</a>.</p></html>"""

# Scripts are files of ours and nothing else. Styles are files, or carry the nonce of this one page.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: https:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_NONCE = "__NONCE__"
_DOOR, _DOOR_PAGE = "return", "return.html"
_NOT_OURS = ("api/", "health/", "metrics/")
_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_PACKED = (("br", ".br"), ("gzip", ".gz"))


_State = tuple[int, ...]


def _state_of(built: Path) -> _State | None:
    """Changes with every file that a build writes or removes; None where there is no page."""
    try:
        return tuple((built / name).stat().st_mtime_ns for name in ("index.html", ".", "assets"))
    except FileNotFoundError:
        return None


class Console:
    """Built files by their names, and the console's page for every other address: its screens have addresses too."""

    def __init__(self, built: Path) -> None:
        self._built = built
        self._state: _State | None = None
        self._page, self._door, self._has_screens, self._files = _NOT_BUILT, _NOT_BUILT, False, dict[str, Path]()
        self._look()

    def _look(self) -> None:
        """Take what was built since; while a build has not written its page yet, what was there stays."""
        state = _state_of(self._built)
        if state is None or state == self._state:
            return
        self._state, self._has_screens = state, True
        self._page = (self._built / "index.html").read_text()
        door = self._built / _DOOR_PAGE
        self._door = door.read_text() if door.exists() else _NOT_BUILT
        # Only what the build made is ever opened; the path of a request is looked up, never joined to a folder.
        self._files = {str(path.relative_to(self._built)): path for path in self._built.rglob("*") if path.is_file()}

    async def answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        self._look()
        if path and not path.startswith(".") and path not in ("index.html", _DOOR_PAGE) and path in self._files:
            return self._file(request, path)
        if path.startswith("assets/") or (path and not self._has_screens):
            raise HTTPException(404)
        return self._shown(self._door if path.rstrip("/") == _DOOR else self._page)

    def _shown(self, page: str) -> Response:
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": _POLICY.format(nonce=nonce), "Cache-Control": _ASK_FIRST}
        return HTMLResponse(page.replace(_NONCE, nonce), headers=headers)

    def _file(self, request: Request, path: str) -> Response:
        # The build puts a hash of the content into the names of what lies in `assets`.
        headers = {"Cache-Control": _FOREVER if path.startswith("assets/") else _ASK_FIRST, "Vary": "Accept-Encoding"}
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
        for encoding, ending in _PACKED:
            if encoding in accepted and (packed := self._files.get(path + ending)):
                return FileResponse(packed, headers={**headers, "Content-Encoding": encoding}, media_type=kind)
        return FileResponse(self._files[path], headers=headers, media_type=kind)


class _Elsewhere(Route):
    """Every address that is not the API's: a mistyped one of those must stay an error of its shape."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope.get("path", "").lstrip("/").startswith(_NOT_OURS):
            return Match.NONE, {}
        return super().matches(scope)


def attach(app: FastAPI, built: Path = BUILT) -> None:
    """Serve `web/dist` at `/`; to be called after every other route."""
    console = Console(built)
    app.router.routes.append(_Elsewhere("/{path:path}", console.answer, methods=["GET", "HEAD"]))
