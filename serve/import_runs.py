"""Imports of whole files: mapped, tried, run in the background, cancelled, run again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI
from pydantic import Field as Described
from pydantic import StringConstraints
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Invalid
from db.imports import IMPORT_MOVES, ImportRun, ImportStatus
from db.session import Transaction, check_version
from serve.edge import caller_of, edge_of
from serve.import_view import (
    RUNS,
    ColumnName,
    NotNow,
    RunDetail,
    RunRow,
    detail,
    locked,
    must_be,
    next_steps,
    seen,
    visible,
)
from serve.importing import mapping as mapped
from serve.importing.runner import Runner, empty_counts
from serve.requests import json_answer, version_of
from serve.routing import Routes, SignedIn
from serve.shapes import Ask, Version
from serve.writing import writing

routes = Routes("import and export")


class Source(Ask):
    """One of the three."""

    take: ColumnName | None = Described(None, description="Their column")
    value: Annotated[str, StringConstraints(max_length=200)] | None = Described(None, description="The same everywhere")
    preset: ColumnName | None = Described(None, description="As this preset reads it")


class MappingBody(Ask):
    mapping: dict[str, Source] = Described(max_length=60)
    version: Version | None = None


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


@routes.get("/import-runs", access=SignedIn(), answer=RUNS.list_shape(RunRow), extra=RUNS.operation())
def list_import_runs(request: Request) -> Response:
    """List imports, newest first: those of the kinds that you may write; others' of those that you may read as well."""
    return RUNS.answer(request, visible(caller_of(request)))


@routes.get("/import-runs/{run_id}", access=SignedIn(), answer=RunDetail)
def read_import_run(request: Request, run_id: UUID) -> Response:
    """Show an import: its columns with samples, its mapping, how far it is, and what may be done next."""
    edge = edge_of(request)
    with edge.database.reading() as session:
        return json_answer(detail(session, seen(session, request, run_id), edge.clock()))


@routes.put("/import-runs/{run_id}/mapping", access=SignedIn(), answer=RunDetail)
def put_import_mapping(request: Request, run_id: UUID, body: MappingBody) -> Response:
    """Say for each of our columns where it comes from. What is not named is not imported."""
    told = {name: source.model_dump(exclude_none=True) for name, source in body.mapping.items()}

    def work(tx: Transaction) -> dict[str, Any]:
        run = locked(tx, request, run_id)
        must_be(run, "mapping", ImportStatus.ready, ImportStatus.done, ImportStatus.cancelled)
        check_version(run, version_of(request, body.version), kind="import", id=str(run_id))
        mapped.check(run.kind, told, run.heading)
        run.mapping, run.dry_counts = told, None
        tx.flush()
        return detail(tx, run, tx.now)

    return writing(request, "put_import_mapping", [str(run_id), told], work)


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
        run = locked(tx, request, run_id)
        if run.status != ImportStatus.cancelled:
            tx.move(run, ImportStatus.cancelled, moves=IMPORT_MOVES, subject=f"import:{run_id}")
            run.ended_at = tx.now
            tx.flush()
        return detail(tx, run, tx.now)

    return writing(request, "cancel_import", str(run_id), work)


def _start(request: Request, run_id: UUID, verb: str, to: ImportStatus) -> Response:
    def work(tx: Transaction) -> dict[str, Any]:
        run = locked(tx, request, run_id)
        if verb not in next_steps(run):
            raise NotNow(run.status, verb, next_steps(run))
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
        return detail(tx, run, tx.now)

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
