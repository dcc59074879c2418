"""A node that ships no more: what would become of its open units, and, once it is so, moving them out.

The drill and the real thing plan by the same function, order by order, oldest first. What no other node has or may
promise stays where it is: the goods lie there, and somebody has to decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select

from agents.orders.deciding import tells
from agents.orders.goods import load_goods, not_backordered
from agents.orders.messages import DrillNode, EmptyNode, MoveOutOfNode
from agents.orders.messages.routing import DrilledNode, DrilledOrder, DrilledUnits, EmptyingBegun, NodeDrill
from agents.orders.moving import (
    MOVABLE,
    Move,
    carry_out,
    destination_of,
    facts_of,
    open_promises,
    take,
    units_by_sku,
)
from agents.orders.refusals import NodeStillShips
from agents.orders.router import QUESTION_OF_RULES, Router, router_of, rule_set
from agents.orders.routing import Need, Piece, Pool, ShippingNode, route
from agents.orders.routing_rules import Facts, Judge
from agents.orders.rules import HOLDABLE, check_text
from agents.orders.stockroom import fill, pool_of
from db.catalog import Variant
from db.errors import NotFound
from db.ledger import Level, lock_skus
from db.nodes import Node
from db.orders import Order
from db.routing import RoutedFor
from db.session import Transaction
from db.stock import Allocation, AllocationState, StockLevel

MOST_DRILLED = 2000  # orders in one drill; one that is asked of an agent must not keep others waiting
SHOWN = 100
AT_ONCE = 20  # orders that are moved in one transaction: who places an order meanwhile waits for them


class Planned(NamedTuple):
    move: Move
    stays: int  # units with nowhere to go
    facts: Facts


def drill(tx: Transaction, ask: DrillNode) -> NodeDrill:
    """Nothing is locked and nothing changed: orders that come meanwhile are not seen."""
    node = _node(tx, ask.node)
    ids = list(tx.scalars(_orders_at(ask.node).limit(MOST_DRILLED)))
    in_all = tx.scalar(select(func.count()).select_from(_orders_at(ask.node).subquery())) or 0
    orders, allocations = open_promises(tx, ids, lock=False)
    skus = {a.sku for rows in allocations.values() for a in rows}
    planned = _plan(tx, ask.node, [orders[i] for i in ids], allocations, _levels(tx, skus), why="a drill")
    picked = sum(
        a.quantity
        for rows in allocations.values()
        for a in rows
        if a.node == ask.node and a.state == AllocationState.picked
    )
    return _report(ask.node, planned, ships=node.ships, picked=picked, left_out=in_all - len(ids))


def empty(tx: Transaction, ask: EmptyNode) -> EmptyingBegun:
    """Raises NodeStillShips: otherwise new orders would come while the old ones leave."""
    check_text("reason", ask.reason, needed=True)
    if _node(tx, ask.node).ships:
        raise NodeStillShips(ask.node)
    orders, units = tx.execute(
        select(func.count(func.distinct(Allocation.order_id)), func.coalesce(func.sum(Allocation.quantity), 0)).where(
            Allocation.node == ask.node, Allocation.state.in_(MOVABLE)
        )
    ).one()
    if orders:
        tx.send("orders", f"node:{ask.node}", MoveOutOfNode(node=ask.node, reason=ask.reason))
    tx.audit("empty", f"node:{ask.node}", after={"orders": orders, "units": int(units)}, why=ask.reason)
    return EmptyingBegun(node=ask.node, orders=orders, units=int(units))


def move_out(tx: Transaction, task: MoveOutOfNode) -> int:
    """Move the next orders out, and send for those after them; returns how many. Ends when the node ships again."""
    if _node(tx, task.node).ships:
        return 0
    found = _orders_at(task.node)
    if task.after is not None:
        found = found.where(Order.id > task.after)
    ids = list(tx.scalars(found.limit(AT_ONCE)))
    if not ids:
        return 0
    orders, allocations = open_promises(tx, ids, lock=True)
    levels = lock_skus(tx, {a.sku for rows in allocations.values() for a in rows})
    _, allocations = open_promises(tx, ids, lock=True)  # again, under the locks of their levels
    freed = set()
    for planned in _plan(tx, task.node, [orders[i] for i in ids], allocations, levels, why=task.reason):
        if planned.move.pieces:
            freed |= carry_out(tx, planned.move, planned.facts, why=task.reason, cause=RoutedFor.closed_node)
    fill(tx, freed)
    if len(ids) == AT_ONCE:
        tx.send("orders", f"node:{task.node}", MoveOutOfNode(node=task.node, reason=task.reason, after=ids[-1]))
    return len(ids)


def _node(tx: Transaction, code: str) -> Node:
    node = tx.get(Node, code, populate_existing=True)
    if node is None:
        raise NotFound("node", code)
    return node


def _orders_at(node: str) -> Select[UUID]:
    """Orders with units there that nobody has picked, in the order in which they came: ids rise with time."""
    there = select(Allocation.order_id).where(Allocation.node == node, Allocation.state.in_(MOVABLE))
    return select(Order.id).where(Order.id.in_(there), Order.live, Order.status.in_(HOLDABLE)).order_by(Order.id)


def _levels(tx: Transaction, skus: Iterable[str]) -> dict[tuple[str, str], Level]:
    """As `lock_skus`, without the locks."""
    rows = tx.execute(
        select(StockLevel, Variant.backorder_limit)
        .join(Variant, Variant.sku == StockLevel.sku)
        .where(StockLevel.sku.in_(sorted(set(skus))))
    )
    return {
        (at.sku, at.node): Level(at.on_hand, at.sellable, at.allocated, at.held, at.backordered, limit)
        for at, limit in rows
    }


def _plan(
    tx: Transaction,
    node: str,
    orders: Sequence[Order],
    allocations: Mapping[UUID, Sequence[Allocation]],
    levels: Mapping[tuple[str, str], Level],
    *,
    why: str,
) -> list[Planned]:
    """A new place for each order's units at the node, each after what those before it took."""
    skus = sorted({a.sku for rows in allocations.values() for a in rows})
    (rows,) = tx.ask_together(QUESTION_OF_RULES)
    sets = {channel: rule_set(ident, number, channel, rules) for ident, number, channel, rules in rows}
    router = router_of(tx, sets, skus)
    others = [ShippingNode(s.facts.rank, s.facts.code) for s in router.sites if s.facts.code != node]
    pool = pool_of(levels, others, not_backordered(load_goods(tx, skus, []).values()))
    moves = [Move(order, list(allocations[order.id])) for order in orders]
    return [_one(move, node, pool, router, why=why) for move in moves]


