"""Works on imports in the background: some rows at a time, each turn written down, so any process can go on.

Every gateway looks for work and takes a run for half a minute, renewed with each batch. A process that dies
leaves its run to the next; the batch it had in hand is done again, which changes nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Text

from agents.notices.messages import TellPeople
from coordinator.client import AgentClient
from db.base import uuid7
from db.errors import Unavailable
from db.imports import IMPORT_MOVES, ImportRow, ImportRowState, ImportRun, ImportStatus
from db.people import scopes_of
from db.session import Database, Transaction, Who
from serve.importing.engine import Result, take_in
from serve.importing.mapping import read_rows
from serve.importing.sender import Sender
from serve.importing.sheet import Problem, Row, Verdict, whole

log = structlog.get_logger()
ME = Who("system:imports")

LOOK_EVERY = 2.0
TAKEN_FOR = timedelta(seconds=30)
BATCH = {"orders": 500}  # orders of one call are one transaction, all else is done one by one
USUAL_BATCH = 100
MOST_OF_ONE = 1000  # rows of one order or product
WRITES = {
    "orders": "write_orders",
    "products": "write_catalog",
    "customers": "write_customers",
    "stock": "write_stock",
    "suppliers": "write_purchasing",
    "supplier_items": "write_purchasing",
    "replenishment_rules": "write_purchasing",
}
ACTIVE = (ImportStatus.checking, ImportStatus.running)

_TOLD = text("""
    UPDATE import_rows r SET state = t.state, errors = CAST(t.errors AS jsonb), turn = :turn
    FROM unnest(:numbers, :states, :errors) AS t(number, state, errors) WHERE r.run_id = :run AND r.number = t.number
