"""As much as goes into one box.

Goods are put in as blocks of equal pieces, always into the corner of a level surface. Which block comes next is judged
by its volume and by how much of the room beside, behind and above it the sides of the other goods can still use up
(Araya and Riff 2014, without their share for contact). A beam search follows the best few, and judges each by filling
the box greedily to the end. Effort is counted in such endings and not in time, so the same goods give the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from math import inf
from typing import NamedTuple

from ml.cartonisation.goods import Box, Filled, Goods, Piece, all_may_share, may_share
from ml.cartonisation.surfaces import Surface, covered, joined

SHARPNESS = 4  # how much a block's volume gives way to room that is lost around it
AXES = tuple(permutations(range(3)))


class Block(NamedTuple):
    """`counts` pieces of a kind along each axis, each with the extent `pose`."""

    kind: int
    pose: tuple[int, int, int]
    counts: tuple[int, int, int]
    rating: float

    @property
    def number(self) -> int:
        return self.counts[0] * self.counts[1] * self.counts[2]


class _Kind(NamedTuple):
    poses: list[tuple[int, int, int]]
    volume: int
    grams: int
    fragile: bool
    bears: int | None  # grams above one piece
    apart: frozenset[int]  # kinds that it may not be with


class _Bearer(NamedTuple):
    """A piece that may bear `left` grams more above its top."""

    x1: int
    y1: int
    x2: int
    y2: int
    top: int
    left: int


@dataclass
class _Load:
    """A box partly filled."""

    left: list[int]  # of each kind
    surfaces: list[Surface]
    unused: list[Surface]  # nothing fits on these, unless a neighbour of their height comes
    stood: list[tuple[Block, Surface]]
    volume: int
    room_grams: int  # that may still be added
    barred: frozenset[int]
    bearers: list[_Bearer]

    def copy(self) -> _Load:
        return _Load(
            self.left.copy(), self.surfaces.copy(), self.unused.copy(), self.stood.copy(), self.volume,
            self.room_grams, self.barred, self.bearers.copy(),
        )  # fmt: skip


Order = Callable[[Surface], tuple[int, ...]]

ORDERS: tuple[Order, ...] = (
    lambda s: (s.z, s.x1 + s.y1, s.x1),  # layer by layer
    lambda s: (s.x1, s.z, s.y1),  # wall by wall from one end
    lambda s: (s.x1 + s.y1 + s.z, s.z, s.x1),  # outwards from a corner
    lambda s: (s.y1, s.z, s.x1),
)


def fill(box: Box, goods: Sequence[Goods], *, effort: int) -> Filled:
    """Fill one box with as much volume as is found; `effort` is how many ways to the end may be tried."""
    filler = Filler(box, goods)
    return filler.filled(filler.best(effort))


class Filler:
    """Fills one box; `work` counts the blocks that were looked at."""

    work = 0

    def __init__(self, box: Box, goods: Sequence[Goods]) -> None:
        self.box = box
        self.goods = goods
        self.room = box.room
        self.bearing = any(g.bears is not None for g in goods)
        mixed = not all_may_share(goods)
        self.kinds = [
            _Kind(
                [p for p in g.poses() if all(a <= b for a, b in zip(p, box.room, strict=True))],
                g.volume,
                g.grams,
                g.fragile,
                g.bears,
                frozenset(m for m, other in enumerate(goods) if mixed and m != n and not may_share(g, other)),
            )
            for n, g in enumerate(goods)
        ]
        self.most = min(box.volume, sum(k.volume * g.quantity for k, g in zip(self.kinds, goods, strict=True)))
        self.reach = [self._reach(axis) for axis in range(3)]

    def _reach(self, axis: int) -> list[int]:
        """The longest row of sides along an axis, for each length that it may have (a sum of subsets)."""
        room = self.room[axis]
        sums, mask = 1, (1 << (room + 1)) - 1
        for kind, goods in zip(self.kinds, self.goods, strict=True):
            sides = {pose[axis] for pose in kind.poses}
            for _ in range(goods.quantity):
                more = sums
                for side in sides:
                    more |= (sums << side) & mask
                if more == sums:
                    break
                sums = more
        found, last = [], 0
        for length in range(room + 1):
            if sums >> length & 1:
                last = length
            found.append(last)
        return found

    def empty(self) -> _Load:
        length, width, _ = self.room
        return _Load(
            left=[g.quantity for g in self.goods],
            surfaces=[Surface(0, 0, 0, length, width)],
            unused=[],
            stood=[],
            volume=0,
            room_grams=self.box.most_grams - self.box.grams,
            barred=frozenset(),
            bearers=[],
        )

    # Blocks

    def blocks(self, load: _Load, on: Surface) -> list[Block]:
        """Blocks that fit on a surface, best first."""
        room = (on.x2 - on.x1, on.y2 - on.y1, self.room[2] - on.z)
        found = []
        for n, kind in enumerate(self.kinds):
            most = load.left[n]
            if not most or n in load.barred:
                continue
            if kind.grams:
                most = min(most, load.room_grams // kind.grams)
            if most <= 0:
                continue
            for pose in kind.poses:
                fit = (room[0] // pose[0], room[1] // pose[1], room[2] // pose[2])
                if not all(fit):
                    continue
                if kind.fragile:
                    fit = (fit[0], fit[1], 1)
                elif kind.bears is not None and kind.grams:
                    fit = (fit[0], fit[1], min(fit[2], 1 + kind.bears // kind.grams))
                for counts in _counts(fit, most):
                    if self.bearing and not self._is_borne(load, kind, pose, counts, on):
                        continue
                    found.append(Block(n, pose, counts, self._rating(kind, pose, counts, room)))
        self.work += 1 + len(found)
        found.sort(key=lambda b: (-b.rating, b.kind, b.pose, b.counts))
        return found

    def _rating(
        self, kind: _Kind, pose: tuple[int, int, int], counts: tuple[int, int, int], room: tuple[int, int, int]
    ) -> float:
        useful = 1.0
        for axis in range(3):
            extent = pose[axis] * counts[axis]
            above = 0 if axis == 2 and kind.fragile else self.reach[axis][room[axis] - extent]
            useful *= (extent + above) / room[axis]
        return kind.volume * counts[0] * counts[1] * counts[2] * useful**SHARPNESS

    # Filling

    def stand(self, load: _Load, block: Block, on: Surface) -> None:
        kind = self.kinds[block.kind]
        length, width, height = (p * c for p, c in zip(block.pose, block.counts, strict=True))
        base = Surface(on.z, on.x1, on.y1, on.x1 + length, on.y1 + width)
        load.surfaces = covered(load.surfaces, base)
        load.unused = covered(load.unused, base)
        top = on.z + height
        if top < self.room[2] and not kind.fragile:
            level = [s for s in load.unused if s.z == top]
            load.unused = [s for s in load.unused if s.z != top]
            load.surfaces = joined(load.surfaces + level, base._replace(z=top))
        load.left[block.kind] -= block.number
        load.stood.append((block, on))
        load.volume += kind.volume * block.number
        load.room_grams -= kind.grams * block.number
        load.barred |= kind.apart
        if self.bearing:
            self._burden(load, kind, block, on)

    def _is_borne(
        self, load: _Load, kind: _Kind, pose: tuple[int, int, int], counts: tuple[int, int, int], on: Surface
    ) -> bool:
        """Whether all that lies below may bear the block. A piece weighs whole on all that it stands above."""
        return all(_burden(b, kind.grams, pose, counts, on) <= b.left for b in load.bearers)

    def _burden(self, load: _Load, kind: _Kind, block: Block, on: Surface) -> None:
        """Take the block's weight off what lies below, and keep what its own pieces may bear yet."""
        (a, b, c), (nx, ny, nz) = block.pose, block.counts
        load.bearers = [
            bearer._replace(left=bearer.left - _burden(bearer, kind.grams, block.pose, block.counts, on))
            for bearer in load.bearers
        ]
        if kind.bears is None:
            return
        for i in range(nx):
            for j in range(ny):
                x, y = on.x1 + i * a, on.y1 + j * b
                load.bearers += [
                    _Bearer(x, y, x + a, y + b, on.z + (k + 1) * c, kind.bears - (nz - 1 - k) * kind.grams)
                    for k in range(nz)
                ]

    def next_blocks(self, load: _Load, order: Order) -> tuple[Surface, list[Block]] | None:
        """The next surface that anything fits on, and what does."""
        while load.surfaces:
            on = min(load.surfaces, key=order)
            if blocks := self.blocks(load, on):
                return on, blocks
            load.surfaces.remove(on)
            load.unused.append(on)
        return None

    def ended(self, load: _Load, order: Order) -> _Load:
        """Filled to the end, the best block first each time."""
        load = load.copy()
        while load.volume < self.most and (found := self.next_blocks(load, order)):
            on, blocks = found
            self.stand(load, blocks[0], on)
        return load

    def best(self, effort: int, *, most_work: float = inf) -> _Load:
        """The fullest load found. Each order of surfaces is tried once before any is looked into further."""
        found = self.empty()
        ends: list[tuple[int, int]] = []
        for n, order in enumerate(ORDERS):
            end = self.ended(self.empty(), order)
            ends.append((-end.volume, n))
            if end.volume > found.volume:
                found = end
            effort -= 1
            if found.volume == self.most or effort <= 0 or self.work > most_work:
                return found
        width = 1
        while True:
            for _, n in sorted(ends)[:2]:
                tried, better = self._beam(ORDERS[n], width, min(effort, 1 + effort // 2), found.volume)
                effort -= tried
                found = better or found
                if found.volume == self.most or effort <= 0 or not tried or self.work > most_work:
                    return found
            width *= 2

    def _beam(self, order: Order, width: int, effort: int, beat: int) -> tuple[int, _Load | None]:
        """Follow the best `width` loads, each into as many ways as `width` plus one; how many ends were tried, and
        the best if it holds more than `beat`."""
        beam, best, tried = [self.empty()], None, 0
        while beam and tried < effort:
            ways: dict[tuple[int, ...], tuple[int, _Load]] = {}
            for load in beam:
                for way in self._ways(load, order, width + 1):
                    if tried >= effort:
                        break
                    end = self.ended(way, order)
                    tried += 1
                    ways.setdefault((end.volume, *way.left), (end.volume, way))
                    if end.volume > beat:
                        beat, best = end.volume, end
                    if beat == self.most:
                        return tried, best
            beam = [way for _, way in sorted(ways.values(), key=lambda found: -found[0])[:width]]
        return tried, best

    def _ways(self, load: _Load, order: Order, number: int) -> Iterator[_Load]:
        found = self.next_blocks(load, order)
        if found is None:
            return
        on, blocks = found
        seen: set[tuple[int, tuple[int, ...]]] = set()
        for block in blocks:
            shape = (block.kind, tuple(p * c for p, c in zip(block.pose, block.counts, strict=True)))
            if shape in seen:
                continue
            seen.add(shape)
            way = load.copy()
            self.stand(way, block, on)
            yield way
            if len(seen) == number:
                return

    # What it comes to

    def filled(self, load: _Load) -> Filled:
        pad = self.box.padding
        pieces = [
            Piece(self.goods[block.kind].sku, pad + on.x1 + i * a, pad + on.y1 + j * b, pad + on.z + k * c, a, b, c)
            for block, on in load.stood
            for a, b, c in [block.pose]
            for k in range(block.counts[2])
            for j in range(block.counts[1])
            for i in range(block.counts[0])
        ]
        # Lowest first, then from the far corner: nothing comes before what it stands on.
        pieces.sort(key=lambda p: (p.z, p.y, p.x))
        grams = self.box.most_grams - load.room_grams
        return Filled(self.box, tuple(pieces), grams)


def _burden(bearer: _Bearer, grams: int, pose: tuple[int, int, int], counts: tuple[int, int, int], on: Surface) -> int:
    """Grams of a block that stand above a piece."""
    if bearer.top > on.z:
        return 0
    along_x = _over(on.x1, pose[0], counts[0], bearer.x1, bearer.x2)
    return along_x * _over(on.y1, pose[1], counts[1], bearer.y1, bearer.y2) * counts[2] * grams


def _over(start: int, side: int, count: int, low: int, high: int) -> int:
    """Of `count` sides in a row from `start`, how many reach into the stretch from `low` to `high`."""
    first = max(0, (low - start) // side)
    last = min(count - 1, -(-(high - start) // side) - 1)
    return max(0, last - first + 1)


@lru_cache(maxsize=4096)
def _counts(fit: tuple[int, int, int], most: int) -> tuple[tuple[int, int, int], ...]:
    """How many pieces a block may have along each axis: as many as go, whichever axis is filled first, or one."""
    found = {(1, 1, 1)}
    if most > 1:
        for axes in AXES:
            counts, left = [1, 1, 1], most
            for axis in axes:
                counts[axis] = min(fit[axis], left)
                left //= counts[axis]
                found.add((counts[0], counts[1], counts[2]))
    return tuple(sorted(found))
