"""Which lines of an order the units of an unknown parcel belong to. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol
from uuid import UUID


class Unit(Protocol):
    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def grade(self) -> str: ...
    @property
    def lot(self) -> str: ...
    @property
    def note(self) -> str | None: ...


class Room(NamedTuple):
    """So many units of a line are still to come; without a return it is what nobody has asked to give back yet."""

    return_id: UUID | None
    line_no: int
    sku: str
    units: int


class Placed(NamedTuple):
    room: Room
    unit: Unit
    quantity: int


def place(units: Sequence[Unit], rooms: Sequence[Room]) -> tuple[list[Placed], list[tuple[Unit, int]]]:
    """(what fits where, what fits nowhere). Rooms are filled in their order, so what was asked for comes first."""
    left = [room.units for room in rooms]
    placed: list[Placed] = []
    over: list[tuple[Unit, int]] = []
    for unit in units:
        rest = unit.quantity
        for at, room in enumerate(rooms):
            if room.sku == unit.sku and left[at] and rest:
                take = min(rest, left[at])
                placed.append(Placed(room, unit, take))
                left[at], rest = left[at] - take, rest - take
        if rest:
            over.append((unit, rest))
    return placed, over
