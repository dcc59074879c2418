"""Imports of whole files: uploaded in parts, mapped, tried, run in the background, mended and retried."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, StringConstraints
from pydantic import Field as Described
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from db.base import uuid7
from db.errors import Conflict, Invalid, NotFound
from db.imports import IMPORT_MOVES, ImportPart, ImportRow, ImportRowState, ImportRun, ImportStatus
from db.session import Transaction, check_version
from serve.edge import caller_of, edge_of
from serve.fields import fields
from serve.importing import mapping as mapped
from serve.importing.cells import guard
from serve.importing.presets import PRESETS
from serve.importing.reading import DELIMITERS, ENCODINGS, MOST_BYTES, Unreadable, read_table, refuse_packed
from serve.importing.runner import WRITES, Runner, empty_counts
from serve.listing import Listing
from serve.requests import json_answer, version_of
from serve.routing import Routes, SignedIn
from serve.scopes import MissingScope
from serve.shapes import Ask, Version
from serve.writing import writing

routes = Routes("import and export")

RUNS = Listing(
    "ImportRun",
    ImportRun,
    fields(
        ImportRun,
        "id kind file_name status why owner preset delimiter encoding size_bytes total_rows created_at started_at "
        "ended_at version",
        status=ImportStatus,
    ),
    sortable=("created_at", "ended_at", "file_name"),
    sort="-created_at",
    key=("id",),
)
RunRow = RUNS.row_shape()
ROWS = Listing(
    "ImportRow",
    ImportRow,
    fields(ImportRow, "number state mended given errors", state=ImportRowState),
    sortable=("number",),
    sort="number",
    key=("number",),
)
MOST_PARTS = 60
BYTES = {"type": "string", "format": "binary"}
SAMPLES = 3
FETCHED = 1000

FileName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]
Cell = Annotated[str, StringConstraints(max_length=50_000)]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NewRun(Ask):
    kind: str = Described(examples=["orders"], pattern="^(orders|products|customers|stock)$")
    file_name: FileName = Described(examples=["orders_export.csv"])


class ReadBody(Ask):
    encoding: str | None = Described(None, description=f"Found out when not given; one of {', '.join(ENCODINGS)}")
    delimiter: str | None = Described(None, description="Found out when not given: comma, semicolon, tab or |")


class Source(Ask):
    """One of the three."""

    take: ColumnName | None = Described(None, description="Their column")
    value: Annotated[str, StringConstraints(max_length=200)] | None = Described(None, description="The same everywhere")
    preset: ColumnName | None = Described(None, description="As this preset reads it")


class MappingBody(Ask):
    mapping: dict[str, Source] = Described(max_length=60)
    version: Version | None = None


class MendBody(Ask):
    cells: dict[ColumnName, Cell] = Described(min_length=1, max_length=300, description="By their column")


class TheirColumn(BaseModel):
    name: str
    samples: list[str]


class PresetShape(BaseModel):
    name: str
    title: str
    fits: bool
    columns: dict[str, str]
    asks: list[str]


class RunDetail(RunRow):  # type: ignore[valid-type, misc]
    """`counts` are things, `rows` are rows by state; `looked_at` of them in this turn. `missing` columns must be
    mapped before it can start."""

    counts: dict[str, int]
    dry_counts: dict[str, int] | None
    rows: dict[str, int]
    looked_at: int
    mapping: dict[str, dict[str, str]]
    missing: list[str]
    columns: list[TheirColumn]
    presets: list[PresetShape]
    next: list[str]


class PartAnswer(BaseModel):
    number: int
    bytes: int


class RowError(BaseModel):
    column: str | None
    value: str | None
    message: str


class RowShape(BaseModel):
    number: int
    state: str
    mended: bool
    given: list[str]
    errors: list[RowError] | None


@dataclass(eq=False)
class FileUnreadable(Invalid):
    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(eq=False)
class NotNow(Conflict):
    status_now: str
    wanted: str
    next: list[str]

    def __str__(self) -> str:
        return f"The import is {self.status_now}; {self.wanted} is not possible. Possible: {', '.join(self.next)}."


@dataclass(eq=False)
class ColumnsMissing(Invalid):
    missing: list[str]

    def __str__(self) -> str:
        return f"Say where {', '.join(self.missing)} comes from: a column of the file, or one value for all rows."


def attach(app: FastAPI) -> None:
    """Give the process its one worker on imports, for as long as it serves."""
    edge = app.state.edge
    app.state.imports = runner = Runner(edge.database, edge.client, edge.clock)
    around = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(inner: Any) -> AsyncIterator[Any]:
        async with around(inner) as state:
            work = asyncio.create_task(runner.live())
            try:
                yield state
            finally:
                work.cancel()

    app.router.lifespan_context = lifespan


# Bringing the file


@routes.post("/import-runs", access=SignedIn(), answer=RunDetail, status=201)
def create_import_run(request: Request, body: NewRun) -> Response:
    """Begin an import: upload the file in parts, then have it read. Takes the scope that writes the kind."""
    _check_scope(request, body.kind)

    def work(tx: Transaction) -> dict[str, Any]:
        run = ImportRun(
            id=uuid7(), kind=body.kind, file_name=body.file_name, owner=tx.who.actor, mapping={}, heading=[],
            counts=empty_counts(), created_at=tx.now, status=ImportStatus.uploading,
        )  # fmt: skip
        tx.add(run)
        tx.note(f"import:{run.id}", to_status=ImportStatus.uploading)
        tx.flush()
        return _detail(tx, run)

    return writing(request, "create_import_run", body.model_dump(mode="json"), work, status=201)


@routes.put(
    "/import-runs/{run_id}/parts/{number}",
    access=SignedIn(),
    answer=PartAnswer,
    extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BYTES}}}},
)
async def put_import_part(request: Request, run_id: UUID, number: int) -> Response:
    """Upload a part of the file, numbered from 0: at most two megabytes each and 25 in all. The same again is fine."""
    from starlette.concurrency import run_in_threadpool

    content = await request.body()
    return await run_in_threadpool(_put_part, request, run_id, number, content)


def _put_part(request: Request, run_id: UUID, number: int, content: bytes) -> Response:
    if not 0 <= number < MOST_PARTS:
        raise FileUnreadable(f"Parts are numbered from 0 to {MOST_PARTS - 1}.")
    try:
        if number == 0:
            refuse_packed(content)
    except Unreadable as why:
        raise FileUnreadable(str(why)) from None

    def work(tx: Transaction) -> dict[str, Any]:
        run = _locked(tx, request, run_id)
        _must_be(run, "upload", ImportStatus.uploading)
        others = select(func.coalesce(func.sum(func.length(ImportPart.content)), 0)).where(
            ImportPart.run_id == run_id, ImportPart.number != number
        )
        if (tx.scalar(others) or 0) + len(content) > MOST_BYTES:
            raise FileUnreadable(f"The file has more than {MOST_BYTES // 1_000_000} MB. Split it up.")
        row = pg_insert(ImportPart).values(run_id=run_id, number=number, content=content)
        tx.execute(row.on_conflict_do_update(index_elements=["run_id", "number"], set_={"content": content}))
        return {"number": number, "bytes": len(content)}

    return writing(request, "put_import_part", [str(run_id), number, len(content)], work)


@routes.post("/import-runs/{run_id}/read", access=SignedIn(), answer=RunDetail)
def read_import_file(request: Request, run_id: UUID, body: ReadBody) -> Response:
    """Read what was uploaded: its letters, delimiter, columns and rows, and which of ours they probably are."""
    if body.encoding is not None and body.encoding not in ENCODINGS:
        raise FileUnreadable(f"encoding is one of {', '.join(ENCODINGS)}.")
    if body.delimiter is not None and (len(body.delimiter) != 1 or body.delimiter not in DELIMITERS):
        raise FileUnreadable("delimiter is a comma, a semicolon, a tab or |.")

    def work(tx: Transaction) -> dict[str, Any]:
        run = _locked(tx, request, run_id)
        _must_be(run, "read", ImportStatus.uploading)
        content = b"".join(
            tx.scalars(select(ImportPart.content).where(ImportPart.run_id == run_id).order_by(ImportPart.number))
        )
        try:
            table = read_table(content, encoding=body.encoding, delimiter=body.delimiter)
        except Unreadable as why:
            raise FileUnreadable(str(why)) from None
        preset, mapping = mapped.suggest(run.kind, table.heading)
        run.heading, run.delimiter, run.encoding = table.heading, table.delimiter, table.encoding
        run.preset, run.mapping = preset.name if preset else None, mapping
        run.size_bytes, run.total_rows = len(content), len(table.rows)
        for start in range(0, len(table.rows), FETCHED):
            cells = zip(table.numbers[start : start + FETCHED], table.rows[start : start + FETCHED], strict=True)
            tx.insert_all(
                ImportRow,
                [
                    {"run_id": run_id, "number": n, "given": given, "state": "waiting", "turn": 0, "place": n,
                     "late": False, "mended": False}
                    for n, given in cells
                ],
            )  # fmt: skip
        tx.execute(delete(ImportPart).where(ImportPart.run_id == run_id))
        tx.move(run, ImportStatus.ready, moves=IMPORT_MOVES, subject=f"import:{run_id}")
        tx.flush()
        return _detail(tx, run)

    return writing(request, "read_import_file", [str(run_id), body.model_dump(mode="json")], work)


@routes.put("/import-runs/{run_id}/mapping", access=SignedIn(), answer=RunDetail)
def put_import_mapping(request: Request, run_id: UUID, body: MappingBody) -> Response:
    """Say for each of our columns where it comes from. What is not named is not imported."""
    told = {name: source.model_dump(exclude_none=True) for name, source in body.mapping.items()}

    def work(tx: Transaction) -> dict[str, Any]:
        run = _locked(tx, request, run_id)
        _must_be(run, "mapping", ImportStatus.ready, ImportStatus.done, ImportStatus.cancelled)
        check_version(run, version_of(request, body.version), kind="import", id=str(run_id))
        mapped.check(run.kind, told, run.heading)
        run.mapping, run.dry_counts = told, None
        tx.flush()
        return _detail(tx, run)

    return writing(request, "put_import_mapping", [str(run_id), told], work)


# Running it


@routes.post("/import-runs/{run_id}/check", access=SignedIn(), answer=RunDetail, status=202)
def check_import(request: Request, run_id: UUID) -> Response:
    """A dry run in the background: tells what would happen, row by row, and changes nothing."""
    return _start(request, run_id, "check", ImportStatus.checking)


@routes.post("/import-runs/{run_id}/start", access=SignedIn(), answer=RunDetail, status=202)
def start_import(request: Request, run_id: UUID) -> Response:
    """Run it in the background, or again what was left out of it. Rows that were taken in are not touched again."""
    return _start(request, run_id, "start", ImportStatus.running)


@routes.post("/import-runs/{run_id}/cancel", access=SignedIn(), answer=RunDetail)
def cancel_import(request: Request, run_id: UUID) -> Response:
    """Stop after the rows that are in hand. What was taken in stays; it can be started again for the rest."""

    def work(tx: Transaction) -> dict[str, Any]:
        run = _locked(tx, request, run_id)
        if run.status != ImportStatus.cancelled:
            tx.move(run, ImportStatus.cancelled, moves=IMPORT_MOVES, subject=f"import:{run_id}")
            run.ended_at = tx.now
            tx.flush()
        return _detail(tx, run)

    return writing(request, "cancel_import", str(run_id), work)


def _start(request: Request, run_id: UUID, verb: str, to: ImportStatus) -> Response:
    def work(tx: Transaction) -> dict[str, Any]:
        run = _locked(tx, request, run_id)
        if verb not in _next(run):
            raise NotNow(run.status, verb, _next(run))
        if lacks := mapped.missing(run.kind, run.mapping):
            raise ColumnsMissing(lacks)
        _put_together(tx, run)
        tx.move(run, to, moves=IMPORT_MOVES, subject=f"import:{run_id}")
        run.turn += 1
        run.owner, run.why, run.ended_at = tx.who.actor, None, None
        run.taken_by = run.taken_until = None
        if to is ImportStatus.checking:
            run.dry_counts = empty_counts()
        else:
            run.started_at = run.started_at or tx.now
        tx.flush()
        return _detail(tx, run)

    answer = writing(request, f"{verb}_import", str(run_id), work, status=202)
    runner: Runner = request.app.state.imports
    runner.ring()
    return answer


def _put_together(tx: Transaction, run: ImportRun) -> None:
    """Rows of one order or product get one place; kits come late."""
    key = [run.heading.index(name) + 1 for name in mapped.key_columns(run.kind, run.mapping, run.heading)]
    together = ", ".join(f"btrim(given[{n}])" for n in key) or "number"
    kits = run.mapping.get("components", {}).get("take")
    late = f"btrim(given[{run.heading.index(kits) + 1}]) <> ''" if kits else "false"
    tx.execute(
        text(f"""
            UPDATE import_rows r SET place = t.place, late = t.late
            FROM (SELECT number, min(number) OVER w AS place, bool_or({late}) OVER w AS late
                  FROM import_rows WHERE run_id = :run WINDOW w AS (PARTITION BY {together})) t
            WHERE r.run_id = :run AND r.number = t.number AND (r.place, r.late) <> (t.place, t.late)
        """),  # noqa: S608 - positions of columns, which are numbers
        {"run": run.id},
    )


# Looking at it


@routes.get("/import-runs", access=SignedIn(), answer=RUNS.list_shape(RunRow), extra=RUNS.operation())
def list_import_runs(request: Request) -> Response:
    """List imports, newest first: those of the kinds that you may write."""
    held = caller_of(request).scopes
    return RUNS.answer(request, ImportRun.kind.in_([kind for kind, scope in WRITES.items() if scope in held]))


@routes.get("/import-runs/{run_id}", access=SignedIn(), answer=RunDetail)
def read_import_run(request: Request, run_id: UUID) -> Response:
    """Show an import: its columns with samples, its mapping, how far it is, and what may be done next."""
    with edge_of(request).database.reading() as session:
        return json_answer(_detail(session, _seen(session, request, run_id)))


@routes.get("/import-runs/{run_id}/rows", access=SignedIn(), answer=ROWS.list_shape(RowShape), extra=ROWS.operation())
def list_import_rows(request: Request, run_id: UUID) -> Response:
    """List rows of an import; `state_eq=failed` are those that were left out, with why."""
    with edge_of(request).database.reading() as session:
        _seen(session, request, run_id)
    return ROWS.answer(request, ImportRow.run_id == run_id)


@routes.patch("/import-runs/{run_id}/rows/{number}", access=SignedIn(), answer=RowShape)
def mend_import_row(request: Request, run_id: UUID, number: int, body: MendBody) -> Response:
    """Correct cells of a row that was left out. The next start or check looks at it again."""

    def work(tx: Transaction) -> dict[str, Any]:
        run = _locked(tx, request, run_id)
        _must_be(run, "mending", ImportStatus.ready, ImportStatus.done, ImportStatus.cancelled)
        row = tx.get(ImportRow, (run_id, number), with_for_update=True)
        if row is None:
            raise NotFound("row", str(number))
        if row.state == ImportRowState.done:
            raise NotNow("done with this row", "mending", _next(run))
        if strangers := [name for name in body.cells if name not in run.heading]:
            raise mapped.BadMapping(strangers[0], f"The file has no column {strangers[0][:80]!r}.")
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
        run = _seen(session, request, run_id)
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


# Shared by the above


def _check_scope(request: Request, kind: str) -> None:
    if WRITES[kind] not in caller_of(request).scopes:
        raise MissingScope(WRITES[kind])


def _seen(session: Session, request: Request, run_id: UUID) -> ImportRun:
    run = session.get(ImportRun, run_id)
    if run is None:
        raise NotFound("import", str(run_id))
    _check_scope(request, run.kind)
    return run


def _locked(tx: Transaction, request: Request, run_id: UUID) -> ImportRun:
    run = tx.get(ImportRun, run_id, with_for_update=True)
    if run is None:
        raise NotFound("import", str(run_id))
    _check_scope(request, run.kind)
    return run


def _must_be(run: ImportRun, wanted: str, *states: ImportStatus) -> None:
    if run.status not in states:
        raise NotNow(run.status, wanted, _next(run))


def _next(run: ImportRun) -> list[str]:
    if run.status == ImportStatus.uploading:
        return ["read", "cancel"]
    if run.status == ImportStatus.ready:
        return ["mapping", "check", "start", "cancel"]
    if run.status in (ImportStatus.checking, ImportStatus.running):
        return ["cancel"]
    return ["start"] if run.heading else []


def _detail(session: Session, run: ImportRun) -> dict[str, Any]:
    row = RUNS.one(session, ImportRun.id == run.id) or {}
    of_run = ImportRow.run_id == run.id
    states: dict[str, int] = {s.value: 0 for s in ImportRowState}
    for state, count in session.execute(select(ImportRow.state, func.count()).where(of_run).group_by(ImportRow.state)):
        states[state] = count
    looked = select(func.count()).where(of_run, (ImportRow.turn == run.turn) | (ImportRow.state == ImportRowState.done))
    first = session.scalars(select(ImportRow.given).where(of_run).order_by(ImportRow.number).limit(200)).all()
    return {
        **row,
        "counts": run.counts,
        "dry_counts": run.dry_counts,
        "rows": states,
        "looked_at": session.scalar(looked) or 0,
        "mapping": run.mapping,
        "missing": mapped.missing(run.kind, run.mapping) if run.heading else [],
        "columns": [{"name": name, "samples": _samples(first, n)} for n, name in enumerate(run.heading)],
        "presets": [
            {"name": p.name, "title": p.title, "fits": p.fits(run.heading), "columns": p.columns, "asks": list(p.asks)}
            for p in PRESETS
            if p.kind == run.kind
        ],
        "next": _next(run),
    }


def _samples(rows: Sequence[Sequence[str]], n: int) -> list[str]:
    """The first different values of a column."""
    values = dict.fromkeys(row[n].strip()[:80] for row in rows if row[n].strip())
    return list(values)[:SAMPLES]
