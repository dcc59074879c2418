"""A policy on trial: what it may know, what it is replayed over, and how long its orders take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.replenishment.leadtime import learn
from ml.replenishment.plan import Asked
from ml.replenishment.trial import RENEWED_DAYS, Days, lead_days, likely, on_trial

DAYS = Days(counted=90, warm_up=20, known=200)


def asked(sold):
    n = len(sold)
    return Asked(
        sold=sold, censored=np.zeros(sold.shape, bool), lead_times=[learn((), quoted_days=9)] * n,
        position=np.zeros(n), on_hand=np.zeros(n), unit_cost=np.full(n, 100.0), service=np.full(n, 0.95),
        policy=np.array(["s-S"] * n),
    )  # fmt: skip


def tried(sold, **changes):
    of = replace(asked(sold), **changes)
    takes = lead_days(of.lead_times, DAYS.run)
    return on_trial(of, sold[:, -DAYS.run :], DAYS, takes=takes, given_lot=np.full(len(sold), np.nan))


def a_past(seed=3):
    return np.random.default_rng(seed).poisson(4, (2, DAYS.known + DAYS.run)).astype(float)


def test_levels_know_nothing_of_what_came_later():
    sold = a_past()
    later = sold.copy()
    later[:, -60:] *= 9
    before, after = tried(sold), tried(later)
    same = 90 - 60 + RENEWED_DAYS - 30 % RENEWED_DAYS  # until the first reckoning that has seen the rise
    assert np.array_equal(before.point[:, :same], after.point[:, :same])
    assert (after.point[:, same:] > before.point[:, same:]).all()


def test_only_the_counted_days_are_told():
    found = tried(a_past())
    assert found.path.demand.shape == found.point.shape == (2, 90)
    assert 0.8 < found.path.fill_rate <= 1


def test_a_day_without_stock_counts_at_least_the_mean_of_the_others_in_whole_units():
    sold = np.array([[np.nan, 2, 3, 0, 3, 2, 4, 1]])
    censored = np.array([[False, False, False, True, False, False, True, False]])
    found = likely(sold, censored)
    assert found.tolist() == [[0, 2, 3, 2, 3, 2, 4, 1]]
    assert likely(np.array([[1.0, 0, 0, 0]]), np.array([[False, False, True, True]])).sum() == 2


def test_orders_take_what_the_distribution_says_on_average_and_never_otherwise():
    leads = [learn((), quoted_days=20), learn([5, 5, 5], quoted_days=5)]
    found = lead_days(leads, 400)
    assert np.array_equal(found, lead_days(leads, 400))
    assert found.mean(axis=1) == pytest.approx([lead.mean for lead in leads], abs=0.6)
    assert set(found[0]) == {17, 19, 20, 21, 23, 26, 32}
