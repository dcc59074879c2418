"""What suppliers give back: their credit notes, against an invoice or an order. Amounts are what they owe us by it.

Written by the purchasing agent alone, under the lock of the purchase order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey
from db.billing import OPEN as OPEN_INVOICES
from db.billing import OWED, InvoiceStatus, SupplierInvoice, SupplierInvoiceLine
from db.errors import NotFound
from db.session import Transaction


class CreditStatus(StrEnum):
    entered = "entered"  # gives back less than is owed, or what nobody has asked for
    matched = "matched"  # gives back what is owed, within what is let through
    disputed = "disputed"  # the supplier has been asked about it
    approved = "approved"  # counts: so much less is owed
    settled = "settled"  # the money has come, or was taken off a payment
    cancelled = "cancelled"  # entered wrongly, or taken back by the supplier


_S = CreditStatus
CREDIT_NEXT = {
    _S.entered: frozenset({_S.approved, _S.disputed, _S.cancelled}),
    _S.matched: frozenset({_S.approved, _S.disputed, _S.cancelled}),
    _S.disputed: frozenset({_S.approved, _S.cancelled}),
    _S.approved: frozenset({_S.settled}),
    _S.settled: frozenset[CreditStatus](),
    _S.cancelled: frozenset[CreditStatus](),
}
"""What may be asked for."""

_MATCHED_ANEW = {
    _S.entered: frozenset({_S.matched}),
    _S.matched: frozenset({_S.entered}),
    _S.disputed: frozenset({_S.matched}),
}
CREDIT_MOVES = {now: nexts | _MATCHED_ANEW.get(now, frozenset()) for now, nexts in CREDIT_NEXT.items()}
"""With what goods that go back, an invoice or another credit note do by themselves."""

OPEN_CREDITS = (_S.entered, _S.matched, _S.disputed)
COUNTING = (_S.approved, _S.settled)


class SupplierCredit(Base):
    """Of one purchase order, in its currency; `invoice_id` where it names the invoice that it is of."""

    __tablename__ = "supplier_credits"
    __audited__ = True
    __kind__ = "supplier_credit"
    id: Mapped[UuidKey]
    number: Mapped[str]  # the supplier's
    supplier: Mapped[str] = mapped_column(ForeignKey("suppliers.code"))
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_orders.id"))
    purchase: Mapped[str]  # the order's number
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("supplier_invoices.id"))
    invoice: Mapped[str | None]  # its number
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(default=CreditStatus.entered)
    credited_on: Mapped[date]
    subtotal: Mapped[Amount]
    charges: Mapped[Amount]
    other: Mapped[Amount]  # of no line and no charge: a bonus, goodwill
    tax: Mapped[Amount]
    total: Mapped[Amount]
    differences: Mapped[list[Any]] = mapped_column(default=list)  # as last matched; see agents/purchasing/crediting.py
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    accepted_why: Mapped[str | None]  # it was approved with differences
    disputed_why: Mapped[str | None]
    settled_on: Mapped[date | None]
    settlement_reference: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint(
            "subtotal >= 0 AND charges >= 0 AND other >= 0 AND tax >= 0 "
            "AND total = subtotal + charges + other + tax AND total > 0",
            name="adds_up",
        ),
        Index(
            "ix_supplier_credits_number",
            "supplier",
            text("upper(number)"),
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index("ix_supplier_credits_created", "created_at", "id"),
        Index("ix_supplier_credits_purchase", "purchase_id"),
        Index("ix_supplier_credits_invoice", "invoice_id"),
    )


class SupplierCreditLine(Base):
    """Units of an order's line at what is given back for each; without units an amount off the price of the line."""

    __tablename__ = "supplier_credit_lines"
    __audited__ = True
    __kind__ = "supplier_credit_line"
    credit_id: Mapped[UUID] = mapped_column(ForeignKey("supplier_credits.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    purchase_line: Mapped[int]
    sku: Mapped[str]
    quantity: Mapped[int]
    unit_cost: Mapped[Amount]
    total: Mapped[Amount]
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND unit_cost >= 0 AND total >= 0 AND quantity + total > 0", name="sane"),
    )


class Sums(NamedTuple):
    """Of one line of an order: units, and what these and the price of others come to."""

    units: int = 0
    total: int = 0


def lock_credit(tx: Transaction, credit_id: UUID) -> SupplierCredit:
    """Its purchase order is locked already. Raises NotFound."""
    found = tx.get(SupplierCredit, credit_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("credit note", str(credit_id))
    return found


def credit_lines(session: Session, credit_id: UUID) -> list[SupplierCreditLine]:
    wanted = select(SupplierCreditLine).where(SupplierCreditLine.credit_id == credit_id)
    return list(session.scalars(wanted.order_by(SupplierCreditLine.no)))


def open_credits(session: Session, purchase_id: UUID) -> list[SupplierCredit]:
    """In the order in which they were entered."""
    one = SupplierCredit
    wanted = select(one).where(one.purchase_id == purchase_id, one.status.in_(OPEN_CREDITS))
    return list(session.scalars(wanted.order_by(one.id).execution_options(populate_existing=True)))


def credited(session: Session, *which: ColumnElement[bool]) -> dict[int, Sums]:
    """What credit notes give back of each line of an order."""
    one, line = SupplierCredit, SupplierCreditLine
    wanted = select(line.purchase_line, func.sum(line.quantity), func.sum(line.total))
    wanted = wanted.join(one, one.id == line.credit_id).where(*which).group_by(line.purchase_line)
    return {no: Sums(int(units), int(total)) for no, units, total in session.execute(wanted)}


def counting_of(purchase_id: UUID, *, invoices: Iterable[InvoiceStatus] | None = None) -> list[ColumnElement[bool]]:
    """Approved credit notes of an order; those that name an invoice only if it stands in one of `invoices`."""
    which: list[ColumnElement[bool]] = [
        SupplierCredit.purchase_id == purchase_id,
        SupplierCredit.status.in_(COUNTING),
    ]
    if invoices is not None:
        standing = select(SupplierInvoice.id).where(SupplierInvoice.status.in_(list(invoices)))
        which.append(SupplierCredit.invoice_id.is_(None) | SupplierCredit.invoice_id.in_(standing))
    return which


def units_to_be_there(session: Session, purchase_id: UUID, line_no: int) -> tuple[int, bool]:
    """Units of an order's line that are approved to be paid, less those that were let through before they came, were
    given back, or were taken back after they were paid; and whether any of them is still to be paid."""
    one, line = SupplierInvoice, SupplierInvoiceLine
    units = func.coalesce(func.sum(line.quantity - line.taken_back), 0) - func.coalesce(func.max(line.over_allowed), 0)
    wanted = select(units, func.coalesce(func.bool_or(one.status == InvoiceStatus.approved), False))
    wanted = wanted.join(one, one.id == line.invoice_id)
    wanted = wanted.where(one.purchase_id == purchase_id, line.purchase_line == line_no, one.status.in_(OWED))
    billed, to_pay = session.execute(wanted).one()
    given_back = credited(session, *counting_of(purchase_id, invoices=OWED)).get(line_no, Sums())
    return int(billed) - given_back.units, bool(to_pay)


def take_back_paid(tx: Transaction, purchase_id: UUID, line_no: int, units: int) -> None:
    """Units that were paid have gone, or below zero have come again or were given back: the last invoice first."""
    one, line = SupplierInvoice, SupplierInvoiceLine
    wanted = select(line).join(one, one.id == line.invoice_id)
    wanted = wanted.where(one.purchase_id == purchase_id, line.purchase_line == line_no, one.status.in_(OWED))
    wanted = wanted.order_by(one.id.desc()).execution_options(populate_existing=True)
    for billed in tx.scalars(wanted):
        moved = min(units, billed.quantity - billed.taken_back) if units > 0 else -min(-units, billed.taken_back)
        billed.taken_back += moved
        units -= moved
    tx.flush()


def invoices_before(session: Session, invoice: SupplierInvoice) -> tuple[dict[int, Sums], int]:
    """What other invoices ask for, approved ones and open ones entered before, less what was given back of them or of
    the order: of each line units and for how much, and charges."""
    one, line = SupplierInvoice, SupplierInvoiceLine
    which = (
        one.purchase_id == invoice.purchase_id,
        one.id != invoice.id,
        one.status.in_(OWED) | (one.status.in_(OPEN_INVOICES) & (one.id < invoice.id)),
    )
    units = select(line.purchase_line, func.sum(line.quantity), func.sum(line.total))
    units = units.join(one, one.id == line.invoice_id).where(*which).group_by(line.purchase_line)
    charges = select(func.coalesce(func.sum(one.charges), 0)).where(*which)
    before = {no: Sums(int(quantity), int(total)) for no, quantity, total in session.execute(units)}
    credit = SupplierCredit
    given = (
        credit.purchase_id == invoice.purchase_id,
        credit.status.in_(COUNTING),
        credit.invoice_id.is_(None) | credit.invoice_id.in_(select(one.id).where(*which)),
    )
    for no, back in credited(session, *given).items():
        had = before.get(no, Sums())
        before[no] = Sums(had.units - back.units, had.total - back.total)
    returned = session.scalar(select(func.coalesce(func.sum(credit.charges), 0)).where(*given))
    return before, int(session.scalar(charges) or 0) - int(returned or 0)
