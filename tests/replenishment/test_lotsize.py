"""Lots: the least cost, against looking at every quantity."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.replenishment.lotsize import Break, all_units, eoq, incremental, orderable, yearly_cost

money = st.floats(0.5, 500)
yearly = st.floats(10, 50_000)


@given(yearly, money, money, st.floats(0.05, 20))
def test_the_economic_lot_is_where_its_cost_is_least(units, order, holding, other):
    best = eoq(units, order_cost=order, holding_cost=holding)
    at = yearly_cost(best, units, order_cost=order, holding_cost=holding)
    assert at <= yearly_cost(best * other, units, order_cost=order, holding_cost=holding) * (1 + 1e-12)
    assert at == pytest.approx(math.sqrt(2 * order * units * holding))


@st.composite
def falling(draw):
    froms = sorted(draw(st.sets(st.integers(2, 400), max_size=3)))
    price, found = draw(st.integers(200, 1000)), []
    for quantity in [0, *froms]:
        found.append(Break(quantity, price / 100))
        price = int(price * draw(st.floats(0.7, 0.99)))
    return found


def paid(quantity: int, breaks: list[Break], *, every_unit: bool) -> float:
    if every_unit:
        return quantity * [b.unit_price for b in breaks if quantity >= b.from_quantity][-1]
    ends = [*(b.from_quantity for b in breaks[1:]), math.inf]
    return sum(
        max(0.0, min(quantity, end) - b.from_quantity) * b.unit_price for b, end in zip(breaks, ends, strict=True)
    )


@settings(deadline=None)
@given(falling(), st.floats(50, 2000), st.floats(1, 40), st.floats(0.1, 0.5), st.booleans())
def test_with_discounts_no_whole_quantity_is_cheaper(breaks, units, order, rate, every_unit):
    solve = all_units if every_unit else incremental
    best = solve(units, breaks, order_cost=order, holding_rate=rate)
    for quantity in range(1, 1500):
        mean = paid(quantity, breaks, every_unit=every_unit) / quantity
        cost = mean * units + order * units / quantity + rate * mean * quantity / 2
        assert best.cost <= cost + 1e-6


def test_price_breaks_begin_at_the_first_unit():
    with pytest.raises(ValueError, match="begin at 0 or 1"):
        all_units(10, [Break(5, 1.0)], order_cost=1, holding_rate=0.2)


@given(st.floats(-50, 500), st.integers(1, 60), st.integers(1, 24))
def test_what_is_ordered_is_nothing_or_packs_from_the_minimum_on(units, minimum, pack):
    found = int(orderable(units, minimum=minimum, pack=pack))
    if units <= 0:
        assert found == 0
    else:
        assert found % pack == 0
        assert max(minimum, math.floor(units)) <= found < max(minimum, units) + pack


def test_orders_of_many_at_once():
    assert orderable(np.array([0.0, 3, 14]), minimum=np.array([5, 5, 5]), pack=6).tolist() == [0, 6, 18]
