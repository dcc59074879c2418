"""What is packed, what into, and what a plan of it looks like.

Lengths are whole millimetres, weights whole grams, prices whole minor units. A box stands open on a table: x runs along
its length, y along its width, z upwards from its floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from db.catalog import HazardClass, Temperature

ANY_SIDE = (0, 1, 2)
THIS_SIDE_UP = (2,)

WITH_NOTHING_ELSE = frozenset(
    {HazardClass.explosive, HazardClass.toxic_gas, HazardClass.toxic, HazardClass.infectious, HazardClass.radioactive}
)
"""Classes that are boxed apart even from goods that are not dangerous."""


@dataclass(frozen=True)
class Goods:
    """`quantity` equal pieces. `upright` are the sides (0 length, 1 width, 2 height) that may run up and down."""

    sku: str
    size: tuple[int, int, int]
    grams: int
    quantity: int = 1
    upright: tuple[int, ...] = ANY_SIDE
    fragile: bool = False  # nothing may stand above it
    hazard: str | None = None  # a value of HazardClass, or "?" for dangerous goods of a class that nobody has named
    temperature: str = Temperature.ambient
    bears: int | None = None  # grams that may stand above one piece, all together; None: any
    alone: bool = False  # goes out in its own carton, which is what its size and weight are of

    @property
    def volume(self) -> int:
        return self.size[0] * self.size[1] * self.size[2]

    def poses(self) -> list[tuple[int, int, int]]:
        """The ways that it may stand, as extent along x, y and z, each once."""
        found = []
        for up in self.upright:
            a, b = (self.size[side] for side in range(3) if side != up)
            found += [(a, b, self.size[up]), (b, a, self.size[up])]
        return list(dict.fromkeys(found))


def may_share(a: Goods, b: Goods) -> bool:
    """Whether two goods may lie in one box.

    Stricter than the segregation tables of transport law, which need only be looked up for what comes after this:
    dangerous goods of two classes never share a box, those of an unknown class share it with nothing else.
    """
    if a.temperature != b.temperature:
        return False
    if a.hazard == b.hazard:
        return a.hazard != "?" or a.sku == b.sku
    if a.hazard and b.hazard:
        return False
    dangerous = a.hazard or b.hazard
    return dangerous != "?" and dangerous not in WITH_NOTHING_ELSE


def all_may_share(goods: Sequence[Goods]) -> bool:
    if not any(g.hazard for g in goods):
        return len({g.temperature for g in goods}) <= 1
    return all(may_share(a, b) for a, b in combinations(goods, 2))


@dataclass(frozen=True)
class Box:
    """Inner measures; `wall` is the thickness of its board, which carriers measure too. Any number is at hand."""

    code: str
    size: tuple[int, int, int]
    most_grams: int  # with itself
    grams: int = 0  # of itself
    cost: int = 0
    wall: int = 0
    padding: int = 0  # void fill along every side, the floor and the lid

    @property
    def room(self) -> tuple[int, int, int]:
        """What is left for goods within the padding."""
        length, width, height = (max(0, side - 2 * self.padding) for side in self.size)
        return length, width, height

    @property
    def volume(self) -> int:
        length, width, height = self.room
        return length * width * height

    @property
    def outer(self) -> tuple[int, int, int]:
        length, width, height = (side + 2 * self.wall for side in self.size)
        return length, width, height


OWN_CARTON = ""
"""The code of a carton that goods bring with them."""


def own_carton(goods: Goods) -> Box:
    return Box(OWN_CARTON, goods.size, most_grams=goods.grams)


@dataclass(frozen=True)
class Terms:
    """What a parcel costs beside its box: the heavier of its weight and its size, by the kilogram."""

    divisor: int | None = None  # cm³ that count as a kilogram; None: size does not matter
    kilogram: int = 0

    def charged(self, box: Box, grams: int) -> int:
        """Grams that a carrier charges for a box that weighs so much."""
        if self.divisor is None:
            return grams
        length, width, height = box.outer
        return max(grams, -(-length * width * height // self.divisor))

    def price(self, box: Box, grams: int) -> int:
        return box.cost + -(-self.charged(box, grams) * self.kilogram // 1000)


class Piece(NamedTuple):
    """One piece of `sku`: its corner nearest to the origin, and its extent along each axis."""

    sku: str
    x: int
    y: int
    z: int
    length: int
    width: int
    height: int


@dataclass(frozen=True)
class Filled:
    """A box with its pieces, in an order in which they can be put in: none before what it stands on."""

    box: Box
    pieces: tuple[Piece, ...]
    grams: int  # of box and goods

    @property
    def use(self) -> float:
        """Share of the room that is goods."""
        return sum(p.length * p.width * p.height for p in self.pieces) / self.box.volume


class LeftOut(NamedTuple):
    """Goods that no box was found for, and why, as a sentence for whoever packs."""

    sku: str
    quantity: int
    because: str


@dataclass(frozen=True)
class Plan:
    boxes: tuple[Filled, ...]
    left_out: tuple[LeftOut, ...]
    price: int


def units(goods: Sequence[Goods]) -> int:
    return sum(g.quantity for g in goods)
