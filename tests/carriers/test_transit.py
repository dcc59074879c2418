"""Transit times that are learned: what is known is told, a thin lane leans on the others, nothing is left out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.carriers_transit import pinball
from ml.carriers.losses import FIRST_RATE, learn_losses, loss_of
from ml.carriers.transit import HORIZON, History, Transit, _log_gamma, learn

LONG_AGO = 400.0


def told(
    days: Sequence[int],
    *,
    lanes: Sequence[str] | None = None,
    arrived: Sequence[bool] | None = None,
    age: Sequence[float] | None = None,
    weekdays: Sequence[int] | None = None,
) -> Transit:
    n = len(days)
    return learn(
        History(
            np.array(days, np.int64),
            np.array(arrived if arrived is not None else [True] * n),
            np.array(age if age is not None else [LONG_AGO] * n, float),
            [list(lanes or ["A"] * n)],
            [list(weekdays or [0] * n)],
            [True],
        )
    )


def test_with_many_parcels_the_forecast_is_what_they_took() -> None:
    took = [1] * 200 + [2] * 500 + [5] * 300
    found = told(took * 5).forecast(["A"], [0])
    assert [found.late(d) for d in (0, 1, 4, 5)] == pytest.approx([1.0, 0.8, 0.3, 0.0], abs=0.02)
    assert [found.promise(p) for p in (0.1, 0.5, 0.9, 0.999)] == [1, 2, 5, 5]
    assert found.mean == pytest.approx(np.mean(took), abs=0.1)


def test_parcels_that_have_not_come_yet_make_a_carrier_slower() -> None:
    half_waiting = [2] * 100 + [9] * 100
    waiting = [True] * 100 + [False] * 100
    assert told([2] * 100).forecast(["A"], [0]).late(5) < 0.05
    assert told(half_waiting, arrived=waiting).forecast(["A"], [0]).late(5) == pytest.approx(0.5, abs=0.05)


def test_a_thin_lane_stays_with_the_others_and_a_busy_one_goes_its_own_way() -> None:
    lanes = ["busy"] * 500 + ["slow"] * 500 + ["thin"] * 2
    model = told([2] * 500 + [8] * 500 + [8, 8], lanes=lanes)
    everybody = model.forecast(["never seen"], [0])
    assert model.forecast(["busy"], [0]).late(4) < 0.1
    assert model.forecast(["slow"], [0]).late(4) > 0.9
    assert everybody.late(4) < model.forecast(["thin"], [0]).late(4) < 0.9
    assert everybody.seen == 0


def test_what_is_seen_more_often_is_known_better() -> None:
    few, many = (told(([2, 3, 4] * n)[: 3 * n]).forecast(["A"], [0]) for n in (3, 300))
    assert few.error[3] > 1.5 * many.error[3] > 0


def test_parcels_of_a_friday_wait_for_monday() -> None:
    model = told([1] * 400 + [3] * 400, weekdays=[0] * 400 + [4] * 400)
    assert model.forecast(["A"], [0]).late(1) < 0.35
    assert model.forecast(["A"], [4]).late(1) > 0.9


def test_when_a_carrier_slows_down_the_last_days_count_more() -> None:
    history = [2] * 1000
    steady = told(history + [2] * 100, age=[300.0] * 1000 + [3.0] * 100)
    slowing = told(history + [3] * 100, arrived=[True] * 1000 + [False] * 100, age=[300.0] * 1000 + [3.0] * 100)
    assert slowing.drift < 0.75 < steady.drift
    assert slowing.forecast(["A"], [0]).late(2) > steady.forecast(["A"], [0]).late(2)


@given(st.lists(st.tuples(st.integers(0, 90), st.booleans(), st.sampled_from("ABC")), min_size=1, max_size=60))
def test_every_forecast_is_a_distribution(rows: list[tuple[int, bool, str]]) -> None:
    model = told([d for d, _, _ in rows], arrived=[a for _, a, _ in rows], lanes=[lane for _, _, lane in rows])
    for lane in ("A", "B", "C", "D"):
        by = model.forecast([lane], [0]).by
        assert len(by) == HORIZON
        assert (np.diff(by) >= 0).all()
        assert 0 <= by[0] <= by[-1] <= 1


def test_log_gamma_is_right_to_eight_digits() -> None:
    for x in (0.001, 0.5, 1.0, 3.7, 100.0, 1e6):
        assert float(_log_gamma(np.array(x))) == pytest.approx(math.lgamma(x), rel=1e-8, abs=1e-8)


def test_the_loss_of_a_quantile_is_least_at_it() -> None:
    took = np.arange(1.0, 101.0)
    losses = [pinball(took, np.full(100, day), 0.9) for day in (80.0, 90.0, 99.0)]
    assert min(losses) == losses[1]


def test_losses_are_pooled_from_the_carrier_down_to_the_lane() -> None:
    found = learn_losses({("post", "DE"): (0, 10), ("post", "IT"): (60, 1000), ("swift", "DE"): (1, 1000)})
    assert loss_of(found, ["new"]) == found[()]
    assert found["post",].rate > found["swift",].rate
    assert found["post", "IT"].rate == pytest.approx(0.06, abs=0.01)
    assert FIRST_RATE < found["post", "DE"].rate < found["post", "IT"].rate
    assert found["swift", "DE"].error < found["post", "DE"].error
