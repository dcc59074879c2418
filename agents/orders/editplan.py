"""What an edit would do: to the lines, the money and the stock, and what stands in its way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from agents.orders.cancelling import lock_all, paid_back
from agents.orders.deciding import Decision
from agents.orders.editmoves import add_at, comes_from, move_to, stays_at
from agents.orders.goods import Good, check_sellable, load_goods, not_backordered, unit_price
from agents.orders.messages import EditedLine, LineChange, ProposeEdit
from agents.orders.moving import Move
from agents.orders.refusals import BadEdit, OutOfStock, UnknownLine, UnknownSku
from agents.orders.router import Destination, open_router
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
    lowered_worth: dict[int, int] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)  # what the order is promised now
    move: Move | None = None  # units of old lines that go to a node which was named
    decision: Decision | None = None  # what they were decided from, where rules are in force
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
        if change.node is not None and sheet.order.status == OrderStatus.draft:
            raise BadEdit("A draft holds no stock: its units get their nodes when it is placed.")


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
    stock = open_stockroom(
        tx,
        parts,
        not_backordered=not_backordered(goods.values()),
        channels=[sheet.order.channel],
        router=open_router(tx, parts),
    )
    named = any(c.node for c in ask.lines)
    back = paid_back(tx, sheet)
    plan = EditPlan(sheet.order, stock, allocations=lock_all(tx, sheet) if named else sheet.allocations)
    if named:
        plan.move = Move(sheet.order, plan.allocations)
    needs: list[Need] = []
    lines = {n.line_no: n for n in sheet.lines}
    at_node: list[Piece] = []
    for change in ask.lines:
        line = lines[change.line_no] if change.line_no is not None else None
        if line is None:
            more = _add(plan, sheet, change, goods[change.sku or ""])
        else:
            credited = back.get(line.line_no, 0)
            more = _change(plan, line, change.quantity, goods=goods, credited=credited)
        if change.node is None or plan.move is None:
            needs += more
            continue
        pieces, obstacles = add_at(more, change.node, stock, sheet.order.channel)
        at_node += pieces
        plan.obstacles += obstacles
        if line is not None:
            plan.obstacles += move_to(line, change.node, plan.move, stock, released=plan.released)
    _price_shipping(plan, ask.shipping)
    live = sum(n.quantity - n.cancelled for n in sheet.lines) - sum(plan.lowered.values())
    if not live and not plan.new_lines:
        plan.obstacles.append("nothing would be left; cancel the order instead")
    if sheet.order.status == OrderStatus.draft:
        return plan  # holds no stock until it is placed
    try:
        address = sheet.order.shipping_address if ask.shipping_address is None else ask.shipping_address
        to = Destination(sheet.order.channel, address, sheet.order.currency)
        routed, plan.decision = plan.stock.reserve(needs, to=to)
    except OutOfStock as refusal:
        plan.obstacles += [f"{s['sku']}: {s['wanted']} wanted, {s['available']} available" for s in refusal.shortfalls]
        routed = []
    plan.pieces = routed + at_node
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


def _change(plan: EditPlan, line: OrderLine, quantity: int, *, goods: dict[str, Good], credited: int) -> list[Need]:
    now, allocations = line.quantity - line.cancelled, plan.allocations
    if quantity > now:
        return _raise(plan, line, quantity - now, goods)
    take = now - quantity
    if take > open_units(line, allocations):
        touched = [f"{n} of {now} units are {state}" for state, n in units_by_state(line, allocations).items() if n]
        plan.obstacles.append(f"line {line.line_no}: {' and '.join(touched)}")
    elif take:
        plan.lowered[line.line_no] = take
        plan.lowered_worth[line.line_no] = worth(line, take, credited=credited)
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
        "cancelled_total": order.cancelled_total + sum(plan.lowered_worth.values()),
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
    lines = msgspec.to_builtins(_lines(plan, sheet))
    return {"money": money, "stock": _stock(plan), "lines": lines, "obstacles": plan.obstacles}


def _stock(plan: EditPlan) -> list[dict[str, Any]]:
    effect: Counter[tuple[str, str, str]] = Counter()
    for p in plan.pieces:
        effect[(p.sku, p.node, "backordered" if p.backordered else "allocated")] += p.quantity
    by_id = {a.id: a for a in plan.allocations}
    for ident, quantity in plan.released:
        a = by_id[ident]
        effect[(a.sku, a.node, str(a.state))] -= quantity
    if plan.move is not None:
        for change, units in plan.move.stock.items():
            effect[change] += units
    return stock_facts(effect)


def _lines(plan: EditPlan, sheet: OrderSheet) -> list[EditedLine]:
    changed = []
    moved = {m.line_no for m in plan.move.moves} if plan.move else set()
    for n in sheet.lines:
        before, before_worth = n.quantity - n.cancelled, n.total - n.cancelled_amount
        more, priced = plan.raised.get(n.line_no, (0, None))
        less = plan.lowered.get(n.line_no, 0)
        if more or less or n.line_no in moved:
            after_worth = (
                (priced.total - n.cancelled_amount) if priced else before_worth - plan.lowered_worth.get(n.line_no, 0)
            )
            changed.append(
                EditedLine(
                    line_no=n.line_no,
                    sku=n.sku,
                    quantity_before=before,
                    quantity_after=before + more - less,
                    total_before=before_worth,
                    total_after=after_worth,
                    comes=comes_from(n.line_no, plan.pieces, plan.move),
                    stays=stays_at(n.line_no, plan.allocations),
                )
            )
    new = [
        EditedLine(
            line_no=r["line_no"],
            sku=r["sku"],
            quantity_before=0,
            quantity_after=r["quantity"],
            total_before=0,
            total_after=r["total"],
            comes=comes_from(r["line_no"], plan.pieces, None),
        )
        for r in plan.new_lines
    ]
    return changed + new
