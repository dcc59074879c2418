"""Lots and serial numbers over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import ColumnElement, DateTime, Integer, and_, cast, exists, func, outerjoin, select, type_coerce
from starlette.requests import Request
from starlette.responses import Response

from agents.inbound.messages.receipts import CorrectLot, LotState, LotTakenOut, TakeLotOut
from db.catalog import Tracking, Variant
from db.errors import NotFound
from db.lots import Lot
from db.stock import BinStock, StockStatus
from serve.edge import edge_of
from serve.fields import Field, field, fields
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Reason, Version, answer_shape, message

routes = Routes("stock")
Corrected = answer_shape(LotState)
TakenOut = answer_shape(LotTakenOut)

_LIES = and_(BinStock.sku == Lot.sku, BinStock.lot == Lot.code, BinStock.lot != "", BinStock.quantity > 0)


def _units(*only: ColumnElement[bool]) -> Field:
    lying = select(func.coalesce(func.sum(BinStock.quantity), 0)).where(_LIES, *only).correlate(Lot)
    return field(cast(lying.scalar_subquery(), Integer), nullable=False)


def _somewhere(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_LIES, condition).correlate(Lot)


def _next(row: Row) -> Row:
    return {**row, "next": ["correct", *(["take_out"] if row["sellable"] else [])]}


LOTS = Listing(
    "StockLot",
    outerjoin(Lot, Variant, Variant.sku == Lot.sku),
    {
        **fields(Lot, "id sku code expires_on stated_at why version created_at updated_at"),
        "title": field(Variant.title, nullable=True),
        "tracking": field(Variant.tracking, choices=Tracking, nullable=True),
        "expires_at": field(
            type_coerce(func.timezone("UTC", cast(Lot.expires_on + 1, DateTime())), DateTime(timezone=True)),
            nullable=True,
        ),
        "on_hand": _units(BinStock.status != StockStatus.transit),
        "sellable": _units(BinStock.status == StockStatus.sellable),
    },
    sortable=("created_at", "expires_on", "sku", "code"),
    sort="-created_at",
    key=("id",),
    hidden={"node": field(BinStock.node, through=_somewhere), "bin": field(BinStock.bin, through=_somewhere)},
    finish=_next,
    more={"next": (list[str], ...)},
)
LotRow = LOTS.row_shape()


class LotCorrection(Ask):
    expires_on: date | None = Described(None, description="Null is that nobody knows it")
    reason: Reason
    version: Version | None = None


class LotOutOfSale(Ask):
    reason: Reason
    version: Version | None = None


@routes.get("/lots", access=Scope.read_stock, answer=LOTS.list_shape(LotRow), extra=LOTS.operation())
def list_lots(request: Request) -> Response:
    """List lots and serial numbers that have come, the last first, with what lies of each.

    `expires_at` is the end of the last day of use in UTC; what may be sold goes by the day at each node.
    """
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


@routes.post("/lots/{lot_id}/take-out", access=Scope.write_stock, answer=TakenOut)
async def take_lot_out(request: Request, lot_id: UUID, body: LotOutOfSale) -> Response:
    """Take a lot out of sale at all nodes: its units are in quarantine where they lie.

    Orders that were promised them wait for others. What stands packed is left, and told.
    """
    asked = message(TakeLotOut, body, lot_id=lot_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, LotTakenOut, partition=str(lot_id))
