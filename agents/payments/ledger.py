"""Asks for money to move: entries in the ledger, under lock, and the tasks that carry them out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from agents.payments import rules
from agents.payments.messages import (
    CallProvider,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
)
from agents.payments.providers.choose import BOOKED
from db.base import uuid7
from db.errors import IllegalMove, NotFound
from db.payments import (
    PAYMENT_MOVES,
    EntryKind,
    EntryState,
    Payment,
    PaymentEntry,
    PaymentState,
    entries_of,
    order_worth,
    payments_of,
)
from db.session import Transaction


@dataclass(frozen=True)
class Account:
    """All payments of an order, oldest first, locked until the transaction ends."""

    order_id: UUID
    payments: list[Payment]

    def __getitem__(self, payment_id: UUID) -> Payment:
        return next(p for p in self.payments if p.id == payment_id)

    def standings(self, tx: Transaction) -> list[rules.Standing]:
        tx.flush()
        entries = entries_of(tx, self.order_id)
        return [rules.standing(p, entries) for p in self.payments]


def account(tx: Transaction, order_id: UUID) -> Account:
    return Account(order_id, payments_of(tx, order_id, lock=True))


def account_of(tx: Transaction, payment_id: UUID) -> Account:
    """The account that a payment belongs to. Raises NotFound."""
    payment = tx.get(Payment, payment_id)
    if payment is None:
        raise NotFound("payment", str(payment_id))
    return account(tx, payment.order_id)


def open_payment(
    tx: Transaction,
    order_id: UUID,
    *,
    provider: str,
    token: str | None,
    amount: int,
    currency: str,
    cause: str,
    reference: str | None = None,
) -> Payment:
    """A new payment: asked of its provider, or written down at once when the money moves elsewhere."""
    payment = _payment(tx, order_id, provider, amount, currency)
    payment.token = token
    if provider in BOOKED:
        payment.provider_ref = reference
        entry = _entry(tx, payment, EntryKind.capture, amount, cause)
        entry.state, entry.settled_at, entry.provider_ref = EntryState.succeeded, tx.now, reference
        payment.authorised = payment.captured = amount
        move(tx, payment, PaymentState.captured, why=f"recorded as {provider}")
        tx.announce(
            f"order:{order_id}",
            PaymentCaptured(order_id=order_id, payment_id=payment.id, amount=amount, currency=currency),
        )
    else:
        ask(tx, payment, EntryKind.authorise, amount, cause=cause)
    return payment


def refuse_payment(tx: Transaction, order_id: UUID, *, provider: str, amount: int, currency: str, why: str) -> Payment:
    """A payment that no provider was asked for, because there is none to ask."""
    payment = _payment(tx, order_id, provider, amount, currency)
    payment.error = why
    move(tx, payment, PaymentState.declined, why=why)
    tx.announce(f"order:{order_id}", PaymentDeclined(order_id=order_id, payment_id=payment.id, why=why))
    return payment


def _payment(tx: Transaction, order_id: UUID, provider: str, amount: int, currency: str) -> Payment:
    payment = Payment(
        id=uuid7(),
        order_id=order_id,
        provider=provider,
        currency=currency,
        amount=amount,
        authorised=0,
        captured=0,
        refunded=0,
        state=PaymentState.pending,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.add(payment)
    return payment


def ask(
    tx: Transaction,
    payment: Payment,
    kind: EntryKind,
    amount: int,
    *,
    cause: str,
    follows_total: bool = False,
    goodwill: bool = False,
) -> PaymentEntry:
    """Write down what is wanted; the provider is called after the commit. Check what is free before."""
    entry = _entry(tx, payment, kind, amount, cause)
    entry.follows_total, entry.goodwill = follows_total, goodwill
    payment.updated_at = tx.now
    if payment.provider not in BOOKED:
        tx.send("payments", f"order:{payment.order_id}", CallProvider(entry_id=entry.id))
        return entry
    if kind is not EntryKind.refund:
        raise ValueError(f"there is nothing to {kind} on a payment that is {payment.provider}")
    entry.state, entry.settled_at = EntryState.succeeded, tx.now
    entry.message = "Written down here; the money goes back the way it came."
    payment.refunded += amount
    if payment.refunded == payment.captured:
        move(tx, payment, PaymentState.refunded, why=cause)
    tx.announce(
        f"order:{payment.order_id}",
        PaymentRefunded(
            order_id=payment.order_id,
            payment_id=payment.id,
            amount=amount,
            currency=payment.currency,
            detail={"entry_id": str(entry.id)},
        ),
    )
    return entry


def _entry(tx: Transaction, payment: Payment, kind: EntryKind, amount: int, cause: str) -> PaymentEntry:
    entry = PaymentEntry(
        id=uuid7(),
        payment_id=payment.id,
        order_id=payment.order_id,
        kind=kind,
        state=EntryState.asked,
        amount=amount,
        currency=payment.currency,
        attempts=0,
        cause=cause,
        actor=tx.who.actor,
        at=tx.now,
    )
    tx.add(entry)
    return entry


def straighten(tx: Transaction, held: Account, *, cause: str, shipped: bool = False) -> int:
    """Ask for whatever brings the money in line with what the order is worth now; safe at any time.

    Once something has left the house, what is missing is captured. What was captured above the worth is
    refunded, and holds that nobody needs are voided. What waits for an answer is looked at again when
    the answer is there. Returns how much was asked for, in steps.
    """
    order = order_worth(tx, held.order_id)
    if order is None or not held.payments:
        return 0
    now = held.standings(tx)
    capture = rules.captures(now, order.worth) if shipped or order.shipped else []
    refund, void = rules.refunds(now, order.worth), rules.voids(now, order.worth)
    for payment_id, amount in capture:
        ask(tx, held[payment_id], EntryKind.capture, amount, cause=cause)
    for payment_id, amount in refund:
        ask(tx, held[payment_id], EntryKind.refund, amount, cause=cause, follows_total=True)
    for payment_id in void:
        ask(tx, held[payment_id], EntryKind.void, held[payment_id].authorised, cause=cause)
    return len(capture) + len(refund) + len(void)


def move(tx: Transaction, payment: Payment, to: PaymentState, *, why: str) -> None:
    """Change a payment's state; the order's timeline shows it.

    Raises:
        IllegalMove: the provider contradicts itself, such as a capture of what it voided.
    """
    now_at = PaymentState(payment.state)
    if to is now_at:
        return
    if to not in PAYMENT_MOVES[now_at]:
        may = sorted(s.value for s in PAYMENT_MOVES[now_at])
        raise IllegalMove("payment", str(payment.id), now_at.value, to.value, may)
    tx.note(
        f"order:{payment.order_id}",
        from_status=f"payment {now_at}",
        to_status=f"payment {to}",
        why=why,
        detail={"payment_id": str(payment.id), "amount": payment.amount, "currency": payment.currency},
    )
    payment.state = to
    payment.updated_at = tx.now
