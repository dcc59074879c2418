"""What we ask of a carrier, and what it may answer.

A provider is one account at a carrier, or at a service that speaks to many carriers. It is called with no
transaction open. Amounts are minor units as in `db.money`, weights grams, lengths millimetres, times aware;
each adapter converts to what its carrier wants. Nothing here is kept: whoever asks writes down what came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from agents.shipping.messages import PricePart


class Ability(StrEnum):
    """What a provider can do beside rates and labels."""

    voids = "voids"
    returns = "returns"
    tracking = "tracking"
    pickups = "pickups"
    manifests = "manifests"
    customs = "customs"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """`country` is ISO 3166 alpha-2, empty when nobody said."""

    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""


class CustomsItem(msgspec.Struct, frozen=True, kw_only=True):
    """`value` and `weight_grams` are of one unit. `hs_code` and `origin` are empty where nobody put them in."""

    title: str
    quantity: int
    value: int
    currency: str
    weight_grams: int
    hs_code: str = ""
    origin: str = ""
    sku: str = ""


class Customs(msgspec.Struct, frozen=True, kw_only=True):
    """Given when the parcel crosses a customs border. `incoterm` says who pays duties: DAP the receiver, DDP we."""

    items: list[CustomsItem]
    incoterm: str = "DAP"
    contents: str = "merchandise"
    signer: str = ""


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel on its way. A side of 0 mm was not measured. `reference` is ours and printed on the label."""

    reference: str
    sender: Address
    to: Address
    weight_grams: int
    sides_mm: tuple[int, int, int] = (0, 0, 0)
    on: date
    value: int = 0
    currency: str = ""
    hazmat: bool = False
    is_return: bool = False
    customs: Customs | None = None


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """One service and its price. `ref` is the provider's own word for this offer: a label is bought by it.
    `transit_days` is None when the carrier names none, `expires_at` when the offer names no end."""

    carrier: str
    service: str
    amount: int
    currency: str
    ref: str
    transit_days: int | None = None
    parts: list[PricePart] = []
    expires_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}"


class Rated(msgspec.Struct, frozen=True, kw_only=True):
    """`messages` are what single carriers of the account said instead of a rate."""

    rates: list[Rate]
    messages: list[str] = []


class SaleStatus(StrEnum):
    sold = "sold"
    refused = "refused"  # it was not sold under this key, and nothing will come of it
    expired = "expired"  # as refused: the rate holds no more, another would have to be asked for
    unknown = "unknown"  # it may have been sold: look it up; never buy another meanwhile


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """`ref` is what the label is voided by, `label` its text, `format` zpl or pdf (then base64). What it costs
    is what the carrier says now, not what was offered. `code` stays in the provider's words."""

    status: SaleStatus
    ref: str = ""
    tracking_number: str = ""
    amount: int = 0
    currency: str = ""
    parts: list[PricePart] = []
    label: str = ""
    format: str = "zpl"
    code: str = ""
    message: str = ""


class VoidStatus(StrEnum):
    granted = "granted"  # it costs nothing, or the money comes back
    pending = "pending"  # the carrier thinks about it: ask again
    refused = "refused"
    unknown = "unknown"  # no answer: asking again is safe


class Voiding(msgspec.Struct, frozen=True, kw_only=True):
    status: VoidStatus
    code: str = ""
    message: str = ""


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier saw of a parcel. `event_id` is the same each time; `status` as in `agents.shipping.rules`;
    `code` and `text` in the carrier's words."""

    event_id: str
    status: str
    at: datetime
    place: str | None = None
    code: str = ""
    text: str = ""


class PickupAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Fetch what these labels (`Sale.ref`) are on, between two moments, at an address."""

    labels: list[str]
    address: Address
    earliest: datetime
    latest: datetime
    note: str = ""


class PickupAnswer(StrEnum):
    booked = "booked"
    refused = "refused"  # nobody comes under this key, and nothing will come of it
    unknown = "unknown"  # somebody may come: look it up; never book another meanwhile


class Pickup(msgspec.Struct, frozen=True, kw_only=True):
    """`confirmation` is the carrier's number, `ref` what the pickup is looked up and cancelled by."""

    status: PickupAnswer
    confirmation: str = ""
    ref: str = ""
    amount: int = 0
    currency: str = ""
    code: str = ""
    message: str = ""


class ManifestAnswer(StrEnum):
    made = "made"
    refused = "refused"  # there is no form of these parcels: our own list goes with them
    unknown = "unknown"  # there may be one: look it up


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The carrier's own list of parcels. `document` is a PDF in base64; empty where the carrier needs no paper."""

    status: ManifestAnswer
    ref: str = ""
    document: str = ""
    tracking_numbers: list[str] = []
    message: str = ""


@dataclass(eq=False)
class CarrierTrouble(Exception):
    """A question that the carrier did not answer, or not so that it can be read. `sentence` is for people.

    `surely_not_begun`: nothing happened at the carrier, so that asking again or elsewhere is safe.
    `is_ours`: the account or what we sent is at fault, not the carrier's health.
    """

    sentence: str
    surely_not_begun: bool = False
    is_ours: bool = False

    def __str__(self) -> str:
        return self.sentence


class CarrierProvider(Protocol):
    """One account. Questions (`rates`, `track`) raise CarrierTrouble; what costs money (`buy`, `void`) answers with
    a status, and raises CarrierTrouble only with `surely_not_begun`. Everything ends within the account's time limit.

    A key is ours and unique: asked again under it, a label is sold once. No answer in time is `unknown`.
    """

    abilities: frozenset[Ability]

    def rates(self, shipment: Shipment) -> Rated:
        """Every service that would take the parcel. None is a rate of nothing: what cannot be read is trouble."""
        ...

    def buy(self, key: str, shipment: Shipment, rate: Rate) -> Sale: ...

    def look_up(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        """What became of a purchase; never buys. `refused` with the code `never_sold` when the carrier has no
        trace of it."""
        ...

    def void(self, key: str, label: str) -> Voiding:
        """Give a label (`Sale.ref`) back. Asked again it tells how the wish for a refund stands."""
        ...

    def return_label(self, key: str, shipment: Shipment, rate: Rate) -> Sale:
        """`shipment.is_return`; sender and receiver are meant as printed."""
        ...

    def track(self, tracking_number: str, carrier: str) -> list[Scan]: ...

    def pickup(self, key: str, ask: PickupAsk) -> Pickup: ...

    def look_up_pickup(self, key: str, ref: str) -> Pickup:
        """What became of a pickup; never books. `ref` is empty when no answer ever came. `refused` with the code
        `never_sold` when the carrier has no trace of it."""
        ...

    def cancel_pickup(self, key: str, ref: str) -> Voiding:
        """Tell the carrier not to come. Asked again it tells how that stands."""
        ...

    def manifest(self, key: str, labels: list[str]) -> Manifest: ...

    def look_up_manifest(self, key: str, labels: list[str]) -> Manifest:
        """What became of a manifest; never makes one."""
        ...


NEVER_SOLD = "never_sold"


def not_able(what: str, provider: str) -> CarrierTrouble:
    return CarrierTrouble(
        f"{provider} does not offer {what} through its interface.", surely_not_begun=True, is_ours=True
    )
