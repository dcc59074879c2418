"""What becomes of rejected units: back to the supplier, scrapped, mended, or taken at a discount."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from agents.inbound.inspecting import lock_inspection, new_inspection, release, settle, state_of, subject_of, take_out
from agents.inbound.messages.inspections import DisposeUnits, InspectionState, UnitsDisposed
from agents.inbound.refusals import BadInspectionField, MoreThanAwaits
from agents.inventory.messages import StockState
from agents.stock.booking import book
from agents.stock.rules import check_quantity, check_words
from db.base import uuid7
from db.inbound import Receipt, ReceiptLine
from db.inspection import LEAVES, PAID_BACK, Disposition, DispositionKind, Inspection
from db.ledger import Movement, lock_levels
from db.money import half_up
from db.purchasing import PurchaseLine, PurchaseOrder
from db.session import Transaction
from db.stock import MovementKind

INHERITED = ("receipt_id", "receipt_line", "supplier", "sku", "node", "lot", "currency", "plan", "characteristics")


def dispose_units(tx: Transaction, ask: DisposeUnits) -> InspectionState:
    """What a claim asks back is what the units cost on the order, or the discount that they are taken at; for what was
    never ordered it is nothing.

    Raises InspectionOver, MoreThanAwaits, BadInspectionField, NotInBin, BinFull.
    """
    check_words("reason", ask.reason)
    if ask.kind not in list(DispositionKind):
        raise BadInspectionField("kind", f"{ask.kind!r} is not one of {', '.join(DispositionKind)}")
    row = lock_inspection(tx, ask.inspection_id, ask.version)
    check_quantity(row.sku, ask.quantity)
    if ask.quantity > row.to_dispose:
        raise MoreThanAwaits(row.number, ask.quantity, row.to_dispose, "are rejected and still there")
    kind = DispositionKind(ask.kind)
    cost, currency = _cost(tx, row, ask.quantity)
    made = Disposition(
        id=uuid7(),
        inspection_id=row.id,
        kind=kind,
        quantity=ask.quantity,
        reason=ask.reason,
        claim=_claim(ask, kind, cost),
        currency=currency,
        rework_id=_again(tx, row, ask) if kind == DispositionKind.rework else None,
        by=tx.who.actor,
        at=tx.now,
    )
    tx.add(made)
    row.disposed += ask.quantity
    row.updated_at = tx.now
    tx.flush()
    booked = _book(tx, row, made, ask.bin)
    settle(tx, row, f"{ask.quantity} {row.sku}: {kind.replace('_', ' ')}")
    tx.announce(
        subject_of(row),
        UnitsDisposed(
            inspection_id=row.id,
            number=row.number,
            supplier=row.supplier,
            sku=row.sku,
            node=row.node,
            kind=kind,
            quantity=ask.quantity,
            claim=made.claim,
            currency=currency,
        ),
    )
    return state_of(tx, row, booked)


def _claim(ask: DisposeUnits, kind: DispositionKind, cost: int | None) -> int:
    if cost is None:
        if ask.discount:
            raise BadInspectionField("discount", "nobody has ordered these units, so there is no price to take it off")
        return 0
    if kind == DispositionKind.accept_at_discount:
        if not 0 < ask.discount * ask.quantity <= cost:
            raise BadInspectionField("discount", f"per unit, above zero, and for {ask.quantity} at most {cost} in all")
        return ask.discount * ask.quantity
    if ask.discount:
        raise BadInspectionField("discount", "it is for units that are accepted at a discount")
    return cost if kind in PAID_BACK else 0


def _cost(tx: Transaction, row: Inspection, units: int) -> tuple[int | None, str]:
    """What units cost on the line that they came of, its discount taken off, in the order's currency.

    None for what was never ordered.
    """
    bought, currency = tx.execute(
        select(PurchaseLine, PurchaseOrder.currency)
        .select_from(ReceiptLine)
        .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
        .join(PurchaseOrder, PurchaseOrder.id == Receipt.purchase_id)
        .outerjoin(
            PurchaseLine,
            (PurchaseLine.purchase_id == PurchaseOrder.id) & (PurchaseLine.line_no == ReceiptLine.purchase_line),
        )
        .where(Receipt.id == row.receipt_id, ReceiptLine.no == row.receipt_line)
    ).one()
    return (None if bought is None else half_up(bought.total * units, bought.ordered)), currency


def _again(tx: Transaction, row: Inspection, ask: DisposeUnits) -> UUID:
    """Mended units are looked at one by one, whatever the plan says."""
    again = new_inspection(
        tx,
        parent_id=row.id,
        stock_status=row.stock_status,
        quantity=ask.quantity,
        why=f"rework of {row.number}: {ask.reason}",
        **{n: getattr(row, n) for n in INHERITED},
    )
    tx.add(again)
    tx.flush()
    tx.note(subject_of(again), to_status=again.status, why=again.why)
    return again.id


def _book(tx: Transaction, row: Inspection, made: Disposition, bin: str | None) -> StockState | None:
    why, cause = f"{row.number}: {made.reason}", f"disposition:{made.id}"
    if made.kind == DispositionKind.accept_at_discount:
        return release(tx, row, made.quantity, bin=bin, cause=cause, why=why)
    if made.kind not in LEAVES:
        return None
    lock_levels(tx, [(row.sku, row.node)])
    leaving = [
        Movement(
            row.sku, row.node, MovementKind.adjusted, cause, on_hand=-n, bin=code, lot=row.lot,
            status=row.stock_status, why=why,
        )
        for code, n in take_out(tx, row, made.quantity)
    ]  # fmt: skip
    return book(tx, leaving, why=why, of_inspection=True)
