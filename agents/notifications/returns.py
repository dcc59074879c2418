"""What customers hear of their returns, each thing once. These mails are part of the sale and need no consent."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from agents.notifications.letters import LINK, Letter, about
from agents.payments.messages import PaymentRefunded
from agents.returns.messages import (
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnReceived,
    ReturnRequested,
)
from agents.shipping.messages import ReturnLabelBought
from db.money import format_money
from db.notifications import addressees
from db.orders import OrderLine
from db.payments import PaymentEntry
from db.return_parcels import node_for
from db.returns import Return, ReturnLine, ReturnParcelState, ReturnWay, lines_of
from db.session import Transaction

_ADDRESS = ("company", "name", "line1", "line2", "postcode", "city", "region", "country")


def asked(tx: Transaction, event: ReturnRequested) -> Letter | None:
    if _is_here(tx, event.return_id):
        return None
    return _letter(tx, event.return_id, event.order_id, "asked", goods=_goods(tx, event.return_id))


def approved(tx: Transaction, event: ReturnApproved) -> Letter | None:
    if _is_here(tx, event.return_id):
        return None
    if event.keeps:
        return _letter(tx, event.return_id, event.order_id, "kept", goods=_goods(tx, event.return_id))
    how = _how(tx, event)
    return _letter(tx, event.return_id, event.order_id, "approved", goods=_goods(tx, event.return_id), how=how)


def declined(tx: Transaction, event: ReturnDeclined) -> Letter | None:
    return _letter(tx, event.return_id, event.order_id, "declined", why=event.reason)


def cancelled(tx: Transaction, event: ReturnCancelled) -> Letter | None:
    return _letter(tx, event.return_id, event.order_id, "cancelled")


def labelled(tx: Transaction, event: ReturnLabelBought) -> Letter | None:
    told = {"carrier": event.carrier, "tracking": event.tracking_number}
    return _letter(tx, event.return_id, event.order_id, "label", of=str(event.label_id), **told)


def received(tx: Transaction, event: ReturnReceived) -> Letter | None:
    """Once for each arrival, with all that has come by then."""
    if not event.sellable + event.unsellable:
        return None
    rows = lines_of(tx, [event.return_id])
    came = sum(row.came for row in rows)
    item = tx.get_one(Return, event.return_id)
    then = "That is all of it." if event.complete else "The rest is still to come."
    if item.credit:
        then += f" We owe you {format_money(item.credit, item.currency)} for it, and write when it is sent."
    goods = _told(tx, rows, {row.line_no: row.came for row in rows})
    return _letter(tx, event.return_id, event.order_id, "received", of=str(came), goods=goods, then=then)


def paid(tx: Transaction, event: PaymentRefunded) -> Letter | None:
    """A refund for a return, with what it is made of; None for any other refund, such as one for a claim."""
    entry_id = event.detail.get("entry_id")
    entry = tx.get(PaymentEntry, UUID(entry_id)) if entry_id else None
    item = tx.get(Return, entry.return_id) if entry is not None and entry.return_id is not None else None
    if entry is None or item is None:
        return None
    amount = format_money(event.amount, event.currency)
    return _letter(tx, item.id, event.order_id, "paid", of=str(entry.id), amount=amount, sums=_sums(tx, item))


def _letter(
    tx: Transaction, return_id: UUID, order_id: UUID, what: str, *, of: str = "", **values: str
) -> Letter | None:
    to = addressees(tx, [order_id]).get(order_id)
    if to is None:
        return None
    back = tx.get_one(Return, return_id).number
    key = f"return_{what}:{return_id}" + (f":{of}" if of else "")
    return about(to, order_id, f"return_{what}", key, back=back, link=LINK, **values)


def _is_here(tx: Transaction, return_id: UUID) -> bool:
    """The goods came before anybody asked: what was received is told, and nothing has to be sent."""
    return tx.get_one(Return, return_id).parcel == ReturnParcelState.arrived


def _goods(tx: Transaction, return_id: UUID) -> str:
    rows = lines_of(tx, [return_id])
    return _told(tx, rows, {row.line_no: row.quantity for row in rows})


def _told(tx: Transaction, rows: Iterable[ReturnLine], units: dict[int, int]) -> str:
    of = list(rows)
    named = select(OrderLine.line_no, OrderLine.title).where(OrderLine.order_id == of[0].order_id)
    titles = {row.line_no: row.title for row in tx.execute(named)}
    return "\n".join(f"{units[row.line_no]} × {titles[row.line_no]}" for row in of if units[row.line_no])


def _how(tx: Transaction, event: ReturnApproved) -> str:
    if event.way == ReturnWay.label:
        return "The label comes with another mail in a moment."
    if event.way == ReturnWay.drop_off:
        return f"Bring them to our counter and show {event.number}, or the code on the page below. No label is needed."
    node = node_for(tx, event.order_id, [row.line_no for row in lines_of(tx, [event.return_id])])
    address = [node.name, *(str(node.address[part]) for part in _ADDRESS if node.address.get(part))] if node else []
    return f"Write {event.number} on the parcel and send it to:\n\n" + "\n".join(address)


def _sums(tx: Transaction, item: Return) -> str:
    """What all that is owed so far is made of, to the minor unit."""
    rows = lines_of(tx, [item.id])
    parts = [
        ("Goods", sum(row.credited_total for row in rows)),
        ("Fee", -sum(row.fee for row in rows)),
        ("Shipping", item.shipping),
        ("Label", -item.label_taken),
        ("Given back before", -item.counted),
    ]
    lines = [f"{name}: {format_money(amount, item.currency)}" for name, amount in parts if amount]
    tax = sum(row.credited_tax - row.fee_tax for row in rows) + item.shipping_tax
    total = f"For the whole return: {format_money(item.credit - item.counted, item.currency)}"
    return "\n".join([*lines, total, *([f"Tax in it: {format_money(tax, item.currency)}"] if tax else [])])
