"""Scorecards over HTTP: every number opens as many rows as it says, and shares carry their uncertainty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from db.session import Database
from serve.app import create_app
from serve.carrier_scores import quantile, wilson
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.fulfilment.makers import send, the_fulfilment
from tests.shipping.test_agent import a_card, a_packed_order, a_policy, buy, learn, scan
from tests.shop import TESTER, Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = Shop(db_url, only=("fulfilment", "shipping"))
    company.a_node("LON")
    company.a_sku("MUG", weight_grams=350)
    company.some_stock("MUG", "LON", 100)
    yield company
    company.close()


@pytest.fixture
def client(shop: Shop, db_url: str) -> Iterator[TestClient]:
    database = Database(db_url)
    with database.transaction(TESTER, now=shop.now) as tx:
        _, secret = make_key(tx, "desk", sorted(ALL_SCOPES))
    app = create_app(database, shop, clock=lambda: shop.now)
    yield TestClient(app, headers={"Authorization": f"Bearer {secret}"})
    database.close()


def numbers(told: Any) -> Iterator[dict[str, Any]]:
    if isinstance(told, dict):
        if {"value", "list", "filters"} <= told.keys():
            yield told
        for each in told.values():
            yield from numbers(each)
    elif isinstance(told, list):
        for each in told:
            yield from numbers(each)


@given(st.integers(1, 5000), st.data())
def test_the_interval_of_a_share_holds_the_share(whole: int, data: st.DataObject) -> None:
    good = data.draw(st.integers(0, whole))
    low, high = wilson(good, whole)
    assert low is not None
    assert high is not None
    assert 0 <= low <= round(good / whole * 1_000_000) <= high <= 1_000_000
    wider = wilson(good, whole)[1], wilson(good * 4, whole * 4)[1]
    assert wider[0] is not None
    assert wider[1] is not None
    assert wider[1] <= wider[0] + 1
    assert wilson(0, 0) == (None, None)


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 50), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_the_first_day_by_which_so_many_had_come(counts: dict[int, int], share: float) -> None:
    day = quantile(counts, share)
    everyone = sorted(d for d, n in counts.items() for _ in range(n))
    assert day is not None
    assert sum(d <= day for d in everyone) >= share * len(everyone)
    assert sum(d < day for d in everyone) < share * len(everyone)


def test_every_number_of_a_scorecard_opens_as_many_rows_as_it_says(shop: Shop, client: TestClient) -> None:
    a_card(shop, "post", 490, days=3)
    a_policy(shop, promise_days=3)
    for days in (1, 2, 5):
        order, parcel = a_packed_order(shop)
        label = buy(shop, parcel)
        send(shop, the_fulfilment(shop, order))
        shop.later(days=days)
        scan(shop, label.tracking_number, f"there-{label.id}", "delivered")
        learn(shop)
    shop.later(days=3)
    told = client.get("/api/v1/carriers/post/scorecard").json()
    (service,) = told["services"]
    assert (service["parcels"]["value"], service["on_time"]["part"]["value"]) == (3, 2)
    assert service["on_time"]["whole"]["value"] == 3
    assert service["foreseen"]["value"] == 2  # nothing was learned when the first left
    assert [p["of"] for p in service["promises"]] == [50, 80, 90, 95]
    assert [lane["country"] for lane in service["lanes"]] == ["DE"]
    assert len(service["learned"]) == 4
    assert service["cost"] == [{"currency": "EUR", "parcels": 3, "amount": 1470, "each": 490}]
    looked_at = 0
    for number in numbers(told):
        rows = client.get(f"/api/v1/{number['list']}", params={**number["filters"], "limit": "200"}).json()
        assert len(rows["data"]) == number["value"], number
        looked_at += 1
    assert looked_at > 20
    every = client.get("/api/v1/carriers/scorecards").json()
    assert [(s["carrier"], s["lanes"]) for s in every["services"]] == [("post", [])]
    assert client.get("/api/v1/carriers/ghost/scorecard").status_code == 404
