"""Files of other systems, known by their headings: how each of our columns is read from theirs.

Headings as the vendors document them; docs/import-export.md names the pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from serve.importing.cells import join

Theirs = Mapping[str, str]
Cells = dict[str, str]


@dataclass(frozen=True)
class Preset:
    """`read` takes all rows of one thing, by their headings, and gives our cells of each; {} leaves a row out.

    `needs` are headings that tell the file (one of each tuple), `key` those that rows of one thing share,
    `columns` what is read from where (for people), `asks` what the file does not say.
    """

    name: str
    kind: str
    title: str
    needs: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]
    columns: dict[str, str]
    read: Callable[[Sequence[Theirs]], list[Cells]]
    asks: tuple[str, ...] = ()

    def fits(self, heading: Sequence[str]) -> bool:
        return all(any(name in heading for name in names) for names in self.needs)


def _first(row: Theirs, *names: str) -> str:
    """The first of several headings that has anything in it; without the ' that keeps spreadsheets from counting."""
    for name in names:
        if text := row.get(name, "").strip().removeprefix("'").strip():
            return text
    return ""


def _filled(cells: Mapping[str, str]) -> Cells:
    return {name: text for name, text in cells.items() if text}


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)


def _said_once(rows: Sequence[Theirs], *names: str) -> str:
    return next((text for row in rows if (text := _first(row, *names))), "")


def _tags(text: str) -> str:
    return join([tag.strip() for tag in text.split(",") if tag.strip()])


# Shopify


def _shopify_orders(rows: Sequence[Theirs]) -> list[Cells]:
    tax = re.search(r"(\d+(?:\.\d+)?) ?%", _said_once(rows, "Tax 1 Name"))
    source = _said_once(rows, "Source")
    shared = _filled({
        "status": _shopify_status(rows),
        "currency": _said_once(rows, "Currency"),
        "placed_at": _said_once(rows, "Created at"),
        "shipping": _said_once(rows, "Shipping"),
        "order_discount": _said_once(rows, "Discount Amount"),
        "email": _said_once(rows, "Email"),
        "tags": _tags(_said_once(rows, "Tags")),
        "name": _said_once(rows, "Shipping Name", "Billing Name"),
        "company": _said_once(rows, "Shipping Company"),
        "line1": _said_once(rows, "Shipping Address1", "Shipping Street"),
        "line2": _said_once(rows, "Shipping Address2"),
        "city": _said_once(rows, "Shipping City"),
        "region": _said_once(rows, "Shipping Province"),
        "postal_code": _said_once(rows, "Shipping Zip"),
        "country": _said_once(rows, "Shipping Country"),
        "phone": _said_once(rows, "Shipping Phone", "Phone"),
    })  # fmt: skip
    found = []
    for n, row in enumerate(rows):
        line = {
            "order": _first(row, "Name"),
            "channel": "store" if source == "pos" else "web",
            "sku": _first(row, "Lineitem sku"),
            "title": _first(row, "Lineitem name"),
            "quantity": _first(row, "Lineitem quantity"),
            "unit_price": _first(row, "Lineitem price"),
            "discount": _first(row, "Lineitem discount"),
            "tax_rate": tax[1] if tax and _first(row, "Lineitem taxable").lower() != "false" else "",
        }
        found.append(_filled(line | (shared if n == 0 else {})))
    return found


def _shopify_status(rows: Sequence[Theirs]) -> str:
    if _said_once(rows, "Cancelled at"):
        return "cancelled"
    said = _said_once(rows, "Fulfillment Status").lower()
    return {"fulfilled": "shipped", "": "unfulfilled"}.get(said, said)


def _shopify_products(rows: Sequence[Theirs]) -> list[Cells]:
    names = [_said_once(rows, f"Option{n} Name", f"Option{n} name") for n in (1, 2, 3)]
    found = []
    for n, row in enumerate(rows):
        if not _first(row, "Variant SKU", "SKU", "Variant Price", "Price"):
            found.append(Cells())  # a row for a further picture
            continue
        values = [_first(row, f"Option{i} Value", f"Option{i} value") for i in (1, 2, 3)]
        options = {k: v for k, v in zip(names, values, strict=True) if k and v and v != "Default Title"}
        shared = {
            "title": _first(row, "Title"),
            "description": _first(row, "Body (HTML)", "Description"),
            "brand": _first(row, "Vendor"),
            "category": _first(row, "Product Category", "Product category", "Type"),
            "status": {"active": "active", "draft": "draft", "archived": "discontinued"}.get(
                _first(row, "Status").lower(), ""
            ),
            "images": _first(row, "Image Src", "Product image URL"),
        }
        found.append(_filled({
            "handle": _first(row, "Handle", "URL handle"),
            "sku": _first(row, "Variant SKU", "SKU"),
            "price": _first(row, "Variant Price", "Price"),
            "barcode": _first(row, "Variant Barcode", "Barcode"),
            "cost": _first(row, "Cost per item"),
            "weight_grams": _first(row, "Variant Grams", "Weight value (grams)").partition(".")[0],
            "options": join([f"{k}={v}" for k, v in options.items()]),
            **(shared if n == 0 else {}),
        }))  # fmt: skip
    return found


