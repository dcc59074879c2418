"""When a policy orders and how much it wants, before minimum and case pack."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.replenishment.normal import density, loss, quantile
from ml.replenishment.window import poisson_at

Floats = NDArray[np.float64]


class Policy(StrEnum):
    """Position is on hand + on order + inbound − allocated − backordered."""

    up_to = "R-S"  # at every review up to S
    point_up_to = "s-S"  # at or below s up to S
    point_lot = "s-Q"  # at or below s as many lots Q as bring the position above s
    min_max = "min/max"  # below the minimum up to the maximum, both given by a person
    fixed = "fixed"  # at every review the same quantity
    none = "none"  # never


def wanted(policy: ArrayLike, position: ArrayLike, *, point: ArrayLike, up_to: ArrayLike, lot: ArrayLike) -> Floats:
    """Units that each policy wants now, never negative; everything is broadcast to one shape.

    `policy` holds values of `Policy`. For min/max `point` is the minimum and `up_to` the maximum.
    """
    kind = np.asarray(policy, str)
    place, low, high, size = (np.asarray(x, float) for x in (position, point, up_to, lot))
    fill = np.maximum(high - place, 0.0)
    lots = np.maximum(np.floor((low - place) / np.maximum(size, 1e-9)) + 1, 0.0)
    return np.select(
        [kind == Policy.up_to, kind == Policy.point_up_to, kind == Policy.point_lot, kind == Policy.min_max,
         kind == Policy.fixed],
        [fill, np.where(place <= low, fill, 0.0), np.where(place <= low, lots * size, 0.0),
         np.where(place < low, fill, 0.0), size + 0.0 * place],
        0.0,
    )  # fmt: skip


def newsvendor_normal(*, mean: float, deviation: float, over: float, under: float) -> tuple[float, float]:
    """(units to have, expected cost) for one season of normal demand (Arrow, Harris and Marschak 1951).

    `over` is what a unit too many costs and `under` what a unit too few costs.
    """
    z = quantile(under / (over + under))
    cost = (over + under) * density(z) * deviation
    return float(mean + z * deviation), float(cost)


def newsvendor_normal_cost(units: float, *, mean: float, deviation: float, over: float, under: float) -> float:
    """Expected cost of having so many units for one season of normal demand."""
    z = (units - mean) / deviation
    return float(deviation * (over * (z + loss(z)) + under * loss(z)))


def newsvendor_poisson(*, mean: float, over: float, under: float) -> tuple[int, float]:
    """(whole units to have, expected cost) for one season of Poisson demand (Snyder and Shen, 4.3.2.7)."""
    units = int(poisson_at(np.array([under / (over + under)]), np.array([mean]))[0])
    return units, newsvendor_poisson_cost(units, mean=mean, over=over, under=under)


def newsvendor_poisson_cost(units: int, *, mean: float, over: float, under: float) -> float:
    """Expected cost of having so many units for one season of Poisson demand."""
    count = np.arange(int(mean + 12 * np.sqrt(mean) + 30 + units))
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, len(count))))])
    chance = np.exp(count * np.log(mean) - mean - logs)
    return float(chance @ (over * np.maximum(units - count, 0) + under * np.maximum(count - units, 0)))
