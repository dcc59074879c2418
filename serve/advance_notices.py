"""What suppliers say is on its way, over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, create_model
from pydantic import Field as Described
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.inbound.messages.notices import (
    AnnounceDelivery,
    CancelNotice,
    CloseNotice,
    NoticeState,
    PostponeNotice,
    ReportArrival,
    ShipNotice,
)
from db.advance_notices import (
    AdvanceNotice,
    AdvanceNoticeLine,
    AdvanceNoticePackage,
    ExpectedFrom,
    NoticeStatus,
    over_of_line,
    short_of_line,
    sum_of,
    what_next,
)
from db.errors import NotFound
from db.purchasing import PurchaseOrder
from db.runtime import Transition
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.purchase_orders import LineNo
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Lot, Moment, Quantity, Reason, Reference, Version, answer_shape, message

routes = Routes("purchasing")
Announced = answer_shape(NoticeState)


def _next(row: Row) -> Row:
    return {**row, "next": what_next(row["status"])}


_NUMBER_OF_ORDER = (
    select(PurchaseOrder.number)
    .where(PurchaseOrder.id == AdvanceNoticeLine.purchase_id)
    .correlate(AdvanceNoticeLine)
    .scalar_subquery()
)
ADVANCE_NOTICES = Listing(
    "AdvanceNotice",
    AdvanceNotice,
    {
        **fields(
            AdvanceNotice,
            "id number supplier reference node status carrier tracking note said_at expected_at expected_late_at "
            "expected_from expected_why observations announced_by announced_at shipped_at arrived_at version "
            "updated_at",
            status=NoticeStatus,
            expected_from=ExpectedFrom,
        ),
        "units": field(sum_of(AdvanceNoticeLine.units), nullable=False),
        "received": field(sum_of(AdvanceNoticeLine.received), nullable=False),
        "short": field(sum_of(short_of_line()), nullable=False),
        "over": field(sum_of(over_of_line()), nullable=False),
    },
    sortable=("announced_at", "expected_at", "number", "supplier", "node", "status", "updated_at"),
    sort="-announced_at",
    key=("id",),
    hidden={
        "purchase_id": field(
            AdvanceNoticeLine.purchase_id,
            through=lambda c: AdvanceNotice.id.in_(select(AdvanceNoticeLine.notice_id).where(c)),
        ),
        "sku": field(
            AdvanceNoticeLine.sku,
            through=lambda c: AdvanceNotice.id.in_(select(AdvanceNoticeLine.notice_id).where(c)),
        ),
    },
    expand={
        "lines": Related(
            AdvanceNoticeLine.notice_id,
            fields(AdvanceNoticeLine, "no purchase_id purchase_line sku units received beyond lot expiry")
            | {
                "purchase": field(_NUMBER_OF_ORDER, nullable=False),
                "short": field(short_of_line(), nullable=False),
                "over": field(over_of_line(), nullable=False),
            },
            (AdvanceNoticeLine.no,),
        ),
        "packages": Related(
            AdvanceNoticePackage.notice_id,
            fields(AdvanceNoticePackage, "sscc contents live"),
            (AdvanceNoticePackage.sscc,),
        ),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
AdvanceNoticeRow = ADVANCE_NOTICES.row_shape()


class NoticeMove(BaseModel):
    """A step in a notice's life, or another date for it (`from_status` and `to_status` are the same then)."""

    at: datetime
    actor: str
    from_status: str | None
    to_status: str
    why: str | None


AdvanceNoticeDetail = create_model("AdvanceNoticeDetail", __base__=AdvanceNoticeRow, history=(list[NoticeMove], ...))


class AnnouncedLine(Ask):
    purchase_id: UUID
    line_no: LineNo = Described(description="Of the purchase order")
    units: Quantity
    lot: Lot = ""
    expiry: str = Described("", max_length=64, description="As the supplier writes it")


class PackedUnits(Ask):
    line: LineNo = Described(description="Of this notice, in the order of its lines from 1")
    units: Quantity


class AnnouncedPackage(Ask):
    sscc: str = Described(pattern=r"^[0-9]{18}$", examples=["340123450000000017"])
    contents: list[PackedUnits] = Described(default_factory=list, max_length=500)


