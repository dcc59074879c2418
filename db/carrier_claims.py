"""What is claimed from carriers for parcels that were lost or damaged. Written by the parcels agent alone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, select, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.errors import NotFound
from db.session import Transaction

claim_numbers = Sequence("carrier_claim_numbers", start=100001, metadata=metadata)


class ClaimStatus(StrEnum):
    draft = "draft"
    filed = "filed"  # with the carrier
    accepted = "accepted"  # it will pay
    rejected = "rejected"  # may be filed again, with better evidence
    paid = "paid"
    written_off = "written_off"  # we ask no more


_S = ClaimStatus
CLAIM_MOVES = {
    _S.draft: frozenset({_S.filed, _S.written_off}),
    _S.filed: frozenset({_S.accepted, _S.rejected, _S.written_off}),
    _S.accepted: frozenset({_S.paid, _S.written_off}),
    _S.rejected: frozenset({_S.filed, _S.written_off}),
    _S.paid: frozenset[ClaimStatus](),
    _S.written_off: frozenset[ClaimStatus](),
}
CLAIM_NEXT = {
    _S.draft: ["evidence", "file", "write_off"],
    _S.filed: ["evidence", "accept", "reject", "write_off"],
    _S.accepted: ["pay", "write_off"],
    _S.rejected: ["evidence", "file", "write_off"],
    _S.paid: list[str](),
    _S.written_off: list[str](),
}


class CarrierClaim(Base):
    """Amounts are minor units of `currency`; `limit` is what the carrier is liable for at most, null without a limit.

    `evidence` is [{"what", "reference", "by", "at"}]: photos, invoices and letters, where they are kept.
    """

    __tablename__ = "carrier_claims"
    __audited__ = True
    __kind__ = "carrier_claim"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    exception_id: Mapped[UUID] = mapped_column(ForeignKey("parcel_exceptions.id"))
    parcel_id: Mapped[UUID]
    order_id: Mapped[UUID]
    order_number: Mapped[str]
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    kind: Mapped[str]  # db.parcel_exceptions.ExceptionKind
    status: Mapped[str] = mapped_column(default=ClaimStatus.draft)
    currency: Mapped[str]
    goods_value: Mapped[Amount]
    limit: Mapped[Amount | None]
    amount: Mapped[Amount]
    accepted: Mapped[Amount] = mapped_column(default=0)
    paid: Mapped[Amount] = mapped_column(default=0)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    file_by: Mapped[date]  # the last day on which the carrier takes it
    filed_at: Mapped[datetime | None]
    reference: Mapped[str | None]  # the carrier's
    decision: Mapped[str | None]
    paid_on: Mapped[date | None]
    payment_reference: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("amount > 0 AND accepted BETWEEN 0 AND amount AND paid BETWEEN 0 AND accepted", name="money"),
        CheckConstraint("(status = 'paid') = (paid_on IS NOT NULL)", name="paid"),
        Index("ix_carrier_claims_live", "parcel_id", unique=True, postgresql_where=text("status <> 'written_off'")),
        Index("ix_carrier_claims_status", "status", "file_by", "id"),
        Index("ix_carrier_claims_order", "order_id"),
        Index("ix_carrier_claims_created", "created_at", "id"),
    )


def lock_claim(tx: Transaction, claim_id: UUID) -> CarrierClaim:
    """Raises NotFound."""
    found = tx.get(CarrierClaim, claim_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("carrier claim", str(claim_id))
    return found


def new_claim_number(tx: Transaction) -> str:
    return f"K{tx.scalar(select(claim_numbers.next_value()))}"
