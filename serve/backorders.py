"""Who waits for what, who is next and when it comes, over HTTP; and what is set about it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from pydantic import StringConstraints
from sqlalchemy import Boolean, Integer, and_, cast, func, join, not_, or_, outerjoin, select
from starlette.requests import Request
from starlette.responses import Response

from agents.promising.messages import (
    AcceptPromise,
    BackorderState,
    ChannelBufferState,
    FillPolicyState,
    MoveBackBackorder,
    MoveUpBackorder,
    PriorityClass,
    PromiseState,
    PutChannelBuffer,
    PutFillPolicy,
    QueueState,
    RemoveChannelBuffer,
    RemoveFillPolicy,
    ShowQueue,
    SimulateFill,
)
from db.catalog import Variant
from db.errors import NotFound
from db.orders import Order, OrderLine
from db.promising import (
    BackorderPromise,
    ChannelBuffer,
    FillDecision,
    FillPolicy,
    FillRule,
    FillShare,
    PromiseChange,
    Ranking,
)
from db.stock import Allocation, AllocationState
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of, wondering
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Ppm, Quantity, QuantityOrNone, Reason, Sku, Tag, Version, answer_shape

routes = Routes("stock")

_P = BackorderPromise
_ACCEPTED = and_(_P.accepted_why.is_not(None), _P.accepted_on.is_not_distinct_from(_P.promised_on))
# Later than was said first, or nobody knows when; and nobody has said that it will do.
_LATE = and_(_P.ended_at.is_(None), or_(_P.promised_on.is_(None), _P.promised_on > _P.first_on), not_(_ACCEPTED))

_waits = (
    select(
        Allocation.sku,
        Allocation.node,
        func.sum(Allocation.quantity).label("units"),
        func.count(Allocation.order_id.distinct()).label("orders"),
        func.min(Allocation.created_at).label("waits_since"),
        func.max(Allocation.passed).label("most_passed"),
        func.min(_P.promised_on).label("first_promised_on"),
        func.max(_P.promised_on).label("last_promised_on"),
        func.coalesce(func.sum(Allocation.quantity).filter(_P.promised_on.is_(None)), 0).label("undated"),
        func.count().filter(_LATE).label("late"),
    )
    .select_from(outerjoin(Allocation, _P, and_(_P.allocation_id == Allocation.id, _P.ended_at.is_(None))))
    .where(Allocation.state == AllocationState.backordered)
    .group_by(Allocation.sku, Allocation.node)
    .subquery("waits")
)
PLACES = Listing(
    "BackorderPlace",
    join(_waits, Variant, Variant.sku == _waits.c.sku),
    {
        "sku": field(_waits.c.sku),
        "title": field(Variant.title),
        "node": field(_waits.c.node),
        "units": field(cast(_waits.c.units, Integer), nullable=False),
        "orders": field(cast(_waits.c.orders, Integer), nullable=False),
        "waits_since": field(_waits.c.waits_since, nullable=False),
        "most_passed": field(_waits.c.most_passed, nullable=False),
        "first_promised_on": field(_waits.c.first_promised_on, nullable=True),
        "last_promised_on": field(_waits.c.last_promised_on, nullable=True),
        "undated": field(cast(_waits.c.undated, Integer), nullable=False),
        "late": field(cast(_waits.c.late, Integer), nullable=False),
        "release_on": field(Variant.release_on, nullable=True),
    },
    sortable=("sku", "node", "units", "orders", "waits_since", "late"),
    sort="waits_since",
    key=("sku", "node"),
)


def _next(row: Row) -> Row:
    """What may be done about a promise that is late."""
    if row["ended_at"] is not None:
        return {**row, "next": []}
    split = ["split"] if row["ship_complete"] else []
    cancel = [] if row["of_kit"] else ["cancel"]  # a line is cancelled by the kit, which is for its order's page
    return {**row, "next": ["wait", *split, *cancel]}


PROMISES = Listing(
    "BackorderPromise",
    join(_P, Order, Order.id == _P.order_id).outerjoin(
        OrderLine, and_(OrderLine.order_id == _P.order_id, OrderLine.line_no == _P.line_no)
    ),
    {
        **fields(
            _P,
            "allocation_id order_id line_no sku node units ahead likely_on promised_on safe_on first_on told_on "
            "accepted_on accepted_why sources why changes made_at updated_at ended_at ended_why",
        ),
        "order_number": field(Order.number),
        "channel": field(Order.channel),
        "ship_complete": field(Order.ship_complete),
        "of_kit": field(cast(OrderLine.components.is_not(None), Boolean), nullable=False),
        "waits": field(cast(_P.ended_at.is_(None), Boolean), nullable=False),
        "is_late": field(cast(func.coalesce(_LATE, False), Boolean), nullable=False),
        "days_late": field(cast(_P.promised_on - _P.first_on, Integer), nullable=True),
    },
    sortable=("made_at", "promised_on", "updated_at", "days_late", "sku"),
    sort="made_at",
    key=("allocation_id",),
    expand={
        "history": Related(
            PromiseChange.allocation_id,
            fields(PromiseChange, "id at before_on after_on likely_on safe_on why"),
            (PromiseChange.id,),
            via="allocation_id",
        )
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
DECISIONS = Listing(
    "FillDecision",
    FillDecision,
    fields(FillDecision, "id at sku node free given waiting policy actor"),
    sortable=("at", "sku"),
    sort="-at",
    key=("id",),
    expand={
        "shares": Related(
            FillShare.decision_id,
            fields(
                FillShare,
                "no allocation_id order_id class_no placed_at promised_on passed wanted given rule why",
                rule=FillRule,
            ),
            (FillShare.no,),
        )
    },
)
BUFFERS = Listing(
    "ChannelBuffer",
    ChannelBuffer,
    fields(ChannelBuffer, "channel sku node units ppm version updated_at"),
    sortable=("channel", "sku", "node", "updated_at"),
    sort="channel",
    key=("channel", "sku", "node"),
)
POLICIES = Listing(
    "FillPolicy",
    FillPolicy,
    fields(FillPolicy, "node ranking classes most_passed most_days version updated_at"),
    sortable=("node", "updated_at"),
    sort="node",
    key=("node",),
)
PromiseRow = PROMISES.row_shape()
DecisionRow = DECISIONS.row_shape()

CodeOrAny = Annotated[str, StringConstraints(max_length=32, pattern=r"^(\*|[A-Za-z0-9_.\-]+)$")]
SkuOrAny = Annotated[str, StringConstraints(max_length=64, pattern=r"^(\*|[A-Za-z0-9_.:+\-]+)$")]
Channel = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^(\*|[^\x00-\x1f\x7f]+)$")]


class SimulateBody(Ask):
    sku: Sku
    node: Code
    units: Quantity = Described(examples=[40])


class BackorderReason(Ask):
    reason: Reason


class ChannelBufferBody(Ask):
    channel: Channel = Described(description="`*` for any", examples=["marketplace"])
    sku: SkuOrAny = Described("*", description="`*` for any")
    node: CodeOrAny = Described("*", description="`*` for any")
    units: QuantityOrNone = Described(0, description="Not sold through the channel, so that others find them")
    ppm: Ppm = Described(0, description="The same as a part of what is sellable at the node; the greater counts")
    version: Version | None = None


class NoBufferBody(Ask):
    channel: Channel
    sku: SkuOrAny = "*"
    node: CodeOrAny = "*"
    version: Version | None = None


class PriorityClassBody(Ask):
    tag: Tag
    of: str = Described(
        "customer", pattern=r"^(customer|order|class)$", description="Whose tag it is; `class`: a customer's class"
    )


class FillPolicyBody(Ask):
    ranking: list[Ranking] = Described(
        min_length=1, max_length=5, description="What decides first comes first", examples=[["priority", "placed"]]
    )
    classes: list[PriorityClassBody] = Described(default_factory=list, max_length=20, description="The best first")
    most_passed: Annotated[int, Described(strict=True, ge=0, le=1000)] = Described(
        3, description="How often later ones may be served before somebody"
    )
    most_days: Annotated[int, Described(strict=True, ge=1, le=1000)] | None = Described(
        None, description="After so many days one goes before all who wait less long"
    )
    version: Version | None = None


@routes.get("/backorders", access=Scope.read_stock, answer=PLACES.list_shape(PLACES.row_shape()),
            extra=PLACES.operation())  # fmt: skip
def list_backorders(request: Request) -> Response:
    """List where orders wait for stock: SKU by SKU and node by node, with the days that were promised."""
    return PLACES.answer(request)


@routes.get("/backorders/{sku}/{node}", access=Scope.read_stock, answer=answer_shape(QueueState))
async def show_backorder_queue(request: Request, sku: Sku, node: Code) -> Response:
    """Show who waits at a node, in the order in which they are served and why, and what is on its way."""
    return await wondering(request, "promising", ShowQueue(sku=sku, node=node), QueueState, partition=sku)


@routes.post("/backorders/simulate", access=Scope.read_stock, answer=answer_shape(QueueState))
async def simulate_fill(request: Request, body: SimulateBody) -> Response:
    """Show who would get so many units if they came now, and why. Nothing is written."""
    asked = SimulateFill(sku=body.sku, node=body.node, units=body.units)
    return await wondering(request, "promising", asked, QueueState, partition=body.sku)


@routes.post("/backorders/{allocation_id}/move-up", access=Scope.write_stock, answer=answer_shape(BackorderState))
async def move_up_backorder(request: Request, allocation_id: UUID, body: BackorderReason) -> Response:
    """Let units that wait go before the others. The reason is kept with what they get."""
    asked = MoveUpBackorder(allocation_id=allocation_id, reason=body.reason)
    return await sending(request, "promising", asked, BackorderState, partition=str(allocation_id))


@routes.post("/backorders/{allocation_id}/move-back", access=Scope.write_stock, answer=answer_shape(BackorderState))
async def move_back_backorder(request: Request, allocation_id: UUID, body: BackorderReason) -> Response:
    """Put units that were moved up back into their turn."""
    asked = MoveBackBackorder(allocation_id=allocation_id, reason=body.reason)
    return await sending(request, "promising", asked, BackorderState, partition=str(allocation_id))


@routes.get("/backorder-promises", access=Scope.read_stock, answer=PROMISES.list_shape(PromiseRow),
            extra=PROMISES.operation())  # fmt: skip
def list_backorder_promises(request: Request) -> Response:
    """List when those who wait were told that their units leave; `is_late_eq=true` are those to be looked at."""
    return PROMISES.answer(request)


@routes.get("/backorder-promises/{allocation_id}", access=Scope.read_stock, answer=PromiseRow)
def read_backorder_promise(request: Request, allocation_id: UUID) -> Response:
    """Show a promise with every change of its day."""
    with edge_of(request).database.reading() as session:
        row = PROMISES.one(session, _P.allocation_id == allocation_id, expand=("history",))
    if row is None:
        raise NotFound("promise", str(allocation_id))
    return json_answer(row)


@routes.post("/backorder-promises/{allocation_id}/accept", access=Scope.write_stock, answer=answer_shape(PromiseState))
async def accept_promise(request: Request, allocation_id: UUID, body: BackorderReason) -> Response:
    """Say that a later day will do: the promise is late no longer, unless it moves again."""
    asked = AcceptPromise(allocation_id=allocation_id, reason=body.reason)
    return await sending(request, "promising", asked, PromiseState, partition=str(allocation_id))


@routes.get("/fill-decisions", access=Scope.read_stock, answer=DECISIONS.list_shape(DecisionRow),
            extra=DECISIONS.operation())  # fmt: skip
def list_fill_decisions(request: Request) -> Response:
    """List who got units that came free, newest first, and under which policy."""
    return DECISIONS.answer(request)


@routes.get("/fill-decisions/{decision_id}", access=Scope.read_stock, answer=DecisionRow)
def read_fill_decision(request: Request, decision_id: UUID) -> Response:
    """Show who got how many units, who was passed over, and why."""
    with edge_of(request).database.reading() as session:
        row = DECISIONS.one(session, FillDecision.id == decision_id, expand=("shares",))
    if row is None:
        raise NotFound("decision", str(decision_id))
    return json_answer(row)


@routes.get("/channel-buffers", access=Scope.read_stock, answer=BUFFERS.list_shape(BUFFERS.row_shape()),
            extra=BUFFERS.operation())  # fmt: skip
def list_channel_buffers(request: Request) -> Response:
    """List which units are not sold through which channel."""
    return BUFFERS.answer(request)


@routes.put("/channel-buffers", access=Scope.write_settings, answer=answer_shape(ChannelBufferState))
async def put_channel_buffer(request: Request, body: ChannelBufferBody) -> Response:
    """Keep units from a channel, so that others find them. Of several that fit, the most particular counts."""
    told = body.model_dump(exclude={"version"})
    asked = PutChannelBuffer(**told, version=version_of(request, body.version))
    return await sending(request, "promising", asked, ChannelBufferState, partition=body.sku)


@routes.post("/channel-buffers/remove", access=Scope.write_settings, answer=answer_shape(ChannelBufferState))
async def remove_channel_buffer(request: Request, body: NoBufferBody) -> Response:
    """Take a buffer away."""
    told = body.model_dump(exclude={"version"})
    asked = RemoveChannelBuffer(**told, version=version_of(request, body.version))
    return await sending(request, "promising", asked, ChannelBufferState, partition=body.sku)


@routes.get("/fill-policies", access=Scope.read_stock, answer=POLICIES.list_shape(POLICIES.row_shape()),
            extra=POLICIES.operation())  # fmt: skip
def list_fill_policies(request: Request) -> Response:
    """List who gets arriving units at which node. Where nothing is set, who came first is served first."""
    return POLICIES.answer(request)


@routes.put("/fill-policies/{node}", access=Scope.write_settings, answer=answer_shape(FillPolicyState))
async def put_fill_policy(request: Request, node: CodeOrAny, body: FillPolicyBody) -> Response:
    """Say who gets arriving units at a node, or (`*`) wherever nothing else is said."""
    asked = PutFillPolicy(
        node=node,
        ranking=[r.value for r in body.ranking],
        classes=[PriorityClass(tag=c.tag, of=c.of) for c in body.classes],
        most_passed=body.most_passed,
        most_days=body.most_days,
        version=version_of(request, body.version),
    )
    return await sending(request, "promising", asked, FillPolicyState, partition=node)


@routes.delete("/fill-policies/{node}", access=Scope.write_settings, answer=answer_shape(FillPolicyState))
async def remove_fill_policy(request: Request, node: CodeOrAny) -> Response:
    """Take a policy away; who came first is served first then, or as `*` says."""
    asked = RemoveFillPolicy(node=node, version=version_of(request, None))
    return await sending(request, "promising", asked, FillPolicyState, partition=node)
