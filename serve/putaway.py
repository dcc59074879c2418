"""What was received goes to where it is sold from, over HTTP: the rules, the work, and what was done."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import Integer, cast, func, or_, outerjoin, select
from starlette.requests import Request
from starlette.responses import Response

from agents.inbound.messages.putaways import (
    CancelPutaway,
    GiveBackPutaway,
    PlanPutaway,
    PutAway,
    PutawayRuleRemoved,
    PutawayRuleState,
    PutawayRuleTried,
    PutawaysPlanned,
    PutawayState,
    PutPutawayRule,
    RemovePutawayRule,
    StartPutaway,
    TryPutawayRule,
    UndoPutaway,
)
from db.catalog import Variant
from db.errors import NotFound
from db.fulfilment import PickList, PickListStatus, PickTask
from db.nodes import Bin
from db.putaway import (
    PUT_INTO,
    GoodsKind,
    Putaway,
    PutawayRule,
    PutawayStatus,
    PutawaySuggestion,
    PutawayTask,
    SuggestionFor,
    putaway_next,
)
from db.stock import BinStock, StockStatus
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Ask,
    Code,
    Flag,
    Quantity,
    QuantityOrNone,
    Reason,
    Version,
    answer_shape,
    message,
)

routes = Routes("stock")


def _next(row: Row) -> Row:
    return {**row, "next": putaway_next(row["status"])}


_THERE = (
    select(func.coalesce(func.sum(BinStock.quantity), 0))
    .where(BinStock.node == PutawayTask.node, BinStock.sku == PutawayTask.sku, BinStock.bin == PutawayTask.bin)
    .where(BinStock.lot == PutawayTask.lot, BinStock.status == StockStatus.sellable)
    .correlate(PutawayTask)
    .scalar_subquery()
)
_PICKED = (
    select(func.coalesce(func.sum(PickTask.quantity - PickTask.picked - PickTask.short), 0))
    .join(PickList, PickList.id == PickTask.pick_list_id)
    .where(PickList.node == PutawayTask.node, PickList.status == PickListStatus.open, PickTask.done.is_(False))
    .where(PickTask.sku == PutawayTask.sku, PickTask.bin == PutawayTask.bin, PickTask.lot == PutawayTask.lot)
    .correlate(PutawayTask)
    .scalar_subquery()
)
TASKS = Listing(
    "PutawayTask",
    outerjoin(PutawayTask, Variant, Variant.sku == PutawayTask.sku),
    {
        **fields(
            PutawayTask,
            "id number node bin sku lot status quantity put_away withdrawn why assigned_to waiting unplaced "
            "unplaced_why version created_at updated_at",
            status=PutawayStatus,
        ),
        "title": field(Variant.title, nullable=True),
        "barcode": field(Variant.barcode, nullable=True),
        "left": field(
            cast(PutawayTask.quantity - PutawayTask.put_away - PutawayTask.withdrawn, Integer), nullable=False
        ),
        "there": field(cast(_THERE, Integer), nullable=False),
        "picked": field(cast(_PICKED, Integer), nullable=False),
        "for_orders": field(func.jsonb_array_length(PutawayTask.waiting) > 0, nullable=False),
    },
    sortable=("created_at", "number", "node", "sku", "updated_at", "for_orders"),
    sort="-for_orders,created_at",
    key=("id",),
    expand={
        "suggestions": Related(
            PutawaySuggestion.task_id,
            fields(
                PutawaySuggestion,
                "no bin quantity purpose rule why seconds second_bin second_seconds second_why",
                purpose=SuggestionFor,
            ),
            (PutawaySuggestion.no,),
        ),
        "putaways": Related(
            Putaway.task_id,
            fields(Putaway, "id bin quantity overridden reason by at undone_by undone_at undone_why"),
            (Putaway.at, Putaway.id),
        ),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
PUTAWAYS = Listing(
    "Putaway",
    outerjoin(Putaway, PutawayTask, PutawayTask.id == Putaway.task_id),
    {
        **fields(Putaway, "id task_id bin quantity overridden reason by at undone_by undone_at undone_why"),
        "task": field(PutawayTask.number),
        **fields(PutawayTask, "node sku lot"),
        "from_bin": field(PutawayTask.bin),
        "is_override": field(func.cardinality(Putaway.overridden) > 0, nullable=False),
    },
    sortable=("at", "bin", "quantity"),
    sort="-at",
    key=("id",),
)
_LED_TO = (
    select(func.count())
    .select_from(Bin)
    .where(Bin.node == PutawayRule.node, Bin.active, ~Bin.blocked, Bin.type.in_(PUT_INTO))
    .where(or_(PutawayRule.bin.is_(None), Bin.code == PutawayRule.bin))
    .where(or_(PutawayRule.zone.is_(None), Bin.zone == PutawayRule.zone))
    .correlate(PutawayRule)
    .scalar_subquery()
)
_GO_BY_IT = (
    select(func.count(PutawaySuggestion.task_id.distinct()))
    .join(PutawayTask, PutawayTask.id == PutawaySuggestion.task_id)
    .where(PutawayTask.node == PutawayRule.node, PutawaySuggestion.rule == PutawayRule.code)
    .correlate(PutawayRule)
    .scalar_subquery()
)
RULES = Listing(
    "PutawayRule",
    PutawayRule,
    {
        **fields(
            PutawayRule,
            "node code priority goods value zone bin units_per_bin strict version created_at updated_at",
            goods=GoodsKind,
        ),
        "bins": field(cast(_LED_TO, Integer), nullable=False),
        "open_tasks": field(cast(_GO_BY_IT, Integer), nullable=False),
    },
    sortable=("node", "priority", "code", "updated_at"),
    sort="node,priority",
    key=("node", "code"),
)
RuleRow = RULES.row_shape()
PutawayRow = PUTAWAYS.row_shape()
TaskRow = TASKS.row_shape()
Told = answer_shape(PutawayState)


class PutawayRuleBody(Ask):
    goods: GoodsKind = GoodsKind.everything
    value: str = Described("", max_length=200, description="Which; empty for everything", examples=["ENAMEL-MUG"])
    priority: QuantityOrNone = Described(100, description="The lowest comes first")
    zone: Code | None = None
    bin: Code | None = None
    units_per_bin: Quantity | None = Described(None, description="Of one SKU in one bin")
    strict: Flag = Described(False, description="Nowhere else, however full it is")
    version: Version | None = None


class PutawayRuleTrial(PutawayRuleBody):
    removed: Flag = Described(False, description="Without the rule, whatever else is said")


class BinUnits(BaseModel):
    bin: str | None = Described(description="Null is no place")
    units: int


class TriedTask(BaseModel):
    """`why` is the reason of the first bin that would be suggested, or why some units have no place."""

    id: UUID
    number: str
    sku: str
    lot: str
    left: int
    by_rule: bool
    changed: bool
    before: list[BinUnits]
    after: list[BinUnits]
    why: str | None


class RuleTrial(BaseModel):
    node: str
    code: str
    tasks: list[TriedTask]
    changed: int


class PutawayPlanBody(Ask):
    node: Code


class PutawayHandBody(Ask):
    version: Version | None = None


class CancelPutawayBody(Ask):
    reason: Reason
    version: Version | None = None


class PutAwayBody(Ask):
    bin: Code
    quantity: Quantity
    reason: Reason | None = Described(
        None, description="Why it is another bin than suggested, or beyond its limits; kept with who said so"
    )
    version: Version | None = None


class BroughtBack(Ask):
    reason: Reason | None = None


@routes.get("/putaway-tasks", access=Scope.read_stock, answer=TASKS.list_shape(TaskRow), extra=TASKS.operation())
def list_putaway_tasks(request: Request) -> Response:
    """List what lies in receiving bins and has to be put away: what orders wait for first, then the oldest."""
    return TASKS.answer(request)


@routes.get("/putaway-tasks/{task_id}", access=Scope.read_stock, answer=TaskRow)
def read_putaway_task(request: Request, task_id: UUID) -> Response:
    """Show a task with the bins that are suggested, why, the second best, and what was put away so far."""
    with edge_of(request).database.reading() as session:
        row = TASKS.one(session, PutawayTask.id == task_id, expand=("suggestions", "putaways"))
    if row is None:
        raise NotFound("putaway", str(task_id))
    return json_answer(row)


@routes.post("/putaway-tasks/plan", access=Scope.write_stock, answer=answer_shape(PutawaysPlanned))
async def plan_putaway(request: Request, body: PutawayPlanBody) -> Response:
    """Make tasks for all that lies in a node's receiving bins, and look for places anew."""
    return await sending(request, "inbound", message(PlanPutaway, body), PutawaysPlanned, partition=body.node)


