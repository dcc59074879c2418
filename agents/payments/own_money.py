"""Payments out of our own books: gift cards, store credit, and what was paid for goods that others go out for.

What is asked of them is done in the transaction that asks. A gift card's money leaves its balance when it is
authorised, so that nobody spends it twice, and comes back when it is not needed.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from agents.payments.booking import move
from agents.payments.messages import SettleReturns
from agents.payments.valuing import book
from db.base import uuid7
from db.errors import NotFound
from db.money import format_money
from db.orders import Order
from db.payments import (
    EntryKind,
    EntryState,
    Payment,
    PaymentEntry,
    PaymentState,
    ReturnCredit,
    entries_of,
    payments_of,
)
from db.session import Transaction
from db.stored_value import StoredValue, ValueMove, cannot_pay, credit_of, lock_value

KEPT_AT_LEAST_DAYS = 90
"""Money that is given back onto a gift card can be spent for so long, whatever day it was to expire."""


def carry_out(tx: Transaction, payment: Payment, kind: EntryKind, amount: int, *, cause: str) -> str | None:
    """Move the money; None when it moved, else why it cannot. The order's payments are locked."""
    tx.flush()
    if payment.provider == "exchange":
        return _exchange(tx, payment, kind, amount, cause=cause)
    try:
        value = value_for(tx, payment)
    except NotFound as missing:
        return str(missing)
    if kind is EntryKind.authorise:
        why_not = _why_not(tx, value, payment, amount)
        if why_not is None:
            _change(tx, value, payment, ValueMove.spent, -amount, cause=cause)
        return why_not
    _change(tx, value, payment, ValueMove.refunded if kind is EntryKind.refund else ValueMove.released,
            _back(payment, kind, amount), cause=cause)  # fmt: skip
    return None


def value_for(tx: Transaction, payment: Payment) -> StoredValue:
    """What pays, locked. Raises NotFound."""
    if payment.token is not None:
        try:
            return lock_value(tx, UUID(payment.token))
        except ValueError:
            raise NotFound("gift card", payment.token[:8]) from None
    customer_id = tx.scalar(select(Order.customer_id).where(Order.id == payment.order_id))
    if customer_id is None:
        raise NotFound("store credit", f"order {payment.order_id}, which has no customer")
    value = credit_of(tx, customer_id, payment.currency)
    payment.token = str(value.id)
    return value


def free(tx: Transaction, provider: str, token: str | None, *, order_id: UUID, currency: str) -> int:
    """What could be taken of it for an order right now, in the order's currency; nothing of what does not fit."""
    tx.flush()
    if provider == "exchange":
        credit = _credit(tx, token)
        return _set_aside(tx, credit) if credit is not None else 0
    seen = Payment(order_id=order_id, provider=provider, token=token, currency=currency)
    try:
        value = value_for(tx, seen)
    except NotFound:
        return 0
    return value.balance if _why_not(tx, value, seen, 0) is None else 0


def _why_not(tx: Transaction, value: StoredValue, payment: Payment, amount: int) -> str | None:
    customer_id = tx.scalar(select(Order.customer_id).where(Order.id == payment.order_id))
    return cannot_pay(value, payment.provider, amount, currency=payment.currency, customer_id=customer_id, now=tx.now)


def _change(tx: Transaction, value: StoredValue, payment: Payment, kind: ValueMove, amount: int, *, cause: str) -> None:
    book(tx, value, kind, amount, why=cause, payment_id=payment.id, order_id=payment.order_id)
    if amount > 0 and value.expires_at is not None:
        value.expires_at = max(value.expires_at, tx.now + timedelta(days=KEPT_AT_LEAST_DAYS))


def _back(payment: Payment, kind: EntryKind, amount: int) -> int:
    """What a step brings back: a capture what it leaves of the hold, the others what they are about."""
    return payment.authorised - amount if kind is EntryKind.capture else amount


# Exchange: the money is on the payments of another order, and moves from them


def _exchange(tx: Transaction, payment: Payment, kind: EntryKind, amount: int, *, cause: str) -> str | None:
    credit = _credit(tx, payment.token)
    if credit is None:
        return "There is no return or claim whose money could pay for it."
    if kind is EntryKind.authorise:
        return _take(tx, credit, payment, amount)
    back = _back(payment, kind, amount)
    if back:
        _give_back(tx, credit, payment, back, cause)
    return None


