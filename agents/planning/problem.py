"""A window as arrays: where each order's units may come from, and what every way costs. Money is minor units.

Weights are kilograms; what a parcel costs are the steps of the rate cards on its lane.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from agents.planning.window import MOST_SOURCES, UNDATED, OpenOrder, Policy, Window, policy_of
from agents.shipping.lanes import Goods, Ladder, Rates, billed
from ml.routing.problem import Bools, Floats, Ints, Lanes, Lines, Nodes, Plan, Problem, Steps, Stock
from ml.routing.worth import last_units

LAST_UNITS = 3  # of a SKU at a node that are worth something there
BEYOND = 10_000_000  # grams: where no card says what a parcel costs, one price takes any weight
FAR_AWAY = 500  # km that are reckoned where nobody knows how far it is
NEVER = 20  # times all that an order could cost
ENOUGH = 10**6  # parcels of a node for which nobody has said how many it can send


Stairs = tuple[tuple[int, int], ...]
"""(up to grams, amount), …"""


@dataclass
class Built:
    """The problem, the plan as things are now, and what its numbers stand for."""

    problem: Problem
    now: Plan
    orders: list[OpenOrder]
    skus: list[str]
    nodes: list[str]
    unpriced: int  # orders for which no card has a price from anywhere


class _Lane(NamedTuple):
    """Of one order from one node."""

    stairs: Stairs
    late: float


def build(window: Window) -> Built:
    skus = sorted({u.sku for order in window.orders for u in order.units})
    nodes = list(window.nodes)
    lines, now, units = _lines(window, skus, nodes)
    rates = window.cards.rates(window.weights.currency)
    if rates is not None and rates.currency != window.weights.currency:
        rates = None  # amounts of two currencies are not added up
    grams = np.array([_grams(window, sku, rates) for sku in skus], float)
    weight = np.bincount(lines.order, lines.quantity * grams[lines.sku], len(window.orders)).astype(float)
    asked = _Asked(window, rates, nodes, lines, now, weight, _allowed(window, lines, skus, nodes, now))
    lanes = asked.lanes()
    problem = Problem(
        lines=lines,
        lanes=lanes,
        nodes=_loads(window, nodes, lines, now),
        stock=Stock(units, _worth(window, skus, nodes), np.full(len(skus), float(window.weights.wait_cost))),
        kg=grams / 1000,
        allowed=asked.allowed,
        whole=np.zeros(len(window.orders), bool),
        split=float(window.weights.split_cost),
        most=MOST_SOURCES,
        urgent=_urgent(window, lines, now, lanes, weight),
    )
    return Built(problem, now, window.orders, skus, nodes, asked.unpriced)


def _lines(window: Window, skus: Sequence[str], nodes: Sequence[str]) -> tuple[Lines, Plan, Ints]:
    """The lines, where their units are now, and all units that may be promised anywhere."""
    sku_no, node_no = {s: n for n, s in enumerate(skus)}, {c: n for n, c in enumerate(nodes)}
    there: Counter[tuple[int, int, int]] = Counter()
    for n, order in enumerate(window.orders):
        for u in order.units:
            there[n, sku_no[u.sku], len(nodes) if u.waits else node_no[u.node]] += u.quantity
    keys = sorted({(n, s) for n, s, _ in there})
    line_no = {key: n for n, key in enumerate(keys)}
    now = np.zeros((len(keys), len(nodes) + 1), np.int64)
    for (n, s, source), quantity in there.items():
        now[line_no[n, s], source] = quantity
    orders, of_sku = (np.array([key[i] for key in keys], np.int64).reshape(-1) for i in (0, 1))
    units = np.zeros((len(skus), len(nodes)), np.int64)
    np.add.at(units, of_sku, now[:, :-1])
    for (sku, node), free in window.usable.items():
        if sku in sku_no and node in node_no:
            units[sku_no[sku], node_no[node]] += free
    return Lines(orders, of_sku, now.sum(axis=1)), now, units


def _allowed(window: Window, lines: Lines, skus: Sequence[str], nodes: Sequence[str], now: Plan) -> Bools:
    """What rules exclude is excluded, but for units that are there already."""
    allowed = np.ones((len(lines.order), len(nodes)), bool)
    for line, (n, s) in enumerate(zip(lines.order.tolist(), lines.sku.tolist(), strict=True)):
        judge = window.orders[n].judge
        if judge is not None and (judge.excluded or judge.barred):
            allowed[line] = [judge.may(skus[s], node) for node in nodes]
    # Where others wait, what comes free is theirs.
    waited_for = np.array([[(sku, node) in window.waited_for for node in nodes] for sku in skus], bool)
    allowed &= ~waited_for.reshape(len(skus), len(nodes))[lines.sku]
    return np.asarray(allowed | (now[:, :-1] > 0))


def _grams(window: Window, sku: str, rates: Rates | None) -> int:
    good = window.goods[sku]
    return max(1, billed(good.grams, good.sides_mm, rates.divisor if rates else None))


@dataclass
class _Asked:
    """What the cards ask for each order from each node, and how likely it is late from there."""

    window: Window
    rates: Rates | None
    nodes: Sequence[str]
    lines: Lines
    now: Plan
    weight: Floats  # grams of each order
    allowed: Bools
    unpriced: int = 0

    def lanes(self) -> Lanes:
        window, count, width = self.window, len(self.window.orders), len(self.nodes) + 1
        tables: dict[Stairs, int] = {}
        table = np.zeros((count, width), np.int64)
        late, late_cost = np.zeros((count, width)), np.zeros(count)
        for n, order in enumerate(window.orders):
            policy = policy_of(window.policies, order.channel, order.tags)
            left = _days_left(window, order, policy)
            its = self._from_each(n, order, policy, left)
            # What waits goes out where it waits, later; whoever waits nowhere yet would pay the least price.
            waits_at = {u.node for u in order.units if u.waits}
            wait_at = max(range(len(self.nodes)), key=lambda j: (self.nodes[j] in waits_at, -its[j].stairs[0][1]))
            stairs = [lane.stairs for lane in its] + [its[wait_at].stairs]
            table[n] = [tables.setdefault(each, len(tables)) for each in stairs]
            late[n] = [*(lane.late for lane in its), _late_waiting(window, order, left)]
            late_cost[n] = policy.late_cost if policy and policy.late_cost is not None else window.weights.late_cost
        steps = _steps(list(tables), table)
        fixed, per_kg = steps.floor(self.weight / 1000)
        return Lanes(fixed, per_kg, late, late_cost, steps)

    def _from_each(self, n: int, order: OpenOrder, policy: Policy | None, left: int) -> list[_Lane]:
        ladders = [self._ladder(order, node, policy) for node in self.nodes]
        any_card = any(ladder.rungs for ladder in ladders)
        self.unpriced += not any_card
        for j, ladder in enumerate(ladders):
            if any_card and not ladder.rungs:
                self._close(n, j)
        known = [price for ladder in ladders if (price := ladder.carriage(int(self.weight[n]))) is not None]
        least = min((price.amount for price in known), default=0)
        return [
            self._carried(order, node, ladder, n, left) if ladder.rungs
            # Where others have a card and this node has none: nothing is claimed to be saved by leaving it.
            else _Lane(((BEYOND, least if any_card else self._by_distance(order, node)),),
                       float(self.window.days[node] > left))
            for node, ladder in zip(self.nodes, ladders, strict=True)
        ]  # fmt: skip

    def _ladder(self, order: OpenOrder, node: str, policy: Policy | None) -> Ladder:
        if self.rates is None:
            return Ladder(())
        hazmat = any(self.window.goods[u.sku].hazmat for u in order.units)
        goods = Goods(1, hazmat, order.value, order.currency)
        forbidden = policy.forbidden if policy else frozenset[str]()
        return self.rates.ladder(node, order.to, goods, self.window.now.date(), forbidden=forbidden)

    def _carried(self, order: OpenOrder, node: str, ladder: Ladder, n: int, left: int) -> _Lane:
        grams = int(self.weight[n])
        price = ladder.carriage(grams)
        service, days = (price.service, price.days) if price else ("", 0)
        leaves, known = self.window.days[node], self.window.known
        late = float(leaves + days > left)
        if known is not None:
            weekday = (self.window.now.weekday() + leaves) % 7
            late = known.transit((service, order.to.country, node), weekday).late(left - leaves)
        return _Lane(tuple(ladder.upto(max(grams, ladder.rungs[-1].upto))), late)

    def _by_distance(self, order: OpenOrder, node: str) -> int:
        km = order.kilometres.get(node)
        weights = self.window.weights
        return weights.parcel_cost + weights.far_cost * (FAR_AWAY if km is None else km) // 100

    def _close(self, n: int, node: int) -> None:
        """No card takes it from there: nothing more goes there."""
        rows = slice(*np.searchsorted(self.lines.order, [n, n + 1]).tolist())
        self.allowed[rows, node] = self.now[rows, node] > 0


def _days_left(window: Window, order: OpenOrder, policy: Policy | None) -> int:
    """Until the day that the customer was promised."""
    promised = policy.promise_days if policy and policy.promise_days is not None else window.weights.promise_days
    return promised - (window.now.date() - order.placed_at.date()).days


def _late_waiting(window: Window, order: OpenOrder, left: int) -> float:
    days = [_until(window.now.date(), u.promised_on) for u in order.units if u.waits]
    return float(max(days, default=UNDATED) >= left)


def _until(today: date, day: date | None) -> int:
    return UNDATED if day is None else max(0, (day - today).days)


def _steps(tables: Sequence[Stairs], table: Ints) -> Steps:
    widest = max((len(stairs) for stairs in tables), default=1)
    upto, price = np.full((max(len(tables), 1), widest), np.inf), np.full((max(len(tables), 1), widest), np.inf)
    for n, stairs in enumerate(tables):
        upto[n, : len(stairs)] = [grams / 1000 for grams, _ in stairs]
        price[n, : len(stairs)] = [amount for _, amount in stairs]
    return Steps(table, upto, price)


def _urgent(window: Window, lines: Lines, now: Plan, lanes: Lanes, weight: Floats) -> Floats:
    """Nobody who has units is made to wait for what others save: many times what anything else of an order costs."""
    parcels = (
        lanes.fixed if lanes.steps is None else lanes.steps.of(np.tile(weight[:, None] / 1000, lanes.fixed.shape[1]))
    )
    dearest = parcels.max(axis=1, initial=0)
    whole = dearest + lanes.late_cost + MOST_SOURCES * window.weights.split_cost + window.weights.wait_cost
    return np.asarray(np.where(now[:, -1] > 0, 0.0, NEVER * (whole + 1)[lines.order]))


def _loads(window: Window, nodes: Sequence[str], lines: Lines, now: Plan) -> Nodes:
    """What other orders have a node send is taken off; what it sends now it is taken to be able to send."""
    used = np.zeros((len(window.orders), len(nodes) + 1), np.int64)
    np.add.at(used, lines.order, now)
    present = (used[:, :-1] > 0).sum(axis=0)
    easy, most = np.full(len(nodes), ENOUGH), np.full(len(nodes), ENOUGH)
    for j, node in enumerate(nodes):
        if load := window.weights.loads.get(node):
            other = window.parcels.get(node, 0)
            easy[j] = max(0, load["easy"] - other)
            most[j] = max(load["most"] - other, int(present[j]), int(easy[j]))
    return Nodes(easy, most, np.full(len(nodes), float(window.weights.overtime_cost)))


def _worth(window: Window, skus: Sequence[str], nodes: Sequence[str]) -> Floats:
    """Of the last units at a node, by what is asked for there in so many days (`ml.routing.worth`)."""
    weights = window.weights
    ahead = np.array([[window.daily.get((s, c), 0) / 1000 * weights.cover_days for c in nodes] for s in skus], float)
    margin = np.array([window.goods[sku].price * weights.margin_ppm / 1_000_000 for sku in skus])
    return last_units(ahead.reshape(len(skus), len(nodes)), margin, LAST_UNITS)
