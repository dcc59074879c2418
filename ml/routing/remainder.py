"""The few orders that a linear program leaves between two ways, settled together by constraint programming."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ortools.sat.python import cp_model

from ml.routing.measure import sent, taken
from ml.routing.pricing import Way
from ml.routing.problem import Plan, Problem

_PARTS = 1000.0  # of the unit of money: the solver knows whole numbers


def settle(
    of: Problem, plan: Plan, ways: Mapping[int, Sequence[Way]], now: Mapping[int, Way], work: float
) -> list[Way]:
    """A way for each of these orders, together no dearer than `now`, which are among them. `plan` is of the others.

    `work` is in the solver's own units, some seconds each, so that an answer does not depend on the machine.
    """
    model = cp_model.CpModel()
    chosen: dict[int, list[cp_model.IntVar]] = {}
    units: defaultdict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
    parcels: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    cost: list[cp_model.LinearExprT] = []
    for order, its in ways.items():
        chosen[order] = [model.new_bool_var("") for _ in its]
        model.add_exactly_one(chosen[order])
        for way, yes in zip(its, chosen[order], strict=True):
            cost.append(round(way.cost * _PARTS) * yes)
            model.add_hint(yes, way.takes == now[order].takes)
            for line, source, count in way.takes:
                if source != of.waiting:
                    units[int(of.lines.sku[line]), source].append((count, yes))
            for source in {source for _, source, _ in way.takes} - {of.waiting}:
                parcels[source].append(yes)
    cost += _units_are_few(model, of, plan, units)
    cost += _parcels_are_few(model, of, plan, parcels)
    model.minimize(cp_model.LinearExpr.sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2  # twice as near to the bound in a third of the time, on real orders
    solver.parameters.max_deterministic_time = work
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return list(now.values())
    return [
        way for order, its in ways.items() for way, yes in zip(its, chosen[order], strict=True) if solver.value(yes)
    ]


def _units_are_few(
    model: cp_model.CpModel, of: Problem, plan: Plan, units: Mapping[tuple[int, int], list[tuple[int, cp_model.IntVar]]]
) -> list[cp_model.LinearExprT]:
    """What their last units cost, one by one: dearer ones are never taken first, because cheaper ones are there."""
    left = of.stock.units - taken(of, plan)
    cost: list[cp_model.LinearExprT] = []
    for (sku, node), asked in units.items():
        here, worth = int(left[sku, node]), of.stock.last[sku, node]
        dear = [price for price in worth[:here].tolist() if price > 0]
        last = [model.new_bool_var("") for _ in dear]
        wanted = cp_model.LinearExpr.weighted_sum([yes for _, yes in asked], [count for count, _ in asked])
        model.add(wanted <= here - len(dear) + cp_model.LinearExpr.sum(last))
        cost += [round(price * _PARTS) * one for price, one in zip(dear, last, strict=True)]
    return cost


def _parcels_are_few(
    model: cp_model.CpModel, of: Problem, plan: Plan, parcels: Mapping[int, list[cp_model.IntVar]]
) -> list[cp_model.LinearExprT]:
    planned = sent(of, plan).sum(axis=0)
    cost: list[cp_model.LinearExprT] = []
    for node, asked in parcels.items():
        easy = max(int(of.nodes.easy[node] - planned[node]), 0)
        room = int(of.nodes.capacity[node] - planned[node])
        more = model.new_int_var(0, max(room - easy, 0), "")
        model.add(cp_model.LinearExpr.sum(asked) <= min(easy, room) + more)
        cost.append(round(float(of.nodes.overtime[node]) * _PARTS) * more)
    return cost
