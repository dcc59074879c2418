"""What may be said to the inbound agent, and what it says. Quantities are whole units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


class GoodsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Units that came of one line of a purchase order. `bin` is where they were put, else the node's usual one."""

    line_no: int
    quantity: int
    condition: str = "good"
    bin: str | None = None
    lot: str = ""
    reason: str | None = None


class ReceiveGoods(Command, frozen=True, kw_only=True):
    """Book what came of a purchase order. `accept_over` says why more than was ordered is taken all the same."""

    purchase_id: UUID
    scan: str
    lines: list[GoodsAsk]
    accept_over: str | None = None
    note: str | None = None


class TakeGoodsBack(Command, frozen=True, kw_only=True):
    receipt_id: UUID
    reason: str
    version: int | None = None


class ReceiptState(State, frozen=True, kw_only=True):
    """Lines: no, purchase_line, sku, quantity, condition, bin, lot. `filled` units went to orders that waited."""

    id: UUID
    number: str
    purchase_id: UUID
    purchase: str
    purchase_status: str
    status: str
    filled: int
    version: int
    lines: list[dict[str, Any]]
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


class GoodsTakenBack(Event, frozen=True, kw_only=True):
    receipt_id: UUID
    purchase_id: UUID
    number: str
    why: str
