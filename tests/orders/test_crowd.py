"""Many buyers at once, each before an agent of their own: exactly as many succeed as there is stock."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from agents.contract import Asked, encode
from agents.orders.agent import OrdersAgent
from agents.orders.messages import CancelOrder, HoldOrder, ReleaseOrder
from coordinator.registry import BY_NAME
from tests.orders.conftest import OrdersShop
from tests.shop import TESTER

pytestmark = pytest.mark.thorough

BUYERS = 8


def _rush(shop: OrdersShop, asks: list[list[Asked]]) -> list[int]:
    """Each buyer sends a batch after the other; returns the status of every order."""
    start = Barrier(len(asks))

    def buy(batches: list[Asked]) -> list[int]:
        agent = OrdersAgent(shop.db.url, clock=lambda: shop.now)
        try:
            start.wait()
            return [a.status for ask in batches for a in agent.work([ask, ask])]
        finally:
            agent.db.close()

    with ThreadPoolExecutor(len(asks)) as pool:
        return [status for statuses in pool.map(buy, asks) for status in statuses]


def _asked(shop: OrdersShop, **what: object) -> Asked:
    return Asked("PlaceOrder", encode(shop.ask_for(**what)), TESTER.actor, TESTER.actor)


def test_of_the_last_units_exactly_so_many_are_sold(mugs: OrdersShop) -> None:
    """Y4: 80 orders of one unit, 10 units."""
    statuses = _rush(mugs, [[_asked(mugs)] * 5 for _ in range(BUYERS)])
    assert (len(statuses), statuses.count(200), statuses.count(409)) == (80, 10, 70)
    assert mugs.count("orders") == 10
    assert mugs.level("MUG", "LON").allocated == 10
    mugs.books_balance()


def test_crossing_orders_for_the_same_goods_never_fail_for_weather(shop: OrdersShop) -> None:
    """Two SKUs in both orders at two nodes: locked in one order, nobody waits in a circle."""
    for node in ("A", "B"):
        shop.a_node(node)
    for sku in ("MUG", "TEA"):
        shop.a_sku(sku, backorder_limit=3)
        shop.some_stock(sku, "A", 11)
        shop.some_stock(sku, "B", 10)
    there = _asked(shop, lines={"MUG": 1, "TEA": 1})
    back = _asked(shop, lines={"TEA": 1, "MUG": 1})
    statuses = _rush(shop, [[there, back] * 2 if n % 2 else [back, there] * 2 for n in range(BUYERS)])
    # 21 on the shelves and 3 beyond stock at each node
    assert (statuses.count(200), statuses.count(409)) == (27, 37)
    shop.books_balance()


def test_any_mix_of_goods_and_steps_on_any_number_of_replicas_ends_without_a_deadlock(shop: OrdersShop) -> None:
    """Batches of placings, holds and cancellations over the same eight goods, two in the hands of each replica:
    PostgreSQL never has to end one."""
    for node in ("A", "B"):
        shop.a_node(node)
    goods = [f"SKU-{n}" for n in range(8)]
    for sku in goods:
        shop.a_sku(sku)
        for node in ("A", "B"):
            shop.some_stock(sku, node, 10_000)
    known = [shop.order(lines={sku: 1, other: 1}).id for sku, other in zip(goods, reversed(goods), strict=True)] * 3
    before = _deadlocks(shop)

    def batches(seed: int) -> list[list[Asked]]:
        dice = random.Random(seed)
        made = []
        for _ in range(12):
            batch = []
            for _ in range(6):
                order_id = dice.choice(known)
                step = dice.choice(
                    [
                        HoldOrder(order_id=order_id, reason="manual"),
                        ReleaseOrder(order_id=order_id),
                        CancelOrder(order_id=order_id, reason="test"),
                        *[shop.ask_for(lines=dict.fromkeys(dice.sample(goods, 3), 1)) for _ in range(4)],
                    ]
                )
                batch.append(Asked(type(step).__name__, encode(step), TESTER.actor, TESTER.actor))
            made.append(batch)
        return made

    replicas = [OrdersAgent(shop.db.url, clock=lambda: shop.now) for _ in range(4)]

    def work(seed: int) -> list[int]:
        return [a.status for batch in batches(seed) for a in replicas[seed // BY_NAME["orders"].at_once].work(batch)]

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for found in pool.map(work, range(8)) for status in found]
    for replica in replicas:
        replica.db.close()
    assert set(statuses) <= {200, 409}
    assert _deadlocks(shop) == before
    shop.books_balance()


def _deadlocks(shop: OrdersShop) -> int:
    with shop.db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        told = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(connection.exec_driver_sql(told).scalar_one())


def test_one_reference_from_eight_sides_is_one_order(mugs: OrdersShop) -> None:
    statuses = _rush(mugs, [[_asked(mugs, external_ref="A-1")] for _ in range(BUYERS)])
    assert (statuses.count(200), statuses.count(409)) == (1, 15)
    assert mugs.count("orders") == 1
