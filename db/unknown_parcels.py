"""Parcels that came without saying what they are: kept apart until somebody finds out. Written by the returns agent.

What is in them is not in the stock ledger before they are matched with an order: then a return is made of it, which
books it in, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey, metadata
from db.errors import NotFound
from db.session import Transaction

unknown_parcel_numbers = Sequence("unknown_parcel_numbers", start=100001, metadata=metadata)


class UnknownParcelStatus(StrEnum):
    waiting = "waiting"  # nobody knows whose it is
    matched = "matched"  # it became a return
    closed = "closed"  # it is not ours, or went away again


_S = UnknownParcelStatus
UNKNOWN_PARCEL_MOVES = {
    _S.waiting: frozenset({_S.matched, _S.closed}),
    _S.matched: frozenset[UnknownParcelStatus](),
    _S.closed: frozenset[UnknownParcelStatus](),
}


class UnknownParcel(Base):
    """`scanned` is what was read off the parcel, if anything could be."""

    __tablename__ = "unknown_parcels"
    __audited__ = True
    __kind__ = "unknown_parcel"
    __secret__ = frozenset({"scanned", "note"})  # may name a person
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    status: Mapped[str] = mapped_column(default=UnknownParcelStatus.waiting)
    scanned: Mapped[str | None]
    note: Mapped[str | None]
    return_id: Mapped[UUID | None] = mapped_column(ForeignKey("returns.id"))
    found_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("(status = 'matched') = (return_id IS NOT NULL)", name="matched"),
        Index("ix_unknown_parcels_status", "status", "created_at", "id"),
        Index("ix_unknown_parcels_created", "created_at", "id"),
        Index("ix_unknown_parcels_return", "return_id"),
    )


class UnknownItem(Base):
    """Units in an unknown parcel that are alike. `lot` is a lot or serial number."""

    __tablename__ = "unknown_parcel_items"
    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("unknown_parcels.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    quantity: Mapped[int]
    grade: Mapped[str]
    lot: Mapped[str] = mapped_column(default="")
    note: Mapped[str | None]
    __table_args__ = (CheckConstraint("quantity > 0", name="positive"),)


def items_in(session: Session, parcel_ids: Iterable[UUID]) -> list[UnknownItem]:
    wanted = select(UnknownItem).where(UnknownItem.parcel_id.in_(list(parcel_ids)))
    return list(session.scalars(wanted.order_by(UnknownItem.parcel_id, UnknownItem.no)))


def lock_unknown_parcel(tx: Transaction, parcel_id: UUID) -> UnknownParcel:
    """Lock the order before, where both are needed. Raises NotFound."""
    found = tx.get(UnknownParcel, parcel_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("parcel", str(parcel_id))
    return found


def new_unknown_number(tx: Transaction) -> str:
    return f"U{tx.scalar(select(unknown_parcel_numbers.next_value()))}"


def unknown_next(status: str) -> list[str]:
    return ["match", "close"] if status == UnknownParcelStatus.waiting else []
