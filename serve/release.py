"""How nodes release work to the floor, over HTTP: their way, the cut-offs of carriers, and releasing by hand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.fulfilment.messages.waves import (
    CarrierCutOffState,
    FulfilmentsReleased,
    PutCarrierCutOff,
    PutReleasePolicy,
    ReleaseFulfilments,
    ReleasePolicyState,
)
from db.waves import CarrierCutOff, ReleaseMode, ReleasePolicy
from serve.fields import fields
from serve.listing import Listing
from serve.requests import sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Flag, Name, QuantityOrNone, Reason, Version, answer_shape, message

routes = Routes("fulfilment")

POLICIES = Listing(
    "ReleasePolicy",
    ReleasePolicy,
    fields(ReleasePolicy, "node mode minutes_before version updated_at", mode=ReleaseMode),
    sortable=("node", "mode", "updated_at"),
    sort="node",
    key=("node",),
)
CUT_OFFS = Listing(
    "CarrierCutOff",
    CarrierCutOff,
    fields(
        CarrierCutOff,
        "node code carrier service cut_off minutes_before channel tag country rank active version updated_at",
    ),
    sortable=("rank", "node", "code", "updated_at"),
    sort="rank",
    key=("node", "code"),
)
PolicyRow, CutOffRow = POLICIES.row_shape(), CUT_OFFS.row_shape()
Minutes = Annotated[int, Described(strict=True, ge=0, le=10_080, description="Minutes before the cut-off")]


class ReleasePolicyBody(Ask):
    mode: ReleaseMode = Described(description="streaming is how every node releases that says nothing")
    minutes_before: Minutes = 240
    version: Version | None = None


class CarrierCutOffBody(Ask):
    carrier: Name = Described(examples=["post"])
    service: Name = Described(examples=["express"])
    cut_off: str = Described(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="In the node's zone")
    minutes_before: Minutes = 240
    channel: Name = Described("*", description="Orders of this channel; `*`: of any")
    tag: Name = Described("*", description="Orders with this tag; `*`: with or without")
    country: Name = Described("*", description="Orders to this country; `*`: to any")
    rank: QuantityOrNone = Described(100, description="Of several that an order fits, the lowest is meant")
    active: Flag = True
    version: Version | None = None


class ReleaseByHandBody(Ask):
    fulfilments: list[UUID] = Described(min_length=1, max_length=500)
    reason: Reason


@routes.get("/release-policies", access=Scope.read_fulfilment, answer=POLICIES.list_shape(PolicyRow),
            extra=POLICIES.operation())  # fmt: skip
def list_release_policies(request: Request) -> Response:
    """List how nodes release work to the floor. A node that is not listed streams."""
    return POLICIES.answer(request)


@routes.put("/nodes/{node}/release-policy", access=Scope.write_settings, answer=answer_shape(ReleasePolicyState))
async def put_release_policy(request: Request, node: Code, body: ReleasePolicyBody) -> Response:
    """Set how a node releases work. What waits is looked at anew; what is on the floor stays there."""
    asked = message(PutReleasePolicy, body, node=node, version=version_of(request, body.version))
    return await sending(request, "fulfilment", asked, ReleasePolicyState, partition=node)


@routes.get("/carrier-cut-offs", access=Scope.read_fulfilment, answer=CUT_OFFS.list_shape(CutOffRow),
            extra=CUT_OFFS.operation())  # fmt: skip
def list_carrier_cut_offs(request: Request) -> Response:
    """List when carriers fetch at the nodes, and which orders are meant for them."""
    return CUT_OFFS.answer(request)


@routes.put("/nodes/{node}/carrier-cut-offs/{code}", access=Scope.write_settings,
            answer=answer_shape(CarrierCutOffState))  # fmt: skip
async def put_carrier_cut_off(request: Request, node: Code, code: Code, body: CarrierCutOffBody) -> Response:
    """Set when a carrier's service is handed over at a node. Orders from now on are promised for it."""
    asked = message(PutCarrierCutOff, body, node=node, code=code, version=version_of(request, body.version))
    return await sending(request, "fulfilment", asked, CarrierCutOffState, partition=node)


@routes.post("/fulfilments/release", access=Scope.write_fulfilment, answer=answer_shape(FulfilmentsReleased))
async def release_fulfilments(request: Request, body: ReleaseByHandBody) -> Response:
    """Put fulfilments on the floor now, whatever wave or cut-off they would wait for. Each is judged by itself."""
    asked = message(ReleaseFulfilments, body)
    return await sending(request, "fulfilment", asked, FulfilmentsReleased, partition="release")
