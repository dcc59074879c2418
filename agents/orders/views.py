"""The order as answers tell it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec

from agents.contract import Command, Undo
from agents.orders.messages import AllocationView, LineView, OrderState
from agents.orders.rules import next_steps
from db.orders import OrderSheet
from db.session import Transaction
from db.stock import AllocationState

UNDO_FOR = timedelta(minutes=10)
"""How long a step is offered to be taken back; afterwards it is a step like any other."""


def state_of(sheet: OrderSheet) -> OrderState:
    return tell(sheet.order, sheet.lines, sheet.allocations, [h.reason for h in sheet.holds])


def with_undo(state: OrderState, tx: Transaction, says: str, back: Command) -> OrderState:
    """The state with the command that takes back what was just done."""
    undo = Undo(says=says, kind=type(back).__name__, body=msgspec.to_builtins(back), until=tx.now + UNDO_FOR)
    return msgspec.structs.replace(state, undo=undo)


def tell(order: Any, lines: Iterable[Any], allocations: Iterable[Any], holds: list[str]) -> OrderState:
    """The state of an order from its rows, or from anything with their attributes."""
    lines = list(lines)
    promised = [a for a in allocations if a.state != AllocationState.released]
    return OrderState(
        id=order.id,
        number=order.number,
        status=order.status,
        payment_status=order.payment_status,
        currency=order.currency,
        subtotal=order.subtotal,
        discount=order.discount,
        shipping=order.shipping,
        tax=order.tax,
        total=order.total,
        cancelled_total=order.cancelled_total,
        total_now=order.total - order.cancelled_total,
        version=order.version,
        lines=[_line(n) for n in lines],
        allocations=[_allocation(a) for a in promised],
        holds=holds,
        next=next_steps(order.status, live=order.live, lines=lines, allocations=promised, holds=holds),
        placed_at=order.placed_at,
    )


def _line(n: Any) -> LineView:
    return LineView(
        line_no=n.line_no,
        sku=n.sku,
        title=n.title,
        quantity=n.quantity,
        cancelled=n.cancelled,
        shipped=n.shipped,
        unit_amount=n.unit_amount,
        discount=n.line_discount + n.order_discount,
        tax=n.tax,
        total=n.total,
        cancelled_amount=n.cancelled_amount,
    )


def _allocation(a: Any) -> AllocationView:
    return AllocationView(
        id=a.id, line_no=a.line_no, sku=a.sku, node=a.node, quantity=a.quantity, state=a.state, why=a.why
    )
