"""Receiving goods of purchase orders, taking them back, and their lots."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class GoodsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Units that came of one line of a purchase order. `bin` is where they were put, else the node's usual one.

    What is `wrong` is of no line: `sku` says what it is. `expires_on` is what the goods say of their lot.
    """

    line_no: int | None = None
    sku: str | None = None
    quantity: int
    condition: str = "good"
    bin: str | None = None
    lot: str = ""
    expires_on: date | None = None
    reason: str | None = None


class ReceiveGoods(Command, frozen=True, kw_only=True):
    """Book what came of a purchase order. `accept_over` says why more than was ordered is taken all the same.

    `notice_id` is the advance notice that the goods came on, if any did.
    """

    purchase_id: UUID
    scan: str
    notice_id: UUID | None = None
    lines: list[GoodsAsk]
    accept_over: str | None = None
    note: str | None = None


class CorrectLot(Command, frozen=True, kw_only=True):
    """The date that was said first of a lot was wrong; None is that nobody knows it."""

    lot_id: UUID
    expires_on: date | None = None
    reason: str
    version: int | None = None


class LotState(State, frozen=True, kw_only=True):
    id: UUID
    sku: str
    code: str
    expires_on: date | None
    version: int


class SetExpiredAside(Task, frozen=True, kw_only=True):
    """Take out of sale what has expired and nobody was promised. Sent by a schedule."""


class TakeLotOut(Command, frozen=True, kw_only=True):
    """Put all sellable units of a lot into quarantine where they lie; who was promised them waits for others."""

    lot_id: UUID
    reason: str
    version: int | None = None


class LotTakenOut(State, frozen=True, kw_only=True):
    """`short` units had been promised to orders, which wait now; `packed` ones stand packed and were left."""

    id: UUID
    sku: str
    code: str
    moved: int
    short: int
    packed: int
    version: int


class TakeGoodsBack(Command, frozen=True, kw_only=True):
    receipt_id: UUID
    reason: str
    version: int | None = None


class ReceiptState(State, frozen=True, kw_only=True):
    """Lines: no, purchase_line, sku, quantity, condition, bin, lot. `filled` units went to orders that waited.

    Inspections: id, number, sku, quantity, method, sample_size of what may not be sold yet. Ageing: no, sku, lot,
    expires_on, days_left (below zero when it is over) and said, of lines that expire soon or have. Putaways: what is to
    be done with the rest, as in `PutawayState`: id, number, bin, sku, lot, left, waiting, suggestions, unplaced,
    unplaced_why.
    """

    id: UUID
    number: str
    purchase_id: UUID
    purchase: str
    purchase_status: str
    status: str
    filled: int
    version: int
    lines: list[dict[str, Any]]
    inspections: list[dict[str, Any]]
    ageing: list[dict[str, Any]]
    putaways: list[dict[str, Any]] = []
    notice: str | None = None  # number of the advance notice, and where that stands now
    notice_status: str | None = None
    next: list[str]


class GoodsReceived(Event, frozen=True, kw_only=True):
    receipt_id: UUID
    purchase_id: UUID
    number: str
    line_no: int
    sku: str
    node: str
    supplier: str
    quantity: int
    condition: str


class WrongGoodsReceived(Event, frozen=True, kw_only=True):
    receipt_id: UUID
    purchase_id: UUID
    number: str
    sku: str
    node: str
    supplier: str
    quantity: int
    reason: str


class GoodsTakenBack(Event, frozen=True, kw_only=True):
    receipt_id: UUID
    purchase_id: UUID
    number: str
    why: str
