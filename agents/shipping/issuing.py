"""Labels that exist: made, found and given back. At most one of a parcel is live, whoever sold it."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.shipping.choosing import Choice
from agents.shipping.labels import LabelText, zpl
from agents.shipping.messages import LabelBought
from agents.shipping.messages.carriers import GiveLabelBack
from agents.shipping.rules import tracking_number
from db.base import uuid7
from db.fulfilment import Fulfilment, Parcel, ParcelStatus
from db.nodes import Node
from db.orders import Order
from db.session import Transaction
from db.shipping import Label, LabelRefund, LabelState, label_serials

IN_THE_HOUSE = (ParcelStatus.packed, ParcelStatus.labelled)


def live_label(tx: Transaction, parcel_id: UUID) -> Label | None:
    return tx.scalars(
        select(Label)
        .where(Label.parcel_id == parcel_id, Label.state == LabelState.live)
        .execution_options(populate_existing=True)
    ).one_or_none()


def label_from_card(
    tx: Transaction, parcel: Parcel, order: Order, choice: Choice, choice_id: UUID, *, id: UUID | None = None
) -> Label:
    """A live label of a rate card's service: number and print are ours, and nobody has to be asked."""
    offer = choice.offer
    number = tracking_number(offer.carrier, tx.execute(label_serials.next_value().select()).scalar_one())
    label = Label(
        id=id or uuid7(),
        parcel_id=parcel.id,
        order_id=order.id,
        carrier=offer.carrier,
        service=offer.service,
        tracking_number=number,
        amount=offer.amount,
        currency=offer.currency,
        state=LabelState.live,
        why=choice.why,
        choice_id=choice_id,
        parts=msgspec.to_builtins(offer.parts),
        zpl=_print(tx, order, parcel, offer.carrier, offer.service, number),
        created_at=tx.now,
    )
    tx.add(label)
    tx.flush()
    announce_bought(tx, label)
    return label


def announce_bought(tx: Transaction, label: Label) -> None:
    tx.note(f"order:{label.order_id}", to_status="label bought", why=f"{label.tracking_number}, {label.why}")
    bought = LabelBought(
        label_id=label.id, parcel_id=label.parcel_id, order_id=label.order_id, tracking_number=label.tracking_number
    )
    tx.announce(f"order:{label.order_id}", bought)


def want_refund(tx: Transaction, label: Label) -> None:
    """Ask the carrier for the money of a label that is not used. Whatever it says, the parcel may have another."""
    if label.account is None:
        return
    label.refund, label.refund_due_at = LabelRefund.asked, tx.now
    tx.send("shipping", f"label:{label.id}", GiveLabelBack(label_id=label.id))


def _print(tx: Transaction, order: Order, parcel: Parcel, carrier: str, service: str, number: str) -> str:  # noqa: PLR0917 - what a label shows
    fulfilment = tx.get_one(Fulfilment, parcel.fulfilment_id)
    node = tx.get(Node, parcel.node)
    return zpl(
        LabelText(
            tracking_number=number,
            carrier=carrier,
            service=service,
            to=order.shipping_address,
            sender=node.name if node else parcel.node,
            reference=f"Order {order.number}  {fulfilment.number}-{parcel.number}",
            weight_grams=parcel.weight_grams,
        )
    )
