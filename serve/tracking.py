"""Parcels on their way over HTTP: where they stand, the door for carriers, what their codes mean, and whom we mail."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import msgspec
from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import join, select
from starlette.requests import Request
from starlette.responses import Response

from agents.contract import Asked, encode, unwrap
from agents.notifications.messages import DeliveryMailState, PutDeliveryMail
from agents.shipping.messages.tracking import (
    CodeMeans,
    PutTrackingCodes,
    TakeTracking,
    TrackingCodesState,
    TrackingTaken,
)
from db.errors import Invalid, NotFound
from db.notifications import EVERYBODY, UNASKED, DeliveryMail, DeliveryNews
from db.orders import Order
from db.shipping import TrackingEvent
from db.tracking import Incident, Track, TrackingCode, TrackingStatus, cause_of
from db.zones import local
from serve.edge import edge_of, request_id_of
from serve.fields import field, fields
from serve.importing.cells import guard, unguard
from serve.listing import Listing, Row
from serve.requests import json_answer, sending
from serve.routing import Public, Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, answer_shape

routes = Routes("shipping")

CODE_COLUMNS = ("code", "status", "incident", "means")
LONGEST_FILE = 2_000_000


def _told(row: Row) -> Row:
    return {**row, "cause": cause_of(row["incident"])}


TRACKS = Listing(
    "Track",
    join(Track, Order, Order.id == Track.order_id),
    {
        **fields(
            Track,
            "tracking_number parcel_id label_id order_id carrier service status incident time_zone handed_over_at "
            "promised_on scanned_at last_at delivered_at delivered_zone late_days updated_at",
            status=TrackingStatus,
        ),
        "order_number": field(Order.number, nullable=False),
    },
    sortable=("handed_over_at", "last_at", "updated_at", "promised_on", "carrier", "status"),
    sort="-updated_at",
    key=("tracking_number",),
    finish=_told,
    more={"cause": (str | None, ...)},
)
CODES = Listing(
    "TrackingCode",
    TrackingCode,
    fields(TrackingCode, "carrier code status incident means", status=TrackingStatus),
    sortable=("carrier", "code"),
    sort="carrier",
    key=("carrier", "code"),
)
TrackRow = TRACKS.row_shape()


class TimelineEvent(BaseModel):
    """`local_at` is the carrier's own clock where it said one, else that of the place the parcel goes to."""

    event_id: str
    status: str
    code: str | None
    incident: str | None
    cause: str | None
    at: str
    local_at: str
    time_zone: str
    place: str | None


class ParcelTimeline(BaseModel):
    tracking_number: str
    parcel_id: UUID
    order_id: UUID
    carrier: str
    service: str
    status: str
    incident: str | None
    cause: str | None
    time_zone: str
    promised_on: str | None
    handed_over_at: str | None
    delivered_at: str | None
    delivered_local_at: str | None
    late_days: int | None
    events: list[TimelineEvent]


class OrderTimelines(BaseModel):
    data: list[ParcelTimeline]


class CodesFile(Ask):
    csv: str = Described(
        max_length=LONGEST_FILE,
        description=f"Columns: {', '.join(CODE_COLUMNS)}. An empty file (the heading alone) forgets all",
        examples=["code,status,incident,means\nZ1,delivery_failed,not_home,Nobody was there\n"],
    )


class DeliveryMailBody(Ask):
    news: list[DeliveryNews] = Described(max_length=8, description="What is mailed; empty is nothing")


class DeliveryMailAnswer(BaseModel):
    customer_id: UUID | None
    news: list[str]
    own: bool


@dataclass(eq=False)
class BadCodesFile(Invalid):
    """`row` counts the heading as the first."""

    row: int
    problem: str

    def __str__(self) -> str:
        return f"Row {self.row}: {self.problem}"


@routes.get("/tracks", access=Scope.read_shipping, answer=TRACKS.list_shape(TrackRow), extra=TRACKS.operation())
def list_tracks(request: Request) -> Response:
    """List parcels that have left, with where they stand."""
    return TRACKS.answer(request)


