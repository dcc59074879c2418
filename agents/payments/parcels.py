"""Gives money back for a parcel in trouble: once for each, and never more than is left of what was captured."""

from __future__ import annotations

from uuid import UUID

from agents.payments import ledger, rules
from agents.payments.messages import ParcelMoney, RefundParcel
from db.payments import OPEN, EntryKind, EntryState, PaymentEntry, entries_of
from db.session import Transaction

_CAUSE = "exception:"


def refund_parcel(tx: Transaction, held: ledger.Account, task: RefundParcel) -> int:
    """Returns how many refunds were asked for. What was given before for the same exception is not given again."""
    before = sum(e.amount for e in _entries(tx, task.order_id, task.exception_id) if e.state != EntryState.declined)
    chosen = rules.newest_first(held.standings(tx), task.amount - before)
    for payment_id, amount in chosen:
        cause = f"{_CAUSE}{task.exception_id}"
        ledger.ask(tx, held[payment_id], EntryKind.refund, amount, cause=cause, goodwill=True)
    say(tx, task.order_id, task.exception_id)
    return len(chosen)


def hear_settled(tx: Transaction, entry: PaymentEntry) -> None:
    if entry.cause.startswith(_CAUSE):
        say(tx, entry.order_id, UUID(entry.cause.removeprefix(_CAUSE)))


def say(tx: Transaction, order_id: UUID, exception_id: UUID) -> None:
    tx.flush()
    entries = _entries(tx, order_id, exception_id)
    declined = [e for e in entries if e.state == EntryState.declined]
    tx.announce(
        f"order:{order_id}",
        ParcelMoney(
            exception_id=exception_id,
            order_id=order_id,
            asked=sum(e.amount for e in entries if e.state != EntryState.declined),
            refunded=sum(e.amount for e in entries if e.state == EntryState.succeeded),
            open=sum(e.amount for e in entries if e.state in OPEN),
            declined=(declined[-1].message or declined[-1].code or "no reason was given") if declined else None,
        ),
    )


def _entries(tx: Transaction, order_id: UUID, exception_id: UUID) -> list[PaymentEntry]:
    return [e for e in entries_of(tx, order_id) if e.cause == f"{_CAUSE}{exception_id}"]