def _shopify_customers(rows: Sequence[Theirs]) -> list[Cells]:
    def of(row: Theirs, name: str) -> str:
        return _first(row, f"Default Address {name}", name)

    return [
        _filled({
            "external_ref": _first(row, "Customer ID"),
            "email": _first(row, "Email"),
            "name": " ".join(part for part in (_first(row, "First Name"), _first(row, "Last Name")) if part),
            "phone": _first(row, "Phone", "Default Address Phone"),
            "company": of(row, "Company"),
            "line1": of(row, "Address1"),
            "line2": of(row, "Address2"),
            "city": of(row, "City"),
            "region": of(row, "Province Code"),
            "postal_code": of(row, "Zip"),
            "country": of(row, "Country Code"),
            "tags": _tags(_first(row, "Tags")),
        })
        for row in rows
    ]  # fmt: skip


def _shopify_inventory(rows: Sequence[Theirs]) -> list[Cells]:
    found = []
    for row in rows:
        units = _first(row, "On hand (new)", "On hand (current)", "On hand")
        if not units or units.lower() == "not stocked":
            found.append(Cells())
            continue
        found.append(_filled({"node": _first(row, "Location"), "sku": _first(row, "SKU"), "quantity": units}))
    return found


# Amazon


def _amazon_orders(rows: Sequence[Theirs]) -> list[Cells]:
    """Prices are of the whole line there: a unit's is rounded up and the rest is a discount."""
    inclusive = not _said_once(rows, "sales-channel").lower().endswith(("amazon.com", ".ca", ".com.mx"))
    shipping = sum((_decimal(_first(r, "shipping-price")) - _decimal(_first(r, "ship-promotion-discount"))
                    for r in rows), Decimal(0))  # fmt: skip
    said = _said_once(rows, "order-status")
    shared = _filled({
        "status": _AMAZON_STATUS.get(said.lower(), said),
        "currency": _said_once(rows, "currency"),
        "placed_at": _said_once(rows, "purchase-date"),
        "tax_inclusive": "true" if inclusive else "false",
        "shipping": str(shipping) if shipping > 0 else "",
        "email": _said_once(rows, "buyer-email"),
        "name": _said_once(rows, "recipient-name", "buyer-name"),
        "line1": _said_once(rows, "ship-address-1"),
        "line2": _said_once(rows, "ship-address-2"),
        "city": _said_once(rows, "ship-city"),
        "region": _said_once(rows, "ship-state"),
        "postal_code": _said_once(rows, "ship-postal-code"),
        "country": _said_once(rows, "ship-country"),
    })  # fmt: skip
    found: list[Cells] = []
    for row in rows:
        quantity = _first(row, "quantity", "quantity-purchased")
        if quantity == "0":
            found.append(Cells())  # of what was cancelled before it was charged only the name is left
            continue
        gone = _first(row, "item-status").lower() in ("cancelled", "canceled") and shared.get("status") != "cancelled"
        line = {
            "order": _first(row, "amazon-order-id", "order-id"),
            "channel": "marketplace",
            "sku": _first(row, "sku"),
            "title": _first(row, "product-name")[:200],
            "quantity": quantity,
            "cancelled": quantity if gone else "",
            **_amazon_price(row, quantity, inclusive=inclusive),
        }
        found.append(_filled(line | ({} if any(found) else shared)))
    return found


_AMAZON_STATUS = {
    "shipped": "shipped",
    "complete": "shipped",
    "shipped - delivered to buyer": "delivered",
    "shipped - picked up": "delivered",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}


def _amazon_price(row: Theirs, quantity: str, *, inclusive: bool) -> Cells:
    whole = _first(row, "item-price", "item price")
    if not quantity.isdigit() or not whole:
        return {"unit_price": whole}
    price, units = _decimal(whole), int(quantity)
    grain = Decimal(1).scaleb(max(_exponent(price), -2)) if "." in whole else Decimal(1)
    unit = (price / units).quantize(grain, ROUND_CEILING)
    discount = unit * units - price + abs(_decimal(_first(row, "item-promotion-discount")))
    tax = _decimal(_first(row, "item-tax"))
    net = unit * units - discount - (tax if inclusive else 0)
    rate = (tax * 100 / net).quantize(Decimal("0.0001")).normalize() if net > 0 else Decimal(0)
    return {
        "unit_price": str(unit),
        "discount": str(discount) if discount else "",
        "tax_rate": f"{rate:f}" if 0 < rate <= 100 else "",
    }


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _amazon_listings(rows: Sequence[Theirs]) -> list[Cells]:
    return [
        _filled({
            "handle": re.sub(r"[^a-z0-9]+", "-", _first(row, "seller-sku").lower()).strip("-"),
            "title": _first(row, "item-name")[:200],
            "sku": _first(row, "seller-sku"),
            "price": _first(row, "price"),
            # Their product-id is a barcode when its type says UPC or EAN, and an ASIN otherwise.
            "barcode": _first(row, "product-id") if _first(row, "product-id-type") in ("3", "4") else "",
            "description": _first(row, "item-description"),
            "images": _first(row, "image-url"),
            "status": "active" if _first(row, "status").lower() in ("", "active") else "draft",
        })
        for row in rows
    ]  # fmt: skip


