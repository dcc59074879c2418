"""Payments through Stripe: PaymentIntents that are confirmed at once and captured later.

A capture is final: Stripe releases what was held beyond it. Our idempotency key is sent as Stripe's,
with the kind before it since Stripe's keys count for the whole account, and kept in the metadata, so
that a request can be found after Stripe forgets the key (24 hours).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from agents.payments.providers import (
    Kind,
    Outcome,
    Status,
    WebhookEvent,
    WebhookRefused,
    check_age,
    header,
)
from agents.payments.providers.stripe_amounts import NAME, from_stripe, to_stripe
from agents.payments.providers.stripe_errors import outcome_of
from db.errors import Unavailable

_CONNECT_SECONDS = 3.05
_REFUND_STATUS = {
    "succeeded": Status.succeeded,
    "failed": Status.declined,
    "canceled": Status.declined,
}  # else pending: "pending" and "requires_action"
_EVENT_KINDS = {
    "payment_intent.amount_capturable_updated": Kind.authorise,
    "payment_intent.payment_failed": Kind.authorise,
    "payment_intent.succeeded": Kind.capture,
    "payment_intent.canceled": Kind.void,
    "refund.created": Kind.refund,
    "refund.updated": Kind.refund,
    "refund.failed": Kind.refund,
}
_KEY_FIELD = {Kind.authorise: "key", Kind.capture: "capture_key", Kind.refund: "key"}


class StripeProvider:
    """A `PaymentProvider`. `answer_seconds` is how long to wait for an answer before it is unknown;
    `base_url` leads elsewhere than to Stripe in tests. Makes its connection when first used."""

    def __init__(
        self, api_key: str, webhook_secret: str, *, base_url: str | None = None, answer_seconds: float = 20.0
    ) -> None:
        self._api_key, self._webhook_secret = api_key, webhook_secret
        self._base_url, self._answer_seconds = base_url, answer_seconds

    @cached_property
    def _client(self) -> Any:
        import stripe

        return stripe.StripeClient(
            self._api_key,
            base_addresses={"api": self._base_url} if self._base_url else None,
            http_client=stripe.RequestsClient(timeout=(_CONNECT_SECONDS, self._answer_seconds)),
            max_network_retries=0,
        )

    def authorise(
        self, key: str, amount: int, currency: str, token: str, reference: str, *, for_long: bool = False
    ) -> Outcome:
        params: dict[str, Any] = {
            "amount": to_stripe(amount, currency),
            "currency": currency.lower(),
            "payment_method": token,
            "capture_method": "manual",
            "confirm": True,
            # Without a page of ours to return to, methods that redirect cannot be used.
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"key": key, "reference": reference},
            "expand": ["latest_charge"],  # which says until when it is held
        }
        if for_long:  # up to thirty days, where the card's network and the account allow it
            params["payment_method_options"] = {"card": {"request_extended_authorization": "if_available"}}
        create = self._client.v1.payment_intents.create
        return self._ask(key, lambda: create(params, _once(Kind.authorise, key)), _authorised)

    def capture(self, key: str, provider_ref: str, amount: int, currency: str) -> Outcome:
        params = {"amount_to_capture": to_stripe(amount, currency), "metadata": {"capture_key": key}}
        capture = self._client.v1.payment_intents.capture
        return self._ask(key, lambda: capture(provider_ref, params, _once(Kind.capture, key)), _captured, provider_ref)

    def void(self, key: str, provider_ref: str) -> Outcome:
        cancel = self._client.v1.payment_intents.cancel
        return self._ask(key, lambda: cancel(provider_ref, {}, _once(Kind.void, key)), _voided, provider_ref)

    def refund(self, key: str, provider_ref: str, amount: int, currency: str) -> Outcome:
        params = {
            "payment_intent": provider_ref,
            "amount": to_stripe(amount, currency),
            "metadata": {"key": key},
        }
        create = self._client.v1.refunds.create
        return self._ask(key, lambda: create(params, _once(Kind.refund, key)), _refunded)

    def look_up(
        self,
        key: str,
        kind: Kind,
        *,
        provider_ref: str = "",
        amount: int = 0,
        currency: str = "",
        token: str = "",
        reference: str = "",
        for_long: bool = False,
    ) -> Outcome:
        """Looks for the request by its key in the metadata, and repeats it when there is no trace.

        The repetition is safe at any age: for 24 hours Stripe answers it from the idempotency key, and
        by then its search, which lags behind by a minute or so, has found whatever happened.
        """
        found = self._find(key, kind, provider_ref)
        if found is not None:
            return found
        if kind is Kind.authorise:
            return self.authorise(key, amount, currency, token, reference, for_long=for_long)
        if kind is Kind.capture:
            return self.capture(key, provider_ref, amount, currency)
        if kind is Kind.void:
            return self.void(key, provider_ref)
        return self.refund(key, provider_ref, amount, currency)

    def read_webhook(self, body: bytes, headers: Mapping[str, str], now: datetime) -> WebhookEvent:
        import stripe

        signature = header(headers, "Stripe-Signature")
        try:
            # Tolerance 0 leaves the age to us: the library would ask the clock of this machine.
            event = self._client.construct_event(body, signature, self._webhook_secret, 0).to_dict()
        except stripe.SignatureVerificationError:
            raise WebhookRefused(NAME, "its signature is wrong") from None
        except ValueError:  # neither UTF-8 nor JSON, or of Stripe's second API
            raise WebhookRefused(NAME, "its body cannot be read") from None
        sent = next(part[2:] for part in signature.split(",") if part.startswith("t="))
        check_age(NAME, datetime.fromtimestamp(int(sent), UTC), now)
        return _event(event)

    def _ask(
        self,
        key: str,
        send: Callable[[], Any],
        read: Callable[[dict[str, Any]], Outcome],
        provider_ref: str = "",
    ) -> Outcome:
        import stripe

        try:
            return read(send().to_dict())
        except stripe.StripeError as error:
            outcome = outcome_of(error, key)
            if read is _voided and _canceled_already(error):
                return Outcome(Status.succeeded, provider_ref, "already_canceled")
            return outcome

    def _find(self, key: str, kind: Kind, provider_ref: str) -> Outcome | None:
        """What Stripe shows of a request; None when there is no trace. Raises Unavailable."""
        import stripe

        try:
            if kind is Kind.authorise:
                quoted = json.dumps(key, ensure_ascii=False)
                query = {"query": f"metadata['key']:{quoted}", "limit": 1}
                hits = self._client.v1.payment_intents.search(query).to_dict()["data"]
                return _authorised(hits[0]) if hits else None
            if kind is Kind.refund:
                refunds = self._client.v1.refunds.list({"payment_intent": provider_ref, "limit": 100})
                for refund in refunds.auto_paging_iter():
                    if (refund.to_dict().get("metadata") or {}).get("key") == key:
                        return _refunded(refund.to_dict())
                return None
            intent = self._client.v1.payment_intents.retrieve(provider_ref).to_dict()
        except stripe.StripeError as error:
            outcome = outcome_of(error, key)
            if outcome.status is Status.unknown:  # a question has no effect: simply ask again later
                raise Unavailable(outcome.message, retry_after=5.0) from error
            return outcome
        if kind is Kind.void:
            return _voided(intent) if intent["status"] == "canceled" else None
        ours = intent["metadata"].get("capture_key") == key
        return _captured(intent) if ours and intent["status"] in {"succeeded", "processing"} else None


def _once(kind: Kind, key: str) -> dict[str, str]:
    return {"idempotency_key": f"{kind}:{key}"}


def _canceled_already(error: Any) -> bool:
    body = error.json_body if isinstance(error.json_body, dict) else {}
    return ((body.get("error") or {}).get("payment_intent") or {}).get("status") == "canceled"


def _authorised(intent: dict[str, Any]) -> Outcome:
    """`requires_action` means that the customer's bank wants to ask the customer first (3-D Secure)."""
    amount = from_stripe(intent["amount"], intent["currency"])
    status = intent["status"]
    if status in {"requires_capture", "succeeded"}:
        return Outcome(Status.succeeded, intent["id"], amount=amount, holds_until=_holds_until(intent))
    if status in {"processing", "requires_action", "requires_confirmation"}:
        return Outcome(Status.pending, intent["id"], status, amount=amount)
    why = intent.get("last_payment_error") or {}
    code = why.get("decline_code") or why.get("code") or intent.get("cancellation_reason") or status
    return Outcome(Status.declined, intent["id"], str(code), str(why.get("message") or ""))