@routes.get("/orders/{order_id}/tracking", access=Scope.read_orders, answer=OrderTimelines)
def read_order_tracking(request: Request, order_id: UUID) -> Response:
    """Show each parcel of an order with everything that its carrier told, in the carrier's own time."""
    with edge_of(request).database.reading() as session:
        if session.get(Order, order_id) is None:
            raise NotFound("order", str(order_id))
        tracks = list(session.scalars(select(Track).where(Track.order_id == order_id).order_by(Track.tracking_number)))
        events: dict[str, list[TrackingEvent]] = {}
        wanted = select(TrackingEvent).where(TrackingEvent.tracking_number.in_([t.tracking_number for t in tracks]))
        for event in session.scalars(wanted.order_by(TrackingEvent.at.desc(), TrackingEvent.id.desc())):
            events.setdefault(event.tracking_number, []).append(event)
        data = [_timeline(t, events.get(t.tracking_number, [])) for t in tracks]
    return json_answer({"data": data})


def _timeline(track: Track, events: list[TrackingEvent]) -> dict[str, object]:
    arrived = local(track.delivered_at, track.delivered_zone) if track.delivered_at else None
    return {
        "tracking_number": track.tracking_number,
        "parcel_id": track.parcel_id,
        "order_id": track.order_id,
        "carrier": track.carrier,
        "service": track.service,
        "status": track.status,
        "incident": track.incident,
        "cause": cause_of(track.incident),
        "time_zone": track.time_zone,
        "promised_on": track.promised_on,
        "handed_over_at": track.handed_over_at,
        "delivered_at": track.delivered_at,
        "delivered_local_at": arrived.isoformat() if arrived else None,
        "late_days": track.late_days,
        "events": [
            {
                "event_id": e.event_id,
                "status": e.status,
                "code": e.code,
                "incident": e.incident,
                "cause": cause_of(e.incident),
                "at": e.at,
                "local_at": local(e.at, e.time_zone or track.time_zone).isoformat(),
                "time_zone": e.time_zone or track.time_zone,
                "place": e.place,
            }
            for e in events
        ],
    }


