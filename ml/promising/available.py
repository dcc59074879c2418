"""What can be promised of one SKU at one node, by when, and how sure that is. Pure: no database, no clock.

Goods on their way have a day for each confidence (`ml.promising.arrivals`). The units that have come by a day are
added up at one confidence throughout, as if everything were as late as that at once: what makes one delivery late
(weather, a holiday, a port) makes others late too, and a promise that counted on their not being late together would
be broken exactly when many are. So the day found for a confidence is that quantile of the day on which enough is
there, if deliveries are late together, and an earlier one is never said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ml.promising.arrivals import CONFIDENCES
from ml.promising.workdays import Workdays

LIKELY, PROMISED, SAFE = range(len(CONFIDENCES))


class Supply(NamedTuple):
    """Units on their way to the node; `days` are those by whose end they have come, for each confidence, rising."""

    units: int
    days: tuple[date, date, date]
    source: str  # "purchase order PO100012, line 2"


class Standing(NamedTuple):
    """`free` units have nobody's claim on them, `before` are owed to whoever waits, `kept` are for others."""

    free: int
    before: int = 0
    kept: int = 0
    supplies: Sequence[Supply] = ()

    @property
    def now(self) -> int:
        return max(0, self.free - self.before - self.kept)


class Step(NamedTuple):
    """From this day on goods leave of which `units` can be promised together."""

    on: date
    units: int


class Promise(NamedTuple):
    """The days on which the last of the units leaves; None where too few are on their way to say."""

    likely_on: date | None
    promised_on: date | None
    safe_on: date | None
    counted: tuple[Supply, ...] = ()  # what the promised day rests on
    short: int = 0  # units for which nothing is on its way

    @property
    def days(self) -> tuple[date | None, date | None, date | None]:
        return self.likely_on, self.promised_on, self.safe_on


NEVER = Promise(None, None, None)


def steps(standing: Standing, work: Workdays, ships_now: date, which: int = PROMISED) -> list[Step]:
    """How many units can be promised by when, rising; the first step is what lies there now."""
    there = standing.free - standing.before - standing.kept
    found = [Step(ships_now, max(0, there))]
    for supply in sorted(standing.supplies, key=lambda s: s.days[which]):
        there += supply.units
        on = max(ships_now, work.ships_after(supply.days[which]))
        if there <= found[-1].units:
            continue
        if on == found[-1].on:
            found[-1] = Step(on, there)
        else:
            found.append(Step(on, there))
    return found


def promise(standing: Standing, units: int, work: Workdays, ships_now: date) -> Promise:
    """When so many units leave, if they are ordered now and `before` are served first."""
    if standing.now >= units:
        return Promise(ships_now, ships_now, ships_now)
    needed = units + standing.before + standing.kept - standing.free
    days: list[date] = []
    counted: tuple[Supply, ...] = ()
    for which in (LIKELY, PROMISED, SAFE):
        used = _enough(standing.supplies, needed, which)
        if used is None:
            return NEVER._replace(short=needed - sum(s.units for s in standing.supplies))
        days.append(max(ships_now, work.ships_after(used[-1].days[which])))
        counted = used if which == PROMISED else counted
    return Promise(days[LIKELY], days[PROMISED], days[SAFE], counted)


def _enough(supplies: Sequence[Supply], needed: int, which: int) -> tuple[Supply, ...] | None:
    """The first supplies that come to as many units as are needed."""
    used = []
    for supply in sorted(supplies, key=lambda s: s.days[which]):
        used.append(supply)
        needed -= supply.units
        if needed <= 0:
            return tuple(used)
    return None


def together(parts: Sequence[tuple[list[Step], int]]) -> list[Step]:
    """Steps of a kit: of each component so many (the second of a pair) go into one."""
    days = sorted({step.on for steps_of, _ in parts for step in steps_of})
    found: list[Step] = []
    for day in days:
        units = min(_by(steps_of, day) // per for steps_of, per in parts)
        if not found or units > found[-1].units:
            found.append(Step(day, units))
    return found


def added(nodes: Sequence[list[Step]]) -> list[Step]:
    """Steps of several nodes that send their parts by themselves."""
    days = sorted({step.on for steps_of in nodes for step in steps_of})
    found: list[Step] = []
    for day in days:
        units = sum(_by(steps_of, day) for steps_of in nodes)
        if not found or units > found[-1].units:
            found.append(Step(day, units))
    return found


def _by(steps_of: Sequence[Step], day: date) -> int:
    return max((step.units for step in steps_of if step.on <= day), default=0)


def latest(promises: Sequence[Promise]) -> Promise:
    """The promise of what leaves together: the last of each day."""
    if any(p.promised_on is None for p in promises):
        return NEVER._replace(short=max(p.short for p in promises))
    counted = tuple(supply for p in promises for supply in p.counted)
    likely, promised, safe = (_last(p.days[which] for p in promises) for which in (LIKELY, PROMISED, SAFE))
    return Promise(likely, promised, safe, counted)


def _last(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)
