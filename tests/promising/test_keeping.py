"""Who waits has a promised day; it moves when its delivery does, and the customer hears of it when it slips."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from agents.inbound.messages.notices import NoticeState, PostponeNotice
from agents.orders.messages import CancelOrder, OrderState, ShipInParts
from agents.promising.messages import AcceptPromise, PromiseState, RepromiseAll
from db.notifications import Notification
from db.promising import BackorderPromise, PromiseChange
from tests.inbound.conftest import good
from tests.promising.conftest import House
from tests.promising.test_filling import arrive, policy, sold_out, vips
from tests.shop import START, TESTER


def day(n: int) -> date:
    return START.date() + timedelta(days=n)


def promises(house: House) -> list[BackorderPromise]:
    with house.db.reading() as session:
        return list(
            session.scalars(select(BackorderPromise).order_by(BackorderPromise.made_at, BackorderPromise.allocation_id))
        )


def changes(house: House, allocation: UUID) -> list[tuple[date | None, date | None]]:
    with house.db.reading() as session:
        rows = session.scalars(
            select(PromiseChange).where(PromiseChange.allocation_id == allocation).order_by(PromiseChange.id)
        )
        return [(r.before_on, r.after_on) for r in rows]


def letters(house: House) -> list[Notification]:
    with house.db.reading() as session:
        wanted = select(Notification).where(Notification.template.in_(("repromised", "waits")))
        return list(session.scalars(wanted.order_by(Notification.id)))


def a_day_later(house: House, days: float = 1) -> None:
    house.later(days=days)
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.send("promising", "schedule:work out promised days", RepromiseAll())
    house.pump()


def test_each_who_waits_has_a_day_that_counts_those_before_them(house: House) -> None:
    sold_out(house)
    order = house.sent(MUG=5)
    house.confirmed(order, 10)
    house.ordered(3)
    house.ordered(3)
    house.pump()
    first, second = promises(house)
    assert (first.units, first.ahead, first.likely_on, first.promised_on, first.safe_on) == (
        3, 0, day(11), day(14), day(17),
    )  # fmt: skip
    assert first.sources == [{"source": f"purchase order {order.number}, line 1", "units": 5, "on": str(day(13))}]
    assert (second.ahead, second.promised_on) == (3, None)
    assert second.why == "3 units go to others first; for 1 units nothing is on its way"
    assert changes(house, first.allocation_id) == [(None, day(14))]
    assert house.said("OrderRepromised") == []


def test_a_delivery_that_slips_moves_the_day_and_tells_the_customer_once(house: House) -> None:
    sold_out(house)
    order = house.sent(MUG=50)
    house.confirmed(order, 10)
    mine = house.ordered(3, email="ada@example.com")
    house.pump()
    house.confirmed(order, 24)
    house.pump()
    (row,) = promises(house)
    assert (row.first_on, row.promised_on, row.told_on, row.changes) == (day(14), day(35), day(35), 1)
    (said,) = house.said("OrderRepromised")
    assert (said["order_id"], said["before_on"], said["after_on"]) == (str(mine.id), str(day(14)), str(day(35)))
    (letter,) = letters(house)
    assert (letter.template, letter.recipient) == ("repromised", "ada@example.com")
    assert f"{day(35):%d %B %Y}" in letter.body
    a_day_later(house, 0.2)
    house.confirmed(order, 4)
    house.pump()
    assert promises(house)[0].promised_on is not None
    assert promises(house)[0].told_on == day(35)  # sooner is no reason to write
    assert len(letters(house)) == 1


def test_a_notice_that_is_postponed_moves_the_day(house: House) -> None:
    sold_out(house)
    order = house.sent(MUG=50)
    notice = house.announced(order, 50, said_at=house.now + timedelta(days=3))
    house.ordered(3)
    house.pump()
    before = promises(house)[0].promised_on
    ask = PostponeNotice(notice_id=notice.id, said_at=house.now + timedelta(days=20), reason="a strike")
    house.do("inbound", ask, NoticeState)
    house.pump()
    (row,) = promises(house)
    assert (before, row.promised_on) == (day(4), day(21))
    assert len(house.said("OrderRepromised")) == 1


def test_what_was_to_come_and_has_not_is_expected_later_and_a_cancelled_order_leaves_no_day(house: House) -> None:
    sold_out(house)
    order = house.sent(MUG=50)
    house.confirmed(order, 3)
    house.ordered(3, email="ada@example.com")
    house.pump()
    first = promises(house)[0].promised_on
    a_day_later(house, 9)
    later = promises(house)[0].promised_on
    assert first is not None
    assert later is not None
    assert later > first
    from agents.purchasing.messages.orders import CancelPurchase, PurchaseState

    house.do("purchasing", CancelPurchase(purchase_id=order.id, reason="bankrupt"), PurchaseState)
    house.pump()
    (row,) = promises(house)
    assert (row.promised_on, row.first_on) == (None, first)
    assert letters(house)[-1].template == "waits"


def test_units_that_came_end_the_promise_and_the_next_in_line_moves_up(house: House) -> None:
    sold_out(house)
    order = house.sent(MUG=5)
    house.confirmed(order, 10)
    house.ordered(5)
    second = house.ordered(2)
    house.pump()
    assert [p.promised_on for p in promises(house)] == [day(14), None]
    arrive(house, 5)
    first_row, second_row = promises(house)
    assert (first_row.ended_why, second_row.ended_at, second_row.promised_on) == ("filled", None, day(14))
    house.do("orders", CancelOrder(order_id=second.id, reason="no longer"), OrderState)
    house.pump()
    assert promises(house)[1].ended_why == "released"


def test_a_receipt_of_goods_counts_them_once(house: House) -> None:
    sold_out(house)
    order = house.sent(MUG=6)
    house.confirmed(order, 10)
    house.ordered(4)
    house.ordered(4)
    house.pump()
    house.receive(order.id, good(1, 6))
    house.pump()
    first, second = promises(house)
    assert (first.ended_why, second.units, second.promised_on) == ("filled", 2, None)


def test_days_follow_the_policy_by_which_units_are_given(house: House) -> None:
    sold_out(house)
    vip = vips(house)
    order = house.sent(MUG=3)
    house.confirmed(order, 10)
    house.ordered(3)
    house.pump()
    from agents.promising.messages import PriorityClass

    policy(house, "priority", "placed", classes=[PriorityClass(tag="vip")])
    house.ordered(3, customer_id=vip)
    house.pump()
    first, second = promises(house)
    assert {first.promised_on, second.promised_on} == {None, day(14)}
    assert next(p for p in promises(house) if p.promised_on).ahead == 0


def test_late_promises_are_listed_until_somebody_waits_splits_or_cancels(house: House) -> None:
    sold_out(house)
    order = house.sent(MUG=50)
    house.confirmed(order, 10)
    house.some_stock("PLATE", "LON", 5)
    mine = house.ordered(3, ship_complete=True, email="ada@example.com")
    house.pump()
    client = house.client()

    def late() -> list[dict[str, Any]]:
        return list(client.get("/api/v1/backorder-promises", params={"is_late_eq": "true"}).json()["data"])

    assert late() == []
    house.confirmed(order, 24)
    house.pump()
    (row,) = late()
    assert (row["order_number"], row["days_late"], row["next"]) == (mine.number, 21, ["wait", "split", "cancel"])
    path = f"/api/v1/backorder-promises/{row['allocation_id']}"
    shown = client.get(path).json()
    assert [h["after_on"] for h in shown["history"]] == [str(day(14)), str(day(35))]
    assert client.post(f"{path}/accept", json={"reason": "Ada waits"}).json()["accepted_on"] == str(day(35))
    assert late() == []
    house.confirmed(order, 40)
    house.pump()
    assert [r["next"] for r in late()] == [["wait", "split", "cancel"]]
    parts = client.post(f"/api/v1/orders/{mine.id}/ship-in-parts", json={"reason": "rather something now"})
    assert parts.status_code == 200, parts.text
    assert [r["next"] for r in late()] == [["wait", "cancel"]]
    assert [e["order_id"] for e in house.said("OrderMayPart")] == [str(mine.id)]


def test_an_order_that_may_part_sends_what_is_there(house: House) -> None:
    sold_out(house)
    house.some_stock("PLATE", "LON", 2)
    from agents.orders.messages import PlacedLine, PlaceOrder

    lines = [PlacedLine(sku="MUG", quantity=2), PlacedLine(sku="PLATE", quantity=2)]
    order = house.do("orders", PlaceOrder(channel="web", currency="EUR", lines=lines, ship_complete=True), OrderState)
    house.pump()
    before = house.count("fulfilments")
    house.do("orders", ShipInParts(order_id=order.id, reason="plates now"), OrderState)
    house.pump()
    assert house.count("fulfilments") == before + 1


def test_an_accepted_day_needs_a_promise_that_is_open(house: House) -> None:
    sold_out(house)
    house.sent(MUG=5)
    house.ordered(2)
    house.pump()
    (row,) = promises(house)
    ask = AcceptPromise(allocation_id=row.allocation_id, reason="fine")
    assert house.do("promising", ask, PromiseState).accepted_on == row.promised_on
    arrive(house, 2)
    house.no(ask, "waits_no_longer", agent="promising")
