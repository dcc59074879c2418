"""What a payment becomes once an entry of its ledger is decided, and how that is told."""

from __future__ import annotations

import msgspec

from agents.payments.messages import (
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentStepDeclined,
    PaymentVoided,
)
from db.errors import IllegalMove
from db.payments import PAYMENT_MOVES, EntryKind, Payment, PaymentEntry, PaymentState
from db.session import Transaction


def succeeded(tx: Transaction, payment: Payment, entry: PaymentEntry) -> None:
    subject, amount = f"order:{entry.order_id}", entry.amount
    facts = {"order_id": entry.order_id, "payment_id": payment.id}
    with_amount = facts | {"amount": amount, "currency": payment.currency}
    said: msgspec.Struct
    if entry.kind == EntryKind.authorise:
        payment.authorised = amount
        move(tx, payment, PaymentState.authorised, why=entry.cause)
        said = msgspec.convert(with_amount, PaymentAuthorised)
    elif entry.kind == EntryKind.capture:
        move(tx, payment, PaymentState.captured, why=entry.cause)
        payment.captured += amount
        payment.authorised = payment.captured  # the provider releases the rest of the hold
        said = msgspec.convert(with_amount, PaymentCaptured)
    elif entry.kind == EntryKind.void:
        move(tx, payment, PaymentState.voided, why=entry.cause)
        payment.authorised = 0
        said = msgspec.convert(facts, PaymentVoided)
    elif entry.kind == EntryKind.release:
        payment.authorised -= amount
        payment.updated_at = tx.now
        detail = {"payment_id": str(payment.id), "amount": amount, "currency": payment.currency}
        tx.note(subject, to_status="payment released", why=entry.cause, detail=detail)
        return
    elif entry.kind == EntryKind.restore:
        payment.refunded -= amount
        move(tx, payment, PaymentState.captured, why=entry.cause)
        payment.updated_at = tx.now
        return
    else:
        payment.refunded += amount
        if payment.refunded == payment.captured:
            move(tx, payment, PaymentState.refunded, why=entry.cause)
        said = msgspec.convert(with_amount | {"detail": {"entry_id": str(entry.id)}}, PaymentRefunded)
    payment.error = None
    payment.updated_at = tx.now
    tx.announce(subject, said)


def declined(tx: Transaction, payment: Payment, entry: PaymentEntry, *, came_back: bool) -> None:
    """A declined authorisation ends the payment; a declined step leaves it as it was, for somebody to see."""
    subject, why = f"order:{entry.order_id}", entry.message or entry.code or "no reason was given"
    payment.error = why
    payment.updated_at = tx.now
    if entry.kind == EntryKind.authorise:
        move(tx, payment, PaymentState.declined, why=why)
        tx.announce(subject, PaymentDeclined(order_id=entry.order_id, payment_id=payment.id, why=why))
        return
    if came_back:
        payment.refunded -= entry.amount
        move(tx, payment, PaymentState.captured, why=f"a refund came back: {why}")
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
