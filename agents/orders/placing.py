"""Places orders, many at once: every question and every write is one statement for the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from agents.orders.deciding import decision_row
from agents.orders.goods import Good, check_sellable, goods_from, not_backordered, question_of_goods, unit_price
from agents.orders.messages import OrderState, PlaceOrder, tenders_of
from agents.orders.refusals import ReferenceTaken, UnknownCustomer, UnknownSku
from agents.orders.router import QUESTION_OF_RULES, Destination, router_from
from agents.orders.routing import Need, ShippingNode
from agents.orders.rules import check_request, check_tenders_pay, waits_for
from agents.orders.stockroom import QUESTION_OF_NODES, Stockroom, nodes_from, open_stockroom
from agents.orders.taken import Taken, line_rows, order_row, payment_hold_row, placed_state, tell_placed
from db.allocations import Want
from db.base import uuid7
from db.errors import Refusal
from db.money import LineIn, OrderIn, minor_digits, price
from db.orders import Order, OrderHold, OrderLine, known_references, new_numbers
from db.promising import Buffer, buffers_from, question_of_buffers
from db.routing import RoutedFor, RoutingDecision
from db.session import Transaction, Who
from db.wire import Row, Statement

_CUSTOMERS = "SELECT id FROM customers WHERE id = ANY(%(ids)s::uuid[]) AND erased_at IS NULL"


@dataclass
class Facts:
    """What the batch needs to know of the rest of the company."""

    goods: dict[str, Good]
    nodes: list[ShippingNode]
    references: dict[tuple[str, str], str]  # (channel, external_ref) -> order number
    customers: set[UUID]
    buffers: list[Buffer]
    rules: list[Row]  # the rule sets in force
    new: dict[tuple[str, str], Taken] = field(default_factory=dict)  # references that this batch takes
    twins: list[tuple[ReferenceTaken, Taken]] = field(default_factory=list)


def place(tx: Transaction, asks: Sequence[PlaceOrder], whos: Sequence[Who]) -> list[OrderState | Refusal]:
    """Judge the orders in turn, each against what those before it left; write the good ones together.

    A refused order leaves no trace. The number of statements does not depend on the number of orders.
    """
    outcomes: list[PlaceOrder | Taken | Refusal] = [_checked(ask) for ask in asks]
    sensible = [o for o in outcomes if isinstance(o, PlaceOrder)]
    taken: list[Taken] = []
    if sensible:
        facts = _look_up(tx, sensible)
        stock = _open_stock(tx, sensible, facts)
        for i, (ask, who) in enumerate(zip(asks, whos, strict=True)):
            if isinstance(outcomes[i], PlaceOrder):
                outcomes[i] = _judged(ask, who, facts, stock)
        taken = [o for o in outcomes if isinstance(o, Taken)]
        if taken:
            _write(tx, taken, facts, stock)
    return [o if isinstance(o, Refusal) else placed_state(o) for o in outcomes if not isinstance(o, PlaceOrder)]


def _checked(ask: PlaceOrder) -> PlaceOrder | Refusal:
    try:
        check_request(ask)
    except Refusal as refusal:
        return refusal
    return ask


def _look_up(tx: Transaction, asks: Sequence[PlaceOrder]) -> Facts:
    # References first: waiting for another batch's reference must not happen under locked stock.
    references = known_references(tx, [(a.channel, a.external_ref) for a in asks if a.external_ref])
    wanted = {a.customer_id for a in asks if a.customer_id is not None}
    skus = {n.sku for a in asks for n in a.lines}
    goods, nodes, customers, rules, buffers = tx.ask_together(
        question_of_goods(skus, {a.currency for a in asks}),
        QUESTION_OF_NODES,
        Statement(_CUSTOMERS, {"ids": list(wanted)}),
        QUESTION_OF_RULES,
        question_of_buffers({a.channel for a in asks}, skus, kits=True),
    )
    known = {ident for (ident,) in customers}
    return Facts(goods_from(goods), nodes_from(nodes), references, known, buffers_from(buffers), rules)


def _open_stock(tx: Transaction, asks: Sequence[PlaceOrder], facts: Facts) -> Stockroom:
    now = [a for a in asks if not a.draft]
    goods = [facts.goods[n.sku] for a in now for n in a.lines if n.sku in facts.goods]
    skus = {sku for good in goods for sku, _ in good.parts}
    return open_stockroom(
        tx,
        skus,
        references={a.hold_reference for a in now if a.hold_reference},
        not_backordered=not_backordered(facts.goods.values()),
        nodes=facts.nodes,
        buffers=facts.buffers,
        router=router_from(tx, facts.rules, skus),
    )


def _judged(ask: PlaceOrder, who: Who, facts: Facts, stock: Stockroom) -> Taken | Refusal:
    try:
        return _judge(ask, who, facts, stock)
    except Refusal as refusal:
        return refusal


def _judge(ask: PlaceOrder, who: Who, facts: Facts, stock: Stockroom) -> Taken:
    """Decide one order. The stock is asked last, so that a refusal has taken nothing."""
    goods = _goods_of(ask, facts)
    reference = (ask.channel, ask.external_ref or "")
    if ask.external_ref:
        _refuse_known(reference, facts)
    if ask.customer_id is not None and ask.customer_id not in facts.customers:
        raise UnknownCustomer(str(ask.customer_id))
    taken = Taken(ask, who, uuid7(), goods, price(_to_price(ask, goods)))
    check_tenders_pay(ask, taken.priced.total)
    if not ask.draft:
        needs = [
            Need(line_no, sku, per * line.quantity)
            for line_no, (line, good) in enumerate(zip(ask.lines, goods, strict=True), 1)
            for sku, per in good.parts
        ]
        to = Destination(ask.channel, ask.shipping_address, ask.currency)
        taken.pieces, taken.decision = stock.reserve(needs, to=to, reference=ask.hold_reference)
    if ask.external_ref:
        facts.new[reference] = taken
    return taken


def _refuse_known(reference: tuple[str, str], facts: Facts) -> None:
    if reference in facts.references:
        raise ReferenceTaken(*reference, facts.references[reference])
    if reference in facts.new:
        refusal = ReferenceTaken(*reference, "")
        facts.twins.append((refusal, facts.new[reference]))  # its number is given when it is written
        raise refusal


def _goods_of(ask: PlaceOrder, facts: Facts) -> list[Good]:
    unknown = sorted({line.sku for line in ask.lines} - facts.goods.keys())
    if unknown:
        raise UnknownSku(unknown)
    goods = [facts.goods[line.sku] for line in ask.lines]
    for good in goods:
        check_sellable(good)
    return goods


def _to_price(ask: PlaceOrder, goods: Sequence[Good]) -> OrderIn:
    minor_digits(ask.currency)  # an unknown currency is the better refusal than a missing price
    return OrderIn(
        currency=ask.currency,
        lines=tuple(
            LineIn(
                quantity=line.quantity,
                unit_amount=unit_price(good, ask.currency, line.unit_amount),
                tax_rate_ppm=good.tax_rate_ppm if line.tax_rate_ppm is None else line.tax_rate_ppm,
                discount=line.discount,
            )
            for line, good in zip(ask.lines, goods, strict=True)
        ),
        order_discount=ask.order_discount,
        shipping_amount=ask.shipping,
        shipping_tax_ppm=ask.shipping_tax_ppm,
        tax_inclusive=ask.tax_inclusive,
    )


def _write(tx: Transaction, taken: Sequence[Taken], facts: Facts, stock: Stockroom) -> None:
    for one, number in zip(taken, new_numbers(tx, len(taken)), strict=True):
        one.order = order_row(one, number, tx)
        one.lines = line_rows(one)
    for refusal, first in facts.twins:
        refusal.number = first.order["number"]
    tx.insert_all(Order, [t.order for t in taken])
    tx.insert_all(OrderLine, [row for t in taken for row in t.lines])
    _write_holds(tx, [t for t in taken if t.waits])
    if len({t.who.actor for t in taken}) > 1:
        tx.who = Who("agent:orders")  # the ledger rows of a batch are written together
    wants = [
        Want(t.id, p.line_no, p.sku, p.node, p.quantity, backordered=p.backordered, why=p.why)
        for t in taken
        for p in t.pieces
    ]
    ids = iter(stock.write(tx, wants))
    decisions = []
    for one in taken:
        one.allocations = [next(ids) for _ in one.pieces]
        tx.who = one.who
        tell_placed(tx, one)
        if one.decision is not None:
            decisions.append(decision_row(tx, one.id, one.decision, cause=RoutedFor.placed))
    tx.insert_all(RoutingDecision, decisions)


def _write_holds(tx: Transaction, waiting: Sequence[Taken]) -> None:
    rows = []
    for one in waiting:
        tx.who = one.who
        rows.append(payment_hold_row(one.id, tx, note=waits_for(tenders_of(one.ask))))
    tx.insert_all(OrderHold, rows)
