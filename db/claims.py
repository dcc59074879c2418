"""What suppliers owe us: what was billed, less what we have kept of it and what they have given back already.

Units that went back, were scrapped or are missing (`PAID_BACK`) were received and are not kept. They are owed once they
are billed, at what they were billed for; a discount that goods were taken at is owed as far as the bill has not taken
it off. What somebody has accepted to pay more than was ordered is not owed, but may be given back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    and_,
    case,
    cast,
    func,
    join,
    or_,
    select,
)
from sqlalchemy.orm import Session

from db.billing import OPEN as OPEN_INVOICES
from db.billing import OWED, InvoiceStatus, SupplierInvoice, SupplierInvoiceLine
from db.credits import COUNTING, OPEN_CREDITS, SupplierCredit, SupplierCreditLine
from db.inbound import Receipt, ReceiptLine, ReceiptStatus
from db.inspection import PAID_BACK, Disposition, DispositionKind, Inspection
from db.purchasing import PurchaseLine, PurchaseOrder

LIVE = (*OPEN_INVOICES, *OWED)


@dataclass(frozen=True)
class Claim:
    """Of a line of an order, as expressions for a list or as numbers."""

    billed: Any
    billed_total: Any
    kept: Any
    discount: Any
    credited: Any  # units
    credited_total: Any  # for these
    credited_price: Any  # off the price of others
    too_much: Any  # billed beyond what the order says; below zero too little
    owed_units: Any
    owed_total: Any  # for these
    owed_price: Any


NOTHING = Claim(*[0] * len(fields(Claim)))


def _billed(states: Collection[InvoiceStatus]) -> Select[*tuple[Any, ...]]:
    one, line = SupplierInvoice, SupplierInvoiceLine
    return (
        select(
            one.purchase_id,
            line.purchase_line,
            func.sum(line.quantity).label("units"),
            func.sum(line.total).label("total"),
            func.max(line.over_allowed).label("allowed"),
        )
        .join(line, line.invoice_id == one.id)
        .where(one.status.in_(list(states)))
        .group_by(one.purchase_id, line.purchase_line)
    )


def _given_back(but: UUID | None, *, waiting: bool) -> Select[*tuple[Any, ...]]:
    """By credit notes that count; seen from one of them, where asked for also by those that wait since before it."""
    one, line = SupplierCredit, SupplierCreditLine
    counts: ColumnElement[bool] = one.status.in_(COUNTING)
    if but is not None:
        before = and_(one.status.in_(OPEN_CREDITS), one.id < but)
        counts = and_(one.id != but, or_(counts, before) if waiting else counts)
    whole = line.quantity > 0
    return (
        select(
            one.purchase_id,
            line.purchase_line,
            func.sum(line.quantity).label("units"),
            func.coalesce(func.sum(line.total).filter(whole), 0).label("total"),
            func.coalesce(func.sum(line.total).filter(~whole), 0).label("price"),
        )
        .join(line, line.credit_id == one.id)
        .where(counts)
        .group_by(one.purchase_id, line.purchase_line)
    )


def _not_kept() -> Select[*tuple[Any, ...]]:
    units = func.sum(Disposition.quantity).filter(Disposition.kind.in_(PAID_BACK))
    discount = func.sum(Disposition.claim).filter(Disposition.kind == DispositionKind.accept_at_discount)
    return (
        select(
            Receipt.purchase_id,
            ReceiptLine.purchase_line,
            func.coalesce(units, 0).label("units"),
            func.coalesce(discount, 0).label("discount"),
        )
        .select_from(Disposition)
        .join(Inspection, Inspection.id == Disposition.inspection_id)
        .join(Receipt, Receipt.id == Inspection.receipt_id)
        .join(ReceiptLine, and_(ReceiptLine.receipt_id == Receipt.id, ReceiptLine.no == Inspection.receipt_line))
        .where(Receipt.status == ReceiptStatus.booked, ReceiptLine.purchase_line.is_not(None))
        .group_by(Receipt.purchase_id, ReceiptLine.purchase_line)
    )


def claims(
    *, billed_in: Collection[InvoiceStatus] = OWED, but: UUID | None = None, waiting: bool = False
) -> tuple[Claim, FromClause]:
    """A claim as expressions, and the lines of orders that anything was billed of, to select them from.

    `billed_in` are the states of the invoices that count. `but` is a credit note that is to be judged itself; with
    `waiting`, others that were entered before it count although they are not approved yet.
    """
    line = PurchaseLine
    billed = _billed(billed_in).subquery("billed")
    back = _given_back(but, waiting=waiting).subquery("given_back")
    gone = _not_kept().subquery("not_kept")

    def whole(expression: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(func.coalesce(expression, 0), BigInteger)

    def part(total: ColumnElement[Any], units: ColumnElement[Any], of: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(func.round(cast(total, Numeric) * units / of), BigInteger)

    units, total = whole(billed.c.units), whole(billed.c.total)
    credited, credited_price = whole(back.c.units), whole(back.c.price)
    kept, discount = cast(line.received - whole(gone.c.units), Integer), whole(gone.c.discount)
    open_units = func.greatest(0, line.ordered - line.received - line.closed_short)
    coming = func.least(whole(billed.c.allowed), open_units)
    owed_units = func.greatest(0, units - coming - kept - credited)
    too_much = total - part(line.total.expression, units, line.ordered.expression)
    owed_price = func.greatest(0, discount + func.least(0, too_much) - credited_price)
    nothing = units == 0
    claim = Claim(
        billed=units,
        billed_total=total,
        kept=kept,
        discount=discount,
        credited=credited,
        credited_total=whole(back.c.total),
        credited_price=credited_price,
        too_much=too_much,
        owed_units=cast(owed_units, Integer),
        owed_total=case((nothing, 0), else_=part(total - credited_price, owed_units, func.nullif(units, 0))),
        owed_price=cast(owed_price, BigInteger),
    )

    def of_line(found: Any) -> ColumnElement[bool]:
        return and_(found.c.purchase_id == line.purchase_id, found.c.purchase_line == line.line_no)

    lines = join(line, billed, of_line(billed)).join(PurchaseOrder, PurchaseOrder.id == line.purchase_id)
    return claim, lines.outerjoin(back, of_line(back)).outerjoin(gone, of_line(gone))


def claims_of(session: Session, purchase_id: UUID, *, but: UUID, waiting: bool = False) -> dict[int, Claim]:
    """What a credit note of an order may give back, by line; open invoices count too, as one may be of them."""
    claim, lines = claims(billed_in=LIVE, but=but, waiting=waiting)
    columns = [getattr(claim, f.name).label(f.name) for f in fields(Claim)]
    rows = session.execute(
        select(PurchaseLine.line_no, *columns).select_from(lines).where(PurchaseLine.purchase_id == purchase_id)
    )
    return {no: Claim(*(int(value) for value in values)) for no, *values in rows}
