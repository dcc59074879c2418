"""Payment providers: what they may answer, and that money moves once whatever goes wrong on the way."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.payments.providers import AGAIN, AmountNotChargeable, Kind, PaymentProvider, Status, WebhookRefused
from agents.payments.providers.builtin import SIGNATURE, TOKENS, TestProvider
from agents.payments.providers.stripe_amounts import from_stripe, to_stripe
from agents.payments.providers.stripe_provider import StripeProvider
from db.errors import KeyReused, Unavailable
from tests.payments.stripe_double import API_KEY, CAPTURE_BEFORE, Fault, StripeDouble

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "whsec_test"


# The test provider


@pytest.fixture
def sandbox() -> TestProvider:
    return TestProvider(SECRET)


def authorise(provider: PaymentProvider, token: str, *, key: str = "key-1", amount: int = 17925):
    return provider.authorise(key, amount, "EUR", token, "order-7")


def settle(provider: PaymentProvider, token: str, *, key: str = "key-1", amount: int = 17925):
    return provider.look_up(key, Kind.authorise, amount=amount, currency="EUR", token=token, reference="order-7")


@pytest.mark.parametrize(
    ("token", "at_once", "in_the_end", "code"),
    [
        ("tok_ok", "succeeded", "succeeded", ""),
        ("tok_twice", "succeeded", "succeeded", ""),
        ("tok_ok:visa_17", "succeeded", "succeeded", ""),
        ("tok_ok:visa.17", "declined", "declined", "invalid_token"),
        ("tok_declined:visa_17", "declined", "declined", "card_declined"),
        ("tok_declined", "declined", "declined", "card_declined"),
        ("tok_insufficient_funds", "declined", "declined", "insufficient_funds"),
        ("tok_timeout", "unknown", "succeeded", ""),
        ("tok_timeout_lost", "unknown", "declined", "never_arrived"),
        ("tok_late", "pending", "succeeded", ""),
        ("4242424242424242", "declined", "declined", "invalid_token"),
    ],
)
def test_the_token_decides_what_happens(sandbox: TestProvider, token, at_once, in_the_end, code) -> None:
    first = authorise(sandbox, token)
    assert first.status == at_once
    assert authorise(TestProvider(SECRET), token) == first, "the same key gives the same answer after a restart"
    last = settle(sandbox, token)
    assert (last.status, last.code) == (in_the_end, code)
    assert last.amount == (17925 if in_the_end == "succeeded" else 0)
    assert "4242" not in last.message + last.provider_ref + first.provider_ref


@pytest.mark.parametrize("token", ["tok_ok", "tok_ok:visa_17"])
def test_a_payment_is_captured_voided_and_refunded_by_its_reference_alone(sandbox: TestProvider, token: str) -> None:
    ref = authorise(sandbox, token).provider_ref
    after_restart = TestProvider(SECRET)
    taken = after_restart.capture("c1", ref, 17000, "EUR")
    assert (taken.status, taken.amount, taken.provider_ref) == (Status.succeeded, 17000, ref)
    back = after_restart.refund("r1", ref, 500, "EUR")
    assert (back.status, back.amount) == (Status.succeeded, 500)
    assert after_restart.refund("r1", ref, 500, "EUR") == back
    assert after_restart.refund("r2", ref, 500, "EUR").provider_ref != back.provider_ref
    assert after_restart.void("v1", ref).status == Status.succeeded


@pytest.mark.parametrize(
    ("ref", "amount", "currency", "code"),
    [
        ("test.tok_ok.EUR.1000.k", 1001, "EUR", "amount_too_large"),
        ("test.tok_ok.EUR.1000.k", 0, "EUR", "amount_too_small"),
        ("test.tok_ok.EUR.1000.k", 1000, "USD", "currency_mismatch"),
        ("test.tok_declined.EUR.1000.k", 1000, "EUR", "no_such_payment"),
        ("test.tok_timeout_lost.EUR.1000.k", 1000, "EUR", "no_such_payment"),
        ("pi_123", 1000, "EUR", "no_such_payment"),
        ("", 1000, "EUR", "no_such_payment"),
    ],
)
def test_what_was_not_authorised_is_not_taken(sandbox: TestProvider, ref, amount, currency, code) -> None:
    for outcome in (sandbox.capture("c", ref, amount, currency), sandbox.refund("r", ref, amount, currency)):
        assert (outcome.status, outcome.code, outcome.amount) == (Status.declined, code, 0)


@pytest.mark.parametrize(
    ("token", "at_once", "in_the_end"),
    [
        ("tok_refund_timeout", "unknown", "succeeded"),
        ("tok_refund_timeout_lost", "unknown", "declined"),
        ("tok_refund_late", "pending", "succeeded"),
        ("tok_refund_declined", "declined", "declined"),
    ],
)
def test_refunds_have_their_own_faults(sandbox: TestProvider, token, at_once, in_the_end) -> None:
    ref = authorise(sandbox, token).provider_ref
    assert sandbox.capture("c", ref, 17925, "EUR").status == Status.succeeded
    assert sandbox.refund("r", ref, 17925, "EUR").status == at_once
    known = sandbox.look_up("r", Kind.refund, provider_ref=ref, amount=17925, currency="EUR")
    assert known.status == in_the_end


@given(st.text(max_size=60), st.integers(1, 10**12), st.sampled_from(sorted(TOKENS)))
def test_any_key_survives_in_a_reference(key: str, amount: int, token: str) -> None:
    provider = TestProvider(SECRET)
    ref = settle(provider, token, key=key, amount=amount).provider_ref
    if ref and settle(provider, token, key=key, amount=amount).status == Status.succeeded:
        assert provider.void("v", ref).amount == amount
        assert ref.endswith(key)


@pytest.mark.parametrize(
    ("token", "times"),
    [("tok_ok", 1), ("tok_late", 1), ("tok_timeout", 1), ("tok_twice", 2), ("tok_timeout_lost", 0)],
)
def test_the_webhook_tells_how_it_ended_and_may_come_twice(sandbox: TestProvider, token, times) -> None:
    sent = sandbox.webhooks(
        "k", Kind.authorise, now=NOW, amount=17925, currency="EUR", token=token, reference="order-7"
    )
    events = [sandbox.read_webhook(body, headers, NOW) for body, headers in sent]
    assert len(events) == times
    assert len({event.id for event in events}) == min(times, 1)
    for event in events:
        assert (event.key, event.kind, event.reference, event.occurred_at) == (
            "k",
            Kind.authorise,
            "order-7",
            NOW,
        )
        assert event.outcome == settle(sandbox, token, key="k")
        assert event.payment_ref == event.outcome.provider_ref


def test_a_webhook_that_is_forged_changed_or_old_is_refused(sandbox: TestProvider) -> None:
    [(body, headers)] = sandbox.webhooks("k", Kind.authorise, now=NOW, amount=1, currency="EUR", token="tok_ok")
    lower = {name.lower(): value for name, value in headers.items()}
    assert sandbox.read_webhook(body, lower, NOW + timedelta(minutes=5)).key == "k"
    for bad_body, bad_headers, at in [
        (body.replace(b'"amount":1', b'"amount":9'), headers, NOW),
        (body, TestProvider("other").sign(body, NOW), NOW),
        (body, headers, NOW + timedelta(minutes=5, seconds=1)),
        (body, headers, NOW - timedelta(minutes=5, seconds=1)),
        (body, {}, NOW),
        (body, {SIGNATURE: "t=,v1="}, NOW),
        (body, {SIGNATURE: "t=x,v1=ü"}, NOW),
        (body, {SIGNATURE: headers[SIGNATURE].split(",")[0]}, NOW),
        (b"{}", sandbox.sign(b"{}", NOW), NOW),
        (b"\xff", sandbox.sign(b"\xff", NOW), NOW),
    ]:
        with pytest.raises(WebhookRefused) as refused:
            sandbox.read_webhook(bad_body, bad_headers, at)
        assert (refused.value.status, refused.value.code) == (400, "webhook_refused")


# Stripe's amounts


@pytest.mark.parametrize(
    ("amount", "currency", "wire"),
    [
        (17925, "EUR", 17925),
        (500, "JPY", 500),
        (5120, "KWD", 5120),
        (5, "UGX", 500),
        (5, "ISK", 500),
        (500, "MGA", 5),
        (12345, "HUF", 12345),
        (12345, "RSD", 12345),
    ],
)
def test_stripe_gets_amounts_in_its_own_units(amount: int, currency: str, wire: int) -> None:
    assert to_stripe(amount, currency) == wire
    assert from_stripe(wire, currency.lower()) == amount


@pytest.mark.parametrize(("amount", "currency", "step"), [(5124, "KWD", 10), (501, "MGA", 100)])
def test_an_amount_stripe_cannot_express_is_refused_and_not_rounded(amount, currency, step) -> None:
    with pytest.raises(AmountNotChargeable) as refused:
        to_stripe(amount, currency)
    assert refused.value.step == step


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "JPY", "KWD", "ISK", "UGX", "MGA", "TND", "USD"]))
def test_amounts_come_back_from_stripe_as_they_went(amount: int, currency: str) -> None:
    step = {"KWD": 10, "TND": 10, "MGA": 100}.get(currency, 1)
    assert from_stripe(to_stripe(amount * step, currency), currency.lower()) == amount * step


# Stripe


@pytest.fixture
def double() -> Iterator[StripeDouble]:
    with StripeDouble().running() as running:
        yield running


@pytest.fixture
def stripe(double: StripeDouble) -> StripeProvider:
    return StripeProvider(API_KEY, SECRET, base_url=double.url, answer_seconds=0.4)


def paid(stripe: StripeProvider, *, amount: int = 17925) -> str:
    held = authorise(stripe, "pm_card_visa", amount=amount)
    taken = stripe.capture("c1", held.provider_ref, amount, "EUR")
    assert (held.status, taken.status, taken.amount) == (Status.succeeded, Status.succeeded, amount)
    return held.provider_ref


def test_stripe_holds_takes_and_gives_back(stripe: StripeProvider, double: StripeDouble) -> None:
    ref = paid(stripe)
    parts = [stripe.refund(f"r{i}", ref, amount, "EUR") for i, amount in enumerate((10000, 7925))]
    assert [part.status for part in parts] == [Status.succeeded, Status.succeeded]
    assert sum(part.amount for part in parts) == 17925
    too_much = stripe.refund("r3", ref, 1, "EUR")
    assert (too_much.status, too_much.code, too_much.amount) == (Status.declined, "invalid_request", 0)
    assert double.intents[ref]["metadata"] == {"key": "key-1", "reference": "order-7", "capture_key": "c1"}
    assert len(double.refunds) == 2


def test_the_same_key_moves_money_once(stripe: StripeProvider, double: StripeDouble) -> None:
    ref = paid(stripe)
    assert authorise(stripe, "pm_card_visa").provider_ref == ref
    assert stripe.capture("c1", ref, 17925, "EUR").status == Status.succeeded
    assert stripe.refund("key-1", ref, 100, "EUR") == stripe.refund("key-1", ref, 100, "EUR")
    assert (len(double.intents), len(double.refunds)) == (1, 1)
    with pytest.raises(KeyReused):
        stripe.refund("key-1", ref, 101, "EUR")
    assert len(double.refunds) == 1


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("4242", "resource_missing"),
    ],
)
def test_a_declined_card_is_declined_with_the_banks_reason(stripe: StripeProvider, token, code) -> None:
    outcome = authorise(stripe, token)
    assert (outcome.status, outcome.code, outcome.amount) == (Status.declined, code, 0)
    assert outcome.message
    assert authorise(stripe, token) == outcome


def test_a_hold_is_released_once_and_then_cannot_be_taken(stripe: StripeProvider) -> None:
    ref = authorise(stripe, "pm_card_visa").provider_ref
    assert stripe.void("v1", ref).status == Status.succeeded
    assert stripe.void("v2", ref).status == Status.succeeded, "what is released already is released"
    assert stripe.capture("c1", ref, 100, "EUR").code == "payment_intent_unexpected_state"
    assert stripe.look_up("v1", Kind.void, provider_ref=ref).status == Status.succeeded


def test_what_was_captured_cannot_be_released(stripe: StripeProvider) -> None:
    ref = paid(stripe)
    for outcome in (stripe.void("v1", ref), stripe.look_up("v2", Kind.void, provider_ref=ref)):
        assert (outcome.status, outcome.code) == (Status.declined, "payment_intent_unexpected_state")


def test_a_late_payment_is_pending_until_the_bank_answers(stripe: StripeProvider, double: StripeDouble) -> None:
    late = authorise(stripe, "pm_late")
    assert (late.status, late.code) == (Status.pending, "processing")
    assert settle(stripe, "pm_late").status == Status.pending
    double.settle(late.provider_ref)
    assert settle(stripe, "pm_late").status == Status.succeeded
    asks = authorise(stripe, "pm_card_authenticationRequired", key="key-2")
    assert (asks.status, asks.code) == (Status.pending, "requires_action")


LOST_OR_NOT = [Fault.no_answer, Fault.never_done, Fault.cut_off, Fault.error_500, Fault.bad_gateway]


@pytest.mark.thorough
@pytest.mark.parametrize("search_lags", [False, True])
@pytest.mark.parametrize("fault", LOST_OR_NOT)
def test_no_answer_is_unknown_and_ends_as_one_payment(stripe, double, fault, search_lags) -> None:
    double.fault = fault
    outcome = authorise(stripe, "pm_card_visa")
    assert (outcome.status, outcome.amount) == (Status.unknown, 0)
    double.search_lags = search_lags
    known = settle(stripe, "pm_card_visa")
    if fault is Fault.error_500 and search_lags:
        assert known.status == Status.unknown, "Stripe repeats its 500 until its search shows the payment"
        double.search_lags = False
        known = settle(stripe, "pm_card_visa")
    assert (known.status, known.amount) == (Status.succeeded, 17925)
    assert [intent["amount"] for intent in double.intents.values()] == [17925]


def test_a_failure_that_stripe_keeps_stays_unknown_until_the_key_is_forgotten(stripe, double) -> None:
    double.fault = Fault.error_500_not_done
    assert authorise(stripe, "pm_card_visa").status == Status.unknown
    assert settle(stripe, "pm_card_visa").status == Status.unknown
    assert double.intents == {}
    double.forget_keys()
    assert settle(stripe, "pm_card_visa").status == Status.succeeded
    assert len(double.intents) == 1


def test_a_day_later_a_payment_is_found_and_not_repeated(stripe: StripeProvider, double: StripeDouble) -> None:
    double.fault = Fault.no_answer
    assert authorise(stripe, "pm_card_visa", key='a "quoted\\ key').status == Status.unknown
    double.forget_keys()
    assert settle(stripe, "pm_card_visa", key='a "quoted\\ key').status == Status.succeeded
    assert len(double.intents) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("a_day_later", [False, True])
@pytest.mark.parametrize("fault", LOST_OR_NOT)
def test_an_unknown_capture_and_an_unknown_refund_end_as_one(stripe, double, fault, a_day_later) -> None:
    ref = authorise(stripe, "pm_card_visa").provider_ref
    double.fault = fault
    assert stripe.capture("c1", ref, 17000, "EUR").status == Status.unknown
    if a_day_later:
        double.forget_keys()
    known = stripe.look_up("c1", Kind.capture, provider_ref=ref, amount=17000, currency="EUR")
    assert (known.status, known.amount) == (Status.succeeded, 17000)
    double.fault = fault
    assert stripe.refund("r1", ref, 900, "EUR").status == Status.unknown
    if a_day_later:
        double.forget_keys()
    known = stripe.look_up("r1", Kind.refund, provider_ref=ref, amount=900, currency="EUR")
    assert (known.status, known.amount) == (Status.succeeded, 900)
    assert [refund["amount"] for refund in double.refunds] == [900]


def test_a_capture_under_another_key_is_not_taken_for_ours(stripe: StripeProvider) -> None:
    ref = paid(stripe)
    ours = stripe.look_up("c2", Kind.capture, provider_ref=ref, amount=17925, currency="EUR")
    assert (ours.status, ours.code) == (Status.declined, "payment_intent_unexpected_state")


def test_a_request_that_never_began_may_be_made_again(stripe: StripeProvider, double: StripeDouble) -> None:
    double.fault = Fault.rate_limit
    with pytest.raises(Unavailable, match="slow down"):
        authorise(stripe, "pm_card_visa")
    with pytest.raises(Unavailable, match="API key"):
        authorise(StripeProvider("sk_wrong", SECRET, base_url=double.url), "pm_card_visa")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        away = StripeProvider(API_KEY, SECRET, base_url=f"http://127.0.0.1:{held.getsockname()[1]}")
        with pytest.raises(Unavailable, match="cannot be reached"):
            authorise(away, "pm_card_visa")
    assert double.intents == {}
    assert authorise(stripe, "pm_card_visa").status == Status.succeeded


def test_a_question_without_an_answer_is_asked_again_later(stripe: StripeProvider, double: StripeDouble) -> None:
    double.fault = Fault.never_done
    with pytest.raises(Unavailable):
        settle(stripe, "pm_card_visa")
    assert double.intents == {}


def test_two_at_once_under_one_key_leave_the_second_unknown(stripe: StripeProvider, double: StripeDouble) -> None:
    double.fault = Fault.busy
    assert authorise(stripe, "pm_card_visa").status == Status.unknown
    assert double.intents == {}


# Stripe's webhooks


def webhook(event_type: str, thing: dict, *, at: datetime = NOW) -> tuple[bytes, dict[str, str]]:
    from stripe import WebhookSignature

    event = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28",
        "type": event_type,
        "created": int(NOW.timestamp()),
        "data": {"object": thing},
    }
    body = json.dumps(event)
    signature = WebhookSignature.generate_signature_header(body, SECRET, int(at.timestamp()))
    return body.encode(), {"stripe-signature": signature}


def test_stripes_webhooks_say_what_happened_to_which_request(stripe: StripeProvider, double: StripeDouble) -> None:
    ref = authorise(stripe, "pm_late").provider_ref
    held = stripe.read_webhook(*webhook("payment_intent.amount_capturable_updated", double.settle(ref)), NOW)
    assert (held.id, held.kind, held.key, held.reference) == ("evt_1", Kind.authorise, "key-1", "order-7")
    assert (held.outcome.status, held.outcome.amount, held.occurred_at) == (Status.succeeded, 17925, NOW)
    stripe.capture("c1", ref, 17000, "EUR")
    taken = stripe.read_webhook(*webhook("payment_intent.succeeded", double.intents[ref]), NOW)
    assert (taken.kind, taken.key, taken.payment_ref, taken.outcome.amount) == (
        Kind.capture,
        "c1",
        ref,
        17000,
    )
    refund = stripe.refund("r1", ref, 900, "EUR")
    failed = double.refunds[0] | {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    back = stripe.read_webhook(*webhook("refund.failed", failed), NOW)
    assert (back.kind, back.key, back.payment_ref) == (Kind.refund, "r1", ref)
    assert (back.outcome.provider_ref, back.outcome.status) == (refund.provider_ref, Status.declined)
    other = stripe.read_webhook(*webhook("customer.created", {"id": "cus_1", "object": "customer"}), NOW)
    assert (other.id, other.kind, other.outcome) == ("evt_1", None, None)


def test_a_declined_and_a_released_payment_are_told_by_webhook(stripe: StripeProvider, double: StripeDouble) -> None:
    declined_ref = authorise(stripe, "pm_card_chargeDeclined").provider_ref
    told = stripe.read_webhook(*webhook("payment_intent.payment_failed", double.intents[declined_ref]), NOW)
    assert (told.key, told.outcome.status, told.outcome.code) == ("key-1", Status.declined, "generic_decline")
    ref = authorise(stripe, "pm_card_visa", key="key-2").provider_ref
    expired = double.intents[ref] | {"status": "canceled", "cancellation_reason": "automatic"}
    told = stripe.read_webhook(*webhook("payment_intent.canceled", expired), NOW)
    assert (told.kind, told.key, told.payment_ref, told.outcome.code) == (Kind.void, "", ref, "automatic")


def test_a_webhook_not_from_stripe_is_refused(stripe: StripeProvider) -> None:
    body, headers = webhook("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"})
    _, old = webhook(
        "payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"}, at=NOW - timedelta(hours=1)
    )
    for bad_body, bad_headers in [
        (body + b" ", headers),
        (body, old),
        (body, {}),
        (body, {"Stripe-Signature": "t=1"}),
        (b"\xff", headers),
    ]:
        with pytest.raises(WebhookRefused):
            stripe.read_webhook(bad_body, bad_headers, NOW)


def test_nothing_of_a_card_is_sent_to_stripe_but_the_token(stripe: StripeProvider, double: StripeDouble) -> None:
    paid(stripe)
    assert {name for _, _, form in double.seen for name in form} == {
        "amount", "currency", "payment_method", "capture_method", "confirm",
        "metadata[key]", "metadata[reference]", "automatic_payment_methods[enabled]",
        "automatic_payment_methods[allow_redirects]", "amount_to_capture", "metadata[capture_key]",
        "expand[0]",  # until when it is held
    }  # fmt: skip


def test_a_security_is_held_at_stripe_as_long_as_the_card_allows(stripe: StripeProvider) -> None:
    plain = stripe.authorise("k1", 1000, "EUR", "pm_card_visa", "100301")
    secures = stripe.authorise("k2", 1000, "EUR", "pm_card_visa", "100301", for_long=True)
    assert (plain.holds_until, secures.holds_until) == (CAPTURE_BEFORE[False], CAPTURE_BEFORE[True])


def test_a_card_of_the_sandbox_that_can_be_held_once_declines_the_second_hold() -> None:
    sandbox = TestProvider("secret")
    assert sandbox.authorise("k1", 1000, "EUR", "tok_hold_once", "100301").status == "succeeded"
    again = sandbox.authorise("k2", 1000, "EUR", "tok_hold_once", f"100301{AGAIN}")
    assert (again.status, again.code) == ("declined", "card_declined")
    assert sandbox.look_up("k2", Kind.authorise, amount=1000, currency="EUR", token="tok_hold_once",
                           reference=f"100301{AGAIN}").status == "declined"  # fmt: skip
