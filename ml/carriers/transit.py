"""How long carriers take, learned from their own deliveries: a distribution for each lane, pooled where data is thin.

Time runs in whole days from the day a parcel is handed over. What is learned is the hazard: the chance that a parcel
that is still on its way arrives on its d-th day. That is the natural scale here, because parcels that have not come
yet say as much as those that have (right-censored: they did not come on any of the days so far), and to leave them
out would make a carrier look quicker than it is.

Model. Hazards of each day are Beta distributed around those of the broader group (a discrete beta process: Hjort 1990,
Annals of Statistics 18, section 3): everything, then level by level to the narrowest. A group with few parcels stays
with its parent, one with many goes its own way; how much a parent counts is chosen for each level by the marginal
likelihood of the groups below (empirical Bayes; Casella 1985, American Statistician 39). Two things cross the levels
and are multipliers of the hazard, shrunk to one as gamma-Poisson relative risks are (Clayton and Kaldor 1987,
Biometrics 43): factors such as the weekday of handing over, and drift, how the last week or two compare with what all
was learned from. Lanes differ for years while speed changes within weeks, so drift forgets much faster: both half-lives
were chosen on deliveries of 2017 (`bench.carriers`), before those that the bench judges.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HORIZON = 60  # days that are told apart; what has not come by then counts as late for any promise
HALF_LIFE = 730.0  # days after which a delivery counts half
DRIFT_HALF_LIFE = 7.0
STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)  # parcels that a parent may count for
FACTOR_STRENGTH = 20.0  # expected arrivals that a multiplier of one counts for
FIRST_HAZARD, FIRST_STRENGTH = 0.15, 2.0  # before anything is known
_LEAST, _MOST = 1e-6, 1 - 1e-6

Key = tuple[Hashable, ...]
H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True)
class History:
    """Parcels that were handed over, one a row.

    `days` is how many days each took, or, when it has not arrived, has been out so far. `levels` are the groups it is
    in, the broadest first, `factors` what crosses them (the weekday is one), `age` the days since it was handed over.
    """

    days: Ints
    arrived: NDArray[np.bool_]
    age: Floats
    levels: Sequence[Sequence[Hashable]]
    factors: Sequence[Sequence[Hashable]]
    by_day: Sequence[bool]  # of each factor: does its multiplier differ from day to day


@dataclass(frozen=True)
class Group:
    hazard: Floats  # (HORIZON,)
    parcels: Floats  # (HORIZON,) on their way on each day, its parent's share among them
    seen: float  # parcels of its own, older ones counting less


@dataclass(frozen=True)
class Forecast:
    """The chance that a parcel has arrived by the end of day d: `by[d]`, and the standard error of each."""

    by: Floats
    error: Floats
    seen: float  # parcels of the narrowest group that was known

    def promise(self, probability: float) -> int:
        """The first day by whose end it has arrived with this probability; HORIZON when no day is late enough."""
        return int(np.searchsorted(self.by, probability - 1e-12))

    def promises(self, probabilities: Sequence[float]) -> list[int]:
        """The first day for each probability, as `promise`."""
        found = np.searchsorted(self.by, np.asarray(probabilities) - 1e-12)
        return [int(day) for day in found]

    def uncertain(self, day: int) -> float:
        """The standard error of the chance to be late after a day."""
        return 0.0 if day < 0 else float(self.error[min(day, HORIZON - 1)])

    def late(self, day: int) -> float:
        """The chance that it has not arrived by the end of a day."""
        return 1.0 if day < 0 else float(1 - self.by[min(day, HORIZON - 1)])

    @property
    def mean(self) -> float:
        """Days it takes; what takes longer than the horizon counts as the horizon."""
        return float(np.sum(1 - self.by))


@dataclass(frozen=True)
class Transit:
    """What was learned. `groups` by key, each level's key being as much of the parcel's levels."""

    groups: Mapping[Key, Group]
    factors: Sequence[Mapping[Hashable, Floats]]
    drift: float
    strengths: Sequence[float]

    def forecast(self, levels: Sequence[Hashable], factors: Sequence[Hashable] = ()) -> Forecast:
        """For a parcel; a group that is not known is forecast as the broader one."""
        depth = max(n for n in range(len(levels) + 1) if tuple(levels[:n]) in self.groups)
        group = self.groups[tuple(levels[:depth])]
        known = depth == len(levels)
        risk = np.full(HORIZON, self.drift)
        for table, of in zip(self.factors, factors, strict=False):
            risk = risk * table.get(of, 1.0)
        hazard = np.clip(1 - (1 - group.hazard) ** risk, _LEAST, _MOST)
        left = np.cumprod(1 - hazard)
        # Greenwood's formula, with what the parent lends counted as parcels.
        error = left * np.sqrt(np.cumsum(hazard / ((1 - hazard) * np.maximum(group.parcels, 1.0))))
        return Forecast(1 - left, error, group.seen if known else 0.0)


def learn(
    history: History,
    *,
    half_life: float = HALF_LIFE,
    drift_half_life: float = DRIFT_HALF_LIFE,
    possible: Sequence[Sequence[float]] | None = None,
) -> Transit:
    """Learns from parcels of which some are still on their way.

    `possible` are, for each level, the parcels that a parent may count for; STRENGTHS for all by default.
    """
    out, came = _exposure(history)
    when = np.maximum(history.age[:, None] - np.arange(HORIZON), 0.0)
    weight = out * 0.5 ** (when / half_life)
    groups, strengths, hazard = _pooled(
        history.levels, weight, came * weight, possible or [STRENGTHS] * len(history.levels)
    )
    factors: list[Mapping[Hashable, Floats]] = []
    for values, by_day in zip(history.factors, history.by_day, strict=True):
        table, rows = _factor(values, weight * hazard, came * weight, by_day=by_day)
        factors.append(table)
        hazard = np.clip(1 - (1 - hazard) ** rows, _LEAST, _MOST)
    recent = out * 0.5 ** (when / drift_half_life)
    drift = (np.sum(came * recent) + FACTOR_STRENGTH) / (np.sum(recent * hazard) + FACTOR_STRENGTH)
    return Transit(groups, factors, float(drift), strengths)


def _exposure(history: History) -> tuple[Floats, Floats]:
    """(n, HORIZON): 1 where a parcel was on its way when the day began, and where it came on that day."""
    day = np.arange(HORIZON)
    took = history.days[:, None]
    came = (took == day) & history.arrived[:, None]
    out = (took > day) | came
    return out.astype(float), came.astype(float)


def _pooled(
    levels: Sequence[Sequence[Hashable]], weight: Floats, came: Floats, possible: Sequence[Sequence[float]]
) -> tuple[dict[Key, Group], list[float], Floats]:
    """The groups of every level, how much parents count, and each parcel's hazard by its narrowest group."""
    out = weight.sum(axis=0)
    root = (came.sum(axis=0) + FIRST_STRENGTH * FIRST_HAZARD) / (out + FIRST_STRENGTH)
    groups: dict[Key, Group] = {(): Group(root, out + FIRST_STRENGTH, float(out[0]))}
    keys: list[Key] = [()] * len(weight)
    hazard = np.broadcast_to(root, weight.shape)
    strengths = []
    for level, choices in zip(levels, possible, strict=True):
        keys = [(*key, value) for key, value in zip(keys, level, strict=True)]
        names, of = _codes(keys)
        events, at_risk = _sums(of, len(names), came), _sums(of, len(names), weight)
        parent = np.array([groups[name[:-1]].hazard for name in names])
        strength = _strength(events, at_risk, parent, choices)
        own = (events + strength * parent) / (at_risk + strength)
        for name, row, risk in zip(names, own, at_risk, strict=True):
            # A parent lends no more than it has seen itself.
            lent = np.minimum(strength, groups[name[:-1]].parcels)
            groups[name] = Group(row, risk + lent, float(risk[0]))
        strengths.append(strength)
        hazard = own[of]
    return groups, strengths, np.asarray(hazard)


