"""What is judged on the floor: may work go on, which bins to walk, where missing units come from, what fits a parcel.

Pure: no database, no clock. Quantities are whole units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from agents.fulfilment.messages import PackedLine
from agents.fulfilment.refusals import NothingLeftToPack, OrderNotReleased, OrderOnHold, PackedTooMany
from db.errors import Refusal
from db.fulfilment import FULFILMENT_MOVES, FulfilmentStatus
from db.nodes import BinType
from db.orders import OrderStatus

WORKABLE = frozenset({OrderStatus.released, OrderStatus.partly_shipped})

PICKED_FROM = {BinType.pick_face: 0, BinType.reserve: 1, BinType.receiving: 2}
"""Bin types that are picked from, best first. Goods in packing, quarantine and dispatch are not."""


def objection(order: str, status: str, holds: Sequence[str]) -> Refusal | None:
    """Why nobody may work on an order, or None."""
    if holds or status == OrderStatus.held:
        return OrderOnHold(order, list(holds) or ["held"])
    return None if status in WORKABLE else OrderNotReleased(order, status)


def next_moves(status: str, *, workable: bool) -> list[str]:
    """What a fulfilment may become; nothing while its order may not be worked on and it has not left yet."""
    now_at = FulfilmentStatus(status)
    if not workable and now_at is not FulfilmentStatus.shipped:
        return []
    return sorted(s.value for s in FULFILMENT_MOVES[now_at])


class Shelf(NamedTuple):
    """Units of one lot in a bin that no pick list goes for. `walk` is the bin's place in the pick path."""

    sku: str
    bin: str
    lot: str
    free: int
    type: str
    walk: tuple[int, int, str]  # sequence of the zone, sequence of the bin, its code
    arrived: int = 0  # smaller is older; 0 where lots are not tracked
    expires_on: date = date.max  # the last day of use; the last of all days where nobody knows one


class Need(NamedTuple):
    fulfilment_id: UUID
    allocation_id: UUID
    sku: str
    quantity: int


class Grab(NamedTuple):
    """Take `quantity` for `need` from a shelf."""

    need: Need
    shelf: Shelf
    quantity: int


def preference(shelf: Shelf) -> tuple[date, int, int, tuple[int, int, str], str]:
    """What expires first, wherever it lies; else pick faces, reserve, receiving, the oldest lot, the pick path."""
    return shelf.expires_on, PICKED_FROM[BinType(shelf.type)], shelf.arrived, shelf.walk, shelf.lot


class Pool:
    """What is free on the shelves, used up grab by grab."""

    def __init__(self, shelves: Iterable[Shelf]) -> None:
        self._by_sku: dict[str, list[Shelf]] = defaultdict(list)
        self._free: dict[tuple[str, str, str], int] = {}
        for shelf in sorted(shelves, key=preference):
            self._by_sku[shelf.sku].append(shelf)
            self._free[shelf[:3]] = shelf.free

    def free(self, sku: str) -> int:
        return sum(max(0, self._free[s[:3]]) for s in self._by_sku[sku])

    def take(self, need: Need) -> list[Grab]:
        """As much as there is, over several bins where it must be."""
        grabs, left = [], need.quantity
        for shelf in self._by_sku[need.sku]:
            quantity = min(left, self._free[shelf[:3]])
            if quantity > 0:
                self._free[shelf[:3]] -= quantity
                left -= quantity
                grabs.append(Grab(need, shelf, quantity))
        return grabs

    def take_all(self, needs: Sequence[Need]) -> list[Grab] | None:
        """All of it, or None and nothing taken."""
        before = dict(self._free)
        grabs = [grab for need in needs for grab in self.take(need)]
        if sum(g.quantity for g in grabs) == sum(n.quantity for n in needs):
            return grabs
        self._free = before
        return None


def in_walking_order(grabs: Iterable[Grab]) -> list[Grab]:
    return sorted(grabs, key=lambda g: (g.shelf.walk, g.shelf.sku, g.shelf.lot, g.need.allocation_id))


class Rescue(NamedTuple):
    """Where the units of a short pick come from instead: `stay` at the node, `elsewhere` by node, else waiting."""

    stay: int
    elsewhere: list[tuple[str, int]]
    backordered: int


def rescue(
    wanted: int, *, missing: int, free_here: int, on_other_shelves: int, free_by_node: Mapping[str, int]
) -> Rescue:
    """Share out `wanted` units after `missing` ones went off the books of their node.

    The node can go on promising only what its free units (before the correction) make up for, and only
    as far as other shelves hold it. `free_by_node` lists the other nodes, first choice first.
    """
    stay = min(max(0, wanted - max(0, missing - max(0, free_here))), on_other_shelves)
    left = wanted - stay
    elsewhere = []
    for node, free in free_by_node.items():
        quantity = min(left, free)
        if quantity > 0:
            elsewhere.append((node, quantity))
            left -= quantity
    return Rescue(stay, elsewhere, left)


class Unpacked(NamedTuple):
    allocation_id: UUID
    line_no: int
    sku: str
    lot: str
    quantity: int


def fill_parcel(fulfilment: str, left: Sequence[Unpacked], asked: Sequence[PackedLine]) -> list[Unpacked]:
    """Which units go into a parcel; without `asked` all that are left.

    Raises:
        NothingLeftToPack: everything is packed.
        PackedTooMany: more is asked for than is left, or less than one.
    """
    if not left:
        raise NothingLeftToPack(fulfilment)
    if not asked:
        return list(left)
    free = {u.allocation_id: u.quantity for u in left}
    packed: dict[UUID, int] = defaultdict(int)
    for ask in asked:
        fitting = [u for u in left if u.sku == ask.sku and ask.line_no in (None, u.line_no)]
        if not 0 < ask.quantity <= sum(free[u.allocation_id] for u in fitting):
            raise PackedTooMany(fulfilment, ask.sku, sum(free[u.allocation_id] for u in fitting), ask.quantity)
        more = ask.quantity
        for u in fitting:
            quantity = min(more, free[u.allocation_id])
            free[u.allocation_id] -= quantity
            packed[u.allocation_id] += quantity
            more -= quantity
    return [u._replace(quantity=packed[u.allocation_id]) for u in left if packed[u.allocation_id]]
