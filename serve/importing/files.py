"""What each exported file contains: the list whose filters it takes, the rows, and how they become cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from db.catalog import KitComponent, Price, Product, Variant
from db.customers import Customer
from db.money import to_decimal_string
from db.orders import Order, OrderLine
from db.stock import BinStock, StockStatus
from serve.customers import CUSTOMERS
from serve.edge import Caller
from serve.importing.cells import join
from serve.importing.columns import ADDRESS_FIELDS, KINDS
from serve.listing import Listing
from serve.lists import LISTS, Known
from serve.order_view import ORDERS
from serve.payments import PAYMENTS
from serve.products import PRODUCTS
from serve.replenishment import RULES
from serve.scopes import Scope
from serve.stock import BINS, LEDGER, LEVELS
from serve.suppliers import SUPPLIER_ITEMS, SUPPLIERS
from serve.views import VIEWS, visible

Row = dict[str, Any]
Tell = Callable[[Row], Row]


@dataclass(frozen=True)
class File:
    """`tell` gives the row's values by column; what it leaves out is an empty cell.

    Without a scope it is for everybody who is signed in; `bounds` are the rows that they see.
    """

    what: str
    listing: Listing
    scope: Scope | None
    columns: tuple[str, ...]
    query: Select[Any]
    tell: Tell
    bounds: Callable[[Caller], ColumnElement[bool]] | None = None

    def cells(self, row: Mapping[Any, Any]) -> list[str]:
        told = self.tell(dict(row))
        return [as_text(told.get(name)) for name in self.columns]


def as_text(value: Any) -> str:
    """A value as files have it: RFC 3339 in UTC, `true`, lists with `|`, pairs with `=`, what is deeper as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        if any(isinstance(v, dict | list) for v in inside):
            return msgspec.json.encode(value).decode()
        return join([f"{k}={v}" for k, v in value.items()] if isinstance(value, dict) else [str(v) for v in value])
    return str(value)


def percent(ppm: int) -> str:
    """200000 is "20", 77125 is "7.7125"."""
    whole, part = divmod(ppm, 10_000)
    return f"{whole}.{part:04}".rstrip("0").rstrip(".") if part else str(whole)


def _importable(kind: str) -> tuple[str, ...]:
    return tuple(c.name for c in KINDS[kind])


def _address(address: Mapping[str, Any]) -> dict[str, Any]:
    return {ours: address.get(theirs) for ours, theirs in ADDRESS_FIELDS.items()}


def _money(row: Mapping[str, Any], currency: str | None, **columns: str) -> dict[str, str]:
    """Decimal texts by column, of the row's amounts in minor units; without those that are not there."""
    amounts = {name: row[key] for name, key in columns.items()}
    return {name: to_decimal_string(a, currency) for name, a in amounts.items() if currency and a is not None}


def _listed(listing: Listing, *names: str) -> Select[Any]:
    """Rows as the list has them, in the order of its key."""
    columns = {n: listing.columns[n].column.label(n) for n in names or listing.columns}
    query = select(*columns.values()).select_from(listing.source)
    if listing.where is not None:
        query = query.where(listing.where)
    return query.order_by(*(listing.columns[k].column for k in listing.key))


# Orders

_ORDER = (
    "number", "channel", "external_ref", "status", "email", "shipping_address", "currency", "tax_inclusive",
    "order_discount", "shipping", "shipping_tax_ppm", "tags", "placed_at", "created_at",
)  # fmt: skip
_LINE = ("line_no", "sku", "title", "quantity", "cancelled", "shipped", "unit_amount", "tax_rate_ppm", "gross",
         "line_discount", "net", "tax", "total", "cancelled_amount")  # fmt: skip
_LINES = (
    select(
        *(getattr(Order, name) for name in _ORDER),
        *(getattr(OrderLine, name) for name in _LINE),
        OrderLine.order_discount.label("share"),
    )
    .join(OrderLine, OrderLine.order_id == Order.id)
    .order_by(Order.created_at, Order.id, OrderLine.line_no)
)


def _importable_line(row: Row) -> dict[str, Any]:
    address, currency = row["shipping_address"] or {}, row["currency"]
    return {
        **row,
        **_address(address),
        **_money(row, currency, unit_price="unit_amount", discount="line_discount", order_discount="order_discount",
                 shipping="shipping"),
        # An order without a name at its channel is known by our number.
        "order": row["external_ref"] or row["number"],
        "placed_at": row["placed_at"] or row["created_at"],
        "tax_rate": percent(row["tax_rate_ppm"]),
        "shipping_tax_rate": percent(row["shipping_tax_ppm"]),
        "name": address.get("name"),
        "phone": address.get("phone"),
    }  # fmt: skip


_ORDER_LINES = (
    "number", "channel", "external_ref", "status", "placed_at", "currency", "tax_inclusive", "line_no", "sku", "title",
    "quantity", "cancelled", "shipped", "unit_price", "tax_rate", "gross", "discount", "order_discount", "net", "tax",
    "total", "cancelled_amount",
)  # fmt: skip


def _full_line(row: Row) -> dict[str, Any]:
    amounts = {name: name for name in ("gross", "net", "tax", "total", "cancelled_amount")}
    money = _money(
        row, row["currency"], unit_price="unit_amount", discount="line_discount", order_discount="share", **amounts
    )
    return {**row, **money, "tax_rate": percent(row["tax_rate_ppm"])}


# Products

