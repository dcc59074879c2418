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


class WriteDoorCode(Task, frozen=True, kw_only=True):
    """The code with which somebody opens the customers' door. `code_id` is the row that it is the code of."""

    code_id: UUID
    order_id: UUID
    number: str
    recipient: str
    code: str


class SendReturnLink(Command, frozen=True, kw_only=True):
    """Mail whoever ordered a link to the returns of that order."""

    order_id: UUID


class NotificationView(State, frozen=True, kw_only=True):
    id: UUID
    state: str
    next: list[str]


class NotificationFailed(Event, frozen=True, kw_only=True):
    notification_id: UUID
    why: str


class AskAboutParcel(Task, frozen=True, kw_only=True):
    """Write to the customer about a parcel in trouble; the same `key` is written once."""

    key: str
    order_id: UUID
    tracking_number: str
    words: str


class PutDeliveryMail(Command, frozen=True, kw_only=True):
    """What a customer wants to be mailed of parcels on their way; None: what everybody is who has not said."""

    news: list[str]
    customer_id: UUID | None = None


class DeliveryMailState(State, frozen=True, kw_only=True):
    """`own`: the customer has said so."""

    customer_id: UUID | None
    news: list[str]
    own: bool
