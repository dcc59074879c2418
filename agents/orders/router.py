"""The rules in force and the facts they ask for, for a batch of orders: nothing is asked that no active rule needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from agents.orders.carriage import Carriage, carriage_from, question_of_weights
from agents.orders.messages.routing import RoutingRule
from agents.orders.routing import ShippingNode
from agents.orders.routing_rules import Facts, Judge, NodeFacts, Place, RuleSet
from agents.shipping.lanes import question_of_cards
from db.atlas import Spot, kilometres, spot_of
from db.fulfilment import LIVE_FULFILMENTS
from db.routing import EVERY_CHANNEL, RuleKind
from db.session import Transaction
from db.wire import Row, Statement

QUESTION_OF_RULES = Statement(
    "SELECT id, number, channel, rules FROM routing_rule_sets WHERE status = 'active' ORDER BY channel", {}
)
_NODES = "SELECT code, rank, address, time_zone, open_weekdays, closed_dates, cut_off FROM nodes WHERE ships"
_LOADS = """
    SELECT n.code, (SELECT count(*) FROM fulfilments f WHERE f.node = n.code AND f.status = ANY(%(live)s::text[]))
    FROM nodes n WHERE n.ships
"""
_HAZARDS = "SELECT sku, hazard_class FROM variants WHERE sku = ANY(%(skus)s::text[]) AND hazard_class IS NOT NULL"
_DAILY = "SELECT sku, node, daily_milli FROM replenishment_plans WHERE sku = ANY(%(skus)s::text[]) AND daily_milli > 0"

LONGEST_WAIT = 60  # days; a node that is closed for longer is as good as closed


class Destination(NamedTuple):
    """Where an order goes, through what it came, and what it is paid in."""

    channel: str
    address: Mapping[str, Any]
    currency: str


class Site(NamedTuple):
    """A node as it stands now, whatever is ordered."""

    facts: NodeFacts
    spot: Spot | None


@dataclass
class Router:
    """Answers with what to judge an order by; None where no rules are in force for its channel."""

    sets: Mapping[str, RuleSet]
    sites: Sequence[Site]
    hazards: Mapping[str, str] = field(default_factory=dict)
    daily: Mapping[Place, int] = field(default_factory=dict)
    carriage: Carriage | None = None  # None: no active rule asks what carriers do

    @property
    def nodes(self) -> list[ShippingNode]:
        return [ShippingNode(s.facts.rank, s.facts.code) for s in self.sites]

    def judge(self, to: Destination, units: Mapping[str, int]) -> Judge | None:
        """`units` are those of the order, by SKU."""
        rules = self.sets.get(to.channel) or self.sets.get(EVERY_CHANNEL)
        return None if rules is None else Judge(rules, self.facts(to, units))

    def facts(self, to: Destination, units: Mapping[str, int]) -> Facts:
        """Distance and days are told whether or not a rule asks for them: people do, when they read the decision."""
        country = str(to.address.get("country") or "").upper() or None
        spot = spot_of(to.address)
        nodes = {s.facts.code: _from_here(s, spot) for s in self.sites}
        if self.carriage is not None:
            nodes = self.carriage.told(nodes, to, units)
        return Facts(
            nodes,
            country,
            {sku: self.hazards[sku] for sku in units if sku in self.hazards},
            {place: self.daily[place] for sku in units for code in nodes if (place := (sku, code)) in self.daily},
        )


def _from_here(site: Site, spot: Spot | None) -> NodeFacts:
    if spot is None or site.spot is None:
        return site.facts
    by = "town" if spot.by == site.spot.by == "town" else "country"
    return site.facts._replace(km=kilometres(spot, site.spot), by=by)


@cache
def _compiled(ident: UUID, number: int, channel: str, rules: bytes) -> RuleSet:
    """Rules stay as they are once they are active, so they are read once."""
    return RuleSet(ident, number, channel, tuple(msgspec.json.decode(rules, type=list[RoutingRule])))


def rule_set(ident: UUID, number: int, channel: str, rules: Sequence[Any]) -> RuleSet:
    """From a row of the table."""
    return _compiled(ident, number, channel, msgspec.json.encode(rules))


def router_from(tx: Transaction, rows: Iterable[Row], skus: Iterable[str]) -> Router | None:
    """From the answer to `QUESTION_OF_RULES`. Without active rules nothing more is asked, and there is no router."""
    sets = {channel: rule_set(ident, number, channel, rules) for ident, number, channel, rules in rows}
    return router_of(tx, sets, skus) if sets else None


def router_of(tx: Transaction, sets: Mapping[str, RuleSet], skus: Iterable[str]) -> Router:
    """Ask for the facts of these rules, in one round trip."""
    kinds = frozenset(kind for rules in sets.values() for kind in rules.kinds)
    named = sorted(set(skus))
    nothing = Statement("SELECT 1 WHERE false", {})
    live = {"live": [s.value for s in LIVE_FULFILMENTS]}
    prices = RuleKind.cheapest in kinds
    nodes, loads, hazards, daily, cards, weights = tx.ask_together(
        Statement(_NODES, {}),
        Statement(_LOADS, live) if RuleKind.least_load in kinds else nothing,
        Statement(_HAZARDS, {"skus": named}) if RuleKind.no_hazard in kinds else nothing,
        Statement(_DAILY, {"skus": named}) if RuleKind.cover in kinds else nothing,
        question_of_cards(tx.now) if prices else nothing,
        question_of_weights(named) if prices else nothing,
    )
    load: dict[str, int] = dict(loads)
    return Router(
        sets,
        [_site(row, tx.now, load) for row in nodes],
        dict(hazards),
        {(sku, node): milli for sku, node, milli in daily},
        carriage_from(tx, cards, weights) if prices else None,
    )


def open_router(tx: Transaction, skus: Iterable[str]) -> Router | None:
    """The rules in force, for an order that is not one of a batch."""
    (rows,) = tx.ask_together(QUESTION_OF_RULES)
    return router_from(tx, rows, skus)


def _site(row: Row, now: datetime, load: Mapping[str, int]) -> Site:
    code, rank, address, zone, weekdays, closed, cut_off = row
    days = days_to_dispatch(now, zone, weekdays, closed, cut_off)
    country = str(address.get("country") or "").upper() or None
    return Site(NodeFacts(code, rank, country, days=days, load=load.get(code, 0)), spot_of(address))


def days_to_dispatch(
    now: datetime, zone: str, weekdays: Collection[int], closed: Collection[str], cut_off: time
) -> int:
    """Days from today until the node can hand parcels over: past its cut-off today is not a day any more."""
    local = now.astimezone(_zone(zone))
    shut = {date.fromisoformat(d) for d in closed}
    for ahead in range(LONGEST_WAIT):
        day = local.date() + timedelta(days=ahead)
        if day.weekday() in weekdays and day not in shut and (ahead or local.time() < cut_off):
            return ahead
    return LONGEST_WAIT


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
