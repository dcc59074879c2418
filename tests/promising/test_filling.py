"""Units that come go to those who wait as the policy says, and the decision is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agents.contract import Asked, encode
from agents.inventory.agent import InventoryAgent
from agents.inventory.messages import ReceivedLine, ReceiveStock, StockState
from agents.orders.agent import OrdersAgent
from agents.orders.messages import PlacedLine, PlaceOrder
from agents.promising.messages import (
    BackorderState,
    ChannelBufferState,
    FillPolicyState,
    MoveBackBackorder,
    MoveUpBackorder,
    PriorityClass,
    PutChannelBuffer,
    PutFillPolicy,
    QueueState,
    RemoveChannelBuffer,
    ShowQueue,
    SimulateFill,
)
from db.customers import Customer
from db.promising import FillDecision, FillShare
from db.stock import AllocationState
from tests.promising.conftest import House
from tests.serve.conftest import error_of
from tests.shop import TESTER


def sold_out(house: House, sku: str = "MUG") -> None:
    """The level exists, and all of it is promised."""
    house.some_stock(sku, "LON", 1)
    house.ordered(1, sku)


def arrive(house: House, units: int, sku: str = "MUG", node: str = "LON") -> None:
    ask = ReceiveStock(
        node=node,
        lines=[ReceivedLine(sku=sku, quantity=units, bin="PICK")],
        reference=f"R{house.count('stock_ledger')}",
    )
    house.do("inventory", ask, StockState)
    house.pump()


def policy(house: House, *ranking: str, **how: Any) -> FillPolicyState:
    return house.do("promising", PutFillPolicy(node="*", ranking=list(ranking), **how), FillPolicyState)


def vips(house: House) -> UUID:
    with house.db.transaction(TESTER, now=house.now) as tx:
        customer = Customer(email="vip@example.com", tags=["vip"], created_at=tx.now, updated_at=tx.now)
        tx.add(customer)
        tx.flush()
        return customer.id


def kept(house: House) -> list[tuple[FillDecision, list[FillShare]]]:
    with house.db.reading() as session:
        return [
            (d, list(session.scalars(select(FillShare).where(FillShare.decision_id == d.id).order_by(FillShare.no))))
            for d in session.scalars(select(FillDecision).order_by(FillDecision.at, FillDecision.id))
        ]


def test_without_a_policy_who_came_first_is_served_first_and_the_allocation_says_why(house: House) -> None:
    sold_out(house)
    first, second = house.ordered(3), house.ordered(3)
    arrive(house, 4)
    assert (house.has(first), house.has(second)) == (3, 1)
    (filled, _) = sorted(house.allocations(second.id), key=lambda a: a.state)
    assert filled.state == AllocationState.allocated
    assert filled.why == "stock arrived; waits since 2026-03-02 09:00"
    ((decision, shares),) = kept(house)
    assert (decision.free, decision.given, decision.waiting) == (4, 4, 6)
    assert [(s.order_id, s.wanted, s.given, s.rule) for s in shares] == [
        (first.id, 3, 3, "in_turn"), (second.id, 3, 1, "in_turn"),
    ]  # fmt: skip


def test_a_class_goes_first_until_the_bound_and_then_whoever_was_passed_over(house: House) -> None:
    sold_out(house)
    vip = vips(house)
    policy(house, "priority", "placed", classes=[PriorityClass(tag="vip")], most_passed=2)
    old = house.ordered(2)
    served = []
    for _ in range(3):
        house.later(minutes=1)
        new = house.ordered(1, customer_id=vip)
        arrive(house, 1)
        served.append((house.has(new), house.has(old)))
    assert served == [(1, 0), (1, 0), (0, 1)]
    (waits,) = [a for a in house.waiting() if a.order_id == old.id]
    assert (waits.passed, waits.quantity) == (2, 1)
    why = [a.why for a in house.allocations(old.id) if a.state == AllocationState.allocated]
    assert why == ["stock arrived; was passed over 2 times, as often as may be"]
    assert [[s.given for s in shares] for _, shares in kept(house)] == [[1, 0], [1, 0], [1]]


def test_who_is_moved_up_is_next_with_the_reason_and_can_be_put_back(house: House) -> None:
    sold_out(house)
    first, second = house.ordered(2), house.ordered(2)
    (row,) = [a for a in house.waiting() if a.order_id == second.id]
    moved = house.do("promising", MoveUpBackorder(allocation_id=row.id, reason="a wedding"), BackorderState)
    assert moved.moved_up_why == "a wedding"
    queue = house.do("promising", ShowQueue(sku="MUG", node="LON"), QueueState)
    assert [(q.order_id, q.rule) for q in queue.queue] == [(second.id, "moved_up"), (first.id, "in_turn")]
    house.do("promising", MoveBackBackorder(allocation_id=row.id, reason="it was cancelled"), BackorderState)
    arrive(house, 2)
    assert (house.has(first), house.has(second)) == (2, 0)
    house.do("promising", MoveUpBackorder(allocation_id=row.id, reason="a wedding after all"), BackorderState)
    arrive(house, 2)
    assert [a.why for a in house.allocations(second.id)] == ["stock arrived; moved up: a wedding after all"]
    house.no(MoveUpBackorder(allocation_id=row.id, reason="again"), "waits_no_longer", agent="promising")


def test_who_gets_the_next_units_is_told_as_it_then_happens_and_nothing_is_written(house: House) -> None:
    sold_out(house)
    vip = vips(house)
    policy(house, "priority", "complete", "placed", classes=[PriorityClass(tag="vip")])
    orders = [house.ordered(n, **({"customer_id": vip} if n == 4 else {})) for n in (5, 3, 4, 2)]
    before = {t: house.count(t) for t in ("outbox", "allocations", "transitions", "fill_decisions")}
    told = house.do("promising", SimulateFill(sku="MUG", node="LON", units=9), QueueState)
    assert {t: house.count(t) for t in before} == before
    assert [(q.order_id, q.given, q.why) for q in told.queue if q.given] == [
        (orders[2].id, 4, "has everything with these units"),
        (orders[0].id, 5, "has everything with these units"),
    ]
    assert (told.given, told.waiting, told.policy_of) == (9, 14, "*")
    assert [q.class_name for q in told.queue] == ["vip", None, None, None]
    arrive(house, 9)
    assert [house.has(o) for o in orders] == [5, 0, 4, 0]


def test_what_is_kept_from_a_channel_is_neither_sold_nor_given_through_it(house: House) -> None:
    house.do("promising", PutChannelBuffer(channel="marketplace", sku="MUG", units=4), ChannelBufferState)
    house.some_stock("MUG", "LON", 10)
    first = house.ordered(8, channel="marketplace")
    assert (house.has(first), [a.quantity for a in house.waiting()]) == (6, [2])
    there = house.available(quantity=5, channel="marketplace")
    assert (there.units_now, there.nodes[0].kept) == (0, 4)
    assert house.available(quantity=2).units_now == 2  # two others wait for
    second = house.ordered(4)
    assert house.has(second) == 4
    arrive(house, 5)
    assert house.has(first) == 7
    house.do("promising", RemoveChannelBuffer(channel="marketplace", sku="MUG"), ChannelBufferState)
    arrive(house, 1)
    assert house.has(first) == 8


@pytest.mark.parametrize(
    ("ranking", "more", "field"),
    [
        (["best"], {}, "ranking"),
        ([], {}, "ranking"),
        (["placed", "placed"], {}, "ranking"),
        (["share", "priority"], {"classes": [PriorityClass(tag="vip")]}, "ranking"),
        (["priority"], {}, "classes"),
        (["priority"], {"classes": [PriorityClass(tag="vip", of="house")]}, "classes"),
        (["placed"], {"most_passed": -1}, "most_passed"),
        (["placed"], {"most_days": 0}, "most_days"),
    ],
)
def test_a_policy_that_says_nothing_sensible_is_refused(
    house: House, ranking: list[str], more: dict[str, Any], field: str
) -> None:
    refused = house.no(PutFillPolicy(node="LON", ranking=ranking, **more), "bad_promising", agent="promising")
    assert refused.facts()["field"] == field


def test_orders_and_arrivals_at_once_give_away_no_unit_twice_and_none_is_left(house: House) -> None:
    sold_out(house)
    policy(house, "complete", "placed", most_passed=1)

    def one(thread: int) -> None:
        orders, inventory = (kind(house.db.url, clock=lambda: house.now) for kind in (OrdersAgent, InventoryAgent))
        try:
            for n in range(thread, 30, 6):
                lines = [PlacedLine(sku="MUG", quantity=1 + n % 4)]
                order = PlaceOrder(channel="web", currency="EUR", lines=lines)
                goods = ReceiveStock(node="LON", lines=[ReceivedLine(sku="MUG", quantity=4)], reference=f"R{n}")
                agent, ask = (inventory, goods) if n % 3 == 2 else (orders, order)
                asked = Asked(type(ask).__name__, encode(ask), TESTER.actor, TESTER.actor)
                assert agent.work([asked])[0].status == 200
        finally:
            orders.db.close()
            inventory.db.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(6)))
    house.pump()
    level = house.level("MUG", "LON")
    assert level.sellable == 1 + 40
    ordered = 1 + sum(1 + n % 4 for n in range(30) if n % 3 != 2)
    assert level.allocated + level.backordered == ordered
    assert level.allocated == min(ordered, 41)
    assert all(a.passed <= 1 for a in house.waiting())


def test_the_board_lists_where_orders_wait_and_the_routes_obey_their_scopes(house: House) -> None:
    sold_out(house)
    order = house.ordered(3)
    house.pump()
    client = house.client(["read_stock"])
    (row,) = client.get("/api/v1/backorders").json()["data"]
    assert (row["sku"], row["node"], row["units"], row["orders"], row["undated"]) == ("MUG", "LON", 3, 1, 3)
    queue = client.get("/api/v1/backorders/MUG/LON").json()
    assert [q["order_number"] for q in queue["queue"]] == [order.number]
    told = client.post("/api/v1/backorders/simulate", json={"sku": "MUG", "node": "LON", "units": 2})
    assert [q["given"] for q in told.json()["queue"]] == [2]
    error_of(client.get("/api/v1/backorders/TEAPOT/LON"), 404, "not_found")
    path = f"/api/v1/backorders/{queue['queue'][0]['allocation_id']}/move-up"
    error_of(client.post(path, json={"reason": "x"}), 403, "missing_scope")
    body = {"ranking": ["priority", "share"], "classes": [{"tag": "vip"}], "most_passed": 2}
    error_of(client.put("/api/v1/fill-policies/*", json=body), 403, "missing_scope")
    owner = house.client()
    assert owner.post(path, json={"reason": "x"}).status_code == 200
    assert owner.put("/api/v1/fill-policies/*", json=body).json()["created"] is True
    assert owner.put("/api/v1/channel-buffers", json={"channel": "marketplace", "units": 5}).json()["created"] is True
    assert client.get("/api/v1/channel-buffers").json()["data"][0]["units"] == 5
    assert client.get("/api/v1/fill-policies").json()["data"][0]["ranking"] == ["priority", "share"]
    arrive(house, 3)
    (decision,) = client.get("/api/v1/fill-decisions").json()["data"]
    shares = client.get(f"/api/v1/fill-decisions/{decision['id']}").json()["shares"]
    assert [(s["given"], s["rule"]) for s in shares] == [(3, "moved_up")]
    assert client.get("/api/v1/backorders").json()["data"] == []
