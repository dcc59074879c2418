"""Rules on trial: what they would have made of the last orders, each with the stock that there was when it came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text, Uuid

from agents.orders.deciding import tells
from agents.orders.drafts import needs_of
from agents.orders.messages import TryRules
from agents.orders.messages.routing import ParcelsOfNode, RulesTried, TriedOrder, TriedPlan, TriedSums
from agents.orders.refusals import BadQuantity, OutOfStock
from agents.orders.router import QUESTION_OF_RULES, Destination, Router, router_of, rule_set
from agents.orders.routing import Need, Piece, Pool, ShippingNode, route, units_of
from agents.orders.routing_rules import Facts, Judge, Place, RuleSet
from agents.orders.rule_sets import check_rules
from db.orders import Order, OrderSheet, OrderStatus, order_sheets
from db.routing import EVERY_CHANNEL
from db.session import Transaction
from db.stock import AllocationState

MOST_ORDERS = 500

_LEVELS = text("""
    SELECT l.sku, l.node, l.sellable - l.allocated - l.held AS free,
           greatest(v.backorder_limit - l.backordered, 0) AS room
    FROM stock_levels l JOIN variants v USING (sku) WHERE l.sku = ANY(:skus)
""").bindparams(bindparam("skus", type_=ARRAY(Text)))
# What was booked since the order came, its own promise included: that much less was free then, or more.
_SINCE = text("""
    SELECT o.id, g.sku, g.node,
           sum(CASE WHEN g.status = 'sellable' THEN g.on_hand ELSE 0 END) - sum(g.allocated) AS free
    FROM orders o JOIN (SELECT * FROM unnest(:ids, :skus) AS w(id, sku)) w ON w.id = o.id
    JOIN stock_ledger g ON g.sku = w.sku
      AND (g.at > o.placed_at OR (g.at = o.placed_at AND g.cause = 'order:' || o.id))
    GROUP BY o.id, g.sku, g.node
