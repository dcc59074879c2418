"""What shipments and parcels are worth of their order: its goods, discounts, tax and shipping, shared to the cent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.fulfilment import Fulfilment, FulfilmentStatus
from db.money import to_decimal_string
from db.orders import Order, OrderLine
from db.shares import Share, Worth, shares_of
from serve.edge import caller_of, edge_of
from serve.listing import Row
from serve.order_view import find_order
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import MissingScope, Scope
from serve.shapes import Reference

routes = Routes("fulfilment")


class ValueOfLine(BaseModel):
    """Amounts are minor units. `units` are what is picked: of a kit its components together."""

    line_no: int
    sku: str
    title: str
    units: int
    goods: int
    discount: int
    tax: int


class ShareShown(BaseModel):
    """Minor units. `goods` are without their discounts and with tax; `goods` and `shipping` are `total`."""

    goods: int
    discount: int = Described(description="What was taken off the goods")
    shipping: int = Described(description="With tax")
    tax: int = Described(description="In goods and shipping")
    total: int
    lines: list[ValueOfLine]


class ShipmentValue(ShareShown):
    currency: str
    display: str = Described(description="The total for people")


class ValueOfShipment(ShareShown):
    fulfilment_id: UUID
    number: str
    node: str
    status: FulfilmentStatus


class ShipmentValues(BaseModel):
    """Shipments, `rest` (in no shipment yet) and `cancelled` together are the order: `total`, `tax`, `discount`."""

    order_id: UUID
    number: str
    currency: str
    total: int
    tax: int
    discount: int
    in_shipments: int = Described(description="The total of all shipments")
    shipments: list[ValueOfShipment]
    rest: ShareShown
    cancelled: ShareShown


@routes.get("/orders/{order}/shipment-values", access=Scope.read_orders, answer=ShipmentValues)
def read_shipment_values(request: Request, order: Reference) -> Response:
    """Share an order's money out among its shipments, to the cent: what is in each, in none yet, and cancelled.

    Needs read_fulfilment as well.
    """
    if Scope.read_fulfilment.value not in caller_of(request).scopes:
        raise MissingScope(Scope.read_fulfilment.value)
    with edge_of(request).database.reading() as session:
        order_id = find_order(session, order)
        return json_answer(_values(session, order_id))


def value_of(session: Session, row: Row, scopes: Collection[str], *, parcel: bool = False) -> Row | None:
    """The value of a fulfilment, or of a parcel, for those who may read orders; None for the others."""
    if Scope.read_orders not in scopes:
        return None
    order = session.get(Order, row["order_id"])
    if order is None:
        return None
    shares = shares_of(session, order)
    worth = (shares.parcels if parcel else shares.shipments).get(row["id"], Worth())
    display = to_decimal_string(worth.share.total, order.currency)
    return {"currency": order.currency, "display": display, **_shown(worth, _titles(session, order.id))}


def _values(session: Session, order_id: UUID) -> Row:
    order = session.get_one(Order, order_id)
    shares, titles = shares_of(session, order), _titles(session, order_id)
    sent = {f.id: f for f in session.scalars(select(Fulfilment).where(Fulfilment.order_id == order_id))}
    shipments = [
        {
            "fulfilment_id": ident,
            **{name: getattr(sent[ident], name) for name in ("number", "node", "status")},
            **_shown(worth, titles),
        }
        for ident, worth in shares.shipments.items()
    ]
    return {
        "order_id": order_id,
        "in_shipments": sum(worth.share.total for worth in shares.shipments.values()),
        "shipments": shipments,
        "rest": _shown(shares.rest, titles),
        "cancelled": _shown(shares.cancelled, titles),
        **{name: getattr(order, name) for name in ("number", "currency", "total", "tax", "discount")},
    }


def _titles(session: Session, order_id: UUID) -> dict[int, tuple[str, str]]:
    query = select(OrderLine.line_no, OrderLine.sku, OrderLine.title).where(OrderLine.order_id == order_id)
    return {line_no: (sku, title) for line_no, sku, title in session.execute(query)}


def _shown(worth: Worth, titles: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    lines = [
        {
            "line_no": no,
            "sku": titles[no][0],
            "title": titles[no][1],
            "units": worth.units[no],
            "goods": share.goods,
            "discount": share.discount,
            "tax": share.tax,
        }
        for no, share in sorted(worth.lines.items())
    ]
    return {**_amounts(worth.share), "lines": lines}


def _amounts(share: Share) -> dict[str, int]:
    return {**share._asdict(), "total": share.total}
