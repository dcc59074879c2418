"""Orders that the returns agent asks for: placed like any other, and told either way."""

from __future__ import annotations

from uuid import UUID

from agents.orders import cancelling, placing
from agents.orders.messages import CancelOrder
from agents.orders.messages.substitutes import (
    CancelSubstitute,
    PlaceSubstitute,
    SubstitutePlaced,
    SubstituteRefused,
)
from db.errors import Refusal
from db.session import Transaction


def place_substitute(tx: Transaction, task: PlaceSubstitute) -> None:
    (outcome,) = placing.place(tx, [task.ask], [tx.who])
    if isinstance(outcome, Refusal):
        _refused(tx, task.source_id, outcome)
        return
    placed = SubstitutePlaced(source_id=task.source_id, order_id=outcome.id, number=outcome.number)
    tx.announce(f"replacement:{task.source_id}", placed)


def cancel_substitute(tx: Transaction, task: CancelSubstitute) -> None:
    try:
        with tx.attempt():
            cancelling.cancel(tx, CancelOrder(order_id=task.order_id, reason=task.reason))
    except Refusal as refusal:
        _refused(tx, task.source_id, refusal)


def _refused(tx: Transaction, source_id: UUID, refusal: Refusal) -> None:
    tx.announce(f"replacement:{source_id}", SubstituteRefused(source_id=source_id, why=str(refusal)))
