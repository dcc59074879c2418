"""Suppliers' invoices are held against their order, what has come of it and what was given back."""

from __future__ import annotations

from agents.purchasing.matching import Difference, Matched, Tolerance, differences
from db.billing import (
    INVOICE_MOVES,
    InvoiceStatus,
    SupplierInvoice,
    invoice_lines,
    open_invoices,
    tolerance_of,
)
from db.credits import COUNTING, Sums, SupplierCredit, credited, invoices_before
from db.purchasing import PurchaseOrder, PurchaseStatus, lines_of
from db.session import Transaction


def match_open(tx: Transaction, order: PurchaseOrder) -> None:
    for invoice in open_invoices(tx, order.id):
        match(tx, order, invoice)


def match(tx: Transaction, order: PurchaseOrder, invoice: SupplierInvoice) -> list[Difference]:
    """Write down how the invoice differs; what is answered is more than is let through."""
    bought = {line.line_no: line for line in lines_of(tx, order.id)}
    before, charged = invoices_before(tx, invoice)
    own = credited(tx, SupplierCredit.invoice_id == invoice.id, SupplierCredit.status.in_(COUNTING))
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
            *before.get(line.purchase_line, Sums()),
            0 if order.status == PurchaseStatus.cancelled else of.open,
            *own.get(line.purchase_line, Sums()),
        )
        for line in lines
        if (of := bought[line.purchase_line])
    ]
    found = differences(
        beside,
        charges=(invoice.charges, charged, order.charges),
        currency=invoice.currency,
        tolerance=tolerance_for(tx, invoice.supplier, invoice.currency),
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
        move(tx, invoice, InvoiceStatus.matched, "what is billed is what was ordered and has come")
    elif not matched and invoice.status == InvoiceStatus.matched:
        move(tx, invoice, InvoiceStatus.entered, "it no longer matches")


def tolerance_for(tx: Transaction, supplier: str, currency: str) -> Tolerance:
    row = tolerance_of(tx, supplier, currency)
    return Tolerance(row.price_ppm, row.amount, row.units) if row is not None else Tolerance()


def move(tx: Transaction, invoice: SupplierInvoice, to: InvoiceStatus, why: str) -> None:
    tx.move(invoice, to, moves=INVOICE_MOVES, subject=subject_of(invoice), why=why)
    invoice.updated_at = tx.now


def subject_of(invoice: SupplierInvoice) -> str:
    return f"supplier_invoice:{invoice.id}"
