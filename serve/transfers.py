"""Transfers between nodes and cycle counts over HTTP."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.inventory.messages import (
    CancelTransfer,
    CountState,
    CreateTransfer,
    OpenCount,
    PostCount,
    ReceiveTransfer,
    SendTransfer,
    TransferState,
)
from db.errors import NotFound
from db.stock import (
    COUNT_MOVES,
    TRANSFER_MOVES,
    CountStatus,
    CycleCount,
    CycleCountLine,
    Transfer,
    TransferLine,
    TransferStatus,
)
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Ask,
    Code,
    Flag,
    Lot,
    Quantity,
    QuantityOrNone,
    Sku,
    Version,
    answer_shape,
    message,
)

routes = Routes("stock")
Moved, Counted = answer_shape(TransferState), answer_shape(CountState)


def _transfer_next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in TRANSFER_MOVES[TransferStatus(row["status"])])}


def _count_next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in COUNT_MOVES[CountStatus(row["status"])])}


TRANSFERS = Listing(
    "Transfer",
    Transfer,
    fields(Transfer, "id from_node to_node status version created_at updated_at", status=TransferStatus),
    sortable=("created_at", "updated_at", "status"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(
            TransferLine.transfer_id,
            fields(TransferLine, "line_no sku lot quantity received lost"),
            (TransferLine.line_no,),
        )
    },
    finish=_transfer_next,
    more={"next": (list[str], ...)},
)
COUNTS = Listing(
    "CycleCount",
    CycleCount,
    fields(CycleCount, "id node bin status version created_at updated_at", status=CountStatus),
    sortable=("created_at", "updated_at", "status", "node"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(
            CycleCountLine.count_id,
            fields(CycleCountLine, "sku lot expected books counted"),
            (CycleCountLine.sku, CycleCountLine.lot),
        )
    },
    finish=_count_next,
    more={"next": (list[str], ...)},
)
TransferRow, CountRow = TRANSFERS.row_shape(), COUNTS.row_shape()


class TransferredLine(Ask):
    sku: Sku
    quantity: Quantity
    lot: Lot = ""


class ArrivedLine(Ask):
    sku: Sku
    quantity: QuantityOrNone
    lot: Lot = ""


class NewTransfer(Ask):
    from_node: Code = Described(examples=["LON"])
    to_node: Code = Described(examples=["RTM"])
    lines: list[TransferredLine] = Described(min_length=1, max_length=500)


class VersionBody(Ask):
    version: Version | None = None


class Arrival(Ask):
    lines: list[ArrivedLine] = Described(default_factory=list, max_length=500)
    complete: Flag = Described(True, description="What did not come is lost; false expects the rest later")
    version: Version | None = None


class NewCount(Ask):
    node: Code
    bin: Code


class CountedLine(Ask):
    sku: Sku
    counted: QuantityOrNone
    lot: Lot = ""


class CountBody(Ask):
    lines: list[CountedLine] = Described(default_factory=list, max_length=5000)
    version: Version | None = None


@routes.get("/transfers", access=Scope.read_stock, answer=TRANSFERS.list_shape(TransferRow),
            extra=TRANSFERS.operation())  # fmt: skip
def list_transfers(request: Request) -> Response:
    """List transfers, newest first."""
    return TRANSFERS.answer(request)


@routes.post("/transfers", access=Scope.write_stock, answer=Moved, status=201)
async def create_transfer(request: Request, body: NewTransfer) -> Response:
    """Plan a transfer between two nodes; nothing moves yet."""
    asked = message(CreateTransfer, body)
    return await sending(request, "inventory", asked, TransferState, partition=body.from_node, status=201)


@routes.get("/transfers/{transfer_id}", access=Scope.read_stock, answer=TransferRow)
def read_transfer(request: Request, transfer_id: UUID) -> Response:
    """Show a transfer with its lines."""
    with edge_of(request).database.reading() as session:
        row = TRANSFERS.one(session, Transfer.id == transfer_id, expand=("lines",))
    if row is None:
        raise NotFound("transfer", str(transfer_id))
    return json_answer(row)


@routes.post("/transfers/{transfer_id}/send", access=Scope.write_stock, answer=Moved)
async def send_transfer(request: Request, transfer_id: UUID, body: VersionBody) -> Response:
    """The units leave their node and are in transit."""
    asked = SendTransfer(transfer_id=transfer_id, version=version_of(request, body.version))
    return await sending(request, "inventory", asked, TransferState, partition=str(transfer_id))


@routes.post("/transfers/{transfer_id}/receive", access=Scope.write_stock, answer=Moved)
async def receive_transfer(request: Request, transfer_id: UUID, body: Arrival) -> Response:
    """Book what arrived; what did not is lost when the arrival is complete."""
    version = version_of(request, body.version)
    asked = message(ReceiveTransfer, body, transfer_id=transfer_id, version=version)
    return await sending(request, "inventory", asked, TransferState, partition=str(transfer_id))


@routes.post("/transfers/{transfer_id}/cancel", access=Scope.write_stock, answer=Moved)
async def cancel_transfer(request: Request, transfer_id: UUID) -> Response:
    """Cancel a transfer that has not left."""
    asked = CancelTransfer(transfer_id=transfer_id)
    return await sending(request, "inventory", asked, TransferState, partition=str(transfer_id))


@routes.get("/counts", access=Scope.read_stock, answer=COUNTS.list_shape(CountRow), extra=COUNTS.operation())
def list_counts(request: Request) -> Response:
    """List cycle counts, newest first."""
    return COUNTS.answer(request)


@routes.post("/counts", access=Scope.write_stock, answer=Counted, status=201)
async def open_count(request: Request, body: NewCount) -> Response:
    """Start to count a bin; what the books say is kept as expected."""
    return await sending(request, "inventory", message(OpenCount, body), CountState, partition=body.node, status=201)


@routes.get("/counts/{count_id}", access=Scope.read_stock, answer=CountRow)
def read_count(request: Request, count_id: UUID) -> Response:
    """Show a cycle count with its lines."""
    with edge_of(request).database.reading() as session:
        row = COUNTS.one(session, CycleCount.id == count_id, expand=("lines",))
    if row is None:
        raise NotFound("count", str(count_id))
    return json_answer(row)


@routes.post("/counts/{count_id}/post", access=Scope.write_stock, answer=Counted)
async def post_count(request: Request, count_id: UUID, body: CountBody) -> Response:
    """Make what was counted the truth. The count is of the whole bin: what is not named was not there."""
    version = version_of(request, body.version)
    asked = message(PostCount, body, count_id=count_id, version=version)
    return await sending(request, "inventory", asked, CountState, partition=str(count_id))
