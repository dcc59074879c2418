"""What the orders agent does when it hears of parcels and stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from agents.fulfilment.messages import FulfilmentDelivered, FulfilmentShipped
from agents.inventory.messages import AllocationsLost, BackordersFilled
from agents.orders.messages import CloseDelivered, OrderShipped
from agents.orders.progress import finish_if_delivered, move, remark, settle
from agents.orders.rules import shipped_units
from db.orders import Order, OrderStatus, order_sheet
from db.session import Transaction
from db.stock import Allocation

CLOSED_AT_ONCE = 500  # orders in one transaction of `close_delivered`


def hear_shipped(tx: Transaction, event: FulfilmentShipped) -> None:
    """Count what has left, from the allocations and not from the event: told twice is counted once."""
    sheet = order_sheet(tx, event.order_id, lock=True)
    order = sheet.order
    for line in sheet.lines:
        line.shipped = max(line.shipped, shipped_units(line, sheet.allocations))
    order.updated_at = tx.now
    tx.flush()
    tracking = f", tracking {', '.join(event.tracking)}" if event.tracking else ""
    remark(tx, order, why=f"a parcel left {event.node}{tracking}", detail={"fulfilment_id": str(event.fulfilment_id)})
    settle(tx, sheet, why=f"shipped from {event.node}")
    complete = order.status in (OrderStatus.shipped, OrderStatus.delivered, OrderStatus.closed)
    tx.announce(f"order:{order.id}", OrderShipped(order_id=order.id, number=order.number, complete=complete))


def hear_delivered(tx: Transaction, event: FulfilmentDelivered) -> None:
    order = order_sheet(tx, event.order_id, lock=True).order
    remark(tx, order, why="a parcel has arrived", detail={"fulfilment_id": str(event.fulfilment_id)})
    finish_if_delivered(tx, order)


def hear_lost(tx: Transaction, event: AllocationsLost) -> None:
    order = order_sheet(tx, event.order_id, lock=True).order
    remark(tx, order, why=f"units wait for stock again: {event.why}", detail=_told(tx, event.allocations))


def hear_filled(tx: Transaction, event: BackordersFilled) -> None:
    order = order_sheet(tx, event.order_id, lock=True).order
    remark(tx, order, why="units that were waited for have arrived", detail=_told(tx, event.allocations))


def _told(tx: Transaction, ids: Sequence[UUID]) -> dict[str, object]:
    rows = tx.scalars(select(Allocation).where(Allocation.id.in_(ids)).order_by(Allocation.id))
    return {"units": [[a.sku, a.node, a.quantity] for a in rows]}


def close_delivered(tx: Transaction, task: CloseDelivered) -> int:
    """Close what was delivered long enough ago; returns how many. Those in use at the moment wait for the next time."""
    old = (
        select(Order)
        .where(Order.status == OrderStatus.delivered, Order.delivered_at <= tx.now - timedelta(days=task.after_days))
        .order_by(Order.delivered_at)
        .limit(CLOSED_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    orders = list(tx.scalars(old))
    for order in orders:
        move(tx, order, OrderStatus.closed, why=f"delivered more than {task.after_days} days ago")
    if len(orders) == CLOSED_AT_ONCE:
        tx.send("orders", "orders:closing", task)
    return len(orders)
