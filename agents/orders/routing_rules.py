"""The rules that people arrange, as routing asks them. Pure: the same facts and rules give the same order of nodes.

Rules that exclude come first, whatever their place. Then each of the others in turn gives every node a rank or
abstains; the lowest wins, ties go to the next rule, then to the node's own rank and its code. Weights between rules
there are none: nobody could say beforehand what they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from agents.orders.messages.routing import RoutingRule
from db.money import format_money
from db.routing import HARD, RuleKind

Place = tuple[str, str]
"""(sku, node)"""

LAST = 2**31  # where a rule abstains for one node and not for the others

NAMES = {
    RuleKind.only_nodes: "only these nodes",
    RuleKind.serves: "countries served",
    RuleKind.no_hazard: "dangerous goods",
    RuleKind.dispatch_within: "dispatch within",
    RuleKind.fewest_splits: "fewest splits",
    RuleKind.nearest: "nearest",
    RuleKind.cheapest: "cheapest carriage",
    RuleKind.same_market: "same market",
    RuleKind.ranked: "ranked nodes",
    RuleKind.soonest: "soonest dispatch",
    RuleKind.cover: "days of cover",
    RuleKind.least_load: "least load",
}


class NodeFacts(NamedTuple):
    """What is known of a node for one order. `km` None: nobody can say how far it is."""

    code: str
    rank: int
    country: str | None = None
    km: int | None = None
    by: str | None = None  # what the distance was measured by: town or country
    days: int = 0  # until it can hand over
    load: int = 0  # fulfilments that it has still to ship
    carriage: int | None = None  # of the whole order from there, minor units; None: no card takes it, or nobody asked
    carriage_in: str | None = None  # its currency
    carrier: str | None = None  # the service that asks least


@dataclass(frozen=True)
class Facts:
    """What the rules may ask about one order. `daily` are thousandths of a unit that a node needs of a SKU a day."""

    nodes: Mapping[str, NodeFacts]
    country: str | None = None
    hazards: Mapping[str, str] = field(default_factory=dict)  # sku: class
    daily: Mapping[Place, int] = field(default_factory=dict)


class Stand(NamedTuple):
    """How far the plan is when the nodes are put in order."""

    left: Mapping[str, int]  # units of each SKU that have no node yet
    free: Mapping[Place, int]
    used: frozenset[str]  # nodes that the order is shipped from anyway
    barred: Mapping[Place, str]


Ranks = tuple[int | None, ...]
Rank = Callable[[RoutingRule, NodeFacts, Stand, Facts], int | None]


@dataclass(frozen=True)
class RuleSet:
    """Rules of one version, sorted into those that exclude and those that rank."""

    id: UUID | None
    number: int
    channel: str
    rules: tuple[RoutingRule, ...]

    @cached_property
    def hard(self) -> tuple[RoutingRule, ...]:
        return tuple(r for r in self.rules if r.active and r.kind in HARD)

    @cached_property
    def soft(self) -> tuple[RoutingRule, ...]:
        return tuple(r for r in self.rules if r.active and r.kind not in HARD)

    @cached_property
    def ranking(self) -> tuple[tuple[RoutingRule, Rank], ...]:
        """The rules that rank, each with what it asks: looked up once and not for every node of every order."""
        return tuple((rule, _RANKS[RuleKind(rule.kind)]) for rule in self.soft)

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(r.kind for r in self.rules if r.active)


@dataclass(frozen=True)
class Judge:
    """A rule set over the facts of one order."""

    rules: RuleSet
    facts: Facts

    def without(self, node: str) -> Judge:
        """As if the node did not ship."""
        nodes = {code: facts for code, facts in self.facts.nodes.items() if code != node}
        return replace(self, facts=replace(self.facts, nodes=nodes))

    @cached_property
    def excluded(self) -> dict[str, str]:
        """Nodes that ship nothing of this order, and why."""
        found: dict[str, str] = {}
        for rule in self.rules.hard:
            for node in self.facts.nodes.values():
                why = _EXCLUDES[RuleKind(rule.kind)](rule, node, self.facts)
                if why:
                    found.setdefault(node.code, why)
        return found

    @cached_property
    def barred(self) -> dict[Place, str]:
        """SKUs that a node does not ship, though it may ship the rest."""
        return {
            (sku, node): f"{sku} is of class {kind}, which {node} does not ship"
            for rule in self.rules.hard
            if rule.kind == RuleKind.no_hazard
            for sku, kind in self.facts.hazards.items()
            for node, classes in rule.by_node.items()
            if any(kind == c or kind.startswith(f"{c}.") for c in classes)
        }

    def may(self, sku: str, node: str) -> bool:
        return node not in self.excluded and (sku, node) not in self.barred

    def ranks(self, node: NodeFacts, stand: Stand) -> Ranks:
        facts = self.facts
        return tuple([rank(rule, node, stand, facts) for rule, rank in self.rules.ranking])

    def in_order(self, stand: Stand) -> list[tuple[NodeFacts, Ranks]]:
        """Nodes that are not excluded, the best first."""
        found = [(n, self.ranks(n, stand)) for n in self.facts.nodes.values() if n.code not in self.excluded]
        found.sort(key=lambda each: place_of(each[0], each[1], stand.used))
        return found

    def because(self, best: tuple[NodeFacts, Ranks], next_best: tuple[NodeFacts, Ranks] | None) -> str:
        """What spoke for a node: the first rule that tells it from the next."""
        if next_best is None:
            return "no other node may ship it and has it"
        for rule, ours, theirs in zip(self.rules.soft, best[1], next_best[1], strict=True):
            if ours != theirs:
                say = _SAYS[RuleKind(rule.kind)]
                other = f"{next_best[0].code} {say(next_best[0], theirs)}"
                return f"{NAMES[RuleKind(rule.kind)]}, {say(best[0], ours)} and {other}"
        if best[0].rank != next_best[0].rank:
            return f"rank {best[0].rank}, as the rules tell it from none"
        return "the rules tell it from none, nor does its rank"


def place_of(node: NodeFacts, ranks: Ranks, used: Iterable[str] = ()) -> tuple[Any, ...]:
    """What nodes are sorted by."""
    return (*(LAST if r is None else r for r in ranks), node.code not in used, node.rank, node.code)


# Rules that exclude say why, or nothing.


def _not_named(rule: RoutingRule, node: NodeFacts, _facts: Facts) -> str | None:
    return None if node.code in rule.nodes else "is not among the nodes of this channel"


def _not_served(rule: RoutingRule, node: NodeFacts, facts: Facts) -> str | None:
    served = rule.by_node.get(node.code)
    if served is None or facts.country in served:
        return None
    return f"does not serve {facts.country}" if facts.country else "serves some countries, and the address names none"


def _too_late(rule: RoutingRule, node: NodeFacts, _facts: Facts) -> str | None:
    within = rule.limit or 0
    return None if node.days <= within else f"hands over in {_days(node.days)} and has {_days(within)}"


_EXCLUDES: dict[RuleKind, Callable[[RoutingRule, NodeFacts, Facts], str | None]] = {
    RuleKind.only_nodes: _not_named,
    RuleKind.serves: _not_served,
    RuleKind.no_hazard: lambda _rule, _node, _facts: None,  # by SKU: see `Judge.barred`
    RuleKind.dispatch_within: _too_late,
}


# Rules that rank.


def _missing(_rule: RoutingRule, node: NodeFacts, stand: Stand, _facts: Facts) -> int:
    """Twice what the node has not, and one more where it would be another parcel."""
    short = sum(
        q - min(q, 0 if (sku, node.code) in stand.barred else max(0, stand.free.get((sku, node.code), 0)))
        for sku, q in stand.left.items()
    )
    return 2 * short + (node.code not in stand.used)


def _distance(rule: RoutingRule, node: NodeFacts, _stand: Stand, facts: Facts) -> int | None:
    """Bands of kilometres. Measured between countries only, the customer's own comes before all others."""
    if node.km is None:
        return None
    if node.by == "country" and node.country == facts.country:
        return 0
    return node.km // max(1, rule.limit or 1) + (node.by == "country")


