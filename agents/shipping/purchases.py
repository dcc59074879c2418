"""The wish for a label, which is a row before any carrier is asked: opened, found, moved, ended."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from agents.shipping.choosing import Asked
from agents.shipping.messages.carriers import CarryOutPurchase, GiveUpPurchase, PurchaseGivenUp
from db.carriers import LABEL_PURCHASE_MOVES, OPEN, LabelPurchase, PurchaseState
from db.errors import NotFound
from db.fulfilment import Parcel
from db.session import Transaction

STALE = timedelta(seconds=60)  # longer than any call lasts: whoever made it is gone
NOT_REACHED = "not_reached"  # the code of a sale that was never asked for


def open_purchase(tx: Transaction, parcel: Parcel, asked: Asked) -> LabelPurchase:
    """The wish for a label of a parcel that is locked and has neither a live label nor an open purchase."""
    purchase = LabelPurchase(
        parcel_id=parcel.id,
        order_id=parcel.order_id,
        status=PurchaseState.asked,
        wanted_carrier=asked.carrier,
        wanted_service=asked.service,
        wanted_why=asked.reason,
        wanted_by=tx.who.actor,
        asked_at=tx.now,
        due_at=tx.now + STALE,
    )
    tx.add(purchase)
    tx.flush()
    tx.note(f"label_purchase:{purchase.id}", to_status=PurchaseState.asked)
    tx.send("shipping", f"parcel:{parcel.id}", CarryOutPurchase(purchase_id=purchase.id))
    return purchase


def open_of(tx: Transaction, parcel_id: UUID) -> LabelPurchase | None:
    return tx.scalars(
        select(LabelPurchase)
        .where(LabelPurchase.parcel_id == parcel_id, LabelPurchase.status.in_(OPEN))
        .execution_options(populate_existing=True)
    ).one_or_none()


def locked(tx: Transaction, purchase_id: UUID) -> LabelPurchase:
    """The purchase and its parcel, locked, the parcel first as everywhere. Raises NotFound."""
    found = tx.get(LabelPurchase, purchase_id)
    if found is None:
        raise NotFound("label purchase", str(purchase_id))
    tx.get(Parcel, found.parcel_id, with_for_update={"key_share": True}, populate_existing=True)
    return tx.get_one(LabelPurchase, purchase_id, with_for_update=True, populate_existing=True)


def cancel(tx: Transaction, purchase: LabelPurchase, why: str) -> None:
    """The parcel is gone. What may have been sold is settled, and then given back."""
    if purchase.status == PurchaseState.asked:
        end(tx, purchase, PurchaseState.cancelled, why=why)


def give_up(tx: Transaction, ask: GiveUpPurchase) -> PurchaseGivenUp:
    """Wait no longer. The carrier is still asked for a week: should it have sold a label, that is given back."""
    purchase = locked(tx, ask.purchase_id)
    move(tx, purchase, PurchaseState.given_up, why=ask.reason)
    purchase.due_at, purchase.why = tx.now + timedelta(minutes=5), f"given up: {ask.reason}"
    tx.note(f"order:{purchase.order_id}", to_status="label given up", why=ask.reason)
    return PurchaseGivenUp(id=purchase.id, status=purchase.status)


def move(tx: Transaction, purchase: LabelPurchase, to: PurchaseState, *, why: str) -> None:
    if purchase.status != to:
        tx.move(purchase, to, moves=LABEL_PURCHASE_MOVES, subject=f"label_purchase:{purchase.id}", why=why)


def end(tx: Transaction, purchase: LabelPurchase, to: PurchaseState, *, why: str) -> None:
    move(tx, purchase, to, why=why)
    purchase.why, purchase.settled_at = why, tx.now
    tx.flush()
