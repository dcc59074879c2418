"""Is a plan one that can be done? Plain Python that knows no solver and shares no arithmetic with one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from ml.routing.problem import Plan, Problem


def check(of: Problem, plan: Plan) -> list[str]:
    """What is wrong with it, a sentence each; nothing if it can be done."""
    return [*_lines(of, plan), *_units(of, plan), *_parcels(of, plan)]


def _lines(of: Problem, plan: Plan) -> Iterator[str]:
    rows = zip(of.lines.order.tolist(), of.lines.sku.tolist(), of.lines.quantity.tolist(), plan.tolist(), strict=True)
    for line, (order, sku, quantity, units) in enumerate(rows):
        if sum(units) != quantity or min(units) < 0:
            yield f"order {order} has {units} of SKU {sku} and asked for {quantity}"
        for source, count in enumerate(units):
            if count and source != of.waiting and not of.allowed[line, source]:
                yield f"node {source} may not send SKU {sku} to order {order}"


def _units(of: Problem, plan: Plan) -> Iterator[str]:
    taken: Counter[tuple[int, int]] = Counter()
    for sku, units in zip(of.lines.sku.tolist(), plan.tolist(), strict=True):
        for node, count in enumerate(units[: of.waiting]):
            taken[sku, node] += count
    for (sku, node), count in sorted(taken.items()):
        if count > of.stock.units[sku, node]:
            yield f"{count} of SKU {sku} are taken from node {node}, which has {of.stock.units[sku, node]}"


def _parcels(of: Problem, plan: Plan) -> Iterator[str]:
    sources: defaultdict[int, set[int]] = defaultdict(set)
    for order, units in zip(of.lines.order.tolist(), plan.tolist(), strict=True):
        sources[order].update(source for source, count in enumerate(units) if count)
    for order, its in sources.items():
        if len(its) > (1 if of.whole[order] else of.most):
            yield f"order {order} comes from {len(its)} sources"
    parcels = Counter(source for its in sources.values() for source in its - {of.waiting})
    for node, count in sorted(parcels.items()):
        if count > of.nodes.capacity[node]:
            yield f"node {node} would send {count} parcels and can send {of.nodes.capacity[node]}"
