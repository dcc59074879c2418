"""What a provider tells by itself: matched to the entry that it is about, or written as a new one."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from agents.payments import ledger
from agents.payments.providers import Kind, Outcome, Status, WebhookEvent
from agents.payments.settling import settle
from db.base import uuid7
from db.errors import Unavailable
from db.payments import (
    OPEN,
    EntryKind,
    EntryState,
    Payment,
    PaymentEntry,
    PaymentState,
    WebhookReceipt,
    entries_of,
)
from db.session import Transaction


def take(tx: Transaction, provider: str, event: WebhookEvent) -> bool:
    """Book a verified event; returns whether it was known already."""
    receipt = pg_insert(WebhookReceipt).values(
        provider=provider,
        event_id=event.id,
        kind=event.kind or "other",
        payload=msgspec.to_builtins(event),
        received_at=tx.now,
    )
    first = tx.execute(receipt.on_conflict_do_nothing().returning(WebhookReceipt.event_id)).first()
    if first is None:
        return True
    if event.kind is not None and event.outcome is not None:
        entry_id = _entry_by_key(tx, provider, event) or _entry_by_payment(tx, provider, event, event.outcome)
        if entry_id is not None:
            settle(tx, entry_id, event.outcome)
    return False


def _entry_by_key(tx: Transaction, provider: str, event: WebhookEvent) -> UUID | None:
    """The entry whose key the provider names, if it is of this provider and of this kind."""
    try:
        key = UUID(event.key)
    except ValueError:
        return None
    return tx.scalars(
        select(PaymentEntry.id)
        .join(Payment, Payment.id == PaymentEntry.payment_id)
        .where(PaymentEntry.id == key, PaymentEntry.kind == event.kind, Payment.provider == provider)
    ).one_or_none()


def _entry_by_payment(tx: Transaction, provider: str, event: WebhookEvent, outcome: Outcome) -> UUID | None:
    """For an event without a key of ours: somebody acted in the provider's console, or a hold ran out.

    A hold is captured or voided once, so an entry that waits for that is settled by it. Refunds may be
    many, and are told apart by their own reference.
    """
    if not event.payment_ref or event.kind is Kind.authorise:
        return None
    order_id = tx.scalars(
        select(Payment.order_id).where(Payment.provider == provider, Payment.provider_ref == event.payment_ref)
    ).first()
    if order_id is None:
        return None
    held = ledger.account(tx, order_id)
    payment = next(p for p in held.payments if p.provider_ref == event.payment_ref)
    own = [e for e in entries_of(tx, order_id) if e.payment_id == payment.id and e.kind == event.kind]
    if event.kind is Kind.refund:
        known = next((e for e in own if e.provider_ref == outcome.provider_ref), None)
    else:
        known = next((e for e in own if e.state in OPEN), None)
    if known is not None:
        return known.id
    return _written_for(tx, payment, EntryKind(event.kind or ""), outcome)


def _written_for(tx: Transaction, payment: Payment, kind: EntryKind, outcome: Outcome) -> UUID | None:
    """A new entry for what happened without us; None when it changes nothing."""
    if outcome.status not in {Status.succeeded, Status.pending}:
        return None
    if kind is not EntryKind.refund and payment.state != PaymentState.authorised:
        return None  # told again of what was booked before
    if kind is EntryKind.refund and outcome.amount > payment.captured - payment.refunded:
        raise Unavailable("The refund is of a capture that is not booked yet.", retry_after=60.0)
    entry = PaymentEntry(
        id=uuid7(),
        payment_id=payment.id,
        order_id=payment.order_id,
        kind=kind,
        state=EntryState.asked,
        amount=outcome.amount,
        currency=payment.currency,
        provider_ref=outcome.provider_ref or None,
        attempts=0,
        cause="provider",
        follows_total=False,
        goodwill=False,
        actor=f"provider:{payment.provider}",
        at=tx.now,
    )
    tx.add(entry)
    tx.flush()
    return entry.id
