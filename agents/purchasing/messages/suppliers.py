"""Suppliers and what they sell. Money is minor units of the supplier's currency."""

from __future__ import annotations

import msgspec

from agents.contract import Command, State


class PutSupplier(Command, frozen=True, kw_only=True):
    """Create a supplier or change it. Orders that are there keep their own currency and terms."""

    code: str
    name: str
    currency: str
    email: str | None = None
    terms: str = ""
    pay_days: int = 30
    lead_days: int = 14
    order_weekdays: list[int] = msgspec.field(default_factory=lambda: [0, 1, 2, 3, 4])  # Monday is 0
    closed_dates: list[str] = []
    minimum_order: int = 0
    over_ppm: int = 0
    rank: int = 100
    active: bool = True
    version: int | None = None


class PriceBreak(msgspec.Struct, frozen=True, kw_only=True):
    from_quantity: int
    unit_cost: int


class PutSupplierItem(Command, frozen=True, kw_only=True):
    """How a supplier sells one of our SKUs."""

    supplier: str
    sku: str
    unit_cost: int
    supplier_sku: str | None = None  # None: it calls it as we do
    breaks: list[PriceBreak] = []
    minimum_quantity: int = 1
    case_pack: int = 1
    lead_days: int | None = None
    rank: int | None = None
    active: bool = True
    version: int | None = None


class RemoveSupplierItem(Command, frozen=True, kw_only=True):
    """The supplier does not sell the SKU to us any more. Orders that are there stay."""

    supplier: str
    sku: str
    version: int | None = None


class PreferSupplier(Command, frozen=True, kw_only=True):
    """Ask this supplier first for the SKU; the others follow in the order in which they are."""

    supplier: str
    sku: str


class SupplierState(State, frozen=True, kw_only=True):
    code: str
    name: str
    currency: str
    active: bool
    version: int
    created: bool = False


class SupplierItemState(State, frozen=True, kw_only=True):
    supplier: str
    sku: str
    supplier_sku: str
    unit_cost: int
    breaks: list[PriceBreak]
    minimum_quantity: int
    case_pack: int
    rank: int | None
    active: bool
    version: int
    created: bool = False


class SupplierItemRemoved(State, frozen=True, kw_only=True):
    supplier: str
    sku: str
