"""Plans of a window: against every plan there is, never dearer than order by order, never below the bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from ml.routing.checker import check
from ml.routing.measure import measure
from ml.routing.optimise import optimise
from ml.routing.pricing import Prices, bound, cheapest
from ml.routing.problem import Steps
from ml.routing.rivals import nearest, ranked
from ml.routing.room import Room, takes_of
from ml.routing.whole import improved
from tests.routing.windows import a_window, every_plan, windows


def least_of_all(of):
    return min(measure(of, plan).total for plan in every_plan(of) if not check(of, plan))


def test_the_last_unit_goes_to_whom_it_saves_most():
    """Both live near node 0, which has one unit; the second order is far from node 1."""
    of = a_window([{0: 1}, {0: 1}], [[1, 1]], fixed=[[5, 6, 9], [5, 15, 9]])
    greedy, found = nearest(of), optimise(of)
    assert greedy.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert found.plan.tolist() == [[0, 1, 0], [1, 0, 0]]
    assert (measure(of, greedy).total, found.cost, found.bound) == pytest.approx((22, 13, 13))


def test_a_node_that_is_full_by_its_cut_off_sends_what_is_dearest_from_elsewhere():
    of = a_window([{0: 1}, {0: 1}, {0: 1}], [[9, 9]], fixed=[[1, 2, 9], [1, 8, 9], [1, 5, 9]], capacity=[2, 9])
    assert optimise(of).plan[:, 0].tolist() == [0, 1, 1]


def test_parcels_beyond_what_is_easy_go_where_that_is_cheaper_than_overtime():
    of = a_window([{0: 1}, {0: 1}], [[9, 9]], fixed=[[1, 3, 9], [1, 7, 9]], easy=[0, 9], overtime=4.0)
    assert optimise(of).plan[:, 0].tolist() == [0, 1]


def test_a_split_is_made_where_it_costs_less_than_waiting_and_not_where_it_costs_more():
    halves = [[1, 0], [0, 1]]
    assert optimise(a_window([{0: 1, 1: 1}], halves, wait=30)).plan.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert optimise(a_window([{0: 1, 1: 1}], halves, wait=1, split=9)).plan[:, 2].tolist() == [1, 1]


def test_an_order_that_wants_to_be_complete_comes_from_one_source():
    of = a_window([{0: 1, 1: 1}], [[1, 0], [0, 1]], wait=30, whole=True)
    assert optimise(of).plan[:, 2].tolist() == [1, 1]


def test_what_is_excluded_is_not_sent_at_any_price():
    of = a_window([{0: 1}], [[1, 1]], fixed=[[1, 500, 5]], wait=900, allowed=[[False, True]])
    assert optimise(of).plan.tolist() == [[0, 1, 0]]


def test_a_node_keeps_its_last_unit_where_it_is_worth_more_than_the_longer_way():
    def plan_with(worth):
        of = a_window([{0: 1}], [[1, 5]], fixed=[[5, 8, 9]], last=[[[worth], [0.0]]])
        return optimise(of).plan.tolist()

    assert plan_with(2.0) == [[1, 0, 0]]
    assert plan_with(4.0) == [[0, 1, 0]]


def test_a_parcel_that_would_cross_a_step_comes_from_where_its_step_is_wider():
    """Up to 2 kg both cost 4; the third unit makes 12 of it at one node and 7 at the other."""
    steps = Steps(
        np.array([[0, 1, 2]]), np.array([[2.0, 9.0], [2.0, 9.0], [9.0, np.inf]]),
        np.array([[4.0, 12.0], [4.0, 7.0], [30.0, np.inf]]),
    )  # fmt: skip
    assert optimise(a_window([{0: 2}], [[9, 9]], steps=steps)).cost == 4
    assert optimise(a_window([{0: 3}], [[9, 9]], steps=steps)).plan.tolist() == [[0, 3, 0]]


def test_steps_that_do_not_reach_the_heaviest_order_are_refused():
    steps = Steps(np.zeros((1, 2), np.int64), np.array([[1.0]]), np.array([[4.0]]))
    with pytest.raises(ValueError, match="heaviest"):
        a_window([{0: 3}], [[9]], steps=steps)


@settings(max_examples=60, deadline=None)
@given(windows())
def test_no_parcel_costs_less_than_the_line_below_its_steps(of):
    for share in (0.25, 0.5, 1.0):
        kg = np.broadcast_to((of.heaviest * share)[:, None], of.lanes.fixed.shape)
        assert (of.parcels(kg) >= of.lanes.fixed + of.lanes.per_kg * kg - 1e-6).all()


def test_units_of_an_urgent_line_do_not_wait_for_those_of_another():
    of = a_window([{0: 1}, {0: 1}], [[1]], fixed=[[5, 5], [9, 5]], wait=2, urgent=[0, 50])
    assert optimise(of).plan.tolist() == [[0, 1], [1, 0]]


def test_what_is_likely_to_be_late_goes_by_a_dearer_lane():
    of = a_window([{0: 1}], [[1, 1]], fixed=[[5, 8, 9]], late=[[0.6, 0.1, 1.0]], late_cost=10)
    assert optimise(of).plan.tolist() == [[0, 1, 0]]


@settings(max_examples=40, deadline=None)
@given(windows(orders=3, nodes=2, quantity=2))
def test_a_plan_is_within_its_gap_of_the_best_there_is(of):
    best, found = least_of_all(of), optimise(of)
    assert found.bound <= best + 1e-6
    assert best - 1e-6 <= found.cost <= best + found.gap * found.cost + 1e-6
    assert found.cost == pytest.approx(measure(of, found.plan).total)


@settings(max_examples=60, deadline=None)
@given(windows(orders=7, skus=4))
def test_no_plan_is_dearer_than_order_by_order_and_each_can_be_done(of):
    rivals = [nearest(of), ranked(of, range(of.waiting))]
    found = optimise(of, rivals)
    assert [check(of, plan) for plan in (found.plan, *rivals)] == [[], [], []]
    assert found.bound - 1e-6 <= found.cost <= min(measure(of, rival).total for rival in rivals) + 1e-9
    assert 0 <= found.gap < 1


@settings(max_examples=30, deadline=None)
@given(windows(orders=3, nodes=2, quantity=2))
def test_a_bound_is_one_at_any_prices(of):
    rng = np.random.default_rng(5)
    prices = Prices(rng.uniform(0, 8, of.stock.units.shape), rng.uniform(0, 5, of.waiting))
    assert bound(of, prices, cheapest(of, prices).cost) <= least_of_all(of) + 1e-6


@settings(max_examples=30, deadline=None)
@given(windows(orders=6))
def test_putting_orders_elsewhere_only_ever_saves(of):
    before = nearest(of)
    after = improved(of, before)
    assert check(of, after) == []
    assert measure(of, after).total <= measure(of, before).total + 1e-9


def test_the_same_window_has_the_same_plan():
    of = a_window([{0: 2, 1: 1}, {0: 1}, {1: 2}, {0: 1, 1: 1}], [[2, 1, 1], [1, 1, 2]], wait=12)
    one, two = optimise(of), optimise(of)
    assert np.array_equal(one.plan, two.plan)
    assert (one.cost, one.bound) == (two.cost, two.bound)


def test_a_rival_that_cannot_be_done_is_refused():
    of = a_window([{0: 2}], [[1, 1]])
    with pytest.raises(ValueError, match="which has 1"):
        optimise(of, [np.array([[2, 0, 0]])])


def one_alone(of, order):
    """Every way to serve it with the others at the nearest nodes, and what all costs then."""
    plan, rows = nearest(of), slice(of.starts[order], of.starts[order + 1])
    found = {}
    for other in every_plan(of):
        mixed = plan.copy()
        mixed[rows] = other[rows]
        if not check(of, mixed):
            found[mixed[rows].tobytes()] = (
                measure(of, mixed).total,
                frozenset(np.flatnonzero(mixed[rows].any(axis=0))),
            )
    return found.values()


@settings(max_examples=40, deadline=None)
@given(windows(orders=3, nodes=2, quantity=2, stepped=False))
def test_choices_of_an_order_are_the_best_of_each_set_of_sources_and_cost_what_all_costs_more(of):
    plan = nearest(of)
    room = Room(of, plan)
    mine = takes_of(of, plan, 0)
    room.take(mine, back=-1)
    now, choices = room.costs(0, mine).total, room.choices(0)
    total, ways = measure(of, plan).total, one_alone(of, 0)
    assert len({c.sources for c in choices}) == len(choices)
    assert [c.total for c in choices] == sorted(c.total for c in choices)
    for choice in choices:
        best = min(cost for cost, sources in ways if sources == frozenset(choice.sources))
        assert total + choice.total - now == pytest.approx(best)
    # A set is left out only where fewer of its sources do as well.
    for cost, sources in ways:
        assert any(set(c.sources) <= sources and total + c.total - now <= cost + 1e-9 for c in choices)


def test_where_goods_are_scarce_those_who_may_not_wait_do_not():
    """Seven units for ten that are asked for, and half of the lines cost a hundred times as much when they wait."""
    rng = np.random.default_rng(3)
    asked = [
        {int(sku): int(rng.integers(1, 4)) for sku in rng.choice(12, rng.integers(1, 4), replace=False)}
        for _ in range(120)
    ]
    demand = [sum(order.get(sku, 0) for order in asked) for sku in range(12)]
    units = [rng.multinomial(int(0.7 * each), np.ones(4) / 4).tolist() for each in demand]
    urgent = np.where(rng.random(sum(map(len, asked))) < 0.5, 0.0, 2000.0)
    of = a_window(asked, units, fixed=rng.uniform(5, 9, (120, 5)), urgent=urgent)
    found = optimise(of)
    assert found.undecided > 20
    assert found.gap < 0.03
    assert measure(of, nearest(of)).total > 2 * found.cost
