"""A parcel as a carrier has to know it: from whom, to whom, how heavy, and what customs ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from zoneinfo import ZoneInfo

from agents.shipping.customs import crosses_a_border
from agents.shipping.declaring import customs_of
from agents.shipping.messages.carriers import TryCarrierAccount
from agents.shipping.offers import goods_in
from agents.shipping.providers import Address, Shipment
from db.errors import NotFound
from db.fulfilment import Fulfilment, Parcel
from db.nodes import Node
from db.orders import Order
from db.session import Transaction


def shipment_of(tx: Transaction, parcel: Parcel, order: Order) -> Shipment:
    node, fulfilment = tx.get(Node, parcel.node), tx.get_one(Fulfilment, parcel.fulfilment_id)
    goods = goods_in(tx, parcel, order)
    sender, to = sender_of(node, parcel.node), address_of(order.shipping_address, email=order.email or "")
    return Shipment(
        reference=f"{order.number} {fulfilment.number}-{parcel.number}",
        sender=sender,
        to=to,
        weight_grams=parcel.weight_grams,
        sides_mm=(parcel.length_mm, parcel.width_mm, parcel.height_mm),
        on=tx.now.astimezone(ZoneInfo(node.time_zone) if node else UTC).date(),
        value=goods.value,
        currency=order.currency,
        hazmat=goods.hazmat,
        customs=customs_of(tx, parcel, order) if crosses_a_border(sender.country, to.country) else None,
    )


def trial_shipment(tx: Transaction, ask: TryCarrierAccount) -> Shipment:
    node = tx.get(Node, ask.node)
    if node is None:
        raise NotFound("node", ask.node)
    told = {"name": "Somebody", "line1": ask.line1 or "1 Any Street", "city": ask.city, "region": ask.region}
    return Shipment(
        reference="TRIAL",
        sender=sender_of(node, ask.node),
        to=address_of({**told, "postcode": ask.postcode, "country": ask.country}),
        weight_grams=ask.weight_grams,
        sides_mm=ask.sides_mm,
        on=tx.now.astimezone(ZoneInfo(node.time_zone)).date(),
    )


def address_of(told: Mapping[str, object], *, email: str = "") -> Address:
    def text(name: str) -> str:
        return str(told.get(name) or "").strip()

    return Address(
        name=text("name"),
        company=text("company"),
        line1=text("line1"),
        line2=text("line2"),
        city=text("city"),
        region=text("region"),
        postcode=text("postcode"),
        country=text("country").upper(),
        phone=text("phone"),
        email=email,
    )


def sender_of(node: Node | None, code: str) -> Address:
    told = dict(node.address) if node else {}
    told["name"] = told.get("name") or (node.name if node else code)
    return address_of(told)
