"""What becomes of an entry once the provider has told. Whoever brings the news first settles it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from agents.payments import ledger, rules
from agents.payments.messages import (
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentStepDeclined,
    PaymentVoided,
)
from agents.payments.providers import Kind, Outcome, PaymentProvider, Status
from agents.payments.telling import say_money
from db.errors import NotFound
from db.orders import Order
from db.payments import EntryKind, EntryState, Payment, PaymentEntry, PaymentState
from db.session import Transaction


@dataclass(frozen=True)
class Request:
    """What to ask of a provider. `key` is its idempotency key; `attempts` counts this one."""

    key: str
    kind: Kind
    provider: str
    provider_ref: str
    amount: int
    currency: str
    token: str
    reference: str
    attempts: int

    def send(self, provider: PaymentProvider) -> Outcome:
        if self.kind is Kind.authorise:
            return provider.authorise(self.key, self.amount, self.currency, self.token, self.reference)
        if self.kind is Kind.capture:
            return provider.capture(self.key, self.provider_ref, self.amount, self.currency)
        if self.kind is Kind.void:
            return provider.void(self.key, self.provider_ref)
        return provider.refund(self.key, self.provider_ref, self.amount, self.currency)

    def look_up(self, provider: PaymentProvider) -> Outcome:
        return provider.look_up(
            self.key,
            self.kind,
            provider_ref=self.provider_ref,
            amount=self.amount,
            currency=self.currency,
            token=self.token,
            reference=self.reference,
        )


def take_up(tx: Transaction, entry_id: UUID) -> Request | None:
    """Count an attempt and say what to ask; None when the entry is settled. Raises NotFound."""
    row = tx.execute(
        select(PaymentEntry, Payment, Order.number)
        .join(Payment, Payment.id == PaymentEntry.payment_id)
        .join(Order, Order.id == PaymentEntry.order_id, isouter=True)
        .where(PaymentEntry.id == entry_id)
    ).one_or_none()
    if row is None:
        raise NotFound("payment entry", str(entry_id))
    entry, payment, number = row
    if entry.state in {EntryState.succeeded, EntryState.declined}:
        return None
    # Not through the mapped row: counting is no change of the ledger, and needs no audit entry.
    counted = (
        update(PaymentEntry)
        .where(PaymentEntry.id == entry_id)
        .values(attempts=PaymentEntry.attempts + 1, checked_at=tx.now)
    )
    attempts = tx.execute(
        counted.returning(PaymentEntry.attempts), execution_options={"synchronize_session": False}
    ).scalar_one()
    return Request(
        key=str(entry.id),
        kind=Kind(entry.kind),
        provider=payment.provider,
        provider_ref=payment.provider_ref or "",
        amount=entry.amount,
        currency=entry.currency,
        token=payment.token or "",
        reference=number or str(entry.order_id),
        attempts=attempts,
    )


def settle(tx: Transaction, entry_id: UUID, outcome: Outcome) -> bool:
    """Book what the provider told of an entry, once; returns whether it was news.

    Locks the order's payments. Raises NotFound.
    """
    found = tx.get(PaymentEntry, entry_id)
    if found is None:
        raise NotFound("payment entry", str(entry_id))
    held = ledger.account(tx, found.order_id)
    entry = tx.get_one(PaymentEntry, entry_id, populate_existing=True)
    then = rules.settled_as(EntryState(entry.state), EntryKind(entry.kind), outcome.status)
    if then is None:
        return False
    payment = held[entry.payment_id]
    came_back = entry.state == EntryState.succeeded
    entry.state = then
    entry.provider_ref = outcome.provider_ref or entry.provider_ref
    entry.code, entry.message = outcome.code or None, outcome.message or None
    if then in {EntryState.succeeded, EntryState.declined}:
        entry.settled_at = tx.now
    if entry.kind == EntryKind.authorise and outcome.provider_ref:
        payment.provider_ref = outcome.provider_ref
    if then is EntryState.succeeded:
        entry.amount = outcome.amount or entry.amount
        _succeeded(tx, payment, entry)
        if entry.kind in {EntryKind.authorise, EntryKind.capture}:
            ledger.straighten(tx, held, cause=f"order:{entry.order_id}")
    elif then is EntryState.declined:
        _declined(tx, payment, entry, came_back=came_back)
    elif then is EntryState.unknown and payment.state == PaymentState.pending:
        ledger.move(tx, payment, PaymentState.unknown, why="the provider did not answer")
    say_money(tx, entry.order_id, held.payments, payment.currency)
    return True


def _succeeded(tx: Transaction, payment: Payment, entry: PaymentEntry) -> None:
    subject, amount = f"order:{entry.order_id}", entry.amount
    facts = {"order_id": entry.order_id, "payment_id": payment.id}
    with_amount = facts | {"amount": amount, "currency": payment.currency}
    said: msgspec.Struct
    if entry.kind == EntryKind.authorise:
        payment.authorised = amount
        ledger.move(tx, payment, PaymentState.authorised, why=entry.cause)
        said = msgspec.convert(with_amount, PaymentAuthorised)
    elif entry.kind == EntryKind.capture:
        ledger.move(tx, payment, PaymentState.captured, why=entry.cause)
        payment.captured += amount
        payment.authorised = payment.captured  # the provider releases the rest of the hold
        said = msgspec.convert(with_amount, PaymentCaptured)
    elif entry.kind == EntryKind.void:
        ledger.move(tx, payment, PaymentState.voided, why=entry.cause)
        payment.authorised = 0
        said = msgspec.convert(facts, PaymentVoided)
    else:
        payment.refunded += amount
        if payment.refunded == payment.captured:
            ledger.move(tx, payment, PaymentState.refunded, why=entry.cause)
        said = msgspec.convert(with_amount | {"detail": {"entry_id": str(entry.id)}}, PaymentRefunded)
    payment.error = None
    payment.updated_at = tx.now
    tx.announce(subject, said)


def _declined(tx: Transaction, payment: Payment, entry: PaymentEntry, *, came_back: bool) -> None:
    """A declined authorisation ends the payment; a declined step leaves it as it was, for somebody to see."""
    subject, why = f"order:{entry.order_id}", entry.message or entry.code or "no reason was given"
    payment.error = why
    payment.updated_at = tx.now
    if entry.kind == EntryKind.authorise:
        ledger.move(tx, payment, PaymentState.declined, why=why)
        tx.announce(subject, PaymentDeclined(order_id=entry.order_id, payment_id=payment.id, why=why))
        return
    if came_back:
        payment.refunded -= entry.amount
        ledger.move(tx, payment, PaymentState.captured, why=f"a refund came back: {why}")
    tx.note(
        subject,
        to_status=f"{entry.kind} declined",
        why=why,
        detail={"payment_id": str(payment.id), "amount": entry.amount},
    )
    tx.announce(
        subject,
        PaymentStepDeclined(
            order_id=entry.order_id,
            payment_id=payment.id,
            kind=entry.kind,
            amount=entry.amount,
            currency=payment.currency,
            why=why,
        ),
    )


def not_possible(refusal: Exception, code: str) -> Outcome:
    """What a provider refuses before it begins, such as an amount that it cannot express."""
    return Outcome(Status.declined, code=code, message=str(refusal))
