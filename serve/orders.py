"""Orders over HTTP: place, look, follow, and every step of an order's life."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import ConfigDict
from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.orders.messages import (
    AddNote,
    CancelOrder,
    CloseOrder,
    HoldOrder,
    ImportedOrders,
    ImportOrders,
    PlaceDraft,
    PlaceOrder,
    PlanShipping,
    RecallOrder,
    ReleaseOrder,
    ShipInParts,
    TagOrder,
)
from db.orders import HoldReason
from serve.edge import caller_of, edge_of, request_id_of
from serve.gift_codes import name_cards
from serve.order_view import (
    ORDERS,
    OrderDetail,
    OrderRow,
    OrderShape,
    Timeline,
    detail,
    order_answer,
    order_id_of,
    timeline,
)
from serve.requests import idempotency_key, json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Address,
    Amount,
    Ask,
    Code,
    Currency,
    Email,
    Flag,
    LongText,
    Lot,
    Moment,
    Ppm,
    Quantity,
    Reason,
    Reference,
    Sku,
    Tag,
    Version,
    answer_shape,
    message,
)

routes = Routes("orders")


class Line(Ask):
    sku: Sku
    quantity: Quantity
    unit_amount: Amount | None = Described(None, description="Null takes the catalogue's price")
    discount: Amount = 0
    tax_rate_ppm: Ppm | None = None


class Payment(Ask):
    """Of a gift card `code` is what is written on it, or `token` its id; the customer's store credit needs neither."""

    provider: Code = Described(examples=["test"])
    token: Reference | None = Described(None, description="The provider's token for the instrument; never a card")
    reference: Reference | None = None
    amount: Amount | None = Described(None, description="Minor units; null is all that the tenders before leave")
    code: Reference | None = None


class NewOrder(Ask):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "channel": "web",
                "currency": "EUR",
                "email": "ada@example.com",
                "lines": [{"sku": "MUG", "quantity": 2}],
                "shipping": 490,
                "payment": {"provider": "test", "token": "tok_ok"},
            }
        },
    )
    channel: Code
    currency: Currency
    lines: list[Line] = Described(min_length=1, max_length=500)
    external_ref: Reference | None = None
    customer_id: UUID | None = None
    email: Email | None = None
    shipping_address: Address = Described(default_factory=Address)
    billing_address: Address | None = None
    tax_inclusive: Flag = True
    order_discount: Amount = 0
    shipping: Amount = 0
    shipping_tax_ppm: Ppm = 0
    payment: Payment | None = None
    tenders: list[Payment] = Described(
        default_factory=list, max_length=10, description="In place of `payment`: paid with several, in this order"
    )
    hold_reference: Reference | None = None
    ship_complete: Flag = False
    tags: list[Tag] = Described(default_factory=list, max_length=50)
    draft: Flag = False


class PlaceBody(Ask):
    payment: Payment | None = None
    tenders: list[Payment] = Described(default_factory=list, max_length=10)
    version: Version | None = None


class CancelledLine(Ask):
    line_no: Quantity
    quantity: Quantity


class CancelBody(Ask):
    reason: Reason
    lines: list[CancelledLine] | None = Described(None, min_length=1, max_length=500, description="Null: everything")
    version: Version | None = None


class ShippingPlanBody(Ask):
    ship_complete: Flag = Described(description="Nothing leaves before the last unit is there")
    waits_until: date | None = Described(None, description="What is there waits for the rest until then, and no longer")
    reason: Reason
    version: Version | None = None


class ShipInPartsBody(Ask):
    reason: Reason
    version: Version | None = None


class HoldBody(Ask):
    reason: HoldReason
    note: Reason | None = None


class RecallBody(Ask):
    reason: Reason


class ReleaseBody(Ask):
    reason: HoldReason | None = Described(None, description="Null lifts every hold")
    note: Reason | None = None


class NoteBody(Ask):
    body: LongText = Described(min_length=1)


class TagsBody(Ask):
    add: list[Tag] = Described(default_factory=list, max_length=50)
    remove: list[Tag] = Described(default_factory=list, max_length=50)


class PastLine(Ask):
    sku: Sku
    quantity: Quantity
    unit_amount: Amount
    title: Lot = ""
    tax_rate_ppm: Ppm = 0
    discount: Amount = 0


class PastOrder(Ask):
    channel: Code
    currency: Currency
    placed_at: Moment
    lines: list[PastLine] = Described(min_length=1, max_length=500)
    status: Code = "delivered"
    number: Reference | None = None
    external_ref: Reference | None = None
    email: Email | None = None
    shipping_address: Address = Described(default_factory=Address)
    tax_inclusive: Flag = True
    order_discount: Amount = 0
    shipping: Amount = 0
    shipping_tax_ppm: Ppm = 0
    tags: list[Tag] = Described(default_factory=list, max_length=50)


class PastOrders(Ask):
    orders: list[PastOrder] = Described(min_length=1, max_length=1000)


@routes.post("/orders", access=Scope.write_orders, answer=OrderShape, status=201)
async def place_order(request: Request, body: NewOrder) -> Response:
    """Place an order, whole or not at all.

    Stock, money and lines are decided in one transaction; the answer says where the units come from.
    With `draft` it is kept without stock until it is placed.
    """
    await name_cards(request, [body.payment, *body.tenders])
    # Repetitions meet in the same replica: they carry the same key, or at least the same reference.
    partition = idempotency_key(request) or body.external_ref or request_id_of(request)
    return await order_answer(request, message(PlaceOrder, body), partition=partition, status=201)


