"""What an edit would do: to the lines, the money and the stock, and what stands in its way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from agents.orders.goods import Good, check_sellable, load_goods, not_backordered, unit_price
from agents.orders.messages import LineChange, ProposeEdit
from agents.orders.refusals import BadEdit, OutOfStock, UnknownLine, UnknownSku
from agents.orders.routing import Need, Piece
from agents.orders.rules import MOST_UNITS, check_quantity, open_units, stock_facts, to_release, units_by_state, worth
from agents.orders.stockroom import Stockroom, open_stockroom
from agents.orders.taken import line_row
from db.errors import Refusal
from db.money import LineIn, OrderIn, PricedLine, price
from db.orders import Order, OrderLine, OrderSheet, OrderStatus
from db.session import Transaction
from db.stock import Allocation


@dataclass
class EditPlan:
    """Changes that are not made yet. Amounts are minor units of the order's currency."""

    order: Order
    stock: Stockroom
    new_lines: list[dict[str, Any]] = field(default_factory=list)  # rows to be
    raised: dict[int, tuple[int, PricedLine]] = field(default_factory=dict)  # line: (more units, what it costs then)
    lowered: dict[int, int] = field(default_factory=dict)  # line: units to cancel
    lowered_worth: int = 0
    pieces: list[Piece] = field(default_factory=list)
    released: list[tuple[UUID, int]] = field(default_factory=list)
    shipping: int = 0
    shipping_total: int = 0  # with tax
    shipping_tax: int = 0
    obstacles: list[str] = field(default_factory=list)


def check_changes(ask: ProposeEdit, sheet: OrderSheet) -> None:
    """Refuse an edit that cannot be understood, whatever the stock says."""
    if not ask.lines and ask.shipping_address is None and ask.shipping is None:
        raise BadEdit("The edit changes nothing.")
    known = [n.line_no for n in sheet.lines]
    named = [c.line_no for c in ask.lines if c.line_no is not None]
    if len(named) != len(set(named)):
        raise BadEdit("A line is named twice.")
    for change in ask.lines:
        if change.line_no is None:
            if not change.sku:
                raise BadEdit("A new line needs a SKU.")
            check_quantity(change.sku, change.quantity)
        elif change.line_no not in known:
            raise UnknownLine(change.line_no, known)
        elif change.sku is not None or change.unit_amount is not None or change.discount:
            raise BadEdit(f"Line {change.line_no} keeps its SKU and price; add a new line instead.")
        elif not 0 <= change.quantity <= MOST_UNITS:
            raise BadEdit(f"{change.quantity} is no quantity for line {change.line_no}.")


def plan_edit(tx: Transaction, sheet: OrderSheet, ask: ProposeEdit) -> EditPlan:
    """Think the edit through under locked stock; nothing is written.

    Raises:
        UnknownSku, NotSellable, NoPrice, NegativeNumber, DiscountTooLarge: a new line makes no sense.
    """
    added = {c.sku for c in ask.lines if c.line_no is None and c.sku}
    mine = {sku for n in sheet.lines for sku, _ in n.parts}
    goods = load_goods(tx, added | mine | {n.sku for n in sheet.lines}, {sheet.order.currency})
    if added - goods.keys():
        raise UnknownSku(sorted(added - goods.keys()))
    parts = mine | {sku for new in added for sku, _ in goods[new].parts}
    plan = EditPlan(sheet.order, open_stockroom(tx, parts, not_backordered=not_backordered(goods.values())))
    needs: list[Need] = []
    lines = {n.line_no: n for n in sheet.lines}
    for change in ask.lines:
        if change.line_no is None:
            needs += _add(plan, sheet, change, goods[change.sku or ""])
        else:
            line = lines[change.line_no]
            needs += _change(plan, line, change.quantity, allocations=sheet.allocations, goods=goods)
    _price_shipping(plan, ask.shipping)
    live = sum(n.quantity - n.cancelled for n in sheet.lines) - sum(plan.lowered.values())
    if not live and not plan.new_lines:
        plan.obstacles.append("nothing would be left; cancel the order instead")
    if sheet.order.status == OrderStatus.draft:
        return plan  # holds no stock until it is placed
    try:
        plan.pieces = plan.stock.reserve(needs)
    except OutOfStock as refusal:
        plan.obstacles += [f"{s['sku']}: {s['wanted']} wanted, {s['available']} available" for s in refusal.shortfalls]
    return plan


def _add(plan: EditPlan, sheet: OrderSheet, change: LineChange, good: Good) -> list[Need]:
    check_sellable(good)
    unit = unit_price(good, plan.order.currency, change.unit_amount)
    priced = _priced(plan.order, change.quantity, unit, good.tax_rate_ppm, discount=change.discount)
    line_no = max(n.line_no for n in sheet.lines) + len(plan.new_lines) + 1
    row = line_row(
        plan.order.id,
        line_no,
        good,
        priced,
        quantity=change.quantity,
        unit_amount=unit,
        tax_rate_ppm=good.tax_rate_ppm,
    )
    plan.new_lines.append(row)
    return [Need(line_no, sku, per * change.quantity) for sku, per in good.parts]


