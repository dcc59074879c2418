"""What may be said to the payments agent, and what it says. Amounts are minor units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class AuthorisePayment(Command, frozen=True, kw_only=True):
    """Another payment for an order: after a decline, or for the difference after an edit."""

    order_id: UUID
    provider: str
    token: str
    amount: int
    currency: str


class CapturePayment(Command, frozen=True, kw_only=True):
    payment_id: UUID
    amount: int | None = None  # None: all that is authorised and not captured


class VoidPayment(Command, frozen=True, kw_only=True):
    payment_id: UUID
    reason: str


class RefundPayment(Command, frozen=True, kw_only=True):
    """Counts towards what is owed when units are cancelled, before or after; `goodwill` is given beside it."""

    payment_id: UUID
    amount: int
    reason: str
    goodwill: bool = False


class RecordManualPayment(Command, frozen=True, kw_only=True):
    """Money that came another way (bank transfer, cash, the marketplace)."""

    order_id: UUID
    amount: int
    currency: str
    reference: str


class TakeWebhook(Command, frozen=True, kw_only=True):
    """A provider's webhook, raw, to be verified before anything of it is believed."""

    provider: str
    body: bytes
    headers: dict[str, str]


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    state: str
    amount: int
    at: str
    message: str | None = None


class PaymentView(State, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID
    provider: str
    currency: str
    amount: int
    authorised: int
    captured: int
    refunded: int
    state: str
    version: int
    entries: list[EntryView]
    next: list[str]


class WebhookTaken(State, frozen=True, kw_only=True):
    known: bool  # seen before: nothing was done again


class CallProvider(Task, frozen=True, kw_only=True):
    """Do what a ledger entry asks for; `id` of the entry is the provider's idempotency key."""

    entry_id: UUID


class ReconcilePayments(Task, frozen=True, kw_only=True):
    """Look up what was never answered. Sent by a schedule."""

    older_than_seconds: int = 30


class PaymentAuthorised(Event, frozen=True, kw_only=True):
    order_id: UUID
    payment_id: UUID
    amount: int
    currency: str


class PaymentDeclined(Event, frozen=True, kw_only=True):
    order_id: UUID
    payment_id: UUID
    why: str


class PaymentCaptured(Event, frozen=True, kw_only=True):
    order_id: UUID
    payment_id: UUID
    amount: int
    currency: str


class PaymentVoided(Event, frozen=True, kw_only=True):
    order_id: UUID
    payment_id: UUID


class PaymentRefunded(Event, frozen=True, kw_only=True):
    order_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    detail: dict[str, Any] = {}  # `entry_id`: which refund of the payment this is


class PaymentStepDeclined(Event, frozen=True, kw_only=True):
    """The provider would not capture, void or refund, or a refund came back: somebody has to look."""

    order_id: UUID
    payment_id: UUID
    kind: str
    amount: int
    currency: str
    why: str


class OrderMoney(Event, frozen=True, kw_only=True):
    """Where all of an order's payments stand together, after each change; the orders agent shows it."""

    order_id: UUID
    currency: str
    authorised: int  # held or taken; without what was voided, or released by a smaller capture
    captured: int
    refunded: int  # out of captured, which it does not reduce
    open: int  # entries still asked, pending or unknown
    declined: bool  # every payment was declined
