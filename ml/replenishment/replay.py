"""A policy over demand that really was: what would have been short, held and ordered, bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.replenishment.lotsize import orderable
from ml.replenishment.policies import wanted

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Rules:
    """What to do at a review. (n,) or one for all; `point`, `up_to` and `lot` also (n, buckets) if they change."""

    policy: ArrayLike  # values of `Policy`
    point: ArrayLike
    up_to: ArrayLike
    lot: ArrayLike = 1.0
    minimum: ArrayLike = 1.0
    pack: ArrayLike = 1.0
    review: int = 1  # buckets between two looks
    reviewed_before: int = 0  # buckets from the last look to the first bucket


@dataclass(frozen=True)
class Replay:
    """The path, arrays of shape (n, buckets) in units: at the start after what arrived, and at the end."""

    demand: Floats
    served: Floats  # from stock, in the bucket in which it was asked for
    start: Floats
    end: Floats
    ordered: Floats
    arrived: Floats

    @property
    def short(self) -> Floats:
        return self.demand - self.served

    @property
    def fill_rate(self) -> float:
        """Share of all units asked for that were there at once; 1 if none were asked for."""
        asked = float(self.demand.sum())
        return float(self.served.sum()) / asked if asked > 0 else 1.0

    @property
    def average_stock(self) -> Floats:
        """Units of each SKU, half way between start and end of a bucket, on average; shape (n,)."""
        return np.asarray(((self.start + self.end) / 2).mean(axis=1))

    @property
    def stock_outs(self) -> int:
        """Buckets in which somebody asked for more than was there."""
        return int((self.short > 1e-9).sum())

    @property
    def orders(self) -> int:
        return int((self.ordered > 0).sum())

    def cost(self, *, holding: ArrayLike, order: ArrayLike, short: ArrayLike) -> float:
        """Money for the whole time: `holding` a unit and bucket, `order` an order, `short` a unit; (n,) or one."""
        held = (np.asarray(holding, float) * self.average_stock).sum() * self.demand.shape[1]
        ordered = (np.asarray(order, float) * (self.ordered > 0).sum(axis=1)).sum()
        return float(held + ordered + (np.asarray(short, float) * self.short.sum(axis=1)).sum())


def replay(
    demand: Floats, rules: Rules, *, on_hand: ArrayLike, lead_buckets: Whole, lost_sales: bool = False
) -> Replay:
    """Run rules over `demand` (n, buckets), in units, beginning with `on_hand` units (n,) and nothing on order.

    In a bucket goods arrive, then waiting customers are served, then demand; at its end the position is looked at.
    The k-th order of SKU i takes `lead_buckets[i, k % K]` whole buckets (n, K): with 0 it is there at the next start.
    Unserved demand waits, or is lost with `lost_sales`; either way it counts as short. Later orders may overtake.
    """
    n, buckets = demand.shape
    horizon = buckets + int(lead_buckets.max(initial=0)) + 2
    coming = np.zeros((n, horizon))
    stock = np.broadcast_to(np.asarray(on_hand, float), (n,)).copy()  # below 0: units that customers wait for
    on_order, number = np.zeros(n), np.zeros(n, np.int64)
    served, start, end, ordered = (np.zeros((n, buckets)) for _ in range(4))
    point, up_to, lot = (_by_bucket(x, n, buckets) for x in (rules.point, rules.up_to, rules.lot))
    every = np.arange(n)
    for t in range(buckets):
        stock += coming[:, t]
        on_order -= coming[:, t]
        start[:, t] = np.maximum(stock, 0)
        served[:, t] = np.minimum(start[:, t], demand[:, t])
        stock -= served[:, t] if lost_sales else demand[:, t]
        end[:, t] = np.maximum(stock, 0)
        if (t + 1 + rules.reviewed_before) % rules.review:
            continue
        want = wanted(rules.policy, stock + on_order, point=point[:, t], up_to=up_to[:, t], lot=lot[:, t])
        units = orderable(np.ceil(want - 1e-9), minimum=rules.minimum, pack=rules.pack).astype(float)
        some = units > 0
        there = t + 1 + lead_buckets[every, number % lead_buckets.shape[1]]
        coming[every[some], there[some]] += units[some]
        on_order += units
        number += some
        ordered[:, t] = units
    return Replay(demand, served, start, end, ordered, coming[:, :buckets])


def _by_bucket(value: ArrayLike, n: int, buckets: int) -> Floats:
    array = np.asarray(value, float)
    return np.broadcast_to(array if array.ndim == 2 else array.reshape(-1, 1), (n, buckets))