def _change(
    plan: EditPlan, line: OrderLine, quantity: int, *, allocations: list[Allocation], goods: dict[str, Good]
) -> list[Need]:
    now = line.quantity - line.cancelled
    if quantity > now:
        return _raise(plan, line, quantity - now, goods)
    take = now - quantity
    if take > open_units(line, allocations):
        touched = [f"{n} of {now} units are {state}" for state, n in units_by_state(line, allocations).items() if n]
        plan.obstacles.append(f"line {line.line_no}: {' and '.join(touched)}")
    elif take:
        plan.lowered[line.line_no] = take
        plan.lowered_worth += worth(line, take)
        if plan.order.status != OrderStatus.draft:
            plan.released += to_release(line, take, allocations)
    return []


def _raise(plan: EditPlan, line: OrderLine, more: int, goods: dict[str, Good]) -> list[Need]:
    """More of a line at its own price; its discounts stay the amounts that they are."""
    try:
        if line.sku in goods:
            check_sellable(goods[line.sku])
    except Refusal as refusal:
        plan.obstacles.append(f"line {line.line_no}: {refusal}")
    discount = line.line_discount + line.order_discount
    priced = _priced(plan.order, line.quantity + more, line.unit_amount, line.tax_rate_ppm, discount=discount)
    plan.raised[line.line_no] = (more, priced)
    return [Need(line.line_no, sku, per * more) for sku, per in line.parts]


def _priced(order: Order, quantity: int, unit_amount: int, tax_rate_ppm: int, *, discount: int) -> PricedLine:
    line = LineIn(quantity, unit_amount, tax_rate_ppm, discount)
    return price(OrderIn(order.currency, (line,), tax_inclusive=order.tax_inclusive)).lines[0]


def _price_shipping(plan: EditPlan, shipping: int | None) -> None:
    order = plan.order
    priced = price(
        OrderIn(
            order.currency,
            (),
            shipping_amount=order.shipping if shipping is None else shipping,
            shipping_tax_ppm=order.shipping_tax_ppm,
            tax_inclusive=order.tax_inclusive,
        )
    )
    plan.shipping, plan.shipping_total, plan.shipping_tax = priced.shipping, priced.shipping_total, priced.shipping_tax


def money_after(plan: EditPlan, sheet: OrderSheet) -> dict[str, int]:
    """The order's own columns as they would be, `cancelled_total` included."""
    order = plan.order
    lines = {n.line_no: n for n in sheet.lines}
    old = [lines[no] for no in plan.raised]
    new = [priced for _, priced in plan.raised.values()]
    rows = plan.new_lines
    lines_total = sum(n.total for n in sheet.lines)
    lines_tax = sum(n.tax for n in sheet.lines)
    gross = sum(p.gross for p in new) - sum(n.gross for n in old) + sum(r["gross"] for r in rows)
    total = sum(p.total for p in new) - sum(n.total for n in old) + sum(r["total"] for r in rows)
    tax = sum(p.tax for p in new) - sum(n.tax for n in old) + sum(r["tax"] for r in rows)
    return {
        "subtotal": order.subtotal + gross,
        "discount": order.discount + sum(r["line_discount"] for r in rows),
        "shipping": plan.shipping,
        "tax": lines_tax + tax + plan.shipping_tax,
        "total": lines_total + total + plan.shipping_total,
        "cancelled_total": order.cancelled_total + plan.lowered_worth,
    }


def preview_of(plan: EditPlan, sheet: OrderSheet) -> dict[str, Any]:
    """`money` in minor units, `stock` in units per SKU, node and state, `lines` before and after."""
    order = plan.order
    after = money_after(plan, sheet)
    before_now = order.total_now
    after_now = after["total"] - after["cancelled_total"]
    money = {
        "total_before": before_now,
        "total_after": after_now,
        "difference": after_now - before_now,
        "shipping_before": order.shipping,
        "shipping_after": plan.shipping,
        "covered": order.covered,
    }
    return {"money": money, "stock": _stock(plan, sheet), "lines": _lines(plan, sheet), "obstacles": plan.obstacles}


def _stock(plan: EditPlan, sheet: OrderSheet) -> list[dict[str, Any]]:
    effect: Counter[tuple[str, str, str]] = Counter()
    for p in plan.pieces:
        effect[(p.sku, p.node, "backordered" if p.backordered else "allocated")] += p.quantity
    by_id = {a.id: a for a in sheet.allocations}
    for ident, quantity in plan.released:
        a = by_id[ident]
        effect[(a.sku, a.node, str(a.state))] -= quantity
    return stock_facts(effect)


def _lines(plan: EditPlan, sheet: OrderSheet) -> list[dict[str, Any]]:
    changed = []
    for n in sheet.lines:
        before, before_worth = n.quantity - n.cancelled, n.total - n.cancelled_amount
        more, priced = plan.raised.get(n.line_no, (0, None))
        less = plan.lowered.get(n.line_no, 0)
        if more or less:
            after_worth = (priced.total - n.cancelled_amount) if priced else before_worth - worth(n, less)
            changed.append(_line(n.line_no, n.sku, (before, before + more - less), (before_worth, after_worth)))
    return changed + [_line(r["line_no"], r["sku"], (0, r["quantity"]), (0, r["total"])) for r in plan.new_lines]


def _line(line_no: int, sku: str, quantity: tuple[int, int], total: tuple[int, int]) -> dict[str, Any]:
    return {
        "line_no": line_no,
        "sku": sku,
        "quantity_before": quantity[0],
        "quantity_after": quantity[1],
        "total_before": total[0],
        "total_after": total[1],
    }
