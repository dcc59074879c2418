"""Asks for money to move: entries in the ledger, under lock, and the tasks that carry them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.payments import own_money, rules
from agents.payments.booking import declined, move, succeeded
from agents.payments.messages import (
    CallProvider,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
)
from agents.payments.providers.choose import BOOKED
from agents.payments.valuing import book
from db.base import uuid7
from db.errors import NotFound
from db.payments import (
    OWN,
    EntryKind,
    EntryState,
    Payment,
    PaymentEntry,
    PaymentState,
    Security,
    credits_of,
    entries_of,
    order_worth,
    payments_of,
)
from db.session import Transaction
from db.stored_value import StoredValue, ValueMove


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
    replaces: bool = False,
    security: bool = False,
    renews: UUID | None = None,
) -> Payment:
    """A new payment: asked of its provider, or written down at once when the money moves elsewhere.

    `replaces`: once it holds its money, the others of the order are let go; with `renews` that one.
    """
    payment = _new(tx, order_id, provider, amount, currency)
    payment.token = token
    payment.replaces, payment.renews = replaces, renews
    payment.security = Security.held if security else None
    if provider in BOOKED:
        payment.provider_ref = reference
        done = {"state": EntryState.succeeded, "settled_at": tx.now, "provider_ref": reference}
        _write(tx, payment, EntryKind.capture, amount, cause, **done)
        payment.authorised = payment.captured = amount
        move(tx, payment, PaymentState.captured, why=f"recorded as {provider}")
        tx.announce(
            f"order:{order_id}",
            PaymentCaptured(order_id=order_id, payment_id=payment.id, amount=amount, currency=currency),
        )
    else:
        ask(tx, payment, EntryKind.authorise, amount, cause=cause)
    tx.insert_new(payment)
    return payment


def refuse_payment(tx: Transaction, order_id: UUID, *, provider: str, amount: int, currency: str, why: str) -> Payment:
    """A payment that no provider was asked for, because there is none to ask."""
    payment = _new(tx, order_id, provider, amount, currency)
    payment.error = why
    move(tx, payment, PaymentState.declined, why=why)
    tx.insert_new(payment)
    tx.announce(f"order:{order_id}", PaymentDeclined(order_id=order_id, payment_id=payment.id, why=why))
    return payment


def _new(tx: Transaction, order_id: UUID, provider: str, amount: int, currency: str) -> Payment:
    return Payment(
        id=uuid7(),
        order_id=order_id,
        provider=provider,
        currency=currency,
        amount=amount,
        authorised=0,
        captured=0,
        refunded=0,
        replaces=False,
        let_go=False,
        state=PaymentState.pending,
        created_at=tx.now,
        updated_at=tx.now,
    )


def ask(
    tx: Transaction,
    payment: Payment,
    kind: EntryKind,
    amount: int,
    *,
    cause: str,
    follows_total: bool = False,
    goodwill: bool = False,
    return_id: UUID | None = None,
    value: StoredValue | None = None,
) -> PaymentEntry:
    """Write down what is wanted; the provider is called after the commit. Check what is free before.

    What our own books hold moves at once: gift cards, store credit, and a refund that goes to the store credit `value`.
    """
    about: dict[str, Any] = {"follows_total": follows_total, "goodwill": goodwill, "return_id": return_id}
    payment.updated_at = tx.now
    if value is not None:
        book(
            tx, value, ValueMove.refunded, amount, why=cause, payment_id=payment.id, order_id=payment.order_id,
            return_id=return_id,
        )  # fmt: skip
        return _done(tx, payment, kind, amount, cause, value_id=value.id, **about)
    if payment.provider in OWN:
        why_not = own_money.carry_out(tx, payment, kind, amount, cause=cause)
        return _done(tx, payment, kind, amount, cause, message=why_not, **about)
    if payment.provider not in BOOKED:
        entry = _write(tx, payment, kind, amount, cause, **about)
        tx.send("payments", f"order:{payment.order_id}", CallProvider(entry_id=entry.id))
        return entry
    if kind is not EntryKind.refund:
        raise ValueError(f"there is nothing to {kind} on a payment that is {payment.provider}")
    about |= {"state": EntryState.succeeded, "settled_at": tx.now}
    about["message"] = "Written down here; the money goes back the way it came."
    entry = _write(tx, payment, kind, amount, cause, **about)
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


def _done(tx: Transaction, payment: Payment, kind: EntryKind, amount: int, cause: str, **more: Any) -> PaymentEntry:
    """An entry that is decided in the transaction that asks for it; `message` says why it was declined."""
    why_not = more.get("message")
    state = EntryState.declined if why_not else EntryState.succeeded
    entry = _write(tx, payment, kind, amount, cause, state=state, settled_at=tx.now, **more)
    if why_not:
        declined(tx, payment, entry, came_back=False)
    else:
        succeeded(tx, payment, entry)
    return entry


def _write(tx: Transaction, payment: Payment, kind: EntryKind, amount: int, cause: str, **more: Any) -> PaymentEntry:
    entry = PaymentEntry(
        id=uuid7(),
        payment_id=payment.id,
        order_id=payment.order_id,
        kind=kind,
        amount=amount,
        currency=payment.currency,
        cause=cause,
        actor=tx.who.actor,
        at=tx.now,
        **more,
    )
    tx.insert_new(entry)
    return entry


def straighten(tx: Transaction, held: Account, *, cause: str, shipped: bool = False) -> int:
    """Ask for whatever brings the money in line with what the order is worth now; safe at any time.

    Once something has left the house, what is missing is captured. What was captured above the worth is
    refunded, holds that nobody needs are voided, and what gift cards and store credit hold above it goes back onto
    them. What waits for an answer is looked at again when the answer is there. Returns how many steps were asked for.
    """
    order = order_worth(tx, held.order_id)
    if order is None or not held.payments:
        return 0
    now = held.standings(tx)
    capture = rules.captures(now, order.worth) if shipped or order.shipped else []
    by_hand = any(p.advanced for p in now)
    counted = sum(c.counted for c in credits_of(tx, held.order_id)) if by_hand else 0
    refund = rules.refunds(now, order.worth, counted=counted)
    for payment_id, amount in capture:
        ask(tx, held[payment_id], EntryKind.capture, amount, cause=cause)
    for payment_id, amount in refund:
        ask(tx, held[payment_id], EntryKind.refund, amount, cause=cause, follows_total=True)
    if any(held[payment_id].provider in OWN for payment_id, _ in capture):
        now = held.standings(tx)  # our own books have paid already, and no answer comes that would look again
    void = rules.voids(now, order.worth)
    for payment_id in void:
        ask(tx, held[payment_id], EntryKind.void, held[payment_id].authorised, cause=cause)
    release = [] if capture or void else rules.releases(now, order.worth)
    for payment_id, amount in release:
        whole = amount == held[payment_id].authorised
        ask(tx, held[payment_id], EntryKind.void if whole else EntryKind.release, amount, cause=cause)
    return len(capture) + len(refund) + len(void) + len(release)
