"""The position at which to order, from samples of what may be asked for until the goods are there.

Two promises, and theorems that keep them. With a service level above one half the reorder point lies strictly above
mean demand unless demand is certain; and it never falls when demand in the window grows, varies more, or more service
is asked for. A plain quantile keeps neither for skewed demand (the 60 % quantile of an exponential lies below its mean,
and falls when variance rises at the same mean). The mean of a tail does: it is monotone in the increasing convex order
(Rockafellar and Uryasev 2000; Shaked and Shanthikumar, Stochastic Orders, 4.A).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.replenishment.normal import quantile, tail_level
from ml.replenishment.window import Window

Floats = NDArray[np.float64]


def tail_mean(window: Window, level: Floats) -> Floats:
    """Units: the mean of the worst 1 − `level` (n,) of the samples, a part of a sample counted as a part."""
    samples = window.samples
    count = samples.shape[1]
    worst = np.maximum((1 - level) * count, 1e-9)
    beyond = np.concatenate([np.cumsum(samples[:, ::-1], axis=1)[:, ::-1], np.zeros((len(samples), 1))], axis=1)
    first = np.clip(np.ceil(count - worst - 1e-9).astype(np.int64), 0, count)
    whole = count - first
    edge = np.take_along_axis(samples, np.maximum(first - 1, 0)[:, None], axis=1)[:, 0]
    rest = np.maximum(worst - whole, 0.0)
    return np.asarray((np.take_along_axis(beyond, first[:, None], axis=1)[:, 0] + rest * edge) / worst)


def for_cycle_service(window: Window, service: ArrayLike) -> Floats:
    """Units: the point at which a replenishment comes too late in at most 1 − `service` of the cycles.

    For normal demand this is the textbook's mean + z·σ (Silver, Pyke and Thomas, 6.7); for any other the mean of the
    tail that gives the same for normal demand, which is never less than the quantile it stands for while the tail is
    no thinner than the normal's. `service` (n,) or one for all, from 0.5 to below 1.
    """
    asked = np.broadcast_to(np.asarray(service, float), (len(window.samples),))
    levels, place = np.unique(asked, return_inverse=True)
    return tail_mean(window, np.array([tail_level(float(s)) for s in levels])[place])


def for_fill_rate(missing: Window, fill: ArrayLike, *, lot: ArrayLike, ahead: ArrayLike) -> Floats:
    """Units: the point at which `fill` of the units asked for are there at once, if it is filled up by `lot` units.

    `missing` samples what is missing from point + lot at any moment (`ml.replenishment.window.at_any_moment`); a unit
    is there at once if less than that is. As above a mean of the tail stands for the quantile. `ahead` (n,) is mean
    demand in a lead time; the point is never below the next whole number.
    """
    mean = np.asarray(ahead, float)
    point = for_cycle_service(missing, fill) - np.asarray(lot, float)
    return np.asarray(np.maximum(point, np.where(mean > 0, np.floor(mean + 1e-9) + 1, 0.0)))


def normal_point(mean: ArrayLike, deviation: ArrayLike, service: ArrayLike) -> Floats:
    """Units: mean + z·σ, the reorder point for normal demand in the window (Silver, Pyke and Thomas, 6.7.1)."""
    return np.asarray(np.asarray(mean, float) + quantile(service) * np.asarray(deviation, float))


def window_deviation(
    *, demand_mean: ArrayLike, demand_deviation: ArrayLike, time_mean: ArrayLike, time_deviation: ArrayLike
) -> Floats:
    """Units: √(L·σ² + μ²·σ_L²), the deviation of demand in a time that varies itself (Silver, Pyke and Thomas, 6.10).

    Demand in units a bucket, time in buckets, independent of each other.
    """
    demand, time = np.square(np.asarray(demand_deviation, float)), np.square(np.asarray(time_deviation, float))
    return np.asarray(np.sqrt(np.asarray(time_mean, float) * demand + np.square(np.asarray(demand_mean, float)) * time))
