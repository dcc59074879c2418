"""Parcels that come back, as staff see them: labels, links for customers, what a scan means, parcels nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, create_model
from pydantic import Field as Described
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.notifications.messages import NotificationView, SendReturnLink
from agents.returns.messages import (
    CloseUnknownParcel,
    KeepUnknownParcel,
    MatchUnknownParcel,
    UnknownParcelState,
)
from db.catalog import Tracking, Variant
from db.errors import NotFound
from db.orders import Order
from db.return_parcels import ReturnLabel
from db.returns import RECEIVABLE, Grade, Return, ReturnReason, ReturnStatus, sold
from db.runtime import Transition
from db.shipping import Label, LabelRefund, LabelState
from db.stock import MovementKind, StockLedger
from db.unknown_parcels import UnknownItem, UnknownParcel, UnknownParcelStatus, unknown_next
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.order_view import order_id_of
from serve.requests import json_answer, sending, version_of
from serve.return_door import PDF, label_answer
from serve.returns import ReturnMove
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Lot, Quantity, Reason, Reference, Sku, Version, answer_shape, message

routes = Routes("returns")
Told = answer_shape(UnknownParcelState)
MOST_FOUND = 20

RETURN_LABELS = Listing(
    "ReturnLabel",
    ReturnLabel,
    fields(
        ReturnLabel,
        "id return_id order_id node carrier service tracking_number amount currency state why account format refund "
        "refund_why created_at voided_at",
        state=LabelState,
        refund=LabelRefund,
    ),
    sortable=("created_at", "amount", "carrier"),
    sort="-created_at",
    key=("id",),
)
ReturnLabelRow = RETURN_LABELS.row_shape()


def _next(row: Row) -> Row:
    return {**row, "next": unknown_next(row["status"])}


_UNITS = (
    select(func.coalesce(func.sum(UnknownItem.quantity), 0))
    .where(UnknownItem.parcel_id == UnknownParcel.id)
    .correlate(UnknownParcel)
    .scalar_subquery()
)
UNKNOWN_PARCELS = Listing(
    "UnknownParcel",
    UnknownParcel,
    {
        **fields(
            UnknownParcel,
            "id number node status scanned note return_id found_by version created_at updated_at",
            status=UnknownParcelStatus,
        ),
        "units": field(_UNITS, nullable=False),
    },
    sortable=("created_at", "updated_at", "number", "status"),
    sort="-created_at",
    key=("id",),
    hidden={
        "sku": field(UnknownItem.sku, through=lambda c: UnknownParcel.id.in_(select(UnknownItem.parcel_id).where(c))),
    },
    expand={
        "items": Related(
            UnknownItem.parcel_id,
            fields(UnknownItem, "no sku quantity grade lot note", grade=Grade),
            (UnknownItem.no,),
        ),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
UnknownParcelRow = UNKNOWN_PARCELS.row_shape()
UnknownParcelDetail = create_model("UnknownParcelDetail", __base__=UnknownParcelRow, history=(list[ReturnMove], ...))


class FoundUnits(Ask):
    sku: Sku
    quantity: Quantity
    grade: Grade = Described(description="sellable, damaged or not_as_described")
    lot: Lot = ""
    note: Reason | None = None


class NewUnknownParcel(Ask):
    node: Code
    units: list[FoundUnits] = Described(max_length=200)
    scanned: Reference | None = Described(None, description="What could be read off it")
    note: Reason | None = None


class ParcelMatch(Ask):
    order: Reference = Described(description="Its id or number")
    reason: ReturnReason = Described(ReturnReason.other, description="Why it came back, as far as anybody knows")
    version: Version | None = None


class UnknownParcelEnd(Ask):
    reason: Reason
    version: Version | None = None


class ScannedReturn(BaseModel):
    """A return that the scan leads to. `open` are units that nobody has graded yet."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    status: ReturnStatus
    open: int


