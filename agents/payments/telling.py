"""How payments are told: the sums of an order as an event, a payment with its ledger as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.payments import rules
from agents.payments.messages import EntryView, OrderMoney, PaymentView
from db.payments import OPEN, Payment, PaymentState, entries_of
from db.session import Transaction


def say_money(tx: Transaction, order_id: UUID, payments: Sequence[Payment], currency: str) -> None:
    tx.flush()
    say_sums(tx, order_id, payments, currency, unanswered=sum(e.state in OPEN for e in entries_of(tx, order_id)))


def say_sums(
    tx: Transaction, order_id: UUID, payments: Sequence[Payment], currency: str, *, unanswered: int = 0
) -> None:
    """Like `say_money`, for who knows how many entries still wait for a provider's answer."""
    tx.announce(
        f"order:{order_id}",
        OrderMoney(
            order_id=order_id,
            currency=currency,
            # A payment that another has taken the place of is as if it had never been, once its money is back.
            authorised=sum(p.authorised - (p.refunded if p.let_go else 0) for p in payments),
            captured=sum(p.captured - (p.refunded if p.let_go else 0) for p in payments),
            refunded=sum(p.refunded for p in payments if not p.let_go),
            open=unanswered,
            declined=bool(payments) and all(p.state == PaymentState.declined for p in payments),
        ),
    )


def view(tx: Transaction, payment: Payment) -> PaymentView:
    tx.flush()
    entries = [e for e in entries_of(tx, payment.order_id) if e.payment_id == payment.id]
    return PaymentView(
        id=payment.id,
        order_id=payment.order_id,
        provider=payment.provider,
        currency=payment.currency,
        amount=payment.amount,
        authorised=payment.authorised,
        captured=payment.captured,
        refunded=payment.refunded,
        state=payment.state,
        version=payment.version,
        entries=[
            EntryView(id=e.id, kind=e.kind, state=e.state, amount=e.amount, at=e.at.isoformat(), message=e.message)
            for e in entries
        ],
        next=rules.next_steps(rules.standing(payment, entries)),
    )
