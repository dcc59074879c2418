"""A window of orders and the sources their goods may come from, as arrays. Who reads it needs no solver.

A source is a node, or waiting, which is the last one: a unit that waits is sent later, when goods have come. Every unit
may wait, at a price, so that there is a plan for any window. Money is in one unit of your choice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HAIR = 1e-6  # kg, within which weights are equal: sums of what units weigh are not exact


@dataclass(frozen=True)
class Lines:
    """What was ordered, one row for each order and SKU; orders are numbered from 0 and come in rising order."""

    order: Ints
    sku: Ints
    quantity: Ints


@dataclass(frozen=True)
class Steps:
    """Prices of parcels that rise in steps, as those of rate cards do.

    `table` (orders, nodes + 1) is a row of `upto` and `price`, both (tables, steps): a parcel costs the first price
    whose `upto`, in kg, it does not exceed. Short rows are filled up with infinities.
    """

    table: Ints
    upto: Floats
    price: Floats

    def of(self, kg: Floats) -> Floats:
        """What parcels of so many kg cost on each lane, (orders, nodes + 1)."""
        step = (self.upto[self.table] + HAIR < kg[:, :, None]).sum(axis=2)
        return np.asarray(self.price[self.table, np.minimum(step, self.price.shape[1] - 1)])

    def floor(self, heaviest: Floats) -> tuple[Floats, Floats]:
        """`fixed` and `per_kg`, each (orders, nodes + 1), of lines below these steps up to the heaviest parcel of each
        order (orders,): they begin at the first step's price and rise no faster than the steps do."""
        upto = np.minimum(self.upto[self.table], heaviest[:, None, None])
        cheapest = np.minimum.accumulate(self.price[:, ::-1], axis=1)[:, ::-1]  # should a heavier parcel be cheaper
        price = cheapest[self.table]
        reached = np.concatenate([np.ones((*upto.shape[:2], 1), bool), upto[:, :, 1:] > upto[:, :, :-1]], axis=2)
        first, width = price[:, :, :1], upto - upto[:, :, :1]
        slope = np.where(reached & (width > 0), (price - first) / np.where(width > 0, width, 1.0), np.inf).min(axis=2)
        most = np.where(upto[:, :, 0] > 0, first[:, :, 0] / np.where(upto[:, :, 0] > 0, upto[:, :, 0], 1.0), 0.0)
        per_kg = np.clip(np.where(np.isfinite(slope), slope, 0.0), 0.0, most)
        return np.maximum(first[:, :, 0] - per_kg * upto[:, :, 0], 0.0), np.asarray(per_kg)


@dataclass(frozen=True)
class Lanes:
    """From each source to each order's address, (orders, nodes + 1). The last column is of what waits.

    A parcel costs `fixed + per_kg · kg`; where there are `steps` it costs what they say, and the line is one that they
    are never below. `late` is the chance that it misses what the customer was promised; what is late once costs
    `late_cost` (orders,), however many parcels are.
    """

    fixed: Floats
    per_kg: Floats
    late: Floats
    late_cost: Floats
    steps: Steps | None = None


@dataclass(frozen=True)
class Nodes:
    """Parcels that each node can send before its cut-off, (nodes,): up to `easy`, then for `overtime` a parcel more."""

    easy: Ints
    capacity: Ints
    overtime: Floats


@dataclass(frozen=True)
class Stock:
    """Of each SKU at each node: `units` (skus, nodes) that may be promised, and what the last of them are worth there.

    `last[s, j, k]` is lost when the unit is taken that leaves k behind; a unit is worth no less than one that is taken
    before it, so it never rises with k. `wait` (skus,) is the price of a unit that waits.
    """

    units: Ints
    last: Floats
    wait: Floats


