"""What becomes of an entry once the provider has told. Whoever brings the news first settles it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from agents.payments import booking, changing, ledger, parcels, returning, rules, securing
from agents.payments.providers import AGAIN, Kind, Outcome, PaymentProvider, Status
from agents.payments.securing import HOLD
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
    for_long: bool = False

    def send(self, provider: PaymentProvider) -> Outcome:
        if self.kind is Kind.authorise:
            return provider.authorise(
                self.key, self.amount, self.currency, self.token, self.reference, for_long=self.for_long
            )
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
            for_long=self.for_long,
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
        reference=(number or str(entry.order_id)) + (AGAIN if payment.renews is not None else ""),
        attempts=attempts,
        for_long=payment.security is not None,
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
        booking.succeeded(tx, payment, entry)
        if entry.kind == EntryKind.authorise:
            _holds(tx, held, payment, outcome)
        if entry.kind in {EntryKind.authorise, EntryKind.capture}:
            ledger.straighten(tx, held, cause=f"order:{entry.order_id}")
            returning.give_back_missing(tx, held)
    elif then is EntryState.declined:
        booking.declined(tx, payment, entry, came_back=came_back)
        if entry.kind == EntryKind.authorise and payment.renews is not None:
            securing.not_renewed(tx, held, payment)
    elif then is EntryState.unknown and payment.state == PaymentState.pending:
        booking.move(tx, payment, PaymentState.unknown, why="the provider did not answer")
    if entry.kind == EntryKind.refund:
        returning.hear_settled(tx, held, entry)
        parcels.hear_settled(tx, entry)
    say_money(tx, entry.order_id, held.payments, payment.currency)
    return True


def _holds(tx: Transaction, held: ledger.Account, payment: Payment, outcome: Outcome) -> None:
    payment.holds_until = outcome.holds_until or tx.now + HOLD
    if payment.replaces:
        changing.let_go_others(tx, held, payment)
    if payment.renews is not None:
        securing.renewed(tx, held, payment)


def not_possible(refusal: Exception, code: str) -> Outcome:
    """What a provider refuses before it begins, such as an amount that it cannot express."""
    return Outcome(Status.declined, code=code, message=str(refusal))
