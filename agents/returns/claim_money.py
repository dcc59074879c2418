"""The money and the goods of a claim: what payments and orders tell of it, and its end."""

from __future__ import annotations

from sqlalchemy import select

from agents.orders.messages import OrderCancelled, OrderShipped, PaymentGiven, PlacedLine
from agents.orders.messages.substitutes import PlaceSubstitute
from agents.payments.messages import RefundReturn, ReturnMoney
from agents.returns import rules
from agents.returns.messages.claims import ClaimMoved, ParcelHelped
from agents.returns.paying import shipping_more
from agents.returns.replacing import replacement_of
from db.order_claims import (
    CLAIM_MOVES,
    ClaimResolution,
    ClaimStatus,
    OrderClaim,
    lines_of_claims,
    lock_claim,
    order_of_claim,
)
from db.orders import Order, PaymentStatus
from db.returns import RefundState, RefundTo, Sold, sold
from db.session import Transaction


def hear_money(tx: Transaction, event: ReturnMoney) -> None:
    """Payments tell all of it each time, so the last word is the whole truth."""
    if tx.get(OrderClaim, event.return_id) is None:
        return
    claim = lock_claim(tx, event.return_id)
    claim.refunded, claim.counted, claim.moved = event.refunded, event.counted, event.moved
    claim.due = max(0, claim.credit - event.counted - event.refunded - event.open - event.set_aside)
    claim.refund_error = event.declined if claim.due else None
    claim.updated_at = tx.now
    if claim.status not in (ClaimStatus.approved, ClaimStatus.resolved):
        return
    claim.refund_state = rules.refund_state(
        credit=claim.credit,
        heard=event.credit,
        due=claim.due,
        open=event.open,
        unknown=event.unknown,
        declined=event.declined is not None,
        nothing_left=event.nothing_left,
        waits=event.set_aside,
    )
    order = tx.get_one(Order, claim.order_id)
    if claim.status == ClaimStatus.resolved and claim.refund_state != RefundState.settled:
        move(tx, claim, ClaimStatus.approved, order, why=f"a refund came back: {event.declined or 'no reason given'}")
    wanted = claim.kept and claim.replacement_asked_at is None and event.credit >= claim.credit
    if wanted and event.set_aside + event.moved >= claim.kept:
        order_goods(tx, claim, order)
    finish(tx, claim, order)
    tell_parcel(tx, claim)


def owe_shipping(tx: Transaction, of: Sold, claim: OrderClaim) -> None:
    """What is missing of the shipping goes back with an approved claim. The order is locked."""
    more = shipping_more(of)
    claim.shipping += more.total
    claim.shipping_tax += more.tax
    claim.credit += more.total
    claim.due += more.total
    if claim.status == ClaimStatus.resolved:
        move(tx, claim, ClaimStatus.approved, of.order, why="other units were cancelled, and the shipping goes back")
    ask(tx, claim)


def hear_shipped(tx: Transaction, event: OrderShipped) -> None:
    found = tx.scalar(select(OrderClaim.id).where(OrderClaim.replacement_id == event.order_id))
    if found is None or not event.complete:
        return
    claim = lock_claim(tx, found)
    if claim.replacement_shipped_at is None:
        claim.replacement_shipped_at, claim.updated_at = tx.now, tx.now
        finish(tx, claim, tx.get_one(Order, claim.order_id))


def hear_cancelled(tx: Transaction, event: OrderCancelled) -> None:
    """Nothing goes out for it after all: what was to go out is paid back."""
    found = tx.scalar(select(OrderClaim.id).where(OrderClaim.replacement_id == event.order_id))
    if found is None:
        return
    of = sold(tx, order_of_claim(tx, found), lock=True)
    claim = lock_claim(tx, found)
    if claim.status != ClaimStatus.approved:
        return
    claim.kept, claim.kept_shipping, claim.resolution = 0, 0, ClaimResolution.refund
    for row in lines_of_claims(tx, [claim.id]):
        row.replaced, row.replaced_total = 0, 0
    why = f"order {event.number} was called off; its goods are paid back"
    tx.note(f"order_claim:{claim.id}", from_status=claim.status, to_status=claim.status, why=why)
    if claim.credit:
        ask(tx, claim)
    else:
        finish(tx, claim, of.order)
    tell_parcel(tx, claim)


