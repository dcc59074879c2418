"""Routing without a database: one node if any can, few if not, and a reason for each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.orders.refusals import OutOfStock
from agents.orders.routing import Need, Piece, Place, Pool, ShippingNode, route

SKUS = ("MUG", "TEA")
NODES = ("A", "B", "C")


def a_pool(free: dict[Place, int], room: dict[Place, int] | None = None, **ranks: int) -> Pool:
    codes = {node for _, node in [*free, *(room or {})]}
    return Pool([ShippingNode(ranks.get(c, 100), c) for c in codes], dict(free), dict(room or {}))


def where(pieces: list[Piece]) -> list[tuple[str, str, int]]:
    return [(p.sku, p.node, p.quantity) for p in pieces]


def test_the_best_node_that_has_everything_ships_everything() -> None:
    pool = a_pool({("MUG", "A"): 5, ("MUG", "B"): 5, ("TEA", "B"): 5}, A=1, B=2)
    pieces = route([Need(1, "MUG", 2), Need(2, "TEA", 1)], pool)
    assert where(pieces) == [("MUG", "B", 2), ("TEA", "B", 1)]
    assert {p.why for p in pieces} == {"whole order from B, rank 2"}
    assert pool.free[("MUG", "B")] == 3


def test_rank_comes_before_code() -> None:
    pool = a_pool({("MUG", "A"): 5, ("MUG", "B"): 5}, A=2, B=1)
    assert where(route([Need(1, "MUG", 1)], pool)) == [("MUG", "B", 1)]
    assert where(route([Need(1, "MUG", 1)], a_pool({("MUG", "A"): 5, ("MUG", "B"): 5}))) == [("MUG", "A", 1)]


def test_a_split_begins_with_the_node_that_covers_most() -> None:
    pool = a_pool({("MUG", "A"): 1, ("MUG", "B"): 3, ("MUG", "C"): 2}, A=1, B=2, C=3)
    assert where(route([Need(1, "MUG", 5)], pool)) == [("MUG", "B", 3), ("MUG", "C", 2)]


def test_what_is_missing_waits_at_the_best_node_with_room() -> None:
    pool = a_pool({("MUG", "A"): 0, ("MUG", "B"): 1}, {("MUG", "A"): 1, ("MUG", "B"): 5}, A=1, B=2)
    pieces = route([Need(1, "MUG", 4)], pool)
    assert [(p.node, p.quantity, p.backordered) for p in pieces] == [("B", 1, False), ("A", 1, True), ("B", 2, True)]
    assert pieces[1].why == "1 beyond stock, to come to A, rank 1"


def test_stock_at_a_node_that_does_not_ship_is_not_there() -> None:
    pool = Pool([ShippingNode(1, "A")], {("MUG", "A"): 1, ("MUG", "B"): 9}, {("MUG", "B"): 9})
    with pytest.raises(OutOfStock, match="2 wanted, 1 available"):
        route([Need(1, "MUG", 2)], pool)


def test_lines_of_one_sku_share_what_was_planned() -> None:
    pool = a_pool({("MUG", "A"): 3, ("MUG", "B"): 2})
    pieces = route([Need(1, "MUG", 4), Need(2, "MUG", 1)], pool)
    assert [(p.line_no, p.node, p.quantity) for p in pieces] == [(1, "A", 3), (1, "B", 1), (2, "B", 1)]


places = st.tuples(st.sampled_from(SKUS), st.sampled_from(NODES))
amounts = st.dictionaries(places, st.integers(0, 6))


@given(
    needs=st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6)), min_size=1, max_size=4),
    free=amounts,
    room=amounts,
    held=amounts,
)
def test_a_plan_gives_each_line_its_units_and_takes_no_more_than_there_is(
    needs: list[tuple[str, int]], free: dict[Place, int], room: dict[Place, int], held: dict[Place, int]
) -> None:
    pool = Pool([ShippingNode(1, n) for n in NODES], dict(free), dict(room))
    asked = [Need(n, sku, quantity) for n, (sku, quantity) in enumerate(needs, 1)]
    if any(_wanted(asked, sku) > _available(pool, held, sku) for sku in SKUS):
        with pytest.raises(OutOfStock):
            route(asked, pool, held=held)
        assert (pool.free, pool.room) == (free, room)
        return
    pieces = route(asked, pool, held=held)
    for need in asked:
        assert sum(p.quantity for p in pieces if p.line_no == need.line_no) == need.quantity
        assert {p.sku for p in pieces if p.line_no == need.line_no} == {need.sku}
    for place in {(s, n) for s in SKUS for n in NODES}:
        there = sum(p.quantity for p in pieces if (p.sku, p.node) == place and not p.backordered)
        beyond = sum(p.quantity for p in pieces if (p.sku, p.node) == place and p.backordered)
        assert there <= free.get(place, 0) + held.get(place, 0)
        assert beyond == room.get(place, 0) - pool.room.get(place, 0)
        assert pool.free.get(place, 0) >= 0 <= pool.room.get(place, 0)
    if any(p.backordered for p in pieces):
        waiting = {p.sku for p in pieces if p.backordered}
        assert all(pool.free.get((sku, n), 0) == 0 for sku in waiting for n in NODES)


def _wanted(needs: list[Need], sku: str) -> int:
    return sum(n.quantity for n in needs if n.sku == sku)


def _available(pool: Pool, held: dict[Place, int], sku: str) -> int:
    return sum(part.get((sku, n), 0) for part in (pool.free, pool.room, held) for n in NODES)
