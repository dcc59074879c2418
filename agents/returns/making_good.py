"""Parcels in trouble are made good by claims, so that their units are paid for, or sent again, once."""

from __future__ import annotations

from agents.orders.messages.substitutes import SubstituteRefused
from agents.returns import claiming
from agents.returns.claim_money import tell_parcel
from agents.returns.messages.claims import MakeGood, OpenClaim, ParcelNotHelped
from db.errors import Refusal
from db.exchanges import Exchange
from db.order_claims import ClaimStatus, OrderClaim, claim_of_parcel
from db.orders import Order
from db.session import Transaction


def make_good(tx: Transaction, task: MakeGood) -> None:
    """Never twice: units that are on a return or a claim already are not claimed once more."""
    known = claim_of_parcel(tx, task.exception_id)
    if known is not None:
        tell_parcel(tx, known)
        return
    try:
        with tx.attempt():
            ask = OpenClaim(order_id=task.order_id, lines=task.lines)
            claim = claiming.begin(tx, ask, exception_id=task.exception_id)
            claiming.grant(tx, claim, by=tx.who.actor, why=task.reason)
            tell_parcel(tx, claim)
    except Refusal as refusal:
        said = ParcelNotHelped(exception_id=task.exception_id, order_id=task.order_id, why=str(refusal))
        tx.announce(f"order:{task.order_id}", said)


def hear_refused(tx: Transaction, source: Exchange | OrderClaim | None, event: SubstituteRefused) -> None:
    """What cannot be sent again is claimed no longer: somebody decides anew what is to be done."""
    if not isinstance(source, OrderClaim) or source.exception_id is None or source.replacement_id is not None:
        return
    if source.status == ClaimStatus.approved:
        claiming.end(tx, source, tx.get_one(Order, source.order_id), event.why)
