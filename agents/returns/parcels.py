"""Where the goods of a return are: its label, and what carriers tell of the parcel."""

from __future__ import annotations

from agents.returns.messages import ReturnHandedOver
from agents.returns.paying import owe, pay_for
from agents.returns.rules import further
from agents.returns.telling import remark
from agents.shipping.messages import ReturnLabelBought, ReturnParcelSeen
from db.return_policies import RefundWhen
from db.returns import ENDED, Return, ReturnParcelState, ReturnStatus, Sold, lock_return, sold
from db.session import Transaction


def hear_label(tx: Transaction, event: ReturnLabelBought) -> None:
    """What it costs us is the carrier's; what the customer pays for it was said when it was asked for."""
    item = lock_return(tx, event.return_id)
    item.carrier, item.tracking_number = event.carrier, event.tracking_number
    item.updated_at = tx.now
    tx.note(f"return:{item.id}", from_status=item.status, to_status=item.status, why=f"label {event.tracking_number}")


def hear_parcel(tx: Transaction, event: ReturnParcelSeen) -> None:
    """The first scan pays where the policy says so. What comes later or twice turns nothing back."""
    of = sold(tx, event.order_id, lock=True)
    item = lock_return(tx, event.return_id)
    if item.status in ENDED or not further(item.parcel, event.parcel):
        return
    first = item.parcel == ReturnParcelState.awaited
    item.parcel, item.updated_at = event.parcel, tx.now
    why = f"{event.tracking_number} {event.parcel.replace('_', ' ')}"
    tx.note(f"return:{item.id}", from_status=item.status, to_status=item.status, why=why)
    remark(tx, item, f"return {item.number}: {why}")
    if first:
        _handed_over(tx, of, item, event.tracking_number)


def _handed_over(tx: Transaction, of: Sold, item: Return, tracking_number: str) -> None:
    tx.announce(
        f"return:{item.id}",
        ReturnHandedOver(
            return_id=item.id,
            order_id=item.order_id,
            number=item.number,
            order_number=of.order.number,
            tracking_number=tracking_number,
        ),
    )
    if item.status != ReturnStatus.approved:
        return
    rows = [row for rows in of.back.values() for row in rows if row.return_id == item.id]
    for row in rows:
        if row.refund_when == RefundWhen.handover:
            pay_for(of, row, row.quantity - row.credited)
    tx.flush()
    owe(tx, of, item, rows)
