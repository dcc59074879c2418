"""What may be said to the inbound agent, and what it says. Quantities are whole units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


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
    """Book what came of a purchase order. `accept_over` says why more than was ordered is taken all the same."""

    purchase_id: UUID
    scan: str
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


class TakeGoodsBack(Command, frozen=True, kw_only=True):
    receipt_id: UUID
    reason: str
    version: int | None = None


class ReceiptState(State, frozen=True, kw_only=True):
    """Lines: no, purchase_line, sku, quantity, condition, bin, lot. `filled` units went to orders that waited.

    Inspections: id, number, sku, quantity, method, sample_size of what may not be sold yet. Ageing: no, sku, lot,
    expires_on, days_left (below zero when it is over) and said, of lines that expire soon or have.
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


class CharacteristicAsk(msgspec.Struct, frozen=True, kw_only=True):
    """`low` and `high` are decimals of a measured one; a unit that fails a critical one rejects the lot."""

    name: str
    kind: str = "yes_no"
    unit: str = ""
    low: str | None = None
    high: str | None = None
    critical: bool = False


class PutInspectionPlan(Command, frozen=True, kw_only=True):
    """How goods are looked at: of a supplier, of a SKU, of both, or ("" and "") of everything. The narrowest counts."""

    supplier: str = ""
    sku: str = ""
    method: str = "sample"
    level: str = "II"
    aql: str = "1.0"
    reduced: bool = False
    characteristics: list[CharacteristicAsk] = []
    version: int | None = None


class RemoveInspectionPlan(Command, frozen=True, kw_only=True):
    supplier: str = ""
    sku: str = ""
    version: int | None = None


class RestartSampling(Command, frozen=True, kw_only=True):
    """After inspection by sample was discontinued: the supplier has mended it, and tightened inspection begins."""

    supplier: str
    sku: str
    reason: str


class InspectionPlanState(State, frozen=True, kw_only=True):
    supplier: str
    sku: str
    method: str
    level: str
    aql: str
    reduced: bool
    characteristics: list[CharacteristicAsk]
    version: int
    created: bool = False


class InspectionPlanRemoved(State, frozen=True, kw_only=True):
    supplier: str
    sku: str


class StandingState(State, frozen=True, kw_only=True):
    supplier: str
    sku: str
    severity: str
    score: int
    since: datetime
    why: str


class ResultAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Of characteristic `no`: `ok`, or the measured `value` as a decimal, which its limits judge."""

    no: int
    ok: bool | None = None
    value: str | None = None


class UnitAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of the sample, numbered from 1. Without results `conforming` says how it is."""

    unit: int
    conforming: bool | None = None
    results: list[ResultAsk] = []
    note: str | None = None


class RecordSample(Command, frozen=True, kw_only=True):
    """What was found on units of the sample. The last one needed brings the verdict, and what follows from it.

    Accepted units go to `bin`, else to the node's receiving bin.
    """

    inspection_id: UUID
    units: list[UnitAsk]
    bin: str | None = None
    version: int | None = None


class DecideUnits(Command, frozen=True, kw_only=True):
    """So many of the units that await a decision are accepted, so many rejected; as often as it takes.

    Under a sampling plan units are accepted one by one only after its verdict, or with a reason.
    """

    inspection_id: UUID
    accept: int = 0
    reject: int = 0
    reason: str | None = None
    bin: str | None = None
    version: int | None = None


class DisposeUnits(Command, frozen=True, kw_only=True):
    """What becomes of rejected units. `discount` per unit, in the order's currency, is for those taken at one."""

    inspection_id: UUID
    kind: str
    quantity: int
    reason: str
    discount: int = 0
    bin: str | None = None
    version: int | None = None


class InspectionState(State, frozen=True, kw_only=True):
    """`filled` units went to orders that waited; `claim` is what was asked back in all."""

    id: UUID
    number: str
    sku: str
    node: str
    status: str
    quantity: int
    accepted: int
    rejected: int
    awaiting: int
    to_dispose: int
    sample_size: int | None
    sampled: int
    nonconforming: int
    verdict: str | None
    verdict_why: str | None
    claim: int
    filled: int
    version: int
    next: list[str]


class LotJudged(Event, frozen=True, kw_only=True):
    """A sample was judged. Subject: the inspection."""

    inspection_id: UUID
    number: str
    supplier: str
    sku: str
    node: str
    quantity: int
    verdict: str
    why: str


class UnitsDisposed(Event, frozen=True, kw_only=True):
    """Subject: the inspection."""

    inspection_id: UUID
    number: str
    supplier: str
    sku: str
    node: str
    kind: str
    quantity: int
    claim: int
    currency: str
