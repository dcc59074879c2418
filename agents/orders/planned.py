"""Moves orders as a plan of many says. Each is looked at again under its locks, and what changed meanwhile stays.

Orders of a slice may take each other's units: all let go before any is promised.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from agents.orders.messages.routing import MovePlanned, PlannedOrder
from agents.orders.moving import (
    Move,
    destination_of,
    facts_of,
    let_go,
    open_promises,
    promise_there,
    take,
    units_by_sku,
)
from agents.orders.router import QUESTION_OF_RULES, Router, router_of, rule_set
from agents.orders.routing import Piece
from agents.orders.routing_rules import Place
from agents.orders.rules import HOLDABLE
from agents.orders.stockroom import fill
from agents.planning.messages import MovedOrder, SliceMoved
from db.fulfilment import Fulfilment, FulfilmentStatus
from db.ledger import Level, lock_skus
from db.orders import Order
from db.promising import Buffer, buffers_from, kept_from, question_of_buffers
from db.routing import RoutedFor
from db.session import Transaction
from db.stock import Allocation, AllocationState

BEGUN = (FulfilmentStatus.picking, FulfilmentStatus.picked, FulfilmentStatus.packed)


@dataclass(frozen=True)
class _Ready:
    """An order that can be moved as planned, if the units are there."""

    planned: PlannedOrder
    move: Move

    @property
    def takes(self) -> Counter[Place]:
        return _sums((m.sku, m.to_node, m.quantity) for m in self.planned.moves)

    @property
    def gives(self) -> Counter[Place]:
        return _sums((m.sku, m.from_node, m.quantity) for m in self.planned.moves if not m.waits)


@dataclass(frozen=True)
class _Stock:
    """What lies there now, by (sku, node), and what is kept from which channel."""

    levels: Mapping[Place, Level]
    buffers: Sequence[Buffer]

    def free(self, place: Place, channel: str) -> int:
        """None of it where others wait: what comes free there is theirs."""
        level = self.levels.get(place)
        if level is None or level.backordered:
            return 0
        return max(0, level.free - kept_from(self.buffers, channel, place, level.sellable))


def move_planned(tx: Transaction, task: MovePlanned) -> None:
    why = f"plan {task.number}"
    ids = sorted({one.order_id for one in task.orders})
    orders, allocations = open_promises(tx, ids, lock=True)
    skus = sorted({m.sku for one in task.orders for m in one.moves})
    levels = lock_skus(tx, skus)
    _, allocations = open_promises(tx, ids, lock=True)  # again, under the locks of their levels
    rules, buffers = tx.ask_together(QUESTION_OF_RULES, question_of_buffers({o.channel for o in orders.values()}, skus))
    router = router_of(tx, {c: rule_set(i, n, c, its) for i, n, c, its in rules}, skus)
    stock = _Stock(levels, buffers_from(buffers))
    begun = set(
        tx.scalars(select(Fulfilment.order_id).where(Fulfilment.order_id.in_(ids), Fulfilment.status.in_(BEGUN)))
    )
    ready: list[_Ready] = []
    stays: dict[int, str] = {}
    for one in task.orders:
        found = _looked_at(one, orders.get(one.order_id), allocations.get(one.order_id, ()), begun, router)
        if isinstance(found, str):
            stays[one.row_no] = found
        else:
            ready.append(found)
    _drop_what_is_not_there(ready, stock, stays, whole=task.whole)
    _do(tx, ready, router, why)
    rows = [MovedOrder(row_no=one.row_no, sentence=stays.get(one.row_no)) for one in task.orders]
    told = SliceMoved(plan_id=task.plan_id, slice_no=task.slice_no, rows=rows)
    tx.send("planning", f"routing_plan:{task.plan_id}", told)


def _looked_at(
    planned: PlannedOrder,
    order: Order | None,
    allocations: Sequence[Allocation],
    begun: Collection[UUID],
    router: Router,
) -> _Ready | str:
    """The move, or why the order stays where it is."""
    if order is None or not order.live or order.status not in HOLDABLE:
        return f"the order is {order.status if order else 'gone'}"
    if order.id in begun or any(a.state == AllocationState.picked for a in allocations):
        return "somebody has begun to pick it"
    judge = router.judge(destination_of(order), units_by_sku(allocations))
    ships = {n.code for n in router.nodes}
    move = Move(order, allocations)
    for m in planned.moves:
        if m.to_node not in ships:
            return f"{m.to_node} ships no more"
        if judge is not None and not judge.may(m.sku, m.to_node):
            return f"the rules in force do not let {m.to_node} ship {m.sku} to it"
        state = AllocationState.backordered if m.waits else AllocationState.allocated
        rows = [a for a in allocations if (a.sku, a.node, a.state) == (m.sku, m.from_node, state)]
        taken, short = take(rows, m.quantity, gone=move.going)
        if short:
            return f"{m.quantity} {m.sku} do not {'wait' if m.waits else 'lie ready'} for it at {m.from_node} any more"
        pieces = [
            Piece(row.line_no, row.sku, m.to_node, units, False, f"planned with others: {planned.why}")
            for row, units in taken
        ]
        move.add(taken, pieces)
    return _Ready(planned, move)


def _drop_what_is_not_there(ready: list[_Ready], stock: _Stock, stays: dict[int, str], *, whole: bool) -> None:
    """Those that would take more than lies there and others give up; then those that nobody needs the units of."""
    while True:
        out = _too_much(ready, stock)
        says = "others have taken the units meanwhile"
        if out is None and whole:
            out = _for_nobody(ready, stock)
            says = "nobody takes the units that it was to leave"
        if out is None:
            return
        stays[out.planned.row_no] = says
        ready.remove(out)


def _too_much(ready: Sequence[_Ready], stock: _Stock) -> _Ready | None:
    """The last of those that take from a place where there is too little."""
    given: Counter[Place] = Counter()
    for one in ready:
        given.update(one.gives)
    takers: defaultdict[Place, list[_Ready]] = defaultdict(list)
    for one in ready:
        for place in one.takes:
            takers[place].append(one)
    for place, those in sorted(takers.items()):
        there = min(stock.free(place, one.move.order.channel) for one in those)
        waited_for = stock.levels[place].backordered if place in stock.levels else 0
        if sum(one.takes[place] for one in those) > there + (0 if waited_for else given[place]):
            return those[-1]
    return None


def _for_nobody(ready: Sequence[_Ready], stock: _Stock) -> _Ready | None:
    """One that costs more than before, and whose units lie there without being needed."""
    taken: Counter[Place] = Counter()
    for one in ready:
        taken.update(one.takes)
    for one in ready:
        if one.planned.saved < 0:
            channel = one.move.order.channel
            if all(taken[place] <= stock.free(place, channel) for place in one.gives):
                return one
    return None


def _do(tx: Transaction, ready: Sequence[_Ready], router: Router, why: str) -> None:
    afters = [one.move.after() for one in ready]  # told from the rows as they were
    freed: set[Place] = set()
    for one in ready:
        freed |= let_go(tx, one.move, why=why)
    for one, after in zip(ready, afters, strict=True):
        facts = facts_of(router, one.move.order, units_by_sku(one.move.allocations))
        because = f"{why}, {one.planned.why}"
        promise_there(tx, one.move, facts, after, why=because, cause=RoutedFor.planned)
    fill(tx, freed)


def _sums(rows: Iterable[tuple[str, str, int]]) -> Counter[Place]:
    found: Counter[Place] = Counter()
    for sku, node, quantity in rows:
        found[(sku, node)] += quantity
    return found
