"""Any days of selling, buying, receiving and changing one's mind: queue, days and decisions stay true."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from agents.orders.messages import CancelOrder, OrderState
from agents.promising.messages import (
    BackorderState,
    ChannelBufferState,
    FillPolicyState,
    MoveUpBackorder,
    PriorityClass,
    PutChannelBuffer,
    PutFillPolicy,
    QueueState,
    ShowQueue,
    SimulateFill,
)
from agents.purchasing.messages.orders import CancelPurchase, PurchaseState
from db.errors import Refused
from db.promising import BackorderPromise
from tests.promising.conftest import House
from tests.promising.test_filling import arrive, sold_out, vips
from tests.promising.test_keeping import a_day_later

POLICIES = (["placed"], ["priority", "placed"], ["priority", "complete"], ["complete", "share"], ["promised", "placed"])


@pytest.mark.parametrize("seed", range(3))
def test_any_days_leave_every_queue_and_day_true(house: House, seed: int) -> None:
    some = random.Random(seed)
    vip = vips(house)
    for sku in ("MUG", "PLATE"):
        sold_out(house, sku)
    orders: list[OrderState] = []
    bought: list[PurchaseState] = []
    for _ in range(30):
        sku = some.choice(["MUG", "PLATE"])
        match some.randrange(9):
            case 0 | 1 | 2:
                who = {"customer_id": vip} if some.random() < 0.3 else {}
                with suppress(Refused):  # beyond the limit
                    orders.append(
                        house.ordered(some.randint(1, 6), sku, channel=some.choice(["web", "marketplace"]), **who)
                    )
            case 3:
                arrive(house, some.randint(1, 8), sku)
            case 4:
                bought.append(house.sent(**{sku: some.randint(1, 20)}))
                house.confirmed(bought[-1], some.randint(1, 20))
            case 5 if bought:
                with suppress(Refused):
                    house.confirmed(some.choice(bought), some.randint(1, 40))
            case 6 if orders:
                with suppress(Refused):
                    house.do("orders", CancelOrder(order_id=some.choice(orders).id, reason="no"), OrderState)
            case 7:
                ranking = some.choice(POLICIES)
                classes = [PriorityClass(tag="vip")] if "priority" in ranking else []
                ask = PutFillPolicy(node="*", ranking=ranking, classes=classes, most_passed=some.randint(0, 2))
                house.do("promising", ask, FillPolicyState)
                buffer = PutChannelBuffer(channel="marketplace", sku=sku, units=some.randint(0, 3))
                house.do("promising", buffer, ChannelBufferState)
            case 8 if waiting := house.waiting(sku):
                ask_up = MoveUpBackorder(allocation_id=some.choice(waiting).id, reason="asked")
                house.do("promising", ask_up, BackorderState)
            case _ if bought and some.random() < 0.3:
                with suppress(Refused):
                    cancel = CancelPurchase(purchase_id=bought.pop().id, reason="bankrupt")
                    house.do("purchasing", cancel, PurchaseState)
        house.pump()
        if some.random() < 0.2:
            a_day_later(house, some.randint(1, 4))
    a_day_later(house)
    assert house.dead() == []
    for sku in ("MUG", "PLATE"):
        _is_true(house, sku)


def _is_true(house: House, sku: str) -> None:
    waiting = {a.id: a.quantity for a in house.waiting(sku)}
    queue = house.do("promising", ShowQueue(sku=sku, node="LON"), QueueState)
    assert {q.allocation_id: q.wanted for q in queue.queue} == waiting
    with house.db.reading() as session:
        rows = session.scalars(
            select(BackorderPromise).where(BackorderPromise.sku == sku, BackorderPromise.ended_at.is_(None))
        ).all()
    assert {r.allocation_id: r.units for r in rows} == waiting
    level, ahead = house.level(sku, "LON"), 0
    by_turn = {r.allocation_id: r for r in rows}
    coming = sum(c.units for c in queue.coming)
    for one in queue.queue:
        row = by_turn[one.allocation_id]
        assert row.ahead == ahead
        ahead += one.wanted
        if level.sellable - level.allocated - level.held == 0:
            assert (row.promised_on is not None) == (coming >= ahead) or one.channel == "marketplace"
        if row.promised_on is not None:
            assert house.now.date() <= row.promised_on <= house.now.date() + timedelta(days=400)
    if waiting:
        units = sum(waiting.values()) // 2 + 1
        told = house.do("promising", SimulateFill(sku=sku, node="LON", units=units), QueueState)
        arrive(house, units, sku)
        left = {a.id: a.quantity for a in house.waiting(sku)}
        assert {q.allocation_id: q.wanted - q.given for q in told.queue if q.given < q.wanted} == left
