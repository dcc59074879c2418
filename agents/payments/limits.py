"""How much goodwill a role may give on one order before somebody else has to do it."""

from __future__ import annotations

from agents.payments.ledger import Account
from agents.payments.messages import RefundLimitState, SetRefundLimit
from agents.payments.refusals import AboveRefundLimit, AmountNotPositive
from db.errors import NotFound
from db.money import minor_digits
from db.payments import EntryKind, EntryState, RefundLimit, entries_of
from db.people import Role, User, person_behind
from db.session import Transaction, check_version


def set_limit(tx: Transaction, ask: SetRefundLimit) -> RefundLimitState:
    """Raises NotFound, AmountNotPositive, StaleVersion."""
    minor_digits(ask.currency)
    if tx.get(Role, ask.role) is None:
        raise NotFound("role", ask.role)
    if ask.amount is not None and ask.amount < 0:
        raise AmountNotPositive(ask.amount)
    limit = tx.get(RefundLimit, (ask.role, ask.currency), with_for_update=True, populate_existing=True)
    if limit is not None:
        check_version(limit, ask.version, kind="refund limit", id=f"{ask.role}/{ask.currency}")
    if ask.amount is None:
        if limit is not None:
            tx.delete(limit)
    elif limit is None:
        tx.add(RefundLimit(role=ask.role, currency=ask.currency, amount=ask.amount, version=1, updated_at=tx.now))
    elif limit.amount != ask.amount:
        limit.amount, limit.updated_at = ask.amount, tx.now
    return RefundLimitState(role=ask.role, currency=ask.currency, amount=ask.amount)


def check_goodwill(tx: Transaction, held: Account, amount: int, currency: str) -> None:
    """Whether whoever asks may give so much more goodwill on an order. Raises AboveRefundLimit.

    Its payments are locked. All the goodwill of the order counts, whoever gave it: it cannot be given in pieces.
    """
    role = _role_of(tx, tx.who.actor)
    limit = tx.get(RefundLimit, (role.name, currency)) if role is not None and not role.locked else None
    if role is None or limit is None:
        return
    given = sum(
        e.amount
        for e in entries_of(tx, held.order_id)
        if e.kind == EntryKind.refund and e.goodwill and e.state != EntryState.declined
    )
    if given + amount > limit.amount:
        raise AboveRefundLimit(role.name, amount, given, limit.amount, currency)


def _role_of(tx: Transaction, actor: str) -> Role | None:
    """Of the person who asks, or whom the key that asks belongs to."""
    behind = person_behind(tx, actor)
    person = tx.get(User, behind) if behind is not None else None
    return tx.get(Role, person.role) if person is not None else None
