"""Purchase orders over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.notifications.messages import MailPurchaseOrder, NotificationView
from agents.purchasing.messages.orders import (
    AmendPurchase,
    ApprovePurchase,
    CancelPurchase,
    ConfirmPurchase,
    CreatePurchase,
    PurchaseState,
    SendPurchase,
    ShortClosePurchase,
)
from db.advance_notices import announced_of_line
from db.errors import NotFound
from db.notifications import Notification, NotificationState, of_listed_order
from db.purchasing import (
    PURCHASE_NEXT,
    ChargeKey,
    PurchaseAmendment,
    PurchaseCharge,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    landed_unit_of_line,
)
from serve.edge import edge_of
from serve.fields import Field, field, fields
from serve.listing import Listing, Related, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Moment,
    Name,
    Ppm,
    Quantity,
    Reason,
    Reference,
    Sku,
    Version,
    answer_shape,
    message,
)

routes = Routes("purchasing")
Bought = answer_shape(PurchaseState)
Mailed = answer_shape(NotificationView)


def _next(row: Row) -> Row:
    return {**row, "next": sorted(s.value for s in PURCHASE_NEXT[PurchaseStatus(row["status"])])}


def _mail(column: Any, *, choices: type[NotificationState] | None = None) -> Field:
    """Of the mail to the supplier; null before there is one."""
    return field(of_listed_order(column, PurchaseOrder.id), choices=choices, nullable=True)


PURCHASES = Listing(
    "PurchaseOrder",
    PurchaseOrder,
    fields(
        PurchaseOrder,
        "id number supplier node currency terms status reference note expected_at subtotal charges total "
        "approved_total approved_by approved_at sent_at confirmed_at version created_by created_at updated_at",
        status=PurchaseStatus,
    )
    | {
        "mail_state": _mail(Notification.state, choices=NotificationState),
        "mail_to": _mail(Notification.recipient),
        "mail_error": _mail(Notification.error),
        "mailed_at": _mail(Notification.sent_at),
    },
    sortable=("created_at", "updated_at", "number", "expected_at", "supplier", "total", "status"),
    sort="-created_at",
    key=("id",),
    expand={
        "lines": Related(
            PurchaseLine.purchase_id,
            fields(
                PurchaseLine,
                "line_no sku supplier_sku case_pack ordered received closed_short unit_cost discount_ppm total "
                "landed expected_at received_at why",
            )
            | {
                "landed_unit": field(landed_unit_of_line(), nullable=False),
                "announced": field(announced_of_line(), nullable=False),
            },
            (PurchaseLine.line_no,),
        ),
        "charge_lines": Related(
            PurchaseCharge.purchase_id,
            fields(PurchaseCharge, "charge_no name amount shared_by", shared_by=ChargeKey),
            (PurchaseCharge.charge_no,),
        ),
        "amendments": Related(
            PurchaseAmendment.purchase_id,
            fields(PurchaseAmendment, "id at actor why line_no field old new"),
            (PurchaseAmendment.id,),
        ),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
PurchaseRow = PURCHASES.row_shape()
LineNo = Annotated[int, Described(strict=True, ge=1, le=1000)]


class BoughtLine(Ask):
    sku: Sku
    quantity: Quantity
    unit_cost: Amount | None = Described(None, description="Null is the supplier's for this quantity")
    discount_ppm: Ppm = 0


class Charge(Ask):
    name: Name = Described(examples=["Freight"])
    amount: Amount = Described(examples=[12000])
    shared_by: ChargeKey = Described(ChargeKey.value, description="How it is shared out over the lines")


class NewPurchase(Ask):
    supplier: Code
    node: Code = Described(description="Where the goods go")
    lines: list[BoughtLine] = Described(min_length=1, max_length=1000)
    charges: list[Charge] = Described(default_factory=list, max_length=50)
    expected_at: Moment | None = None
    note: str | None = Described(None, max_length=2000)


class AmendedPurchaseLine(Ask):
    line_no: LineNo
    quantity: Quantity | None = None
    unit_cost: Amount | None = None
    discount_ppm: Ppm | None = None
    expected_at: Moment | None = None


class Amendment(Ask):
    reason: Reason
    lines: list[AmendedPurchaseLine] = Described(default_factory=list, max_length=1000)
    add: list[BoughtLine] = Described(default_factory=list, max_length=1000)
    charges: list[Charge] | None = Described(None, max_length=50, description="Replace those that were there")
    expected_at: Moment | None = None
    note: str | None = Described(None, max_length=2000)
    version: Version | None = None


class PurchaseVersion(Ask):
    version: Version | None = None


class PromisedLine(Ask):
    line_no: LineNo
    expected_at: Moment


class Confirmation(Ask):
    expected_at: Moment | None = Described(None, description="Of lines that are not named")
    lines: list[PromisedLine] = Described(default_factory=list, max_length=1000)
    reference: Reference | None = Described(None, description="The supplier's own number")
    version: Version | None = None


class ShortClose(Ask):
    reason: Reason
    lines: list[LineNo] = Described(default_factory=list, max_length=1000, description="None named: all that are open")
    version: Version | None = None


class MailAgain(Ask):
    reason: Reason


class PurchaseCancelled(Ask):
    reason: Reason
    version: Version | None = None


@routes.get("/purchase-orders", access=Scope.read_purchasing, answer=PURCHASES.list_shape(PurchaseRow),
            extra=PURCHASES.operation())  # fmt: skip
def list_purchase_orders(request: Request) -> Response:
    """List purchase orders, newest first."""
    return PURCHASES.answer(request)


@routes.post("/purchase-orders", access=Scope.write_purchasing, answer=Bought, status=201)
async def create_purchase_order(request: Request, body: NewPurchase) -> Response:
    """Draft an order to a supplier. What is not said of costs comes from its price list."""
    asked = message(CreatePurchase, body)
    return await sending(request, "purchasing", asked, PurchaseState, partition=body.supplier, status=201)


@routes.get("/purchase-orders/{purchase_id}", access=Scope.read_purchasing, answer=PurchaseRow)
def read_purchase_order(request: Request, purchase_id: UUID) -> Response:
    """Show a purchase order with its lines, charges and amendments."""
    with edge_of(request).database.reading() as session:
        expand = ("lines", "charge_lines", "amendments")
        row = PURCHASES.one(session, PurchaseOrder.id == purchase_id, expand=expand)
    if row is None:
        raise NotFound("purchase order", str(purchase_id))
    return json_answer(row)


@routes.get(
    "/purchase-orders/{purchase_id}/document.pdf",
    access=Scope.read_purchasing,
    responses={
        200: {
            "description": "The order on paper",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def print_purchase_order(request: Request, purchase_id: UUID) -> Response:
    """A purchase order as its supplier reads it, in PDF, as it stands now."""
    from paper.purchase_order import paper_of, purchase_order_pdf

    with edge_of(request).database.reading() as session:
        paper = paper_of(session, purchase_id)
        pdf, number = purchase_order_pdf(paper), paper.order.number
    headers = {"Content-Disposition": f'inline; filename="{number}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@routes.post("/purchase-orders/{purchase_id}/amend", access=Scope.write_purchasing, answer=Bought)
async def amend_purchase_order(request: Request, purchase_id: UUID, body: Amendment) -> Response:
    """Change quantities, costs, charges or dates; what they were is kept with the reason."""
    version = version_of(request, body.version)
    asked = message(AmendPurchase, body, purchase_id=purchase_id, version=version)
    return await sending(request, "purchasing", asked, PurchaseState, partition=str(purchase_id))


@routes.post("/purchase-orders/{purchase_id}/approve", access=Scope.write_purchasing, answer=Bought)
async def approve_purchase_order(request: Request, purchase_id: UUID, body: PurchaseVersion) -> Response:
    """Approve a draft, up to the limit of one's role."""
    asked = ApprovePurchase(purchase_id=purchase_id, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, PurchaseState, partition=str(purchase_id))


