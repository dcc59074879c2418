"""What may be said to the shipping agent, and what it says. Amounts are minor units, weights grams."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task
from agents.shipping.messages.choosing import Explored


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
    cut_off: time | None = None
    co2_grams_per_tkm: int | None = None
    co2_grams_per_parcel: int | None = None
    valid_from: datetime | None = None


class BuyLabel(Command, frozen=True, kw_only=True):
    """A label for a parcel; asked again it answers with the same label. None chooses; who names one may say why."""

    parcel_id: UUID
    carrier: str | None = None
    service: str | None = None
    reason: str | None = None


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
    promise_from: str = "sent"
    late_cost: int = 0
    loss_ppm: int = 0
    most_late_ppm: int | None = None
    forbidden: list[str] = []
    carbon_price: int = 0
    explore_ppm: int = 0
    explore_budget: int = 0
    active: bool = True
    version: int | None = None


class LearnCarriers(Task, frozen=True, kw_only=True):
    """Learn from what carriers did with our parcels up to now."""


class VoidLabel(Command, frozen=True, kw_only=True):
    label_id: UUID
    reason: str


class RecordTracking(Command, frozen=True, kw_only=True):
    """A carrier's event; twice is once, late and reordered ones never turn time back.

    It says a `status` of ours, or a `code` of the carrier that is mapped to one. Without an `event_id` the moment and
    the code say which event it is. `time_zone` is an IANA name or an offset such as `+02:00`.
    """

    tracking_number: str
    at: datetime
    status: str | None = None
    code: str | None = None
    incident: str | None = None
    event_id: str | None = None
    place: str | None = None
    time_zone: str | None = None


class UnitsBack(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    quantity: int


class QuoteReturnLabel(Command, frozen=True, kw_only=True):
    """What a label for units that come back would cost, and where they would go; nothing is bought."""

    order_id: UUID
    lines: list[UnitsBack]


class ReturnLabelQuote(State, frozen=True, kw_only=True):
    """`amount` is null where no service takes the parcel; `why` says which was chosen, or why none."""

    order_id: UUID
    node: str | None
    carrier: str | None
    service: str | None
    amount: int | None
    currency: str
    why: str


class RateCardState(State, frozen=True, kw_only=True):
    id: UUID
    carrier: str
    service: str
    currency: str
    rates: int
    zones: int
    surcharges: int


class CarrierAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an account said of a parcel. `state`: answered, expired, failed, asking or not_asked; `message` why."""

    account: str
    name: str
    state: str
    rates: int = 0
    message: str | None = None
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    took_ms: int | None = None


class PricePart(msgspec.Struct, frozen=True):
    """One line of a price: `base`, or the kind of a surcharge."""

    kind: str
    amount: int
    why: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One service for one parcel. Chances are parts per million, null while nothing was learned; `refused` is why it
    cannot take the parcel, `refused_by` what says so. `promise_days` are kept in nine of ten, `promises` in 50, 80, 90
    and 95 of a hundred; `seen` parcels tell so. It is late after `due_days` from `leaves_on`."""

    carrier: str
    service: str
    currency: str
    transit_days: int
    rate_card_id: UUID | None = None  # where the price is from: a rate card,
    account: str | None = None  # … or a carrier that was asked, when, and how long the price holds
    quoted_at: datetime | None = None
    expires_at: datetime | None = None
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
    refused_by: str | None = None  # card, policy, asked, rule, promise, price or late
    preferred: bool = False
    leaves_on: date | None = None
    due_days: int | None = None
    likely_days: int | None = None
    promises: list[int] | None = None
    late_error_ppm: int | None = None
    seen: int = 0
    co2_grams: int | None = None
    carbon_cost: int = 0

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}"


class OffersState(State, frozen=True, kw_only=True):
    parcel_id: UUID
    policy: str | None
    chosen: str | None
    why: str
    offers: list[Offer]
    carriers: list[CarrierAnswer] = []
    degraded: bool = False  # a carrier that should have been asked has no answer here
    promised_on: date | None = None
    rule_set: int | None = None
    rules: list[int] = []  # places in the set of the rules that fit
    explored: Explored | None = None


class PricedOffers(State, frozen=True, kw_only=True):
    """What each card asks for a made-up parcel; nothing was chosen."""

    offers: list[Offer]


class PolicyState(State, frozen=True, kw_only=True):
    code: str
    version: int
    active: bool


class LabelView(State, frozen=True, kw_only=True):
    """A label, or the wish for one while a carrier is asked: then `state` is that of the purchase (`asked`, `buying`,
    `unknown`, `refused`, …), the texts are empty and `amount` is 0. The label has the id of its purchase."""

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
    """`local_at` of an event is the carrier's own clock; `time_zone` is that of the place it goes to."""

    tracking_number: str
    status: str
    events: list[dict[str, Any]]
    known: bool = False
    incident: str | None = None
    cause: str | None = None
    time_zone: str | None = None
    promised_on: date | None = None
    delivered_at: datetime | None = None
    late_days: int | None = None


class LabelBought(Event, frozen=True, kw_only=True):
    label_id: UUID
    parcel_id: UUID
    order_id: UUID
    tracking_number: str


class LabelVoided(Event, frozen=True, kw_only=True):
    label_id: UUID
    parcel_id: UUID
    order_id: UUID


class ReturnLabelBought(Event, frozen=True, kw_only=True):
    """A label from the customer to a node. Subject: the return."""

    label_id: UUID
    return_id: UUID
    order_id: UUID
    carrier: str
    service: str
    tracking_number: str


class ReturnParcelSeen(Event, frozen=True, kw_only=True):
    """What comes back is on its way, or has arrived, as the carrier says. Subject: the return."""

    return_id: UUID
    order_id: UUID
    tracking_number: str
    parcel: str
    at: datetime


class ParcelDelivered(Event, frozen=True, kw_only=True):
    """The carrier says so. Subject: the order."""

    parcel_id: UUID
    order_id: UUID
    at: datetime
