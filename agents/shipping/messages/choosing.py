"""What is said about which carrier takes a parcel: rules of operators, what they are asked, and their trial."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class CarrierRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of a set; see `db.carrier_rules.CarrierRuleKind`. It fits when every condition that is set holds.

    Weights are grams, amounts minor units of `currency`. `services` are carriers, or a carrier and its service.
    `within_days`: the promised day is so many days after the hand-over, or fewer. Of `most_above` and `prefer` the
    limit is an amount or parts per million, above the cheapest price and above the least expected cost.
    """

    kind: str
    active: bool = True
    note: str | None = None
    channels: list[str] = []
    tags: list[str] = []
    countries: list[str] = []
    postcodes: list[str] = []  # how they begin
    nodes: list[str] = []
    over_grams: int | None = None
    up_to_grams: int | None = None
    over_value: int | None = None
    up_to_value: int | None = None
    hazmat: bool | None = None
    fragile: bool | None = None
    within_days: int | None = None
    services: list[str] = []
    currency: str | None = None
    limit_amount: int | None = None
    limit_ppm: int | None = None
    late_cost: int | None = None
    loss_ppm: int | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules may ask about a parcel. Kept with the choice, the postcode left out."""

    channel: str
    country: str
    node: str
    grams: int
    value: int
    currency: str
    on: date  # the day at the node
    tags: list[str] = []
    hazmat: bool = False
    fragile: bool = False
    promised_on: date | None = None
    km: int | None = None
    postcode: str = ""


class RuleThatFits(msgspec.Struct, frozen=True, kw_only=True):
    """A rule and its place in the set, from 1."""

    no: int
    rule: CarrierRule


class Explored(msgspec.Struct, frozen=True, kw_only=True):
    """The second best was tried: `extra` is what it was expected to cost more than `instead_of`."""

    instead_of: str
    extra: int
    share_ppm: int  # where the parcel's id falls
    cap_ppm: int
    left: int  # of the month's budget before
    seen: int  # parcels that the service was known by


class PutCarrierRules(Command, frozen=True, kw_only=True):
    """A draft; with `rule_set_id` one that is there is changed."""

    name: str
    rules: list[CarrierRule]
    note: str | None = None
    made_from: int | None = None
    rule_set_id: UUID | None = None
    version: int | None = None


class ActivateCarrierRules(Command, frozen=True, kw_only=True):
    rule_set_id: UUID
    version: int | None = None


class RetireCarrierRules(Command, frozen=True, kw_only=True):
    rule_set_id: UUID
    reason: str | None = None


class CarrierRulesState(State, frozen=True, kw_only=True):
    id: UUID
    number: int
    name: str
    status: str
    rules: list[CarrierRule]
    version: int
    next: list[str]


class PolicyOnTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would say instead. It is tried where the policy of that code had chosen, or all if None."""

    code: str | None = None
    late_cost: int = 0
    loss_ppm: int = 0
    most_late_ppm: int | None = None
    carbon_price: int = 0
    forbidden: list[str] = []


class TryCarrierRules(Command, frozen=True, kw_only=True):
    """Choose again for the last parcels by these rules and this policy, beside those in force. Nothing changes."""

    rules: list[CarrierRule] | None = None  # None: those in force
    policy: PolicyOnTrial | None = None
    parcels: int = 200


class TriedOffer(msgspec.Struct, frozen=True, kw_only=True):
    """`service` None: nothing may take the parcel, and `why` says so."""

    service: str | None
    amount: int
    expected: int
    late_ppm: int | None
    co2_grams: int | None
    why: str


class TriedChoice(msgspec.Struct, frozen=True, kw_only=True):
    choice_id: UUID
    parcel_id: UUID
    order_id: UUID
    at: datetime
    country: str
    grams: int
    was: str | None
    now: TriedOffer
    tried: TriedOffer
    changed: bool


class ParcelsOfService(msgspec.Struct, frozen=True, kw_only=True):
    service: str
    parcels: int


class TriedTotals(msgspec.Struct, frozen=True, kw_only=True):
    """`on_time_milli`: parcels expected on time, in thousandths, of the `foreseen` whose chance was known."""

    parcels: int
    without: int  # that nothing may take
    amount: int
    expected: int
    foreseen: int
    on_time_milli: int
    co2_grams: int
    measured: int  # parcels whose carbon is known
    by_service: list[ParcelsOfService]


class CarrierRulesTried(State, frozen=True, kw_only=True):
    rows: list[TriedChoice]
    currency: str
    now: TriedTotals
    tried: TriedTotals
    changed: int
    left_out: int  # choices in other currencies, or made before what rules ask was kept
    in_force: int | None
    says: str


class PriceParcel(Command, frozen=True, kw_only=True):
    """What the cards that are valid, or one that is not put in yet, would ask for a made-up parcel."""

    weight_grams: int
    country: str
    postcode: str = ""
    origin: str = ""
    residential: bool = True
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    on: date | None = None
    card: UUID | None = None


class CarrierDrifted(Event, frozen=True, kw_only=True):
    """A service's deliveries departed from what was learned of it. Subject: the carrier."""

    drift_id: UUID
    carrier: str
    service: str
    direction: str
    why: str
