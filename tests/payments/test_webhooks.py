"""What providers tell by themselves: before the answer, twice, forged, late, and of what we never asked."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from agents.payments.agent import PaymentsAgent
from agents.payments.messages import PaymentView, RefundPayment, TakeWebhook, WebhookTaken
from agents.payments.providers import Kind, Outcome, Status, WebhookEvent
from agents.payments.providers.builtin import SIGNATURE, TestProvider
from db.errors import Refused
from db.payments import Payment, PaymentEntry
from tests.payments.makers import (
    SANDBOX,
    SETTINGS,
    Calls,
    Placed,
    an_order,
    booked,
    cancel_all,
    entries,
    ledger_adds_up,
    payments,
    reconcile,
    ship,
    sums,
    the_agent,
    the_payment,
)
from tests.shop import TESTER, Shop


def webhooks_of(shop: Shop, order: Placed, entry: PaymentEntry) -> list[TakeWebhook]:
    payment = next(p for p in payments(shop, order) if p.id == entry.payment_id)
    sent = SANDBOX.webhooks(
        str(entry.id),
        Kind(entry.kind),
        now=shop.now,
        provider_ref=payment.provider_ref or "",
        amount=entry.amount,
        currency=entry.currency,
        token=payment.token or "",
    )
    return [TakeWebhook(provider="test", body=body, headers=headers) for body, headers in sent]


def tell(shop: Shop, webhook: TakeWebhook) -> WebhookTaken:
    return shop.do("payments", webhook, WebhookTaken)


def told_by_hand(
    shop: Shop, kind: Kind, payment: Payment, outcome: Outcome, *, key: str = "", id: str = "evt_1"
) -> TakeWebhook:
    event = WebhookEvent(id, shop.now, kind, key, payment.provider_ref or "", "", outcome)
    body = msgspec.json.encode(event)
    return TakeWebhook(provider="test", body=body, headers=SANDBOX.sign(body, shop.now))


def test_a_webhook_before_the_answer_settles_and_the_answer_changes_nothing(shop: Shop) -> None:
    asked = Calls(the_agent(shop))
    asked.die_after = True
    order = an_order(shop)
    shop.pump()
    [webhook] = webhooks_of(shop, order, entries(shop, order)[0])
    assert tell(shop, webhook) == WebhookTaken(known=False)
    assert the_payment(shop, order).state == "authorised"
    shop.later(seconds=5)
    shop.pump()
    assert len(shop.said("PaymentAuthorised")) == 1
    assert sums(shop, order) == (10000, 0, 0, 0)


def test_a_webhook_that_comes_while_the_provider_is_asked_wins_and_the_answer_is_ignored(shop: Shop) -> None:
    agent = the_agent(shop)
    asked = Calls(agent)
    other = PaymentsAgent(shop.db.url, clock=lambda: shop.now)
    other.use(SETTINGS)
    order = an_order(shop)

    def webhook_first() -> None:
        [webhook] = webhooks_of(shop, order, entries(shop, order)[0])
        with other.db.transaction(TESTER, now=shop.now) as tx:
            other.webhook(tx, webhook)

    asked.before_answer = webhook_first
    shop.pump()
    other.db.close()
    assert len(asked.requests) == 1
    assert len(shop.said("PaymentAuthorised")) == 1
    assert booked(shop, order) == [("authorise", "succeeded", 10000)]


def test_a_webhook_twice_is_once(shop: Shop) -> None:
    order = an_order(shop, token="tok_twice")
    shop.pump()
    first, second = webhooks_of(shop, order, entries(shop, order)[0])
    assert [tell(shop, first).known, tell(shop, second).known] == [False, True]
    assert len(shop.said("PaymentAuthorised")) == 1
    assert shop.count("webhook_receipts") == 1


def test_a_webhook_settles_what_timed_out(shop: Shop) -> None:
    order = an_order(shop, token="tok_timeout")
    shop.pump()
    [webhook] = webhooks_of(shop, order, entries(shop, order)[0])
    tell(shop, webhook)
    assert the_payment(shop, order).state == "authorised"
    reconcile(shop)
    assert len(shop.said("PaymentAuthorised")) == 1


@pytest.mark.parametrize("how", ["signed by somebody else", "changed", "unsigned", "old"])
def test_a_forged_webhook_is_refused_and_leaves_no_trace(shop: Shop, how: str) -> None:
    order = an_order(shop, token="tok_timeout")
    shop.pump()
    [good] = webhooks_of(shop, order, entries(shop, order)[0])
    body, headers = good.body, good.headers
    if how == "signed by somebody else":
        headers = TestProvider("whsec_guess").sign(body, shop.now)
    elif how == "changed":
        body = body.replace(b"10000", b"99999")
    elif how == "unsigned":
        headers = {SIGNATURE: ""}
    else:
        headers = SANDBOX.sign(body, shop.now - timedelta(minutes=6))
    with pytest.raises(Refused) as refused:
        tell(shop, TakeWebhook(provider="test", body=body, headers=headers))
    assert refused.value.status_code == 400
    assert the_payment(shop, order).state == "unknown"
    assert shop.count("webhook_receipts") == 0


def test_a_hold_that_ran_out_at_the_provider_is_voided_here(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    payment = the_payment(shop, order)
    tell(shop, told_by_hand(shop, Kind.void, payment, Outcome(Status.succeeded, payment.provider_ref or "")))
    assert the_payment(shop, order).state == "voided"
    assert sums(shop, order) == (0, 0, 0, 0)
    assert entries(shop, order)[-1].actor == "provider:test"


def test_a_refund_made_in_the_providers_console_is_booked_once_whatever_it_is_told_by(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    ship(shop, order)
    shop.pump()
    payment = the_payment(shop, order)
    outcome = Outcome(Status.succeeded, "re_1", amount=2500)
    for n in ("evt_created", "evt_updated"):
        tell(shop, told_by_hand(shop, Kind.refund, payment, outcome, id=n))
    assert booked(shop, order)[2:] == [("refund", "succeeded", 2500)]
    with pytest.raises(Refused, match=r"€75\.00"):
        shop.do("payments", RefundPayment(payment_id=payment.id, amount=7501, reason="x"), PaymentView)
    ledger_adds_up(shop, order)


def test_a_refund_that_comes_back_is_owed_again(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    ship(shop, order)
    shop.pump()
    cancel_all(shop, order)
    shop.pump()
    payment, refund = the_payment(shop, order), entries(shop, order)[-1]
    assert payment.state == "refunded"
    failed = Outcome(Status.declined, refund.provider_ref or "", "closed", "The account was closed.")
    tell(shop, told_by_hand(shop, Kind.refund, payment, failed, key=str(refund.id)))
    assert (the_payment(shop, order).state, the_payment(shop, order).refunded) == ("captured", 0)
    assert [m["kind"] for m in shop.said("PaymentStepDeclined")] == ["refund"]
    late = Outcome(Status.succeeded, refund.provider_ref or "", amount=10000)
    tell(shop, told_by_hand(shop, Kind.refund, payment, late, key=str(refund.id), id="evt_old"))
    assert the_payment(shop, order).refunded == 0, "an older message does not turn it round"


def test_what_a_webhook_says_of_a_stranger_changes_nothing(shop: Shop) -> None:
    order = an_order(shop)
    shop.pump()
    said = len(shop.said())
    stranger = Payment(provider_ref="test.tok_ok.EUR.1.elsewhere")
    tell(shop, told_by_hand(shop, Kind.void, stranger, Outcome(Status.succeeded)))
    wrong_kind = Outcome(Status.succeeded, amount=10000)
    entry = entries(shop, order)[0]
    tell(shop, told_by_hand(shop, Kind.refund, stranger, wrong_kind, key=str(entry.id), id="evt_2"))
    assert len(shop.said()) == said