class NewAdvanceNotice(Ask):
    supplier: Code
    node: Code = Described(description="Where the goods go: that of their orders")
    reference: Reference = Described(description="The supplier's own number, once for each notice")
    lines: list[AnnouncedLine] = Described(min_length=1, max_length=1000)
    packages: list[AnnouncedPackage] = Described(default_factory=list, max_length=1000)
    said_at: Moment | None = Described(None, description="When it comes, as the supplier says")
    carrier: Reference | None = None
    tracking: Reference | None = None
    note: Reason | None = None


class HandedOver(Ask):
    said_at: Moment | None = Described(None, description="When it comes, if the supplier says so anew")
    carrier: Reference | None = None
    tracking: Reference | None = None
    version: Version | None = None


class NewDate(Ask):
    said_at: Moment
    reason: Reason
    version: Version | None = None


class NoticeVersion(Ask):
    version: Version | None = None


class NoticeEnd(Ask):
    reason: Reason
    version: Version | None = None


@routes.get("/advance-notices", access=Scope.read_purchasing, answer=ADVANCE_NOTICES.list_shape(AdvanceNoticeRow),
            extra=ADVANCE_NOTICES.operation())  # fmt: skip
def list_advance_notices(request: Request) -> Response:
    """List what suppliers said is on its way, the last said first."""
    return ADVANCE_NOTICES.answer(request)


@routes.post("/advance-notices", access=Scope.write_purchasing, answer=Announced, status=201)
async def announce_delivery(request: Request, body: NewAdvanceNotice) -> Response:
    """Take in a supplier's notice. When it comes is learned from how late its deliveries came before."""
    asked = message(AnnounceDelivery, body)
    return await sending(request, "inbound", asked, NoticeState, partition=body.supplier, status=201)


@routes.get("/advance-notices/{notice_id}", access=Scope.read_purchasing, answer=AdvanceNoticeDetail)
def read_advance_notice(request: Request, notice_id: UUID) -> Response:
    """Show a notice with its lines, what came of each, its packages, and its history, the latest first."""
    with edge_of(request).database.reading() as session:
        row = ADVANCE_NOTICES.one(session, AdvanceNotice.id == notice_id, expand=("lines", "packages"))
        if row is None:
            raise NotFound("advance notice", str(notice_id))
        return json_answer(row | {"history": _history(session, notice_id)})


def _history(session: Session, notice_id: UUID) -> list[Row]:
    columns = (getattr(Transition, name) for name in NoticeMove.model_fields)
    wanted = select(*columns).where(Transition.subject == f"advance_notice:{notice_id}").order_by(Transition.id.desc())
    return [dict(row) for row in session.execute(wanted).mappings()]


@routes.post("/advance-notices/{notice_id}/ship", access=Scope.write_purchasing, answer=Announced)
async def ship_advance_notice(request: Request, notice_id: UUID, body: HandedOver) -> Response:
    """Say that the supplier has handed the goods over."""
    asked = message(ShipNotice, body, notice_id=notice_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, NoticeState, partition=str(notice_id))


@routes.post("/advance-notices/{notice_id}/postpone", access=Scope.write_purchasing, answer=Announced)
async def postpone_advance_notice(request: Request, notice_id: UUID, body: NewDate) -> Response:
    """Say that the goods come at another time; when to reckon with them is learned anew."""
    asked = message(PostponeNotice, body, notice_id=notice_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, NoticeState, partition=str(notice_id))


@routes.post("/advance-notices/{notice_id}/arrive", access=Scope.write_stock, answer=Announced)
async def arrive_advance_notice(request: Request, notice_id: UUID, body: NoticeVersion) -> Response:
    """Say that the goods are at the node, before anything of them is counted."""
    asked = message(ReportArrival, body, notice_id=notice_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, NoticeState, partition=str(notice_id))


@routes.post("/advance-notices/{notice_id}/close", access=Scope.write_stock, answer=Announced)
async def close_advance_notice(request: Request, notice_id: UUID, body: NoticeEnd) -> Response:
    """Say that the rest was not there. It stays open on its purchase orders."""
    asked = message(CloseNotice, body, notice_id=notice_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, NoticeState, partition=str(notice_id))


@routes.post("/advance-notices/{notice_id}/cancel", access=Scope.write_purchasing, answer=Announced)
async def cancel_advance_notice(request: Request, notice_id: UUID, body: NoticeEnd) -> Response:
    """Cancel a notice while nothing of it is there; its packages may be on another then."""
    asked = message(CancelNotice, body, notice_id=notice_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, NoticeState, partition=str(notice_id))
