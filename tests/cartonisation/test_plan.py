"""Boxes for orders: every plan can be packed, and the cheapest way that is found is the cheap one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.cartonisation.check import check
from ml.cartonisation.fill import fill
from ml.cartonisation.goods import THIS_SIDE_UP, Box, Goods, Terms, may_share, own_carton, units
from ml.cartonisation.plan import MOST_UNITS, plan
from ml.cartonisation.surfaces import Surface, covered, joined
from tests.cartonisation.makers import BOXES, LARGE, SMALL, TERMS, any_boxes, any_goods, any_terms, mugs


@settings(max_examples=150, deadline=None)
@given(any_goods(), any_boxes, any_terms)
def test_every_plan_can_be_packed(goods: list[Goods], boxes: list[Box], terms: Terms) -> None:
    found = plan(goods, boxes, terms, effort=12)
    assert check(goods, boxes, terms, found) == []


@settings(max_examples=25, deadline=None)
@given(any_goods(), any_boxes, any_terms)
def test_the_same_question_has_the_same_answer(goods: list[Goods], boxes: list[Box], terms: Terms) -> None:
    assert plan(goods, boxes, terms) == plan(goods, boxes, terms)


@settings(max_examples=60, deadline=None)
@given(any_goods(), any_boxes, any_terms)
def test_what_fits_a_box_alone_is_not_left_out(goods: list[Goods], boxes: list[Box], terms: Terms) -> None:
    out = {left.sku for left in plan(goods, boxes, terms, effort=12).left_out}
    alone = {g.sku for g in goods if plan([replace(g, quantity=1)], boxes, terms, effort=1).boxes}
    assert not out & alone


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=3, max_size=3), st.integers(0, 5))
def test_a_box_cut_into_equal_bricks_is_filled_to_the_last(cuts: list[int], turn: int) -> None:
    """The bricks tile the box, so all of them go in; whichever side they are named by."""
    size = (60 * cuts[0], 50 * cuts[1], 40 * cuts[2])
    brick = [(60, 50, 40), (50, 60, 40), (40, 50, 60), (60, 40, 50), (50, 40, 60), (40, 60, 50)][turn]
    bricks = Goods("BRICK", brick, 1, cuts[0] * cuts[1] * cuts[2])
    assert fill(Box("B", size, 10_000), [bricks], effort=60).use == 1


def test_the_smallest_box_that_takes_all_is_cheapest() -> None:
    assert [f.box for f in plan([mugs(4)], BOXES, TERMS).boxes] == [SMALL]
    assert [f.box for f in plan([mugs(9)], BOXES, TERMS).boxes] == [LARGE]


def test_two_small_boxes_are_taken_where_a_large_one_costs_more() -> None:
    dear = replace(LARGE, cost=1_000)
    assert [f.box for f in plan([mugs(8)], [SMALL, dear], TERMS).boxes] == [SMALL, SMALL]


def test_size_is_charged_where_it_counts_for_more_than_weight() -> None:
    pillow = Goods("PILLOW", (600, 400, 390), 900)
    terms = Terms(divisor=5000, kilogram=100)
    (filled,) = plan([pillow], [LARGE], terms).boxes
    outer = 608 * 408 * 408 / 5000
    assert terms.charged(LARGE, filled.grams) == -(-outer // 1) > filled.grams
    assert Terms(kilogram=100).charged(LARGE, filled.grams) == filled.grams == 1_600


def test_no_box_is_heavier_than_it_carries() -> None:
    iron = Goods("IRON", (100, 100, 50), 2_400, 4)
    found = plan([iron], [SMALL], TERMS)
    assert [f.grams for f in found.boxes] == [4_900, 4_900]


def test_fragile_goods_lie_on_top() -> None:
    plates = Goods("PLATE", (200, 200, 30), 400, 1, fragile=True)
    boards = Goods("BOARD", (200, 200, 30), 400, 2)
    (filled,) = plan([plates, boards], [Box("B", (200, 200, 95), 5_000)], TERMS).boxes
    assert [p.sku for p in filled.pieces] == ["BOARD", "BOARD", "PLATE"]


def test_what_is_to_stand_upright_does_or_is_left_out() -> None:
    bottle = Goods("OIL", (70, 70, 280), 900, upright=THIS_SIDE_UP)
    assert plan([bottle], [SMALL], TERMS).left_out[0].because == "OIL fits no box: it measures 70 × 70 × 280 mm"
    assert plan([bottle], [LARGE], TERMS).boxes[0].pieces[0].height == 280
    assert plan([replace(bottle, upright=(0, 1, 2))], [SMALL], TERMS).boxes


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (None, None, True),
        (None, "3", True),
        ("3", "3", True),
        ("3", "8", False),
        (None, "6.1", False),
        (None, "?", False),
        ("?", "?", False),
    ],
)
def test_dangerous_goods_of_two_classes_are_kept_apart(one: str | None, other: str | None, together: bool) -> None:
    a, b = Goods("A", (50, 50, 50), 100, hazard=one), Goods("B", (50, 50, 50), 100, hazard=other)
    assert may_share(a, b) is may_share(b, a) is together
    assert len(plan([a, b], BOXES, TERMS).boxes) == (1 if together else 2)


def test_chilled_goods_have_a_box_of_their_own() -> None:
    cheese = Goods("CHEESE", (100, 100, 50), 300, temperature="chilled")
    found = plan([mugs(), cheese], BOXES, TERMS)
    assert sorted(p.sku for f in found.boxes for p in f.pieces) == ["CHEESE", "MUG"]
    assert len(found.boxes) == 2


@pytest.mark.parametrize(
    ("goods", "because"),
    [
        (Goods("X", (0, 90, 100), 300), "X has no dimensions: measure it"),
        (Goods("X", (120, 90, 100), 0), "X has no weight: weigh it"),
        (Goods("X", (700, 90, 100), 300), "X fits no box: it measures 700 × 90 × 100 mm"),
        (Goods("X", (120, 90, 100), 29_500), "X is too heavy for every box that it fits: it weighs 29500 g"),
    ],
)
def test_what_goes_into_no_box_is_said_and_the_rest_is_packed(goods: Goods, because: str) -> None:
    found = plan([goods, mugs(2)], BOXES, TERMS)
    assert [out.because for out in found.left_out] == [because]
    assert Counter(p.sku for f in found.boxes for p in f.pieces) == {"MUG": 2}


def test_without_boxes_that_is_said() -> None:
    assert [out.because for out in plan([mugs(2)], [], TERMS).left_out] == ["there are no boxes here"]


def test_what_nobody_packs_by_a_drawing_is_not_planned() -> None:
    many = mugs(MOST_UNITS + 1)
    assert not plan([many], BOXES, TERMS).boxes
    assert f"more than the {MOST_UNITS}" in plan([many], BOXES, TERMS).left_out[0].because
    assert units([many]) == MOST_UNITS + 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=6
    )
)
def test_surfaces_are_what_is_free_and_only_that(bases: list[tuple[int, int, int, int]]) -> None:
    """Square by square: a square is free when some surface has it, and every surface is all free."""
    surfaces, taken = [Surface(0, 0, 0, 10, 10)], set()
    for x, y, length, width in bases:
        base = Surface(0, x, y, min(10, x + length), min(10, y + width))
        surfaces = covered(surfaces, base)
        taken |= set(product(range(base.x1, base.x2), range(base.y1, base.y2)))
    seen = {s for one in surfaces for s in product(range(one.x1, one.x2), range(one.y1, one.y2))}
    assert seen == set(product(range(10), range(10))) - taken


def test_tops_of_one_height_are_joined_over_their_edges() -> None:
    tops: list[Surface] = []
    for top in (Surface(5, 0, 0, 4, 4), Surface(5, 4, 1, 8, 6), Surface(6, 8, 0, 9, 9)):
        tops = joined(tops, top)
    assert Surface(5, 0, 1, 8, 4) in tops
    assert {Surface(5, 0, 0, 4, 4), Surface(5, 4, 1, 8, 6), Surface(6, 8, 0, 9, 9)} <= set(tops)


def test_no_more_stands_on_goods_than_they_bear() -> None:
    egg = Goods("EGGS", (100, 100, 50), 600, 2, THIS_SIDE_UP, bears=700)
    tin = Goods("TIN", (100, 100, 50), 500, 2, THIS_SIDE_UP)
    tower = Box("T", (100, 100, 200), 5_000, cost=10)
    (filled,) = plan([replace(egg, quantity=1), tin], [tower], TERMS).boxes
    assert filled.pieces[0].sku == "TIN"  # on the eggs two tins would be too much
    low = plan([egg, replace(tin, quantity=1)], [replace(tower, size=(100, 100, 150))], TERMS).boxes
    assert [p.sku for p in low[0].pieces] == ["TIN", "EGGS", "EGGS"]


def test_goods_within_padding_need_a_larger_box() -> None:
    padded = replace(SMALL, padding=25)
    (filled,) = plan([mugs(2)], [padded, LARGE], TERMS).boxes
    assert filled.box == LARGE
    (filled,) = plan([Goods("CARD", (240, 140, 20), 50, 2)], [padded], TERMS).boxes
    assert [(p.x, p.y, p.z) for p in filled.pieces] == [(25, 25, 25), (25, 25, 45)]
    assert "fits no box" in plan([Goods("CARD", (260, 140, 20), 50)], [padded], TERMS).left_out[0].because


def test_what_has_a_carton_of_its_own_goes_alone_whatever_boxes_there_are() -> None:
    lamp = Goods("LAMP", (900, 300, 200), 4_000, 2, alone=True)
    found = plan([lamp, mugs(2)], [SMALL], TERMS)
    assert [(f.box.code, len(f.pieces)) for f in found.boxes] == [("S", 2), ("", 1), ("", 1)]
    assert found.price == TERMS.price(SMALL, 860) + 2 * TERMS.price(own_carton(lamp), 4_000)
    assert [len(p.boxes) for p in (plan([lamp], [], TERMS),)] == [2]
