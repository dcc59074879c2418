"""On which days a supplier takes orders, and how much longer goods take when it is closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ml.replenishment.leadtime import LeadTime

WEEK = 7
EVERY_DAY = frozenset(range(WEEK))


@dataclass(frozen=True)
class Calendar:
    """`weekdays` on which orders are taken (Monday is 0); on the `closed` dates nothing is taken, made or sent."""

    weekdays: frozenset[int] = EVERY_DAY
    closed: frozenset[date] = frozenset()

    @classmethod
    def of(cls, weekdays: Iterable[int], closed: Iterable[str]) -> Calendar:
        return cls(frozenset(weekdays) or EVERY_DAY, frozenset(date.fromisoformat(day) for day in closed))

    def order_day(self, day: date) -> date:
        """The first day from this one on that orders are taken."""
        while day.weekday() not in self.weekdays or day in self.closed:
            day += timedelta(days=1)
        return day

    def days_between_orders(self, today: date) -> int:
        """From one chance to order to the next: the longest of a usual week, or longer before closed days."""
        first = self.order_day(today)
        after = first + timedelta(days=1)
        next_one = self.order_day(after)
        usual = self._usual_gap()
        return usual if next_one == self._usual().order_day(after) else max(usual, (next_one - first).days)

    def _usual(self) -> Calendar:
        return replace(self, closed=frozenset())

    def _usual_gap(self) -> int:
        days = sorted(self.weekdays)
        # Nobody counts the weekend of a supplier that works all week as a gap: it is in its lead times.
        if len(days) >= 5:
            return 1
        return max(after - before for before, after in zip(days, [*days[1:], days[0] + WEEK], strict=True))

    def is_review_day(self, day: date, every: int) -> bool:
        """Whether what is looked at every so many days is looked at on this one: the first order day of each period.

        Periods are counted from a day that is the same for all, so that SKUs of a supplier are looked at together.
        """
        if day != self.order_day(day):
            return False
        before = day - timedelta(days=1)
        while before != self.order_day(before):
            before -= timedelta(days=1)
        return before.toordinal() // every < day.toordinal() // every

    def delayed(self, lead: LeadTime, today: date) -> tuple[LeadTime, int]:
        """Lead time of an order made today, and by how many days the mean is longer than without closed days.

        Closed days before the first chance to order count, those of a usual week do not: they are in the review.
        """
        if not self.closed:
            return lead, 0
        leaves = self.order_day(today)
        longer = np.full(len(lead.days), float((leaves - self._usual().order_day(today)).days))
        waited = longer.copy()
        for day in sorted(day for day in self.closed if day > leaves):
            longer += (day - leaves).days <= lead.days + longer - waited
        if not longer.any():
            return lead, 0
        return LeadTime(lead.days + longer, lead.weights), round(float(longer @ lead.weights))

    def closed_between(self, first: date, last: date) -> int:
        """Closed days after the first and up to the last."""
        return sum(first < day <= last for day in self.closed)


ALWAYS = Calendar()
