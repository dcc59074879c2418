"""Claims to carriers: what may be said of them, and what is announced."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from agents.contract import Command, Event, State


class AddEvidence(Command, frozen=True, kw_only=True):
    """`reference` says where it is kept: a photo, a letter, an address."""

    claim_id: UUID
    what: str
    reference: str | None = None
    version: int | None = None


class FileClaim(Command, frozen=True, kw_only=True):
    """It was sent to the carrier. `amount` None keeps what was worked out; `late` files it past its last day."""

    claim_id: UUID
    reference: str
    amount: int | None = None
    late: bool = False
    version: int | None = None


class AcceptClaim(Command, frozen=True, kw_only=True):
    """The carrier says that it will pay; `amount` None is all of it."""

    claim_id: UUID
    reason: str
    amount: int | None = None
    version: int | None = None


class RejectClaim(Command, frozen=True, kw_only=True):
    claim_id: UUID
    reason: str
    version: int | None = None


class BookClaimPayment(Command, frozen=True, kw_only=True):
    """The carrier's money came."""

    claim_id: UUID
    amount: int
    paid_on: date
    reference: str
    version: int | None = None


class WriteOffClaim(Command, frozen=True, kw_only=True):
    claim_id: UUID
    reason: str
    version: int | None = None


class CarrierClaimState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    exception_id: UUID
    carrier: str
    status: str
    currency: str
    amount: int
    limit: int | None
    accepted: int
    paid: int
    evidence: list[dict[str, Any]]
    file_by: date
    filed_at: datetime | None
    version: int
    next: list[str]


class CarrierClaimFiled(Event, frozen=True, kw_only=True):
    """Subject: the claim."""

    claim_id: UUID
    number: str
    order_id: UUID
    carrier: str
    tracking_number: str
    amount: int
    currency: str


class CarrierClaimPaid(Event, frozen=True, kw_only=True):
    """Subject: the claim."""

    claim_id: UUID
    number: str
    order_id: UUID
    carrier: str
    amount: int
    currency: str
    reference: str
