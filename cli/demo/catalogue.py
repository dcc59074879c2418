"""The demo shop's catalogue: every SKU with its price, size, barcode and cost, where it is kept and how it sells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from typing import Any

from cli.demo.borders import CUSTOMS
from cli.demo.families import FAMILIES, Family

BRAND = "Larch & Loom"
SEED = 20261
TAX_PPM = 200_000  # 20 %, in the price
POUNDS = 87  # pence for a hundred cents

KITS = {  # sold as one SKU, picked as its parts
    "BREAKFAST-2": ("Breakfast for two", 6400, {"MUG-SAGE": 2, "BOWL-SAGE": 2, "JAR-0.5L": 1}),
    "COFFEE-SET": ("Slow coffee set", 4900, {"DRIPPER-SAND": 1, "MUG-SAND": 2}),
    "BATH-SET": ("Towel set, sage", 6900, {"BATH-SAGE-70X140": 2, "HAND-TOWEL-SAGE": 2}),
    "HOUSE-WARMING": ("House-warming box", 5900, {"CANDLE-FIG-200G": 1, "TOWEL-STRIPE": 2, "OLIVE-SOAP": 1}),
}
KIT_PARTS = {sku: parts for sku, (_, _, parts) in KITS.items()}
LOTS = {"HAND-WASH-FIG": ("L2608", "L2610"), "HAND-WASH-CEDAR": ("L2609",)}  # new this week: batches on the shelf
FRAGILE = ("BAUBLES", "CAKE-STAND", "CARAFE", "MIRROR", "TEACUP", "TUMBLERS", "WINE")
UPRIGHT = ("BATH-SALTS", "DIFFUSER", "HAND-WASH")
BACKORDERED = "FLOOR-LAMP-BRASS"  # three in the house, twenty-five may be promised
SPLIT = ("KETTLE-STEEL", "VASE-SAND")  # kept at one node each: both in one order is a split order

# What the categories have in common, by the longest beginning: nodes, when it sells, who makes it.
_TRAITS = {
    "Kitchen": ("LON", "RTM"), "Kitchen > Cooking": ("RTM",), "Dining": ("LON",), "Living": ("LON", "TLL"),
    "Living > Furniture": ("RTM",), "Living > Floor": ("RTM",), "Bedroom": ("RTM", "TLL"),
    "Bath": ("LON", "RTM", "TLL"), "Garden": ("RTM",), "Children": ("TLL",), "Study": ("TLL",), "Gifts": ("LON", "RTM"),
}  # fmt: skip
_SEASONS = {
    "Garden": "spring", "Gifts > Winter": "christmas", "Living > Scent": "winter", "Bedroom > Nightwear": "winter",
    "Bedroom > Bedding": "winter", "Children > Toys": "christmas", "Gifts": "christmas", "Study": "september",
}  # fmt: skip


@dataclass(frozen=True)
class Supplier:
    """Who makes it. `late` is the chance that a delivery comes later than promised."""

    name: str
    lead_days: int
    late: float

    @property
    def code(self) -> str:
        """The first word of the name, in the letters of a code."""
        return "".join(c for c in self.name.split()[0].upper() if c.isascii() and c.isalpha())


_SUPPLIERS = {
    "Kitchen": Supplier("Halden Ceramics", 21, 0.10), "Kitchen > Tools": Supplier("Oliveri & Figli", 28, 0.15),
    "Kitchen > Cooking": Supplier("Fonderie du Nord", 42, 0.30), "Dining": Supplier("Glashütte Riedl", 24, 0.12),
    "Living": Supplier("Atelier Nørre", 30, 0.18), "Living > Furniture": Supplier("Saare Puit", 49, 0.35),
    "Bedroom": Supplier("Lisbon Linen Mill", 35, 0.22), "Bath": Supplier("Lisbon Linen Mill", 30, 0.22),
    "Garden": Supplier("Green & Daughters", 18, 0.10), "Children": Supplier("Puulelu", 25, 0.12),
    "Study": Supplier("Papeterie Blanc", 14, 0.06), "Gifts": Supplier("Papeterie Blanc", 20, 0.08),
}  # fmt: skip


@dataclass(frozen=True)
class Good:
    """A SKU that has stock of its own. `weight` is its share of the demand, in no unit."""

    sku: str
    handle: str
    title: str
    product: str
    category: str
    options: tuple[tuple[str, str], ...]
    parcel: tuple[int, int, int]
    cents: int
    grams: int
    barcode: str
    cost: int
    weight: float

    @property
    def prices(self) -> dict[str, int]:
        return {"EUR": self.cents, "GBP": round(self.cents * POUNDS / 5_000) * 50}

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Where it is kept, the first asked first; what sells best is kept everywhere."""
        if self.sku in SPLIT:
            return ("LON",) if self.sku == SPLIT[0] else ("TLL",)
        if self.sku == BACKORDERED:
            return ("RTM",)
        return ("LON", "RTM", "TLL") if self.weight > BEST_SELLER else _trait(_TRAITS, self.category)

    @cached_property
    def season(self) -> str:
        kind: str = _trait(_SEASONS, self.category, "steady")
        return kind

    @cached_property
    def supplier(self) -> Supplier:
        supplier: Supplier = _trait(_SUPPLIERS, self.category)
        return supplier

    @property
    def is_large(self) -> bool:
        return max(self.parcel) >= 400 or self.grams > 2000

    @property
    def is_new(self) -> bool:
        """Has no past: it came in this week."""
        return self.sku in LOTS or self.sku == BACKORDERED


