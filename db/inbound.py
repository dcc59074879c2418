"""What came of a purchase order: receipts, one for each scan or delivery note. Written by the inbound agent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Sequence,
    Text,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey, metadata
from db.session import Transaction

receipt_numbers = Sequence("receipt_numbers", start=100001, metadata=metadata)


class ReceiptStatus(StrEnum):
    booked = "booked"
    taken_back = "taken_back"


RECEIPT_MOVES = {
    ReceiptStatus.booked: frozenset({ReceiptStatus.taken_back}),
    ReceiptStatus.taken_back: frozenset[Any](),
}


class Condition(StrEnum):
    good = "good"  # can be sold at once
    inspect = "inspect"  # somebody has to look at it first
    damaged = "damaged"
    wrong = "wrong"  # something else than was ordered: kept apart, and rejected from the start


REJECTED = (Condition.damaged, Condition.wrong)


class Receipt(Base):
    """`scan` is the id that whoever scanned gave it: said again, it is the same receipt."""

    __tablename__ = "receipts"
    __audited__ = True
    __kind__ = "receipt"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"))
    supplier: Mapped[str]
    node: Mapped[str]
    scan: Mapped[str]
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("advance_notices.id"))
    status: Mapped[str] = mapped_column(default=ReceiptStatus.booked)
    note: Mapped[str | None]
    received_by: Mapped[str]
    received_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_receipts_scan", "purchase_id", "scan", unique=True),
        Index("ix_receipts_received", "received_at", "id"),
        Index("ix_receipts_supplier", "supplier", "received_at"),
        Index("ix_receipts_notice", "notice_id", postgresql_where=text("notice_id IS NOT NULL")),
    )


class ReceiptLine(Base):
    __tablename__ = "receipt_lines"
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("receipts.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    purchase_line: Mapped[int | None]  # None: of nothing that was ordered
    notice_line: Mapped[int | None]  # of the receipt's notice; None: not announced on it
    sku: Mapped[str]
    quantity: Mapped[int]
    condition: Mapped[str]
    bin: Mapped[str]
    lot: Mapped[str] = mapped_column(default="")
    expires_on: Mapped[date | None]  # of the lot, as far as anybody knew then
    reason: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("quantity > 0", name="positive"),
        CheckConstraint("purchase_line IS NOT NULL OR condition = 'wrong'", name="of_an_order"),
    )


class ReceiptPhoto(Base):
    """How goods came, for whoever claims it from the supplier. Written by the edge; metadata of the camera is gone."""

    __tablename__ = "receipt_photos"
    __audited__ = True
    __kind__ = "receipt_photo"
    id: Mapped[UuidKey]
    receipt_id: Mapped[UUID]
    line_no: Mapped[int]
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    digest: Mapped[str]  # SHA-256 of what was sent, so that the same photo is kept once
    taken_by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["receipt_id", "line_no"], ["receipt_lines.receipt_id", "receipt_lines.no"]),
        Index("ix_receipt_photos_once", "receipt_id", "line_no", "digest", unique=True),
    )


class PhotoContent(Base):
    """The picture itself, apart from what is told of it: lists do not read it and the audit log does not keep it."""

    __tablename__ = "receipt_photo_contents"
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("receipt_photos.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


def receipt_by_scan(session: Session, purchase_id: UUID, scan: str) -> Receipt | None:
    return session.scalar(select(Receipt).where(Receipt.purchase_id == purchase_id, Receipt.scan == scan))


def lock_receipt(tx: Transaction, receipt_id: UUID) -> Receipt | None:
    """Lock its purchase order first."""
    return tx.get(Receipt, receipt_id, with_for_update=True, populate_existing=True)


def receipt_lines(session: Session, receipt_id: UUID) -> list[ReceiptLine]:
    wanted = select(ReceiptLine).where(ReceiptLine.receipt_id == receipt_id)
    return list(session.scalars(wanted.order_by(ReceiptLine.no)))


def new_receipt_number(tx: Transaction) -> str:
    return f"GR{tx.scalar(select(receipt_numbers.next_value()))}"


def receipts_of(session: Session, causes: Iterable[str]) -> dict[str, str]:
    """Numbers of the receipts among the causes of ledger rows, by cause."""
    rows = session.execute(
        select("receipt:" + Receipt.id.cast(Text), Receipt.number).where(
            ("receipt:" + Receipt.id.cast(Text)).in_(sorted(set(causes)))
        )
    )
    return {row[0]: row[1] for row in rows}


def photos_of_line(session: Session, receipt_id: UUID, line_no: int) -> list[ReceiptPhoto]:
    wanted = select(ReceiptPhoto).where(ReceiptPhoto.receipt_id == receipt_id, ReceiptPhoto.line_no == line_no)
    return list(session.scalars(wanted.order_by(ReceiptPhoto.at, ReceiptPhoto.id)))
