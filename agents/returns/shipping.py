"""The shipping of an order goes back with its goods: once others of them are cancelled, what came back carries more."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from agents.returns.claim_money import owe_shipping
from agents.returns.paying import owe, shipping_more
from agents.returns.telling import move
from db.order_claims import ClaimStatus, OrderClaim, lock_claim
from db.returns import ENDED, Return, ReturnStatus, Sold, lock_return, sold
from db.session import Transaction


def follow_goods(tx: Transaction, order_id: UUID) -> None:
    """Give back what is missing of the shipping, with what came back last and carries some."""
    returns, claims = (select(kind.id).where(kind.order_id == order_id).exists() for kind in (Return, OrderClaim))
    if not tx.scalar(select(or_(returns, claims))):
        return
    of = sold(tx, order_id, lock=True)
    more = shipping_more(of).total
    if not more:
        return
    item = _carrier(of)
    if item is not None:
        item = lock_return(tx, item.id)
        why = "the rest of the order was cancelled or changed, and its shipping goes back with what came back"
        if item.status == ReturnStatus.refunded:
            move(tx, item, ReturnStatus.received, why=why)
        else:
            tx.note(f"return:{item.id}", from_status=item.status, to_status=item.status, why=why)
        owe(tx, of, item, [row for rows in of.back.values() for row in rows if row.return_id == item.id])
        return
    granted = [c for c in of.claims if c.status in (ClaimStatus.approved, ClaimStatus.resolved) and c.credit]
    if granted:
        owe_shipping(tx, of, lock_claim(tx, granted[-1].id))


def _carrier(of: Sold) -> Return | None:
    """The last return that gave shipping back and has not ended."""
    paid = {row.return_id for rows in of.back.values() for row in rows if row.refund_shipping and row.credited}
    return next((r for r in reversed(of.returns) if r.id in paid and r.status not in ENDED), None)
