"""What may be booked, what gives way and what is refused. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from agents.stock.rules import room_of, youngest_first
from db.errors import Conflict
from db.nodes import Bin, BinType
from db.stock import Load, StockStatus

LARGEST_QUANTITY = 10_000_000  # units in one line: more is a barcode scanned into the wrong field
LONGEST_CODE = 64
LONGEST_HOLD_SECONDS = 24 * 3600


@dataclass(eq=False)
class BinNotEmpty(Conflict):
    node: str
    bin: str
    units: int

    def __str__(self) -> str:
        return f"Bin {self.bin} at {self.node} still holds {self.units} units. Move them first."


@dataclass(eq=False)
class HoldsMore(Conflict):
    node: str
    bin: str
    capacity: int
    inside: int
    measure: str

    def __str__(self) -> str:
        return (
            f"Bin {self.bin} at {self.node} holds {self.inside} {self.measure} and could not take only "
            f"{self.capacity}. Move some of it first."
        )


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


def lowered(before: int | None, after: int | None) -> bool:
    """Whether a limit is tighter than it was; None is no limit."""
    return after is not None and (before is None or after < before)


def check_holds(bin: Bin, inside: Load) -> None:
    """Raises HoldsMore when a bin's limits are below what lies in it."""
    for capacity, holds, _, measure in room_of(bin, inside, Load()):
        if capacity is not None and holds > capacity:
            raise HoldsMore(bin.node, bin.code, capacity, holds, measure)
