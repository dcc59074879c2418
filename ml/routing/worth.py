"""What a problem's prices come from: how likely a parcel is late, and what the last units at a node are worth there."""

from __future__ import annotations

import numpy as np

from ml.carriers.transit import Forecast
from ml.routing.problem import Floats


def late(forecast: Forecast, promised_days: int, leaves_in_days: int) -> float:
    """Chance that it comes after the promised day, from a node whose cut-off makes it leave so many days from today."""
    return forecast.late(promised_days - leaves_in_days)


def last_units(ahead: Floats, margin: Floats, count: int) -> Floats:
    """The worth of the `count` last units at each place, (skus, nodes, count); of the very last one first.

    `ahead` (skus, nodes) is the demand near a node until goods come, Poisson; `margin` (skus,) is lost with a unit that
    is not there. The k-th last unit is needed if at least k are asked for, so it is worth margin · P(demand ≥ k), the
    newsvendor's argument. With it a node keeps a unit for those who are near where that is worth more than what sending
    it further saves.
    """
    chance = np.exp(-ahead)
    below = np.zeros(ahead.shape)
    worth = np.empty((*ahead.shape, count))
    for k in range(count):
        below = below + chance
        worth[:, :, k] = margin[:, None] * np.maximum(1 - below, 0.0)
        chance = chance * ahead / (k + 1)
    return np.minimum.accumulate(worth, axis=2)
