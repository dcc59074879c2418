"""Suppliers' advance notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class NoticeLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line of a purchase order. `lot` and `expiry` are as the supplier writes them."""

    purchase_id: UUID
    line_no: int
    units: int
    lot: str = ""
    expiry: str = ""


class PackedAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Units of the notice's line (from 1) that are in a package."""

    line: int
    units: int


class PackageAsk(msgspec.Struct, frozen=True, kw_only=True):
    sscc: str
    contents: list[PackedAsk] = []


class AnnounceDelivery(Command, frozen=True, kw_only=True):
    """A supplier's notice of what is on its way to a node. `said_at` is when it comes, as the supplier says."""

    supplier: str
    node: str
    reference: str
    lines: list[NoticeLineAsk]
    packages: list[PackageAsk] = []
    said_at: datetime | None = None
    carrier: str | None = None
    tracking: str | None = None
    note: str | None = None


class ShipNotice(Command, frozen=True, kw_only=True):
    """The supplier has handed the goods over. What is None stays as it is known."""

    notice_id: UUID
    said_at: datetime | None = None
    carrier: str | None = None
    tracking: str | None = None
    version: int | None = None


class PostponeNotice(Command, frozen=True, kw_only=True):
    """The supplier names another date, earlier or later."""

    notice_id: UUID
    said_at: datetime
    reason: str
    version: int | None = None


class ReportArrival(Command, frozen=True, kw_only=True):
    """The goods are at the node, and nothing of them was counted."""

    notice_id: UUID
    version: int | None = None


class CloseNotice(Command, frozen=True, kw_only=True):
    """What has not come on the notice was not there."""

    notice_id: UUID
    reason: str
    version: int | None = None


class CancelNotice(Command, frozen=True, kw_only=True):
    notice_id: UUID
    reason: str
    version: int | None = None


class NoticeState(State, frozen=True, kw_only=True):
    """Lines: no, purchase_id, purchase_line, sku, units, received, short, over, beyond, lot, expiry.

    `expected_why` says what `expected_at` (half come by then) and `expected_late_at` (nine of ten) rest on.
    """

    id: UUID
    number: str
    supplier: str
    reference: str
    node: str
    status: str
    said_at: datetime | None
    expected_at: datetime
    expected_late_at: datetime
    expected_from: str
    expected_why: str
    observations: int
    lines: list[dict[str, Any]]
    packages: list[str]
    version: int
    next: list[str]


class DeliveryAnnounced(Event, frozen=True, kw_only=True):
    """Subject: the advance notice."""

    notice_id: UUID
    number: str
    supplier: str
    reference: str
    node: str
    units: int
    expected_at: datetime


class AnnouncedDeliveryMoved(Event, frozen=True, kw_only=True):
    """Subject: the advance notice."""

    notice_id: UUID
    number: str
    supplier: str
    node: str
    status: str
    why: str
