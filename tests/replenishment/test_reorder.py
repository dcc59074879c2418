"""Reorder points: above the mean, never falling, and the textbook's where the textbook has one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml.replenishment.leadtime import LeadTime, learn
from ml.replenishment.normal import loss, quantile, tail_level
from ml.replenishment.reorder import (
    for_cycle_service,
    for_fill_rate,
    normal_point,
    tail_mean,
    window_deviation,
)
from ml.replenishment.window import (
    Cover,
    Window,
    even_points,
    from_history,
    from_sizes,
    poisson_at,
    until_goods_come,
)

SERVICES = st.floats(0.501, 0.995)
UNITS = arrays(float, st.integers(2, 40), elements=st.integers(0, 60).map(float))


def window(units: np.ndarray) -> Window:
    return Window(np.sort(units)[None, :])


def _filled(missing: Window, fill: float, lot: float) -> float:
    return float(for_fill_rate(missing, fill, lot=lot, ahead=missing.mean)[0])


@given(UNITS, SERVICES, st.floats(0.5, 200))
def test_above_one_half_the_point_lies_strictly_above_mean_demand_unless_demand_is_certain(units, service, lot):
    w = window(units)
    point = for_cycle_service(w, service)[0]
    assert point > w.mean[0] if w.deviation[0] > 0 else point == pytest.approx(w.mean[0])
    filled = for_fill_rate(w, service, lot=lot, ahead=w.mean)[0]
    assert filled > w.mean[0] if w.mean[0] > 0 else filled == pytest.approx(0)


@given(UNITS, SERVICES, SERVICES, st.floats(0.5, 200))
def test_more_service_never_lowers_the_point(units, one, other, lot):
    w, (low, high) = window(units), sorted((one, other))
    assert for_cycle_service(w, low)[0] <= for_cycle_service(w, high)[0] + 1e-9
    assert _filled(w, low, lot) <= _filled(w, high, lot) + 1e-9


@given(UNITS, st.floats(1, 4), SERVICES, st.floats(0.5, 200))
def test_more_variance_at_the_same_mean_never_lowers_the_point(units, stretch, service, lot):
    narrow = window(units)
    wide = Window(narrow.mean[:, None] + stretch * (narrow.samples - narrow.mean[:, None]))
    assert for_cycle_service(narrow, service)[0] <= for_cycle_service(wide, service)[0] + 1e-9
    assert _filled(narrow, service, lot) <= _filled(wide, service, lot) + 1e-9


@given(UNITS, st.integers(0, 39), st.integers(0, 39), st.integers(1, 20), SERVICES, st.floats(0.5, 200))
def test_a_step_apart_of_two_samples_never_lowers_the_point(units, i, j, step, service, lot):
    """Moving a larger one up and a smaller one down as much is what "varies more" means in general."""
    samples = np.sort(units)
    low, high = sorted((i % len(samples), j % len(samples)))
    spread = samples.copy()
    spread[low] -= step
    spread[high] += step
    assert for_cycle_service(window(samples), service)[0] <= for_cycle_service(window(spread), service)[0] + 1e-9
    assert _filled(window(samples), service, lot) <= _filled(window(spread), service, lot) + 1e-9


histories = arrays(float, (1, 30), elements=st.integers(0, 9).map(float))


@settings(deadline=None)
@given(histories, st.lists(st.integers(0, 30), min_size=1, max_size=5), st.integers(0, 20), SERVICES, st.booleans())
def test_a_longer_lead_time_never_lowers_the_point(history, days, longer, service, seldom):
    points = even_points(64)

    def point(extra: int) -> float:
        lead = LeadTime(np.sort(np.array(days, float)) + extra, np.full(len(days), 1 / len(days)))
        cover = until_goods_come([lead], days_a_bucket=1, review_days=1, points=points)
        level = history.mean(axis=1)
        if seldom:
            w = from_sizes(history, cover, level=level, points=points, counted=np.ones(history.shape, bool))
        else:
            w = from_history(history, cover, level=level, width=np.ones(1), points=points, half_life=365)
        return float(for_cycle_service(w, service)[0])

    assert point(0) <= point(longer) + 1e-6


def test_for_normal_demand_it_is_the_point_of_the_textbook():
    evenly = quantile((np.arange(200_000) + 0.5) / 200_000) * 20 + 100
    w = Window(evenly[None, :])
    for service in (0.6, 0.9, 0.95, 0.99):
        assert for_cycle_service(w, service)[0] == pytest.approx(normal_point(100, 20, service), abs=0.02)


def test_for_exponential_demand_it_holds_a_little_more_than_the_quantile():
    evenly = -np.log(1 - (np.arange(200_000) + 0.5) / 200_000)
    w = Window(evenly[None, :])
    for service in (0.9, 0.95, 0.99):
        exact = -np.log(1 - service)
        assert exact <= for_cycle_service(w, service)[0] <= exact * 1.06


def test_the_mean_of_a_tail_counts_parts_of_samples():
    w = window(np.array([1.0, 2, 3, 10]))
    assert tail_mean(w, np.array([0.75]))[0] == 10
    assert tail_mean(w, np.array([0.5]))[0] == 6.5
    assert tail_mean(w, np.array([0.625]))[0] == pytest.approx((10 + 0.5 * 3) / 1.5)
    assert tail_mean(w, np.array([0.0]))[0] == 4


def test_one_half_means_no_tail_and_less_is_refused():
    assert tail_level(0.5) == pytest.approx(0.0, abs=1e-9)
    for service in (0.3, 1.0):
        with pytest.raises(ValueError, match="a cycle service level lies"):
            tail_level(service)


def test_what_is_lost_on_average_and_the_deviation_of_a_time_that_varies():
    assert loss(0.0) == pytest.approx(0.398942, abs=1e-6)
    assert loss(1.5) == pytest.approx(0.029307, abs=1e-6)
    found = window_deviation(demand_mean=10, demand_deviation=3, time_mean=4, time_deviation=2)
    assert found == pytest.approx(np.sqrt(4 * 9 + 100 * 4))


def test_a_place_in_the_poisson_distribution():
    assert poisson_at(np.array([0.5, 0.95, 0.999]), np.array([2.0, 2.0, 2.0])).tolist() == [2, 5, 8]
    assert poisson_at(np.array([0.01, 0.9]), np.array([0.0, 0.0])).tolist() == [0, 0]
    assert poisson_at(np.array([0.975]), np.array([400.0]))[0] == pytest.approx(440, abs=1)


def test_samples_of_seldom_demand_have_the_mean_of_the_level_and_what_goes_below_the_point():
    history = np.array([[0.0, 0, 2, 0, 0, 0, 2, 0, 0, 2]])
    points = even_points(512)
    cover = Cover(np.full((1, 512), 6.0), np.zeros((1, 512)))
    w = from_sizes(history, cover, level=np.array([0.6]), points=points, counted=np.ones(history.shape, bool))
    assert w.mean[0] == pytest.approx(0.6 * 6 + 0.5, rel=0.03)


def test_pieces_of_history_have_the_mean_of_the_level_and_keep_neighbours_together():
    history = np.tile([0.0, 0, 30, 30], 13)[None, :]
    points = even_points(256)
    cover = Cover(np.full((1, 256), 4.0), np.zeros((1, 256)))
    w = from_history(history, cover, level=np.array([15.0]), width=np.ones(1), points=points, half_life=1e9)
    assert w.mean[0] == pytest.approx(60)
    assert w.deviation[0] == pytest.approx(0, abs=1e-6)  # any four in a row are the same


# Lead times.


def test_a_lead_time_begins_at_what_is_quoted_and_ends_at_what_was_received():
    begun = learn([], quoted_days=10)
    assert 10 < begun.mean < 12
    assert begun.at(0.99) == pytest.approx(16)
    known = learn([20.0] * 200, quoted_days=10)
    assert known.mean == pytest.approx(20, abs=0.3)
    assert known.at(0.5) == 20


def test_one_late_receipt_does_not_rule():
    assert learn([60.0], quoted_days=10).at(0.5) <= 11.5


def test_a_distribution_is_kept_and_not_a_mean():
    two = learn([5.0] * 50 + [45.0] * 50, quoted_days=5)
    assert two.at([0.3, 0.9]).tolist() == [5.0, 45.0]
    assert two.deviation == pytest.approx(20, abs=0.6)


def test_a_negative_time_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        learn([-1.0], quoted_days=3)