@routes.post(
    "/tracking/{carrier}",
    access=Public("Carriers have no key; the signature over the raw body is checked before it is believed"),
    answer=answer_shape(TrackingTaken),
    extra={
        "requestBody": {
            "description": '`{"events": [{"tracking_number", "at", "code" or "status", "event_id", "place", '
            '"time_zone", "incident"}]}`, signed in `Backoffice-Signature` (`v1=` and the HMAC-SHA256 of '
            "`Backoffice-Timestamp`, a dot and the body)",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def take_tracking(request: Request, carrier: Code) -> Response:
    """A carrier's events, believed when the signature fits, and each taken once."""
    command = TakeTracking(
        carrier=carrier,
        body=await request.body(),
        timestamp=request.headers.get("backoffice-timestamp", ""),
        signature=request.headers.get("backoffice-signature", ""),
    )
    who = f"carrier:{carrier}"
    asked = Asked("TakeTracking", encode(command), who, who, None, request_id_of(request))
    answer = await edge_of(request).client.ask("shipping", asked, partition=carrier)
    return json_answer(msgspec.msgpack.decode(unwrap(answer), type=TrackingTaken))


@routes.get("/tracking-codes", access=Scope.read_shipping, answer=CODES.list_shape(CODES.row_shape()),
            extra=CODES.operation())  # fmt: skip
def list_tracking_codes(request: Request) -> Response:
    """List what carriers' codes mean, where it was said; others mean what is built in."""
    return CODES.answer(request)


@routes.put("/tracking-codes/{carrier}", access=Scope.write_shipping, answer=answer_shape(TrackingCodesState))
async def put_tracking_codes(request: Request, carrier: Code, body: CodesFile) -> Response:
    """Say what a carrier's codes mean, from a CSV file, whole or not at all; past events are read anew."""
    asked = PutTrackingCodes(carrier=carrier, codes=codes_of(body.csv))
    return await sending(request, "shipping", asked, TrackingCodesState, partition=carrier)


@routes.get(
    "/tracking-codes/{carrier}/codes.csv",
    access=Scope.read_shipping,
    responses={200: {"description": "Done", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def download_tracking_codes(request: Request, carrier: Code) -> Response:
    """A carrier's codes as CSV; the same file can be put in again."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(CODE_COLUMNS)
    with edge_of(request).database.reading() as session:
        wanted = select(TrackingCode).where(TrackingCode.carrier == carrier).order_by(TrackingCode.code)
        for row in session.scalars(wanted):
            writer.writerow([guard(getattr(row, name) or "") for name in CODE_COLUMNS])
    return Response(told.getvalue(), media_type="text/csv; charset=utf-8")


def codes_of(text: str) -> list[CodeMeans]:
    """The codes that a file says. Raises BadCodesFile, naming the row."""
    text = text.removeprefix("\ufeff")
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip() for name in reader.fieldnames or []]
    except csv.Error as error:
        raise BadCodesFile(1, f"the file is not CSV: {error}.") from error
    if not {"code", "status"} <= set(names) <= set(CODE_COLUMNS):
        raise BadCodesFile(1, f"the columns are {', '.join(CODE_COLUMNS)}, of which code and status are needed.")
    reader.fieldnames = names
    found: dict[str, CodeMeans] = {}
    for row in _rows(reader):
        cells = {name: unguard((row.get(name) or "").strip()) for name in CODE_COLUMNS}
        if not any(cells.values()):
            continue
        line = reader.line_num
        if not cells["code"]:
            raise BadCodesFile(line, "the code is missing.")
        if cells["code"] in found:
            raise BadCodesFile(line, f"{cells['code']!r} is there already.")
        if cells["status"] not in set(TrackingStatus):
            raise BadCodesFile(line, f"status is {cells['status']!r}. Write one of: {', '.join(TrackingStatus)}.")
        if cells["incident"] and cells["incident"] not in set(Incident):
            raise BadCodesFile(line, f"incident is {cells['incident']!r}. Write one of: {', '.join(Incident)}.")
        found[cells["code"]] = CodeMeans(
            code=cells["code"], status=cells["status"], incident=cells["incident"] or None, means=cells["means"]
        )
    return list(found.values())


def _rows(reader: csv.DictReader[str]) -> Iterator[dict[str, str | None]]:
    try:
        yield from reader
    except csv.Error as error:
        raise BadCodesFile(reader.line_num, f"the file is not CSV: {error}.") from error


@routes.get("/delivery-mail", access=Scope.read_notifications, answer=DeliveryMailAnswer)
def read_delivery_mail(request: Request) -> Response:
    """Show what customers are mailed of parcels on their way, who have not said."""
    return json_answer(_mail(request, None))


@routes.put("/delivery-mail", access=Scope.write_settings, answer=answer_shape(DeliveryMailState))
async def put_delivery_mail(request: Request, body: DeliveryMailBody) -> Response:
    """Set what customers are mailed of parcels on their way, who have not said."""
    asked = PutDeliveryMail(news=[n.value for n in body.news])
    return await sending(request, "notifications", asked, DeliveryMailState, partition="delivery-mail")


@routes.get("/customers/{customer_id}/delivery-mail", access=Scope.read_customers, answer=DeliveryMailAnswer)
def read_customer_delivery_mail(request: Request, customer_id: UUID) -> Response:
    """Show what a customer is mailed of parcels on their way; `own` says that they have said so."""
    return json_answer(_mail(request, customer_id))


@routes.put("/customers/{customer_id}/delivery-mail", access=Scope.write_customers,
            answer=answer_shape(DeliveryMailState))  # fmt: skip
async def put_customer_delivery_mail(request: Request, customer_id: UUID, body: DeliveryMailBody) -> Response:
    """Keep what a customer wants to be mailed of parcels on their way."""
    asked = PutDeliveryMail(news=[n.value for n in body.news], customer_id=customer_id)
    return await sending(request, "notifications", asked, DeliveryMailState, partition=str(customer_id))


def _mail(request: Request, customer_id: UUID | None) -> dict[str, object]:
    with edge_of(request).database.reading() as session:
        own = session.get(DeliveryMail, EVERYBODY if customer_id is None else str(customer_id))
        said = own or session.get(DeliveryMail, EVERYBODY)
        news = said.news if said is not None else sorted(UNASKED)
    return {"customer_id": customer_id, "news": news, "own": own is not None}
