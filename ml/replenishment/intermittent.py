"""Demand that comes seldom: how much a bucket on average, and what may come in some time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def croston(sold: Floats, censored: Bools | None = None, *, smoothing: float = 0.1, debiased: bool = True) -> Floats:
    """Units a bucket: smoothed size divided by smoothed interval, of shape (n,), from series (n, buckets).

    Croston (1972); `debiased` multiplies by 1 − smoothing/2 (Syntetos and Boylan 2005, known as SBA). A bucket
    without stock, or NaN, moves neither size nor interval.
    """
    n, buckets = sold.shape
    size, interval, since = np.zeros(n), np.ones(n), np.ones(n)
    begun = np.zeros(n, bool)
    for t in range(buckets):
        units = np.nan_to_num(sold[:, t])
        counts = ~np.isnan(sold[:, t]) if censored is None else ~np.isnan(sold[:, t]) & ~censored[:, t]
        demand = counts & (units > 0)
        size = np.where(demand, np.where(begun, size + smoothing * (units - size), units), size)
        interval = np.where(demand, np.where(begun, interval + smoothing * (since - interval), since), interval)
        since = np.where(demand, 1.0, np.where(counts, since + 1, since))
        begun |= demand
    rate = np.where(begun, size / interval, 0.0)
    return rate * (1 - smoothing / 2) if debiased else rate


def tsb(
    sold: Floats, censored: Bools | None = None, *, smoothing: float = 0.1, chance_smoothing: float = 0.05
) -> Floats:
    """Units a bucket, of shape (n,): smoothed chance of a demand times smoothed size (Teunter, Syntetos, Babai 2011).

    Unlike Croston's it falls while nothing is asked for, so a SKU that goes out of use is seen to.
    """
    counted = ~np.isnan(sold) if censored is None else ~np.isnan(sold) & ~censored
    demands = counted & (np.nan_to_num(sold) > 0)
    times = demands.sum(axis=1)
    chance = times / np.maximum(counted.sum(axis=1), 1)
    size = np.where(demands, np.nan_to_num(sold), 0.0).sum(axis=1) / np.maximum(times, 1)
    for t in range(sold.shape[1]):
        hit = demands[:, t]
        size = np.where(hit, size + smoothing * (np.nan_to_num(sold[:, t]) - size), size)
        chance = np.where(counted[:, t], chance + chance_smoothing * (hit - chance), chance)
    return np.asarray(chance * size)


def compound_poisson(rate: float, sizes: Floats, *, longest: int) -> Floats:
    """Probabilities of 0 … `longest` units in a time in which `rate` demands come on average (no unit).

    `sizes[k]` is the probability that a demand is for k units; `sizes[0]` is 0. Panjer (1981). What lies beyond
    `longest` is missing from the sum.
    """
    found = np.zeros(longest + 1)
    found[0] = math.exp(-rate)
    weighted = rate * np.arange(len(sizes)) * sizes
    for units in range(1, longest + 1):
        upto = min(units, len(sizes) - 1)
        found[units] = weighted[1 : upto + 1] @ found[units - upto : units][::-1] / units
    return found
