"""How a fulfilment is to be packed, over HTTP: which boxes, and where each piece stands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.fulfilment.messages import FulfilmentState, PackAsPlanned, PackingPlanState, PlanPacking
from db.errors import NotFound
from db.fulfilment import Fulfilment
from db.packing import PackingPlan, asked_of
from serve.edge import edge_of
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Version, answer_shape

routes = Routes("fulfilment")


class PlannedPiece(BaseModel):
    """One piece: its corner nearest to that of the box, and its extent along each axis. z runs upwards."""

    sku: str
    x: int
    y: int
    z: int
    length: int
    width: int
    height: int


class PlannedBox(BaseModel):
    """Outer measures are those of the parcel. Pieces in the order in which they go in."""

    box: str
    length_mm: int
    width_mm: int
    height_mm: int
    inner_length_mm: int
    inner_width_mm: int
    inner_height_mm: int
    grams: int = Described(description="Of the box and what is in it")
    use: float = Described(description="Share of the room inside that is goods")
    pieces: list[PlannedPiece]


class NotPlanned(BaseModel):
    sku: str
    quantity: int
    because: str = Described(examples=["MUG has no dimensions: measure it"])


class PackingPlanDetail(BaseModel):
    """`current` while goods, boxes and what is left to pack are what the plan was worked out from."""

    fulfilment_id: UUID
    version: int
    boxes: list[PlannedBox]
    left_out: list[NotPlanned]
    price_amount: int = Described(description="Of the boxes and of the weight that a carrier would charge for")
    price_currency: str | None
    made_at: datetime
    followed_at: datetime | None
    current: bool


class AsPlannedBody(Ask):
    version: Version | None = Described(None, description="Of the plan")


@routes.get("/fulfilments/{fulfilment_id}/packing-plan", access=Scope.read_fulfilment, answer=PackingPlanDetail)
def read_packing_plan(request: Request, fulfilment_id: UUID) -> Response:
    """Show the plan that was made last, and whether it still holds."""
    with edge_of(request).database.reading() as session:
        plan = session.get(PackingPlan, fulfilment_id)
        if plan is None:
            raise NotFound("packing plan", str(fulfilment_id))
        asked = asked_of(session, session.get_one(Fulfilment, fulfilment_id))
        shown = {name: getattr(plan, name) for name in PackingPlanDetail.model_fields if name != "current"}
        # What is packed has nothing left that a plan could be made for; it was right when it was followed.
        current = plan.digest == asked.digest or (plan.followed_at is not None and not asked.inputs["goods"])
        return json_answer({**shown, "current": current})


@routes.post("/fulfilments/{fulfilment_id}/packing-plan", access=Scope.write_fulfilment, answer=PackingPlanDetail)
async def plan_packing(request: Request, fulfilment_id: UUID) -> Response:
    """Say into which boxes what is left to pack goes. The plan that is there stays while it holds."""
    asked = PlanPacking(fulfilment_id=fulfilment_id)
    return await sending(request, "fulfilment", asked, PackingPlanState, partition=str(fulfilment_id))


@routes.post(
    "/fulfilments/{fulfilment_id}/packing-plan/packed",
    access=Scope.write_fulfilment,
    answer=answer_shape(FulfilmentState),
    status=201,
)
async def pack_as_planned(request: Request, fulfilment_id: UUID, body: AsPlannedBody) -> Response:
    """Make the parcels of the plan, with their measures and weights, in one go."""
    asked = PackAsPlanned(fulfilment_id=fulfilment_id, version=version_of(request, body.version))
    return await sending(request, "fulfilment", asked, FulfilmentState, partition=str(fulfilment_id), status=201)
