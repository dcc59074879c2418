"""Claims over HTTP: what came damaged, not whole, wrong or not at all. Amounts are minor units."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic import BaseModel, create_model
from pydantic import Field as Described
from sqlalchemy import func, join, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agents.returns.messages.claims import (
    ApproveClaim,
    CancelClaim,
    ClaimPreview,
    ClaimState,
    DenyClaim,
    OpenClaim,
    PreviewClaim,
    RefundClaimAgain,
)
from db.base import uuid7
from db.errors import Conflict, NotFound
from db.order_claims import (
    ClaimPhoto,
    ClaimReason,
    ClaimResolution,
    ClaimStatus,
    OrderClaim,
    OrderClaimLine,
    claim_next,
)
from db.orders import Order, OrderLine
from db.returns import RefundState, RefundTo
from db.runtime import Transition
from db.session import Transaction
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.order_view import order_id_of
from serve.photos import PICTURES, read_picture
from serve.requests import json_answer, sending, version_of
from serve.returns import LineOfOrder
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Flag, Quantity, QuantityOrNone, Reason, Reference, Version, answer_shape, message
from serve.writing import writing

routes = Routes("returns")
Told = answer_shape(ClaimState)
MOST_PHOTOS = 12


class EnoughClaimPhotos(Conflict):
    def __str__(self) -> str:
        return f"A claim keeps {MOST_PHOTOS} photos, and has them."


def _next(row: Row) -> Row:
    shipped = row["replacement_shipped_at"] is not None
    return {**row, "next": claim_next(row["status"], row["refund_state"], replacement_shipped=shipped)}


_TITLE = (
    select(OrderLine.title)
    .where(OrderLine.order_id == OrderClaimLine.order_id, OrderLine.line_no == OrderClaimLine.line_no)
    .correlate(OrderClaimLine)
    .scalar_subquery()
)
_UNITS = (
    select(func.coalesce(func.sum(OrderClaimLine.quantity), 0))
    .where(OrderClaimLine.claim_id == OrderClaim.id)
    .correlate(OrderClaim)
    .scalar_subquery()
)
_PHOTOS = select(func.count()).where(ClaimPhoto.claim_id == OrderClaim.id).correlate(OrderClaim).scalar_subquery()
ORDER_CLAIMS = Listing(
    "Claim",
    join(OrderClaim, Order, Order.id == OrderClaim.order_id),
    {
        **fields(
            OrderClaim,
            "id number order_id status resolution currency refund_to note decision decided_by decided_at shipping "
            "credit kept refunded counted moved due refund_state refund_error replacement_id replacement_number "
            "replacement_shipped_at problem requested_by version created_at updated_at",
            status=ClaimStatus,
            resolution=ClaimResolution,
            refund_state=RefundState,
            refund_to=RefundTo,
        ),
        "order_number": field(Order.number),
        "units": field(_UNITS, nullable=False),
        "photos": field(_PHOTOS, nullable=False),
    },
    sortable=("created_at", "updated_at", "number", "status", "credit"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(
            OrderClaimLine.claim_id,
            fields(
                OrderClaimLine,
                "line_no sku quantity replaced reason remark credited credited_total credited_tax replaced_total",
                reason=ClaimReason,
            )
            | {"title": field(_TITLE, nullable=False)},
            (OrderClaimLine.line_no,),
        )
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
ClaimRow = ORDER_CLAIMS.row_shape()


class ClaimMove(BaseModel):
    """A step in a claim's life, or a word on it (`from_status` and `to_status` are the same then)."""

    at: datetime
    actor: str
    from_status: str | None
    to_status: str
    why: str | None


class ClaimPicture(BaseModel):
    id: UUID
    media_type: str
    added_by: str
    at: datetime


ClaimDetail = create_model(
    "ClaimDetail", __base__=ClaimRow, history=(list[ClaimMove], ...), pictures=(list[ClaimPicture], ...)
)


class WrongLine(Ask):
    line_no: int = LineOfOrder
    quantity: Quantity
    replace: QuantityOrNone = Described(0, description="Of these, sent once more; the rest is paid back")
    reason: ClaimReason
    remark: Reason | None = Described(None, description="In the customer's own words")


class ClaimQuestion(Ask):
    order: Reference = Described(description="Its id or number")
    lines: list[WrongLine] = Described(min_length=1, max_length=500)


class NewClaim(ClaimQuestion):
    note: Reason | None = None
    refund_to: RefundTo = RefundTo.original


class ClaimApproval(Ask):
    reason: Reason | None = None
    version: Version | None = None


class ClaimEnd(Ask):
    reason: Reason
    version: Version | None = None


class ClaimRefund(Ask):
    to_credit: Flag = Described(False, description="As store credit of the order's customer")
    version: Version | None = None


@routes.get("/claims", access=Scope.read_orders, answer=ORDER_CLAIMS.list_shape(ClaimRow),
            extra=ORDER_CLAIMS.operation())  # fmt: skip
def list_claims(request: Request) -> Response:
    """List what customers complain of, the last first."""
    return ORDER_CLAIMS.answer(request)


@routes.post("/claims/preview", access=Scope.write_orders, answer=answer_shape(ClaimPreview))
async def preview_claim(request: Request, body: ClaimQuestion) -> Response:
    """Tell what a claim would come to, line by line; changes nothing."""
    order_id = await order_id_of(request, body.order)
    asked = message(PreviewClaim, body, order_id=order_id)
    return await sending(request, "returns", asked, ClaimPreview, partition=str(order_id))


