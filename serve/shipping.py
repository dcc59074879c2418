"""Rate cards and tracking over HTTP."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages import PutRateCard, RateCardState, RecordTracking, TrackingState
from db.errors import NotFound
from db.shipping import Rate, RateCard, TrackingEvent
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Related
from serve.requests import json_answer, sending
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Currency, Moment, Name, QuantityOrNone, Reference, answer_shape, message

routes = Routes("shipping")

CARDS = Listing(
    "RateCard",
    RateCard,
    fields(RateCard, "id carrier service currency transit_days valid_from valid_to active version"),
    sortable=("carrier", "service", "valid_from"),
    sort="carrier",
    key=("id",),
    expand={
        "rates": Related(
            Rate.rate_card_id,
            fields(Rate, "country max_weight_grams amount"),
            (Rate.country, Rate.max_weight_grams),
        )
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


class RateBody(Ask):
    country: str = Described(pattern=r"^([A-Z]{2}|\*)$", description="ISO 3166 alpha-2, `*` for anywhere else")
    max_weight_grams: int = Described(strict=True, ge=1, le=1_000_000)
    amount: Amount


class RateCardBody(Ask):
    currency: Currency
    transit_days: QuantityOrNone
    rates: list[RateBody] = Described(
        min_length=1, max_length=2000, examples=[[{"country": "DE", "max_weight_grams": 5000, "amount": 490}]]
    )
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
        row = CARDS.one(session, RateCard.id == card_id, expand=("rates",))
    if row is None:
        raise NotFound("rate card", str(card_id))
    return json_answer(row)


@routes.put("/rate-cards/{carrier}/{service}", access=Scope.write_shipping, answer=answer_shape(RateCardState))
async def put_rate_card(request: Request, carrier: Code, service: Code, body: RateCardBody) -> Response:
    """Set what a carrier's service costs from a moment on."""
    asked = message(PutRateCard, body, carrier=carrier, service=service)
    return await sending(request, "shipping", asked, RateCardState, partition=carrier)


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
