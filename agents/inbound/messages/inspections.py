"""Inspection plans, samples, verdicts and what becomes of rejected units."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State


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
