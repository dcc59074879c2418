"""Parcels in trouble: what is wrong, who looks after it, what is proposed and what was done.

One row a parcel, however often it gets into trouble. Written by the parcels agent alone; the order's row is never
locked, so that a lost parcel does not hold up its order.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, select, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.errors import NotFound
from db.session import Transaction

exception_numbers = Sequence("parcel_exception_numbers", start=100001, metadata=metadata)


class ExceptionKind(StrEnum):
    """In the order of how bad it is: a parcel's exception only ever gets worse by itself."""

    late = "late"  # not there on the last day that is in time where it goes
    held = "held"  # it stands still at the carrier
    silent = "silent"  # nobody has scanned it for days
    failed = "failed"  # the carrier tried, and did not hand it over
    damaged = "damaged"
    returned = "returned"  # on its way back
    lost = "lost"
    other = "other"  # somebody says so


class ExceptionStatus(StrEnum):
    open = "open"  # nobody looks after it
    taken = "taken"
    waiting = "waiting"  # until its due time
    acting = "acting"  # asked of another agent, which has not answered
    resolved = "resolved"


_S = ExceptionStatus
EXCEPTION_MOVES = {
    _S.open: frozenset({_S.taken, _S.waiting, _S.acting, _S.resolved}),
    _S.taken: frozenset({_S.open, _S.waiting, _S.acting, _S.resolved}),
    _S.waiting: frozenset({_S.open, _S.taken, _S.acting, _S.resolved}),
    _S.acting: frozenset({_S.open, _S.taken, _S.resolved}),
    _S.resolved: frozenset({_S.open}),
}


class ExceptionAction(StrEnum):
    wait = "wait"
    contact = "contact"  # ask the customer
    reship = "reship"  # the same goods again, at no price
    refund = "refund"
    claim = "claim"  # from the carrier
    close = "close"  # nothing more is to be done


class ParcelException(Base):
    """`proposal` is what was worked out last: every action with its expected cost and parts, and the cheapest.

    Amounts are minor units of the order's currency; `goods_value` is what the customer paid for what is in the parcel,
    `goods_cost` what it costs us.
    """

    __tablename__ = "parcel_exceptions"
    __audited__ = True
    __kind__ = "parcel_exception"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"), unique=True)
    order_id: Mapped[UUID]
    order_number: Mapped[str]
    tracking_number: Mapped[str]
    carrier: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=ExceptionStatus.open)
    why: Mapped[str]
    cause: Mapped[str | None]  # db.tracking.Cause
    assigned_to: Mapped[str | None]
    due_at: Mapped[datetime]
    currency: Mapped[str]
    goods_value: Mapped[Amount]
    goods_cost: Mapped[Amount]
    proposed: Mapped[str | None]  # the cheapest action
    proposal: Mapped[list[Any]] = mapped_column(default=list)
    action: Mapped[str | None]  # the last that was taken
    action_error: Mapped[str | None]  # why it did not go
    replacement_id: Mapped[UUID | None]  # the order that was placed in its stead
    replacement_number: Mapped[str | None]
    refund_asked: Mapped[Amount] = mapped_column(default=0)
    refunded: Mapped[Amount] = mapped_column(default=0)
    contacted_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    resolved_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("goods_value >= 0 AND goods_cost >= 0", name="worth"),
        CheckConstraint("refunded >= 0 AND refunded <= refund_asked", name="refund"),
        CheckConstraint("(status = 'resolved') = (resolved_at IS NOT NULL)", name="resolved"),
        Index("ix_parcel_exceptions_queue", "due_at", "id", postgresql_where=text("status <> 'resolved'")),
        Index("ix_parcel_exceptions_order", "order_id"),
        Index("ix_parcel_exceptions_replacement", "replacement_id"),
        Index("ix_parcel_exceptions_opened", "opened_at", "id"),
    )


def lock_exception(tx: Transaction, exception_id: UUID) -> ParcelException:
    """Raises NotFound."""
    found = tx.get(ParcelException, exception_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("parcel exception", str(exception_id))
    return found


def exception_of(tx: Transaction, parcel_id: UUID) -> ParcelException | None:
    """The parcel's own, locked."""
    wanted = select(ParcelException).where(ParcelException.parcel_id == parcel_id).with_for_update()
    return tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def new_exception_number(tx: Transaction) -> str:
    return f"X{tx.scalar(select(exception_numbers.next_value()))}"


def actions_of(found: ParcelException) -> list[str]:
    """What may be done with an exception; the agent has the last word."""
    status = ExceptionStatus(found.status)
    if status is ExceptionStatus.resolved:
        return ["reopen", *([ExceptionAction.claim] if found.kind != ExceptionKind.late else [])]
    if status is ExceptionStatus.acting:
        return []
    whole = found.replacement_id is not None or found.refund_asked > 0
    steps: list[str] = ["assign" if found.assigned_to else "take", ExceptionAction.wait, ExceptionAction.contact]
    if not whole:
        steps += [ExceptionAction.reship, ExceptionAction.refund]
    return [*steps, ExceptionAction.claim, ExceptionAction.close]
