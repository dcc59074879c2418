"""Pick lists and their tasks over HTTP: the walk through a node."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.fulfilment.messages import CancelPickList, CreatePickList, NextPickList, Pick, PickListState, ShortPick
from db.errors import NotFound
from db.fulfilment import PICK_LIST_MOVES, PickList, PickListStatus, PickTask
from serve.edge import caller_of, edge_of
from serve.fields import fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Name, Quantity, Reason, Reference, answer_shape, message

routes = Routes("fulfilment")
Walked = answer_shape(PickListState)


def _next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in PICK_LIST_MOVES[PickListStatus(row["status"])])}


LISTS = Listing(
    "PickList",
    PickList,
    fields(PickList, "id node status assigned_to wave_id version created_at updated_at", status=PickListStatus),
    sortable=("created_at", "updated_at", "status"),
    sort="-created_at",
    key=("id",),
    expand={
        "tasks": Related(
            PickTask.pick_list_id,
            fields(
                PickTask,
                "id fulfilment_id allocation_id sku bin lot sequence quantity picked short done closed_why picked_by "
                "picked_at",
            ),
            (PickTask.sequence, PickTask.id),
        )
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
ListRow = LISTS.row_shape()


class NewPickList(Ask):
    node: Code = Described(examples=["LON"])
    fulfilments: list[UUID] = Described(
        default_factory=list, max_length=200, description="None: all that are ready, up to `limit`"
    )
    wave: UUID | None = Described(None, description="Those of a released wave alone")
    limit: int = Described(20, strict=True, ge=1, le=200)
    assigned_to: Name | None = None


class NextWalk(Ask):
    node: Code = Described(examples=["LON"])
    wave: UUID | None = Described(None, description="Those of a released wave alone")
    limit: int = Described(6, strict=True, ge=1, le=200, description="Fulfilments on a new walk")


class Picked(Ask):
    quantity: Quantity
    scanned_bin: Reference | None = Described(None, description="Must be the bin of the task")
    scanned_item: Reference | None = Described(None, description="SKU or barcode; must be what the task asks for")


class Short(Ask):
    reason: Reason = "not in the bin"


class Stopped(Ask):
    reason: Reason


@routes.get("/pick-lists", access=Scope.read_fulfilment, answer=LISTS.list_shape(ListRow), extra=LISTS.operation())
def list_pick_lists(request: Request) -> Response:
    """List pick lists, newest first."""
    return LISTS.answer(request)


@routes.post("/pick-lists", access=Scope.write_fulfilment, answer=Walked, status=201)
async def create_pick_list(request: Request, body: NewPickList) -> Response:
    """Make a walk through a node for fulfilments that are ready."""
    asked = message(CreatePickList, body)
    return await sending(request, "fulfilment", asked, PickListState, partition=body.node, status=201)


@routes.post("/pick-lists/next", access=Scope.write_fulfilment, answer=Walked, status=201)
async def next_pick_list(request: Request, body: NextWalk) -> Response:
    """The walk that you are on at a node, or a new one for what has waited longest."""
    asked = message(NextPickList, body, picker=caller_of(request).name)
    return await sending(request, "fulfilment", asked, PickListState, partition=body.node, status=201)


@routes.get("/pick-lists/{pick_list_id}", access=Scope.read_fulfilment, answer=ListRow)
def read_pick_list(request: Request, pick_list_id: UUID) -> Response:
    """Show a pick list with its tasks in the order of the walk."""
    with edge_of(request).database.reading() as session:
        row = LISTS.one(session, PickList.id == pick_list_id, expand=("tasks",))
    if row is None:
        raise NotFound("pick list", str(pick_list_id))
    return json_answer(row)


@routes.post("/pick-lists/{pick_list_id}/cancel", access=Scope.write_fulfilment, answer=Walked)
async def cancel_pick_list(request: Request, pick_list_id: UUID, body: Stopped) -> Response:
    """Stop a walk: what is not picked yet waits for another list."""
    asked = CancelPickList(pick_list_id=pick_list_id, reason=body.reason)
    return await sending(request, "fulfilment", asked, PickListState, partition=str(pick_list_id))


@routes.post("/pick-tasks/{task_id}/pick", access=Scope.write_fulfilment, answer=Walked)
async def pick(request: Request, task_id: UUID, body: Picked) -> Response:
    """Units were taken for a task; fewer than asked leaves the rest of it open."""
    asked = message(Pick, body, task_id=task_id)
    return await sending(request, "fulfilment", asked, PickListState, partition=str(task_id))


@routes.post("/pick-tasks/{task_id}/short", access=Scope.write_fulfilment, answer=Walked)
async def short_pick(request: Request, task_id: UUID, body: Short) -> Response:
    """The bin does not have the rest: the books are corrected, the units found elsewhere or waited for."""
    asked = ShortPick(task_id=task_id, reason=body.reason)
    return await sending(request, "fulfilment", asked, PickListState, partition=str(task_id))
