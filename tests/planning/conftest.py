"""A company over London and Berlin whose open orders are planned, with rate cards that make the way cost something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from agents.orders.messages import OrderState
from agents.planning.messages import (
    ApplyRoutingPlan,
    AskRoutingPlan,
    PutRoutingWeights,
    RoutingPlanState,
    RoutingWeightsState,
)
from agents.shipping.messages import PutRateCard, RateCardState, RateRow, ZoneRow
from db.audit import run
from db.base import uuid7
from db.routing_plans import RoutingPlan, RoutingPlanMove
from tests.orders.conftest import OrdersShop
from tests.shop import TESTER, Shop

MUNICH = {"city": "München", "country": "DE", "postcode": "80331"}
LEEDS = {"city": "Leeds", "country": "GB", "postcode": "LS1 1UR"}
WEIGHTS: dict[str, Any] = {
    "currency": "EUR", "split_cost": 200, "late_cost": 0, "promise_days": 5, "wait_cost": 800, "parcel_cost": 400,
    "far_cost": 20, "overtime_cost": 200, "cover_days": 7, "margin_ppm": 300_000, "most_orders": 10_000,
    "least_age_minutes": 0, "least_gain": 0, "every_minutes": None, "least_saving": 100,
}  # fmt: skip


class PlanningShop(OrdersShop):
    def __init__(self, database_url: str) -> None:
        Shop.__init__(self, database_url, only=("orders", "fulfilment", "planning", "shipping"))

    def built(self) -> None:
        """London comes first by rank; what goes abroad costs four times as much."""
        self.a_node("LON", rank=10, address={"city": "London", "country": "GB"})
        self.a_node("BER", rank=20, address={"city": "Berlin", "country": "DE"})
        self.a_sku("MUG", weight_grams=400, backorder_limit=5)
        self.a_sku("TEA", weight_grams=900, backorder_limit=5)
        self.a_card()

    def a_card(self, carrier: str = "Post", *, home: int = 500, abroad: int = 2000, **what: Any) -> None:
        """Up to 1 kg, up to 3 kg for half as much again, up to 10 kg for twice as much."""
        zones = [
            ZoneRow(zone="home", country="GB", origin="LON"), ZoneRow(zone="home", country="DE", origin="BER"),
            ZoneRow(zone="abroad", country="DE", origin="LON"), ZoneRow(zone="abroad", country="GB", origin="BER"),
        ]  # fmt: skip
        rates = [
            RateRow(zone=zone, max_weight_grams=grams, amount=base * share // 2)
            for zone, base in (("home", home), ("abroad", abroad))
            for grams, share in ((1000, 2), (3000, 3), (10_000, 4))
        ]
        card = PutRateCard(
            carrier=carrier, service="Parcel", currency="EUR", transit_days=2, zones=zones, rates=rates, **what
        )
        self.do("shipping", card, RateCardState)
        self.later(seconds=1)

    def sells(self, to: Any = MUNICH, **lines: int) -> OrderState:
        placed = self.order(lines=lines, shipping_address=to)
        self.pump()
        self.later(minutes=1)
        return placed

    def weighed(self, **what: Any) -> RoutingWeightsState:
        return self.do("planning", PutRoutingWeights(**{**WEIGHTS, **what}), RoutingWeightsState)

    def plans(self, **which: Any) -> RoutingPlan:
        ident = uuid7()
        self.do("planning", AskRoutingPlan(id=ident, **which), RoutingPlanState)
        self.pump()
        assert self.dead() == []
        return self.plan(ident)

    def applies(self, plan: RoutingPlan) -> RoutingPlan:
        self.do("planning", ApplyRoutingPlan(plan_id=plan.id), RoutingPlanState)
        self.pump()
        assert self.dead() == []
        return self.plan(plan.id)

    def plan(self, ident: UUID) -> RoutingPlan:
        with self.db.reading() as session:
            return session.get_one(RoutingPlan, ident)

    def moves(self, plan: RoutingPlan) -> list[RoutingPlanMove]:
        with self.db.reading() as session:
            rows = select(RoutingPlanMove).where(RoutingPlanMove.plan_id == plan.id).order_by(RoutingPlanMove.row_no)
            return list(session.scalars(rows))

    def where(self, order: OrderState) -> list[tuple[str, str, int, str]]:
        return sorted((a.sku, a.node, a.quantity, a.state) for a in self.allocations(order.id) if a.state != "released")

    def says(self, statement: str, **values: Any) -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.execute(text(statement), values)

    def is_sound(self) -> None:
        with self.db.reading() as session:
            assert {r.name: r.rows for r in run(session) if r.violations} == {}
        self.books_balance()


@pytest.fixture
def house(db_url: str) -> Iterator[PlanningShop]:
    company = PlanningShop(db_url)
    company.built()
    company.weighed()
    yield company
    company.close()
