"""Carriers' terms and invoices: what may be said of them, and what is announced."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class PutCarrierTerms(Command, frozen=True, kw_only=True):
    """`carrier` `*` is for all without terms of their own. `columns` maps our fields to those of the carrier's file."""

    carrier: str
    currency: str
    time_zone: str | None = None
    silent_days: int = 3
    lost_days: int = 14
    claim_days: int = 30
    claim_limit: int | None = None
    effort: int = 0
    tolerance_ppm: int = 0
    tolerance_amount: int = 0
    columns: dict[str, str] = {}
    version: int | None = None


class RotateTrackingSecret(Command, frozen=True, kw_only=True):
    """Make the secret that the carrier signs its events with; the one before is worth nothing from then on."""

    carrier: str


class CarrierTermsState(State, frozen=True, kw_only=True):
    """`secret` is shown once, when it is made."""

    carrier: str
    currency: str
    signed: bool
    version: int
    secret: str | None = None


class BilledLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an invoice. `kind` is `total` for a whole parcel, `base`, or the kind of a surcharge."""

    no: int
    tracking_number: str
    amount: int
    kind: str = "total"
    reference: str | None = None
    service: str | None = None
    zone: str | None = None
    billed_grams: int | None = None


class EnterCarrierInvoice(Command, frozen=True, kw_only=True):
    carrier: str
    number: str
    billed_on: date
    currency: str
    lines: list[BilledLine]


class DisputeCharges(Command, frozen=True, kw_only=True):
    charge_ids: list[UUID]
    note: str


class AcceptCharges(Command, frozen=True, kw_only=True):
    """Pay what is too much all the same."""

    charge_ids: list[UUID]
    note: str


class CreditCharge(Command, frozen=True, kw_only=True):
    """The carrier gave something back; `amount` None is all that was too much."""

    charge_id: UUID
    note: str
    amount: int | None = None
    version: int | None = None


class CarrierInvoiceState(State, frozen=True, kw_only=True):
    id: UUID
    carrier: str
    number: str
    currency: str
    lines: int
    total: int
    quoted: int
    over: int
    flagged: int


class ChargeView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    state: str
    over: int
    credited: int
    version: int
    next: list[str]


class ChargesState(State, frozen=True, kw_only=True):
    charges: list[ChargeView]


class CarrierInvoiceEntered(Event, frozen=True, kw_only=True):
    """Subject: the invoice."""

    invoice_id: UUID
    carrier: str
    number: str
    currency: str
    total: int
    over: int
    flagged: int
