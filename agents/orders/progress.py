"""Where an order stands: its holds, and the status that follows from its lines, allocations and holds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from agents.orders.messages import OrderCancelled, OrderDelivered, OrderHeld, OrderReleased, TakeUnitsAgain
from agents.orders.rules import derived_status
from db.base import uuid7
from db.fulfilment import Fulfilment, FulfilmentStatus
from db.orders import ORDER_MOVES, HoldReason, Order, OrderHold, OrderSheet, OrderStatus, PaymentStatus
from db.session import Transaction

BEYOND = frozenset({OrderStatus.delivered, OrderStatus.closed})
"""Told from deliveries and people, not from lines: what is heard late of a parcel takes no order back from there."""


def move(tx: Transaction, order: Order, to: OrderStatus, *, why: str | None = None) -> None:
    tx.move(order, to, moves=ORDER_MOVES, subject=f"order:{order.id}", why=why)
    order.updated_at = tx.now


def may_become(status: str) -> list[str]:
    return sorted(s.value for s in ORDER_MOVES[OrderStatus(status)])


def remark(tx: Transaction, order: Order, *, why: str, detail: dict[str, object] | None = None) -> None:
    """A history line of something that does not move the order."""
    tx.note(f"order:{order.id}", from_status=order.status, to_status=order.status, why=why, detail=detail)


def put_hold(tx: Transaction, sheet: OrderSheet, reason: str, *, note: str | None) -> None:
    """One more hold; the caller has checked that it is not on yet, and settles the order afterwards."""
    hold = OrderHold(
        id=uuid7(), order_id=sheet.order.id, reason=reason, note=note, placed_by=tx.who.actor, placed_at=tx.now
    )
    tx.add(hold)
    sheet.holds.append(hold)


def lift_holds(tx: Transaction, sheet: OrderSheet, holds: Sequence[OrderHold]) -> None:
    for hold in list(holds):
        hold.released_by, hold.released_at = tx.who.actor, tx.now
        sheet.holds.remove(hold)
    if not sheet.holds and any(a.parked_at is not None for a in sheet.allocations):
        tx.send("orders", f"order:{sheet.order.id}", TakeUnitsAgain(order_id=sheet.order.id))


def reckon(order: Order) -> None:
    """Name the state of the money anew after the order's worth changed under it."""
    if order.payment_status in (PaymentStatus.pending, PaymentStatus.authorised, PaymentStatus.paid):
        due = order.total_now
        if order.covered < max(due, 1):
            order.payment_status = PaymentStatus.pending
        else:
            taken = 0 < order.captured >= due
            order.payment_status = PaymentStatus.paid if taken else PaymentStatus.authorised


def lift_payment_hold(tx: Transaction, sheet: OrderSheet) -> bool:
    """Lift it when the money covers what the order is worth now; says whether it did."""
    order = sheet.order
    on = [h for h in sheet.holds if h.reason == HoldReason.payment]
    if not on or order.covered < order.total_now:
        return False
    lift_holds(tx, sheet, on)
    return True


def settle(tx: Transaction, sheet: OrderSheet, *, why: str) -> None:
    """Move the order to where its lines, allocations and holds say it is; announce what that means to others."""
    order, before = sheet.order, OrderStatus(sheet.order.status)
    to = derived_status(sheet.lines, sheet.allocations, held=bool(sheet.holds))
    if to is before or before in BEYOND:
        return
    subject = f"order:{order.id}"
    move(tx, order, to, why=why)
    if to is OrderStatus.held:
        tell_held(tx, sheet)
    elif to is OrderStatus.cancelled:
        lift_holds(tx, sheet, sheet.holds)
        tx.announce(subject, OrderCancelled(order_id=order.id, number=order.number, reason=why))
    elif to is OrderStatus.shipped:
        lift_holds(tx, sheet, sheet.holds)
        finish_if_delivered(tx, order)
    elif before is OrderStatus.held:
        tx.announce(subject, OrderReleased(order_id=order.id, number=order.number))


def tell_held(tx: Transaction, sheet: OrderSheet) -> None:
    order = sheet.order
    reasons = [h.reason for h in sheet.holds]
    tx.announce(f"order:{order.id}", OrderHeld(order_id=order.id, number=order.number, reasons=reasons))


def finish_if_delivered(tx: Transaction, order: Order) -> None:
    """Everything has left and nothing is on its way any more: the order is delivered."""
    if order.status != OrderStatus.shipped:
        return
    found = set(tx.scalars(select(Fulfilment.status).where(Fulfilment.order_id == order.id)))
    # Work that is not dispatched is for units that were cancelled: the warehouse has not heard of it yet.
    if FulfilmentStatus.delivered not in found or FulfilmentStatus.shipped in found:
        return
    move(tx, order, OrderStatus.delivered, why="everything has arrived")
    order.delivered_at = tx.now
    tx.announce(f"order:{order.id}", OrderDelivered(order_id=order.id, number=order.number))
