"""The rule of the cheapest carriage, asked of the rate cards in force as the order is placed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agents.orders.deciding import replayed
from agents.orders.messages.routing import RoutingRule
from agents.orders.routing_rules import RuleSet
from agents.shipping.messages import PutRateCard, RateCardState, RateRow, ZoneRow
from tests.orders.conftest import OrdersShop
from tests.orders.test_routing_decisions import TO_MUNICH, activated, audited, decisions, nodes_of
from tests.shop import Shop

CHEAP = RoutingRule(kind="cheapest", limit=50)
NEAR = RoutingRule(kind="nearest", limit=50)


class Desk(OrdersShop):
    def __init__(self, database_url: str) -> None:
        Shop.__init__(self, database_url, only=("orders", "shipping"))

    def a_card(self, *, london: int, berlin: int, upto: int = 2000, **what: Any) -> None:
        """To Germany up to 2 kg from each node; up to 20 kg for 30.00 from both."""
        zones = [ZoneRow(zone=node, country="DE", origin=node) for node in ("LON", "BER")]
        light = {"LON": london, "BER": berlin}
        rates = [
            RateRow(zone=node, max_weight_grams=grams, amount=amount)
            for node, least in light.items()
            for grams, amount in ((upto, least), (20_000, 3000))
        ]
        card = {"carrier": "Post", "service": "Parcel", "currency": "EUR", "transit_days": 2, **what}
        self.do("shipping", PutRateCard(zones=zones, rates=rates, **card), RateCardState)
        self.later(seconds=1)


@pytest.fixture
def desk(db_url: str) -> Iterator[Desk]:
    """Berlin is nearer to Munich, London comes first by rank; ten mugs of 400 g in both."""
    company = Desk(db_url)
    company.a_node("LON", rank=10, address={"city": "London", "country": "GB"})
    company.a_node("BER", rank=20, address={"city": "Berlin", "country": "DE"})
    company.a_sku("MUG", weight_grams=400, length_mm=100, width_mm=100, height_mm=100)
    for node in ("LON", "BER"):
        company.some_stock("MUG", node, 10)
    yield company
    company.close()


def test_the_node_that_it_costs_least_to_send_from_is_chosen_and_says_for_how_much(desk: Desk) -> None:
    desk.a_card(london=450, berlin=990)
    rules = activated(desk, CHEAP, NEAR)
    order = desk.order(shipping_address=TO_MUNICH)
    assert nodes_of(order) == ["LON"]
    assert order.allocations[0].why == (
        "whole order from LON: cheapest carriage, €4.50 by Post Parcel and BER €9.90 by Post Parcel"
    )
    (kept,) = decisions(desk, order.id)
    assert kept.rule_set_id == rules.id
    desk.a_card(london=990, berlin=450)  # what was known then is kept, not asked for again
    assert replayed(kept.inputs, RuleSet(None, 1, "*", (CHEAP, NEAR))) == kept.outcome["plan"]
    assert nodes_of(desk.order(shipping_address=TO_MUNICH)) == ["BER"]
    assert audited(desk) == {}


def test_prices_within_the_limit_count_as_one_and_the_next_rule_decides(desk: Desk) -> None:
    desk.a_card(london=500, berlin=549)
    activated(desk, CHEAP, NEAR)
    assert nodes_of(desk.order(shipping_address=TO_MUNICH)) == ["BER"]
    desk.a_card(london=500, berlin=550)
    assert nodes_of(desk.order(shipping_address=TO_MUNICH)) == ["LON"]


def test_the_whole_weight_of_the_order_counts_or_its_size_where_that_is_more(desk: Desk) -> None:
    desk.a_card(london=450, berlin=990)
    activated(desk, CHEAP, NEAR)
    assert nodes_of(desk.order(lines={"MUG": 5}, shipping_address=TO_MUNICH)) == ["LON"]  # 2,000 g
    heavy = desk.order(lines={"MUG": 6}, shipping_address=TO_MUNICH)
    assert nodes_of(heavy) == ["BER"]  # both ask 30.00 for 2,400 g, and Berlin is nearer
    desk.a_card(london=450, berlin=990, dimensional_divisor=1000)  # a mug of a litre counts as a kilogram
    assert nodes_of(desk.order(lines={"MUG": 3}, shipping_address=TO_MUNICH)) == ["BER"]


def test_without_a_card_of_its_currency_prices_in_another_rank_nodes_as_well(desk: Desk) -> None:
    desk.a_card(london=450, berlin=990, currency="USD")
    activated(desk, CHEAP, NEAR)
    order = desk.order(shipping_address=TO_MUNICH)
    assert (order.currency, nodes_of(order)) == ("EUR", ["LON"])
    assert "$4.50 by Post Parcel" in str(order.allocations[0].why)


@pytest.mark.parametrize("has_cards", [True, False])
def test_where_no_card_says_a_price_the_next_rule_decides(desk: Desk, has_cards: bool) -> None:
    if has_cards:
        desk.a_card(london=450, berlin=990, takes_po_box=False)
    activated(desk, CHEAP, NEAR)
    order = desk.order(shipping_address={**TO_MUNICH, "line1": "PO Box 7"})
    assert nodes_of(order) == ["BER"]
    assert "nearest" in str(order.allocations[0].why)
