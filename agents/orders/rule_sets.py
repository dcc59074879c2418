"""Versions of the routing rules: a draft is changed and tried, then takes the place of the one before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.orders.messages import ActivateRuleSet, PutRuleSet, RetireRuleSet
from agents.orders.messages.routing import RoutingRule, RuleSetState
from agents.orders.refusals import BadRule, RuleSetStands
from agents.orders.routing_rules import nodes_named
from agents.orders.rules import check_channel, check_text
from db.base import uuid7
from db.catalog import HazardClass
from db.errors import NotFound
from db.nodes import Node
from db.routing import EVERY_CHANNEL, RULE_SET_MOVES, RoutingRuleSet, RuleKind, RuleSetStatus, rule_set_numbers
from db.session import Transaction, check_version

S = RuleSetStatus
_COUNTRY = re.compile(r"[A-Z]{2}")
LARGEST_LIMIT = 100_000


def put(tx: Transaction, ask: PutRuleSet) -> RuleSetState:
    """Raises BadRule, and RuleSetStands of a set that is no draft any more."""
    check_rules(tx, ask.rules, ask.channel)
    for field, value in (("name", ask.name), ("note", ask.note)):
        check_text(field, value, needed=field == "name")
    found = _locked(tx, ask.rule_set_id) if ask.rule_set_id else None
    if found is None:
        found = RoutingRuleSet(
            id=uuid7(),
            number=tx.scalar(rule_set_numbers.next_value()),
            status=S.draft,
            made_from=ask.made_from,
            version=1,
            created_at=tx.now,
            created_by=tx.who.actor,
        )
        tx.note(f"routing_rule_set:{found.id}", to_status=S.draft)
    elif found.status != S.draft:
        raise RuleSetStands(found.number, found.status)
    else:
        check_version(found, ask.version, kind="routing_rule_set", id=str(found.id))
    found.name, found.channel, found.note = ask.name, ask.channel, ask.note
    found.rules = [msgspec.to_builtins(r) for r in ask.rules]
    found.updated_at = tx.now
    tx.add(found)
    tx.flush()
    return state_of(found)


def activate(tx: Transaction, ask: ActivateRuleSet) -> RuleSetState:
    """From the next order on. Nodes may have gone since it was written, so its rules are checked again."""
    found = _locked(tx, ask.rule_set_id)
    check_version(found, ask.version, kind="routing_rule_set", id=str(found.id))
    check_rules(tx, state_of(found).rules, found.channel)
    before = tx.scalars(
        select(RoutingRuleSet)
        .where(RoutingRuleSet.channel == found.channel, RoutingRuleSet.status == S.active)
        .with_for_update()
    ).one_or_none()
    if before is not None and before.id != found.id:
        _move(tx, before, S.retired, why=f"version {found.number} took its place")
        tx.flush()
    _move(tx, found, S.active)
    found.activated_at, found.activated_by = tx.now, tx.who.actor
    tx.flush()
    return state_of(found)


def retire(tx: Transaction, ask: RetireRuleSet) -> RuleSetState:
    found = _locked(tx, ask.rule_set_id)
    check_text("reason", ask.reason)
    _move(tx, found, S.dropped if found.status == S.draft else S.retired, why=ask.reason)
    tx.flush()
    return state_of(found)


def _move(tx: Transaction, found: RoutingRuleSet, to: RuleSetStatus, *, why: str | None = None) -> None:
    tx.move(found, to, moves=RULE_SET_MOVES, subject=f"routing_rule_set:{found.id}", why=why)
    found.updated_at = tx.now


def _locked(tx: Transaction, ident: UUID) -> RoutingRuleSet:
    found = tx.get(RoutingRuleSet, ident, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("routing rule set", str(ident))
    return found


def state_of(found: RoutingRuleSet) -> RuleSetState:
    return RuleSetState(
        id=found.id,
        number=found.number,
        name=found.name,
        channel=found.channel,
        status=found.status,
        rules=msgspec.convert(found.rules, list[RoutingRule]),
        version=found.version,
        next=sorted(s.value for s in RULE_SET_MOVES[S(found.status)]),
    )


def check_rules(tx: Transaction, rules: list[RoutingRule], channel: str) -> None:
    """Refuse rules that say nothing, or speak of what there is none of. Raises BadRule, UnknownChannel."""
    if channel != EVERY_CHANNEL:
        check_channel(channel)
    kinds = [r.kind for r in rules]
    for at, rule in enumerate(rules, 1):
        if rule.kind not in _NEEDS:
            raise BadRule(at, rule.kind, f"there are {', '.join(k.value for k in RuleKind)}")
        if rule.kind in kinds[: at - 1]:
            raise BadRule(at, rule.kind, "a set has one rule of each kind")
        _NEEDS[RuleKind(rule.kind)](at, rule)
    known = set(tx.scalars(select(Node.code)))
    for at, rule in enumerate(rules, 1):
        if unknown := sorted(nodes_named([rule]) - known):
            raise BadRule(at, rule.kind, f"there is no node {', '.join(unknown)}")


def _needs_nodes(at: int, rule: RoutingRule) -> None:
    if not rule.nodes:
        raise BadRule(at, rule.kind, "name at least one node")
    if len(set(rule.nodes)) < len(rule.nodes):
        raise BadRule(at, rule.kind, "a node is named twice")


def _needs_countries(at: int, rule: RoutingRule) -> None:
    if not rule.by_node or not all(rule.by_node.values()):
        raise BadRule(at, rule.kind, "name the countries that a node serves")
    _check_countries(at, rule, [c for countries in rule.by_node.values() for c in countries])


def _needs_classes(at: int, rule: RoutingRule) -> None:
    classes = {c for named in rule.by_node.values() for c in named}
    known = {c.value for c in HazardClass} | {c.value.partition(".")[0] for c in HazardClass}
    if not classes or not classes <= known:
        raise BadRule(at, rule.kind, "name the classes of dangerous goods that a node does not ship, such as 3 or 2.1")


def _needs_limit(what: str, *, least: int = 1) -> Callable[[int, RoutingRule], None]:
    def check(at: int, rule: RoutingRule) -> None:
        if rule.limit is None or not least <= rule.limit <= LARGEST_LIMIT:
            raise BadRule(at, rule.kind, f"say how many {what}, from {least} to {LARGEST_LIMIT}")

    return check


def _needs_markets(at: int, rule: RoutingRule) -> None:
    """None are needed: a country is a market of its own."""
    named = [c for market in rule.markets for c in market]
    _check_countries(at, rule, named)
    if len(set(named)) < len(named):
        raise BadRule(at, rule.kind, "a country is in one market")


def _check_countries(at: int, rule: RoutingRule, codes: list[str]) -> None:
    if wrong := [c for c in codes if not _COUNTRY.fullmatch(c)]:
        raise BadRule(at, rule.kind, f"{wrong[0]!r} is no country; use two capital letters such as DE")


def _needs_nothing(_at: int, _rule: RoutingRule) -> None:
    return


_NEEDS: dict[RuleKind, Callable[[int, RoutingRule], None]] = {
    RuleKind.only_nodes: _needs_nodes,
    RuleKind.serves: _needs_countries,
    RuleKind.no_hazard: _needs_classes,
    RuleKind.dispatch_within: _needs_limit("days", least=0),
    RuleKind.fewest_splits: _needs_nothing,
    RuleKind.nearest: _needs_limit("kilometres count as one distance"),
    RuleKind.cheapest: _needs_limit("minor units count as one price"),
    RuleKind.same_market: _needs_markets,
    RuleKind.ranked: _needs_nodes,
    RuleKind.soonest: _needs_nothing,
    RuleKind.cover: _needs_limit("days the stock is to last"),
    RuleKind.least_load: _needs_limit("fulfilments count as one load"),
}
