"""Suppliers, what they sell us, and approval limits over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Described
from sqlalchemy import join
from starlette.requests import Request
from starlette.responses import Response

from agents.purchasing.messages.orders import ApprovalLimitState, SetApprovalLimit
from agents.purchasing.messages.suppliers import (
    PreferSupplier,
    PutSupplier,
    PutSupplierItem,
    RemoveSupplierItem,
    SupplierItemRemoved,
    SupplierItemState,
    SupplierState,
)
from db.errors import NotFound
from db.purchasing import ApprovalLimit, open_orders_of
from db.suppliers import Supplier, SupplierItem, place_of_item, sellers_of_item, skus_of_supplier
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Code,
    Currency,
    Email,
    Flag,
    Name,
    Ppm,
    Quantity,
    QuantityOrNone,
    Reference,
    Sku,
    Version,
    answer_shape,
    message,
)

routes = Routes("purchasing")

_ITEM = "supplier_sku unit_cost breaks minimum_quantity case_pack lead_days rank active version created_at updated_at"
SUPPLIER_ITEMS = Listing(
    "SupplierItem",
    join(SupplierItem, Supplier, Supplier.code == SupplierItem.supplier),
    {
        **fields(SupplierItem, f"supplier sku {_ITEM}"),
        "currency": field(Supplier.currency),
        "place": field(place_of_item(), nullable=True),
        "sellers": field(sellers_of_item(), nullable=False),
    },
    sortable=("supplier", "sku", "unit_cost", "created_at", "updated_at"),
    sort="supplier",
    key=("supplier", "sku"),
)
SUPPLIERS = Listing(
    "Supplier",
    Supplier,
    {
        **fields(
            Supplier,
            "code name email currency terms pay_days lead_days order_weekdays closed_dates minimum_order over_ppm rank "
            "active version created_at updated_at",
        ),
        "skus": field(skus_of_supplier(), nullable=False),
        "open_orders": field(open_orders_of(Supplier.code), nullable=False),
    },
    sortable=("rank", "code", "name", "created_at", "updated_at"),
    sort="rank",
    key=("code",),
    expand={
        "items": Related(SupplierItem.supplier, fields(SupplierItem, f"sku {_ITEM}"), (SupplierItem.sku,), via="code")
    },
)
LIMITS = Listing(
    "ApprovalLimit",
    ApprovalLimit,
    fields(ApprovalLimit, "role currency amount version updated_at"),
    sortable=("role", "currency", "amount"),
    sort="role",
    key=("role", "currency"),
)
SupplierRow = SUPPLIERS.row_shape()

Days = Annotated[int, Described(strict=True, ge=0, le=730)]
Weekday = Annotated[int, Described(strict=True, ge=0, le=6)]


class SupplierBody(Ask):
    name: Name = Described(examples=["Hansa Ceramics"])
    currency: Currency = Described(examples=["EUR"])
    email: Email | None = Described(None, description="Where orders are sent to")
    terms: str = Described("", max_length=500, examples=["30 days net, FOB Hamburg"])
    pay_days: Days = 30
    lead_days: Days = Described(14, description="As quoted, from the sending of an order")
    order_weekdays: list[Weekday] = Described(
        default=[0, 1, 2, 3, 4], min_length=1, max_length=7, description="Monday is 0", examples=[[0, 3]]
    )
    closed_dates: list[str] = Described(default_factory=list, max_length=400, examples=[["2026-12-25"]])
    minimum_order: Amount = 0
    over_ppm: Ppm = Described(0, description="How far a line may be over-received without being asked about")
    rank: QuantityOrNone = Described(100, description="Lower is asked first")
    active: Flag = True
    version: Version | None = None


class Break(Ask):
    from_quantity: Quantity = Described(examples=[100])
    unit_cost: Amount = Described(examples=[380])


class SupplierItemBody(Ask):
    unit_cost: Amount = Described(examples=[420])
    supplier_sku: Reference | None = None
    breaks: list[Break] = Described(default_factory=list, max_length=50)
    minimum_quantity: Quantity = 1
    case_pack: Quantity = 1
    lead_days: Days | None = Described(None, description="Null is the supplier's")
    rank: QuantityOrNone | None = Described(None, description="Null is the supplier's")
    active: Flag = Described(True, description="False blocks the SKU at this supplier")
    version: Version | None = None


class LimitBody(Ask):
    amount: Amount | None = Described(None, description="Null takes the right to approve away")
    version: Version | None = None


@routes.get("/suppliers", access=Scope.read_purchasing, answer=SUPPLIERS.list_shape(SupplierRow),
            extra=SUPPLIERS.operation())  # fmt: skip
def list_suppliers(request: Request) -> Response:
    """List suppliers, those asked first on top."""
    return SUPPLIERS.answer(request)


@routes.get("/suppliers/{supplier}", access=Scope.read_purchasing, answer=SupplierRow)
def read_supplier(request: Request, supplier: Code) -> Response:
    """Show a supplier with what it sells us."""
    with edge_of(request).database.reading() as session:
        row = SUPPLIERS.one(session, Supplier.code == supplier, expand=("items",))
    if row is None:
        raise NotFound("supplier", supplier)
    return json_answer(row)


@routes.put("/suppliers/{supplier}", access=Scope.write_purchasing, answer=answer_shape(SupplierState))
async def put_supplier(request: Request, supplier: Code, body: SupplierBody) -> Response:
    """Create a supplier or change it."""
    asked = message(PutSupplier, body, code=supplier, version=version_of(request, body.version))
    return await sending(request, "purchasing", asked, SupplierState, partition=supplier)


@routes.get("/supplier-items", access=Scope.read_purchasing,
            answer=SUPPLIER_ITEMS.list_shape(SUPPLIER_ITEMS.row_shape()),
            extra=SUPPLIER_ITEMS.operation())  # fmt: skip
def list_supplier_items(request: Request) -> Response:
    """List who sells which SKU at what cost."""
    return SUPPLIER_ITEMS.answer(request)


@routes.put("/suppliers/{supplier}/items/{sku}", access=Scope.write_purchasing, answer=answer_shape(SupplierItemState))
async def put_supplier_item(request: Request, supplier: Code, sku: Sku, body: SupplierItemBody) -> Response:
    """Say how a supplier sells one of our SKUs."""
    version = version_of(request, body.version)
    asked = message(PutSupplierItem, body, supplier=supplier, sku=sku, version=version)
    return await sending(request, "purchasing", asked, SupplierItemState, partition=supplier)


@routes.delete("/suppliers/{supplier}/items/{sku}", access=Scope.write_purchasing,
               answer=answer_shape(SupplierItemRemoved))  # fmt: skip
async def remove_supplier_item(request: Request, supplier: Code, sku: Sku) -> Response:
    """The supplier does not sell the SKU to us any more. Orders that are there stay as they are."""
    asked = RemoveSupplierItem(supplier=supplier, sku=sku, version=version_of(request, None))
    return await sending(request, "purchasing", asked, SupplierItemRemoved, partition=supplier)


@routes.post("/suppliers/{supplier}/items/{sku}/prefer", access=Scope.write_purchasing,
             answer=answer_shape(SupplierItemState))  # fmt: skip
async def prefer_supplier(request: Request, supplier: Code, sku: Sku) -> Response:
    """Ask this supplier first for the SKU. The others keep their order behind it."""
    asked = PreferSupplier(supplier=supplier, sku=sku)
    return await sending(request, "purchasing", asked, SupplierItemState, partition=supplier)


@routes.get("/approval-limits", access=Scope.read_purchasing, answer=LIMITS.list_shape(LIMITS.row_shape()),
            extra=LIMITS.operation())  # fmt: skip
def list_approval_limits(request: Request) -> Response:
    """List up to which total each role may approve."""
    return LIMITS.answer(request)


@routes.put("/approval-limits/{role}/{currency}", access=Scope.write_settings, answer=answer_shape(ApprovalLimitState))
async def set_approval_limit(request: Request, role: Code, currency: Currency, body: LimitBody) -> Response:
    """Say up to which total a role may approve purchase orders in a currency."""
    version = version_of(request, body.version)
    asked = SetApprovalLimit(role=role, currency=currency, amount=body.amount, version=version)
    return await sending(request, "purchasing", asked, ApprovalLimitState, partition=role)
