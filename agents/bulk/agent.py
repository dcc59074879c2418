"""Does one action to many records, a few at a time. The only writer of bulk jobs and their rows.

Each row is a task to the agent that owns the record, and the agent's inbox makes it happen once; what came
of it returns as a task to here. A window of rows is out at a time, so that other work is not kept waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from agents.agent import Agent
from agents.bulk.messages import (
    BulkFinished,
    BulkProgressed,
    BulkRecord,
    BulkState,
    CancelBulk,
    RowDone,
    StartBulk,
    UndoBulk,
)
from agents.bulk.refusals import NothingChosen, NothingToUndo, TooManyChosen
from agents.catalog.messages import DoProductRow
from agents.contract import Task
from agents.handlers import command, on
from agents.orders.messages import DoOrderRow
from db.bulk import BULK_MOVES, ENDED, BulkJob, BulkRow, BulkStatus, RowState, counts_of
from db.errors import NotFound
from db.people import scopes_of
from db.session import Transaction

MOST = 10_000
WINDOW = 50  # rows that are out at a time; the next go out when half of them are back


class BulkAgent(Agent):
    name = "bulk"

    @command
    def start(self, tx: Transaction, ask: StartBulk) -> BulkState:
        """Raises NothingChosen, TooManyChosen."""
        if not ask.records:
            raise NothingChosen(ask.noun)
        if len(ask.records) > MOST:
            raise TooManyChosen(len(ask.records), MOST)
        job = BulkJob(
            id=ask.id, noun=ask.noun, action=ask.action, ask={"kind": ask.kind, "body": ask.body}, scope=ask.scope,
            selection=ask.selection, principal=tx.who.actor, status=BulkStatus.running, total=len(ask.records),
            created_at=tx.now,
        )  # fmt: skip
        return _begin(tx, job, ask.records)

    @command
    def cancel(self, tx: Transaction, ask: CancelBulk) -> BulkState:
        job = _locked(tx, ask.job_id)
        tx.move(job, BulkStatus.cancelling, moves=BULK_MOVES, subject=_subject(job.id))
        _stop(tx, job, RowState.cancelled)
        _go_on(tx, job)
        return _state(tx, job)

    @command
    def undo(self, tx: Transaction, ask: UndoBulk) -> BulkState:
        """Raises NothingToUndo: it still runs, or none of its rows has a way back."""
        old = _locked(tx, ask.job_id)
        rows = _with_a_way_back(tx, old) if old.status in ENDED else []
        if not rows:
            raise NothingToUndo(str(old.id))
        job = BulkJob(
            id=ask.id, noun=old.noun, action=f"undo {old.action}", ask=old.ask, scope=old.scope,
            selection={"undo_of": str(old.id)}, principal=tx.who.actor, status=BulkStatus.running, total=len(rows),
            created_at=tx.now,
        )  # fmt: skip
        return _begin(tx, job, [BulkRecord(id=r.record, label=r.label, ask=r.undo) for r in rows])

    @on
    def row_done(self, tx: Transaction, task: RowDone) -> None:
        job = _locked(tx, task.job_id)
        state = RowState.failed if task.failed else RowState.refused if task.code else RowState.done
        tx.execute(
            update(BulkRow)
            .where(BulkRow.job_id == task.job_id, BulkRow.row_no == task.row_no, BulkRow.state == RowState.sent)
            .values(state=state, code=task.code, sentence=task.sentence, undo=task.undo, at=tx.now)
        )
        _go_on(tx, job)


def _begin(tx: Transaction, job: BulkJob, records: Sequence[BulkRecord]) -> BulkState:
    tx.add(job)
    tx.note(_subject(job.id), to_status=BulkStatus.running, why=f"{job.action} of {job.total} {job.noun}")
    tx.flush()
    rows: list[dict[str, Any]] = [
        {"job_id": job.id, "row_no": n, "record": r.id, "label": r.label, "ask": r.ask, "state": RowState.waiting}
        for n, r in enumerate(records, 1)
    ]
    tx.insert_all(BulkRow, rows)
    _go_on(tx, job)
    return _state(tx, job)


def _go_on(tx: Transaction, job: BulkJob) -> None:
    """Hand out the next rows when there is room, and end the job when nothing is left."""
    out = tx.scalar(select(func.count()).where(BulkRow.job_id == job.id, BulkRow.state == RowState.sent)) or 0
    if out > WINDOW // 2:
        return
    if job.status == BulkStatus.running:
        if job.scope not in scopes_of(tx, job.principal, now=tx.now):
            sentence = f"Whoever asked does not hold the scope {job.scope} any more."
            _stop(tx, job, RowState.refused, code="missing_scope", sentence=sentence)
        sent = _hand_out(tx, job, WINDOW - out)
        out += sent
        if sent:
            tx.announce(_subject(job.id), BulkProgressed(**_told(tx, job)))
    if out == 0 and job.status not in ENDED:
        to = BulkStatus.cancelled if job.status == BulkStatus.cancelling else BulkStatus.done
        tx.move(job, to, moves=BULK_MOVES, subject=_subject(job.id))
        job.ended_at = tx.now
        tx.flush()
        tx.announce(_subject(job.id), BulkFinished(noun=job.noun, action=job.action, **_told(tx, job)))


def _hand_out(tx: Transaction, job: BulkJob, room: int) -> int:
    waiting = select(BulkRow).where(BulkRow.job_id == job.id, BulkRow.state == RowState.waiting)
    rows = tx.scalars(waiting.order_by(BulkRow.row_no).limit(room)).all()
    for row in rows:
        row.state = RowState.sent
        agent, subject, task = _task(job, row)
        tx.send(agent, subject, task)
    tx.flush()
    return len(rows)


def _task(job: BulkJob, row: BulkRow) -> tuple[str, str, Task]:
    """Who does the row, in line with what else happens to the record, and what they are told."""
    ask = row.ask or {"kind": job.ask["kind"], "body": {**job.ask["body"], _ID[job.noun]: str(row.record)}}
    told = {"job_id": job.id, "row_no": row.row_no, "actor": job.principal, **ask}
    if job.noun == "orders":
        return "orders", f"order:{row.record}", DoOrderRow(**told)
    return "catalog", f"product:{row.record}", DoProductRow(**told)


_ID = {"orders": "order_id", "products": "product_id"}


def _stop(tx: Transaction, job: BulkJob, to: RowState, *, code: str | None = None, sentence: str | None = None) -> None:
    tx.execute(
        update(BulkRow)
        .where(BulkRow.job_id == job.id, BulkRow.state == RowState.waiting)
        .values(state=to, code=code, sentence=sentence, at=tx.now)
    )


def _locked(tx: Transaction, job_id: UUID) -> BulkJob:
    job = tx.get(BulkJob, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound("action", str(job_id))
    return job


def _with_a_way_back(tx: Transaction, job: BulkJob) -> Sequence[BulkRow]:
    done = select(BulkRow).where(BulkRow.job_id == job.id, BulkRow.state == RowState.done, BulkRow.undo.is_not(None))
    return tx.scalars(done.order_by(BulkRow.row_no)).all()


def _subject(job_id: UUID) -> str:
    return f"bulk:{job_id}"


def _told(tx: Transaction, job: BulkJob) -> dict[str, Any]:
    counts = dict(counts_of(tx, job.id))
    return {"job_id": job.id, "principal": job.principal, "status": str(job.status), "total": job.total,
            "counts": counts}  # fmt: skip


def _state(tx: Transaction, job: BulkJob) -> BulkState:
    return BulkState(
        id=job.id,
        noun=job.noun,
        action=job.action,
        status=job.status,
        total=job.total,
        counts=dict(counts_of(tx, job.id)),
        next=["cancel"] if job.status == BulkStatus.running else [],
    )
