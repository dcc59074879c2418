"""Plans of many open orders over HTTP: asked for, looked at, applied; and what counts in them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4, uuid5

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import func, join, select
from starlette.requests import Request
from starlette.responses import Response

from agents.planning.messages import (
    ApplyRoutingPlan,
    AskRoutingPlan,
    PutRoutingWeights,
    RoutingPlanState,
    RoutingWeightsState,
    StopRoutingPlan,
)
from db.errors import NotFound
from db.routing_plans import (
    PLAN_MOVES,
    PlanMoveState,
    PlanStatus,
    RoutingPlan,
    RoutingPlanMove,
    counts_of_moves,
    weights_now,
)
from serve.edge import caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing, Row
from serve.requests import idempotency_key, json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Currency, Name, Ppm, QuantityOrNone, Reason, Version, answer_shape, message

routes = Routes("routing")

_IDS = UUID("5a0b3c9e-64f5-4a83-9c0e-0d5d7a3c1b52")  # names of plans are made of caller and idempotency key


class CostsByCause(BaseModel):
    """Minor units. `way`: parcels by the rate cards; `last`: last units that left a node where they are asked for."""

    lane: int
    split: int
    late: int
    wait: int
    load: int
    last: int


class PlanSide(BaseModel):
    """All planned orders, as they are or as planned. `late` is how many come late on average, `waiting` are units."""

    by_cause: CostsByCause
    parcels: int
    split: int
    late: float
    waiting: int
    by_node: dict[str, int]


class PlannedFigures(BaseModel):
    """`now` and `planned` are null until there is a plan. `unpriced` orders have no price by any card."""

    now: PlanSide | None = None
    planned: PlanSide | None = None
    unpriced: int = 0
    rate_cards: list[str] = []
    rule_sets: list[int] = []
    transit_model: UUID | None = None


class WantedOrders(BaseModel):
    """Which orders were to be planned; nothing of it: all open ones."""

    node: str | None = None
    channel: str | None = None
    older_than_minutes: int | None = None
    most_orders: int | None = None


def _with_next(row: Row) -> Row:
    moves = PLAN_MOVES[PlanStatus(row["status"])]
    row["saved"] = row["cost_now"] - row["cost_planned"]
    row["next"] = [
        verb
        for verb, to in (("apply", PlanStatus.applying), ("stop", PlanStatus.stopped), ("drop", PlanStatus.dropped))
        if to in moves and (verb != "apply" or row["moving"])
    ]
    return row


PLANS = Listing(
    "RoutingPlan",
    RoutingPlan,
    fields(
        RoutingPlan,
        "id number status automatic asked_by stage stage_no stages currency orders cost_now cost_planned bound moving "
        "why version created_at planned_at applied_by ended_at",
        status=PlanStatus,
    )
    | {
        "ask": field(RoutingPlan.ask, holds=WantedOrders),
        "left_out": field(RoutingPlan.left_out, holds=dict[str, int]),
        "figures": field(RoutingPlan.figures, holds=PlannedFigures),
    },
    sortable=("number", "created_at", "status"),
    sort="-number",
    key=("id",),
    finish=_with_next,
    more={"saved": (int, ...), "next": (list[str], ...)},
)
PlanRow = PLANS.row_shape()


class PlannedUnits(BaseModel):
    sku: str
    from_node: str
    to_node: str
    quantity: int
    waits: bool = Described(description="They wait for stock now")


def _told(row: Row) -> Row:
    row["moves"] = [
        {"sku": sku, "from_node": here, "to_node": there, "quantity": units, "waits": waits}
        for sku, here, there, units, waits, _ in row["moves"]
    ]
    return row


_M = RoutingPlanMove
MOVES = Listing(
    "RoutingPlanMove",
    join(_M, RoutingPlan, RoutingPlan.id == _M.plan_id),
    {"plan_number": field(RoutingPlan.number), "currency": field(RoutingPlan.currency)}
    | fields(
        _M,
        "plan_id row_no order_id number country units cost_now cost_planned saved from_nodes to_nodes why next_best "
        "next_dearer state sentence at",
        state=PlanMoveState,
    )
    | {"moves": field(_M.moves, holds=list[PlannedUnits])},
    sortable=("row_no", "saved", "number"),
    sort="-saved",
    key=("plan_id", "row_no"),
    finish=_told,
)
MoveRow = MOVES.row_shape()


class MovedBetween(BaseModel):
    from_node: str
    to_node: str
    orders: int
    units: int


class RoutingPlanShown(PlanRow):  # type: ignore[valid-type,misc]
    """`counts` are orders by what became of them; `between` where they go, the most first."""

    counts: dict[str, int]
    between: list[MovedBetween]


class RoutingPlanBody(Ask):
    """Nothing of it: all open orders that nobody has begun to pick."""

    node: Code | None = Described(None, description="Orders with units there")
    channel: Name | None = None
    older_than_minutes: Annotated[int, Described(strict=True, ge=0, le=1_000_000)] | None = None
    most_orders: Annotated[int, Described(strict=True, ge=1, le=10_000)] | None = None


class ApplyPlanBody(Ask):
    version: Version | None = None


class StopPlanBody(Ask):
    reason: Reason | None = None


class NodeLoadBody(Ask):
    """Parcels a day: with ease, and at most. Those between cost `overtime_cost`."""

    easy: QuantityOrNone
    most: QuantityOrNone


class RoutingWeightsBody(Ask):
    """Amounts are minor units of `currency`."""

    currency: Currency
    split_cost: Amount = Described(description="Of each parcel of an order beyond the first, on top of its price")
    late_cost: Amount = Described(description="Of an order that comes late, where no shipping policy says")
    promise_days: QuantityOrNone = Described(description="After placing, where no shipping policy says")
    wait_cost: Amount = Described(description="Of a unit that waits for stock")
    parcel_cost: Amount = Described(description="Of a parcel where no rate card says, and")
    far_cost: Amount = Described(description="for each 100 km of it")
    overtime_cost: Amount = Described(description="Of a parcel beyond what a node sends with ease")
    loads: dict[Code, NodeLoadBody] = Described(default_factory=dict, max_length=500)
    cover_days: QuantityOrNone = Described(description="For which the last units at a node are kept for those near it")
    margin_ppm: Ppm = Described(description="Of a SKU's price, what a lost sale loses")
    most_orders: Annotated[int, Described(strict=True, ge=1, le=10_000)]
    least_age_minutes: QuantityOrNone
    least_gain: Amount = Described(description="An order is moved for no less")
    every_minutes: Annotated[int, Described(strict=True, ge=5, le=10_080)] | None = Described(
        None, description="Plans are made and applied by themselves so often; null: by hand alone"
    )
    least_saving: Amount = Described(description="An automatic plan is applied for no less")
    version: Annotated[int, Described(strict=True, ge=0, le=2**31 - 1)] | None = None


@routes.get("/routing-plans", access=Scope.read_orders, answer=PLANS.list_shape(PlanRow), extra=PLANS.operation())
def list_routing_plans(request: Request) -> Response:
    """List plans of open orders, newest first."""
    return PLANS.answer(request)


@routes.get("/routing-plan-moves", access=Scope.read_orders, answer=MOVES.list_shape(MoveRow),
            extra=MOVES.operation())  # fmt: skip
def list_routing_plan_moves(request: Request) -> Response:
    """List the orders that plans move, with why, what would be next best, and what became of each."""
    return MOVES.answer(request)


@routes.get("/routing-plans/{plan_id}", access=Scope.read_orders, answer=RoutingPlanShown)
def read_routing_plan(request: Request, plan_id: UUID) -> Response:
    """Show a plan: what all costs now, as planned, and at the least; and how far it is."""
    with edge_of(request).database.reading() as session:
        row = PLANS.one(session, RoutingPlan.id == plan_id)
        if row is None:
            raise NotFound("routing plan", str(plan_id))
        row["counts"] = dict(counts_of_moves(session, plan_id))
        here, there = func.array_to_string(_M.from_nodes, " and "), func.array_to_string(_M.to_nodes, " and ")
        pairs = (
            select(here, there, func.count(), func.sum(_M.units))
            .where(_M.plan_id == plan_id)
            .group_by(here, there)
            .order_by(func.count().desc(), here, there)
        )
        row["between"] = [
            {"from_node": a, "to_node": b, "orders": orders, "units": units}
            for a, b, orders, units in session.execute(pairs)
        ]
    return json_answer(row)


@routes.post("/routing-plans", access=Scope.write_orders, answer=answer_shape(RoutingPlanState), status=202)
async def ask_for_routing_plan(request: Request, body: RoutingPlanBody) -> Response:
    """Plan open orders over their nodes at the least cost. It is made in the background and changes nothing."""
    ident = uuid5(_IDS, f"{caller_of(request).principal} {idempotency_key(request) or uuid4()}")
    asked = message(AskRoutingPlan, body, id=ident)
    return await sending(request, "planning", asked, RoutingPlanState, partition="plan", status=202)


@routes.post("/routing-plans/{plan_id}/apply", access=Scope.write_orders, answer=answer_shape(RoutingPlanState),
             status=202)  # fmt: skip
async def apply_routing_plan(request: Request, plan_id: UUID, body: ApplyPlanBody) -> Response:
    """Move the orders as planned, some at a time. Each is looked at again; what changed meanwhile stays and says so."""
    asked = ApplyRoutingPlan(plan_id=plan_id, version=version_of(request, body.version))
    return await sending(request, "planning", asked, RoutingPlanState, partition="plan", status=202)


@routes.post("/routing-plans/{plan_id}/stop", access=Scope.write_orders, answer=answer_shape(RoutingPlanState))
async def stop_routing_plan(request: Request, plan_id: UUID, body: StopPlanBody) -> Response:
    """Drop a plan, or move no further orders of one that is being applied; what has moved stays moved."""
    asked = StopRoutingPlan(plan_id=plan_id, reason=body.reason)
    return await sending(request, "planning", asked, RoutingPlanState, partition="plan")


@routes.get("/routing-weights", access=Scope.read_orders, answer=answer_shape(RoutingWeightsState))
def read_routing_weights(request: Request) -> Response:
    """Show what counts in plans beside what carriers ask, and whether plans make themselves."""
    with edge_of(request).database.reading() as session:
        row = weights_now(session)
        return json_answer({name: getattr(row, name) for name in RoutingWeightsState.__struct_fields__})


@routes.put("/routing-weights", access=Scope.write_settings, answer=answer_shape(RoutingWeightsState))
async def set_routing_weights(request: Request, body: RoutingWeightsBody) -> Response:
    """Set what counts in plans from the next one on."""
    asked = message(PutRoutingWeights, body, version=version_of(request, body.version))
    return await sending(request, "planning", asked, RoutingWeightsState, partition="plan")
