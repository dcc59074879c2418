"""What a parcel costs with whom, which service takes it, and what tracking events add up to.

Pure: no database, no clock. Weights are grams, amounts minor units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from agents.shipping.messages import RateRow
from agents.shipping.refusals import BadRates
from db.money import format_money

ANYWHERE = "*"
_COUNTRY = re.compile(r"[A-Z]{2}")


class Tariff(NamedTuple):
    """A rate card as it is asked for prices. `rates` are (country, up to grams) -> amount."""

    id: UUID
    carrier: str
    service: str
    currency: str
    transit_days: int
    rates: Mapping[tuple[str, int], int]

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}"


class Quote(NamedTuple):
    tariff: Tariff
    amount: int


class Choice(NamedTuple):
    quote: Quote
    why: str


def destination(address: Mapping[str, object]) -> str:
    """The country of an address as ISO 3166 alpha-2, or `*` when it names none."""
    country = str(address.get("country") or "").strip().upper()
    return country if _COUNTRY.fullmatch(country) else ANYWHERE


def quote(tariff: Tariff, *, weight_grams: int, country: str) -> Quote | None:
    """The smallest bracket that takes the weight. A card that names the country is asked for it alone: `*` is
    anywhere else."""
    to = country if any(c == country for c, _ in tariff.rates) else ANYWHERE
    brackets = sorted(limit for c, limit in tariff.rates if c == to and limit >= weight_grams)
    return Quote(tariff, tariff.rates[(to, brackets[0])]) if brackets else None


def choose(quotes: Sequence[Quote], *, currency: str) -> Choice | None:
    """The cheapest, then the fastest, then by name; None without quotes.

    Amounts are compared within one currency: the order's, or the first by code when nobody quotes in it.
    """
    if not quotes:
        return None
    known = {q.tariff.currency for q in quotes}
    within = currency if currency in known else min(known)
    best, *others = sorted(
        (q for q in quotes if q.tariff.currency == within),
        key=lambda q: (q.amount, q.tariff.transit_days, q.tariff.name),
    )
    if not others:
        return Choice(best, f"the only service that fits: {_shown(best)}")
    compared = "; ".join(_shown(q) for q in others)
    how = "cheapest"
    if others[0].amount == best.amount:
        how = "fastest of the cheapest" if others[0].tariff.transit_days > best.tariff.transit_days else "cheapest"
    return Choice(best, f"{how} of {len(others) + 1}: {_shown(best)}; not {compared}")


def _shown(q: Quote) -> str:
    days = "1 day" if q.tariff.transit_days == 1 else f"{q.tariff.transit_days} days"
    return f"{q.tariff.name} {format_money(q.amount, q.tariff.currency)}, {days}"


def check_rates(rates: Sequence[RateRow], *, transit_days: int) -> None:
    """Raises BadRates for a card nobody could be quoted from without doubt."""
    if not rates:
        raise BadRates("A rate card needs at least one rate.")
    if transit_days < 0:
        raise BadRates(f"transit_days is {transit_days} and cannot be below zero.")
    seen = set()
    for row in rates:
        if row.country != ANYWHERE and not _COUNTRY.fullmatch(row.country):
            raise BadRates(f"{row.country!r} is not a country. Use two capital letters such as DE, or *.")
        if row.max_weight_grams <= 0 or row.amount < 0:
            raise BadRates(
                f"The rate for {row.country} up to {row.max_weight_grams} g at {row.amount} needs a weight above "
                "zero and a price that is not negative."
            )
        if (row.country, row.max_weight_grams) in seen:
            raise BadRates(f"There are two rates for {row.country} up to {row.max_weight_grams} g.")
        seen.add((row.country, row.max_weight_grams))


def tracking_number(carrier: str, serial: int) -> str:
    """Two letters of the carrier, eleven digits and a check digit (GS1 General Specifications, 7.9)."""
    letters = re.sub(r"[^A-Z]", "", carrier.upper())[:2].ljust(2, "X")
    digits = f"{serial:011d}"
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return f"{letters}{digits}{-weighted % 10}"


DELIVERED = "delivered"
TRACKING_STATUSES = ("in_transit", "out_for_delivery", DELIVERED, "exception")
NO_EVENT_YET = "label_created"


def tracking_status(events: Iterable[tuple[datetime, int, str]]) -> str:
    """Where a parcel is by its events (carrier's time, our serial, status): delivered stays delivered, else the
    latest by the carrier's time counts, whatever order they came in."""
    ordered = sorted(events)
    if any(status == DELIVERED for _, _, status in ordered):
        return DELIVERED
    return ordered[-1][2] if ordered else NO_EVENT_YET
