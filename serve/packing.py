"""The packing bench over HTTP: what a packer has in front of them, in one answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.catalog import Variant
from db.customs import CustomsDeclaration
from db.errors import NotFound
from db.fulfilment import FULFILMENT_MOVES, Fulfilment, FulfilmentLine, FulfilmentStatus, Parcel, ParcelLine
from db.nodes import Node
from db.orders import Order
from db.prints import print_formats
from db.shipping import Label, LabelState
from serve.edge import edge_of
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Reference

routes = Routes("fulfilment")


class BenchLine(BaseModel):
    """`left` units are picked and lie in no parcel yet."""

    line_no: int
    sku: str
    title: str
    barcode: str | None
    weight_grams: int
    quantity: int
    picked: int
    packed: int
    left: int


class BenchParcel(BaseModel):
    id: UUID
    number: int
    status: str
    weight_grams: int
    lines: list[dict[str, Any]]
    label_id: UUID | None
    tracking_number: str | None
    carrier: str | None
    service: str | None
    amount: int | None
    currency: str | None
    why: str | None
    formats: list[str]  # that the label can be printed as
    prints: int
    customs: str | None  # the form that goes onto the parcel


class Bench(BaseModel):
    """A fulfilment with what is left to pack, its parcels and their live labels."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    order_status: str
    node: str
    status: str
    version: int
    shipping_address: dict[str, Any]
    sender: dict[str, Any]
    lines: list[BenchLine]
    parcels: list[BenchParcel]
    next: list[str]


@routes.get("/bench/{code}", access=Scope.read_fulfilment, answer=Bench)
def read_bench(request: Request, code: Reference) -> Response:
    """What lies on the bench, by anything that was scanned: number of the fulfilment or its order, or a label.

    Of an order with several fulfilments it is the one that can be packed first.
    """
    with edge_of(request).database.reading() as session:
        found = _fulfilment_of(session, code.strip())
        if found is None:
            raise NotFound("fulfilment", code)
        return json_answer(_bench(session, *found))


_PACKED_FIRST = ("picked", "packed", "picking", "ready", "shipped", "delivered", "cancelled")


def _fulfilment_of(session: Session, code: str) -> tuple[Fulfilment, Order] | None:
    labelled = select(Parcel.fulfilment_id).join(Label, Label.parcel_id == Parcel.id)
    rows = session.execute(
        select(Fulfilment, Order)
        .join(Order, Order.id == Fulfilment.order_id)
        .where(
            or_(
                Fulfilment.number == code.upper(),
                Order.number == code,
                Fulfilment.id.in_(labelled.where(Label.tracking_number == code.upper())),
            )
        )
    ).all()
    ranked = sorted(rows, key=lambda r: (_PACKED_FIRST.index(r[0].status), r[0].number))
    return (ranked[0][0], ranked[0][1]) if ranked else None


def _bench(session: Session, fulfilment: Fulfilment, order: Order) -> dict[str, Any]:
    node = session.get_one(Node, fulfilment.node)
    return {
        "id": fulfilment.id,
        "number": fulfilment.number,
        "order_id": order.id,
        "order_number": order.number,
        "order_status": order.status,
        "node": fulfilment.node,
        "status": fulfilment.status,
        "version": fulfilment.version,
        "shipping_address": order.shipping_address,
        "sender": {"name": node.name, **node.address},
        "lines": _lines(session, fulfilment.id),
        "parcels": _parcels(session, fulfilment.id),
        "next": sorted(s.value for s in FULFILMENT_MOVES[FulfilmentStatus(fulfilment.status)]),
    }


def _lines(session: Session, fulfilment_id: UUID) -> list[dict[str, Any]]:
    """One entry a line and SKU: what was picked in two goes is packed as one."""
    rows = session.execute(
        select(FulfilmentLine, Variant)
        .join(Variant, Variant.sku == FulfilmentLine.sku)
        .where(FulfilmentLine.fulfilment_id == fulfilment_id, FulfilmentLine.quantity > 0)
        .order_by(FulfilmentLine.line_no, FulfilmentLine.sku)
    )
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for line, variant in rows:
        entry = found.setdefault(
            (line.line_no, line.sku),
            {
                "line_no": line.line_no,
                "sku": line.sku,
                "title": variant.title,
                "barcode": variant.barcode,
                "weight_grams": variant.weight_grams,
                "quantity": 0,
                "picked": 0,
                "packed": 0,
                "left": 0,
            },
        )
        for column in ("quantity", "picked", "packed"):
            entry[column] += getattr(line, column)
        entry["left"] += line.picked - line.packed
    return list(found.values())


def _parcels(session: Session, fulfilment_id: UUID) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Parcel, Label)
        .outerjoin(Label, (Label.parcel_id == Parcel.id) & (Label.state == LabelState.live))
        .where(Parcel.fulfilment_id == fulfilment_id)
        .order_by(Parcel.number)
    ).all()
    told = select(CustomsDeclaration.parcel_id, CustomsDeclaration.form)
    abroad = session.execute(told.where(CustomsDeclaration.parcel_id.in_([p.id for p, _ in rows])))
    customs = {row.parcel_id: row.form for row in abroad}
    lines: dict[UUID, list[dict[str, Any]]] = {}
    for parcel_id, sku, units in session.execute(
        select(ParcelLine.parcel_id, ParcelLine.sku, func.sum(ParcelLine.quantity))
        .where(ParcelLine.parcel_id.in_([p.id for p, _ in rows]))
        .group_by(ParcelLine.parcel_id, ParcelLine.sku)
        .order_by(ParcelLine.sku)
    ):
        lines.setdefault(parcel_id, []).append({"sku": sku, "quantity": int(units)})
    return [
        {
            "id": parcel.id,
            "number": parcel.number,
            "status": parcel.status,
            "weight_grams": parcel.weight_grams,
            "lines": lines.get(parcel.id, []),
            "label_id": label.id if label else None,
            "formats": list(print_formats(session, label)) if label and label.zpl else [],
            "prints": label.prints if label else 0,
            "customs": customs.get(parcel.id),
            **{
                name: getattr(label, name) if label else None
                for name in ("tracking_number", "carrier", "service", "amount", "currency", "why")
            },
        }
        for parcel, label in rows
    ]
