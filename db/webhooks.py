"""Outgoing webhooks: who hears of what, what is on its way, and what came of every attempt."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, exists, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, SerialKey, UuidKey


class WebhookState(StrEnum):
    active = "active"
    disabled = "disabled"  # by a person, or after too many failures in a row; `why` says which


WEBHOOK_MOVES = {
    WebhookState.active: frozenset({WebhookState.disabled}),
    WebhookState.disabled: frozenset({WebhookState.active}),
}


def webhook_next(status: str) -> list[str]:
    """What may be done to a webhook."""
    turn = "disable" if status == WebhookState.active else "enable"
    return ["ping", "rotate", turn, "delete"]


class PostState(StrEnum):
    """Where one event on its way to one webhook stands."""

    waiting = "waiting"
    delivered = "delivered"  # answered with 2xx
    failed = "failed"  # given up; a person may send it again, which makes a new one


POST_MOVES = {
    PostState.waiting: frozenset({PostState.delivered, PostState.failed}),
    PostState.delivered: frozenset[PostState](),
    PostState.failed: frozenset[PostState](),
}


class Webhook(Base):
    """An address that is told of events. `owner` bounds by their scopes what it may be told.

    `events` is what was asked for (`order.*`), `kinds` the messages that are meant, worked out by the agent.
    The secret is kept as it is, because signing needs it; nothing shows it after it was made.
    """

    __tablename__ = "webhooks"
    __audited__ = True
    __secret__ = frozenset({"secret", "old_secret"})
    __kind__ = "webhook"
    id: Mapped[UuidKey]
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[str]]
    kinds: Mapped[list[str]]
    owner: Mapped[str]  # `user:ID` or `key:ID`: who last said where it goes and what it is told
    status: Mapped[str] = mapped_column(default=WebhookState.active)
    why: Mapped[str | None]  # it is disabled
    disabled_at: Mapped[datetime | None]
    secret: Mapped[str]
    old_secret: Mapped[str | None]  # signs beside the new one until then
    old_secret_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    wait_until: Mapped[datetime | None]  # an address that fails is asked again with growing pauses
    answered_at: Mapped[datetime | None]  # last time with 2xx
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (CheckConstraint("(status = 'disabled') = (disabled_at IS NOT NULL)", name="disabled"),)


class WebhookPost(Base):
    """One event on its way to one webhook. `data` is what the owner may be told, `needs` the scopes it took."""

    __tablename__ = "webhook_posts"
    id: Mapped[UuidKey]
    serial: Mapped[int] = mapped_column(BigInteger, Identity(always=True))  # in the order they are sent
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]  # the same at every webhook and every attempt
    event: Mapped[str]  # `order.placed`
    subject: Mapped[str]
    happened_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    needs: Mapped[list[str]]
    state: Mapped[str] = mapped_column(default=PostState.waiting)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    taken_until: Mapped[datetime | None]  # somebody is sending it; when they died, others may from then on
    again_of: Mapped[UUID | None]  # sent again by a person: the one before
    code: Mapped[int | None]  # HTTP status of the last answer
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_webhook_posts_event", "webhook_id", "event_id", unique=True,
              postgresql_where=text("again_of IS NULL")),
        Index("ix_webhook_posts_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_webhook_posts_subject", "webhook_id", "subject", "serial",
              postgresql_where=text("state = 'waiting'")),
        Index("ix_webhook_posts_log", "webhook_id", "created_at"),
        Index("ix_webhook_posts_created", "created_at"),
    )  # fmt: skip


class WebhookAttempt(Base):
    """One request and what was answered. `answer` is the beginning of the body."""

    __tablename__ = "webhook_attempts"
    id: Mapped[SerialKey]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_posts.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    took_ms: Mapped[int]
    code: Mapped[int | None]  # None: there was no answer, `error` says why
    error: Mapped[str | None]
    answer: Mapped[str | None]
    __table_args__ = (Index("ix_webhook_attempts_post", "post_id", "number", unique=True),)


def posts_due(session: Session, now: datetime) -> bool:
    """Whether anything waits for its time to be sent, or sent again."""
    free = WebhookPost.taken_until.is_(None) | (WebhookPost.taken_until < now)
    due = select(WebhookPost.id).where(WebhookPost.state == PostState.waiting, WebhookPost.due_at <= now, free)
    return bool(session.scalar(select(exists(due))))
