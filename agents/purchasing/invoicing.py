"""Suppliers' invoices are entered, matched with their order and what has come, disputed, approved and paid.

The purchase order is locked first, then the invoice. Whatever came on the order meanwhile is seen by the next match.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from agents.purchasing.matching import Difference, Matched, Tolerance, differences
from agents.purchasing.messages import (
    AcceptDifferences,
    ApproveSupplierInvoice,
    CancelSupplierInvoice,
    DisputeSupplierInvoice,
    EnterSupplierInvoice,
    MatchToleranceState,
    PaySupplierInvoice,
    SetMatchTolerance,
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
    INVOICE_MOVES,
    INVOICE_NEXT,
    OPEN,
    InvoiceStatus,
    MatchTolerance,
    SupplierInvoice,
    SupplierInvoiceLine,
    invoice_lines,
    lock_invoice,
    open_invoices,
    others_before,
    tolerance_of,
)
from db.errors import NotFound
from db.money import LARGEST, MILLION, minor_digits
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
    tx.note(_subject(invoice), to_status=InvoiceStatus.entered, why=f"of {order.number}")
    _match(tx, order, invoice)
    tx.announce(
        _subject(invoice),
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
    if remaining := _match(tx, order, invoice):
        raise DifferencesRemain(invoice.number, [d.why for d in remaining])
    return _approve(tx, invoice, "matches its order")


def accept_differences(tx: Transaction, ask: AcceptDifferences) -> SupplierInvoiceState:
    """Pay more than was ordered, but never for what has not come. Raises BilledMoreThanCame, AboveApprovalLimit."""
    check_words("reason", ask.reason)
    order, invoice = _locked(tx, ask.invoice_id, ask.version)
    remaining = _match(tx, order, invoice)
    if missing := [d for d in remaining if d.kind == "quantity"]:
        raise BilledMoreThanCame(invoice.number, [d.why for d in missing])
    invoice.accepted_why = ask.reason if remaining else None
    return _approve(tx, invoice, ask.reason)


def dispute_invoice(tx: Transaction, ask: DisputeSupplierInvoice) -> SupplierInvoiceState:
    check_words("reason", ask.reason)
    _, invoice = _locked(tx, ask.invoice_id, ask.version)
    _move(tx, invoice, InvoiceStatus.disputed, ask.reason)
    invoice.disputed_why = ask.reason
    invoice.approved_by = invoice.approved_at = invoice.accepted_why = None
    for line in invoice_lines(tx, invoice.id):
        line.over_allowed = 0
    said = SupplierInvoiceDisputed(
        invoice_id=invoice.id, number=invoice.number, supplier=invoice.supplier, why=ask.reason
    )
    tx.announce(_subject(invoice), said)
    return _state(tx, invoice)


def pay_invoice(tx: Transaction, ask: PaySupplierInvoice) -> SupplierInvoiceState:
    """The money has left; how is for the bank."""
    check_words("reference", ask.reference, longest=128)
    _, invoice = _locked(tx, ask.invoice_id, ask.version)
    _move(tx, invoice, InvoiceStatus.paid, ask.reference)
    invoice.paid_on, invoice.payment_reference = ask.paid_on, ask.reference
    said = SupplierInvoicePaid(
        invoice_id=invoice.id,
        number=invoice.number,
        supplier=invoice.supplier,
        currency=invoice.currency,
        total=invoice.total,
        reference=ask.reference,
    )
    tx.announce(_subject(invoice), said)
    return _state(tx, invoice)


def cancel_invoice(tx: Transaction, ask: CancelSupplierInvoice) -> SupplierInvoiceState:
    """Its number is free again."""
    check_words("reason", ask.reason)
    order, invoice = _locked(tx, ask.invoice_id, ask.version)
    _move(tx, invoice, InvoiceStatus.cancelled, ask.reason)
    said = SupplierInvoiceCancelled(
        invoice_id=invoice.id, number=invoice.number, supplier=invoice.supplier, why=ask.reason
    )
    tx.announce(_subject(invoice), said)
    _match_open(tx, order)
    return _state(tx, invoice)


def set_tolerance(tx: Transaction, ask: SetMatchTolerance) -> MatchToleranceState:
    """Invoices that wait are matched anew."""
    check_number("price_ppm", ask.price_ppm, most=MILLION)
    check_number("amount", ask.amount)
    check_number("units", ask.units, most=LARGEST_QUANTITY)
    minor_digits(ask.currency)
    if ask.supplier and tx.get(Supplier, ask.supplier) is None:
        raise NotFound("supplier", ask.supplier)
    row = tx.get(MatchTolerance, (ask.supplier, ask.currency), with_for_update=True, populate_existing=True)
    if row is None:
        row = MatchTolerance(supplier=ask.supplier, currency=ask.currency, version=1, updated_at=tx.now)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="tolerance", id=f"{ask.supplier or 'all'}/{ask.currency}")
        row.updated_at = tx.now
    row.price_ppm, row.amount, row.units = ask.price_ppm, ask.amount, ask.units
    tx.flush()
    waiting = select(SupplierInvoice.purchase_id).where(
        SupplierInvoice.currency == ask.currency, SupplierInvoice.status.in_(OPEN)
    )
    if ask.supplier:
        waiting = waiting.where(SupplierInvoice.supplier == ask.supplier)
    for purchase_id in sorted(set(tx.scalars(waiting))):
        match_again(tx, purchase_id)
    return MatchToleranceState(
        supplier=row.supplier,
        currency=row.currency,
        price_ppm=row.price_ppm,
        amount=row.amount,
        units=row.units,
        version=row.version,
    )


def match_again(tx: Transaction, purchase_id: UUID) -> None:
    """Something came on the order, or it was amended."""
    _match_open(tx, lock_purchase(tx, purchase_id))


def _match_open(tx: Transaction, order: PurchaseOrder) -> None:
    for invoice in open_invoices(tx, order.id):
        _match(tx, order, invoice)


def _match(tx: Transaction, order: PurchaseOrder, invoice: SupplierInvoice) -> list[Difference]:
    """Write down how the invoice differs; what is answered is more than is let through."""
    bought = {line.line_no: line for line in lines_of(tx, order.id)}
    before, charged = others_before(tx, invoice)
    row = tolerance_of(tx, invoice.supplier, invoice.currency)
    tolerance = Tolerance(row.price_ppm, row.amount, row.units) if row is not None else Tolerance()
    lines = invoice_lines(tx, invoice.id)
    beside = [
        Matched(
            line.purchase_line,
            line.sku,
            line.quantity,
            line.total,
            of.ordered,
            of.total,
            of.received,
            before.get(line.purchase_line, 0),
            0 if order.status == PurchaseStatus.cancelled else of.open,
        )
        for line in lines
        if (of := bought[line.purchase_line])
    ]
    found = differences(
        beside, charges=(invoice.charges, charged, order.charges), currency=invoice.currency, tolerance=tolerance
    )
    was_wrong = any(not d["within"] for d in invoice.differences)
    if (plain := [d.plain() for d in found]) != invoice.differences:
        invoice.differences = plain
    remaining = [d for d in found if not d.within]
    _settle(tx, invoice, matched=not remaining, was_wrong=was_wrong)
    over = {d.line_no: d.amount for d in found if d.kind == "quantity" and d.within}
    for line in lines:
        line.over_allowed = over.get(line.purchase_line, 0)
    tx.flush()
    return remaining


def _settle(tx: Transaction, invoice: SupplierInvoice, *, matched: bool, was_wrong: bool) -> None:
    """A dispute ends by itself when what differed differs no more; one about anything else is for people to end."""
    settled = invoice.status == InvoiceStatus.disputed and was_wrong
    if matched and (settled or invoice.status == InvoiceStatus.entered):
        _move(tx, invoice, InvoiceStatus.matched, "what is billed is what was ordered and has come")
    elif not matched and invoice.status == InvoiceStatus.matched:
        _move(tx, invoice, InvoiceStatus.entered, "it no longer matches")


def _approve(tx: Transaction, invoice: SupplierInvoice, why: str) -> SupplierInvoiceState:
    check_may_approve(tx, invoice.currency, invoice.total, "invoice")
    _move(tx, invoice, InvoiceStatus.approved, why)
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
    tx.announce(_subject(invoice), said)
    return _state(tx, invoice)


def _check_days(ask: EnterSupplierInvoice, today: date) -> None:
    if abs(ask.billed_on - today) > YEARS:
        raise BadPurchaseField("billed_on", ask.billed_on.isoformat(), "within ten years of today")
    if ask.due_on is not None and not ask.billed_on <= ask.due_on <= today + YEARS:
        raise BadPurchaseField("due_on", ask.due_on.isoformat(), "not before the day of the invoice, nor in ten years")


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


def _move(tx: Transaction, invoice: SupplierInvoice, to: InvoiceStatus, why: str) -> None:
    tx.move(invoice, to, moves=INVOICE_MOVES, subject=_subject(invoice), why=why)
    invoice.updated_at = tx.now


def _subject(invoice: SupplierInvoice) -> str:
    return f"supplier_invoice:{invoice.id}"


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