def _credit(tx: Transaction, token: str | None) -> ReturnCredit | None:
    """What is owed for it, under the lock of its order's payments: always those of an older order."""
    try:
        found = tx.get(ReturnCredit, UUID(token or ""))
    except ValueError:
        return None
    if found is not None:
        payments_of(tx, found.order_id, lock=True)
        tx.refresh(found)
    return found


def _moved(tx: Transaction, credit: ReturnCredit) -> dict[tuple[UUID, UUID], int]:
    """What moved, without what came back: from which payment to which."""
    moved: dict[tuple[UUID, UUID], int] = {}
    for e in entries_of(tx, credit.order_id):
        if e.return_id == credit.return_id and e.moved_to is not None:
            key = (e.payment_id, e.moved_to)
            moved[key] = moved.get(key, 0) + (e.amount if e.kind == EntryKind.refund else -e.amount)
    return moved


def _set_aside(tx: Transaction, credit: ReturnCredit) -> int:
    """What is set aside, has not moved, and is there to be moved."""
    there = sum(left for _, left in _refundable(tx, credit))
    return max(0, min(there, credit.set_aside - sum(_moved(tx, credit).values())))


def _refundable(tx: Transaction, credit: ReturnCredit) -> list[tuple[Payment, int]]:
    entries = entries_of(tx, credit.order_id)
    found = []
    for p in reversed(payments_of(tx, credit.order_id)):
        waits = sum(
            e.amount
            for e in entries
            if e.payment_id == p.id
            and e.kind == EntryKind.refund
            and e.state not in (EntryState.succeeded, EntryState.declined)
        )
        found.append((p, max(0, p.captured - p.refunded - waits)))
    return found


def _take(tx: Transaction, credit: ReturnCredit, payment: Payment, amount: int) -> str | None:
    left = _set_aside(tx, credit)
    if payment.currency != tx.scalar(select(Order.currency).where(Order.id == credit.order_id)):
        return "What came back was paid in another currency."
    if left < amount:
        has, wanted = (format_money(a, payment.currency) for a in (left, amount))
        return f"{has} is set aside of what was paid before, and {wanted} was asked for."
    for source, there in _refundable(tx, credit):
        part = min(amount, there)
        if part > 0:
            amount -= part
            _entry(tx, source, EntryKind.refund, part, credit=credit, to=payment.id, cause=f"order:{payment.order_id}")
            source.refunded += part
            if source.refunded == source.captured:
                move(tx, source, PaymentState.refunded, why="it pays for what goes out in exchange")
    tx.send("payments", f"order:{credit.order_id}", SettleReturns(order_id=credit.order_id))
    return None


def _give_back(tx: Transaction, credit: ReturnCredit, payment: Payment, amount: int, cause: str) -> None:
    credit.set_aside -= min(amount, credit.set_aside)
    for (source_id, to), moved in _moved(tx, credit).items():
        part = min(amount, moved) if to == payment.id else 0
        if part > 0:
            amount -= part
            source = tx.get_one(Payment, source_id)
            _entry(tx, source, EntryKind.restore, part, credit=credit, to=payment.id, cause=cause)
            source.refunded -= part
            move(tx, source, PaymentState.captured, why="the order that it had moved to gave it back")
    tx.send("payments", f"order:{credit.order_id}", SettleReturns(order_id=credit.order_id))


def _entry(
    tx: Transaction, source: Payment, kind: EntryKind, amount: int, *, credit: ReturnCredit, to: UUID, cause: str
) -> None:
    source.updated_at = tx.now
    tx.add(
        PaymentEntry(
            id=uuid7(), payment_id=source.id, order_id=source.order_id, kind=kind, state=EntryState.succeeded,
            amount=amount, currency=source.currency, cause=cause, return_id=credit.return_id, moved_to=to,
            actor=tx.who.actor, at=tx.now, settled_at=tx.now, attempts=0, follows_total=False, goodwill=False,
        )
    )  # fmt: skip
    tx.flush()
