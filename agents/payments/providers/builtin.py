"""The payment provider of the sandbox: the token decides what happens, so that every fault can be tried.

It remembers nothing. What it would have to know of a payment is written in the payment's reference, so
it may be killed at any moment and answers as before. It cannot add up several refunds of one payment:
that is our ledger's work with any provider.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, auto

import msgspec

from agents.payments.providers import (
    AGAIN,
    Kind,
    Outcome,
    Status,
    WebhookEvent,
    WebhookRefused,
    check_age,
    header,
)

NAME = "the test provider"
SIGNATURE = "Test-Provider-Signature"


class Behaviour(Enum):
    works = auto()
    declines = auto()
    times_out = auto()  # no answer although it happened
    gets_lost = auto()  # no answer, and it did not happen
    comes_late = auto()  # pending; asked later, it has happened
    comes_twice = auto()  # works, and the webhook is delivered twice


W = Behaviour
# What each token does, per kind of request; anything not listed works. What follows a colon tells cards apart.
TOKENS: dict[str, dict[Kind, tuple[Behaviour, str]]] = {
    "tok_ok": {},
    "tok_declined": {Kind.authorise: (W.declines, "card_declined")},
    "tok_insufficient_funds": {Kind.authorise: (W.declines, "insufficient_funds")},
    "tok_timeout": {Kind.authorise: (W.times_out, "")},
    "tok_timeout_lost": {Kind.authorise: (W.gets_lost, "")},
    "tok_late": {Kind.authorise: (W.comes_late, "")},
    "tok_twice": dict.fromkeys(Kind, (W.comes_twice, "")),
    "tok_hold_once": {},  # a security on it cannot be held again
    "tok_capture_declined": {Kind.capture: (W.declines, "authorisation_expired")},
    "tok_capture_timeout": {Kind.capture: (W.times_out, "")},
    "tok_refund_declined": {Kind.refund: (W.declines, "account_closed")},
    "tok_refund_timeout": {Kind.refund: (W.times_out, "")},
    "tok_refund_timeout_lost": {Kind.refund: (W.gets_lost, "")},
    "tok_refund_late": {Kind.refund: (W.comes_late, "")},
}
_SENTENCES = {
    "card_declined": "The card was declined.",
    "insufficient_funds": "There is not enough money on the account.",
    "authorisation_expired": "The amount is no longer held.",
    "account_closed": "The account that paid was closed.",
    "invalid_token": "There is no such payment token.",
    "no_such_payment": "There is no such payment.",
    "amount_too_large": "The amount is more than was authorised.",
    "amount_too_small": "The amount has to be more than nothing.",
    "currency_mismatch": "The payment is in another currency.",
    "never_arrived": "The request never arrived.",
}


class Payment(msgspec.Struct, frozen=True):
    """What a payment's reference says of it."""

    token: str
    currency: str
    amount: int
    key: str

    def ref(self) -> str:
        return f"test.{self.token}.{self.currency}.{self.amount}.{self.key}"


class TestProvider:
    """A `PaymentProvider` without network and memory. `secret` signs the webhooks."""

    __test__ = False  # pytest: not a test class

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("a webhook secret is needed")
        self._secret = secret.encode()

    def authorise(
        self,
        key: str,
        amount: int,
        currency: str,
        token: str,
        reference: str,
        *,
        for_long: bool = False,  # noqa: ARG002
    ) -> Outcome:
        if _held_once(token, reference):
            return _declined("card_declined")
        return _at_once(token, Kind.authorise, _authorised(key, amount, currency, token))

    def capture(self, key: str, provider_ref: str, amount: int, currency: str) -> Outcome:
        return _at_once(_token(provider_ref), Kind.capture, _taken("capture", key, provider_ref, amount, currency))

    def void(self, key: str, provider_ref: str) -> Outcome:  # noqa: ARG002
        return _at_once(_token(provider_ref), Kind.void, _voided(provider_ref))

    def refund(self, key: str, provider_ref: str, amount: int, currency: str) -> Outcome:
        return _at_once(_token(provider_ref), Kind.refund, _taken("refund", key, provider_ref, amount, currency))

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
        for_long: bool = False,  # noqa: ARG002
    ) -> Outcome:
        """What became of the request in the end. A lost one is declined with the code `never_arrived`."""
        if kind is Kind.authorise:
            if _held_once(token, reference):
                return _declined("card_declined")
            return _in_the_end(token, kind, _authorised(key, amount, currency, token))
        if kind is Kind.void:
            return _in_the_end(_token(provider_ref), kind, _voided(provider_ref))
        return _in_the_end(_token(provider_ref), kind, _taken(kind, key, provider_ref, amount, currency))

    def read_webhook(self, body: bytes, headers: Mapping[str, str], now: datetime) -> WebhookEvent:
        parts = dict(part.partition("=")[::2] for part in header(headers, SIGNATURE).split(","))
        sent, signature = parts.get("t", ""), parts.get("v1", "")
        if not (sent.isascii() and sent.isdigit() and len(sent) <= 11):
            raise WebhookRefused(NAME, "it is not signed")
        if not hmac.compare_digest(self._signature(sent, body).encode(), signature.encode()):
            raise WebhookRefused(NAME, "its signature is wrong")
        check_age(NAME, datetime.fromtimestamp(int(sent), UTC), now)
        try:
            return msgspec.json.decode(body, type=WebhookEvent)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise WebhookRefused(NAME, "its body cannot be read") from None

    def sign(self, body: bytes, now: datetime) -> dict[str, str]:
        """The headers under which the provider would send this body."""
        sent = str(int(now.timestamp()))
        return {SIGNATURE: f"t={sent},v1={self._signature(sent, body)}"}

    def webhooks(
        self,
        key: str,
        kind: Kind,
        *,
        now: datetime,
        provider_ref: str = "",
        amount: int = 0,
        currency: str = "",
        token: str = "",
        reference: str = "",
    ) -> list[tuple[bytes, dict[str, str]]]:
        """(body, headers) of every webhook that the provider sends about a request: none for what was
        lost, two alike for `tok_twice`, else one."""
        outcome = self.look_up(key, kind, provider_ref=provider_ref, amount=amount, currency=currency, token=token)
        if outcome.code == "never_arrived":
            return []
        event_id = "evt_" + hashlib.sha256(f"{kind}.{key}".encode()).hexdigest()[:24]
        payment_ref = provider_ref or outcome.provider_ref
        body = msgspec.json.encode(WebhookEvent(event_id, now, kind, key, payment_ref, reference, outcome))
        behaviour, _ = _behaviour(token or _token(provider_ref), kind)
        return [(body, self.sign(body, now))] * (2 if behaviour is W.comes_twice else 1)

    def _signature(self, sent: str, body: bytes) -> str:
        return hmac.new(self._secret, sent.encode() + b"." + body, hashlib.sha256).hexdigest()


