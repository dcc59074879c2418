"""The columns of each file that can be imported, as data: what the reader checks, the API tells and the docs show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from db.catalog import HazardClass, ProductStatus, Temperature, Tracking
from db.customers import CLASSES
from db.orders import OrderStatus
from db.replenishment import PolicyKind
from db.stock import StockStatus


class Form(StrEnum):
    """How a cell is read."""

    text = "text"
    whole = "whole"  # digits alone
    money = "money"  # plain decimal in the row's currency
    percent = "percent"
    flag = "flag"
    moment = "moment"
    many = "many"  # separated by |
    pairs = "pairs"  # name=value, separated by |
    currency = "currency"
    country = "country"


FORMS: dict[Form, str] = {
    Form.text: "text",
    Form.whole: "a whole number, digits alone",
    Form.money: "an amount in the currency of the row: plain digits with a dot, without a currency sign",
    Form.percent: "percent from 0 to 100: `20`, `7.7125` or `20%`",
    Form.flag: "`true` or `false`; `yes`/`no` and `1`/`0` are understood",
    Form.moment: "RFC 3339 (`2026-03-01T09:00:00Z`) or `YYYY-MM-DD[ HH:MM[:SS]]`, in UTC unless an offset follows",
    Form.many: r"several values separated by `|`; `\|` is the character itself",
    Form.pairs: "`name=value`, several separated by `|`",
    Form.currency: "a code of ISO 4217",
    Form.country: "two letters of ISO 3166-1",
}


@dataclass(frozen=True)
class Column:
    """`shared` columns belong to the group (order, product), not to the row: one of its rows has to fill them in."""

    name: str
    what: str
    form: Form = Form.text
    required: bool = False
    example: str = ""
    shared: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 200


# What `agents/orders` takes; a test keeps the two alike.
CHANNELS = ("web", "marketplace", "store")
FINISHED = tuple(s.value for s in (OrderStatus.shipped, OrderStatus.delivered, OrderStatus.cancelled,
                                   OrderStatus.closed))  # fmt: skip
LYING = tuple(s.value for s in StockStatus if s is not StockStatus.transit)

_C, _F = Column, Form


def _address(*, shared: bool) -> tuple[Column, ...]:
    return (
        _C("company", "Company of the address", example="Analytical Ltd", shared=shared),
        _C("line1", "Street and number", example="12 Mill Lane", shared=shared),
        _C("line2", "Second line of the address", example="Flat 3", shared=shared),
        _C("city", "Town", example="York", shared=shared),
        _C("region", "State, county or province", example="Yorkshire", shared=shared),
        _C("postal_code", "Postal code", example="YO1 7EP", shared=shared),
        _C("country", "Country", _F.country, example="GB", shared=shared),
        _C("phone", "Telephone", example="+44 1904 000000", shared=shared),
    )


ORDERS = (
    _C("order", "The order's number at the channel; rows with the same one are one order", required=True,
       example="A-1001", longest=128),
    _C("channel", "Where it was sold", required=True, example="web", choices=CHANNELS),
    _C("placed_at", "When it was placed", _F.moment, required=True, example="2025-11-03 14:20", shared=True),
    _C("status", "How it ended; `delivered` when empty", example="delivered", shared=True, choices=FINISHED),
    _C("currency", "Currency of every amount of the order", _F.currency, required=True, example="EUR", shared=True),
    _C("sku", "What was sold; it need not be in the catalogue", required=True, example="MUG-BLUE", longest=64),
    _C("title", "Title of the line; the SKU when empty", example="Blue mug"),
    _C("quantity", "Units of the line", _F.whole, required=True, example="2"),
    _C("unit_price", "Price of one unit", _F.money, required=True, example="12.50"),
    _C("discount", "Discount of the whole line", _F.money, example="2.00"),
    _C("tax_rate", "Tax of the line", _F.percent, example="20"),
    _C("cancelled", "Units of the line that were cancelled; all of them when the order was", _F.whole,
       example="0"),
    _C("tax_inclusive", "Whether amounts contain the tax; `true` when empty", _F.flag, example="true", shared=True),
    _C("order_discount", "Discount of the whole order, beside those of lines", _F.money, example="0", shared=True),
    _C("shipping", "Shipping that was charged", _F.money, example="4.90", shared=True),
    _C("shipping_tax_rate", "Tax of the shipping", _F.percent, example="20", shared=True),
    _C("email", "E-mail of the buyer", example="ada@example.com", shared=True, longest=254),
    _C("number", "Our own number, when it is to be kept; the next one when empty", example="100001", shared=True),
    _C("tags", "Tags", _F.many, example="vip|gift", shared=True, longest=1000),
    _C("name", "Name of who receives it", example="Ada King", shared=True),
    *_address(shared=True),
)  # fmt: skip

PRODUCTS = (
    _C("handle", "Stable name of the product; rows with the same one are its variants", required=True,
       example="classic-mug"),
    _C("title", "Title of the product; a must for a new one", example="Classic mug", shared=True),
    _C("sku", "The variant", required=True, example="MUG-BLUE", longest=64),
    _C("variant_title", "Title of the variant; the product's when empty", example="Classic mug, blue"),
    _C("price", "Price in the row's currency", _F.money, example="12.50"),
    _C("currency", "Currency of the price; another row of the same SKU may give another", _F.currency, example="EUR"),
    _C("barcode", "EAN, UPC or any code that is scanned", example="4006381333931", longest=64),
    _C("options", "What tells the variant from its sisters", _F.pairs, example="colour=blue|size=M", longest=1000),
    _C("weight_grams", "Weight of a unit in grams", _F.whole, example="310"),
    _C("length_mm", "Length in millimetres", _F.whole, example="120"),
    _C("width_mm", "Width in millimetres", _F.whole, example="90"),
    _C("height_mm", "Height in millimetres", _F.whole, example="100"),
    _C("cost", "What a unit costs us", _F.money, example="4.20"),
    _C("cost_currency", "Currency of the cost; that of the price when empty", _F.currency, example="EUR"),
    _C("tax_rate", "Tax of the variant", _F.percent, example="20"),
    _C("tracking", "Whether units are told apart", example="none", choices=tuple(t.value for t in Tracking)),
    _C("hazmat", "Whether it is dangerous to carry", _F.flag, example="false"),
    _C("hazard_class", "Class of dangerous goods (UN)", example="3", choices=tuple(c.value for c in HazardClass)),
    _C("hs_code", "Code of the Harmonized System, for customs: six to twelve digits", example="691200", longest=12),
    _C("origin_country", "Country where it was made", _F.country, example="PT"),
    _C("customs_title", "What it is, for customs; the title when empty", example="Stoneware mug"),
    _C("temperature", "What it has to be kept at", example="ambient", choices=tuple(t.value for t in Temperature)),
    _C("keep_upright", "Whether it is packed with its height up and down", _F.flag, example="false"),
    _C("fragile", "Whether nothing may be packed above it", _F.flag, example="false"),
    _C("load_bearing_grams", "Grams that may be packed above a unit", _F.whole, example="2000"),
    _C("ships_alone", "Whether it goes in a carton of its own", _F.flag, example="false"),
    _C("backorder_limit", "Units that may be sold beyond the stock, per node", _F.whole, example="0"),
    _C("variant_status", "Life of the variant", example="active", choices=tuple(s.value for s in ProductStatus)),
    _C("components", "What a kit consists of: SKU=units", _F.pairs, example="MUG-BLUE=2|BOX=1", longest=4000),
    _C("status", "Life of the product", example="active", shared=True, choices=tuple(s.value for s in ProductStatus)),
    _C("category", "Path of the category", example="Home > Kitchen > Mugs", shared=True),
    _C("brand", "Brand", example="Mill Lane", shared=True),
    _C("description", "Description", example="Holds 300 ml.", shared=True, longest=20_000),
    _C("images", "Addresses of images", _F.many, example="https://example.com/mug.jpg", shared=True, longest=20_000),
)  # fmt: skip

CUSTOMERS = (
    _C("email", "E-mail; this or external_ref says who it is", example="ada@example.com", longest=254),
    _C("external_ref", "The customer's number elsewhere", example="C-77", longest=128),
    _C("name", "Full name", example="Ada King"),
    _C("class", "Class of the customer", example="standard", choices=CLASSES),
    _C("tags", "Tags; they take the place of those that are there", _F.many, example="vip|newsletter", longest=1000),
    *_address(shared=False),
)

STOCK = (
    _C("node", "Warehouse or store, by its code or its name", required=True, example="LON", longest=32),
    _C("sku", "What lies there", required=True, example="MUG-BLUE", longest=64),
    _C("quantity", "What lies there now, in units; the books are brought to it", _F.whole, required=True, example="48"),
    _C("bin", "The bin; the node's pick face when empty", example="PICK", longest=32),
    _C("lot", "Lot or serial number of what is tracked", example="L2026-03", longest=64),
    _C("status", "State of the units; `sellable` when empty", example="sellable", choices=LYING),
    _C("reference", "Why, for the ledger: it says `import REFERENCE`", example="stocktake March", longest=128),
)

SUPPLIERS = (
    _C("code", "Our short name of the supplier", required=True, example="HANSA", longest=32),
    _C("name", "Its full name; a must for a new one", example="Hansa Ceramics"),
    _C("currency", "What it is paid in; a must for a new one", _F.currency, example="EUR"),
    _C("email", "Where orders are sent to", example="orders@hansa.example", longest=254),
    _C("terms", "Terms as printed on an order", example="30 days net, FOB Hamburg", longest=500),
    _C("pay_days", "Days until it is paid; 30 for a new one", _F.whole, example="30"),
    _C("lead_days", "Days from the sending of an order, as quoted; 14 for a new one", _F.whole, example="14"),
    _C("order_weekdays", "Days of the week on which it takes orders, 0 is Monday; `0|1|2|3|4` for a new one", _F.many,
       example="0|3"),
    _C("closed_dates", "Days on which nothing is made or sent; they take the place of those that are there", _F.many,
       example="2026-12-25|2026-12-26", longest=5000),
    _C("minimum_order", "Least value of an order", _F.money, example="250.00"),
    _C("over_rate", "How far a line may be over-received without being asked about", _F.percent, example="2.5"),
    _C("rank", "Lower is asked first; 100 for a new one", _F.whole, example="100"),
    _C("active", "Whether it is ordered from", _F.flag, example="true"),
)  # fmt: skip

SUPPLIER_ITEMS = (
    _C("supplier", "Code of the supplier", required=True, example="HANSA", longest=32),
    _C("sku", "What it sells to us", required=True, example="MUG-BLUE", longest=64),
    _C("unit_cost", "What a unit costs, in the supplier's currency; a must for a new one", _F.money, example="4.20"),
    _C("currency", "The supplier's currency, for a check: costs in another are refused", _F.currency, example="EUR"),
    _C("breaks", "What a unit costs from how many on; they take the place of those that are there", _F.pairs,
       example="100=3.80|500=3.50", longest=2000),
    _C("minimum_quantity", "Least units of an order line; 1 for a new one", _F.whole, example="12"),
    _C("case_pack", "Units in a pack; 1 for a new one", _F.whole, example="6"),
    _C("lead_days", "Quoted days for this SKU; the supplier's when it was never said", _F.whole, example="21"),
    _C("supplier_sku", "What the supplier calls it; as we do for a new one", example="HC-1042", longest=128),
    _C("rank", "Lower is asked first; the supplier's when it was never said", _F.whole, example="50"),
    _C("active", "False blocks the SKU at this supplier", _F.flag, example="true"),
)  # fmt: skip

REPLENISHMENT_RULES = (
    _C("node", "Code of the node", required=True, example="LON", longest=32),
    _C("sku", "What is kept there", required=True, example="MUG-BLUE", longest=64),
    _C("policy", "How it is kept; as its class when it was never said", example="min/max",
       choices=tuple(p.value for p in PolicyKind)),
    _C("service", "Service level, from 50 to 99.9", _F.percent, example="97.5"),
    _C("minimum", "Units at which it is ordered", _F.whole, example="20"),
    _C("maximum", "Units that it is filled up to", _F.whole, example="80"),
    _C("lot", "Units each time, of the policy `fixed`", _F.whole, example="40"),
    _C("review_days", "Days between two looks", _F.whole, example="7"),
    _C("supplier", "Whom it is bought from; else whoever is asked first", example="HANSA", longest=32),
    _C("snoozed_until", "The day before which nothing is suggested", _F.moment, example="2026-04-01"),
    _C("why", "For whoever finds the rule in a year", example="a fair in May", longest=500),
)  # fmt: skip

KINDS: dict[str, tuple[Column, ...]] = {
    "orders": ORDERS,
    "products": PRODUCTS,
    "customers": CUSTOMERS,
    "stock": STOCK,
    "suppliers": SUPPLIERS,
    "supplier_items": SUPPLIER_ITEMS,
    "replenishment_rules": REPLENISHMENT_RULES,
}
GROUPED_BY: dict[str, tuple[str, ...]] = {"orders": ("channel", "order"), "products": ("handle",)}
"""Rows that are alike in these columns are one thing and have to be sent in one call."""


ADDRESS_FIELDS = {"company": "company", "line1": "line1", "line2": "line2", "city": "city", "region": "region",
                  "postal_code": "postcode", "country": "country"}  # fmt: skip
"""Columns of an address, and the names that addresses are kept under."""


def by_name(kind: str) -> dict[str, Column]:
    return {c.name: c for c in KINDS[kind]}


def missing_columns(kind: str, named: Sequence[str]) -> list[str]:
    return [c.name for c in KINDS[kind] if c.required and c.name not in named]


def unknown_columns(kind: str, named: Sequence[str]) -> list[str]:
    known = by_name(kind)
    return [name for name in named if name not in known]


def markdown(kind: str) -> str:
    """The table of a kind's columns, as docs/import-export.md shows it."""
    lines = ["| column | | what | example |", "|---|---|---|---|"]
    for c in KINDS[kind]:
        told = [c.what, FORMS[c.form] if c.form is not Form.text else ""]
        told.append("one of " + ", ".join(f"`{choice}`" for choice in c.choices) if c.choices else "")
        what = "; ".join(part for part in told if part).replace("|", "\\|")
        example = c.example.replace("|", "\\|")
        lines.append(f"| `{c.name}` | {'must' if c.required else ''} | {what} | `{example}` |")
    return "\n".join(lines)
