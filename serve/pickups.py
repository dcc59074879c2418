"""Carriers at the gate over HTTP: when they fetch at a node, pickups, and manifests."""

from __future__ import annotations

import base64
from datetime import date
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages.pickups import (
    AskManifestAgain,
    BookPickup,
    CancelPickup,
    CarrierCalendarState,
    CloseManifest,
    GiveUpPickup,
    ManifestState,
    PickupState,
    PutCarrierCalendar,
)
from db.errors import NotFound
from db.fulfilment import Parcel
from db.pickups import (
    CarrierCalendar,
    Manifest,
    ManifestParcel,
    ManifestStatus,
    Pickup,
    PickupStatus,
    to_be_listed,
)
from db.tracking import Track
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Related, Row
from serve.papers import PDF, shown
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Clock, Code, Flag, Name, Reason, Reference, Version, answer_shape, message

routes = Routes("shipping")

_NEXT = {PickupStatus.asked: ["cancel"], PickupStatus.booked: ["cancel"], PickupStatus.unknown: ["give_up"]}


def _next(row: Row) -> Row:
    row["next"] = _NEXT.get(PickupStatus(row["status"]), [])
    return row


def _form(row: Row) -> Row:
    row["next"] = ["ask_again"] if row["status"] == ManifestStatus.refused else []
    return row


