"""How much of what was sent comes back in the end, told from units of which many may still come.

Pure functions. Let F(a) be the share of all returns that were asked for within a days of the parcel leaving, learned
from units that left at least HORIZON days ago. A unit of age a has shown F(a) of what it will show, so units count as

    exposed = sum of F(age)        expected rate = came / exposed

(the correction of reporting delays; Lawless 1994, Canadian Journal of Statistics 22). Its uncertainty is the Wilson
interval of `came` in `exposed`. So that a few units do not lead a ranking, each is drawn towards the rate of all by
PRIOR units (the mean of a beta distribution):

    shrunk = (came + PRIOR * rate of all) / (exposed + PRIOR)
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from db.money import MILLION

HORIZON = 120
"""Days after which nothing that counts comes back."""
PRIOR = 20
GUESS = 50  # returns that the guess is worth beside what was learned
HALF_AFTER = 14  # days, of the guess: a window of 30 days and the way to the door
NORMAL_95 = 1.959964  # quantile of the normal distribution for 95 of 100


def curve(lags: Mapping[int, int]) -> list[float]:
    """F for each age from 0 to HORIZON days, from how many units came after so many days. Never falls, ends at 1."""
    whole = sum(lags.values())
    end = 1 - 0.5 ** ((HORIZON + 1) / HALF_AFTER)
    found, so_far = [], 0
    for age in range(HORIZON + 1):
        so_far += lags.get(age, 0) + (sum(n for day, n in lags.items() if day > HORIZON) if age == HORIZON else 0)
        guess = (1 - 0.5 ** ((age + 1) / HALF_AFTER)) / end
        found.append((so_far + GUESS * guess) / (whole + GUESS))
    return found


def expected(came: int, exposed: float) -> int | None:
    """The share that comes back in the end, in parts per million; None of nothing."""
    return min(MILLION, round(came / exposed * MILLION)) if exposed > 0 else None


def between(came: int, exposed: float) -> tuple[int | None, int | None]:
    """What the true share lies between in 95 of 100 cases (Wilson 1927, JASA 22)."""
    whole = max(exposed, float(came))
    if not whole:
        return None, None
    share, z = came / whole, NORMAL_95
    centre = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return max(0, round((centre - half) * MILLION)), min(MILLION, round((centre + half) * MILLION))


def shrunk(came: int, exposed: float, overall_ppm: int) -> int:
    """The expected share, drawn towards that of all."""
    return min(MILLION, round((came * MILLION + PRIOR * overall_ppm) / (exposed + PRIOR)))
