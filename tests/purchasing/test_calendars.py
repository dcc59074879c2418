"""Suppliers that take orders on some days and are closed on others."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.purchasing.calendars import Calendar
from ml.replenishment.leadtime import LeadTime, learn

MONDAY = date(2026, 11, 30)
CHRISTMAS = [f"2026-12-{day}" for day in range(21, 32)]  # Monday to Thursday of the week after

days = st.integers(0, 700).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
calendars = st.builds(Calendar, st.frozensets(st.integers(0, 6), min_size=1), st.frozensets(days, max_size=12))


def every(*weekdays: int, closed: list[str] | None = None) -> Calendar:
    return Calendar.of(weekdays, closed or [])


def on(*found: float) -> LeadTime:
    return LeadTime(np.array(found), np.full(len(found), 1 / len(found)))


def test_the_next_order_day_is_a_usual_one_on_which_nobody_is_away() -> None:
    tuesdays = every(1, closed=["2026-12-01"])
    assert tuesdays.order_day(MONDAY) == date(2026, 12, 8)
    assert tuesdays.order_day(date(2026, 12, 8)) == date(2026, 12, 8)


def test_days_between_orders_are_those_of_a_usual_week_until_the_supplier_closes() -> None:
    assert every(0, 1, 2, 3, 4).days_between_orders(MONDAY) == 1
    assert every(0, 1, 2, 3, 4).days_between_orders(date(2026, 12, 4)) == 1  # a weekend is nothing new
    assert every(0, 3).days_between_orders(MONDAY) == 4
    holidays = every(0, 1, 2, 3, 4, closed=CHRISTMAS)
    assert holidays.days_between_orders(date(2026, 12, 17)) == 1
    assert holidays.days_between_orders(date(2026, 12, 18)) == 14  # the Friday before, until New Year's Day
    assert holidays.days_between_orders(date(2027, 1, 1)) == 1


def test_closed_days_before_an_order_is_taken_and_until_it_comes_make_it_late() -> None:
    holidays = every(0, 1, 2, 3, 4, closed=CHRISTMAS)
    lead, longer = holidays.delayed(on(2.0, 10.0), date(2026, 12, 14))
    assert (lead.days.tolist(), longer) == ([2.0, 21.0], round(11 / 2))
    lead, longer = holidays.delayed(on(2.0, 10.0), date(2026, 12, 21))  # taken on 1 January, eleven days later
    assert (lead.days.tolist(), longer) == ([13.0, 21.0], 11)
    lead, longer = holidays.delayed(on(2.0, 10.0), date(2026, 11, 1))
    assert (lead.days.tolist(), longer) == ([2.0, 10.0], 0)


def test_a_period_is_looked_at_on_its_first_order_day() -> None:
    thursdays = every(3)
    looked = [d for n in range(56) if thursdays.is_review_day(d := MONDAY + timedelta(days=n), 14)]
    assert len(looked) == 4
    assert {d.weekday() for d in looked} == {3}
    assert {(b - a).days for a, b in pairwise(looked)} == {14}
    assert all(every(*range(7)).is_review_day(MONDAY + timedelta(days=n), 1) for n in range(7))


@given(calendars, days, st.integers(1, 60))
def test_of_any_period_with_an_order_day_exactly_one_is_looked_at(calendar: Calendar, day: date, length: int) -> None:
    first = date.fromordinal(day.toordinal() // length * length)
    period = [first + timedelta(days=n) for n in range(length)]
    looked = [d for d in period if calendar.is_review_day(d, length)]
    assert len(looked) == any(calendar.order_day(d) == d for d in period)


@given(calendars, days, st.integers(0, 60), st.integers(0, 60))
def test_goods_take_as_many_open_days_as_ever_and_never_come_on_a_closed_one(
    calendar: Calendar, today: date, quick: int, slow: int
) -> None:
    took = sorted({float(quick), float(slow)})
    lead, _ = calendar.delayed(on(*took), today)
    assert (lead.days >= took).all()
    assert (np.diff(lead.days) >= np.diff(took)).all()
    leaves = calendar.order_day(today)
    waited = (leaves - Calendar(calendar.weekdays).order_day(today)).days
    for days_of_work, found in zip(took, lead.days, strict=True):
        until = leaves + timedelta(days=found - waited)
        assert (until - leaves).days - calendar.closed_between(leaves, until) == days_of_work
        assert until not in calendar.closed


def test_learning_leaves_out_what_planning_puts_on_again() -> None:
    """Ten days that ran over three closed ones are seven; over no closed ones they stay ten."""
    calendar = every(*range(7), closed=["2026-12-24", "2026-12-25", "2026-12-26"])
    assert calendar.closed_between(date(2026, 12, 20), date(2026, 12, 30)) == 3
    assert calendar.closed_between(date(2026, 12, 24), date(2026, 12, 30)) == 2
    lead = learn([7.0] * 200, quoted_days=7)
    assert calendar.delayed(lead, date(2026, 12, 20))[1] == pytest.approx(3)
