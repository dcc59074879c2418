"""Messages to people outside: what was to be said, to whom, and whether it went."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UuidKey


class NotificationState(StrEnum):
    queued = "queued"
    sent = "sent"
    kept = "kept"  # no mail server is set up: it can be read in the outbox, and was not sent
    failed = "failed"


class Notification(Base):
    __tablename__ = "notifications"
    id: Mapped[UuidKey]
    key: Mapped[str] = mapped_column(unique=True)  # `shipped:FULFILMENT`: said once
    subject: Mapped[str]  # what it is about: `order:ID`
    template: Mapped[str]
    recipient: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(default=NotificationState.queued)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_notifications_queued", "created_at", postgresql_where=text("state = 'queued'")),
        Index("ix_notifications_subject", "subject"),
    )
