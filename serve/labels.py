"""Labels over HTTP: buy, void, print."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages import BuyLabel, LabelView, VoidLabel
from db.errors import NotFound
from db.shipping import Label, LabelState
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing
from serve.requests import json_answer, sending
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Reason, answer_shape, message

routes = Routes("shipping")
Bought = answer_shape(LabelView)

LABELS = Listing(
    "Label",
    Label,
    fields(
        Label,
        "id parcel_id order_id carrier service tracking_number amount currency state why created_at voided_at",
        state=LabelState,
    ),
    sortable=("created_at", "amount", "carrier"),
    sort="-created_at",
    key=("id",),
)
LabelRow = LABELS.row_shape()


class LabelBody(Ask):
    carrier: Code | None = None
    service: Code | None = None


class VoidBody(Ask):
    reason: Reason


@routes.post("/parcels/{parcel_id}/label", access=Scope.write_shipping, answer=Bought, status=201)
async def buy_label(request: Request, parcel_id: UUID, body: LabelBody) -> Response:
    """Buy a label for a parcel: the cheapest service, or the one that is named. Asked again: the same label."""
    asked = message(BuyLabel, body, parcel_id=parcel_id)
    return await sending(request, "shipping", asked, LabelView, partition=str(parcel_id), status=201)


@routes.get("/labels", access=Scope.read_shipping, answer=LABELS.list_shape(LabelRow), extra=LABELS.operation())
def list_labels(request: Request) -> Response:
    """List labels, newest first."""
    return LABELS.answer(request)


@routes.get("/labels/{label_id}", access=Scope.read_shipping, answer=LabelRow)
def read_label(request: Request, label_id: UUID) -> Response:
    """Show a label."""
    with edge_of(request).database.reading() as session:
        row = LABELS.one(session, Label.id == label_id)
    if row is None:
        raise NotFound("label", str(label_id))
    return json_answer(row)


@routes.get(
    "/labels/{label_id}/label.zpl",
    access=Scope.read_shipping,
    responses={200: {"description": "ZPL for the printer", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def print_label(request: Request, label_id: UUID) -> Response:
    """A label as ZPL, for a label printer."""
    with edge_of(request).database.reading() as session:
        zpl = session.scalar(select(Label.zpl).where(Label.id == label_id))
    if zpl is None:
        raise NotFound("label", str(label_id))
    return Response(zpl, media_type="text/plain; charset=utf-8")


@routes.post("/labels/{label_id}/void", access=Scope.write_shipping, answer=Bought)
async def void_label(request: Request, label_id: UUID, body: VoidBody) -> Response:
    """Void a label that was not used."""
    asked = VoidLabel(label_id=label_id, reason=body.reason)
    return await sending(request, "shipping", asked, LabelView, partition=str(label_id))
