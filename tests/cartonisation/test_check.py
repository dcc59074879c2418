"""The checker sees each thing that can be wrong with a plan, and nothing wrong with one that is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ml.cartonisation.check import check
from ml.cartonisation.goods import THIS_SIDE_UP, Filled, Goods, LeftOut, Piece, Plan
from ml.cartonisation.plan import plan
from tests.cartonisation.makers import BOXES, LARGE, SMALL, TERMS, mugs

LOWER = Piece("MUG", 0, 0, 0, 120, 90, 100)
UPPER = Piece("MUG", 0, 0, 100, 120, 90, 100)


def planned(*pieces: Piece, goods: Sequence[Goods], box=LARGE, left_out: tuple[LeftOut, ...] = ()) -> list[str]:
    weight = {g.sku: g.grams for g in goods}
    grams = box.grams + sum(weight.get(p.sku, 0) for p in pieces)
    return check(goods, BOXES, TERMS, Plan((Filled(box, pieces, grams),), left_out, TERMS.price(box, grams)))


def test_one_on_the_other_is_right() -> None:
    assert planned(LOWER, UPPER, goods=[mugs(2)]) == []


@pytest.mark.parametrize(
    ("pieces", "goods", "fault"),
    [
        ((LOWER,), [mugs(2)], "2 of MUG are to be packed, the plan has 1"),
        ((LOWER, LOWER._replace(sku="CUP")), [mugs(2)], "CUP was not asked for"),
        ((LOWER, LOWER._replace(x=119)), [mugs(2)], "MUG and MUG are in the same place"),
        ((LOWER._replace(x=500),), [mugs()], "sticks out"),
        ((LOWER._replace(z=-1),), [mugs()], "sticks out"),
        ((LOWER._replace(height=99),), [mugs()], "measures"),
        ((Piece("MUG", 0, 0, 0, 100, 90, 120),), [mugs(upright=THIS_SIDE_UP)], "not a way up that it allows"),
        ((LOWER, UPPER._replace(x=1)), [mugs(2)], "10710 of 10800 mm² to stand on"),
        ((UPPER, LOWER), [mugs(2)], "0 of 10800 mm² to stand on"),
        ((LOWER, UPPER), [mugs(2, fragile=True)], "MUG stands above MUG, which is fragile"),
        ((LOWER, UPPER), [mugs(2, bears=379)], "380 g stand above MUG, which bears 379 g"),
        ((LOWER, UPPER, UPPER._replace(z=200)), [mugs(3, bears=500)], "760 g stand above MUG, which bears 500 g"),
        ((LOWER,), [mugs(alone=True)], "MUG goes in its own carton"),
    ],
)
def test_each_fault_is_told(pieces: tuple[Piece, ...], goods: list[Goods], fault: str) -> None:
    assert any(fault in said for said in planned(*pieces, goods=goods)), planned(*pieces, goods=goods)


def test_padding_is_kept_free_on_every_side() -> None:
    padded = replace(LARGE, padding=20)
    inside = LOWER._replace(x=20, y=20, z=20)
    for piece, faults in ((inside, 0), (inside._replace(x=19), 1), (inside._replace(y=400 - 20 - 89), 1), (LOWER, 1)):
        filled = Filled(padded, (piece,), 1_080)
        assert len(check([mugs()], [padded], TERMS, Plan((filled,), (), TERMS.price(padded, 1_080)))) == faults


def test_an_own_carton_holds_the_one_piece_that_it_is_of() -> None:
    lamp = Goods("LAMP", (500, 300, 200), 4_000, alone=True)
    right = plan([lamp], BOXES, TERMS)
    (filled,) = right.boxes
    assert check([lamp], BOXES, TERMS, right) == []
    assert check([replace(lamp, alone=False)], BOXES, TERMS, right) == ["box 1: LAMP has no carton of its own"]
    assert "weighs 4000 g" in check([lamp], BOXES, TERMS, replace(right, boxes=(replace(filled, grams=3_999),)))[0]
    twice = replace(filled, pieces=filled.pieces * 2)
    assert "2 pieces are in one" in check([replace(lamp, quantity=2)], BOXES, TERMS, replace(right, boxes=(twice,)))[0]


def test_what_may_not_be_together_is_told() -> None:
    acid = Goods("ACID", (100, 100, 100), 500, hazard="8")
    paint = Goods("PAINT", (100, 100, 100), 500, hazard="3")
    beside = Piece("PAINT", 100, 0, 0, 100, 100, 100)
    said = planned(Piece("ACID", 0, 0, 0, 100, 100, 100), beside, goods=[acid, paint])
    assert said == ["box 1: ACID and PAINT may not be in one box"]


def test_weights_prices_and_boxes_are_looked_at() -> None:
    filled = Filled(SMALL, (LOWER,), 480)
    right = Plan((filled,), (), TERMS.price(SMALL, 480))
    goods = [mugs()]
    assert check(goods, BOXES, TERMS, right) == []
    assert check(goods, BOXES, TERMS, replace(right, price=right.price + 1))
    assert "the plan says 479 g" in check(goods, BOXES, TERMS, replace(right, boxes=(replace(filled, grams=479),)))[0]
    assert check(goods, [LARGE], TERMS, right) == ["box 1: there is no such box as S"]
    heavy = [replace(mugs(), grams=4_901)]
    assert any("carries 5000 g" in said for said in check(heavy, BOXES, TERMS, right))
