"""Labels: at most one live one a parcel, bought from the best rate, voided only while the parcel is in the house."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.shipping.choosing import Asked
from agents.shipping.labels import LabelText, zpl
from agents.shipping.messages import BuyLabel, LabelBought, LabelView, LabelVoided, OffersState, PricePart
from agents.shipping.offers import compare, remember, shown
from agents.shipping.refusals import NoRate, OtherLabel, ParcelGone
from agents.shipping.rules import tracking_number
from db.errors import IllegalMove, NotFound
from db.fulfilment import Fulfilment, Parcel, ParcelStatus
from db.nodes import Node
from db.orders import Order
from db.session import Transaction
from db.shipping import LABEL_MOVES, Label, LabelState, label_serials

IN_THE_HOUSE = (ParcelStatus.packed, ParcelStatus.labelled)


def buy_label(tx: Transaction, ask: BuyLabel) -> LabelView:
    """The parcel's live label, or a new one. The parcel is locked: nobody unpacks or dispatches it meanwhile."""
    parcel = tx.get(Parcel, ask.parcel_id, with_for_update={"key_share": True}, populate_existing=True)
    if parcel is None:
        raise NotFound("parcel", str(ask.parcel_id))
    live = live_label(tx, parcel.id)
    if live is not None:
        if ask.carrier not in (None, live.carrier) or ask.service not in (None, live.service):
            raise OtherLabel(str(live.id), f"{live.carrier} {live.service}", _asked(ask))
        return view(live, parcel)
    if parcel.status not in IN_THE_HOUSE:
        raise ParcelGone(str(parcel.id), parcel.status)
    order = tx.get_one(Order, parcel.order_id, populate_existing=True)
    asked = Asked(carrier=ask.carrier, service=ask.service)
    found = compare(tx, parcel, order, asked)
    if found.choice is None:
        raise NoRate(parcel.weight_grams, found.parcel.country, _asked(ask))
    offer = found.choice.offer
    number = tracking_number(offer.carrier, tx.execute(label_serials.next_value().select()).scalar_one())
    label = Label(
        parcel_id=parcel.id,
        order_id=order.id,
        carrier=offer.carrier,
        service=offer.service,
        tracking_number=number,
        amount=offer.amount,
        currency=offer.currency,
        state=LabelState.live,
        why=found.choice.why,
        choice_id=remember(tx, parcel, found),
        parts=msgspec.to_builtins(offer.parts),
        zpl=_print(tx, order, parcel, offer.carrier, offer.service, number),
        created_at=tx.now,
    )
    tx.add(label)
    tx.flush()
    tx.note(f"order:{order.id}", to_status="label bought", why=f"{number}, {found.choice.why}")
    bought = LabelBought(label_id=label.id, parcel_id=parcel.id, order_id=order.id, tracking_number=number)
    tx.announce(f"order:{order.id}", bought)
    return view(label, parcel)


def compare_offers(tx: Transaction, parcel_id: UUID) -> OffersState:
    """What would be chosen now; nothing is written."""
    parcel = tx.get(Parcel, parcel_id)
    if parcel is None:
        raise NotFound("parcel", str(parcel_id))
    order = tx.get_one(Order, parcel.order_id)
    return shown(parcel.id, compare(tx, parcel, order, Asked()))


def _asked(ask: BuyLabel) -> str:
    return " ".join(part for part in (ask.carrier, ask.service) if part)


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


def buy_when_packed(tx: Transaction, parcel_id: UUID, order_id: UUID) -> None:
    """Label a packed parcel by itself; without a rate it waits for a person, and the order's history says so."""
    try:
        buy_label(tx, BuyLabel(parcel_id=parcel_id))
    except NoRate as no:
        tx.note(f"order:{order_id}", to_status="not labelled", why=str(no))
    except (ParcelGone, NotFound):
        return  # unpacked again meanwhile


def live_label(tx: Transaction, parcel_id: UUID) -> Label | None:
    return tx.scalars(
        select(Label)
        .where(Label.parcel_id == parcel_id, Label.state == LabelState.live)
        .execution_options(populate_existing=True)
    ).one_or_none()


def void_label(tx: Transaction, label_id: UUID, reason: str) -> LabelView:
    """Give a label back. The dispatch holds the labels it leaves with, so one of the two comes first."""
    label = tx.get(Label, label_id, with_for_update=True, populate_existing=True)
    if label is None:
        raise NotFound("label", str(label_id))
    parcel = tx.get_one(Parcel, label.parcel_id, populate_existing=True)
    if LabelState.voided not in LABEL_MOVES[LabelState(label.state)]:
        raise IllegalMove("label", label.tracking_number, label.state, LabelState.voided, [])
    if parcel.status in (ParcelStatus.shipped, ParcelStatus.delivered):
        raise ParcelGone(str(parcel.id), parcel.status)
    label.state, label.voided_at = LabelState.voided, tx.now
    tx.note(f"order:{label.order_id}", to_status="label voided", why=f"{label.tracking_number}: {reason}")
    tx.announce(
        f"order:{label.order_id}",
        LabelVoided(label_id=label.id, parcel_id=label.parcel_id, order_id=label.order_id),
    )
    tx.flush()
    return view(label, parcel)


def void_of_unpacked(tx: Transaction, parcel_id: UUID) -> None:
    label = live_label(tx, parcel_id)
    if label is not None:
        void_label(tx, label.id, "the parcel was unpacked")


def view(label: Label, parcel: Parcel) -> LabelView:
    in_the_house = parcel.status not in (ParcelStatus.shipped, ParcelStatus.delivered)
    return LabelView(
        id=label.id,
        parcel_id=label.parcel_id,
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        amount=label.amount,
        currency=label.currency,
        state=label.state,
        why=label.why,
        parts=msgspec.convert(label.parts, list[PricePart]),
        zpl=label.zpl,
        next=sorted(s.value for s in LABEL_MOVES[LabelState(label.state)]) if in_the_house else [],
    )
