"""Money of customers that the shop keeps: store credit and gift cards, each with a ledger that only grows.

Written by the payments agent alone. A balance is the sum of its ledger and never below zero. What an order is paid with
leaves the balance when it is authorised; what is voided, not captured or refunded goes back onto it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey, uuid7
from db.errors import NotFound
from db.money import format_money
from db.session import Transaction

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read as something else; 5 bits each
LENGTH = 16  # of a code: 80 bits, which nobody guesses, so that a plain digest keeps it well


class ValueKind(StrEnum):
    store_credit = "store_credit"  # of one customer, in one currency
    gift_card = "gift_card"  # of whoever knows its code


class ValueMove(StrEnum):
    """Why a balance changed."""

    issued = "issued"  # given away
    sold = "sold"
    spent = "spent"  # on an order
    released = "released"  # an order needed less, or nothing, of what was put by for it
    refunded = "refunded"  # given back for an order
    bonus = "bonus"  # on top of a refund, for who takes credit instead of money
    adjusted = "adjusted"  # by a person, with a reason
    expired = "expired"


class StoredValue(Base):
    """One customer's credit in a currency, or one gift card. The code itself is kept nowhere."""

    __tablename__ = "stored_values"
    __audited__ = True
    __kind__ = "stored_value"
    __secret__ = frozenset({"code_digest"})
    id: Mapped[UuidKey]
    kind: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    currency: Mapped[str]
    balance: Mapped[Amount] = mapped_column(default=0)
    code_digest: Mapped[str | None] = mapped_column(unique=True)
    last_four: Mapped[str | None]
    blocked: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]
    note: Mapped[str | None]
    created_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance"),
        CheckConstraint("kind = 'gift_card' OR code_digest IS NULL", name="code"),
        CheckConstraint("kind = 'gift_card' OR customer_id IS NOT NULL", name="owner"),
        Index(
            "ix_stored_values_credit",
            "customer_id",
            "currency",
            unique=True,
            postgresql_where=text("kind = 'store_credit'"),
        ),
        Index("ix_stored_values_created", "kind", "created_at", "id"),
        Index("ix_stored_values_expires", "expires_at", postgresql_where=text("balance > 0")),
    )

    @property
    def named(self) -> str:
        return (
            f"Gift card \u2026{self.last_four or 'without a code'}"
            if self.kind == ValueKind.gift_card
            else "The store credit"
        )