class ScannedOrder(BaseModel):
    """An order that the scan leads to, of which units may come back that nobody has asked to give back."""

    id: UUID
    number: str
    placed_at: datetime | None
    customer: str | None
    returnable: int


class ScannedUnit(BaseModel):
    sku: str
    title: str
    tracking: Tracking


class ReturnScan(BaseModel):
    """What a scan at the dock means; the first by `how` is the surest. Nothing found is a parcel that nobody knows.

    `how` is return, return_label, label (it came back under the number it was sent with), order, serial, customer, or
    null. `unit` is the product whose barcode or SKU it is.
    """

    how: str | None
    returns: list[ScannedReturn]
    orders: list[ScannedOrder]
    unit: ScannedUnit | None


@routes.get(
    "/return-labels", access=Scope.read_shipping, answer=RETURN_LABELS.list_shape(ReturnLabelRow),
    extra=RETURN_LABELS.operation(),
)  # fmt: skip
def list_return_labels(request: Request) -> Response:
    """List labels for goods that come back, newest first."""
    return RETURN_LABELS.answer(request)


@routes.get(
    "/returns/{return_id}/label.pdf",
    access=Scope.read_shipping,
    responses={200: {"description": "The label", "content": PDF}},
)
def read_return_label(request: Request, return_id: UUID) -> Response:
    """The label of a return as the customer prints it."""
    return label_answer(request, return_id)


@routes.post("/orders/{order}/return-link", access=Scope.write_orders, answer=answer_shape(NotificationView))
async def send_return_link(request: Request, order: Reference) -> Response:
    """Mail whoever ordered a link with which they give goods back, and see where their returns stand."""
    order_id = await order_id_of(request, order)
    asked = SendReturnLink(order_id=order_id)
    return await sending(request, "notifications", asked, NotificationView, partition=str(order_id))


@routes.get("/return-scans/{scan}", access=Scope.read_orders, answer=ReturnScan)
async def read_return_scan(request: Request, scan: Reference) -> Response:
    """Tell what was scanned off a parcel that came back: its return, its order, or a unit in it."""
    return json_answer(await asyncio.to_thread(_scanned, request, scan.strip()))


@routes.get(
    "/unknown-parcels", access=Scope.read_orders, answer=UNKNOWN_PARCELS.list_shape(UnknownParcelRow),
    extra=UNKNOWN_PARCELS.operation(),
)  # fmt: skip
def list_unknown_parcels(request: Request) -> Response:
    """List parcels that came without saying whose they are, the last found first."""
    return UNKNOWN_PARCELS.answer(request)


@routes.post("/unknown-parcels", access=Scope.write_stock, answer=Told, status=201)
async def keep_unknown_parcel(request: Request, body: NewUnknownParcel) -> Response:
    """Keep a parcel that nobody knows, with what is in it. It is in stock once it is matched, and not before."""
    asked = message(KeepUnknownParcel, body)
    return await sending(request, "returns", asked, UnknownParcelState, partition=body.node, status=201)


@routes.get("/unknown-parcels/{parcel_id}", access=Scope.read_orders, answer=UnknownParcelDetail)
def read_unknown_parcel(request: Request, parcel_id: UUID) -> Response:
    """Show a parcel that nobody knew, with what is in it and its history, the latest first."""
    with edge_of(request).database.reading() as session:
        row = UNKNOWN_PARCELS.one(session, UnknownParcel.id == parcel_id, expand=("items",))
        if row is None:
            raise NotFound("parcel", str(parcel_id))
        columns = (getattr(Transition, name) for name in ReturnMove.model_fields)
        of_it = select(*columns).where(Transition.subject == f"unknown_parcel:{parcel_id}")
        moves = session.execute(of_it.order_by(Transition.id.desc())).mappings()
        return json_answer(row | {"history": [dict(move) for move in moves]})


