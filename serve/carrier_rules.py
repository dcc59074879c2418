"""Rules for the choice of carriers over HTTP: versions of them, and what they would have made of past parcels."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.shipping.messages.choosing import (
    ActivateCarrierRules,
    CarrierRulesState,
    CarrierRulesTried,
    PutCarrierRules,
    RetireCarrierRules,
    TryCarrierRules,
)
from db.carrier_rules import CarrierRuleKind, CarrierRuleSet
from db.errors import NotFound
from db.routing import RULE_SET_MOVES, RuleSetStatus
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of, wondering
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Country,
    Currency,
    Flag,
    Grams,
    Name,
    Ppm,
    Quantity,
    Reason,
    Tag,
    Version,
    answer_shape,
    message,
)

routes = Routes("shipping")


def _with_next(row: Row) -> Row:
    row["next"] = sorted(s.value for s in RULE_SET_MOVES[RuleSetStatus(row["status"])])
    return row


CARRIER_RULE_SETS = Listing(
    "CarrierRuleSet",
    CarrierRuleSet,
    fields(
        CarrierRuleSet,
        "id number name status rules note made_from version created_at created_by updated_at activated_at activated_by",
        status=RuleSetStatus,
    ),
    sortable=("number", "created_at", "status"),
    sort="-number",
    key=("id",),
    finish=_with_next,
    more={"next": (list[str], ...)},
)
CarrierRuleSetRow = CARRIER_RULE_SETS.row_shape()
CarrierRuleSetAnswer = answer_shape(CarrierRulesState)


class CarrierRuleBody(Ask):
    """Fits a parcel when every condition that is set holds. Amounts are minor units of `currency`."""

    kind: CarrierRuleKind
    active: Flag = True
    note: Reason | None = None
    channels: list[Code] = Described(default_factory=list, max_length=100)
    tags: list[Tag] = Described(default_factory=list, max_length=100, description="Any of the customer's")
    countries: list[Country] = Described(default_factory=list, max_length=300)
    postcodes: list[Code] = Described(
        default_factory=list, max_length=1000, description="How they begin, in the one country that is named"
    )
    nodes: list[Code] = Described(default_factory=list, max_length=500)
    over_grams: Grams | None = None
    up_to_grams: Grams | None = None
    over_value: Amount | None = None
    up_to_value: Amount | None = None
    hazmat: Flag | None = None
    fragile: Flag | None = None
    within_days: Annotated[int, Described(strict=True, ge=0, le=60)] | None = Described(
        None, description="The promised day is so many days away, or fewer"
    )
    services: list[Name] = Described(
        default_factory=list, max_length=200, description="For forbid, require and prefer: carriers, or one's service",
        examples=[["swiftway express"]],
    )  # fmt: skip
    currency: Currency | None = None
    limit_amount: Amount | None = Described(
        None, description="most_above: above the cheapest; prefer: above the least expected cost"
    )
    limit_ppm: Ppm | None = Described(None, description="The same as a share; for most_late of the parcels")
    late_cost: Amount | None = Described(None, description="For weigh, in place of the policy")
    loss_ppm: Annotated[int, Described(strict=True, ge=0, le=5_000_000)] | None = None


CarrierRuleList = Annotated[list[CarrierRuleBody], Described(max_length=200)]


class CarrierRuleSetBody(Ask):
    name: Name = Described(examples=["Express for the last day"])
    rules: CarrierRuleList = Described(description="In their order; those that forbid and require come first anyway")
    note: Reason | None = None
    made_from: Quantity | None = Described(None, description="The version that this one began as")


class ChangedCarrierRuleSetBody(CarrierRuleSetBody):
    version: Version | None = None


class PolicyTrialBody(Ask):
    """What a policy would say instead."""

    code: Code | None = Described(None, description="Where this policy had chosen; null: everywhere")
    late_cost: Amount = 0
    loss_ppm: Annotated[int, Described(strict=True, ge=0, le=5_000_000)] = 0
    most_late_ppm: Ppm | None = None
    carbon_price: Amount = 0
    forbidden: list[Name] = Described(default_factory=list, max_length=200)


class TryCarrierRulesBody(Ask):
    rules: CarrierRuleList | None = Described(None, description="Null: those in force")
    policy: PolicyTrialBody | None = None
    parcels: Annotated[int, Described(strict=True, ge=1, le=1000)] = 200


class ActivateCarrierRulesBody(Ask):
    version: Version | None = None


class RetireCarrierRulesBody(Ask):
    reason: Reason | None = None


@routes.get("/carrier-rule-sets", access=Scope.read_shipping, answer=CARRIER_RULE_SETS.list_shape(CarrierRuleSetRow),
            extra=CARRIER_RULE_SETS.operation())  # fmt: skip
def list_carrier_rule_sets(request: Request) -> Response:
    """List versions of the carrier rules, newest first."""
    return CARRIER_RULE_SETS.answer(request)


@routes.get("/carrier-rule-sets/{rule_set_id}", access=Scope.read_shipping, answer=CarrierRuleSetRow)
def read_carrier_rule_set(request: Request, rule_set_id: UUID) -> Response:
    """Show a version of the carrier rules."""
    with edge_of(request).database.reading() as session:
        row = CARRIER_RULE_SETS.one(session, CarrierRuleSet.id == rule_set_id)
    if row is None:
        raise NotFound("carrier rule set", str(rule_set_id))
    return json_answer(row)


@routes.post("/carrier-rule-sets", access=Scope.write_shipping, answer=CarrierRuleSetAnswer, status=201)
async def draft_carrier_rules(request: Request, body: CarrierRuleSetBody) -> Response:
    """Begin a draft of carrier rules. Carriers are chosen as before until it is activated."""
    asked = message(PutCarrierRules, body)
    return await sending(request, "shipping", asked, CarrierRulesState, partition="rules", status=201)


@routes.put("/carrier-rule-sets/{rule_set_id}", access=Scope.write_shipping, answer=CarrierRuleSetAnswer)
async def change_carrier_rules(request: Request, rule_set_id: UUID, body: ChangedCarrierRuleSetBody) -> Response:
    """Change a draft. What is or was active stays as it is, because choices name it."""
    version = version_of(request, body.version)
    asked = message(PutCarrierRules, body, rule_set_id=rule_set_id, version=version)
    return await sending(request, "shipping", asked, CarrierRulesState, partition="rules")


@routes.post("/carrier-rule-sets/try", access=Scope.read_shipping, answer=answer_shape(CarrierRulesTried))
async def try_carrier_rules(request: Request, body: TryCarrierRulesBody) -> Response:
    """Try rules or a policy on the last parcels, beside those in force, with the offers as they were then.

    Changes nothing. The day by which each parcel was late stays what it was.
    """
    asked = message(TryCarrierRules, body)
    return await wondering(request, "shipping", asked, CarrierRulesTried, partition="rules-trial")


@routes.post("/carrier-rule-sets/{rule_set_id}/activate", access=Scope.write_shipping, answer=CarrierRuleSetAnswer)
async def activate_carrier_rules(request: Request, rule_set_id: UUID, body: ActivateCarrierRulesBody) -> Response:
    """Choose by it from the next parcel on; the version that was active retires."""
    asked = ActivateCarrierRules(rule_set_id=rule_set_id, version=version_of(request, body.version))
    return await sending(request, "shipping", asked, CarrierRulesState, partition="rules")


@routes.post("/carrier-rule-sets/{rule_set_id}/retire", access=Scope.write_shipping, answer=CarrierRuleSetAnswer)
async def retire_carrier_rules(request: Request, rule_set_id: UUID, body: RetireCarrierRulesBody) -> Response:
    """Choose by it no more, or drop a draft."""
    asked = RetireCarrierRules(rule_set_id=rule_set_id, reason=body.reason)
    return await sending(request, "shipping", asked, CarrierRulesState, partition="rules")
