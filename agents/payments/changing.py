"""Pays an order with something else before it leaves: the new payment holds its money before the old is let go."""

from __future__ import annotations

from agents.payments import ledger
from agents.payments.messages import ChangeTender
from agents.payments.refusals import (
    AlreadyPaidSo,
    MoneyStillMoves,
    NothingToPay,
    RefundedByHand,
    TenderDeclined,
    TooLateToChange,
)
from db.errors import NotFound
from db.payments import BEFORE_LEAVING, OWN, EntryKind, Payment, PaymentState, order_worth
from db.session import Transaction

GONE = (PaymentState.voided, PaymentState.declined, PaymentState.refunded)


def change_tender(tx: Transaction, ask: ChangeTender) -> Payment:
    """The new payment, over all that the order is worth. Out of our own books it is settled when this returns.

    Raises:
        NotFound, TooLateToChange, NothingToPay, AlreadyPaidSo, TenderDeclined.
        MoneyStillMoves: a provider has not answered yet.
        RefundedByHand: which part the customer has got back already is for a person to say.
    """
    order = order_worth(tx, ask.order_id, lock=True)
    if order is None:
        raise NotFound("order", str(ask.order_id))
    if order.shipped or order.status not in BEFORE_LEAVING:
        raise TooLateToChange(order.number, order.status)
    if not order.worth:
        raise NothingToPay(order.number)
    held = ledger.account(tx, ask.order_id)
    stands = {s.id: s for s in held.standings(tx)}
    if any(s.moving for s in stands.values()):
        raise MoneyStillMoves(order.number)
    if any(s.refunded > s.given_back for s in stands.values()):
        raise RefundedByHand(order.number)
    live = [p for p in held.payments if p.state not in GONE]
    if len(live) == 1 and (live[0].provider, live[0].token) == (ask.provider, ask.token):
        raise AlreadyPaidSo(order.number)
    payment = ledger.open_payment(
        tx,
        ask.order_id,
        provider=ask.provider,
        token=ask.token,
        amount=order.worth,
        currency=order.currency,
        cause=f"{tx.who.actor}: paid with something else",
        replaces=True,
    )
    if payment.state == PaymentState.declined:
        raise TenderDeclined(payment.error or "")
    if payment.provider in OWN:
        tx.flush()
        held = ledger.account(tx, ask.order_id)
        let_go_others(tx, held, held[payment.id])
    return payment


def let_go_others(tx: Transaction, held: ledger.Account, new: Payment) -> None:
    """Void what the order's other payments hold, and give back what they took.

    When a parcel has left since it was asked, the old payment stands and the new one is let go.
    """
    order = order_worth(tx, held.order_id)
    if order is not None and order.shipped:
        if new.state == PaymentState.authorised:
            ledger.ask(tx, new, EntryKind.void, new.authorised, cause="a parcel left before the payment could change")
        return
    cause = f"payment:{new.id} takes its place"
    for stands in held.standings(tx):
        old = held[stands.id]
        if old is new or old.state in GONE:
            continue
        old.let_go = True
        if stands.voidable:
            ledger.ask(tx, old, EntryKind.void, old.authorised, cause=cause)
        elif stands.refundable:
            # As if the order had become worth less: it takes the payment out of what pays the order.
            ledger.ask(tx, old, EntryKind.refund, stands.refundable, cause=cause, follows_total=True)
