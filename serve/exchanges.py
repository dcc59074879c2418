"""Exchanges over HTTP: what comes back and what goes out in one. Amounts are minor units of the order's currency."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, create_model
from pydantic import Field as Described
from sqlalchemy import BigInteger, func, join, select
from sqlalchemy.orm import aliased
from starlette.requests import Request
from starlette.responses import Response

from agents.returns.messages.exchanges import (
    ApproveExchange,
    CancelExchange,
    ExchangePreview,
    ExchangeState,
    HoldForExchange,
    OrderForExchange,
    PreviewExchange,
    RequestExchange,
)
from db.errors import NotFound
from db.exchanges import Exchange, ExchangeLine, ExchangeStatus, exchange_next
from db.orders import Order
from db.returns import LabelPaidBy, RefundTo, Return, ReturnStatus
from db.runtime import Transition
from serve.edge import edge_of
from serve.fields import field, fields
from serve.gift_codes import name_cards
from serve.listing import Listing, Related, Row
from serve.order_view import order_id_of
from serve.requests import json_answer, sending, version_of
from serve.returns import WantedBack
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Flag,
    Quantity,
    Reason,
    Reference,
    Sku,
    Version,
    answer_shape,
    message,
)

routes = Routes("returns")
Told = answer_shape(ExchangeState)


def _next(row: Row) -> Row:
    steps = exchange_next(
        row["status"],
        instant=row["instant"],
        shipped=row["replacement_shipped_at"] is not None,
        problem=row["problem"] is not None and row["replacement_id"] is None,
    )
    return {**row, "balance": row["new_total"] - row["worth"], "next": steps}


_NEW = aliased(Order)
_OWED = (
    select(func.greatest(0, _NEW.total - _NEW.cancelled_total - _NEW.covered, type_=BigInteger))
    .where(_NEW.id == Exchange.replacement_id)
    .correlate(Exchange)
    .scalar_subquery()
)
EXCHANGES = Listing(
    "Exchange",
    join(join(Exchange, Order, Order.id == Exchange.order_id), Return, Return.id == Exchange.return_id),
    {
        **fields(
            Exchange,
            "id number order_id return_id status currency instant secured secured_until security_taken_at worth "
            "shipping new_total provider held_until "
            "replacement_id replacement_number replacement_asked_at replacement_shipped_at problem note decision "
            "decided_by decided_at requested_by version created_at updated_at",
            status=ExchangeStatus,
        ),
        "order_number": field(Order.number),
        "return_number": field(Return.number),
        "return_status": field(Return.status, choices=ReturnStatus),
        "owed": field(_OWED, nullable=True),
    },
    sortable=("created_at", "updated_at", "number", "status", "new_total"),
    sort="-created_at",
    key=("id",),
    expand={
        "goods": Related(
            ExchangeLine.exchange_id,
            fields(ExchangeLine, "no sku title quantity unit_amount discount tax_rate_ppm total for_line"),
            (ExchangeLine.no,),
        )
    },
    finish=_next,
    more={"next": (list[str], ...), "balance": (int, ...)},
)
ExchangeRow = EXCHANGES.row_shape()


class ExchangeMove(BaseModel):
    """A step in an exchange's life, or a word on it (`from_status` and `to_status` are the same then)."""

    at: datetime
    actor: str
    from_status: str | None
    to_status: str
    why: str | None


ExchangeDetail = create_model("ExchangeDetail", __base__=ExchangeRow, history=(list[ExchangeMove], ...))


class WantedOut(Ask):
    sku: Sku
    quantity: Quantity
    unit_amount: Amount | None = Described(None, description="With its tax; null is the catalogue's price")
    for_line: int | None = Described(
        None,
        strict=True,
        ge=1,
        le=100_000,
        description="Another variant of this line's product, at the worth of the units that come back",
    )


class ExchangeQuestion(Ask):
    order: Reference = Described(description="Its id or number")
    lines: list[WantedBack] = Described(min_length=1, max_length=500)
    goods: list[WantedOut] = Described(min_length=1, max_length=100, description="What goes out")
    shipping: Amount = 0


