"""Orders that leave in one go, or wait for their other units until a day."""

from __future__ import annotations

from datetime import date

from agents.fulfilment.messages import OpenReleased
from agents.orders.messages import OrderShippingPlanned
from db.orders import Order
from db.session import Who
from tests.fulfilment.makers import Promise, a_list, a_released_order, fulfilments, pick, tell
from tests.shop import TESTER, Shop


def plan(shop: Shop, order: Order, *, complete: bool = False, until: date | None = None) -> None:
    """As the orders agent leaves it."""
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        row = tx.get_one(Order, order.id)
        row.ship_complete, row.waits_until = complete, until
    said = OrderShippingPlanned(order_id=order.id, number=order.number, ship_complete=complete, waits_until=until)
    tell(shop, order, said)


def stands(shop: Shop, order: Order) -> list[str]:
    return [f.status for f in fulfilments(shop, order)]


def open_released(shop: Shop) -> None:
    with shop.db.transaction(Who("coordinator"), now=shop.now) as tx:
        tx.send("fulfilment", "schedule:test", OpenReleased())
    shop.pump()


def an_order(shop: Shop) -> Order:
    return a_released_order(shop, Promise("MUG", 4), Promise("MUG", 3, backordered=True))


def test_what_nobody_has_begun_waits_with_the_rest_until_its_day(shop: Shop) -> None:
    order = an_order(shop)
    assert stands(shop, order) == ["ready"]
    plan(shop, order, until=date(2026, 3, 4))
    assert stands(shop, order) == ["cancelled"]
    shop.later(days=1)
    open_released(shop)
    assert stands(shop, order) == ["cancelled"]
    shop.later(days=1)
    open_released(shop)
    assert stands(shop, order) == ["cancelled", "ready"]
    open_released(shop)
    assert stands(shop, order) == ["cancelled", "ready"]


def test_what_is_begun_is_not_stopped(shop: Shop) -> None:
    order = an_order(shop)
    pick(shop, a_list(shop).tasks[0], 1)
    plan(shop, order, complete=True)
    assert stands(shop, order) == ["picking"]


def test_an_order_that_may_leave_as_it_is_ready_again_is_opened_at_once(shop: Shop) -> None:
    order = an_order(shop)
    plan(shop, order, complete=True)
    plan(shop, order)
    assert stands(shop, order) == ["cancelled", "ready"]


def test_an_order_that_has_everything_waits_for_no_day(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 4))
    plan(shop, order, until=date(2026, 3, 9))
    assert stands(shop, order) == ["ready"]
