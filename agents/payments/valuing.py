"""A row in the ledger of a gift card or store credit, and the word that it was written."""

from __future__ import annotations

from uuid import UUID

from agents.payments.messages.stored_value import StoredValueChanged
from db.session import Transaction
from db.stored_value import StoredValue, ValueMove, change


def book(
    tx: Transaction,
    value: StoredValue,
    kind: ValueMove,
    amount: int,
    *,
    why: str,
    payment_id: UUID | None = None,
    order_id: UUID | None = None,
    return_id: UUID | None = None,
) -> None:
    """The value is locked, and what it takes is there."""
    if not amount:
        return
    change(tx, value, kind, amount, why=why, payment_id=payment_id, order_id=order_id, return_id=return_id)
    tx.announce(
        f"stored_value:{value.id}",
        StoredValueChanged(
            value_id=value.id,
            kind=value.kind,
            customer_id=value.customer_id,
            currency=value.currency,
            amount=amount,
            balance=value.balance,
            move=kind,
        ),
    )