_PART = KitComponent.sku + "=" + cast(KitComponent.quantity, Text)
_PARTS = (
    select(func.string_agg(_PART, aggregate_order_by(literal_column("'|'"), KitComponent.sku)))
    .where(KitComponent.kit_sku == Variant.sku)
    .scalar_subquery()
)
_VARIANTS = (
    select(
        *(getattr(Product, n) for n in ("handle", "title", "description", "brand", "category", "status", "images")),
        *(getattr(Variant, n) for n in (
            "sku", "barcode", "options", "weight_grams", "length_mm", "width_mm", "height_mm", "cost_amount",
            "cost_currency", "tax_rate_ppm", "tracking", "hazmat", "hazard_class", "hs_code", "origin_country",
            "customs_title", "temperature",
            "keep_upright", "fragile", "load_bearing_grams", "ships_alone", "backorder_limit")),
        Variant.title.label("variant_title"),
        Variant.status.label("variant_status"),
        Price.currency,
        Price.amount,
        _PARTS.label("components"),
    )
    .join(Variant, Variant.product_id == Product.id)
    .join(Price, Price.sku == Variant.sku, isouter=True)
    .order_by(Product.handle, Variant.sku, Price.currency)
)  # fmt: skip


def _variant(row: Row) -> dict[str, Any]:
    return {
        **row,
        **_money(row, row["currency"], price="amount"),
        **_money(row, row["cost_currency"], cost="cost_amount"),
        "tax_rate": percent(row["tax_rate_ppm"]),
    }


# The others


def _customer(row: Row) -> dict[str, Any]:
    first: Row = next(iter(row["addresses"] or []), {})
    return {**row, **_address(first)}


def _payment(row: Row) -> dict[str, Any]:
    amounts = {name: name for name in ("amount", "authorised", "captured", "refunded")}
    return {**row, **_money(row, row["currency"], **amounts)}


def _supplier(row: Row) -> dict[str, Any]:
    return {**row, **_money(row, row["currency"], minimum_order="minimum_order"), "over_rate": percent(row["over_ppm"])}


def _supplier_item(row: Row) -> dict[str, Any]:
    breaks = {str(b["from"]): to_decimal_string(b["unit_cost"], row["currency"]) for b in row["breaks"]}
    return {**row, **_money(row, row["currency"], unit_cost="unit_cost"), "breaks": breaks}


def _rule(row: Row) -> dict[str, Any]:
    return {**row, "service": None if row["service_ppm"] is None else percent(row["service_ppm"])}


def _plain(row: Row) -> Row:
    return row


_STOCK = _listed(BINS).where(BinStock.status != StockStatus.transit)
_PEOPLE = _listed(CUSTOMERS).where(Customer.erased_at.is_(None))

_MADE: dict[str, File] = {
    "orders": File(
        "Export orders, a row an order line, as the import reads them",
        ORDERS, Scope.read_orders, _importable("orders"), _LINES, _importable_line,
    ),
    "order_lines": File(
        "Export order lines with every amount that is kept of them",
        ORDERS, Scope.read_orders, _ORDER_LINES, _LINES, _full_line,
    ),
    "products": File(
        "Export products, a row a variant and one of its prices, as the import reads them",
        PRODUCTS, Scope.read_catalog, _importable("products"), _VARIANTS, _variant,
    ),
    "customers": File(
        "Export customers as the import reads them; who was erased is left out",
        CUSTOMERS, Scope.read_customers, _importable("customers"), _PEOPLE, _customer,
    ),
    "stock": File(
        "Export what lies in which bin, as the import reads it",
        BINS, Scope.read_stock, tuple(n for n in _importable("stock") if n != "reference"), _STOCK, _plain,
    ),
    "stock_levels": File(
        "Export stock levels per SKU and node",
        LEVELS, Scope.read_stock, tuple(LEVELS.columns), _listed(LEVELS), _plain,
    ),
    "ledger": File(
        "Export the stock ledger, oldest first",
        LEDGER, Scope.read_stock, tuple(LEDGER.columns), _listed(LEDGER), _plain,
    ),
    "suppliers": File(
        "Export suppliers as the import reads them",
        SUPPLIERS, Scope.read_purchasing, _importable("suppliers"), _listed(SUPPLIERS), _supplier,
    ),
    "supplier_items": File(
        "Export who sells which SKU to us, as the import reads it",
        SUPPLIER_ITEMS, Scope.read_purchasing, _importable("supplier_items"), _listed(SUPPLIER_ITEMS), _supplier_item,
    ),
    "replenishment_rules": File(
        "Export replenishment rules as the import reads them",
        RULES, Scope.read_purchasing, _importable("replenishment_rules"), _listed(RULES), _rule,
    ),
    "payments": File(
        "Export payments, amounts as decimals of their currency",
        PAYMENTS, Scope.read_payments, tuple(PAYMENTS.columns), _listed(PAYMENTS), _payment,
    ),
}  # fmt: skip


UNDER_ANOTHER_NAME = {"stock": "stock_levels", "bin-stock": "stock"}


def _as_listed(name: str, known: Known) -> File:
    """A list with its own columns, for whom may read it."""
    what = f"Export the list of {name.replace('-', ' ')}, with its columns"
    scope = Scope(known.scopes[0]) if len(known.scopes) == 1 else None
    listing = known.listing
    return File(what, listing, scope, tuple(listing.columns), _listed(listing), _plain, known.bounds)


def _rest() -> dict[str, File]:
    """Lists that have no file made for them, by their names."""
    by_list = {name: name.replace("-", "_") for name in LISTS if name not in UNDER_ANOTHER_NAME}
    made = {file: _as_listed(name, LISTS[name]) for name, file in by_list.items() if file not in _MADE}
    made["views"] = _as_listed("views", Known(VIEWS, (), bounds=visible))
    return made


FILES: dict[str, File] = {**_MADE, **_rest()}
