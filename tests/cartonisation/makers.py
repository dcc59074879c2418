"""Goods and boxes for tests, and hypothesis strategies for any of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from db.catalog import HazardClass, Temperature
from ml.cartonisation.goods import ANY_SIDE, THIS_SIDE_UP, Box, Goods, Terms

SMALL = Box("S", (300, 200, 100), most_grams=5_000, grams=100, cost=40, wall=3)
LARGE = Box("L", (600, 400, 400), most_grams=30_000, grams=700, cost=180, wall=4)
BOXES = (SMALL, LARGE)
TERMS = Terms(divisor=5000, kilogram=100)


def mugs(quantity: int = 1, **how: object) -> Goods:
    return Goods("MUG", (120, 90, 100), 380, quantity, **how)  # type: ignore[arg-type]


_side = st.integers(5, 260)
_goods = st.builds(
    Goods,
    sku=st.just("?"),
    size=st.tuples(_side, _side, _side),
    grams=st.integers(1, 3_000),
    quantity=st.integers(1, 6),
    upright=st.sampled_from([ANY_SIDE, THIS_SIDE_UP]),
    fragile=st.sampled_from([False, False, True]),
    hazard=st.sampled_from([None, None, None, "?", *(c.value for c in HazardClass)]),
    temperature=st.sampled_from([Temperature.ambient, Temperature.ambient, Temperature.chilled]),
    bears=st.sampled_from([None, None, None, 0, 500, 2_000, 6_000]),
    alone=st.sampled_from([False, False, False, False, True]),
)


@st.composite
def any_goods(draw: st.DrawFn) -> list[Goods]:
    made = draw(st.lists(_goods, min_size=1, max_size=7))
    return [replace(g, sku=f"S{n}") for n, g in enumerate(made)]


any_boxes = st.lists(
    st.builds(
        Box,
        code=st.sampled_from("ABCDEF"),
        size=st.tuples(st.integers(40, 500), st.integers(40, 400), st.integers(20, 300)),
        most_grams=st.integers(1_000, 20_000),
        grams=st.integers(0, 900),
        cost=st.integers(0, 300),
        wall=st.integers(0, 8),
        padding=st.sampled_from([0, 0, 10, 25]),
    ),
    max_size=5,
    unique_by=lambda box: box.code,
)
any_terms = st.builds(Terms, divisor=st.none() | st.integers(3000, 6000), kilogram=st.integers(0, 400))
