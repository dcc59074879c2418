"""Goods that come back from customers, over HTTP. Amounts are minor units of the order's currency."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, create_model
from pydantic import Field as Described
from sqlalchemy import func, join, select
from starlette.requests import Request
from starlette.responses import Response

from agents.returns.messages import (
    ApproveReturn,
    CancelReturn,
    CloseReturn,
    DeclineReturn,
    PayWithheld,
    PreviewReturn,
    ReceiveReturn,
    RefundReturnAgain,
    RequestReturn,
    ReturnPreview,
    ReturnState,
)
from db.errors import NotFound
from db.orders import Order, OrderLine
from db.return_dispositions import GoodsChoice
from db.return_policies import RefundWhen
from db.returns import (
    Grade,
    LabelPaidBy,
    RefundState,
    RefundTo,
    Return,
    ReturnLine,
    ReturnParcelState,
    ReturnReason,
    ReturnStatus,
    ReturnUnits,
    ReturnWay,
    sold,
    what_next,
)
from db.runtime import Transition
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related, Row
from serve.order_view import order_id_of
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Flag, Grams, Lot, Quantity, Reason, Reference, Sku, Version, answer_shape, message

routes = Routes("returns")
Told = answer_shape(ReturnState)


def _next(row: Row) -> Row:
    return {
        **row,
        "next": what_next(
            row["status"], row["refund_state"], withheld=row["withheld"], alone=row["exchange_id"] is None
        ),
    }


_UNITS = (
    select(func.coalesce(func.sum(ReturnLine.quantity), 0))
    .where(ReturnLine.return_id == Return.id)
    .correlate(Return)
    .scalar_subquery()
)
_WITHHELD = (
    select(
        func.coalesce(
            func.sum(
                func.greatest(
                    0, ReturnLine.sellable + ReturnLine.damaged + ReturnLine.not_as_described - ReturnLine.credited
                )
            ),
            0,
        )
    )
    .where(ReturnLine.return_id == Return.id)
    .correlate(Return)
    .scalar_subquery()
)
_TITLE = (
    select(OrderLine.title)
    .where(OrderLine.order_id == ReturnLine.order_id, OrderLine.line_no == ReturnLine.line_no)
    .correlate(ReturnLine)
    .scalar_subquery()
)
_COMPONENTS = (
    select(OrderLine.components)
    .where(OrderLine.order_id == ReturnLine.order_id, OrderLine.line_no == ReturnLine.line_no)
    .correlate(ReturnLine)
    .scalar_subquery()
)
RETURNS = Listing(
    "Return",
    join(Return, Order, Order.id == Return.order_id),
    {
        **fields(
            Return,
            "id number order_id status currency policy_version label_paid_by way parcel carrier tracking_number "
            "label_price label_taken note exception decision decided_by "
            "decided_at shipping shipping_tax credit refund_state refunded counted due refund_error refund_to bonus "
            "exchange_id kept moved keep_why review requested_by "
            "version created_at updated_at",
            status=ReturnStatus,
            refund_state=RefundState,
            label_paid_by=LabelPaidBy,
            refund_to=RefundTo,
            way=ReturnWay,
            parcel=ReturnParcelState,
        ),
        "order_number": field(Order.number),
        "units": field(_UNITS, nullable=False),
        "withheld": field(_WITHHELD, nullable=False),
    },
    sortable=("created_at", "updated_at", "number", "status", "credit"),
    sort="-created_at",
    key=("id",),
    hidden={
        "sku": field(ReturnLine.sku, through=lambda c: Return.id.in_(select(ReturnLine.return_id).where(c))),
        "reason": field(
            ReturnLine.reason,
            choices=ReturnReason,
            through=lambda c: Return.id.in_(select(ReturnLine.return_id).where(c)),
        ),
    },
    expand={
        "lines": Related(
            ReturnLine.return_id,
            fields(
                ReturnLine,
                "line_no sku quantity reason remark rule_no rule refused refund_when fee_ppm fee_per_unit "
                "refund_shipping refund_unsellable bonus_ppm sellable damaged not_as_described missing stayed credited "
                "credited_total credited_tax fee fee_tax",
                reason=ReturnReason,
                refund_when=RefundWhen,
            )
            | {"title": field(_TITLE, nullable=False), "components": field(_COMPONENTS, nullable=True)},
            (ReturnLine.line_no,),
        ),
        "graded": Related(
            ReturnUnits.return_id,
            fields(ReturnUnits, "id line_no node grade quantity booked_as note by at", grade=Grade),
            (ReturnUnits.at, ReturnUnits.id),
        ),
    },
    finish=_next,
    more={"next": (list[str], ...)},
)
ReturnRow = RETURNS.row_shape()


class ReturnMove(BaseModel):
    """A step in a return's life, or a word on it (`from_status` and `to_status` are the same then)."""

    at: datetime
    actor: str
    from_status: str | None
    to_status: str
    why: str | None


