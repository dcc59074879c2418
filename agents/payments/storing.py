"""Gift cards and store credit: issued, put right by a person, blocked, expired. How orders use them: `own_money`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from agents.payments.messages.stored_value import (
    AdjustStoredValue,
    BlockGiftCard,
    CodeGiftCard,
    GiveStoreCredit,
    IssueGiftCard,
    StoredValueState,
)
from agents.payments.refusals import AmountNotPositive, BadStoredValue, MoreThanOnIt
from agents.payments.valuing import book
from db.base import uuid7
from db.customers import Customer
from db.errors import NotFound
from db.money import minor_digits
from db.session import Transaction, check_version
from db.stored_value import StoredValue, ValueKind, ValueMove, credit_of, lock_value

EXPIRED_AT_ONCE = 500
MOST = 10**12


def issue(tx: Transaction, ask: IssueGiftCard) -> StoredValueState:
    """Raises AmountNotPositive, BadStoredValue, NotFound for the customer."""
    minor_digits(ask.currency)
    if not 0 < ask.amount <= MOST:
        raise AmountNotPositive(ask.amount)
    if ask.expires_at is not None and ask.expires_at <= tx.now:
        raise BadStoredValue("expires_at", "it has to be later than now")
    if ask.customer_id is not None:
        _need_customer(tx, ask.customer_id)
    card = StoredValue(
        id=uuid7(), kind=ValueKind.gift_card, customer_id=ask.customer_id, currency=ask.currency, balance=0,
        blocked=False, expires_at=ask.expires_at, note=ask.note,
        created_by=tx.who.actor, version=1, created_at=tx.now, updated_at=tx.now,
    )  # fmt: skip
    tx.add(card)
    tx.flush()
    kind = ValueMove.sold if ask.sold else ValueMove.issued
    book(tx, card, kind, ask.amount, why=ask.note or ("sold" if ask.sold else "given away"), order_id=ask.order_id)
    return _state(tx, card)


def give_code(tx: Transaction, ask: CodeGiftCard) -> StoredValueState:
    """The code that it had before is worth nothing from now on. Raises NotFound, also for what is no gift card."""
    card = lock_value(tx, ask.value_id)
    if card.kind != ValueKind.gift_card:
        raise NotFound("gift card", str(ask.value_id))
    card.code_digest, card.last_four, card.updated_at = ask.code_digest, ask.last_four, tx.now
    tx.note(f"stored_value:{card.id}", to_status="code", why=ask.reason)
    return _state(tx, card)


def adjust(tx: Transaction, ask: AdjustStoredValue) -> StoredValueState:
    """Raises NotFound, MoreThanOnIt, StaleVersion."""
    value = lock_value(tx, ask.value_id)
    check_version(value, ask.version, kind="stored value", id=str(value.id))
    _adjust(tx, value, ask.amount, ask.reason)
    return _state(tx, value)


def give_credit(tx: Transaction, ask: GiveStoreCredit) -> StoredValueState:
    """Raises NotFound for the customer, MoreThanOnIt."""
    minor_digits(ask.currency)
    _need_customer(tx, ask.customer_id)
    value = credit_of(tx, ask.customer_id, ask.currency)
    _adjust(tx, value, ask.amount, ask.reason)
    return _state(tx, value)


def block(tx: Transaction, ask: BlockGiftCard) -> StoredValueState:
    """Said again it changes nothing. Raises NotFound, also for what is no gift card."""
    card = lock_value(tx, ask.value_id)
    if card.kind != ValueKind.gift_card:
        raise NotFound("gift card", str(ask.value_id))
    check_version(card, ask.version, kind="gift card", id=str(card.id))
    if card.blocked is not ask.blocked:
        card.blocked, card.updated_at = ask.blocked, tx.now
        tx.note(f"stored_value:{card.id}", to_status="blocked" if ask.blocked else "free", why=ask.reason)
    return _state(tx, card)


def expire(tx: Transaction) -> int:
    """Take off what nobody may spend any more; returns of how many. What is in use waits for the next time."""
    over = (
        select(StoredValue)
        .where(StoredValue.balance > 0, StoredValue.expires_at <= tx.now)
        .order_by(StoredValue.id)
        .limit(EXPIRED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    cards = list(tx.scalars(over, execution_options={"populate_existing": True}))
    for card in cards:
        book(tx, card, ValueMove.expired, -card.balance, why=f"expired on {_day(card.expires_at)}")
    return len(cards)


def _adjust(tx: Transaction, value: StoredValue, amount: int, reason: str) -> None:
    if not reason.strip():
        raise BadStoredValue("reason", "say why")
    if not 0 < abs(amount) <= MOST:
        raise AmountNotPositive(amount)
    if value.balance + amount < 0:
        raise MoreThanOnIt(value.named, -amount, value.balance, value.currency)
    book(tx, value, ValueMove.adjusted, amount, why=reason)


def _need_customer(tx: Transaction, customer_id: object) -> None:
    found = tx.scalar(select(Customer.id).where(Customer.id == customer_id, Customer.erased_at.is_(None)))
    if found is None:
        raise NotFound("customer", str(customer_id))


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at is not None else "a day in the past"


def _state(tx: Transaction, value: StoredValue) -> StoredValueState:
    tx.flush()
    return StoredValueState(
        id=value.id,
        kind=value.kind,
        customer_id=value.customer_id,
        currency=value.currency,
        balance=value.balance,
        last_four=value.last_four,
        blocked=value.blocked,
        expires_at=value.expires_at,
        version=value.version,
        next=what_next(value),
    )


def what_next(value: StoredValue) -> list[str]:
    if value.kind == ValueKind.store_credit:
        return ["adjust"]
    return ["adjust", "new_code", "unblock" if value.blocked else "block"]
