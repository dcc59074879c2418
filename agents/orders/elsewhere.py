"""Units that wait where they were promised: by the rules in force another node sends them, where one has any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from agents.orders.cancelling import lock_all
from agents.orders.deciding import decide, decision_row
from agents.orders.messages import RouteMissing
from agents.orders.moving import Move, carry_out, destination_of
from agents.orders.router import open_router
from agents.orders.routing import Need, Pool
from agents.orders.routing_rules import Judge
from agents.orders.rules import HOLDABLE
from agents.orders.stockroom import fill, open_stockroom
from db.orders import order_sheet
from db.routing import RoutedFor, RoutingDecision
from db.session import Transaction
from db.stock import Allocation, AllocationState


def route_missing(tx: Transaction, task: RouteMissing) -> int:
    """Promise at other nodes what was short at one; returns the units."""
    return route_elsewhere(
        tx, task.order_id, task.allocations, without=task.node, why=task.why, cause=RoutedFor.short_pick
    )


def route_elsewhere(
    tx: Transaction,
    order_id: UUID,
    waiting: Collection[UUID],
    *,
    without: str | None = None,
    why: str,
    cause: RoutedFor,
) -> int:
    """Move units of these allocations that wait for stock to nodes that have them; returns the units.

    What no other node has waits where it was: only units that lie somewhere are moved, and none that are kept from the
    order's channel. Units that were filled or cancelled meanwhile are left alone, so the same twice does nothing more.
    The decision is kept.
    """
    sheet = order_sheet(tx, order_id, lock=True)
    order = sheet.order
    if not order.live or order.status not in HOLDABLE:
        return 0
    skus = {a.sku for a in sheet.allocations if a.id in waiting}
    router = open_router(tx, skus)
    stock = open_stockroom(tx, skus, channels=[order.channel], router=router)
    allocations = lock_all(tx, sheet)
    mine = [a for a in allocations if a.id in waiting and _waits(a)]
    if router is None or not mine:
        return 0
    units: Counter[str] = Counter()
    for row in mine:
        units[row.sku] += row.quantity
    judge = router.judge(destination_of(order), units)
    if judge is None:
        return 0
    if without is not None:
        judge = judge.without(without)
    with stock.without_what_is_kept_from(order.channel, skus):
        pool = Pool([n for n in stock.pool.nodes if n.code != without], dict(stock.pool.free), {})
    taken = _can_go(mine, pool, judge)
    if not taken:
        return 0
    pieces, decision = decide([Need(row.line_no, row.sku, goes) for row, goes in taken], pool, judge)
    move = Move(order, allocations)
    move.add(taken, [p._replace(why=f"{why}; {p.why}") for p in pieces])
    freed = carry_out(tx, move, None, why=why, cause=cause)
    tx.insert_all(RoutingDecision, [decision_row(tx, order.id, decision, cause=cause, why=why)])
    fill(tx, freed)
    return sum(m.quantity for m in move.moves)


def _waits(row: Allocation) -> bool:
    return row.state == AllocationState.backordered and row.parked_at is None


def _can_go(mine: list[Allocation], pool: Pool, judge: Judge) -> list[tuple[Allocation, int]]:
    """As much of each row as lies at nodes that may send it, earlier lines first."""
    left: dict[str, int] = {}
    found = []
    for row in sorted(mine, key=lambda a: (a.line_no, a.id)):
        if row.sku not in left:
            codes = [n.code for n in pool.nodes if judge.may(row.sku, n.code)]
            left[row.sku] = sum(max(0, pool.free.get((row.sku, code), 0)) for code in codes)
        goes = min(row.quantity, left[row.sku])
        left[row.sku] -= goes
        if goes:
            found.append((row, goes))
    return found
