"""What we ask of a payment provider, and what it may answer.

Providers hold the card; we hold tokens. Nothing here takes, stores or logs a card number. Amounts are
minor units as in `db.money`, and each adapter converts to what its provider wants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

import msgspec

from db.errors import Invalid

WEBHOOK_TOLERANCE = timedelta(minutes=5)  # the usual allowance for clocks that differ; older is a replay

AGAIN = " again"  # ends the reference of a hold that takes the place of one which runs out


class Kind(StrEnum):
    authorise = "authorise"  # hold an amount on the customer's account
    capture = "capture"  # take what is held, once; the rest of it is released
    void = "void"  # release what is held
    refund = "refund"  # give back some of what was captured


class Status(StrEnum):
    succeeded = "succeeded"
    declined = "declined"  # it did not happen and will not
    pending = "pending"  # the provider has it and will tell later, by webhook or when asked
    unknown = "unknown"  # it may have happened: look it up; never treat it as failed


class Outcome(msgspec.Struct, frozen=True):
    """`amount` is what is held or moved, 0 unless succeeded or pending. `code` is for machines and stays
    in the provider's words, `message` for people. `provider_ref` is empty when the provider gave none.
    `holds_until` is when a hold runs out, where the provider says so."""

    status: Status
    provider_ref: str = ""
    code: str = ""
    message: str = ""
    amount: int = 0
    holds_until: datetime | None = None


class WebhookEvent(msgspec.Struct, frozen=True):
    """A verified message of the provider. It may come twice, late and in any order: `id` is the same each
    time. `kind` and `outcome` are None for what does not concern us. `key` is the idempotency key of our
    request where the provider knows it, else empty (somebody acted in the provider's own console, or an
    authorisation ran out): then `payment_ref`, the reference that authorising gave, tells which payment."""

    id: str
    occurred_at: datetime
    kind: Kind | None = None
    key: str = ""
    payment_ref: str = ""
    reference: str = ""
    outcome: Outcome | None = None


class PaymentProvider(Protocol):
    """Every request carries an idempotency key, unique within its kind: the same key and the same request
    take effect once. No answer in time, or a lost connection, is the outcome `unknown`.

    Raises Unavailable when the request surely never began, KeyReused when the key was used for another
    request, and a refusal for an amount that the provider cannot express.
    """

    def authorise(
        self, key: str, amount: int, currency: str, token: str, reference: str, *, for_long: bool = False
    ) -> Outcome:
        """`for_long`: a security, to be held as long as the provider can; see `holds_until` of the outcome."""
        ...

    def capture(self, key: str, provider_ref: str, amount: int, currency: str) -> Outcome: ...

    def void(self, key: str, provider_ref: str) -> Outcome: ...

    def refund(self, key: str, provider_ref: str, amount: int, currency: str) -> Outcome: ...

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
        """Settles an unknown outcome. Pass what was asked, as it was asked.

        Where the provider shows no trace of it, an adapter may repeat the request under its key: in the
        end it has happened once or is declined. So look up only what is still wanted, or void it after.
        """
        ...

    def read_webhook(self, body: bytes, headers: Mapping[str, str], now: datetime) -> WebhookEvent:
        """Raises WebhookRefused for a wrong or missing signature and for an old or future timestamp."""
        ...


@dataclass(eq=False)
class WebhookRefused(Invalid):
    provider: str
    why: str

    status: ClassVar[int] = 400

    def __str__(self) -> str:
        return f"This message does not come from {self.provider} as it should: {self.why}."


@dataclass(eq=False)
class AmountNotChargeable(Invalid):
    """`step` is the smallest amount that the provider counts in, in minor units."""

    provider: str
    amount: int
    currency: str
    step: int

    def __str__(self) -> str:
        step = f"steps of {self.step} minor units"
        return f"{self.provider} takes {self.currency} in {step}; {self.amount} does not fit."


def header(headers: Mapping[str, str], name: str) -> str:
    """The value of an HTTP header, whose name is written in any case; empty when there is none."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def check_age(provider: str, sent_at: datetime, now: datetime) -> None:
    """Raises WebhookRefused unless the message was signed within five minutes of now."""
    if abs(now - sent_at) > WEBHOOK_TOLERANCE:
        raise WebhookRefused(provider, f"it was signed at {sent_at:%Y-%m-%d %H:%M:%S} UTC")
