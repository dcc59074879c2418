"""The replay against one that goes day by day and order by order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.replenishment.policies import Policy
from ml.replenishment.replay import Rules, replay


@dataclass
class Order:
    due: int
    units: int


def slowly(demand, policy, point, up_to, lot, *, minimum, pack, review, on_hand, leads, lost_sales):
    """One SKU, plain loops, whole units."""
    stock, waiting, orders, placed, days = on_hand, 0, [], 0, []
    for t, asked in enumerate(demand):
        arrived = sum(o.units for o in orders if o.due == t)
        orders = [o for o in orders if o.due != t]
        to_waiting = min(waiting, arrived)
        waiting -= to_waiting
        stock += arrived - to_waiting
        start = stock
        served = min(stock, asked)
        stock -= served
        if not lost_sales:
            waiting += asked - served
        units = 0
        if (t + 1) % review == 0:
            position = stock - waiting + sum(o.units for o in orders)
            want = 0
            below = {Policy.up_to: True, Policy.point_up_to: position <= point, Policy.min_max: position < point}
            if below.get(policy):
                want = max(0, up_to - position)
            elif policy == Policy.point_lot:
                while position + want <= point:
                    want += lot
            elif policy == Policy.fixed:
                want = lot
            if want:
                units = max(want, minimum)
                while units % pack:
                    units += 1
                orders.append(Order(t + 1 + leads[placed % len(leads)], units))
                placed += 1
        days.append((start, served, stock, units, arrived))
    return days


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=60),
    st.sampled_from(list(Policy)),
    st.integers(0, 25),
    st.integers(0, 30),
    st.integers(1, 12),
    st.integers(1, 15),
    st.integers(1, 7),
    st.integers(1, 5),
    st.integers(0, 30),
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
    st.booleans(),
)
def test_it_is_what_happens_day_by_day(
    demand, policy, point, above, lot, minimum, pack, review, on_hand, leads, lost_sales
):
    up_to = point + above
    found = replay(
        np.array([demand, demand], float),
        Rules(np.array([policy, policy]), point, up_to, lot, minimum, pack, review),
        on_hand=on_hand,
        lead_buckets=np.array([leads, leads]),
        lost_sales=lost_sales,
    )
    days = slowly(
        demand, policy, point, up_to, lot, minimum=minimum, pack=pack, review=review, on_hand=on_hand, leads=leads,
        lost_sales=lost_sales,
    )  # fmt: skip
    for path, column in zip(
        (found.start, found.served, found.end, found.ordered, found.arrived), zip(*days, strict=True), strict=True
    ):
        assert path[0].tolist() == list(column)
        assert path[1].tolist() == list(column)


def a_path():
    return replay(
        np.array([[2.0, 2, 2, 2]]),
        Rules(Policy.point_up_to, 2, 6),
        on_hand=5,
        lead_buckets=np.array([[1]]),
    )


def test_by_hand():
    found = a_path()
    assert found.end.tolist() == [[3, 1, 0, 2]]
    assert found.ordered.tolist() == [[0, 5, 0, 4]]
    assert found.arrived.tolist() == [[0, 0, 0, 5]]
    assert (found.fill_rate, found.stock_outs, found.orders) == (7 / 8, 1, 2)
    assert found.average_stock.tolist() == [((5 + 3) + (3 + 1) + (1 + 0) + (4 + 2)) / 8]


def test_what_it_costs():
    found = a_path()
    assert found.cost(holding=1, order=10, short=100) == pytest.approx(4 * found.average_stock[0] + 20 + 100)


def test_units_are_conserved():
    rng = np.random.default_rng(7)
    demand = rng.poisson(3, (40, 120)).astype(float)
    found = replay(demand, Rules(Policy.point_up_to, 20, 45), on_hand=30, lead_buckets=rng.integers(0, 9, (40, 50)))
    waiting = found.demand.sum(axis=1) - (30 + found.arrived.sum(axis=1) - found.end[:, -1])
    assert (waiting >= 0).all()
    assert (found.arrived.sum(axis=1) <= found.ordered.sum(axis=1)).all()
