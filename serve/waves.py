"""Waves and their templates over HTTP: looked at first, planned, released, given back."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel
from pydantic import Field as Described
from sqlalchemy import ColumnElement, func, select
from starlette.requests import Request
from starlette.responses import Response

from agents.fulfilment.messages.waves import (
    CancelWave,
    PlanWave,
    PreviewWave,
    PutWaveTemplate,
    ReleaseWave,
    WavePreview,
    WaveState,
    WaveTemplateState,
)
from db.errors import NotFound
from db.fulfilment import Fulfilment, FulfilmentStatus
from db.waves import WAVE_MOVES, Wave, WaveStatus, WaveTemplate
from serve.edge import edge_of
from serve.fields import Field, field, fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of, wondering
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Flag, Name, Reason, Version, answer_shape, message

routes = Routes("fulfilment")
S = FulfilmentStatus


Words = Annotated[list[Name], Described(max_length=50)]
Most = Annotated[int, Described(strict=True, ge=1, le=100_000)]
Clock = Annotated[str, Described(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class WaveFilterBody(Ask):
    """All that is said must fit; what is due first goes first, as far as the limits go."""

    due_by: AwareDatetime | None = Described(None, description="Promised for a cut-off up to then")
    due_within_minutes: Annotated[int, Described(strict=True, ge=0, le=10_080)] | None = Described(
        None, description="Promised for a cut-off so many minutes from when the wave is made"
    )
    services: Words = Described(default_factory=list, description="A carrier, or a carrier and its service")
    lines: Annotated[str, Described(pattern="^(single|multi)$")] | None = Described(
        None, description="single: of one line; multi: of several"
    )
    zones: list[Code] = Described(default_factory=list, max_length=50, description="All of it lies in these zones")
    tags: Words = Described(default_factory=list, description="One of them is on the order or its customer")
    channels: Words = Described(default_factory=list)
    ship_complete: Flag | None = None
    fulfilments: list[UUID] = Described(default_factory=list, max_length=2000, description="None but these")
    most_orders: Most | None = None
    most_lines: Most | None = None
    most_units: Most | None = None


class WavePlanned(BaseModel):
    """What a wave came to when it was made."""

    orders: int
    fulfilments: int
    lines: int
    units: int


def _next(row: Row) -> Row:
    moves = WAVE_MOVES[WaveStatus(row["status"])]
    return {**row, "next": sorted(s.value for s in moves if s is not WaveStatus.done)}


def _at(*states: FulfilmentStatus) -> Field:
    """How many of a wave's fulfilments stand there."""
    mine: ColumnElement[Any] = (
        select(func.count()).where(Fulfilment.wave_id == Wave.id, Fulfilment.status.in_(states)).scalar_subquery()
    )
    return field(mine, nullable=False)


