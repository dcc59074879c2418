"""What goes into a wave, and when: held against plain readings of the same sentences, for any orders and limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.fulfilment.due import Collects, House, Wanted, cut_off_after, next_run, timing
from agents.fulfilment.messages.waves import WaveFilter
from agents.fulfilment.wave_choice import Box, Candidate, Due, choose, load, parcels
from ml.promising.workdays import Workdays

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORK = Workdays.of([0, 1, 2, 3, 4], ["2026-03-04"], time(15), "Europe/London")
ZONE = ZoneInfo(WORK.zone)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    found = []
    for n in range(draw(st.integers(0, 12))):
        due = NOW + timedelta(hours=draw(st.integers(-5, 30)))
        made = NOW - timedelta(minutes=draw(st.integers(0, 600)))
        lines = draw(st.integers(1, 6))
        found.append(
            Candidate(
                UUID(int=n), UUID(int=draw(st.integers(0, 4))), f"F{n:03}", due, made,
                draw(st.sampled_from([None, "post express", "post parcel", "van day"])), "web", False, (), lines,
                lines + draw(st.integers(0, 20)),
            )
        )  # fmt: skip
    return found


limits = st.none() | st.integers(1, 15)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(candidates(), limits, limits, limits)
def test_a_wave_keeps_to_its_limits_and_to_the_turn(
    waiting: list[Candidate], orders: int | None, lines: int | None, units: int | None
) -> None:
    chosen = choose(waiting, WaveFilter(most_orders=orders, most_lines=lines, most_units=units), now=NOW)
    taken = chosen.taken
    assert len(taken) + chosen.unfit + chosen.over == len(waiting)
    assert taken == sorted(taken, key=lambda c: c.turn)
    assert bool(taken) == bool(waiting)
    if waiting:
        assert taken[0] == min(waiting, key=lambda c: c.turn)  # who is first in turn is never passed over
    if len(taken) > 1:
        assert orders is None or len({c.order_id for c in taken}) <= orders
        assert lines is None or sum(c.lines for c in taken) <= lines
        assert units is None or sum(c.units for c in taken) <= units
    if orders is lines is units is None:
        assert not chosen.over


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(candidates(), st.integers(1, 6))
def test_waves_one_after_the_other_take_everything_once(waiting: list[Candidate], most: int) -> None:
    left, waves = list(waiting), 0
    seen: list[UUID] = []
    while left:
        taken = choose(left, WaveFilter(most_lines=most), now=NOW).taken
        seen += [c.id for c in taken]
        left = [c for c in left if c.id not in seen]
        waves += 1
    assert sorted(seen) == sorted(c.id for c in waiting)
    assert waves <= len(waiting)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(candidates(), candidates(), limits)
def test_the_load_by_hour_loses_nothing(wave: list[Candidate], floor: list[Candidate], pace: int | None) -> None:
    mine, theirs = ([Due(c.due_at or NOW, c.lines, c.units) for c in some] for some in (wave, floor))
    rows = load(mine, theirs, now=NOW, lines_per_hour=pace)
    assert sum(r.lines for r in rows) == sum(d.lines for d in mine)
    assert sum(r.units for r in rows) == sum(d.units for d in mine)
    assert sum(r.floor_lines for r in rows) == sum(d.lines for d in theirs)
    assert [r.until for r in rows] == sorted({r.until for r in rows})
    for row in rows:
        assert row.until > NOW
        assert row.sum_lines == sum(d.lines for d in [*mine, *theirs] if d.due_at <= row.until)
        assert row.fits is (None if pace is None else row.sum_lines * 3600 <= (row.until - NOW).total_seconds() * pace)


@given(st.integers(0, 330 * 24 * 60), st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 1)))
def test_a_cut_off_is_the_next_of_a_working_day(minutes: int, from_day: date | None) -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = cut_off_after(WORK, after, from_day)
    day = due.astimezone(ZONE).date()
    assert due > after
    assert WORK.works(day)
    assert from_day is None or day >= from_day
    earlier = next(d for n in range(1, 40) if WORK.works(d := day - timedelta(days=n)))
    # The cut-off before it was over, or was before the day that was named.
    assert datetime.combine(earlier, time(15), ZONE) <= after or (from_day is not None and earlier < from_day)


def test_the_first_service_that_takes_an_order_counts_and_tags_choose_it() -> None:
    express = Collects("post", "express", time(11), 60, tag="express")
    house = House(WORK, "cut_off", 240, (express,))
    quick = timing(house, Wanted(NOW, "web", ["express"], "GB"), now=NOW)
    plain = timing(house, Wanted(NOW, "web", [], "GB"), now=NOW)
    assert (quick.service, quick.due_at.hour, quick.release_at) == ("post express", 11, NOW + timedelta(hours=1))
    assert (plain.service, plain.due_at.hour, plain.release_at) == (None, 15, NOW + timedelta(hours=2))


def test_a_promised_day_moves_the_cut_off_and_holidays_move_it_on() -> None:
    promised = timing(House(WORK, "waves", 0), Wanted(NOW, "web", [], "GB", date(2026, 3, 4)), now=NOW)
    assert promised.due_at == datetime(2026, 3, 5, 15, tzinfo=UTC)
    assert (promised.released, promised.release_at) == (False, None)


def test_a_template_runs_next_on_a_day_that_the_node_works() -> None:
    assert next_run(WORK, ["08:00", "12:00"], NOW) == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert next_run(WORK, ["08:00"], datetime(2026, 3, 3, 9, tzinfo=UTC)) == datetime(2026, 3, 5, 8, tzinfo=UTC)


def test_parcels_are_as_many_as_volume_and_weight_ask_for() -> None:
    assert parcels(0, 0, []) == 1
    assert parcels(10, 900, [Box(100, 400)]) == 3
    assert parcels(250, 1, [Box(100, 400), Box(20, 900)]) == 3
