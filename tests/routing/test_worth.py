"""What last units are worth, and how late a parcel is that missed its cut-off; windows that follow each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.carriers.transit import Forecast
from ml.routing.checker import check
from ml.routing.compare import compare
from ml.routing.measure import measure
from ml.routing.optimise import optimise
from ml.routing.rivals import nearest
from ml.routing.rolling import in_windows, one_by_one, part
from ml.routing.room import Room
from ml.routing.worth import last_units, late
from tests.routing.windows import a_window, windows


def test_a_last_unit_is_worth_its_margin_as_often_as_it_is_asked_for():
    worth = last_units(np.array([[0.5, 0.0]]), np.array([8.0]), 3)
    at_least = [1 - math.exp(-0.5), 1 - 1.5 * math.exp(-0.5), 1 - 1.625 * math.exp(-0.5)]
    assert worth[0, 0].tolist() == pytest.approx([8 * p for p in at_least])
    assert worth[0, 1].tolist() == [0, 0, 0]


@given(st.floats(0, 60), st.floats(0, 500), st.integers(1, 6))
def test_a_unit_before_is_worth_no_more_and_none_is_below_zero(ahead, margin, count):
    worth = last_units(np.array([[ahead]]), np.array([margin]), count)[0, 0]
    assert (np.diff(worth) <= 0).all()
    assert (worth >= 0).all()
    assert (worth <= margin).all()


def test_whoever_has_missed_the_cut_off_has_a_day_less():
    by = np.array([0.0, 0.3, 0.8, 1.0])
    forecast = Forecast(by, np.zeros(4), 10.0)
    assert late(forecast, 2, 0) == pytest.approx(0.2)
    assert late(forecast, 2, 1) == pytest.approx(0.7)
    assert late(forecast, 0, 1) == 1.0


@settings(max_examples=25, deadline=None)
@given(windows(orders=6), st.integers(1, 4))
def test_windows_that_follow_each_other_can_be_done_together(of, size):
    for plan in (in_windows(of, size, lambda some: optimise(some).plan), one_by_one(of)):
        assert check(of, plan) == []
    assert np.array_equal(in_windows(of, size, nearest), nearest(of))


def test_what_is_left_for_an_order_is_priced_as_beside_the_others():
    of = a_window([{0: 1}, {0: 1, 1: 1}], [[1, 1], [2, 2]], easy=[1, 1], overtime=3, last=[[[4.0], [1.0]], [[0], [0]]])
    plan = np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1]])
    alone = part(of, np.array([1]), np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0]]))
    assert alone.stock.units.tolist() == [[0, 1], [2, 2]]
    assert alone.nodes.easy.tolist() == [0, 1]
    now, then = plan.copy(), plan.copy()
    then[1:] = [[0, 1, 0], [0, 1, 0]]
    saved = measure(of, now).total - measure(of, then).total
    assert measure(alone, now[1:]).total - measure(alone, then[1:]).total == pytest.approx(saved)


def test_the_next_best_is_told_with_what_makes_it_dearer():
    of = a_window([{0: 1}], [[1, 1]], fixed=[[5, 8, 9]], late=[[0.0, 0.1, 1.0]], late_cost=10)
    found = compare(of, np.array([[1, 0, 0]]), 0)
    assert found.chosen.sources == (0,)
    assert [choice.sources for choice in found.others] == [(1,), (2,)]
    assert found.dearer == pytest.approx(4)
    assert found.differences() == pytest.approx({"lane": 3, "late": 1})
    assert found.says(["BER", "LON", "waiting"]) == "next best from LON: 4.00 more (way +3.00, lateness +1.00)"


def test_a_plan_that_is_not_the_best_says_what_is_cheaper():
    of = a_window([{0: 1}, {0: 1}], [[2, 1]], fixed=[[5, 6, 9], [5, 15, 9]])
    found = compare(of, np.array([[0, 1, 0], [1, 0, 0]]), 0)
    assert found.dearer == pytest.approx(-1)
    assert found.says("ABC") == "next best from A: 1.00 less (way -1.00)"


def test_what_others_have_taken_is_no_choice():
    of = a_window([{0: 1}, {0: 1}], [[1, 1]], fixed=[[5, 6, 9], [5, 15, 9]], wait=0)
    found = compare(of, optimise(of).plan, 0)
    assert (found.chosen.sources, found.next_best.sources, found.dearer) == ((1,), (2,), 3)


@settings(max_examples=25, deadline=None)
@given(windows(orders=5))
def test_no_order_of_a_plan_can_be_moved_alone_for_less(of):
    plan = optimise(of).plan
    room = Room(of, plan)
    for order in range(of.orders):
        dearer = compare(of, plan, order, room=room).dearer
        assert dearer is None or dearer >= -1e-6


def test_an_order_that_can_only_wait_has_no_next_best():
    found = compare(a_window([{0: 1}], [[0, 0]]), np.array([[0, 0, 1]]), 0)
    assert (found.next_best, found.dearer, found.differences()) == (None, None, {})
    assert found.says("AB") == "there is no other way"
