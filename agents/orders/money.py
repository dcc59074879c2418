"""What the orders agent does when it hears where the money of orders stands: many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from agents.orders.progress import lift_payment_hold, put_hold, settle
from agents.orders.rules import covered_by, payment_status
from agents.payments.messages import OrderMoney
from db.errors import NotFound
from db.orders import HoldReason, OrderSheet, OrderStatus, PaymentStatus, order_sheets
from db.session import Transaction, Who
from db.wire import Statement, to_json

NOT_YET_LEFT = frozenset({OrderStatus.placed, OrderStatus.released, OrderStatus.held})

_LOCK = """
    SELECT id, status, total - cancelled_total, payment_status, covered, captured, updated_at,
      EXISTS (SELECT 1 FROM order_holds h WHERE h.order_id = o.id AND h.released_at IS NULL AND h.reason = 'payment')
    FROM orders o WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id FOR UPDATE
"""
_SHOW = """
    UPDATE orders o SET payment_status = m.payment_status, covered = m.covered, captured = m.captured,
      updated_at = m.updated_at, version = o.version + 1
    FROM json_to_recordset(%(rows)s::json)
      AS m(id uuid, payment_status text, covered bigint, captured bigint, updated_at timestamptz)
    WHERE o.id = m.id
"""


class Standing(NamedTuple):
    """Where the money of one order stands; what changes is told by comparing two of them."""

    payment_status: str
    covered: int
    captured: int
    updated_at: datetime


class Locked(NamedTuple):
    """Of an order as much as its money asks for."""

    id: UUID
    status: str
    due: int
    standing: Standing
    waits: bool  # a payment hold is on


def hear_money(tx: Transaction, events: Sequence[OrderMoney], whos: Sequence[Who]) -> None:
    """Show where the money stands. Enough of it lifts the payment hold; a void puts it back on.

    Raises:
        NotFound: there is no such order.
    """
    orders = _lock(tx, {e.order_id for e in events})
    found = {ident: of.standing for ident, of in orders.items()}
    move: list[tuple[OrderMoney, Who]] = []
    for event, who in zip(events, whos, strict=True):
        if (order := orders.get(event.order_id)) is None:
            raise NotFound("order", str(event.order_id))
        tx.who = who
        found[order.id] = _shown(tx, order, found[order.id], event)
        if _moves(order, found[order.id]):
            move.append((event, who))
    _write(tx, {ident: now for ident, now in found.items() if now != orders[ident].standing})
    sheets = order_sheets(tx, [e.order_id for e, _ in move], lock=True) if move else {}
    for event, tx.who in move:
        _move(tx, sheets[event.order_id])


def _lock(tx: Transaction, ids: set[UUID]) -> dict[UUID, Locked]:
    (rows,) = tx.ask_together(Statement(_LOCK, {"ids": sorted(ids)}))
    return {
        ident: Locked(ident, status, due, Standing(*standing), waits) for ident, status, due, *standing, waits in rows
    }


def _shown(tx: Transaction, order: Locked, before: Standing, event: OrderMoney) -> Standing:
    """Where it stands now; a new name for it goes into the history, every change into the audit log."""
    status = payment_status(event, due=order.due, before=PaymentStatus(before.payment_status)).value
    renamed = status != before.payment_status
    captured = max(0, event.captured - event.refunded)
    now = Standing(status, covered_by(event), captured, tx.now if renamed else before.updated_at)
    if renamed:
        why, amounts = f"payment {status}, was {before.payment_status}", _amounts(event)
        tx.note(f"order:{order.id}", from_status=order.status, to_status=order.status, why=why, detail=amounts)
    was, became = _told(before), _told(now)
    if changed := [name for name in was if was[name] != became[name]]:
        old, new = ({name: of[name] for name in changed} for of in (was, became))
        tx.audit("update", f"order:{order.id}", before=old, after=new)
    return now


def _told(standing: Standing) -> dict[str, Any]:
    return {**standing._asdict(), "updated_at": standing.updated_at.isoformat()}


def _write(tx: Transaction, changed: Mapping[UUID, Standing]) -> None:
    if changed:
        rows = [{"id": ident, **now._asdict()} for ident, now in changed.items()]
        tx.put_off(_SHOW, {"rows": to_json(rows).decode()})


def _moves(order: Locked, now: Standing) -> bool:
    """Whether the order itself may move for it: most do not, and then nothing more of them has to be read."""
    if order.status == OrderStatus.draft:
        return False
    let_go = now.payment_status == PaymentStatus.voided and order.status in NOT_YET_LEFT and order.due > 0
    return let_go or (order.waits and now.covered >= order.due)


def _move(tx: Transaction, sheet: OrderSheet) -> None:
    order = sheet.order
    if lift_payment_hold(tx, sheet):
        settle(tx, sheet, why=f"payment {order.payment_status}")
    elif order.payment_status == PaymentStatus.voided and HoldReason.payment not in [h.reason for h in sheet.holds]:
        put_hold(tx, sheet, HoldReason.payment, note="the money was let go")
        settle(tx, sheet, why="the payment was voided")


def _amounts(event: OrderMoney) -> dict[str, object]:
    return {"authorised": event.authorised, "captured": event.captured, "refunded": event.refunded}
