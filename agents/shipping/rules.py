"""Which service takes a parcel, and what tracking events add up to.

Pure: no database, no clock. Weights are grams, amounts minor units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from agents.shipping.pricing import ANYWHERE, Quote
from db.money import format_money

_COUNTRY = re.compile(r"[A-Z]{2}")


class Choice(NamedTuple):
    quote: Quote
    why: str


def destination(address: Mapping[str, object]) -> str:
    """The country of an address as ISO 3166 alpha-2, or `*` when it names none."""
    country = str(address.get("country") or "").strip().upper()
    return country if _COUNTRY.fullmatch(country) else ANYWHERE


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
