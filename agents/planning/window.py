"""What a plan is made from, read in one go: open orders, where their units lie, what else lies there, and who may send.

Nothing is locked, so orders go on being placed, held and picked; whoever applies the plan looks again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.orders.router import QUESTION_OF_RULES, Destination, Router, router_of, rule_set
from agents.orders.routing_rules import Judge
from agents.planning.messages import RoutingWeightsState
from agents.shipping.lanes import Cards, Way, cards_from, question_of_cards, way_to
from agents.shipping.learning import latest
from db.fulfilment import LIVE_FULFILMENTS
from db.promising import buffers_from, kept_from, question_of_buffers
from db.session import Transaction
from db.shipping import ShippingPolicy
from db.wire import Statement
from ml.carriers.forecasts import Forecasts

Place = tuple[str, str]
"""(sku, node)"""

OPEN = ("placed", "held", "released", "partly_shipped")
BEGUN = ("picking", "picked", "packed")
MOST_SOURCES = 3  # nodes that an order may come from
UNDATED = 14  # days that units wait for which nobody knows a day

_OPEN_ORDERS = """
    FROM orders o WHERE o.live AND o.status = ANY(%(open)s::text[]) AND o.placed_at <= %(before)s
      AND (%(channel)s::text IS NULL OR o.channel = %(channel)s)
      AND EXISTS (SELECT 1 FROM allocations a WHERE a.order_id = o.id AND a.state IN ('allocated', 'backordered')
                  AND (%(node)s::text IS NULL OR a.node = %(node)s))
"""
_NOT_BEGUN = """
      AND NOT EXISTS (SELECT 1 FROM allocations a WHERE a.order_id = o.id
                      AND (a.state = 'picked' OR a.parked_at IS NOT NULL))
      AND NOT EXISTS (SELECT 1 FROM fulfilments f WHERE f.order_id = o.id AND f.status = ANY(%(begun)s::text[]))
"""
_ORDERS = f"""
    SELECT o.id, o.number, o.channel, o.currency, o.shipping_address, o.placed_at, o.total - o.cancelled_total,
      coalesce(c.tags, '{{}}')
    {_OPEN_ORDERS.replace("FROM orders o", "FROM orders o LEFT JOIN customers c ON c.id = o.customer_id")} {_NOT_BEGUN}
    ORDER BY o.placed_at, o.id LIMIT %(most)s
"""
_COUNTED = f"SELECT (SELECT count(*) {_OPEN_ORDERS}), (SELECT count(*) {_OPEN_ORDERS} {_NOT_BEGUN})"
_UNITS = """
    SELECT a.order_id, a.sku, a.node, a.state = 'backordered', sum(a.quantity), min(a.created_at),
      bool_or(a.moved_up_at IS NOT NULL), max(p.promised_on)
    FROM allocations a LEFT JOIN backorder_promises p ON p.allocation_id = a.id AND p.ended_at IS NULL
    WHERE a.order_id = ANY(%(ids)s::uuid[]) AND a.state IN ('allocated', 'backordered')
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_GOODS = """
    SELECT v.sku, v.weight_grams, v.length_mm, v.width_mm, v.height_mm, v.hazmat, v.release_on,
      (SELECT amount FROM prices p WHERE p.sku = v.sku AND p.currency = %(currency)s)
    FROM variants v WHERE v.sku = ANY(%(skus)s::text[])
"""
_LEVELS = """
    SELECT sku, node, sellable, sellable - allocated - held, backordered FROM stock_levels
    WHERE sku = ANY(%(skus)s::text[])
"""
_DAILY = "SELECT sku, node, daily_milli FROM replenishment_plans WHERE sku = ANY(%(skus)s::text[]) AND daily_milli > 0"
_PARCELS = """
    SELECT node, count(*) FROM fulfilments
    WHERE status = ANY(%(live)s::text[]) AND NOT order_id = ANY(%(ids)s::uuid[]) GROUP BY node
"""


