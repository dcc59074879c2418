"""Live updates: what is announced reaches a stream once, in order, and only for those who may read it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from agents.orders.messages import OrderCancelled
from agents.payments.messages import PaymentVoided
from db.base import uuid7
from serve.events import scope_by_kind
from serve.live import LiveEvents
from tests.shop import TESTER, Shop


def announce(shop: Shop, *numbers: str) -> None:
    for number in numbers:
        with shop.db.transaction(TESTER, now=shop.now) as tx:
            order = uuid7()
            tx.announce(f"order:{number}", OrderCancelled(order_id=order, number=number, reason="test"))
            tx.announce(f"order:{number}", PaymentVoided(order_id=order, payment_id=uuid7()))


async def numbers_of(live: LiveEvents, count: int, **how: Any) -> list[str]:
    """The order numbers of the first `count` events of a stream."""
    found: list[str] = []
    async for chunk in live.stream(**how):
        data = [line for line in chunk.decode().splitlines() if line.startswith("data: ")]
        if data:
            found.append(json.loads(data[0].removeprefix("data: "))["payload"]["number"])
        if len(found) == count:
            return found
    return found


def test_a_stream_gets_each_event_once_and_in_order(shop: Shop) -> None:
    async def watch() -> list[str]:
        live = LiveEvents(shop.db)
        watcher = asyncio.create_task(numbers_of(live, 3, kinds=["OrderCancelled"], after=0))
        await asyncio.to_thread(announce, shop, "1", "2", "3")
        try:
            return await asyncio.wait_for(watcher, 10)
        finally:
            live.stop()

    assert asyncio.run(watch()) == ["1", "2", "3"]


def test_a_stream_goes_on_after_the_last_event_it_has_seen_and_keeps_to_its_subject(shop: Shop) -> None:
    announce(shop, "1", "2")

    async def watch() -> tuple[list[str], list[str]]:
        live = LiveEvents(shop.db)
        try:
            later = await asyncio.wait_for(numbers_of(live, 1, kinds=["OrderCancelled"], after=2), 10)
            about = numbers_of(live, 1, kinds=["OrderCancelled"], after=0, subjects=["order:2"])
            return later, await asyncio.wait_for(about, 10)
        finally:
            live.stop()

    assert asyncio.run(watch()) == (["2"], ["2"])


def test_every_kind_of_event_has_a_scope() -> None:
    scopes = scope_by_kind()
    assert scopes["OrderCancelled"] == "read_orders"
    assert scopes["PaymentVoided"] == "read_payments"
    assert scopes["StockChanged"] == "read_stock"
