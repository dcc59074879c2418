"""What lies where, what is promised, and every movement that made it so. Reading alone; nothing here writes."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import BigInteger, cast, func, join, select
from starlette.requests import Request
from starlette.responses import Response

from db.catalog import Variant
from db.errors import NotFound
from db.orders import Order
from db.stock import (
    Allocation,
    AllocationState,
    BinStock,
    HoldState,
    MovementKind,
    StockHold,
    StockLedger,
    StockLevel,
    StockStatus,
)
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Sku

routes = Routes("stock")

FREE = StockLevel.sellable - StockLevel.allocated - StockLevel.held
# As `db.ledger.Level.purchasable`: what is free, and what may still be promised beyond stock.
PURCHASABLE = cast(FREE + func.greatest(0, Variant.backorder_limit - StockLevel.backordered), BigInteger)

LEVELS = Listing(
    "StockLevel",
    join(StockLevel, Variant, StockLevel.sku == Variant.sku),
    {
        **fields(StockLevel, "sku node on_hand sellable allocated held backordered"),
        "purchasable": field(PURCHASABLE, nullable=False),
        "updated_at": field(StockLevel.updated_at),
    },
    sortable=("sku", "node", "on_hand", "sellable", "purchasable", "backordered", "updated_at"),
    sort="sku",
    key=("sku", "node"),
)
LEDGER = Listing(
    "StockMovement",
    StockLedger,
    fields(
        StockLedger,
        "id at sku node kind on_hand allocated bin lot status cause actor why",
        kind=MovementKind,
        status=StockStatus,
    ),
    sortable=("id", "at"),
    sort="-id",
    key=("id",),
)
BINS = Listing(
    "BinStock",
    BinStock,
    fields(BinStock, "node sku bin lot status quantity", status=StockStatus),
    sortable=("sku", "node", "bin", "quantity"),
    sort="sku",
    key=("node", "sku", "bin", "lot", "status"),
)
ALLOCATIONS = Listing(
    "Allocation",
    join(Allocation, Order, Order.id == Allocation.order_id),
    {
        **fields(
            Allocation, "id order_id line_no sku node quantity state why created_at updated_at", state=AllocationState
        ),
        "order_number": field(Order.number),
    },
    sortable=("created_at", "sku", "node", "updated_at"),
    sort="-created_at",
    key=("id",),
)
HOLDS = Listing(
    "StockHold",
    StockHold,
    fields(StockHold, "id reference sku node quantity channel state expires_at created_at", state=HoldState),
    sortable=("created_at", "expires_at", "sku"),
    sort="-created_at",
    key=("id",),
)
LevelRow = LEVELS.row_shape()


class SkuStock(BaseModel):
    """All nodes of a SKU and their sums. A SKU nobody ever had has no levels."""

    sku: str
    on_hand: int
    sellable: int
    allocated: int
    held: int
    backordered: int
    purchasable: int
    updated_at: datetime | None
    levels: list[LevelRow]  # type: ignore[valid-type]


@routes.get("/stock", access=Scope.read_stock, answer=LEVELS.list_shape(LevelRow), extra=LEVELS.operation())
def list_stock(request: Request) -> Response:
    """List stock levels per SKU and node."""
    return LEVELS.answer(request)


@routes.get("/stock/ledger", access=Scope.read_stock, answer=LEDGER.list_shape(LEDGER.row_shape()),
            extra=LEDGER.operation())  # fmt: skip
def list_movements(request: Request) -> Response:
    """List the stock ledger, newest first: every movement and promise there ever was."""
    return LEDGER.answer(request)


@routes.get("/stock/bins", access=Scope.read_stock, answer=BINS.list_shape(BINS.row_shape()), extra=BINS.operation())
def list_bin_stock(request: Request) -> Response:
    """List what lies in which bin."""
    return BINS.answer(request)


@routes.get("/stock/allocations", access=Scope.read_stock, answer=ALLOCATIONS.list_shape(ALLOCATIONS.row_shape()),
            extra=ALLOCATIONS.operation())  # fmt: skip
def list_allocations(request: Request) -> Response:
    """List which units are promised to which orders."""
    return ALLOCATIONS.answer(request)


@routes.get("/stock/holds", access=Scope.read_stock, answer=HOLDS.list_shape(HOLDS.row_shape()),
            extra=HOLDS.operation())  # fmt: skip
def list_stock_holds(request: Request) -> Response:
    """List units that are kept for checkouts."""
    return HOLDS.answer(request)


@routes.get("/stock/{sku}", access=Scope.read_stock, answer=SkuStock)
def read_stock(request: Request, sku: Sku) -> Response:
    """Show a SKU's stock at every node, and in total."""
    with edge_of(request).database.reading() as session:
        if session.scalar(select(Variant.sku).where(Variant.sku == sku)) is None:
            raise NotFound("variant", sku)
        page = LEVELS.page(session, [("limit", "200"), ("sort", "node")], StockLevel.sku == sku)
    levels = page["data"]
    counted = ("on_hand", "sellable", "allocated", "held", "backordered", "purchasable")
    total = {name: sum(level[name] for level in levels) for name in counted}
    updated_at = max((level["updated_at"] for level in levels), default=None)
    return json_answer({"sku": sku, **total, "updated_at": updated_at, "levels": levels})
