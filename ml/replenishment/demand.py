"""What past demand says about a SKU at a node. A bucket without stock says that demand was at least what was sold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MAX_INTERVAL = 1.32  # mean buckets between demands; Syntetos, Boylan and Croston (2005), as the next
MAX_SQUARED_CV = 0.49


class Pattern(StrEnum):
    none = "none"  # no demand in any bucket that had stock
    smooth = "smooth"  # often, much the same size
    erratic = "erratic"  # often, very different sizes
    intermittent = "intermittent"  # seldom, much the same size
    lumpy = "lumpy"  # seldom, very different sizes


@dataclass(frozen=True)
class Demand:
    """Statistics of n series; every field has the shape (n,)."""

    mean: Floats  # units a bucket
    deviation: Floats  # units, of one bucket
    interval: Floats  # mean number of buckets from one demand to the next; infinite without demand
    squared_cv: Floats  # of the sizes of demands, a square of a ratio
    seen: Floats  # number of buckets that count

    def pattern(self) -> NDArray[np.str_]:
        seldom, different = self.interval >= MAX_INTERVAL, self.squared_cv >= MAX_SQUARED_CV
        cases = [self.mean == 0, seldom & different, seldom, different]
        names = [Pattern.none.value, Pattern.lumpy.value, Pattern.intermittent.value, Pattern.erratic.value]
        return np.select(cases, names, Pattern.smooth.value).astype(np.str_)

    def seldom(self) -> Bools:
        return np.asarray(self.interval >= MAX_INTERVAL)


def measure(sold: Floats, censored: Bools | None = None) -> Demand:
    """Statistics of series of shape (n, buckets), oldest first, in units.

    `censored` marks buckets in which there was no stock for a part of the time: they are left out, and not taken
    for buckets without demand. NaN is a bucket before the SKU existed and is left out as well. The deviation is
    that of a sample (n − 1). The interval is the number of buckets that count divided by those with demand.
    """
    counts = ~np.isnan(sold) if censored is None else ~np.isnan(sold) & ~censored
    units = np.where(counts, sold, 0.0)
    seen = counts.sum(axis=1).astype(float)
    mean = units.sum(axis=1) / np.maximum(seen, 1)
    spread = np.where(counts, sold - mean[:, None], 0.0)
    deviation = np.sqrt(np.square(spread).sum(axis=1) / np.maximum(seen - 1, 1))
    demands = units > 0
    times = demands.sum(axis=1).astype(float)
    size = units.sum(axis=1) / np.maximum(times, 1)
    size_spread = np.where(demands, units - size[:, None], 0.0)
    size_variance = np.square(size_spread).sum(axis=1) / np.maximum(times - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        interval = np.where(times > 0, seen / times, np.inf)
        squared_cv = np.where(size > 0, size_variance / np.square(size), 0.0)
    return Demand(mean, deviation, interval, squared_cv, seen)


def filled(sold: Floats, censored: Bools | None = None) -> Floats:
    """Series without gaps: a bucket out of stock holds the larger of what was sold and the mean of the others.

    Buckets before the SKU existed (NaN) hold the mean. Shape and units as given.
    """
    mean = measure(sold, censored).mean[:, None]
    whole = np.where(np.isnan(sold), mean, sold)
    return whole if censored is None else np.where(censored, np.maximum(whole, mean), whole)
