"""A return is approved, declined or called off."""

from __future__ import annotations

from agents.returns.messages import (
    ApproveReturn,
    CancelReturn,
    DeclineReturn,
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnState,
)
from agents.returns.paying import owe, pay_for
from agents.returns.refunding import finish
from agents.returns.refusals import HalfOfAnExchange, MoneyUnderWay, ParcelUnderWay
from agents.returns.telling import move, state_of
from agents.stock.rules import check_words
from db.exchanges import Exchange
from db.return_policies import RefundWhen
from db.returns import Return, ReturnParcelState, ReturnStatus, Sold, lines_of, lock_return, order_of_return, sold
from db.session import Transaction, check_version

Decision = ApproveReturn | DeclineReturn | CancelReturn


def approve_return(tx: Transaction, ask: ApproveReturn) -> ReturnState:
    check_words("reason", ask.reason, needed=False)
    of, item = _locked(tx, ask)
    _alone(tx, item)
    approve(tx, of, item, by=tx.who.actor, why=ask.reason or "approved")
    return state_of(tx, item)


def approve(tx: Transaction, of: Sold, item: Return, *, by: str, why: str) -> None:
    """The money goes back at once where the rule says so. The order is locked."""
    move(tx, item, ReturnStatus.approved, why=why)
    item.decision, item.decided_by, item.decided_at = why, by, tx.now
    rows = [row for rows in of.back.values() for row in rows if row.return_id == item.id]
    for row in rows:
        if item.keep_why is not None:
            row.stayed = row.quantity
        if item.keep_why is not None or row.refund_when == RefundWhen.approval:
            pay_for(of, row, row.quantity)
    tx.announce(
        f"return:{item.id}",
        ReturnApproved(
            return_id=item.id,
            order_id=item.order_id,
            number=item.number,
            order_number=of.order.number,
            label_paid_by=item.label_paid_by,
            way=item.way,
            keeps=item.keep_why is not None,
        ),
    )
    tx.flush()
    owe(tx, of, item, rows)
    if item.keep_why is not None:
        move(tx, item, ReturnStatus.received, why=f"the customer keeps the goods: {item.keep_why}")
        finish(tx, of.order.number, item, rows)


def decline_return(tx: Transaction, ask: DeclineReturn) -> ReturnState:
    check_words("reason", ask.reason)
    of, item = _locked(tx, ask)
    _alone(tx, item)
    move(tx, item, ReturnStatus.declined, why=ask.reason)
    item.decision, item.decided_by, item.decided_at = ask.reason, tx.who.actor, tx.now
    tx.announce(
        f"return:{item.id}",
        ReturnDeclined(
            return_id=item.id,
            order_id=item.order_id,
            number=item.number,
            order_number=of.order.number,
            reason=ask.reason,
        ),
    )
    return state_of(tx, item)


def cancel_return(tx: Transaction, ask: CancelReturn) -> ReturnState:
    """Raises IllegalMove once something came, ParcelUnderWay once it was handed over, MoneyUnderWay once money went
    back for it."""
    check_words("reason", ask.reason)
    _, item = _locked(tx, ask)
    _alone(tx, item)
    call_off(tx, item, ask.reason)
    return state_of(tx, item)


def call_off(tx: Transaction, item: Return, reason: str) -> None:
    """Raises IllegalMove once something came, MoneyUnderWay once money went back for it."""
    if item.credit or any(row.credited for row in lines_of(tx, [item.id])):
        raise MoneyUnderWay(item.number)
    if item.parcel != ReturnParcelState.awaited:
        raise ParcelUnderWay(item.number)
    move(tx, item, ReturnStatus.cancelled, why=reason)
    tx.announce(
        f"return:{item.id}",
        ReturnCancelled(return_id=item.id, order_id=item.order_id, number=item.number, reason=reason),
    )


def _alone(tx: Transaction, item: Return) -> None:
    """Raises HalfOfAnExchange for what is decided with its exchange."""
    if item.exchange_id is not None:
        raise HalfOfAnExchange(item.number, tx.get_one(Exchange, item.exchange_id).number)


def _locked(tx: Transaction, ask: Decision) -> tuple[Sold, Return]:
    of = sold(tx, order_of_return(tx, ask.return_id), lock=True)
    item = lock_return(tx, ask.return_id)
    check_version(item, ask.version, kind="return", id=item.number)
    return of, item
