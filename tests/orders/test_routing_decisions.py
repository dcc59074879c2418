"""Routing by rules in the order path: rules in force decide, and every decision is kept with what was known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from agents.orders.deciding import replayed
from agents.orders.messages import (
    ActivateRuleSet,
    ApplyEdit,
    EditPreview,
    LineChange,
    OrderState,
    PlaceDraft,
    ProposeEdit,
    PutRuleSet,
    RetireRuleSet,
    TryRules,
)
from agents.orders.messages.routing import RoutingRule, RuleSetState, RulesTried
from agents.orders.routing_rules import RuleSet
from db.audit import run
from db.errors import Refused
from tests.orders.conftest import OrdersShop

NEAR = RoutingRule(kind="nearest", limit=50)
WHOLE = RoutingRule(kind="fewest_splits")
TO_MUNICH = {"city": "München", "country": "DE"}


def activated(shop: OrdersShop, *rules: RoutingRule, channel: str = "*") -> RuleSetState:
    draft = shop.do("orders", PutRuleSet(name="Near first", rules=list(rules), channel=channel), RuleSetState)
    return shop.do("orders", ActivateRuleSet(rule_set_id=draft.id, version=draft.version), RuleSetState)


@pytest.fixture
def two(shop: OrdersShop) -> OrdersShop:
    """London has the better rank, Berlin is nearer to Munich; ten mugs and ten teas each."""
    shop.a_node("LON", rank=10, address={"city": "London", "country": "GB"})
    shop.a_node("BER", rank=20, address={"city": "Berlin", "country": "DE"}, time_zone="Europe/Berlin")
    for sku in ("MUG", "TEA"):
        shop.a_sku(sku, backorder_limit=3)
        for node in ("LON", "BER"):
            shop.some_stock(sku, node, 10)
    return shop


def nodes_of(order: OrderState) -> list[str]:
    return [a.node for a in order.allocations]


def decisions(shop: OrdersShop, order_id: UUID) -> Sequence[Any]:
    return shop.rows("SELECT * FROM routing_decisions WHERE order_id = :id ORDER BY id", id=order_id)


def audited(shop: OrdersShop) -> dict[str, int]:
    with shop.db.reading() as session:
        return {r.name: r.violations for r in run(session) if r.violations}


def test_rules_in_force_route_the_order_and_the_decision_is_kept(two: OrdersShop) -> None:
    assert nodes_of(two.order(shipping_address=TO_MUNICH)) == ["LON"]
    assert two.count("routing_decisions") == 0
    rules = activated(two, WHOLE, NEAR)
    order = two.order(shipping_address=TO_MUNICH)
    assert nodes_of(order) == ["BER"]
    assert order.allocations[0].why == "whole order from BER: nearest, 504 km and LON 918 km"
    (kept,) = decisions(two, order.id)
    assert (kept.rule_set_id, kept.cause) == (rules.id, "placed")
    assert kept.outcome["order"] == ["BER", "LON"]
    assert kept.outcome["next"]["says"] == "from LON: 414 km further"
    assert "München" not in str(kept.inputs)
    again = RuleSet(None, 1, "*", (WHOLE, NEAR))
    assert replayed(kept.inputs, again) == kept.outcome["plan"]
    assert audited(two) == {}
    two.books_balance()


def test_a_channel_has_rules_of_its_own_and_the_others_go_by_those_of_all(two: OrdersShop) -> None:
    activated(two, RoutingRule(kind="ranked", nodes=["LON"]))
    activated(two, NEAR, channel="marketplace")
    assert nodes_of(two.order(shipping_address=TO_MUNICH)) == ["LON"]
    assert nodes_of(two.order(shipping_address=TO_MUNICH, channel="marketplace")) == ["BER"]


def test_the_next_version_takes_the_place_of_the_one_before_and_can_be_gone_back_to(two: OrdersShop) -> None:
    first = activated(two, NEAR)
    activated(two, RoutingRule(kind="ranked", nodes=["LON"]))
    assert two.rows("SELECT status FROM routing_rule_sets ORDER BY number") == [("retired",), ("active",)]
    assert nodes_of(two.order(shipping_address=TO_MUNICH)) == ["LON"]
    back = two.do("orders", ActivateRuleSet(rule_set_id=first.id), RuleSetState)
    assert (back.status, back.next) == ("active", ["retired"])
    assert nodes_of(two.order(shipping_address=TO_MUNICH)) == ["BER"]
    two.do("orders", RetireRuleSet(rule_set_id=first.id, reason="by rank again"), RuleSetState)
    assert nodes_of(two.order(shipping_address=TO_MUNICH)) == ["LON"]
    assert audited(two) == {}


def test_a_draft_routes_nothing_and_what_was_active_stays_as_it_is(two: OrdersShop) -> None:
    draft = two.do("orders", PutRuleSet(name="Try", rules=[NEAR]), RuleSetState)
    assert nodes_of(two.order(shipping_address=TO_MUNICH)) == ["LON"]
    changed = two.do(
        "orders", PutRuleSet(name="Try", rules=[WHOLE, NEAR], rule_set_id=draft.id, version=1), RuleSetState
    )
    assert (changed.number, changed.version) == (draft.number, 2)
    with pytest.raises(Refused, match="changed by somebody else"):
        two.do("orders", PutRuleSet(name="Try", rules=[NEAR], rule_set_id=draft.id, version=1), RuleSetState)
    two.do("orders", ActivateRuleSet(rule_set_id=draft.id), RuleSetState)
    with pytest.raises(Refused, match="stays as it is"):
        two.do("orders", PutRuleSet(name="Try", rules=[NEAR], rule_set_id=draft.id), RuleSetState)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (RoutingRule(kind="dearest"), "there are only_nodes"),
        (RoutingRule(kind="ranked"), "name at least one node"),
        (RoutingRule(kind="ranked", nodes=["LON", "LON"]), "named twice"),
        (RoutingRule(kind="ranked", nodes=["MAD"]), "there is no node MAD"),
        (RoutingRule(kind="nearest"), "say how many kilometres"),
        (RoutingRule(kind="serves", by_node={"LON": ["uk"]}), "'uk' is no country"),
        (RoutingRule(kind="serves", by_node={"LON": []}), "name the countries"),
        (RoutingRule(kind="no_hazard", by_node={"LON": ["17"]}), "name the classes"),
        (RoutingRule(kind="same_market", markets=[["DE"], ["DE", "AT"]]), "in one market"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(two: OrdersShop, rule: RoutingRule, why: str) -> None:
    with pytest.raises(Refused, match=why):
        two.do("orders", PutRuleSet(name="Bad", rules=[rule]), RuleSetState)
    assert two.count("routing_rule_sets") == 0


def test_what_the_rules_exclude_cannot_be_bought(two: OrdersShop) -> None:
    activated(two, RoutingRule(kind="serves", by_node={"LON": ["GB"], "BER": ["DE"]}))
    with pytest.raises(Refused, match=r"MUG \(1 wanted, 0 available\)"):
        two.order(shipping_address={"country": "FR"})
    assert (two.count("routing_decisions"), two.count("allocations")) == (0, 0)


def test_an_edit_and_a_draft_are_routed_by_the_rules_too(two: OrdersShop) -> None:
    activated(two, NEAR)
    draft = two.order(shipping_address=TO_MUNICH, draft=True)
    placed = two.do("orders", PlaceDraft(order_id=draft.id), OrderState)
    assert nodes_of(placed) == ["BER"]
    ask = ProposeEdit(order_id=draft.id, lines=[LineChange(sku="TEA", quantity=2)])
    preview = two.do("orders", ask, EditPreview)
    assert [s["node"] for s in preview.stock] == ["BER"]
    two.do("orders", ApplyEdit(edit_id=preview.id), OrderState)
    assert [d.cause for d in decisions(two, draft.id)] == ["placed", "edited"]
    assert audited(two) == {}


def test_the_number_of_statements_does_not_depend_on_the_number_of_orders_under_rules(two: OrdersShop) -> None:
    activated(
        two, WHOLE, NEAR, RoutingRule(kind="least_load", limit=5), RoutingRule(kind="cover", limit=5),
        RoutingRule(kind="no_hazard", by_node={"LON": ["3"]}),
    )  # fmt: skip
    asks = [two.ask_for(lines={"MUG": 1, "TEA": 1}, shipping_address=TO_MUNICH) for _ in range(6)]
    two.statements(asks[:1])
    assert two.statements(asks[1:2]) == two.statements(asks[2:])
    assert two.count("routing_decisions") == 6


def test_rules_on_trial_are_told_beside_those_in_force_with_the_stock_of_then(two: OrdersShop) -> None:
    first = two.order(lines={"MUG": 8}, shipping_address=TO_MUNICH)
    two.later(hours=1)
    second = two.order(lines={"MUG": 4}, shipping_address=TO_MUNICH)  # London has two left
    assert (nodes_of(first), nodes_of(second)) == (["LON"], ["BER"])
    before = two.silence()
    tried = two.do("orders", TryRules(rules=[WHOLE, NEAR]), RulesTried)
    assert two.silence() == before
    rows = {r.number: r for r in tried.rows}
    of_first, of_second = rows[first.number], rows[second.number]
    assert (of_first.now.nodes, of_first.tried.nodes, of_first.changed) == (["LON"], ["BER"], True)
    assert (of_second.now.nodes, of_second.tried.nodes, of_second.changed) == (["BER"], ["BER"], False)
    assert (tried.changed, tried.in_force) == (1, None)
    assert (tried.now.km, tried.tried.km) == (918 + 504, 504 + 504)
    assert [(n.node, n.parcels) for n in tried.tried.by_node] == [("BER", 2)]


def test_a_trial_shows_what_could_not_be_promised(two: OrdersShop) -> None:
    two.order(shipping_address={"country": "FR"})
    tried = two.do(
        "orders", TryRules(rules=[RoutingRule(kind="serves", by_node={"LON": ["GB"], "BER": ["DE"]})]), RulesTried
    )
    assert tried.tried.refused == 1
    assert "0 available" in (tried.rows[0].tried.refused or "")
    assert tried.rows[0].changed
