"""Calls an order back out of the warehouse; the flow `recall` does it, agent by agent."""

from __future__ import annotations

from agents.contract import StartFlow
from agents.orders.messages import OrderState, RecallOrder
from agents.orders.progress import may_become, remark
from agents.orders.refusals import HeldAlready
from agents.orders.rules import check_text
from agents.orders.views import state_of
from db.errors import IllegalMove
from db.orders import HoldReason, OrderStatus, order_sheet
from db.session import Transaction

RECALLABLE = (OrderStatus.released, OrderStatus.held)


def recall(tx: Transaction, ask: RecallOrder) -> OrderState:
    """Start the flow: hold, take back what was picked and packed, cancel. Refused steps undo what came before.

    Raises:
        IllegalMove: the order is not in a warehouse.
        HeldAlready: a person holds it by hand; the flow could not tell that hold from its own.
    """
    check_text("reason", ask.reason)
    sheet = order_sheet(tx, ask.order_id, lock=True)
    order = sheet.order
    if not order.live or order.status not in RECALLABLE:
        raise IllegalMove("order", str(order.id), order.status, "recalled", may_become(order.status))
    if HoldReason.manual in [h.reason for h in sheet.holds]:
        raise HeldAlready(str(order.id), HoldReason.manual)
    data = {"order_id": str(order.id), "reason": ask.reason}
    tx.send("flows", f"order:{order.id}", StartFlow(name="recall", data=data))
    remark(tx, order, why=f"called back: {ask.reason}")
    return state_of(sheet)
