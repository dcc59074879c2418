"""Parcels leave the house and arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from agents.fulfilment.fulfilments import (
    advance,
    check_workable,
    is_workable,
    lines_of,
    live_parcels,
    lock_fulfilments,
    lock_with_order,
    state_of,
)
from agents.fulfilment.messages import (
    DispatchFulfilment,
    FulfilmentDelivered,
    FulfilmentShipped,
    FulfilmentState,
    ShippedLine,
)
from agents.fulfilment.refusals import CancelledMeanwhile, LabelMissing, NotPacked, ShipsComplete
from agents.fulfilment.wave_rows import end_waves
from db.allocations import Leaving, lock_allocations, ship
from db.errors import IllegalMove
from db.fulfilment import (
    FULFILMENT_MOVES,
    PARCEL_MOVES,
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    Parcel,
    ParcelStatus,
)
from db.orders import Order
from db.session import Transaction, check_version
from db.shipping import Label, LabelState
from db.stock import Allocation, AllocationState

S = FulfilmentStatus


def dispatch(tx: Transaction, ask: DispatchFulfilment) -> FulfilmentState:
    order, fulfilment = lock_with_order(tx, ask.fulfilment_id)
    check_version(fulfilment, ask.version, kind="fulfilment", id=fulfilment.number)
    if fulfilment.status in (S.shipped, S.delivered):
        raise IllegalMove("fulfilment", fulfilment.number, fulfilment.status, S.shipped, _next(fulfilment))
    check_workable(tx, order)
    if fulfilment.status != S.packed:
        raise NotPacked(fulfilment.number, fulfilment.status)
    _check_complete(tx, order)
    parcels = live_parcels(tx, fulfilment.id)
    tracking = _tracking(tx, fulfilment, parcels)
    lines = lines_of(tx, [fulfilment.id])
    _take_off_the_books(tx, order, lines)
    for parcel in parcels:
        if parcel.status == ParcelStatus.packed:  # its label was bought a moment ago
            tx.move(parcel, ParcelStatus.labelled, moves=PARCEL_MOVES, subject=f"parcel:{parcel.id}")
        tx.move(parcel, ParcelStatus.shipped, moves=PARCEL_MOVES, subject=f"parcel:{parcel.id}")
        parcel.updated_at = tx.now
    fulfilment.shipped_at = tx.now
    advance(tx, fulfilment, S.shipped, why=", ".join(tracking))
    tx.announce(
        f"order:{order.id}",
        FulfilmentShipped(
            fulfilment_id=fulfilment.id,
            order_id=order.id,
            node=fulfilment.node,
            lines=_shipped(lines),
            tracking=tracking,
        ),
    )
    end_waves(tx, [fulfilment.wave_id])
    return state_of(tx, fulfilment, workable=True)


def _next(fulfilment: Fulfilment) -> list[str]:
    return sorted(s.value for s in FULFILMENT_MOVES[S(fulfilment.status)])


def _check_complete(tx: Transaction, order: Order) -> None:
    if not order.ship_complete:
        return
    waiting = tx.scalar(
        select(func.coalesce(func.sum(Allocation.quantity), 0)).where(
            Allocation.order_id == order.id, Allocation.state == AllocationState.backordered
        )
    )
    if waiting:
        raise ShipsComplete(order.number, int(waiting))


def _tracking(tx: Transaction, fulfilment: Fulfilment, parcels: Sequence[Parcel]) -> list[str]:
    """Tracking numbers of the parcels' live labels, which cannot be voided until we commit.

    The labels are asked themselves: what a parcel shows of them may be a moment old.
    """
    labels = {
        label.parcel_id: label.tracking_number
        for label in tx.scalars(
            select(Label)
            .where(Label.parcel_id.in_([p.id for p in parcels]), Label.state == LabelState.live)
            .order_by(Label.id)
            .with_for_update(read=True)
            .execution_options(populate_existing=True)
        )
    }
    missing = [p.number for p in parcels if p.id not in labels]
    if missing:
        raise LabelMissing(fulfilment.number, missing)
    return [labels[p.id] for p in parcels]


def _take_off_the_books(tx: Transaction, order: Order, lines: Sequence[FulfilmentLine]) -> None:
    allocations = lock_allocations(tx, [line.allocation_id for line in lines])
    for line in lines:
        row = allocations[line.allocation_id]
        if row.state != AllocationState.picked or row.quantity != line.quantity:
            raise CancelledMeanwhile(line.sku, 0, line.quantity)
    leaving = [Leaving(allocations[line.allocation_id], line.bin or "PACK", line.lot, line.quantity) for line in lines]
    ship(tx, leaving, cause=f"order:{order.id}")


def _shipped(lines: Sequence[FulfilmentLine]) -> list[ShippedLine]:
    units: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        units[(line.line_no, line.sku)] += line.quantity
    return [ShippedLine(line_no=n, sku=sku, quantity=q) for (n, sku), q in sorted(units.items())]


def confirm_delivery(tx: Transaction, fulfilment_id: UUID) -> FulfilmentState:
    """Somebody says it arrived; said again, nothing more happens."""
    order, fulfilment = lock_with_order(tx, fulfilment_id)
    if fulfilment.status != S.delivered:
        if fulfilment.status != S.shipped:
            raise IllegalMove("fulfilment", fulfilment.number, fulfilment.status, S.delivered, _next(fulfilment))
        for parcel in live_parcels(tx, fulfilment.id):
            _arrived(tx, parcel)
        _deliver(tx, fulfilment, tx.now)
    return state_of(tx, fulfilment, workable=is_workable(tx, order))


def parcel_delivered(tx: Transaction, parcel_id: UUID, order_id: UUID, at: datetime) -> None:
    """The carrier delivered a parcel; the fulfilment is delivered with its last one."""
    fulfilment_id = tx.scalar(select(Parcel.fulfilment_id).where(Parcel.id == parcel_id))
    if fulfilment_id is None:
        return
    fulfilment = lock_fulfilments(tx, [fulfilment_id])[0]
    parcels = live_parcels(tx, fulfilment.id)
    if fulfilment.status != S.shipped:
        if fulfilment.status != S.delivered:
            why = f"{fulfilment.number} is {fulfilment.status}: confirm its delivery once it is dispatched here"
            tx.note(f"order:{order_id}", to_status="delivered early", why=why)
        return
    for parcel in parcels:
        if parcel.id == parcel_id:
            _arrived(tx, parcel)
    if all(p.status == ParcelStatus.delivered for p in parcels):
        _deliver(tx, fulfilment, at)


def _arrived(tx: Transaction, parcel: Parcel) -> None:
    if parcel.status == ParcelStatus.shipped:
        tx.move(parcel, ParcelStatus.delivered, moves=PARCEL_MOVES, subject=f"parcel:{parcel.id}")
        parcel.updated_at = tx.now


def _deliver(tx: Transaction, fulfilment: Fulfilment, at: datetime) -> None:
    fulfilment.delivered_at = at
    advance(tx, fulfilment, S.delivered)
    tx.announce(
        f"order:{fulfilment.order_id}",
        FulfilmentDelivered(fulfilment_id=fulfilment.id, order_id=fulfilment.order_id),
    )
