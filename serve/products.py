"""The catalogue over HTTP: products with their variants, prices and kits."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import ConfigDict
from pydantic import Field as Described
from sqlalchemy import or_, select
from starlette.requests import Request
from starlette.responses import Response

from agents.catalog.messages import MoveProduct, ProductState, PutBarcode, PutPrices, PutProduct, SetRelease
from db.catalog import (
    PRODUCT_MOVES,
    HazardClass,
    KitComponent,
    Price,
    Product,
    ProductStatus,
    Temperature,
    Tracking,
    Variant,
)
from db.costing import landed_cost, landed_currency
from db.errors import NotFound
from db.stock import StockLevel
from serve.edge import caller_of, edge_of
from serve.fields import field, fields
from serve.listing import Listing, Related
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Amount,
    Ask,
    Country,
    Currency,
    Flag,
    Grams,
    HsCode,
    LongText,
    Millimetres,
    Name,
    Ppm,
    Quantity,
    QuantityOrNone,
    Reference,
    Scalar,
    Sku,
    Version,
    answer_shape,
    message,
)

routes = Routes("catalogue")

LEVELS = fields(StockLevel, "node on_hand sellable allocated held backordered updated_at")
VARIANTS = Listing(
    "Variant",
    Variant,
    fields(
        Variant,
        "sku product_id title options barcode weight_grams length_mm width_mm height_mm cost_amount cost_currency "
        "tax_rate_ppm tracking hazmat hazard_class hs_code origin_country customs_title temperature "
        "keep_upright fragile load_bearing_grams ships_alone backorder_limit release_on status version created_at "
        "updated_at",
        status=ProductStatus,
        tracking=Tracking,
        hazard_class=HazardClass,
        temperature=Temperature,
    )
    | {
        # Of what came on orders, on average, in the currency in which it came last.
        "landed_cost": field(landed_cost(), nullable=True),
        "landed_currency": field(landed_currency(), nullable=True),
    },
    sortable=("sku", "title", "created_at", "updated_at"),
    sort="sku",
    key=("sku",),
    hidden={"category": field(Product.category, through=lambda c: Variant.product_id.in_(select(Product.id).where(c)))},
    expand={
        "prices": Related(Price.sku, fields(Price, "currency amount"), (Price.currency,), via="sku"),
        "components": Related(
            KitComponent.kit_sku, fields(KitComponent, "sku quantity"), (KitComponent.sku,), via="sku"
        ),
    },
)
PRODUCTS = Listing(
    "Product",
    Product,
    fields(
        Product,
        "id handle title description brand category status attributes images version created_at updated_at",
        status=ProductStatus,
    ),
    sortable=("created_at", "updated_at", "title", "handle"),
    sort="-created_at",
    key=("id",),
    expand={
        "variants": Related(
            Variant.product_id, {k: v for k, v in VARIANTS.columns.items() if k != "product_id"}, (Variant.sku,)
        )
    },
)
VariantRow, ProductRow = VARIANTS.row_shape(), PRODUCTS.row_shape()
STOCKED = Related(StockLevel.sku, LEVELS, (StockLevel.node,), via="sku")


class ProductDetail(ProductRow):  # type: ignore[valid-type, misc]
    next: list[str]


class VariantDetail(VariantRow):  # type: ignore[valid-type, misc]
    """`levels` is for those who may read stock; `hidden` names what was left out."""

    levels: list[dict[str, object]]
    hidden: list[str]


class VariantBody(Ask):
    sku: Sku
    title: Name | None = None
    barcode: Reference | None = None
    options: dict[Name, Name] = Described(default_factory=dict, max_length=20)
    weight_grams: Grams = 0
    length_mm: Millimetres = 0
    width_mm: Millimetres = 0
    height_mm: Millimetres = 0
    cost_amount: Amount | None = None
    cost_currency: Currency | None = None
    tax_rate_ppm: Ppm = 0
    tracking: Tracking = Tracking.none
    hazmat: Flag = False
    hazard_class: HazardClass | None = Described(None, description="Of dangerous goods: bins take only what they name")
    hs_code: HsCode | None = Described(None, examples=["691200"], description="Of the Harmonized System, for customs")
    origin_country: Country | None = Described(None, description="Where it was made")
    customs_title: Name | None = Described(None, description="What it is, for customs. Null: the title")
    temperature: Temperature = Temperature.ambient
    keep_upright: Flag = Described(False, description="Packed with its height up and down")
    fragile: Flag = Described(False, description="Nothing is packed above it")
    load_bearing_grams: Grams | None = Described(None, description="What may be packed above a unit. Null: any weight")
    ships_alone: Flag = Described(False, description="In a carton of its own, which its size and weight are of")
    backorder_limit: QuantityOrNone = 0
    status: ProductStatus = ProductStatus.active
    prices: dict[Currency, Amount] = Described(default_factory=dict, max_length=200)
    components: dict[Sku, Quantity] = Described(default_factory=dict, max_length=100)


class PreorderBody(Ask):
    release_on: date | None = Described(examples=["2026-12-01"], description="Null: leaves at once, as everything does")


class ProductBody(Ask):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"title": "Mug", "variants": [{"sku": "MUG", "weight_grams": 300, "prices": {"EUR": 1000}}]}
        },
    )
    title: Name
    description: LongText = ""
    brand: Name | None = None
    category: Name | None = Described(None, examples=["Home > Kitchen > Mugs"])
    status: ProductStatus = ProductStatus.active
    attributes: dict[Name, Scalar] = Described(default_factory=dict, max_length=200)
    images: list[Reference] = Described(default_factory=list, max_length=100)
    variants: list[VariantBody] = Described(default_factory=list, max_length=500)
    version: Version | None = None


class PricesBody(Ask):
    prices: dict[Currency, Amount] = Described(min_length=1, max_length=200, examples=[{"EUR": 1000, "GBP": 900}])


class BarcodeBody(Ask):
    barcode: Reference
    instead_of: Reference | None = Described(None, description="The barcode that was seen; null for none")


class MoveBody(Ask):
    to: ProductStatus
    version: Version | None = None


@routes.put("/products/{handle}", access=Scope.write_catalog, answer=answer_shape(ProductState))
async def put_product(request: Request, handle: Reference, body: ProductBody) -> Response:
    """Create a product with its variants, or bring the one with this handle to what is said.

    Variants that are not named stay as they are.
    """
    asked = message(PutProduct, body, handle=handle, version=version_of(request, body.version))
    return await sending(request, "catalog", asked, ProductState, partition=handle)


@routes.get("/products", access=Scope.read_catalog, answer=PRODUCTS.list_shape(ProductRow), extra=PRODUCTS.operation())
def list_products(request: Request) -> Response:
    """List products, newest first."""
    return PRODUCTS.answer(request)


@routes.get("/products/{product}", access=Scope.read_catalog, answer=ProductDetail)
def read_product(request: Request, product: Reference) -> Response:
    """Show a product by id or handle, with its variants."""
    ident = _uuid(product)
    condition = or_(Product.id == ident, Product.handle == product) if ident else Product.handle == product
    with edge_of(request).database.reading() as session:
        row = PRODUCTS.one(session, condition, expand=("variants",))
    if row is None:
        raise NotFound("product", product)
    row["next"] = sorted(s.value for s in PRODUCT_MOVES[ProductStatus(row["status"])])
    return json_answer(row)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


@routes.post("/products/{product_id}/move", access=Scope.write_catalog, answer=answer_shape(ProductState))
async def move_product(request: Request, product_id: UUID, body: MoveBody) -> Response:
    """Move a product along its life: draft, active, discontinued."""
    asked = message(MoveProduct, body, product_id=product_id, version=version_of(request, body.version))
    return await sending(request, "catalog", asked, ProductState, partition=str(product_id))


@routes.get("/variants", access=Scope.read_catalog, answer=VARIANTS.list_shape(VariantRow), extra=VARIANTS.operation())
def list_variants(request: Request) -> Response:
    """List variants by SKU."""
    return VARIANTS.answer(request)


@routes.get("/variants/{sku}", access=Scope.read_catalog, answer=VariantDetail)
def read_variant(request: Request, sku: Sku) -> Response:
    """Show a variant with its prices, components and stock."""
    sees_stock = Scope.read_stock.value in caller_of(request).scopes
    with edge_of(request).database.reading() as session:
        row = VARIANTS.one(session, Variant.sku == sku, expand=("prices", "components"))
        if row is None:
            raise NotFound("variant", sku)
        row["levels"] = STOCKED.load(session, [sku]).get(sku, []) if sees_stock else []
    row["hidden"] = [] if sees_stock else ["levels"]
    return json_answer(row)


@routes.put("/variants/{sku}/barcode", access=Scope.write_catalog, answer=answer_shape(ProductState))
async def put_barcode(request: Request, sku: Sku, body: BarcodeBody) -> Response:
    """Give a variant a barcode, while it has the one that was seen."""
    return await sending(request, "catalog", message(PutBarcode, body, sku=sku), ProductState, partition=sku)


@routes.put("/variants/{sku}/release", access=Scope.write_catalog, answer=answer_shape(ProductState))
async def set_release(request: Request, sku: Sku, body: PreorderBody) -> Response:
    """Say from which day a SKU may leave. Sold before it is a pre-order, up to its backorder limit."""
    asked = SetRelease(sku=sku, release_on=body.release_on)
    return await sending(request, "catalog", asked, ProductState, partition=sku)


@routes.put("/variants/{sku}/prices", access=Scope.write_catalog, answer=answer_shape(ProductState))
async def put_prices(request: Request, sku: Sku, body: PricesBody) -> Response:
    """Set a variant's prices in the currencies that are named."""
    return await sending(request, "catalog", message(PutPrices, body, sku=sku), ProductState, partition=sku)
