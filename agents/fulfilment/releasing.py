"""Bringing an order's fulfilments in line with its allocations, holds and cancellations.

Whatever was said (released, held, cancelled, filled, lost), only what is true now counts: so messages may
come twice, late or together, and the outcome is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import itemgetter
from uuid import UUID

from sqlalchemy import func, select

from agents.fulfilment.fulfilments import are_workable, lines_of, lock_fulfilments, lock_orders
from agents.fulfilment.messages import FulfilmentReady
from agents.fulfilment.packing import unpack_all_with
from agents.fulfilment.progress import settle
from agents.fulfilment.tasks import open_tasks, trim_tasks, withdraw
from db.allocations import lock_allocations
from db.base import uuid7
from db.fulfilment import (
    LIVE_FULFILMENTS,
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    fulfilment_numbers,
)
from db.ledger import lock_levels
from db.orders import Order
from db.session import Transaction, Who
from db.stock import OPEN_ALLOCATIONS, Allocation, AllocationState

S = FulfilmentStatus
FIRST_NUMBER = 100_000  # the first fulfilment is F100001


def reconcile(tx: Transaction, order_ids: Sequence[UUID], whos: Sequence[Who]) -> None:
    """Drop what is no longer promised, stop what is held, and open fulfilments for what is new.

    Of any number of orders in as many statements as of one; `whos` is on whose behalf, for each.
    """
    orders = {id: order for id, order in lock_orders(tx, order_ids).items() if order.live}
    ids = tx.scalars(
        select(Fulfilment.id).where(Fulfilment.order_id.in_(orders), Fulfilment.status.in_(LIVE_FULFILMENTS))
    ).all()
    fulfilments = lock_fulfilments(tx, ids)
    by_order: dict[UUID, list[Fulfilment]] = defaultdict(list)
    for fulfilment in fulfilments:
        by_order[fulfilment.order_id].append(fulfilment)
    workable = {order.id for order in are_workable(tx, list(orders.values()))}
    promised = lock_promises(tx, orders, with_levels=by_order)
    for order_id, tx.who in zip(order_ids, whos, strict=True):
        if theirs := by_order.get(order_id):
            drop_lost(tx, theirs)
            if order_id not in workable:
                order = orders[order_id]
                withdraw(tx, open_tasks(tx, [f.id for f in theirs]), why=f"order {order.number} is {order.status}")
            settle(tx, theirs)
    for_whom = {id: who for id, who in zip(order_ids, whos, strict=True) if id in workable}
    if for_whom:
        open_fulfilments(tx, [orders[id] for id in for_whom], promised, for_whom)


def lock_promises(
    tx: Transaction, orders: Collection[UUID], *, with_levels: Collection[UUID]
) -> dict[UUID, list[Allocation]]:
    """Lock all that orders are promised before any part of it is locked alone: node by node would be another order
    than everybody else's. Returns it by order.

    Levels under it are locked only for orders `with_levels`: whose units may go back, or be picked elsewhere. Where
    fulfilments are merely opened no level moves, and those who place orders need not wait.
    """
    if with_levels:
        under = select(Allocation.sku, Allocation.node).where(Allocation.order_id.in_(with_levels)).distinct()
        places = tx.execute(under).all()
        lock_levels(tx, [(p.sku, p.node) for p in places])
    rows = tx.scalars(
        select(Allocation)
        .where(Allocation.order_id.in_(orders), Allocation.state.in_(OPEN_ALLOCATIONS))
        .order_by(Allocation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    promised: dict[UUID, list[Allocation]] = defaultdict(list)
    for row in rows:
        promised[row.order_id].append(row)
    return promised


def drop_lost(tx: Transaction, fulfilments: Sequence[Fulfilment]) -> None:
    """Cut lines down to what their allocations still promise; the rest was cancelled, moved or lost."""
    live = {f.id: f for f in fulfilments if f.status in LIVE_FULFILMENTS}
    lines = lines_of(tx, live)
    if not lines:
        return
    allocations = lock_allocations(tx, [line.allocation_id for line in lines])
    for line in lines:
        allocation = allocations.get(line.allocation_id)
        kept = still_promised(allocation)
        if kept >= line.quantity:
            continue
        fulfilment = live[line.fulfilment_id]
        gone = f"{line.quantity - kept} {line.sku} no longer wanted"
        if line.packed:
            unpack_all_with(tx, fulfilment, line.allocation_id, why=gone)
        if line.picked:
            gone += f", put back from {line.bin}"
        tx.note(f"fulfilment:{fulfilment.id}", to_status=fulfilment.status, why=gone)
        cut_line(tx, line, kept)
    tx.flush()


def still_promised(allocation: Allocation | None) -> int:
    """Units of an allocation that a warehouse has to deliver."""
    if allocation is None or allocation.state not in (AllocationState.allocated, AllocationState.picked):
        return 0
    return allocation.quantity


def cut_line(tx: Transaction, line: FulfilmentLine, kept: int) -> None:
    """Leave `kept` units of a line; open pick tasks go down with it, a line of none is deleted."""
    if not line.picked:
        trim_tasks(tx, line.allocation_id, kept, why="no longer wanted")
    if not kept:
        tx.delete(line)
        return
    line.picked = min(line.picked, kept)
    line.quantity = kept


def open_more(tx: Transaction, order: Order) -> None:
    """Open fulfilments for what an order is promised by now; it is locked."""
    promised = lock_promises(tx, [order.id], with_levels=[order.id])
    open_fulfilments(tx, [order], promised, {order.id: tx.who})


def open_fulfilments(
    tx: Transaction, orders: Sequence[Order], promised: Mapping[UUID, Sequence[Allocation]], whos: Mapping[UUID, Who]
) -> None:
    """One fulfilment a node for allocated units that no fulfilment has yet; orders and allocations are locked.

    Units join a fulfilment that nobody has begun to pick: that saves a parcel. An order that ships
    complete waits while any of its units wait for stock.
    """
    tx.flush()
    allocated = [a for o in orders for a in promised.get(o.id, ()) if a.state == AllocationState.allocated]
    ids = [a.id for a in allocated]
    known = set(tx.scalars(select(FulfilmentLine.allocation_id).where(FulfilmentLine.allocation_id.in_(ids))))
    parcels: dict[tuple[UUID, str], list[Allocation]] = defaultdict(list)
    for allocation in allocated:
        if allocation.id not in known:
            parcels[allocation.order_id, allocation.node].append(allocation)
    for order in orders:
        rest = promised.get(order.id, ())
        waiting = sum(a.quantity for a in rest if a.state == AllocationState.backordered)
        fresh = [place for place in parcels if place[0] == order.id]
        if fresh and order.ship_complete and waiting:
            why = f"ships complete: {waiting} units still wait for stock"
            tx.who = whos[order.id]
            tx.note(f"order:{order.id}", to_status="fulfilment waits", why=why)
            for place in fresh:
                del parcels[place]
    ready = _ready_ones(tx, parcels)
    numbers = _numbers(tx, len(parcels) - len(ready))
    for place, rows in sorted(parcels.items(), key=itemgetter(0)):
        tx.who = whos[place[0]]
        fulfilment = ready.get(place)
        if fulfilment is None:
            fulfilment = _new(tx, *place, next(numbers))
        else:
            fulfilment.updated_at = tx.now
            tx.flush()  # the audit entry names who it was
        tx.add_all(
            FulfilmentLine(
                allocation_id=row.id,
                fulfilment_id=fulfilment.id,
                line_no=row.line_no,
                sku=row.sku,
                quantity=row.quantity,
            )
            for row in rows
        )
    tx.flush()


def _ready_ones(tx: Transaction, places: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Fulfilment]:
    """The oldest fulfilment of an order at a node that nobody has begun to pick, where there is one; locked."""
    rows = tx.scalars(
        select(Fulfilment)
        .where(Fulfilment.order_id.in_({order_id for order_id, _ in places}), Fulfilment.status == S.ready)
        .order_by(Fulfilment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    ready: dict[tuple[UUID, str], Fulfilment] = {}
    for row in rows:
        if (place := (row.order_id, row.node)) in places:
            ready.setdefault(place, row)
    return ready


def _numbers(tx: Transaction, count: int) -> Iterator[str]:
    if not count:
        return iter(())
    serial = fulfilment_numbers.next_value()
    serials = tx.scalars(select(serial).select_from(func.generate_series(1, count).alias("n"))).all()
    return (f"F{FIRST_NUMBER + n}" for n in serials)


def _new(tx: Transaction, order_id: UUID, node: str, number: str) -> Fulfilment:
    fulfilment = Fulfilment(
        id=uuid7(),
        number=number,
        order_id=order_id,
        node=node,
        status=S.ready,
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(fulfilment)
    tx.note(f"fulfilment:{fulfilment.id}", to_status=S.ready)
    tx.note(
        f"order:{order_id}",
        to_status="fulfilment ready",
        why=f"{fulfilment.number} at {node}",
        detail={"fulfilment_id": str(fulfilment.id)},
    )
    tx.announce(f"order:{order_id}", FulfilmentReady(fulfilment_id=fulfilment.id, order_id=order_id, node=node))
    return fulfilment