class Good(NamedTuple):
    grams: int
    sides_mm: tuple[int, int, int]
    hazmat: bool
    release_on: date | None
    price: int


class Units(NamedTuple):
    """Of one SKU of one order at one node."""

    sku: str
    node: str
    waits: bool
    quantity: int
    since: datetime
    moved_up: bool
    promised_on: date | None


@dataclass
class OpenOrder:
    id: UUID
    number: str
    channel: str
    currency: str
    to: Way
    placed_at: datetime
    value: int
    tags: frozenset[str]
    judge: Judge | None
    kilometres: Mapping[str, int | None]
    units: list[Units] = field(default_factory=list)


class Policy(NamedTuple):
    """Of shipping policies what counts here; `late_cost` None: the plan's own."""

    channel: str
    tag: str
    late_cost: int | None
    promise_days: int | None
    forbidden: frozenset[str]


@dataclass
class Window:
    """`usable` are free units that this plan may take; `left_out` are orders that it does not plan, by why."""

    now: datetime
    weights: RoutingWeightsState
    orders: list[OpenOrder]
    goods: Mapping[str, Good]
    usable: Mapping[Place, int]
    waited_for: frozenset[Place]
    nodes: Sequence[str]
    days: Mapping[str, int]  # until each node can hand over
    daily: Mapping[Place, int]
    parcels: Mapping[str, int]  # of orders that are not in the window, which a node has still to send
    cards: Cards
    policies: Sequence[Policy]
    known: Forecasts | None
    model_id: UUID | None
    rule_sets: list[int]
    left_out: Counter[str] = field(default_factory=Counter)


class Wanted(NamedTuple):
    node: str | None
    channel: str | None
    older_than_minutes: int
    most_orders: int


def read(tx: Transaction, wanted: Wanted, weights: RoutingWeightsState) -> Window:
    asked = {
        "open": list(OPEN), "begun": list(BEGUN), "channel": wanted.channel, "node": wanted.node,
        "before": tx.now - timedelta(minutes=wanted.older_than_minutes), "most": wanted.most_orders,
    }  # fmt: skip
    rows, ((in_all, not_begun),), rules, cards = tx.ask_together(
        Statement(_ORDERS, asked), Statement(_COUNTED, asked), QUESTION_OF_RULES, question_of_cards(tx.now)
    )
    ids = [row[0] for row in rows]
    (found,) = tx.ask_together(Statement(_UNITS, {"ids": ids}))
    skus = sorted({row[1] for row in found})
    sets = {channel: rule_set(ident, number, channel, its) for ident, number, channel, its in rules}
    router = router_of(tx, sets, skus)
    channels = sorted({row[2] for row in rows})
    goods, levels, daily, parcels, buffers = tx.ask_together(
        Statement(_GOODS, {"skus": skus, "currency": weights.currency}),
        Statement(_LEVELS, {"skus": skus}),
        Statement(_DAILY, {"skus": skus}),
        Statement(_PARCELS, {"live": [s.value for s in LIVE_FULFILMENTS], "ids": ids}),
        question_of_buffers(channels, skus),
    )
    model_id, known = latest(tx)
    units: defaultdict[UUID, list[Units]] = defaultdict(list)
    for order_id, *what in found:
        units[order_id].append(Units(*what))
    kept = buffers_from(buffers)
    window = Window(
        now=tx.now,
        weights=weights,
        orders=[_order(row, router, units[row[0]]) for row in rows if units[row[0]]],
        goods={sku: Good(grams, (x, y, z), haz, on, price or 0) for sku, grams, x, y, z, haz, on, price in goods},
        usable={
            (sku, node): max(0, free - max((kept_from(kept, c, (sku, node), sellable) for c in channels), default=0))
            for sku, node, sellable, free, waiting in levels
            if not waiting  # what is free there and waited for goes to those who wait
        },
        waited_for=frozenset((sku, node) for sku, node, _, _, waiting in levels if waiting),
        nodes=sorted(site.facts.code for site in router.sites),
        days={site.facts.code: site.facts.days for site in router.sites},
        daily={(sku, node): milli for sku, node, milli in daily},
        parcels=dict(parcels),
        cards=cards_from(tx, cards),
        policies=_policies(tx, weights.currency),
        known=known,
        model_id=model_id,
        rule_sets=sorted(s.number for s in sets.values()),
        left_out=Counter(
            {"being picked or packed, or held for too long": in_all - not_begun, "more than one plan takes": 0}
        ),
    )
    window.left_out["more than one plan takes"] = max(0, not_begun - len(rows))
    _leave_out(window)
    return window


