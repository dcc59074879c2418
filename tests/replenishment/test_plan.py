"""A plan for many: what it suggests, and that a run on the same question gives the same answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.replenishment.leadtime import learn
from ml.replenishment.plan import Asked, Service, plan
from ml.replenishment.policies import Policy, newsvendor_normal, wanted


def asked(n: int = 60, **changes) -> Asked:
    rng = np.random.default_rng(3)
    busy = rng.poisson(8, (n // 2, 200))
    quiet = rng.poisson(0.05, (n - n // 2, 200)) * rng.integers(1, 4, (n - n // 2, 200))
    base = Asked(
        sold=np.concatenate([busy, quiet]).astype(float),
        lead_times=[learn([], quoted_days=10)] * n,
        position=np.zeros(n),
        on_hand=np.zeros(n),
        unit_cost=np.full(n, 5.0),
        service=np.full(n, 0.95),
        policy=np.full(n, Policy.point_up_to.value),
        pack=6.0,
        minimum=12.0,
    )
    return replace(base, **changes)


def test_every_suggestion_is_nothing_or_packs_from_the_minimum_on():
    found = plan(asked())
    assert ((found.suggested == 0) | ((found.suggested >= 12) & (found.suggested % 6 == 0))).all()
    assert (found.suggested[:30] > 0).all()


def test_what_is_on_order_is_not_ordered_again():
    first = plan(asked())
    second = plan(asked(position=first.suggested.astype(float)))
    assert (second.suggested == 0).all()


def test_the_same_question_has_the_same_answer():
    assert plan(asked()).point.tolist() == plan(asked()).point.tolist()


@pytest.mark.parametrize("measured_by", list(Service))
def test_points_lie_above_the_mean_and_rise_with_lead_time_and_service(measured_by):
    base = plan(asked(measured_by=measured_by))
    moving = base.window.deviation > 0
    assert (base.safety[moving] > 0).all()
    longer = plan(asked(measured_by=measured_by, lead_times=[learn([], quoted_days=17)] * 60))
    better = plan(asked(measured_by=measured_by, service=np.full(60, 0.99)))
    assert (longer.point >= base.point).all()
    assert (better.point >= base.point).all()


def test_the_arithmetic_adds_up_and_is_told():
    found = plan(asked(position=np.full(60, 3.0), on_hand=np.full(60, 16.0)))
    assert found.point == pytest.approx(found.ahead + found.safety)
    assert found.days_left[0] == pytest.approx(16 / found.daily[0])
    assert found.at_risk == pytest.approx(found.short * 5)
    assert found.why(0).startswith(f"Position 3, reorder point {found.point[0]:.0f} = ")


def test_a_person_may_say_minimum_and_maximum():
    given = np.full(60, np.nan)
    given[0] = 40
    found = plan(asked(given_point=given, given_up_to=given * 2))
    assert (found.point[0], found.up_to[0], found.suggested[0]) == (40, 80, 84)


def test_nothing_is_ordered_by_no_policy_or_without_demand():
    assert (plan(asked(policy=np.full(60, Policy.none.value))).suggested == 0).all()
    silent = plan(asked(sold=np.zeros((60, 50)), position=np.ones(60)))
    assert (silent.suggested == 0).all()
    assert np.isinf(silent.days_left).all()


def test_what_each_policy_wants():
    kinds = np.array(list(Policy))
    at_point = wanted(kinds, 10, point=10, up_to=25, lot=4)
    assert dict(zip(kinds.tolist(), at_point.tolist(), strict=True)) == {
        "R-S": 15, "s-S": 15, "s-Q": 4, "min/max": 0, "fixed": 4, "none": 0,
    }  # fmt: skip
    assert wanted(Policy.point_lot, 1, point=10, up_to=0, lot=4) == 12
    assert wanted(Policy.point_up_to, 11, point=10, up_to=25, lot=4) == 0


def test_a_newsvendor_with_equal_costs_has_the_mean():
    assert newsvendor_normal(mean=30, deviation=5, over=2, under=2)[0] == pytest.approx(30)
