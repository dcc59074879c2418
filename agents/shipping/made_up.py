"""What a parcel that does not exist would cost: beside a rate card, before anybody trusts it."""

from __future__ import annotations

from uuid import UUID

from agents.shipping.choosing import Asked, Goods, Weights, offers_of
from agents.shipping.learning import latest
from agents.shipping.messages import PricedOffers
from agents.shipping.messages.choosing import PriceParcel
from agents.shipping.pricing import Consignment
from agents.shipping.rating import tariffs_of, valid_tariffs
from agents.shipping.refusals import BadRates
from db.errors import NotFound
from db.session import Transaction
from db.shipping import RateCard


def price(tx: Transaction, ask: PriceParcel) -> PricedOffers:
    """By every card that is valid on the day, or by one alone. Raises NotFound, BadRates."""
    if ask.weight_grams <= 0 or min(ask.length_mm, ask.width_mm, ask.height_mm) < 0:
        raise BadRates("A parcel weighs at least 1 g, and no side of it is below zero.")
    parcel = Consignment(
        weight_grams=ask.weight_grams,
        country=ask.country,
        on=ask.on or tx.now.date(),
        postcode=ask.postcode,
        origin=ask.origin,
        residential=ask.residential,
        sides_mm=(ask.length_mm, ask.width_mm, ask.height_mm),
    )
    tariffs = valid_tariffs(tx, tx.now) if ask.card is None else tariffs_of(tx, [_card(tx, ask.card)])
    _, known = latest(tx)
    nothing = Goods(value=0, currency="")
    found = offers_of(tariffs, parcel, nothing, po_box=False, weights=Weights(), asked=Asked(), known=known)
    return PricedOffers(offers=found)


def _card(tx: Transaction, ident: UUID) -> RateCard:
    card = tx.get(RateCard, ident)
    if card is None:
        raise NotFound("rate card", str(ident))
    return card
