"""How often what was promised was kept: only what is decided counts, against the day that was said first."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from db.allocations import Part, release
from db.base import uuid7
from db.fulfilment import Fulfilment, FulfilmentLine
from db.kept_promises import Kept, kept_cut_offs, kept_promises
from db.promising import BackorderPromise, PromiseChange
from db.stock import Allocation, AllocationState
from tests.fulfilment.makers import Promise, an_order
from tests.shop import START, TESTER, Shop

TODAY = START.date()


def promised(shop: Shop, *days: int) -> Allocation:
    """An order that waits for one mug; what it was told first, and every day after."""
    order = an_order(shop, Promise("MUG", 1, backordered=True))
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        row = tx.scalars(select(Allocation).where(Allocation.order_id == order.id)).one()
        said = [TODAY + timedelta(days=d) for d in days]
        tx.add(
            BackorderPromise(
                allocation_id=row.id, order_id=order.id, line_no=1, sku="MUG", node="LON", units=1, ahead=0,
                likely_on=said[-1], promised_on=said[-1], safe_on=said[-1], why="x", made_at=tx.now, updated_at=tx.now,
            )
        )  # fmt: skip
        for day in said:
            tx.add(
                PromiseChange(
                    allocation_id=row.id, order_id=order.id, at=tx.now, after_on=day, why="x",
                    likely_on=day - timedelta(days=1), safe_on=day + timedelta(days=1),
                )
            )  # fmt: skip
            tx.flush()
    return row


def leaves(shop: Shop, allocation_id: UUID, after_days: int) -> None:
    at = START + timedelta(days=after_days)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        row = tx.get_one(Allocation, allocation_id)
        row.state = AllocationState.shipped
        sent = Fulfilment(
            id=uuid7(), number=f"F{uuid7()}", order_id=row.order_id, node="LON", status="shipped", due_at=START,
            created_at=tx.now, updated_at=tx.now, released_at=tx.now, shipped_at=at,
        )  # fmt: skip
        tx.add(sent)
        tx.flush()
        tx.add(FulfilmentLine(allocation_id=row.id, fulfilment_id=sent.id, line_no=1, sku="MUG", quantity=1, picked=1))


def test_only_what_is_decided_counts_and_the_day_that_was_said_first(shop: Shop) -> None:
    leaves(shop, promised(shop, 3).id, 3)  # on the day
    leaves(shop, promised(shop, 3, 9).id, 8)  # by the day of later, not by the first
    promised(shop, 5)  # waits, and its day is over
    promised(shop, 60)  # waits for a day to come
    gone = promised(shop, 1)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        release(tx, [Part(gone.id, 1)], why="cancelled")
    now = START + timedelta(days=20)
    with shop.db.reading() as session:
        found = kept_promises(session, since=START - timedelta(days=1), now=now)
        cut_offs = kept_cut_offs(session, since=START - timedelta(days=1), now=now)
    assert sorted(found["promised"]) == [Kept("*", 3, 1, 1), Kept("LON", 3, 1, 1)]
    assert sorted(found["likely"]) == [Kept("*", 3, 0, 1), Kept("LON", 3, 0, 1)]
    assert sorted(found["safe"]) == [Kept("*", 3, 1, 1), Kept("LON", 3, 1, 1)]
    assert sorted(cut_offs) == [Kept("*", 2, 0, 0), Kept("LON", 2, 0, 0)]


def test_nothing_that_was_promised_before_the_time_counts(shop: Shop) -> None:
    promised(shop, 1)
    with shop.db.reading() as session:
        found = kept_promises(session, since=START + timedelta(days=1), now=START + timedelta(days=9))
    assert found == {"likely": [], "promised": [], "safe": []}
