"""In what order orders move: those that depend on each other's units together, givers before takers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from agents.planning.problem import Built
from ml.routing.problem import Ints, Plan

AT_ONCE = 20  # orders that are moved in one transaction: who places an order meanwhile waits for them


def moved_orders(of: Built, plan: Plan) -> list[int]:
    changed = np.unique(of.problem.lines.order[(plan != of.now).any(axis=1)])
    found: list[int] = changed.tolist()
    return found


def components(of: Built, plan: Plan) -> list[list[int]]:
    """Orders that move, grouped so that no group needs units that another gives up."""
    changes = _changes(of, plan)
    free = _free(of)
    parent = {order: order for order in changes}

    def root(order: int) -> int:
        while parent[order] != order:
            parent[order] = parent[parent[order]]
            order = parent[order]
        return order

    at_place: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for order, its in changes.items():
        for place, units in its.items():
            at_place[place].append((order, units))
    for place, those in at_place.items():
        if sum(units for _, units in those if units > 0) > free[place]:
            first = root(those[0][0])
            for order, _ in those[1:]:
                parent[root(order)] = first
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for order in sorted(changes):
        groups[root(order)].append(order)
    return sorted(groups.values())


class Slice(NamedTuple):
    """`whole`: what its orders give up nobody outside of it takes."""

    orders: list[int]
    whole: bool


def in_slices(of: Built, plan: Plan) -> list[Slice]:
    """Whole groups together as far as a transaction takes them; a larger one in steps that can each be done."""
    changes, free = _changes(of, plan), _free(of)
    slices: list[Slice] = []
    room: list[int] = []
    for group in components(of, plan):
        if len(group) <= AT_ONCE:
            if len(room) + len(group) > AT_ONCE:
                slices.append(Slice(room, True))
                room = []
            room = [*room, *group]
            _give_and_take(free, (changes[order] for order in group))
        else:
            slices.extend(Slice(step, False) for step in _steps(group, changes, free))
    return [*slices, Slice(room, True)] if room else slices


def _steps(group: list[int], changes: dict[int, dict[tuple[int, int], int]], free: Ints) -> Iterator[list[int]]:
    """Whoever finds all that it takes goes next; orders that wait for each other in a ring go in one step."""
    left, step = list(group), list[int]()
    while left:
        ready = next((o for o in left if all(units <= free[place] for place, units in changes[o].items())), None)
        if ready is None:
            if step:
                yield step
            _give_and_take(free, (changes[order] for order in left))
            yield left
            return
        left.remove(ready)
        _give_and_take(free, [changes[ready]])
        step.append(ready)
        if len(step) == AT_ONCE:
            yield step
            step = []
    if step:
        yield step


def _changes(of: Built, plan: Plan) -> dict[int, dict[tuple[int, int], int]]:
    """Of each order that moves: units that it takes (above zero) or gives up at each (sku, node)."""
    lines = of.problem.lines
    found: dict[int, dict[tuple[int, int], int]] = {order: {} for order in moved_orders(of, plan)}
    difference = (plan - of.now)[:, :-1]
    for line, node in np.argwhere(difference).tolist():
        place = (int(lines.sku[line]), node)
        its = found[int(lines.order[line])]
        its[place] = its.get(place, 0) + int(difference[line, node])
    return found


def _free(of: Built) -> Ints:
    """Units that no order of the window has, (skus, nodes)."""
    taken = np.zeros(of.problem.stock.units.shape, np.int64)
    np.add.at(taken, of.problem.lines.sku, of.now[:, :-1])
    return of.problem.stock.units - taken


def _give_and_take(free: Ints, all_changes: Iterable[dict[tuple[int, int], int]]) -> None:
    for its in all_changes:
        for place, units in its.items():
            free[place] -= units
