"""What may be booked, what gives way and what is refused. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from db.catalog import Tracking
from db.errors import Conflict, Invalid
from db.nodes import BinType
from db.stock import StockStatus

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

    def __str__(self) -> str:
        return (
            f"Bin {self.bin} at {self.node} takes {self.capacity} units and holds {self.inside}; "
            f"{self.adding} more do not fit."
        )


@dataclass(eq=False)
class BinNotEmpty(Conflict):
    node: str
    bin: str
    units: int

    def __str__(self) -> str:
        return f"Bin {self.bin} at {self.node} still holds {self.units} units. Move them first."


@dataclass(eq=False)
class NoBinOfType(Conflict):
    node: str
    type: str

    def __str__(self) -> str:
        return f"{self.node} has no active {self.type} bin."


@dataclass(eq=False)
class Unexpected(Conflict):
    """Compare-and-set failed: somebody else changed the bin meanwhile."""

    sku: str
    node: str
    bin: str
    expected: int
    found: int

    def __str__(self) -> str:
        return (
            f"You expected {self.expected} {self.sku} in bin {self.bin} at {self.node}; the books say {self.found}. "
            "Look again and repeat."
        )


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
class OutOfStock(Conflict):
    """Lines: sku, wanted, free (units nobody has a claim on), purchasable (with what may be backordered)."""

    lines: list[dict[str, Any]]

    def __str__(self) -> str:
        short = ", ".join(f"{line['wanted']} {line['sku']} ({line['free']} free)" for line in self.lines)
        return f"There is not enough stock for {short}."


@dataclass(eq=False)
class MoreThanSent(Conflict):
    sku: str
    lot: str
    open: int
    received: int

    def __str__(self) -> str:
        lot = f" of lot {self.lot}" if self.lot else ""
        return f"Only {self.open} {self.sku}{lot} are on their way, {self.received} cannot have come. Adjust the rest."


@dataclass(eq=False)
class CountIsOpen(Conflict):
    count_id: str
    node: str
    bin: str

    def __str__(self) -> str:
        return f"Bin {self.bin} at {self.node} is being counted already."


class Piece(NamedTuple):
    """So many units of one SKU from or at one place: a node, a bin or a status."""

    place: str
    quantity: int


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


def youngest_first(rows: Sequence[tuple[Any, int]], units: int) -> list[tuple[Any, int]]:
    """Take units from (key, quantity) rows in the order given, the last one in part only."""
    taken = []
    for key, quantity in rows:
        if units <= 0:
            break
        taken.append((key, min(quantity, units)))
        units -= quantity
    return taken


def spread(wanted: int, free: Sequence[Piece]) -> list[Piece]:
    """Take units place by place in the order given; the pieces add up to less when there is not enough."""
    return [Piece(place, units) for place, units in youngest_first([(p, q) for p, q in free if q > 0], wanted)]


def explode(wanted: Sequence[tuple[str, int]], kits: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Units of each plain SKU, kits taken apart, equal SKUs added up."""
    units: dict[str, int] = {}
    for sku, quantity in wanted:
        for part, per_kit in kits.get(sku, {sku: 1}).items():
            units[part] = units.get(part, 0) + per_kit * quantity
    return dict(sorted(units.items()))


def spread_difference(difference: int, by_status: Mapping[str, int], bin_type: str) -> list[Piece]:
    """Which statuses a count's difference is booked to; a counter sees units, not what the books call them.

    Missing units leave sellable stock first, so that nothing is sold that may not be there. Surplus joins
    what the bin holds when that is all of one status, else it is quarantined in a quarantine bin and
    sellable elsewhere.
    """
    if difference < 0:
        order = (StockStatus.sellable, StockStatus.quarantine, StockStatus.damaged)
        return [Piece(p, -q) for p, q in spread(-difference, [Piece(s, by_status.get(s, 0)) for s in order])]
    if difference == 0:
        return []
    present = [s for s, units in by_status.items() if units > 0]
    if len(present) == 1:
        return [Piece(present[0], difference)]
    usual = StockStatus.quarantine if bin_type == BinType.quarantine else StockStatus.sellable
    return [Piece(usual, difference)]
