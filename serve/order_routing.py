"""Why an order is shipped from where it is: its decisions, each with what was known and what was next best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.orders.messages import DrillNode, EmptyNode, PreviewReroute, RerouteOrder
from agents.orders.messages.routing import EmptyingBegun, NodeDrill, ReroutePreview
from db.orders import Order, OrderStatus
from db.routing import RoutedFor, RoutingDecision, RoutingRuleSet
from db.stock import Allocation, AllocationState
from serve.edge import edge_of
from serve.order_view import OrderShape, find_order, order_answer, order_id_of
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Quantity, Reason, Reference, Sku, Version, answer_shape, message

routes = Routes("orders")

_WORKED_ON = (OrderStatus.placed, OrderStatus.held, OrderStatus.released, OrderStatus.partly_shipped)
_OPEN = (AllocationState.backordered, AllocationState.allocated)
_MOVABLE = (
    select(Allocation.id)
    .join(Order, Order.id == Allocation.order_id)
    .where(Order.live, Order.status.in_(_WORKED_ON), Allocation.state.in_(_OPEN))
    .limit(1)
)
MOST_DECISIONS = 50  # of one order; the newest are shown


class RuleRank(BaseModel):
    """What one rule said of a node; `rank` null where it abstained. The lowest wins."""

    kind: str
    name: str
    rank: int | None


class RoutedNode(BaseModel):
    """A node as it was known when the order was routed. `place` is its place in the order of nodes, from 1."""

    node: str
    place: int | None
    excluded: str | None
    barred: list[str]
    rank: int
    country: str | None
    km: int | None
    measured_by: str | None
    days: int
    load: int
    carriage: int | None = Described(description="What carriers ask for the whole order from here, minor units")
    carriage_in: str | None
    carrier: str | None
    free: dict[str, int]
    room: dict[str, int]
    ranks: list[RuleRank]
    units: int


class RoutedPiece(BaseModel):
    line_no: int
    sku: str
    node: str
    quantity: int
    backordered: bool
    why: str


class NextBest(BaseModel):
    """What would have been done without the node that ships most; no nodes: nothing could have been."""

    without: str
    nodes: list[str]
    says: str
    parcels: int | None = None
    km: int | None = None
    days: int | None = None
    waiting: int | None = None


class DecidedBy(BaseModel):
    id: UUID
    number: int
    name: str


class RoutingShown(BaseModel):
    id: int
    at: datetime
    actor: str
    cause: RoutedFor
    rules: DecidedBy | None
    country: str | None
    nodes: list[RoutedNode]
    plan: list[RoutedPiece]
    parcels: int
    km: int | None
    days: int | None
    waiting: int
    next_best: NextBest | None
    why: str | None


class OrderRouting(BaseModel):
    """No decisions: the order was routed by rank, and each allocation says why in a sentence."""

    order_id: UUID
    number: str
    decisions: list[RoutingShown]
    next: list[str]


class MovedUnits(Ask):
    line_no: Quantity
    from_node: Code
    to_node: Code
    quantity: Quantity
    sku: Sku | None = Described(None, description="Of a kit: which component")


Moves = Annotated[list[MovedUnits], Described(min_length=1, max_length=200)]


class PreviewRerouteBody(Ask):
    moves: Moves


class RerouteBody(Ask):
    moves: Moves
    reason: Reason
    version: Version | None = None


class EmptyNodeBody(Ask):
    reason: Reason


@routes.get("/orders/{order}/routing", access=Scope.read_orders, answer=OrderRouting)
def read_order_routing(request: Request, order: Reference) -> Response:
    """Explain why an order ships from where it does: each node as it was known then, newest decision first."""
    with edge_of(request).database.reading() as session:
        order_id = find_order(session, order)
        number = session.scalar(select(Order.number).where(Order.id == order_id))
        found = _decisions(session, order_id)
        movable = session.scalar(_MOVABLE.where(Order.id == order_id))
    told = {"order_id": order_id, "number": number, "next": ["reroute"] if movable else []}
    return json_answer({**told, "decisions": [d.model_dump() for d in found]})


@routes.post("/orders/{order}/reroute/preview", access=Scope.write_orders, answer=answer_shape(ReroutePreview))
async def preview_reroute(request: Request, order: Reference, body: PreviewRerouteBody) -> Response:
    """Show what moving units to another node would do to stock and parcels. Changes nothing."""
    order_id = await order_id_of(request, order)
    asked = message(PreviewReroute, body, order_id=order_id)
    return await sending(request, "orders", asked, ReroutePreview, partition=str(order_id))


@routes.post("/orders/{order}/reroute", access=Scope.write_orders, answer=OrderShape)
async def reroute_order(request: Request, order: Reference, body: RerouteBody) -> Response:
    """Promise units at another node in place of the one they are promised at; picked units stay."""
    order_id = await order_id_of(request, order)
    version = version_of(request, body.version)
    return await order_answer(request, message(RerouteOrder, body, order_id=order_id, version=version))


@routes.post("/nodes/{node}/drill", access=Scope.write_orders, answer=answer_shape(NodeDrill))
async def drill_node(request: Request, node: Code) -> Response:
    """Show what would become of a node's open units if it shipped no more. Changes nothing."""
    return await sending(request, "orders", DrillNode(node=node), NodeDrill, partition=f"drill:{node}")


