"""Drift: what has changed is noticed soon, what has not seldom is, and the figures are those of the parcels."""

from __future__ import annotations

from math import log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.carriers.drift import FASTER, SLOWER, THRESHOLD, drift, evidence, parcels_between_false_alarms

outcomes = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=300)


def drawn(chance: Random, parcels: int, *, told: float, true: float) -> list[tuple[bool, float]]:
    return [(chance.random() < true, told) for _ in range(parcels)]


def test_evidence_is_the_likelihood_ratio_of_doubled_odds() -> None:
    p = 0.2
    doubled = 2 * p / (1 - p + 2 * p)
    assert evidence(True, p, 2.0) == pytest.approx(log(doubled / p))
    assert evidence(False, p, 2.0) == pytest.approx(log((1 - doubled) / (1 - p)))


def test_a_service_that_became_slower_is_noticed_and_its_beginning_is_near_the_change() -> None:
    chance = Random(4)
    before = drawn(chance, 400, told=0.1, true=0.1)
    after = drawn(chance, 120, told=0.1, true=0.35)
    found = drift(before + after)
    assert found is not None
    assert found.direction == SLOWER
    assert 380 <= found.began <= 430
    assert found.late == sum(late for late, _ in (before + after)[found.began :])
    assert found.meant == pytest.approx(0.1 * found.parcels)
    assert found.statistic >= THRESHOLD


def test_a_service_that_became_quicker_is_noticed_too() -> None:
    found = drift(drawn(Random(4), 200, told=0.3, true=0.02))
    assert found is not None
    assert found.direction == FASTER


def test_false_alarms_are_as_seldom_as_the_bound_says() -> None:
    """Runs of 200 parcels as foreseen: with both directions fewer than 2 × 200 / e^h of them end in an alarm."""
    chance, runs, parcels = Random(7), 400, 200
    alarms = sum(drift(drawn(chance, parcels, told=0.1, true=0.1)) is not None for _ in range(runs))
    assert alarms / runs < 2 * parcels / parcels_between_false_alarms()


@given(outcomes)
def test_the_figures_are_those_of_the_parcels_since_it_began(told: list[tuple[bool, float]]) -> None:
    found = drift(told)
    if found is None:
        return
    since = told[found.began :]
    assert found.parcels == len(since)
    assert found.late == sum(late for late, _ in since)
    factor = 2.0 if found.direction == SLOWER else 0.5
    assert found.statistic == pytest.approx(sum(evidence(late, p, factor) for late, p in since))


@given(outcomes)
def test_what_happened_as_often_as_foreseen_is_no_evidence_on_average(told: list[tuple[bool, float]]) -> None:
    for _, p in told:
        q = min(max(p, 0.005), 0.995)
        assert q * evidence(True, p, 2.0) + (1 - q) * evidence(False, p, 2.0) <= 1e-12
