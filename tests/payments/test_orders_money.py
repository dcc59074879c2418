"""What happens to an order's money while the order is placed, shipped, cancelled and changed."""

from __future__ import annotations

import pytest

from agents.payments.agent import PaymentsAgent
from agents.payments.messages import (
    AuthorisePayment,
    CapturePayment,
    PaymentView,
    RecordManualPayment,
    RefundPayment,
    VoidPayment,
)
from db.base import uuid7
from db.errors import Refused
from db.settings import load
from tests.payments.makers import (
    Placed,
    an_order,
    booked,
    cancel,
    cancel_all,
    edit,
    payments,
    ship,
    sums,
    the_payment,
)
from tests.shop import Shop


def test_a_placed_order_is_authorised_once_and_its_money_is_told(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    payment = the_payment(shop, order)
    assert (payment.state, payment.authorised, payment.captured) == ("authorised", 10000, 0)
    assert payment.provider_ref is not None
    assert booked(shop, order) == [("authorise", "succeeded", 10000)]
    assert [m["amount"] for m in shop.said("PaymentAuthorised")] == [10000]
    assert sums(shop, order) == (10000, 0, 0, 0)
    assert shop.dead() == []


@pytest.mark.parametrize("token", ["tok_declined", "tok_insufficient_funds", "no_such_token"])
def test_a_declined_payment_is_told_with_its_reason_and_holds_nothing(shop: Shop, token: str) -> None:
    order = an_order(shop, token=token)
    shop.pump()
    payment = the_payment(shop, order)
    assert (payment.state, payment.authorised) == ("declined", 0)
    [said] = shop.said("PaymentDeclined")
    assert said["why"] == payment.error
    assert payment.error
    assert shop.said("PaymentAuthorised") == []
    assert shop.said("OrderMoney")[-1]["declined"] is True


def test_money_that_the_channel_took_is_captured_at_once_and_no_provider_is_asked(shop: Shop) -> None:
    order = an_order(shop, provider="external", token=None)
    shop.pump()
    assert the_payment(shop, order).state == "captured"
    assert sums(shop, order) == (10000, 10000, 0, 0)
    assert shop.said("CallProvider") == []


def test_an_order_without_a_payment_and_one_that_is_free_ask_for_nothing(shop: Shop) -> None:
    on_account, free = an_order(shop, token=None), an_order(shop, (1, 0))
    shop.pump()
    assert payments(shop, on_account) == payments(shop, free) == []
    assert sums(shop, free) == (0, 0, 0, 0)
    assert shop.said("CallProvider") == []


@pytest.mark.parametrize(
    ("provider", "why"),
    [
        ("stripe", "Stripe is not set up: set BACKOFFICE_STRIPE_KEY."),
        ("cowries", "There is no payment provider 'cowries'. There are: test, stripe, external, manual."),
    ],
)
def test_an_order_paid_by_a_provider_that_is_not_here_is_declined_and_says_so(
    shop: Shop, provider: str, why: str
) -> None:
    order = an_order(shop, provider=provider, token="tok")
    shop.pump()
    assert (the_payment(shop, order).state, the_payment(shop, order).error) == ("declined", why)
    assert [m["why"] for m in shop.said("PaymentDeclined")] == [why]
    assert shop.dead() == []


def test_where_stripe_takes_real_money_the_test_provider_is_off(shop: Shop) -> None:
    live = {"BACKOFFICE_STRIPE_KEY": "sk_live_1", "BACKOFFICE_STRIPE_WEBHOOK_SECRET": "whsec_1"}
    agent = shop.agent("payments")
    assert isinstance(agent, PaymentsAgent)
    agent.use(load(live))
    order = an_order(shop)
    shop.pump()
    assert the_payment(shop, order).state == "declined"


def test_the_first_shipment_captures_what_the_order_is_worth_and_the_second_nothing(shop: Shop) -> None:
    order = an_order(shop, (3, 9000), (1, 1000), shipping=500)
    shop.pump()
    cancel(shop, order, 1, 1)
    shop.pump()
    assert booked(shop, order) == [("authorise", "succeeded", 10500)]
    ship(shop, order)
    shop.pump()
    ship(shop, order)
    shop.pump()
    assert booked(shop, order) == [("authorise", "succeeded", 10500), ("capture", "succeeded", 7500)]
    assert sums(shop, order) == (7500, 7500, 0, 0), "the rest of the hold is released"


def test_a_cancelled_line_of_a_captured_order_is_refunded_to_the_cent(shop: Shop) -> None:
    order = an_order(shop, (3, 1000))
    shop.pump()
    ship(shop, order)
    shop.pump()
    for _ in range(3):
        cancel(shop, order, 1, 1)
        shop.pump()
    refunded = [amount for kind, state, amount in booked(shop, order) if kind == "refund" and state == "succeeded"]
    assert refunded == [333, 334, 333]
    assert the_payment(shop, order).state == "refunded"
    assert sums(shop, order) == (1000, 1000, 1000, 0)


def test_a_cancelled_order_lets_the_hold_go(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    cancel_all(shop, order)
    shop.pump()
    assert booked(shop, order) == [("authorise", "succeeded", 10000), ("void", "succeeded", 10000)]
    assert the_payment(shop, order).state == "voided"
    assert len(shop.said("PaymentVoided")) == 1
    assert sums(shop, order) == (0, 0, 0, 0)


def test_cancelling_every_line_lets_the_hold_go_as_well(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    cancel(shop, order, 1, 2)
    shop.pump()
    assert the_payment(shop, order).state == "voided"


def test_an_order_cancelled_before_its_payment_is_answered_is_voided_when_the_answer_comes(shop: Shop) -> None:
    order = an_order(shop)
    cancel_all(shop, order)
    shop.pump()
    assert the_payment(shop, order).state == "voided"
    assert sums(shop, order) == (0, 0, 0, 0)


def test_an_order_cancelled_while_it_is_captured_gives_the_money_back(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    ship(shop, order)
    cancel_all(shop, order)
    shop.pump()
    assert (the_payment(shop, order).state, the_payment(shop, order).refunded) == ("voided", 0)

    order = an_order(shop)
    shop.pump()
    ship(shop, order)
    shop.pump()
    cancel_all(shop, order)
    shop.pump()
    assert the_payment(shop, order).state == "refunded"
    assert sums(shop, order) == (10000, 10000, 10000, 0)


def test_an_edit_downwards_refunds_the_difference_once(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    ship(shop, order)
    shop.pump()
    edit(shop, order, 8000)
    edit(shop, order, 7500)
    shop.pump()
    assert sums(shop, order) == (10000, 10000, 2500, 0)


def refund(shop: Shop, order: Placed, amount: int, *, goodwill: bool = False) -> None:
    ask = RefundPayment(payment_id=the_payment(shop, order).id, amount=amount, reason="by hand", goodwill=goodwill)
    shop.do("payments", ask, PaymentView)
    shop.pump()


def test_goodwill_does_not_eat_the_refund_of_a_later_cancellation(shop: Shop) -> None:
    order = an_order(shop, (2, 6000), (2, 4000))
    shop.pump()
    ship(shop, order)
    shop.pump()
    refund(shop, order, 3000, goodwill=True)
    cancel(shop, order, 2, 1)
    shop.pump()
    assert sums(shop, order) == (10000, 10000, 5000, 0)


@pytest.mark.parametrize("by_hand", [500, 2000, 2500])
@pytest.mark.parametrize("hand_first", [True, False])
def test_units_that_were_refunded_by_hand_and_cancelled_are_not_refunded_twice(
    shop: Shop, by_hand: int, hand_first: bool
) -> None:
    order = an_order(shop, (2, 6000), (2, 4000))
    shop.pump()
    ship(shop, order)
    shop.pump()
    if hand_first:
        refund(shop, order, by_hand)
    cancel(shop, order, 2, 1)
    shop.pump()
    if not hand_first:
        refund(shop, order, by_hand)
    back = max(2000, by_hand) if hand_first else 2000 + by_hand
    assert sums(shop, order) == (10000, 10000, back, 0)
    cancel(shop, order, 2, 1)
    shop.pump()
    assert sums(shop, order) == (10000, 10000, max(4000, back), 0)
    assert shop.dead() == []


def test_a_refund_by_hand_that_was_declined_counts_for_nothing(shop: Shop) -> None:
    order = an_order(shop, (2, 6000), (2, 4000), token="tok_refund_declined")
    shop.pump()
    ship(shop, order)
    shop.pump()
    refund(shop, order, 4000)
    cancel(shop, order, 2, 2)
    shop.pump()
    assert [amount for kind, _, amount in booked(shop, order) if kind == "refund"] == [4000, 4000]


def test_an_edit_upwards_is_paid_by_a_second_payment_and_the_oldest_is_captured_first(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    edit(shop, order, 12000)
    shop.pump()
    more = AuthorisePayment(order_id=order.id, provider="test", token="tok_ok", amount=2000, currency="EUR")
    shop.do("payments", more, PaymentView)
    shop.pump()
    assert sums(shop, order) == (12000, 0, 0, 0)
    edit(shop, order, 11000)
    ship(shop, order)
    shop.pump()
    assert [(p.state, p.captured) for p in payments(shop, order)] == [("captured", 10000), ("captured", 1000)]


def test_a_second_hold_that_the_order_no_longer_needs_is_let_go(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    edit(shop, order, 12000)
    more = AuthorisePayment(order_id=order.id, provider="test", token="tok_ok", amount=2000, currency="EUR")
    shop.do("payments", more, PaymentView)
    edit(shop, order, 10000)
    shop.pump()
    ship(shop, order)
    shop.pump()
    assert [(p.state, p.captured) for p in payments(shop, order)] == [("captured", 10000), ("voided", 0)]


def test_after_a_decline_a_second_payment_succeeds_but_not_a_third(shop: Shop) -> None:
    order = an_order(shop, token="tok_declined")
    shop.pump()
    again = AuthorisePayment(order_id=order.id, provider="test", token="tok_ok", amount=10000, currency="EUR")
    shop.do("payments", again, PaymentView)
    with pytest.raises(Refused, match=r"more than the order still asks for: €0\.00"):
        shop.do("payments", again, PaymentView)
    shop.pump()
    assert [p.state for p in payments(shop, order)] == ["declined", "authorised"]
    assert sums(shop, order) == (10000, 0, 0, 0)
    assert shop.said("OrderMoney")[-1]["declined"] is False


def test_a_payment_needs_an_order_its_currency_and_an_amount(shop: Shop) -> None:
    order = an_order(shop, token=None)
    shop.pump()
    ask = {"order_id": order.id, "provider": "test", "token": "tok_ok", "amount": 100, "currency": "EUR"}
    wrong = {
        "other_currency": {"currency": "USD"},
        "amount_not_positive": {"amount": 0},
        "provider_not_set_up": {"provider": "stripe"},
        "unknown_provider": {"provider": "manual"},
        "not_found": {"order_id": uuid7()},
    }
    for code, change in wrong.items():
        with pytest.raises(Refused) as refused:
            shop.do("payments", AuthorisePayment(**{**ask, **change}), PaymentView)
        assert refused.value.code == code
    assert shop.said("CallProvider") == []


def test_a_bank_transfer_is_written_down_and_can_be_given_back(shop: Shop) -> None:
    order = an_order(shop, token=None)
    came = RecordManualPayment(order_id=order.id, amount=10000, currency="EUR", reference="statement 7")
    seen = shop.do("payments", came, PaymentView)
    assert (seen.state, seen.next, seen.captured) == ("captured", ["refund"], 10000)
    back = shop.do("payments", RefundPayment(payment_id=seen.id, amount=10000, reason="sent twice"), PaymentView)
    assert (back.state, back.next) == ("refunded", [])
    assert shop.said("CallProvider") == []
    assert sums(shop, order) == (10000, 10000, 10000, 0)


def test_staff_capture_a_part_and_what_is_left_is_released(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    payment = the_payment(shop, order)
    with pytest.raises(Refused, match=r"The most that can be captured of this payment is €100\.00"):
        shop.do("payments", CapturePayment(payment_id=payment.id, amount=10001), PaymentView)
    seen = shop.do("payments", CapturePayment(payment_id=payment.id, amount=4000), PaymentView)
    assert seen.next == [], "nothing may be asked of the hold while a capture is under way"
    for ask in (CapturePayment(payment_id=payment.id), VoidPayment(payment_id=payment.id, reason="oops")):
        with pytest.raises(Refused) as refused:
            shop.do("payments", ask, PaymentView)
        assert refused.value.code == "nothing_held"
    shop.pump()
    assert sums(shop, order) == (4000, 4000, 0, 0)


def test_staff_let_a_hold_go_once(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    payment = the_payment(shop, order)
    shop.do("payments", VoidPayment(payment_id=payment.id, reason="fraud"), PaymentView)
    shop.pump()
    with pytest.raises(Refused):
        shop.do("payments", VoidPayment(payment_id=payment.id, reason="fraud"), PaymentView)
    assert the_payment(shop, order).state == "voided"


def test_a_refused_capture_leaves_the_payment_for_somebody_to_see(shop: Shop) -> None:
    order = an_order(shop, token="tok_capture_declined")
    shop.pump()
    ship(shop, order)
    shop.pump()
    payment = the_payment(shop, order)
    assert (payment.state, payment.captured, payment.error) == ("authorised", 0, "The amount is no longer held.")
    [said] = shop.said("PaymentStepDeclined")
    assert (said["kind"], said["amount"]) == ("capture", 10000)
    assert shop.said("PaymentDeclined") == []


def test_a_refused_refund_can_be_tried_again_in_full(shop: Shop) -> None:
    order = an_order(shop, token="tok_refund_declined")
    shop.pump()
    ship(shop, order)
    shop.pump()
    cancel_all(shop, order)
    shop.pump()
    assert booked(shop, order)[-1] == ("refund", "declined", 10000)
    assert sums(shop, order) == (10000, 10000, 0, 0)
    payment = the_payment(shop, order)
    seen = shop.do("payments", RefundPayment(payment_id=payment.id, amount=10000, reason="again"), PaymentView)
    assert seen.entries[-1].state == "asked"
