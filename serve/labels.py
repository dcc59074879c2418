"""Labels over HTTP: buy, void, print."""

from __future__ import annotations

import base64
from uuid import UUID

import msgspec
from pydantic import Field as Described
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages import BuyLabel, LabelView, PricePart, VoidLabel
from agents.shipping.messages.carriers import (
    AskCarriers,
    AskRefundAgain,
    GiveUpPurchase,
    PurchaseGivenUp,
    RatesAsked,
    RefundAsked,
)
from db.base import utc_now
from db.carriers import LabelPurchase, PurchaseState
from db.errors import NotFound
from db.shipping import LABEL_MOVES, Label, LabelRefund, LabelState
from serve.carrier_accounts import Wait, told_within
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Row
from serve.requests import asking, json_answer, sending
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Reason, answer_shape, message

routes = Routes("shipping")


def _next(row: Row) -> Row:
    row["next"] = ["give_up"] if row["status"] == PurchaseState.unknown else []
    return row


Bought = answer_shape(LabelView)

LABELS = Listing(
    "Label",
    Label,
    fields(
        Label,
        "id parcel_id order_id carrier service tracking_number amount currency state why account format prints "
        "refund refund_why created_at voided_at",
        state=LabelState,
        refund=LabelRefund,
    ),
    sortable=("created_at", "amount", "carrier"),
    sort="-created_at",
    key=("id",),
)
LabelRow = LABELS.row_shape()


PURCHASES = Listing(
    "LabelPurchase",
    LabelPurchase,
    fields(
        LabelPurchase,
        "id parcel_id order_id status wanted_carrier wanted_service account choice_id why degraded tries attempts "
        "asked_at checked_at due_at settled_at",
        status=PurchaseState,
    ),
    sortable=("asked_at", "settled_at"),
    sort="-asked_at",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
PurchaseRow = PURCHASES.row_shape()


class LabelBody(Ask):
    carrier: Code | None = None
    service: Code | None = None
    reason: Reason | None = Described(None, description="Why this carrier or service; kept with the choice")


class VoidBody(Ask):
    reason: Reason


UNDER_WAY = (PurchaseState.asked, PurchaseState.buying)


@routes.post("/parcels/{parcel_id}/label", access=Scope.write_shipping, answer=Bought, status=201)
async def buy_label(request: Request, parcel_id: UUID, body: LabelBody, wait: Wait = 10) -> Response:
    """Buy a label for a parcel: the best service, or the one that is named. Asked again: the same label.

    Where carriers have to be asked it is answered as soon as one of them has sold the label, or after `wait` seconds
    with how far it came: then `state` is not `live`, and asking again, or the purchase of the same id, tells more.
    """
    asked = message(BuyLabel, body, parcel_id=parcel_id)
    told = await asking(request, "shipping", asked, partition=str(parcel_id))
    label = msgspec.msgpack.decode(told.body, type=LabelView)
    if label.state in UNDER_WAY:
        label = await told_within(request, wait, lambda session: _how_far(session, label))
    return json_answer(label, 201, replayed=told.replayed)


def _how_far(session: Session, label: LabelView) -> tuple[LabelView, bool]:
    """The label once it is there, else the state of its purchase; and whether waiting any longer is of use."""
    purchase, sold = session.get(LabelPurchase, label.id), session.get(Label, label.id)
    if purchase is None:
        return label, True
    if sold is None:
        postponed = purchase.checked_at is not None and purchase.checked_at > utc_now()
        now = msgspec.structs.replace(label, state=purchase.status, why=purchase.why or label.why)
        return now, purchase.status not in UNDER_WAY or postponed
    names = ["carrier", "service", "tracking_number", "amount", "currency", "state", "why", "zpl"]
    known = {name: getattr(sold, name) for name in names}
    parts = msgspec.convert(sold.parts, list[PricePart])
    may = sorted(s.value for s in LABEL_MOVES[LabelState(sold.state)])
    return msgspec.structs.replace(label, **known, parts=parts, next=may), True


@routes.post("/parcels/{parcel_id}/offers", access=Scope.write_shipping, answer=answer_shape(RatesAsked))
async def ask_carriers(request: Request, parcel_id: UUID) -> Response:
    """Ask every carrier anew what it would take for a parcel. What each says is shown among the offers."""
    return await sending(request, "shipping", AskCarriers(parcel_id=parcel_id), RatesAsked, partition=str(parcel_id))


@routes.get("/label-purchases", access=Scope.read_shipping, answer=PURCHASES.list_shape(PurchaseRow),
            extra=PURCHASES.operation())  # fmt: skip
def list_label_purchases(request: Request) -> Response:
    """List labels that were asked of carriers, and what came of each; newest first."""
    return PURCHASES.answer(request)


@routes.get("/label-purchases/{purchase_id}", access=Scope.read_shipping, answer=PurchaseRow)
def read_label_purchase(request: Request, purchase_id: UUID) -> Response:
    """Show a label that was asked of carriers."""
    with edge_of(request).database.reading() as session:
        row = PURCHASES.one(session, LabelPurchase.id == purchase_id)
    if row is None:
        raise NotFound("label purchase", str(purchase_id))
    return json_answer(row)


@routes.post(
    "/label-purchases/{purchase_id}/give-up", access=Scope.write_shipping, answer=answer_shape(PurchaseGivenUp)
)
async def give_up_label_purchase(request: Request, purchase_id: UUID, body: VoidBody) -> Response:
    """Wait no longer for a carrier that does not say whether it sold a label. Another may be bought then; should the
    first turn out sold, it is given back."""
    asked = GiveUpPurchase(purchase_id=purchase_id, reason=body.reason)
    return await sending(request, "shipping", asked, PurchaseGivenUp, partition=str(purchase_id))


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
    responses={
        200: {
            "description": "ZPL for the printer, or a PDF where the carrier gives no other",
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
def print_label(request: Request, label_id: UUID) -> Response:
    """A label for a label printer: ZPL, or the PDF that its carrier made."""
    with edge_of(request).database.reading() as session:
        row = session.execute(select(Label.zpl, Label.format).where(Label.id == label_id)).one_or_none()
    if row is None:
        raise NotFound("label", str(label_id))
    if row.format == "pdf":
        return Response(base64.b64decode(row.zpl), media_type="application/pdf")
    return Response(row.zpl, media_type="text/plain; charset=utf-8")


@routes.post("/labels/{label_id}/void", access=Scope.write_shipping, answer=Bought)
async def void_label(request: Request, label_id: UUID, body: VoidBody) -> Response:
    """Void a label that was not used."""
    asked = VoidLabel(label_id=label_id, reason=body.reason)
    return await sending(request, "shipping", asked, LabelView, partition=str(label_id))


@routes.post("/labels/{label_id}/refund", access=Scope.write_shipping, answer=answer_shape(RefundAsked))
async def ask_refund_again(request: Request, label_id: UUID, body: VoidBody) -> Response:
    """Ask the carrier once more for the money of a voided label that it refused."""
    asked = AskRefundAgain(label_id=label_id, reason=body.reason)
    return await sending(request, "shipping", asked, RefundAsked, partition=str(label_id))
