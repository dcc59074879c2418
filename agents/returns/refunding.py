"""The money of a return: what payments tell of it, asking again, paying for what was withheld, and the end."""

from __future__ import annotations

from collections.abc import Sequence

from agents.payments.messages import ReturnMoney
from agents.returns import claim_money, replacing, rules
from agents.returns.messages import (
    CloseReturn,
    PayWithheld,
    RefundReturnAgain,
    ReturnClosed,
    ReturnRefunded,
    ReturnState,
)
from agents.returns.paying import ask as ask_payments
from agents.returns.paying import owe, pay_for
from agents.returns.refusals import BadReturnField, MoneyUnderWay, MoreThanWithheld, NoAccount, NothingOwed
from agents.returns.telling import move, remark, state_of
from agents.stock.rules import check_words
from db.errors import IllegalMove
from db.money import format_money
from db.orders import Order
from db.returns import (
    ENDED,
    PAYS_WITHHELD,
    RETURN_MOVES,
    RefundState,
    RefundTo,
    Return,
    ReturnLine,
    ReturnStatus,
    Sold,
    lines_of,
    lock_return,
    order_of_return,
    sold,
)
from db.session import Transaction, check_version


def hear_money(tx: Transaction, event: ReturnMoney) -> None:
    """Payments tell all of it each time, so the last word is the whole truth."""
    if tx.get(Return, event.return_id) is None:
        claim_money.hear_money(tx, event)
        return
    item = lock_return(tx, event.return_id)
    before = RefundState(item.refund_state)
    item.refunded, item.counted, item.moved = event.refunded, event.counted, event.moved
    item.due = max(0, item.credit - event.counted - event.refunded - event.open - event.set_aside)
    item.refund_error = event.declined if item.due else None
    item.updated_at = tx.now
    if item.status == ReturnStatus.closed:
        return
    item.refund_state = rules.refund_state(
        credit=item.credit,
        heard=event.credit,
        due=item.due,
        open=event.open,
        unknown=event.unknown,
        declined=event.declined is not None,
        nothing_left=event.nothing_left,
        waits=event.set_aside,
    )
    if item.refund_state != before:
        said = f"refund {item.refund_state}, was {before}" + (f": {event.declined}" if item.refund_error else "")
        tx.note(f"return:{item.id}", from_status=item.status, to_status=item.status, why=said, detail=_amounts(item))
    if item.status == ReturnStatus.refunded and item.refund_state != RefundState.settled:
        move(tx, item, ReturnStatus.received, why=f"a refund came back: {event.declined or 'no reason was given'}")
    finish(tx, tx.get_one(Order, item.order_id).number, item, lines_of(tx, [item.id]))
    if item.exchange_id is not None:
        replacing.hear_money(tx, item, event)


def finish(tx: Transaction, order_number: str, item: Return, rows: Sequence[ReturnLine]) -> None:
    """End a return of which all units are graded, once all of its money is there, or none is owed."""
    if item.status != ReturnStatus.received:
        return
    if item.credit and item.refund_state == RefundState.settled:
        given = item.refunded + item.counted
        move(tx, item, ReturnStatus.refunded, why=f"{format_money(given, item.currency)} given back")
        tx.announce(
            f"return:{item.id}",
            ReturnRefunded(
                return_id=item.id,
                order_id=item.order_id,
                number=item.number,
                order_number=order_number,
                amount=given,
                currency=item.currency,
            ),
        )
    elif not item.credit and not any(row.withheld for row in rows):
        _close(tx, item, "nothing is owed for it")


def pay_withheld(tx: Transaction, ask: PayWithheld) -> ReturnState:
    """Raises IllegalMove before anything came and after the end, MoreThanWithheld, BadReturnField."""
    check_words("reason", ask.reason)
    of, item = _locked(tx, ask)
    if item.status not in PAYS_WITHHELD:
        may = sorted(s.value for s in RETURN_MOVES[ReturnStatus(item.status)])
        raise IllegalMove("return", item.number, item.status, "paid", may)
    rows = {row.line_no: row for rows in of.back.values() for row in rows if row.return_id == item.id}
    for paid in ask.lines:
        row = rows.get(paid.line_no)
        if row is None:
            raise BadReturnField("line_no", f"{item.number} has no line {paid.line_no}")
        if not 0 < paid.quantity <= row.withheld:
            raise MoreThanWithheld(item.number, row.line_no, paid.quantity, row.withheld)
        pay_for(of, row, paid.quantity)
    tx.flush()
    said = ", ".join(f"{n.quantity} of line {n.line_no}" for n in ask.lines)
    why = f"withheld units are paid for ({said}): {ask.reason}"
    if item.status == ReturnStatus.refunded:
        move(tx, item, ReturnStatus.received, why=why)
    else:
        tx.note(f"return:{item.id}", from_status=item.status, to_status=item.status, why=why)
        remark(tx, item, f"return {item.number}: {why}")
    owe(tx, of, item, rows.values())
    return state_of(tx, item)


def refund_again(tx: Transaction, ask: RefundReturnAgain) -> ReturnState:
    """Raises NothingOwed, IllegalMove, NoAccount."""
    of, item = _locked(tx, ask)
    if item.status in ENDED:
        raise IllegalMove("return", item.number, item.status, ReturnStatus.refunded, [])
    if not item.due or item.refund_state not in (RefundState.failed, RefundState.short):
        raise NothingOwed(item.number)
    why = "the refund is asked for again"
    if ask.to_credit:
        if of.order.customer_id is None:
            raise NoAccount(of.order.number)
        item.refund_to, why = RefundTo.store_credit, f"{why}, as store credit"
    tx.note(f"return:{item.id}", from_status=item.status, to_status=item.status, why=why)
    ask_payments(tx, item)
    return state_of(tx, item)


def close_return(tx: Transaction, ask: CloseReturn) -> ReturnState:
    """Raises IllegalMove, MoneyUnderWay while a refund is not decided."""
    check_words("reason", ask.reason)
    _, item = _locked(tx, ask)
    if item.refund_state in (RefundState.asked, RefundState.unknown):
        raise MoneyUnderWay(item.number)
    item.kept = 0
    _close(tx, item, ask.reason)
    return state_of(tx, item)


def _close(tx: Transaction, item: Return, reason: str) -> None:
    move(tx, item, ReturnStatus.closed, why=reason)
    if item.due:
        ask_payments(tx, item, over=True)
    tx.announce(
        f"return:{item.id}",
        ReturnClosed(return_id=item.id, order_id=item.order_id, number=item.number, reason=reason),
    )


def _amounts(item: Return) -> dict[str, object]:
    return {"credit": item.credit, "refunded": item.refunded, "counted": item.counted, "due": item.due}


def _locked(tx: Transaction, ask: PayWithheld | RefundReturnAgain | CloseReturn) -> tuple[Sold, Return]:
    of = sold(tx, order_of_return(tx, ask.return_id), lock=True)
    item = lock_return(tx, ask.return_id)
    check_version(item, ask.version, kind="return", id=item.number)
    return of, item
