"""Says beforehand what would be refused of an action on many orders, by the very checks of the verbs."""

from __future__ import annotations

from uuid import UUID

import msgspec

from agents.orders.cancelling import check_cancel
from agents.orders.holding import check_hold, check_release
from agents.orders.messages import (
    AddNote,
    CancelOrder,
    HoldOrder,
    JudgeOrders,
    OrdersJudged,
    ReleaseOrder,
    TagOrder,
    WouldRefuse,
)
from agents.orders.remarks import check_note, check_tags
from db.errors import NotFound, Refusal
from db.orders import OrderSheet, order_sheets
from db.session import Transaction

_KINDS = {kind.__name__: kind for kind in (HoldOrder, ReleaseOrder, CancelOrder, TagOrder, AddNote)}


def judge(tx: Transaction, ask: JudgeOrders) -> OrdersJudged:
    """Orders may change until the action comes to them: the verb judges again."""
    sheets = order_sheets(tx, ask.order_ids)
    refused = []
    for order_id in ask.order_ids:
        try:
            _check(sheets.get(order_id), ask, order_id)
        except Refusal as why:
            refused.append(WouldRefuse(id=order_id, code=why.code, sentence=str(why)))
    return OrdersJudged(refused=refused)


def _check(sheet: OrderSheet | None, ask: JudgeOrders, order_id: UUID) -> None:
    if sheet is None:
        raise NotFound("order", str(order_id))
    command = msgspec.convert({**ask.body, "order_id": order_id}, type=_KINDS[ask.kind])
    match command:
        case HoldOrder():
            check_hold(sheet, command)
        case ReleaseOrder():
            check_release(sheet, command)
        case CancelOrder():
            check_cancel(sheet, command)
        case TagOrder():
            check_tags(command)
        case AddNote():
            check_note(command)
