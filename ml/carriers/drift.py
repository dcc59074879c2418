"""Has a service departed from what was foreseen of it? A cumulative sum of evidence, parcel by parcel.

Each parcel had a chance to be late that was told before it left. The log likelihood ratio of what happened, under odds
of lateness that changed by a factor against the odds that were told, is added up and starts again at zero whenever it
falls below (Page 1954, Biometrika 41; with a chance of its own for each case: Steiner, Cook, Farewell and Treasure
2000, Biostatistics 1). A sum that passes the threshold h is drift. While nothing has changed that takes more than e^h
parcels on average (Lorden 1971, Annals of Mathematical Statistics 42): with THRESHOLD some eight hundred. The drift
began where the sum last was zero, which is also the likeliest moment of the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

TWICE = 2.0  # odds of lateness that are looked for: doubled, or halved
THRESHOLD = 6.7
FEWEST = 5  # parcels since it began; a few that stood in one accident are no drift
_LEAST = 0.005  # of a chance that was told: what never happens would weigh without bound
SLOWER, FASTER = "slower", "faster"


@dataclass(frozen=True)
class Drift:
    """`began` is the place in the sequence of the first parcel that counts; `meant` is how many were to be late."""

    direction: str
    began: int
    parcels: int
    late: int
    meant: float
    statistic: float


def evidence(late: bool, chance: float, factor: float) -> float:
    """The log likelihood ratio of one parcel: odds of lateness times `factor` against odds as they were told."""
    p = min(max(chance, _LEAST), 1 - _LEAST)
    return (log(factor) if late else 0.0) - log(1 - p + factor * p)


def drift(outcomes: Sequence[tuple[bool, float]], *, threshold: float = THRESHOLD) -> Drift | None:
    """`outcomes` are (was late, chance told before), in the order in which they became known.

    Answers with the drift that still stands at the end, the stronger one if both do; None when none does.
    """
    found = [_sum(outcomes, direction, factor) for direction, factor in ((SLOWER, TWICE), (FASTER, 1 / TWICE))]
    standing = [d for d in found if d.statistic >= threshold and d.parcels >= FEWEST]
    return max(standing, key=lambda d: d.statistic, default=None)


def parcels_between_false_alarms(threshold: float = THRESHOLD) -> float:
    """At least so many on average, by Lorden's bound."""
    return exp(threshold)


def _sum(outcomes: Sequence[tuple[bool, float]], direction: str, factor: float) -> Drift:
    total, began = 0.0, 0
    for place, (late, chance) in enumerate(outcomes):
        total += evidence(late, chance, factor)
        if total <= 0:
            total, began = 0.0, place + 1
    since = outcomes[began:]
    return Drift(direction, began, len(since), sum(late for late, _ in since), sum(p for _, p in since), total)
