"""The policies that are compared: ours, a minimum and maximum tuned by trying, and (s, S) for normal demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.replenishment_data import Case
from ml.replenishment.leadtime import learn
from ml.replenishment.lotsize import eoq
from ml.replenishment.normal import loss
from ml.replenishment.plan import Asked, plan
from ml.replenishment.policies import Policy
from ml.replenishment.reorder import window_deviation
from ml.replenishment.replay import Replay, Rules, replay

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Receipts:
    """Of one vendor, in days: how long orders took, how long ago they came, how long others have been out."""

    came: Floats
    ages: Floats
    out: Floats


# Points and levels to fill up to, from demand that is known and the receipts of every vendor.
Levels = Callable[[Floats, list[Receipts]], tuple[Floats, Floats]]

HOLDING_RATE = 0.25
SHORT_RATE = 0.5  # of the unit cost: the margin of a unit that was not there
MINIMA = np.concatenate([np.linspace(0, 2, 21), [2.25, 2.5, 3.0, 3.5, 4.0]])  # parts of mean lead-time demand
LOTS = (0.5, 1.0, 2.0)  # parts of the economic lot


def lots(case: Case, daily: Floats) -> Floats:
    """Whole units, the economic lot of each SKU; the same for all policies."""
    lot = eoq(daily * 365, order_cost=case.order_cost, holding_cost=HOLDING_RATE * case.unit_cost)
    return np.maximum(np.round(lot), 1.0)


def cost_of(case: Case, path: Replay) -> float:
    holding = HOLDING_RATE * case.unit_cost * case.days_a_bucket / 365
    return path.cost(holding=holding, order=case.order_cost, short=SHORT_RATE * case.unit_cost)


def cut(path: Replay, columns: slice) -> Replay:
    parts = (path.demand, path.served, path.start, path.end, path.ordered, path.arrived)
    return Replay(*(p[:, columns] for p in parts))


def tuned_min_max(case: Case, target: float) -> Levels:
    """For each SKU the pair that held least stock among those that reached the target over all that is known."""
    rng = np.random.default_rng(1)
    known = case.demand[:, : case.known]
    times = np.array([rng.choice(case.vendors[v].before, case.known) for v in case.vendor])
    leads = np.rint(times / case.days_a_bucket).astype(np.int64)
    mean, lot = known.mean(axis=1), lots(case, known.mean(axis=1) / case.days_a_bucket)
    ahead = mean * np.array([case.vendors[v].before.mean() for v in case.vendor]) / case.days_a_bucket
    best = [np.full(len(known), np.inf), np.full(len(known), np.nan), np.full(len(known), np.nan)]
    most = [np.full(len(known), -1.0), np.zeros(len(known)), np.zeros(len(known))]
    asked = known.sum(axis=1)
    for part in MINIMA:
        for size in LOTS:
            low = np.ceil(part * ahead) + 1
            high = low + np.maximum(np.round(size * lot), 1)
            path = replay(known, Rules(Policy.point_up_to, low, high), on_hand=high, lead_buckets=leads)
            fill, stock = path.served.sum(axis=1) / asked, path.average_stock
            better = (fill >= target) & (stock < best[0])
            best = [np.where(better, new, old) for new, old in zip((stock, low, high), best, strict=True)]
            fuller = fill > most[0]
            most = [np.where(fuller, new, old) for new, old in zip((fill, low, high), most, strict=True)]
    low = np.where(np.isnan(best[1]), most[1], best[1])
    high = np.where(np.isnan(best[2]), most[2], best[2])
    return lambda _known, _receipts: (low, high)


def normal(case: Case, target: float) -> Levels:
    """s from means and deviations alone, by the expected shortage of a cycle."""
    grid = np.linspace(-3, 5, 1601)
    table = loss(grid)

    def levels(known: Floats, receipts: list[Receipts]) -> tuple[Floats, Floats]:
        mean, deviation = known.mean(axis=1), known.std(axis=1, ddof=1)
        lot = lots(case, mean / case.days_a_bucket)
        time = np.array([[r.came.mean(), r.came.std()] for r in receipts])[case.vendor] / case.days_a_bucket
        spread = window_deviation(
            demand_mean=mean, demand_deviation=deviation, time_mean=time[:, 0] + 1, time_deviation=time[:, 1]
        )
        z = np.interp(-(1 - target) * lot / np.maximum(spread, 1e-9), -table, grid)
        point = np.maximum(np.ceil(mean * (time[:, 0] + 1) + z * spread), 0)
        return point, point + lot

    return levels


def ours(case: Case, target: float) -> Levels:
    """The planner. The data set's orders do overtake each other."""

    def levels(known: Floats, receipts: list[Receipts]) -> tuple[Floats, Floats]:
        n = len(known)
        learned = [
            learn(r.came, quoted_days=v.quoted, open_days=r.out, ages_days=r.ages)
            for r, v in zip(receipts, case.vendors, strict=True)
        ]
        found = plan(Asked(
            sold=known, lead_times=[learned[v] for v in case.vendor], position=np.zeros(n), on_hand=np.zeros(n),
            unit_cost=case.unit_cost, service=np.full(n, target), policy=np.full(n, Policy.point_up_to.value),
            days_a_bucket=case.days_a_bucket, review_days=case.days_a_bucket, order_cost=case.order_cost,
            holding_rate=HOLDING_RATE, overtaking=True,
        ))  # fmt: skip
        return found.point, found.up_to

    return levels


def measured(case: Case, levels: Levels, every: int) -> Replay:
    """What happens after the cut, with levels renewed every so many buckets from what is known by then.

    The replay begins some time earlier, at the levels of the cut, so that the pipeline is in its stride. Demand up to
    the day is known to all, and of orders those that have come, and how long the others have been out.
    """
    begin, after = case.known - case.warm, case.demand.shape[1] - case.known
    receipts = [Receipts(v.before, v.ages, v.out) for v in case.vendors]
    point, up_to = (
        np.repeat(x[:, None], case.warm + after, axis=1) for x in levels(case.demand[:, : case.known], receipts)
    )

    def run(upto: int) -> Replay:
        rules = Rules(Policy.point_up_to, point[:, :upto], up_to[:, :upto])
        return replay(case.demand[:, begin : begin + upto], rules, on_hand=up_to[:, 0], lead_buckets=case.drawn)

    for t in range(every, after, every):
        now = case.warm + t
        low, high = levels(case.demand[:, : begin + now], seen(case, run(now), t))
        point[:, now:], up_to[:, now:] = low[:, None], high[:, None]
    return cut(run(case.warm + after), slice(case.warm, None))


def seen(case: Case, path: Replay, since_cut: int) -> list[Receipts]:
    """What each vendor's orders have shown by the end of a path, with what was known at the cut."""
    sku, placed = np.nonzero(path.ordered)
    number = (np.cumsum(path.ordered > 0, axis=1) - 1)[sku, placed]
    takes = case.drawn[sku, number]
    age = path.ordered.shape[1] - 1 - placed
    there, of = takes < age, case.vendor[sku]
    found = []
    for v, vendor in enumerate(case.vendors):
        mine, gone = of == v, since_cut * case.days_a_bucket
        came, out = mine & there, mine & ~there
        found.append(Receipts(
            np.concatenate([vendor.before, takes[came] * case.days_a_bucket]),
            np.concatenate([vendor.ages + gone, (age - takes)[came] * case.days_a_bucket]),
            age[out] * case.days_a_bucket,
        ))  # fmt: skip
    return found
