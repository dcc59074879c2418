"""Payments and their ledger. Written by the payments agent alone. No card data, ever: tokens only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Amount, Base, UuidKey


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
    _S.refunded: frozenset[PaymentState](),
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
    authorised: Mapped[Amount] = mapped_column(default=0)
    captured: Mapped[Amount] = mapped_column(default=0)
    refunded: Mapped[Amount] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=PaymentState.pending)
    error: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("amount >= 0 AND refunded >= 0 AND refunded <= captured AND captured <= amount", name="money"),
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
    succeeded = "succeeded"
    declined = "declined"
    unknown = "unknown"


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
    cause: Mapped[str]  # `order:ID`, `cancel:ID`, `return:ID`
    actor: Mapped[str]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("amount >= 0", name="not_negative"),
        Index("ix_payment_entries_payment", "payment_id"),
        Index("ix_payment_entries_order", "order_id"),
        Index("ix_payment_entries_open", "at", postgresql_where=text("state IN ('asked','unknown')")),
    )


class WebhookReceipt(Base):
    """A provider's webhook, kept once by its own id, so that twice is once."""

    __tablename__ = "webhook_receipts"
    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
