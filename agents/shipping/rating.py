"""Rate cards: putting in versions, and asking those that are valid."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from agents.shipping.messages import PutRateCard, RateCardState
from agents.shipping.refusals import RateCardTaken, TimeWithoutZone
from agents.shipping.rules import Quote, Tariff, check_rates, quote
from db.money import minor_digits
from db.session import Transaction
from db.shipping import Rate, RateCard


def put_rate_card(tx: Transaction, ask: PutRateCard) -> RateCardState:
    """A new version from `valid_from` on; the one before it ends there, one after it stays."""
    minor_digits(ask.currency)
    check_rates(ask.rates, transit_days=ask.transit_days)
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
        valid_from=start,
        valid_to=next((later.valid_from for later in versions if later.valid_from > start), None),
    )
    tx.add(card)
    tx.flush()
    tx.add_all(
        Rate(rate_card_id=card.id, country=r.country, max_weight_grams=r.max_weight_grams, amount=r.amount)
        for r in ask.rates
    )
    return RateCardState(
        id=card.id, carrier=card.carrier, service=card.service, currency=card.currency, rates=len(ask.rates)
    )


def quotes_at(
    tx: Transaction,
    at: datetime,
    *,
    weight_grams: int,
    country: str,
    carrier: str | None = None,
    service: str | None = None,
) -> list[Quote]:
    """What the valid cards ask for a parcel; of one carrier or service when named."""
    cards = select(RateCard).where(
        RateCard.active, RateCard.valid_from <= at, or_(RateCard.valid_to.is_(None), RateCard.valid_to > at)
    )
    if carrier is not None:
        cards = cards.where(RateCard.carrier == carrier)
    if service is not None:
        cards = cards.where(RateCard.service == service)
    valid = tx.scalars(cards.order_by(RateCard.carrier, RateCard.service)).all()
    rates: dict[UUID, dict[tuple[str, int], int]] = defaultdict(dict)
    for r in tx.scalars(select(Rate).where(Rate.rate_card_id.in_([c.id for c in valid]))):
        rates[r.rate_card_id][(r.country, r.max_weight_grams)] = r.amount
    tariffs = (Tariff(c.id, c.carrier, c.service, c.currency, c.transit_days, rates[c.id]) for c in valid)
    return [q for t in tariffs if (q := quote(t, weight_grams=weight_grams, country=country)) is not None]
