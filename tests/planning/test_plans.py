"""Plans of open orders: what they see, what they save, and that doing them does that and nothing else."""

from __future__ import annotations

import pytest

from agents.fulfilment.messages import CreatePickList, PickListState
from agents.orders.messages import CancelOrder, HoldOrder, OrderState
from agents.planning.keeping import unpack
from agents.planning.messages import (
    ApplyRoutingPlan,
    AskRoutingPlan,
    MakeRoutingPlan,
    PlanByTheClock,
    RoutingPlanState,
    StopRoutingPlan,
)
from db.base import uuid7
from db.errors import Refused
from ml.routing.measure import measure
from ml.routing.optimise import optimise
from tests.planning.conftest import LEEDS, PlanningShop
from tests.shop import TESTER


def test_an_order_moves_to_the_node_from_which_its_parcel_costs_least(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 5)
    house.some_stock("MUG", "BER", 5)
    order = house.sells(MUG=2)
    assert house.where(order) == [("MUG", "LON", 2, "allocated")]
    plan = house.plans()
    assert (plan.status, plan.orders, plan.moving, plan.currency) == ("planned", 1, 1, "EUR")
    assert (plan.cost_now, plan.cost_planned, plan.bound) == (2000, 500, 500)
    (move,) = house.moves(plan)
    assert (move.from_nodes, move.to_nodes, move.units, move.saved) == (["LON"], ["BER"], 2, 1500)
    assert move.why == "saves €15.00: way −€15.00"
    assert move.next_best == "next best from LON: €15.00 more (way +€15.00)"
    assert house.where(order) == [("MUG", "LON", 2, "allocated")]  # a plan alone changes nothing
    done = house.applies(plan)
    assert (done.status, house.moves(plan)[0].state) == ("applied", "moved")
    assert house.where(order) == [("MUG", "BER", 2, "allocated")]
    assert [r.node for r in house.rows("SELECT node FROM fulfilments WHERE status = 'ready'")] == ["BER"]
    (decided,) = house.rows("SELECT cause, why FROM routing_decisions")
    assert decided.cause == "planned"
    assert decided.why.startswith("moved: 2 MUG from LON to BER: plan 1, saves €15.00")
    house.is_sound()


def test_two_orders_take_each_others_units_where_nothing_else_lies(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 1)
    munich = house.sells(MUG=1)
    house.some_stock("MUG", "BER", 1)
    leeds = house.sells(LEEDS, MUG=1)
    plan = house.plans()
    assert (plan.cost_now, plan.cost_planned, plan.moving) == (4000, 1000, 2)
    assert {m.slice_no for m in house.moves(plan)} == {1}
    house.applies(plan)
    assert (house.where(munich), house.where(leeds)) == (
        [("MUG", "BER", 1, "allocated")],
        [("MUG", "LON", 1, "allocated")],
    )
    house.is_sound()


def test_a_heavier_parcel_costs_a_further_step_and_a_split_is_undone(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 1)
    house.some_stock("TEA", "BER", 5)
    order = house.sells(MUG=1, TEA=1)
    house.some_stock("MUG", "BER", 1)
    assert house.where(order) == [("MUG", "LON", 1, "allocated"), ("TEA", "BER", 1, "allocated")]
    plan = house.plans()
    # 1.3 kg in one parcel at home 7.50, against 20.00 and 5.00 in two and the price of a split.
    assert (plan.cost_now, plan.cost_planned) == (2700, 750)
    assert plan.figures["now"]["split"] == 1
    assert plan.figures["planned"]["split"] == 0
    house.applies(plan)
    assert house.where(order) == [("MUG", "BER", 1, "allocated"), ("TEA", "BER", 1, "allocated")]
    house.is_sound()


def test_what_waits_is_served_from_elsewhere_in_the_order_in_which_it_came(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 1)
    house.sells(LEEDS, MUG=1)
    first, second = house.sells(MUG=2), house.sells(LEEDS, MUG=1)
    assert house.where(first) == [("MUG", "LON", 2, "backordered")]
    house.some_stock("MUG", "BER", 2)
    plan = house.plans()
    assert plan.left_out == {"waiting behind others, or for what lies nowhere": 1}
    assert (plan.cost_now, plan.cost_planned) == (500 + 1600 + 2000, 500 + 500)
    house.applies(plan)
    assert house.where(first) == [("MUG", "BER", 2, "allocated")]
    assert house.where(second) == [("MUG", "LON", 1, "backordered")]
    house.is_sound()


def test_nobody_who_has_units_is_made_to_wait_for_what_others_save(house: PlanningShop) -> None:
    house.some_stock("MUG", "BER", 1)
    leeds = house.sells(LEEDS, MUG=1)
    munich = house.sells(MUG=1)
    assert house.where(leeds) == [("MUG", "BER", 1, "allocated")]
    plan = house.plans()
    assert (plan.moving, plan.cost_now, plan.cost_planned) == (0, 2000, 2000)
    assert house.where(munich) == [("MUG", "BER", 1, "backordered")]
    with pytest.raises(Refused, match="moves no order"):
        house.do("planning", ApplyRoutingPlan(plan_id=plan.id), RoutingPlanState)


def test_what_gains_too_little_is_left_alone(house: PlanningShop) -> None:
    house.weighed(least_gain=1501)
    house.some_stock("MUG", "LON", 5)
    house.some_stock("MUG", "BER", 5)
    house.sells(MUG=2)
    plan = house.plans()
    assert (plan.moving, plan.cost_now, plan.cost_planned, plan.bound) == (0, 2000, 2000, 500)


