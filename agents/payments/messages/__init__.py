"""What may be said to the payments agent, and what it says. Amounts are minor units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class AuthorisePayment(Command, frozen=True, kw_only=True):
    """Another payment for an order: after a decline, or for the difference after an edit.

    `token` is the provider's, or the id of a gift card; the customer's store credit needs none.
    """

    order_id: UUID
    provider: str
    token: str | None = None
    amount: int
    currency: str


class ChangeTender(Command, frozen=True, kw_only=True):
    """Pay all of an order that has not left yet with something else; what paid it before gets its money back.

    Nothing is let go before the new payment holds its money. `token` as in `AuthorisePayment`.
    """

    order_id: UUID
    provider: str
    token: str | None = None


class CapturePayment(Command, frozen=True, kw_only=True):
    payment_id: UUID
    amount: int | None = None  # None: all that is authorised and not captured


class VoidPayment(Command, frozen=True, kw_only=True):
    payment_id: UUID
    reason: str


class RefundPayment(Command, frozen=True, kw_only=True):
    """Counts towards what is owed when units are cancelled, before or after; `goodwill` is given beside it.

    With `to_credit` it goes to the store credit of the order's customer.
    """

    payment_id: UUID
    amount: int
    reason: str
    goodwill: bool = False
    to_credit: bool = False


class SetRefundLimit(Command, frozen=True, kw_only=True):
    """How much goodwill a role may give on one order. `amount` None takes the limit away."""

    role: str
    currency: str
    amount: int | None
    version: int | None = None


class RefundLimitState(State, frozen=True, kw_only=True):
    role: str
    currency: str
    amount: int | None


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


class PayDifference(Task, frozen=True, kw_only=True):
    """Ask for what an order costs more since it was edited, of what the customer said pays it."""

    order_id: UUID
    amount: int  # at most
    provider: str
    token: str | None


class RefundReturn(Task, frozen=True, kw_only=True):
    """Give back what is owed for a return. `credit` is all of it so far: what was given back is not given again.

    `over`: nothing more is owed than what was given back until now. `set_aside` of it pays for what goes out in
    exchange. With `to_credit` the customer's store credit gets it, and `bonus` on top.
    """

    return_id: UUID
    order_id: UUID
    credit: int
    over: bool = False
    set_aside: int = 0
    to_credit: bool = False
    bonus: int = 0


class SettleReturns(Task, frozen=True, kw_only=True):
    """Look again at what an order's payments owe for its returns: money moved to another order, or came back."""

    order_id: UUID


class SettleSecurity(Task, frozen=True, kw_only=True):
    """An order's security is held no longer: what came back with a return pays first, then what is missing is taken of
    it and the rest let go. Without a return nothing came back in time."""

    order_id: UUID
    return_id: UUID | None = None


class RenewHolds(Task, frozen=True, kw_only=True):
    """Hold anew what a provider is about to let go. Sent by a schedule."""


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


class ReturnMoney(Event, frozen=True, kw_only=True):
    """Where the money of a return stands, after each change; the returns agent shows it."""

    return_id: UUID
    order_id: UUID
    currency: str
    credit: int  # owed for it
    counted: int  # of it, what had been given back by hand before
    refunded: int
    open: int  # of it, what providers have been asked for and have not decided
    unknown: bool  # a provider did not answer
    due: int  # of it, what is neither given back nor asked for, nor set aside
    set_aside: int = 0  # of it, what is kept to pay for what goes out in exchange, and has not moved yet
    moved: int = 0  # of `refunded`, what pays for another order
    bonus: int = 0  # given to store credit on top
    declined: str | None = None  # why a provider refused last
    nothing_left: bool = False  # all that was ever captured of the order is given back, or on its way


class RefundParcel(Task, frozen=True, kw_only=True):
    """Give money back for a parcel in trouble, beside what returns and cancelled units are worth: never more than is
    left of what was captured. An exception's refund is asked for once."""

    exception_id: UUID
    order_id: UUID
    amount: int


class ParcelMoney(Event, frozen=True, kw_only=True):
    """Where the refund for a parcel in trouble stands, after each change. Subject: the order."""

    exception_id: UUID
    order_id: UUID
    asked: int  # of providers; less than was wanted where so much was not left
    refunded: int
    open: int
    declined: str | None = None