def _factor(
    values: Sequence[Hashable], expected: Floats, came: Floats, *, by_day: bool
) -> tuple[dict[Hashable, Floats], Floats]:
    """Arrivals against expected ones, shrunk to one; and the multiplier of each parcel."""
    names, of = _codes(list(values))
    wanted, had = _sums(of, len(names), expected), _sums(of, len(names), came)
    if not by_day:
        wanted, had = (np.repeat(x.sum(axis=1, keepdims=True), HORIZON, axis=1) for x in (wanted, had))
    ratio = (had + FACTOR_STRENGTH) / (wanted + FACTOR_STRENGTH)
    return dict(zip(names, ratio, strict=True)), ratio[of]


def _codes(values: Sequence[H]) -> tuple[list[H], Ints]:
    place: dict[H, int] = {}
    of = np.array([place.setdefault(value, len(place)) for value in values], np.int64)
    return list(place), of


def _sums(of: Ints, groups: int, rows: Floats) -> Floats:
    """Rows added up by group, day by day."""
    return np.stack([np.bincount(of, rows[:, day], groups) for day in range(HORIZON)], axis=1)


def _strength(events: Floats, at_risk: Floats, parent: Floats, choices: Sequence[float]) -> float:
    """Of the choices the one under which the groups' arrivals are likeliest (beta-binomial)."""
    missed = at_risk - events

    def likelihood(k: float) -> float:
        a, b = k * parent, k * (1 - parent)
        return float(np.sum(_log_beta(events + a, missed + b) - _log_beta(a, b)))

    return max(choices, key=likelihood)


def _log_beta(a: ArrayLike, b: ArrayLike) -> Floats:
    a, b = np.asarray(a, float), np.asarray(b, float)
    return _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b)


def _log_gamma(x: Floats) -> Floats:
    """Stirling's series six places up, and back by the recurrence: right to eight digits for x > 0."""
    product = x * (x + 1) * (x + 2) * (x + 3) * (x + 4) * (x + 5)
    y = x + 6
    series = 1 / (12 * y) - 1 / (360 * y**3) + 1 / (1260 * y**5)
    return np.asarray((y - 0.5) * np.log(y) - y + 0.5 * np.log(2 * np.pi) + series - np.log(product))
