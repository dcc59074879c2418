"""One order to a supplier: what the solver finds is the least cost, and the checker lets nothing else through."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("ortools", reason="the planning extra is not installed")

from agents.purchasing.joint import choices, join
from agents.purchasing.joint_check import check
from agents.purchasing.joint_problem import Ask, Good, Joined, PriceBreak, line_cost, unit_price


def a_good(key="A", **changes) -> Good:
    base = Good(key, 10, 60, 1, 1, (PriceBreak(1, 100),), 1.0, 700)
    return replace(base, **changes)


@st.composite
def goods(draw, key: str):
    price, breaks = draw(st.integers(50, 300)), []
    for quantity in [1, *sorted(draw(st.sets(st.integers(4, 30), max_size=2)))]:
        breaks.append(PriceBreak(quantity, price))
        price = price * draw(st.integers(70, 98)) // 100
    needed = draw(st.sampled_from([0, 0, 3, 7, 12]))
    return Good(
        key, needed, needed + draw(st.integers(0, 25)), draw(st.integers(1, 8)), draw(st.integers(1, 5)),
        tuple(breaks), draw(st.floats(0.1, 5)), draw(st.integers(0, 5000)),
    )  # fmt: skip


@st.composite
def asks(draw):
    some = tuple(draw(goods(key)) for key in "ABC"[: draw(st.integers(1, 3))])
    return Ask(some, draw(st.integers(0, 9000)), draw(st.integers(0, 500)))


def every_order(ask: Ask):
    """The costs of all orders that may be sent, from all quantities whatever."""
    ranges = [[0] * (g.needed == 0) + list(range(max(1, g.needed, g.minimum), g.most + 1)) for g in ask.goods]
    for picked in product(*ranges):
        pairs = list(zip(ask.goods, picked, strict=True))
        total = sum(q * unit_price(g, q) for g, q in pairs if q)
        if total >= ask.minimum_minor and all(q % g.pack == 0 for g, q in pairs):
            yield sum(line_cost(g, q, ask.line_minor) for g, q in pairs)


@settings(deadline=None, max_examples=60)
@given(asks())
def test_no_order_is_cheaper_and_the_checker_agrees(ask):
    found = join(ask)
    assert check(ask, found) == []
    if not any(g.needed for g in ask.goods):
        assert found.lines == ()
        return
    cheapest = min(every_order(ask), default=None)
    assert (found.cost_milli if found.lines else None) == cheapest


def test_a_discount_is_taken_when_it_pays_more_than_holding_costs():
    good = a_good(breaks=(PriceBreak(1, 100), PriceBreak(20, 90)))
    cheap = join(Ask((good,), 0, 0))
    assert [(n.quantity, n.unit_minor) for n in cheap.lines] == [(20, 90)]
    assert cheap.lines[0].because.startswith("10 are due; from 20 on a unit costs 90, not 100")
    dear = join(Ask((replace(good, holding_ppm_a_day=90_000),), 0, 0))
    assert [(n.quantity, n.because) for n in dear.lines] == [(10, "10 are due")]


def test_the_minimum_of_an_order_is_reached_with_what_sells_soonest():
    due, quick, slow = a_good(), a_good("B", needed=0, daily_units=9.0), a_good("C", needed=0, daily_units=0.1)
    found = join(Ask((due, quick, slow), 3000, 0))
    assert found.total_minor >= 3000
    lines = {n.key: n for n in found.lines}
    assert lines["B"].quantity > lines["A"].early
    assert "C" not in lines
    assert "reaches the supplier's minimum of 3000" in lines["B"].because


def test_no_order_without_something_due_and_none_that_the_supplier_refuses():
    assert join(Ask((a_good(needed=0),), 0, 0)).because == "nothing is due"
    assert join(Ask((a_good(),), 10**6, 0)).lines == ()
    assert "below the supplier's minimum" in join(Ask((a_good(),), 10**6, 0)).because
    assert join(Ask((a_good(minimum=100),), 0, 0)).because.startswith("A: 100 units are the least")


def test_many_packs_are_thinned_but_not_where_the_price_changes():
    good = a_good(most=100_000, pack=6, breaks=(PriceBreak(1, 100), PriceBreak(4321, 90)))
    sizes = choices(good)
    assert len(sizes) < 400
    assert 4326 in sizes
    assert all(q % 6 == 0 and q <= 100_000 for q in sizes)


def an_order() -> tuple[Ask, Joined]:
    ask = Ask((a_good(pack=5), a_good("B", needed=4, minimum=6)), 1500, 30)
    return ask, join(ask)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda j: replace(j, lines=j.lines[:1]), "B: 4 are due and it is not on the order"),
        (lambda j: replace(j, lines=(*j.lines, j.lines[0])), "A is on the order twice"),
        (lambda j: replace(j, lines=(replace(j.lines[0], key="Z"), *j.lines[1:])), "Z was not asked for"),
        (lambda j: replace(j, lines=(replace(j.lines[0], quantity=11), *j.lines[1:])), "not in packs of 5"),
        (lambda j: replace(j, lines=(replace(j.lines[0], quantity=5), *j.lines[1:])), "less than the 10 that are due"),
        (lambda j: replace(j, lines=(replace(j.lines[0], quantity=70), *j.lines[1:])), "more than the 60"),
        (lambda j: replace(j, lines=(j.lines[0], replace(j.lines[1], quantity=5))), "below the minimum of 6"),
        (lambda j: replace(j, lines=(replace(j.lines[0], unit_minor=99), *j.lines[1:])), "a unit costs 100"),
        (lambda j: replace(j, lines=(replace(j.lines[0], early=9), *j.lines[1:])), "are early and not 9"),
        (lambda j: replace(j, lines=(replace(j.lines[0], because=""), *j.lines[1:])), "there is no reason"),
        (lambda j: replace(j, total_minor=1), "and not to 1"),
        (lambda j: replace(j, cost_milli=1), "and not 1"),
        (lambda j: replace(j, lines=(), because=""), "no order and no reason"),
    ],
)
def test_the_checker_says_what_is_wrong(change, sentence):
    ask, good = an_order()
    assert check(ask, good) == []
    assert any(sentence in said for said in check(ask, change(good)))


def test_the_checker_refuses_an_order_below_the_minimum_and_one_that_nobody_needs():
    ask, good = an_order()
    assert any("below the supplier's minimum" in s for s in check(replace(ask, minimum_minor=10**6), good))
    idle = replace(ask, goods=tuple(replace(g, needed=0) for g in ask.goods))
    assert "nothing is due, and yet there is an order" in check(idle, good)