@routes.post("/unknown-parcels/{parcel_id}/match", access=Scope.write_stock, answer=Told)
async def match_unknown_parcel(request: Request, parcel_id: UUID, body: ParcelMatch) -> Response:
    """Say which order a parcel belongs to: its units come in on the order's returns, once."""
    order_id = await order_id_of(request, body.order)
    version = version_of(request, body.version)
    asked = MatchUnknownParcel(parcel_id=parcel_id, order_id=order_id, reason=body.reason, version=version)
    return await sending(request, "returns", asked, UnknownParcelState, partition=str(order_id))


@routes.post("/unknown-parcels/{parcel_id}/close", access=Scope.write_stock, answer=Told)
async def close_unknown_parcel(request: Request, parcel_id: UUID, body: UnknownParcelEnd) -> Response:
    """Say that a parcel is not ours, or went away again."""
    asked = message(CloseUnknownParcel, body, parcel_id=parcel_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, UnknownParcelState, partition=str(parcel_id))


def _scanned(request: Request, scan: str) -> Row:
    with edge_of(request).database.reading() as session:
        how, orders = None, list[UUID]()
        returns = _returns(session, Return.number == scan.upper())
        if returns:
            how = "return"
        elif returns := _returns(session, Return.tracking_number == scan.upper()):
            how = "return_label"
        else:
            how, orders = _orders(session, scan)
            returns = _returns(session, Return.order_id.in_(orders)) if orders else []
        unit = session.scalar(select(Variant).where(or_(Variant.barcode == scan, Variant.sku == scan)).limit(1))
        return {
            "how": how,
            "returns": returns,
            "orders": [told for order_id in orders if (told := _order(session, order_id)) is not None],
            "unit": {"sku": unit.sku, "title": unit.title, "tracking": unit.tracking} if unit is not None else None,
        }


def _orders(session: Session, scan: str) -> tuple[str | None, list[UUID]]:
    """Orders by the surest of what the scan may be."""
    ways: Iterable[tuple[str, ColumnElement[bool]]] = (
        ("label", Order.id.in_(select(Label.order_id).where(Label.tracking_number == scan.upper()))),
        ("order", or_(Order.number == scan, Order.external_ref == scan)),
        ("serial", Order.id.in_(_sold_with(session, scan))),
        ("customer", func.lower(Order.email) == scan.lower()),
    )
    for how, condition in ways:
        wanted = select(Order.id).where(condition).order_by(Order.created_at.desc(), Order.id).limit(MOST_FOUND)
        if found := list(session.scalars(wanted)):
            return how, found
    return None, []


def _sold_with(session: Session, serial: str) -> list[UUID]:
    """Orders that a lot or serial number left with."""
    wanted = select(StockLedger.cause).where(
        StockLedger.lot == serial, StockLedger.kind == MovementKind.shipped, StockLedger.on_hand < 0
    )
    causes = session.scalars(wanted.limit(MOST_FOUND)).all()
    return [UUID(cause.removeprefix("order:")) for cause in causes if cause.startswith("order:")]


def _returns(session: Session, condition: ColumnElement[bool]) -> list[Row]:
    wanted = (
        select(Return, Order.number)
        .join(Order, Order.id == Return.order_id)
        .where(condition, Return.status.in_((ReturnStatus.requested, *RECEIVABLE)))
        .order_by(Return.id.desc())
        .limit(MOST_FOUND)
    )
    found = session.execute(wanted).all()
    return [
        {
            "id": item.id,
            "number": item.number,
            "order_id": item.order_id,
            "order_number": number,
            "status": item.status,
            "open": sum(
                row.open
                for rows in sold(session, item.order_id).back.values()
                for row in rows
                if row.return_id == item.id
            ),
        }
        for item, number in found
    ]


def _order(session: Session, order_id: UUID) -> Row | None:
    of = sold(session, order_id)
    returnable = sum(of.returnable(n) for n in of.lines)
    if not returnable:
        return None
    return {
        "id": of.order.id,
        "number": of.order.number,
        "placed_at": of.order.placed_at,
        "customer": of.order.shipping_address.get("name"),
        "returnable": returnable,
    }