@routes.post("/nodes/{node}/empty", access=Scope.write_settings, answer=answer_shape(EmptyingBegun), status=202)
async def empty_node(request: Request, node: Code, body: EmptyNodeBody) -> Response:
    """Route the open units of a node that ships no more from other nodes, some orders at a time."""
    asked = EmptyNode(node=node, reason=body.reason)
    return await sending(request, "orders", asked, EmptyingBegun, partition=f"node:{node}", status=202)


def _decisions(session: Session, order_id: UUID) -> list[RoutingShown]:
    rows = session.execute(
        select(RoutingDecision, RoutingRuleSet)
        .outerjoin(RoutingRuleSet, RoutingRuleSet.id == RoutingDecision.rule_set_id)
        .where(RoutingDecision.order_id == order_id)
        .order_by(RoutingDecision.id.desc())
        .limit(MOST_DECISIONS)
    )
    return [_shown(decision, rules) for decision, rules in rows]


def _shown(row: RoutingDecision, rules: RoutingRuleSet | None) -> RoutingShown:
    inputs, outcome = row.inputs, row.outcome
    plan = [
        RoutedPiece(line_no=line_no, sku=sku, node=node, quantity=quantity, backordered=waits, why=why)
        for line_no, sku, node, quantity, waits, why in outcome["plan"]
    ]
    nodes = [_node(n, outcome, plan) for n in inputs["nodes"]]
    nodes.sort(key=lambda n: (n.place is None, n.place or 0, n.rank, n.node))
    return RoutingShown(
        id=row.id,
        at=row.at,
        actor=row.actor,
        cause=RoutedFor(row.cause),
        rules=DecidedBy(id=rules.id, number=rules.number, name=rules.name) if rules else None,
        country=inputs["country"],
        nodes=nodes,
        plan=plan,
        **{name: outcome["tells"][name] for name in ("parcels", "km", "days", "waiting")},
        next_best=NextBest(**outcome["next"]) if outcome["next"] else None,
        why=row.why,
    )


def _node(known: Mapping[str, Any], outcome: Mapping[str, Any], plan: Sequence[RoutedPiece]) -> RoutedNode:
    code = known["code"]
    ranks = outcome["ranks"].get(code, [])
    return RoutedNode(
        node=code,
        place=outcome["order"].index(code) + 1 if code in outcome["order"] else None,
        excluded=outcome["excluded"].get(code),
        barred=[why for _, node, why in outcome["barred"] if node == code],
        rank=known["rank"],
        country=known["country"],
        km=known["km"],
        measured_by=known["by"],
        days=known["days"],
        load=known["load"],
        carriage=known.get("carriage"),
        carriage_in=known.get("carriage_in"),
        carrier=known.get("carrier"),
        free=known["free"],
        room=known["room"],
        ranks=[RuleRank(**rule, rank=rank) for rule, rank in zip(outcome["by"], ranks, strict=False)],
        units=sum(p.quantity for p in plan if p.node == code),
    )
