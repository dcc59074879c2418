"""What carriers bill, held against what their labels were quoted. Written by the parcels agent alone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey
from db.errors import NotFound
from db.session import Transaction


class ChargeReason(StrEnum):
    """Why a charge is more than was quoted."""

    unknown_parcel = "unknown_parcel"  # no label of ours
    voided_label = "voided_label"
    duplicate = "duplicate"  # billed before
    currency = "currency"  # not that of the quote
    surcharge = "surcharge"  # one that was not quoted, or a higher one
    weight = "weight"  # billed heavier
    zone = "zone"
    service = "service"  # another than was bought
    price = "price"  # the same parcel, dearer


class ChargeState(StrEnum):
    fair = "fair"  # within what was quoted and what is let through
    open = "open"  # too much, and nobody has decided
    disputed = "disputed"  # told the carrier
    credited = "credited"  # it gave the difference back
    accepted = "accepted"  # we pay it all the same


_S = ChargeState
CHARGE_MOVES = {
    _S.fair: frozenset[ChargeState](),
    _S.open: frozenset({_S.disputed, _S.accepted}),
    _S.disputed: frozenset({_S.credited, _S.accepted}),
    _S.credited: frozenset[ChargeState](),
    _S.accepted: frozenset({_S.disputed}),
}
CHARGE_NEXT = {
    _S.fair: list[str](),
    _S.open: ["dispute", "accept"],
    _S.disputed: ["credit", "accept"],
    _S.credited: list[str](),
    _S.accepted: ["dispute"],
}
FLAGGED = (_S.open, _S.disputed, _S.credited, _S.accepted)


COLUMNS = {
    "tracking_number": "tracking number",
    "reference": "our reference, such as the number of the order",
    "amount": "amount of the line, a plain decimal",
    "kind": "base, total, or the kind of a surcharge",
    "service": "service",
    "zone": "zone",
    "weight_grams": "billed weight in grams",
    "weight_kg": "billed weight in kilograms",
}
"""What a line of a carrier's file can say; each carrier names its own columns."""


class CarrierInvoice(Base):
    """`total` is what its lines add up to, `over` what of it is more than was quoted; tolerances are those it was
    judged with."""

    __tablename__ = "carrier_invoices"
    __audited__ = True
    __kind__ = "carrier_invoice"
    id: Mapped[UuidKey]
    carrier: Mapped[str]
    number: Mapped[str]
    billed_on: Mapped[date]
    currency: Mapped[str]
    lines: Mapped[int]
    total: Mapped[Amount]
    quoted: Mapped[Amount]
    over: Mapped[Amount]
    flagged: Mapped[int]
    tolerance_ppm: Mapped[int]
    tolerance_amount: Mapped[Amount]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_carrier_invoices_number", "carrier", "number", unique=True),
        Index("ix_carrier_invoices_created", "created_at", "id"),
    )


class CarrierCharge(Base):
    """One line of a carrier's invoice. `quoted` is what of the label's quote it stands for, `over` what it is too much;
    `credited` is what the carrier gave back of that."""

    __tablename__ = "carrier_charges"
    __audited__ = True
    __kind__ = "carrier_charge"
    id: Mapped[UuidKey]
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("carrier_invoices.id"))
    carrier: Mapped[str]
    invoice: Mapped[str]  # its number
    no: Mapped[int]  # of the line in the file
    tracking_number: Mapped[str]
    kind: Mapped[str]  # `base`, `total`, or the kind of a surcharge
    service: Mapped[str | None]
    zone: Mapped[str | None]
    billed_grams: Mapped[int | None]
    currency: Mapped[str]
    amount: Mapped[Amount]  # below 0 for what it gives back by itself
    label_id: Mapped[UUID | None]
    order_id: Mapped[UUID | None]
    quoted: Mapped[Amount]
    quoted_grams: Mapped[int | None]
    over: Mapped[Amount]
    reason: Mapped[str | None]
    why: Mapped[str]
    state: Mapped[str]
    credited: Mapped[Amount] = mapped_column(default=0)
    note: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("over >= 0 AND quoted >= 0 AND credited BETWEEN 0 AND over", name="money"),
        CheckConstraint("(state = 'fair') = (over = 0) AND (over = 0) = (reason IS NULL)", name="flagged"),
        Index("ix_carrier_charges_invoice", "invoice_id", "no", unique=True),
        Index("ix_carrier_charges_label", "label_id"),
        Index("ix_carrier_charges_flagged", "carrier", "state", "id", postgresql_where=text("state <> 'fair'")),
        Index("ix_carrier_charges_tracking", "tracking_number"),
    )


def lock_charge(tx: Transaction, charge_id: UUID) -> CarrierCharge:
    """Raises NotFound."""
    found = tx.get(CarrierCharge, charge_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("carrier charge", str(charge_id))
    return found


def charges_of_invoice(session: Session, invoice_id: UUID) -> list[CarrierCharge]:
    wanted = select(CarrierCharge).where(CarrierCharge.invoice_id == invoice_id)
    return list(session.scalars(wanted.order_by(CarrierCharge.no)))
