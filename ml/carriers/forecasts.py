"""What was learned of all carriers at once: to be kept as plain JSON, and asked for one parcel at a time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml.carriers.losses import Loss, learn_losses, loss_of
from ml.carriers.transit import HORIZON, STRENGTHS, Floats, Forecast, Group, History, Key, Transit, learn

MOST_REMEMBERED = 20_000
# Before a service has deliveries of its own it takes these parts of the days it quotes; they count as ten parcels.
PRIOR_RATIOS = (0.6, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0, 1.2, 1.5, 2.0)
# Other carriers say little about one, because services differ by what they sell; lanes of one service less so.
_STRENGTHS = ((3.0,), STRENGTHS, STRENGTHS)


@dataclass(frozen=True)
class Sent:
    """A parcel that was handed over: days it took, or has been out for; `lost` when it will not come."""

    service: str
    country: str
    node: str
    weekday: int
    age: int
    days: int
    arrived: bool
    lost: bool = False
    month: int = 0  # of the handing over, 1 to 12; 0 is none


@dataclass(frozen=True)
class Forecasts:
    times: Transit
    losses: Mapping[Key, Loss]
    _asked: dict[tuple[Key, int, int], Forecast] = field(default_factory=dict, compare=False)

    def transit(self, levels: Sequence[str], weekday: int, month: int = 0) -> Forecast:
        """Most parcels of a day ask the same again."""
        key = (tuple(levels), weekday, month)
        if key not in self._asked:
            if len(self._asked) >= MOST_REMEMBERED:
                self._asked.clear()
            self._asked[key] = self.times.forecast(levels, [weekday, month])
        return self._asked[key]

    def loss(self, levels: Sequence[str]) -> float:
        return loss_of(self.losses, levels).rate


def learn_from(sent: Sequence[Sent], quoted: Mapping[str, int]) -> Forecasts:
    """`quoted` are the days that each service says it takes; a parcel that is lost says nothing of time."""
    assumed = [
        Sent(service, "", "", weekday, 0, round(days * ratio), True)
        for service, days in quoted.items()
        for weekday, ratio in enumerate(PRIOR_RATIOS)
    ]
    counts: dict[Key, tuple[int, int]] = {}
    for s in sent:
        lost, all_of = counts.get((s.service, s.country, s.node), (0, 0))
        counts[s.service, s.country, s.node] = (lost + s.lost, all_of + 1)
    rows = [s for s in sent if not s.lost] + assumed
    history = History(
        np.array([s.days for s in rows], np.int64),
        np.array([s.arrived for s in rows], bool),
        np.array([max(s.age, s.days) for s in rows], float),
        [[s.service for s in rows], [s.country for s in rows], [s.node for s in rows]],
        [[s.weekday % 7 for s in rows], [s.month for s in rows]],
        [True, False],
    )
    return Forecasts(learn(history, possible=_STRENGTHS), learn_losses(counts))


def to_plain(found: Forecasts) -> dict[str, Any]:
    return {
        "groups": [
            {
                "key": list(key),
                "hazard": [round(float(h), 7) for h in group.hazard],
                "parcels": [round(float(p), 2) for p in group.parcels],
                "seen": round(group.seen, 2),
            }
            for key, group in found.times.groups.items()
        ],
        "weekdays": {str(day): [round(float(r), 5) for r in row] for day, row in found.times.factors[0].items()},
        "months": {str(month): round(float(row[0]), 5) for month, row in found.times.factors[1].items()},
        "drift": round(found.times.drift, 5),
        "strengths": list(found.times.strengths),
        "losses": [{"key": list(key), "lost": loss.lost, "kept": loss.kept} for key, loss in found.losses.items()],
    }


def promised(found: Forecasts) -> dict[str, Any]:
    """What is foreseen of each service and each of its lanes, to be read without the model: days that are kept in 50,
    80, 90 and 95 of 100, and how many parcels of its own tell so. A lane is (service, country, node)."""
    rows = []
    for key in sorted((k for k in found.times.groups if len(k) in (1, 3)), key=str):
        forecast = found.times.forecast(key)
        seen = int(found.times.groups[key].seen)
        rows.append({"key": list(key), "promises": forecast.promises((0.5, 0.8, 0.9, 0.95)), "seen": seen})
    return {"promised": rows}


def from_plain(told: Mapping[str, Any]) -> Forecasts:
    groups = {tuple(g["key"]): Group(np.array(g["hazard"]), np.array(g["parcels"]), g["seen"]) for g in told["groups"]}
    weekdays: dict[Hashable, Floats] = {int(day): np.array(row) for day, row in told["weekdays"].items()}
    months: dict[Hashable, Floats] = {int(m): np.full(HORIZON, ratio) for m, ratio in told.get("months", {}).items()}
    losses = {tuple(row["key"]): Loss(row["lost"], row["kept"]) for row in told["losses"]}
    return Forecasts(Transit(groups, [weekdays, months], told["drift"], told["strengths"]), losses)
