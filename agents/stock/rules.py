"""What may be booked and what is refused, whoever books it. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.catalog import Tracking
from db.errors import Conflict, Invalid
from db.nodes import Bin
from db.stock import Load, StockStatus

LARGEST_QUANTITY = 10_000_000  # units in one line: more is a barcode scanned into the wrong field
LONGEST_CODE = 64
LONGEST_HOLD_SECONDS = 24 * 3600


@dataclass(eq=False)
class BadField(Invalid):
    field: str
    value: Any
    why: str

    def __str__(self) -> str:
        return f"{self.field} cannot be {self.value!r}: {self.why}."


@dataclass(eq=False)
class KitHasNoStock(Invalid):
    sku: str

    def __str__(self) -> str:
        return f"{self.sku} is a kit and has no stock of its own. Name its components."


@dataclass(eq=False)
class LotNeeded(Invalid):
    sku: str
    tracking: str

    def __str__(self) -> str:
        return f"{self.sku} is tracked by {self.tracking}: say which."


@dataclass(eq=False)
class LotNotTracked(Invalid):
    sku: str
    lot: str

    def __str__(self) -> str:
        return f"{self.sku} is not tracked by lot, so its units cannot be of lot {self.lot}."


@dataclass(eq=False)
class OneUnitPerSerial(Invalid):
    sku: str
    serial: str
    quantity: int

    def __str__(self) -> str:
        return f"The serial number {self.serial} of {self.sku} is one unit and cannot be {self.quantity}."


@dataclass(eq=False)
class SerialInStock(Conflict):
    sku: str
    serial: str
    node: str
    bin: str

    def __str__(self) -> str:
        return f"The serial number {self.serial} of {self.sku} lies in bin {self.bin} at {self.node} already."


@dataclass(eq=False)
class LotHasOtherExpiry(Conflict):
    sku: str
    lot: str
    expires_on: str
    said: str

    def __str__(self) -> str:
        return (
            f"Lot {self.lot} of {self.sku} expires on {self.expires_on}, and this says {self.said}. Look at the label "
            "again; if the first date was wrong, correct the lot."
        )


@dataclass(eq=False)
class LotExpired(Conflict):
    sku: str
    lot: str
    expires_on: str

    def __str__(self) -> str:
        return f"Lot {self.lot} of {self.sku} expired on {self.expires_on} and cannot be sold. Keep it in quarantine."


@dataclass(eq=False)
class BinClosed(Conflict):
    node: str
    bin: str

    def __str__(self) -> str:
        return f"Bin {self.bin} at {self.node} is closed; nothing can be put there."


@dataclass(eq=False)
class BinFull(Conflict):
    node: str
    bin: str
    capacity: int
    inside: int
    adding: int
    measure: str = "units"

    def __str__(self) -> str:
        return (
            f"Bin {self.bin} at {self.node} takes {self.capacity} {self.measure} and holds {self.inside}; "
            f"{self.adding} more do not fit."
        )


@dataclass(eq=False)
class BinBlocked(Conflict):
    node: str
    bin: str

    def __str__(self) -> str:
        return f"Bin {self.bin} at {self.node} is blocked: it is emptied and not filled. Choose another."


@dataclass(eq=False)
class NoBinOfType(Conflict):
    node: str
    type: str

    def __str__(self) -> str:
        return f"{self.node} has no active {self.type} bin."


@dataclass(eq=False)
class UnitsArePicked(Conflict):
    sku: str
    node: str
    picked: int
    left: int

    def __str__(self) -> str:
        return (
            f"{self.picked} {self.sku} at {self.node} are picked for orders and only {self.left} would be left "
            "to pack. Unpick them first."
        )


@dataclass(eq=False)
class KeptForInspection(Conflict):
    sku: str
    node: str
    status_of_units: str
    kept: int
    left: int
    inspection: str

    def __str__(self) -> str:
        return (
            f"{self.kept} {self.sku} in {self.status_of_units} at {self.node} are kept for inspection and only "
            f"{self.left} would be left. Decide on them in {self.inspection}."
        )


@dataclass(eq=False)
class GoneSince(Conflict):
    sku: str
    node: str
    wanted: int
    free: int

    def __str__(self) -> str:
        return (
            f"{self.wanted} {self.sku} would have to leave {self.node} again and {self.free} are free: the others "
            "were promised or left since."
        )


def check_code(field: str, value: str) -> None:
    if not 0 < len(value) <= LONGEST_CODE or not value.isprintable() or value != value.strip() or ":" in value:
        raise BadField(field, value, f"use 1 to {LONGEST_CODE} printable characters, no colon, no space at the ends")


def check_words(field: str, value: str | None, *, needed: bool = True) -> None:
    if needed and not (value or "").strip():
        raise BadField(field, value, "it cannot be empty")
    if "\x00" in (value or ""):
        raise BadField(field, "…", "PostgreSQL keeps no NUL characters")


def check_quantity(sku: str, quantity: int, *, least: int = 1) -> None:
    if not least <= quantity <= LARGEST_QUANTITY:
        raise BadField(f"quantity of {sku}", quantity, f"it is a number from {least} to {LARGEST_QUANTITY}")


def check_status(status: str) -> None:
    """Transit is a leg of a transfer and nobody's to set."""
    may = [s.value for s in StockStatus if s is not StockStatus.transit]
    if status not in may:
        raise BadField("status", status, f"it is one of {', '.join(may)}")


def check_lot(sku: str, tracking: str, lot: str, quantity: int) -> None:
    """Whether a lot (or serial number) goes with how a SKU is tracked; `quantity` may be signed."""
    if tracking == Tracking.none and lot:
        raise LotNotTracked(sku, lot)
    if tracking != Tracking.none:
        if not lot:
            raise LotNeeded(sku, tracking)
        check_code(f"lot of {sku}", lot)
    if tracking == Tracking.serial and abs(quantity) > 1:
        raise OneUnitPerSerial(sku, lot, quantity)


def is_limited(bin: Bin) -> bool:
    return bin.blocked or any((bin.capacity_units, bin.capacity_grams, bin.capacity_cm3))


def too_much(bin: Bin, inside: Load, adding: Load) -> list[BinBlocked | BinFull]:
    """All that speaks against putting it there. What makes a bin lighter is never too much."""
    found: list[BinBlocked | BinFull] = []
    if bin.blocked and adding.units > 0:
        found.append(BinBlocked(bin.node, bin.code))
    for capacity, holds, more, measure in room_of(bin, inside, adding):
        if capacity is not None and more > 0 and holds + more > capacity:
            found.append(BinFull(bin.node, bin.code, capacity, holds, more, measure))
    return found


def room_of(bin: Bin, inside: Load, adding: Load) -> tuple[tuple[int | None, int, int, str], ...]:
    """By units, weight and room: the limit, what lies there, what comes on top, the measure."""
    return (
        (bin.capacity_units, inside.units, adding.units, "units"),
        (bin.capacity_grams, inside.grams, adding.grams, "g"),
        (bin.capacity_cm3, _cm3(inside.mm3), _cm3(inside.mm3 + adding.mm3) - _cm3(inside.mm3), "cm³"),
    )


def _cm3(mm3: int) -> int:
    """Rounded up, so that what is said to fit does."""
    return -(-mm3 // 1000)


def youngest_first(rows: Sequence[tuple[Any, int]], units: int) -> list[tuple[Any, int]]:
    """Take units from (key, quantity) rows in the order given, the last one in part only."""
    taken = []
    for key, quantity in rows:
        if units <= 0:
            break
        taken.append((key, min(quantity, units)))
        units -= quantity
    return taken
