"""What makes a product sound, and the refusals when it is not. Pure functions: no database, no clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from agents.catalog.messages import PutProduct, VariantAsk
from db.catalog import HazardClass, ProductStatus, Temperature, Tracking
from db.errors import Conflict, Invalid
from db.money import LARGEST, MILLION, AmountTooLarge, NegativeNumber, minor_digits

LONGEST_SKU = 64  # characters; what Code 128 labels of 100 mm still print readably
LONGEST_NAME = 200
LARGEST_INTEGER = 2**31 - 1  # a PostgreSQL integer
_HS_CODE = re.compile(r"[0-9]{6,12}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(eq=False)
class BadName(Invalid):
    """A SKU, handle or barcode that cannot be printed, scanned or typed again."""

    field: str
    value: str
    longest: int

    def __str__(self) -> str:
        return (
            f"{self.value!r} cannot be a {self.field}: use 1 to {self.longest} printable characters "
            "without a space at either end."
        )


@dataclass(eq=False)
class BadField(Invalid):
    field: str
    value: Any
    why: str

    def __str__(self) -> str:
        return f"{self.field} cannot be {self.value!r}: {self.why}."


@dataclass(eq=False)
class NamedTwice(Invalid):
    field: str
    value: str

    def __str__(self) -> str:
        return f"The {self.field} {self.value} is named twice in one request."


@dataclass(eq=False)
class BarcodeTaken(Conflict):
    barcode: str
    sku: str

    def __str__(self) -> str:
        return f"The barcode {self.barcode} belongs to {self.sku} already."


@dataclass(eq=False)
class HasOtherBarcode(Conflict):
    sku: str
    barcode: str | None

    def __str__(self) -> str:
        now = f"has the barcode {self.barcode} now" if self.barcode else "has no barcode now"
        return f"{self.sku} {now}, which is not what you saw. Look again before you change it."


@dataclass(eq=False)
class SkuOfAnotherProduct(Conflict):
    sku: str
    handle: str

    def __str__(self) -> str:
        return f"{self.sku} belongs to the product {self.handle}."


@dataclass(eq=False)
class UnknownComponent(Invalid):
    kit: str
    sku: str

    def __str__(self) -> str:
        return f"{self.kit} cannot contain {self.sku}: there is no such SKU."


@dataclass(eq=False)
class KitInKit(Invalid):
    kit: str
    sku: str

    def __str__(self) -> str:
        return f"{self.kit} cannot contain {self.sku}: kits contain plain SKUs only, not themselves or kits."


@dataclass(eq=False)
class StockInTheWay(Conflict):
    """The change would turn units that exist into nonsense."""

    sku: str
    node: str
    on_hand: int
    promised: int
    wanted: str

    def __str__(self) -> str:
        return (
            f"{self.sku} cannot become {self.wanted} while {self.on_hand} units lie at {self.node} and "
            f"{self.promised} are promised there."
        )


@dataclass(eq=False)
class OrderInTheWay(Conflict):
    sku: str
    purchase: str

    def __str__(self) -> str:
        return (
            f"{self.sku} cannot become a kit while units of it are to come on {self.purchase}: take them off it first."
        )


@dataclass(eq=False)
class BackorderLimitTooLow(Conflict):
    sku: str
    node: str
    limit: int
    backordered: int

    def __str__(self) -> str:
        return (
            f"The backorder limit of {self.sku} cannot be {self.limit}: {self.backordered} units are "
            f"backordered at {self.node}."
        )


def check_product(ask: PutProduct) -> None:
    """Raise the refusal for the first thing that is wrong with the product as said, whatever is stored."""
    _check_name("handle", ask.handle, LONGEST_NAME)
    _check_text("title", ask.title, needed=True)
    _check_text("description", ask.description)
    _check_text("brand", ask.brand)
    _check_text("category", ask.category)
    _check_status("status", ask.status)
    _check_json("attributes", ask.attributes)
    for image in ask.images:
        _check_text("images", image, needed=True)
    _check_unique("SKU", [v.sku for v in ask.variants])
    _check_unique("barcode", [v.barcode for v in ask.variants if v.barcode is not None])
    for variant in ask.variants:
        _check_variant(variant)


def check_barcode(barcode: str) -> None:
    _check_name("barcode", barcode, LONGEST_SKU)


def check_prices(sku: str, prices: Mapping[str, int]) -> None:
    for currency, amount in prices.items():
        _check_amount(f"prices.{currency} of {sku}", currency, amount)


def check_components(
    kit: str, components: Mapping[str, int], *, known: Mapping[str, Any], kits: Mapping[str, Any]
) -> None:
    """`known` are the SKUs that exist, `kits` those that are kits themselves once this request is through."""
    for sku in components:
        if sku not in known and sku != kit:
            raise UnknownComponent(kit, sku)
        if sku == kit or sku in kits:
            raise KitInKit(kit, sku)


def _check_customs(ask: VariantAsk) -> None:
    if ask.hs_code is not None and not _HS_CODE.fullmatch(ask.hs_code):
        raise BadField(f"hs_code of {ask.sku}", ask.hs_code, "it is six to twelve digits without dots, such as 691200")
    if ask.origin_country is not None and not _COUNTRY.fullmatch(ask.origin_country):
        raise BadField(f"origin_country of {ask.sku}", ask.origin_country, "it is two capital letters, such as PT")
    _check_text(f"customs_title of {ask.sku}", ask.customs_title)


def _check_variant(ask: VariantAsk) -> None:
    if ask.temperature not in list(Temperature):
        raise BadField(f"temperature of {ask.sku}", ask.temperature, f"it is one of {', '.join(Temperature)}")
    if ask.hazard_class is not None and ask.hazard_class not in list(HazardClass):
        raise BadField(f"hazard_class of {ask.sku}", ask.hazard_class, f"it is one of {', '.join(HazardClass)}")
    if ask.hazard_class is not None and not ask.hazmat:
        raise BadField(f"hazard_class of {ask.sku}", ask.hazard_class, "only dangerous goods (hazmat) have one")
    _check_customs(ask)
    _check_name("SKU", ask.sku, LONGEST_SKU)
    if ask.barcode is not None:
        check_barcode(ask.barcode)
    _check_text(f"title of {ask.sku}", ask.title)
    _check_json(f"options of {ask.sku}", ask.options)
    _check_status(f"status of {ask.sku}", ask.status)
    if ask.tracking not in list(Tracking):
        raise BadField(f"tracking of {ask.sku}", ask.tracking, f"it is one of {', '.join(Tracking)}")
    for field in ("weight_grams", "length_mm", "width_mm", "height_mm", "backorder_limit"):
        _check_integer(f"{field} of {ask.sku}", getattr(ask, field), LARGEST_INTEGER)
    _check_integer(f"tax_rate_ppm of {ask.sku}", ask.tax_rate_ppm, MILLION)
    if (ask.cost_amount is None) != (ask.cost_currency is None):
        raise BadField(f"cost of {ask.sku}", ask.cost_amount, "an amount and its currency go together")
    if ask.cost_amount is not None and ask.cost_currency is not None:
        _check_amount(f"cost_amount of {ask.sku}", ask.cost_currency, ask.cost_amount)
    check_prices(ask.sku, ask.prices)
    for component, quantity in ask.components.items():
        if not 0 < quantity <= LARGEST_INTEGER:
            raise BadField(f"quantity of {component} in {ask.sku}", quantity, "a kit contains at least one of each")


def _check_name(field: str, value: str, longest: int) -> None:
    if not 0 < len(value) <= longest or not value.isprintable() or value != value.strip():
        raise BadName(field, value[: longest + 1], longest)


def _check_text(field: str, value: str | None, *, needed: bool = False) -> None:
    if needed and not (value or "").strip():
        raise BadField(field, value, "it cannot be empty")
    if value is not None and "\x00" in value:
        raise BadField(field, value[:LONGEST_NAME], "PostgreSQL keeps no NUL characters")


def _check_json(field: str, value: Any) -> None:
    if b"\\u0000" in msgspec.json.encode(value):
        raise BadField(field, "…", "PostgreSQL keeps no NUL characters")


def _check_status(field: str, value: str) -> None:
    if value not in list(ProductStatus):
        raise BadField(field, value, f"it is one of {', '.join(ProductStatus)}")


def _check_integer(field: str, value: int, largest: int) -> None:
    if value < 0:
        raise NegativeNumber(field, value)
    if value > largest:
        raise BadField(field, value, f"{largest} is the most")


def _check_amount(field: str, currency: str, amount: int) -> None:
    minor_digits(currency)
    if amount < 0:
        raise NegativeNumber(field, amount)
    if amount > LARGEST:
        raise AmountTooLarge(amount, LARGEST)


def _check_unique(field: str, values: list[str]) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            raise NamedTwice(field, value)