BEST_SELLER = 1.8


def _trait(traits: dict[str, Any], category: str, otherwise: Any = None) -> Any:
    fitting = [name for name in traits if category.startswith(f"Home > {name}")]
    return traits[max(fitting, key=len)] if fitting else otherwise


@cache
def goods(families: int | None = None) -> tuple[Good, ...]:
    """Every SKU with stock of its own, in the order of the catalogue; the first so many families of it."""
    rng = random.Random(SEED)  # noqa: S311 - a believable shop, no secret
    found: list[Good] = []
    for family in FAMILIES:
        liked = rng.lognormvariate(0, 0.6)
        for colour, size, factor in _kinds(family):
            # A long tail: the first tenth of the ranks brings half of the demand.
            rank = 520 * rng.random()
            weight = liked * 100 / (rank + 8) ** 0.95
            cost = family.cents * factor // 100 * rng.randint(34, 48) // 100
            found.append(_good(family, colour, size, factor, serial=len(found), weight=weight, cost=cost))
    if families is None:
        return tuple(found)
    kept = {f.prefix for f in FAMILIES[:families]} | _ALWAYS
    return tuple(g for g in found if g.handle in {p.lower() for p in kept})


_ALWAYS = {"MUG", "BOWL", "JAR", "ENAMEL-MUG", "HAND-WASH", "FLOOR-LAMP", "KETTLE", "VASE"}


def _kinds(family: Family) -> Iterator[tuple[str, str, int]]:
    for colour in family.colours.split() or [""]:
        for size, factor in family.sizes or (("", 100),):
            yield colour, size, factor


def _good(family: Family, colour: str, size: str, factor: int, *, serial: int, weight: float, cost: int) -> Good:
    coded = size.upper().replace(" ", "").replace("×", "X").replace("CUPS", "")
    sku = "-".join(part for part in (family.prefix, colour.upper(), coded) if part)
    kind = ", ".join(part for part in (colour, size) if part)
    return Good(
        sku=sku,
        handle=family.prefix.lower(),
        title=f"{family.title}, {kind}" if kind else family.title,
        product=family.title,
        category=f"Home > {family.category}",
        options=tuple((name, value) for name, value in (("colour", colour), ("size", size)) if value),
        parcel=family.parcel,
        cents=round(family.cents * factor / 5_000) * 50,
        grams=family.grams * factor // 100,
        barcode=_ean(serial),
        cost=cost,
        weight=weight,
    )


def _ean(serial: int) -> str:
    """An EAN-13 out of the range that shops give out among themselves (GS1 General Specifications, 1.4)."""
    digits = f"2904{serial * 37 + 10_000:08d}"
    check = -sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10
    return f"{digits}{check}"


def products(families: int | None = None) -> list[tuple[str, dict[str, Any]]]:
    """(handle, body) for `PUT /products/{handle}`, kits last: their parts come before them."""
    sold = goods(families)
    plain = [(handle, _product(list(kinds))) for handle, kinds in groupby(sold, key=lambda g: g.handle)]
    return plain + [_kit(sku, serial) for serial, sku in enumerate(kits(families))]


def kits(families: int | None = None) -> list[str]:
    """The kits whose parts are all sold."""
    known = {g.sku for g in goods(families)}
    return [sku for sku, parts in KIT_PARTS.items() if known >= set(parts)]


def _product(kinds: list[Good]) -> dict[str, Any]:
    first = kinds[0]
    return {
        "title": first.product,
        "brand": BRAND,
        "category": first.category,
        "attributes": {"demo": True, "supplier": first.supplier.name},
        "variants": [_variant(g) for g in kinds],
    }


def _variant(good: Good) -> dict[str, Any]:
    length, width, height = good.parcel
    hs_code, origin = _trait(CUSTOMS, good.category)
    return {
        "sku": good.sku,
        "title": good.title,
        "options": dict(good.options),
        "barcode": good.barcode,
        "weight_grams": good.grams,
        "length_mm": length,
        "width_mm": width,
        "height_mm": height,
        "hs_code": hs_code,
        "origin_country": origin,
        "customs_title": good.product,
        "fragile": good.sku.startswith(FRAGILE),
        "keep_upright": good.sku.startswith(UPRIGHT),
        "cost_amount": good.cost,
        "cost_currency": "EUR",
        "tax_rate_ppm": TAX_PPM,
        "tracking": "lot" if good.sku in LOTS else "none",
        "backorder_limit": 25 if good.sku == BACKORDERED else 0,
        "prices": good.prices,
    }


def _kit(sku: str, serial: int) -> tuple[str, dict[str, Any]]:
    title, cents, parts = KITS[sku]
    by_sku = {g.sku: g for g in goods()}
    variant = {
        "sku": sku,
        "title": title,
        "barcode": _ean(900_000 + serial),
        "weight_grams": sum(by_sku[part].grams * n for part, n in parts.items()),
        "length_mm": 360,
        "width_mm": 300,
        "height_mm": 200,
        "cost_amount": sum(by_sku[part].cost * n for part, n in parts.items()),
        "cost_currency": "EUR",
        "tax_rate_ppm": TAX_PPM,
        "prices": {"EUR": cents, "GBP": round(cents * POUNDS / 5_000) * 50},
        "components": parts,
    }
    body = {
        "title": title,
        "brand": BRAND,
        "category": "Home > Gifts > Sets",
        "attributes": {"demo": True},
        "variants": [variant],
    }
    return sku.lower(), body
