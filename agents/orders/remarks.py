"""Small things done to an order: notes, tags, whether it may leave in parts, closing."""

from __future__ import annotations

from agents.orders.messages import (
    AddNote,
    CloseOrder,
    OrderMayPart,
    OrderNoted,
    OrderShippingPlanned,
    OrderState,
    OrderTagged,
    PlanShipping,
    ShipInParts,
    TagOrder,
)
from agents.orders.progress import move, remark
from agents.orders.refusals import NothingToPart
from agents.orders.rules import check_text, merged_tags
from agents.orders.views import state_of, with_undo
from db.orders import OrderNote, OrderStatus, order_sheet
from db.session import Transaction, check_version

NOT_GONE = (OrderStatus.placed, OrderStatus.held, OrderStatus.released, OrderStatus.partly_shipped)


def add_note(tx: Transaction, ask: AddNote) -> OrderState:
    """Notes change nothing about the order, its version included. Raises BadText."""
    check_note(ask)
    sheet = order_sheet(tx, ask.order_id)
    tx.add(OrderNote(order_id=ask.order_id, at=tx.now, actor=tx.who.actor, body=ask.body.strip()))
    tx.flush()
    tx.announce(f"order:{ask.order_id}", OrderNoted(order_id=ask.order_id, number=sheet.order.number))
    return state_of(sheet)


def check_note(ask: AddNote) -> None:
    check_text("body", ask.body, needed=True)


def check_tags(ask: TagOrder) -> None:
    for one in [*ask.add, *ask.remove]:
        check_text("tag", one, needed=True)


def tag(tx: Transaction, ask: TagOrder) -> OrderState:
    check_tags(ask)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    before = sheet.order.tags
    tags = merged_tags(before, add=ask.add, remove=ask.remove)
    if tags == before:
        return state_of(sheet)
    sheet.order.tags = tags
    sheet.order.updated_at = tx.now
    tx.flush()
    tx.announce(
        f"order:{ask.order_id}", OrderTagged(order_id=ask.order_id, number=sheet.order.number, tags=sheet.order.tags)
    )
    # Only what changed goes back: a tag that was on before stays on.
    gone, new = [t for t in before if t not in tags], [t for t in tags if t not in before]
    return with_undo(state_of(sheet), tx, "Put the tags back", TagOrder(order_id=ask.order_id, add=gone, remove=new))


def plan_shipping(tx: Transaction, ask: PlanShipping) -> OrderState:
    """Nothing that is begun is stopped; what nobody has begun waits with the rest. Raises StaleVersion, BadText,
    NothingToPart."""
    check_text("reason", ask.reason, needed=True)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    check_version(order, ask.version, kind="order", id=order.number)
    if order.status not in NOT_GONE:
        raise NothingToPart(order.number, order.status)
    if (order.ship_complete, order.waits_until) == (ask.ship_complete, ask.waits_until):
        return state_of(sheet)
    back = PlanShipping(
        order_id=order.id, ship_complete=order.ship_complete, waits_until=order.waits_until, reason="undone"
    )
    order.ship_complete, order.waits_until, order.updated_at = ask.ship_complete, ask.waits_until, tx.now
    how = "leaves in one go" if ask.ship_complete else "leaves as it is ready"
    if ask.waits_until is not None:
        how += f", waits for its other units until {ask.waits_until:%Y-%m-%d}"
    remark(tx, order, why=f"{how}: {ask.reason.strip()}")
    tx.announce(
        f"order:{order.id}",
        OrderShippingPlanned(
            order_id=order.id, number=order.number, ship_complete=ask.ship_complete, waits_until=ask.waits_until
        ),
    )
    tx.flush()
    return with_undo(state_of(sheet), tx, "Let it leave as before", back)


def ship_in_parts(tx: Transaction, ask: ShipInParts) -> OrderState:
    """What is there leaves now, the rest when it comes. Raises StaleVersion, BadText, NothingToPart."""
    check_text("reason", ask.reason, needed=True)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    check_version(order, ask.version, kind="order", id=order.number)
    if order.status not in NOT_GONE:
        raise NothingToPart(order.number, order.status)
    if order.ship_complete:
        order.ship_complete, order.updated_at = False, tx.now
        remark(tx, order, why=f"may leave in parts: {ask.reason.strip()}")
        tx.announce(f"order:{order.id}", OrderMayPart(order_id=order.id, number=order.number))
        tx.flush()
    return state_of(sheet)


def close(tx: Transaction, ask: CloseOrder) -> OrderState:
    """Nothing is expected to happen any more. Raises IllegalMove while something is."""
    sheet = order_sheet(tx, ask.order_id, lock=True)
    move(tx, sheet.order, OrderStatus.closed, why="closed by hand")
    tx.flush()
    return state_of(sheet)
