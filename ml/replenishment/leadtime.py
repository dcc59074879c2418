"""How long a supplier takes, learned from what was received: a distribution and not a mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# How receipts lie around the time a supplier quotes, as parts of it, before it has receipts of its own.
PRIOR_RATIOS = np.array([0.85, 0.95, 1.0, 1.0, 1.05, 1.15, 1.3, 1.6])
PRIOR_RECEIPTS = 4.0


@dataclass(frozen=True)
class LeadTime:
    """Days from sending an order to having the goods: possible values, rising, and the weight of each, summing to 1."""

    days: Floats
    weights: Floats

    @property
    def mean(self) -> float:
        return float(self.days @ self.weights)

    @property
    def deviation(self) -> float:
        return float(np.sqrt(np.square(self.days - self.mean) @ self.weights))

    def at(self, probability: ArrayLike) -> Floats:
        """Days that are not exceeded with these probabilities (between 0 and 1)."""
        reached = np.cumsum(self.weights)
        place = np.searchsorted(reached, np.asarray(probability, float) - 1e-12)
        return np.asarray(self.days[np.minimum(place, len(self.days) - 1)])


def learn(
    actual_days: ArrayLike, *, quoted_days: float, open_days: ArrayLike = (), ages_days: ArrayLike | None = None,
    half_life_days: float = 365.0, ratios: ArrayLike = PRIOR_RATIOS, receipts: float = PRIOR_RECEIPTS,
) -> LeadTime:  # fmt: skip
    """The distribution after these receipts (days each), beginning from what the supplier quotes (days).

    `open_days` is how long each order that has not come yet has been out: it takes at least as long, and to leave it
    out would make a supplier look quicker than it is (Kaplan and Meier 1958). `ages_days` is how long ago each receipt
    was; it counts half after `half_life_days`, because suppliers change. The quoted time stands for as many made-up
    receipts as `receipts` says, spread by `ratios` of actual to quoted time (those of comparable suppliers where they
    are known), so that the prior is gone after some twenty real ones and a single late one does not rule.
    """
    actual, waiting = np.asarray(actual_days, float).ravel(), np.asarray(open_days, float).ravel()
    if (actual < 0).any() or quoted_days < 0:
        raise ValueError("a lead time is not negative")
    assumed = quoted_days * np.asarray(ratios, float).ravel()
    recent = np.ones(len(actual)) if ages_days is None else 0.5 ** (np.asarray(ages_days, float) / half_life_days)
    days = np.concatenate([assumed, actual, waiting])
    weights = np.concatenate([np.full(len(assumed), receipts / len(assumed)), recent, np.ones(len(waiting))])
    come = np.arange(len(days)) < len(assumed) + len(actual)
    return _with_open(days, weights, come)


def _with_open(days: Floats, weights: Floats, come: NDArray[np.bool_]) -> LeadTime:
    """Kaplan and Meier's estimate; what is left beyond the longest wait is put there (Efron 1967)."""
    order = np.lexsort((~come, days))  # of equal days a receipt is before an order that is still open
    days, weights, come = days[order], weights[order], come[order]
    out = np.cumsum(weights[::-1])[::-1]
    stays = np.where(come, 1 - weights / out, 1.0)
    left = np.concatenate([[1.0], np.cumprod(np.maximum(stays, 0.0))])
    found = -np.diff(left)
    found[-1] += left[-1]
    kept = found > 0
    return LeadTime(days[kept], found[kept] / found[kept].sum())
