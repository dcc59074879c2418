"""Payments and their ledger. Written by the payments agent alone. No card data, ever: tokens only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey
from db.orders import Order, OrderLine, OrderStatus


class PaymentState(StrEnum):
    pending = "pending"  # not yet answered by the provider
    unknown = "unknown"  # a time-out: it may have happened; reconciliation finds out
    authorised = "authorised"
    captured = "captured"  # at least a part
    declined = "declined"
    voided = "voided"
    refunded = "refunded"  # everything captured was given back


_S = PaymentState
PAYMENT_MOVES = {
    _S.pending: frozenset({_S.unknown, _S.authorised, _S.captured, _S.declined, _S.voided}),
    _S.unknown: frozenset({_S.authorised, _S.captured, _S.declined, _S.voided}),
    _S.authorised: frozenset({_S.captured, _S.voided}),
    _S.captured: frozenset({_S.refunded}),
    _S.declined: frozenset[PaymentState](),
    _S.voided: frozenset[PaymentState](),
    _S.refunded: frozenset({_S.captured}),  # a refund came back: the account it went to is closed
}


class Payment(Base):
    __tablename__ = "payments"
    __audited__ = True
    __kind__ = "payment"
    id: Mapped[UuidKey]
    order_id: Mapped[UUID]
    provider: Mapped[str]  # test, stripe, external (the channel took the money), manual
    token: Mapped[str | None]  # the provider's token for the instrument
    provider_ref: Mapped[str | None]
    currency: Mapped[str]
    amount: Mapped[Amount]  # asked for
    # Held or taken. What a capture leaves of a hold is released by the provider, and so no longer in it.
    authorised: Mapped[Amount] = mapped_column(default=0)
    captured: Mapped[Amount] = mapped_column(default=0)
    refunded: Mapped[Amount] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=PaymentState.pending)
    error: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint(
            "refunded >= 0 AND refunded <= captured AND captured <= authorised AND authorised <= amount", name="money"
        ),
        Index("ix_payments_order", "order_id"),
        Index("ix_payments_provider_ref", "provider", "provider_ref"),
        Index("ix_payments_unsettled", "updated_at", postgresql_where=text("state IN ('pending','unknown')")),
    )


class EntryKind(StrEnum):
    authorise = "authorise"
    capture = "capture"
    void = "void"
    refund = "refund"


class EntryState(StrEnum):
    asked = "asked"  # written before the provider is called
    unknown = "unknown"  # a time-out: it may have happened
    pending = "pending"  # the provider has it and tells later
    succeeded = "succeeded"
    declined = "declined"


OPEN = (EntryState.asked, EntryState.unknown, EntryState.pending)
"""Under way: counted as if it will succeed wherever too much must never be asked."""

_E = EntryState
ENTRY_MOVES = {
    _E.asked: frozenset({_E.unknown, _E.pending, _E.succeeded, _E.declined}),
    _E.unknown: frozenset({_E.pending, _E.succeeded, _E.declined}),
    _E.pending: frozenset({_E.succeeded, _E.declined}),
    _E.succeeded: frozenset({_E.declined}),  # refunds only: the bank sent the money back
    _E.declined: frozenset[EntryState](),
}


class PaymentEntry(Base):
    """The money ledger: one row for each thing asked of a provider. `id` is the provider's idempotency key."""

    __tablename__ = "payment_entries"
    __audited__ = True
    __kind__ = "payment_entry"
    id: Mapped[UuidKey]
    payment_id: Mapped[UUID]
    order_id: Mapped[UUID]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=EntryState.asked)
    amount: Mapped[Amount]
    currency: Mapped[str]
    provider_ref: Mapped[str | None]
    code: Mapped[str | None]
    message: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str]  # `order:ID`, `shipment:ID`, `cancel:ID`, `edit:ID`, or who asked for it
    follows_total: Mapped[bool] = mapped_column(default=False)  # a refund because the order is worth less
    goodwill: Mapped[bool] = mapped_column(default=False)  # a refund beside what cancelled units are worth
    actor: Mapped[str]
    at: Mapped[datetime]
    checked_at: Mapped[datetime | None]  # when reconciliation last looked it up
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("amount >= 0", name="not_negative"),
        Index("ix_payment_entries_payment", "payment_id"),
        Index("ix_payment_entries_order", "order_id"),
        Index("ix_payment_entries_open", "at", postgresql_where=text("state IN ('asked','unknown','pending')")),
    )


class WebhookReceipt(Base):
    """A provider's webhook, kept once by its own id, so that twice is once."""

    __tablename__ = "webhook_receipts"
    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]


# Queries


def payments_of(session: Session, order_id: UUID, *, lock: bool = False) -> list[Payment]:
    """All payments of an order, oldest first. `lock` holds them, in this order, to the end of the transaction."""
    query = select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)
    if lock:
        query = query.with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def entries_of(session: Session, order_id: UUID) -> list[PaymentEntry]:
    """The ledger of an order, oldest first."""
    query = select(PaymentEntry).where(PaymentEntry.order_id == order_id).order_by(PaymentEntry.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def open_entries(
    session: Session, *, before: datetime, limit: int, without: Collection[str] = ()
) -> list[tuple[PaymentEntry, str]]:
    """Entries asked before a moment and not settled, with their provider, the longest unlooked-at first."""
    query = (
        select(PaymentEntry, Payment.provider)
        .join(Payment, Payment.id == PaymentEntry.payment_id)
        .where(PaymentEntry.state.in_(OPEN), PaymentEntry.at <= before, Payment.provider.not_in(without))
        .order_by(func.coalesce(PaymentEntry.checked_at, PaymentEntry.at), PaymentEntry.id)
        .limit(limit)
    )
    return [(entry, provider) for entry, provider in session.execute(query)]


@dataclass(frozen=True)
class OrderWorth:
    """What an order asks of its payments: `worth` is its total without what was cancelled, in minor units."""

    number: str
    currency: str
    worth: int
    shipped: bool  # at least a unit has left


def order_worth(session: Session, order_id: UUID, *, lock: bool = False) -> OrderWorth | None:
    """Read from the order's own rows as they are now; None when there is no such order."""
    query = select(Order.number, Order.currency, Order.status, Order.total - Order.cancelled_total).where(
        Order.id == order_id
    )
    order = session.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if order is None:
        return None
    number, currency, status, worth = order
    shipped = select(OrderLine.line_no).where(OrderLine.order_id == order_id, OrderLine.shipped > 0).limit(1)
    return OrderWorth(
        number=number,
        currency=currency,
        worth=0 if status == OrderStatus.cancelled else worth,
        shipped=session.execute(shipped).first() is not None,
    )
