"""Changing a placed order: a preview first, which is then applied or discarded."""

from __future__ import annotations

import asyncio
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.orders.messages import ApplyEdit, DiscardEdit, EditPreview, ProposeEdit
from db.errors import NotFound
from db.orders import EditState, OrderEdit
from serve.edge import edge_of
from serve.fields import fields
from serve.listing import Listing
from serve.order_view import OrderShape, order_answer, order_id_of
from serve.requests import sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Address, Amount, Ask, Quantity, QuantityOrNone, Reference, Sku, Version, answer_shape, message

routes = Routes("orders")
Preview = answer_shape(EditPreview)

EDITS = Listing(
    "OrderEdit",
    OrderEdit,
    fields(OrderEdit, "id order_id state base_version changes preview created_at created_by ended_at", state=EditState),
    sortable=("created_at",),
    sort="-created_at",
    key=("id",),
)


class ChangedLine(Ask):
    quantity: QuantityOrNone = Described(description="0 cancels the line")
    line_no: Quantity | None = Described(None, description="Null adds a line")
    sku: Sku | None = None
    unit_amount: Amount | None = None
    discount: Amount = 0


class EditBody(Ask):
    lines: list[ChangedLine] = Described(default_factory=list, max_length=500)
    shipping_address: Address | None = None
    shipping: Amount | None = None
    version: Version | None = None


@routes.post("/orders/{order}/edits", access=Scope.write_orders, answer=Preview, status=201)
async def propose_edit(request: Request, order: Reference, body: EditBody) -> Response:
    """Preview a change: money before and after, stock, and what stands in the way. Changes nothing yet."""
    order_id = await order_id_of(request, order)
    asked = message(ProposeEdit, body, order_id=order_id, version=version_of(request, body.version))
    return await sending(request, "orders", asked, EditPreview, partition=str(order_id), status=201)


@routes.get(
    "/orders/{order_id}/edits",
    access=Scope.read_orders,
    answer=EDITS.list_shape(EDITS.row_shape()),
    extra=EDITS.operation(),
)
def list_edits(request: Request, order_id: UUID) -> Response:
    """List an order's edits."""
    return EDITS.answer(request, OrderEdit.order_id == order_id)


@routes.post("/orders/{order}/edits/{edit_id}/apply", access=Scope.write_orders, answer=OrderShape)
async def apply_edit(request: Request, order: Reference, edit_id: UUID) -> Response:
    """Do what the preview showed; refused when the order or the stock changed since."""
    order_id = await order_id_of(request, order)
    await _check(request, order_id, edit_id)
    return await order_answer(request, ApplyEdit(edit_id=edit_id), partition=str(order_id))


@routes.post("/orders/{order}/edits/{edit_id}/discard", access=Scope.write_orders, answer=OrderShape)
async def discard_edit(request: Request, order: Reference, edit_id: UUID) -> Response:
    """Drop a proposed edit; answers with the order, which stays as it is."""
    order_id = await order_id_of(request, order)
    await _check(request, order_id, edit_id)
    return await order_answer(request, DiscardEdit(edit_id=edit_id), partition=str(order_id))


async def _check(request: Request, order_id: UUID, edit_id: UUID) -> None:

    def belongs() -> bool:
        with edge_of(request).database.reading() as session:
            edit = session.get(OrderEdit, edit_id)
            return edit is not None and edit.order_id == order_id

    if not await asyncio.to_thread(belongs):
        raise NotFound("edit", str(edit_id))
