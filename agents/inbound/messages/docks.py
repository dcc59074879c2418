"""Docks, their hours and appointments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agents.contract import Command, Event, State, Undo


class PutDock(Command, frozen=True, kw_only=True):
    """A place of a node where lorries are unloaded. `takes` is what may arrive there."""

    node: str
    code: str
    name: str
    takes: str = "anything"
    sequence: int = 0
    active: bool = True
    version: int | None = None


class DockState(State, frozen=True, kw_only=True):
    node: str
    code: str
    name: str
    takes: str
    sequence: int
    active: bool
    version: int
    created: bool = False


class PutDockHours(Command, frozen=True, kw_only=True):
    """When a node takes goods in: for each day of the week from Monday pairs of times of day there, as 08:00."""

    node: str
    hours: list[list[tuple[str, str]]]
    slot_minutes: int = 60
    version: int | None = None


class DockHoursState(State, frozen=True, kw_only=True):
    node: str
    hours: list[list[list[str]]]
    slot_minutes: int
    version: int
    created: bool = False


class BookAppointment(Command, frozen=True, kw_only=True):
    """A dock for what comes on a notice, else of an order, else for whatever comes. Without an end: one slot."""

    node: str
    dock: str
    starts_at: datetime
    ends_at: datetime | None = None
    notice_id: UUID | None = None
    purchase_id: UUID | None = None
    comes_as: str | None = None
    packages: int | None = None
    carrier: str | None = None
    note: str | None = None


class ChangeAppointment(Command, frozen=True, kw_only=True):
    """Another dock or time, or more that is known of it. What is None stays as it is; so does how long it takes."""

    appointment_id: UUID
    dock: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    comes_as: str | None = None
    packages: int | None = None
    carrier: str | None = None
    note: str | None = None
    reason: str | None = None
    version: int | None = None


class ArriveAppointment(Command, frozen=True, kw_only=True):
    """It stands at the dock; a notice that was on its way is at the node then."""

    appointment_id: UUID
    version: int | None = None


class FinishAppointment(Command, frozen=True, kw_only=True):
    """It has left, and the dock is free."""

    appointment_id: UUID
    version: int | None = None


class MissAppointment(Command, frozen=True, kw_only=True):
    """Nobody came in its time. The dock is free, and it may be given another time."""

    appointment_id: UUID
    reason: str | None = None
    version: int | None = None


class CancelAppointment(Command, frozen=True, kw_only=True):
    appointment_id: UUID
    reason: str
    version: int | None = None


class AppointmentState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    node: str
    dock: str
    starts_at: datetime
    ends_at: datetime
    status: str
    notice_id: UUID | None
    purchase_id: UUID | None
    supplier: str | None
    comes_as: str | None
    packages: int | None
    carrier: str | None
    note: str | None
    version: int
    next: list[str]
    undo: Undo | None = None


class AppointmentBooked(Event, frozen=True, kw_only=True):
    """Subject: the appointment."""

    appointment_id: UUID
    number: str
    node: str
    dock: str
    starts_at: datetime
    ends_at: datetime
    supplier: str | None
    notice_id: UUID | None
    purchase_id: UUID | None


class AppointmentChanged(Event, frozen=True, kw_only=True):
    """Another time, dock or status. Subject: the appointment."""

    appointment_id: UUID
    number: str
    node: str
    dock: str
    starts_at: datetime
    ends_at: datetime
    status: str
    why: str
