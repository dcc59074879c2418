"""When a parcel leaves, how far it goes, and what that weighs in CO2. Pure.

Kilometres are along the surface of the earth between the two towns: carriers drive further, so a factor for a tonne and
kilometre has to be one of great-circle distance, or told by the carrier for each parcel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from agents.shipping.pricing import Consignment, Tariff
from db.atlas import kilometres, spot_of
from db.money import half_up

LONGEST_CLOSED = 60  # days that are looked at for an open one
GRAMS_A_TONNE = 1_000_000


class Calendar(NamedTuple):
    """A node as it hands over: minutes since its midnight, open weekdays (Monday is 0) and closed days."""

    minute: int = 0
    open_weekdays: Sequence[int] = (0, 1, 2, 3, 4, 5, 6)
    closed: frozenset[str] = frozenset()  # ISO dates

    def is_open(self, day: date) -> bool:
        return day.weekday() in self.open_weekdays and day.isoformat() not in self.closed


class Collections(NamedTuple):
    """The days on which a carrier fetches: the minute of the cut-off by weekday, and ISO dates on which it does not."""

    cut_offs: Mapping[int, int]
    closed: frozenset[str] = frozenset()

    def on(self, day: date) -> int | None:
        return None if day.isoformat() in self.closed else self.cut_offs.get(day.weekday())


def minute_of(clock: str) -> int:
    """16:30 as minutes since midnight."""
    hours, minutes = clock.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def leaves_on(tariff: Tariff, packed_on: date, at: Calendar, fetches: Collections | None = None) -> date | None:
    """The day of the hand-over: today without a cut-off, else the first open day that is not cut off.

    A carrier that has a calendar takes parcels on its days alone, until the earlier of its cut-off and the card's; None
    when none of the next days is one.
    """
    cut_off = tariff.cut_off
    latest = None if cut_off is None else cut_off.hour * 60 + cut_off.minute
    if fetches is None:
        if latest is None:
            return packed_on
        days = (packed_on + timedelta(days=n) for n in range(int(at.minute > latest), LONGEST_CLOSED))
        return next((day for day in days if at.is_open(day)), packed_on)
    for day in (packed_on + timedelta(days=n) for n in range(LONGEST_CLOSED)):
        minute = fetches.on(day)
        if minute is None or not at.is_open(day):
            continue
        if day > packed_on or at.minute <= (minute if latest is None else min(minute, latest)):
            return day
    return None


def distance(sender: Mapping[str, Any], to: Mapping[str, Any]) -> int | None:
    """Kilometres between the towns of two addresses; None when the country of one is not known."""
    start, end = spot_of(sender), spot_of(to)
    return kilometres(start, end) if start and end else None


def co2_grams(tariff: Tariff, parcel: Consignment, km: int | None) -> int | None:
    """CO2e of one parcel in grams: what the carrier tells, else its factor times tonnes times kilometres."""
    if tariff.co2_grams_per_parcel is not None:
        return tariff.co2_grams_per_parcel
    if tariff.co2_grams_per_tkm is None or km is None:
        return None
    return half_up(tariff.co2_grams_per_tkm * km * parcel.weight_grams, GRAMS_A_TONNE)