@routes.post("/putaway-tasks/{task_id}/start", access=Scope.write_stock, answer=Told)
async def start_putaway(request: Request, task_id: UUID, body: PutawayHandBody) -> Response:
    """Take a task on; places are looked for anew."""
    asked = message(StartPutaway, body, task_id=task_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, PutawayState, partition=str(task_id))


@routes.post("/putaway-tasks/{task_id}/give-back", access=Scope.write_stock, answer=Told)
async def give_back_putaway(request: Request, task_id: UUID, body: PutawayHandBody) -> Response:
    """Put a task that was started back on the list."""
    asked = message(GiveBackPutaway, body, task_id=task_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, PutawayState, partition=str(task_id))


@routes.post("/putaway-tasks/{task_id}/put", access=Scope.write_stock, answer=Told)
async def put_away(request: Request, task_id: UUID, body: PutAwayBody) -> Response:
    """Say that units of a task are in a bin now. Against a suggestion or a limit it takes a reason."""
    asked = message(PutAway, body, task_id=task_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, PutawayState, partition=str(task_id))


@routes.post("/putaway-tasks/{task_id}/cancel", access=Scope.write_stock, answer=Told)
async def cancel_putaway(request: Request, task_id: UUID, body: CancelPutawayBody) -> Response:
    """Leave the rest where it lies."""
    asked = message(CancelPutaway, body, task_id=task_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, PutawayState, partition=str(task_id))


