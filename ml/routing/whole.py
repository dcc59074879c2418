"""From the shares of a linear program to one way for each order.

1. Orders that it gives one way keep it; those between two are settled together (`remainder`), then each order moves
   to where it is cheapest beside all others.
2. The linear program says what serving each order costs at its prices. Those that ended farthest above that, because
   what they wanted went to others, are settled anew with orders that ask for the same goods; again and again, while it
   gains. A large neighbourhood search (Shaw 1998) whose neighbourhoods are chosen by regret.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ml.routing.master import Master, Solved
from ml.routing.measure import measure
from ml.routing.pricing import Prices, Way, way_of
from ml.routing.problem import Floats, Ints, Plan, Problem
from ml.routing.remainder import settle
from ml.routing.room import Room, put, takes_of

PASSES = 10
AT_ONCE = 200  # orders that are settled together at most
FIRST_WORK, WORK = 1.0, 0.5  # of the solver's own units, for those between two ways, and for each neighbourhood
WORST = 8  # orders with the greatest regret that a neighbourhood is drawn around
BESIDE = 200  # others in it
ROUNDS = 8
GAIN = 2e-4  # of the cost, less than which twice in a row is the end
_WHOLE = 1 - 1e-6
_MOVED = 1e-9  # money, below which a move is no gain


def whole(of: Problem, master: Master, solved: Solved) -> tuple[Plan, int]:
    """A plan, and how many orders the linear program left between two ways."""
    picked, undecided = _decided(of, master, solved)
    plan = np.zeros((len(of.lines.order), of.waiting + 1), np.int64)
    for way in picked:
        put(plan, of, way.order, way.takes)
    ways = _by_order(master)
    for first in range(0, len(undecided), AT_ONCE):
        plan = _anew(of, plan, ways, undecided[first : first + AT_ONCE].tolist(), FIRST_WORK)
    plan = improved(of, plan)
    cost, idle = measure(of, plan).total, 0
    for turn in range(ROUNDS):
        some = _regretted(of, plan, solved, turn)
        if not some or idle == 2:
            break
        plan = _anew(of, plan, ways, some, WORK)
        before, cost = cost, measure(of, plan).total
        idle = idle + 1 if before - cost < GAIN * cost else 0
    return improved(of, plan), len(undecided)


def improved(of: Problem, plan: Plan) -> Plan:
    """Order by order to where it is cheapest beside all others, until nothing moves."""
    plan = plan.copy()
    room = Room(of, plan)
    takes = [takes_of(of, plan, order) for order in range(of.orders)]
    for _ in range(PASSES):
        moved = False
        for order, now in enumerate(takes):
            room.take(now, back=-1)
            choice = room.cheapest(order)
            if choice.takes != now and choice.total < room.costs(order, now).total - _MOVED:
                takes[order], moved = choice.takes, True
                put(plan, of, order, choice.takes)
            room.take(takes[order])
        if not moved:
            break
    return plan


def _decided(of: Problem, master: Master, solved: Solved) -> tuple[list[Way], Ints]:
    """A way for each order, waiting for those that have none whole, and those that are between two."""
    most, waits, picked = np.zeros(of.orders), np.ones(of.orders), list(master.waits)
    for way, share in zip(master.ways, solved.share.tolist(), strict=False):
        waits[way.order] -= share
        if share > most[way.order]:
            most[way.order], picked[way.order] = share, way
    decided = most >= _WHOLE
    ways = [way if yes else wait for way, wait, yes in zip(picked, master.waits, decided.tolist(), strict=True)]
    return ways, np.flatnonzero(~decided & (waits < _WHOLE))


def _anew(of: Problem, plan: Plan, ways: Sequence[Sequence[Way]], some: Sequence[int], work: float) -> Plan:
    """These orders settled together beside all others, never dearer than they are."""
    now = {order: way_of(of, order, takes_of(of, plan, order)) for order in some}
    others = plan.copy()
    for order in some:
        put(others, of, order, ())
    room = Room(of, others)
    known = {order: _distinct([now[order], *ways[order], *_in(room, order)]) for order in some}
    found = others.copy()
    for way in settle(of, others, known, now, work):
        put(found, of, way.order, way.takes)
    return found if measure(of, found).total < measure(of, plan).total else plan


def _in(room: Room, order: int) -> Iterator[Way]:
    for choice in room.choices(order):
        yield Way(order, choice.takes, choice.cost)


def _distinct(ways: Sequence[Way]) -> list[Way]:
    return list({way.takes: way for way in reversed(ways)}.values())[::-1]


def _regretted(of: Problem, plan: Plan, solved: Solved, turn: int) -> list[int]:
    """The orders that cost most above what they could, and others that ask for the same goods, other ones each turn.
    None when nobody could cost much less."""
    alone = np.array([way_of(of, order, takes_of(of, plan, order)).cost for order in range(of.orders)])
    regret = alone + _prices(of, plan, solved.prices) - solved.order
    if regret.sum() < GAIN * alone.sum():
        return []
    worst = np.argsort(-regret, kind="stable")[:WORST]
    goods = np.unique(of.lines.sku[np.isin(of.lines.order, worst)])
    beside = np.setdiff1d(of.lines.order[np.isin(of.lines.sku, goods)], worst)
    beside = np.roll(beside, -turn)[:: max(len(beside) // BESIDE, 1)][:BESIDE]
    return [*worst.tolist(), *beside.tolist()]


def _prices(of: Problem, plan: Plan, prices: Prices) -> Floats:
    """What the units and parcels that each order takes cost at these prices (orders,)."""
    units = (plan[:, : of.waiting] * prices.unit[of.lines.sku]).sum(axis=1)
    used = np.zeros((of.orders, of.waiting), np.int64)
    np.add.at(used, of.lines.order, plan[:, : of.waiting])
    return np.asarray(np.bincount(of.lines.order, units, of.orders) + ((used > 0) * prices.parcel).sum(axis=1))


def _by_order(master: Master) -> list[list[Way]]:
    ways = [[way] for way in master.waits]
    for way in master.ways:
        ways[way.order].append(way)
    return ways
