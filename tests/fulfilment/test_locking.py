"""Levels are locked in one order by everybody: all that a step touches at once, and not node by node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import event

from agents.fulfilment.messages import PickListState, ShortPick, TakeBack, TakenBack
from agents.orders.messages import OrderReleased
from db import session, wire
from db.wire import Statement
from tests.fulfilment.makers import Promise, a_list, a_released_order, pick_all, tell, the_books_add_up
from tests.shop import Shop

Places = set[tuple[str, str]]
ORDERED = (Promise("TEA", 1, "LON"), Promise("MUG", 2, "LON"), Promise("MUG", 2, "BER"), Promise("TEA", 1, "BER"))


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.a_node("BER")
    shop.a_sku("TEA", backorder_limit=5)
    for sku, node in (("MUG", "BER"), ("TEA", "LON"), ("TEA", "BER")):
        shop.some_stock(sku, node, 5)
    return shop


@contextmanager
def locked_levels(shop: Shop) -> Iterator[list[Places]]:
    """The (node, sku) pairs of every statement that locks levels."""
    seen: list[Places] = []

    def look(connection: Any, cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if "FROM stock_levels" not in statement or "FOR UPDATE OF l" not in statement:
            return
        if "nodes" in given:
            seen.append(set(zip(given["nodes"], given["skus"], strict=True)))
        else:
            seen.append({(node, sku) for sku in given["skus"] for node in ("LON", "BER")})

    def look_and_ask(connection: Any, questions: Sequence[Statement]) -> Any:
        for question in questions:
            look(connection, None, *question)
        return wire.ask_all(connection, questions)

    engine = shop.agent("fulfilment").db.engine
    event.listen(engine, "before_cursor_execute", look)
    try:
        with patch.object(session, "ask_all", look_and_ask):
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", look)


def nothing_is_locked_late(seen: list[Places]) -> None:
    first = next(places for places in seen if places)
    assert [places - first for places in seen if places - first] == []


def test_an_order_at_two_nodes_is_taken_back_under_one_lock(shop: Shop) -> None:
    order = a_released_order(shop, *ORDERED, Promise("TEA", 1, "BER", backordered=True))
    pick_all(shop, node="LON")
    pick_all(shop, node="BER")
    with locked_levels(shop) as seen:
        shop.do("fulfilment", TakeBack(order_id=order.id, reason="customer called"), TakenBack)
    nothing_is_locked_late(seen)
    the_books_add_up(shop)


def test_an_order_is_followed_under_one_lock(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 2, "LON"), Promise("TEA", 1, "BER", backordered=True))
    with locked_levels(shop) as seen:
        tell(shop, order, OrderReleased(order_id=order.id, number=order.number))
    nothing_is_locked_late(seen)


def test_a_bin_is_found_empty_under_one_lock(shop: Shop) -> None:
    a_released_order(shop, *ORDERED)
    task = next(t for t in a_list(shop, node="LON").tasks if t["sku"] == "TEA")
    with locked_levels(shop) as seen:
        shop.do("fulfilment", ShortPick(task_id=UUID(task["id"])), PickListState)
    nothing_is_locked_late(seen)
    the_books_add_up(shop)
