"""What may be said to the inbound agent, and what it says. Quantities are whole units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task, Undo


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


class PutPutawayRule(Command, frozen=True, kw_only=True):
    """Such goods go into this bin, or this zone, or anywhere. `strict`: nowhere else, however full it is."""

    node: str
    code: str
    goods: str = "everything"
    value: str = ""
    priority: int = 100
    zone: str | None = None
    bin: str | None = None
    units_per_bin: int | None = None
    strict: bool = False
    version: int | None = None


class RemovePutawayRule(Command, frozen=True, kw_only=True):
    node: str
    code: str
    version: int | None = None


class PutawayRuleState(State, frozen=True, kw_only=True):
    node: str
    code: str
    goods: str
    value: str
    priority: int
    zone: str | None
    bin: str | None
    units_per_bin: int | None
    strict: bool
    version: int
    created: bool = False


class PutawayRuleRemoved(State, frozen=True, kw_only=True):
    node: str
    code: str


class PlanPutaway(Command, frozen=True, kw_only=True):
    """Make tasks for all that lies in the receiving bins of a node, and look for places anew."""

    node: str


class TidyPutaways(Task, frozen=True, kw_only=True):
    """Close tasks of goods that lie there no more: picked, moved, counted away."""


class StartPutaway(Command, frozen=True, kw_only=True):
    """Take a task on; places are looked for anew."""

    task_id: UUID
    version: int | None = None


class GiveBackPutaway(Command, frozen=True, kw_only=True):
    task_id: UUID
    version: int | None = None


class CancelPutaway(Command, frozen=True, kw_only=True):
    """What is left stays where it lies, and is sold from there."""

    task_id: UUID
    reason: str
    version: int | None = None


class PutAway(Command, frozen=True, kw_only=True):
    """So many units are in `bin` now. `reason` says why it is another bin than suggested, or beyond its limits."""

    task_id: UUID
    bin: str
    quantity: int
    reason: str | None = None
    version: int | None = None


class UndoPutaway(Command, frozen=True, kw_only=True):
    """Units were brought back to where they had been received."""

    putaway_id: UUID
    reason: str | None = None


class PutawayState(State, frozen=True, kw_only=True):
    """`left` of `quantity` are to be put away; `there` units lie in the bin, `picked` of them for pick lists.

    Waiting: order, units, of orders that need these units. Suggestions: bin, quantity, purpose, rule, why, seconds,
    second_bin, second_seconds, second_why. `putaway_id` is what was just put away.
    """

    id: UUID
    number: str
    node: str
    bin: str
    sku: str
    lot: str
    status: str
    quantity: int
    put_away: int
    withdrawn: int
    left: int
    there: int
    picked: int
    waiting: list[dict[str, Any]]
    suggestions: list[dict[str, Any]]
    unplaced: int
    unplaced_why: str | None
    assigned_to: str | None
    version: int
    next: list[str]
    putaway_id: UUID | None = None
    overridden: list[str] = []
    undo: Undo | None = None


class PutawaysPlanned(State, frozen=True, kw_only=True):
    """Units: to be put away, and of these without a place. `closed` tasks had nothing left to be put away.

    `looked_at`: tasks for which places were looked for anew.
    """

    node: str
    open: int
    opened: int
    closed: int
    looked_at: int
    units: int
    unplaced: int


class GoodsPutAway(Event, frozen=True, kw_only=True):
    """Subject: the putaway. `overridden`: what spoke against the bin, as `reason` says why all the same."""

    task_id: UUID
    number: str
    sku: str
    lot: str
    node: str
    from_bin: str
    bin: str
    quantity: int
    overridden: list[str]
    reason: str | None


class GoodsBroughtBack(Event, frozen=True, kw_only=True):
    """A putaway was undone. Subject: the putaway."""

    task_id: UUID
    number: str
    sku: str
    lot: str
    node: str
    bin: str
    quantity: int
    why: str | None


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
