"""What may be said to the shipping agent, and what it says. Amounts are minor units, weights grams."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


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
    max_value: int | None = None
    takes_hazmat: bool = True
    takes_po_box: bool = True
    valid_from: datetime | None = None


class BuyLabel(Command, frozen=True, kw_only=True):
    """A label for a parcel; asked again it answers with the same label. None chooses."""

    parcel_id: UUID
    carrier: str | None = None
    service: str | None = None


class CompareOffers(Command, frozen=True, kw_only=True):
    """What every service would ask for a parcel, and which would be chosen; nothing is bought."""

    parcel_id: UUID


class PutPolicy(Command, frozen=True, kw_only=True):
    code: str
    currency: str
    channel: str = "*"
    customer_tag: str = "*"
    rank: int = 100
    promise_days: int | None = None
    late_cost: int = 0
    loss_ppm: int = 0
    most_late_ppm: int | None = None
    forbidden: list[str] = []
    active: bool = True
    version: int | None = None


class LearnCarriers(Task, frozen=True, kw_only=True):
    """Learn from what carriers did with our parcels up to now."""


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


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One service for one parcel. Chances are parts per million, null while nothing was learned; `refused` is why it
    cannot take the parcel. `promise_days` are kept in nine of ten."""

    carrier: str
    service: str
    currency: str
    transit_days: int
    rate_card_id: UUID
    amount: int = 0
    parts: list[PricePart] = []
    zone: str | None = None
    billed_grams: int | None = None
    late_ppm: int | None = None
    lost_ppm: int | None = None
    promise_days: int | None = None
    late_cost: int = 0
    loss_cost: int = 0
    expected: int = 0
    refused: str | None = None

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}"


class OffersState(State, frozen=True, kw_only=True):
    parcel_id: UUID
    policy: str | None
    chosen: str | None
    why: str
    offers: list[Offer]


class PolicyState(State, frozen=True, kw_only=True):
    code: str
    version: int
    active: bool


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
