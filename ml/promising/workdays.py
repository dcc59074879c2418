"""On which days a node sends goods out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEK = frozenset(range(7))
LONGEST_CLOSED = 400  # days looked ahead: as many closed dates as a node may have


class Workdays(NamedTuple):
    """`weekdays` on which a node works (Monday is 0) but for the `closed` dates; `cut_off` is on its own clock."""

    weekdays: frozenset[int]
    closed: frozenset[date]
    cut_off: time
    zone: str

    @classmethod
    def of(cls, weekdays: Iterable[int], closed: Iterable[str], cut_off: time, zone: str) -> Workdays:
        return cls(frozenset(weekdays) or WEEK, frozenset(date.fromisoformat(d) for d in closed), cut_off, zone)

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    def works(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.closed

    def first(self, day: date) -> date:
        """The first day from this one on that the node works."""
        for _ in range(LONGEST_CLOSED):
            if self.works(day):
                return day
            day += timedelta(days=1)
        return day

    def ships_now(self, now: datetime) -> date:
        """The day on which goods leave that lie there now."""
        here = now.astimezone(ZoneInfo(self.zone))
        day = here.date()
        return self.first(day if here.time() < self.cut_off else day + timedelta(days=1))

    def ships_after(self, arrival: date) -> date:
        """The day on which goods leave that come on a day: the next, because they are booked and put away first."""
        return self.first(arrival + timedelta(days=1))
