"""How SKUs are kept: by their class, or as somebody said for one place."""

from __future__ import annotations

from typing import Any

from agents.purchasing.messages.replenishment import (
    PutReplenishmentClass,
    PutReplenishmentRule,
    RemoveReplenishmentRule,
    ReplenishmentClassState,
    ReplenishmentRuleRemoved,
    ReplenishmentRuleState,
)
from agents.purchasing.refusals import BadPurchaseField
from agents.purchasing.rules import LARGEST_QUANTITY, check_number, check_words
from db.catalog import variants_by_sku
from db.errors import NotFound
from db.nodes import Node
from db.replenishment import PolicyKind, ReplenishmentClass, ReplenishmentRule, ServiceMeasure, ensure_classes
from db.session import Transaction, check_version
from db.suppliers import Supplier

LEAST_SERVICE, MOST_SERVICE = 500_000, 999_000
LONGEST_REVIEW = 365


def check_class(ask: PutReplenishmentClass) -> None:
    _check_policy(ask.policy)
    if ask.measured_by not in list(ServiceMeasure):
        raise BadPurchaseField("measured_by", ask.measured_by, f"it is one of {', '.join(ServiceMeasure)}")
    check_number("service_ppm", ask.service_ppm, least=LEAST_SERVICE, most=MOST_SERVICE)
    check_number("review_days", ask.review_days, least=1, most=LONGEST_REVIEW)
    check_number("order_cost", ask.order_cost)
    check_number("holding_ppm", ask.holding_ppm, least=1, most=10_000_000)


def put_class(tx: Transaction, ask: PutReplenishmentClass) -> ReplenishmentClassState:
    check_class(ask)
    ensure_classes(tx)
    row = tx.get(ReplenishmentClass, ask.code, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("replenishment class", ask.code)
    check_version(row, ask.version, kind="replenishment class", id=ask.code)
    names = ("policy", "service_ppm", "measured_by", "review_days", "order_cost", "holding_ppm")
    _change(tx, row, {name: getattr(ask, name) for name in names})
    tx.flush()
    return ReplenishmentClassState(code=row.code, policy=row.policy, service_ppm=row.service_ppm, version=row.version)


def put_rule(tx: Transaction, ask: PutReplenishmentRule) -> ReplenishmentRuleState:
    """Says everything anew: what is left out follows from the class again."""
    check_rule(tx, ask)
    names = ("policy", "service_ppm", "minimum", "maximum", "lot", "review_days", "supplier", "snoozed_until", "why")
    values = {name: getattr(ask, name) for name in names}
    row = tx.get(ReplenishmentRule, (ask.node, ask.sku), with_for_update=True, populate_existing=True)
    created = row is None
    if row is None:
        row = ReplenishmentRule(node=ask.node, sku=ask.sku, version=1, created_at=tx.now, updated_at=tx.now, **values)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="replenishment rule", id=f"{ask.sku} at {ask.node}")
        _change(tx, row, values)
    tx.flush()
    return ReplenishmentRuleState(node=row.node, sku=row.sku, policy=row.policy, version=row.version, created=created)


def remove_rule(tx: Transaction, ask: RemoveReplenishmentRule) -> ReplenishmentRuleRemoved:
    row = tx.get(ReplenishmentRule, (ask.node, ask.sku), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("replenishment rule", f"{ask.sku} at {ask.node}")
    check_version(row, ask.version, kind="replenishment rule", id=f"{ask.sku} at {ask.node}")
    tx.delete(row)
    return ReplenishmentRuleRemoved(node=ask.node, sku=ask.sku)


def check_rule(tx: Transaction, ask: PutReplenishmentRule) -> None:
    """Whether it makes sense, and what it names is there."""
    _check_fields(ask)
    if tx.get(Node, ask.node) is None:
        raise NotFound("node", ask.node)
    if ask.sku not in variants_by_sku(tx, [ask.sku]):
        raise NotFound("SKU", ask.sku)
    if ask.supplier is not None and tx.get(Supplier, ask.supplier) is None:
        raise NotFound("supplier", ask.supplier)


def _check_fields(ask: PutReplenishmentRule) -> None:
    check_words("why", ask.why, needed=False)
    if ask.policy is not None:
        _check_policy(ask.policy)
    if ask.service_ppm is not None:
        check_number("service_ppm", ask.service_ppm, least=LEAST_SERVICE, most=MOST_SERVICE)
    if ask.review_days is not None:
        check_number("review_days", ask.review_days, least=1, most=LONGEST_REVIEW)
    for name in ("minimum", "maximum", "lot"):
        if (value := getattr(ask, name)) is not None:
            check_number(name, value, least=1 if name == "lot" else 0, most=LARGEST_QUANTITY)
    if ask.maximum is not None and ask.maximum < (ask.minimum or 0):
        raise BadPurchaseField("maximum", ask.maximum, f"it is not below the minimum of {ask.minimum}")
    if ask.policy == PolicyKind.min_max and None in (ask.minimum, ask.maximum):
        raise BadPurchaseField("policy", ask.policy, "it needs a minimum and a maximum")
    if ask.policy == PolicyKind.fixed and ask.lot is None:
        raise BadPurchaseField("policy", ask.policy, "it needs a lot")


def _check_policy(policy: str) -> None:
    if policy not in list(PolicyKind):
        raise BadPurchaseField("policy", policy, f"it is one of {', '.join(PolicyKind)}")


def _change(tx: Transaction, row: Any, values: dict[str, Any]) -> None:
    if any(getattr(row, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = tx.now
