"""Small things done to an order: notes, tags, closing."""

from __future__ import annotations

from agents.orders.messages import AddNote, CloseOrder, OrderState, TagOrder
from agents.orders.progress import move
from agents.orders.rules import check_text, merged_tags
from agents.orders.views import state_of
from db.orders import OrderNote, OrderStatus, order_sheet
from db.session import Transaction


def add_note(tx: Transaction, ask: AddNote) -> OrderState:
    """Notes change nothing about the order, its version included. Raises BadText."""
    check_text("body", ask.body, needed=True)
    sheet = order_sheet(tx, ask.order_id)
    tx.add(OrderNote(order_id=ask.order_id, at=tx.now, actor=tx.who.actor, body=ask.body.strip()))
    tx.flush()
    return state_of(sheet)


def tag(tx: Transaction, ask: TagOrder) -> OrderState:
    for one in [*ask.add, *ask.remove]:
        check_text("tag", one, needed=True)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    tags = merged_tags(sheet.order.tags, add=ask.add, remove=ask.remove)
    if tags != sheet.order.tags:
        sheet.order.tags = tags
        sheet.order.updated_at = tx.now
        tx.flush()
    return state_of(sheet)


def close(tx: Transaction, ask: CloseOrder) -> OrderState:
    """Nothing is expected to happen any more. Raises IllegalMove while something is."""
    sheet = order_sheet(tx, ask.order_id, lock=True)
    move(tx, sheet.order, OrderStatus.closed, why="closed by hand")
    tx.flush()
    return state_of(sheet)