class StoredValueEntry(Base):
    """The ledger: rows are added and never changed. `amount` is what the balance grew by."""

    __tablename__ = "stored_value_entries"
    id: Mapped[UuidKey]
    value_id: Mapped[UUID] = mapped_column(ForeignKey("stored_values.id"))
    kind: Mapped[str]
    amount: Mapped[Amount]
    balance: Mapped[Amount]  # after it
    payment_id: Mapped[UUID | None]  # the payment that spends it, or that was given back onto it
    order_id: Mapped[UUID | None]
    return_id: Mapped[UUID | None]
    why: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("amount <> 0 AND balance >= 0", name="amount"),
        Index("ix_stored_value_entries_value", "value_id", "id"),
        Index("ix_stored_value_entries_payment", "payment_id", postgresql_where=text("payment_id IS NOT NULL")),
        Index("ix_stored_value_entries_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )


def new_code() -> str:
    """A gift card's code, in groups of four."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(signs[i : i + 4] for i in range(0, LENGTH, 4))


def plain_code(code: str) -> str:
    """As people write it: case, spaces and dashes do not matter."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def digest_of(code: str) -> str:
    return hashlib.sha256(f"gift card:{plain_code(code)}".encode()).hexdigest()


def card_by_code(session: Session, code: str) -> StoredValue | None:
    return session.scalars(select(StoredValue).where(StoredValue.code_digest == digest_of(code))).one_or_none()


def lock_value(tx: Transaction, value_id: UUID) -> StoredValue:
    """Lock payments of an order before. Raises NotFound."""
    wanted = select(StoredValue).where(StoredValue.id == value_id).with_for_update()
    found = tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("stored value", str(value_id))
    return found


def credit_of(tx: Transaction, customer_id: UUID, currency: str) -> StoredValue:
    """The customer's credit in a currency, locked; begun when there is none."""
    begun = insert(StoredValue).values(
        id=uuid7(), kind=ValueKind.store_credit, customer_id=customer_id, currency=currency, balance=0, blocked=False,
        created_by=tx.who.actor, version=1, created_at=tx.now, updated_at=tx.now,
    )  # fmt: skip
    where = text("kind = 'store_credit'")
    tx.execute(
        begun.on_conflict_do_nothing(index_elements=["customer_id", "currency"], index_where=where),
    )
    found = tx.scalars(
        select(StoredValue.id).where(
            StoredValue.kind == ValueKind.store_credit,
            StoredValue.customer_id == customer_id,
            StoredValue.currency == currency,
        )
    ).one()
    return lock_value(tx, found)


def credits_of_customer(session: Session, customer_id: UUID) -> list[StoredValue]:
    wanted = select(StoredValue).where(
        StoredValue.kind == ValueKind.store_credit, StoredValue.customer_id == customer_id
    )
    return list(session.scalars(wanted.order_by(StoredValue.currency)))


def cannot_pay(
    value: StoredValue, provider: str, amount: int, *, currency: str, customer_id: UUID | None, now: datetime
) -> str | None:
    """Why it does not pay so much of an order in this currency and of this customer; None when it does."""
    if value.kind != provider:
        return f"{value.named} is no {provider.replace('_', ' ')}."
    if value.currency != currency:
        return f"{value.named} is in {value.currency}, and the order in {currency}."
    if value.blocked:
        return f"{value.named} is blocked."
    if value.expires_at is not None and value.expires_at <= now:
        return f"{value.named} expired on {value.expires_at.date()}."
    if value.kind == ValueKind.store_credit and customer_id != value.customer_id:
        return "The store credit is another customer's."
    if value.balance < amount:
        has, wanted = (format_money(a, value.currency) for a in (value.balance, amount))
        return f"{value.named} has {has} left, and {wanted} was asked for."
    return None


def would_not_pay(
    tx: Transaction, provider: str, token: str | None, amount: int, *, currency: str, customer_id: UUID | None
) -> str | None:
    """The same of a gift card or store credit by its id, before it is asked for; None of what others hold."""
    if provider not in set(ValueKind):
        return None
    try:
        value = tx.get(StoredValue, UUID(token)) if token else None
    except ValueError:
        value = None
    if token is None and customer_id is not None:
        value = credit_of(tx, customer_id, currency)
    if value is None:
        return f"There is no such {provider.replace('_', ' ')}."
    return cannot_pay(value, provider, amount, currency=currency, customer_id=customer_id, now=tx.now)


def change(
    tx: Transaction,
    value: StoredValue,
    kind: ValueMove,
    amount: int,
    *,
    why: str,
    payment_id: UUID | None = None,
    order_id: UUID | None = None,
    return_id: UUID | None = None,
) -> None:
    """Write a row of the ledger and keep the balance with it. The value is locked; what it takes has to be there."""
    if not amount:
        return
    value.balance += amount
    value.updated_at = tx.now
    tx.add(
        StoredValueEntry(
            id=uuid7(),
            value_id=value.id,
            kind=kind,
            amount=amount,
            balance=value.balance,
            payment_id=payment_id,
            order_id=order_id,
            return_id=return_id,
            why=why,
            actor=tx.who.actor,
            at=tx.now,
        )
    )
    tx.flush()


def entries_of_value(session: Session, value_ids: Iterable[UUID]) -> list[StoredValueEntry]:
    wanted = select(StoredValueEntry).where(StoredValueEntry.value_id.in_(list(value_ids)))
    return list(session.scalars(wanted.order_by(StoredValueEntry.id)))
