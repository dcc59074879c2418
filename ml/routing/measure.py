"""What a plan costs: one price for every plan, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.routing.problem import Floats, Ints, Plan, Problem


@dataclass(frozen=True)
class Cost:
    """Money by cause. `lane`, `split`, `late` and `wait` are of each order, `load` of each node, `last` of each SKU."""

    lane: Floats
    split: Floats
    late: Floats
    wait: Floats
    load: Floats
    last: Floats

    @property
    def total(self) -> float:
        parts = (self.lane, self.split, self.late, self.wait, self.load, self.last)
        return float(sum(part.sum() for part in parts))


def measure(of: Problem, plan: Plan) -> Cost:
    lines, lanes = of.lines, of.lanes
    used = sent(of, plan)
    kg = np.zeros(used.shape)
    np.add.at(kg, lines.order, plan * of.kg[lines.sku][:, None])
    wait = np.bincount(lines.order, plan[:, of.waiting] * of.wait, of.orders)
    parcels = used[:, : of.waiting].sum(axis=0)
    left = of.stock.units - taken(of, plan)
    return Cost(
        lane=np.where(used, of.parcels(kg), 0.0).sum(axis=1),
        split=of.split * (used.sum(axis=1) - 1),
        late=lanes.late_cost * (1 - np.prod(np.where(used, 1 - lanes.late, 1.0), axis=1)),
        wait=np.asarray(wait, float),
        load=of.nodes.overtime * np.maximum(parcels - of.nodes.easy, 0),
        last=_gone(of, left),
    )


def sent(of: Problem, plan: Plan) -> Ints:
    """(orders, sources) 1 where a parcel goes from the source to the order."""
    units = np.zeros((of.orders, of.waiting + 1), np.int64)
    np.add.at(units, of.lines.order, plan)
    return (units > 0).astype(np.int64)


def taken(of: Problem, plan: Plan) -> Ints:
    """(skus, nodes) units that a plan takes."""
    units = np.zeros(of.stock.units.shape, np.int64)
    np.add.at(units, of.lines.sku, plan[:, : of.waiting])
    return units


def _gone(of: Problem, left: Ints) -> Floats:
    """What the last units were worth that were there and are no more."""
    depth = np.arange(of.stock.last.shape[2])
    gone = (depth >= left[:, :, None]) & (depth < of.stock.units[:, :, None])
    return np.asarray((of.stock.last * gone).sum(axis=(1, 2)))
