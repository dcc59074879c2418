"""Purchase orders and who may approve them. Money is minor units of the order's currency."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class SetApprovalLimit(Command, frozen=True, kw_only=True):
    """Up to which total a role may approve; None takes the right away."""

    role: str
    currency: str
    amount: int | None
    version: int | None = None


class PurchaseLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int
    unit_cost: int | None = None  # None: the supplier's for this quantity
    discount_ppm: int = 0
    why: str | None = None


class ChargeAsk(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    amount: int
    shared_by: str = "value"


class CreatePurchase(Command, frozen=True, kw_only=True):
    supplier: str
    node: str
    lines: list[PurchaseLineAsk]
    charges: list[ChargeAsk] = []
    expected_at: datetime | None = None
    note: str | None = None


class AmendedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays as it is."""

    line_no: int
    quantity: int | None = None
    unit_cost: int | None = None
    discount_ppm: int | None = None
    expected_at: datetime | None = None


class AmendPurchase(Command, frozen=True, kw_only=True):
    """Change an order. `charges` replace those that were there."""

    purchase_id: UUID
    reason: str
    lines: list[AmendedLine] = []
    add: list[PurchaseLineAsk] = []
    charges: list[ChargeAsk] | None = None
    expected_at: datetime | None = None
    note: str | None = None
    version: int | None = None


class ApprovePurchase(Command, frozen=True, kw_only=True):
    purchase_id: UUID
    version: int | None = None


class SendPurchase(Command, frozen=True, kw_only=True):
    """The supplier has it from now on; dates that nobody has said follow from the quoted lead time."""

    purchase_id: UUID
    version: int | None = None


class ConfirmedLine(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    expected_at: datetime


class ConfirmPurchase(Command, frozen=True, kw_only=True):
    """What the supplier has promised; said again, the dates move."""

    purchase_id: UUID
    expected_at: datetime | None = None  # of lines that are not named
    lines: list[ConfirmedLine] = []
    reference: str | None = None
    version: int | None = None


class ShortClosePurchase(Command, frozen=True, kw_only=True):
    """The rest of the lines named, or of all, will not come."""

    purchase_id: UUID
    reason: str
    lines: list[int] = []
    version: int | None = None


class CancelPurchase(Command, frozen=True, kw_only=True):
    purchase_id: UUID
    reason: str
    version: int | None = None


class ApprovalLimitState(State, frozen=True, kw_only=True):
    role: str
    currency: str
    amount: int | None


class PurchaseState(State, frozen=True, kw_only=True):
    """Lines: line_no, sku, ordered, received, closed_short, open, unit_cost, discount_ppm, total, landed (with its
    share of the charges), landed_unit, expected_at. Charges: charge_no, name, amount, shared_by."""

    id: UUID
    number: str
    supplier: str
    node: str
    currency: str
    status: str
    subtotal: int
    charges_total: int
    total: int
    approved_total: int | None
    expected_at: datetime | None
    version: int
    lines: list[dict[str, Any]]
    charges: list[dict[str, Any]]
    next: list[str]


class PurchaseOrderApproved(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    currency: str
    total: int


class PurchaseOrderSent(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    node: str
    currency: str
    total: int
    expected_at: datetime | None


class PurchaseOrderConfirmed(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    expected_at: datetime | None


class PurchaseOrderAmended(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    why: str
    total: int


class PurchaseOrderShortClosed(Event, frozen=True, kw_only=True):
    """`lines` will get no more."""

    purchase_id: UUID
    number: str
    supplier: str
    lines: list[int]
    why: str


class PurchaseOrderCancelled(Event, frozen=True, kw_only=True):
    purchase_id: UUID
    number: str
    supplier: str
    why: str
