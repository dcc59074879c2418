"""Lists as CSV files: every row that fits the list's filters, of one moment, streamed while it is read."""

from __future__ import annotations

import asyncio
import csv
import io
import threading
from collections.abc import AsyncIterator, Generator, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, text
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from db.errors import Unavailable
from db.session import Database
from serve import filters
from serve.edge import caller_of, edge_of
from serve.importing.cells import guard
from serve.importing.files import FILES, File
from serve.routing import Routes, SignedIn

routes = Routes("import and export")

FETCHED = 500  # rows from the server-side cursor at a time
AT_ONCE = 3  # exports of one process: each holds a connection for as long as its reader takes
# A slow reader may leave the transaction idle between two fetches, and sorting everything may take a while.
_PATIENCE = text("SET LOCAL statement_timeout = '5min'; SET LOCAL idle_in_transaction_session_timeout = '5min'")

_turns = threading.BoundedSemaphore(AT_ONCE)


def _lines(
    database: Database, file: File, given: Sequence[tuple[str, str]], *only: ColumnElement[bool]
) -> Generator[bytes, None, None]:
    """The file in pieces, the heading first."""
    where = [*only, *filters.conditions(file.listing.filterable, given)]
    if not _turns.acquire(blocking=False):
        raise Unavailable(f"{AT_ONCE} exports are under way. Try again when one of them is done.", retry_after=10.0)
    try:
        with database.reading() as session:
            session.execute(_PATIENCE)
            query = file.query.where(*where).execution_options(yield_per=FETCHED)
            piece = _csv([file.columns])
            with session.execute(query) as found:
                for rows in found.mappings().partitions():
                    yield piece + _csv(file.cells(row) for row in rows)
                    piece = b""
            if piece:
                yield piece
    finally:
        _turns.release()


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    """RFC 4180, safe to open in a spreadsheet."""
    told = io.StringIO()
    csv.writer(told).writerows([guard(cell) for cell in row] for row in rows)
    return told.getvalue().encode()


async def _export(request: Request, kind: str) -> Response:
    file = FILES[kind]
    only = [file.bounds(caller_of(request))] if file.bounds else []
    lines = _lines(edge_of(request).database, file, request.query_params.multi_items(), *only)
    first = await run_in_threadpool(next, lines)  # a filter nobody knows, or weather, is still a proper answer
    return StreamingResponse(
        _rest(first, lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{kind}.csv"'},
    )


async def _rest(first: bytes, lines: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    reading: asyncio.Future[bytes | None] | None = None
    try:
        yield first
        while True:
            reading = asyncio.ensure_future(asyncio.to_thread(next, lines, None))
            piece = await asyncio.shield(reading)
            if piece is None:
                return
            yield piece
    finally:
        # Who hung up must not keep the connection; a thread that still reads has to come back first.
        if reading is not None and not reading.done():
            reading.add_done_callback(lambda _: lines.close())
        else:
            lines.close()


def _add(kind: str, file: File) -> None:
    async def export(request: Request) -> Response:
        return await _export(request, kind)

    export.__name__, export.__doc__ = f"export_{kind}", f"{file.what}\n\n{_ABOUT}"
    extra: dict[str, Any] = {"parameters": filters.parameters(file.listing.filterable)}
    content = {200: {"description": "Done", "content": {"text/csv": {"schema": {"type": "string"}}}}}
    routes.get(f"/exports/{kind}.csv", access=file.scope or SignedIn(), extra=extra, responses=content)(export)


_ABOUT = "As CSV, as of one moment, with the filters of the list. Cells that look like formulas get a `'` in front."

for _kind, _file in FILES.items():
    _add(_kind, _file)
