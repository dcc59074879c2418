"""What may be said to the webhooks agent, and what it says."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agents.contract import Command, Event, State, Task


class CreateWebhook(Command, frozen=True, kw_only=True):
    """`events` are names of the catalogue, `order.*` or `*`. Who creates it owns it."""

    name: str
    url: str
    events: list[str]


class ChangeWebhook(Command, frozen=True, kw_only=True):
    """Fields that are None stay. Who changes where it goes, or what it is told, owns it from then on."""

    webhook_id: UUID
    name: str | None = None
    url: str | None = None
    events: list[str] | None = None
    version: int | None = None


class DisableWebhook(Command, frozen=True, kw_only=True):
    webhook_id: UUID
    reason: str = "disabled by hand"


class EnableWebhook(Command, frozen=True, kw_only=True):
    """What waited when it was disabled is sent now; what happened meanwhile is not."""

    webhook_id: UUID


class RotateWebhookSecret(Command, frozen=True, kw_only=True):
    """Make a new secret; the old one signs beside it for a while."""

    webhook_id: UUID
    overlap_hours: int = 24


class DeleteWebhook(Command, frozen=True, kw_only=True):
    webhook_id: UUID


class PingWebhook(Command, frozen=True, kw_only=True):
    """Send the event `ping` once, also to a disabled webhook."""

    webhook_id: UUID


class RedeliverPost(Command, frozen=True, kw_only=True):
    """Send an event once more, under the same event id."""

    post_id: UUID


class RedeliverFailed(Command, frozen=True, kw_only=True):
    """Send again whatever was given up since then, the oldest first, up to a thousand."""

    webhook_id: UUID
    since: datetime


class SendDuePosts(Task, frozen=True, kw_only=True):
    """Wake up: something waits for its time. Sent by a schedule."""


class WebhookView(State, frozen=True, kw_only=True):
    id: UUID
    name: str
    url: str
    events: list[str]
    owner: str
    status: str
    why: str | None
    version: int
    next: list[str]


class WebhookDeleted(State, frozen=True, kw_only=True):
    id: UUID


class PostView(State, frozen=True, kw_only=True):
    """What is on its way; `/webhook-posts/{id}` tells what came of it."""

    id: UUID
    webhook_id: UUID
    event: str
    state: str


class Redelivered(State, frozen=True, kw_only=True):
    webhook_id: UUID
    count: int


class WebhookDisabled(Event, frozen=True, kw_only=True):
    """A webhook failed too often in a row, or was told to stop by its address. Subject: the webhook."""

    webhook_id: UUID
    name: str
    why: str
    failures: int