ReturnDetail = create_model("ReturnDetail", __base__=ReturnRow, history=(list[ReturnMove], ...))


class ReturnableLine(BaseModel):
    line_no: int
    sku: str
    title: str
    shipped: int
    claimed: int = Described(description="On returns, exchanges and claims already")
    returnable: int


class Returnable(BaseModel):
    order_id: UUID
    number: str
    currency: str
    lines: list[ReturnableLine]


LineOfOrder = Described(strict=True, ge=1, le=100_000, description="Of the order")


class WantedBack(Ask):
    line_no: int = LineOfOrder
    quantity: Quantity
    reason: ReturnReason
    remark: Reason | None = Described(None, description="In the customer's own words")


class ReturnQuestion(Ask):
    order: Reference = Described(description="Its id or number")
    lines: list[WantedBack] = Described(min_length=1, max_length=500)


class NewReturn(ReturnQuestion):
    label_paid_by: LabelPaidBy | None = Described(None, description="Null: the shop where a reason is its fault")
    note: Reason | None = None
    exception: Reason | None = Described(
        None, description="Why it is let in although the policy refuses it; a person decides then"
    )
    refund_to: RefundTo = Described(
        RefundTo.original, description="The way it was paid, or the customer's store credit, with the policy's bonus"
    )


class ReturnApproval(Ask):
    reason: Reason | None = None
    version: Version | None = None


class ReturnEnd(Ask):
    reason: Reason
    version: Version | None = None


class ReturnRefund(Ask):
    to_credit: Flag = Described(False, description="As store credit of the order's customer")
    version: Version | None = None


class GradedUnits(Ask):
    line_no: int = LineOfOrder
    quantity: Quantity
    grade: Grade = Described(description="Only `sellable` units go on sale; `missing` ones were not in the parcel")
    bin: Code | None = Described(None, description="Null is the node's pick face, or its quarantine bin")
    lots: dict[Sku, Lot] = Described(default_factory=dict, description="Of each SKU in the line that is tracked")
    note: Reason | None = None
    disposition: GoodsChoice | None = Described(None, description="What becomes of them; null: what brings most")
    disposition_why: Reason | None = Described(None, description="Why it is not what brings most")


class ReturnArrival(Ask):
    node: Code
    weight_grams: Grams | None = Described(None, description="Of the parcel as it came, where somebody weighed it")
    units: list[GradedUnits] = Described(min_length=1, max_length=500)
    version: Version | None = None


class PaidUnits(Ask):
    line_no: int = LineOfOrder
    quantity: Quantity


class WithheldUnits(Ask):
    lines: list[PaidUnits] = Described(min_length=1, max_length=500)
    reason: Reason
    version: Version | None = None


@routes.get("/returns", access=Scope.read_orders, answer=RETURNS.list_shape(ReturnRow), extra=RETURNS.operation())
def list_returns(request: Request) -> Response:
    """List what customers give back, the last asked for first."""
    return RETURNS.answer(request)


@routes.post("/returns/preview", access=Scope.write_orders, answer=answer_shape(ReturnPreview))
async def preview_return(request: Request, body: ReturnQuestion) -> Response:
    """Tell what a return would come to, line by line, and what the policy says of each; changes nothing."""
    order_id = await order_id_of(request, body.order)
    asked = message(PreviewReturn, body, order_id=order_id)
    return await sending(request, "returns", asked, ReturnPreview, partition=str(order_id))


