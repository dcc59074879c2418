"""What comes back and why: rates that young parcels do not lead astray, and numbers that open their rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from db.catalog import Product, Variant
from serve.return_rates import HORIZON, between, curve, expected, shrunk
from tests.returns.makers import a_delivered_order, approved, ask, deliver, line, open_shop, place, receive, ship
from tests.returns.test_routes import caller
from tests.shop import TESTER, Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = open_shop(db_url)
    yield company
    company.close()


def insight(client: TestClient, by: str = "sku", **query: str) -> dict[str, Any]:
    answer = client.get("/api/v1/return-insight", params={"by": by, **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def opened(client: TestClient, number: dict[str, Any]) -> int:
    """What the rows behind a number come to."""
    rows = client.get(f"/api/v1/{number['list']}", params={**number["filters"], "limit": "200"})
    assert rows.status_code == 200, rows.text
    return sum(row[number["sum_of"]] for row in rows.json()["data"])


def test_every_number_opens_rows_that_come_to_it(shop: Shop) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        mug = tx.get_one(Variant, "MUG")
        mug.options = {"Size": "L", "colour": "red"}
        tx.get_one(Product, mug.product_id).category = "Kitchen"
    first = a_delivered_order(shop, lines={"MUG": 3, "PLATE": 2})
    a_delivered_order(shop, lines={"MUG": 1})
    receive(shop, approved(shop, first, line(1, 2, "too_small"), line(2, 1)), (1, 2, "sellable"), (2, 1, "damaged"))
    ask(shop, first, line(1, 1, "faulty"))  # still to come: no unit of it came back
    shop.later(days=3)
    client = caller(shop)
    told = insight(client)
    assert {(r["key"], r["shipped"]["value"], r["came"]["value"]) for r in told["rows"]} == {
        ("MUG", 4, 2),
        ("PLATE", 2, 1),
    }
    assert (told["currency"], told["total"]["refunded"]["value"]) == ("EUR", 2000)
    sizes = {r["key"]: r["came"]["value"] for r in insight(client, "size")["rows"]}
    assert sizes == {"L": 2, None: 1}
    assert {r["key"] for r in insight(client, "category")["rows"]} == {"Kitchen", None}
    reasons = {r["key"]: (r["came"]["value"], r["shipped"]["value"]) for r in insight(client, "reason")["rows"]}
    assert reasons == {"too_small": (2, 6), "changed_mind": (1, 6), "faulty": (0, 6)}
    assert [r["key"] for r in insight(client, "month")["rows"]] == ["2026-03"]
    for by in ("sku", "size", "category", "supplier", "carrier", "reason", "month"):
        found = insight(client, by)
        for row in (found["total"], *found["rows"]):
            for name in ("shipped", "came", "refunded", "net"):
                assert opened(client, row[name]) == row[name]["value"], (by, row["key"], name)
    assert client.get("/api/v1/return-insight", params={"by": "weather"}).status_code == 422
    assert client.get("/api/v1/return-insight", params={"currency": "XTS"}).status_code == 422
    for name in ("return_lines", "shipped_lines"):
        assert client.get(f"/api/v1/exports/{name}.csv").text.count("\n") >= 3


def test_young_units_count_by_what_they_can_have_shown(shop: Shop) -> None:
    client = caller(shop)
    a_delivered_order(shop, lines={"MUG": 4})
    shop.later(days=200)
    order = place(shop, lines={"MUG": 4})
    ship(shop, order)
    deliver(shop, order)
    shop.later(days=2)
    receive(shop, approved(shop, order, line(1, 1)), (1, 1, "sellable"))
    old, young = insight(client, "month")["rows"]
    assert (old["exposed"], old["expected_ppm"]) == (4, 0)
    assert young["exposed"] < 4
    assert young["expected_ppm"] > young["so_far_ppm"] == 250_000
    assert young["low_ppm"] < young["expected_ppm"] <= young["high_ppm"]


def test_nothing_sent_is_told_as_nothing(shop: Shop) -> None:
    told = insight(caller(shop))
    assert (told["rows"], told["total"]["shipped"]["value"], told["total"]["expected_ppm"]) == ([], 0, None)


LAGS = st.dictionaries(st.integers(0, 300), st.integers(0, 1000), max_size=20)


@given(LAGS)
def test_a_curve_never_falls_and_ends_at_all(lags: dict[int, int]) -> None:
    found = curve(lags)
    assert len(found) == HORIZON + 1
    assert all(a <= b for a, b in pairwise(found))
    assert 0 < found[0] <= 1
    assert found[-1] == pytest.approx(1)


@given(st.integers(0, 500), st.floats(0.01, 1000), st.integers(0, 1_000_000))
def test_the_expected_rate_lies_in_its_interval_and_shrinking_draws_it_to_all(
    came: int, exposed: float, overall: int
) -> None:
    told, (low, high) = expected(came, exposed), between(came, exposed)
    assert told is not None
    assert low is not None
    assert high is not None
    assert low - 1 <= told <= high + 1
    drawn = shrunk(came, exposed, overall)
    assert min(told, overall) - 1 <= drawn <= max(came / exposed * 1e6, overall) + 1


def test_a_large_cohort_that_is_followed_tells_the_rate_that_it_ends_with() -> None:
    """Units of a true rate of a fifth, half of whose returns come within ten days: after ten days as in the end."""
    lags = {day: round(10_000 * (0.5 ** (day / 10) - 0.5 ** ((day + 1) / 10))) for day in range(HORIZON)}
    shown = curve(lags)
    seen = 0.2 * 10_000 * (1 - 0.5 ** (11 / 10))
    told = expected(round(seen), 10_000 * shown[10])
    assert told == pytest.approx(200_000, rel=0.02)
