"""Goods of purchase orders come in, over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.inbound.messages.receipts import ReceiptState, ReceiveGoods, TakeGoodsBack
from db.errors import NotFound
from db.inbound import RECEIPT_MOVES, Condition, Receipt, ReceiptLine, ReceiptPhoto, ReceiptStatus
from db.promises import rejected_of_receipt, units_of_receipt
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.purchase_orders import LineNo
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Lot, Quantity, Reason, Reference, Sku, Version, answer_shape, message

routes = Routes("purchasing")
Booked = answer_shape(ReceiptState)


def _next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in RECEIPT_MOVES[ReceiptStatus(row["status"])])}


RECEIPTS = Listing(
    "GoodsReceipt",
    Receipt,
    fields(
        Receipt,
        "id number purchase_id notice_id supplier node scan status note received_by received_at version updated_at",
        status=ReceiptStatus,
    )
    | {
        "units": field(units_of_receipt(), nullable=False),
        "rejected": field(rejected_of_receipt(), nullable=False),
    },
    sortable=("received_at", "number", "supplier", "node"),
    sort="-received_at",
    key=("id",),
    expand={
        "lines": Related(
            ReceiptLine.receipt_id,
            fields(
                ReceiptLine,
                "no purchase_line notice_line sku quantity condition bin lot expires_on reason",
                condition=Condition,
            ),
            (ReceiptLine.no,),
        ),
        "photos": Related(
            ReceiptPhoto.receipt_id,
            fields(ReceiptPhoto, "id line_no media_type width height size_bytes taken_by at"),
            (ReceiptPhoto.line_no, ReceiptPhoto.id),
        ),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
ReceiptRow = RECEIPTS.row_shape()


class CameIn(Ask):
    line_no: LineNo | None = Described(None, description="Of the purchase order; null for what is wrong")
    sku: Sku | None = Described(None, description="Of what is wrong: it is of no line")
    quantity: Quantity
    condition: Condition = Described(Condition.good, description="Only `good` units can be sold")
    bin: Code | None = Described(None, description="Null is the node's receiving bin, or its quarantine bin")
    lot: Lot = ""
    expires_on: date | None = Described(None, description="What the goods say; a lot keeps the first date said of it")
    reason: Reason | None = Described(None, description="Needed for what is damaged or wrong")


class Arrived(Ask):
    scan: Reference = Described(description="An id of this scan or delivery note: said again, nothing is booked twice")
    lines: list[CameIn] = Described(min_length=1, max_length=500)
    notice_id: UUID | None = Described(None, description="The advance notice that the goods came on")
    accept_over: Reason | None = Described(None, description="Why more than was ordered is taken all the same")
    note: Reason | None = None


class WrongReceipt(Ask):
    reason: Reason
    version: Version | None = None


@routes.get("/receipts", access=Scope.read_purchasing, answer=RECEIPTS.list_shape(ReceiptRow),
            extra=RECEIPTS.operation())  # fmt: skip
def list_receipts(request: Request) -> Response:
    """List what came of purchase orders, the last first."""
    return RECEIPTS.answer(request)


@routes.get("/receipts/{receipt_id}", access=Scope.read_purchasing, answer=ReceiptRow)
def read_receipt(request: Request, receipt_id: UUID) -> Response:
    """Show a receipt with its lines and photos."""
    with edge_of(request).database.reading() as session:
        row = RECEIPTS.one(session, Receipt.id == receipt_id, expand=("lines", "photos"))
    if row is None:
        raise NotFound("receipt", str(receipt_id))
    return json_answer(row)


@routes.post("/purchase-orders/{purchase_id}/receive", access=Scope.write_stock, answer=Booked, status=201)
async def receive_goods(request: Request, purchase_id: UUID, body: Arrived) -> Response:
    """Book what came; good units can be sold at once and go first to orders that wait for them."""
    asked = message(ReceiveGoods, body, purchase_id=purchase_id)
    return await sending(request, "inbound", asked, ReceiptState, partition=str(purchase_id), status=201)


@routes.post("/receipts/{receipt_id}/take-back", access=Scope.write_stock, answer=Booked)
async def take_goods_back(request: Request, receipt_id: UUID, body: WrongReceipt) -> Response:
    """Take a receipt back while all of it is still there and promised to nobody."""
    asked = message(TakeGoodsBack, body, receipt_id=receipt_id, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, ReceiptState, partition=str(receipt_id))
