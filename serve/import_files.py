"""Files are brought in: an import begins, its file arrives in parts and is read."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from pydantic import Field as Described
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.base import uuid7
from db.errors import Invalid
from db.imports import IMPORT_MOVES, ImportPart, ImportRow, ImportRun, ImportStatus
from db.session import Transaction
from serve.edge import caller_of
from serve.import_view import RunDetail, check_scope, detail, locked, must_be
from serve.importing import mapping as mapped
from serve.importing.reading import DELIMITERS, ENCODINGS, MOST_BYTES, Unreadable, read_table, refuse_packed
from serve.importing.runner import empty_counts
from serve.routing import Routes, SignedIn
from serve.shapes import Ask
from serve.writing import writing

routes = Routes("import and export")

MOST_PARTS = 60
BYTES = {"type": "string", "format": "binary"}
AT_ONCE = 1000  # rows written by a statement

FileName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]


class NewRun(Ask):
    kind: str = Described(examples=["orders"], pattern="^(orders|products|customers|stock)$")
    file_name: FileName = Described(examples=["orders_export.csv"])


class ReadBody(Ask):
    encoding: str | None = Described(None, description=f"Found out when not given; one of {', '.join(ENCODINGS)}")
    delimiter: str | None = Described(None, description="Found out when not given: comma, semicolon, tab or |")


class PartAnswer(BaseModel):
    number: int
    bytes: int


@dataclass(eq=False)
class FileUnreadable(Invalid):
    why: str

    def __str__(self) -> str:
        return self.why


@routes.post("/import-runs", access=SignedIn(), answer=RunDetail, status=201)
def create_import_run(request: Request, body: NewRun) -> Response:
    """Begin an import: upload the file in parts, then have it read. Takes the scope that writes the kind."""
    check_scope(caller_of(request), body.kind)

    def work(tx: Transaction) -> dict[str, Any]:
        run = ImportRun(
            id=uuid7(), kind=body.kind, file_name=body.file_name, owner=tx.who.actor, mapping={}, heading=[],
            counts=empty_counts(), created_at=tx.now, status=ImportStatus.uploading,
        )  # fmt: skip
        tx.add(run)
        tx.note(f"import:{run.id}", to_status=ImportStatus.uploading)
        tx.flush()
        return detail(tx, run, tx.now)

    return writing(request, "create_import_run", body.model_dump(mode="json"), work, status=201)


@routes.put(
    "/import-runs/{run_id}/parts/{number}",
    access=SignedIn(),
    answer=PartAnswer,
    extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BYTES}}}},
)
async def put_import_part(request: Request, run_id: UUID, number: int) -> Response:
    """Upload a part of the file, numbered from 0: at most two megabytes each and 25 in all. The same again is fine."""
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
        run = locked(tx, request, run_id)
        must_be(run, "upload", ImportStatus.uploading)
        others = select(func.coalesce(func.sum(func.length(ImportPart.content)), 0)).where(
            ImportPart.run_id == run_id, ImportPart.number != number
        )
        if (tx.scalar(others) or 0) + len(content) > MOST_BYTES:
            raise FileUnreadable(f"The file has more than {MOST_BYTES // 1_000_000} MB. Split it up.")
        row = pg_insert(ImportPart).values(run_id=run_id, number=number, content=content)
        tx.execute(row.on_conflict_do_update(index_elements=["run_id", "number"], set_={"content": content}))
        return {"number": number, "bytes": len(content)}

    return writing(request, "put_import_part", [str(run_id), number, sha256(content).digest()], work)


@routes.post("/import-runs/{run_id}/read", access=SignedIn(), answer=RunDetail)
def read_import_file(request: Request, run_id: UUID, body: ReadBody) -> Response:
    """Read what was uploaded: its letters, delimiter, columns and rows, and which of ours they probably are."""
    if body.encoding is not None and body.encoding not in ENCODINGS:
        raise FileUnreadable(f"encoding is one of {', '.join(ENCODINGS)}.")
    if body.delimiter is not None and (len(body.delimiter) != 1 or body.delimiter not in DELIMITERS):
        raise FileUnreadable("delimiter is a comma, a semicolon, a tab or |.")

    def work(tx: Transaction) -> dict[str, Any]:
        run = locked(tx, request, run_id)
        must_be(run, "read", ImportStatus.uploading)
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
        for start in range(0, len(table.rows), AT_ONCE):
            cells = zip(table.numbers[start : start + AT_ONCE], table.rows[start : start + AT_ONCE], strict=True)
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
        return detail(tx, run, tx.now)

    return writing(request, "read_import_file", [str(run_id), body.model_dump(mode="json")], work)
