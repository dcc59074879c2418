"""Which node ships what. Pure: the same stock and the same order give the same plan, with its reasons.

Without rules: one node for the whole order if any can, in the order of rank and code; else as few nodes as a
greedy choice finds; else what is missing waits at the best node that may promise beyond its stock. With the rules
that people arranged (`routing_rules.py`) the nodes give what they have in the order in which the rules put them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.orders.refusals import OutOfStock
from agents.orders.routing_rules import Judge, Place, Stand


class ShippingNode(NamedTuple):
    rank: int
    code: str


class Need(NamedTuple):
    """Units of one SKU for one order line (a kit line has a need for each component)."""

    line_no: int
    sku: str
    quantity: int


def units_of(needs: Iterable[Need]) -> Counter[str]:
    """By SKU, whatever the lines."""
    units: Counter[str] = Counter()
    for need in needs:
        units[need.sku] += need.quantity
    return units


class Piece(NamedTuple):
    """Units for one line from one node; `why` is shown to people."""

    line_no: int
    sku: str
    node: str
    quantity: int
    backordered: bool
    why: str


@dataclass
class Pool:
    """What can still be promised: `free` units that lie there, `room` for promises beyond them. In units."""

    nodes: list[ShippingNode]
    free: dict[Place, int]
    room: dict[Place, int]

    def __post_init__(self) -> None:
        self.nodes.sort()


@dataclass
class _Plan:
    left: dict[str, int]
    taken: defaultdict[str, list[tuple[str, int, bool, str]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, sku: str, node: str, quantity: int, why: str, *, backordered: bool = False) -> None:
        self.taken[sku].append((node, quantity, backordered, why))
        self.left[sku] -= quantity
        if not self.left[sku]:
            del self.left[sku]


def route(
    needs: Sequence[Need],
    pool: Pool,
    *,
    held: Mapping[Place, int] | None = None,
    judge: Judge | None = None,
    used: Collection[str] = (),
) -> list[Piece]:
    """Plan where each unit comes from, and take it out of the pool. `held` is kept for this order already.

    `judge` are the rules to go by, over the facts of this order. What they exclude is not there, though it was held.
    From nodes `used` another part of the order leaves anyway.

    Raises:
        OutOfStock: the pool is left as it was.
    """
    held = held or {}
    if judge is not None and held:
        held = {place: quantity for place, quantity in held.items() if judge.may(*place)}
    wanted: dict[str, int] = {}
    for need in needs:
        wanted[need.sku] = wanted.get(need.sku, 0) + need.quantity
    _refuse_shortfalls(wanted, pool, held, judge)
    plan = _Plan(dict(wanted))
    busy = {*used, *_take_held(plan, pool, held)}
    if judge is not None:
        _take_ruled(plan, pool, wanted, judge, busy)
    else:
        if plan.left and not _take_whole(plan, pool, busy):
            _take_split(plan, pool, wanted)
        if plan.left:
            _take_backorder(plan, pool)
    return _by_line(needs, plan)


def _refuse_shortfalls(
    wanted: Mapping[str, int], pool: Pool, held: Mapping[Place, int], judge: Judge | None = None
) -> None:
    short = []
    for sku, quantity in wanted.items():
        places = [(sku, node.code) for node in pool.nodes if judge is None or judge.may(sku, node.code)]
        available = sum(pool.free.get(p, 0) + pool.room.get(p, 0) + held.get(p, 0) for p in places)
        if quantity > available:
            short.append({"sku": sku, "wanted": quantity, "available": available})
    if short:
        raise OutOfStock(short)


def _take_held(plan: _Plan, pool: Pool, held: Mapping[Place, int]) -> list[str]:
    used: list[str] = []
    for node in pool.nodes if held else ():
        for sku in list(plan.left):
            quantity = min(plan.left[sku], held.get((sku, node.code), 0))
            if quantity:
                plan.take(sku, node.code, quantity, f"was held for the checkout at {node.code}")
                used.append(node.code)
    return used


def _take_whole(plan: _Plan, pool: Pool, used: Collection[str]) -> bool:
    what = "rest of the order" if plan.taken else "whole order"
    for node in sorted(pool.nodes, key=lambda n: n.code not in used):  # stable: then rank and code
        if all(pool.free.get((sku, node.code), 0) >= q for sku, q in plan.left.items()):
            for sku, quantity in list(plan.left.items()):
                pool.free[(sku, node.code)] -= quantity
                plan.take(sku, node.code, quantity, f"{what} from {node.code}, rank {node.rank}")
            return True
    return False


def _take_split(plan: _Plan, pool: Pool, wanted: Mapping[str, int]) -> None:
    while plan.left:
        # The first of equals has the better rank.
        covered = [sum(min(q, pool.free.get((s, n.code), 0)) for s, q in plan.left.items()) for n in pool.nodes]
        most = max(covered, default=0)
        if not most:
            return
        node = pool.nodes[covered.index(most)]
        for sku in list(plan.left):
            quantity = min(plan.left[sku], pool.free.get((sku, node.code), 0))
            if quantity:
                why = f"split: {quantity} of {wanted[sku]} from {node.code}, rank {node.rank}"
                pool.free[(sku, node.code)] -= quantity
                plan.take(sku, node.code, quantity, why)


def _take_backorder(plan: _Plan, pool: Pool) -> None:
    for sku in list(plan.left):
        for node in pool.nodes:
            quantity = min(plan.left.get(sku, 0), pool.room.get((sku, node.code), 0))
            if quantity:
                pool.room[(sku, node.code)] -= quantity
                why = f"{quantity} beyond stock, to come to {node.code}, rank {node.rank}"
                plan.take(sku, node.code, quantity, why, backordered=True)


def _take_ruled(plan: _Plan, pool: Pool, wanted: Mapping[str, int], judge: Judge, used: set[str]) -> None:
    """The best node gives all it has, then the best for the rest, until nothing lies anywhere that may ship it.

    The rules are asked again for each rest: which node has most of it, or lies nearest to it, may have changed.
    """
    while plan.left:
        order = judge.in_order(Stand(plan.left, pool.free, frozenset(used), judge.barred))
        giving = [n for n in order if any(_gives(judge, pool, plan, sku, n[0].code) for sku in plan.left)]
        if not giving:
            break
        best = giving[0]
        node, because = best[0].code, judge.because(best, giving[1] if len(giving) > 1 else None)
        gives = {sku: _gives(judge, pool, plan, sku, node) for sku in list(plan.left)}
        whole = all(gives[sku] == q for sku, q in plan.left.items())
        what = "rest of the order" if plan.taken else "whole order"
        for sku, quantity in gives.items():
            if quantity:
                says = f"{what} from {node}" if whole else f"split: {quantity} of {wanted[sku]} from {node}"
                pool.free[(sku, node)] -= quantity
                plan.take(sku, node, quantity, f"{says}: {because}")
        used.add(node)
    if plan.left:
        order = judge.in_order(Stand(plan.left, pool.free, frozenset(used), judge.barred))
        for sku in list(plan.left):
            for facts, _ in order:
                room = pool.room.get((sku, facts.code), 0) if judge.may(sku, facts.code) else 0
                quantity = min(plan.left.get(sku, 0), room)
                if quantity:
                    pool.room[(sku, facts.code)] -= quantity
                    why = f"{quantity} beyond stock, to come to {facts.code}, first by the rules of those with room"
                    plan.take(sku, facts.code, quantity, why, backordered=True)


def _gives(judge: Judge, pool: Pool, plan: _Plan, sku: str, node: str) -> int:
    """Units of a SKU that a node has for what is left; free units may be fewer than none."""
    if (sku, node) in judge.barred:
        return 0
    return max(0, min(plan.left[sku], pool.free.get((sku, node), 0)))


def _by_line(needs: Sequence[Need], plan: _Plan) -> list[Piece]:
    """Hand the planned units out to the lines, earlier lines first."""
    pieces: list[Piece] = []
    for need in needs:
        left, queue = need.quantity, plan.taken[need.sku]
        while left:
            node, quantity, backordered, why = queue.pop(0)
            part = min(left, quantity)
            pieces.append(Piece(need.line_no, need.sku, node, part, backordered, why))
            if quantity > part:
                queue.insert(0, (node, quantity - part, backordered, why))
            left -= part
    return pieces