@routes.get("/orders", access=Scope.read_orders, answer=ORDERS.list_shape(OrderRow), extra=ORDERS.operation())
def list_orders(request: Request) -> Response:
    """List orders, newest first."""
    return ORDERS.answer(request)


@routes.post("/orders/import", access=Scope.write_orders, answer=answer_shape(ImportedOrders))
async def import_orders(request: Request, body: PastOrders) -> Response:
    """Import orders of the past with their own dates.

    No stock moves, no payment is asked for, nobody is told. Row by row: known references are skipped, and
    the answer has an error for each that could not be taken.
    """
    return await sending(request, "orders", message(ImportOrders, body), ImportedOrders, partition="import")


@routes.get("/orders/{order}", access=Scope.read_orders, answer=OrderDetail)
def read_order(request: Request, order: Reference) -> Response:
    """Show an order by id or number, with all that belongs to it.

    Payments and fulfilments are shown to those who may read them; `hidden` names what was left out.
    """
    with edge_of(request).database.reading() as session:
        return json_answer(detail(session, order, caller_of(request).scopes))


@routes.get("/orders/{order}/timeline", access=Scope.read_orders, answer=Timeline)
def read_timeline(request: Request, order: Reference) -> Response:
    """What happened to an order, oldest first: moves, notes, and the audit log for those who may read it."""
    with edge_of(request).database.reading() as session:
        return json_answer(timeline(session, order, caller_of(request).scopes))


@routes.post("/orders/{order}/place", access=Scope.write_orders, answer=OrderShape)
async def place_draft(request: Request, order: Reference, body: PlaceBody) -> Response:
    """Place a draft at the prices it shows."""
    order_id = await order_id_of(request, order)
    version = version_of(request, body.version)
    await name_cards(request, [body.payment, *body.tenders])
    return await order_answer(request, message(PlaceDraft, body, order_id=order_id, version=version))


@routes.post("/orders/{order}/cancel", access=Scope.write_orders, answer=OrderShape)
async def cancel_order(request: Request, order: Reference, body: CancelBody) -> Response:
    """Cancel an order, or some of its lines, as far as nothing was picked.

    Stock is released and money returned by itself.
    """
    order_id = await order_id_of(request, order)
    version = version_of(request, body.version)
    return await order_answer(request, message(CancelOrder, body, order_id=order_id, version=version))


@routes.post("/orders/{order}/ship-in-parts", access=Scope.write_orders, answer=OrderShape)
async def ship_order_in_parts(request: Request, order: Reference, body: ShipInPartsBody) -> Response:
    """Send what is there of an order that was to leave as a whole."""
    order_id = await order_id_of(request, order)
    version = version_of(request, body.version)
    return await order_answer(request, message(ShipInParts, body, order_id=order_id, version=version))


@routes.put("/orders/{order}/shipping-plan", access=Scope.write_orders, answer=OrderShape)
async def plan_shipping(request: Request, order: Reference, body: ShippingPlanBody) -> Response:
    """Say whether an order leaves in one go, or waits for its other units until a day."""
    order_id = await order_id_of(request, order)
    version = version_of(request, body.version)
    return await order_answer(request, message(PlanShipping, body, order_id=order_id, version=version))


@routes.post("/orders/{order}/hold", access=Scope.write_orders, answer=OrderShape)
async def hold_order(request: Request, order: Reference, body: HoldBody) -> Response:
    """Put a hold on an order: nothing of it is picked until it is lifted."""
    order_id = await order_id_of(request, order)
    return await order_answer(request, message(HoldOrder, body, order_id=order_id))


@routes.post("/orders/{order}/recall", access=Scope.write_orders, answer=OrderShape, status=202)
async def recall_order(request: Request, order: Reference, body: RecallBody) -> Response:
    """Call an order back out of the warehouse: hold it, put everything back on the shelf, cancel it.

    The answer comes before it is done; the timeline tells how it went.
    """
    order_id = await order_id_of(request, order)
    return await order_answer(request, message(RecallOrder, body, order_id=order_id), status=202)


@routes.post("/orders/{order}/release", access=Scope.write_orders, answer=OrderShape)
async def release_order(request: Request, order: Reference, body: ReleaseBody) -> Response:
    """Lift a hold, or all of them; without any left the warehouses may work."""
    order_id = await order_id_of(request, order)
    return await order_answer(request, message(ReleaseOrder, body, order_id=order_id))


@routes.post("/orders/{order}/notes", access=Scope.write_orders, answer=OrderShape, status=201)
async def add_note(request: Request, order: Reference, body: NoteBody) -> Response:
    """Add a note for colleagues; customers never see it."""
    order_id = await order_id_of(request, order)
    return await order_answer(request, message(AddNote, body, order_id=order_id), status=201)


@routes.post("/orders/{order}/tags", access=Scope.write_orders, answer=OrderShape)
async def tag_order(request: Request, order: Reference, body: TagsBody) -> Response:
    """Add and remove tags."""
    order_id = await order_id_of(request, order)
    return await order_answer(request, message(TagOrder, body, order_id=order_id))


@routes.post("/orders/{order}/close", access=Scope.write_orders, answer=OrderShape)
async def close_order(request: Request, order: Reference) -> Response:
    """Close an order: nothing is expected to happen to it any more."""
    return await order_answer(request, CloseOrder(order_id=await order_id_of(request, order)))