class NewExchange(ExchangeQuestion):
    instant: Flag = Described(
        False, description="The new goods leave first; what the old are worth is held on `provider` and `token`"
    )
    provider: Code | None = Described(None, description="What pays the difference, with the customer's consent")
    token: Reference | None = Described(None, description="Of a gift card its id, or its code as `code`")
    code: Reference | None = None
    label_paid_by: LabelPaidBy | None = None
    note: Reason | None = None
    exception: Reason | None = Described(None, description="Why it is let in although the policy refuses it")
    refund_to: RefundTo = Described(RefundTo.original, description="Where the difference goes that is given back")


class ExchangeApproval(Ask):
    reason: Reason | None = None
    version: Version | None = None


class ExchangeEnd(Ask):
    reason: Reason
    version: Version | None = None


class ExchangeVersion(Ask):
    version: Version | None = None


@routes.get("/exchanges", access=Scope.read_orders, answer=EXCHANGES.list_shape(ExchangeRow),
            extra=EXCHANGES.operation())  # fmt: skip
def list_exchanges(request: Request) -> Response:
    """List exchanges, the last asked for first. `owed` is what the new order still waits for."""
    return EXCHANGES.answer(request)


@routes.post("/exchanges/preview", access=Scope.write_orders, answer=answer_shape(ExchangePreview))
async def preview_exchange(request: Request, body: ExchangeQuestion) -> Response:
    """Tell what an exchange would come to, line by line, both ways; changes nothing."""
    order_id = await order_id_of(request, body.order)
    asked = message(PreviewExchange, body, order_id=order_id)
    return await sending(request, "returns", asked, ExchangePreview, partition=str(order_id))


@routes.post("/exchanges", access=Scope.write_orders, answer=Told, status=201)
async def request_exchange(request: Request, body: NewExchange) -> Response:
    """Ask to exchange goods. The new ones are held once it is approved, and leave when the old ones are here."""
    order_id = await order_id_of(request, body.order)
    await name_cards(request, [body])
    asked = message(RequestExchange, body, order_id=order_id)
    return await sending(request, "returns", asked, ExchangeState, partition=str(order_id), status=201)


@routes.get("/exchanges/{exchange_id}", access=Scope.read_orders, answer=ExchangeDetail)
def read_exchange(request: Request, exchange_id: UUID) -> Response:
    """Show an exchange with what goes out and its history, the latest first. What comes back is on its return."""
    with edge_of(request).database.reading() as session:
        row = EXCHANGES.one(session, Exchange.id == exchange_id, expand=("goods",))
        if row is None:
            raise NotFound("exchange", str(exchange_id))
        columns = (getattr(Transition, name) for name in ExchangeMove.model_fields)
        wanted = select(*columns).where(Transition.subject == f"exchange:{exchange_id}").order_by(Transition.id.desc())
        return json_answer(row | {"history": [dict(move) for move in session.execute(wanted).mappings()]})


@routes.post("/exchanges/{exchange_id}/approve", access=Scope.refund_payments, answer=Told)
async def approve_exchange(request: Request, exchange_id: UUID, body: ExchangeApproval) -> Response:
    """Let the old goods come, and hold the new ones."""
    asked = message(ApproveExchange, body, exchange_id=exchange_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ExchangeState, partition=str(exchange_id))


@routes.post("/exchanges/{exchange_id}/cancel", access=Scope.write_orders, answer=Told)
async def cancel_exchange(request: Request, exchange_id: UUID, body: ExchangeEnd) -> Response:
    """Give everything back. New goods that are ordered are called off first; once they have left it is too late."""
    asked = message(CancelExchange, body, exchange_id=exchange_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ExchangeState, partition=str(exchange_id))


@routes.post("/exchanges/{exchange_id}/hold", access=Scope.write_orders, answer=Told)
async def hold_exchange_goods(request: Request, exchange_id: UUID, body: ExchangeVersion) -> Response:
    """Hold the new goods for three more weeks."""
    asked = message(HoldForExchange, body, exchange_id=exchange_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ExchangeState, partition=str(exchange_id))


@routes.post("/exchanges/{exchange_id}/order", access=Scope.write_orders, answer=Told)
async def order_exchange_goods(request: Request, exchange_id: UUID, body: ExchangeVersion) -> Response:
    """Order the new goods once more, after it was refused."""
    asked = message(OrderForExchange, body, exchange_id=exchange_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ExchangeState, partition=str(exchange_id))
