"""Fulfilments and their parcels over HTTP: pack, unpack, dispatch, deliver."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import join
from starlette.requests import Request
from starlette.responses import Response

from agents.fulfilment.messages import (
    ConfirmDelivery,
    DispatchFulfilment,
    FulfilmentState,
    MergeFulfilments,
    PackParcel,
    ParcelState,
    TakeBack,
    TakenBack,
    Unpack,
)
from db.errors import NotFound
from db.fulfilment import (
    FULFILMENT_MOVES,
    PARCEL_MOVES,
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    Parcel,
    ParcelLine,
    ParcelStatus,
)
from db.orders import Order, OrderStatus
from db.waves import Wave
from serve.edge import caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.order_view import order_id_of
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Grams, Millimetres, Quantity, Reason, Reference, Sku, Version, answer_shape, message
from serve.shipment_values import ShipmentValue, value_of

routes = Routes("fulfilment")
Packed, Fulfilled = answer_shape(ParcelState), answer_shape(FulfilmentState)


def _next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in FULFILMENT_MOVES[FulfilmentStatus(row["status"])])}


def _parcel_next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in PARCEL_MOVES[ParcelStatus(row["status"])])}


PARCEL = fields(
    Parcel,
    "id fulfilment_id order_id node number status weight_grams length_mm width_mm height_mm box version created_at "
    "updated_at",
    status=ParcelStatus,
)
FULFILMENTS = Listing(
    "Fulfilment",
    join(Fulfilment, Order, Order.id == Fulfilment.order_id, isouter=True).join(
        Wave, Wave.id == Fulfilment.wave_id, isouter=True
    ),
    {
        **fields(
            Fulfilment,
            "id number order_id node status due_at service release_at released_at released_why wave_id version "
            "created_at updated_at shipped_at delivered_at",
            status=FulfilmentStatus,
        ),
        "wave_number": field(Wave.number, nullable=True),
        "order_number": field(Order.number, nullable=True),
        "order_status": field(Order.status, choices=OrderStatus, nullable=True),
    },
    sortable=("created_at", "updated_at", "number", "node", "status", "shipped_at", "due_at"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(
            FulfilmentLine.fulfilment_id,
            fields(FulfilmentLine, "allocation_id line_no sku quantity picked packed bin lot"),
            (FulfilmentLine.line_no, FulfilmentLine.allocation_id),
        ),
        "parcels": Related(Parcel.fulfilment_id, PARCEL, (Parcel.number,)),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
PARCELS = Listing(
    "Parcel",
    Parcel,
    PARCEL,
    sortable=("created_at", "updated_at", "status", "number"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(ParcelLine.parcel_id, fields(ParcelLine, "allocation_id sku quantity lots"), (ParcelLine.sku,))
    },
    finish=_parcel_next,
    more={"next": (list[str], ...)},
)
FulfilmentRow, ParcelRow = FULFILMENTS.row_shape(), PARCELS.row_shape()


class FulfilmentDetail(FulfilmentRow):  # type: ignore[valid-type, misc]
    """`value` is its share of the order's money, null for who may not read orders."""

    value: ShipmentValue | None = None


class ParcelDetail(ParcelRow):  # type: ignore[valid-type, misc]
    """`value` is its share of the order's money, null for who may not read orders."""

    value: ShipmentValue | None = None


class PackedLine(Ask):
    sku: Sku
    quantity: Quantity
    line_no: Quantity | None = None


class NewParcel(Ask):
    lines: list[PackedLine] = Described(default_factory=list, max_length=500, description="None: all that is left")
    box: Code | None = Described(None, description="A box of the node: gives measures, and its weight to the sum")
    weight_grams: Grams | None = Described(None, description="Null: the sum of the items, and of the box")
    length_mm: Millimetres = 0
    width_mm: Millimetres = 0
    height_mm: Millimetres = 0


class ReasonBody(Ask):
    reason: Reason


class VersionBody(Ask):
    version: Version | None = None


@routes.get("/fulfilments", access=Scope.read_fulfilment, answer=FULFILMENTS.list_shape(FulfilmentRow),
            extra=FULFILMENTS.operation())  # fmt: skip
def list_fulfilments(request: Request) -> Response:
    """List fulfilments, newest first."""
    return FULFILMENTS.answer(request)


