"""Rate cards: putting in versions, and asking those that are valid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from agents.shipping.cards import places_of, rates_of, surcharges_of
from agents.shipping.messages import PutRateCard, RateCardState
from agents.shipping.pricing import Place, Surcharge, Tariff
from agents.shipping.refusals import RateCardTaken, TimeWithoutZone
from db.money import minor_digits
from db.session import Transaction
from db.shipping import Rate, RateCard, RateSurcharge, RateZone, SurchargeKind


def put_rate_card(tx: Transaction, ask: PutRateCard) -> RateCardState:
    """A new version from `valid_from` on; the one before it ends there, one after it stays."""
    minor_digits(ask.currency)
    places = places_of(ask)
    rates, surcharges = rates_of(ask, places), surcharges_of(ask)
    start = ask.valid_from or tx.now
    if start.tzinfo is None:
        raise TimeWithoutZone("valid_from")
    # One at a time for a service, also when it has no card yet that could be locked.
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{ask.carrier}/{ask.service}", 0))))
    versions = tx.scalars(
        select(RateCard)
        .where(RateCard.carrier == ask.carrier, RateCard.service == ask.service)
        .order_by(RateCard.valid_from)
        .execution_options(populate_existing=True)
    ).all()
    if any(card.valid_from == start for card in versions):
        raise RateCardTaken(ask.carrier, ask.service, start.isoformat())
    for card in versions:
        if card.valid_from < start and (card.valid_to is None or card.valid_to > start):
            card.valid_to = start
    card = RateCard(
        carrier=ask.carrier,
        service=ask.service,
        currency=ask.currency,
        transit_days=ask.transit_days,
        dimensional_divisor=ask.dimensional_divisor,
        max_length_mm=ask.max_length_mm,
        max_length_and_girth_mm=ask.max_length_and_girth_mm,
        max_value=ask.max_value,
        takes_hazmat=ask.takes_hazmat,
        takes_po_box=ask.takes_po_box,
        cut_off=ask.cut_off,
        co2_grams_per_tkm=ask.co2_grams_per_tkm,
        co2_grams_per_parcel=ask.co2_grams_per_parcel,
        valid_from=start,
        valid_to=next((later.valid_from for later in versions if later.valid_from > start), None),
    )
    tx.add(card)
    tx.flush()
    of = {"rate_card_id": card.id}
    tx.add_all(Rate(**of, zone=zone, max_weight_grams=g, amount=amount) for (zone, g), amount in rates.items())
    tx.add_all(RateZone(**of, **place._asdict()) for place in places)
    tx.add_all(RateSurcharge(**of, no=no, **s._asdict()) for no, s in enumerate(surcharges, 1))
    return RateCardState(
        id=card.id,
        carrier=card.carrier,
        service=card.service,
        currency=card.currency,
        rates=len(rates),
        zones=len({place.zone for place in places}),
        surcharges=len(surcharges),
    )


def valid_tariffs(tx: Transaction, at: datetime) -> list[Tariff]:
    """The cards that are valid at a moment, by carrier and service."""
    cards = select(RateCard).where(
        RateCard.active, RateCard.valid_from <= at, or_(RateCard.valid_to.is_(None), RateCard.valid_to > at)
    )
    return tariffs_of(tx, tx.scalars(cards.order_by(RateCard.carrier, RateCard.service)).all())


def tariffs_of(tx: Transaction, cards: Sequence[RateCard]) -> list[Tariff]:
    ids = [card.id for card in cards]
    rates: dict[UUID, dict[tuple[str, int], int]] = defaultdict(dict)
    for r in tx.scalars(select(Rate).where(Rate.rate_card_id.in_(ids))):
        rates[r.rate_card_id][r.zone, r.max_weight_grams] = r.amount
    places: dict[UUID, list[Place]] = defaultdict(list)
    for z in tx.scalars(select(RateZone).where(RateZone.rate_card_id.in_(ids))):
        places[z.rate_card_id].append(Place(z.zone, z.country, z.postcode_from, z.postcode_to, z.origin))
    surcharges: dict[UUID, list[Surcharge]] = defaultdict(list)
    by_no = select(RateSurcharge).where(RateSurcharge.rate_card_id.in_(ids)).order_by(RateSurcharge.no)
    for s in tx.scalars(by_no):
        told: dict[str, Any] = {name: getattr(s, name) for name in Surcharge._fields}
        surcharges[s.rate_card_id].append(Surcharge(**told | {"kind": SurchargeKind(s.kind)}))
    return [
        Tariff(
            id=card.id,
            carrier=card.carrier,
            service=card.service,
            currency=card.currency,
            transit_days=card.transit_days,
            rates=rates[card.id],
            places=tuple(places[card.id]),
            surcharges=tuple(surcharges[card.id]),
            dimensional_divisor=card.dimensional_divisor,
            max_length_mm=card.max_length_mm,
            max_length_and_girth_mm=card.max_length_and_girth_mm,
            max_value=card.max_value,
            takes_hazmat=card.takes_hazmat,
            takes_po_box=card.takes_po_box,
            cut_off=card.cut_off,
            co2_grams_per_tkm=card.co2_grams_per_tkm,
            co2_grams_per_parcel=card.co2_grams_per_parcel,
        )
        for card in cards
    ]
