"""Orders, payments, customers and notifications together: what one says is what the others do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agents.customers.messages import CustomerState, PutCustomer
from agents.notifications.agent import NotificationsAgent
from agents.orders.messages import CancelOrder, LineQuantity, OrderState, PaymentGiven, PlacedLine, PlaceOrder
from agents.payments.messages import AuthorisePayment, PaymentView
from db.notifications import Notification
from db.orders import Order
from db.payments import order_worth, payments_of
from tests.payments.makers import SETTINGS, reconcile, the_agent
from tests.shop import Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = Shop(db_url, only=("orders", "payments", "customers", "notifications"))
    the_agent(company).use(SETTINGS)
    notifications = company.agent("notifications")
    assert isinstance(notifications, NotificationsAgent)
    notifications.use(SETTINGS)
    company.a_node("LON")
    company.a_sku("MUG", price=1000)
    company.some_stock("MUG", "LON", 100)
    yield company
    company.close()


def place(shop: Shop, quantity: int = 3, *, token: str = "tok_ok", **what: Any) -> UUID:
    ask = PlaceOrder(
        channel="web",
        currency="EUR",
        lines=[PlacedLine(sku="MUG", quantity=quantity)],
        shipping=500,
        email="ada@example.com",
        payment=PaymentGiven(provider="test", token=token),
        **what,
    )
    order = shop.do("orders", ask, OrderState)
    shop.pump()
    return order.id


def the_order(shop: Shop, order_id: UUID) -> Order:
    with shop.db.reading() as session:
        return session.get_one(Order, order_id)


def paid(shop: Shop, order_id: UUID) -> list[tuple[str, int, int, int]]:
    with shop.db.reading() as session:
        return [(p.state, p.authorised, p.captured, p.refunded) for p in payments_of(session, order_id)]


def cancel(shop: Shop, order_id: UUID, lines: list[LineQuantity] | None = None) -> None:
    shop.do("orders", CancelOrder(order_id=order_id, reason="changed mind", lines=lines), OrderState)
    shop.pump()


def titles(shop: Shop) -> list[str]:
    with shop.db.reading() as session:
        return list(session.scalars(select(Notification.template).order_by(Notification.id)))


def test_an_order_is_released_when_its_money_is_held_and_the_customer_is_known_and_told(shop: Shop) -> None:
    order_id = place(shop)
    order = the_order(shop, order_id)
    assert (order.status, order.payment_status) == ("released", "authorised")
    assert paid(shop, order_id) == [("authorised", 3500, 0, 0)]
    assert titles(shop) == ["placed"]
    known = shop.do("customers", PutCustomer(email="ada@example.com", name="Ada"), CustomerState)
    assert not known.created
    assert shop.dead() == []


@pytest.mark.parametrize(
    ("token", "status", "payment_status", "after"),
    [
        ("tok_declined", "held", "declined", "declined"),
        ("tok_timeout", "held", "pending", "authorised"),
        ("tok_timeout_lost", "held", "pending", "declined"),
        ("tok_late", "held", "pending", "authorised"),
    ],
)
def test_an_order_waits_until_its_payment_is_certain(
    shop: Shop, token: str, status: str, payment_status: str, after: str
) -> None:
    order_id = place(shop, token=token)
    order = the_order(shop, order_id)
    assert (order.status, order.payment_status) == (status, payment_status)
    reconcile(shop)
    order = the_order(shop, order_id)
    assert order.payment_status == after
    assert order.status == ("released" if after == "authorised" else "held")
    assert titles(shop) == ["placed"] + (["declined"] if after == "declined" else [])


def test_a_declined_order_is_released_by_another_payment(shop: Shop) -> None:
    order_id = place(shop, token="tok_declined")
    again = AuthorisePayment(order_id=order_id, provider="test", token="tok_ok", amount=3500, currency="EUR")
    shop.do("payments", again, PaymentView)
    shop.pump()
    assert (the_order(shop, order_id).status, the_order(shop, order_id).payment_status) == ("released", "authorised")


def test_what_is_cancelled_is_not_asked_for_and_the_last_unit_lets_the_hold_go(shop: Shop) -> None:
    order_id = place(shop)
    cancel(shop, order_id, [LineQuantity(line_no=1, quantity=1)])
    with shop.db.reading() as session:
        worth = order_worth(session, order_id)
    assert worth is not None
    assert (worth.worth, worth.shipped) == (2500, False)
    assert paid(shop, order_id) == [("authorised", 3500, 0, 0)]
    cancel(shop, order_id)
    assert paid(shop, order_id) == [("voided", 0, 0, 0)]
    assert (the_order(shop, order_id).status, the_order(shop, order_id).payment_status) == ("cancelled", "voided")
    assert titles(shop) == ["placed", "cancelled"]
    assert shop.dead() == []


def test_an_order_cancelled_before_its_payment_was_certain_holds_no_money_in_the_end(shop: Shop) -> None:
    order_id = place(shop, token="tok_timeout")
    cancel(shop, order_id)
    assert paid(shop, order_id) == [("unknown", 0, 0, 0)]
    reconcile(shop)
    assert paid(shop, order_id) == [("voided", 0, 0, 0)]
    assert the_order(shop, order_id).status == "cancelled"
