"""The window as a choice among known ways: at most one for each order, with few units and parcels for all of them.

Whoever has none waits, so that it is solved from doing nothing, for what each way saves against waiting: ten times as
fast as with a way that waits and exactly one way for each order.

A set-partitioning program (Dantzig and Wolfe 1960; Barnhart et al. 1998, Operations Research 46, for the ways that are
found as they are needed). Solved as a linear program it gives prices; with whole numbers, a plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from ml.routing.pricing import Prices, Way, wait
from ml.routing.problem import Floats, Problem


@dataclass(frozen=True)
class Solved:
    """`share` of each way (ways,); `order` is what serving each costs at the prices (orders,)."""

    share: Floats
    order: Floats
    prices: Prices
    cost: float


class Master:
    """Ways are added as they are found; a way is never taken out."""

    def __init__(self, of: Problem) -> None:
        self.of = of
        self.waits = [wait(of, order) for order in range(of.orders)]
        self.ways: list[Way] = []
        self._known: set[tuple[tuple[int, int, int], ...]] = set()
        self._lp = pywraplp.Solver.CreateSolver("GLOP")
        # Without what it would do to simplify the program first, it goes on from where the last one ended.
        self._lp.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self._shares: list[pywraplp.Variable] = []
        self._aim = self._lp.Objective()
        self._orders = [self._lp.Constraint(-self._lp.infinity(), 1.0) for _ in range(of.orders)]
        self._parcels = [self._parcel_row(node) for node in range(of.waiting)]
        self._places = self._place_rows()
        self._sku = of.lines.sku.tolist()

    def add(self, ways: Sequence[Way]) -> int:
        """How many of them were new."""
        before = len(self.ways)
        for way in ways:
            if way.takes in self._known or way.takes == self.waits[way.order].takes:
                continue
            self._known.add(way.takes)
            self.ways.append(way)
            share = self._lp.NumVar(0.0, self._lp.infinity(), "")
            self._shares.append(share)
            self._aim.SetCoefficient(share, way.cost - self.waits[way.order].cost)
            self._orders[way.order].SetCoefficient(share, 1.0)
            for line, source, units in way.takes:
                row = self._places.get((self._sku[line], source))
                if row is not None:
                    row.SetCoefficient(share, float(units))
            for source in {source for _, source, _ in way.takes} - {self.of.waiting}:
                self._parcels[source].SetCoefficient(share, 1.0)
        return len(self.ways) - before

    def solve(self) -> Solved:
        if self._lp.Solve() != pywraplp.Solver.OPTIMAL:
            raise ArithmeticError("the linear program of a window has no optimum, though every order may wait")
        unit = np.zeros(self.of.stock.units.shape)
        for place, row in self._places.items():
            unit[place] = max(-row.dual_value(), 0.0)
        waits = np.array([way.cost for way in self.waits])
        parcel = np.array([max(-row.dual_value(), 0.0) for row in self._parcels])
        return Solved(
            share=np.array([share.solution_value() for share in self._shares]),
            order=waits + np.array([row.dual_value() for row in self._orders]),
            prices=Prices(unit, parcel),
            cost=self._aim.Value() + float(waits.sum()),
        )

    def _parcel_row(self, node: int) -> pywraplp.Constraint:
        nodes = self.of.nodes
        row = self._lp.Constraint(-self._lp.infinity(), float(nodes.easy[node]))
        more = self._lp.NumVar(0.0, float(nodes.capacity[node] - nodes.easy[node]), "")
        row.SetCoefficient(more, -1.0)
        self._aim.SetCoefficient(more, float(nodes.overtime[node]))
        return row

    def _place_rows(self) -> dict[tuple[int, int], pywraplp.Constraint]:
        """Of places where more may be asked for than is there for nothing; the others never tie orders together."""
        of, rows = self.of, {}
        asked = np.zeros(of.stock.units.shape, np.int64)
        np.add.at(asked, of.lines.sku, of.reach[:, : of.waiting])
        worth = (of.stock.last > 0).sum(axis=2)
        free = np.maximum(of.stock.units - worth, 0)
        for sku, node in np.argwhere(asked > free).tolist():
            row = rows[sku, node] = self._lp.Constraint(-self._lp.infinity(), float(free[sku, node]))
            for left in range(min(int(worth[sku, node]), int(of.stock.units[sku, node]))):
                one = self._lp.NumVar(0.0, 1.0, "")
                row.SetCoefficient(one, -1.0)
                self._aim.SetCoefficient(one, float(of.stock.last[sku, node, left]))
        return rows
