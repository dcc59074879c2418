"""What shops do today, order by order as they came: the nearest node, or the nodes in the order of their ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.routing.problem import Plan, Problem


def nearest(of: Problem) -> Plan:
    """From the node with the cheapest lane that has all of it; else split by the same greedy choice as `ranked`."""
    lanes = (of.lanes.fixed if of.lanes.steps is None else of.in_one)[:, : of.waiting]
    return _one_by_one(of, np.argsort(lanes, axis=1, kind="stable"))


def ranked(of: Problem, ranks: Sequence[int]) -> Plan:
    """From the first node by rank that has all of it; else the fewest nodes that a greedy choice finds.

    That is what routing without rules does (`agents/orders/routing.py`), but for units of a checkout.
    """
    by_rank = np.argsort(np.asarray(ranks), kind="stable")
    return _one_by_one(of, np.broadcast_to(by_rank, (of.orders, of.waiting)))


def _one_by_one(of: Problem, preference: NDArray[np.int64]) -> Plan:
    plan = np.zeros((len(of.lines.order), of.waiting + 1), np.int64)
    left, parcels = of.stock.units.copy(), np.zeros(of.waiting, np.int64)
    for order in range(of.orders):
        lines = slice(of.starts[order], of.starts[order + 1])
        skus, wanted = of.lines.sku[lines], of.lines.quantity[lines].copy()
        nodes = [int(j) for j in preference[order] if parcels[j] < of.nodes.capacity[j]]
        used: list[int] = []
        while wanted.any():
            reach = [np.minimum(wanted, left[skus, j]) * of.allowed[lines, j] for j in nodes]
            covered = [int(r.sum()) for r in reach]
            best = covered.index(max(covered)) if nodes else 0
            whole = bool(nodes) and covered[best] == wanted.sum()
            # The last source it may come from has to have all that is left, which only waiting always has.
            last = len(used) + 1 >= (1 if of.whole[order] else of.most)
            if not nodes or not covered[best] or (last and not whole):
                plan[lines, of.waiting] += wanted
                break
            node = nodes[best]
            plan[lines, node] += reach[best]
            left[skus, node] -= reach[best]  # an order has a SKU once
            wanted -= reach[best]
            parcels[node] += 1
            used.append(node)
            nodes.remove(node)
    return plan