CALENDARS = Listing(
    "CarrierCalendar",
    CarrierCalendar,
    fields(CarrierCalendar, "node carrier week closed_dates account daily active version updated_at"),
    sortable=("node", "carrier", "updated_at"),
    sort="node",
    key=("node", "carrier"),
)
PICKUPS = Listing(
    "Pickup",
    Pickup,
    fields(
        Pickup,
        "id number node carrier account on earliest latest status daily parcels confirmation amount currency note why "
        "attempts asked_by asked_at due_at settled_at version",
        status=PickupStatus,
    ),
    sortable=("earliest", "asked_at", "number"),
    sort="-earliest",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
MANIFESTS = Listing(
    "Manifest",
    Manifest,
    fields(
        Manifest,
        "id number node carrier account on status parcels weight_grams provider_ref why attempts closed_by closed_at "
        "due_at settled_at version",
        status=ManifestStatus,
    ),
    sortable=("closed_at", "parcels", "number"),
    sort="-closed_at",
    key=("id",),
    finish=_form,
    more={"next": (list[str], ...)},
    expand={
        "parcel_list": Related(
            ManifestParcel.manifest_id, fields(ManifestParcel, "label_id tracking_number"),
            (ManifestParcel.tracking_number,),
        )
    },
)  # fmt: skip
CalendarRow, PickupRow, ManifestRow = CALENDARS.row_shape(), PICKUPS.row_shape(), MANIFESTS.row_shape()


class CollectingBody(Ask):
    weekday: int = Described(strict=True, ge=0, le=6, description="Monday is 0")
    cut_off: Clock = Described(description="On the node's clock: what is packed later goes on the next day")
    start: Clock = Described(description="The carrier comes from then on")
    end: Clock = Described(description="… and not later than this")


class CalendarBody(Ask):
    week: list[CollectingBody] = Described(min_length=1, max_length=7)
    closed_dates: list[date] = Described(default_factory=list, max_length=400, description="It does not come then")
    account: Code | None = Described(None, description="Pickups are booked through it. Null: people call the carrier")
    daily: Flag = Described(False, description="At the cut-off a pickup is booked if anything waits")
    active: Flag = True
    version: Version | None = None


class PickupBody(Ask):
    node: Code
    carrier: Name = Described(examples=["post"])
    on: date = Described(description="At the node", examples=["2026-03-02"])
    start: Clock | None = Described(None, description="Null: as the calendar says")
    end: Clock | None = None
    account: Code | None = Described(None, description="The carrier is told through it. Null: the calendar's")
    confirmation: Reference | None = Described(None, description="The carrier's number, where a person has told it")
    note: Name | None = Described(None, description="For the driver")


class ManifestBody(Ask):
    node: Code
    carrier: Name = Described(examples=["post"])
    account: Code | None = Described(None, description="Where the labels were bought. Null: of rate cards")


class ReasonBody(Ask):
    reason: Reason


class Unlisted(BaseModel):
    """Parcels that left a node with a carrier and are on no manifest; `oldest` is when the first of them left."""

    node: str
    carrier: str
    account: str | None
    parcels: int
    weight_grams: int
    oldest: str


class UnlistedAnswer(BaseModel):
    data: list[Unlisted]


@routes.get("/carrier-calendars", access=Scope.read_shipping, answer=CALENDARS.list_shape(CalendarRow),
            extra=CALENDARS.operation())  # fmt: skip
def list_carrier_calendars(request: Request) -> Response:
    """List when carriers fetch at the nodes. One without a calendar fetches whenever the node is open."""
    return CALENDARS.answer(request)


@routes.put("/nodes/{node}/carrier-calendars/{carrier}", access=Scope.write_settings,
            answer=answer_shape(CarrierCalendarState))  # fmt: skip
async def put_carrier_calendar(request: Request, node: Code, carrier: Reference, body: CalendarBody) -> Response:
    """Set when a carrier fetches at a node. Labels from now on are chosen by it."""
    asked = message(PutCarrierCalendar, body, node=node, carrier=carrier, version=version_of(request, body.version))
    return await sending(request, "shipping", asked, CarrierCalendarState, partition=node)


@routes.get("/pickups", access=Scope.read_shipping, answer=PICKUPS.list_shape(PickupRow), extra=PICKUPS.operation())
def list_pickups(request: Request) -> Response:
    """List pickups, the latest day first."""
    return PICKUPS.answer(request)


@routes.post("/pickups", access=Scope.write_shipping, answer=answer_shape(PickupState), status=201)
async def book_pickup(request: Request, body: PickupBody) -> Response:
    """Have a carrier fetch at a node on a day. It is told in the background; asked again it is the same pickup."""
    return await sending(request, "shipping", message(BookPickup, body), PickupState, partition=body.node, status=201)


@routes.get("/pickups/{pickup_id}", access=Scope.read_shipping, answer=PickupRow)
def read_pickup(request: Request, pickup_id: UUID) -> Response:
    """Show a pickup."""
    with edge_of(request).database.reading() as session:
        row = PICKUPS.one(session, Pickup.id == pickup_id)
    if row is None:
        raise NotFound("pickup", str(pickup_id))
    return json_answer(row)


@routes.post("/pickups/{pickup_id}/cancel", access=Scope.write_shipping, answer=answer_shape(PickupState))
async def cancel_pickup(request: Request, pickup_id: UUID, body: ReasonBody) -> Response:
    """Tell the carrier not to come. It may say that it comes all the same: then the pickup stays booked."""
    asked = CancelPickup(pickup_id=pickup_id, reason=body.reason)
    return await sending(request, "shipping", asked, PickupState, partition=str(pickup_id))


@routes.post("/pickups/{pickup_id}/give-up", access=Scope.write_shipping, answer=answer_shape(PickupState))
async def give_up_pickup(request: Request, pickup_id: UUID, body: ReasonBody) -> Response:
    """Wait no longer for a carrier that does not say whether it comes; another pickup may be booked then."""
    asked = GiveUpPickup(pickup_id=pickup_id, reason=body.reason)
    return await sending(request, "shipping", asked, PickupState, partition=str(pickup_id))


@routes.get("/manifests", access=Scope.read_shipping, answer=MANIFESTS.list_shape(ManifestRow),
            extra=MANIFESTS.operation())  # fmt: skip
def list_manifests(request: Request) -> Response:
    """List manifests, newest first."""
    return MANIFESTS.answer(request)


@routes.post("/manifests", access=Scope.write_shipping, answer=answer_shape(ManifestState), status=201)
async def close_manifest(request: Request, body: ManifestBody) -> Response:
    """List every parcel that left a node with a carrier and is on no manifest. The carrier's own form is asked for in
    the background where the labels were bought through an account."""
    asked = message(CloseManifest, body)
    return await sending(request, "shipping", asked, ManifestState, partition=body.node, status=201)


@routes.get("/manifests/unlisted", access=Scope.read_shipping, answer=UnlistedAnswer)
def read_unlisted(request: Request) -> Response:
    """What a manifest would be closed over now, by node, carrier and account."""
    edge = edge_of(request)
    found = to_be_listed(edge.clock()).subquery()
    rows = (
        select(
            Parcel.node, found.c.carrier, found.c.account, func.count().label("parcels"),
            func.sum(Parcel.weight_grams).label("weight_grams"), func.min(Track.handed_over_at).label("oldest"),
        )
        .join(Parcel, Parcel.id == found.c.parcel_id)
        .join(Track, Track.label_id == found.c.id)
        .group_by(Parcel.node, found.c.carrier, found.c.account)
        .order_by(Parcel.node, found.c.carrier, found.c.account)
    )  # fmt: skip
    with edge.database.reading() as session:
        told = [{**row._mapping, "weight_grams": int(row.weight_grams)} for row in session.execute(rows)]
    return json_answer({"data": told})


@routes.get("/manifests/{manifest_id}", access=Scope.read_shipping, answer=ManifestRow)
def read_manifest(request: Request, manifest_id: UUID) -> Response:
    """Show a manifest."""
    with edge_of(request).database.reading() as session:
        row = MANIFESTS.one(session, Manifest.id == manifest_id)
    if row is None:
        raise NotFound("manifest", str(manifest_id))
    return json_answer(row)


@routes.get("/manifests/{manifest_id}/manifest.pdf", access=Scope.read_shipping, responses=PDF)
def read_manifest_pdf(request: Request, manifest_id: UUID) -> Response:
    """The list of a manifest's parcels, to be signed by who takes them."""
    from paper.manifest import manifest_paper_of, manifest_pdf  # what makes PDF takes a while to load

    with edge_of(request).database.reading() as session:
        paper = manifest_paper_of(session, manifest_id)
    if paper is None:
        raise NotFound("manifest", str(manifest_id))
    return shown(manifest_pdf(paper), f"manifest-{paper.number}")


@routes.get("/manifests/{manifest_id}/form.pdf", access=Scope.read_shipping, responses=PDF)
def read_manifest_form(request: Request, manifest_id: UUID) -> Response:
    """The carrier's own form of a manifest, where it made one on paper."""
    with edge_of(request).database.reading() as session:
        found = session.get(Manifest, manifest_id)
        if found is None or found.document is None:
            raise NotFound("form of manifest", str(manifest_id))
        return shown(base64.b64decode(found.document), f"form-{found.number}")


@routes.post("/manifests/{manifest_id}/ask-again", access=Scope.write_shipping, answer=answer_shape(ManifestState))
async def ask_manifest_again(request: Request, manifest_id: UUID, body: ReasonBody) -> Response:
    """Ask the carrier once more for its own form of a manifest that it refused."""
    asked = AskManifestAgain(manifest_id=manifest_id, reason=body.reason)
    return await sending(request, "shipping", asked, ManifestState, partition=str(manifest_id))
