"""Gives back what is owed for units that came back: never more than was captured, however it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from agents.payments import ledger, rules
from agents.payments.messages import RefundReturn, ReturnMoney
from agents.payments.valuing import book
from db.payments import (
    OPEN,
    EntryKind,
    EntryState,
    PaymentEntry,
    ReturnCredit,
    credits_of,
    entries_of,
    order_worth,
)
from db.session import Transaction
from db.stored_value import StoredValue, ValueMove, credit_of


def refund_return(tx: Transaction, held: ledger.Account, task: RefundReturn) -> int:
    """Raise what is owed for a return to what the task says, and give back what is missing.

    Said again, nothing is asked twice. What a provider declined before is asked anew. Returns how many refunds were
    asked for. Amounts only grow: a smaller one is an older message. When it is over, nothing more is owed.
    """
    owed = {c.return_id: c for c in credits_of(tx, held.order_id)}
    if task.return_id not in owed:
        owed[task.return_id] = ReturnCredit(
            return_id=task.return_id, order_id=held.order_id, credit=0, counted=0, set_aside=0, bonus=0, bonus_given=0,
            to_credit=False, asked_at=tx.now,
        )  # fmt: skip
        tx.add(owed[task.return_id])
    credit = owed[task.return_id]
    credit.credit = credit.counted + _given(tx, credit) if task.over else max(credit.credit, task.credit)
    credit.set_aside = min(credit.credit, max(task.set_aside if not task.over else 0, _moved(tx, credit)))
    credit.to_credit = task.to_credit
    credit.bonus = credit.bonus_given if task.over else max(credit.bonus, task.bonus)
    tx.flush()
    return give_back(tx, held, [credit])


def give_back(tx: Transaction, held: ledger.Account, owed: Sequence[ReturnCredit]) -> int:
    """Ask for what is still missing of each, and say where it stands; returns how many refunds were asked for."""
    asked = 0
    for credit in owed:
        _count_advance(tx, held, credit)
        value = _store_credit(tx, held, credit)
        for payment_id, amount in rules.newest_first(held.standings(tx), _due(tx, credit)):
            cause = f"return:{credit.return_id}"
            ledger.ask(
                tx, held[payment_id], EntryKind.refund, amount, cause=cause, return_id=credit.return_id, value=value
            )
            asked += 1
        if value is not None and credit.bonus > credit.bonus_given and not _due(tx, credit):
            _give_bonus(tx, value, credit)
        say(tx, held, credit)
    return asked


def _store_credit(tx: Transaction, held: ledger.Account, credit: ReturnCredit) -> StoredValue | None:
    """Where the money goes in place of where it came from; None: it goes back the way it was paid."""
    order = order_worth(tx, held.order_id) if credit.to_credit else None
    if order is None or order.customer_id is None:
        return None
    return credit_of(tx, order.customer_id, order.currency)


def _give_bonus(tx: Transaction, value: StoredValue, credit: ReturnCredit) -> None:
    more = credit.bonus - credit.bonus_given
    credit.bonus_given = credit.bonus
    why = "a bonus for credit in place of money"
    book(tx, value, ValueMove.bonus, more, why=why, order_id=credit.order_id, return_id=credit.return_id)


def _due(tx: Transaction, credit: ReturnCredit) -> int:
    """What is neither given back, nor on its way, nor kept for what goes out in exchange."""
    kept = max(0, credit.set_aside - _moved(tx, credit))
    return credit.credit - credit.counted - _given(tx, credit) - kept


def settle_returns(tx: Transaction, held: ledger.Account) -> None:
    """Money moved to another order, or came back from it."""
    give_back(tx, held, credits_of(tx, held.order_id))


def give_back_missing(tx: Transaction, held: ledger.Account) -> None:
    """More was captured: who waits for money of the order has it now."""
    missing = [c for c in credits_of(tx, held.order_id) if _due(tx, c) > 0]
    give_back(tx, held, missing)


def hear_settled(tx: Transaction, held: ledger.Account, entry: PaymentEntry) -> None:
    """A refund went through or did not: say where its return stands. One by hand may no longer count towards any."""
    if entry.return_id is not None:
        say(tx, held, tx.get_one(ReturnCredit, entry.return_id))
    elif entry.state == EntryState.declined and not entry.goodwill:
        _uncount(tx, held)


def _count_advance(tx: Transaction, held: ledger.Account, credit: ReturnCredit) -> None:
    """What was given back by hand counts, so that nobody is paid twice for the same units; goodwill does not."""
    due = _due(tx, credit)
    order = order_worth(tx, held.order_id)
    if due <= 0 or order is None:
        return
    counted = sum(c.counted for c in credits_of(tx, held.order_id))
    credit.counted += min(due, rules.free_advance(held.standings(tx), order.worth, counted=counted))
    tx.flush()


def _uncount(tx: Transaction, held: ledger.Account) -> None:
    owed = credits_of(tx, held.order_id)
    gone = sum(c.counted for c in owed) - sum(s.advanced for s in held.standings(tx))
    for credit in reversed(owed):
        back = min(gone, credit.counted)
        if back > 0:
            credit.counted -= back
            gone -= back
            say(tx, held, credit)


def _given(tx: Transaction, credit: ReturnCredit) -> int:
    """Given back for it, or on its way."""
    tx.flush()
    return sum(_sign(e) * e.amount for e in _refunds(tx, credit) if e.state != EntryState.declined)


def _moved(tx: Transaction, credit: ReturnCredit) -> int:
    """Of what was given, what pays for another order now."""
    return sum(_sign(e) * e.amount for e in _refunds(tx, credit) if e.moved_to is not None)


def _sign(entry: PaymentEntry) -> int:
    return -1 if entry.kind == EntryKind.restore else 1


def _refunds(tx: Transaction, credit: ReturnCredit) -> list[PaymentEntry]:
    """Refunds for it, and what came back of those that had moved to another order."""
    return [e for e in entries_of(tx, credit.order_id) if e.return_id == credit.return_id]


def say(tx: Transaction, held: ledger.Account, credit: ReturnCredit) -> None:
    tx.flush()
    refunds = _refunds(tx, credit)
    stands = held.standings(tx)
    moved = _moved(tx, credit)
    declined = [e for e in refunds if e.state == EntryState.declined]
    to_come = any(s.capturable or s.capturing or s.state in rules.WAITING for s in stands)
    tx.announce(
        f"return:{credit.return_id}",
        ReturnMoney(
            return_id=credit.return_id,
            order_id=credit.order_id,
            currency=held.payments[0].currency if held.payments else "",
            credit=credit.credit,
            counted=credit.counted,
            refunded=sum(_sign(e) * e.amount for e in refunds if e.state == EntryState.succeeded),
            open=sum(e.amount for e in refunds if e.state in OPEN),
            unknown=any(e.state == EntryState.unknown for e in refunds),
            due=_due(tx, credit),
            set_aside=max(0, credit.set_aside - moved),
            moved=moved,
            bonus=credit.bonus_given,
            declined=(declined[-1].message or declined[-1].code or "no reason was given") if declined else None,
            nothing_left=bool(held.payments) and not to_come and not any(s.refundable for s in stands),
        ),
    )
