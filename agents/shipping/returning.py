"""Labels for what comes back: the cheapest service that the node's parcels may use, from the customer to the node.

Cards know a way by its zone, which is the same in both directions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from agents.shipping.choosing import Asked, Choice, Goods, Weights, choose, is_po_box, offers_of
from agents.shipping.customs import crosses_a_border
from agents.shipping.declaring import returned_customs
from agents.shipping.labels import LabelText, zpl
from agents.shipping.messages import (
    QuoteReturnLabel,
    ReturnLabelBought,
    ReturnLabelQuote,
    ReturnParcelSeen,
    UnitsBack,
)
from agents.shipping.policies import tags_of, weights_for
from agents.shipping.pricing import Consignment
from agents.shipping.providers import Shipment
from agents.shipping.rating import valid_tariffs
from agents.shipping.reading import Standing
from agents.shipping.rules import destination, tracking_number
from agents.shipping.shipments import address_of, sender_of
from db.base import uuid7
from db.carriers import NEWS_AFTER
from db.catalog import variants_by_sku
from db.errors import NotFound
from db.nodes import Node
from db.orders import Order, OrderLine
from db.return_parcels import ReturnLabel, node_for
from db.returns import Return, ReturnParcelState, ReturnStatus, ReturnWay, lines_of
from db.session import Transaction
from db.shipping import LabelState, label_serials

PACKING_GRAMS = 100  # of the box that somebody finds at home


def quote_return(tx: Transaction, ask: QuoteReturnLabel) -> ReturnLabelQuote:
    """Raises NotFound."""
    order = tx.get(Order, ask.order_id)
    if order is None:
        raise NotFound("order", str(ask.order_id))
    node, choice = _choice(tx, order, ask.lines)
    offer = choice.offer if choice is not None else None
    return ReturnLabelQuote(
        order_id=order.id,
        node=node.code if node is not None else None,
        carrier=offer.carrier if offer is not None else None,
        service=offer.service if offer is not None else None,
        amount=offer.amount if offer is not None else None,
        currency=order.currency,
        why=choice.why if choice is not None else "no service takes this parcel for the order's currency",
    )


class Sold(NamedTuple):
    """A label of a return as somebody sold it; `account` is None for a rate card's."""

    id: UUID
    node: str
    carrier: str
    service: str
    tracking_number: str
    amount: int
    currency: str
    why: str
    parts: list[Any]
    label: str
    format: str = "zpl"
    account: str | None = None
    provider_ref: str | None = None


def coming_back(tx: Transaction, return_id: UUID) -> tuple[Return, Order, list[UnitsBack]]:
    item = tx.get_one(Return, return_id)
    coming = [UnitsBack(line_no=n.line_no, quantity=n.quantity) for n in lines_of(tx, [return_id])]
    return item, tx.get_one(Order, item.order_id), coming


def goes_to(tx: Transaction, return_id: UUID) -> Node | None:
    _, order, coming = coming_back(tx, return_id)
    return node_for(tx, order.id, [n.line_no for n in coming])


def still_wanted(tx: Transaction, return_id: UUID) -> bool:
    item = tx.get_one(Return, return_id, populate_existing=True)
    return item.way == ReturnWay.label and item.status == ReturnStatus.approved


def card_offer(tx: Transaction, return_id: UUID) -> tuple[Choice | None, str]:
    """The cheapest rate card for a return, and the currency that it is to be in."""
    _, order, coming = coming_back(tx, return_id)
    _, choice = _choice(tx, order, coming)
    return choice, order.currency


def from_card(tx: Transaction, return_id: UUID, choice: Choice, *, id: UUID | None = None) -> ReturnLabel:
    """A live label of a rate card's service: number and print are ours, and nobody has to be asked."""
    item, order, coming = coming_back(tx, return_id)
    node, offer = node_for(tx, order.id, [n.line_no for n in coming]), choice.offer
    if node is None:
        raise LookupError("a choice is made for a node")
    number = tracking_number(offer.carrier, tx.execute(label_serials.next_value().select()).scalar_one())
    printed = zpl(
        LabelText(
            tracking_number=number,
            carrier=offer.carrier,
            service=offer.service,
            to={"name": node.name, **node.address},
            sender=str(order.shipping_address.get("name") or order.number),
            reference=f"Return {item.number}  Order {order.number}",
            weight_grams=_grams(tx, order, coming),
        )
    )
    sold = Sold(
        id=id or uuid7(), node=node.code, carrier=offer.carrier, service=offer.service, tracking_number=number,
        amount=offer.amount, currency=offer.currency, why=choice.why, parts=msgspec.to_builtins(offer.parts),
        label=printed,
    )  # fmt: skip
    return issue(tx, return_id, sold)


