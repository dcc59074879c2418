"""Turns a draft into an order that holds stock, at the prices the draft shows."""

from __future__ import annotations

from agents.orders.deciding import decision_row
from agents.orders.goods import check_sellable, load_goods, not_backordered
from agents.orders.messages import OrderPlaced, OrderReleased, OrderState, PlaceDraft, tenders_of
from agents.orders.progress import may_become, move, put_hold
from agents.orders.router import Destination, open_router
from agents.orders.routing import Need
from agents.orders.rules import check_tenders, check_tenders_pay, waits_for, waits_for_money
from agents.orders.stockroom import open_stockroom
from agents.orders.views import state_of
from db.allocations import Want
from db.errors import IllegalMove
from db.orders import HoldReason, OrderLine, OrderSheet, OrderStatus, PaymentStatus, order_sheet
from db.routing import RoutedFor, RoutingDecision
from db.session import Transaction, check_version


def place_draft(tx: Transaction, ask: PlaceDraft) -> OrderState:
    """Take the stock and go the way of every placed order.

    Raises:
        IllegalMove: it is no draft.
        OutOfStock: it stays a draft.
        BadTenders, TendersDoNotAddUp
    """
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    check_version(order, ask.version, kind="order", id=str(order.id))
    if order.status != OrderStatus.draft:
        raise IllegalMove("order", str(order.id), order.status, OrderStatus.placed.value, may_become(order.status))
    check_tenders(ask)
    check_tenders_pay(ask, order.total_now)
    take_stock(tx, sheet, needs_of(sheet.lines), reference=ask.hold_reference)
    move(tx, order, OrderStatus.placed, why="the draft was placed")
    order.placed_at = tx.now
    given = tenders_of(ask)
    waits = waits_for_money(given, order.total_now)
    if waits:
        order.payment_status = PaymentStatus.pending
        put_hold(tx, sheet, HoldReason.payment, note=waits_for(given))
    move(
        tx,
        order,
        OrderStatus.held if waits else OrderStatus.released,
        why="waits for payment" if waits else "nothing holds it",
    )
    placed = OrderPlaced(
        order_id=order.id,
        number=order.number,
        channel=order.channel,
        currency=order.currency,
        total=order.total_now,
        status=order.status,
        email=order.email,
        customer_id=order.customer_id,
        payment=ask.payment,
        tenders=ask.tenders,
    )
    tx.announce(f"order:{order.id}", placed)
    if not waits:
        tx.announce(f"order:{order.id}", OrderReleased(order_id=order.id, number=order.number))
    return state_of(order_sheet(tx, order.id))


def needs_of(lines: list[OrderLine]) -> list[Need]:
    """What open units of the lines need from the shelves."""
    return [
        Need(n.line_no, sku, per * (n.quantity - n.cancelled))
        for n in lines
        for sku, per in n.parts
        if n.quantity > n.cancelled
    ]


def take_stock(tx: Transaction, sheet: OrderSheet, needs: list[Need], *, reference: str | None = None) -> None:
    """Route and allocate more units for one order. Raises OutOfStock or NotSellable."""
    goods = load_goods(tx, {n.sku for n in needs} | {n.sku for n in sheet.lines}, [])
    for line in sheet.lines:
        if line.sku in goods:
            check_sellable(goods[line.sku])
    skus = {n.sku for n in needs}
    stock = open_stockroom(
        tx,
        skus,
        references=[reference] if reference else [],
        not_backordered=not_backordered(goods.values()),
        channels=[sheet.order.channel],
        router=open_router(tx, skus),
    )
    order = sheet.order
    to = Destination(order.channel, order.shipping_address, order.currency)
    pieces, decision = stock.reserve(needs, to=to, reference=reference)
    stock.write(
        tx,
        [Want(order.id, p.line_no, p.sku, p.node, p.quantity, backordered=p.backordered, why=p.why) for p in pieces],
    )
    if decision is not None:
        tx.insert_all(RoutingDecision, [decision_row(tx, order.id, decision, cause=RoutedFor.placed)])
