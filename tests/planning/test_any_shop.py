"""Any shop: a plan is never dearer than leaving things, and doing it keeps the books whatever happens between."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.orders import planned
from agents.orders.messages import CancelOrder, HoldOrder, OrderState
from agents.planning.keeping import unpack
from agents.planning.messages import ApplyRoutingPlan, RoutingPlanState
from db.errors import Refused
from ml.routing.checker import check
from ml.routing.optimise import optimise
from tests.conftest import FreshDatabase
from tests.planning.conftest import LEEDS, MUNICH, PlanningShop

PLACES = [(sku, node) for sku in ("MUG", "TEA") for node in ("LON", "BER")]
asked = st.tuples(st.sampled_from([MUNICH, LEEDS]), st.integers(0, 2), st.integers(0, 2)).filter(lambda o: o[1] + o[2])
stock = st.lists(st.integers(1, 5), min_size=4, max_size=4)


def sold(house: PlanningShop, one: tuple[Any, int, int]) -> OrderState | None:
    to, mugs, teas = one
    try:
        return house.sells(to, **{sku: units for sku, units in (("MUG", mugs), ("TEA", teas)) if units})
    except Refused:
        return None  # nothing is left to promise


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=stock,
    orders=st.lists(asked, min_size=1, max_size=6),
    after=stock,
    late=st.lists(asked, max_size=3),
    spoilt=st.lists(st.sampled_from(["cancel", "hold", "nothing"]), min_size=6, max_size=6),
)
def test_a_plan_never_costs_more_and_applying_it_keeps_the_books(
    fresh_database: FreshDatabase,
    before: list[int],
    orders: list[Any],
    after: list[int],
    late: list[Any],
    spoilt: list[str],
) -> None:
    with fresh_database() as url:
        house = PlanningShop(url)
        try:
            house.built()
            house.weighed()
            for (sku, node), units in zip(PLACES, before, strict=True):
                house.some_stock(sku, node, units)
            placed = [order for one in orders if (order := sold(house, one))]
            for (sku, node), units in zip(PLACES, after, strict=True):
                house.some_stock(sku, node, units)
            plan = house.plans()
            if plan.status == "planned":
                assert plan.bound <= plan.cost_planned <= plan.cost_now
                problem, now, _ = unpack(plan.inputs or b"")
                one, two = optimise(problem, [now]), optimise(problem, [now])
                assert check(problem, one.plan) == []
                assert one.plan.tolist() == two.plan.tolist()
            for order, what in zip(placed, spoilt, strict=False):
                if what == "cancel":
                    house.do("orders", CancelOrder(order_id=order.id, reason="x"), OrderState)
                elif what == "hold":
                    house.do("orders", HoldOrder(order_id=order.id, reason="fraud"), OrderState)
            for one_more in late:
                sold(house, one_more)
            if plan.moving:
                assert house.applies(plan).status == "applied"
            house.pump()
            assert house.dead() == []
            house.is_sound()
        finally:
            house.close()


def test_a_slice_that_is_killed_half_way_leaves_nothing_and_is_done_again(
    house: PlanningShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.some_stock("MUG", "LON", 1)
    munich = house.sells(MUG=1)
    house.some_stock("MUG", "BER", 1)
    leeds = house.sells(LEEDS, MUG=1)
    plan = house.plans()
    done, whole = [], planned.promise_there

    def dies(*args: Any, **named: Any) -> None:
        if len(done) == 1:
            done.append("killed")
            raise RuntimeError("killed after the first of two was promised")
        done.append("promised")
        whole(*args, **named)

    monkeypatch.setattr(planned, "promise_there", dies)
    house.do("planning", ApplyRoutingPlan(plan_id=plan.id), RoutingPlanState)
    house.pump()
    assert "killed" in done
    house.later(minutes=10)
    house.pump()
    assert house.plan(plan.id).status == "applied"
    assert (house.where(munich), house.where(leeds)) == (
        [("MUG", "BER", 1, "allocated")],
        [("MUG", "LON", 1, "allocated")],
    )
    assert {m.state for m in house.moves(plan)} == {"moved"}
    house.is_sound()
