"""What speaks for looking twice at somebody's returns. A signal changes the path and refuses nothing.

Written by the returns agent alone. People set aside what turns out to be nothing, with a reason.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey
from db.errors import NotFound
from db.orders import Order
from db.return_standing import same_customer
from db.returns import Return
from db.session import Transaction


class SignalKind(StrEnum):
    many_returns = "many_returns"  # much more comes back from this customer than from others
    wardrobing = "wardrobing"  # worn, dear, and given back late in its window
    empty_box = "empty_box"  # less was in the parcel than was to be, or it weighed too little
    serial_mismatch = "serial_mismatch"  # another unit than the one that was sent


class SignalStatus(StrEnum):
    open = "open"
    set_aside = "set_aside"  # somebody looked, and it is nothing


SIGNAL_MOVES = {
    SignalStatus.open: frozenset({SignalStatus.set_aside}),
    SignalStatus.set_aside: frozenset[SignalStatus](),
}


class ReturnSignal(Base):
    """`facts` are the numbers behind `why`. `about` tells signals of one kind on one line apart: a serial number."""

    __tablename__ = "return_signals"
    __audited__ = True
    __kind__ = "return_signal"
    __secret__ = frozenset({"set_aside_why"})
    id: Mapped[UuidKey]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=SignalStatus.open)
    return_id: Mapped[UUID] = mapped_column(ForeignKey("returns.id"))
    order_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    line_no: Mapped[int] = mapped_column(default=0)  # 0: all of it
    sku: Mapped[str | None]
    about: Mapped[str] = mapped_column(default="")
    why: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    set_aside_by: Mapped[str | None]
    set_aside_at: Mapped[datetime | None]
    set_aside_why: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("line_no >= 0", name="line"),
        CheckConstraint("(status = 'set_aside') = (set_aside_at IS NOT NULL)", name="set_aside"),
        Index("ix_return_signals_once", "return_id", "kind", "line_no", "about", unique=True),
        Index("ix_return_signals_order", "order_id"),
        Index("ix_return_signals_customer", "customer_id", "created_at"),
        Index("ix_return_signals_created", "created_at", "id"),
        Index("ix_return_signals_status", "status", "created_at", "id"),
    )


def open_signals(session: Session, order: Order, since: datetime) -> list[tuple[str, str]]:
    """(kind, number of the return) of what stands against whoever placed an order, the oldest first."""
    theirs = same_customer(order)
    if theirs is None:
        return []
    rows = session.execute(
        select(ReturnSignal.kind, Return.number)
        .join(Order, Order.id == ReturnSignal.order_id)
        .join(Return, Return.id == ReturnSignal.return_id)
        .where(theirs, ReturnSignal.status == SignalStatus.open, ReturnSignal.created_at >= since)
        .order_by(ReturnSignal.id)
    )
    return [(row.kind, row.number) for row in rows]


def lock_signal(tx: Transaction, signal_id: UUID) -> ReturnSignal:
    """Raises NotFound."""
    wanted = select(ReturnSignal).where(ReturnSignal.id == signal_id).with_for_update()
    found = tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("signal", str(signal_id))
    return found


def signal_next(status: str) -> list[str]:
    return ["set_aside"] if status == SignalStatus.open else []
