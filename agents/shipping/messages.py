"""What may be said to the shipping agent, and what it says. Amounts are minor units, weights grams."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class RateRow(msgspec.Struct, frozen=True, kw_only=True):
    """Names a zone of the card, or a country (ISO 3166 alpha-2, `*` anywhere else) that then is a zone of its own."""

    max_weight_grams: int
    amount: int
    zone: str | None = None
    country: str | None = None


class ZoneRow(msgspec.Struct, frozen=True, kw_only=True):
    """A place that belongs to a zone; postcodes are compared as far as the bounds are long."""

    zone: str
    country: str = "*"
    postcode_from: str = ""
    postcode_to: str = ""
    origin: str = "*"  # code of a node


class SurchargeRow(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    amount: int = 0
    ppm: int = 0
    on_surcharges: bool = False
    country: str = "*"
    postcode_from: str = ""
    postcode_to: str = ""
    over_length_mm: int | None = None
    over_length_and_girth_mm: int | None = None
    over_weight_grams: int | None = None
    from_date: date | None = None
    to_date: date | None = None


class PutRateCard(Command, frozen=True, kw_only=True):
    carrier: str
    service: str
    currency: str
    transit_days: int
    rates: list[RateRow]
    zones: list[ZoneRow] = []
    surcharges: list[SurchargeRow] = []
    dimensional_divisor: int | None = None
    max_length_mm: int | None = None
    max_length_and_girth_mm: int | None = None
    valid_from: datetime | None = None


class BuyLabel(Command, frozen=True, kw_only=True):
    """A label for a parcel; asked again it answers with the same label. None chooses the cheapest service."""

    parcel_id: UUID
    carrier: str | None = None
    service: str | None = None


class VoidLabel(Command, frozen=True, kw_only=True):
    label_id: UUID
    reason: str


class RecordTracking(Command, frozen=True, kw_only=True):
    """A carrier's event; twice is once, late and reordered ones never turn time back."""

    tracking_number: str
    event_id: str
    status: str
    at: datetime
    place: str | None = None


class RateCardState(State, frozen=True, kw_only=True):
    id: UUID
    carrier: str
    service: str
    currency: str
    rates: int
    zones: int
    surcharges: int


class PricePart(msgspec.Struct, frozen=True):
    """One line of a price: `base`, or the kind of a surcharge."""

    kind: str
    amount: int
    why: str


class LabelView(State, frozen=True, kw_only=True):
    id: UUID
    parcel_id: UUID
    carrier: str
    service: str
    tracking_number: str
    amount: int
    currency: str
    state: str
    why: str
    parts: list[PricePart]
    zpl: str
    next: list[str]


class TrackingState(State, frozen=True, kw_only=True):
    tracking_number: str
    status: str
    events: list[dict[str, Any]]
    known: bool = False


class LabelBought(Event, frozen=True, kw_only=True):
    label_id: UUID
    parcel_id: UUID
    order_id: UUID
    tracking_number: str


class LabelVoided(Event, frozen=True, kw_only=True):
    label_id: UUID
    parcel_id: UUID
    order_id: UUID


class ParcelDelivered(Event, frozen=True, kw_only=True):
    """The carrier says so. Subject: the order."""

    parcel_id: UUID
    order_id: UUID
    at: datetime