def _one(move: Move, node: str, pool: Pool, router: Router, *, why: str) -> Planned:
    order, allocations = move.order, move.allocations
    mine = [a for a in allocations if a.node == node and a.state in MOVABLE]
    units = units_by_sku(mine)
    facts = facts_of(router, order, units)
    judge = router.judge(destination_of(order), units)
    judge = judge.without(node) if judge is not None else None
    needs, stays = _needs(mine, pool, judge)
    used = {a.node for a in allocations if a.node != node}
    pieces = route(needs, pool, judge=judge, used=used) if needs else []
    for need in needs:
        rows = [a for a in mine if (a.line_no, a.sku) == (need.line_no, need.sku)]
        taken, _ = take(rows, need.quantity)
        its = [p for p in pieces if (p.line_no, p.sku) == (need.line_no, need.sku)]
        move.add(taken, [p._replace(why=f"{node} ships no more ({why}); {p.why}") for p in its])
    return Planned(move, stays, facts)


def _needs(mine: Sequence[Allocation], pool: Pool, judge: Judge | None) -> tuple[list[Need], int]:
    """What can go elsewhere, earlier lines first, and how many units cannot."""
    wanted: Counter[tuple[int, str]] = Counter()
    for a in mine:
        wanted[(a.line_no, a.sku)] += a.quantity
    left: dict[str, int] = {}
    needs, stays = [], 0
    for (line_no, sku), quantity in sorted(wanted.items()):
        if sku not in left:
            codes = [n.code for n in pool.nodes if judge is None or judge.may(sku, n.code)]
            left[sku] = sum(max(0, pool.free.get((sku, c), 0)) + pool.room.get((sku, c), 0) for c in codes)
        goes = min(quantity, left[sku])
        left[sku] -= goes
        stays += quantity - goes
        if goes:
            needs.append(Need(line_no, sku, goes))
    return needs, stays


def _report(node: str, planned: Sequence[Planned], *, ships: bool, picked: int, left_out: int) -> NodeDrill:
    rows = [_row(p) for p in planned]
    units: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for p in planned:
        for to in {m.to_node for m in p.move.moves}:
            orders[to] += 1
        for m in p.move.moves:
            units[m.to_node] += m.quantity
    far = [r.km_more for r in rows if r.km_more is not None]
    late = [r.days_later for r in rows if r.days_later is not None and r.days_later > 0]
    rows.sort(key=lambda r: (-r.stays, -r.waits, -(r.days_later or 0), -(r.km_more or 0), r.number))
    return NodeDrill(
        node=node,
        ships=ships,
        orders=len(rows),
        units=sum(r.units for r in rows),
        moved=sum(units.values()),
        waits=sum(r.waits for r in rows),
        stays=sum(r.stays for r in rows),
        picked=picked,
        parcels_more=sum(r.parcels_more for r in rows),
        km_more=sum(far) if far else None,
        later=len(late),
        most_days_later=max(late, default=0),
        by_node=[DrilledNode(node=n, units=units[n], orders=orders[n]) for n in sorted(units)],
        rows=rows[:SHOWN],
        left_out=left_out,
    )


def _row(planned: Planned) -> DrilledOrder:
    move, order = planned.move, planned.move.order
    before, after = tells(move.before(), planned.facts), tells(move.after(), planned.facts)
    return DrilledOrder(
        order_id=order.id,
        number=order.number,
        country=planned.facts.country,
        units=sum(m.quantity for m in move.moves) + planned.stays,
        to=[DrilledUnits(sku=m.sku, node=m.to_node, quantity=m.quantity, waits=m.waits) for m in move.moves],
        waits=sum(m.quantity for m in move.moves if m.waits),
        stays=planned.stays,
        parcels_more=after["parcels"] - before["parcels"],
        km_more=_less(after["km"], before["km"]),
        days_later=_less(_days(move.after(), planned.facts), _days(move.before(), planned.facts)),
        why=list(dict.fromkeys(p.why for p in move.pieces)),
    )


def _days(pieces: Sequence[Piece], facts: Facts) -> int | None:
    """Until the last of the nodes that have their part can hand it over."""
    days = [facts.nodes[p.node].days for p in pieces if not p.backordered and p.node in facts.nodes]
    return max(days, default=None)


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other
