"""What suppliers give back. Money is minor units of the credit note's currency, above zero: what they owe us by it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class CreditedLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Units at what is given back for each, or with `quantity` 0 an amount off the price of the line: its `total`."""

    line_no: int  # of the purchase order
    quantity: int = 0
    unit_cost: int = 0
    total: int | None = None  # None: quantity times unit cost


class EnterSupplierCredit(Command, frozen=True, kw_only=True):
    """`total` is what is printed, and has to be the sum of the rest. `other` is of no line and no charge."""

    purchase_id: UUID
    number: str
    credited_on: date
    total: int
    invoice_id: UUID | None = None
    lines: list[CreditedLineAsk] = []
    charges: int = 0
    other: int = 0
    tax: int = 0


class ApproveSupplierCredit(Command, frozen=True, kw_only=True):
    """So much less is owed."""

    credit_id: UUID
    version: int | None = None


class AcceptSupplierCredit(Command, frozen=True, kw_only=True):
    """Approve a credit note although it differs from what is owed."""

    credit_id: UUID
    reason: str
    version: int | None = None


class DisputeSupplierCredit(Command, frozen=True, kw_only=True):
    credit_id: UUID
    reason: str
    version: int | None = None


class SettleSupplierCredit(Command, frozen=True, kw_only=True):
    """The money has come, or was taken off a payment."""

    credit_id: UUID
    settled_on: date
    reference: str
    version: int | None = None


class CancelSupplierCredit(Command, frozen=True, kw_only=True):
    credit_id: UUID
    reason: str
    version: int | None = None


class SupplierCreditState(State, frozen=True, kw_only=True):
    """Differences: kind, line_no, sku, billed (what is given back), expected (what is owed), amount, allowed, within,
    why."""

    id: UUID
    number: str
    supplier: str
    purchase_id: UUID
    invoice_id: UUID | None
    currency: str
    status: str
    total: int
    differences: list[dict[str, Any]]
    version: int
    next: list[str]


class SupplierCreditEntered(Event, frozen=True, kw_only=True):
    credit_id: UUID
    number: str
    supplier: str
    purchase_id: UUID
    currency: str
    total: int
    status: str


class SupplierCreditDisputed(Event, frozen=True, kw_only=True):
    credit_id: UUID
    number: str
    supplier: str
    why: str


class SupplierCreditApproved(Event, frozen=True, kw_only=True):
    credit_id: UUID
    number: str
    supplier: str
    currency: str
    total: int
    accepted_why: str | None


class SupplierCreditSettled(Event, frozen=True, kw_only=True):
    credit_id: UUID
    number: str
    supplier: str
    currency: str
    total: int
    reference: str


class SupplierCreditCancelled(Event, frozen=True, kw_only=True):
    credit_id: UUID
    number: str
    supplier: str
    why: str
