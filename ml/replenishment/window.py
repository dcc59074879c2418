"""What may be asked for from the moment of an order until its goods are there: samples for each SKU at a node.

Sample j of every SKU takes the same place in the lead-time distribution, the same start in history and the same luck,
from points that are drawn once and for all. So an answer is the same tomorrow, and a longer lead time makes no sample
smaller, which is why no reorder point falls when a lead time rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.replenishment.leadtime import LeadTime
from ml.replenishment.normal import quantile

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_ORDERS = 16  # under way at once that are told apart
_START, _LUCK, _LOOK, _USED, _SIZE, _WHICH, _HOW_FAR, _TIME = range(8)  # coordinates of a point
DIMENSIONS = _TIME + _ORDERS
_GOLDEN = 0.6180339887498949
_BLOCK = 512  # SKUs at a time, so that the largest array stays at some megabytes


@dataclass(frozen=True)
class Window:
    """Units asked for in the time to be covered: `samples` of shape (n, m), each row rising, all equally likely."""

    samples: Floats

    @property
    def mean(self) -> Floats:
        return np.asarray(self.samples.mean(axis=1))

    @property
    def deviation(self) -> Floats:
        return np.asarray(self.samples.std(axis=1))


@dataclass(frozen=True)
class Cover:
    """What the samples stand for: `buckets` of demand to be covered, and `begun` units of the lot used up, (n, m)."""

    buckets: Floats
    begun: Floats


def even_points(count: int) -> Floats:
    """`count` points in the cube of `DIMENSIONS`, always the same, each coordinate exactly even (a Latin hypercube)."""
    rng = np.random.default_rng(1913)
    ranks = np.stack([rng.permutation(count) for _ in range(DIMENSIONS)], axis=1)
    return np.asarray((ranks + 0.5) / count)


def until_goods_come(
    lead_times: Sequence[LeadTime], *, days_a_bucket: float, review_days: float, points: Floats
) -> Cover:
    """From passing the reorder point to having the goods: a lead time, and the way to the next look at the position."""
    table, of = _told_apart(lead_times, points[:, : _TIME + 1])
    days = table[of, :, 0] + review_days * points[:, _LOOK]
    return Cover(days / days_a_bucket, np.zeros(days.shape))


def at_any_moment(
    lead_times: Sequence[LeadTime], *, days_a_bucket: float, review_days: float, points: Floats, lot: Floats,
    level: Floats, overtaking: NDArray[np.bool_],
) -> Cover:  # fmt: skip
    """What is missing from the order-up-to level at any moment: a part of a lot, and what is under way.

    A lot of `lot` units (n,) is ordered every lot/`level` buckets (`level` in units a bucket, (n,)). An order that is
    older than its lead time is there; those that are not stand for the demand of their time. Where orders may overtake
    each other (`overtaking`, (n,)) each has a lead time of its own, which leaves much less to chance than if all of
    them were late together (Robinson, Bradley and Thomas 2001); elsewhere they share one.
    """
    m = len(points)
    apart = (lot / np.maximum(level, 1e-9) * days_a_bucket)[:, None]  # days
    table, of = _told_apart(lead_times, points)
    slowest = np.array([lead.days[-1] for lead in lead_times])[:, None]
    orders = np.minimum(slowest // apart + 1, _ORDERS)
    step = np.maximum(apart, slowest / orders)  # so many orders are looked at, and the oldest is surely there
    used, looked = points[:, _USED], points[:, _LOOK]
    days = np.empty((len(lead_times), m))
    for first in range(0, len(days), _BLOCK):
        rows = slice(first, first + _BLOCK)
        shared = ~overtaking[rows][:, None]
        found = np.zeros((len(days[rows]), m))
        for k in range(int(orders[rows].max(initial=0))):
            takes = np.where(shared, table[of[rows], :, 0], table[of[rows], :, k])
            late = (takes > used * apart[rows] + k * step[rows]) & (k < orders[rows])
            found += np.where(late, apart[rows] if k == 0 else step[rows], 0.0)
        days[rows] = found + review_days * looked
    return Cover(days / days_a_bucket, np.outer(lot, used))


def _told_apart(lead_times: Sequence[LeadTime], points: Floats) -> tuple[Floats, Indices]:
    """Days of each order under way, (different lead times, m, orders), and which of them each SKU has, (n,)."""
    places: dict[int, int] = {}
    of = np.array([places.setdefault(id(lead), len(places)) for lead in lead_times], np.int64)
    first = {place: i for i, place in reversed(list(enumerate(of.tolist())))}
    return np.stack([lead_times[first[p]].at(points[:, _TIME:]) for p in range(len(places))]), of


def from_history(
    history: Floats, cover: Cover, *, level: Floats, width: Floats, points: Floats, half_life: float
) -> Window:
    """Pieces of the past as long as what is to be covered: the samples of demand that comes often.

    `history` (n, T) without gaps, oldest first, in units; `level` (n,) the units a bucket that are expected now;
    `width` (n,) how much wider than around its mean demand lies around that. A piece may run over the end and goes on
    at the beginning (circular block bootstrap; Politis and Romano 1992), which keeps together what came together. The
    younger a piece the likelier, by half every `half_life` buckets. Samples are scaled from the mean of the pieces to
    `level`.
    """
    n, length = history.shape
    buckets = cover.buckets
    age = np.arange(length)[::-1]
    chance = np.cumsum(np.power(0.5, age / half_life))
    starts = np.searchsorted(chance / chance[-1], points[:, _START])
    weights = np.diff(chance, prepend=0.0) / chance[-1]
    base = history @ weights
    found = np.empty(buckets.shape)
    for first in range(0, n, _BLOCK):
        rows = slice(first, min(first + _BLOCK, n))
        found[rows] = _pieces(history[rows], starts, buckets[rows])
    scale = np.where(base > 0, level / np.where(base > 0, base, 1), 0.0)
    found *= scale[:, None]
    # The pieces were chosen evenly but are few, so their mean is a little off what the level says.
    expected, got = level * buckets.mean(axis=1), found.mean(axis=1)
    found *= np.where(got > 0, expected / np.where(got > 0, got, 1), 1.0)[:, None]
    usual = level[:, None] * buckets
    found = np.maximum(usual + width[:, None] * (found - usual), 0.0)
    return Window(np.sort(found + cover.begun, axis=1))


def _pieces(history: Floats, starts: Indices, buckets: Floats) -> Floats:
    length = history.shape[1]
    before = np.concatenate([np.zeros((len(history), 1)), np.cumsum(history, axis=1)], axis=1)
    total = before[:, -1:]

    def until(place: Floats) -> Floats:
        """Units from the beginning of history to a place, which may lie beyond its end."""
        rounds, rest = np.divmod(place, length)
        whole = rest.astype(np.int64)
        inside = np.take_along_axis(before, whole, axis=1)
        part = (rest - whole) * np.take_along_axis(history, np.minimum(whole, length - 1), axis=1)
        return np.asarray(rounds * total + inside + part)

    begin = np.broadcast_to(starts.astype(float), buckets.shape)
    return until(begin + buckets) - until(begin)


def from_sizes(
    history: Floats, cover: Cover, *, level: Floats, points: Floats, counted: NDArray[np.bool_], most: int = 64
) -> Window:
    """Demands that come by chance, each of a size that was seen: the samples of demand that comes seldom.

    Compound Poisson (Feeney and Sherbrooke 1966). `counted` (n, T) marks the buckets that had stock; `level` (n,)
    the units a bucket expected now, from `ml.replenishment.intermittent`. More than `most` demands in a sample are
    taken at their mean size. Added is what the same customer asks for before a unit: one who wants five may get three.
    """
    buckets = cover.buckets
    n, m = buckets.shape
    sizes, times = _seen_sizes(history, counted)
    mean_size = sizes.sum(axis=1) / np.maximum(times, 1)
    rate = np.where(times > 0, level / np.where(mean_size > 0, mean_size, 1), 0.0)
    draws = (points[:, _SIZE][:, None] + np.arange(1, most + 1) * _GOLDEN) % 1.0
    found = np.empty((n, m))
    for first in range(0, n, _BLOCK):
        rows = slice(first, min(first + _BLOCK, n))
        number = poisson_at(points[:, _LUCK], rate[rows, None] * buckets[rows])
        width = max(1, min(most, int(number.max(initial=0))))
        which = np.floor(draws[None, :, :width] * times[rows, None, None]).astype(np.int64)
        picked = np.take_along_axis(sizes[rows, None, :], which, axis=2)
        upto = np.concatenate([np.zeros((*picked.shape[:2], 1)), np.cumsum(picked, axis=2)], axis=2)
        drawn = np.minimum(number, width).astype(np.int64)
        beyond = np.maximum(number - width, 0) * mean_size[rows, None]
        found[rows] = np.take_along_axis(upto, drawn[..., None], axis=2)[..., 0] + beyond
        found[rows] += _same_customer(sizes[rows], points[:, _WHICH], points[:, _HOW_FAR])
    return Window(np.sort(found + np.where(times[:, None] > 0, cover.begun, 0.0), axis=1))


def _same_customer(sizes: Floats, which: Floats, how_far: Floats) -> Floats:
    """Units, (n, m): of all units more are in large demands than in small, and a unit may be anywhere in its own.

    The same that renewal theory says of how far a demand goes below a reorder point (Silver, Pyke and Thomas, 6.12).
    """
    reached = np.cumsum(sizes, axis=1)
    total = reached[:, -1:]
    place = (reached[:, :, None] < which[None, None, :] * total[:, :, None]).sum(axis=1)
    size = np.take_along_axis(sizes, np.minimum(place, sizes.shape[1] - 1), axis=1)
    return np.floor(size * how_far[None, :])


def _seen_sizes(history: Floats, counted: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The sizes of the demands of each SKU in front, rising, zeros behind; and how many there are."""
    sizes = np.where(counted, np.nan_to_num(history), 0.0)
    times = (sizes > 0).sum(axis=1)
    ordered = np.sort(np.where(sizes > 0, sizes, np.inf), axis=1)
    ordered = np.where(np.isinf(ordered), 0.0, ordered)
    return ordered[:, : max(1, int(times.max(initial=1)))], times.astype(float)


def poisson_at(probability: Floats, mean: Floats) -> Floats:
    """The number that is not exceeded with this probability; shapes are broadcast to that of `mean`.

    Above a mean of 200 by the normal distribution with a continuity correction.
    """
    chance = np.broadcast_to(probability, mean.shape)
    large = np.maximum(np.floor(mean + quantile(probability) * np.sqrt(mean) + 0.5), 0.0)
    small = np.minimum(mean, 200.0)
    term = np.exp(-small)
    reached, number = term.copy(), np.zeros(mean.shape)
    for k in range(1, int(small.max(initial=0) + 8 * np.sqrt(small.max(initial=0)) + 20)):
        number += reached < chance
        if (reached >= chance).all():
            break
        term = term * small / k
        reached = reached + term
    return np.where(mean > 200.0, large, number)
