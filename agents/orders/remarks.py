"""Small things done to an order: notes, tags, closing."""

from __future__ import annotations

from agents.orders.messages import AddNote, CloseOrder, OrderNoted, OrderState, OrderTagged, TagOrder
from agents.orders.progress import move
from agents.orders.rules import check_text, merged_tags
from agents.orders.views import state_of, with_undo
from db.orders import OrderNote, OrderStatus, order_sheet
from db.session import Transaction


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


def close(tx: Transaction, ask: CloseOrder) -> OrderState:
    """Nothing is expected to happen any more. Raises IllegalMove while something is."""
    sheet = order_sheet(tx, ask.order_id, lock=True)
    move(tx, sheet.order, OrderStatus.closed, why="closed by hand")
    tx.flush()
    return state_of(sheet)
