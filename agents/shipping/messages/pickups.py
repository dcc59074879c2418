"""What may be said about carriers at the gate: when they fetch, pickups that are booked, lists that are handed over."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class Collecting(msgspec.Struct, frozen=True, kw_only=True):
    """A weekday (Monday is 0) on which a carrier fetches; times on the node's clock, as 16:30. What is packed after
    the cut-off goes on the next day."""

    weekday: int
    cut_off: str
    start: str
    end: str


class PutCarrierCalendar(Command, frozen=True, kw_only=True):
    """`daily`: at the cut-off a pickup is booked through the `account` if anything waits."""

    node: str
    carrier: str
    week: list[Collecting]
    closed_dates: list[date] = []
    account: str | None = None
    daily: bool = False
    active: bool = True
    version: int | None = None


class CarrierCalendarState(State, frozen=True, kw_only=True):
    node: str
    carrier: str
    version: int
    active: bool


class BookPickup(Command, frozen=True, kw_only=True):
    """Have a carrier fetch at a node on a day; asked again it is the same pickup.

    Without `start` and `end` it is the calendar's window. With an account the carrier is told through it; without one
    a person has told it and puts in its `confirmation`.
    """

    node: str
    carrier: str
    on: date
    start: str | None = None
    end: str | None = None
    account: str | None = None
    confirmation: str | None = None
    note: str | None = None


class CancelPickup(Command, frozen=True, kw_only=True):
    pickup_id: UUID
    reason: str


class GiveUpPickup(Command, frozen=True, kw_only=True):
    """Wait no longer for a carrier that does not say whether it comes; a person has found out."""

    pickup_id: UUID
    reason: str


class PickupState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    node: str
    carrier: str
    on: date
    status: str
    confirmation: str | None
    why: str | None
    next: list[str]


class CloseManifest(Command, frozen=True, kw_only=True):
    """List all parcels that left a node with a carrier and are on no list; `account` null: labels of rate cards."""

    node: str
    carrier: str
    account: str | None = None


class AskManifestAgain(Command, frozen=True, kw_only=True):
    """Ask the carrier once more for its own form of a manifest that it refused."""

    manifest_id: UUID
    reason: str


class ManifestState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    node: str
    carrier: str
    account: str | None
    on: date
    status: str
    parcels: int
    why: str | None


class CarryOutPickup(Task, frozen=True, kw_only=True):
    pickup_id: UUID


class CarryOutManifest(Task, frozen=True, kw_only=True):
    manifest_id: UUID


class LookAfterPickups(Task, frozen=True, kw_only=True):
    """Book what carriers fetch daily, and look at pickups and manifests that are due."""


class PickupBooked(Event, frozen=True, kw_only=True):
    """A carrier will come. Subject: the pickup."""

    pickup_id: UUID
    number: str
    node: str
    carrier: str
    on: date
    confirmation: str


class PickupNotBooked(Event, frozen=True, kw_only=True):
    """A carrier will not come; a person has to see to it. Subject: the pickup."""

    pickup_id: UUID
    number: str
    node: str
    carrier: str
    on: date
    why: str


class PickupCancelled(Event, frozen=True, kw_only=True):
    """Subject: the pickup."""

    pickup_id: UUID
    number: str
    node: str
    carrier: str
    on: date
    why: str


class ManifestClosed(Event, frozen=True, kw_only=True):
    """What left with a carrier is listed. Subject: the manifest."""

    manifest_id: UUID
    number: str
    node: str
    carrier: str
    on: date
    parcels: int