""").bindparams(bindparam("ids", type_=ARRAY(Uuid)), bindparam("skus", type_=ARRAY(Text)))


class Plan(NamedTuple):
    """What became of an order under some rules; `refused` instead of a plan."""

    told: dict[str, Any]
    where: Counter[tuple[str, str, bool]]  # sku, node, waits
    why: list[str]
    refused: str | None = None


def try_rules(tx: Transaction, ask: TryRules) -> RulesTried:
    """Raises BadRule, BadQuantity."""
    check_rules(tx, ask.rules, ask.channel)
    if not 0 < ask.orders <= MOST_ORDERS:
        raise BadQuantity("orders", ask.orders, MOST_ORDERS)
    sheets, left_out = _last_orders(tx, ask)
    needs = {s.order.id: needs_of(s.lines) for s in sheets}
    skus = sorted({n.sku for each in needs.values() for n in each})
    (rows,) = tx.ask_together(QUESTION_OF_RULES)
    sets = {channel: rule_set(ident, number, channel, rules) for ident, number, channel, rules in rows}
    tried = RuleSet(None, 0, ask.channel, tuple(ask.rules))
    # One router for both, so that both see the same facts.
    router = router_of(tx, {**{f"in force {c}": r for c, r in sets.items()}, "tried": tried}, skus)
    stock = _stock(tx, needs, skus)
    told = [_row(sheet, needs[sheet.order.id], stock[sheet.order.id], router, (sets, tried)) for sheet in sheets]
    mine = sets.get(ask.channel) or sets.get(EVERY_CHANNEL)
    return RulesTried(
        rows=told,
        now=_sum([r.now for r in told]),
        tried=_sum([r.tried for r in told]),
        changed=sum(r.changed for r in told),
        left_out=left_out,
        in_force=mine.number if mine else None,
    )


def _last_orders(tx: Transaction, ask: TryRules) -> tuple[list[OrderSheet], int]:
    """Newest first, with how many of them had nothing to route."""
    found = select(Order.id).where(Order.placed_at.is_not(None), Order.status != OrderStatus.draft)
    if ask.channel != EVERY_CHANNEL:
        found = found.where(Order.channel == ask.channel)
    ids = list(tx.scalars(found.order_by(Order.placed_at.desc(), Order.id.desc()).limit(ask.orders)))
    sheets = order_sheets(tx, ids)
    routed = [sheets[i] for i in ids if sheets[i].order.live and sheets[i].allocations and needs_of(sheets[i].lines)]
    return routed, len(ids) - len(routed)


def _stock(tx: Transaction, needs: Mapping[UUID, Sequence[Need]], skus: Sequence[str]) -> dict[UUID, Pool]:
    """What could be promised when each order came. Checkout holds and room for backorders are those of now."""
    free: dict[Place, int] = {}
    room: dict[Place, int] = {}
    for row in tx.execute(_LEVELS, {"skus": list(skus)}):
        free[(row.sku, row.node)], room[(row.sku, row.node)] = row.free, row.room
    since: dict[UUID, dict[Place, int]] = defaultdict(dict)
    pairs = sorted({(i, n.sku) for i, each in needs.items() for n in each})
    for row in tx.execute(_SINCE, {"ids": [i for i, _ in pairs], "skus": [s for _, s in pairs]}):
        since[row.id][(row.sku, row.node)] = int(row.free)
    nodes = [ShippingNode(rank, code) for rank, code in tx.execute(text("SELECT rank, code FROM nodes WHERE ships"))]
    return {
        ident: Pool(
            list(nodes),
            {place: units - since[ident].get(place, 0) for place, units in free.items() if place[0] in mine},
            {place: units for place, units in room.items() if place[0] in mine},
        )
        for ident, each in needs.items()
        if (mine := {n.sku for n in each})
    }


def _row(
    sheet: OrderSheet,
    needs: Sequence[Need],
    pool: Pool,
    router: Router,
    rules: tuple[Mapping[str, RuleSet], RuleSet],
) -> TriedOrder:
    order, (in_force, tried) = sheet.order, rules
    to = Destination(order.channel, order.shipping_address, order.currency)
    facts = router.facts(to, units_of(needs))
    mine = in_force.get(order.channel) or in_force.get(EVERY_CHANNEL)
    now = _plan(needs, pool, facts, mine)
    then = _plan(needs, pool, facts, tried)
    return TriedOrder(
        order_id=order.id,
        number=order.number,
        channel=order.channel,
        placed_at=order.placed_at or order.created_at,
        country=facts.country,
        units=sum(n.quantity for n in needs),
        was=sorted({a.node for a in sheet.allocations if a.state != AllocationState.released}),
        now=_told(now),
        tried=_told(then),
        changed=now.where != then.where or bool(now.refused) != bool(then.refused),
        why=then.why,
    )


def _plan(needs: Sequence[Need], pool: Pool, facts: Facts, rules: RuleSet | None) -> Plan:
    copy = Pool(list(pool.nodes), dict(pool.free), dict(pool.room))
    try:
        pieces = route(needs, copy, judge=Judge(rules, facts) if rules else None)
    except OutOfStock as refusal:
        return Plan({}, Counter(), [], str(refusal))
    return Plan(tells(pieces, facts), _where(pieces), list(dict.fromkeys(p.why for p in pieces)))


def _where(pieces: Sequence[Piece]) -> Counter[tuple[str, str, bool]]:
    where: Counter[tuple[str, str, bool]] = Counter()
    for p in pieces:
        where[(p.sku, p.node, p.backordered)] += p.quantity
    return where


def _told(plan: Plan) -> TriedPlan:
    nothing = {"nodes": [], "parcels": 0, "waiting": 0, "km": None, "days": None}
    return TriedPlan(**{**nothing, **plan.told}, refused=plan.refused)


def _sum(plans: Sequence[TriedPlan]) -> TriedSums:
    good = [p for p in plans if not p.refused]
    far = [p.km for p in good if p.km is not None]
    nodes = Counter(node for p in good for node in p.nodes)
    return TriedSums(
        orders=len(good),
        refused=len(plans) - len(good),
        parcels=sum(p.parcels for p in good),
        split=sum(p.parcels > 1 for p in good),
        waiting=sum(p.waiting for p in good),
        km=sum(far),
        measured=len(far),
        days=sum(p.days or 0 for p in good),
        by_node=[ParcelsOfNode(node=n, parcels=c) for n, c in sorted(nodes.items())],
    )
