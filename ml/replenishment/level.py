"""How many units a bucket are expected now, whichever way demand comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.replenishment.demand import Demand, filled
from ml.replenishment.intermittent import croston, tsb

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SMOOTHINGS = (0.02, 0.05, 0.1, 0.2)
ORIGINS = 24  # moments of the past at which each way of expecting is tried
SEASON_MUST_GAIN = 0.8  # of the squared error of the best without seasons; last year alone is a noisy guide


@dataclass(frozen=True)
class Expected:
    """Units a bucket, (n,), and how wide demand lies around them beside how wide it lies around its mean, (n,)."""

    level: Floats
    width: Floats


def expected(sold: Floats, demand: Demand, censored: Bools | None = None, *, horizon: float, season: float) -> Expected:
    """What n series (n, buckets) let expect over the next `horizon` buckets, a year being `season` buckets.

    Where demand comes often, what would have been least wrong so far: exponential smoothing (Brown 1959) at one of
    some speeds, or last year's same time at this year's level. Where it comes seldom, the larger of TSB and half of
    SBA: TSB alone forgets a slow mover after a long quiet time that was only chance.
    """
    seldom = demand.seldom()
    level, width = np.zeros(len(sold)), np.ones(len(sold))
    if seldom.any():
        part, out = sold[seldom], None if censored is None else censored[seldom]
        level[seldom] = np.maximum(tsb(part, out), 0.5 * croston(part, out))
    if not seldom.all():
        gapless = filled(sold, censored)[~seldom]
        level[~seldom], width[~seldom] = _least_wrong(gapless, max(1, round(horizon)), max(2, round(season)))
    return Expected(level, width)


def smoothed(history: Floats, *, smoothing: float) -> Floats:
    """Units a bucket after each bucket, of the shape of gapless `history` (n, buckets), begun at the first eighth."""
    level = history[:, : max(1, history.shape[1] // 8)].mean(axis=1)
    found = np.empty(history.shape)
    for t in range(history.shape[1]):
        level = level + smoothing * (history[:, t] - level)
        found[:, t] = level
    return found


def _least_wrong(history: Floats, horizon: int, season: int) -> tuple[Floats, Floats]:
    n, length = history.shape
    before = np.concatenate([np.zeros((n, 1)), np.cumsum(history, axis=1)], axis=1)
    ways = [smoothed(history, smoothing=s) for s in SMOOTHINGS]
    last = length - horizon  # the latest moment whose horizon has passed
    first = max(1, length // 4)
    if last <= first:
        return ways[1][:, -1], np.ones(n)
    moments = np.unique(np.linspace(first, last, min(ORIGINS, last - first + 1)).astype(np.int64))
    came = (before[:, moments + horizon] - before[:, moments]) / horizon
    errors = np.stack([np.square(way[:, moments - 1] - came).mean(axis=1) for way in ways])
    best = errors.argmin(axis=0)
    level = np.stack([way[:, -1] for way in ways])[best, np.arange(n)]
    error = errors[best, np.arange(n)]
    tried = moments[moments >= season + horizon]
    if len(tried) >= 3 and length >= season + horizon:
        then = (before[:, tried + horizon] - before[:, tried]) / horizon
        guess = np.stack([_last_year(before, int(t), horizon, season) for t in tried], axis=1)
        plain = np.stack([np.square(way[:, tried - 1] - then).mean(axis=1) for way in ways]).min(axis=0)
        seasonal = np.square(guess - then).mean(axis=1)
        better = seasonal < SEASON_MUST_GAIN * plain
        level = np.where(better, _last_year(before, length, horizon, season), level)
        error = np.where(better, seasonal, error)
    usual = came.var(axis=1)
    width = np.sqrt(np.where(usual > 0, error / np.where(usual > 0, usual, 1), 1.0))
    return np.maximum(level, 0.0), np.clip(width, 0.7, 1.5)


def _last_year(before: Floats, now: int, horizon: int, season: int) -> Floats:
    """Units a bucket: the same time last year, times how the last `horizon` buckets compare with those of last year."""
    then = (before[:, now - season + horizon] - before[:, now - season]) / horizon
    recent = before[:, now] - before[:, now - horizon]
    recent_then = before[:, now - season] - before[:, now - season - horizon]
    return then * np.clip(recent / np.maximum(recent_then, 1e-9), 0.5, 2.0)
