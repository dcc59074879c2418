"""Carriers that sold a label are asked where its parcel is, until it has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from agents.returns.messages import CancelReturn, ReturnState
from agents.shipping.messages.tracking import AskForNews
from coordinator.schedule import NEEDED
from db.carriers import CarrierAccount, CarrierHealth
from db.shipping import Label, TrackingEvent
from db.tracking import Track
from tests.fulfilment.makers import send, the_fulfilment
from tests.returns.makers import open_shop, the_return
from tests.shipping.makers import a_packed_parcel, a_rate_card, an_account, live, nothing_wrong
from tests.shipping.test_return_labels import comes_back
from tests.shop import TESTER, Shop


def asks(shop: Shop, **later: float) -> bool:
    """Let time pass, and do what the schedule does: nothing where nothing is due. Returns whether something was."""
    shop.later(**later)
    with shop.db.reading() as session:
        due = NEEDED["ask for news of parcels"](session, shop.now)
    if due:
        with shop.db.transaction(TESTER, now=shop.now) as tx:
            tx.send("shipping", "schedule:ask for news of parcels", AskForNews())
        shop.pump()
    nothing_wrong(shop)
    return due


def tells(shop: Shop, what: str, **more: int) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        account = tx.get_one(CarrierAccount, "testpost")
        account.options = {"tracking": what}
        for name, value in more.items():
            setattr(account, name, value)


def on_its_way(shop: Shop) -> Label:
    """A parcel with a label of the test carrier that has left."""
    order, _ = a_packed_parcel(shop)
    send(shop, the_fulfilment(shop, order))
    shop.pump()
    return live(shop)[0]


def track(shop: Shop) -> Track:
    with shop.db.reading() as session:
        return session.scalars(select(Track)).one()


def due_in(shop: Shop) -> timedelta | None:
    at = live(shop)[0].news_due_at
    return at - shop.now if at else None


def events(shop: Shop) -> list[str]:
    with shop.db.reading() as session:
        return list(session.scalars(select(TrackingEvent.status).order_by(TrackingEvent.id)))


def test_a_parcel_is_asked_about_until_it_has_arrived_and_the_order_hears_of_it(shop: Shop) -> None:
    an_account(shop)
    on_its_way(shop)
    tells(shop, "moves")
    assert not asks(shop, minutes=59)
    assert asks(shop, minutes=1)
    assert (track(shop).status, events(shop), due_in(shop)) == ("picked_up", ["picked_up"], timedelta(hours=4))
    assert not asks(shop, hours=3)
    assert asks(shop, hours=1)
    assert events(shop) == ["picked_up"]  # told again, and known
    tells(shop, "delivers")
    assert asks(shop, hours=4)
    assert (track(shop).status, due_in(shop)) == ("delivered", None)
    assert len(shop.said("ParcelDelivered")) == 1
    assert not asks(shop, days=3)


def test_what_is_on_its_way_for_long_is_asked_about_once_a_day_and_not_for_ever(shop: Shop) -> None:
    an_account(shop)
    on_its_way(shop)
    tells(shop, "moves")
    assert asks(shop, days=15)
    assert due_in(shop) == timedelta(days=1)
    assert asks(shop, days=50)
    assert due_in(shop) is None
    assert track(shop).status == "picked_up"


@pytest.mark.parametrize("what", ["down", "garbage"])
def test_a_carrier_that_does_not_answer_is_asked_again_and_rests_after_three_times(shop: Shop, what: str) -> None:
    an_account(shop)
    on_its_way(shop)
    tells(shop, what)
    asks(shop, hours=1)
    assert (due_in(shop), events(shop), track(shop).status) == (timedelta(minutes=30), [], "pending")
    for _ in range(2):
        assert asks(shop, minutes=30)
    with shop.db.reading() as session:
        health = session.get_one(CarrierHealth, "testpost")
        assert (health.failures, health.rests_until is not None) == (3, True)
    tells(shop, "moves")
    assert asks(shop, minutes=30)
    assert track(shop).status == "picked_up"


def test_an_account_is_asked_no_more_often_than_it_allows(shop: Shop) -> None:
    an_account(shop)
    for _ in range(2):
        on_its_way(shop)
    tells(shop, "moves", calls_per_minute=1)
    assert asks(shop, hours=1)
    assert events(shop) == ["picked_up"]
    assert asks(shop, minutes=30)
    assert events(shop) == ["picked_up", "picked_up"]


def test_nobody_is_asked_about_labels_of_rate_cards(shop: Shop) -> None:
    a_rate_card(shop, amount=100)
    assert on_its_way(shop).news_due_at is None


@pytest.fixture
def returns(db_url: str) -> Iterator[Shop]:
    company = open_shop(db_url)
    yield company
    company.close()


def test_goods_that_come_back_are_asked_about_as_well(returns: Shop) -> None:
    made = comes_back(returns)
    tells(returns, "moves")
    assert asks(returns, hours=1)
    assert the_return(returns, made).parcel == "on_its_way"
    tells(returns, "delivers")
    assert asks(returns, hours=4)
    assert the_return(returns, made).parcel == "arrived"
    assert not asks(returns, days=2)


def test_a_label_that_was_given_back_is_asked_about_no_more(returns: Shop) -> None:
    made = comes_back(returns)
    tells(returns, "moves")
    before = events(returns)
    returns.do("returns", CancelReturn(return_id=made.id, reason="keeps it"), ReturnState)
    returns.pump()
    assert asks(returns, hours=1)
    assert (events(returns), asks(returns, days=1)) == (before, False)
