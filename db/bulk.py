"""Actions on many records: what was asked, of which rows, and what became of each. Written by the bulk agent alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey


class BulkStatus(StrEnum):
    running = "running"
    cancelling = "cancelling"  # nothing more is begun; what was handed out comes back first
    cancelled = "cancelled"
    done = "done"


_S = BulkStatus
BULK_MOVES = {
    _S.running: frozenset({_S.cancelling, _S.cancelled, _S.done}),
    _S.cancelling: frozenset({_S.cancelled, _S.done}),
    _S.cancelled: frozenset[BulkStatus](),
    _S.done: frozenset[BulkStatus](),
}
ENDED = (BulkStatus.cancelled, BulkStatus.done)


class RowState(StrEnum):
    waiting = "waiting"
    sent = "sent"  # with the agent that does it
    done = "done"
    refused = "refused"  # the business said no; `sentence` says why
    failed = "failed"  # a mistake of ours, logged
    cancelled = "cancelled"  # the action was cancelled before it came to this row


class BulkJob(Base):
    """`ask` is the command without its record; `selection` says how the rows were chosen, for people."""

    __tablename__ = "bulk_jobs"
    __audited__ = True
    __kind__ = "bulk"
    id: Mapped[UuidKey]
    noun: Mapped[str]  # orders, products
    action: Mapped[str]
    ask: Mapped[dict[str, Any]]
    selection: Mapped[dict[str, Any]]
    principal: Mapped[str]  # who asked; every row is done in this name
    scope: Mapped[str]  # what they must still hold when a row's turn comes
    status: Mapped[str] = mapped_column(default=BulkStatus.running)
    total: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_bulk_jobs_principal", "principal", "created_at", "id"),)


class BulkRow(Base):
    """One record of a job. `undo` is the command that takes it back, as the agent told when it was done."""

    __tablename__ = "bulk_rows"
    job_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_jobs.id"), primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[UUID]
    label: Mapped[str]  # what people call it: the order's number
    ask: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"kind", "body"} of this row alone
    state: Mapped[str] = mapped_column(default=RowState.waiting)
    code: Mapped[str | None]
    sentence: Mapped[str | None]
    undo: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_bulk_rows_open", "job_id", "row_no", postgresql_where=text("state IN ('waiting','sent')")),
        Index("ix_bulk_rows_state", "job_id", "state"),
    )


def counts_of(session: Session, job_id: UUID) -> Mapping[str, int]:
    """Rows of a job by state; every state is there."""
    counts = {state.value: 0 for state in RowState}
    for state, rows in session.execute(
        select(BulkRow.state, func.count()).where(BulkRow.job_id == job_id).group_by(BulkRow.state)
    ):
        counts[state] = rows
    return counts
