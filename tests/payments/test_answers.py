"""Answers that do not come, agents that die in between, refunds that race: the money moves once."""

from __future__ import annotations

import threading

import pytest

from agents.payments.agent import PaymentsAgent
from agents.payments.messages import CallProvider, PaymentView, RefundPayment
from agents.payments.providers import Outcome, Status
from db.errors import Refused, Unavailable
from db.session import Who
from tests.payments.makers import (
    Calls,
    an_order,
    booked,
    cancel_all,
    entries,
    ledger_adds_up,
    reconcile,
    ship,
    sums,
    the_agent,
    the_payment,
)
from tests.shop import TESTER, Shop

# Time-outs


@pytest.mark.parametrize(
    ("token", "in_the_end", "held"), [("tok_timeout", "authorised", 10000), ("tok_timeout_lost", "declined", 0)]
)
def test_no_answer_is_unknown_until_it_is_looked_up_and_never_a_failure(
    shop: Shop, token: str, in_the_end: str, held: int
) -> None:
    order = an_order(shop, token=token)
    shop.pump()
    assert the_payment(shop, order).state == "unknown"
    assert sums(shop, order) == (0, 0, 0, 1)
    assert shop.said("PaymentDeclined") == []
    reconcile(shop, seconds=10)
    assert the_payment(shop, order).state == "unknown", "it is too young to be looked up"
    reconcile(shop)
    assert the_payment(shop, order).state == in_the_end
    assert sums(shop, order) == (held, 0, 0, 0)


@pytest.mark.parametrize("token", ["tok_capture_timeout", "tok_refund_timeout", "tok_refund_late"])
def test_a_step_that_was_not_answered_counts_as_under_way_until_it_is(shop: Shop, token: str) -> None:
    order = an_order(shop, token=token)
    shop.pump()
    ship(shop, order)
    shop.pump()
    cancel_all(shop, order)
    shop.pump()
    assert sums(shop, order)[3] == 1
    if the_payment(shop, order).captured:
        ask = RefundPayment(payment_id=the_payment(shop, order).id, amount=1, reason="greed")
        with pytest.raises(Refused, match=r"The most that can be refunded of this payment is €0\.00"):
            shop.do("payments", ask, PaymentView)
    reconcile(shop)
    reconcile(shop)
    assert the_payment(shop, order).state == "refunded"
    assert sums(shop, order) == (10000, 10000, 10000, 0)
    ledger_adds_up(shop, order)


def test_a_lost_refund_is_declined_in_the_end_and_can_be_asked_for_again(shop: Shop) -> None:
    order = an_order(shop, token="tok_refund_timeout_lost")
    shop.pump()
    ship(shop, order)
    shop.pump()
    ask = RefundPayment(payment_id=the_payment(shop, order).id, amount=10000, reason="broken")
    shop.do("payments", ask, PaymentView)
    shop.pump()
    assert booked(shop, order)[-1] == ("refund", "unknown", 10000)
    reconcile(shop)
    assert booked(shop, order)[-1] == ("refund", "declined", 10000)
    assert "refund" in shop.do("payments", ask, PaymentView).entries[-1].kind


def test_a_payment_that_the_provider_still_works_on_is_pending_and_settles_later(shop: Shop) -> None:
    order = an_order(shop, token="tok_late")
    shop.pump()
    assert (the_payment(shop, order).state, booked(shop, order)[0][1]) == ("pending", "pending")
    reconcile(shop)
    assert the_payment(shop, order).state == "authorised"


@pytest.mark.thorough
def test_what_stays_open_is_looked_up_more_and_more_rarely(shop: Shop) -> None:
    order = an_order(shop, token="tok_timeout")
    shop.pump()
    asked = Calls(the_agent(shop))
    asked.answer = Outcome(Status.unknown)
    for _ in range(120):
        reconcile(shop, seconds=60)
    assert 5 < len(asked.requests) < 20
    assert the_payment(shop, order).state == "unknown"


def test_a_provider_that_is_away_is_asked_again_later_with_the_same_key(shop: Shop) -> None:
    asked = Calls(the_agent(shop))
    asked.error = Unavailable("The provider cannot be reached.")
    order = an_order(shop)
    shop.pump()
    assert booked(shop, order) == [("authorise", "asked", 10000)]
    asked.error = None
    shop.later(seconds=5)
    shop.pump()
    assert the_payment(shop, order).state == "authorised"
    assert len(asked.requests) == 2
    assert len({r.key for r in asked.requests}) == 1
    assert entries(shop, order)[0].attempts == 2


# Kills


def test_a_kill_between_the_provider_and_the_books_takes_the_money_once(shop: Shop) -> None:
    asked = Calls(the_agent(shop))
    asked.die_after = True
    order = an_order(shop)
    shop.pump()
    assert booked(shop, order) == [("authorise", "asked", 10000)]
    shop.later(seconds=5)
    shop.pump()
    assert booked(shop, order) == [("authorise", "succeeded", 10000)]
    assert len(asked.requests) == 2
    assert asked.requests[0].key == asked.requests[1].key
    assert len(shop.said("PaymentAuthorised")) == 1


def test_the_same_task_twice_asks_the_provider_once(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    asked = Calls(the_agent(shop))
    the_agent(shop).call(CallProvider(entry_id=entries(shop, order)[0].id), Who("agent:payments"))
    assert asked.requests == []
    assert len(shop.said("PaymentAuthorised")) == 1


def test_a_task_that_died_for_good_is_healed_by_reconciliation(shop: Shop) -> None:
    asked = Calls(the_agent(shop))
    asked.error = Unavailable("The provider cannot be reached.")
    order = an_order(shop)
    for _ in range(9):
        shop.pump()
        shop.later(minutes=2)
    assert len(shop.dead()) == 1
    asked.error = None
    reconcile(shop, seconds=600)
    assert the_payment(shop, order).state == "authorised"


# Races


def test_refunds_that_race_never_give_back_more_than_was_taken(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    ship(shop, order)
    shop.pump()
    payment_id = the_payment(shop, order).id
    agents = [PaymentsAgent(shop.db.url, clock=lambda: shop.now) for _ in range(8)]
    start, done, refused = threading.Barrier(8), [], []

    def ask_for_some(agent: PaymentsAgent) -> None:
        start.wait()
        for _ in range(3):
            try:
                with agent.db.transaction(TESTER, now=shop.now) as tx:
                    agent.refund(tx, RefundPayment(payment_id=payment_id, amount=1500, reason="race"))
                done.append(1500)
            except Exception as error:
                refused.append(str(error))

    threads = [threading.Thread(target=ask_for_some, args=(a,)) for a in agents]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for a in agents:
        a.db.close()
    assert len(done) == 6
    assert set(refused) == {"€15.00 cannot be refunded. The most that can be refunded of this payment is €10.00."}
    shop.pump()
    assert the_payment(shop, order).refunded == 9000
    ledger_adds_up(shop, order)
