"""How long held orders keep their units, over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from agents.orders.messages import HoldTermState, PutHoldTerm
from db.orders import HoldReason, HoldTerm
from serve.edge import edge_of
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, answer_shape

routes = Routes("orders")


class HoldTermShown(BaseModel):
    """`hours` null: as long as the order is held. `version` 0: nobody has said anything yet."""

    reason: HoldReason
    hours: int | None
    version: int


class HoldTerms(BaseModel):
    rows: list[HoldTermShown]


class HoldTermBody(Ask):
    hours: Annotated[int, Described(strict=True, ge=1, le=8760)] | None
    version: Annotated[int, Described(strict=True, ge=0, le=2**31 - 1)] | None = None


@routes.get("/hold-terms", access=Scope.read_orders, answer=HoldTerms)
def read_hold_terms(request: Request) -> Response:
    """Show for how many hours orders that are held for each reason keep their units."""
    with edge_of(request).database.reading() as session:
        known = {row.reason: row for row in session.scalars(select(HoldTerm))}
    rows = [
        HoldTermShown(
            reason=r, hours=known[r].hours if r in known else None, version=known[r].version if r in known else 0
        )
        for r in HoldReason
    ]
    return json_answer({"rows": [row.model_dump() for row in rows]})


@routes.put("/hold-terms/{reason}", access=Scope.write_settings, answer=answer_shape(HoldTermState))
async def set_hold_term(request: Request, reason: HoldReason, body: HoldTermBody) -> Response:
    """Set after how many hours the units of orders that are held for a reason go back on sale; null: never."""
    asked = PutHoldTerm(reason=reason.value, hours=body.hours, version=version_of(request, body.version))
    return await sending(request, "orders", asked, HoldTermState, partition="hold-terms")
