"""When goods are taken in, and what of it is free. Pure functions: no database, no clock.

Hours are of a day at the node; all else is moments, so that a night on which clocks change has as many slots as it has
hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

USUAL_HOURS = [["08:00", "16:00"]]
USUAL_SLOT_MINUTES = 60
MIDNIGHT = "24:00"
LOOKED_AHEAD = timedelta(days=60)  # for the next free slot: who has nothing free by then is called


class Span(NamedTuple):
    starts_at: datetime
    ends_at: datetime


class Busy(NamedTuple):
    dock: str
    starts_at: datetime
    ends_at: datetime
    number: str
    id: UUID


class Slot(NamedTuple):
    dock: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Goods:
    """`hours` are those of each day of the week from Monday, as pairs of times of day."""

    zone: ZoneInfo
    hours: Sequence[Sequence[Sequence[str]]]
    slot: timedelta
    closed: frozenset[str]
    is_usual: bool = False  # nobody has said any

    @classmethod
    def usual(cls, zone: str, weekdays: Iterable[int], closed: Iterable[str]) -> Goods:
        days = set(weekdays)
        hours = [USUAL_HOURS if day in days else [] for day in range(7)]
        return cls(ZoneInfo(zone), hours, timedelta(minutes=USUAL_SLOT_MINUTES), frozenset(closed), is_usual=True)

    @classmethod
    def kept(cls, zone: str, hours: Sequence[Any], slot_minutes: int, closed: Iterable[str]) -> Goods:
        return cls(ZoneInfo(zone), hours, timedelta(minutes=slot_minutes), frozenset(closed))

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        return _moment(day, "00:00", self.zone)

    def is_closed(self, day: date) -> bool:
        return day.isoformat() in self.closed

    def open_on(self, day: date) -> list[Span]:
        if self.is_closed(day):
            return []
        said = self.hours[day.weekday()]
        spans = (Span(_moment(day, since, self.zone), _moment(day, until, self.zone)) for since, until in said)
        return [span for span in spans if span.ends_at > span.starts_at]  # clocks that go forward may swallow one

    def open_from(self, since: date, until: date) -> list[Span]:
        """Of all days from one to the other; what goes on over midnight is one span."""
        spans: list[Span] = []
        for day in each_day(since, until):
            for span in self.open_on(day):
                if spans and spans[-1].ends_at == span.starts_at:
                    spans[-1] = Span(spans[-1].starts_at, span.ends_at)
                else:
                    spans.append(span)
        return spans

    def takes(self, wanted: Span) -> bool:
        """Whether all of a span is within hours."""
        near = self.open_from(self.day_of(wanted.starts_at), self.day_of(wanted.ends_at))
        return any(span.starts_at <= wanted.starts_at and wanted.ends_at <= span.ends_at for span in near)

    def told(self, day: date) -> str:
        """A day's hours in words: `takes goods in from 08:00 to 12:00 and 13:00 to 17:00 on Mon 2 Mar`."""
        on = f"on {said_day(day)}"
        if self.is_closed(day):
            return f"is closed {on}"
        said = self.hours[day.weekday()]
        if not said:
            return f"takes no goods in {on}"
        return f"takes goods in from {' and '.join(f'{since} to {until}' for since, until in said)} {on}"

    def said(self, moment: datetime) -> str:
        here = moment.astimezone(self.zone)
        return f"{here:%H:%M} on {said_day(here.date())}"


def free_slots(
    goods: Goods,
    docks: Sequence[str],
    busy: Iterable[Busy],
    *,
    since: datetime,
    until: datetime,
    length: timedelta,
    wanted: datetime | None = None,
) -> Iterator[Slot]:
    """Slots of a length at docks, the earliest first and of one moment in the order of the docks, none before `since`.

    They begin where the hours do, a slot after another, where something else ends, and when somebody wanted one.
    """
    taken: dict[str, list[Busy]] = {dock: [] for dock in docks}
    for each in busy:
        if each.dock in taken:
            taken[each.dock].append(each)
    for span in goods.open_from(goods.day_of(since), goods.day_of(until)):
        begins: dict[datetime, set[str]] = {}
        for dock in docks:
            others = [b.ends_at for b in taken[dock]] + ([wanted] if wanted is not None else [])
            for at in _begins(span, goods.slot, others):
                if at >= since and at + length <= min(span.ends_at, until):
                    begins.setdefault(at, set()).add(dock)
        for at in sorted(begins):
            found = Span(at, at + length)
            for dock in docks:
                if dock in begins[at] and not any(overlap(found, b) for b in taken[dock]):
                    yield Slot(dock, *found)


def overlap(one: Span, other: Busy | Span) -> bool:
    """A span ends where the next one begins, and the two are apart."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def each_day(since: date, until: date) -> Iterator[date]:
    for n in range((until - since).days + 1):
        yield since + timedelta(days=n)


def said_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _begins(span: Span, step: timedelta, others: Iterable[datetime]) -> set[datetime]:
    count = int((span.ends_at - span.starts_at) / step) + 1
    grid = {span.starts_at + n * step for n in range(count)}
    return grid | {at for at in others if span.starts_at < at < span.ends_at}


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """A time of day at a node; 24:00 is where the next day begins."""
    if clock == MIDNIGHT:
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
