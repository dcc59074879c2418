"""Choosing carriers over HTTP: policies, the offers for a parcel, and the choices that were made."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages import CompareOffers, OffersState, PolicyState, PutPolicy
from db.errors import NotFound
from db.shipping import CarrierChoice, PromiseFrom, ShippingPolicy
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Currency, Flag, Name, Ppm, QuantityOrNone, Version, answer_shape

routes = Routes("shipping")

POLICIES = Listing(
    "ShippingPolicy",
    ShippingPolicy,
    fields(
        ShippingPolicy,
        "code channel customer_tag rank currency promise_days promise_from late_cost loss_ppm most_late_ppm forbidden "
        "carbon_price explore_ppm explore_budget active version updated_at",
        promise_from=PromiseFrom,
    ),
    sortable=("rank", "code"),
    sort="rank",
    key=("code",),
)
CHOICES = Listing(
    "CarrierChoice",
    CarrierChoice,
    {
        **fields(
            CarrierChoice,
            "id parcel_id order_id at weight_grams country policy model_id offers chosen why facts rule_set rules "
            "asked explored due_days late_ppm co2_grams",
        ),
        "was_explored": field(CarrierChoice.explored.is_not(None), nullable=False),
        "by_hand": field(CarrierChoice.asked.is_not(None), nullable=False),
    },
    sortable=("at", "late_ppm", "weight_grams"),
    sort="-at",
    key=("id",),
)

ChoiceRow = CHOICES.row_shape()

Days = Annotated[int, Described(strict=True, ge=0, le=60)]


class PolicyBody(Ask):
    currency: Currency
    channel: str = Described("*", max_length=32, description="`*` for any")
    customer_tag: Name = Described("*", description="A tag of the customer, `*` for any")
    rank: QuantityOrNone = Described(100, description="Of several that fit an order, the lowest is meant")
    promise_days: Days | None = Described(
        None, description="A parcel is late after these days on its way. Null: after those that the card quotes"
    )
    promise_from: PromiseFrom = Described(
        PromiseFrom.sent, description="`placed`: from the order on, a day that is kept while any service can"
    )
    late_cost: Amount = Described(0, description="What a late parcel costs")
    loss_ppm: Annotated[int, Described(strict=True, ge=0, le=5_000_000)] = Described(
        0, description="What a lost parcel costs, of the goods' value: 1100000 is 110 %"
    )
    most_late_ppm: Ppm | None = Described(
        None, description="Services more likely to be late are left out, while there are others"
    )
    forbidden: list[Name] = Described(
        default_factory=list,
        max_length=200,
        description="Carriers, or a carrier and its service",
        examples=[["post saver"]],
    )
    carbon_price: Amount = Described(0, description="What a tonne of CO2e costs")
    explore_ppm: Annotated[int, Described(strict=True, ge=0, le=100_000)] = Described(
        0, description="Of the parcels, for which the second best is tried where little is known of it"
    )
    explore_budget: Amount = Described(0, description="What trying may cost in a month, by expected cost")
    active: Flag = True
    version: Version | None = None


@routes.get("/shipping-policies", access=Scope.read_shipping, answer=POLICIES.list_shape(POLICIES.row_shape()),
            extra=POLICIES.operation())  # fmt: skip
def list_shipping_policies(request: Request) -> Response:
    """List shipping policies."""
    return POLICIES.answer(request)


@routes.put("/shipping-policies/{code}", access=Scope.write_shipping, answer=answer_shape(PolicyState))
async def put_shipping_policy(request: Request, code: Code, body: PolicyBody) -> Response:
    """Say what lateness and loss cost, and what may not be used, for some orders."""
    asked = PutPolicy(code=code, **body.model_dump(exclude={"version"}), version=version_of(request, body.version))
    return await sending(request, "shipping", asked, PolicyState, partition=code)


@routes.get("/parcels/{parcel_id}/offers", access=Scope.read_shipping, answer=answer_shape(OffersState))
async def compare_offers(request: Request, parcel_id: UUID) -> Response:
    """Show what every service would ask for a parcel, and which would be chosen. Nothing is bought."""
    return await sending(request, "shipping", CompareOffers(parcel_id=parcel_id), OffersState, partition=str(parcel_id))


@routes.get("/carrier-choices", access=Scope.read_shipping, answer=CHOICES.list_shape(ChoiceRow),
            extra=CHOICES.operation())  # fmt: skip
def list_carrier_choices(request: Request) -> Response:
    """List the choices of carriers, newest first, with every offer they were made from."""
    return CHOICES.answer(request)


@routes.get("/carrier-choices/{choice_id}", access=Scope.read_shipping, answer=ChoiceRow)
def read_carrier_choice(request: Request, choice_id: UUID) -> Response:
    """Show a choice of a carrier: every offer, what refused it, and why the one was taken."""
    with edge_of(request).database.reading() as session:
        row = CHOICES.one(session, CarrierChoice.id == choice_id)
    if row is None:
        raise NotFound("carrier choice", str(choice_id))
    return json_answer(row)
