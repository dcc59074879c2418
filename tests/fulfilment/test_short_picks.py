"""The bin is empty after all: the books are corrected, the units come from elsewhere or wait."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from agents.fulfilment.messages import PickListState, ShortPick
from db.allocations import Part
from db.errors import Refused
from db.fulfilment import FulfilmentStatus
from db.nodes import Bin
from tests.fulfilment.makers import (
    Promise,
    a_list,
    a_released_order,
    bins,
    cancel,
    fulfilments,
    hold,
    label,
    lines,
    pack,
    pick,
    send,
    states,
    the_books_add_up,
    the_fulfilment,
)
from tests.shop import TESTER, Shop


def short(shop: Shop, task: dict[str, object]) -> PickListState:
    return shop.do("fulfilment", ShortPick(task_id=UUID(str(task["id"]))), PickListState)


def a_reserve(shop: Shop, quantity: int) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.add(Bin(node="LON", code="R-01", type="reserve", sequence=50))
    shop.some_stock("MUG", "LON", quantity, bin="R-01")


def test_missing_units_are_taken_from_another_bin_of_the_node(shop: Shop) -> None:
    a_reserve(shop, 5)
    order = a_released_order(shop, Promise("MUG", 4))
    (task,) = a_list(shop).tasks
    pick(shop, task, 1)
    went_on = short(shop, task)
    assert (went_on.tasks[0]["short"], went_on.tasks[0]["why"]) == (3, "not in the bin")
    assert [(t["bin"], t["quantity"], t["done"]) for t in went_on.tasks[1:]] == [("R-01", 3, False)]
    assert bins(shop, "MUG") == {"PICK": 6, "R-01": 5, "PACK": 1}
    assert shop.said("AllocationsLost") == []
    pick(shop, went_on.tasks[1])
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    level = shop.level("MUG", "LON")
    assert (level.on_hand, level.allocated) == (12, 4)
    the_books_add_up(shop)


def test_missing_units_come_from_another_node_when_this_one_has_no_more(shop: Shop) -> None:
    shop.a_node("BER", rank=2)
    shop.a_node("AMS", rank=1)
    shop.some_stock("MUG", "BER", 5)
    shop.some_stock("MUG", "AMS", 1)
    order = a_released_order(shop, Promise("MUG", 10))
    (task,) = a_list(shop).tasks
    pick(shop, task, 7)
    done = short(shop, task)
    shop.pump()
    assert done.status == "done"
    assert states(shop, order) == [
        ("MUG", "AMS", 1, "allocated"),
        ("MUG", "BER", 2, "allocated"),
        ("MUG", "LON", 1, "released"),
        ("MUG", "LON", 2, "released"),
        ("MUG", "LON", 7, "picked"),
    ]
    assert [(f.node, f.status) for f in fulfilments(shop, order)] == [
        ("LON", "picked"),
        ("AMS", "ready"),
        ("BER", "ready"),
    ]
    assert next(a.why for a in shop.allocations(order.id) if a.node == "BER") == "BER: short at LON"
    assert bins(shop, "MUG") == {"PACK": 7}
    assert shop.said("AllocationsLost") == []
    the_books_add_up(shop)


def test_missing_units_wait_for_stock_when_nobody_has_them(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10))
    (task,) = a_list(shop).tasks
    pick(shop, task, 7)
    short(shop, task)
    shop.pump()
    assert states(shop, order) == [("MUG", "LON", 3, "backordered"), ("MUG", "LON", 7, "picked")]
    (lost,) = shop.said("AllocationsLost")
    assert lost["why"] == "short at LON: not in the bin"
    waiting = next(a for a in shop.allocations(order.id) if a.state == "backordered")
    assert lost["allocations"] == [str(waiting.id)]
    level = shop.level("MUG", "LON")
    assert (level.on_hand, level.allocated, level.backordered) == (7, 7, 3)
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 7, 7)]
    the_books_add_up(shop)


def test_a_short_pick_may_end_in_all_three_ways_at_once(shop: Shop) -> None:
    a_reserve(shop, 2)
    shop.a_node("BER")
    shop.some_stock("MUG", "BER", 3)
    order = a_released_order(shop, Promise("MUG", 10))
    (task,) = a_list(shop).tasks
    went_on = short(shop, task)
    shop.pump()
    assert [(t["bin"], t["quantity"]) for t in went_on.tasks[1:]] == [("R-01", 2)]
    assert states(shop, order) == [
        ("MUG", "BER", 3, "allocated"),
        ("MUG", "LON", 2, "allocated"),
        ("MUG", "LON", 3, "released"),
        ("MUG", "LON", 5, "backordered"),
    ]
    the_books_add_up(shop)


def test_units_promised_to_others_are_not_taken_for_a_short_pick(shop: Shop) -> None:
    a_reserve(shop, 4)
    other = a_released_order(shop, Promise("MUG", 4))
    order = a_released_order(shop, Promise("MUG", 10))
    tasks = a_list(shop).tasks
    of_order = [t for t in tasks if t["fulfilment_id"] == str(the_fulfilment(shop, order).id)]
    short(shop, of_order[0])
    assert {s for *_, s in states(shop, order)} == {"allocated", "backordered"}
    assert states(shop, other) == [("MUG", "LON", 4, "allocated")]
    assert shop.level("MUG", "LON").allocated == shop.level("MUG", "LON").on_hand
    the_books_add_up(shop)


def test_only_the_units_that_were_looked_for_go_off_the_books(shop: Shop) -> None:
    a_released_order(shop, Promise("MUG", 4))
    (task,) = a_list(shop).tasks
    short(shop, task)
    assert bins(shop, "MUG") == {"PICK": 6}
    the_books_add_up(shop)


def test_an_order_left_with_nothing_at_a_node_has_its_fulfilment_there_cancelled(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10))
    (task,) = a_list(shop).tasks
    ended = short(shop, task)
    assert ended.status == "cancelled"
    assert the_fulfilment(shop, order).status == FulfilmentStatus.cancelled
    assert shop.level("MUG", "LON").on_hand == 0


def test_what_was_cancelled_meanwhile_is_missed_by_nobody(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10))
    (task,) = a_list(shop).tasks
    cancel(shop, order, Part(shop.allocations(order.id)[0].id), told=False)
    short(shop, task)
    assert states(shop, order) == [("MUG", "LON", 10, "released")]
    assert shop.said("AllocationsLost") == []
    assert shop.level("MUG", "LON").on_hand == 0
    the_books_add_up(shop)


def test_a_short_pick_is_told_once_and_not_while_the_order_is_held(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 2), Promise("MUG", 3))
    first, second = a_list(shop).tasks
    short(shop, first)
    with pytest.raises(Refused, match=r"closed \(not in the bin\)"):
        short(shop, first)
    hold(shop, order, told=False)
    with pytest.raises(Refused, match="on hold"):
        short(shop, second)
    assert shop.level("MUG", "LON").on_hand == 10 - first["quantity"]


def test_an_order_that_ships_complete_does_not_leave_without_the_units_that_were_lost(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10), ship_complete=True)
    (task,) = a_list(shop).tasks
    pick(shop, task, 7)
    short(shop, task)
    shop.pump()
    label(shop, pack(shop, the_fulfilment(shop, order)))
    with pytest.raises(Refused, match="3 units of it still wait for stock"):
        send(shop, the_fulfilment(shop, order))
    assert shop.level("MUG", "LON").on_hand == 7


def test_the_history_of_the_order_says_what_was_decided(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10))
    (task,) = a_list(shop).tasks
    short(shop, task)
    with shop.db.reading() as session:
        told = session.execute(
            text("SELECT why FROM transitions WHERE subject = :s AND to_status = 'short pick'"),
            {"s": f"order:{order.id}"},
        ).scalar_one()
    assert told == "10 MUG short in bin PICK at LON, not in the bin: 10 wait for stock"
