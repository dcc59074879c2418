"""Purchase orders are written and amended."""

from __future__ import annotations

from collections.abc import Sequence

from agents.purchasing.messages.orders import (
    AmendedLine,
    AmendPurchase,
    ChargeAsk,
    CreatePurchase,
    PurchaseLineAsk,
    PurchaseOrderAmended,
    PurchaseState,
)
from agents.purchasing.refusals import (
    BadPurchaseField,
    BelowWhatHappened,
    KitIsItsComponents,
    NotSoldBySupplier,
    NotToBeOrdered,
    PurchaseIsOver,
)
from agents.purchasing.rules import check_number, check_sold, check_words, cost_at, line_total
from agents.purchasing.sheets import Change, Sheet, check_approval, expect_lines, locked, state_of
from db.base import uuid7
from db.catalog import ProductStatus, components_of, variants_by_sku
from db.errors import NotFound
from db.nodes import Node
from db.purchasing import (
    ChargeKey,
    PurchaseCharge,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    new_number,
    settle,
)
from db.session import Transaction
from db.suppliers import Supplier, SupplierItem, items_of

MOST_LINES = 1000
OVER = frozenset({PurchaseStatus.received, PurchaseStatus.short_closed, PurchaseStatus.cancelled})
ON_ITS_WAY = frozenset({PurchaseStatus.sent, PurchaseStatus.confirmed, PurchaseStatus.partly_received})


