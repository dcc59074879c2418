"""The plan of a window that costs least, and a bound that says how far it is from the best there can be.

1. The order-by-order plans of `rivals`; the cheapest of them is the one to beat.
2. Ways to serve each order are chosen by a linear program (`master`), and further ways found at its prices (`pricing`)
   until none is cheaper; then its value is a bound on every plan.
3. Of its shares one way is made for each order, and the orders that suffer most by it are settled anew with others that
   ask for the same goods (`whole`).

The answer is the cheaper of that and of 1 with every order where it is cheapest, so it is never dearer than the plans
it began with. Nothing in it depends on a clock or on chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.routing.checker import check
from ml.routing.master import Master, Solved
from ml.routing.measure import measure
from ml.routing.pricing import Prices, bound, cheapest, from_one_source, way_of
from ml.routing.problem import Plan, Problem
from ml.routing.rivals import nearest
from ml.routing.room import takes_of
from ml.routing.whole import improved, whole

ROUNDS = 25  # of finding further ways
CLOSE = 1e-5  # of the bound: nearer than that no further way is looked for
_MOVED = 1e-9  # money, below which a move is no gain


@dataclass(frozen=True)
class Optimised:
    plan: Plan
    cost: float
    bound: float
    prices: Prices  # of units and parcels, what one more of each would save
    rounds: int
    undecided: int  # orders that the linear program left between two ways

    @property
    def gap(self) -> float:
        """Share of the cost by which a better plan could be cheaper at most."""
        return max(self.cost - self.bound, 0.0) / self.cost if self.cost > 0 else 0.0


def optimise(of: Problem, rivals: Sequence[Plan] = ()) -> Optimised:
    """`rivals` are plans that it must not be dearer than; that of the nearest node is always among them.

    Raises:
        ValueError: a plan, of a rival or its own, cannot be done.
    """
    started = [nearest(of), *rivals]
    for plan in started:
        _refuse(of, plan)
    best = min(started, key=lambda plan: measure(of, plan).total)
    master = Master(of)
    master.add(from_one_source(of))
    for plan in started:
        master.add([way_of(of, order, takes_of(of, plan, order)) for order in range(of.orders)])
    solved, least, prices, rounds = _relaxed(of, master)
    plan, undecided = whole(of, master, solved)
    if measure(of, plan).total > measure(of, best).total:
        plan = improved(of, best)
    _refuse(of, plan)
    cost = measure(of, plan).total
    return Optimised(plan, cost, min(least, cost), prices, rounds, undecided)  # a sum may be a hair off another's


def _relaxed(of: Problem, master: Master) -> tuple[Solved, float, Prices, int]:
    """The linear program over all ways, the best bound that its prices gave, and those prices."""
    least, at, rounds = -np.inf, Prices(np.zeros(of.stock.units.shape), np.zeros(of.waiting)), 0
    while True:
        rounds += 1
        solved = master.solve()
        found = cheapest(of, solved.prices)
        below = bound(of, solved.prices, found.cost)
        if below > least:
            least, at = below, solved.prices
        better = np.flatnonzero(found.cost < solved.order - _MOVED).tolist()
        new = master.add([way_of(of, order, takes_of(of, found.plan, order)) for order in better])
        if not new or rounds == ROUNDS or solved.cost - least <= CLOSE * abs(least):
            return solved, least, at, rounds


def _refuse(of: Problem, plan: Plan) -> None:
    wrong = check(of, plan)
    if wrong:
        raise ValueError(f"a plan cannot be done: {'; '.join(wrong[:3])}")