def _holds_until(intent: dict[str, Any]) -> datetime | None:
    """None where the charge is named and not told."""
    charge = intent.get("latest_charge")
    if not isinstance(charge, dict):
        return None
    before = ((charge.get("payment_method_details") or {}).get("card") or {}).get("capture_before")
    return datetime.fromtimestamp(before, UTC) if isinstance(before, int) else None


def _captured(intent: dict[str, Any]) -> Outcome:
    if intent["status"] == "succeeded":
        amount = from_stripe(intent["amount_received"], intent["currency"])
        return Outcome(Status.succeeded, intent["id"], amount=amount)
    if intent["status"] == "processing":
        return Outcome(Status.pending, intent["id"], "processing")
    return Outcome(Status.declined, intent["id"], intent["status"])


def _voided(intent: dict[str, Any]) -> Outcome:
    if intent["status"] != "canceled":
        return Outcome(Status.pending, intent["id"], intent["status"])
    amount = from_stripe(intent["amount"], intent["currency"])
    return Outcome(Status.succeeded, intent["id"], str(intent.get("cancellation_reason") or ""), amount=amount)


def _refunded(refund: dict[str, Any]) -> Outcome:
    status = _REFUND_STATUS.get(refund["status"], Status.pending)
    amount = 0 if status is Status.declined else from_stripe(refund["amount"], refund["currency"])
    return Outcome(status, refund["id"], str(refund.get("failure_reason") or ""), amount=amount)


def _event(event: dict[str, Any]) -> WebhookEvent:
    happened = datetime.fromtimestamp(event["created"], UTC)
    kind = _EVENT_KINDS.get(event["type"])
    if kind is None:
        return WebhookEvent(event["id"], happened)
    thing = event["data"]["object"]
    read = {
        Kind.authorise: _authorised,
        Kind.capture: _captured,
        Kind.void: _voided,
        Kind.refund: _refunded,
    }[kind]
    metadata = thing.get("metadata") or {}
    return WebhookEvent(
        id=event["id"],
        occurred_at=happened,
        kind=kind,
        key=metadata.get(_KEY_FIELD.get(kind, ""), ""),
        payment_ref=str((thing.get("payment_intent") if kind is Kind.refund else thing["id"]) or ""),
        reference=metadata.get("reference", ""),
        outcome=read(thing),
    )
