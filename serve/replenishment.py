"""Replenishment over HTTP: what a plan suggests and why, and the policies it follows from."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import Integer, and_, cast, exists, func, outerjoin, select
from starlette.requests import Request
from starlette.responses import Response

from agents.purchasing.messages.replays import ReplayClass, ReplayRule, ReplayState
from agents.purchasing.messages.replenishment import (
    AskForPlan,
    EditSuggestion,
    OrderSuggestions,
    PutReplenishmentClass,
    PutReplenishmentRule,
    RejectSuggestions,
    RemoveReplenishmentRule,
    ReplenishmentClassState,
    ReplenishmentRuleRemoved,
    ReplenishmentRuleState,
    RunState,
    SnoozeSuggestions,
    SuggestionsState,
    SuggestionState,
)
from db import purchasing as _orders  # noqa: F401 - suggestions have keys of its tables
from db.errors import NotFound
from db.replenishment import (
    ARITHMETIC,
    SUGGESTION_MOVES,
    DemandPattern,
    PolicyKind,
    ReplenishmentClass,
    ReplenishmentPlan,
    ReplenishmentRule,
    ReplenishmentRun,
    RunStatus,
    ServiceMeasure,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
)
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Quantity, QuantityOrNone, Reason, Sku, Version, answer_shape, message

routes = Routes("purchasing")


def _next(row: Row) -> Row:
    moves = SUGGESTION_MOVES[SuggestionStatus(row["status"])] - {SuggestionStatus.gone, SuggestionStatus.open}
    return {**row, "next": sorted(s.value for s in moves)}


SUGGESTIONS = Listing(
    "Suggestion",
    Suggestion,
    fields(
        Suggestion,
        f"id kind status node sku from_node quantity chosen chosen_why why {ARITHMETIC} reason snoozed_until "
        "reviewed_on purchase_id transfer_id decided_by decided_at version created_at updated_at",
        kind=SuggestionKind,
        status=SuggestionStatus,
        pattern=DemandPattern,
        policy=PolicyKind,
    ),
    sortable=("at_risk", "sku", "node", "supplier", "quantity", "created_at", "updated_at", "out_on"),
    sort="-at_risk",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
_AT_PLAN = and_(ReplenishmentRule.sku == ReplenishmentPlan.sku, ReplenishmentRule.node == ReplenishmentPlan.node)
_PLACES = select(func.count()).where(ReplenishmentPlan.class_code == ReplenishmentClass.code)
PLANS = Listing(
    "ReplenishmentPlan",
    ReplenishmentPlan,
    {
        **fields(
            ReplenishmentPlan, f"node sku {ARITHMETIC} suggested why at", pattern=DemandPattern, policy=PolicyKind
        ),
        "ruled": field(exists().where(_AT_PLAN).correlate(ReplenishmentPlan), nullable=False),
    },
    sortable=("sku", "node", "at_risk", "daily_milli", "position", "point"),
    sort="sku",
    key=("sku", "node"),
)
CLASSES = Listing(
    "ReplenishmentClass",
    ReplenishmentClass,
    {
        **fields(
            ReplenishmentClass,
            "code policy service_ppm measured_by review_days order_cost holding_ppm version updated_at",
            policy=PolicyKind,
            measured_by=ServiceMeasure,
        ),
        "places": field(cast(_PLACES.correlate(ReplenishmentClass).scalar_subquery(), Integer), nullable=False),
    },
    sortable=("code",),
    sort="code",
    key=("code",),
)
RULES = Listing(
    "ReplenishmentRule",
    outerjoin(ReplenishmentRule, ReplenishmentPlan, _AT_PLAN).outerjoin(
        ReplenishmentClass, ReplenishmentClass.code == ReplenishmentPlan.class_code
    ),
    {
        **fields(
            ReplenishmentRule,
            "node sku policy service_ppm minimum maximum lot review_days supplier snoozed_until why version created_at "
            "updated_at",
            policy=PolicyKind,
        ),
        # What the rule is an exception from, and what the last plan made of it; null before the first plan.
        "class_code": field(ReplenishmentPlan.class_code, nullable=True),
        "class_policy": field(ReplenishmentClass.policy, choices=PolicyKind, nullable=True),
        "class_service_ppm": field(ReplenishmentClass.service_ppm, nullable=True),
        "class_review_days": field(ReplenishmentClass.review_days, nullable=True),
        **{n: field(getattr(ReplenishmentPlan, n), nullable=True) for n in ("position", "point", "up_to")},
    },
    sortable=("sku", "node", "created_at", "updated_at"),
    sort="sku",
    key=("sku", "node"),
)
RUNS = Listing(
    "ReplenishmentRun",
    ReplenishmentRun,
    fields(ReplenishmentRun, "id status asked_by asked_at done_at places to_buy to_transfer", status=RunStatus),
    sortable=("asked_at",),
    sort="-asked_at",
    key=("id",),
)
Service = Annotated[
    int, Described(strict=True, ge=500_000, le=999_000, description="Parts per million: 950000 is 95 %")
]
ReviewDays = Annotated[int, Described(strict=True, ge=1, le=365)]
ReplayDays = Annotated[int, Described(strict=True, ge=90, le=365)]
REPLAY = answer_shape(ReplayState)
Several = Annotated[list[UUID], Described(min_length=1, max_length=500)]


class ClassBody(Ask):
    policy: PolicyKind = Described(examples=["s-S"])
    service_ppm: Service
    measured_by: ServiceMeasure = ServiceMeasure.fill
    review_days: ReviewDays = 1
    order_cost: Amount = Described(1000, description="Of one more line on an order")
    holding_ppm: int = Described(250_000, strict=True, ge=1, le=10_000_000, description="Of the unit cost, a year")
    version: Version | None = None


class RuleBody(Ask):
    """What is null follows from the class."""

    policy: PolicyKind | None = None
    service_ppm: Service | None = None
    minimum: QuantityOrNone | None = None
    maximum: QuantityOrNone | None = None
    lot: Quantity | None = Described(None, description="Of the policy `fixed`")
    review_days: ReviewDays | None = None
    supplier: Code | None = None
    snoozed_until: date | None = Described(None, description="Nothing is suggested before this day")
    why: Reason | None = None
    version: Version | None = None


class RuleReplay(Ask):
    """`proposed` as it would be put; its reason, version and rest play no part."""

    proposed: RuleBody
    days: ReplayDays = 180


class ClassReplay(Ask):
    proposed: ClassBody
    days: ReplayDays = 180


class NoBody(Ask):
    pass


class Edited(Ask):
    quantity: Quantity
    reason: Reason
    version: Version | None = None


class Ordered(Ask):
    suggestions: Several


class Snoozed(Ask):
    suggestions: Several
    until: date
    reason: Reason


class Rejected(Ask):
    suggestions: Several
    reason: Reason


@routes.get("/suggestions", access=Scope.read_purchasing, answer=SUGGESTIONS.list_shape(SUGGESTIONS.row_shape()),
            extra=SUGGESTIONS.operation())  # fmt: skip
def list_suggestions(request: Request) -> Response:
    """List what to buy or to send between nodes, most money at risk first."""
    return SUGGESTIONS.answer(request)


@routes.get("/suggestions/{suggestion_id}", access=Scope.read_purchasing, answer=SUGGESTIONS.row_shape())
def read_suggestion(request: Request, suggestion_id: UUID) -> Response:
    """Show a suggestion with its arithmetic."""
    with edge_of(request).database.reading() as session:
        row = SUGGESTIONS.one(session, Suggestion.id == suggestion_id)
    if row is None:
        raise NotFound("suggestion", str(suggestion_id))
    return json_answer(row)


@routes.post("/suggestions/{suggestion_id}/edit", access=Scope.write_purchasing, answer=answer_shape(SuggestionState))
async def edit_suggestion(request: Request, suggestion_id: UUID, body: Edited) -> Response:
    """Choose another quantity; what was suggested is kept beside it."""
    asked = message(EditSuggestion, body, suggestion_id=suggestion_id, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, SuggestionState, partition=str(suggestion_id))


@routes.post("/suggestions/order", access=Scope.write_purchasing, answer=answer_shape(SuggestionsState))
async def order_suggestions(request: Request, body: Ordered) -> Response:
    """Make drafts of them: one purchase order for each supplier and node, one transfer for each pair of nodes."""
    asked = message(OrderSuggestions, body)
    return await sending(request, "purchasing", asked, SuggestionsState, partition="suggestions")


@routes.post("/suggestions/snooze", access=Scope.write_purchasing, answer=answer_shape(SuggestionsState))
async def snooze_suggestions(request: Request, body: Snoozed) -> Response:
    """Put suggestions aside until a day."""
    asked = message(SnoozeSuggestions, body)
    return await sending(request, "purchasing", asked, SuggestionsState, partition="suggestions")


@routes.post("/suggestions/reject", access=Scope.write_purchasing, answer=answer_shape(SuggestionsState))
async def reject_suggestions(request: Request, body: Rejected) -> Response:
    """Say no; on the same day and under the same policy they do not come back."""
    asked = message(RejectSuggestions, body)
    return await sending(request, "purchasing", asked, SuggestionsState, partition="suggestions")


@routes.get("/replenishment-plans", access=Scope.read_purchasing, answer=PLANS.list_shape(PLANS.row_shape()),
            extra=PLANS.operation())  # fmt: skip
def list_replenishment_plans(request: Request) -> Response:
    """List the arithmetic of every SKU at every node, whether or not anything is to be ordered."""
    return PLANS.answer(request)


@routes.get("/replenishment-runs", access=Scope.read_purchasing, answer=RUNS.list_shape(RUNS.row_shape()),
            extra=RUNS.operation())  # fmt: skip
def list_replenishment_runs(request: Request) -> Response:
    """List when everything was planned, the last first."""
    return RUNS.answer(request)


@routes.post("/replenishment-runs", access=Scope.write_purchasing, answer=answer_shape(RunState), status=202)
async def ask_for_plan(request: Request, body: NoBody) -> Response:
    """Plan everything now. The run says when it is done."""
    return await sending(
        request, "purchasing", message(AskForPlan, body), RunState, partition="replenishment", status=202
    )


@routes.get("/replenishment-classes", access=Scope.read_purchasing, answer=CLASSES.list_shape(CLASSES.row_shape()),
            extra=CLASSES.operation())  # fmt: skip
def list_replenishment_classes(request: Request) -> Response:
    """List how the classes are kept: A to C by yearly value, X to Z by how much demand varies."""
    return CLASSES.answer(request)


@routes.put(
    "/replenishment-classes/{code}", access=Scope.write_purchasing, answer=answer_shape(ReplenishmentClassState)
)
async def put_replenishment_class(request: Request, code: Code, body: ClassBody) -> Response:
    """Say how SKUs of a class are kept."""
    asked = message(PutReplenishmentClass, body, code=code, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, ReplenishmentClassState, partition="policies")


@routes.post("/replenishment-classes/{code}/replay", access=Scope.write_purchasing, answer=REPLAY)
async def replay_replenishment_class(request: Request, code: Code, body: ClassReplay) -> Response:
    """See what a class would have held, missed and cost over the last days, beside what holds now. Changes nothing."""
    asked = ReplayClass(proposed=message(PutReplenishmentClass, body.proposed, code=code), days=body.days)
    return await sending(request, "purchasing", asked, ReplayState, partition=code)


@routes.get("/replenishment-rules", access=Scope.read_purchasing, answer=RULES.list_shape(RULES.row_shape()),
            extra=RULES.operation())  # fmt: skip
def list_replenishment_rules(request: Request) -> Response:
    """List what was said of single SKUs at single nodes."""
    return RULES.answer(request)


@routes.put("/replenishment-rules/{node}/{sku}", access=Scope.write_purchasing,
            answer=answer_shape(ReplenishmentRuleState))  # fmt: skip
async def put_replenishment_rule(request: Request, node: Code, sku: Sku, body: RuleBody) -> Response:
    """Keep a SKU at a node otherwise than its class."""
    asked = message(PutReplenishmentRule, body, node=node, sku=sku, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, ReplenishmentRuleState, partition="policies")


@routes.delete("/replenishment-rules/{node}/{sku}", access=Scope.write_purchasing,
               answer=answer_shape(ReplenishmentRuleRemoved))  # fmt: skip
async def remove_replenishment_rule(request: Request, node: Code, sku: Sku) -> Response:
    """Keep a SKU at a node as its class again."""
    asked = RemoveReplenishmentRule(node=node, sku=sku, version=version_of(request, None))
    return await sending(request, "purchasing", asked, ReplenishmentRuleRemoved, partition="policies")


@routes.post("/replenishment-rules/{node}/{sku}/replay", access=Scope.write_purchasing, answer=REPLAY)
async def replay_replenishment_rule(request: Request, node: Code, sku: Sku, body: RuleReplay) -> Response:
    """See what a rule would have held, missed and cost over the last days, beside what holds now. Changes nothing."""
    proposed = message(PutReplenishmentRule, body.proposed, node=node, sku=sku)
    return await sending(
        request, "purchasing", ReplayRule(proposed=proposed, days=body.days), ReplayState, partition=sku
    )
