"""Policies that cost least under textbook assumptions: the yardstick for what the planner does."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ml.replenishment.normal import loss

Floats = NDArray[np.float64]


def best_point_up_to_poisson(*, mean: float, holding: float, backorder: float, order: float) -> tuple[int, int, float]:
    """(s, S, cost a period) for Poisson demand of `mean` units a period, delivered at once, looked at every period.

    Money a unit and period for holding and backorders, money an order. Orders are placed at or below s. Costs of all
    pairs from the renewal function (Zheng and Federgruen 1991); S is not beyond where a period alone costs more.
    """
    longest = int(mean * 12 + 12 * math.sqrt(mean) + 60 + 4 * math.sqrt(2 * order * mean / holding))
    chance = poisson(mean, longest)
    levels = np.arange(-longest // 2, longest)
    period = one_period(levels, chance, holding, backorder)
    visits = np.zeros(longest)  # how often a cycle sees the level S − j
    visits[0] = 1 / (1 - chance[0])
    for j in range(1, longest):
        visits[j] = chance[1 : j + 1] @ visits[:j][::-1] / (1 - chance[0])
    periods = np.cumsum(visits)
    best = (0, 0, math.inf)
    for place in range(int(np.argmin(period)), len(levels)):
        if period[place] > best[2]:
            break
        reach = min(place, longest - 1)
        costs = (order + np.cumsum(visits[:reach] * period[place : place - reach : -1])) / periods[:reach]
        j = int(np.argmin(costs))
        if costs[j] < best[2] - 1e-12:
            best = (int(levels[place]) - j - 1, int(levels[place]), float(costs[j]))
    return best


def best_point_lot_poisson(
    *, mean: float, lead_time: float, holding: float, backorder: float, order: float
) -> tuple[int, int, float]:
    """(r, Q, cost a period) under continuous review; orders are placed at r (Federgruen and Zheng 1992).

    The Q levels after an order are equally likely, so the best are those that cost least, taken one by one.
    """
    ahead = mean * lead_time
    longest = int(ahead * 6 + 12 * math.sqrt(ahead) + 60 + 4 * math.sqrt(2 * order * mean / holding))
    levels = np.arange(-longest // 2, longest)
    cost = one_period(levels, poisson(ahead, longest), holding, backorder)
    low = high = int(np.argmin(cost))
    total = order * mean + cost[low]
    while min(cost[low - 1], cost[high + 1]) < total / (high - low + 1):
        if cost[low - 1] < cost[high + 1]:
            low -= 1
            total += cost[low]
        else:
            high += 1
            total += cost[high]
    return int(levels[low]) - 1, high - low + 1, float(total / (high - low + 1))


def point_lot_cost(
    point: float, lot: float, *, mean: float, deviation: float, lead_time: float, holding: float, backorder: float,
    order: float,
) -> float:  # fmt: skip
    """Money a period of (r, Q) under continuous review with normal demand: mean and deviation of a period, units."""
    ahead, spread = mean * lead_time, deviation * math.sqrt(lead_time)
    levels = point + lot * (np.arange(4000) + 0.5) / 4000
    z = (levels - ahead) / spread
    short = spread * loss(z)
    return float(order * mean / lot + (holding * (levels - ahead + short) + backorder * short).mean())


def power_approximation(
    *, mean: float, deviation: float, lead_time: float, holding: float, backorder: float, order: float
) -> tuple[float, float]:
    """(s, S) for demand known by mean and deviation of a period, in units (Ehrhardt and Mosier 1984)."""
    ahead, spread = mean * (lead_time + 1), deviation * math.sqrt(lead_time + 1)
    lot = 1.30 * mean**0.494 * (order / holding) ** 0.506 * (1 + spread**2 / mean**2) ** 0.116
    z = math.sqrt(lot * holding / (backorder * spread))
    point = 0.973 * ahead + spread * (0.183 / z + 1.063 - 2.192 * z)
    return point, point + lot


def poisson(mean: float, longest: int) -> Floats:
    """Probabilities of 0 … longest − 1."""
    count = np.arange(longest)
    logs = np.concatenate([[0.0], np.cumsum(np.log(count[1:]))])
    return np.asarray(np.exp(count * math.log(mean) - mean - logs))


def one_period(levels: NDArray[np.int64], chance: Floats, holding: float, backorder: float) -> Floats:
    """Expected money for holding and backorders at the end of a period begun with each level."""
    left = levels[:, None] - np.arange(len(chance))[None, :]
    return np.asarray((holding * np.maximum(left, 0) + backorder * np.maximum(-left, 0)) @ chance)
