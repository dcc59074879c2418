"""Changing a placed order: a preview first, which is then applied or discarded."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import msgspec
from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.orders.messages import ApplyEdit, DiscardEdit, EditPreview, ProposeEdit
from agents.promising.messages import AskAvailability, AvailabilityQuestion, AvailabilityState
from db.errors import NotFound, Unavailable
from db.orders import EditState, OrderEdit
from serve.edge import edge_of
from serve.fields import fields
from serve.gift_codes import TokenMissing, name_cards
from serve.listing import Listing
from serve.order_view import OrderShape, order_answer, order_id_of
from serve.requests import asking, json_answer, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Address,
    Amount,
    Ask,
    Code,
    Quantity,
    QuantityOrNone,
    Reference,
    Sku,
    Version,
    answer_shape,
    message,
)
from serve.undo import shown

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
    node: Code | None = Described(
        None, description="Where its units are to come from: those that are added, and those that are not picked yet"
    )
    sku: Sku | None = None
    unit_amount: Amount | None = None
    discount: Amount = 0


class Pays(Ask):
    """As a new payment, over what the order costs more: with the customer's consent."""

    provider: Code = Described(examples=["gift_card"])
    token: Reference | None = Described(None, description="The provider's token for the instrument; never a card")
    code: Reference | None = None


class EditBody(Ask):
    lines: list[ChangedLine] = Described(default_factory=list, max_length=500)
    shipping_address: Address | None = None
    shipping: Amount | None = None
    version: Version | None = None


class ApplyBody(Ask):
    payment: Pays | None = None


@routes.post("/orders/{order}/edits", access=Scope.write_orders, answer=Preview, status=201)
async def propose_edit(request: Request, order: Reference, body: EditBody) -> Response:
    """Preview a change: money, stock and promised days before and after, and what stands in the way.

    Changes nothing yet. An order has one open edit at a time.
    """
    order_id = await order_id_of(request, order)
    asked = message(ProposeEdit, body, order_id=order_id, version=version_of(request, body.version))
    told = await asking(request, "orders", asked, partition=str(order_id))
    preview = msgspec.msgpack.decode(told.body, type=EditPreview)
    return json_answer(shown(await _with_days(request, preview)), 201, replayed=told.replayed)


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
async def apply_edit(request: Request, order: Reference, edit_id: UUID, body: ApplyBody | None = None) -> Response:
    """Do what the preview showed; refused when the order or the stock changed since.

    With `payment` what the order costs more is asked for at once. A gift card that has too little changes nothing.
    """
    order_id = await order_id_of(request, order)
    await _check(request, order_id, edit_id)
    pays = body.payment if body is not None else None
    await name_cards(request, [pays])
    if pays is not None and not pays.token and pays.provider != "store_credit":
        raise TokenMissing(pays.provider)
    return await order_answer(request, message(ApplyEdit, body, edit_id=edit_id), partition=str(order_id))


@routes.post("/orders/{order}/edits/{edit_id}/discard", access=Scope.write_orders, answer=OrderShape)
async def discard_edit(request: Request, order: Reference, edit_id: UUID) -> Response:
    """Drop a proposed edit; answers with the order, which stays as it is."""
    order_id = await order_id_of(request, order)
    await _check(request, order_id, edit_id)
    return await order_answer(request, DiscardEdit(edit_id=edit_id), partition=str(order_id))


async def _with_days(request: Request, preview: EditPreview) -> EditPreview:
    """The preview with the day on which what it adds or moves would leave; without, while nobody can say."""
    wanted: Counter[tuple[str, str]] = Counter()
    for line in preview.lines:
        for part in line.comes:
            wanted[(part.sku, part.node)] += part.quantity
    if not wanted:
        return preview
    questions = [AvailabilityQuestion(sku=sku, node=node, quantity=n) for (sku, node), n in sorted(wanted.items())]
    try:
        told = await asking(
            request, "promising", AskAvailability(questions=questions), partition=questions[0].sku, remembered=False
        )
    except Unavailable:
        return preview
    answers = msgspec.msgpack.decode(told.body, type=AvailabilityState).answers
    days = {(q.sku, q.node): a.promised_on for q, a in zip(questions, answers, strict=True)}
    replace = msgspec.structs.replace
    lines = [
        replace(line, comes=[replace(p, promised_on=days[(p.sku, p.node)]) for p in line.comes])
        for line in preview.lines
    ]
    return replace(preview, lines=lines)


async def _check(request: Request, order_id: UUID, edit_id: UUID) -> None:

    def belongs() -> bool:
        with edge_of(request).database.reading() as session:
            edit = session.get(OrderEdit, edit_id)
            return edit is not None and edit.order_id == order_id

    if not await asyncio.to_thread(belongs):
        raise NotFound("edit", str(edit_id))
