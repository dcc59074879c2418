"""How much at once: ordering against holding cost, and what a supplier takes off for more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lot:
    """`quantity` in units, `unit_price` and `cost` a year in money; `cost` is purchase, ordering and holding."""

    quantity: float
    unit_price: float
    cost: float


@dataclass(frozen=True)
class Break:
    """From so many units on, a unit costs so much."""

    from_quantity: float
    unit_price: float


def eoq(yearly_units: ArrayLike, *, order_cost: ArrayLike, holding_cost: ArrayLike) -> Floats:
    """Units an order at which ordering and holding together cost least (Harris 1913): √(2KD/h).

    `order_cost` in money an order, `holding_cost` in money a unit and year.
    """
    units = np.asarray(yearly_units, float)
    return np.asarray(np.sqrt(2 * np.asarray(order_cost, float) * units / np.asarray(holding_cost, float)))


def yearly_cost(
    quantity: ArrayLike, yearly_units: ArrayLike, *, order_cost: ArrayLike, holding_cost: ArrayLike
) -> Floats:
    """Money a year for ordering and for holding half a lot on average."""
    lot = np.asarray(quantity, float)
    orders = np.asarray(order_cost, float) * np.asarray(yearly_units, float) / lot
    return np.asarray(orders + np.asarray(holding_cost, float) * lot / 2)


def eoq_with_backorders(
    yearly_units: float, *, order_cost: float, holding_cost: float, backorder_cost: float
) -> tuple[float, float, float]:
    """(units an order, share of them that waits, money a year) if a customer's waiting costs money a unit and year.

    Zipkin, Foundations of Inventory Management, 3.3.
    """
    share = holding_cost / (holding_cost + backorder_cost)
    lot = math.sqrt(2 * order_cost * yearly_units / (holding_cost * (1 - share)))
    return lot, share, math.sqrt(2 * order_cost * yearly_units * holding_cost * (1 - share))


def all_units(yearly_units: float, breaks: Sequence[Break], *, order_cost: float, holding_rate: float) -> Lot:
    """The cheapest lot when every unit of an order has the price of its size (Nahmias, 4.7).

    `holding_rate` is the share of a unit's price that holding it for a year costs. `breaks` begins at 0 or 1 unit.
    """

    def lot(quantity: float, price: float) -> Lot:
        cost = price * yearly_units + order_cost * yearly_units / quantity + holding_rate * price * quantity / 2
        return Lot(quantity, price, cost)

    found = []
    for tier, after in _with_next(breaks):
        best = math.sqrt(2 * order_cost * yearly_units / (holding_rate * tier.unit_price))
        # Where the best lot has a lower price already, the next tier is cheaper than this one anywhere.
        if best < after:
            found.append(lot(max(best, tier.from_quantity), tier.unit_price))
    return min(found, key=lambda one: one.cost)


def incremental(yearly_units: float, breaks: Sequence[Break], *, order_cost: float, holding_rate: float) -> Lot:
    """The cheapest lot when only the units beyond a break have its price (Nahmias, 4.7). Units as in `all_units`.

    `unit_price` of the answer is the mean price of the lot.
    """
    found, paid_before = [], 0.0
    for tier, after in _with_next(breaks):
        # The lot costs fixed + price · quantity, so what is fixed acts like a higher cost of ordering.
        fixed = paid_before - tier.unit_price * tier.from_quantity
        best = math.sqrt(2 * (order_cost + fixed) * yearly_units / (holding_rate * tier.unit_price))
        if tier.from_quantity <= best < after:
            mean = tier.unit_price + fixed / best
            cost = mean * yearly_units + order_cost * yearly_units / best + holding_rate * mean * best / 2
            found.append(Lot(best, mean, cost))
        if math.isfinite(after):
            paid_before += tier.unit_price * (after - tier.from_quantity)
    return min(found, key=lambda one: one.cost)


def _with_next(breaks: Sequence[Break]) -> list[tuple[Break, float]]:
    tiers = sorted(breaks, key=lambda b: b.from_quantity)
    if not tiers or tiers[0].from_quantity > 1:
        raise ValueError("price breaks begin at 0 or 1 unit")
    return list(zip(tiers, [*(t.from_quantity for t in tiers[1:]), math.inf], strict=True))


def orderable(wanted: ArrayLike, *, minimum: ArrayLike = 1, pack: ArrayLike = 1) -> NDArray[np.int64]:
    """Units that can be ordered: 0 if none are wanted, or at least the minimum and a whole number of packs."""
    units = np.asarray(wanted, float)
    size = np.maximum(np.asarray(pack, float), 1)
    packs = np.ceil(np.maximum(units, np.asarray(minimum, float)) / size - 1e-9)
    return np.where(units > 0, packs * size, 0).astype(np.int64)