WAVES = Listing(
    "Wave",
    Wave,
    {
        **fields(
            Wave,
            "id number node name status template taken gone version created_at created_by updated_at "
            "due_at released_at closed_at",
            status=WaveStatus,
        ),
        "filter": field(Wave.filter, holds=WaveFilterBody),
        "planned": field(Wave.planned, holds=WavePlanned),
        "ready": _at(S.ready),
        "picking": _at(S.picking),
        "picked": _at(S.picked),
        "packed": _at(S.packed),
        "shipped": _at(S.shipped, S.delivered),
    },
    sortable=("created_at", "due_at", "number", "status", "node"),
    sort="-created_at",
    key=("id",),
    expand={
        "fulfilments": Related(
            Fulfilment.wave_id,
            fields(Fulfilment, "id number order_id status due_at service released_at", status=S),
            (Fulfilment.due_at, Fulfilment.created_at, Fulfilment.number),
        )
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
TEMPLATES = Listing(
    "WaveTemplate",
    WaveTemplate,
    {
        **fields(
            WaveTemplate,
            "node code name times releases active next_at last_at last_said version created_at updated_at",
        ),
        "filter": field(WaveTemplate.filter, holds=WaveFilterBody),
    },
    sortable=("code", "node", "next_at", "updated_at"),
    sort="code",
    key=("node", "code"),
)
WaveRow, TemplateRow = WAVES.row_shape(), TEMPLATES.row_shape()
Waved = answer_shape(WaveState)


def _everything() -> WaveFilterBody:
    """Of a body that says no filter."""
    return WaveFilterBody.model_validate({})


class WavePreviewBody(Ask):
    node: Code = Described(examples=["LON"])
    filter: WaveFilterBody = Described(default_factory=_everything)
    lines_per_hour: Most | None = Described(None, description="What the floor can pick, all people together")


class WaveBody(Ask):
    node: Code = Described(examples=["LON"])
    name: Name = Described(examples=["Morning, singles"])
    filter: WaveFilterBody = Described(default_factory=_everything)
    release: Flag = Described(False, description="On the floor at once; else it is planned")


class WaveTemplateBody(Ask):
    name: Name = Described(examples=["Morning, singles"])
    filter: WaveFilterBody = Described(default_factory=_everything)
    times: list[Clock] = Described(min_length=1, max_length=48, examples=[["08:00", "12:30"]])
    releases: Flag = Described(True, description="Else a person looks at the wave and releases it")
    active: Flag = True
    version: Version | None = None


class WaveCancelled(Ask):
    reason: Reason


@routes.get("/waves", access=Scope.read_fulfilment, answer=WAVES.list_shape(WaveRow), extra=WAVES.operation())
def list_waves(request: Request) -> Response:
    """List waves, newest first, with how far each is."""
    return WAVES.answer(request)


@routes.get("/waves/{wave_id}", access=Scope.read_fulfilment, answer=WaveRow)
def read_wave(request: Request, wave_id: UUID) -> Response:
    """Show a wave with its fulfilments, what is due first before the rest."""
    with edge_of(request).database.reading() as session:
        row = WAVES.one(session, Wave.id == wave_id, expand=("fulfilments",))
    if row is None:
        raise NotFound("wave", str(wave_id))
    return json_answer(row)


@routes.post("/waves/preview", access=Scope.read_fulfilment, answer=answer_shape(WavePreview))
async def preview_wave(request: Request, body: WavePreviewBody) -> Response:
    """What a wave would come to: orders, lines, parcels, bins, what is short or late, and the load by hour.

    Changes nothing.
    """
    return await wondering(request, "fulfilment", message(PreviewWave, body), WavePreview, partition=body.node)


@routes.post("/waves", access=Scope.write_fulfilment, answer=Waved, status=201)
async def plan_wave(request: Request, body: WaveBody) -> Response:
    """Set ready fulfilments aside for a wave. What is held is never in one."""
    asked = message(PlanWave, body)
    return await sending(request, "fulfilment", asked, WaveState, partition=body.node, status=201)


@routes.post("/waves/{wave_id}/release", access=Scope.write_fulfilment, answer=Waved)
async def release_wave(request: Request, wave_id: UUID) -> Response:
    """Put a planned wave on the floor. One that is released already stays as it is."""
    return await sending(request, "fulfilment", ReleaseWave(wave_id=wave_id), WaveState, partition=str(wave_id))


@routes.post("/waves/{wave_id}/cancel", access=Scope.write_fulfilment, answer=Waved)
async def cancel_wave(request: Request, wave_id: UUID, body: WaveCancelled) -> Response:
    """Give back what nobody has begun; what is begun goes on."""
    asked = CancelWave(wave_id=wave_id, reason=body.reason)
    return await sending(request, "fulfilment", asked, WaveState, partition=str(wave_id))


@routes.get("/wave-templates", access=Scope.read_fulfilment, answer=TEMPLATES.list_shape(TemplateRow),
            extra=TEMPLATES.operation())  # fmt: skip
def list_wave_templates(request: Request) -> Response:
    """List what makes waves by the clock."""
    return TEMPLATES.answer(request)


@routes.put("/nodes/{node}/wave-templates/{code}", access=Scope.write_settings, answer=answer_shape(WaveTemplateState))
async def put_wave_template(request: Request, node: Code, code: Code, body: WaveTemplateBody) -> Response:
    """Make waves of a node at times of its day, on the days that it works."""
    asked = message(PutWaveTemplate, body, node=node, code=code, version=version_of(request, body.version))
    return await sending(request, "fulfilment", asked, WaveTemplateState, partition=node)
