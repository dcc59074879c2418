"""Lots and serial numbers over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.inbound.messages import CorrectLot, LotState
from db.errors import NotFound
from db.lots import Lot
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Reason, Version, answer_shape, message

routes = Routes("stock")
Corrected = answer_shape(LotState)

LOTS = Listing(
    "StockLot",
    Lot,
    fields(Lot, "id sku code expires_on stated_at why version created_at updated_at"),
    sortable=("created_at", "expires_on", "sku", "code"),
    sort="-created_at",
    key=("id",),
)
LotRow = LOTS.row_shape()


class LotCorrection(Ask):
    expires_on: date | None = Described(None, description="Null is that nobody knows it")
    reason: Reason
    version: Version | None = None


@routes.get("/lots", access=Scope.read_stock, answer=LOTS.list_shape(LotRow), extra=LOTS.operation())
def list_lots(request: Request) -> Response:
    """List lots and serial numbers that have come, the last first."""
    return LOTS.answer(request)


@routes.get("/lots/{lot_id}", access=Scope.read_stock, answer=LotRow)
def read_lot(request: Request, lot_id: UUID) -> Response:
    """Show a lot with its date of expiry."""
    with edge_of(request).database.reading() as session:
        row = LOTS.one(session, Lot.id == lot_id)
    if row is None:
        raise NotFound("lot", str(lot_id))
    return json_answer(row)


@routes.post("/lots/{lot_id}/correct", access=Scope.write_stock, answer=Corrected)
async def correct_lot(request: Request, lot_id: UUID, body: LotCorrection) -> Response:
    """Put a lot's date of expiry right: the one that was said first was wrong."""
    asked = message(CorrectLot, body, lot_id=lot_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, LotState, partition=str(lot_id))
