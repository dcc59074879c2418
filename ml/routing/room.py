"""What is left beside the orders that are planned, and every way in which one more can be served from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ml.routing.problem import Plan, Problem

Take = tuple[int, int, int]
"""(line, source, units)"""


@dataclass(frozen=True)
class Choice:
    """One way to serve an order, and what it adds to the cost of all."""

    order: int
    sources: tuple[int, ...]
    takes: tuple[Take, ...]
    lane: float  # parcels, with the units in them
    split: float
    late: float
    wait: float
    load: float
    last: float

    @property
    def cost(self) -> float:
        """Of the order alone, whatever others take."""
        return self.lane + self.split + self.late + self.wait

    @property
    def total(self) -> float:
        return self.cost + self.load + self.last


class Room:
    """Stock and parcels that are left. Choices are exact for one order, with all others left where they are."""

    def __init__(self, of: Problem, plan: Plan | None = None) -> None:
        self.of = of
        self._left: list[list[int]] = of.stock.units.tolist()
        self._parcels = [0] * of.waiting
        # Lists of plain numbers: arrays of three are slower than loops over them.
        self._sku: list[int] = of.lines.sku.tolist()
        self._quantity: list[int] = of.lines.quantity.tolist()
        self._starts, self._open = of.starts.tolist(), of.open.tolist()
        self._per_unit: list[list[float]] = of.per_unit.tolist()
        self._fixed: list[list[float]] = of.lanes.fixed.tolist()
        self._per_kg: list[list[float]] = of.lanes.per_kg.tolist()
        self._stepped = of.lanes.steps is not None
        self._wait: list[float] = of.wait.tolist()
        self._kg: list[float] = of.kg[of.lines.sku].tolist()
        self._in_one: list[list[float]] = of.in_one.tolist()
        self._last: list[list[list[float]]] = of.stock.last.tolist()
        self._depth: int = of.stock.last.shape[2]
        self._easy, self._capacity = of.nodes.easy.tolist(), of.nodes.capacity.tolist()
        self._overtime: list[float] = of.nodes.overtime.tolist()
        self._whole: list[bool] = of.whole.tolist()
        self._late: list[list[float]] = of.lanes.late.tolist()
        self._late_cost: list[float] = of.lanes.late_cost.tolist()
        if plan is not None:
            for order in range(of.orders):
                self.take(takes_of(of, plan, order))

    def take(self, takes: tuple[Take, ...], *, back: int = 1) -> None:
        """`back=-1` gives them back."""
        nodes = set()
        for line, source, units in takes:
            if source != self.of.waiting:
                self._left[self._sku[line]][source] -= back * units
                nodes.add(source)
        for node in nodes:
            self._parcels[node] += back

    def choices(self, order: int) -> list[Choice]:
        """The best for each set of sources, the cheapest first; the last sources in the order of sets among equals."""
        return sorted(self._each(order), key=lambda choice: choice.total)

    def cheapest(self, order: int) -> Choice:
        return min(self._each(order), key=lambda choice: choice.total)

    def costs(self, order: int, takes: tuple[Take, ...]) -> Choice:
        """Of serving an order so; what it takes must be there."""
        waiting, sources = self.of.waiting, tuple(sorted({source for _, source, _ in takes}))
        last, wait = 0.0, 0.0
        kg = dict.fromkeys(sources, 0.0)
        for line, source, units in takes:
            kg[source] += units * self._kg[line]
            if source == waiting:
                wait += units * self._wait[line]
            else:
                last += self._gone(self._sku[line], source, units)
        if len(sources) == 1:
            lane = self._in_one[order][sources[0]]
        elif self._stepped:
            lane = sum(self.of.parcel(order, j, weight) for j, weight in kg.items())
        else:
            lane = sum(self._fixed[order][j] + self._per_kg[order][j] * weight for j, weight in kg.items())
        kept = 1.0
        for j in sources:
            kept *= 1 - self._late[order][j]
        load = sum(self._overtime[j] for j in sources if j != waiting and self._parcels[j] >= self._easy[j])
        late = self._late_cost[order] * (1 - kept)
        split = self.of.split * (len(sources) - 1)
        return Choice(order, sources, takes, lane, split, late, wait, load, last)

    def _each(self, order: int) -> Iterator[Choice]:
        lines = range(self._starts[order], self._starts[order + 1])
        sources = [j for j in range(self.of.waiting + 1) if self._may_send(j) and any(self._there(n, j) for n in lines)]
        units = sum(self._quantity[n] for n in lines)
        most = 1 if self._whole[order] else min(self.of.most, units, len(sources))
        for size in range(1, most + 1):
            for chosen in combinations(sources, size):
                takes = self._filled(lines, chosen)
                if takes is not None and len({source for _, source, _ in takes}) == size:
                    yield self.costs(order, takes)

    def _may_send(self, source: int) -> bool:
        return source == self.of.waiting or self._parcels[source] < self._capacity[source]

    def _there(self, line: int, source: int) -> int:
        """Units that a line can have from a source."""
        if source == self.of.waiting:
            return self._quantity[line]
        return self._left[self._sku[line]][source] if self._open[line][source] else 0

    def _filled(self, lines: range, chosen: tuple[int, ...]) -> tuple[Take, ...] | None:
        """The cheapest units for each line from these sources, unless they have too few."""
        takes: list[Take] = []
        for line in lines:
            wanted = self._quantity[line]
            if len(chosen) == 1:
                if self._there(line, chosen[0]) < wanted:
                    return None
                takes.append((line, chosen[0], wanted))
                continue
            had = dict.fromkeys(chosen, 0)
            while wanted:
                more = [j for j in chosen if self._there(line, j) > had[j]]
                if not more:
                    return None
                # Prices rise with what is taken, so that the cheapest next unit is always right (by the lines that
                # steps are never below, where there are steps; the parcels are priced by their steps then).
                source = min(more, key=lambda j: self._per_unit[line][j] + self._next(line, j, had[j]))
                units = min(wanted, self._at_one_price(line, source, had[source]))
                had[source] += units
                wanted -= units
            takes += [(line, j, units) for j, units in had.items() if units]
        return tuple(takes)

    def _next(self, line: int, source: int, had: int) -> float:
        """What the next unit was worth at the node."""
        if source == self.of.waiting:
            return 0.0
        sku = self._sku[line]
        left = self._left[sku][source] - had - 1
        return self._last[sku][source][left] if left < self._depth else 0.0

    def _at_one_price(self, line: int, source: int, had: int) -> int:
        if source == self.of.waiting:
            return self._quantity[line]
        return max(self._there(line, source) - had - self._depth, 1)

    def _gone(self, sku: int, node: int, units: int) -> float:
        left = self._left[sku][node]
        if left - units >= self._depth:
            return 0.0
        return sum(self._last[sku][node][max(left - units, 0) : min(left, self._depth)])


def takes_of(of: Problem, plan: Plan, order: int) -> tuple[Take, ...]:
    first, end = int(of.starts[order]), int(of.starts[order + 1])
    rows, sources = np.nonzero(plan[first:end])
    return tuple((first + int(n), int(j), int(plan[first + n, j])) for n, j in zip(rows, sources, strict=True))


def put(plan: Plan, of: Problem, order: int, takes: tuple[Take, ...]) -> None:
    plan[of.starts[order] : of.starts[order + 1]] = 0
    for line, source, units in takes:
        plan[line, source] = units
