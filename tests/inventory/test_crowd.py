"""Many at once: agents in several processes would do the same, each over its own connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.contract import Answer, Asked, encode
from agents.inventory.agent import InventoryAgent
from agents.inventory.messages import AdjustStock, HeldLine, HoldStock, ReceivedLine, ReceiveStock
from tests.inventory.conftest import Warehouse

pytestmark = pytest.mark.thorough

REPLICAS = 4


def asked(ask: HoldStock | ReceiveStock | AdjustStock) -> Asked:
    return Asked(type(ask).__name__, encode(ask), "user:crowd", "user:crowd")


def crowd(house: Warehouse, asks: list[Asked]) -> list[Answer]:
    """The asks over several replicas at once, one by one in each."""
    replicas = [InventoryAgent(house.db.url, clock=lambda: house.now) for _ in range(REPLICAS)]
    try:
        with ThreadPoolExecutor(REPLICAS) as pool:
            shares = [asks[n::REPLICAS] for n in range(REPLICAS)]
            answers = pool.map(lambda pair: [pair[0].work([a])[0] for a in pair[1]], zip(replicas, shares, strict=True))
            return [a for share in answers for a in share]
    finally:
        for replica in replicas:
            replica.db.close()


def test_forty_checkouts_share_ten_units_without_one_too_many(house: Warehouse) -> None:
    house.a_node("BER")
    house.some_stock("MUG", "LON", 6)
    house.some_stock("MUG", "BER", 4)
    lines = [HeldLine(sku="MUG", quantity=1)]
    answers = crowd(house, [asked(HoldStock(reference=f"cart-{n}", lines=lines)) for n in range(40)])
    assert sorted(a.status for a in answers) == [200] * 10 + [409] * 30
    assert (house.numbers("MUG"), house.numbers("MUG", "BER")) == ((6, 6, 0, 6, 0), (4, 4, 0, 4, 0))


def test_receipts_and_corrections_of_several_skus_at_once_lose_nothing(house: Warehouse) -> None:
    house.a_sku("PLATE")
    house.some_stock("MUG", "LON", 20)
    house.some_stock("PLATE", "LON", 20)
    waiting = [house.promised("MUG", 30, backordered=True), house.promised("PLATE", 30, backordered=True)]
    both = [ReceivedLine(sku="MUG", quantity=1), ReceivedLine(sku="PLATE", quantity=1)]
    asks = []
    for n in range(12):
        lines = both if n % 2 else both[::-1]
        asks.append(asked(ReceiveStock(node="LON", lines=lines, reference=f"GRN-{n}")))
        asks.append(asked(AdjustStock(node="LON", sku="MUG", quantity=-1, reason="broken")))
    answers = crowd(house, asks)
    assert {a.status for a in answers} == {200}
    assert (house.numbers("MUG"), house.numbers("PLATE")) == ((20, 20, 20, 0, 10), (32, 32, 30, 0, 0))
    assert [sum(q for s, q in house.states(order) if s == "allocated") for order in waiting] == [20, 30]
