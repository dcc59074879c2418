"""Goods that are sold before they may leave: who waits, from which day they leave, and what another day would do."""

from __future__ import annotations

from datetime import date

from pydantic import Field as Described
from sqlalchemy import Integer, cast, exists, func, select
from starlette.requests import Request
from starlette.responses import Response

from agents.promising.messages import PreviewRelease, ReleasePreview
from db.catalog import Variant
from db.fulfilment import FulfilmentLine
from db.stock import Allocation, AllocationState
from serve.fields import field, fields
from serve.listing import Listing
from serve.requests import wondering
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Sku, answer_shape, message

routes = Routes("stock")

_mine = Allocation.sku == Variant.sku
_in_a_fulfilment = exists().where(FulfilmentLine.allocation_id == Allocation.id)
_waits = (_mine, Allocation.state == AllocationState.backordered)
_there = (_mine, Allocation.state == AllocationState.allocated, ~_in_a_fulfilment)
PRE_ORDERS = Listing(
    "PreOrder",
    Variant,
    {
        **fields(Variant, "sku title release_on backorder_limit updated_at"),
        "orders": field(
            cast(
                select(func.count(Allocation.order_id.distinct()))
                .where(_mine, Allocation.state.in_((AllocationState.backordered, AllocationState.allocated)))
                .where(~_in_a_fulfilment)
                .scalar_subquery(),
                Integer,
            ),
            nullable=False,
        ),
        "waiting": field(
            cast(select(func.coalesce(func.sum(Allocation.quantity), 0)).where(*_waits).scalar_subquery(), Integer),
            nullable=False,
        ),
        "there": field(
            cast(select(func.coalesce(func.sum(Allocation.quantity), 0)).where(*_there).scalar_subquery(), Integer),
            nullable=False,
        ),
    },
    sortable=("release_on", "sku"),
    sort="release_on",
    key=("sku",),
    where=Variant.release_on.is_not(None),
)
PreOrderRow = PRE_ORDERS.row_shape()


class ReleaseQuestion(Ask):
    release_on: date | None = Described(None, description="Null: it may leave at once", examples=["2026-12-01"])


@routes.get("/pre-orders", access=Scope.read_stock, answer=PRE_ORDERS.list_shape(PreOrderRow),
            extra=PRE_ORDERS.operation())  # fmt: skip
def list_pre_orders(request: Request) -> Response:
    """List goods with a day of release: units that wait for stock, and units that are there and wait for the day."""
    return PRE_ORDERS.answer(request)


@routes.post("/variants/{sku}/release/preview", access=Scope.read_stock, answer=answer_shape(ReleasePreview))
async def preview_release(request: Request, sku: Sku, body: ReleaseQuestion) -> Response:
    """What another day of release would do to the promised days of those who wait. Changes nothing."""
    asked = message(PreviewRelease, body, sku=sku)
    return await wondering(request, "promising", asked, ReleasePreview, partition=sku)