@dataclass(frozen=True)
class Problem:
    """`allowed` (lines, nodes) are hard exclusions, a `whole` order (orders,) comes from one source, and no order
    from more than `most` sources. Each parcel of an order beyond the first costs `split`."""

    lines: Lines
    lanes: Lanes
    nodes: Nodes
    stock: Stock
    kg: Floats  # of a unit of each SKU
    allowed: Bools
    whole: Bools
    split: float
    most: int = 3
    urgent: Floats | None = None  # (lines,) what a unit of the line costs that waits, on top of its SKU's `wait`
    starts: Ints = field(init=False, repr=False)  # (orders + 1,) where an order's lines begin

    def __post_init__(self) -> None:
        _refuse(self)
        starts = np.searchsorted(self.lines.order, np.arange(self.orders + 1))
        object.__setattr__(self, "starts", starts.astype(np.int64))

    @property
    def orders(self) -> int:
        return len(self.whole)

    @property
    def waiting(self) -> int:
        """The source that is no node."""
        return len(self.nodes.easy)

    @cached_property
    def wait(self) -> Floats:
        """What a unit of each line costs that waits, (lines,)."""
        price = self.stock.wait[self.lines.sku]
        return price if self.urgent is None else price + self.urgent

    @cached_property
    def per_unit(self) -> Floats:
        """Money that a unit of each line adds from each source whatever else is sent, (lines, sources).

        With steps it is no more than that on average, and the parcel has to be priced as a whole.
        """
        kg = self.kg[self.lines.sku]
        cost = self.lanes.per_kg[self.lines.order] * kg[:, None]
        cost[:, self.waiting] += self.wait
        return np.asarray(cost)

    @cached_property
    def heaviest(self) -> Floats:
        """(orders,) kg of an order that comes in one parcel."""
        return np.bincount(self.lines.order, self.lines.quantity * self.kg[self.lines.sku], self.orders).astype(float)

    @cached_property
    def in_one(self) -> Floats:
        """(orders, sources) price of the order as one parcel."""
        return self.parcels(np.broadcast_to(self.heaviest[:, None], self.lanes.fixed.shape))

    def parcels(self, kg: Floats) -> Floats:
        """Prices of parcels of so many kg on each lane, (orders, sources)."""
        lanes = self.lanes
        return np.asarray(lanes.fixed + lanes.per_kg * kg if lanes.steps is None else lanes.steps.of(kg))

    def parcel(self, order: int, source: int, kg: float) -> float:
        """Price of one parcel."""
        if self.lanes.steps is None:
            return float(self.lanes.fixed[order, source] + self.lanes.per_kg[order, source] * kg)
        upto, price = self._stairs[self._tables[order][source]]
        return price[bisect_left(upto, kg - HAIR)]

    @cached_property
    def _stairs(self) -> list[tuple[list[float], list[float]]]:
        """Lists of plain numbers: one look-up in an array is slower than in a list."""
        steps = self.lanes.steps
        return [] if steps is None else list(zip(steps.upto.tolist(), steps.price.tolist(), strict=True))

    @cached_property
    def _tables(self) -> list[list[int]]:
        return [] if self.lanes.steps is None else self.lanes.steps.table.tolist()

    @cached_property
    def open(self) -> Bools:
        """(lines, sources) not excluded; waiting never is."""
        return np.concatenate([self.allowed, np.ones((len(self.allowed), 1), bool)], axis=1)

    @cached_property
    def reach(self) -> Ints:
        """(lines, sources) units that a line could have from a source if it were alone."""
        there = np.concatenate([self.stock.units[self.lines.sku], self.lines.quantity[:, None]], axis=1)
        return np.asarray(np.where(self.open, np.minimum(there, self.lines.quantity[:, None]), 0))

    def late_of(self, order: int, sources: Sequence[int]) -> float:
        """What it costs on average that one of these parcels may be late; they are late independently."""
        return float(self.lanes.late_cost[order] * (1 - np.prod(1 - self.lanes.late[order, list(sources)])))


Plan = Ints
"""(lines, sources) units of each line from each source."""


def _refuse(of: Problem) -> None:
    """Arrays that do not belong together would give a plan for another window."""
    orders, count, (skus, nodes) = len(of.whole), len(of.lines.order), of.stock.units.shape
    shapes = {
        "lines.sku": (of.lines.sku, (count,)), "lines.quantity": (of.lines.quantity, (count,)),
        "lanes.fixed": (of.lanes.fixed, (orders, nodes + 1)), "lanes.per_kg": (of.lanes.per_kg, (orders, nodes + 1)),
        "lanes.late": (of.lanes.late, (orders, nodes + 1)), "lanes.late_cost": (of.lanes.late_cost, (orders,)),
        "nodes.easy": (of.nodes.easy, (nodes,)), "nodes.capacity": (of.nodes.capacity, (nodes,)),
        "nodes.overtime": (of.nodes.overtime, (nodes,)), "stock.wait": (of.stock.wait, (skus,)),
        "stock.last": (of.stock.last[..., 0] if of.stock.last.shape[-1] else of.stock.units, (skus, nodes)),
        "kg": (of.kg, (skus,)), "allowed": (of.allowed, (count, nodes)),
    }  # fmt: skip
    for name, (array, shape) in shapes.items():
        if array.shape != shape:
            raise ValueError(f"{name} is of shape {array.shape}, not {shape}")
    keys = of.lines.order * skus + of.lines.sku
    if count and (np.diff(keys) <= 0).any():
        raise ValueError("lines come by order and SKU, each pair once")
    if len(np.unique(of.lines.order)) != orders:
        raise ValueError("every order has a line")
    if (of.lines.quantity < 1).any() or (of.stock.units < 0).any() or (of.nodes.easy > of.nodes.capacity).any():
        raise ValueError("quantities are positive, stock is not negative, and what is easy is within capacity")
    if (np.diff(of.stock.last, axis=2) > 0).any() or (of.stock.last < 0).any():
        raise ValueError("the last units are worth no less than those before them")
    if min(of.lanes.fixed.min(initial=0), of.per_unit.min(initial=0), of.nodes.overtime.min(initial=0), of.split) < 0:
        raise ValueError("nothing is cheaper than free")
    if of.most < 1:
        raise ValueError("an order comes from at least one source")
    if of.urgent is not None and (of.urgent.shape != (count,) or (of.urgent < 0).any()):
        raise ValueError("urgent is of each line, and not negative")
    if of.lanes.steps is not None:
        _refuse_steps(of, of.lanes.steps)


def _refuse_steps(of: Problem, steps: Steps) -> None:
    if steps.table.shape != of.lanes.fixed.shape or steps.upto.shape != steps.price.shape:
        raise ValueError("steps are of the lanes, a price for each")
    ends = np.minimum(steps.upto[steps.table], of.heaviest[:, None, None])
    price = steps.price[steps.table]
    if (ends.max(axis=2, initial=0) + HAIR < of.heaviest[:, None]).any() or not np.isfinite(of.in_one).all():
        raise ValueError("steps reach as far as the heaviest parcel of each order")
    line = of.lanes.fixed[:, :, None] + of.lanes.per_kg[:, :, None] * ends
    if (line > price + HAIR).any():
        raise ValueError("a parcel costs no less than its line")