HELD_ONCE = {"tok_hold_once"}


def _held_once(token: str, reference: str) -> bool:
    return token.partition(":")[0] in HELD_ONCE and reference.endswith(AGAIN)


def _behaviour(token: str, kind: Kind) -> tuple[Behaviour, str]:
    return TOKENS.get(token.partition(":")[0], {}).get(kind, (W.works, ""))


def _known(token: str) -> bool:
    return token.partition(":")[0] in TOKENS and "." not in token  # references have dots between their parts


def _at_once(token: str, kind: Kind, outcome: Outcome) -> Outcome:
    """What the provider answers to the request itself."""
    behaviour, _ = _behaviour(token, kind)
    if outcome.status is Status.declined:
        return outcome
    if behaviour in {W.times_out, W.gets_lost}:
        return Outcome(Status.unknown, code="timeout", message="The test provider did not answer.")
    if behaviour is W.comes_late:
        return msgspec.structs.replace(outcome, status=Status.pending)
    return outcome


def _in_the_end(token: str, kind: Kind, outcome: Outcome) -> Outcome:
    behaviour, _ = _behaviour(token, kind)
    if behaviour is W.gets_lost and outcome.status is not Status.declined:
        return _declined("never_arrived")
    return outcome


def _authorised(key: str, amount: int, currency: str, token: str) -> Outcome:
    if not _known(token):
        return _declined("invalid_token")
    if amount <= 0:
        return _declined("amount_too_small")
    behaviour, code = _behaviour(token, Kind.authorise)
    ref = Payment(token, currency, amount, key).ref()
    if behaviour is W.declines:
        return _declined(code, ref)
    return Outcome(Status.succeeded, ref, amount=amount)


def _taken(kind: str, key: str, provider_ref: str, amount: int, currency: str) -> Outcome:
    """A capture or a refund. A refund has a reference of its own; a capture keeps the payment's."""
    payment = _payment(provider_ref)
    if payment is None:
        return _declined("no_such_payment", provider_ref)
    if currency != payment.currency:
        return _declined("currency_mismatch", provider_ref)
    if not 0 < amount <= payment.amount:
        return _declined("amount_too_large" if amount > 0 else "amount_too_small", provider_ref)
    behaviour, code = _behaviour(payment.token, Kind(kind))
    if behaviour is W.declines:
        return _declined(code, provider_ref)
    ref = provider_ref if kind == Kind.capture else f"refund.{amount}.{key}"
    return Outcome(Status.succeeded, ref, amount=amount)


def _voided(provider_ref: str) -> Outcome:
    payment = _payment(provider_ref)
    if payment is None:
        return _declined("no_such_payment", provider_ref)
    return Outcome(Status.succeeded, provider_ref, amount=payment.amount)


def _payment(provider_ref: str) -> Payment | None:
    """The payment of a reference; None when it is none of ours or was never authorised."""
    parts = provider_ref.split(".", 4)
    if len(parts) != 5 or parts[0] != "test" or not _known(parts[1]) or not parts[3].isdecimal():
        return None
    if _behaviour(parts[1], Kind.authorise)[0] in {W.declines, W.gets_lost}:
        return None
    return Payment(parts[1], parts[2], int(parts[3]), parts[4])


def _token(provider_ref: str) -> str:
    payment = _payment(provider_ref)
    return payment.token if payment else ""


def _declined(code: str, provider_ref: str = "") -> Outcome:
    return Outcome(Status.declined, provider_ref, code, _SENTENCES[code])
