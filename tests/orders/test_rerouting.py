"""Units moved between nodes by hand, drilled for an outage, and moved out of a node that ships no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from agents.fulfilment.messages import CreatePickList, FulfilmentState, MergeFulfilments, Pick, PickListState, ShortPick
from agents.orders.messages import (
    ActivateRuleSet,
    CancelOrder,
    DrillNode,
    EmptyNode,
    OrderState,
    PreviewReroute,
    PutRuleSet,
    RerouteOrder,
)
from agents.orders.messages.routing import (
    EmptyingBegun,
    NodeDrill,
    ReroutePreview,
    RoutingRule,
    RuleSetState,
    UnitsMoved,
)
from db.audit import run
from db.errors import Refused
from tests.conftest import FreshDatabase
from tests.orders.conftest import OrdersShop
from tests.shop import TESTER, Shop

MUNICH = {"city": "München", "country": "DE"}


class Warehouses(OrdersShop):
    """Orders and fulfilments at work together, over London and Berlin."""

    def __init__(self, database_url: str) -> None:
        Shop.__init__(self, database_url, only=("orders", "fulfilment"))

    def stocked(self, **free: int) -> None:
        self.a_node("LON", rank=10, address={"city": "London", "country": "GB"})
        self.a_node("BER", rank=20, address={"city": "Berlin", "country": "DE"})
        self.a_sku("MUG", backorder_limit=3)
        self.a_sku("TEA")
        for node in ("LON", "BER"):
            for sku in ("MUG", "TEA"):
                if quantity := free.get(f"{sku}_{node}", 5):
                    self.some_stock(sku, node, quantity)

    def sells(self, **lines: int) -> OrderState:
        placed = self.order(lines=lines, shipping_address=MUNICH)
        self.pump()
        self.later(minutes=1)
        return placed

    def moves(self, order: OrderState, *moves: tuple[int, str, str, int], reason: str = "nearer") -> OrderState:
        asked = RerouteOrder(order_id=order.id, moves=[moved(*m) for m in moves], reason=reason)
        state = self.do("orders", asked, OrderState)
        self.pump()
        assert self.dead() == []
        return state

    def shipped_off(self, node: str) -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.execute(text("UPDATE nodes SET ships = false WHERE code = :n"), {"n": node})

    def fulfilments(self, order: OrderState) -> list[tuple[str, str]]:
        return [
            tuple(r)
            for r in self.rows(
                "SELECT node, status FROM fulfilments WHERE order_id = :o ORDER BY node, number", o=order.id
            )
        ]

    def picked_some(self, order: OrderState, quantity: int) -> None:
        found = [i for (i,) in self.rows("SELECT id FROM fulfilments WHERE order_id = :o", o=order.id)]
        node = self.rows("SELECT node FROM fulfilments WHERE order_id = :o", o=order.id)[0].node
        tasks = self.do("fulfilment", CreatePickList(node=node, fulfilments=found), PickListState).tasks
        self.do("fulfilment", Pick(task_id=UUID(tasks[0]["id"]), quantity=quantity), PickListState)
        self.pump()

    def is_sound(self) -> None:
        with self.db.reading() as session:
            assert {r.name: r.rows for r in run(session) if r.violations} == {}
        self.books_balance()


def moved(line_no: int, from_node: str, to_node: str, quantity: int) -> UnitsMoved:
    return UnitsMoved(line_no=line_no, from_node=from_node, to_node=to_node, quantity=quantity)


def where(order: OrderState) -> list[tuple[str, str, int, str]]:
    return sorted((a.sku, a.node, a.quantity, a.state) for a in order.allocations)


@pytest.fixture
def house(db_url: str) -> Iterator[Warehouses]:
    company = Warehouses(db_url)
    company.stocked()
    yield company
    company.close()


def test_units_are_let_go_here_and_promised_there_and_the_warehouses_follow(house: Warehouses) -> None:
    order = house.sells(MUG=3)
    assert house.fulfilments(order) == [("LON", "ready")]
    now = house.moves(order, (1, "LON", "BER", 2))
    assert where(now) == [("MUG", "BER", 2, "allocated"), ("MUG", "LON", 1, "allocated")]
    assert house.fulfilments(order) == [("BER", "ready"), ("LON", "ready")]
    assert (house.level("MUG", "LON").allocated, house.level("MUG", "BER").allocated) == (1, 2)
    (told,) = house.said("OrderRerouted")
    assert [(m["sku"], m["from_node"], m["to_node"], m["quantity"]) for m in told["moves"]] == [
        ("MUG", "LON", "BER", 2)
    ]
    (kept,) = house.rows("SELECT cause, why, outcome FROM routing_decisions")
    assert (kept.cause, kept.why) == ("moved", "moved: 2 MUG from LON to BER: nearer")
    assert kept.outcome["tells"]["parcels"] == 2
    house.is_sound()


def test_a_node_that_gives_everything_away_has_nothing_to_do(house: Warehouses) -> None:
    order = house.sells(MUG=2, TEA=1)
    house.moves(order, (1, "LON", "BER", 2), (2, "LON", "BER", 1))
    assert house.fulfilments(order) == [("BER", "ready"), ("LON", "cancelled")]
    house.is_sound()


def test_a_preview_says_what_would_be_and_changes_nothing(house: Warehouses) -> None:
    order = house.sells(MUG=2, TEA=1)
    before = house.silence()
    seen = house.do("orders", PreviewReroute(order_id=order.id, moves=[moved(1, "LON", "BER", 2)]), ReroutePreview)
    assert house.silence() == before
    assert (seen.before.parcels, seen.after.parcels) == (1, 2)
    assert seen.says == "from BER and LON: 1 parcel more, 504 km further"
    assert {(s.sku, s.node, s.state, s.quantity) for s in seen.stock} == {
        ("MUG", "LON", "allocated", -2),
        ("MUG", "BER", "allocated", 2),
    }
    assert (seen.obstacles, seen.next) == ([], ["reroute"])


@pytest.mark.parametrize(
    ("move", "why"),
    [
        ((1, "LON", "BER", 6), "line 1: 5 MUG can leave LON, 6 are wanted"),
        ((1, "LON", "LON", 1), "line 1: LON is where they are"),
        ((1, "LON", "MAD", 1), "MAD does not ship"),
        ((2, "LON", "BER", 1), "there is no line 2"),
    ],
)
def test_what_stands_in_the_way_is_said_and_nothing_moves(
    house: Warehouses, move: tuple[int, str, str, int], why: str
) -> None:
    order = house.sells(MUG=5)
    seen = house.do("orders", PreviewReroute(order_id=order.id, moves=[moved(*move)]), ReroutePreview)
    assert (seen.obstacles, seen.next) == ([why], [])
    before = house.silence()
    with pytest.raises(Refused, match=why):
        house.moves(order, move)
    assert house.silence() == before


def test_what_the_other_node_has_not_waits_there_as_far_as_it_may(house: Warehouses) -> None:
    order = house.sells(MUG=5)
    house.order(lines={"MUG": 4}, shipping_address=MUNICH)  # leaves Berlin one
    now = house.moves(order, (1, "LON", "BER", 4))
    assert where(now) == [
        ("MUG", "BER", 1, "allocated"),
        ("MUG", "BER", 3, "backordered"),
        ("MUG", "LON", 1, "allocated"),
    ]
    with pytest.raises(Refused, match="MUG: 1 wanted at BER, 0 free and 0 beyond stock"):
        house.moves(order, (1, "LON", "BER", 1))
    house.is_sound()


def test_picked_units_stay_where_they_are(house: Warehouses) -> None:
    order = house.sells(MUG=3)
    house.picked_some(order, 2)
    with pytest.raises(Refused, match="line 1: 1 MUG can leave LON, 2 are wanted; 2 are picked"):
        house.moves(order, (1, "LON", "BER", 2))
    now = house.moves(order, (1, "LON", "BER", 1))
    assert where(now) == [("MUG", "BER", 1, "allocated"), ("MUG", "LON", 2, "picked")]
    house.is_sound()


def test_units_that_came_free_go_to_who_waits_for_them(house: Warehouses) -> None:
    order = house.sells(MUG=5)
    waiting = house.sells(MUG=7)  # five from Berlin, two beyond stock at London
    assert ("MUG", "LON", 2, "backordered") in where(waiting)
    house.some_stock("MUG", "BER", 3)
    house.moves(order, (1, "LON", "BER", 2))
    states = {(a.node, a.state, a.quantity) for a in house.allocations(waiting.id)}
    assert ("LON", "allocated", 2) in states
    house.is_sound()


def test_an_order_that_is_over_has_nothing_to_move(house: Warehouses) -> None:
    order = house.sells(MUG=1)
    house.do("orders", CancelOrder(order_id=order.id, reason="changed mind"), OrderState)
    with pytest.raises(Refused, match="The order is cancelled"):
        house.moves(order, (1, "LON", "BER", 1))


def test_a_fulfilment_that_is_alone_cannot_be_merged(house: Warehouses) -> None:
    order = house.sells(MUG=2)
    (first,) = house.rows("SELECT id FROM fulfilments WHERE order_id = :o", o=order.id)
    with pytest.raises(Refused, match="no other fulfilment of its order is ready"):
        house.do("fulfilment", MergeFulfilments(fulfilment_id=first.id), FulfilmentState)


def test_lines_of_a_second_fulfilment_join_the_first(house: Warehouses) -> None:
    order = house.sells(MUG=2, TEA=1)
    (first,) = house.rows("SELECT id FROM fulfilments WHERE order_id = :o", o=order.id)
    with house.db.transaction(TESTER, now=house.now) as tx:
        second = tx.execute(
            text("""
                INSERT INTO fulfilments (id, number, order_id, node, status, version, created_at, updated_at)
                SELECT gen_random_uuid(), 'F2', order_id, node, 'ready', 1, now(), now() FROM fulfilments RETURNING id
            """)
        ).scalar_one()
        tx.execute(text("UPDATE fulfilment_lines SET fulfilment_id = :s WHERE sku = 'TEA'"), {"s": second})
        tx.note(f"fulfilment:{second}", to_status="ready")
    state = house.do("fulfilment", MergeFulfilments(fulfilment_id=first.id), FulfilmentState)
    assert [(n["sku"], n["quantity"]) for n in state.lines] == [("MUG", 2), ("TEA", 1)]
    assert house.fulfilments(order) == [("LON", "ready"), ("LON", "cancelled")]
    house.is_sound()


def by_node(drill: NodeDrill) -> dict[str, int]:
    return {row.node: row.units for row in drill.by_node}


def test_a_drill_says_where_everything_would_go_and_changes_nothing(house: Warehouses) -> None:
    first, second = house.sells(MUG=3), house.sells(MUG=2, TEA=2)
    house.sells(TEA=3)  # two are left in London, so from there
    before = house.silence()
    drill = house.do("orders", DrillNode(node="LON"), NodeDrill)
    assert house.silence() == before
    assert (drill.orders, drill.units, drill.ships) == (3, 10, True)
    assert (drill.moved, drill.waits, drill.stays) == (10, 0, 0)
    assert by_node(drill) == {"BER": 10}
    rows = {r.number: r for r in drill.rows}
    assert [(u.sku, u.node, u.quantity, u.waits) for u in rows[first.number].to] == [("MUG", "BER", 3, False)]
    assert rows[first.number].km_more == 504 - 918
    assert rows[second.number].parcels_more == 0


def test_what_nobody_else_has_waits_or_stays(house: Warehouses) -> None:
    house.order(lines={"MUG": 5}, shipping_address=MUNICH)
    house.order(lines={"TEA": 5}, shipping_address=MUNICH)
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.execute(text("UPDATE stock_levels SET held = 4 WHERE node = 'BER'"))
    drill = house.do("orders", DrillNode(node="LON"), NodeDrill)
    # Of the mugs one is there and three may come; of the tea one is there and none may be promised beyond it.
    assert (drill.units, drill.moved, drill.waits, drill.stays) == (10, 5, 3, 5)
    assert drill.rows[0].stays == 4


def test_a_node_is_emptied_once_it_ships_no_more_and_as_its_drill_said(house: Warehouses) -> None:
    orders = [house.sells(MUG=1) for _ in range(4)] + [house.sells(TEA=4)]
    drill = house.do("orders", DrillNode(node="LON"), NodeDrill)
    with pytest.raises(Refused, match="LON still ships"):
        house.do("orders", EmptyNode(node="LON", reason="flood"), EmptyingBegun)
    house.shipped_off("LON")
    begun = house.do("orders", EmptyNode(node="LON", reason="flood"), EmptyingBegun)
    assert (begun.orders, begun.units) == (5, 8)
    house.pump()
    assert house.dead() == []
    moved_to = house.rows(
        "SELECT node, sum(quantity)::int AS units FROM allocations WHERE state <> 'released' GROUP BY 1"
    )
    assert {r.node: r.units for r in moved_to} == by_node(drill) == {"BER": 8}
    assert [house.fulfilments(o) for o in orders] == [[("BER", "ready"), ("LON", "cancelled")]] * 5
    why = house.allocations(orders[0].id)[-1].why
    assert why == "LON ships no more (flood); whole order from BER, rank 20"
    assert {r.cause for r in house.rows("SELECT cause FROM routing_decisions")} == {"closed_node"}
    house.is_sound()


def test_a_node_is_emptied_some_orders_at_a_time(house: Warehouses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.orders.outage.AT_ONCE", 2)
    for _ in range(5):
        house.sells(MUG=1)
    house.shipped_off("LON")
    house.do("orders", EmptyNode(node="LON", reason="flood"), EmptyingBegun)
    house.pump()
    assert house.level("MUG", "LON").allocated == 0
    assert house.level("MUG", "BER").allocated == 5
    assert len(house.said("MoveOutOfNode")) == 3
    house.is_sound()


def test_what_is_picked_when_a_node_closes_goes_out_from_there(house: Warehouses) -> None:
    order = house.sells(MUG=3)
    house.picked_some(order, 2)
    assert house.do("orders", DrillNode(node="LON"), NodeDrill).picked == 2
    house.shipped_off("LON")
    house.do("orders", EmptyNode(node="LON", reason="flood"), EmptyingBegun)
    house.pump()
    states = {(a.node, a.quantity, a.state) for a in house.allocations(order.id) if a.state != "released"}
    assert states == {("LON", 2, "picked"), ("BER", 1, "allocated")}
    house.is_sound()


def test_the_rules_in_force_say_where_a_closed_nodes_units_may_go(house: Warehouses) -> None:
    house.sells(MUG=2)
    asked = PutRuleSet(name="Home", rules=[RoutingRule(kind="serves", by_node={"BER": ["AT"]})])
    rules = house.do("orders", asked, RuleSetState)
    house.do("orders", ActivateRuleSet(rule_set_id=rules.id), RuleSetState)
    drill = house.do("orders", DrillNode(node="LON"), NodeDrill)
    assert (drill.moved, drill.stays) == (0, 2)


def in_force(house: Warehouses, *rules: RoutingRule) -> None:
    made = house.do("orders", PutRuleSet(name="Near", rules=list(rules)), RuleSetState)
    house.do("orders", ActivateRuleSet(rule_set_id=made.id), RuleSetState)


def short_at(house: Warehouses, order: OrderState) -> None:
    walk = house.do("fulfilment", CreatePickList(node="LON"), PickListState)
    house.do("fulfilment", ShortPick(task_id=UUID(walk.tasks[0]["id"])), PickListState)
    house.pump()
    assert house.dead() == []


def test_a_short_pick_goes_by_the_rules_in_force_and_the_decision_is_kept(house: Warehouses) -> None:
    house.a_node("MAD", rank=15, address={"city": "Madrid", "country": "ES"})
    house.some_stock("MUG", "MAD", 9)
    order = house.sells(MUG=5)
    in_force(house, RoutingRule(kind="nearest", limit=50))
    short_at(house, order)
    open_ones = [(a.node, a.quantity, a.state) for a in house.allocations(order.id) if a.state != "released"]
    assert open_ones == [("BER", 5, "allocated")]  # Munich is nearer to Berlin, though Madrid has the better rank
    (decision,) = house.rows("SELECT cause, outcome, why FROM routing_decisions WHERE cause = 'short_pick'")
    assert decision.outcome["order"] == ["BER", "MAD"]
    assert decision.why == "short at LON"
    house.is_sound()


def test_a_short_pick_that_no_node_may_send_waits(house: Warehouses) -> None:
    order = house.sells(MUG=5)
    in_force(house, RoutingRule(kind="only_nodes", nodes=["LON"]))
    short_at(house, order)
    open_ones = [(a.node, a.quantity, a.state) for a in house.allocations(order.id) if a.state != "released"]
    assert open_ones == [("LON", 5, "backordered")]
    assert house.rows("SELECT 1 FROM routing_decisions WHERE cause = 'short_pick'") == []


@pytest.fixture(scope="module")
def a_house(fresh_database: FreshDatabase) -> Iterator[Warehouses]:
    with fresh_database() as url:
        company = Warehouses(url)
        company.stocked(MUG_LON=40, MUG_BER=40, TEA_LON=30, TEA_BER=30)
        company.a_node("MAD", rank=30, address={"country": "ES"})
        company.some_stock("MUG", "MAD", 4)
        yield company
        company.close()


NODES = ("LON", "BER", "MAD")
some_moves = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from(NODES), st.sampled_from(NODES), st.integers(1, 4)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.tuples(st.integers(1, 4), st.integers(1, 3)), steps=st.lists(some_moves, min_size=1, max_size=3))
def test_whatever_is_moved_no_unit_is_lost_and_the_books_balance(
    a_house: Warehouses, lines: tuple[int, int], steps: list[Any]
) -> None:
    try:
        order = a_house.sells(MUG=lines[0], TEA=lines[1])
    except Refused:
        return  # sold out by the examples before
    for step in steps:
        seen = a_house.do("orders", PreviewReroute(order_id=order.id, moves=[moved(*m) for m in step]), ReroutePreview)
        if seen.obstacles:
            with pytest.raises(Refused):
                a_house.moves(order, *step)
            continue
        now = a_house.moves(order, *step)
        effect = {(s.sku, s.node) for s in seen.stock}
        assert effect <= {(sku, node) for sku in ("MUG", "TEA") for node in NODES}
        for sku, wanted in zip(("MUG", "TEA"), lines, strict=True):
            assert sum(a.quantity for a in now.allocations if a.sku == sku) == wanted
    a_house.books_balance()
    a_house.is_sound()
