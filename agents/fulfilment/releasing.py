"""Bringing an order's fulfilments in line with its allocations, holds and cancellations.

Whatever was said (released, held, cancelled, filled, lost), only what is true now counts: so messages may
come twice, late or together, and the outcome is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from operator import itemgetter
from uuid import UUID

from sqlalchemy import func, select, text

from agents.fulfilment.due import Timing
from agents.fulfilment.fulfilments import are_workable, lines_of, lock_fulfilments, lock_orders
from agents.fulfilment.messages import FulfilmentReady
from agents.fulfilment.packing import unpack_all_with
from agents.fulfilment.progress import settle
from agents.fulfilment.tasks import open_tasks, trim_tasks, withdraw
from agents.fulfilment.timings import timings
from agents.fulfilment.to_floor import take_off_floor
from db.allocations import lock_allocations
from db.base import among, uuid7
from db.catalog import Variant
from db.fulfilment import (
    LIVE_FULFILMENTS,
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    fulfilment_numbers,
)
from db.ledger import lock_levels
from db.lots import day_at
from db.orders import Order
from db.session import Transaction, Who
from db.stock import OPEN_ALLOCATIONS, Allocation, AllocationState

S = FulfilmentStatus
AT_ONCE = 500  # orders in one transaction of `open_released`
FIRST_NUMBER = 100_000  # the first fulfilment is F100001


def reconcile(tx: Transaction, order_ids: Sequence[UUID], whos: Sequence[Who]) -> None:
    """Drop what is no longer promised, stop what is held, and open fulfilments for what is new.

    Of any number of orders in as many statements as of one; `whos` is on whose behalf, for each.
    """
    orders = {id: order for id, order in lock_orders(tx, order_ids).items() if order.live}
    ids = tx.scalars(
        select(Fulfilment.id).where(among(Fulfilment.order_id, orders), Fulfilment.status.in_(LIVE_FULFILMENTS))
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
            if order_id in workable and _gathers(orders[order_id], promised.get(order_id, ())):
                _put_together(tx, orders[order_id], theirs)
            settle(tx, theirs)
            if order_id not in workable:
                take_off_floor(tx, theirs, why=f"order {order.number} is {order.status}")
    for_whom = {id: who for id, who in zip(order_ids, whos, strict=True) if id in workable}
    if for_whom:
        open_fulfilments(tx, [orders[id] for id in for_whom], promised, for_whom)


def _gathers(order: Order, promised: Sequence[Allocation]) -> bool:
    """Whether an order that shall leave in one go has units that are not there."""
    together = order.ship_complete or order.waits_until is not None
    return together and any(a.state == AllocationState.backordered for a in promised)


def _put_together(tx: Transaction, order: Order, theirs: Sequence[Fulfilment]) -> None:
    """What nobody has begun of an order waits with the rest of it; it is opened anew once that is there."""
    ready = [f for f in theirs if f.status == S.ready and _waits_for_rest(tx, order, f.node)]
    lines = lines_of(tx, [f.id for f in ready])
    begun = {line.fulfilment_id for line in lines if line.picked}
    for line in lines:
        if line.fulfilment_id not in begun:
            cut_line(tx, line, 0)
    tx.flush()


def _not_released(tx: Transaction, rows: Sequence[Allocation]) -> set[UUID]:
    """Allocations of goods that may not leave yet, by the calendar of their node."""
    skus = sorted({row.sku for row in rows})
    wanted = select(Variant.sku, Variant.release_on).where(among(Variant.sku, skus), Variant.release_on.is_not(None))
    days = {sku: day for sku, day in tx.execute(wanted) if day is not None}
    today = {node: day_at(tx, node, tx.now) for node in {row.node for row in rows if row.sku in days}}
    return {row.id for row in rows if row.sku in days and today[row.node] < days[row.sku]}


_RELEASED = text("""
    SELECT DISTINCT a.order_id FROM allocations a JOIN variants v USING (sku) LEFT JOIN orders o ON o.id = a.order_id
    WHERE (v.release_on <= :tomorrow OR o.waits_until <= :tomorrow) AND a.state = 'allocated'
      AND NOT EXISTS (SELECT 1 FROM fulfilment_lines l WHERE l.allocation_id = a.id)
    ORDER BY a.order_id LIMIT :most
