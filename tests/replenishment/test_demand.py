"""What the past says: without stock is not without demand, seldom is not little."""

from __future__ import annotations

import numpy as np
import pytest

from ml.replenishment.classes import abc, xyz
from ml.replenishment.demand import Pattern, filled, measure
from ml.replenishment.intermittent import compound_poisson, croston, tsb
from ml.replenishment.level import expected, smoothed

nan = float("nan")


def test_days_without_stock_are_left_out_and_not_counted_as_zero():
    sold = np.array([[4.0, 4, 0, 0, 4, 4]])
    out = np.array([[False, False, True, True, False, False]])
    assert measure(sold).mean[0] == pytest.approx(16 / 6)
    assert measure(sold, out).mean[0] == 4
    assert measure(sold, out).deviation[0] == 0
    assert filled(sold, out).tolist() == [[4, 4, 4, 4, 4, 4]]


def test_a_day_that_sold_out_counts_as_what_it_sold_if_that_was_more_than_usual():
    assert filled(np.array([[2.0, 9, 4]]), np.array([[False, True, False]])).tolist() == [[2, 9, 4]]


def test_the_time_before_a_sku_existed_says_nothing():
    demand = measure(np.array([[nan, nan, 6.0, 0, 6, 0]]))
    assert (demand.mean[0], demand.seen[0], demand.interval[0]) == (3, 4, 2)


def test_patterns():
    sold = np.array([
        [5.0, 6, 5, 4, 5, 5, 6, 5],
        [1.0, 30, 2, 1, 25, 1, 1, 40],
        [0.0, 0, 3, 0, 0, 3, 0, 3],
        [0.0, 0, 1, 0, 0, 30, 0, 2],
        [0.0, 0, 0, 0, 0, 0, 0, 0],
    ])  # fmt: skip
    assert measure(sold).pattern().tolist() == [
        Pattern.smooth, Pattern.erratic, Pattern.intermittent, Pattern.lumpy, Pattern.none,
    ]  # fmt: skip


def test_croston_by_hand():
    sold = np.array([[0.0, 4, 0, 0, 2]])
    # sizes 4, then 4 + 0.1 (2 − 4); intervals 2, then 2 + 0.1 (3 − 2)
    assert croston(sold, debiased=False)[0] == pytest.approx(3.8 / 2.1)
    assert croston(sold)[0] == pytest.approx(3.8 / 2.1 * 0.95)


def test_a_gap_in_stock_does_not_lengthen_the_interval():
    sold, out = np.array([[3.0, 0, 0, 0, 3.0]]), np.array([[False, False, True, True, False]])
    assert croston(sold, out, debiased=False)[0] == croston(np.array([[3.0, 0, 3.0]]), debiased=False)[0]


def test_only_tsb_forgets_a_sku_that_nobody_wants_any_more():
    sold = np.array([[2.0, 0] * 10 + [0.0] * 40])
    assert tsb(sold)[0] < 0.25 * croston(sold)[0]


def test_croston_of_nothing_is_nothing():
    assert croston(np.zeros((1, 5)))[0] == 0
    assert tsb(np.zeros((1, 5)))[0] == 0


def test_compound_poisson_is_poisson_for_single_units_and_has_its_moments():
    one = compound_poisson(2.0, np.array([0.0, 1.0]), longest=30)
    assert one[:3] == pytest.approx([0.135335, 0.270671, 0.270671], abs=1e-6)
    two = compound_poisson(1.5, np.array([0.0, 0.5, 0.0, 0.5]), longest=80)
    units = np.arange(81)
    assert two.sum() == pytest.approx(1)
    assert two @ units == pytest.approx(1.5 * 2)
    assert two @ units**2 - 9 == pytest.approx(1.5 * (0.5 * 1 + 0.5 * 9))


def test_the_expected_level_follows_what_comes_often():
    sold = np.array([[10.0] * 20 + [20.0] * 40])
    assert smoothed(sold, smoothing=0.1)[0, -1] == pytest.approx(20, abs=0.3)
    assert expected(sold, measure(sold), horizon=10, season=365).level[0] == pytest.approx(20, abs=0.3)


def test_classes_by_value_and_by_variation():
    assert abc([50, 30, 15, 4, 1, 0]).tolist() == ["A", "A", "B", "C", "C", "C"]
    assert abc([0.0, 0.0]).tolist() == ["C", "C"]
    assert xyz([10, 10, 10, 0], [5, 10, 11, 0]).tolist() == ["X", "Y", "Z", "Z"]
