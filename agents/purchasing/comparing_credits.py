"""Suppliers' credit notes are held against what is owed: what was billed and not kept, and not given back before."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from agents.purchasing.comparing import tolerance_for
from agents.purchasing.matching import Difference
from agents.purchasing.owing import Beside, GivenBack, beyond_what_was_billed, differences_of_credit
from agents.purchasing.refusals import GivenBackTwice, InvoiceGivenBack
from db.billing import SupplierInvoice, SupplierInvoiceLine
from db.claims import LIVE, NOTHING, Claim, claims_of
from db.credits import (
    COUNTING,
    CREDIT_MOVES,
    OPEN_CREDITS,
    CreditStatus,
    Sums,
    SupplierCredit,
    credit_lines,
    credited,
    open_credits,
)
from db.purchasing import PurchaseOrder
from db.session import Transaction

NO_CREDIT = UUID(int=0)
"""No credit note is to be judged: all that count do."""


def match_credits(tx: Transaction, order: PurchaseOrder) -> None:
    for credit in open_credits(tx, order.id):
        match_credit(tx, credit)


def match_credit(tx: Transaction, credit: SupplierCredit) -> list[Difference]:
    """Write down how the credit note differs; what is answered is more than is let through."""
    found = differences_of_credit(
        _lines(tx, credit),
        claims_of(tx, credit.purchase_id, but=credit.id, waiting=True),
        Beside(credit.charges, credit.other, _charges_left(tx, credit, waiting=True)),
        currency=credit.currency,
        tolerance=tolerance_for(tx, credit.supplier, credit.currency),
    )
    was_wrong = any(not d["within"] for d in credit.differences)
    if (plain := [d.plain() for d in found]) != credit.differences:
        credit.differences = plain
    remaining = [d for d in found if not d.within]
    # As with invoices: a dispute about something else than what was found is for people to end.
    settled = credit.status == CreditStatus.disputed and was_wrong
    if not remaining and (settled or credit.status == CreditStatus.entered):
        move_credit(tx, credit, CreditStatus.matched, "what is given back is what is owed")
    elif remaining and credit.status == CreditStatus.matched:
        move_credit(tx, credit, CreditStatus.entered, "it no longer matches")
    tx.flush()
    return remaining


def check_not_given_back_twice(tx: Transaction, credit: SupplierCredit) -> None:
    """Of the order, and of the invoice that it names. Raises GivenBackTwice, whoever asks and for whatever reason."""
    lines, beside = _lines(tx, credit), Beside(credit.charges, credit.other, _charges_left(tx, credit))
    said = beyond_what_was_billed(lines, claims_of(tx, credit.purchase_id, but=credit.id), beside, credit.currency)
    if not said and credit.invoice_id is not None:
        beside = Beside(credit.charges, credit.other, _charges_left(tx, credit, of_invoice=True))
        said = beyond_what_was_billed(lines, _of_invoice(tx, credit), beside, credit.currency)
    if said:
        raise GivenBackTwice(credit.number, said)


def check_nothing_given_back(tx: Transaction, cancelled: SupplierInvoice) -> None:
    """Raises InvoiceGivenBack where credit notes are of the invoice, or of the order and give back what it billed."""
    one = SupplierCredit
    of_order = select(one.number).where(one.purchase_id == cancelled.purchase_id, one.status.in_(COUNTING))
    its_own = select(one.number).where(one.invoice_id == cancelled.id, one.status != CreditStatus.cancelled)
    if numbers := sorted(tx.scalars(its_own)):
        raise InvoiceGivenBack(cancelled.number, numbers)
    left = claims_of(tx, cancelled.purchase_id, but=NO_CREDIT)
    for no, back in credited(tx, one.purchase_id == cancelled.purchase_id, one.status.in_(COUNTING)).items():
        claim = left.get(no, NOTHING)
        if back.units > claim.billed or back.total > claim.billed_total:
            raise InvoiceGivenBack(cancelled.number, sorted(tx.scalars(of_order)))


def move_credit(tx: Transaction, credit: SupplierCredit, to: CreditStatus, why: str) -> None:
    tx.move(credit, to, moves=CREDIT_MOVES, subject=credit_subject(credit), why=why)
    credit.updated_at = tx.now


def credit_subject(credit: SupplierCredit) -> str:
    return f"supplier_credit:{credit.id}"


def _lines(tx: Transaction, credit: SupplierCredit) -> list[GivenBack]:
    found = credit_lines(tx, credit.id)
    return [GivenBack(line.purchase_line, line.sku, line.quantity, line.total) for line in found]


def _charges_left(tx: Transaction, credit: SupplierCredit, *, waiting: bool = False, of_invoice: bool = False) -> int:
    """Charges that were billed and not given back by others that count, or with `waiting` were entered before."""
    billed = select(func.coalesce(func.sum(SupplierInvoice.charges), 0)).where(
        SupplierInvoice.purchase_id == credit.purchase_id, SupplierInvoice.status.in_(LIVE)
    )
    one = SupplierCredit
    counts: ColumnElement[bool] = one.status.in_(COUNTING)
    if waiting:
        counts = counts | (one.status.in_(OPEN_CREDITS) & (one.id < credit.id))
    back = select(func.coalesce(func.sum(one.charges), 0))
    back = back.where(one.purchase_id == credit.purchase_id, one.id != credit.id, counts)
    if of_invoice:
        billed = billed.where(SupplierInvoice.id == credit.invoice_id)
        back = back.where(one.invoice_id == credit.invoice_id)
    return int(tx.scalar(billed) or 0) - int(tx.scalar(back) or 0)


def _of_invoice(tx: Transaction, credit: SupplierCredit) -> dict[int, Claim]:
    """What the invoice bills and other credit notes of it have given back: of a claim no more is asked here."""
    line = SupplierInvoiceLine
    billed = tx.execute(
        select(line.purchase_line, line.quantity, line.total).where(line.invoice_id == credit.invoice_id)
    )
    which = (SupplierCredit.invoice_id == credit.invoice_id, SupplierCredit.status.in_(COUNTING))
    back = credited(tx, *which, SupplierCredit.id != credit.id)
    return {
        no: replace(NOTHING, billed=units, billed_total=total, credited=was.units, credited_total=was.total)
        for no, units, total in billed
        if (was := back.get(no, Sums()))
    }
