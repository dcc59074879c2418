"""How often parcels are lost or damaged, by group, pooled where few were sent.

The rate of a group is Beta distributed around that of the broader one, which counts for STRENGTH parcels; the first
belief is of the order that carriers publish, one in two hundred, and counts for as many. Losses are rare, so a group
that lost nothing of its first ten parcels is not thought safe, and one that lost its first is not thought lost.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from ml.carriers.transit import Key

FIRST_RATE = 0.005
STRENGTH = 200.0


@dataclass(frozen=True)
class Loss:
    """A Beta distribution of the rate: `lost` and `kept` are its parameters."""

    lost: float
    kept: float

    @property
    def rate(self) -> float:
        return self.lost / (self.lost + self.kept)

    @property
    def error(self) -> float:
        total = self.lost + self.kept
        return sqrt(self.lost * self.kept / (total * total * (total + 1)))


def learn_losses(counts: Mapping[Key, tuple[int, int]]) -> dict[Key, Loss]:
    """`counts` are (lost, sent) of the narrowest groups; the answer has every broader one too, () for all."""
    sums: dict[Key, list[int]] = {(): [0, 0]}
    for key, (lost, sent) in counts.items():
        for depth in range(len(key) + 1):
            pair = sums.setdefault(key[:depth], [0, 0])
            pair[0] += lost
            pair[1] += sent
    found: dict[Key, Loss] = {}
    for key in sorted(sums, key=len):
        lost, sent = sums[key]
        around = found[key[:-1]].rate if key else FIRST_RATE
        found[key] = Loss(STRENGTH * around + lost, STRENGTH * (1 - around) + sent - lost)
    return found


def loss_of(found: Mapping[Key, Loss], levels: Sequence[Hashable]) -> Loss:
    """Of the narrowest group that is known."""
    return next(found[key] for n in range(len(levels), -1, -1) if (key := tuple(levels[:n])) in found)
