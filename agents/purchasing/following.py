"""What waits is matched anew when something happens to its order."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, union

from agents.inbound.messages.inspections import UnitsDisposed
from agents.inbound.messages.receipts import GoodsReceived, GoodsTakenBack
from agents.purchasing.comparing import match_open
from agents.purchasing.comparing_credits import match_credits
from agents.purchasing.messages.orders import PurchaseOrderAmended, PurchaseOrderCancelled, PurchaseOrderShortClosed
from db.base import among
from db.billing import OPEN, SupplierInvoice
from db.credits import OPEN_CREDITS, SupplierCredit
from db.inbound import Receipt
from db.inspection import Inspection
from db.purchasing import lock_purchases
from db.session import Transaction, Who

Moved = GoodsReceived | GoodsTakenBack | PurchaseOrderAmended | PurchaseOrderShortClosed | PurchaseOrderCancelled


def match_moved(tx: Transaction, events: Sequence[Moved], whos: Sequence[Who]) -> None:
    """Each order once, however much happened to it; the last who moved it is named."""
    match_orders(tx, {event.purchase_id: who for event, who in zip(events, whos, strict=True)})


def match_disposed(tx: Transaction, events: Sequence[UnitsDisposed], whos: Sequence[Who]) -> None:
    """What is not kept is owed."""
    of = dict(zip((event.inspection_id for event in events), whos, strict=True))
    orders = select(Inspection.id, Receipt.purchase_id).join(Receipt, Receipt.id == Inspection.receipt_id)
    rows = tx.execute(orders.where(among(Inspection.id, of)))
    match_orders(tx, {purchase_id: of[inspection_id] for inspection_id, purchase_id in rows})


def match_orders(tx: Transaction, moved: dict[UUID, Who]) -> None:
    """Orders of which nothing waits are not locked: what is entered now sees what happened to its order."""
    invoices = select(SupplierInvoice.purchase_id).where(
        among(SupplierInvoice.purchase_id, moved), SupplierInvoice.status.in_(OPEN)
    )
    credits = select(SupplierCredit.purchase_id).where(
        among(SupplierCredit.purchase_id, moved), SupplierCredit.status.in_(OPEN_CREDITS)
    )
    for order in lock_purchases(tx, set(tx.scalars(union(invoices, credits)))):
        tx.who = moved[order.id]
        match_open(tx, order)
        match_credits(tx, order)