""")


def open_released(tx: Transaction) -> None:
    """Open fulfilments for pre-orders, and for orders that waited for their other units, whose day has come: whether it
    has is asked of each node's calendar."""
    tomorrow = tx.now.date() + timedelta(days=1)  # further east it is tomorrow already
    ids = list(tx.scalars(_RELEASED, {"tomorrow": tomorrow, "most": AT_ONCE}))
    if ids:
        reconcile(tx, ids, [tx.who] * len(ids))


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
        .where(among(Allocation.order_id, orders), Allocation.state.in_(OPEN_ALLOCATIONS))
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
    complete waits while any of its units wait for stock, and one that waits for the rest does so until its day.
    Pre-orders wait for the day of their release.
    """
    tx.flush()
    allocated = [a for o in orders for a in promised.get(o.id, ()) if a.state == AllocationState.allocated]
    ids = [a.id for a in allocated]
    later = _not_released(tx, allocated)
    known = set(tx.scalars(select(FulfilmentLine.allocation_id).where(among(FulfilmentLine.allocation_id, ids))))
    parcels: dict[tuple[UUID, str], list[Allocation]] = defaultdict(list)
    for allocation in allocated:
        if allocation.id not in known and allocation.id not in later:
            parcels[allocation.order_id, allocation.node].append(allocation)
    for order in orders:
        if not order.ship_complete and order.waits_until is None:
            continue
        rest = promised.get(order.id, ())
        waiting = sum(a.quantity for a in rest if a.state == AllocationState.backordered or a.id in later)
        fresh = [place for place in parcels if place[0] == order.id and _waits_for_rest(tx, order, place[1])]
        if fresh and waiting:
            how = "ships complete" if order.ship_complete else f"waits for the rest until {order.waits_until}"
            why = f"{how}: {waiting} units still wait for stock or for their release"
            tx.who = whos[order.id]
            tx.note(f"order:{order.id}", to_status="fulfilment waits", why=why)
            for place in fresh:
                del parcels[place]
    ready = _ready_ones(tx, parcels)
    numbers = _numbers(tx, len(parcels) - len(ready))
    due = timings(tx, {o.id: o for o in orders}, parcels)
    for place, rows in sorted(parcels.items(), key=itemgetter(0)):
        tx.who = whos[place[0]]
        fulfilment = ready.get(place)
        if fulfilment is None:
            fulfilment = _new(tx, *place, next(numbers), due[place])
        else:
            _join(fulfilment, due[place])
            fulfilment.updated_at = tx.now
            tx.flush()  # the audit entry names who it was
        for row in rows:
            tx.insert_new(
                FulfilmentLine(
                    allocation_id=row.id,
                    fulfilment_id=fulfilment.id,
                    line_no=row.line_no,
                    sku=row.sku,
                    quantity=row.quantity,
                )
            )


def _ready_ones(tx: Transaction, places: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Fulfilment]:
    """The oldest fulfilment of an order at a node that nobody has begun to pick, where there is one; locked."""
    rows = tx.scalars(
        select(Fulfilment)
        .where(among(Fulfilment.order_id, {order_id for order_id, _ in places}), Fulfilment.status == S.ready)
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


def _waits_for_rest(tx: Transaction, order: Order, node: str) -> bool:
    """Whether what is there of an order waits for its other units, by the day at the node."""
    if order.ship_complete:
        return True
    return order.waits_until is not None and day_at(tx, node, tx.now) < order.waits_until


def _join(fulfilment: Fulfilment, due: Timing) -> None:
    """Units that come to a fulfilment leave with it: by the earlier of both cut-offs."""
    if fulfilment.due_at is None or due.due_at < fulfilment.due_at:
        fulfilment.due_at, fulfilment.service = due.due_at, due.service
        fulfilment.release_at = due.release_at


def _new(tx: Transaction, order_id: UUID, node: str, number: str, due: Timing) -> Fulfilment:
    fulfilment = Fulfilment(
        id=uuid7(),
        number=number,
        order_id=order_id,
        node=node,
        status=S.ready,
        due_at=due.due_at,
        service=due.service,
        release_at=due.release_at,
        released_at=tx.now if due.released else None,
        released_why=due.why if due.released else None,
        version=1,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.insert_new(fulfilment)
    tx.note(f"fulfilment:{fulfilment.id}", to_status=S.ready)
    tx.note(
        f"order:{order_id}",
        to_status="fulfilment ready",
        why=f"{fulfilment.number} at {node}",
        detail={"fulfilment_id": str(fulfilment.id)},
    )
    tx.announce(f"order:{order_id}", FulfilmentReady(fulfilment_id=fulfilment.id, order_id=order_id, node=node))
    return fulfilment
