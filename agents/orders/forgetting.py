"""Orders of somebody who asked to be forgotten: the books keep the order, the order forgets the person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from agents.customers.messages import CustomerErased
from db.orders import Order, OrderEdit, OrderHold, OrderNote
from db.session import Transaction

KEPT = ("country", "region")  # of an address: what tax and lanes are accounted by


def forget(tx: Transaction, event: CustomerErased) -> None:
    """E-mail, addresses, and what people wrote about it go; what was ordered, paid and shipped stays."""
    orders = select(Order).where(Order.id.in_(event.orders)).order_by(Order.id).with_for_update()
    for order in tx.scalars(orders):
        order.email = None
        order.shipping_address = _place_of(order.shipping_address)
        order.billing_address = _place_of(order.billing_address) if order.billing_address else None
        order.updated_at = tx.now
        tx.audit("forget", f"order:{order.id}", why="who ordered was erased")
    tx.execute(delete(OrderNote).where(OrderNote.order_id.in_(event.orders)))
    tx.execute(update(OrderHold).where(OrderHold.order_id.in_(event.orders)).values(note=None))
    for edit in tx.scalars(select(OrderEdit).where(OrderEdit.order_id.in_(event.orders))):
        edit.changes = {k: v for k, v in edit.changes.items() if not k.endswith("address")}


def _place_of(address: dict[str, Any]) -> dict[str, Any]:
    return {name: address[name] for name in KEPT if address.get(name)}
