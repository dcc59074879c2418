"""What suppliers ask to be paid. Money is minor units of the invoice's currency."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class InvoicedLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """`total` is None where it is quantity times unit cost, and less where there is a discount."""

    line_no: int  # of the purchase order
    quantity: int
    unit_cost: int
    total: int | None = None


class EnterSupplierInvoice(Command, frozen=True, kw_only=True):
    """`total` is what is printed, and has to be the sum of the rest."""

    purchase_id: UUID
    number: str
    billed_on: date
    lines: list[InvoicedLineAsk]
    total: int
    charges: int = 0
    tax: int = 0
    due_on: date | None = None  # None: after the supplier's days to pay


class ApproveSupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    version: int | None = None


class AcceptDifferences(Command, frozen=True, kw_only=True):
    """Approve an invoice although it differs."""

    invoice_id: UUID
    reason: str
    version: int | None = None


class DisputeSupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    reason: str
    version: int | None = None


class PaySupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    paid_on: date
    reference: str
    version: int | None = None


class CancelSupplierInvoice(Command, frozen=True, kw_only=True):
    invoice_id: UUID
    reason: str
    version: int | None = None


class SetMatchTolerance(Command, frozen=True, kw_only=True):
    """How far invoices may differ unasked; an empty supplier is all that have none of their own."""

    supplier: str
    currency: str
    price_ppm: int = 0
    amount: int = 0
    units: int = 0
    version: int | None = None


class MatchWaiting(Task, frozen=True, kw_only=True):
    """Match invoices that wait anew, some at a time: those of orders after the one named."""

    supplier: str
    currency: str
    after: UUID | None = None


class MatchToleranceState(State, frozen=True, kw_only=True):
    supplier: str
    currency: str
    price_ppm: int
    amount: int
    units: int
    version: int


class SupplierInvoiceState(State, frozen=True, kw_only=True):
    """Differences: kind, line_no, sku, billed, expected, amount, allowed, within, why."""

    id: UUID
    number: str
    supplier: str
    purchase_id: UUID
    currency: str
    status: str
    total: int
    due_on: date
    differences: list[dict[str, Any]]
    version: int
    next: list[str]


class SupplierInvoiceEntered(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    purchase_id: UUID
    currency: str
    total: int
    status: str


class SupplierInvoiceDisputed(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    why: str


class SupplierInvoiceApproved(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    currency: str
    total: int
    due_on: date
    accepted_why: str | None


class SupplierInvoicePaid(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    currency: str
    total: int
    reference: str


class SupplierInvoiceCancelled(Event, frozen=True, kw_only=True):
    invoice_id: UUID
    number: str
    supplier: str
    why: str
