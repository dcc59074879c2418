"""What may be said to the inventory agent, and what it says. Quantities are whole units."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task, Undo


class PutNode(Command, frozen=True, kw_only=True):
    """Create a node (with its standard bins) or change it."""

    code: str
    name: str
    kind: str = "warehouse"
    time_zone: str = "UTC"
    address: dict[str, Any] = {}
    open_weekdays: list[int] = msgspec.field(default_factory=lambda: [0, 1, 2, 3, 4])  # Monday is 0
    closed_dates: list[str] = []
    cut_off: str = "15:00"
    rank: int = 100
    ships: bool = True
    version: int | None = None


class PutZone(Command, frozen=True, kw_only=True):
    node: str
    code: str
    name: str
    sequence: int = 0


class PutBin(Command, frozen=True, kw_only=True):
    node: str
    code: str
    type: str
    zone: str | None = None
    sequence: int = 0
    capacity_units: int | None = None
    capacity_grams: int | None = None
    capacity_cm3: int | None = None
    level: int = 0
    hazard_classes: list[str] = []
    temperature: str = "ambient"
    mixes_skus: bool = True
    mixes_lots: bool = True
    blocked: bool = False
    active: bool = True
    version: int | None = None


class ReceivedLine(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int
    bin: str | None = None  # None: the node's pick face
    lot: str = ""
    status: str = "sellable"


class ReceiveStock(Command, frozen=True, kw_only=True):
    """Goods have come in (without a purchase order). Waiting backorders are filled in the same transaction."""

    node: str
    lines: list[ReceivedLine]
    reference: str


class AdjustStock(Command, frozen=True, kw_only=True):
    """Correct what lies in a bin by `quantity` (signed). A reason is a must.

    `expected` is compare-and-set: refused when the bin holds something else.
    """

    node: str
    sku: str
    quantity: int
    reason: str
    bin: str = "PICK"
    lot: str = ""
    status: str = "sellable"
    expected: int | None = None


class UndoStock(Command, frozen=True, kw_only=True):
    """Take entries of the ledger back: receipts, corrections and counts, while the goods are there."""

    entries: list[int]
    reason: str | None = None


class MoveStock(Command, frozen=True, kw_only=True):
    """Between bins or statuses of one node: putaway, quarantine, back to sellable."""

    node: str
    sku: str
    quantity: int
    from_bin: str
    to_bin: str
    from_status: str = "sellable"
    to_status: str = "sellable"
    lot: str = ""
    reason: str | None = None


class HeldLine(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int


class HoldStock(Command, frozen=True, kw_only=True):
    """Keep units for a checkout, whole or not at all; a kit holds its components.

    The same reference with the same lines extends its time; with other lines it holds those instead. What is kept
    from `channel` is not held for it.
    """

    reference: str
    lines: list[HeldLine]
    seconds: int = 600
    channel: str | None = None


class ReleaseHold(Command, frozen=True, kw_only=True):
    reference: str


class TransferLineAsk(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int
    lot: str = ""


class CreateTransfer(Command, frozen=True, kw_only=True):
    from_node: str
    to_node: str
    lines: list[TransferLineAsk]


class PlanTransfer(Task, frozen=True, kw_only=True):
    """Draft a transfer under an id that whoever asks has chosen."""

    transfer_id: UUID
    from_node: str
    to_node: str
    lines: list[TransferLineAsk]


class SendTransfer(Command, frozen=True, kw_only=True):
    """First leg: the units leave their node and are in transit."""

    transfer_id: UUID
    version: int | None = None


class ReceiveTransfer(Command, frozen=True, kw_only=True):
    """Second leg. What is neither received nor still expected is `lost` when `complete`."""

    transfer_id: UUID
    lines: list[TransferLineAsk]
    complete: bool = True
    version: int | None = None


class CancelTransfer(Command, frozen=True, kw_only=True):
    transfer_id: UUID


class OpenCount(Command, frozen=True, kw_only=True):
    """Start counting a bin: what the books say is kept as expected."""

    node: str
    bin: str


class CountedLine(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    counted: int
    lot: str = ""


class PostCount(Command, frozen=True, kw_only=True):
    """What was counted becomes the truth; units promised beyond it go back to the queue.

    The count is of the whole bin: what was expected at the opening and is not named here was not there.
    What came into the bin since and is not named is left alone.
    """

    count_id: UUID
    lines: list[CountedLine]
    version: int | None = None


class NodeState(State, frozen=True, kw_only=True):
    code: str
    name: str
    kind: str
    time_zone: str
    rank: int
    ships: bool
    version: int
    created: bool = False


class ZoneState(State, frozen=True, kw_only=True):
    node: str
    code: str
    name: str
    sequence: int
    created: bool = False


class BinState(State, frozen=True, kw_only=True):
    node: str
    code: str
    type: str
    sequence: int
    version: int
    zone: str | None = None
    capacity_units: int | None = None
    capacity_grams: int | None = None
    capacity_cm3: int | None = None
    level: int = 0
    hazard_classes: list[str] = []
    temperature: str = "ambient"
    mixes_skus: bool = True
    mixes_lots: bool = True
    blocked: bool = False
    active: bool = True
    created: bool = False


class LevelView(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    node: str
    on_hand: int
    sellable: int
    allocated: int
    held: int
    backordered: int
    purchasable: int


class StockState(State, frozen=True, kw_only=True):
    """The levels that were touched, as they are now; `filled` are backordered units that got stock."""

    levels: list[LevelView]
    filled: int = 0
    short: int = 0
    undo: Undo | None = None  # of what was just done, when it has a way back


class HoldView(State, frozen=True, kw_only=True):
    reference: str
    expires_at: datetime
    lines: list[dict[str, Any]]


class TransferState(State, frozen=True, kw_only=True):
    """Lines: line_no, sku, lot, quantity, received, lost."""

    id: UUID
    from_node: str
    to_node: str
    status: str
    version: int
    lines: list[dict[str, Any]]
    next: list[str]


class CountState(State, frozen=True, kw_only=True):
    """Lines: sku, lot, expected (at the opening), books (at the posting), counted, difference, moved.

    `moved` says that the books changed between opening and posting: look there again.
    """

    id: UUID
    node: str
    bin: str
    status: str
    version: int
    lines: list[dict[str, Any]]
    next: list[str]
    filled: int = 0
    short: int = 0
    undo: Undo | None = None


class BackordersFilled(Event, frozen=True, kw_only=True):
    """Units that an order waited for are allocated now. Subject: the order."""

    order_id: UUID
    allocations: list[UUID]


class AllocationsLost(Event, frozen=True, kw_only=True):
    """Promised units turned out not to be there; they wait for stock again. Subject: the order."""

    order_id: UUID
    allocations: list[UUID]
    why: str


class StockChanged(Event, frozen=True, kw_only=True):
    sku: str
    node: str
    on_hand: int
    purchasable: int


class KeepGoods(Task, frozen=True, kw_only=True):
    """Hold units for somebody who does not wait for the answer, such as an exchange; `GoodsKept` tells how it went."""

    reference: str
    lines: list[HeldLine]
    seconds: int


class LetGoodsGo(Task, frozen=True, kw_only=True):
    """End a hold, if it is still there."""

    reference: str


class GoodsKept(Event, frozen=True, kw_only=True):
    """`until` None: they are not held, `why` tells why not."""

    reference: str
    until: datetime | None
    why: str | None = None


class ExpireHolds(Task, frozen=True, kw_only=True):
    """Give back what checkouts let lapse. Sent by a schedule."""
