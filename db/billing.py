"""What suppliers ask to be paid: their invoices, and how far one may differ from what was ordered and has come.

Written under the lock of the purchase order: by the purchasing agent, and where paid units prove not to have come by
`db.purchasing.count_received`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey
from db.errors import NotFound
from db.session import Transaction


class InvoiceStatus(StrEnum):
    entered = "entered"  # differs from what was ordered or has come by more than is let through
    matched = "matched"  # within what is let through
    disputed = "disputed"  # the supplier has been asked about it
    approved = "approved"  # may be paid
    paid = "paid"
    cancelled = "cancelled"  # entered wrongly, or taken back by the supplier


_S = InvoiceStatus
INVOICE_NEXT = {
    _S.entered: frozenset({_S.approved, _S.disputed, _S.cancelled}),
    _S.matched: frozenset({_S.approved, _S.disputed, _S.cancelled}),
    _S.disputed: frozenset({_S.approved, _S.cancelled}),
    _S.approved: frozenset({_S.paid, _S.disputed}),
    _S.paid: frozenset[InvoiceStatus](),
    _S.cancelled: frozenset[InvoiceStatus](),
}
"""What may be asked for."""

_MATCHED_ANEW = {
    _S.entered: frozenset({_S.matched}),
    _S.matched: frozenset({_S.entered}),
    _S.disputed: frozenset({_S.matched}),
}
INVOICE_MOVES = {now: nexts | _MATCHED_ANEW.get(now, frozenset()) for now, nexts in INVOICE_NEXT.items()}
"""With what a receipt, an amendment or another tolerance does by itself."""

OPEN = (_S.entered, _S.matched, _S.disputed)
OWED = (_S.approved, _S.paid)


_ADDS_UP = "subtotal >= 0 AND charges >= 0 AND tax >= 0 AND total = subtotal + charges + tax"


class SupplierInvoice(Base):
    """Of one purchase order, in its currency."""

    __tablename__ = "supplier_invoices"
    __audited__ = True
    __kind__ = "supplier_invoice"
    id: Mapped[UuidKey]
    number: Mapped[str]  # the supplier's
    supplier: Mapped[str] = mapped_column(ForeignKey("suppliers.code"))
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"))
    purchase: Mapped[str]  # the order's number
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(default=InvoiceStatus.entered)
    billed_on: Mapped[date]
    due_on: Mapped[date]
    subtotal: Mapped[Amount]
    charges: Mapped[Amount]
    tax: Mapped[Amount]
    total: Mapped[Amount]
    differences: Mapped[list[Any]] = mapped_column(default=list)  # as last matched; see agents/purchasing/matching.py
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    accepted_why: Mapped[str | None]  # it was approved with differences
    disputed_why: Mapped[str | None]
    paid_on: Mapped[date | None]
    payment_reference: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint(_ADDS_UP, name="adds_up"),
        Index(
            "ix_supplier_invoices_number",
            "supplier",
            text("upper(number)"),
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index("ix_supplier_invoices_created", "created_at", "id"),
        Index("ix_supplier_invoices_purchase", "purchase_id"),
    )


class SupplierInvoiceLine(Base):
    __tablename__ = "supplier_invoice_lines"
    __audited__ = True
    __kind__ = "supplier_invoice_line"
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("supplier_invoices.id"), primary_key=True)
    purchase_line: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    quantity: Mapped[int]
    unit_cost: Mapped[Amount]
    total: Mapped[Amount]  # as billed, discounts taken off
    over_allowed: Mapped[int] = mapped_column(default=0)  # units more than had come that were let through on approval
    taken_back: Mapped[int] = mapped_column(default=0)  # units that proved not to have come after they were paid
    __table_args__ = (
        CheckConstraint("quantity > 0 AND unit_cost >= 0 AND total >= 0 AND over_allowed >= 0", name="sane"),
        CheckConstraint("taken_back >= 0 AND taken_back <= quantity", name="taken_back"),
    )


class MatchTolerance(Base):
    """How far invoices in a currency may differ unasked: of a supplier, or ("") of all that have none of their own."""

    __tablename__ = "match_tolerances"
    __audited__ = True
    __kind__ = "match_tolerance"
    supplier: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    price_ppm: Mapped[int] = mapped_column(default=0)  # of what was ordered
    amount: Mapped[Amount] = mapped_column(default=0)  # of a line or of the charges, however much it is of them
    units: Mapped[int] = mapped_column(default=0)  # billed and not come
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("price_ppm >= 0 AND amount >= 0 AND units >= 0", name="not_negative"),)


def lock_invoice(tx: Transaction, invoice_id: UUID) -> SupplierInvoice:
    """Its purchase order is locked already. Raises NotFound."""
    found = tx.get(SupplierInvoice, invoice_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("supplier invoice", str(invoice_id))
    return found


def invoice_lines(session: Session, invoice_id: UUID) -> list[SupplierInvoiceLine]:
    wanted = select(SupplierInvoiceLine).where(SupplierInvoiceLine.invoice_id == invoice_id)
    return list(session.scalars(wanted.order_by(SupplierInvoiceLine.purchase_line)))


def open_invoices(session: Session, purchase_id: UUID) -> list[SupplierInvoice]:
    """In the order in which they were entered."""
    wanted = select(SupplierInvoice).where(SupplierInvoice.purchase_id == purchase_id, SupplierInvoice.status.in_(OPEN))
    return list(session.scalars(wanted.order_by(SupplierInvoice.id).execution_options(populate_existing=True)))


def tolerance_of(session: Session, supplier: str, currency: str) -> MatchTolerance | None:
    """The supplier's own, else that of all."""
    return session.get(MatchTolerance, (supplier, currency)) or session.get(MatchTolerance, ("", currency))