def test_what_changed_meanwhile_stays_and_says_so(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 9)
    orders = [house.sells(MUG=1) for _ in range(5)]
    house.some_stock("MUG", "BER", 3)
    house.sells(LEEDS, MUG=1)
    plan = house.plans()
    assert plan.moving == 3
    movers = {m.order_id: m for m in house.moves(plan)}
    cancelled, picked, goes = [o for o in orders if o.id in movers]
    house.do("orders", CancelOrder(order_id=cancelled.id, reason="changed their mind"), OrderState)
    house.pump()
    (fulfilment,) = house.rows("SELECT id FROM fulfilments WHERE order_id = :o", o=picked.id)
    house.do("fulfilment", CreatePickList(node="LON", fulfilments=[fulfilment.id]), PickListState)
    done = house.applies(plan)
    assert done.status == "applied"
    said = {m.order_id: (m.state, m.sentence) for m in house.moves(plan)}
    assert said == {
        cancelled.id: ("skipped", "the order is cancelled"),
        picked.id: ("skipped", "somebody has begun to pick it"),
        goes.id: ("moved", None),
    }
    house.is_sound()


def test_units_that_others_took_meanwhile_are_not_taken_twice(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 2)
    order = house.sells(MUG=2)
    house.some_stock("MUG", "BER", 2)
    plan = house.plans()
    other = house.sells(MUG=1)  # from Berlin: London has none left
    assert house.where(other) == [("MUG", "BER", 1, "allocated")]
    house.applies(plan)
    assert house.moves(plan)[0].sentence == "others have taken the units meanwhile"
    assert house.where(order) == [("MUG", "LON", 2, "allocated")]
    house.is_sound()


def test_who_was_to_leave_room_stays_when_nobody_takes_it(house: PlanningShop) -> None:
    """Both live in Munich. The heavy one makes more of Berlin's unit than the light one that has it."""
    house.some_stock("MUG", "BER", 1)
    light = house.sells(MUG=1)
    house.some_stock("MUG", "LON", 2)
    house.some_stock("TEA", "BER", 9)
    heavy = house.sells(MUG=1, TEA=1)
    plan = house.plans()
    rows = {m.order_id: m for m in house.moves(plan)}
    assert rows[light.id].saved < 0 < rows[heavy.id].saved
    house.do("orders", CancelOrder(order_id=heavy.id, reason="changed their mind"), OrderState)
    house.pump()
    house.applies(plan)
    assert {m.sentence for m in house.moves(plan)} == {
        "the order is cancelled",
        "nobody takes the units that it was to leave",
    }
    assert house.where(light) == [("MUG", "BER", 1, "allocated")]
    house.is_sound()


def test_a_plan_keeps_all_that_it_was_made_from(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 3)
    for _ in range(3):
        house.sells(MUG=1)
    house.some_stock("MUG", "BER", 2)
    plan = house.plans()
    assert plan.inputs is not None
    problem, now, names = unpack(plan.inputs)
    assert names["nodes"] == ["BER", "LON"]
    assert len(names["orders"]) == 3
    again = optimise(problem, [now])
    assert (round(measure(problem, now).total), round(again.cost)) == (plan.cost_now, plan.cost_planned)


def test_one_plan_is_made_at_a_time_and_one_that_is_dropped_stays_so(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 3)
    house.sells(MUG=1)
    ident = uuid7()
    house.do("planning", AskRoutingPlan(id=ident), RoutingPlanState)
    with pytest.raises(Refused, match="is being made"):
        house.do("planning", AskRoutingPlan(id=uuid7()), RoutingPlanState)
    dropped = house.do("planning", StopRoutingPlan(plan_id=ident, reason="too early"), RoutingPlanState)
    assert (dropped.status, dropped.next) == ("dropped", [])
    house.pump()
    assert house.plan(ident).status == "dropped"
    assert house.dead() == []


def test_a_plan_of_nothing_fails_and_says_why(house: PlanningShop) -> None:
    plan = house.plans(channel="store")
    assert (plan.status, plan.why) == ("failed", "No open order can be planned: there is none.")


def test_plans_make_and_do_themselves_by_the_clock_where_that_is_wanted(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 5)
    house.some_stock("MUG", "BER", 5)
    order = house.sells(MUG=1)
    tick(house)
    assert house.count("routing_plans") == 0
    house.weighed(every_minutes=10, least_saving=1500)
    tick(house)
    assert house.where(order) == [("MUG", "BER", 1, "allocated")]
    tick(house)
    assert house.count("routing_plans") == 1  # ten minutes are not over
    house.sells(LEEDS, MUG=1)
    house.later(minutes=10)
    tick(house)
    assert [r.status for r in house.rows("SELECT status FROM routing_plans ORDER BY number")] == ["applied", "dropped"]
    house.is_sound()


def tick(house: PlanningShop) -> None:
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.send("planning", "schedule:plan open orders", PlanByTheClock())
    house.pump()
    assert house.dead() == []


def test_a_held_order_is_planned_like_any_other(house: PlanningShop) -> None:
    house.some_stock("MUG", "LON", 5)
    order = house.sells(MUG=1)
    house.do("orders", HoldOrder(order_id=order.id, reason="fraud"), OrderState)
    house.some_stock("MUG", "BER", 5)
    house.applies(house.plans())
    assert house.where(order) == [("MUG", "BER", 1, "allocated")]
    house.is_sound()


def test_a_plan_that_is_made_twice_is_one(house: PlanningShop) -> None:
    """The agent is killed after it kept the plan and before it said so: the task comes again."""
    house.some_stock("MUG", "LON", 5)
    house.some_stock("MUG", "BER", 5)
    house.sells(MUG=1)
    plan = house.plans()
    house.agent("planning").make(MakeRoutingPlan(plan_id=plan.id), TESTER)
    assert len(house.moves(plan)) == 1
    assert house.plan(plan.id).version == plan.version
