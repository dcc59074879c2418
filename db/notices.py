"""What colleagues are told: a person's inbox, what they want to hear of, and when mail may wake them.

Written by the notices agent alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UuidKey


@dataclass(frozen=True)
class NoticeKind:
    """`scope` is what one must hold to hear of it; None: it is for one person. `mail` is what mail does unasked."""

    what: str
    scope: str | None
    mail: bool = False


NOTICE_KINDS: dict[str, NoticeKind] = {
    "bulk_finished": NoticeKind("An action of yours on many records is over", None),
    "import_finished": NoticeKind("An import of yours is over", None),
    "import_failed": NoticeKind("An import of yours left rows out, or failed", None, mail=True),
    "webhook_disabled": NoticeKind("A webhook was switched off after many failures", "read_webhooks", mail=True),
    "dead_letter": NoticeKind("A message between agents was given up", "read_runtime", mail=True),
    "flow_stuck": NoticeKind("A process needs a person to go on", "read_runtime", mail=True),
    "payment_unknown": NoticeKind("A payment's outcome is not known for too long", "read_payments"),
    "stock_lost": NoticeKind("Promised units turned out not to be there", "read_orders"),
    "lot_expired": NoticeKind("A lot expired while units of it were in sale", "read_stock"),
    "mail_failed": NoticeKind("A mail to a customer could not be delivered", "read_notifications"),
}


class Notice(Base):
    """One thing for one person. While it is unread, more of the same (`key`) counts up and makes no new one.

    `mark` tells one occurrence from another: the same key and mark are told once.
    """

    __tablename__ = "notices"
    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    key: Mapped[str]
    mark: Mapped[str]
    subject: Mapped[str]  # what to open: `bulk:ID`, `order:ID`, `delivery:ID`
    title: Mapped[str]
    body: Mapped[str]
    times: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mail_due_at: Mapped[datetime | None]  # null: no mail is wanted
    mailed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_notices_unread", "user_id", "key", unique=True, postgresql_where=text("read_at IS NULL")),
        Index("ix_notices_person", "user_id", "updated_at", "id"),
        Index("ix_notices_told", "user_id", "key", "mark"),
        Index(
            "ix_notices_mail",
            "mail_due_at",
            postgresql_where=text("mail_due_at IS NOT NULL AND mailed_at IS NULL"),
        ),
    )


class NoticeChoice(Base):
    """What a person said about a kind; without a row it is shown, and mailed as the kind does."""

    __tablename__ = "notice_choices"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    shown: Mapped[bool]
    mail: Mapped[bool]


class QuietHours(Base):
    """From `starts` to `ends` in the person's zone no mail goes; what came meanwhile is sent as one when they end."""

    __tablename__ = "quiet_hours"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    time_zone: Mapped[str]
    starts: Mapped[time]
    ends: Mapped[time]