def issue(tx: Transaction, return_id: UUID, sold: Sold, *, live: bool = True) -> ReturnLabel:
    """Write a label down that exists; only a live one is told of."""
    item = tx.get_one(Return, return_id)
    told = {name: value for name, value in sold._asdict().items() if name != "label"}
    label = ReturnLabel(
        **told,
        zpl=sold.label,
        return_id=return_id,
        order_id=item.order_id,
        state=LabelState.live if live else LabelState.voided,
        news_due_at=tx.now + NEWS_AFTER if live and sold.account is not None else None,
        created_at=tx.now,
        voided_at=None if live else tx.now,
    )
    tx.add(label)
    tx.flush()
    if not live:
        said = f"{label.tracking_number}: nobody waited for it any more"
        tx.note(f"order:{item.order_id}", to_status="return label given back", why=said)
        return label
    said = f"{label.tracking_number}, {label.why}"
    tx.note(f"order:{item.order_id}", to_status="return label bought", why=said)
    tx.announce(
        f"return:{return_id}",
        ReturnLabelBought(
            label_id=label.id,
            return_id=return_id,
            order_id=item.order_id,
            carrier=label.carrier,
            service=label.service,
            tracking_number=label.tracking_number,
        ),
    )
    return label


def not_labelled(tx: Transaction, return_id: UUID, why: str) -> None:
    """A person acts: the order's history says so."""
    item = tx.get_one(Return, return_id)
    tx.note(f"order:{item.order_id}", to_status="not labelled", why=f"return {item.number}: {why}")


def return_shipment(tx: Transaction, return_id: UUID, node_code: str) -> Shipment:
    """From the customer to the node. Goods that cross a border come back as what they are: returned."""
    item, order, coming = coming_back(tx, return_id)
    node = tx.get_one(Node, node_code)
    sender, to = address_of(order.shipping_address, email=order.email or ""), sender_of(node, node_code)
    goods = _goods(tx, order, coming)
    customs = returned_customs(tx, order, {n.line_no: n.quantity for n in coming})
    return Shipment(
        reference=f"{item.number} {order.number}",
        sender=sender,
        to=to,
        weight_grams=_grams(tx, order, coming),
        on=tx.now.astimezone(ZoneInfo(node.time_zone)).date(),
        value=goods.value,
        currency=order.currency,
        hazmat=goods.hazmat,
        is_return=True,
        customs=customs if crosses_a_border(sender.country, to.country) else None,
    )


def came_to(standing: Standing) -> ReturnParcelState:
    """How far tracking says that a parcel has come. A word about it before the first scan is no scan."""
    if standing.delivered_at is not None:
        return ReturnParcelState.arrived
    return ReturnParcelState.awaited if standing.scanned_at is None else ReturnParcelState.on_its_way


def seen(label: ReturnLabel, parcel: ReturnParcelState, at: datetime) -> ReturnParcelSeen:
    return ReturnParcelSeen(
        return_id=label.return_id,
        order_id=label.order_id,
        tracking_number=label.tracking_number,
        parcel=parcel.value,
        at=at,
    )


def _choice(tx: Transaction, order: Order, lines: Iterable[UnitsBack]) -> tuple[Node | None, Choice | None]:
    coming = list(lines)
    node = node_for(tx, order.id, [n.line_no for n in coming])
    if node is None:
        return None, None
    policy, address = weights_for(tx, order, tags_of(tx, order)), order.shipping_address
    parcel = Consignment(
        weight_grams=_grams(tx, order, coming),
        country=destination(address),
        on=tx.now.astimezone(ZoneInfo(node.time_zone) if node.time_zone else UTC).date(),
        postcode=str(address.get("postcode") or ""),
        origin=node.code,
        residential=not address.get("company"),
    )
    offers = offers_of(
        valid_tariffs(tx, tx.now),
        parcel,
        _goods(tx, order, coming),
        po_box=is_po_box(address),
        weights=Weights(code=policy.code, forbidden=policy.forbidden),
        asked=Asked(),
        known=None,
    )
    within = [offer for offer in offers if offer.currency == order.currency]
    return node, choose(within, currency=order.currency, price_alone=True)


def _units(tx: Transaction, order: Order, lines: list[UnitsBack]) -> list[tuple[OrderLine, int]]:
    wanted = {n.line_no: n.quantity for n in lines}
    rows = tx.scalars(select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.line_no.in_(list(wanted))))
    return [(row, wanted[row.line_no]) for row in rows]


def _grams(tx: Transaction, order: Order, lines: list[UnitsBack]) -> int:
    parts = [(sku, per * units) for row, units in _units(tx, order, lines) for sku, per in row.parts]
    known = variants_by_sku(tx, (sku for sku, _ in parts))
    return PACKING_GRAMS + sum(known[sku].weight_grams * units for sku, units in parts if sku in known)


def _goods(tx: Transaction, order: Order, lines: list[UnitsBack]) -> Goods:
    rows = _units(tx, order, lines)
    known = variants_by_sku(tx, (sku for row, _ in rows for sku, _ in row.parts))
    value = sum(row.unit_amount * units for row, units in rows)
    return Goods(value=value, currency=order.currency, hazmat=any(v.hazmat for v in known.values()))
