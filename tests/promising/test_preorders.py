"""Pre-orders: sold before there is any, up to the limit, and not sent before the day of release."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from agents.catalog.messages import ProductState, SetRelease
from agents.fulfilment.messages import OpenReleased
from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from agents.promising.messages import PreviewRelease, ReleasePreview
from db.errors import Refused
from db.fulfilment import Fulfilment, FulfilmentLine
from tests.promising.conftest import House
from tests.promising.test_filling import arrive, sold_out
from tests.promising.test_keeping import promises
from tests.serve.conftest import error_of
from tests.shop import START, TESTER


def day(n: int) -> date:
    return START.date() + timedelta(days=n)


def released(house: House, sku: str, on: date | None) -> None:
    house.do("catalog", SetRelease(sku=sku, release_on=on), ProductState)
    house.pump()


def opened(house: House) -> list[tuple[str, int]]:
    with house.db.reading() as session:
        rows = session.execute(
            select(FulfilmentLine.sku, FulfilmentLine.quantity)
            .join(Fulfilment, Fulfilment.id == FulfilmentLine.fulfilment_id)
            .order_by(Fulfilment.number, FulfilmentLine.sku)
        )
        return [(row[0], row[1]) for row in rows]


def the_clock_strikes(house: House) -> None:
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.send("fulfilment", "schedule:open released pre-orders", OpenReleased())
    house.pump()


def test_a_new_sku_is_sold_before_there_is_any_up_to_its_limit_and_leaves_on_its_day(house: House) -> None:
    house.a_sku("LAMP", backorder_limit=5)
    with pytest.raises(Refused):
        house.ordered(1, "LAMP")
    released(house, "LAMP", day(30))
    order = house.ordered(4, "LAMP")
    with pytest.raises(Refused):
        house.ordered(2, "LAMP")
    arrive(house, 10, "LAMP")
    assert (house.has(order), opened(house)) == (4, [])
    told = house.available("LAMP")
    assert (told.units_now, told.release_on, told.promised_on) == (6, day(30), day(30))  # a Wednesday
    the_clock_strikes(house)
    assert opened(house) == []
    house.later(days=30)
    the_clock_strikes(house)
    assert opened(house) == [("LAMP", 4)]
    the_clock_strikes(house)
    assert opened(house) == [("LAMP", 4)]


def test_the_rest_of_an_order_leaves_before_unless_it_leaves_as_a_whole(house: House) -> None:
    house.some_stock("MUG", "LON", 10)
    house.some_stock("PLATE", "LON", 10)
    released(house, "PLATE", day(7))
    for whole in (False, True):
        lines = [PlacedLine(sku="MUG", quantity=1), PlacedLine(sku="PLATE", quantity=1)]
        house.do("orders", PlaceOrder(channel="web", currency="EUR", lines=lines, ship_complete=whole), OrderState)
        house.pump()
    assert opened(house) == [("MUG", 1)]
    house.later(days=7)
    the_clock_strikes(house)
    assert sorted(opened(house)) == [("MUG", 1), ("MUG", 1), ("PLATE", 1), ("PLATE", 1)]


def test_a_promise_is_not_before_the_release_and_moves_with_it(house: House) -> None:
    house.a_sku("LAMP", backorder_limit=50)
    released(house, "LAMP", day(28))
    house.sells("LAMP")
    house.confirmed(house.sent(LAMP=20), 5)
    house.ordered(3, "LAMP")
    house.pump()
    client = house.client()
    (row,) = client.get("/api/v1/backorder-promises").json()["data"]
    assert (row["promised_on"], row["is_late"]) == (str(day(28)), False)
    answer = client.put("/api/v1/variants/LAMP/release", json={"release_on": str(day(42))})
    assert answer.status_code == 200, answer.text
    house.pump()
    (row,) = client.get("/api/v1/backorder-promises").json()["data"]
    assert (row["promised_on"], row["is_late"]) == (str(day(42)), True)
    assert client.get("/api/v1/variants/LAMP").json()["release_on"] == str(day(42))
    error_of(client.put("/api/v1/variants/NONE/release", json={"release_on": None}), 404, "not_found")


def test_a_release_that_nobody_can_mean_is_refused(house: House) -> None:
    house.no(SetRelease(sku="MUG", release_on=date(9999, 12, 31)), "bad_field", agent="catalog")
    house.no(SetRelease(sku="MUG", release_on=date(1, 1, 1)), "bad_field", agent="catalog")


def test_another_day_of_release_is_looked_at_before_it_is_set(house: House) -> None:
    sold_out(house)
    house.confirmed(house.sent(MUG=5), 10)
    orders = [house.ordered(2), house.ordered(3)]
    house.pump()
    before = [p.promised_on for p in promises(house)]
    seen = house.do("promising", PreviewRelease(sku="MUG", release_on=day(60)), ReleasePreview)
    assert (seen.waiting, seen.later, seen.sooner) == (2, 2, 0)
    assert {r.number for r in seen.rows} == {o.number for o in orders}
    assert [r.after_on for r in seen.rows] == [day(60), day(60)]
    assert seen.most_days_later == max((day(60) - d).days for d in before if d is not None)
    assert [p.promised_on for p in promises(house)] == before
    released(house, "MUG", day(60))
    assert [p.promised_on for p in promises(house)] == [day(60), day(60)]
    sooner = house.do("promising", PreviewRelease(sku="MUG"), ReleasePreview)
    assert (sooner.later, sooner.sooner) == (0, 2)
