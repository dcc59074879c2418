"""A decision with all that it was made from, small enough to keep, and made again from nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agents.orders.refusals import OutOfStock
from agents.orders.routing import Need, Piece, Pool, ShippingNode, route
from agents.orders.routing_rules import NAMES, Facts, Judge, NodeFacts, Place, Ranks, RuleSet, Stand
from db.routing import RoutedFor
from db.session import Transaction


class Decision(NamedTuple):
    rules: RuleSet
    inputs: dict[str, Any]
    outcome: dict[str, Any]


def decide(
    needs: Sequence[Need], pool: Pool, judge: Judge, *, held: Mapping[Place, int] | None = None
) -> tuple[list[Piece], Decision]:
    """Route by rules and write down what was known. The pool is left as `route` leaves it.

    Raises:
        OutOfStock
    """
    skus = sorted({n.sku for n in needs})
    before = _part(pool, skus)
    inputs = _inputs(needs, before, judge, held or {})
    ranks = _first_ranks(needs, before, judge, held or {})
    pieces = route(needs, pool, held=held, judge=judge)
    outcome = {
        "excluded": judge.excluded,
        "barred": [[sku, node, why] for (sku, node), why in sorted(judge.barred.items())],
        "order": [node.code for node, _ in ranks],
        "ranks": {node.code: list(of_it) for node, of_it in ranks},
        "plan": [[p.line_no, p.sku, p.node, p.quantity, p.backordered, p.why] for p in pieces],
        "tells": tells(pieces, judge.facts),
        "next": _next_best(needs, before, judge, pieces),
    }
    return pieces, Decision(judge.rules, inputs, outcome)


def _part(pool: Pool, skus: Sequence[str]) -> Pool:
    """A copy of the pool, as far as these SKUs go: a batch's pool is large and an order's part of it small."""
    places = [(sku, node.code) for sku in skus for node in pool.nodes]
    free = {place: pool.free[place] for place in places if place in pool.free}
    return Pool(list(pool.nodes), free, {place: pool.room[place] for place in places if place in pool.room})


def _inputs(needs: Sequence[Need], pool: Pool, judge: Judge, held: Mapping[Place, int]) -> dict[str, Any]:
    by_node: dict[str, dict[str, dict[str, int]]] = {n.code: {"free": {}, "room": {}} for n in pool.nodes}
    for name, units in (("free", pool.free), ("room", pool.room)):
        for (sku, node), quantity in units.items():
            if quantity and node in by_node:
                by_node[node][name][sku] = quantity
    facts = judge.facts
    return {
        "needs": [list(n) for n in needs],
        "country": facts.country,
        "held": [[sku, node, q] for (sku, node), q in sorted(held.items())],
        "hazards": dict(facts.hazards),
        "daily": [[sku, node, q] for (sku, node), q in sorted(facts.daily.items())],
        "nodes": [{**n._asdict(), **by_node.get(n.code, {})} for n in facts.nodes.values()],
    }


def _first_ranks(
    needs: Sequence[Need], pool: Pool, judge: Judge, held: Mapping[Place, int]
) -> list[tuple[NodeFacts, Ranks]]:
    """How the nodes stood before anything was taken, less what was held for the order."""
    left: dict[str, int] = defaultdict(int)
    for need in needs:
        left[need.sku] += need.quantity
    used = set()
    for (sku, node), quantity in held.items():
        if judge.may(sku, node) and left.get(sku):
            left[sku] -= min(left[sku], quantity)
            used.add(node)
    return judge.in_order(Stand({s: q for s, q in left.items() if q}, pool.free, frozenset(used), judge.barred))


def tells(pieces: Sequence[Piece], facts: Facts) -> dict[str, Any]:
    """A plan in a few figures: `parcels` are the nodes that ship now, `km` what their parcels travel together."""
    shipping = sorted({p.node for p in pieces if not p.backordered})
    everyone = sorted({p.node for p in pieces})
    far = [facts.nodes[n].km for n in everyone if n in facts.nodes]
    days = [facts.nodes[n].days for n in shipping if n in facts.nodes]
    known = [km for km in far if km is not None]
    return {
        "nodes": everyone,
        "parcels": len(everyone),
        "km": sum(known) if known and len(known) == len(far) else None,
        "days": max(days, default=None),
        "waiting": sum(p.quantity for p in pieces if p.backordered),
    }


def _next_best(needs: Sequence[Need], pool: Pool, judge: Judge, chosen: Sequence[Piece]) -> dict[str, Any] | None:
    """What would have been done without the node that ships most, and how it differs; None when nothing could."""
    units: dict[str, int] = defaultdict(int)
    for piece in chosen:
        units[piece.node] += piece.quantity
    main = min(units, key=lambda node: (-units[node], node))
    others = Pool([n for n in pool.nodes if n.code != main], dict(pool.free), dict(pool.room))
    try:
        pieces = route(needs, others, judge=judge.without(main))
    except OutOfStock:
        return {"without": main, "nodes": [], "says": f"without {main} the order could not be promised"}
    ours, theirs = tells(chosen, judge.facts), tells(pieces, judge.facts)
    return {"without": main, **theirs, "says": differs(ours, theirs)}


def differs(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """`from BER: one parcel more, 120 km further`."""
    parts = [
        _more(theirs["parcels"] - ours["parcels"], ("parcel more", "parcels more", "parcel fewer", "parcels fewer")),
        _more(theirs["waiting"] - ours["waiting"], ("more waits", "more wait", "fewer waits", "fewer wait")),
    ]
    if ours["km"] is not None and theirs["km"] is not None and ours["km"] != theirs["km"]:
        far = theirs["km"] - ours["km"]
        parts.append(f"{abs(far)} km {'further' if far > 0 else 'less'}")
    if ours["days"] is not None and theirs["days"] is not None and ours["days"] != theirs["days"]:
        late = theirs["days"] - ours["days"]
        parts.append(f"{abs(late)} {'day' if abs(late) == 1 else 'days'} {'later' if late > 0 else 'sooner'}")
    said = [p for p in parts if p]
    return f"from {' and '.join(theirs['nodes'])}: {', '.join(said) or 'no parcel more and no further'}"


def _more(by: int, words: tuple[str, str, str, str]) -> str:
    """`words` for one more, several more, one fewer, several fewer."""
    return f"{abs(by)} {words[2 * (by < 0) + (abs(by) > 1)]}" if by else ""


def replayed(inputs: Mapping[str, Any], rules: RuleSet) -> list[list[Any]]:
    """The plan that these inputs give by these rules, as a decision keeps it. Raises OutOfStock."""
    needs, pool, judge, held = again(inputs, rules)
    return [
        [p.line_no, p.sku, p.node, p.quantity, p.backordered, p.why] for p in route(needs, pool, held=held, judge=judge)
    ]


def again(inputs: Mapping[str, Any], rules: RuleSet) -> tuple[list[Need], Pool, Judge, dict[Place, int]]:
    """What was known when a decision was made."""
    fields = NodeFacts._fields
    # Decisions from before a fact was asked about do not have it.
    nodes = {n["code"]: NodeFacts(**{f: n[f] for f in fields if f in n}) for n in inputs["nodes"]}
    daily = {(sku, node): q for sku, node, q in inputs["daily"]}
    facts = Facts(nodes, inputs["country"], inputs["hazards"], daily)
    free = {(sku, n["code"]): q for n in inputs["nodes"] for sku, q in n.get("free", {}).items()}
    room = {(sku, n["code"]): q for n in inputs["nodes"] for sku, q in n.get("room", {}).items()}
    held = {(sku, node): q for sku, node, q in inputs["held"]}
    pool = Pool([ShippingNode(n.rank, n.code) for n in nodes.values()], free, room)
    return [Need(*n) for n in inputs["needs"]], pool, Judge(rules, facts), held


def decision_row(
    tx: Transaction, order_id: Any, decision: Decision, *, cause: RoutedFor, why: str | None = None
) -> dict[str, Any]:
    """The table's row. Every decision of a batch names the same columns."""
    rules = decision.rules
    told = [{"kind": r.kind, "name": NAMES[r.kind]} for r in rules.soft]  # type: ignore[index]
    return {
        "order_id": order_id,
        "at": tx.now,
        "actor": tx.who.actor,
        "cause": cause.value,
        "rule_set_id": rules.id,
        "inputs": decision.inputs,
        "outcome": {**decision.outcome, "by": told},
        "why": why,
    }
