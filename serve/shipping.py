"""Rate cards and tracking over HTTP."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as Described
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages import PricedOffers, PutRateCard, RateCardState, RecordTracking, TrackingState
from agents.shipping.messages.choosing import PriceParcel
from db.errors import NotFound
from db.shipping import Rate, RateCard, RateSurcharge, RateZone, SurchargeKind, TrackingEvent
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Related
from serve.rate_card_csv import COLUMNS, card_of, csv_of
from serve.requests import json_answer, sending, wondering
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Currency,
    Flag,
    Millimetres,
    Moment,
    Name,
    Ppm,
    QuantityOrNone,
    Reference,
    answer_shape,
    message,
)

routes = Routes("shipping")

CARDS = Listing(
    "RateCard",
    RateCard,
    fields(
        RateCard,
        "id carrier service currency transit_days dimensional_divisor max_length_mm max_length_and_girth_mm "
        "max_value takes_hazmat takes_po_box cut_off co2_grams_per_tkm co2_grams_per_parcel valid_from valid_to active "
        "version",
    ),
    sortable=("carrier", "service", "valid_from"),
    sort="carrier",
    key=("id",),
    expand={
        "rates": Related(
            Rate.rate_card_id,
            fields(Rate, "zone max_weight_grams amount"),
            (Rate.zone, Rate.max_weight_grams),
        ),
        "zones": Related(
            RateZone.rate_card_id,
            fields(RateZone, "zone origin country postcode_from postcode_to"),
            (RateZone.zone, RateZone.origin, RateZone.country, RateZone.postcode_from),
        ),
        "surcharges": Related(
            RateSurcharge.rate_card_id,
            fields(
                RateSurcharge,
                "no kind amount ppm on_surcharges country postcode_from postcode_to over_length_mm "
                "over_length_and_girth_mm over_weight_grams from_date to_date",
                kind=SurchargeKind,
            ),
            (RateSurcharge.no,),
        ),
    },
)
TRACKING = Listing(
    "TrackingEvent",
    TrackingEvent,
    fields(TrackingEvent, "id tracking_number event_id status at place received_at"),
    sortable=("id", "at"),
    sort="-id",
    key=("id",),
)
CardRow = CARDS.row_shape()


ZoneName = Annotated[str, Described(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")]
Anywhere = Annotated[str, Described(pattern=r"^([A-Z]{2}|\*)$", description="ISO 3166 alpha-2, `*` for anywhere else")]
Postcode = Annotated[str, Described(max_length=12, description="Compared as far as it is long; spaces do not count")]
TimeOfDay = Annotated[time, AfterValidator(lambda t: t.replace(second=0, microsecond=0, tzinfo=None))]
Measure = Annotated[int, Described(strict=True, ge=1, le=1_000_000)]


class RateBody(Ask):
    zone: ZoneName | None = Described(None, description="One of `zones`")
    country: Anywhere | None = Described(None, description="Instead of a zone: a country that is one by itself")
    max_weight_grams: Measure
    amount: Amount


class RateZoneBody(Ask):
    zone: ZoneName
    country: Anywhere = "*"
    postcode_from: Postcode = ""
    postcode_to: Postcode = ""
    origin: str = Described("*", max_length=32, description="Code of the node it is sent from, `*` for any")


class SurchargeBody(Ask):
    """Applies when every condition that is given does; of one kind the dearest that applies counts."""

    kind: SurchargeKind
    amount: Amount = 0
    ppm: Ppm = Described(0, description="Of the base rate, in parts per million")
    on_surcharges: Flag = Described(False, description="The percentage is of the other surcharges as well")
    country: Anywhere = "*"
    postcode_from: Postcode = ""
    postcode_to: Postcode = ""
    over_length_mm: Measure | None = None
    over_length_and_girth_mm: Measure | None = None
    over_weight_grams: Measure | None = None
    from_date: date | None = None
    to_date: date | None = Described(None, description="The last day")


class RateCardBody(Ask):
    currency: Currency
    transit_days: QuantityOrNone
    rates: list[RateBody] = Described(
        min_length=1, max_length=20_000, examples=[[{"country": "DE", "max_weight_grams": 5000, "amount": 490}]]
    )
    zones: list[RateZoneBody] = Described(default_factory=list, max_length=20_000)
    surcharges: list[SurchargeBody] = Described(default_factory=list, max_length=5000)
    dimensional_divisor: Measure | None = Described(None, description="cm³ that count as a kilogram, such as 5000")
    max_length_mm: Measure | None = None
    max_length_and_girth_mm: Measure | None = Described(None, description="Longest side plus twice the two others")
    max_value: Amount | None = Described(None, description="Of the goods")
    takes_hazmat: Flag = True
    takes_po_box: Flag = True
    cut_off: TimeOfDay | None = Described(
        None, description="At the node: what is packed later is handed over on its next open day", examples=["16:00"]
    )
    co2_grams_per_tkm: QuantityOrNone | None = Described(
        None, description="CO2e for each tonne and great-circle kilometre"
    )
    co2_grams_per_parcel: QuantityOrNone | None = Described(
        None, description="As the carrier tells it; counts in place of the distance"
    )
    valid_from: Moment | None = Described(None, description="Null: from now on")


class RateCardFile(Ask):
    csv: str = Described(min_length=1, max_length=4_000_000, description=f"Columns: {', '.join(COLUMNS)}")
    valid_from: Moment | None = Described(None, description="Null: from now on")


class Event(Ask):
    tracking_number: Reference
    event_id: Reference
    status: Code = Described(examples=["in_transit", "delivered"])
    at: Moment
    place: Name | None = None


@routes.get("/rate-cards", access=Scope.read_shipping, answer=CARDS.list_shape(CardRow), extra=CARDS.operation())
def list_rate_cards(request: Request) -> Response:
    """List rate cards."""
    return CARDS.answer(request)


@routes.get("/rate-cards/{card_id}", access=Scope.read_shipping, answer=CardRow)
def read_rate_card(request: Request, card_id: UUID) -> Response:
    """Show a rate card with its rates."""
    with edge_of(request).database.reading() as session:
        return json_answer(_card(session, card_id))


@routes.get(
    "/rate-cards/{card_id}/card.csv",
    access=Scope.read_shipping,
    responses={200: {"description": "Done", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def download_rate_card(request: Request, card_id: UUID) -> Response:
    """A rate card as CSV; the same file can be put in again."""
    with edge_of(request).database.reading() as session:
        card = _card(session, card_id)
    name = f"{card['carrier']}-{card['service']}.csv"
    return Response(
        csv_of(card),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _card(session: Session, card_id: UUID) -> dict[str, Any]:
    row = CARDS.one(session, RateCard.id == card_id, expand=("rates", "zones", "surcharges"))
    if row is None:
        raise NotFound("rate card", str(card_id))
    return row


@routes.put("/rate-cards/{carrier}/{service}", access=Scope.write_shipping, answer=answer_shape(RateCardState))
async def put_rate_card(request: Request, carrier: Code, service: Code, body: RateCardBody) -> Response:
    """Set what a carrier's service costs from a moment on."""
    asked = message(PutRateCard, body, carrier=carrier, service=service)
    return await sending(request, "shipping", asked, RateCardState, partition=carrier)