def _order(row: Sequence[Any], router: Router, units: list[Units]) -> OpenOrder:
    ident, number, channel, currency, address, placed_at, value, tags = row
    goods: Counter[str] = Counter()
    for one in units:
        goods[one.sku] += one.quantity
    to = Destination(channel, address, currency)
    judge = router.judge(to, goods)
    facts = judge.facts if judge is not None else router.facts(to, goods)
    return OpenOrder(
        id=ident,
        number=number,
        channel=channel,
        currency=currency,
        to=way_to(address),
        placed_at=placed_at,
        value=value,
        tags=frozenset(tags),
        judge=judge,
        kilometres={code: node.km for code, node in facts.nodes.items()},
        units=units,
    )


def _policies(tx: Transaction, currency: str) -> list[Policy]:
    """In the order in which they are asked."""
    rows = select(ShippingPolicy).where(ShippingPolicy.active).order_by(ShippingPolicy.rank, ShippingPolicy.code)
    return [
        Policy(p.channel, p.customer_tag, p.late_cost if p.currency == currency else None, p.promise_days,
               frozenset(p.forbidden))
        for p in tx.scalars(rows)
    ]  # fmt: skip


def policy_of(policies: Iterable[Policy], channel: str, tags: Collection[str]) -> Policy | None:
    """The first that fits."""
    return next((p for p in policies if p.channel in ("*", channel) and (p.tag == "*" or p.tag in tags)), None)


def _leave_out(window: Window) -> None:
    """Orders that cannot be planned as they stand stay where they are, and so do those whose turn it is not."""
    kept: list[OpenOrder] = []
    today = window.now.date()
    for order in window.orders:
        nodes = {u.node for u in order.units if not u.waits}
        if len(nodes) + any(u.waits for u in order.units) > MOST_SOURCES:
            window.left_out[f"from more than {MOST_SOURCES} nodes"] += 1
        elif any((on := window.goods[u.sku].release_on) is not None and on > today for u in order.units):
            window.left_out["not released yet"] += 1
        elif not nodes <= set(window.nodes):
            window.left_out["at a node that ships no more"] += 1
        else:
            kept.append(order)
    window.orders = kept
    _in_turn(window)


def _in_turn(window: Window) -> None:
    """Of units that are waited for, those who came first are planned: as many as could have what lies anywhere.

    Units that somebody waits for beside others of the same SKU that lie ready for the same order wait on.
    """
    left: Counter[str] = Counter()
    for (sku, _), units in window.usable.items():
        left[sku] += units
    waiting = [(not u.moved_up, u.since, order.id, u) for order in window.orders for u in order.units if u.waits]
    out: set[UUID] = set()
    passed: set[str] = set()
    for _, _, ident, u in sorted(waiting, key=lambda row: row[:3]):
        if u.sku in passed or left[u.sku] < u.quantity:
            passed.add(u.sku)  # nobody behind goes before whoever could not be served
            out.add(ident)
        else:
            left[u.sku] -= u.quantity
    window.left_out["waiting behind others, or for what lies nowhere"] += len(out)
    for order in window.orders:
        ready = {u.sku for u in order.units if not u.waits}
        if any(u.waits and u.sku in ready for u in order.units):
            out.add(order.id)
            window.left_out["partly waiting"] += 1
    window.orders = [order for order in window.orders if order.id not in out]


def plain(weights: RoutingWeightsState) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(weights)
    return found
