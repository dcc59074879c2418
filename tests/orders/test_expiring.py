"""Held orders that let their units go: when, to whom, and what they have when they are released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from agents.fulfilment.messages import CreatePickList, Pick, PickListState
from agents.orders.messages import (
    ActivateRuleSet,
    CancelOrder,
    HoldOrder,
    HoldTermState,
    LetHeldUnitsGo,
    OrderState,
    PutHoldTerm,
    PutRuleSet,
    ReleaseOrder,
)
from agents.orders.messages.routing import RoutingRule, RuleSetState
from db.audit import run
from db.errors import Refused
from db.orders import any_held_too_long
from tests.orders.conftest import OrdersShop
from tests.shop import TESTER, Shop


class Desk(OrdersShop):
    def __init__(self, database_url: str) -> None:
        Shop.__init__(self, database_url, only=("orders", "fulfilment"))

    def held(self, quantity: int, reason: str = "fraud") -> OrderState:
        order = self.order(lines={"MUG": quantity})
        self.pump()
        self.do("orders", HoldOrder(order_id=order.id, reason=reason), OrderState)
        self.pump()
        return order

    def term(self, hours: int | None, reason: str = "fraud") -> HoldTermState:
        return self.do("orders", PutHoldTerm(reason=reason, hours=hours), HoldTermState)

    def tick(self) -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            if any_held_too_long(tx, tx.now):
                tx.send("orders", "schedule:let held units go", LetHeldUnitsGo())
        self.pump()
        assert self.dead() == []

    def release(self, order: OrderState) -> None:
        self.do("orders", ReleaseOrder(order_id=order.id), OrderState)
        self.pump()
        assert self.dead() == []

    def where(self, order: OrderState) -> list[tuple[str, int, bool]]:
        rows = [a for a in self.allocations(order.id) if a.state != "released"]
        return sorted((a.state, a.quantity, a.parked_at is not None) for a in rows)

    def is_sound(self) -> None:
        with self.db.reading() as session:
            assert {r.name: r.rows for r in run(session) if r.violations} == {}
        self.books_balance()


@pytest.fixture
def desk(db_url: str) -> Iterator[Desk]:
    company = Desk(db_url)
    company.a_node("LON", rank=10)
    company.a_sku("MUG", backorder_limit=5)
    company.some_stock("MUG", "LON", 3)
    yield company
    company.close()


def test_units_of_an_order_that_is_held_for_too_long_are_sold_to_others(desk: Desk) -> None:
    desk.term(24)
    order = desk.held(3)
    desk.later(hours=23)
    desk.tick()
    assert desk.where(order) == [("allocated", 3, False)]
    desk.later(hours=1)
    desk.tick()
    assert desk.where(order) == [("backordered", 3, True)]
    assert desk.level("MUG", "LON").allocated == 0
    assert desk.rows("SELECT quantity FROM fulfilment_lines") == []
    other = desk.order(lines={"MUG": 2})
    desk.pump()
    assert desk.where(other) == [("allocated", 2, False)]
    desk.release(order)
    assert desk.where(order) == [("allocated", 1, False), ("backordered", 2, False)]
    desk.is_sound()


def test_without_a_term_an_order_keeps_its_units_as_long_as_it_is_held(desk: Desk) -> None:
    desk.term(24, reason="address")
    desk.term(None, reason="fraud")
    order = desk.held(3)
    desk.later(days=90)
    desk.tick()
    assert desk.where(order) == [("allocated", 3, False)]


def test_what_comes_is_for_those_who_are_not_held(desk: Desk) -> None:
    desk.term(1)
    order = desk.held(3)
    desk.later(hours=2)
    desk.tick()
    first = desk.order(lines={"MUG": 3})
    waits = desk.order(lines={"MUG": 1})
    desk.pump()
    assert desk.where(waits) == [("backordered", 1, False)]
    desk.do("orders", CancelOrder(order_id=first.id, reason="changed their mind"), OrderState)
    desk.pump()
    assert (desk.where(waits), desk.where(order)) == ([("allocated", 1, False)], [("backordered", 3, True)])
    desk.release(order)
    assert desk.where(order) == [("allocated", 2, False), ("backordered", 1, False)]
    desk.is_sound()


def test_what_somebody_has_begun_to_pick_stays(desk: Desk) -> None:
    desk.term(1)
    order = desk.order(lines={"MUG": 3})
    desk.pump()
    (row,) = desk.rows("SELECT id FROM fulfilments")
    tasks = desk.do("fulfilment", CreatePickList(node="LON", fulfilments=[row.id]), PickListState).tasks
    desk.do("fulfilment", Pick(task_id=tasks[0]["id"], quantity=1), PickListState)
    desk.do("orders", HoldOrder(order_id=order.id, reason="fraud"), OrderState)
    desk.pump()
    desk.later(hours=2)
    desk.tick()
    assert desk.where(order) == [("allocated", 2, False), ("picked", 1, False)]


def test_an_order_with_parked_units_can_be_cancelled(desk: Desk) -> None:
    desk.term(1)
    order = desk.held(3)
    desk.later(hours=2)
    desk.tick()
    desk.do("orders", CancelOrder(order_id=order.id, reason="fraud"), OrderState)
    desk.pump()
    assert desk.where(order) == []
    desk.is_sound()


def test_a_second_hold_keeps_the_units_on_sale(desk: Desk) -> None:
    desk.term(1)
    order = desk.held(3)
    desk.do("orders", HoldOrder(order_id=order.id, reason="address"), OrderState)
    desk.later(hours=2)
    desk.tick()
    desk.do("orders", ReleaseOrder(order_id=order.id, reason="fraud"), OrderState)
    desk.pump()
    assert desk.where(order) == [("backordered", 3, True)]
    desk.release(order)
    assert desk.where(order) == [("allocated", 3, False)]
    assert [r.node for r in desk.rows("SELECT node FROM fulfilments WHERE status = 'ready'")] == ["LON"]
    desk.is_sound()


@pytest.mark.parametrize(
    ("at_berlin", "stays", "goes"),
    [(0, 2, 0), (1, 1, 1), (5, 0, 2)],
)
def test_what_is_gone_when_the_hold_is_lifted_comes_from_elsewhere(
    desk: Desk, at_berlin: int, stays: int, goes: int
) -> None:
    rules = desk.do("orders", PutRuleSet(name="Near", rules=[RoutingRule(kind="fewest_splits")]), RuleSetState)
    desk.do("orders", ActivateRuleSet(rule_set_id=rules.id, version=rules.version), RuleSetState)
    desk.term(1)
    order = desk.held(3)
    desk.later(hours=2)
    desk.tick()
    desk.order(lines={"MUG": 2})
    desk.a_node("BER", rank=20)
    if at_berlin:
        desk.some_stock("MUG", "BER", at_berlin)
    desk.release(order)
    held = Counter(
        (a.node, a.state) for a in desk.allocations(order.id) if a.state != "released" for _ in range(a.quantity)
    )
    assert held == +Counter({("LON", "allocated"): 1, ("LON", "backordered"): stays, ("BER", "allocated"): goes})
    whys = desk.rows("SELECT why FROM routing_decisions WHERE cause = 'released'")
    assert [w.why for w in whys] == ["held no longer, and where it was promised nothing is left"] * bool(goes)
    desk.is_sound()


@pytest.mark.parametrize("hours", [0, 8761])
def test_a_term_that_makes_no_sense_is_refused(desk: Desk, hours: int) -> None:
    with pytest.raises(Refused, match="say 1 to 8760"):
        desk.term(hours)