@routes.get("/fulfilments/{fulfilment_id}", access=Scope.read_fulfilment, answer=FulfilmentDetail)
def read_fulfilment(request: Request, fulfilment_id: UUID) -> Response:
    """Show a fulfilment with its lines and parcels, and what it is worth."""
    with edge_of(request).database.reading() as session:
        row = FULFILMENTS.one(session, Fulfilment.id == fulfilment_id, expand=("lines", "parcels"))
        if row is None:
            raise NotFound("fulfilment", str(fulfilment_id))
        return json_answer({**row, "value": value_of(session, row, caller_of(request).scopes)})


@routes.post("/fulfilments/{fulfilment_id}/parcels", access=Scope.write_fulfilment, answer=Packed, status=201)
async def pack_parcel(request: Request, fulfilment_id: UUID, body: NewParcel) -> Response:
    """Put picked units into a parcel."""
    asked = message(PackParcel, body, fulfilment_id=fulfilment_id)
    return await sending(request, "fulfilment", asked, ParcelState, partition=str(fulfilment_id), status=201)


@routes.post("/fulfilments/{fulfilment_id}/dispatch", access=Scope.write_fulfilment, answer=Fulfilled)
async def dispatch_fulfilment(request: Request, fulfilment_id: UUID, body: VersionBody) -> Response:
    """The parcels leave the house; stock leaves the books now."""
    asked = DispatchFulfilment(fulfilment_id=fulfilment_id, version=version_of(request, body.version))
    return await sending(request, "fulfilment", asked, FulfilmentState, partition=str(fulfilment_id))


@routes.post("/fulfilments/{fulfilment_id}/deliver", access=Scope.write_fulfilment, answer=Fulfilled)
async def confirm_delivery(request: Request, fulfilment_id: UUID) -> Response:
    """Confirm that a fulfilment arrived."""
    asked = ConfirmDelivery(fulfilment_id=fulfilment_id)
    return await sending(request, "fulfilment", asked, FulfilmentState, partition=str(fulfilment_id))


@routes.post("/fulfilments/{fulfilment_id}/merge", access=Scope.write_fulfilment, answer=Fulfilled)
async def merge_fulfilments(request: Request, fulfilment_id: UUID) -> Response:
    """Take the order's other fulfilments that are ready at the same node into this one."""
    asked = MergeFulfilments(fulfilment_id=fulfilment_id)
    return await sending(request, "fulfilment", asked, FulfilmentState, partition=str(fulfilment_id))


@routes.post("/orders/{order}/take-back", access=Scope.write_fulfilment, answer=answer_shape(TakenBack))
async def take_back(request: Request, order: Reference, body: ReasonBody) -> Response:
    """Undo picking and packing of an order that has not left."""
    order_id = await order_id_of(request, order)
    asked = TakeBack(order_id=order_id, reason=body.reason)
    return await sending(request, "fulfilment", asked, TakenBack, partition=str(order_id))


@routes.get("/parcels", access=Scope.read_fulfilment, answer=PARCELS.list_shape(ParcelRow), extra=PARCELS.operation())
def list_parcels(request: Request) -> Response:
    """List parcels, newest first."""
    return PARCELS.answer(request)


@routes.get("/parcels/{parcel_id}", access=Scope.read_fulfilment, answer=ParcelDetail)
def read_parcel(request: Request, parcel_id: UUID) -> Response:
    """Show a parcel with what is in it, and what that is worth."""
    with edge_of(request).database.reading() as session:
        row = PARCELS.one(session, Parcel.id == parcel_id, expand=("lines",))
        if row is None:
            raise NotFound("parcel", str(parcel_id))
        return json_answer({**row, "value": value_of(session, row, caller_of(request).scopes, parcel=True)})


@routes.post("/parcels/{parcel_id}/unpack", access=Scope.write_fulfilment, answer=Packed)
async def unpack_parcel(request: Request, parcel_id: UUID, body: ReasonBody) -> Response:
    """Open a parcel again; its units go back to be packed."""
    asked = Unpack(parcel_id=parcel_id, reason=body.reason)
    return await sending(request, "fulfilment", asked, ParcelState, partition=str(parcel_id))
