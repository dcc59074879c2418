"""Holds that secure goods which leave before others are back: kept, held anew, let go, or taken.

A card's hold ends by itself, after a week with most cards. A day before that the same amount is held again, and once
that is there the first is let go. What cannot be held again is taken while it still can be: the goods are with the
customer, and what is owed to them then goes back as on any return.
"""

from __future__ import annotations

from datetime import timedelta

from agents.payments import ledger, own_money
from agents.payments.messages import SettleSecurity
from db.payments import (
    EntryKind,
    Payment,
    PaymentState,
    Security,
    order_worth,
    running_out,
)
from db.session import Transaction

HOLD = timedelta(days=7)  # where a provider does not say; what card networks grant for goods that are shipped
RENEW_BEFORE = timedelta(days=1)
AT_ONCE = 50


def settle_security(tx: Transaction, held: ledger.Account, task: SettleSecurity) -> int:
    """Said twice, nothing is taken twice. Returns how much was asked for, in steps."""
    order = order_worth(tx, held.order_id)
    if order is None or not held.payments:
        return 0
    if task.return_id is not None:
        others = [s for s in held.standings(tx) if s.security is None]
        there = own_money.free(tx, "exchange", str(task.return_id), order_id=held.order_id, currency=order.currency)
        amount = min(there, order.worth - sum(s.promised for s in others))
        if amount > 0:
            ledger.open_payment(
                tx, held.order_id, provider="exchange", token=str(task.return_id), amount=amount,
                currency=order.currency, cause=f"return:{task.return_id}",
            )  # fmt: skip
            tx.flush()
            held = ledger.account(tx, held.order_id)
    for payment in held.payments:
        if payment.security == Security.held:
            payment.security, payment.updated_at = Security.due, tx.now
    tx.flush()
    return 1 + ledger.straighten(tx, held, cause=f"return:{task.return_id}" if task.return_id else "not back in time")


def renew(tx: Transaction) -> int:
    """Ask for holds in place of those that run out. Returns how many."""
    found = running_out(tx, before=tx.now + RENEW_BEFORE, limit=AT_ONCE)
    for seen in found:
        old = ledger.account(tx, seen.order_id)[seen.id]
        if old.security != Security.held or old.state != PaymentState.authorised:
            continue
        ledger.open_payment(
            tx, old.order_id, provider=old.provider, token=old.token, amount=old.authorised, currency=old.currency,
            cause=f"payment:{old.id} is held no longer than {old.holds_until:%d %b}", security=True, renews=old.id,
        )  # fmt: skip
    return len(found)


def renewed(tx: Transaction, held: ledger.Account, new: Payment) -> None:
    """The new hold is there: the old one is let go, or the new one where the goods came meanwhile."""
    old = held[new.renews] if new.renews is not None else new
    over = old if old.security == Security.held else new
    if over.state == PaymentState.authorised:
        ledger.ask(tx, over, EntryKind.void, over.authorised, cause=f"payment:{new.id} is held in place of {old.id}")


def not_renewed(tx: Transaction, held: ledger.Account, new: Payment) -> None:
    """It cannot be held again, so it is taken while it is held."""
    old = held[new.renews] if new.renews is not None else new
    new.security = None
    if old.security == Security.held and old.state == PaymentState.authorised:
        old.security = Security.due
        tx.note(f"order:{held.order_id}", to_status="security due", why=f"it cannot be held again: {new.error}")
        ledger.straighten(tx, held, cause=f"payment:{new.id} could not take its place")
