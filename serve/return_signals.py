"""What speaks for looking twice at somebody's returns, over HTTP, and how much comes back of whom and of what."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import join, select
from starlette.requests import Request
from starlette.responses import Response

from agents.returns.messages.signals import ReturnSignalState, SetSignalAside
from db.catalog import Variant
from db.customers import Customer
from db.errors import NotFound
from db.orders import Order, OrderLine
from db.return_signals import ReturnSignal, SignalKind, SignalStatus, signal_next
from db.return_standing import PRIOR_UNITS, Standing, item_standing, shop_mean, shrunk_ppm, standing_of
from db.returns import Return
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Reason, Sku, Version, answer_shape, message

routes = Routes("returns")
LOOKED_BACK = timedelta(days=365)


def _next(row: Row) -> Row:
    return {**row, "next": signal_next(row["status"])}


RETURN_SIGNALS = Listing(
    "ReturnSignal",
    join(ReturnSignal, Return, Return.id == ReturnSignal.return_id),
    {
        **fields(
            ReturnSignal,
            "id kind status return_id order_id customer_id line_no sku why facts set_aside_by set_aside_at "
            "set_aside_why version created_at updated_at",
            kind=SignalKind,
            status=SignalStatus,
        ),
        "number": field(Return.number),
    },
    sortable=("created_at", "updated_at", "kind"),
    sort="-created_at",
    key=("id",),
    finish=_next,
    more={"next": (list[str], ...)},
)
SignalRow = RETURN_SIGNALS.row_shape()


class SignalAside(Ask):
    reason: Reason
    version: Version | None = None


class ReturnRate(BaseModel):
    """Over the last year. `rate_ppm` is `(back + prior_units · mean) / (bought + prior_units)`."""

    returns: int
    back: int = Described(description="Units that were asked back, and not declined or called off")
    bought: int = Described(description="Units that were sent")
    rate_ppm: int = Described(description="Drawn towards the shop's mean, the more the fewer were bought")
    mean_ppm: int = Described(description="Of the shop's last 2000 orders in the currency")
    prior_units: int
    currency: str = Described(description="Of the orders that the mean is of; empty where nothing was bought")


@routes.get(
    "/return-signals", access=Scope.read_orders, answer=RETURN_SIGNALS.list_shape(SignalRow),
    extra=RETURN_SIGNALS.operation(),
)  # fmt: skip
def list_return_signals(request: Request) -> Response:
    """List what speaks for looking twice at returns, the latest first. It refuses nothing: a person decides."""
    return RETURN_SIGNALS.answer(request)


@routes.post(
    "/return-signals/{signal_id}/set-aside", access=Scope.refund_payments, answer=answer_shape(ReturnSignalState)
)
async def set_return_signal_aside(request: Request, signal_id: UUID, body: SignalAside) -> Response:
    """Say that a signal is nothing, and why: it changes no path any more, and is not raised again for that return."""
    asked = message(SetSignalAside, body, signal_id=signal_id, version=version_of(request, body.version))
    return await sending(request, "returns", asked, ReturnSignalState, partition=str(signal_id))


@routes.get("/return-rates/customers/{customer_id}", access=Scope.read_orders, answer=ReturnRate)
def read_customer_return_rate(request: Request, customer_id: UUID) -> Response:
    """How much of what a customer bought in a year came back, beside the shop's mean."""
    edge = edge_of(request)
    with edge.database.reading() as session:
        if session.get(Customer, customer_id) is None:
            raise NotFound("customer", str(customer_id))
        last = select(Order).where(Order.customer_id == customer_id).order_by(Order.created_at.desc()).limit(1)
        order = session.scalars(last).first()
        stood = standing_of(session, order, edge.clock() - LOOKED_BACK) if order is not None else Standing()
        currency = order.currency if order is not None else ""
        return json_answer(_rate(stood, shop_mean(session, currency).rate_ppm, currency))


@routes.get("/return-rates/items/{sku}", access=Scope.read_orders, answer=ReturnRate)
def read_item_return_rate(request: Request, sku: Sku) -> Response:
    """How much of what was sold of a SKU in a year came back, beside the shop's mean."""
    edge = edge_of(request)
    with edge.database.reading() as session:
        if session.scalar(select(Variant.sku).where(Variant.sku == sku)) is None:
            raise NotFound("SKU", sku)
        stood = item_standing(session, sku, edge.clock() - LOOKED_BACK)
        sold_in = select(Order.currency).join(OrderLine, OrderLine.order_id == Order.id).where(OrderLine.sku == sku)
        currency = session.scalar(sold_in.order_by(Order.created_at.desc()).limit(1)) or ""
        return json_answer(_rate(stood, shop_mean(session, currency).rate_ppm, currency))


def _rate(stood: Standing, mean_ppm: int, currency: str) -> Row:
    return {
        "returns": stood.returns,
        "back": stood.back,
        "bought": stood.bought,
        "rate_ppm": shrunk_ppm(stood.back, stood.bought, mean_ppm),
        "mean_ppm": mean_ppm,
        "prior_units": PRIOR_UNITS,
        "currency": currency,
    }
