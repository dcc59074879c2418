"""Which SKUs matter and which are hard to foresee: ABC by value, XYZ by variation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Names = NDArray[np.str_]


def abc(yearly_value: ArrayLike, *, a: float = 0.8, b: float = 0.95) -> Names:
    """A for those that together make the first `a` of the value (money a year), B up to `b`, C for the rest.

    The one that passes a limit belongs to the class before it; equal values are taken in the given order. Nothing
    sold is C. (Dickie 1951.)
    """
    value = np.asarray(yearly_value, float)
    order = np.argsort(-value, kind="stable")
    total = value.sum()
    before = (np.cumsum(value[order]) - value[order]) / (total if total > 0 else 1)
    found = np.empty(len(value), dtype="<U1")
    found[order] = np.select([before < a, before < b], ["A", "B"], "C")
    found[value <= 0] = "C"
    return found


def xyz(mean: ArrayLike, deviation: ArrayLike, *, x: float = 0.5, y: float = 1.0) -> Names:
    """X up to a coefficient of variation of `x`, Y up to `y`, Z beyond, and Z without demand. Units a bucket."""
    level, spread = np.asarray(mean, float), np.asarray(deviation, float)
    ratio = np.where(level > 0, spread / np.where(level > 0, level, 1), np.inf)
    return np.select([ratio <= x, ratio <= y], ["X", "Y"], "Z").astype("<U1")
