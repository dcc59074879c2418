"""Walking the bins: which, in what order, how many, and never two pickers for the same unit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from agents.contract import Asked, encode
from agents.fulfilment.agent import FulfilmentAgent
from agents.fulfilment.messages import CancelPickList, CreatePickList, NextPickList, Pick, PickListState
from db.errors import Refused
from db.fulfilment import FulfilmentStatus, PickListStatus
from db.nodes import Bin
from tests.fulfilment.makers import (
    Promise,
    a_list,
    a_released_order,
    bins,
    fulfilments,
    lines,
    pick,
    states,
    the_books_add_up,
    the_fulfilment,
)
from tests.shop import TESTER, Shop


def a_bin(shop: Shop, code: str, *, type: str = "pick_face", sequence: int = 0, node: str = "LON") -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.add(Bin(node=node, code=code, type=type, sequence=sequence))


def test_picked_units_stand_in_the_packing_bin_and_the_promise_stays(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    (task,) = a_list(shop).tasks
    done = pick(shop, task)
    assert (done.status, done.next) == (PickListStatus.done, [])
    assert bins(shop, "MUG") == {"PICK": 7, "PACK": 3}
    level = shop.level("MUG", "LON")
    assert (level.on_hand, level.sellable, level.allocated) == (10, 10, 3)
    assert states(shop, order) == [("MUG", "LON", 3, "picked")]
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    the_books_add_up(shop)


def test_a_picker_who_takes_fewer_can_take_the_rest_later(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 5))
    (task,) = a_list(shop).tasks
    partly = pick(shop, task, 2)
    assert (partly.status, partly.tasks[0]["picked"], partly.tasks[0]["done"]) == ("open", 2, False)
    assert states(shop, order) == [("MUG", "LON", 2, "picked"), ("MUG", "LON", 3, "allocated")]
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 3, 0), ("MUG", 2, 2)]
    pick(shop, task, 3)
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    the_books_add_up(shop)


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_nobody_picks_more_than_asked_or_less_than_one(shop: Shop, quantity: int) -> None:
    a_released_order(shop, Promise("MUG", 3))
    (task,) = a_list(shop).tasks
    with pytest.raises(Refused, match=f"3 MUG are wanted from bin PICK, not {quantity}"):
        pick(shop, task, quantity)
    assert bins(shop, "MUG") == {"PICK": 10}


def test_a_task_is_done_once(shop: Shop) -> None:
    a_released_order(shop, Promise("MUG", 3))
    (task,) = a_list(shop).tasks
    pick(shop, task)
    with pytest.raises(Refused, match="done already: 3 picked by user:tester"):
        pick(shop, task)
    assert bins(shop, "MUG") == {"PICK": 7, "PACK": 3}


def test_the_same_key_picks_once(shop: Shop) -> None:
    a_released_order(shop, Promise("MUG", 3))
    (task,) = a_list(shop).tasks
    for _ in range(2):
        shop.do("fulfilment", Pick(task_id=UUID(task["id"]), quantity=1), PickListState, key="scan-1")
    assert bins(shop, "MUG") == {"PICK": 9, "PACK": 1}


def test_pick_faces_come_first_and_a_line_may_need_several_bins(shop: Shop) -> None:
    a_bin(shop, "B-01", sequence=5)
    a_bin(shop, "A-02", sequence=4)
    a_bin(shop, "R-01", type="reserve", sequence=0)
    shop.a_sku("TEE")
    for code in ("R-01", "B-01", "A-02"):
        shop.some_stock("TEE", "LON", 2, bin=code)
    a_released_order(shop, Promise("TEE", 5), Promise("MUG", 1))
    walked = [(t["sequence"], t["bin"], t["sku"], t["quantity"]) for t in a_list(shop).tasks]
    assert walked == [(1, "R-01", "TEE", 1), (2, "PICK", "MUG", 1), (3, "A-02", "TEE", 2), (4, "B-01", "TEE", 2)]


def test_goods_in_quarantine_packing_and_closed_bins_are_not_picked_from(shop: Shop) -> None:
    shop.a_sku("TEE")
    shop.some_stock("TEE", "LON", 2, bin="PACK")
    shop.some_stock("TEE", "LON", 2, bin="QUARANTINE")
    order = a_released_order(shop, Promise("TEE", 1))
    with pytest.raises(Refused, match="1 fulfilments are ready, but"):
        a_list(shop)
    with pytest.raises(Refused, match="needs 1 TEE, but only 0 lie free"):
        a_list(shop, fulfilments=[the_fulfilment(shop, order).id])


def test_the_oldest_lot_goes_first_and_is_remembered(shop: Shop) -> None:
    shop.a_sku("JAM", tracking="lot")
    shop.some_stock("JAM", "LON", 2, lot="Z-old")
    shop.some_stock("JAM", "LON", 5, lot="A-new")
    order = a_released_order(shop, Promise("JAM", 3))
    done = a_list(shop)
    assert [(t["lot"], t["quantity"]) for t in done.tasks] == [("A-new", 1), ("Z-old", 2)]
    for task in done.tasks:
        pick(shop, task)
    assert bins(shop, "JAM") == {"PICK": 4, "PACK": 3}
    assert states(shop, order) == [("JAM", "LON", 1, "picked"), ("JAM", "LON", 2, "picked")]
    the_books_add_up(shop)


def test_two_lists_do_not_go_for_the_same_units(shop: Shop) -> None:
    a_bin(shop, "Z-01", sequence=9)
    shop.some_stock("MUG", "LON", 4, bin="Z-01")
    first, second = a_released_order(shop, Promise("MUG", 7)), a_released_order(shop, Promise("MUG", 7))
    a_list(shop, fulfilments=[the_fulfilment(shop, first).id])
    other = a_list(shop, fulfilments=[the_fulfilment(shop, second).id])
    assert [(t["bin"], t["quantity"]) for t in other.tasks] == [("PICK", 3), ("Z-01", 4)]


def test_a_list_takes_the_oldest_fulfilments_up_to_its_limit(shop: Shop) -> None:
    orders = []
    for _ in range(3):
        orders.append(a_released_order(shop, Promise("MUG", 1)))
        shop.later(minutes=1)
    a_list(shop, limit=2)
    assert [the_fulfilment(shop, o).status for o in orders] == ["picking", "picking", "ready"]


def test_a_fulfilment_that_cannot_be_found_does_not_keep_younger_ones_from_being_picked(shop: Shop) -> None:
    shop.a_sku("TEE")
    shop.some_stock("TEE", "LON", 2, bin="PACK")
    a_released_order(shop, Promise("TEE", 1), Promise("MUG", 1))
    shop.later(minutes=1)
    younger = a_released_order(shop, Promise("MUG", 2))
    (task,) = a_list(shop, limit=1).tasks
    assert task["fulfilment_id"] == str(the_fulfilment(shop, younger).id)


def test_a_list_of_nothing_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match="Nothing is ready to be picked at LON"):
        a_list(shop)
    with pytest.raises(Refused) as no:
        a_list(shop, fulfilments=[uuid4()])
    assert no.value.code == "not_found"
    order = a_released_order(shop, Promise("MUG", 1))
    with pytest.raises(Refused, match="is fulfilled at LON, not at BER"):
        a_list(shop, node="BER", fulfilments=[the_fulfilment(shop, order).id])
    a_list(shop)
    with pytest.raises(Refused, match="is picking; only ready"):
        a_list(shop, fulfilments=[the_fulfilment(shop, order).id])
    assert shop.count("pick_lists") == 1


def test_a_list_that_nobody_walks_on_gives_its_fulfilments_back(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    walk = a_list(shop)
    pick(shop, walk.tasks[0], 1)
    ended = shop.do("fulfilment", CancelPickList(pick_list_id=walk.id, reason="end of shift"), PickListState)
    assert (ended.status, ended.tasks[0]["why"]) == ("done", "end of shift")
    assert the_fulfilment(shop, order).status == FulfilmentStatus.ready
    assert [t["quantity"] for t in a_list(shop).tasks] == [2]


def test_a_kit_is_picked_as_its_components(shop: Shop) -> None:
    shop.a_sku("TRAY")
    shop.some_stock("TRAY", "LON", 3)
    shop.a_kit("SET", {"MUG": 2, "TRAY": 1})
    order = a_released_order(shop, Promise("MUG", 4, line_no=1), Promise("TRAY", 2, line_no=1))
    for task in a_list(shop).tasks:
        pick(shop, task)
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 4, 4), ("TRAY", 2, 2)]


def test_two_pickers_at_once_book_every_unit_once(shop: Shop, db_url: str) -> None:
    """Two replicas of the agent, the same tasks, at the same moment."""
    order = a_released_order(shop, Promise("MUG", 4), Promise("MUG", 4))
    tasks = a_list(shop).tasks
    agents = [FulfilmentAgent(db_url, clock=lambda: shop.now) for _ in range(2)]

    def walk(agent: FulfilmentAgent) -> list[int]:
        asks = [Pick(task_id=UUID(t["id"]), quantity=t["quantity"]) for t in tasks]
        return [agent.work([Asked("Pick", encode(a), "user:p", "user:p")])[0].status for a in asks]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(walk, agents))
    for agent in agents:
        agent.db.close()
    assert sorted(s for per_agent in answers for s in per_agent) == [200, 200, 409, 409]
    assert bins(shop, "MUG") == {"PICK": 2, "PACK": 8}
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    assert shop.count("pick_lists WHERE status = 'done'") == 1
    the_books_add_up(shop)


def test_lists_made_at_once_share_the_work(shop: Shop, db_url: str) -> None:
    orders = [a_released_order(shop, Promise("MUG", 1)) for _ in range(6)]
    agents = [FulfilmentAgent(db_url, clock=lambda: shop.now) for _ in range(2)]
    ask = Asked("CreatePickList", encode(CreatePickList(node="LON", limit=3)), "user:p", "user:p")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda agent: agent.work([ask])[0].status, agents))
    for agent in agents:
        agent.db.close()
    assert answers == [200, 200]
    assert {f.status for o in orders for f in fulfilments(shop, o)} == {"picking"}
    assert shop.count("pick_tasks") == 6


def test_a_wrong_scan_books_nothing_and_says_what_was_expected_and_what_was_scanned(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 2))
    shop.a_sku("CUP", barcode="4006381333931")
    (task,) = a_list(shop).tasks
    with pytest.raises(Refused, match="Bin PICK was expected, and bin A-05 was scanned"):
        shop.do("fulfilment", Pick(task_id=UUID(task["id"]), quantity=1, scanned_bin="A-05"), PickListState)
    with pytest.raises(Refused, match="MUG was expected, and CUP was scanned"):
        shop.do("fulfilment", Pick(task_id=UUID(task["id"]), quantity=1, scanned_item="4006381333931"), PickListState)
    assert states(shop, order) == [("MUG", "LON", 2, "allocated")]
    right = Pick(task_id=UUID(task["id"]), quantity=2, scanned_bin=" pick ", scanned_item="mug")
    assert shop.do("fulfilment", right, PickListState).status == PickListStatus.done
    the_books_add_up(shop)


def test_whoever_asks_for_the_next_walk_gets_the_one_they_are_on(shop: Shop) -> None:
    a_released_order(shop, Promise("MUG", 1))
    first = shop.do("fulfilment", NextPickList(node="LON", picker="Ada"), PickListState)
    a_released_order(shop, Promise("MUG", 1))
    again = shop.do("fulfilment", NextPickList(node="LON", picker="Ada"), PickListState)
    other = shop.do("fulfilment", NextPickList(node="LON", picker="Tom"), PickListState)
    assert again.id == first.id != other.id
    with pytest.raises(Refused, match="Nothing is ready"):
        shop.do("fulfilment", NextPickList(node="LON", picker="Eve"), PickListState)