""").bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger)),
    bindparam("states", type_=ARRAY(Text)),
    bindparam("errors", type_=ARRAY(Text)),
)


@dataclass(frozen=True)
class Taken:
    """A run in hand, as it was when it was taken."""

    id: UUID
    kind: str
    owner: str
    turn: int
    dry_run: bool
    mapping: dict[str, dict[str, str]]
    heading: list[str]
    mark: UUID


class Runner:
    def __init__(self, database: Database, client: AgentClient, clock: Callable[[], datetime]) -> None:
        self._db, self._client, self._clock = database, client, clock
        self._bell: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """There is a run to work on; from any thread."""
        if self._loop is not None and self._bell is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._bell.set)

    async def live(self) -> None:
        """For as long as the process serves."""
        self._loop, self._bell = asyncio.get_running_loop(), asyncio.Event()
        while True:
            self._bell.clear()
            try:
                while await self.work_on_one():
                    pass
            except Unavailable as trouble:
                log.warning("imports wait", trouble=trouble)
            except Exception:
                log.exception("an import stumbled")
            try:
                await asyncio.wait_for(self._bell.wait(), LOOK_EVERY)
            except TimeoutError:
                continue

    async def work_on_one(self) -> bool:
        """Take a run and work on it until it ends or is taken away; returns whether there was one."""
        run = await asyncio.to_thread(self._take)
        if run is None:
            return False
        while await self._batch(run):
            pass
        return True

    async def _batch(self, run: Taken) -> bool:
        groups = await asyncio.to_thread(self._next, run)
        if not groups:
            await asyncio.to_thread(self._end, run)
            return False
        rows: list[Row] = []
        too_many: list[Problem] = []
        for group in groups:
            read = read_rows(run.mapping, run.heading, group)
            if len(group) > MOST_OF_ONE:
                why = f"{len(group)} rows belong together, and one thing can have {MOST_OF_ONE}. Split them up."
                too_many += whole("this", read, [Problem(read[0].number, None, None, why)])
            else:
                rows += read
        sender = Sender(self._client, run.owner, call=f"{run.id}:{run.turn}")
        result = Result(Counter(), [])
        if rows:
            result = await take_in(self._db, sender, run.kind, rows, now=self._clock, dry_run=run.dry_run)
        result.problems += too_many
        numbers = [number for group in groups for number, _ in group]
        return await asyncio.to_thread(self._write_down, run, numbers, result)

    def _take(self) -> Taken | None:
        with self._db.transaction(ME, now=self._clock()) as tx:
            free = ImportRun.taken_until.is_(None) | (ImportRun.taken_until < tx.now)
            query = select(ImportRun).where(ImportRun.status.in_(ACTIVE), free).order_by(ImportRun.created_at).limit(1)
            run = tx.scalars(query.with_for_update(skip_locked=True)).one_or_none()
            if run is None or not _may_go_on(tx, run):
                return None
            mark = uuid7()
            _renew(tx, run.id, mark, tx.now)
            dry = run.status == ImportStatus.checking
            return Taken(run.id, run.kind, run.owner, run.turn, dry, run.mapping, run.heading, mark)

    def _next(self, run: Taken) -> list[list[tuple[int, list[str]]]]:
        """The next rows, those of one thing together; all of one batch are early or all of them late."""
        with self._db.reading() as session:
            todo = (
                select(ImportRow.late, ImportRow.place)
                .where(ImportRow.run_id == run.id, ImportRow.turn < run.turn, ImportRow.state != ImportRowState.done)
                .order_by(ImportRow.late, ImportRow.place, ImportRow.number)
                .limit(BATCH.get(run.kind, USUAL_BATCH))
            )
            first = session.execute(todo).all()
            places = sorted({r.place for r in first if r.late == first[0].late})
            # A thing is looked at whole, also when only some of its rows were mended.
            query = (
                select(ImportRow.place, ImportRow.number, ImportRow.given)
                .where(ImportRow.run_id == run.id, ImportRow.place.in_(places))
                .order_by(ImportRow.place, ImportRow.number)
            )
            rows = session.execute(query).all()
        return [[(r.number, r.given) for r in group] for _, group in groupby(rows, key=lambda r: r.place)]

    def _write_down(self, run: Taken, numbers: list[int], result: Result) -> bool:
        """Returns whether to go on."""
        errors: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for p in result.problems:
            errors[p.row].append({"column": p.column, "value": p.value, "message": p.message})
        with self._db.transaction(ME, now=self._clock()) as tx:
            now = tx.get(ImportRun, run.id, with_for_update=True)
            if now is None or now.taken_by != run.mark:
                return False  # another process has it
            good = ImportRowState.waiting if run.dry_run else ImportRowState.done
            tx.execute(
                _TOLD,
                {
                    "run": run.id,
                    "turn": run.turn,
                    "numbers": numbers,
                    "states": [ImportRowState.failed if n in errors else good for n in numbers],
                    "errors": [_json(errors.get(n)) for n in numbers],
                },
            )
            told = Counter(now.dry_counts if run.dry_run else now.counts)
            told.update({verdict.value: count for verdict, count in result.counts.items()})
            _set(tx, run.id, **{"dry_counts" if run.dry_run else "counts": dict(told)})
            # Somebody may have cancelled it; what was done in this batch is written down all the same.
            goes_on = now.status in ACTIVE and _may_go_on(tx, now)
            if goes_on:
                _renew(tx, run.id, run.mark, tx.now)
            else:
                _set(tx, run.id, taken_by=None, taken_until=None)
        return goes_on

    def _end(self, run: Taken) -> None:
        with self._db.transaction(Who(run.owner), now=self._clock()) as tx:
            now = tx.get(ImportRun, run.id, with_for_update=True)
            if now is None or now.taken_by != run.mark:
                return
            now.taken_by = now.taken_until = None
            if now.status not in ACTIVE:
                return
            to = ImportStatus.ready if run.dry_run else ImportStatus.done
            tx.move(now, to, moves=IMPORT_MOVES, subject=f"import:{run.id}")
            if not run.dry_run:
                now.ended_at = tx.now
                failed = select(func.count()).where(
                    ImportRow.run_id == run.id, ImportRow.state == ImportRowState.failed
                )
                _tell(tx, now, tx.scalar(failed) or 0)
                tx.audit(
                    "import", f"import:{run.id}", after={"kind": now.kind, "file": now.file_name, "counts": now.counts}
                )


def empty_counts() -> dict[str, int]:
    return {verdict.value: 0 for verdict in Verdict}


def _may_go_on(tx: Transaction, run: ImportRun) -> bool:
    scope = WRITES[run.kind]
    if scope in scopes_of(tx, run.owner, now=tx.now):
        return True
    why = f"Who started it no longer holds {scope}."
    tx.move(run, ImportStatus.cancelled, moves=IMPORT_MOVES, subject=f"import:{run.id}", why=why)
    run.why, run.ended_at = why, tx.now
    _tell(tx, run, 0)
    return False


def _tell(tx: Transaction, run: ImportRun, left_out: int) -> None:
    """Whoever started it finds it in their inbox."""
    counts = ", ".join(f"{count} {what}" for what, count in run.counts.items() if count) or "nothing was new"
    mend = "1 row was left out; mend it there" if left_out == 1 else f"{left_out} rows were left out; mend them there"
    body = run.why or f"{counts.capitalize()}." + (f" {mend}." if left_out else "")
    told = TellPeople(
        kind="import_failed" if left_out or run.why else "import_finished",
        subject=f"import:{run.id}",
        title=f"The import of {run.file_name} is {run.status}",
        body=body,
        key=f"import:{run.id}",
        mark=str(run.turn),
        principal=run.owner,
    )
    tx.send("notices", f"import:{run.id}", told)


def _renew(tx: Transaction, run_id: UUID, mark: UUID, now: datetime) -> None:
    _set(tx, run_id, taken_by=mark, taken_until=now + TAKEN_FOR)


def _set(tx: Transaction, run_id: UUID, **values: Any) -> None:
    """By statement: progress is no change that somebody made, and fills no audit log."""
    statement = update(ImportRun).where(ImportRun.id == run_id).values(**values)
    tx.execute(statement.execution_options(synchronize_session=False))


def _json(errors: Iterable[dict[str, Any]] | None) -> str | None:
    return msgspec.json.encode(list(errors)).decode() if errors else None