@routes.put("/rate-cards/{carrier}/{service}/csv", access=Scope.write_shipping, answer=answer_shape(RateCardState))
async def put_rate_card_csv(request: Request, carrier: Code, service: Code, body: RateCardFile) -> Response:
    """Set what a carrier's service costs from a CSV file. It is taken whole or not at all."""
    asked = card_of(body.csv, carrier=carrier, service=service, valid_from=body.valid_from)
    return await sending(request, "shipping", asked, RateCardState, partition=carrier)


class PriceBody(Ask):
    """A parcel that does not exist."""

    weight_grams: Measure
    country: Anywhere = Described(examples=["DE"])
    postcode: Postcode = ""
    origin: str = Described("", max_length=32, description="Code of the node it is sent from")
    residential: Flag = True
    length_mm: Millimetres = 0
    width_mm: Millimetres = 0
    height_mm: Millimetres = 0
    on: date | None = Described(None, description="Null: today")
    card: UUID | None = Described(None, description="This rate card alone; null: all that are valid now")


@routes.post("/rate-cards/price", access=Scope.read_shipping, answer=answer_shape(PricedOffers))
async def price_parcel(request: Request, body: PriceBody) -> Response:
    """Say what a made-up parcel would cost. Nothing is kept."""
    return await wondering(request, "shipping", message(PriceParcel, body), PricedOffers, partition="price")


@routes.get("/tracking", access=Scope.read_shipping, answer=TRACKING.list_shape(TRACKING.row_shape()),
            extra=TRACKING.operation())  # fmt: skip
def list_tracking(request: Request) -> Response:
    """List tracking events, newest first."""
    return TRACKING.answer(request)


@routes.post("/tracking", access=Scope.write_shipping, answer=answer_shape(TrackingState))
async def record_tracking(request: Request, body: Event) -> Response:
    """Record a carrier's event. Twice is once; late ones never turn time back."""
    asked = message(RecordTracking, body)
    return await sending(request, "shipping", asked, TrackingState, partition=body.tracking_number)
