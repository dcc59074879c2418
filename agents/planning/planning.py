"""The plan of a window and what may be said of it. Pure: the same window has the same plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.planning.problem import Built
from agents.planning.slices import components, in_slices
from db.money import format_money
from ml.routing.checker import check
from ml.routing.compare import CAUSES, compare
from ml.routing.measure import Cost, measure, sent
from ml.routing.optimise import optimise
from ml.routing.problem import Plan
from ml.routing.room import Choice, Room
from ml.routing.whole import improved

OWN = ("lane", "split", "late", "wait")
"""Causes of cost that belong to one order; load and last units are shared."""

Moved = list[list[Any]]
"""[[sku, from node, to node, units, waits now, waits then], …]"""


@dataclass(frozen=True)
class MoveRow:
    """One order that moves, as it is kept and shown."""

    row_no: int
    slice_no: int
    whole: bool
    order: int
    units: int
    cost_now: int
    cost_planned: int
    moves: Moved
    why: str
    next_best: str | None
    next_dearer: int | None


@dataclass(frozen=True)
class Planned:
    """Amounts in minor units, rounded so that bound ≤ planned ≤ now still holds."""

    cost_now: int
    cost_planned: int
    bound: int
    figures: dict[str, Any]
    rows: list[MoveRow]
    plan: Plan


def make(of: Built, *, currency: str, least_gain: int, told: Callable[[str], None] = lambda _stage: None) -> Planned:
    """Raises ValueError: the checker objects to what came out, and then there is no plan."""
    problem, now = of.problem, of.now
    told("looking for the cheapest plan")
    found = optimise(problem, [now])
    plan = found.plan
    if makes_wait(of, plan):
        plan = improved(problem, now)
    told("leaving alone what gains too little")
    plan = _worth_moving(of, plan, least_gain)
    before, after = measure(problem, now), measure(problem, plan)
    if after.total > before.total:
        plan, after = now, before
    if wrong := [*check(problem, plan), *makes_wait(of, plan)]:
        raise ValueError(f"the plan cannot be done: {'; '.join(wrong[:3])}")
    told("saying why")
    rows = _rows(of, plan, before, after, currency)
    cost_now, cost_planned = round(before.total), round(after.total)
    return Planned(
        cost_now=cost_now,
        cost_planned=cost_planned,
        bound=min(int(found.bound), cost_planned),
        figures={"now": _figures(of, now, before), "planned": _figures(of, plan, after)},
        rows=rows,
        plan=plan,
    )


def makes_wait(of: Built, plan: Plan) -> list[str]:
    """Lines that have units now and would wait; there must be none."""
    worse = np.flatnonzero(plan[:, -1] > of.now[:, -1]).tolist()
    return [f"line {line} would wait and does not now" for line in worse]


def _worth_moving(of: Built, plan: Plan, least_gain: int) -> Plan:
    """Without the orders, taken together with those they take units from, that gain less than so much an order."""
    problem, kept = of.problem, plan.copy()
    before, after = (_own(measure(problem, p)) for p in (of.now, plan))
    gain = before - after
    for group in components(of, plan):
        if gain[group].sum() < least_gain * len(group):
            for order in group:
                lines = slice(problem.starts[order], problem.starts[order + 1])
                kept[lines] = of.now[lines]
    # Parcels that a node can send tie groups together: should leaving some alone break that, all of the plan stands.
    return plan if check(problem, kept) else kept


def _own(cost: Cost) -> Any:
    return sum(getattr(cost, name) for name in OWN)


def _figures(of: Built, plan: Plan, cost: Cost) -> dict[str, Any]:
    problem = of.problem
    used = sent(problem, plan)
    late = 1 - np.prod(np.where(used > 0, 1 - problem.lanes.late, 1.0), axis=1)
    return {
        "by_cause": {name: round(float(getattr(cost, name).sum())) for name in CAUSES},
        "parcels": int(used.sum()),
        "split": int((used.sum(axis=1) > 1).sum()),
        "late": round(float(late.sum()), 1),
        "waiting": int(plan[:, -1].sum()),
        "by_node": {node: int(used[:, j].sum()) for j, node in enumerate(of.nodes)},
    }


def _rows(of: Built, plan: Plan, before: Cost, after: Cost, currency: str) -> list[MoveRow]:
    problem = of.problem
    room = Room(problem, plan)
    own_before, own_after = _own(before), _own(after)
    found = []
    row_no = 0
    for slice_no, together in enumerate(in_slices(of, plan), 1):
        for order in together.orders:
            row_no += 1
            moves = moves_of(of, plan, order)
            best = compare(problem, plan, order, room=room)
            found.append(
                MoveRow(
                    row_no=row_no,
                    slice_no=slice_no,
                    whole=together.whole,
                    order=order,
                    units=sum(m[3] for m in moves),
                    cost_now=round(float(own_before[order])),
                    cost_planned=round(float(own_after[order])),
                    moves=moves,
                    why=_why(order, before, after, currency),
                    next_best=_next(of, best.chosen, best.next_best, currency),
                    next_dearer=None if best.dearer is None else round(best.dearer),
                )
            )
    return found


def moves_of(of: Built, plan: Plan, order: int) -> Moved:
    """Units that leave and where they go, paired in the order of nodes. Where something waits is told from the rows."""
    problem, nodes = of.problem, of.nodes
    waits_at = {u.sku: u.node for u in of.orders[order].units if u.waits}
    found: Moved = []
    for line in range(int(problem.starts[order]), int(problem.starts[order + 1])):
        sku = of.skus[int(problem.lines.sku[line])]
        change = (plan[line] - of.now[line]).tolist()
        gone = [[j, -units] for j, units in enumerate(change) if units < 0]
        come = [[j, units] for j, units in enumerate(change) if units > 0]
        while gone and come:
            (a, out), (b, into) = gone[0], come[0]
            units = min(out, into)
            waits = a == problem.waiting
            found.append([sku, waits_at[sku] if waits else nodes[a], nodes[b], units, waits, False])
            gone[0][1] -= units
            come[0][1] -= units
            gone, come = ([one for one in side if one[1]] for side in (gone, come))
    return found


def _why(order: int, before: Cost, after: Cost, currency: str) -> str:
    by_cause = {name: float(getattr(after, name)[order] - getattr(before, name)[order]) for name in OWN}
    parts = _parts(by_cause, currency)
    saved = -sum(by_cause.values())
    if saved > 0:
        return f"saves {format_money(round(saved), currency)}: {parts}"
    if saved < 0:
        return f"costs {format_money(round(-saved), currency)} more and leaves units for others that save more: {parts}"
    return f"costs the same and leaves units for others: {parts}" if parts else "leaves units for others"


def _parts(by_cause: dict[str, float], currency: str) -> str:
    told = [
        f"{CAUSES[name]} {'+' if money > 0 else '−'}{format_money(abs(round(money)), currency)}"
        for name, money in by_cause.items()
        if round(money)
    ]
    return ", ".join(told)


def _next(of: Built, chosen: Choice, other: Choice | None, currency: str) -> str | None:
    if other is None:
        return None
    names = [*of.nodes, "waiting"]
    differences = {name: getattr(other, name) - getattr(chosen, name) for name in CAUSES}
    dearer = round(other.total - chosen.total)
    where = " and ".join(names[source] for source in other.sources)
    parts = _parts(differences, currency)
    money = format_money(abs(dearer), currency)
    head = f"next best from {where}: {money} {'more' if dearer >= 0 else 'less'}"
    return f"{head} ({parts})" if parts else head


def nodes_of(moves: Sequence[Sequence[Any]], at: int) -> list[str]:
    return sorted({str(m[at]) for m in moves})


def units_of(moves: Sequence[Sequence[Any]]) -> Counter[str]:
    units: Counter[str] = Counter()
    for sku, _, _, quantity, *_ in moves:
        units[sku] += quantity
    return units