def create_purchase(tx: Transaction, ask: CreatePurchase) -> PurchaseState:
    """A draft. It need not meet the supplier's minimum value before it is approved."""
    supplier = _need_supplier(tx, ask.supplier)
    if tx.get(Node, ask.node) is None:
        raise NotFound("node", ask.node)
    if not ask.lines:
        raise BadPurchaseField("lines", [], "say what to order")
    check_words("note", ask.note, longest=2000, needed=False)
    order = PurchaseOrder(
        id=uuid7(),
        number=new_number(tx),
        supplier=supplier.code,
        node=ask.node,
        currency=supplier.currency,
        terms=supplier.terms,
        status=PurchaseStatus.draft,
        note=ask.note,
        subtotal=0,
        charges=0,
        total=0,
        version=1,
        created_by=tx.who.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    sheet = Sheet(order, [], [])
    sheet.lines = _new_lines(tx, sheet, supplier, ask.lines)
    for line in sheet.lines:
        line.expected_at = ask.expected_at
    sheet.charges = _new_charges(order, ask.charges)
    sheet.add_up()
    sheet.land(tx)
    tx.add(order)
    tx.flush()
    tx.add_all([*sheet.lines, *sheet.charges])
    tx.note(sheet.subject, to_status=PurchaseStatus.draft)
    return state_of(tx, sheet)


def amend_purchase(tx: Transaction, ask: AmendPurchase) -> PurchaseState:
    """Beyond the total that was approved, whoever amends must be allowed to approve the new one.

    Raises:
        PurchaseIsOver, BelowWhatHappened
        AboveApprovalLimit: the order grows beyond what was approved and beyond the caller's limit.
    """
    check_words("reason", ask.reason)
    check_words("note", ask.note, longest=2000, needed=False)
    sheet = locked(tx, ask.purchase_id, ask.version)
    if sheet.status in OVER:
        raise PurchaseIsOver(sheet.order.number, sheet.order.status)
    for change in ask.lines:
        _amend_line(tx, sheet, change, ask.reason)
    added = _add_lines(tx, sheet, ask) if ask.add else []
    if ask.charges is not None:
        _replace_charges(tx, sheet, ask.charges, ask.reason)
    _amend_order(tx, sheet, ask)
    if sheet.status in ON_ITS_WAY:
        for line in sheet.lines:
            line.first_promised_at = line.first_promised_at or line.expected_at
    sheet.add_up()
    sheet.land(tx)
    tx.add_all(added)  # not before each has its share of the charges
    if sheet.order.approved_total is not None and sheet.order.total > sheet.order.approved_total:
        check_approval(tx, sheet)
        sheet.order.approved_total = sheet.order.total
        sheet.order.approved_by, sheet.order.approved_at = tx.who.actor, tx.now
    sheet.order.updated_at = tx.now
    if sheet.status in ON_ITS_WAY:
        settle(tx, sheet.order, sheet.lines, why=ask.reason)
    order = sheet.order
    said = PurchaseOrderAmended(
        purchase_id=order.id, number=order.number, supplier=order.supplier, why=ask.reason, total=order.total
    )
    tx.announce(sheet.subject, said)
    return state_of(tx, sheet)


def _need_supplier(tx: Transaction, code: str) -> Supplier:
    supplier = tx.get(Supplier, code)
    if supplier is None:
        raise NotFound("supplier", code)
    if not supplier.active:
        raise NotToBeOrdered(f"Supplier {code}", "switched off")
    return supplier


def _new_lines(
    tx: Transaction, sheet: Sheet, supplier: Supplier, asked: Sequence[PurchaseLineAsk]
) -> list[PurchaseLine]:
    """One line for each SKU, numbered after those that are there."""
    skus = [line.sku for line in asked]
    taken = {line.sku for line in sheet.lines}
    if len({*skus}) < len(skus) or taken & {*skus}:
        raise BadPurchaseField("lines", skus, "each SKU has one line")
    if len(skus) + len(taken) > MOST_LINES:
        raise BadPurchaseField("lines", len(skus) + len(taken), f"an order has at most {MOST_LINES}")
    items = _need_items(tx, supplier.code, skus)
    after = max((line.line_no for line in sheet.lines), default=0)
    return [_new_line(sheet.order, supplier, items[line.sku], line, after + n) for n, line in enumerate(asked, 1)]


def _need_items(tx: Transaction, supplier: str, skus: Sequence[str]) -> dict[str, SupplierItem]:
    """What the supplier sells and we still buy. A kit has no stock of its own: its components are ordered."""
    items, variants = items_of(tx, supplier, skus), variants_by_sku(tx, skus)
    kits = components_of(tx, skus)
    for sku in skus:
        if sku in kits:
            raise KitIsItsComponents(sku, kits[sku])
        if sku not in variants:
            raise NotFound("SKU", sku)
        if sku not in items:
            raise NotSoldBySupplier(supplier, sku)
        if not items[sku].active:
            raise NotToBeOrdered(sku, f"blocked at {supplier}")
        if variants[sku].status == ProductStatus.discontinued:
            raise NotToBeOrdered(sku, "discontinued")
    return items


def _new_line(
    order: PurchaseOrder, supplier: Supplier, item: SupplierItem, asked: PurchaseLineAsk, line_no: int
) -> PurchaseLine:
    check_sold(supplier.code, item.sku, asked.quantity, minimum=item.minimum_quantity, case_pack=item.case_pack)
    cost = asked.unit_cost
    if cost is None:
        cost = cost_at(asked.quantity, item.unit_cost, item.breaks)
    return PurchaseLine(
        purchase_id=order.id,
        line_no=line_no,
        sku=item.sku,
        supplier_sku=item.supplier_sku,
        case_pack=item.case_pack,
        ordered=asked.quantity,
        why=asked.why,
        received=0,
        closed_short=0,
        over_ppm=supplier.over_ppm,
        unit_cost=cost,
        discount_ppm=asked.discount_ppm,
        total=line_total(asked.quantity, cost, asked.discount_ppm),
    )


def _new_charges(order: PurchaseOrder, asked: Sequence[ChargeAsk]) -> list[PurchaseCharge]:
    for charge in asked:
        check_words("name of a charge", charge.name, longest=200)
        check_number("amount of a charge", charge.amount)
        if charge.shared_by not in set(ChargeKey):
            raise BadPurchaseField("shared_by", charge.shared_by, f"it is one of {', '.join(ChargeKey)}")
    return [
        PurchaseCharge(purchase_id=order.id, charge_no=n, name=c.name, amount=c.amount, shared_by=c.shared_by)
        for n, c in enumerate(asked, 1)
    ]


def _amend_line(tx: Transaction, sheet: Sheet, change: AmendedLine, why: str) -> None:
    line = next((line for line in sheet.lines if line.line_no == change.line_no), None)
    if line is None:
        raise NotFound("line", f"{sheet.order.number}/{change.line_no}")
    quantity = line.ordered if change.quantity is None else change.quantity
    if quantity != line.ordered:
        _check_quantity(tx, sheet, line, quantity)
    wanted = {
        "ordered": quantity,
        "unit_cost": line.unit_cost if change.unit_cost is None else change.unit_cost,
        "discount_ppm": line.discount_ppm if change.discount_ppm is None else change.discount_ppm,
        "expected_at": line.expected_at if change.expected_at is None else change.expected_at,
    }
    changed = {field: value for field, value in wanted.items() if getattr(line, field) != value}
    for field, value in changed.items():
        sheet.amended(tx, why, Change(field, getattr(line, field), value, line.line_no))
        setattr(line, field, value)
    if changed.keys() - {"expected_at"}:
        line.total = line_total(line.ordered, line.unit_cost, line.discount_ppm)


def _check_quantity(tx: Transaction, sheet: Sheet, line: PurchaseLine, quantity: int) -> None:
    """More is bought under the supplier's terms of today; less is not below what has happened already."""
    if quantity < (least := line.received + line.closed_short):
        raise BelowWhatHappened(sheet.order.number, line.line_no, quantity, least)
    if quantity > line.ordered:
        _need_items(tx, sheet.order.supplier, [line.sku])
    item = items_of(tx, sheet.order.supplier, [line.sku])[line.sku]
    check_sold(sheet.order.supplier, line.sku, quantity, minimum=item.minimum_quantity, case_pack=item.case_pack)


def _add_lines(tx: Transaction, sheet: Sheet, ask: AmendPurchase) -> list[PurchaseLine]:
    supplier = _need_supplier(tx, sheet.order.supplier)
    added = _new_lines(tx, sheet, supplier, ask.add)
    for line in added:
        line.expected_at = ask.expected_at
        sheet.amended(tx, ask.reason, Change("line", None, f"{line.ordered} {line.sku}", line.line_no))
    if sheet.status in ON_ITS_WAY:
        expect_lines(tx, sheet.order, added)
    sheet.lines += added
    return added


def _replace_charges(tx: Transaction, sheet: Sheet, asked: Sequence[ChargeAsk], why: str) -> None:
    before, after = sheet.charges, _new_charges(sheet.order, asked)
    if _said(before) == _said(after):
        return
    sheet.amended(tx, why, Change("charges", _said(before) or None, _said(after) or None))
    for charge in before:
        tx.delete(charge)
    tx.flush()
    tx.add_all(after)
    sheet.charges = after


def _said(charges: Sequence[PurchaseCharge]) -> str:
    return ", ".join(f"{charge.name} {charge.amount} by {charge.shared_by}" for charge in charges)


def _amend_order(tx: Transaction, sheet: Sheet, ask: AmendPurchase) -> None:
    if ask.expected_at is not None:
        named = {change.line_no for change in ask.lines if change.expected_at is not None}
        for line in sheet.lines:
            if line.line_no not in named and line.expected_at != ask.expected_at:
                sheet.amended(tx, ask.reason, Change("expected_at", line.expected_at, ask.expected_at, line.line_no))
                line.expected_at = ask.expected_at
    if ask.note is not None and ask.note != sheet.order.note:
        sheet.amended(tx, ask.reason, Change("note", sheet.order.note, ask.note))
        sheet.order.note = ask.note
