"""Suppliers' invoices are entered, matched with their order and what has come, disputed, approved and paid.

The purchase order is locked first, then the invoice. Whatever came on the order meanwhile is seen by the next match.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from agents.purchasing.comparing import match, match_open, move, subject_of
from agents.purchasing.comparing_credits import check_nothing_given_back, match_credits
from agents.purchasing.messages.invoices import (
    AcceptDifferences,
    ApproveSupplierInvoice,
    CancelSupplierInvoice,
    DisputeSupplierInvoice,
    EnterSupplierInvoice,
    PaySupplierInvoice,
    SupplierInvoiceApproved,
    SupplierInvoiceCancelled,
    SupplierInvoiceDisputed,
    SupplierInvoiceEntered,
    SupplierInvoicePaid,
    SupplierInvoiceState,
)
from agents.purchasing.refusals import (
    BadPurchaseField,
    BilledMoreThanCame,
    DifferencesRemain,
    InvoiceDoesNotAddUp,
    InvoiceKnown,
    NothingToBill,
)
from agents.purchasing.rules import LARGEST_QUANTITY, check_number, check_words
from agents.purchasing.sheets import check_may_approve
from db.base import uuid7
from db.billing import (
    INVOICE_NEXT,
    InvoiceStatus,
    SupplierInvoice,
    SupplierInvoiceLine,
    invoice_lines,
    lock_invoice,
)
from db.errors import NotFound
from db.money import LARGEST
from db.purchasing import PurchaseOrder, PurchaseStatus, lines_of, lock_purchase
from db.session import Transaction, check_version
from db.suppliers import Supplier

LONGEST_NUMBER = 64
YEARS = timedelta(days=3653)  # ten, by which dates of an invoice may lie from today
BILLABLE = frozenset(PurchaseStatus) - {PurchaseStatus.draft, PurchaseStatus.approved, PurchaseStatus.cancelled}


def enter_invoice(tx: Transaction, ask: EnterSupplierInvoice) -> SupplierInvoiceState:
    """Raises InvoiceKnown, InvoiceDoesNotAddUp, NothingToBill, BadPurchaseField, NotFound."""
    check_words("number", ask.number, longest=LONGEST_NUMBER)
    _check_days(ask, tx.now.date())
    order = lock_purchase(tx, ask.purchase_id)
    if order.status not in BILLABLE:
        raise NothingToBill(order.number, order.status)
    # Of two who enter the same number at once, on two orders, the second waits and is refused.
    supplier = tx.get_one(Supplier, order.supplier, with_for_update={"key_share": True})
    number = ask.number.strip()
    _check_new(tx, supplier.code, number)
    invoice = SupplierInvoice(
        id=uuid7(),
        number=number,
        supplier=supplier.code,
        purchase_id=order.id,
        purchase=order.number,
        currency=order.currency,
        status=InvoiceStatus.entered,
        billed_on=ask.billed_on,
        due_on=ask.due_on or ask.billed_on + timedelta(days=supplier.pay_days),
        subtotal=0,
        charges=ask.charges,
        tax=ask.tax,
        total=0,
        differences=[],
        version=1,
        created_by=tx.who.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    lines = _new_lines(tx, order, invoice, ask)
    invoice.subtotal = sum(line.total for line in lines)
    invoice.total = invoice.subtotal + ask.charges + ask.tax
    if invoice.total != ask.total or invoice.total > LARGEST:
        raise InvoiceDoesNotAddUp(number, order.currency, invoice.subtotal, ask.charges, ask.tax, ask.total)
    tx.add(invoice)
    tx.flush()
    tx.add_all(lines)
    tx.note(subject_of(invoice), to_status=InvoiceStatus.entered, why=f"of {order.number}")
    match(tx, order, invoice)
    match_credits(tx, order)
    tx.announce(
        subject_of(invoice),
        SupplierInvoiceEntered(
            invoice_id=invoice.id,
            number=invoice.number,
            supplier=invoice.supplier,
            purchase_id=order.id,
            currency=invoice.currency,
            total=invoice.total,
            status=invoice.status,
        ),
    )
    return _state(tx, invoice)


def approve_invoice(tx: Transaction, ask: ApproveSupplierInvoice) -> SupplierInvoiceState:
    """Within what is let through. Raises DifferencesRemain, AboveApprovalLimit."""
    order, invoice = _locked(tx, ask.invoice_id, ask.version)
    if remaining := match(tx, order, invoice):
        raise DifferencesRemain(invoice.number, [d.why for d in remaining])
    return _approve(tx, invoice, "matches its order")


def accept_differences(tx: Transaction, ask: AcceptDifferences) -> SupplierInvoiceState:
    """Pay more than was ordered, but never for what has not come. Raises BilledMoreThanCame, AboveApprovalLimit."""
    check_words("reason", ask.reason)
    order, invoice = _locked(tx, ask.invoice_id, ask.version)
    remaining = match(tx, order, invoice)
    if missing := [d for d in remaining if d.kind == "quantity"]:
        raise BilledMoreThanCame(invoice.number, [d.why for d in missing])
    invoice.accepted_why = ask.reason if remaining else None
    return _approve(tx, invoice, ask.reason)


def dispute_invoice(tx: Transaction, ask: DisputeSupplierInvoice) -> SupplierInvoiceState:
    check_words("reason", ask.reason)
    _, invoice = _locked(tx, ask.invoice_id, ask.version)
    move(tx, invoice, InvoiceStatus.disputed, ask.reason)
    invoice.disputed_why = ask.reason
    invoice.approved_by = invoice.approved_at = invoice.accepted_why = None
    for line in invoice_lines(tx, invoice.id):
        line.over_allowed = 0
    said = SupplierInvoiceDisputed(
        invoice_id=invoice.id, number=invoice.number, supplier=invoice.supplier, why=ask.reason
    )
    tx.announce(subject_of(invoice), said)
    return _state(tx, invoice)


def pay_invoice(tx: Transaction, ask: PaySupplierInvoice) -> SupplierInvoiceState:
    """The money has left; how is for the bank."""
    check_words("reference", ask.reference, longest=128)
    _, invoice = _locked(tx, ask.invoice_id, ask.version)
    move(tx, invoice, InvoiceStatus.paid, ask.reference)
    invoice.paid_on, invoice.payment_reference = ask.paid_on, ask.reference
    said = SupplierInvoicePaid(
        invoice_id=invoice.id,
        number=invoice.number,
        supplier=invoice.supplier,
        currency=invoice.currency,
        total=invoice.total,
        reference=ask.reference,
    )
    tx.announce(subject_of(invoice), said)
    return _state(tx, invoice)


def cancel_invoice(tx: Transaction, ask: CancelSupplierInvoice) -> SupplierInvoiceState:
    """Its number is free again. Raises InvoiceGivenBack."""
    check_words("reason", ask.reason)
    order, invoice = _locked(tx, ask.invoice_id, ask.version)
    move(tx, invoice, InvoiceStatus.cancelled, ask.reason)
    said = SupplierInvoiceCancelled(
        invoice_id=invoice.id, number=invoice.number, supplier=invoice.supplier, why=ask.reason
    )
    tx.announce(subject_of(invoice), said)
    tx.flush()
    check_nothing_given_back(tx, invoice)
    match_open(tx, order)
    match_credits(tx, order)
    return _state(tx, invoice)


def _approve(tx: Transaction, invoice: SupplierInvoice, why: str) -> SupplierInvoiceState:
    check_may_approve(tx, invoice.currency, invoice.total, "invoice")
    move(tx, invoice, InvoiceStatus.approved, why)
    invoice.approved_by, invoice.approved_at = tx.who.actor, tx.now
    said = SupplierInvoiceApproved(
        invoice_id=invoice.id,
        number=invoice.number,
        supplier=invoice.supplier,
        currency=invoice.currency,
        total=invoice.total,
        due_on=invoice.due_on,
        accepted_why=invoice.accepted_why,
    )
    tx.announce(subject_of(invoice), said)
    return _state(tx, invoice)


def _check_days(ask: EnterSupplierInvoice, today: date) -> None:
    check_day("billed_on", ask.billed_on, today)
    if ask.due_on is not None and not ask.billed_on <= ask.due_on <= today + YEARS:
        raise BadPurchaseField("due_on", ask.due_on.isoformat(), "not before the day of the invoice, nor in ten years")


def check_day(field: str, day: date, today: date) -> None:
    if abs(day - today) > YEARS:
        raise BadPurchaseField(field, day.isoformat(), "within ten years of today")


def _check_new(tx: Transaction, supplier: str, number: str) -> None:
    known = tx.scalar(
        select(SupplierInvoice).where(
            SupplierInvoice.supplier == supplier,
            func.upper(SupplierInvoice.number) == func.upper(number),
            SupplierInvoice.status != InvoiceStatus.cancelled,
        )
    )
    if known is not None:
        raise InvoiceKnown(supplier, known.number, known.purchase, known.status)


def _new_lines(
    tx: Transaction, order: PurchaseOrder, invoice: SupplierInvoice, ask: EnterSupplierInvoice
) -> list[SupplierInvoiceLine]:
    bought = {line.line_no: line for line in lines_of(tx, order.id)}
    check_number("charges", ask.charges)
    check_number("tax", ask.tax)
    if len({line.line_no for line in ask.lines}) < len(ask.lines) or not ask.lines:
        raise BadPurchaseField("lines", [line.line_no for line in ask.lines], "name each line of the order once")
    made = []
    for line in ask.lines:
        if line.line_no not in bought:
            raise NotFound("line", f"{order.number}/{line.line_no}")
        check_number("quantity", line.quantity, least=1, most=LARGEST_QUANTITY)
        check_number("unit_cost", line.unit_cost)
        gross = line.quantity * line.unit_cost
        total = gross if line.total is None else line.total
        check_number(f"total of line {line.line_no}", total, most=min(gross, LARGEST))
        made.append(
            SupplierInvoiceLine(
                invoice_id=invoice.id,
                purchase_line=line.line_no,
                sku=bought[line.line_no].sku,
                quantity=line.quantity,
                unit_cost=line.unit_cost,
                total=total,
                over_allowed=0,
                taken_back=0,
            )
        )
    return made


def _locked(tx: Transaction, invoice_id: UUID, version: int | None) -> tuple[PurchaseOrder, SupplierInvoice]:
    seen = tx.get(SupplierInvoice, invoice_id)
    if seen is None:
        raise NotFound("supplier invoice", str(invoice_id))
    order = lock_purchase(tx, seen.purchase_id)
    invoice = lock_invoice(tx, invoice_id)
    check_version(invoice, version, kind="supplier invoice", id=invoice.number)
    return order, invoice


def _state(tx: Transaction, invoice: SupplierInvoice) -> SupplierInvoiceState:
    tx.flush()
    return SupplierInvoiceState(
        id=invoice.id,
        number=invoice.number,
        supplier=invoice.supplier,
        purchase_id=invoice.purchase_id,
        currency=invoice.currency,
        status=invoice.status,
        total=invoice.total,
        due_on=invoice.due_on,
        differences=invoice.differences,
        version=invoice.version,
        next=sorted(s.value for s in INVOICE_NEXT[InvoiceStatus(invoice.status)]),
    )
