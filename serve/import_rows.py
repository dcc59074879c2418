"""Rows of an import: what became of each, those that were left out as a file, and mending them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from pydantic import Field as Described
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from db.errors import NotFound
from db.imports import ImportRow, ImportRowState, ImportStatus
from db.session import Transaction
from serve.edge import edge_of
from serve.fields import fields
from serve.import_view import ColumnName, NotNow, locked, must_be, next_steps, seen
from serve.importing.cells import guard
from serve.importing.mapping import BadMapping
from serve.listing import Listing
from serve.routing import Routes, SignedIn
from serve.shapes import Ask
from serve.writing import writing

routes = Routes("import and export")

ROWS = Listing(
    "ImportRow",
    ImportRow,
    fields(ImportRow, "number state mended given errors", state=ImportRowState),
    sortable=("number",),
    sort="number",
    key=("number",),
)
FETCHED = 1000

Cell = Annotated[str, StringConstraints(max_length=50_000)]


class MendBody(Ask):
    cells: dict[ColumnName, Cell] = Described(min_length=1, max_length=300, description="By their column")


class LeftOutCell(BaseModel):
    column: str | None
    value: str | None
    message: str


class RowShape(BaseModel):
    number: int
    state: str
    mended: bool
    given: list[str]
    errors: list[LeftOutCell] | None


@routes.get("/import-runs/{run_id}/rows", access=SignedIn(), answer=ROWS.list_shape(RowShape), extra=ROWS.operation())
def list_import_rows(request: Request, run_id: UUID) -> Response:
    """List rows of an import; `state_eq=failed` are those that were left out, with why."""
    with edge_of(request).database.reading() as session:
        seen(session, request, run_id)
    return ROWS.answer(request, ImportRow.run_id == run_id)


@routes.patch("/import-runs/{run_id}/rows/{number}", access=SignedIn(), answer=RowShape)
def mend_import_row(request: Request, run_id: UUID, number: int, body: MendBody) -> Response:
    """Correct cells of a row that was left out. The next start or check looks at it again."""

    def work(tx: Transaction) -> dict[str, Any]:
        run = locked(tx, request, run_id)
        must_be(run, "mending", ImportStatus.ready, ImportStatus.done, ImportStatus.cancelled)
        row = tx.get(ImportRow, (run_id, number), with_for_update=True)
        if row is None:
            raise NotFound("row", str(number))
        if row.state == ImportRowState.done:
            raise NotNow("done with this row", "mending", next_steps(run))
        if strangers := [name for name in body.cells if name not in run.heading]:
            raise BadMapping(strangers[0], f"The file has no column {strangers[0][:80]!r}.")
        given = list(row.given)
        for name, cell in body.cells.items():
            given[run.heading.index(name)] = cell
        tx.audit("mend", f"import:{run_id}", before={"row": number}, after={"columns": sorted(body.cells)})
        row.given, row.mended = given, True
        tx.flush()
        return ROWS.one(tx, (ImportRow.run_id == run_id) & (ImportRow.number == number)) or {}

    return writing(request, "mend_import_row", [str(run_id), number, body.cells], work)


@routes.get(
    "/import-runs/{run_id}/failed.csv",
    access=SignedIn(),
    responses={200: {"description": "Done", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def download_failed_rows(request: Request, run_id: UUID) -> Response:
    """The rows that were left out as a CSV file, as they stand, with a column that says why."""
    with edge_of(request).database.reading() as session:
        run = seen(session, request, run_id)
        heading, name = run.heading, run.file_name.rpartition(".")[0] or run.file_name
    ascii_name = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    return StreamingResponse(
        _failed(request, run_id, heading),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{ascii_name}.errors.csv"'},
    )


def _failed(request: Request, run_id: UUID, heading: Sequence[str]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _csv([[*heading, "error"]])
    after = 0
    while True:
        query = (
            select(ImportRow.number, ImportRow.given, ImportRow.errors)
            .where(ImportRow.run_id == run_id, ImportRow.state == ImportRowState.failed, ImportRow.number > after)
            .order_by(ImportRow.number)
            .limit(FETCHED)
        )
        with edge_of(request).database.reading() as session:
            rows = session.execute(query).all()
        if not rows:
            return
        after = rows[-1].number
        yield _csv([[*r.given, " ".join(e["message"] for e in r.errors or [])] for r in rows])


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    told = io.StringIO()
    csv.writer(told).writerows([guard(cell) for cell in row] for row in rows)
    return told.getvalue().encode()
