"""Finds what is wrong and nobody announces, because whoever would is the one that is stuck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agents.notices.messages import LookForTrouble, TellPeople
from db.money import format_money
from db.orders import Order
from db.payments import Payment, PaymentState
from db.runtime import Delivery, DeliveryState, Flow
from db.session import Transaction

AT_ONCE = 100


def find(tx: Transaction, task: LookForTrouble) -> list[TellPeople]:
    return [*_dead_letters(tx), *_stuck_flows(tx), *_payments(tx, task)]


def _dead_letters(session: Session) -> Iterator[TellPeople]:
    """One for each agent and kind of message: a hundred letters for one reason are one trouble."""
    query = (
        select(
            Delivery.agent,
            Delivery.kind,
            func.count(),
            func.max(Delivery.id),
            func.max(Delivery.due_at),
            func.max(Delivery.error),
        )
        .where(Delivery.state == DeliveryState.dead)
        .group_by(Delivery.agent, Delivery.kind)
        .limit(AT_ONCE)
    )
    for agent, kind, count, newest, died, error in session.execute(query):
        letters = "A message was" if count == 1 else f"{count} messages were"
        yield TellPeople(
            kind="dead_letter", subject=f"delivery:{newest}", key=f"dead:{agent}:{kind}", mark=f"{newest}:{died}",
            title=f"{letters} given up: {kind} to {agent}",
            body=f"{error or 'No reason was kept.'}\nRetry or discard it under Agents.",
        )  # fmt: skip


def _stuck_flows(session: Session) -> Iterator[TellPeople]:
    for flow in session.scalars(select(Flow).where(Flow.state == "stuck").order_by(Flow.id.desc()).limit(AT_ONCE)):
        yield TellPeople(
            kind="flow_stuck", subject=flow.subject, key=f"flow:{flow.id}", mark=f"{flow.step}",
            title=f"{flow.name.replace('_', ' ').capitalize()} is stuck", body=flow.error or "No reason was kept.",
        )  # fmt: skip


def _payments(tx: Transaction, task: LookForTrouble) -> Iterator[TellPeople]:
    late = tx.now - timedelta(seconds=task.payments_after_seconds)
    query = (
        select(Payment, Order.number)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.state == PaymentState.unknown, Payment.updated_at <= late)
        .order_by(Payment.updated_at)
        .limit(AT_ONCE)
    )
    for payment, number in tx.execute(query):
        yield TellPeople(
            kind="payment_unknown", subject=f"order:{payment.order_id}", key=f"payment:{payment.id}",
            mark=f"{payment.updated_at:%Y%m%d}", title=f"The payment of order {number} is not known",
            body=f"{payment.provider} has not said what became of {format_money(payment.amount, payment.currency)} "
            f"since {payment.updated_at:%H:%M} UTC. Look it up there; the order waits.",
        )  # fmt: skip
