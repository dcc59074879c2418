"""Imports as they are shown: the run with its columns, how far it is, what may be done next; who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request

from db.errors import Conflict, NotFound
from db.imports import ImportRow, ImportRowState, ImportRun, ImportStatus
from db.session import Transaction
from serve.edge import Caller, caller_of
from serve.fields import field, fields
from serve.importing import mapping as mapped
from serve.importing.presets import PRESETS
from serve.importing.runner import WRITES
from serve.imports import READS
from serve.listing import Listing
from serve.scopes import MissingScope

_FAILED = (
    select(func.count())
    .where(ImportRow.run_id == ImportRun.id, ImportRow.state == ImportRowState.failed)
    .correlate(ImportRun)
    .scalar_subquery()
)

RUNS = Listing(
    "ImportRun",
    ImportRun,
    fields(
        ImportRun,
        "id kind file_name status why owner preset delimiter encoding size_bytes total_rows created_at started_at "
        "ended_at version",
        status=ImportStatus,
    )
    | {"failed_rows": field(_FAILED, nullable=False)},
    sortable=("created_at", "ended_at", "file_name"),
    sort="-created_at",
    key=("id",),
)
RunRow = RUNS.row_shape()
SAMPLES = 3

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


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
    mapped before it can start. `in_hand`: a process works on rows of it, also when it was cancelled just now."""

    counts: dict[str, int]
    dry_counts: dict[str, int] | None
    rows: dict[str, int]
    looked_at: int
    in_hand: bool
    mapping: dict[str, dict[str, str]]
    missing: list[str]
    columns: list[TheirColumn]
    presets: list[PresetShape]
    next: list[str]


@dataclass(eq=False)
class NotNow(Conflict):
    status_now: str
    wanted: str
    next: list[str]

    def __str__(self) -> str:
        return f"The import is {self.status_now}; {self.wanted} is not possible. Possible: {', '.join(self.next)}."


def visible(caller: Caller) -> ColumnElement[bool]:
    """Runs of the kinds that the caller may write; others' files only of those that they may read as well."""
    written = [kind for kind, scope in WRITES.items() if scope in caller.scopes]
    read = [kind for kind in written if READS[kind] in caller.scopes]
    return ImportRun.kind.in_(read) | (ImportRun.kind.in_(written) & (ImportRun.owner == caller.principal))


def check_scope(caller: Caller, kind: str) -> None:
    if WRITES[kind] not in caller.scopes:
        raise MissingScope(WRITES[kind])


def seen(session: Session, request: Request, run_id: UUID) -> ImportRun:
    return _visible(session.get(ImportRun, run_id), caller_of(request), run_id)


def locked(tx: Transaction, request: Request, run_id: UUID) -> ImportRun:
    return _visible(tx.get(ImportRun, run_id, with_for_update=True), caller_of(request), run_id)


def _visible(run: ImportRun | None, caller: Caller, run_id: UUID) -> ImportRun:
    """Raises NotFound, MissingScope."""
    if run is None:
        raise NotFound("import", str(run_id))
    check_scope(caller, run.kind)
    if run.owner != caller.principal and READS[run.kind] not in caller.scopes:
        raise MissingScope(READS[run.kind])
    return run


def must_be(run: ImportRun, wanted: str, *states: ImportStatus) -> None:
    if run.status not in states:
        raise NotNow(run.status, wanted, next_steps(run))


def next_steps(run: ImportRun) -> list[str]:
    if run.status == ImportStatus.uploading:
        return ["read", "cancel"]
    if run.status == ImportStatus.ready:
        return ["mapping", "check", "start", "cancel"]
    if run.status in (ImportStatus.checking, ImportStatus.running):
        return ["cancel"]
    return ["start"] if run.heading else []


def detail(session: Session, run: ImportRun, now: datetime) -> dict[str, Any]:
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
        "in_hand": run.taken_until is not None and run.taken_until >= now,
        "mapping": run.mapping,
        "missing": mapped.missing(run.kind, run.mapping) if run.heading else [],
        "columns": [{"name": name, "samples": _samples(first, n)} for n, name in enumerate(run.heading)],
        "presets": [
            {"name": p.name, "title": p.title, "fits": p.fits(run.heading), "columns": p.columns, "asks": list(p.asks)}
            for p in PRESETS
            if p.kind == run.kind
        ],
        "next": next_steps(run),
    }


def _samples(rows: Sequence[Sequence[str]], n: int) -> list[str]:
    """The first different values of a column."""
    values = dict.fromkeys(row[n].strip()[:80] for row in rows if row[n].strip())
    return list(values)[:SAMPLES]
