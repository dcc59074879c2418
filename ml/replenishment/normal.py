"""The standard normal distribution on arrays, without SciPy."""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_STANDARD = NormalDist()
_erfc = np.frompyfunc(math.erfc, 1, 1)
_inverse = np.frompyfunc(_STANDARD.inv_cdf, 1, 1)


def density(z: ArrayLike) -> Floats:
    """The height of the curve at `z`."""
    return np.asarray(np.exp(-0.5 * np.square(np.asarray(z, float))) / math.sqrt(2 * math.pi))


def below(z: ArrayLike) -> Floats:
    """The probability of a value up to `z`."""
    return 0.5 * np.asarray(_erfc(-np.asarray(z, float) / math.sqrt(2)), float)


def quantile(probability: ArrayLike) -> Floats:
    """The `z` that is not exceeded with this probability, which lies strictly between 0 and 1."""
    return np.asarray(_inverse(np.asarray(probability, float)), float)


def loss(z: ArrayLike) -> Floats:
    """E[(Z − z)⁺], standard deviations short on average when `z` of them are held (Silver, Pyke and Thomas, B.2)."""
    z = np.asarray(z, float)
    return np.maximum(density(z) - z * below(-z), 0.0)


@cache
def tail_level(service: float) -> float:
    """The level α whose tail mean is where the `service` quantile is, if demand is normal: φ(z_α)/(1 − α) = z_service.

    `service` lies in [0.5, 1); 0.5 gives 0. See `ml.replenishment.reorder.tail_mean` for what it is good for.
    """
    if not 0.5 <= service < 1:
        raise ValueError(f"a cycle service level lies between 0.5 and 1, and {service} does not")
    wanted, low, high = _STANDARD.inv_cdf(service), -8.0, 8.0
    for _ in range(80):
        middle = (low + high) / 2
        mean_beyond = _STANDARD.pdf(middle) / (0.5 * math.erfc(middle / math.sqrt(2)))
        low, high = (middle, high) if mean_beyond < wanted else (low, middle)
    return _STANDARD.cdf(low) if wanted > 0 else 0.0
