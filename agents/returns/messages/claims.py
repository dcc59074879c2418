"""Claims: goods that came damaged, not whole, wrong or not at all. Amounts are minor units of the order's currency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class ClaimLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Of `quantity` units, `replace` are sent once more and the rest is paid back."""

    line_no: int
    quantity: int
    reason: str
    replace: int = 0
    remark: str | None = None


class PreviewClaim(Command, frozen=True, kw_only=True):
    """What a claim would come to; changes nothing."""

    order_id: UUID
    lines: list[ClaimLineAsk]


class OpenClaim(Command, frozen=True, kw_only=True):
    order_id: UUID
    lines: list[ClaimLineAsk]
    note: str | None = None
    refund_to: str = "original"


class ApproveClaim(Command, frozen=True, kw_only=True):
    """Pay back and send once more what it says."""

    claim_id: UUID
    reason: str | None = None
    version: int | None = None


class MakeGood(Task, frozen=True, kw_only=True):
    """What was in a parcel in trouble is claimed and granted in one go. An exception's is granted once."""

    exception_id: UUID
    order_id: UUID
    lines: list[ClaimLineAsk]
    reason: str


class DenyClaim(Command, frozen=True, kw_only=True):
    claim_id: UUID
    reason: str
    version: int | None = None


class CancelClaim(Command, frozen=True, kw_only=True):
    claim_id: UUID
    reason: str
    version: int | None = None


class RefundClaimAgain(Command, frozen=True, kw_only=True):
    """Ask once more for what a provider refused; with `to_credit` as store credit."""

    claim_id: UUID
    to_credit: bool = False
    version: int | None = None


class ClaimPreviewLine(msgspec.Struct, frozen=True, kw_only=True):
    line_no: int
    sku: str
    title: str
    quantity: int
    replace: int
    claimable: int
    reason: str
    refund: int  # what the units that are paid back are worth
    replacement: int  # what those that are sent once more are worth


class ClaimPreview(State, frozen=True, kw_only=True):
    order_id: UUID
    number: str
    currency: str
    lines: list[ClaimPreviewLine]
    refund: int  # with the shipping
    shipping: int
    replacement: int
    refundable: int  # what the payments have left


class ClaimState(State, frozen=True, kw_only=True):
    id: UUID
    number: str
    order_id: UUID
    status: str
    resolution: str
    currency: str
    credit: int
    kept: int
    refunded: int
    due: int
    refund_state: str
    refund_to: str
    replacement_id: UUID | None
    replacement_number: str | None
    problem: str | None
    version: int
    lines: list[dict[str, Any]]
    next: list[str]


class ClaimMoved(Event, frozen=True, kw_only=True):
    """A claim has got as far as `status`."""

    claim_id: UUID
    order_id: UUID
    number: str
    order_number: str
    status: str
    resolution: str
    reason: str


class ParcelHelped(Event, frozen=True, kw_only=True):
    """How the customer of a parcel in trouble is helped, after each change. Subject: the order."""

    exception_id: UUID
    order_id: UUID
    claim_id: UUID
    number: str
    replacement_id: UUID | None
    replacement_number: str | None
    asked: int  # to be paid back
    refunded: int  # of it, what has gone back
    settled: bool  # all of it, or it is known why not
    problem: str | None


class ParcelNotHelped(Event, frozen=True, kw_only=True):
    """Its goods cannot be claimed, not be sent again, or the claim was taken back. Subject: the order."""

    exception_id: UUID
    order_id: UUID
    why: str
