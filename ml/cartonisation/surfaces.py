"""Level surfaces on which goods may stand.

A piece always stands with its whole base on the floor or on goods, so nothing overhangs and the air above a surface is
free up to the lid: a surface is a rectangle at a height. Surfaces may overlap; each is as large as it can be.
"""

from __future__ import annotations

from typing import NamedTuple


class Surface(NamedTuple):
    z: int
    x1: int
    y1: int
    x2: int
    y2: int

    def within(self, other: Surface) -> bool:
        return (
            self.z == other.z
            and other.x1 <= self.x1
            and other.y1 <= self.y1
            and self.x2 <= other.x2
            and self.y2 <= other.y2
        )


def covered(surfaces: list[Surface], base: Surface) -> list[Surface]:
    """What is left of the surfaces once goods stand on `base`."""
    kept, pieces = [], []
    _, x1, y1, x2, y2 = base
    for s in surfaces:
        if s.z != base.z or s.x1 >= x2 or x1 >= s.x2 or s.y1 >= y2 or y1 >= s.y2:
            kept.append(s)
            continue
        if s.x1 < x1:
            pieces.append(Surface(s.z, s.x1, s.y1, x1, s.y2))
        if x2 < s.x2:
            pieces.append(Surface(s.z, x2, s.y1, s.x2, s.y2))
        if s.y1 < y1:
            pieces.append(Surface(s.z, s.x1, s.y1, s.x2, y1))
        if y2 < s.y2:
            pieces.append(Surface(s.z, s.x1, y2, s.x2, s.y2))
    return _largest(kept, pieces)


def joined(surfaces: list[Surface], top: Surface) -> list[Surface]:
    """The surfaces with another one, and with every rectangle that reaches over its edges onto its neighbours."""
    level = [s for s in surfaces if s.z == top.z]
    rest = [s for s in surfaces if s.z != top.z]
    fresh = [top]
    while fresh:
        new = fresh.pop()
        if any(new.within(s) for s in level):
            continue
        level = [s for s in level if not s.within(new)]
        for s in level:
            fresh += _bridges(s, new)
        level.append(new)
    return rest + level


def _bridges(a: Surface, b: Surface) -> list[Surface]:
    """Rectangles over both of two that touch or overlap, where they lie side by side."""
    found = []
    x1, x2 = max(a.x1, b.x1), min(a.x2, b.x2)
    y1, y2 = max(a.y1, b.y1), min(a.y2, b.y2)
    if x1 <= x2 and y1 < y2:
        found.append(Surface(a.z, min(a.x1, b.x1), y1, max(a.x2, b.x2), y2))
    if y1 <= y2 and x1 < x2:
        found.append(Surface(a.z, x1, min(a.y1, b.y1), x2, max(a.y2, b.y2)))
    return [s for s in found if not s.within(a) and not s.within(b)]


def _largest(kept: list[Surface], pieces: list[Surface]) -> list[Surface]:
    """Pieces that lie within no other, beside those that are kept whole."""
    pieces = list(dict.fromkeys(pieces))
    return kept + [
        p for p in pieces if not any(p.within(s) for s in kept) and not any(p.within(q) for q in pieces if q is not p)
    ]
