"""Windows one after the other: each is planned with what those before it have left, and knows nothing of later ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ml.routing.measure import sent, taken
from ml.routing.problem import Ints, Lanes, Lines, Nodes, Plan, Problem, Stock
from ml.routing.room import Room, put


def in_windows(of: Problem, size: int, solve: Callable[[Problem], Plan]) -> Plan:
    plan = np.zeros((len(of.lines.order), of.waiting + 1), np.int64)
    for first in range(0, of.orders, size):
        orders = np.arange(first, min(first + size, of.orders))
        plan[of.starts[first] : of.starts[orders[-1] + 1]] = solve(part(of, orders, plan))
    return plan


def one_by_one(of: Problem) -> Plan:
    """Each order where it is cheapest at its moment: exact for the order, blind for those after it."""
    plan, room = np.zeros((len(of.lines.order), of.waiting + 1), np.int64), Room(of)
    for order in range(of.orders):
        choice = room.cheapest(order)
        room.take(choice.takes)
        put(plan, of, order, choice.takes)
    return plan


def part(of: Problem, orders: Ints, plan: Plan) -> Problem:
    """These orders alone, rising, with the stock and the parcels that a plan of others leaves."""
    rows = np.flatnonzero(np.isin(of.lines.order, orders))
    skus, sku = np.unique(of.lines.sku[rows], return_inverse=True)
    parcels = sent(of, plan)[:, : of.waiting].sum(axis=0)
    lanes, nodes, stock = of.lanes, of.nodes, of.stock
    return Problem(
        lines=Lines(np.searchsorted(orders, of.lines.order[rows]), sku.astype(np.int64), of.lines.quantity[rows]),
        lanes=Lanes(
            lanes.fixed[orders],
            lanes.per_kg[orders],
            lanes.late[orders],
            lanes.late_cost[orders],
            None if lanes.steps is None else replace(lanes.steps, table=lanes.steps.table[orders]),
        ),
        nodes=Nodes(np.maximum(nodes.easy - parcels, 0), np.maximum(nodes.capacity - parcels, 0), nodes.overtime),
        stock=Stock((stock.units - taken(of, plan))[skus], stock.last[skus], stock.wait[skus]),
        kg=of.kg[skus],
        allowed=of.allowed[rows],
        whole=of.whole[orders],
        split=of.split,
        most=of.most,
        urgent=None if of.urgent is None else of.urgent[rows],
    )
