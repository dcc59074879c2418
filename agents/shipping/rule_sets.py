"""Versions of the carrier rules: a draft is changed and tried, then takes the place of the one before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.shipping.carrier_rules import CarrierRules
from agents.shipping.messages.choosing import (
    ActivateCarrierRules,
    CarrierRule,
    CarrierRulesState,
    PutCarrierRules,
    RetireCarrierRules,
)
from agents.shipping.pricing import plain_postcode
from agents.shipping.refusals import BadCarrierRule, CarrierRulesStand
from db.base import uuid7
from db.carrier_rules import CarrierRuleKind as K
from db.carrier_rules import CarrierRuleSet, carrier_rule_set_numbers
from db.errors import NotFound
from db.money import UnknownCurrency, minor_digits
from db.nodes import Node
from db.routing import RULE_SET_MOVES
from db.routing import RuleSetStatus as S
from db.session import Transaction, check_version
from db.shipping import RateCard

MOST_RULES = 200
_COUNTRY = re.compile(r"[A-Z]{2}")
_SERVICES = (K.forbid, K.require, K.prefer)


def put(tx: Transaction, ask: PutCarrierRules) -> CarrierRulesState:
    """Raises BadCarrierRule, and CarrierRulesStand of a set that is no draft any more."""
    check_rules(tx, ask.rules)
    found = _locked(tx, ask.rule_set_id) if ask.rule_set_id else None
    if found is None:
        found = CarrierRuleSet(
            id=uuid7(),
            number=tx.scalar(carrier_rule_set_numbers.next_value()),
            status=S.draft,
            made_from=ask.made_from,
            version=1,
            created_at=tx.now,
            created_by=tx.who.actor,
        )
        tx.note(f"carrier_rule_set:{found.id}", to_status=S.draft)
    elif found.status != S.draft:
        raise CarrierRulesStand(found.number, found.status)
    else:
        check_version(found, ask.version, kind="carrier_rule_set", id=str(found.id))
    found.name, found.note = ask.name, ask.note
    found.rules = [msgspec.to_builtins(rule) for rule in ask.rules]
    found.updated_at = tx.now
    tx.add(found)
    tx.flush()
    return state_of(found)


def activate(tx: Transaction, ask: ActivateCarrierRules) -> CarrierRulesState:
    """From the next parcel on. Services may have gone since it was written, so its rules are checked again."""
    found = _locked(tx, ask.rule_set_id)
    check_version(found, ask.version, kind="carrier_rule_set", id=str(found.id))
    check_rules(tx, state_of(found).rules)
    before = tx.scalars(select(CarrierRuleSet).where(CarrierRuleSet.status == S.active).with_for_update()).one_or_none()
    if before is not None and before.id != found.id:
        _move(tx, before, S.retired, why=f"version {found.number} took its place")
        tx.flush()
    _move(tx, found, S.active)
    found.activated_at, found.activated_by = tx.now, tx.who.actor
    tx.flush()
    return state_of(found)


def retire(tx: Transaction, ask: RetireCarrierRules) -> CarrierRulesState:
    found = _locked(tx, ask.rule_set_id)
    _move(tx, found, S.dropped if found.status == S.draft else S.retired, why=ask.reason)
    tx.flush()
    return state_of(found)


def in_force(tx: Transaction) -> CarrierRules:
    found = tx.execute(
        select(CarrierRuleSet.number, CarrierRuleSet.rules).where(CarrierRuleSet.status == S.active)
    ).one_or_none()
    if found is None:
        return CarrierRules(None)
    return CarrierRules(found.number, tuple(msgspec.convert(found.rules, list[CarrierRule])))


def state_of(found: CarrierRuleSet) -> CarrierRulesState:
    return CarrierRulesState(
        id=found.id,
        number=found.number,
        name=found.name,
        status=found.status,
        rules=msgspec.convert(found.rules, list[CarrierRule]),
        version=found.version,
        next=sorted(s.value for s in RULE_SET_MOVES[S(found.status)]),
    )


def _move(tx: Transaction, found: CarrierRuleSet, to: S, *, why: str | None = None) -> None:
    tx.move(found, to, moves=RULE_SET_MOVES, subject=f"carrier_rule_set:{found.id}", why=why)
    found.updated_at = tx.now


def _locked(tx: Transaction, ident: UUID) -> CarrierRuleSet:
    found = tx.get(CarrierRuleSet, ident, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("carrier rule set", str(ident))
    return found


def check_rules(tx: Transaction, rules: Sequence[CarrierRule]) -> None:
    """Refuse rules that say nothing, or speak of what there is none of. Raises BadCarrierRule."""
    if len(rules) > MOST_RULES:
        raise BadCarrierRule(MOST_RULES + 1, rules[MOST_RULES].kind, f"a set has at most {MOST_RULES} rules")
    names = {word for c, s in tx.execute(select(RateCard.carrier, RateCard.service)) for word in (c, f"{c} {s}")}
    nodes = set(tx.scalars(select(Node.code)))
    for at, rule in enumerate(rules, 1):
        if problem := _problem(rule, names, nodes):
            raise BadCarrierRule(at, rule.kind, problem)


def _problem(rule: CarrierRule, services: set[str], nodes: set[str]) -> str | None:
    if rule.kind not in set(K):
        return f"there are {', '.join(K)}"
    return (
        _problem_of_places(rule, nodes)
        or _problem_of_bounds(rule)
        or _problem_of_services(rule, services)
        or _problem_of_limits(rule)
    )


def _problem_of_places(rule: CarrierRule, nodes: set[str]) -> str | None:
    if wrong := [c for c in rule.countries if not _COUNTRY.fullmatch(c)]:
        return f"{wrong[0]!r} is no country; use two capital letters such as DE"
    if rule.postcodes and len(rule.countries) != 1:
        return "postcodes need one country that they are of"
    if any(not plain_postcode(p) for p in rule.postcodes):
        return "a postcode begins with letters or digits"
    if unknown := sorted(set(rule.nodes) - nodes):
        return f"there is no node {', '.join(unknown)}"
    return None


def _problem_of_bounds(rule: CarrierRule) -> str | None:
    for over, up_to, what in (
        (rule.over_grams, rule.up_to_grams, "grams"), (rule.over_value, rule.up_to_value, "value")
    ):  # fmt: skip
        if min(over or 0, up_to or 0) < 0:
            return f"{what} cannot be below zero"
        if over is not None and up_to is not None and over >= up_to:
            return f"nothing has {what} over {over} and up to {up_to}"
    if rule.within_days is not None and rule.within_days < 0:
        return "within_days cannot be below zero"
    amounts = (rule.over_value, rule.up_to_value, rule.limit_amount, rule.late_cost)
    if any(a is not None for a in amounts) and rule.currency is None:
        return "amounts need a currency"
    if rule.currency is not None:
        try:
            minor_digits(rule.currency)
        except UnknownCurrency as unknown:
            return str(unknown).rstrip(".")
    return None


def _problem_of_services(rule: CarrierRule, known: set[str]) -> str | None:
    if rule.kind in _SERVICES and not rule.services:
        return "name at least one carrier, or a carrier and its service"
    if rule.kind not in _SERVICES and rule.services:
        return "it speaks of all services and names none"
    if unknown := sorted(set(rule.services) - known):
        return f"no rate card is of {', '.join(unknown)}"
    return None


def _problem_of_limits(rule: CarrierRule) -> str | None:
    if min(rule.limit_amount or 0, rule.limit_ppm or 0, rule.late_cost or 0, rule.loss_ppm or 0) < 0:
        return "limits and costs cannot be below zero"
    if rule.kind == K.most_late and (rule.limit_ppm is None or rule.limit_ppm > 1_000_000):
        return "say how many of a million may be late (limit_ppm)"
    if rule.kind == K.most_above and rule.limit_amount is None and rule.limit_ppm is None:
        return "say how much above the cheapest (limit_amount or limit_ppm)"
    if rule.kind == K.weigh and rule.late_cost is None and rule.loss_ppm is None:
        return "say what lateness or loss costs (late_cost, loss_ppm)"
    return None
