"""By which cut-off a fulfilment is promised to leave, and when it comes to the floor for it.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from db.waves import ANY, ReleaseMode
from ml.promising.workdays import Workdays

UTC = ZoneInfo("UTC")


class Collects(NamedTuple):
    """A carrier's service at a node, and the orders that are meant for it."""

    carrier: str
    service: str
    cut_off: time
    minutes_before: int
    channel: str = ANY
    tag: str = ANY
    country: str = ANY

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}"

    def takes(self, channel: str, tags: Collection[str], country: str) -> bool:
        return (
            self.channel in (ANY, channel) and self.country in (ANY, country) and (self.tag == ANY or self.tag in tags)
        )


class House(NamedTuple):
    """A node: its days and own cut-off, how it releases work, and the services that fetch there, first choice first."""

    work: Workdays
    mode: str
    minutes_before: int
    services: Sequence[Collects] = ()


class Wanted(NamedTuple):
    """What a fulfilment is for. `from_day` is the day on which it may leave at the earliest, or was promised to."""

    placed_at: datetime
    channel: str
    tags: Collection[str]
    country: str
    from_day: date | None = None


class Timing(NamedTuple):
    """`release_at` None: not by the clock. `released` is whether it is on the floor at once, and `why` says so."""

    due_at: datetime
    service: str | None
    release_at: datetime | None
    released: bool
    why: str | None


def timing(house: House, wanted: Wanted, *, now: datetime) -> Timing:
    """The first cut-off after the order came, on the day that was promised where one was, and what follows from it."""
    collects = next((s for s in house.services if s.takes(wanted.channel, wanted.tags, wanted.country)), None)
    work = house.work._replace(cut_off=collects.cut_off) if collects else house.work
    due_at = cut_off_after(work, wanted.placed_at, wanted.from_day)
    service = collects.name if collects else None
    if house.mode == ReleaseMode.streaming:
        return Timing(due_at, service, None, True, "as soon as it was ready")
    if house.mode == ReleaseMode.waves:
        return Timing(due_at, service, None, False, None)
    before = collects.minutes_before if collects else house.minutes_before
    release_at = due_at - timedelta(minutes=before)
    return Timing(due_at, service, release_at, release_at <= now, f"{before} minutes before its cut-off")


def cut_off_after(work: Workdays, moment: datetime, from_day: date | None = None) -> datetime:
    """The first cut-off of a working day after a moment, on or after a day where one is named; in UTC."""
    day = work.ships_now(moment)
    if from_day is not None and from_day > day:
        day = work.first(from_day)
    return datetime.combine(day, work.cut_off, ZoneInfo(work.zone)).astimezone(UTC)


def next_run(work: Workdays, times: Iterable[str], after: datetime) -> datetime:
    """The next of these times of day (as 08:00, on the node's clock) on a day that the node works, in UTC."""
    zone = ZoneInfo(work.zone)
    clock = sorted(time.fromisoformat(t) for t in times)
    day = work.first(after.astimezone(zone).date())
    while True:
        for at in clock:
            moment = datetime.combine(day, at, zone).astimezone(UTC)
            if moment > after:
                return moment
        day = work.first(day + timedelta(days=1))


def timing_again(house: House, due_at: datetime, service: str | None) -> datetime | None:
    """When what is promised for a cut-off comes to the floor as the node releases work now; None: not by the clock."""
    if house.mode != ReleaseMode.cut_off:
        return None
    before = next((s.minutes_before for s in house.services if s.name == service), house.minutes_before)
    return due_at - timedelta(minutes=before)
