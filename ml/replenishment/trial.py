"""A policy on trial: levels as they would have been reckoned at the time, over demand that really was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.replenishment.demand import filled
from ml.replenishment.leadtime import LeadTime
from ml.replenishment.plan import Asked, plan
from ml.replenishment.replay import Replay, Rules, replay

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Whole = NDArray[np.int64]

RENEWED_DAYS = 28  # between two reckonings of the levels
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Days:
    """What is replayed: `counted` days after `warm_up` days; levels know the `known` days before them."""

    counted: int
    warm_up: int
    known: int

    @property
    def run(self) -> int:
        return self.warm_up + self.counted


@dataclass(frozen=True)
class Trial:
    """The counted days alone, and the levels of each, arrays of shape (n, counted) in units."""

    path: Replay
    point: Floats
    up_to: Floats
    lot: Floats


def likely(sold: Floats, censored: Bools) -> Floats:
    """Whole units a day (n, days): what was asked for, on a censored day at least the mean of the others.

    What is left of a unit is carried to the next day, so that sums stay. Nothing before the SKU existed (NaN).
    """
    asked = np.where(np.isnan(sold), 0.0, filled(sold, censored))
    return np.diff(np.floor(np.cumsum(asked, axis=1) + 0.5 + 1e-9), prepend=0.0, axis=1)


def lead_days(lead_times: Sequence[LeadTime], orders: int) -> Whole:
    """Whole days that each of `orders` orders takes, (n, orders): always the same, and as the distribution in sum.

    From a sequence that fills the interval evenly whatever its length (Weyl 1916), begun elsewhere for each SKU.
    """
    steps = np.arange(orders)[None, :] + np.arange(len(lead_times))[:, None]
    points = (0.5 + _GOLDEN * steps) % 1.0
    days = [lead.at(row) for lead, row in zip(lead_times, points, strict=True)]
    return np.ceil(np.stack(days) - 1e-9).astype(np.int64)


def on_trial(
    asked: Asked, demand: Floats, days: Days, *, takes: Whole, given_lot: Floats, review_days: int = 1,
    reviewed_before: int = 0,
) -> Trial:  # fmt: skip
    """Replay the policy of `asked` over `demand` (n, run), the last days of `asked.sold`, (n, at least known + run).

    Levels are reckoned at the beginning and then every `RENEWED_DAYS`, from nothing but the `known` days before. Stock
    begins at the level that the policy fills up to, with nothing on order. The k-th order takes `takes[:, k]` days.
    `given_lot` (n,) is that of a person, NaN for none. It is looked at every `review_days`, the last time
    `reviewed_before` days before the first.
    """
    n, first = len(asked.sold), asked.sold.shape[1] - days.run
    point, up_to, lot = (np.empty((n, days.run)) for _ in range(3))
    moments = sorted({0, *range(days.warm_up, days.run, RENEWED_DAYS)})
    for moment, until in zip(moments, [*moments[1:], days.run], strict=True):
        then = slice(max(0, first + moment - days.known), first + moment)
        seen = None if asked.censored is None else asked.censored[:, then]
        levels = plan(replace(asked, sold=asked.sold[:, then], censored=seen))
        point[:, moment:until], up_to[:, moment:until] = levels.point[:, None], levels.up_to[:, None]
        lot[:, moment:until] = np.where(np.isnan(given_lot), levels.lot, given_lot)[:, None]
    rules = Rules(
        asked.policy, point, up_to, lot, asked.minimum, asked.pack, review=review_days, reviewed_before=reviewed_before
    )
    path = replay(demand, rules, on_hand=np.ceil(up_to[:, 0] - 1e-9), lead_buckets=takes)
    late = slice(days.warm_up, days.run)
    counted = Replay(
        *(a[:, late] for a in (path.demand, path.served, path.start, path.end, path.ordered, path.arrived))
    )
    return Trial(counted, point[:, late], up_to[:, late], lot[:, late])
