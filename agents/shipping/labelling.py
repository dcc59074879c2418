"""Labels: at most one live one a parcel, bought from the best rate, voided only while the parcel is in the house."""

from __future__ import annotations

from uuid import UUID

import msgspec

from agents.shipping import purchases, quotes
from agents.shipping.choosing import RULE, Asked
from agents.shipping.declaring import declare
from agents.shipping.issuing import IN_THE_HOUSE, label_from_card, live_label, want_refund
from agents.shipping.messages import BuyLabel, LabelView, LabelVoided, OffersState, PricePart
from agents.shipping.messages.carriers import GatherRates, RatesAsked
from agents.shipping.offers import Compared, compare, remember, shown
from agents.shipping.quotes import accounts_for
from agents.shipping.refusals import CustomsDataMissing, LabelBeingBought, NoCarriers, NoRate, OtherLabel, ParcelGone
from db.carriers import LabelPurchase, PurchaseState
from db.errors import IllegalMove, NotFound
from db.fulfilment import Parcel, ParcelStatus
from db.orders import Order
from db.session import Transaction
from db.shipping import LABEL_MOVES, Label, LabelState


def buy_label(tx: Transaction, ask: BuyLabel) -> LabelView:
    """The parcel's live label, or a new one. The parcel is locked: nobody unpacks or dispatches it meanwhile.

    With rate cards alone it is there at once; where carriers have to be asked it is bought in the background.
    """
    parcel = tx.get(Parcel, ask.parcel_id, with_for_update={"key_share": True}, populate_existing=True)
    if parcel is None:
        raise NotFound("parcel", str(ask.parcel_id))
    live = live_label(tx, parcel.id)
    if live is not None:
        if ask.carrier not in (None, live.carrier) or ask.service not in (None, live.service):
            raise OtherLabel(str(live.id), f"{live.carrier} {live.service}", _asked(ask))
        return view(live, parcel)
    if (buying := purchases.open_of(tx, parcel.id)) is not None:
        return view_of_purchase(buying)
    if parcel.status not in IN_THE_HOUSE:
        raise ParcelGone(str(parcel.id), parcel.status)
    order = tx.get_one(Order, parcel.order_id, populate_existing=True)
    declare(tx, parcel, order)
    asked = Asked(carrier=ask.carrier, service=ask.service, reason=ask.reason)
    if accounts_for(tx, parcel.node, asked):
        return view_of_purchase(purchases.open_purchase(tx, parcel, asked))
    found = compare(tx, parcel, order, asked, by=tx.who.actor)
    if found.choice is None:
        raise no_rate(found, _asked(ask))
    label = label_from_card(tx, parcel, order, found.choice, remember(tx, parcel, found, asked, by=tx.who.actor))
    return view(label, parcel)


def compare_offers(tx: Transaction, parcel_id: UUID) -> OffersState:
    """What would be chosen now; nothing is written."""
    parcel = tx.get(Parcel, parcel_id)
    if parcel is None:
        raise NotFound("parcel", str(parcel_id))
    order = tx.get_one(Order, parcel.order_id)
    return shown(parcel.id, compare(tx, parcel, order, Asked()))


def ask_carriers(tx: Transaction, parcel_id: UUID) -> RatesAsked:
    """Ask every account anew, in the background; what each says is shown among the offers. Raises NoCarriers."""
    parcel = tx.get(Parcel, parcel_id, with_for_update={"key_share": True}, populate_existing=True)
    if parcel is None:
        raise NotFound("parcel", str(parcel_id))
    if parcel.status not in IN_THE_HOUSE:
        raise ParcelGone(str(parcel.id), parcel.status)
    if (buying := purchases.open_of(tx, parcel_id)) is not None:
        raise LabelBeingBought(str(buying.id), buying.status)
    accounts = accounts_for(tx, parcel.node)
    if not accounts:
        raise NoCarriers(parcel.node)
    quotes.mark_asked(tx, parcel_id, accounts)
    tx.send("shipping", f"parcel:{parcel_id}", GatherRates(parcel_id=parcel_id))
    return RatesAsked(parcel_id=parcel_id, accounts=len(accounts))


def no_rate(found: Compared, asked: str) -> NoRate:
    """Why nothing takes the parcel: when rules alone stand against it, which ones."""
    ruled = sorted({o.refused or "" for o in found.offers if o.refused_by == RULE})
    return NoRate(found.facts.grams, found.facts.country, asked, "; ".join(ruled))


def _asked(ask: BuyLabel) -> str:
    return " ".join(part for part in (ask.carrier, ask.service) if part)


def buy_when_packed(tx: Transaction, parcel_id: UUID, order_id: UUID) -> None:
    """Label a packed parcel by itself; without a rate it waits for a person, and the order's history says so."""
    try:
        buy_label(tx, BuyLabel(parcel_id=parcel_id))
    except (NoRate, CustomsDataMissing) as no:
        tx.note(f"order:{order_id}", to_status="not labelled", why=str(no))
    except (ParcelGone, NotFound):
        return  # unpacked again meanwhile


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
    # The parcel's rates were of the shipment that is given back; another label begins with new ones.
    quotes.forget(tx, label.parcel_id)
    want_refund(tx, label)
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
    if (buying := purchases.open_of(tx, parcel_id)) is not None:
        purchases.cancel(tx, buying, "the parcel was unpacked")


def view_of_purchase(purchase: LabelPurchase) -> LabelView:
    """A label that is not there yet."""
    return LabelView(
        id=purchase.id,
        parcel_id=purchase.parcel_id,
        carrier=purchase.wanted_carrier or "",
        service=purchase.wanted_service or "",
        tracking_number="",
        amount=0,
        currency="",
        state=purchase.status,
        why=purchase.why or "carriers are being asked",
        parts=[],
        zpl="",
        next=["give_up"] if purchase.status == PurchaseState.unknown else [],
    )


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
