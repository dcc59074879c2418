"""One order through the whole company: placed, released, picked, packed, labelled, dispatched, delivered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from agents.contract import Asked, encode
from agents.fulfilment.messages import Pick
from agents.inventory.messages import ReceivedLine, ReceiveStock, StockState
from agents.orders.messages import (
    CancelOrder,
    HoldOrder,
    LineQuantity,
    OrderState,
    PlacedLine,
    PlaceOrder,
    RecallOrder,
    ReleaseOrder,
)
from agents.shipping.demo_rates import standard_rate_cards
from agents.shipping.messages import RateCardState, RecordTracking, TrackingState
from db.errors import Refused
from db.fulfilment import FulfilmentStatus
from db.orders import Order, OrderStatus
from db.runtime import Flow
from db.shipping import Label
from tests.fulfilment.makers import (
    a_list,
    bins,
    fulfilments,
    pack,
    pick,
    send,
    tasks,
    the_books_add_up,
    the_fulfilment,
)
from tests.shop import Shop

pytestmark = pytest.mark.thorough


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    """Everybody is at work: mugs and trays in London, a kit of both, and the standard rates."""
    company = Shop(db_url)
    company.a_node("LON")
    company.a_sku("MUG", price=1200, weight_grams=350)
    company.a_sku("TRAY", price=2000, weight_grams=800, backorder_limit=10)
    company.a_kit("SET", {"MUG": 2, "TRAY": 1})
    company.some_stock("MUG", "LON", 10)
    company.some_stock("TRAY", "LON", 2)
    for card in standard_rate_cards():
        company.do("shipping", card, RateCardState)
    yield company
    company.close()


def place(shop: Shop, *, ship_complete: bool = False, **lines: int) -> Order:
    ask = PlaceOrder(
        channel="web",
        currency="EUR",
        lines=[PlacedLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()],
        email="ada@example.org",
        shipping_address={"name": "Ada Byron", "line1": "1 Lane", "city": "Berlin", "country": "DE"},
        ship_complete=ship_complete,
    )
    placed = shop.do("orders", ask, OrderState)
    shop.pump()
    return order_of(shop, placed.id)


def order_of(shop: Shop, order_id: UUID) -> Order:
    with shop.db.reading() as session:
        return session.get_one(Order, order_id)


def walk(shop: Shop) -> None:
    for task in a_list(shop).tasks:
        pick(shop, task)


def arrives(shop: Shop, order: Order) -> None:
    with shop.db.reading() as session:
        numbers = list(session.scalars(select(Label.tracking_number).where(Label.order_id == order.id)))
    for number in numbers:
        for event, status, hours in (("1", "in_transit", 1), ("2", "delivered", 30)):
            at = shop.now + timedelta(hours=hours)
            said = RecordTracking(tracking_number=number, event_id=event, status=status, at=at)
            shop.do("shipping", said, TrackingState)
    shop.pump()


def leaves(shop: Shop, order: Order) -> None:
    for one in fulfilments(shop, order):
        if one.status == FulfilmentStatus.picked:
            pack(shop, one)
            shop.pump()
            send(shop, one)
    shop.pump()


def test_an_order_goes_the_whole_way(shop: Shop) -> None:
    order = place(shop, SET=2, MUG=1)
    assert order.status == OrderStatus.released
    walk(shop)
    assert bins(shop, "MUG") == {"PICK": 5, "PACK": 5}
    leaves(shop, order)
    assert order_of(shop, order.id).status == OrderStatus.shipped
    arrives(shop, order)
    assert the_fulfilment(shop, order).status == FulfilmentStatus.delivered
    assert order_of(shop, order.id).status == OrderStatus.delivered
    for sku, left in (("MUG", 5), ("TRAY", 0)):
        level = shop.level(sku, "LON")
        assert (level.on_hand, level.sellable, level.allocated) == (left, left, 0)
    assert bins(shop, "MUG") == {"PICK": 5}
    assert bins(shop, "TRAY") == {}
    assert shop.dead() == []
    the_books_add_up(shop)


def test_what_is_on_backorder_follows_in_a_second_parcel(shop: Shop) -> None:
    order = place(shop, TRAY=3)
    walk(shop)
    leaves(shop, order)
    assert order_of(shop, order.id).status == OrderStatus.partly_shipped
    came = ReceiveStock(node="LON", lines=[ReceivedLine(sku="TRAY", quantity=4)], reference="van")
    shop.do("inventory", came, StockState)
    shop.pump()
    assert [f.status for f in fulfilments(shop, order)] == [FulfilmentStatus.shipped, FulfilmentStatus.ready]
    walk(shop)
    leaves(shop, order)
    assert order_of(shop, order.id).status == OrderStatus.shipped
    arrives(shop, order)
    assert order_of(shop, order.id).status == OrderStatus.delivered
    assert bins(shop, "TRAY") == {"PICK": 3}
    assert shop.dead() == []
    the_books_add_up(shop)


def test_a_hold_and_a_part_cancelled_while_a_picker_walks(shop: Shop) -> None:
    order = place(shop, MUG=6)
    (task,) = a_list(shop).tasks
    pick(shop, task, 2)
    shop.do("orders", HoldOrder(order_id=order.id, reason="fraud"), OrderState)
    with pytest.raises(Refused, match=r"on hold \(fraud\)"):
        pick(shop, task, 1)
    shop.pump()
    assert tasks(shop, the_fulfilment(shop, order)) == []
    less = CancelOrder(order_id=order.id, reason="too many", lines=[LineQuantity(line_no=1, quantity=3)])
    shop.do("orders", less, OrderState)
    shop.do("orders", ReleaseOrder(order_id=order.id), OrderState)
    shop.pump()
    (rest,) = a_list(shop).tasks
    assert rest["quantity"] == 1
    pick(shop, rest)
    leaves(shop, order)
    assert order_of(shop, order.id).status == OrderStatus.shipped
    assert bins(shop, "MUG") == {"PICK": 7}
    assert shop.level("MUG", "LON").allocated == 0
    assert shop.dead() == []
    the_books_add_up(shop)


def test_an_order_cancelled_before_the_walk_leaves_nothing_to_pick(shop: Shop) -> None:
    order = place(shop, MUG=6)
    shop.do("orders", CancelOrder(order_id=order.id, reason="changed mind"), OrderState)
    shop.pump()
    assert the_fulfilment(shop, order).status == FulfilmentStatus.cancelled
    with pytest.raises(Refused, match="Nothing is ready"):
        a_list(shop)
    assert shop.level("MUG", "LON").allocated == 0
    assert shop.dead() == []


def test_units_cancelled_while_they_are_picked_are_either_picked_or_given_back(shop: Shop) -> None:
    """Cancellations and picks of the same orders at the same moment, from two agents."""
    orders = [place(shop, MUG=2) for _ in range(5)]
    todo = a_list(shop).tasks
    picks = [Pick(task_id=UUID(t["id"]), quantity=2) for t in todo]
    cancels = [CancelOrder(order_id=o.id, reason="changed mind") for o in reversed(orders)]

    def ask(agent: str, commands: list[Pick] | list[CancelOrder]) -> list[int]:
        return [shop.ask_now(agent, Asked(type(c).__name__, encode(c), "user:x", "user:x")).status for c in commands]

    with ThreadPoolExecutor(2) as pool:
        picked = pool.submit(ask, "fulfilment", picks)
        cancelled = pool.submit(ask, "orders", cancels)
        outcomes = picked.result() + cancelled.result()
    shop.pump()
    assert sorted(outcomes) == [200] * 5 + [409] * 5
    units = bins(shop, "MUG")
    assert units.get("PACK", 0) == 2 * picked.result().count(200)
    assert shop.level("MUG", "LON").allocated == units.get("PACK", 0)
    ends = {200: FulfilmentStatus.picked, 409: FulfilmentStatus.cancelled}
    by_order = dict(zip([o.id for o in orders], reversed(cancelled.result()), strict=True))
    for order in orders:
        assert the_fulfilment(shop, order).status == ends[609 - by_order[order.id]]
    assert shop.dead() == []
    the_books_add_up(shop)


def test_an_order_is_called_back_after_it_was_packed_and_everything_is_as_before(shop: Shop) -> None:
    order = place(shop, MUG=3)
    walk(shop)
    pack(shop, the_fulfilment(shop, order))
    shop.pump()

    shop.do("orders", RecallOrder(order_id=order.id, reason="ordered by mistake"), OrderState)
    shop.pump()

    assert order_of(shop, order.id).status == OrderStatus.cancelled
    assert bins(shop, "MUG") == {"PICK": 10}
    assert shop.level("MUG", "LON").allocated == 0
    assert [f.status for f in fulfilments(shop, order)] == [FulfilmentStatus.cancelled]
    with shop.db.reading() as session:
        assert session.scalars(select(Label.state).where(Label.order_id == order.id)).all() == ["voided"]
    assert shop.dead() == []
    the_books_add_up(shop)


def test_an_order_that_has_left_is_not_called_back_and_goes_on_as_if_nothing_had_been_asked(shop: Shop) -> None:
    order = place(shop, MUG=3)
    walk(shop)
    fulfilment = the_fulfilment(shop, order)
    pack(shop, fulfilment)
    shop.pump()
    shop.do("orders", RecallOrder(order_id=order.id, reason="too late"), OrderState)
    # The van leaves before the flow gets its turn.
    send(shop, fulfilment)
    shop.pump()

    assert order_of(shop, order.id).status == OrderStatus.shipped
    assert shop.said("OrderCancelled") == []
    with shop.db.reading() as session:
        assert session.scalars(select(Flow.state)).all() == ["undone"]
    the_books_add_up(shop)


def test_an_order_has_arrived_when_its_last_parcel_is_cancelled_after_the_first_came(shop: Shop) -> None:
    shop.a_node("BER")
    shop.some_stock("MUG", "BER", 3)
    order = place(shop, MUG=12)
    walk(shop)
    for one in fulfilments(shop, order):
        if one.status == FulfilmentStatus.picked:
            pack(shop, one)
            shop.pump()
            send(shop, one)
    arrives(shop, order)
    assert order_of(shop, order.id).status == OrderStatus.partly_shipped

    less = CancelOrder(order_id=order.id, reason="enough", lines=[LineQuantity(line_no=1, quantity=2)])
    shop.do("orders", less, OrderState)
    shop.pump()

    assert sorted(f.status for f in fulfilments(shop, order)) == ["cancelled", "delivered"]
    assert order_of(shop, order.id).status == OrderStatus.delivered
    assert len(shop.said("OrderDelivered")) == 1
    assert shop.dead() == []
