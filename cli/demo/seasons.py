"""How much the demo shop sells on a day: growth, the week, the year, promotions; and what sells when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

GROWTH = 0.75  # over the whole past
_WEEK = (1.04, 0.98, 0.95, 0.94, 0.97, 1.02, 1.22)  # Monday first; people order on Sunday evenings
_YEAR = (0.82, 0.84, 0.90, 0.97, 1.02, 0.93, 0.84, 0.83, 0.97, 1.05, 1.38, 1.55)  # January first

# What a kind of goods sells beside its average, by month.
KINDS = {
    "steady": (1.0,) * 12,
    "spring": (0.35, 0.55, 1.35, 2.10, 2.20, 1.70, 1.15, 0.80, 0.65, 0.45, 0.35, 0.35),
    "winter": (1.30, 1.05, 0.80, 0.65, 0.55, 0.50, 0.50, 0.65, 0.95, 1.35, 1.65, 2.00),
    "christmas": (0.25, 0.35, 0.50, 0.55, 0.55, 0.50, 0.45, 0.50, 0.70, 1.20, 2.90, 3.55),
    "september": (1.30, 0.90, 0.85, 0.80, 0.80, 0.75, 0.80, 1.45, 1.70, 1.00, 0.85, 0.80),
}


class Promotion(NamedTuple):
    name: str
    lift: float  # of the orders of a day
    percent: int  # off the goods


def promotion(day: date) -> Promotion | None:
    """What is on at the moment."""
    friday = date(day.year, 11, 30)
    friday -= timedelta(days=(friday.weekday() - 4) % 7)
    if timedelta(days=-3) <= day - friday <= timedelta(days=3):
        return Promotion("black-friday", 2.3 if day == friday else 1.6, 15)
    if day.month == 1 and 2 <= day.day <= 14:
        return Promotion("winter-sale", 1.45, 20)
    if day.month == 7 and day.day <= 12:
        return Promotion("summer-sale", 1.5, 15)
    return None


def volume(day: date, first: date, last: date) -> float:
    """How busy a day is beside the first, in no unit."""
    growth = 1 + GROWTH * ((day - first).days / max(1, (last - first).days))
    on = promotion(day)
    lull = 0.45 if (day.month, day.day) in {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)} else 1.0
    return growth * _WEEK[day.weekday()] * _between_months(_YEAR, day) * (on.lift if on else 1.0) * lull


def appeal(kind: str, day: date) -> float:
    """What goods of a kind sell on a day beside their average."""
    return _between_months(KINDS[kind], day)


def _between_months(months: tuple[float, ...], day: date) -> float:
    """A month's figure is that of its middle; days between two middles lie between the two."""
    part = (day.day - 15.5) / 30.5
    other = months[(day.month - 2) % 12] if part < 0 else months[day.month % 12]
    return months[day.month - 1] * (1 - abs(part)) + other * abs(part)