@routes.post("/purchase-orders/{purchase_id}/send", access=Scope.write_purchasing, answer=Bought)
async def send_purchase_order(request: Request, purchase_id: UUID, body: PurchaseVersion) -> Response:
    """Say that the supplier has the order."""
    asked = SendPurchase(purchase_id=purchase_id, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, PurchaseState, partition=str(purchase_id))


@routes.post("/purchase-orders/{purchase_id}/confirm", access=Scope.write_purchasing, answer=Bought)
async def confirm_purchase_order(request: Request, purchase_id: UUID, body: Confirmation) -> Response:
    """Write down what the supplier has promised; said again, the dates move."""
    version = version_of(request, body.version)
    asked = message(ConfirmPurchase, body, purchase_id=purchase_id, version=version)
    return await sending(request, "purchasing", asked, PurchaseState, partition=str(purchase_id))


@routes.post("/purchase-orders/{purchase_id}/short-close", access=Scope.write_purchasing, answer=Bought)
async def short_close_purchase_order(request: Request, purchase_id: UUID, body: ShortClose) -> Response:
    """Give up what is still open of an order or of some of its lines."""
    version = version_of(request, body.version)
    asked = message(ShortClosePurchase, body, purchase_id=purchase_id, version=version)
    return await sending(request, "purchasing", asked, PurchaseState, partition=str(purchase_id))


@routes.post("/purchase-orders/{purchase_id}/cancel", access=Scope.write_purchasing, answer=Bought)
async def cancel_purchase_order(request: Request, purchase_id: UUID, body: PurchaseCancelled) -> Response:
    """Cancel an order of which nothing has come."""
    version = version_of(request, body.version)
    asked = message(CancelPurchase, body, purchase_id=purchase_id, version=version)
    return await sending(request, "purchasing", asked, PurchaseState, partition=str(purchase_id))


@routes.post("/purchase-orders/{purchase_id}/mail", access=Scope.write_purchasing, answer=Mailed)
async def mail_purchase_order(request: Request, purchase_id: UUID, body: MailAgain) -> Response:
    """Mail an order that was sent to its supplier, as it stands now; when it is sent, it goes by itself."""
    asked = MailPurchaseOrder(purchase_id=purchase_id, reason=body.reason)
    return await sending(request, "notifications", asked, NotificationView, partition=f"purchase:{purchase_id}")
