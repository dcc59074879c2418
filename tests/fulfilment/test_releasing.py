"""Released orders become fulfilments, and follow what happens to their promises."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from agents.inventory.messages import AllocationsLost, BackordersFilled
from agents.orders.messages import OrderReleased
from agents.stock.filling import fill_waiting
from db.allocations import Part, to_backorder
from db.errors import Refused
from db.fulfilment import FulfilmentStatus
from tests.fulfilment.makers import (
    Promise,
    a_list,
    a_released_order,
    an_order,
    cancel,
    fulfilments,
    hold,
    label,
    lift,
    lines,
    pack,
    pick,
    pick_all,
    send,
    states,
    tasks,
    tell,
    the_books_add_up,
    the_fulfilment,
)
from tests.shop import TESTER, Shop


def test_a_released_order_gets_one_fulfilment_a_node(shop: Shop) -> None:
    shop.a_node("BER")
    shop.a_sku("TEE")
    shop.some_stock("TEE", "LON", 5)
    shop.some_stock("MUG", "BER", 5)
    order = a_released_order(shop, Promise("MUG", 2), Promise("TEE", 1), Promise("MUG", 3, "BER"))
    ber, lon = fulfilments(shop, order)
    assert (ber.node, ber.number, ber.status) == ("BER", "F100001", FulfilmentStatus.ready)
    assert (lon.node, lon.number) == ("LON", "F100002")
    assert lines(shop, lon) == [("MUG", 2, 0), ("TEE", 1, 0)]
    assert [e["node"] for e in shop.said("FulfilmentReady")] == ["BER", "LON"]


def test_the_same_release_twice_makes_nothing_more(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 2))
    tell(shop, order, OrderReleased(order_id=order.id, number=order.number))
    assert len(fulfilments(shop, order)) == 1
    assert len(shop.said("FulfilmentReady")) == 1


def test_an_order_that_is_not_released_gets_no_fulfilment(shop: Shop) -> None:
    order = an_order(shop, Promise("MUG", 2), status="placed")
    tell(shop, order, OrderReleased(order_id=order.id, number=order.number))
    assert fulfilments(shop, order) == []
    assert shop.dead() == []


def arrive(shop: Shop, sku: str, quantity: int, node: str = "LON") -> list[BackordersFilled]:
    """Goods come in and fill who waits; the events that the inventory agent would announce."""
    shop.some_stock(sku, node, quantity)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        filled = fill_waiting(tx, [(sku, node)])
        return [BackordersFilled(order_id=row.order_id, allocations=[row.id]) for row in filled]


def test_filled_backorders_of_a_released_order_get_a_fulfilment_of_their_own_once_work_has_begun(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10), Promise("MUG", 4, backordered=True))
    a_list(shop)
    for event in arrive(shop, "MUG", 4):
        tell(shop, order, event)
        tell(shop, order, event)
    first, second = fulfilments(shop, order)
    assert (first.status, second.status) == (FulfilmentStatus.picking, FulfilmentStatus.ready)
    assert lines(shop, second) == [("MUG", 4, 0)]


def test_filled_backorders_join_a_fulfilment_that_nobody_has_begun(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10), Promise("MUG", 4, backordered=True))
    for event in arrive(shop, "MUG", 4):
        tell(shop, order, event)
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 10, 0), ("MUG", 4, 0)]


def test_an_order_that_ships_complete_waits_for_its_last_unit(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 10), Promise("MUG", 4, backordered=True), ship_complete=True)
    assert fulfilments(shop, order) == []
    for event in arrive(shop, "MUG", 3):
        tell(shop, order, event)
    assert fulfilments(shop, order) == []
    for event in arrive(shop, "MUG", 1):
        tell(shop, order, event)
    assert sum(quantity for _, quantity, _ in lines(shop, the_fulfilment(shop, order))) == 14


def test_what_is_cancelled_leaves_the_fulfilment_and_an_empty_one_is_cancelled(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    allocation = shop.allocations(order.id)[0]
    cancel(shop, order, Part(allocation.id, 1))
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 2, 0)]
    cancel(shop, order, Part(allocation.id))
    assert lines(shop, the_fulfilment(shop, order)) == []
    assert the_fulfilment(shop, order).status == FulfilmentStatus.cancelled
    the_books_add_up(shop)


def test_cancelled_units_are_taken_off_the_picker_and_the_rest_goes_on(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 5))
    (task,) = a_list(shop).tasks
    pick(shop, task, 2)
    open_part = next(a for a in shop.allocations(order.id) if a.state == "allocated")
    cancel(shop, order, Part(open_part.id, 2))
    (left,) = tasks(shop, the_fulfilment(shop, order))
    assert (left.quantity, left.picked) == (3, 2)
    cancel(shop, order, Part(open_part.id))
    assert tasks(shop, the_fulfilment(shop, order)) == []
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 2, 2)]


def test_units_cancelled_before_the_message_arrives_cannot_be_picked(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 5))
    (task,) = a_list(shop).tasks
    (allocation,) = shop.allocations(order.id)
    cancel(shop, order, Part(allocation.id, 2), told=False)
    with pytest.raises(Refused, match="Only 3 of the 5 MUG are still wanted"):
        pick(shop, task)
    cancel(shop, order, Part(allocation.id), told=False)
    with pytest.raises(Refused, match="cancelled meanwhile: put it back") as no:
        pick(shop, task)
    assert no.value.code == "cancelled_meanwhile"
    assert shop.level("MUG", "LON").allocated == 0


def test_a_hold_stops_the_picking_and_its_release_lets_it_go_on(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 5))
    (task,) = a_list(shop).tasks
    pick(shop, task, 2)
    hold(shop, order)
    assert the_fulfilment(shop, order).status == FulfilmentStatus.ready
    assert tasks(shop, the_fulfilment(shop, order)) == []
    with pytest.raises(Refused, match=r"on hold \(fraud\)"):
        pick(shop, task, 1)
    with pytest.raises(Refused, match=r"on hold \(fraud\)"):
        a_list(shop, fulfilments=[the_fulfilment(shop, order).id])
    with pytest.raises(Refused, match="Nothing is ready"):
        a_list(shop)
    lift(shop, order)
    (again,) = a_list(shop).tasks
    assert again["quantity"] == 3
    pick(shop, again)
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    the_books_add_up(shop)


def test_a_hold_that_is_not_known_here_yet_stops_every_step_all_the_same(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 2))
    (task,) = a_list(shop).tasks
    hold(shop, order, told=False)
    for step in (lambda: pick(shop, task), lambda: a_list(shop, fulfilments=[the_fulfilment(shop, order).id])):
        with pytest.raises(Refused, match="on hold"):
            step()
    lift(shop, order)
    pick(shop, task)
    hold(shop, order, told=False)
    with pytest.raises(Refused, match="on hold"):
        pack(shop, the_fulfilment(shop, order))
    lift(shop, order)
    label(shop, pack(shop, the_fulfilment(shop, order)))
    hold(shop, order, reason="address", told=False)
    with pytest.raises(Refused, match=r"on hold \(address\)"):
        send(shop, the_fulfilment(shop, order))
    assert shop.level("MUG", "LON").on_hand == 10
    assert shop.said("FulfilmentShipped") == []


def test_a_hold_lifted_before_its_message_arrives_changes_nothing(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 2))
    a_list(shop)
    hold(shop, order, told=False)
    lift(shop, order)
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picking
    assert len(tasks(shop, the_fulfilment(shop, order))) == 1


def test_units_that_inventory_lost_leave_the_fulfilment(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 5))
    a_list(shop)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        lost = to_backorder(tx, [Part(shop.allocations(order.id)[0].id, 2)], why="counted")
        event = AllocationsLost(order_id=order.id, allocations=[row.id for row in lost], why="counted")
    tell(shop, order, event)
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 3, 0)]
    assert [t.quantity for t in tasks(shop, the_fulfilment(shop, order))] == [3]
    assert states(shop, order) == [("MUG", "LON", 2, "backordered"), ("MUG", "LON", 3, "allocated")]


def test_picked_and_packed_units_that_are_taken_back_leave_their_parcel(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 2), Promise("MUG", 1))
    pick_all(shop)
    parcel = pack(shop, the_fulfilment(shop, order))
    taken = next(a for a in shop.allocations(order.id) if a.quantity == 1)
    cancel(shop, order, Part(taken.id))
    assert the_fulfilment(shop, order).status == FulfilmentStatus.picked
    assert lines(shop, the_fulfilment(shop, order)) == [("MUG", 2, 2)]
    assert [e["parcel_id"] for e in shop.said("ParcelUnpacked")] == [str(parcel.id)]
    assert sum(line["quantity"] for line in pack(shop, the_fulfilment(shop, order)).lines) == 2
    the_books_add_up(shop)


def test_statuses_move_along_their_table_and_leave_a_history(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 1))
    pick_all(shop)
    one = the_fulfilment(shop, order)
    with shop.db.reading() as session:
        told = text("SELECT to_status FROM transitions WHERE subject = :s ORDER BY id")
        moves = list(session.scalars(told, {"s": f"fulfilment:{one.id}"}))
    assert moves == ["ready", "picking", "picked"]
