"""Messages to people outside: what was to be said, to whom, and whether it went."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, Text, cast, func, literal, select, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from db.base import Base, UuidKey, among
from db.customers import Customer, clean_email
from db.orders import Order


class NotificationState(StrEnum):
    queued = "queued"
    sent = "sent"  # the mail server took it
    kept = "kept"  # no mail server is set up: it can be read here, and was not sent
    failed = "failed"  # the mail server will not take it
    erased = "erased"  # the person asked to be forgotten


_S = NotificationState
NOTIFICATION_MOVES = {
    _S.queued: frozenset({_S.sent, _S.kept, _S.failed, _S.erased}),
    _S.sent: frozenset({_S.queued, _S.erased}),
    _S.kept: frozenset({_S.queued, _S.erased}),
    _S.failed: frozenset({_S.queued, _S.erased}),
    _S.erased: frozenset[NotificationState](),
}


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
    edition: Mapped[int] = mapped_column(default=1)  # one more each time somebody sends it again on purpose
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_notifications_queued", "created_at", postgresql_where=text("state = 'queued'")),
        Index("ix_notifications_subject", "subject"),
    )


class NotificationFile(Base):
    """What is attached to a mail, as it was when that edition of it was written."""

    __tablename__ = "notification_files"
    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id"), primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DeliveryNews(StrEnum):
    """What customers may be told of a parcel on its way."""

    delayed = "delayed"
    failed = "failed"
    ready_for_pickup = "ready_for_pickup"
    delivered = "delivered"


class DeliveryMail(Base):
    """What a customer wants to be mailed of parcels on their way; `*` is for all who have not said."""

    __tablename__ = "delivery_mail"
    __audited__ = True
    __kind__ = "delivery_mail"
    customer: Mapped[str] = mapped_column(primary_key=True)  # `*`, or the customer's id
    news: Mapped[list[str]]
    updated_at: Mapped[datetime]


EVERYBODY = "*"
UNASKED = (DeliveryNews.delayed, DeliveryNews.failed, DeliveryNews.ready_for_pickup)
"""What is mailed while nobody has said anything: what a customer has to know to get the parcel."""


def wanted_news(session: Session, customer_id: UUID | None) -> frozenset[str]:
    """The customer's own word, else that for everybody."""
    own = session.get(DeliveryMail, str(customer_id)) if customer_id is not None else None
    said = own or session.get(DeliveryMail, EVERYBODY)
    return frozenset(said.news) if said is not None else frozenset(UNASKED)


@dataclass(frozen=True)
class Addressee:
    """Whom to write to about an order."""

    email: str
    number: str
    currency: str


def addressees(session: Session, order_ids: Collection[UUID]) -> dict[UUID, Addressee]:
    """The order's e-mail, else its customer's. Left out are orders without one, and imported history."""
    rows = session.execute(
        select(Order.id, func.coalesce(Order.email, Customer.email), Order.number, Order.currency)
        .join(Customer, Customer.id == Order.customer_id, isouter=True)
        .where(among(Order.id, order_ids), Order.live)
    )
    found = {id: Addressee(clean_email(email) or "", *rest) for id, email, *rest in rows if email is not None}
    return {id: to for id, to in found.items() if to.email}


def mailed_order_key(purchase_id: UUID) -> str:
    """An order is mailed to its supplier once; later editions of the mail are the same row."""
    return f"purchase:{purchase_id}"


def of_listed_order(column: InstrumentedAttribute[Any], purchase_id: InstrumentedAttribute[UUID]) -> ColumnElement[Any]:
    """A column of the mail in which a listed purchase order went to its supplier; null before there is one."""
    wanted = select(column).where(Notification.key == literal("purchase:") + cast(purchase_id, Text))
    return wanted.correlate_except(Notification).scalar_subquery()


def file_of(session: Session, mail: Notification) -> NotificationFile | None:
    """The last that was written up to the edition that is to go."""
    wanted = select(NotificationFile).where(
        NotificationFile.notification_id == mail.id, NotificationFile.edition <= mail.edition
    )
    return session.scalar(wanted.order_by(NotificationFile.edition.desc()).limit(1))
