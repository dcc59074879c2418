"""What to order now, for many SKUs at many nodes at once, with every number that led to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ml.replenishment.demand import Demand, filled, measure
from ml.replenishment.leadtime import LeadTime
from ml.replenishment.level import Expected, expected
from ml.replenishment.lotsize import eoq, orderable
from ml.replenishment.policies import Policy, wanted
from ml.replenishment.reorder import for_cycle_service, for_fill_rate
from ml.replenishment.window import (
    Cover,
    Window,
    at_any_moment,
    even_points,
    from_history,
    from_sizes,
    until_goods_come,
)

Floats = NDArray[np.float64]

SAMPLES = 192
DAYS_A_YEAR = 365.25
HORIZON_DAYS = 91.0  # over which demand is expected, whatever the lead time, so that a longer one raises the point


class Service(StrEnum):
    fill = "fill"  # share of the units asked for that are there at once
    cycle = "cycle"  # share of the replenishments that come before the stock is gone


@dataclass(frozen=True)
class Asked:
    """n SKU-nodes. Arrays are of shape (n,) unless said; money is in one unit of your choice."""

    sold: Floats  # (n, buckets) units, oldest first; NaN before the SKU existed
    lead_times: Sequence[LeadTime]
    position: Floats  # units: on hand + on order + inbound − allocated − backordered
    on_hand: Floats  # units that can be sold today
    unit_cost: Floats  # money a unit
    service: Floats  # from 0.5 to below 1
    policy: NDArray[np.str_]  # values of `Policy`
    censored: NDArray[np.bool_] | None = None  # (n, buckets) a part of the bucket was without stock
    days_a_bucket: float = 1.0
    review_days: float = 1.0
    order_cost: float = 10.0  # money an order line
    holding_rate: float = 0.25  # share of the unit cost a year
    minimum: Floats | float = 1.0  # units
    pack: Floats | float = 1.0  # units
    measured_by: Service = Service.fill
    given_point: Floats | None = None  # units: the minimum of a person, NaN for none
    given_up_to: Floats | None = None  # units: the maximum of a person, NaN for none
    half_life_days: float = 365.0  # how fast the past stops mattering
    overtaking: NDArray[np.bool_] | bool = False  # a later order of the SKU may come before an earlier one


@dataclass(frozen=True)
class Plan:
    """The arithmetic of each suggestion, arrays of shape (n,). Units, days, and the money of the question."""

    demand: Demand
    daily: Floats  # units a day expected now
    lead_days: Floats  # mean lead time
    ahead: Floats  # mean demand in a lead time
    window: Window = field(repr=False)  # units asked for from an order to its goods
    safety: Floats  # reorder point less mean demand in a lead time
    point: Floats  # order at or below
    lot: Floats  # economic lot, not below the minimum
    up_to: Floats
    position: Floats
    suggested: NDArray[np.int64]  # 0, or at least the minimum and a whole number of packs
    days_left: Floats  # until what is on hand is gone at the expected rate; infinite without demand
    short: Floats  # units expected to be missing before goods ordered now are there
    at_risk: Floats  # the same in money, at unit cost
    given: NDArray[np.bool_]  # the reorder point is that of a person

    def why(self, i: int) -> str:
        """A sentence with the arithmetic of one suggestion."""
        head = f"Position {self.position[i]:.0f}"
        expected = f"{self.ahead[i]:.1f} expected until the goods are there"
        if self.given[i]:
            then = f"{head}, reorder point {self.point[i]:.0f} as somebody said, {expected}"
        else:
            then = f"{head}, reorder point {self.point[i]:.0f} = {expected} + {self.safety[i]:.1f} safety"
        if not self.suggested[i]:
            return f"{then}: nothing to order."
        return f"{then}: order {self.suggested[i]} to come to about {self.up_to[i]:.0f}."


def plan(asked: Asked) -> Plan:
    """The plan of all SKU-nodes. No loop over them: 10,000 with a year of days take seconds."""
    demand = measure(asked.sold, asked.censored)
    coming = expected(
        asked.sold, demand, asked.censored, horizon=HORIZON_DAYS / asked.days_a_bucket,
        season=DAYS_A_YEAR / asked.days_a_bucket,
    )  # fmt: skip
    level = coming.level
    daily = level / asked.days_a_bucket
    lot = np.maximum(
        eoq(daily * DAYS_A_YEAR, order_cost=asked.order_cost, holding_cost=asked.holding_rate * asked.unit_cost),
        asked.minimum,
    )
    lot = np.maximum(np.round(lot), 1.0)
    lead_days = np.array([lead.mean for lead in asked.lead_times])
    ahead = daily * lead_days
    points = even_points(SAMPLES)
    time = {"days_a_bucket": asked.days_a_bucket, "review_days": asked.review_days}
    window = _samples(asked, demand, coming, points, until_goods_come(asked.lead_times, points=points, **time))
    if asked.measured_by is Service.cycle:
        exact = for_cycle_service(window, asked.service)
    else:
        overtaking = np.broadcast_to(asked.overtaking, level.shape)
        cover = at_any_moment(asked.lead_times, points=points, lot=lot, level=level, overtaking=overtaking, **time)
        missing = _samples(asked, demand, coming, points, cover)
        exact = for_fill_rate(missing, asked.service, lot=lot, ahead=ahead)
    # In whole units, as stock is; rounding up keeps it above the mean.
    point = np.ceil(exact - 1e-9)
    given = np.zeros(level.shape, bool) if asked.given_point is None else ~np.isnan(asked.given_point)
    point = _or_given(asked.given_point, point)
    up_to = _or_given(asked.given_up_to, np.maximum(point + lot, point))
    # Whoever looks only every so often and always fills up covers the time to the next look as well.
    up_to = np.where(asked.policy == Policy.up_to, point + daily * asked.review_days, up_to)
    units = wanted(asked.policy, asked.position, point=point, up_to=up_to, lot=lot)
    suggested = orderable(np.ceil(units - 1e-9), minimum=asked.minimum, pack=asked.pack)
    with np.errstate(divide="ignore", invalid="ignore"):
        days_left = np.where(daily > 0, np.maximum(asked.on_hand, 0) / daily, np.inf)
    short = np.maximum(window.samples - np.maximum(asked.position, 0)[:, None], 0.0).mean(axis=1)
    return Plan(
        demand=demand, daily=daily, lead_days=lead_days, ahead=ahead, window=window,
        safety=point - ahead, point=point, lot=lot, up_to=up_to, position=asked.position, suggested=suggested,
        days_left=days_left, short=short, at_risk=short * asked.unit_cost, given=given,
    )  # fmt: skip


def _samples(asked: Asked, demand: Demand, coming: Expected, points: Floats, cover: Cover) -> Window:
    """Demand that comes seldom is kept apart."""
    samples, level = np.zeros(cover.buckets.shape), coming.level
    seldom = demand.seldom()
    often = ~seldom
    half_life = asked.half_life_days / asked.days_a_bucket
    if often.any():
        gapless, part = filled(asked.sold, asked.censored)[often], Cover(cover.buckets[often], cover.begun[often])
        one = from_history(
            gapless, part, level=level[often], width=coming.width[often], points=points, half_life=half_life
        )
        samples[often] = one.samples
    if seldom.any():
        counted = ~np.isnan(asked.sold) if asked.censored is None else ~np.isnan(asked.sold) & ~asked.censored
        part = Cover(cover.buckets[seldom], cover.begun[seldom])
        two = from_sizes(asked.sold[seldom], part, level=level[seldom], points=points, counted=counted[seldom])
        samples[seldom] = two.samples
    return Window(samples)


def _or_given(given: Floats | None, computed: Floats) -> Floats:
    return computed if given is None else np.where(np.isnan(given), computed, given)
