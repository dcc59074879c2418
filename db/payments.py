"""Payments and their ledger. Written by the payments agent alone. No card data, ever: tokens only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, exists, func, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from db.base import Amount, Base, UuidKey
from db.orders import Order, OrderLine, OrderStatus

OWN = ("gift_card", "store_credit", "exchange")
"""Providers whose money is in our own books: what is asked of them is done in the same transaction.

`exchange` is what was paid for goods that came back, and pays for those that go out in their place: its token is the
id of the return or claim.
"""


BEFORE_LEAVING = (OrderStatus.placed, OrderStatus.held, OrderStatus.released)
"""While an order is at one of these, something else may pay it."""


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
    _S.refunded: frozenset({_S.captured}),  # a refund came back, or an order it had moved to gave it back
}


class Payment(Base):
    __tablename__ = "payments"
    __audited__ = True
    __kind__ = "payment"
    id: Mapped[UuidKey]
    order_id: Mapped[UUID]
    provider: Mapped[str]  # test, stripe, external (the channel took the money), manual, or one of OWN
    token: Mapped[str | None]  # the provider's token for the instrument; of OWN the id of what pays
    provider_ref: Mapped[str | None]
    currency: Mapped[str]
    amount: Mapped[Amount]  # asked for
    # Held or taken. What a capture leaves of a hold is released by the provider, and so no longer in it.
    authorised: Mapped[Amount] = mapped_column(default=0)
    captured: Mapped[Amount] = mapped_column(default=0)
    refunded: Mapped[Amount] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=PaymentState.pending)
    replaces: Mapped[bool] = mapped_column(default=False)  # once it holds its money, the others of the order are let go
    let_go: Mapped[bool] = mapped_column(default=False)  # another payment has taken its place
    security: Mapped[str | None]  # Security; null: it simply pays
    renews: Mapped[UUID | None]  # the payment whose hold runs out, and which it takes the place of
    holds_until: Mapped[datetime | None]  # when the provider lets go of what it holds; null: nobody said
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
        Index("ix_payments_security", "holds_until", postgresql_where=text("security = 'held'")),
        Index("ix_payments_unsettled", "updated_at", postgresql_where=text("state IN ('pending','unknown')")),
    )


class Security(StrEnum):
    """A hold that secures goods which left before others came back."""

    held = "held"  # nothing is taken of it
    due = "due"  # the goods came, or did not in time: what is missing is taken, after all other payments


class EntryKind(StrEnum):
    authorise = "authorise"
    capture = "capture"
    void = "void"
    release = "release"  # a part of what is held of a gift card or of store credit, because the order needs less
    refund = "refund"
    restore = "restore"  # a part of a refund that had moved to another order, and came back from it


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
    return_id: Mapped[UUID | None]  # a refund of what came back with this return, or for this claim
    value_id: Mapped[UUID | None]  # the store credit that a refund went to, in place of where it came from
    moved_to: Mapped[UUID | None]  # the payment, of another order, that a refund pays; or that gave it back
    actor: Mapped[str]
    at: Mapped[datetime]
    checked_at: Mapped[datetime | None]  # when reconciliation last looked it up
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("amount >= 0", name="not_negative"),
        Index("ix_payment_entries_payment", "payment_id"),
        Index("ix_payment_entries_order", "order_id"),
        Index("ix_payment_entries_open", "at", postgresql_where=text("state IN ('asked','unknown','pending')")),
        Index("ix_payment_entries_return", "return_id", postgresql_where=text("return_id IS NOT NULL")),
    )


class ReturnCredit(Base):
    """What an order's payments owe for a return or a claim, all that was asked so far. It grows until it is over.

    `counted` is the part of it that had been refunded by hand before, and stands for no cancelled units any more.
    `set_aside` is the part that pays for what goes out in exchange, and is not given to the customer.
    """

    __tablename__ = "return_credits"
    __audited__ = True
    __kind__ = "return_credit"
    return_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    credit: Mapped[Amount]
    counted: Mapped[Amount] = mapped_column(default=0)
    set_aside: Mapped[Amount] = mapped_column(default=0)
    to_credit: Mapped[bool] = mapped_column(default=False)  # to the customer's store credit
    bonus: Mapped[Amount] = mapped_column(default=0)  # on top of what goes to store credit
    bonus_given: Mapped[Amount] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("counted >= 0 AND counted <= credit AND set_aside BETWEEN 0 AND credit", name="money"),
        CheckConstraint("bonus_given BETWEEN 0 AND bonus", name="bonus"),
        Index("ix_return_credits_order", "order_id"),
    )


class RefundLimit(Base):
    """How much a role may give back of one order beside what its goods are worth, without asking somebody else.

    A role without a limit in a currency has none, as long as it may refund at all.
    """

    __tablename__ = "refund_limits"
    __audited__ = True
    __kind__ = "refund_limit"
    role: Mapped[str] = mapped_column(ForeignKey("roles.name"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"),)


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


def running_out(session: Session, *, before: datetime, limit: int) -> list[Payment]:
    """Securities whose hold ends before a moment, and which nothing takes the place of yet."""
    new = aliased(Payment)
    wanted = select(Payment).where(
        Payment.security == Security.held, Payment.state == PaymentState.authorised, Payment.holds_until < before
    )
    wanted = wanted.where(~exists().where(new.renews == Payment.id))
    return list(session.scalars(wanted.order_by(Payment.holds_until, Payment.id).limit(limit)))


def any_security(session: Session, _now: datetime) -> bool:
    return bool(session.scalar(select(exists().where(Payment.security == Security.held))))


def entries_of(session: Session, order_id: UUID) -> list[PaymentEntry]:
    """The ledger of an order, oldest first."""
    query = select(PaymentEntry).where(PaymentEntry.order_id == order_id).order_by(PaymentEntry.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def credits_of(session: Session, order_id: UUID) -> list[ReturnCredit]:
    """What is owed for the returns of an order, the first return first. Lock the payments before."""
    query = select(ReturnCredit).where(ReturnCredit.order_id == order_id).order_by(ReturnCredit.return_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def refundable(session: Session, order_id: UUID) -> int:
    """What could be given back of an order's payments right now, refunds under way taken off."""
    under_way = (
        select(func.coalesce(func.sum(PaymentEntry.amount), 0))
        .where(PaymentEntry.payment_id == Payment.id, PaymentEntry.kind == EntryKind.refund)
        .where(PaymentEntry.state.in_(OPEN))
        .correlate(Payment)
        .scalar_subquery()
    )
    left = func.greatest(0, Payment.captured - Payment.refunded - under_way)
    return int(session.scalar(select(func.coalesce(func.sum(left), 0)).where(Payment.order_id == order_id)) or 0)


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
    customer_id: UUID | None
    status: str


def order_worth(session: Session, order_id: UUID, *, lock: bool = False) -> OrderWorth | None:
    """Read from the order's own rows as they are now; None when there is no such order."""
    query = select(
        Order.number, Order.currency, Order.status, Order.total - Order.cancelled_total, Order.customer_id
    ).where(Order.id == order_id)
    order = session.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if order is None:
        return None
    number, currency, status, worth, customer_id = order
    shipped = select(OrderLine.line_no).where(OrderLine.order_id == order_id, OrderLine.shipped > 0).limit(1)
    return OrderWorth(
        number=number,
        currency=currency,
        worth=0 if status == OrderStatus.cancelled else worth,
        shipped=session.execute(shipped).first() is not None,
        customer_id=customer_id,
        status=status,
    )
