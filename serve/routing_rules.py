"""Routing rules over HTTP: versions of them, what they would have made of past orders, and which are in force."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.orders.messages import ActivateRuleSet, PutRuleSet, RetireRuleSet, TryRules
from agents.orders.messages.routing import RuleSetState, RulesTried
from db.errors import NotFound
from db.routing import RULE_SET_MOVES, RoutingRuleSet, RuleKind, RuleSetStatus
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Country, Flag, Name, Quantity, Reason, Version, answer_shape, message

routes = Routes("routing")


def _with_next(row: Row) -> Row:
    row["next"] = sorted(s.value for s in RULE_SET_MOVES[RuleSetStatus(row["status"])])
    return row


RULE_SETS = Listing(
    "RoutingRuleSet",
    RoutingRuleSet,
    fields(
        RoutingRuleSet,
        "id number name channel status rules note made_from version created_at created_by updated_at activated_at "
        "activated_by",
        status=RuleSetStatus,
    ),
    sortable=("number", "created_at", "status", "channel"),
    sort="-number",
    key=("id",),
    finish=_with_next,
    more={"next": (list[str], ...)},
)
RuleSetRow = RULE_SETS.row_shape()
RuleSet = answer_shape(RuleSetState)
Named = Annotated[list[Code], Described(max_length=500)]
Channel = Annotated[str, Described(max_length=32, description="`*` for those without rules of their own")]


class RoutingRuleBody(Ask):
    kind: RuleKind
    active: Flag = True
    nodes: Named = Described(default_factory=list, description="For only_nodes and ranked: in their order")
    by_node: dict[Code, Named] = Described(
        default_factory=dict,
        max_length=500,
        description="For serves: countries; for no_hazard: classes of dangerous goods",
        examples=[{"LON": ["GB", "IE"]}],
    )
    markets: list[list[Country]] = Described(
        default_factory=list, max_length=100, description="For same_market: countries that count as one"
    )
    limit: Annotated[int, Described(strict=True, ge=0, le=100_000)] | None = Described(
        None,
        description="Kilometres (nearest), minor units (cheapest) or fulfilments (least_load) of a band; "
        "days (dispatch_within, cover)",
    )


Rules = Annotated[list[RoutingRuleBody], Described(max_length=len(RuleKind))]


class RoutingRuleSetBody(Ask):
    name: Name = Described(examples=["Near first"])
    rules: Rules = Described(description="In the order in which they are asked; those that exclude come first anyway")
    channel: Channel = "*"
    note: Reason | None = None
    made_from: Quantity | None = Described(None, description="The version that this one began as")


class ChangedRoutingRuleSetBody(RoutingRuleSetBody):
    version: Version | None = None


class TryRoutingBody(Ask):
    rules: Rules
    channel: Channel = "*"
    orders: Annotated[int, Described(strict=True, ge=1, le=500)] = 100


class ActivateRulesBody(Ask):
    version: Version | None = None


class RetireRulesBody(Ask):
    reason: Reason | None = None


@routes.get("/routing-rule-sets", access=Scope.read_orders, answer=RULE_SETS.list_shape(RuleSetRow),
            extra=RULE_SETS.operation())  # fmt: skip
def list_routing_rule_sets(request: Request) -> Response:
    """List versions of the routing rules, newest first."""
    return RULE_SETS.answer(request)


@routes.get("/routing-rule-sets/{rule_set_id}", access=Scope.read_orders, answer=RuleSetRow)
def read_routing_rule_set(request: Request, rule_set_id: UUID) -> Response:
    """Show a version of the routing rules."""
    with edge_of(request).database.reading() as session:
        row = RULE_SETS.one(session, RoutingRuleSet.id == rule_set_id)
    if row is None:
        raise NotFound("routing rule set", str(rule_set_id))
    return json_answer(row)


@routes.post("/routing-rule-sets", access=Scope.write_settings, answer=RuleSet, status=201)
async def draft_routing_rules(request: Request, body: RoutingRuleSetBody) -> Response:
    """Begin a draft of routing rules. Orders are routed as before until it is activated."""
    return await sending(request, "orders", message(PutRuleSet, body), RuleSetState, partition="routing", status=201)


@routes.put("/routing-rule-sets/{rule_set_id}", access=Scope.write_settings, answer=RuleSet)
async def change_routing_rules(request: Request, rule_set_id: UUID, body: ChangedRoutingRuleSetBody) -> Response:
    """Change a draft. What is or was active stays as it is, because decisions name it."""
    version = version_of(request, body.version)
    asked = message(PutRuleSet, body, rule_set_id=rule_set_id, version=version)
    return await sending(request, "orders", asked, RuleSetState, partition="routing")


@routes.post("/routing-rule-sets/try", access=Scope.write_orders, answer=answer_shape(RulesTried))
async def try_routing_rules(request: Request, body: TryRoutingBody) -> Response:
    """Try rules on the last orders, beside the rules in force, with the stock as it was when each order came.

    Changes nothing. Checkout holds and the room for backorders are those of now.
    """
    return await sending(request, "orders", message(TryRules, body), RulesTried, partition="routing-trial")


@routes.post("/routing-rule-sets/{rule_set_id}/activate", access=Scope.write_settings, answer=RuleSet)
async def activate_routing_rules(request: Request, rule_set_id: UUID, body: ActivateRulesBody) -> Response:
    """Route by it from the next order on; the version that was active for its channel retires."""
    asked = ActivateRuleSet(rule_set_id=rule_set_id, version=version_of(request, body.version))
    return await sending(request, "orders", asked, RuleSetState, partition="routing")


@routes.post("/routing-rule-sets/{rule_set_id}/retire", access=Scope.write_settings, answer=RuleSet)
async def retire_routing_rules(request: Request, rule_set_id: UUID, body: RetireRulesBody) -> Response:
    """Route by it no more, or drop a draft."""
    asked = RetireRuleSet(rule_set_id=rule_set_id, reason=body.reason)
    return await sending(request, "orders", asked, RuleSetState, partition="routing")
