"""What may be said to the parcels agent of parcels in trouble, and what it says. Amounts are minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class OpenException(Command, frozen=True, kw_only=True):
    """Somebody says that a parcel is in trouble: a customer wrote, or something was seen."""

    parcel_id: UUID
    kind: str
    why: str


class TakeException(Command, frozen=True, kw_only=True):
    """Look after it, or let somebody else (`person`, a principal such as `user:ID`)."""

    exception_id: UUID
    person: str | None = None
    version: int | None = None


class ReleaseException(Command, frozen=True, kw_only=True):
    """Nobody looks after it any more."""

    exception_id: UUID
    version: int | None = None


class ActOnException(Command, frozen=True, kw_only=True):
    """Do one of its actions. `amount` is for a refund (None: what the proposal says), `until` for waiting, `words` are
    what the customer is written."""

    exception_id: UUID
    action: str
    reason: str
    amount: int | None = None
    until: datetime | None = None
    words: str | None = None
    version: int | None = None


class ReopenException(Command, frozen=True, kw_only=True):
    exception_id: UUID
    reason: str
    version: int | None = None


class ProposeAgain(Command, frozen=True, kw_only=True):
    """Work out the proposal anew, by what is known now."""

    exception_id: UUID


class LookAfterParcels(Task, frozen=True, kw_only=True):
    """Find parcels that nobody tells of: silent, late and lost ones, and those whose waiting is over. Sent by a
    schedule."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One action with what it is expected to cost, and of which parts: [{"what", "amount", "chance_ppm"}]. `refused` is
    why it cannot be done."""

    action: str
    expected: int
    parts: list[dict[str, Any]]
    why: str
    refused: str | None = None


class ExceptionState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    parcel_id: UUID
    order_id: UUID
    kind: str
    status: str
    assigned_to: str | None
    due_at: datetime
    proposed: str | None
    proposal: list[Option]
    action: str | None
    action_error: str | None
    replacement_id: UUID | None
    refund_asked: int
    refunded: int
    currency: str
    claim_id: UUID | None
    version: int
    next: list[str]


class ParcelExceptionOpened(Event, frozen=True, kw_only=True):
    """Subject: the order."""

    exception_id: UUID
    number: str
    parcel_id: UUID
    order_id: UUID
    order_number: str
    carrier: str
    tracking_number: str
    kind: str
    why: str


class ParcelExceptionResolved(Event, frozen=True, kw_only=True):
    """Subject: the order."""

    exception_id: UUID
    number: str
    order_id: UUID
    action: str | None
    resolution: str