def _price(rule: RoutingRule, node: NodeFacts, _stand: Stand, _facts: Facts) -> int | None:
    """Bands of minor units."""
    return None if node.carriage is None else node.carriage // max(1, rule.limit or 1)


def _abroad(rule: RoutingRule, node: NodeFacts, _stand: Stand, facts: Facts) -> int | None:
    if not facts.country or not node.country:
        return None
    together = any(facts.country in market and node.country in market for market in rule.markets)
    return 0 if together or node.country == facts.country else 1


def _listed(rule: RoutingRule, node: NodeFacts, _stand: Stand, _facts: Facts) -> int | None:
    return rule.nodes.index(node.code) if node.code in rule.nodes else None


def _runs_low(rule: RoutingRule, node: NodeFacts, stand: Stand, facts: Facts) -> int | None:
    """0 when all that the node has of the order lasts afterwards, 1 when something runs low."""
    known = [(sku, q) for sku, q in stand.left.items() if facts.daily.get((sku, node.code))]
    if not known:
        return None
    for sku, quantity in known:
        free = max(0, stand.free.get((sku, node.code), 0))
        stays = free - min(free, quantity)
        if stays * 1000 < facts.daily[(sku, node.code)] * (rule.limit or 0):
            return 1
    return 0


_RANKS: dict[RuleKind, Rank] = {
    RuleKind.fewest_splits: _missing,
    RuleKind.nearest: _distance,
    RuleKind.cheapest: _price,
    RuleKind.same_market: _abroad,
    RuleKind.ranked: _listed,
    RuleKind.soonest: lambda _rule, node, _stand, _facts: node.days,
    RuleKind.cover: _runs_low,
    RuleKind.least_load: lambda rule, node, _stand, _facts: node.load // max(1, rule.limit or 1),
}


def _days(count: int) -> str:
    return {0: "no day", 1: "a day"}.get(count, f"{count} days")


def _say_missing(_node: NodeFacts, rank: int | None) -> str:
    short = (rank or 0) // 2
    return f"lacks {short}" if short else "has all" if (rank or 0) % 2 else "has all, and ships a part anyway"


_SAYS: dict[RuleKind, Callable[[NodeFacts, int | None], str]] = {
    RuleKind.fewest_splits: _say_missing,
    RuleKind.nearest: lambda n, _rank: (
        "at an unknown distance" if n.km is None else f"{n.km} km" + (" by country" if n.by == "country" else "")
    ),
    RuleKind.cheapest: lambda n, _rank: (
        "by no card" if n.carriage is None else f"{format_money(n.carriage, n.carriage_in or '')} by {n.carrier}"
    ),
    RuleKind.same_market: lambda _n, rank: {0: "in it", 1: "outside"}.get(-1 if rank is None else rank, "unknown"),
    RuleKind.ranked: lambda _n, rank: "not listed" if rank is None else f"place {rank + 1}",
    RuleKind.soonest: lambda n, _rank: f"in {_days(n.days)}",
    RuleKind.cover: lambda _n, rank: {0: "lasts", 1: "runs low"}.get(-1 if rank is None else rank, "unknown"),
    RuleKind.least_load: lambda n, _rank: f"{n.load} open",
}


def nodes_named(rules: Sequence[RoutingRule]) -> set[str]:
    """Every node that a rule speaks of."""
    return {n for r in rules for n in (*r.nodes, *r.by_node)}
