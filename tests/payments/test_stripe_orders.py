"""An order paid through Stripe, from placing to refund, against a stand-in for Stripe's API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.settings import load
from tests.payments.makers import (
    an_order,
    booked,
    cancel,
    cancel_all,
    entries,
    ledger_adds_up,
    reconcile,
    ship,
    sums,
    the_agent,
    the_payment,
)
from tests.payments.stripe_double import API_KEY, Fault, StripeDouble
from tests.shop import Shop


@pytest.fixture
def double(shop: Shop) -> Iterator[StripeDouble]:
    with StripeDouble().running() as running:
        env = {"STRIPE_KEY": API_KEY, "STRIPE_WEBHOOK_SECRET": "whsec_1", "STRIPE_URL": running.url}
        the_agent(shop).use(load({f"BACKOFFICE_{k}": v for k, v in env.items()}))
        yield running


def test_an_order_is_held_taken_and_partly_given_back(shop: Shop, double: StripeDouble) -> None:
    order = an_order(shop, provider="stripe", token="pm_card_visa")
    shop.pump()
    ship(shop, order)
    shop.pump()
    cancel(shop, order, 1, 1)
    shop.pump()
    assert booked(shop, order) == [
        ("authorise", "succeeded", 10000),
        ("capture", "succeeded", 10000),
        ("refund", "succeeded", 5000),
    ]
    [intent] = double.intents.values()
    assert (intent["id"], intent["status"]) == (the_payment(shop, order).provider_ref, "succeeded")
    assert intent["metadata"]["reference"] == order.number
    assert [r["amount"] for r in double.refunds] == [5000]
    ledger_adds_up(shop, order)


def test_a_declined_card_is_told_in_the_banks_words(shop: Shop, double: StripeDouble) -> None:
    order = an_order(shop, provider="stripe", token="pm_card_chargeDeclined")
    shop.pump()
    assert (the_payment(shop, order).state, the_payment(shop, order).error) == ("declined", "Your card was declined.")


@pytest.mark.parametrize("fault", [Fault.cut_off, Fault.error_500])
def test_no_answer_from_stripe_is_looked_up_and_the_money_held_once(
    shop: Shop, double: StripeDouble, fault: Fault
) -> None:
    double.fault = fault
    order = an_order(shop, provider="stripe", token="pm_card_visa")
    shop.pump()
    assert the_payment(shop, order).state == "unknown"
    reconcile(shop)
    assert the_payment(shop, order).state == "authorised"
    assert len(double.intents) == 1


def test_a_rate_limit_is_weather_and_the_same_request_goes_through_later(shop: Shop, double: StripeDouble) -> None:
    double.fault = Fault.rate_limit
    order = an_order(shop, provider="stripe", token="pm_card_visa")
    shop.pump()
    assert the_payment(shop, order).state == "pending"
    shop.later(seconds=5)
    shop.pump()
    assert the_payment(shop, order).state == "authorised"
    assert entries(shop, order)[0].attempts == 2


def test_a_cancelled_order_is_released_at_stripe(shop: Shop, double: StripeDouble) -> None:
    order = an_order(shop, provider="stripe", token="pm_card_visa")
    shop.pump()
    cancel_all(shop, order)
    shop.pump()
    assert [i["status"] for i in double.intents.values()] == ["canceled"]
    assert sums(shop, order) == (0, 0, 0, 0)
