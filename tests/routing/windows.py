"""Small windows of orders to plan, and every plan that there is of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ml.routing.problem import Lanes, Lines, Nodes, Plan, Problem, Steps, Stock


def a_window(
    asked: list[dict[int, int]], units: list[list[int]], *, fixed: Any = 5.0, per_kg: Any = 1.0, late: Any = 0.0,
    last: Any = None, easy: Any = None, capacity: Any = 100, overtime: float = 0.0, wait: float = 20.0,
    split: float = 2.0, late_cost: float = 10.0, allowed: Any = True, whole: Any = False, most: int = 3,
    steps: Steps | None = None, urgent: Any = None,
) -> Problem:  # fmt: skip
    """`asked` are units of each SKU of each order, `units` of each SKU at each node; the rest is of each or of all."""
    rows = np.array([(n, sku, count) for n, of in enumerate(asked) for sku, count in sorted(of.items())], np.int64)
    orders, (skus, nodes) = len(asked), np.array(units).shape

    def whole_numbers(value: Any) -> Any:
        return np.broadcast_to(value, (nodes,)).astype(np.int64)

    def money(value: Any, *shape: int) -> Any:
        return np.broadcast_to(np.asarray(value, float), shape).copy()

    if steps is not None:
        fixed, per_kg = steps.floor(np.bincount(rows[:, 0], rows[:, 2], orders))
    return Problem(
        lines=Lines(rows[:, 0], rows[:, 1], rows[:, 2]),
        lanes=Lanes(
            money(fixed, orders, nodes + 1), money(per_kg, orders, nodes + 1), money(late, orders, nodes + 1),
            money(late_cost, orders), steps,
        ),
        nodes=Nodes(whole_numbers(capacity if easy is None else easy), whole_numbers(capacity), money(overtime, nodes)),
        stock=Stock(
            np.array(units, np.int64), np.zeros((skus, nodes, 0)) if last is None else np.asarray(last, float),
            money(wait, skus),
        ),
        kg=np.ones(skus), allowed=np.broadcast_to(allowed, (len(rows), nodes)).copy(),
        whole=np.broadcast_to(whole, (orders,)).copy(), split=split, most=most,
        urgent=None if urgent is None else money(urgent, len(rows)),
    )  # fmt: skip


def some_steps(rng: np.random.Generator, orders: int, sources: int) -> Steps:
    """Three cards of up to four steps, a unit weighing one, of which one has a heavier parcel that is cheaper."""
    upto = np.array([[1.0, 2.0, 4.0, 99.0], [3.0, 99.0, np.inf, np.inf], [2.0, 5.0, 99.0, np.inf]])
    price = np.where(np.isfinite(upto), np.sort(rng.uniform(1, 25, upto.shape), axis=1), np.inf)
    price[0, 1] = price[0, 0] * 0.9
    return Steps(rng.integers(0, 3, (orders, sources)), upto, price)


@st.composite
def windows(
    draw: st.DrawFn, *, orders: int = 4, nodes: int = 3, skus: int = 3, quantity: int = 3, stepped: bool = True
) -> Problem:
    """`stepped` lets prices rise in steps in some of them."""
    n, m, s = draw(st.integers(1, orders)), draw(st.integers(1, nodes)), draw(st.integers(1, skus))
    asked = draw(
        st.lists(
            st.dictionaries(st.integers(0, s - 1), st.integers(1, quantity), min_size=1, max_size=2),
            min_size=n, max_size=n,
        )
    )  # fmt: skip
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lines = sum(len(of) for of in asked)
    easy = rng.integers(0, n + 1, m)
    return a_window(
        asked, rng.integers(0, 5, (s, m)).tolist(),
        fixed=rng.uniform(1, 20, (n, m + 1)), per_kg=rng.uniform(0, 4, (n, m + 1)),
        late=rng.uniform(0, 1, (n, m + 1)), late_cost=rng.uniform(0, 20, n),
        last=-np.sort(-rng.uniform(0, 6, (s, m, draw(st.integers(0, 3)))), axis=2),
        easy=easy, capacity=easy + rng.integers(0, 3, m), overtime=2.0, wait=rng.uniform(0, 25),
        split=rng.uniform(0, 6), allowed=rng.random((lines, m)) < 0.85, whole=rng.random(n) < 0.2,
        most=draw(st.integers(1, 3)), steps=some_steps(rng, n, m + 1) if stepped and draw(st.booleans()) else None,
        urgent=rng.uniform(0, 10, lines) if draw(st.booleans()) else None,
    )  # fmt: skip


def every_plan(of: Problem) -> Iterator[Plan]:
    """Also those that cannot be done."""
    sources = of.waiting + 1
    each = [
        [split for split in product(range(quantity + 1), repeat=sources) if sum(split) == quantity]
        for quantity in of.lines.quantity.tolist()
    ]
    return (np.array(chosen, np.int64) for chosen in product(*each))
