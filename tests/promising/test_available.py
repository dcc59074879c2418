"""What can be promised by when: the arithmetic, without a company."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.promising.arrivals import days_between, days_of_trip, days_to_come
from ml.promising.available import NEVER, Promise, Standing, Step, Supply, added, latest, promise, steps, together
from ml.promising.workdays import Workdays

LONDON = Workdays.of([0, 1, 2, 3, 4], ["2026-04-03"], time(15), "Europe/London")
MONDAY = date(2026, 3, 2)


def coming(units: int, *days: int) -> Supply:
    likely, promised, safe = (MONDAY + timedelta(days=d) for d in days)
    return Supply(units, (likely, promised, safe), f"{units} after {days[0]}")


def test_goods_leave_today_before_the_cut_off_and_on_the_next_working_day_after_it() -> None:
    assert LONDON.ships_now(datetime(2026, 3, 2, 14, 59, tzinfo=UTC)) == MONDAY
    assert LONDON.ships_now(datetime(2026, 3, 2, 15, 0, tzinfo=UTC)) == date(2026, 3, 3)
    assert LONDON.ships_now(datetime(2026, 3, 6, 16, 0, tzinfo=UTC)) == date(2026, 3, 9)  # Friday evening
    assert LONDON.ships_after(date(2026, 4, 2)) == date(2026, 4, 6)  # Good Friday is closed
    assert LONDON.ships_now(datetime(2026, 4, 1, 14, 30, tzinfo=UTC)) == date(2026, 4, 2)  # summer time: 15:30 there


def test_what_waits_and_what_is_kept_comes_before_a_new_promise() -> None:
    there = Standing(free=10, before=4, kept=3)
    assert promise(there, 3, LONDON, MONDAY).promised_on == MONDAY
    assert promise(there, 4, LONDON, MONDAY) == NEVER._replace(short=1)
    assert steps(there, LONDON, MONDAY) == [Step(MONDAY, 3)]


def test_a_day_for_each_confidence_comes_from_the_deliveries_that_are_needed_and_no_more() -> None:
    there = Standing(1, 2, 0, [coming(5, 1, 3, 8), coming(5, 2, 10, 20)])
    four = promise(there, 4, LONDON, MONDAY)
    assert four.days == (date(2026, 3, 4), date(2026, 3, 6), date(2026, 3, 11))
    assert [s.source for s in four.counted] == ["5 after 1"]
    five = promise(there, 5, LONDON, MONDAY)
    assert five.days == (date(2026, 3, 5), date(2026, 3, 13), date(2026, 3, 23))
    assert promise(there, 10, LONDON, MONDAY).short == 1


def test_a_kit_is_there_when_its_last_component_is() -> None:
    tuesday = MONDAY + timedelta(days=1)
    parts = [([Step(MONDAY, 4), Step(tuesday, 9)], 2), ([Step(MONDAY, 3)], 1)]
    assert together(parts) == [Step(MONDAY, 2), Step(tuesday, 3)]
    assert added([[Step(MONDAY, 2)], [Step(tuesday, 5)]]) == [Step(MONDAY, 2), Step(tuesday, 7)]
    late = Promise(tuesday, tuesday, tuesday)
    assert latest([Promise(MONDAY, MONDAY, MONDAY), late]).days == late.days
    assert latest([late, NEVER]).promised_on is None


def test_a_supplier_that_was_late_is_reckoned_with_late_and_less_sure_the_less_it_delivered() -> None:
    punctual = days_to_come(sent_days_ago=0, quoted_days=10, late=[0.0] * 40)
    tardy = days_to_come(sent_days_ago=0, quoted_days=10, late=[5.0] * 40)
    unknown = days_to_come(sent_days_ago=0, quoted_days=10)
    assert punctual == (10, 10, 10)
    assert tardy == (15, 15, 15)
    assert unknown == (10, 13, 16)


def test_what_is_overdue_has_not_come_today_and_is_less_sure_the_later_it_is() -> None:
    late = [0.0] * 30 + [6.0] * 10
    assert days_to_come(sent_days_ago=11, quoted_days=10, late=late)[0] == 5  # of those later than a day: the six
    a_week, a_month = (days_to_come(sent_days_ago=10 + n, quoted_days=10, late=late) for n in (7, 30))
    assert a_week == (7, 28, 133)
    assert a_month == (30, 120, 365)


def test_a_notice_with_two_known_days_has_all_three() -> None:
    assert days_between(4, 4) == (4, 4, 4)
    assert days_between(4, 8) == (4, 7, 10)
    assert days_between(-3, -1) == (0, 0, 0)
    assert days_of_trip([2.0] * 30, gone=0, usual=3)[0] == 2


@given(
    st.lists(st.floats(-20, 60), max_size=12),
    st.floats(0, 90),
    st.floats(0, 120),
)
def test_days_rise_with_the_confidence_and_are_never_past(late: list[float], quoted: float, gone: float) -> None:
    days = days_to_come(sent_days_ago=gone, quoted_days=quoted, late=late)
    assert 0 <= days[0] <= days[1] <= days[2] <= 366


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    supplies = []
    for n in range(draw(st.integers(0, 6))):
        days = sorted(draw(st.lists(st.integers(0, 40), min_size=3, max_size=3)))
        supplies.append(coming(draw(st.integers(1, 30)), *days)._replace(source=str(n)))
    return Standing(draw(st.integers(0, 30)), draw(st.integers(0, 30)), draw(st.integers(0, 10)), supplies)


@given(standings(), st.integers(1, 80))
def test_a_promise_is_the_first_day_by_which_a_slow_count_finds_enough(standing: Standing, units: int) -> None:
    found = promise(standing, units, LONDON, MONDAY)
    for which, day in enumerate(found.days):
        counted = {
            d: sum(s.units for s in standing.supplies if max(MONDAY, LONDON.ships_after(s.days[which])) <= d)
            for d in (MONDAY + timedelta(days=n) for n in range(60))
        }
        enough = [d for d, more in counted.items() if standing.free + more - standing.before - standing.kept >= units]
        assert day == min(enough, default=None)
        ladder = steps(standing, LONDON, MONDAY, which)
        assert [s.on for s in ladder] == sorted({s.on for s in ladder})
        assert next((s.on for s in ladder if s.units >= units), None) == day
    if found.promised_on is None:
        total = standing.free + sum(s.units for s in standing.supplies) - standing.before - standing.kept
        assert found.short == units - total > 0


@pytest.mark.parametrize("units", [1, 5, 20])
def test_more_waiting_never_makes_a_day_earlier(units: int) -> None:
    supplies = [coming(5, 1, 3, 8), coming(30, 2, 10, 20)]
    days = [promise(Standing(2, n, 0, supplies), units, LONDON, MONDAY).promised_on or date.max for n in range(40)]
    assert days == sorted(days)