@routes.post("/returns", access=Scope.write_orders, answer=Told, status=201)
async def request_return(request: Request, body: NewReturn) -> Response:
    """Ask to give goods back. The rules that were in force when they were bought decide, or a person does."""
    order_id = await order_id_of(request, body.order)
    asked = message(RequestReturn, body, order_id=order_id)
    return await sending(request, "returns", asked, ReturnState, partition=str(order_id), status=201)


@routes.get("/orders/{order}/returnable", access=Scope.read_orders, answer=Returnable)
async def list_returnable(request: Request, order: Reference) -> Response:
    """Show how many units of each line of an order may still come back, whatever the policy says."""
    order_id = await order_id_of(request, order)
    return json_answer(await asyncio.to_thread(_returnable, request, order_id))


def _returnable(request: Request, order_id: UUID) -> Row:
    with edge_of(request).database.reading() as session:
        of = sold(session, order_id)
        lines = [
            {
                "line_no": n.line_no,
                "sku": n.sku,
                "title": n.title,
                "shipped": n.shipped,
                "claimed": of.claimed(n.line_no),
                "returnable": of.returnable(n.line_no),
            }
            for n in of.lines.values()
        ]
        return {"order_id": of.order.id, "number": of.order.number, "currency": of.order.currency, "lines": lines}


@routes.get("/returns/{return_id}", access=Scope.read_orders, answer=ReturnDetail)
def read_return(request: Request, return_id: UUID) -> Response:
    """Show a return with its lines, the units that were graded, and its history, the latest first."""
    with edge_of(request).database.reading() as session:
        row = RETURNS.one(session, Return.id == return_id, expand=("lines", "graded"))
        if row is None:
            raise NotFound("return", str(return_id))
        columns = (getattr(Transition, name) for name in ReturnMove.model_fields)
        wanted = select(*columns).where(Transition.subject == f"return:{return_id}").order_by(Transition.id.desc())
        return json_answer(row | {"history": [dict(move) for move in session.execute(wanted).mappings()]})


@routes.post("/returns/{return_id}/approve", access=Scope.refund_payments, answer=Told)
async def approve_return(request: Request, return_id: UUID, body: ReturnApproval) -> Response:
    """Let the goods come. What is as new is paid for when it is here, or at once where the policy says so."""
    asked = message(ApproveReturn, body, return_id=return_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnState, partition=str(return_id))


@routes.post("/returns/{return_id}/decline", access=Scope.refund_payments, answer=Told)
async def decline_return(request: Request, return_id: UUID, body: ReturnEnd) -> Response:
    """Decline a return; its units may be asked for again."""
    asked = message(DeclineReturn, body, return_id=return_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnState, partition=str(return_id))


@routes.post("/returns/{return_id}/cancel", access=Scope.write_orders, answer=Told)
async def cancel_return(request: Request, return_id: UUID, body: ReturnEnd) -> Response:
    """Say that the goods do not come after all, while nothing came and no money went back."""
    asked = message(CancelReturn, body, return_id=return_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnState, partition=str(return_id))


@routes.post("/returns/{return_id}/receive", access=Scope.write_stock, answer=Told)
async def receive_return(request: Request, return_id: UUID, body: ReturnArrival) -> Response:
    """Grade units that came, and say which did not; what is as new can be sold at once."""
    asked = message(ReceiveReturn, body, return_id=return_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnState, partition=str(return_id))


@routes.post("/returns/{return_id}/pay-withheld", access=Scope.refund_payments, answer=Told)
async def pay_withheld(request: Request, return_id: UUID, body: WithheldUnits) -> Response:
    """Pay for units that are here and cannot be sold again, which the policy withholds the money for."""
    asked = message(PayWithheld, body, return_id=return_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnState, partition=str(return_id))


@routes.post("/returns/{return_id}/refund", access=Scope.refund_payments, answer=Told)
async def refund_return(request: Request, return_id: UUID, body: ReturnRefund) -> Response:
    """Ask once more for a refund that a provider refused, or that no payment had enough for."""
    asked = message(RefundReturnAgain, body, return_id=return_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnState, partition=str(return_id))


@routes.post("/returns/{return_id}/close", access=Scope.refund_payments, answer=Told)
async def close_return(request: Request, return_id: UUID, body: ReturnEnd) -> Response:
    """End a return without more money through its payments: it went another way, or is not owed."""
    asked = message(CloseReturn, body, return_id=return_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnState, partition=str(return_id))
