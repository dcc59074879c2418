"""Bringing an order's fulfilments in line with its allocations, holds and cancellations.

Whatever was said (released, held, cancelled, filled, lost), only what is true now counts: so messages may
come twice, late or together, and the outcome is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from agents.fulfilment.fulfilments import is_workable, lines_of, lock_fulfilments, lock_orders
from agents.fulfilment.messages import FulfilmentReady
from agents.fulfilment.packing import unpack_all_with
from agents.fulfilment.progress import settle
from agents.fulfilment.tasks import open_tasks, trim_tasks, withdraw
from db.allocations import lock_allocations
from db.fulfilment import (
    LIVE_FULFILMENTS,
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    fulfilment_numbers,
)
from db.orders import Order
from db.session import Transaction
from db.stock import OPEN_ALLOCATIONS, Allocation, AllocationState

S = FulfilmentStatus
FIRST_NUMBER = 100_000  # the first fulfilment is F100001


def reconcile(tx: Transaction, order_id: UUID) -> None:
    """Drop what is no longer promised, stop what is held, and open fulfilments for what is new."""
    order = lock_orders(tx, [order_id]).get(order_id)
    if order is None or not order.live:
        return
    ids = tx.scalars(
        select(Fulfilment.id).where(Fulfilment.order_id == order_id, Fulfilment.status.in_(LIVE_FULFILMENTS))
    ).all()
    fulfilments = lock_fulfilments(tx, ids)
    workable = is_workable(tx, order)
    lock_promises(tx, order_id)
    drop_lost(tx, fulfilments)
    if not workable:
        withdraw(tx, open_tasks(tx, [f.id for f in fulfilments]), why=f"order {order.number} is {order.status}")
    settle(tx, fulfilments)
    if workable:
        open_fulfilments(tx, order)


def lock_promises(tx: Transaction, order_id: UUID) -> None:
    """Lock all that an order is promised, with the levels under it, before any part of it is locked alone:
    node by node would be another order than everybody else's."""
    open_ones = select(Allocation.id).where(Allocation.order_id == order_id, Allocation.state.in_(OPEN_ALLOCATIONS))
    lock_allocations(tx, tx.scalars(open_ones).all())


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


def open_fulfilments(tx: Transaction, order: Order) -> list[Fulfilment]:
    """One fulfilment a node for allocated units that no fulfilment has yet; the order is locked.

    Units join a fulfilment that nobody has begun to pick: that saves a parcel. An order that ships
    complete waits while any of its units wait for stock.
    """
    tx.flush()
    promised = tx.scalars(
        select(Allocation.id).where(
            Allocation.order_id == order.id,
            Allocation.state.in_((AllocationState.allocated, AllocationState.backordered)),
        )
    ).all()
    locked = lock_allocations(tx, promised)
    waiting = sum(a.quantity for a in locked.values() if a.state == AllocationState.backordered)
    known = set(tx.scalars(select(FulfilmentLine.allocation_id).where(FulfilmentLine.allocation_id.in_(locked))))
    fresh: dict[str, list[Allocation]] = defaultdict(list)
    for allocation in locked.values():
        if allocation.state == AllocationState.allocated and allocation.id not in known:
            fresh[allocation.node].append(allocation)
    if fresh and order.ship_complete and waiting:
        why = f"ships complete: {waiting} units still wait for stock"
        tx.note(f"order:{order.id}", to_status="fulfilment waits", why=why)
        return []
    return [_put(tx, order, node, rows) for node, rows in sorted(fresh.items())]


def _put(tx: Transaction, order: Order, node: str, rows: list[Allocation]) -> Fulfilment:
    fulfilment = _ready_one(tx, order.id, node) or _new(tx, order.id, node)
    fulfilment.updated_at = tx.now
    for row in rows:
        tx.add(
            FulfilmentLine(
                allocation_id=row.id,
                fulfilment_id=fulfilment.id,
                line_no=row.line_no,
                sku=row.sku,
                quantity=row.quantity,
            )
        )
    tx.flush()
    return fulfilment


def _ready_one(tx: Transaction, order_id: UUID, node: str) -> Fulfilment | None:
    return tx.scalars(
        select(Fulfilment)
        .where(Fulfilment.order_id == order_id, Fulfilment.node == node, Fulfilment.status == S.ready)
        .order_by(Fulfilment.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _new(tx: Transaction, order_id: UUID, node: str) -> Fulfilment:
    serial = tx.execute(fulfilment_numbers.next_value().select()).scalar_one()
    fulfilment = Fulfilment(
        number=f"F{FIRST_NUMBER + serial}",
        order_id=order_id,
        node=node,
        status=S.ready,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(fulfilment)
    tx.flush()
    tx.note(f"fulfilment:{fulfilment.id}", to_status=S.ready)
    tx.note(
        f"order:{order_id}",
        to_status="fulfilment ready",
        why=f"{fulfilment.number} at {node}",
        detail={"fulfilment_id": str(fulfilment.id)},
    )
    tx.announce(f"order:{order_id}", FulfilmentReady(fulfilment_id=fulfilment.id, order_id=order_id, node=node))
    return fulfilment
