"""Puts orders on hold and lets them go."""

from __future__ import annotations

from agents.orders.messages import HoldOrder, OrderState, ReleaseOrder
from agents.orders.progress import lift_holds, may_become, put_hold, remark, settle, tell_held
from agents.orders.refusals import HeldAlready, NotHeld, UnknownReason
from agents.orders.rules import HOLDABLE, check_text
from agents.orders.views import state_of
from db.errors import IllegalMove
from db.orders import HoldReason, OrderStatus, order_sheet
from db.session import Transaction


def hold(tx: Transaction, ask: HoldOrder) -> OrderState:
    """Nothing of the order is picked while a hold is on; several reasons may be on at a time.

    Raises:
        HeldAlready: for the same reason.
        IllegalMove: there is nothing left to hold back.
    """
    check_text("note", ask.note)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    _check_reason(ask.reason)
    if not order.live or order.status not in HOLDABLE:
        raise IllegalMove("order", str(order.id), order.status, OrderStatus.held.value, may_become(order.status))
    if ask.reason in [h.reason for h in sheet.holds]:
        raise HeldAlready(str(order.id), ask.reason)
    put_hold(tx, sheet, ask.reason, note=ask.note)
    why = f"{ask.reason}: {ask.note}" if ask.note else ask.reason
    if order.status == OrderStatus.held:
        order.updated_at = tx.now
        remark(tx, order, why=f"also held for {why}")
        tell_held(tx, sheet)
    else:
        settle(tx, sheet, why=f"held for {why}")
    return state_of(order_sheet(tx, order.id))


def let_go(tx: Transaction, ask: ReleaseOrder) -> OrderState:
    """Lift one hold, or all of them; with the last the order goes on.

    Raises:
        NotHeld: there is no such hold.
    """
    check_text("note", ask.note)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    if ask.reason is not None:
        _check_reason(ask.reason)
    lifted = [h for h in sheet.holds if ask.reason in (None, h.reason)]
    if not lifted:
        raise NotHeld(str(order.id), ask.reason, [h.reason for h in sheet.holds])
    lift_holds(tx, sheet, lifted)
    order.updated_at = tx.now
    why = "no longer held for " + ", ".join(h.reason for h in lifted)
    why += f": {ask.note}" if ask.note else ""
    if sheet.holds:
        remark(tx, order, why=why)
    settle(tx, sheet, why=why)
    return state_of(order_sheet(tx, order.id))


def _check_reason(reason: str) -> None:
    known = [r.value for r in HoldReason]
    if reason not in known:
        raise UnknownReason(reason, known)