def _amazon_inventory(rows: Sequence[Theirs]) -> list[Cells]:
    found = []
    for row in rows:
        units = _first(row, "quantity", "afn-fulfillable-quantity")
        found.append(_filled({"sku": _first(row, "sku", "seller-sku"), "quantity": units}) if units else Cells())
    return found


_ADDRESS = {
    "name": "Shipping Name", "company": "Shipping Company", "line1": "Shipping Address1", "line2": "Shipping Address2",
    "city": "Shipping City", "region": "Shipping Province", "postal_code": "Shipping Zip",
    "country": "Shipping Country", "phone": "Shipping Phone",
}  # fmt: skip

PRESETS: tuple[Preset, ...] = (
    Preset(
        "shopify_orders", "orders", "Shopify: orders export",
        (("Name",), ("Lineitem sku",), ("Lineitem quantity",), ("Lineitem price",), ("Created at",)), ("Name",),
        {"order": "Name", "channel": "Source", "placed_at": "Created at", "status": "Cancelled at, Fulfillment Status",
         "currency": "Currency", "sku": "Lineitem sku", "title": "Lineitem name", "quantity": "Lineitem quantity",
         "unit_price": "Lineitem price", "discount": "Lineitem discount", "tax_rate": "Tax 1 Name",
         "order_discount": "Discount Amount", "shipping": "Shipping", "email": "Email", "tags": "Tags", **_ADDRESS},
        _shopify_orders,
    ),
    Preset(
        "shopify_products", "products", "Shopify: products export",
        (("Handle", "URL handle"), ("Title",), ("Variant SKU", "SKU"), ("Variant Price", "Price")),
        ("Handle", "URL handle"),
        {"handle": "Handle", "title": "Title", "sku": "Variant SKU", "price": "Variant Price",
         "barcode": "Variant Barcode", "options": "Option1 Name, Option1 Value, …", "weight_grams": "Variant Grams",
         "cost": "Cost per item", "status": "Status", "category": "Product Category, Type", "brand": "Vendor",
         "description": "Body (HTML)", "images": "Image Src"},
        _shopify_products, asks=("currency",),
    ),
    Preset(
        "shopify_customers", "customers", "Shopify: customers export",
        (("First Name",), ("Last Name",), ("Email",), ("Default Address Country Code", "Country Code")), (),
        {"external_ref": "Customer ID", "email": "Email", "name": "First Name, Last Name",
         "phone": "Phone, Default Address Phone", "company": "Default Address Company",
         "line1": "Default Address Address1", "line2": "Default Address Address2", "city": "Default Address City",
         "region": "Default Address Province Code", "postal_code": "Default Address Zip",
         "country": "Default Address Country Code", "tags": "Tags"},
        _shopify_customers,
    ),
    Preset(
        "shopify_inventory", "stock", "Shopify: inventory export",
        (("SKU",), ("Location",), ("On hand (new)", "On hand (current)", "On hand")), (),
        {"node": "Location", "sku": "SKU", "quantity": "On hand (new), On hand (current), On hand"},
        _shopify_inventory,
    ),
    Preset(
        "amazon_orders", "orders", "Amazon: All Orders report",
        (("amazon-order-id",), ("purchase-date",), ("order-status",), ("sku",)), ("amazon-order-id",),
        {"order": "amazon-order-id", "channel": "always marketplace", "placed_at": "purchase-date",
         "status": "order-status", "currency": "currency", "sku": "sku", "title": "product-name",
         "quantity": "quantity", "cancelled": "item-status", "unit_price": "item-price, quantity",
         "discount": "item-promotion-discount", "tax_rate": "item-tax", "tax_inclusive": "sales-channel",
         "shipping": "shipping-price, ship-promotion-discount", "city": "ship-city", "region": "ship-state",
         "postal_code": "ship-postal-code", "country": "ship-country"},
        _amazon_orders,
    ),
    Preset(
        "amazon_listings", "products", "Amazon: All Listings report",
        (("seller-sku",), ("item-name",), ("price",)), ("seller-sku",),
        {"handle": "seller-sku", "title": "item-name", "sku": "seller-sku", "price": "price",
         "barcode": "product-id, product-id-type", "description": "item-description", "images": "image-url",
         "status": "status"},
        _amazon_listings, asks=("currency",),
    ),
    Preset(
        "amazon_inventory", "stock", "Amazon: Inventory report",
        (("sku",), ("asin",), ("quantity", "afn-fulfillable-quantity")), (),
        {"sku": "sku", "quantity": "quantity, afn-fulfillable-quantity"},
        _amazon_inventory, asks=("node",),
    ),
)  # fmt: skip
BY_NAME = {p.name: p for p in PRESETS}


def recognise(kind: str, heading: Sequence[str]) -> Preset | None:
    """The preset of a kind that a file's headings fit, the one that needs most of them first."""
    fitting = [p for p in PRESETS if p.kind == kind and p.fits(heading)]
    return max(fitting, key=lambda p: len(p.needs), default=None)
