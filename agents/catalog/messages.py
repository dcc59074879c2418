"""What may be said to the catalog agent, and what it says."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task, Undo


class VariantAsk(msgspec.Struct, frozen=True, kw_only=True):
    """`prices` maps a currency to minor units; `components` maps a SKU to its quantity in a kit."""

    sku: str
    title: str | None = None
    barcode: str | None = None
    options: dict[str, str] = {}
    weight_grams: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    cost_amount: int | None = None
    cost_currency: str | None = None
    tax_rate_ppm: int = 0
    tracking: str = "none"
    hazmat: bool = False
    hazard_class: str | None = None
    hs_code: str | None = None
    origin_country: str | None = None
    customs_title: str | None = None
    temperature: str = "ambient"
    keep_upright: bool = False
    fragile: bool = False
    load_bearing_grams: int | None = None
    ships_alone: bool = False
    backorder_limit: int = 0
    status: str = "active"
    prices: dict[str, int] = {}
    components: dict[str, int] = {}


class PutProduct(Command, frozen=True, kw_only=True):
    """Create a product with its variants, or bring the one with this handle to what is said here.

    Variants that are not named stay as they are; a SKU of another product is refused.
    """

    handle: str
    title: str
    description: str = ""
    brand: str | None = None
    category: str | None = None
    status: str = "active"
    attributes: dict[str, Any] = {}
    images: list[str] = []
    variants: list[VariantAsk] = []
    version: int | None = None


class PutPrices(Command, frozen=True, kw_only=True):
    sku: str
    prices: dict[str, int]


class PutBarcode(Command, frozen=True, kw_only=True):
    """Give a variant a barcode. `instead_of` is the one that was seen on it, None for none: another one is kept."""

    sku: str
    barcode: str
    instead_of: str | None = None


class SetRelease(Command, frozen=True, kw_only=True):
    """From which day a SKU may leave the house; sold before that it is a pre-order. None: at once."""

    sku: str
    release_on: date | None


class MoveProduct(Command, frozen=True, kw_only=True):
    """Along the product's lifecycle: draft, active, discontinued."""

    product_id: UUID
    to: str
    version: int | None = None


class DoProductRow(Task, frozen=True, kw_only=True):
    """One product of an action on many: say the command `kind` for `actor`, and tell the bulk agent how it went."""

    job_id: UUID
    row_no: int
    kind: str
    body: dict[str, Any]
    actor: str


class JudgeProducts(Command, frozen=True, kw_only=True):
    """What would be refused if each of these products were moved to `to` now. Changes nothing."""

    to: str
    product_ids: list[UUID]


class ProductWouldRefuse(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str
    sentence: str


class ProductsJudged(State, frozen=True, kw_only=True):
    refused: list[ProductWouldRefuse]


class ProductState(State, frozen=True, kw_only=True):
    id: UUID
    handle: str
    title: str
    status: str
    version: int
    skus: list[str]
    created: bool
    next: list[str]
    undo: Undo | None = None  # of what was just done, when it has a way back


class ProductChanged(Event, frozen=True, kw_only=True):
    product_id: UUID
    handle: str
    skus: list[str]
    created: bool