@routes.get("/putaways", access=Scope.read_stock, answer=PUTAWAYS.list_shape(PutawayRow),
            extra=PUTAWAYS.operation())  # fmt: skip
def list_putaways(request: Request) -> Response:
    """List what was put into which bin, by whom, and against what; the last first."""
    return PUTAWAYS.answer(request)


@routes.post("/putaways/{putaway_id}/undo", access=Scope.write_stock, answer=Told)
async def undo_putaway(request: Request, putaway_id: UUID, body: BroughtBack) -> Response:
    """Bring units back to where they were received, while they lie where they were put."""
    asked = message(UndoPutaway, body, putaway_id=putaway_id)
    return await sending(request, "inbound", asked, PutawayState, partition=str(putaway_id))


@routes.get("/putaway-rules", access=Scope.read_stock, answer=RULES.list_shape(RuleRow),
            extra=RULES.operation())  # fmt: skip
def list_putaway_rules(request: Request) -> Response:
    """List where goods belong, in the order in which the rules count."""
    return RULES.answer(request)


@routes.get("/putaway-rules/{node}/{code}", access=Scope.read_stock, answer=RuleRow)
def read_putaway_rule(request: Request, node: Code, code: Code) -> Response:
    """Show a rule."""
    with edge_of(request).database.reading() as session:
        row = RULES.one(session, (PutawayRule.node == node) & (PutawayRule.code == code))
    if row is None:
        raise NotFound("putaway rule", f"{node}/{code}")
    return json_answer(row)


@routes.put("/putaway-rules/{node}/{code}", access=Scope.write_settings, answer=answer_shape(PutawayRuleState))
async def put_putaway_rule(request: Request, node: Code, code: Code, body: PutawayRuleBody) -> Response:
    """Say where goods belong: a SKU, a category, a class, or everything."""
    asked = message(PutPutawayRule, body, node=node, code=code, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, PutawayRuleState, partition=node)


@routes.post("/putaway-rules/{node}/{code}/try", access=Scope.write_settings, answer=RuleTrial)
async def try_putaway_rule(request: Request, node: Code, code: Code, body: PutawayRuleTrial) -> Response:
    """Show where what is to be put away would go with a rule as it is said here, or without it; writes nothing."""
    said = body.model_dump(exclude={"version"})
    asked = TryPutawayRule(node=node, code=code, **said)
    return await sending(request, "inbound", asked, PutawayRuleTried, partition=node)


@routes.delete("/putaway-rules/{node}/{code}", access=Scope.write_settings, answer=answer_shape(PutawayRuleRemoved))
async def remove_putaway_rule(request: Request, node: Code, code: Code) -> Response:
    """Take a rule away."""
    asked = RemovePutawayRule(node=node, code=code, version=version_of(request, None))
    return await sending(request, "inbound", asked, PutawayRuleRemoved, partition=node)
