"""Suppliers' credit notes are entered, held against what is owed, disputed, approved and settled.

The purchase order is locked first, then the credit note.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from agents.purchasing.comparing import match_open
from agents.purchasing.comparing_credits import (
    check_not_given_back_twice,
    credit_subject,
    match_credit,
    match_credits,
    move_credit,
)
from agents.purchasing.invoicing import BILLABLE, LONGEST_NUMBER, check_day
from agents.purchasing.messages.credits import (
    AcceptSupplierCredit,
    ApproveSupplierCredit,
    CancelSupplierCredit,
    CreditedLineAsk,
    DisputeSupplierCredit,
    EnterSupplierCredit,
    SettleSupplierCredit,
    SupplierCreditApproved,
    SupplierCreditCancelled,
    SupplierCreditDisputed,
    SupplierCreditEntered,
    SupplierCreditSettled,
    SupplierCreditState,
)
from agents.purchasing.refusals import (
    BadPurchaseField,
    CreditDiffers,
    CreditDoesNotAddUp,
    CreditKnown,
    NothingToBill,
)
from agents.purchasing.rules import LARGEST_QUANTITY, check_number, check_words
from db.base import uuid7
from db.billing import InvoiceStatus, SupplierInvoice
from db.credits import (
    CREDIT_NEXT,
    CreditStatus,
    SupplierCredit,
    SupplierCreditLine,
    credit_lines,
    lock_credit,
    take_back_paid,
)
from db.errors import NotFound
from db.money import LARGEST
from db.purchasing import PurchaseOrder, lines_of, lock_purchase
from db.session import Transaction, check_version
from db.suppliers import Supplier


def enter_credit(tx: Transaction, ask: EnterSupplierCredit) -> SupplierCreditState:
    """Raises CreditKnown, CreditDoesNotAddUp, NothingToBill, BadPurchaseField, NotFound."""
    check_words("number", ask.number, longest=LONGEST_NUMBER)
    check_day("credited_on", ask.credited_on, tx.now.date())
    order = lock_purchase(tx, ask.purchase_id)
    if order.status not in BILLABLE:
        raise NothingToBill(order.number, order.status)
    # Of two who enter the same number at once, on two orders, the second waits and is refused.
    supplier = tx.get_one(Supplier, order.supplier, with_for_update={"key_share": True})
    number = ask.number.strip()
    _check_new(tx, supplier.code, number)
    invoice = _need_invoice(tx, order, ask.invoice_id)
    credit = SupplierCredit(
        id=uuid7(),
        number=number,
        supplier=supplier.code,
        purchase_id=order.id,
        purchase=order.number,
        invoice_id=ask.invoice_id,
        invoice=invoice.number if invoice is not None else None,
        currency=order.currency,
        status=CreditStatus.entered,
        credited_on=ask.credited_on,
        charges=ask.charges,
        other=ask.other,
        tax=ask.tax,
        differences=[],
        version=1,
        created_by=tx.who.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    lines = _new_lines(tx, order, credit, ask.lines)
    for field in ("charges", "other", "tax"):
        check_number(field, getattr(ask, field))
    credit.subtotal = sum(line.total for line in lines)
    credit.total = credit.subtotal + ask.charges + ask.other + ask.tax
    if credit.total != ask.total or not 0 < credit.total <= LARGEST:
        raise CreditDoesNotAddUp(number, order.currency, credit.subtotal, ask.charges, ask.other, ask.tax, ask.total)
    tx.add(credit)
    tx.flush()
    tx.add_all(lines)
    of = f"invoice {credit.invoice}" if credit.invoice else order.number
    tx.note(credit_subject(credit), to_status=CreditStatus.entered, why=f"of {of}")
    tx.flush()
    match_credit(tx, credit)
    said = SupplierCreditEntered(
        credit_id=credit.id,
        number=credit.number,
        supplier=credit.supplier,
        purchase_id=order.id,
        currency=credit.currency,
        total=credit.total,
        status=credit.status,
    )
    tx.announce(credit_subject(credit), said)
    return _state(tx, credit)


def approve_credit(tx: Transaction, ask: ApproveSupplierCredit) -> SupplierCreditState:
    """What is owed, within what is let through. Raises CreditDiffers, GivenBackTwice."""
    order, credit = _locked(tx, ask.credit_id, ask.version)
    if remaining := match_credit(tx, credit):
        check_not_given_back_twice(tx, credit)
        raise CreditDiffers(credit.number, [d.why for d in remaining])
    return _approve(tx, order, credit, "gives back what is owed")


def accept_credit(tx: Transaction, ask: AcceptSupplierCredit) -> SupplierCreditState:
    """Take less than is owed, or what nobody has asked for; but nothing twice. Raises GivenBackTwice."""
    check_words("reason", ask.reason)
    order, credit = _locked(tx, ask.credit_id, ask.version)
    credit.accepted_why = ask.reason if match_credit(tx, credit) else None
    return _approve(tx, order, credit, ask.reason)


def dispute_credit(tx: Transaction, ask: DisputeSupplierCredit) -> SupplierCreditState:
    check_words("reason", ask.reason)
    _, credit = _locked(tx, ask.credit_id, ask.version)
    move_credit(tx, credit, CreditStatus.disputed, ask.reason)
    credit.disputed_why = ask.reason
    said = SupplierCreditDisputed(credit_id=credit.id, number=credit.number, supplier=credit.supplier, why=ask.reason)
    tx.announce(credit_subject(credit), said)
    return _state(tx, credit)


def settle_credit(tx: Transaction, ask: SettleSupplierCredit) -> SupplierCreditState:
    check_words("reference", ask.reference, longest=128)
    check_day("settled_on", ask.settled_on, tx.now.date())
    _, credit = _locked(tx, ask.credit_id, ask.version)
    move_credit(tx, credit, CreditStatus.settled, ask.reference)
    credit.settled_on, credit.settlement_reference = ask.settled_on, ask.reference
    said = SupplierCreditSettled(
        credit_id=credit.id,
        number=credit.number,
        supplier=credit.supplier,
        currency=credit.currency,
        total=credit.total,
        reference=ask.reference,
    )
    tx.announce(credit_subject(credit), said)
    return _state(tx, credit)


def cancel_credit(tx: Transaction, ask: CancelSupplierCredit) -> SupplierCreditState:
    """Its number is free again."""
    check_words("reason", ask.reason)
    order, credit = _locked(tx, ask.credit_id, ask.version)
    move_credit(tx, credit, CreditStatus.cancelled, ask.reason)
    said = SupplierCreditCancelled(credit_id=credit.id, number=credit.number, supplier=credit.supplier, why=ask.reason)
    tx.announce(credit_subject(credit), said)
    tx.flush()
    match_credits(tx, order)
    return _state(tx, credit)


def _approve(tx: Transaction, order: PurchaseOrder, credit: SupplierCredit, why: str) -> SupplierCreditState:
    check_not_given_back_twice(tx, credit)
    move_credit(tx, credit, CreditStatus.approved, why)
    credit.approved_by, credit.approved_at = tx.who.actor, tx.now
    for line in credit_lines(tx, credit.id):
        if line.quantity:  # units that proved not to have come after they were paid are not owed any more
            take_back_paid(tx, order.id, line.purchase_line, -line.quantity)
    said = SupplierCreditApproved(
        credit_id=credit.id,
        number=credit.number,
        supplier=credit.supplier,
        currency=credit.currency,
        total=credit.total,
        accepted_why=credit.accepted_why,
    )
    tx.announce(credit_subject(credit), said)
    tx.flush()
    match_credits(tx, order)
    match_open(tx, order)
    return _state(tx, credit)


def _need_invoice(tx: Transaction, order: PurchaseOrder, invoice_id: UUID | None) -> SupplierInvoice | None:
    if invoice_id is None:
        return None
    invoice = tx.get(SupplierInvoice, invoice_id)
    if invoice is None or invoice.purchase_id != order.id or invoice.status == InvoiceStatus.cancelled:
        raise NotFound("supplier invoice", str(invoice_id))
    return invoice


def _check_new(tx: Transaction, supplier: str, number: str) -> None:
    known = tx.scalar(
        select(SupplierCredit).where(
            SupplierCredit.supplier == supplier,
            func.upper(SupplierCredit.number) == func.upper(number),
            SupplierCredit.status != CreditStatus.cancelled,
        )
    )
    if known is not None:
        raise CreditKnown(supplier, known.number, known.purchase, known.status)


def _new_lines(
    tx: Transaction, order: PurchaseOrder, credit: SupplierCredit, asked: list[CreditedLineAsk]
) -> list[SupplierCreditLine]:
    bought = {line.line_no: line for line in lines_of(tx, order.id)}
    if len({(line.line_no, line.quantity > 0) for line in asked}) < len(asked):
        named = [line.line_no for line in asked]
        raise BadPurchaseField("lines", named, "name each line once for its units and once for its price")
    made = []
    for no, line in enumerate(asked, start=1):
        if line.line_no not in bought:
            raise NotFound("line", f"{order.number}/{line.line_no}")
        check_number("quantity", line.quantity, most=LARGEST_QUANTITY)
        check_number("unit_cost", line.unit_cost)
        gross = line.quantity * line.unit_cost
        total = gross if line.total is None else line.total
        most = min(gross, LARGEST) if line.quantity else LARGEST
        check_number(f"total of line {line.line_no}", total, least=0 if line.quantity else 1, most=most)
        made.append(
            SupplierCreditLine(
                credit_id=credit.id,
                no=no,
                purchase_line=line.line_no,
                sku=bought[line.line_no].sku,
                quantity=line.quantity,
                unit_cost=line.unit_cost if line.quantity else 0,
                total=total,
            )
        )
    return made


def _locked(tx: Transaction, credit_id: UUID, version: int | None) -> tuple[PurchaseOrder, SupplierCredit]:
    seen = tx.get(SupplierCredit, credit_id)
    if seen is None:
        raise NotFound("credit note", str(credit_id))
    order = lock_purchase(tx, seen.purchase_id)
    credit = lock_credit(tx, credit_id)
    check_version(credit, version, kind="credit note", id=credit.number)
    return order, credit


def _state(tx: Transaction, credit: SupplierCredit) -> SupplierCreditState:
    tx.flush()
    return SupplierCreditState(
        id=credit.id,
        number=credit.number,
        supplier=credit.supplier,
        purchase_id=credit.purchase_id,
        invoice_id=credit.invoice_id,
        currency=credit.currency,
        status=credit.status,
        total=credit.total,
        differences=credit.differences,
        version=credit.version,
        next=sorted(s.value for s in CREDIT_NEXT[CreditStatus(credit.status)]),
    )
