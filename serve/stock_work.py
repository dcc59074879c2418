"""Moving stock over HTTP: receipts, adjustments, moves between bins, and holds for checkouts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.inventory.messages import (
    AdjustStock,
    HoldStock,
    HoldView,
    MoveStock,
    ReceiveStock,
    ReleaseHold,
    StockState,
    UndoStock,
)
from db.stock import StockStatus
from serve.requests import sending
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Lot, Quantity, QuantityOrNone, Reason, Reference, Sku, answer_shape, message

routes = Routes("stock")
Levels = answer_shape(StockState)

Status = Described(StockStatus.sellable, description="sellable, quarantine or damaged")


class ReceivedLine(Ask):
    sku: Sku
    quantity: Quantity
    bin: Code | None = Described(None, description="Null: the node's pick face")
    lot: Lot = ""
    status: StockStatus = Status


class Receipt(Ask):
    node: Code = Described(examples=["LON"])
    reference: Reference = Described(examples=["GRN-1001"])
    lines: list[ReceivedLine] = Described(
        min_length=1, max_length=1000, examples=[[{"sku": "MUG", "quantity": 24, "bin": "PICK"}]]
    )


class Adjustment(Ask):
    node: Code
    sku: Sku
    quantity: int = Described(strict=True, ge=-1_000_000, le=1_000_000, description="Change, signed")
    reason: Reason
    bin: Code = "PICK"
    lot: Lot = ""
    status: StockStatus = Status
    expected: QuantityOrNone | None = Described(
        None, description="Refused when the bin holds something else (compare and set)"
    )


Entry = Annotated[int, Described(strict=True, ge=1, le=2**63 - 1)]


class Undoing(Ask):
    """`entries` are ids of the ledger, as an answer's `undo` names them."""

    entries: list[Entry] = Described(min_length=1, max_length=1000)
    reason: Reason | None = None


class Move(Ask):
    node: Code
    sku: Sku
    quantity: Quantity
    from_bin: Code
    to_bin: Code
    from_status: StockStatus = Status
    to_status: StockStatus = Status
    lot: Lot = ""
    reason: Reason | None = None


class HeldLine(Ask):
    sku: Sku
    quantity: Quantity


class Hold(Ask):
    reference: Reference = Described(examples=["cart-42"])
    lines: list[HeldLine] = Described(min_length=1, max_length=200)
    seconds: int = Described(600, strict=True, ge=1, le=86_400)
    channel: Code | None = Described(None, description="What is kept from it is not held; null: nothing is kept")


@routes.post("/stock/receipts", access=Scope.write_stock, answer=Levels, status=201)
async def receive_stock(request: Request, body: Receipt) -> Response:
    """Book goods that came in without a purchase order.

    Orders that wait for them are filled in the same transaction.
    """
    asked = message(ReceiveStock, body)
    return await sending(request, "inventory", asked, StockState, partition=body.node, status=201)


@routes.post("/stock/adjustments", access=Scope.write_stock, answer=Levels, status=201)
async def adjust_stock(request: Request, body: Adjustment) -> Response:
    """Correct what lies in a bin; a reason is a must."""
    asked = message(AdjustStock, body)
    return await sending(request, "inventory", asked, StockState, partition=body.node, status=201)


@routes.post("/stock/undos", access=Scope.write_stock, answer=Levels, status=201)
async def undo_stock(request: Request, body: Undoing) -> Response:
    """Take a receipt, a correction or a count back by counter-entries, while the goods are still there."""
    asked = message(UndoStock, body)
    return await sending(request, "inventory", asked, StockState, partition=str(body.entries[0]), status=201)


@routes.post("/stock/moves", access=Scope.write_stock, answer=Levels, status=201)
async def move_stock(request: Request, body: Move) -> Response:
    """Move units between bins or statuses of one node."""
    asked = message(MoveStock, body)
    return await sending(request, "inventory", asked, StockState, partition=body.node, status=201)


@routes.post("/stock/holds", access=Scope.write_stock, answer=answer_shape(HoldView), status=201)
async def hold_stock(request: Request, body: Hold) -> Response:
    """Keep units for a checkout, whole or not at all; the same reference again extends the time."""
    asked = message(HoldStock, body)
    return await sending(request, "inventory", asked, HoldView, partition=body.reference, status=201)


@routes.delete("/stock/holds/{reference}", access=Scope.write_stock, answer=answer_shape(HoldView))
async def release_hold(request: Request, reference: Reference) -> Response:
    """Give a checkout's units back."""
    asked = ReleaseHold(reference=reference)
    return await sending(request, "inventory", asked, HoldView, partition=reference)