@routes.post("/claims", access=Scope.write_orders, answer=Told, status=201)
async def open_claim(request: Request, body: NewClaim) -> Response:
    """Say that goods came damaged, not whole, wrong or not at all. Nothing has to come back."""
    order_id = await order_id_of(request, body.order)
    asked = message(OpenClaim, body, order_id=order_id)
    return await sending(request, "returns", asked, ClaimState, partition=str(order_id), status=201)


@routes.get("/claims/{claim_id}", access=Scope.read_orders, answer=ClaimDetail)
def read_claim(request: Request, claim_id: UUID) -> Response:
    """Show a claim with its lines, its pictures and its history, the latest first."""
    with edge_of(request).database.reading() as session:
        row = ORDER_CLAIMS.one(session, OrderClaim.id == claim_id, expand=("lines",))
        if row is None:
            raise NotFound("claim", str(claim_id))
        moves = (getattr(Transition, name) for name in ClaimMove.model_fields)
        told = select(*moves).where(Transition.subject == f"order_claim:{claim_id}").order_by(Transition.id.desc())
        parts = (getattr(ClaimPhoto, name) for name in ClaimPicture.model_fields)
        seen = select(*parts).where(ClaimPhoto.claim_id == claim_id).order_by(ClaimPhoto.id)
        return json_answer(
            row
            | {"history": [dict(move) for move in session.execute(told).mappings()]}
            | {"pictures": [dict(one) for one in session.execute(seen).mappings()]}
        )


@routes.post("/claims/{claim_id}/approve", access=Scope.refund_payments, answer=Told)
async def approve_claim(request: Request, claim_id: UUID, body: ClaimApproval) -> Response:
    """Make it good: pay back, send once more, or both, as the claim says."""
    asked = message(ApproveClaim, body, claim_id=claim_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ClaimState, partition=str(claim_id))


@routes.post("/claims/{claim_id}/deny", access=Scope.refund_payments, answer=Told)
async def deny_claim(request: Request, claim_id: UUID, body: ClaimEnd) -> Response:
    """Deny a claim; its units may be claimed or returned again."""
    asked = message(DenyClaim, body, claim_id=claim_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ClaimState, partition=str(claim_id))


@routes.post("/claims/{claim_id}/cancel", access=Scope.write_orders, answer=Told)
async def cancel_claim(request: Request, claim_id: UUID, body: ClaimEnd) -> Response:
    """Take a claim back, while no money went to the customer. A replacement is called off and paid back instead."""
    asked = message(CancelClaim, body, claim_id=claim_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ClaimState, partition=str(claim_id))


@routes.post("/claims/{claim_id}/refund", access=Scope.refund_payments, answer=Told)
async def refund_claim(request: Request, claim_id: UUID, body: ClaimRefund) -> Response:
    """Ask once more for a refund that a provider refused, or that no payment had enough for."""
    asked = message(RefundClaimAgain, body, claim_id=claim_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ClaimState, partition=str(claim_id))


@routes.post("/claims/{claim_id}/photos", access=Scope.write_orders, answer=ClaimPicture, status=201,
             extra={"requestBody": {"required": True, "content": PICTURES}})  # fmt: skip
async def add_claim_photo(request: Request, claim_id: UUID) -> Response:
    """Keep a photo of what is wrong: JPEG, PNG or WebP, at most 1.5 MB. Only its pixels are kept."""
    sent = await request.body()
    return await run_in_threadpool(_add, request, claim_id, sent)


def _add(request: Request, claim_id: UUID, sent: bytes) -> Response:
    picture = read_picture(sent)

    def work(tx: Transaction) -> dict[str, Any]:
        claim = tx.get(OrderClaim, claim_id, with_for_update=True)
        if claim is None:
            raise NotFound("claim", str(claim_id))
        if (tx.scalar(select(func.count()).where(ClaimPhoto.claim_id == claim_id)) or 0) >= MOST_PHOTOS:
            raise EnoughClaimPhotos()
        photo = ClaimPhoto(
            id=uuid7(), claim_id=claim_id, media_type=picture.media_type, content=picture.content,
            added_by=tx.who.actor, at=tx.now,
        )  # fmt: skip
        tx.add(photo)
        tx.note(f"order_claim:{claim_id}", from_status=claim.status, to_status=claim.status, why="a photo was added")
        return {"id": photo.id, "media_type": photo.media_type, "added_by": photo.added_by, "at": photo.at}

    return writing(request, "add_claim_photo", [str(claim_id), sha256(sent).hexdigest()], work, status=201)


@routes.get(
    "/claims/{claim_id}/photos/{photo_id}",
    access=Scope.read_orders,
    responses={200: {"description": "The photo", "content": PICTURES}},
)
def read_claim_photo(request: Request, claim_id: UUID, photo_id: UUID) -> Response:
    """Show a photo of a claim."""
    with edge_of(request).database.reading() as session:
        photo = session.get(ClaimPhoto, photo_id)
        if photo is None or photo.claim_id != claim_id:
            raise NotFound("photo", str(photo_id))
        headers = {
            "Content-Disposition": f'inline; filename="{photo_id}.{photo.media_type.removeprefix("image/")}"',
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return Response(photo.content, media_type=photo.media_type, headers=headers)
