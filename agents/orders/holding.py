"""Puts orders on hold and lets them go."""

from __future__ import annotations

from agents.orders.messages import HoldOrder, OrderState, ReleaseOrder
from agents.orders.progress import lift_holds, may_become, put_hold, remark, settle, tell_held
from agents.orders.refusals import HeldAlready, NotHeld, UnknownReason
from agents.orders.rules import HOLDABLE, check_text
from agents.orders.views import state_of, with_undo
from db.errors import IllegalMove
from db.orders import HoldReason, OrderHold, OrderSheet, OrderStatus, order_sheet
from db.session import Transaction


def hold(tx: Transaction, ask: HoldOrder) -> OrderState:
    """Nothing of the order is picked while a hold is on; several reasons may be on at a time.

    Raises:
        HeldAlready: for the same reason.
        IllegalMove: there is nothing left to hold back.
    """
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    check_hold(sheet, ask)
    put_hold(tx, sheet, ask.reason, note=ask.note)
    why = f"{ask.reason}: {ask.note}" if ask.note else ask.reason
    if order.status == OrderStatus.held:
        order.updated_at = tx.now
        remark(tx, order, why=f"also held for {why}")
        tell_held(tx, sheet)
    else:
        settle(tx, sheet, why=f"held for {why}")
    back = ReleaseOrder(order_id=order.id, reason=ask.reason, note="undone")
    return with_undo(state_of(order_sheet(tx, order.id)), tx, "Take the hold off again", back)


def check_hold(sheet: OrderSheet, ask: HoldOrder) -> None:
    """Raises what `hold` would."""
    check_text("note", ask.note)
    _check_reason(ask.reason)
    order = sheet.order
    if not order.live or order.status not in HOLDABLE:
        raise IllegalMove("order", str(order.id), order.status, OrderStatus.held.value, may_become(order.status))
    if ask.reason in [h.reason for h in sheet.holds]:
        raise HeldAlready(str(order.id), ask.reason)


def let_go(tx: Transaction, ask: ReleaseOrder) -> OrderState:
    """Lift one hold, or all of them; with the last the order goes on.

    Raises:
        NotHeld: there is no such hold.
    """
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    lifted = check_release(sheet, ask)
    lift_holds(tx, sheet, lifted)
    order.updated_at = tx.now
    why = "no longer held for " + ", ".join(h.reason for h in lifted)
    why += f": {ask.note}" if ask.note else ""
    if sheet.holds:
        remark(tx, order, why=why)
    settle(tx, sheet, why=why)
    state = state_of(order_sheet(tx, order.id))
    if len(lifted) > 1 or order.status not in HOLDABLE:
        return state  # several holds are several commands; and what has left cannot be held back
    back = HoldOrder(order_id=order.id, reason=lifted[0].reason, note=lifted[0].note)
    return with_undo(state, tx, "Put the hold back on", back)


def check_release(sheet: OrderSheet, ask: ReleaseOrder) -> list[OrderHold]:
    """The holds that would be lifted. Raises what `let_go` would."""
    check_text("note", ask.note)
    if ask.reason is not None:
        _check_reason(ask.reason)
    lifted = [h for h in sheet.holds if ask.reason in (None, h.reason)]
    if not lifted:
        raise NotHeld(str(sheet.order.id), ask.reason, [h.reason for h in sheet.holds])
    return lifted


def _check_reason(reason: str) -> None:
    known = [r.value for r in HoldReason]
    if reason not in known:
        raise UnknownReason(reason, known)
