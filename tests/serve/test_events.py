"""Live updates: what is announced reaches a stream once, in order, and only for those who may read it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text

from agents.bulk.messages import BulkProgressed
from agents.contract import Event
from agents.inventory.messages import StockChanged
from agents.orders.messages import OrderCancelled, OrderPlaced, PaymentGiven
from agents.payments.messages import PaymentVoided
from agents.webhooks.catalogue import EVENTS, _example_of
from db.base import uuid7
from db.people import PersonSession
from serve.events import scope_by_kind
from serve.live import Hearer, LiveEvents
from serve.scopes import FIRST_ROLES
from tests.serve.conftest import Front, MakeFront, error_of
from tests.serve.listening import Listener
from tests.shop import TESTER, Shop


def announce(shop: Shop, *numbers: str) -> None:
    for number in numbers:
        with shop.db.transaction(TESTER, now=shop.now) as tx:
            order = uuid7()
            tx.announce(f"order:{number}", OrderCancelled(order_id=order, number=number, reason="test"))
            tx.announce(f"order:{number}", PaymentVoided(order_id=order, payment_id=uuid7()))


CANCELLATIONS = Hearer(frozenset({"OrderCancelled"}))


async def cancellations() -> Hearer:
    return CANCELLATIONS


async def numbers_of(live: LiveEvents, count: int, **how: Any) -> list[str]:
    """The order numbers of the first `count` events of a stream of cancellations."""
    found: list[str] = []
    async for chunk in live.stream(cancellations, **how):
        data = [line for line in chunk.decode().splitlines() if line.startswith("data: ")]
        if data:
            found.append(json.loads(data[0].removeprefix("data: "))["payload"]["number"])
        if len(found) == count:
            return found
    return found


def test_a_stream_gets_each_event_once_and_in_order(shop: Shop) -> None:
    async def watch() -> list[str]:
        live = LiveEvents(shop.db)
        watcher = asyncio.create_task(numbers_of(live, 3, after=0))
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
            later = await asyncio.wait_for(numbers_of(live, 1, after=2), 10)
            about = numbers_of(live, 1, after=0, subjects=["order:2"])
            return later, await asyncio.wait_for(about, 10)
        finally:
            live.stop()

    assert asyncio.run(watch()) == (["2"], ["2"])


def test_every_kind_of_event_has_a_scope() -> None:
    scopes = scope_by_kind()
    assert scopes["OrderCancelled"] == "read_orders"
    assert scopes["PaymentVoided"] == "read_payments"
    assert scopes["StockChanged"] == "read_stock"


PLACED = OrderPlaced(
    order_id=uuid7(), number="1", channel="web", currency="EUR", total=5, status="held", email="ada@example.com",
    payment=PaymentGiven(provider="test", token="tok_secret"),
)  # fmt: skip


def say(front: Front, *events: Event) -> None:
    with front.database.transaction(TESTER, now=front.clock.now) as tx:
        for event in events:
            tx.announce("order:1", event)


def test_a_stream_tells_of_an_event_what_a_webhook_would(front: Front) -> None:
    say(front, PLACED)
    for scopes, email in ((["read_orders"], None), (["read_orders", "read_customers"], "ada@example.com")):
        with Listener(front.app, front.key(*scopes)) as listener:
            payload = listener.next()["payload"]
        assert payload["number"] == "1"
        assert payload.get("email") == email
        assert "payment" not in payload


@pytest.mark.parametrize("lost", ["revoked_at", "expires_at"])
def test_a_stream_of_somebody_who_may_not_come_in_any_more_ends(front: Front, lost: str) -> None:
    with Listener(front.app, front.key("read_orders")) as listener:
        say(front, PLACED)
        assert listener.next()["kind"] == "OrderPlaced"
        with front.database.transaction(TESTER) as tx:
            tx.execute(text(f"UPDATE api_keys SET {lost} = '{front.clock.now}'"))
        front.clock.later(seconds=front.app.state.edge.settings.caller_cache_seconds)
        say(front, PLACED)
        assert listener.next() is None


def test_a_stream_of_somebody_who_lost_a_scope_goes_on_without_what_it_was_for(front: Front) -> None:
    with Listener(front.app, front.key("read_orders", "read_payments")) as listener:
        voided = PaymentVoided(order_id=uuid7(), payment_id=uuid7())
        say(front, voided)
        assert listener.next()["kind"] == "PaymentVoided"
        with front.database.transaction(TESTER) as tx:
            tx.execute(text("UPDATE api_keys SET scopes = ARRAY['read_orders']"))
        front.clock.later(seconds=front.app.state.edge.settings.caller_cache_seconds)
        say(front, voided, PLACED)
        assert listener.next()["kind"] == "OrderPlaced"


def test_listening_is_no_use_of_a_session(front: Front) -> None:
    began = front.clock.now
    with Listener(front.app, front.signed_in()) as listener:
        front.clock.later(hours=11)
        say(front, PLACED)
        assert listener.next()["kind"] == "OrderPlaced"
        with front.database.reading() as session:
            assert session.scalar(select(PersonSession.seen_at)) == began
        front.clock.later(hours=1)
        say(front, PLACED)
        assert listener.next() is None


@pytest.mark.parametrize("role", sorted(FIRST_ROLES))
def test_each_role_hears_of_what_it_may_read_and_of_nothing_else(front: Front, role: str) -> None:
    everything = [msgspec.convert(_example_of(e.message), e.message) for e in EVENTS]
    last = StockChanged(sku="LAST", node="LON", on_hand=0, purchasable=0)
    say(front, *everything, last)
    kinds = []
    with Listener(front.app, front.signed_in(role)) as listener:
        while (event := listener.next())["payload"].get("sku") != "LAST":
            kinds.append(event["kind"])
    assert kinds == [e.kind for e in EVENTS if e.scope in FIRST_ROLES[role]]


def test_nobody_hears_what_is_for_another_whatever_they_hold(front: Front) -> None:
    for principal in ("user:somebody", "key:else"):
        told = {"principal": principal, "job_id": uuid7(), "status": "running", "total": 1, "counts": {}}
        say(front, BulkProgressed(**told))
    say(front, PLACED)
    with Listener(front.app, front.key()) as listener:
        assert listener.next()["kind"] == "OrderPlaced"


def test_one_caller_has_so_many_streams_and_takes_none_from_others(make_front: MakeFront) -> None:
    front = make_front(streams=1)
    mine, others = front.key("read_orders"), front.key("read_orders")
    say(front, PLACED)
    with Listener(front.app, mine) as listener:
        assert listener.next()["kind"] == "OrderPlaced"
        answer = mine.get("/api/v1/events")
        error_of(answer, 429, "too_many_streams")
        assert answer.headers["Retry-After"] == "5"
        with Listener(front.app, others) as other:
            assert other.next()["kind"] == "OrderPlaced"
    with Listener(front.app, mine) as listener:
        assert listener.next()["kind"] == "OrderPlaced"
