"""Inspections of what was received, their plans, and what becomes of rejected goods, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import Integer, cast
from starlette.requests import Request
from starlette.responses import Response

from agents.inbound.messages.inspections import (
    DecideUnits,
    DisposeUnits,
    InspectionPlanRemoved,
    InspectionPlanState,
    InspectionState,
    PutInspectionPlan,
    RecordSample,
    RemoveInspectionPlan,
    RestartSampling,
    StandingState,
)
from db.errors import NotFound
from db.inspection import (
    CharacteristicKind,
    Disposition,
    DispositionKind,
    Finding,
    Inspection,
    InspectionMethod,
    InspectionPlan,
    InspectionStatus,
    SupplierStanding,
    Verdict,
    characteristics_of,
    what_next,
)
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Flag,
    Name,
    Quantity,
    QuantityOrNone,
    Reason,
    Sku,
    Version,
    answer_shape,
    message,
)

routes = Routes("purchasing")
ANY = "any"
"""In an address: of every supplier, of every SKU."""


def _next(row: Row) -> Row:
    return {**row, "next": what_next(**{n: row[n] for n in ("status", "method", "verdict", "awaiting", "to_dispose")})}


class LookedAt(BaseModel):
    """A characteristic of the plan, as it was when the inspection began."""

    no: int
    name: str
    kind: CharacteristicKind
    unit: str
    low: str | None = Described(description="Of a measured one, a decimal; null is without a limit")
    high: str | None
    critical: bool


class FoundOfOne(BaseModel):
    """What was found of one characteristic on one unit."""

    no: int = Described(description="Of the characteristic")
    ok: bool
    value: str | None = Described(description="What was measured, a decimal")


INSPECTIONS = Listing(
    "Inspection",
    Inspection,
    {
        **fields(
            Inspection,
            "id number receipt_id receipt_line parent_id supplier sku node lot currency stock_status quantity accepted "
            "rejected disposed status why method plan level aql severity letter sample_size accept_number "
            "reject_number sampled nonconforming verdict verdict_why verdict_at version created_at updated_at",
            status=InspectionStatus,
            method=InspectionMethod,
            verdict=Verdict,
        ),
        "characteristics": field(Inspection.characteristics, holds=list[LookedAt]),
        "awaiting": field(
            cast(Inspection.quantity - Inspection.accepted - Inspection.rejected, Integer), nullable=False
        ),
        "to_dispose": field(cast(Inspection.rejected - Inspection.disposed, Integer), nullable=False),
    },
    sortable=("created_at", "number", "supplier", "sku", "updated_at"),
    sort="-created_at",
    key=("id",),
    expand={
        "findings": Related(
            Finding.inspection_id,
            {
                **fields(Finding, "unit conforming critical note by at"),
                "results": field(Finding.results, holds=list[FoundOfOne]),
            },
            (Finding.unit,),
        ),
        "dispositions": Related(
            Disposition.inspection_id,
            fields(Disposition, "id kind quantity reason claim currency rework_id by at", kind=DispositionKind),
            (Disposition.at, Disposition.id),
        ),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
PLANS = Listing(
    "InspectionPlan",
    InspectionPlan,
    fields(
        InspectionPlan, "supplier sku method level aql reduced version created_at updated_at", method=InspectionMethod
    ),
    sortable=("supplier", "sku", "updated_at"),
    sort="supplier",
    key=("supplier", "sku"),
)
STANDINGS = Listing(
    "SupplierStanding",
    SupplierStanding,
    fields(SupplierStanding, "supplier sku severity score recent failed lots why since version updated_at"),
    sortable=("supplier", "sku", "severity", "since", "updated_at"),
    sort="supplier",
    key=("supplier", "sku"),
)
DISPOSITIONS = Listing(
    "Disposition",
    Disposition,
    fields(Disposition, "id inspection_id kind quantity reason claim currency rework_id by at", kind=DispositionKind),
    sortable=("at", "kind", "claim"),
    sort="-at",
    key=("id",),
)
InspectionRow = INSPECTIONS.row_shape()
Decided = answer_shape(InspectionState)


class CharacteristicBody(Ask):
    name: Name = Described(examples=["Wall thickness"])
    kind: CharacteristicKind = CharacteristicKind.yes_no
    unit: str = Described("", max_length=20, examples=["mm"])
    low: str | None = Described(None, max_length=30, examples=["3.8"], description="Of a measured one, a decimal")
    high: str | None = Described(None, max_length=30, examples=["4.2"])
    critical: Flag = Described(False, description="A unit that fails it rejects the lot")


class PlanBody(Ask):
    method: InspectionMethod = InspectionMethod.sample
    level: str = Described("II", max_length=3, description="I to III, S-1 to S-4 of ISO 2859-1")
    aql: str = Described("1.0", max_length=5, description="Nonconforming units per hundred, as the tables print them")
    reduced: Flag = Described(False, description="Whether a good record may lead to smaller samples")
    characteristics: list[CharacteristicBody] = Described(default_factory=list, max_length=50)
    version: Version | None = None


class RestartBody(Ask):
    reason: Reason


class ResultBody(Ask):
    no: int = Described(ge=1, le=50)
    ok: Flag | None = None
    value: str | None = Described(None, max_length=30, examples=["4.05"])


class UnitBody(Ask):
    unit: Quantity = Described(description="Of the sample, from 1")
    conforming: Flag | None = None
    results: list[ResultBody] = Described(default_factory=list, max_length=50)
    note: Reason | None = None


class SampleBody(Ask):
    units: list[UnitBody] = Described(min_length=1, max_length=1000)
    bin: Code | None = Described(None, description="Where accepted units go; null is the node's receiving bin")
    version: Version | None = None


class DecisionBody(Ask):
    accept: QuantityOrNone = 0
    reject: QuantityOrNone = 0
    reason: Reason | None = Described(None, description="Needed to accept units of a sample that was not judged")
    bin: Code | None = None
    version: Version | None = None


class DispositionBody(Ask):
    kind: DispositionKind
    quantity: Quantity
    reason: Reason
    discount: Amount = Described(0, description="Per unit, of those that are accepted at one")
    bin: Code | None = None
    version: Version | None = None


@routes.get("/inspections", access=Scope.read_stock, answer=INSPECTIONS.list_shape(InspectionRow),
            extra=INSPECTIONS.operation())  # fmt: skip
def list_inspections(request: Request) -> Response:
    """List what may not be sold before somebody has looked, the newest first."""
    return INSPECTIONS.answer(request)


@routes.get("/inspections/{inspection_id}", access=Scope.read_stock, answer=InspectionRow)
def read_inspection(request: Request, inspection_id: UUID) -> Response:
    """Show an inspection with what was found and what became of rejected units."""
    with edge_of(request).database.reading() as session:
        row = INSPECTIONS.one(session, Inspection.id == inspection_id, expand=("findings", "dispositions"))
    if row is None:
        raise NotFound("inspection", str(inspection_id))
    return json_answer(row)


@routes.post("/inspections/{inspection_id}/sample", access=Scope.judge_goods, answer=Decided)
async def record_sample(request: Request, inspection_id: UUID, body: SampleBody) -> Response:
    """Record units of the sample. The last one needed brings the verdict; accepted units can be sold at once."""
    asked = message(RecordSample, body, inspection_id=inspection_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, InspectionState, partition=str(inspection_id))


@routes.post("/inspections/{inspection_id}/decide", access=Scope.judge_goods, answer=Decided)
async def decide_units(request: Request, inspection_id: UUID, body: DecisionBody) -> Response:
    """Accept and reject units that await a decision, in as many parts as it takes."""
    asked = message(DecideUnits, body, inspection_id=inspection_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, InspectionState, partition=str(inspection_id))


@routes.post("/inspections/{inspection_id}/dispose", access=Scope.judge_goods, answer=Decided)
async def dispose_units(request: Request, inspection_id: UUID, body: DispositionBody) -> Response:
    """Send rejected units back, scrap or mend them, take them at a discount, or say that they are missing."""
    asked = message(DisposeUnits, body, inspection_id=inspection_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, InspectionState, partition=str(inspection_id))


@routes.get("/dispositions", access=Scope.read_stock, answer=DISPOSITIONS.list_shape(DISPOSITIONS.row_shape()),
            extra=DISPOSITIONS.operation())  # fmt: skip
def list_dispositions(request: Request) -> Response:
    """List what became of rejected goods, and what is asked back for it, the last first."""
    return DISPOSITIONS.answer(request)


@routes.get("/inspection-plans", access=Scope.read_purchasing, answer=PLANS.list_shape(PLANS.row_shape()),
            extra=PLANS.operation())  # fmt: skip
def list_inspection_plans(request: Request) -> Response:
    """List how goods are looked at. An empty supplier or SKU stands for all."""
    return PLANS.answer(request)


@routes.get("/inspection-plans/{supplier}/{sku}", access=Scope.read_purchasing,
            answer=answer_shape(InspectionPlanState))  # fmt: skip
def read_inspection_plan(request: Request, supplier: Code, sku: Sku) -> Response:
    """Show a plan with what is looked at. `any` stands for all suppliers, or for all SKUs."""
    whose = _whose(supplier, sku)
    with edge_of(request).database.reading() as session:
        plan = session.get(InspectionPlan, (whose["supplier"], whose["sku"]))
        if plan is None:
            raise NotFound("inspection plan", f"{supplier}/{sku}")
        row: dict[str, Any] = {n: getattr(plan, n) for n in ("method", "level", "aql", "reduced", "version")}
        told = [c.told() for c in characteristics_of(session, plan.supplier, plan.sku)]
        row["characteristics"] = [{name: value for name, value in c.items() if name != "no"} for c in told]
    return json_answer({**whose, **row, "created": False})


@routes.put("/inspection-plans/{supplier}/{sku}", access=Scope.write_purchasing,
            answer=answer_shape(InspectionPlanState))  # fmt: skip
async def put_inspection_plan(request: Request, supplier: Code, sku: Sku, body: PlanBody) -> Response:
    """Say how goods are looked at. `any` stands for all suppliers, or for all SKUs; the narrowest plan counts."""
    asked = message(PutInspectionPlan, body, **_whose(supplier, sku), version=version_of(request, body.version))
    return await sending(request, "inbound", asked, InspectionPlanState, partition=supplier)


@routes.delete("/inspection-plans/{supplier}/{sku}", access=Scope.write_purchasing,
               answer=answer_shape(InspectionPlanRemoved))  # fmt: skip
async def remove_inspection_plan(request: Request, supplier: Code, sku: Sku) -> Response:
    """Take a plan away; inspections that are open keep what it said."""
    asked = RemoveInspectionPlan(**_whose(supplier, sku), version=version_of(request, None))
    return await sending(request, "inbound", asked, InspectionPlanRemoved, partition=supplier)


@routes.get("/supplier-standings", access=Scope.read_purchasing,
            answer=STANDINGS.list_shape(STANDINGS.row_shape()), extra=STANDINGS.operation())  # fmt: skip
def list_standings(request: Request) -> Response:
    """List how severely lots of each supplier and SKU are sampled at present, and why."""
    return STANDINGS.answer(request)


@routes.post("/supplier-standings/{supplier}/{sku}/restart", access=Scope.write_purchasing,
             answer=answer_shape(StandingState))  # fmt: skip
async def restart_sampling(request: Request, supplier: Code, sku: Sku, body: RestartBody) -> Response:
    """Sample again, under tightened inspection, after it was discontinued."""
    asked = message(RestartSampling, body, supplier=supplier, sku=sku)
    return await sending(request, "inbound", asked, StandingState, partition=supplier)


def _whose(supplier: str, sku: str) -> dict[str, str]:
    return {"supplier": "" if supplier == ANY else supplier, "sku": "" if sku == ANY else sku}
