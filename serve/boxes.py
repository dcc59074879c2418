"""The boxes that a node packs into, over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.fulfilment.messages import PackingBoxState, PutBox
from db.packing import PackingBox
from serve.fields import fields
from serve.listing import Listing
from serve.requests import sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Amount, Ask, Code, Currency, Flag, Grams, Version, answer_shape, message

routes = Routes("fulfilment")

BOXES = Listing(
    "PackingBox",
    PackingBox,
    fields(
        PackingBox,
        "node code name length_mm width_mm height_mm wall_mm padding_mm tare_grams max_grams cost_amount cost_currency "
        "active version created_at updated_at",
    ),
    sortable=("code", "node", "length_mm", "max_grams", "cost_amount", "updated_at"),
    sort="code",
    key=("node", "code"),
)
BoxRow = BOXES.row_shape()

Side = Annotated[int, Described(strict=True, ge=1, le=5_000, description="Inside, in millimetres")]


class BoxBody(Ask):
    name: str = Described("", max_length=200, examples=["Small carton"])
    length_mm: Side
    width_mm: Side
    height_mm: Side
    wall_mm: Annotated[int, Described(strict=True, ge=0, le=100, description="Thickness of the board")] = 0
    padding_mm: Annotated[int, Described(strict=True, ge=0, le=2_500, description="Void fill along every side")] = 0
    tare_grams: Grams = Described(0, description="What the box itself weighs")
    max_grams: Annotated[int, Described(strict=True, ge=1, le=1_000_000, description="With the box itself")]
    cost_amount: Amount = 0
    cost_currency: Currency
    active: Flag = Described(True, description="New plans use it")
    version: Version | None = None


@routes.get("/boxes", access=Scope.read_fulfilment, answer=BOXES.list_shape(BoxRow), extra=BOXES.operation())
def list_boxes(request: Request) -> Response:
    """List the boxes of all nodes."""
    return BOXES.answer(request)


@routes.put("/nodes/{node}/boxes/{code}", access=Scope.write_settings, answer=answer_shape(PackingBoxState))
async def put_box(request: Request, node: Code, code: Code, body: BoxBody) -> Response:
    """Create or change a box of a node. Plans that were made with it are made anew when they are next asked for."""
    asked = message(PutBox, body, node=node, code=code, version=version_of(request, body.version))
    return await sending(request, "fulfilment", asked, PackingBoxState, partition=node)
