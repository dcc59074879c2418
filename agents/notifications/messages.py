"""What may be said to the notifications agent, and what it says."""

from __future__ import annotations

from uuid import UUID

from agents.contract import Command, Event, State, Task


class SendMail(Task, frozen=True, kw_only=True):
    notification_id: UUID


class WriteMail(Task, frozen=True, kw_only=True):
    """Mail somebody of the company; the same `key` is written once."""

    key: str
    subject: str
    recipient: str
    title: str
    body: str


class SendQueuedMail(Task, frozen=True, kw_only=True):
    """Try again what still waits, after the mail server was away for longer than a delivery waits. Sent by
    a schedule."""

    older_than_seconds: int = 600


class ResendNotification(Command, frozen=True, kw_only=True):
    """Send it once more on purpose: what was kept or failed, or what the customer cannot find."""

    notification_id: UUID


class MailPurchaseOrder(Command, frozen=True, kw_only=True):
    """Mail an order that was sent to its supplier, as it stands now: once more, or because it could not go before."""

    purchase_id: UUID
    reason: str


class NotificationView(State, frozen=True, kw_only=True):
    id: UUID
    state: str
    next: list[str]


class NotificationFailed(Event, frozen=True, kw_only=True):
    notification_id: UUID
    why: str