def ask(tx: Transaction, claim: OrderClaim, *, over: bool = False) -> None:
    if not over:
        claim.refund_state = RefundState.asked
    asked = RefundReturn(
        return_id=claim.id,
        order_id=claim.order_id,
        credit=claim.credit,
        over=over,
        set_aside=claim.kept,
        to_credit=claim.refund_to == RefundTo.store_credit,
    )
    tx.send("payments", f"order:{claim.order_id}", asked)


def order_goods(tx: Transaction, claim: OrderClaim, order: Order) -> None:
    """Send the goods once more, at exactly what was paid for them, so that they can come back like any others."""
    claim.replacement_asked_at, claim.updated_at = tx.now, tx.now
    rates = {n.line_no: n.tax_rate_ppm for n in sold(tx, order.id).lines.values()}
    lines = []
    for row in lines_of_claims(tx, [claim.id]):
        if row.replaced:
            unit = -(-row.replaced_total // row.replaced)
            lines.append(
                PlacedLine(
                    sku=row.sku,
                    quantity=row.replaced,
                    unit_amount=unit,
                    discount=unit * row.replaced - row.replaced_total,
                    tax_rate_ppm=rates[row.line_no],
                )
            )
    paid = claim.kept > 0 and order.payment_status != PaymentStatus.none
    tenders = [PaymentGiven(provider="exchange", token=str(claim.id))] if paid else []
    reference = f"claim {claim.number}"
    placed = replacement_of(order, lines, tenders=tenders, reference=reference, shipping=claim.kept_shipping)
    tx.send("orders", f"replacement:{claim.id}", PlaceSubstitute(source_id=claim.id, ask=placed))


def finish(tx: Transaction, claim: OrderClaim, order: Order) -> None:
    if claim.status != ClaimStatus.approved:
        return
    paid = not claim.credit or claim.refund_state == RefundState.settled
    sent = claim.resolution == ClaimResolution.refund or claim.replacement_shipped_at is not None
    if paid and sent:
        move(tx, claim, ClaimStatus.resolved, order, why="all of it has been made good")


def move(tx: Transaction, claim: OrderClaim, to: ClaimStatus, order: Order, *, why: str) -> None:
    tx.move(claim, to, moves=CLAIM_MOVES, subject=f"order_claim:{claim.id}", why=why)
    claim.updated_at = tx.now
    detail = {"claim_id": str(claim.id), "number": claim.number}
    tx.note(f"order:{claim.order_id}", to_status="claim", why=f"claim {claim.number} {to}: {why}", detail=detail)
    say(tx, claim, order, why)


def say(tx: Transaction, claim: OrderClaim, order: Order, reason: str) -> None:
    tx.announce(
        f"order_claim:{claim.id}",
        ClaimMoved(
            claim_id=claim.id,
            order_id=claim.order_id,
            number=claim.number,
            order_number=order.number,
            status=claim.status,
            resolution=claim.resolution,
            reason=reason,
        ),
    )


def tell_parcel(tx: Transaction, claim: OrderClaim) -> None:
    """Where it makes a parcel in trouble good, whoever looks after that hears how far it is."""
    if claim.exception_id is None or claim.status not in (ClaimStatus.approved, ClaimStatus.resolved):
        return
    sends = claim.resolution != ClaimResolution.refund
    tx.announce(
        f"order:{claim.order_id}",
        ParcelHelped(
            exception_id=claim.exception_id,
            order_id=claim.order_id,
            claim_id=claim.id,
            number=claim.number,
            replacement_id=claim.replacement_id if sends else None,
            replacement_number=claim.replacement_number if sends else None,
            asked=claim.credit - claim.kept,
            refunded=claim.refunded - claim.moved,
            settled=claim.refund_state in (RefundState.settled, RefundState.failed, RefundState.short),
            problem=claim.refund_error or claim.problem,
        ),
    )
