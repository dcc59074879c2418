"""For prices on units and parcels: the cheapest way to serve each order, and so a bound that no plan can go below.

Lagrangian relaxation (Geoffrion 1974): what ties orders together, that units and parcels are few, is paid for instead
of obeyed. Orders then fall apart, and within a set of sources so do lines; both are solved exactly, so the bound is one
whatever the prices are, and the best that prices can give is that of the linear program over all ways (Dantzig and
Wolfe 1960). Where parcels have steps, parcels from several sources are priced by the lines below them, so that it stays
a bound.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ml.routing.problem import Floats, Ints, Plan, Problem
from ml.routing.room import Take


@dataclass(frozen=True)
class Prices:
    """Money for a unit at a place (skus, nodes) and a parcel of a node (nodes,); never below 0."""

    unit: Floats
    parcel: Floats


@dataclass(frozen=True)
class Way:
    """One way to serve an order. `cost` is of the order alone: lanes, split, lateness and waiting."""

    order: int
    takes: tuple[Take, ...]
    cost: float


@dataclass(frozen=True)
class Cheapest:
    """Of each order at these prices what its cheapest way costs with them (orders,), and that way."""

    cost: Floats
    plan: Plan


def cheapest(of: Problem, prices: Prices) -> Cheapest:
    lines, orders = of.lines, np.arange(of.orders)
    unit = of.per_unit.copy()
    unit[:, : of.waiting] += prices.unit[lines.sku]
    parcel = of.lanes.fixed + np.append(prices.parcel, 0.0)
    # A parcel that holds the whole order is priced exactly; several together by lines that are never above their steps.
    rise = of.in_one - (of.lanes.fixed + of.lanes.per_kg * of.heaviest[:, None])
    asked = np.bincount(lines.order, lines.quantity, of.orders)
    best, plan = np.full(of.orders, np.inf), np.zeros(unit.shape, np.int64)
    for size in range(1, of.most + 1):
        some = orders[(asked >= size) & (~of.whole if size > 1 else True)]
        rows = np.flatnonzero(np.isin(lines.order, some))
        if not len(rows):
            break
        for chosen in map(np.array, combinations(range(of.waiting + 1), size)):
            took, filled = _filled(of, rows, unit, chosen)
            total = np.bincount(lines.order[rows], filled, of.orders)[some]
            total += parcel[np.ix_(some, chosen)].sum(axis=1) + of.split * (size - 1)
            if size == 1:
                total += rise[some, chosen[0]]
            total += of.lanes.late_cost[some] * (1 - np.prod(1 - of.lanes.late[np.ix_(some, chosen)], axis=1))
            better = total < best[some]
            best[some[better]] = total[better]
            mine = np.isin(lines.order[rows], some[better])
            plan[rows[mine]] = 0
            plan[np.ix_(rows[mine], chosen)] = took[mine]
    return Cheapest(best, plan)


def _filled(of: Problem, rows: Ints, unit: Floats, chosen: Ints) -> tuple[Ints, Floats]:
    """Units of each line from each source, the cheapest first, and their cost; infinite where they are too few."""
    price, reach, left = unit[np.ix_(rows, chosen)], of.reach[np.ix_(rows, chosen)], of.lines.quantity[rows].copy()
    took, cost, row = np.zeros(reach.shape, np.int64), np.zeros(len(rows)), np.arange(len(rows))
    for rank in np.argsort(price, axis=1, kind="stable").T:
        some = np.minimum(left, reach[row, rank])
        took[row, rank] = some
        cost += some * price[row, rank]
        left -= some
    cost[left > 0] = np.inf
    return took, cost


def bound(of: Problem, prices: Prices, at_them: Floats) -> float:
    """No plan costs less. `at_them` is what the cheapest way of each order costs at these prices (orders,)."""
    units, last = of.stock.units, of.stock.last
    depth = np.arange(last.shape[2])
    there = depth < units[:, :, None]
    # What the prices earn at a place is a unit's price less its worth, for as many units as that pays.
    free = np.maximum(units - last.shape[2], 0)
    earned = (prices.unit * free).sum() + (np.maximum(prices.unit[:, :, None] - last, 0.0) * there).sum()
    nodes = of.nodes
    earned += (prices.parcel * nodes.easy).sum()
    earned += (np.maximum(prices.parcel - nodes.overtime, 0.0) * (nodes.capacity - nodes.easy)).sum()
    return float(at_them.sum() - earned)


def way_of(of: Problem, order: int, takes: tuple[Take, ...]) -> Way:
    kg: defaultdict[int, float] = defaultdict(float)
    cost = 0.0
    for line, source, units in takes:
        kg[source] += units * float(of.kg[of.lines.sku[line]])
        cost += units * float(of.wait[line]) if source == of.waiting else 0.0
    cost += sum(of.parcel(order, source, weight) for source, weight in kg.items())
    cost += of.split * (len(kg) - 1) + of.late_of(order, sorted(kg))
    return Way(order, takes, cost)


def wait(of: Problem, order: int) -> Way:
    lines = range(int(of.starts[order]), int(of.starts[order + 1]))
    return way_of(of, order, tuple((line, of.waiting, int(of.lines.quantity[line])) for line in lines))


def from_one_source(of: Problem) -> list[Way]:
    """Every way to serve an order from one node."""
    asked = np.bincount(of.lines.order, of.lines.quantity, of.orders)
    found = []
    for node in range(of.waiting):
        there = np.bincount(of.lines.order, of.reach[:, node], of.orders)
        for order in np.flatnonzero(there == asked).tolist():
            lines = range(int(of.starts[order]), int(of.starts[order + 1]))
            found.append(way_of(of, order, tuple((line, node, int(of.lines.quantity[line])) for line in lines)))
    return found
