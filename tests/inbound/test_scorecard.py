"""The supplier's scorecard: cases worked out by hand, and each number as many rows as it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from agents.purchasing.messages.orders import (
    CancelPurchase,
    ConfirmPurchase,
    PurchaseState,
    SendPurchase,
    ShortClosePurchase,
)
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import Scope
from tests.inbound.conftest import Dock, good
from tests.inbound.test_inspections import came, decide, plan, sample
from tests.serve.conftest import error_of
from tests.shop import TESTER

MARCH = "since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z"


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


class Buyer:
    def __init__(self, dock: Dock) -> None:
        self.dock = dock
        self.app = create_app(dock.db, dock, clock=lambda: dock.now)
        self.client = self.key(Scope.read_purchasing, Scope.read_stock)

    def key(self, *scopes: str) -> TestClient:
        with self.dock.db.transaction(TESTER, now=self.dock.now) as tx:
            _, secret = make_key(tx, "test", sorted(scopes))
        return TestClient(self.app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)

    def order(self, *promised: datetime, units: int = 10) -> PurchaseState:
        """Sent on the 2nd and confirmed for each of the dates in turn, a day apart."""
        self.dock.now = at(2)
        order = self.dock.do("purchasing", SendPurchase(purchase_id=self.dock.approved(MUG=units).id), PurchaseState)
        for date in promised:
            self.dock.later(days=1)
            ask = ConfirmPurchase(purchase_id=order.id, expected_at=date)
            self.dock.do("purchasing", ask, PurchaseState)
        return order

    def came(self, order: PurchaseState, units: int, when: datetime, scan: str = "S1", **more: Any) -> None:
        self.dock.now = when
        self.dock.receive(order.id, good(1, units, **more), scan=scan)

    def card(self, query: str = MARCH) -> dict[str, Any]:
        self.dock.now = at(20, month=4)
        answer = self.client.get(f"/api/v1/suppliers/HANSA/scorecard?{query}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        for number in numbers(told):
            self.must_open(number)
        return told

    def must_open(self, number: dict[str, Any]) -> None:
        """The list behind a number has as many rows as it says, or rows that add up to it."""
        answer = self.client.get(f"/api/v1/{number['list']}", params={**number["filters"], "page": 1, "limit": 200})
        assert answer.status_code == 200, answer.text
        rows = answer.json()["data"]
        column = number["sum_of"]
        assert number["value"] == (len(rows) if column is None else sum(row[column] for row in rows)), number


def numbers(told: Any) -> Iterator[dict[str, Any]]:
    for each in told.values() if isinstance(told, dict) else ():
        if isinstance(each, dict) and "sum_of" in each:
            yield each
        else:
            yield from numbers(each)


def shares(score: dict[str, Any], *names: str) -> list[tuple[int, int]]:
    return [(score[name]["part"]["value"], score[name]["whole"]["value"]) for name in names]


def by_timing(score: dict[str, Any]) -> dict[str, int]:
    names = ("early", "on_day", "late", "outstanding", "missed", "cancelled")
    return {name: score[name]["value"] for name in names if score[name]["value"]}


@pytest.fixture
def buyer(dock: Dock) -> Buyer:
    return Buyer(dock)


def test_a_supplier_that_promised_nothing_has_an_empty_card(buyer: Buyer) -> None:
    told = buyer.card()
    assert sum(n["value"] for n in numbers(told)) == 0
    assert sum(1 for _ in numbers(told)) == 2 * 12 + 4 + 1
    assert [told["confirmed"][s]["ppm"] for s in ("on_time", "in_full", "otif")] == [None, None, None]
    assert told["lead_time"]["mean_days"] is None
    error_of(buyer.client.get("/api/v1/suppliers/NOBODY/scorecard"), 404, "not_found")


def test_each_line_is_early_on_its_day_late_still_out_or_missed(buyer: Buyer) -> None:
    buyer.came(buyer.order(at(10)), 10, at(9))  # early and full
    buyer.came(buyer.order(at(10)), 10, at(10, 20))  # after the moment, on its day
    buyer.came(buyer.order(at(10)), 10, at(11, 1))  # late and full
    parts = buyer.order(at(10))
    buyer.came(parts, 6, at(10))
    buyer.came(parts, 4, at(15), "S2")  # late: 6 of 10 in time
    buyer.came(buyer.order(at(10)), 7, at(9))  # 3 are still out
    short = buyer.order(at(10))
    buyer.came(short, 8, at(9))
    buyer.dock.do("purchasing", ShortClosePurchase(purchase_id=short.id, reason="no more"), PurchaseState)
    missed, cancelled = buyer.order(at(10)), buyer.order(at(10))
    buyer.dock.do("purchasing", ShortClosePurchase(purchase_id=missed.id, reason="none"), PurchaseState)
    buyer.dock.do("purchasing", CancelPurchase(purchase_id=cancelled.id, reason="not needed"), PurchaseState)
    buyer.order(at(10, month=4))  # of another time
    score = buyer.card()["confirmed"]
    assert by_timing(score) == {"early": 2, "on_day": 1, "late": 2, "outstanding": 1, "missed": 1, "cancelled": 1}
    # On time 3 of 7; in time 10 + 10 + 0 + 6 + 7 + 8 + 0 of 70 units; both together 2 of 7.
    assert shares(score, "on_time", "in_full", "otif") == [(3, 7), (41, 70), (2, 7)]
    assert [score[s]["ppm"] for s in ("on_time", "in_full", "otif")] == [428571, 585714, 285714]


def test_a_date_that_was_moved_is_kept_and_the_first_one_is_not_forgotten(buyer: Buyer) -> None:
    buyer.came(buyer.order(at(10), at(20), at(25)), 10, at(22))
    told = buyer.card()
    assert (by_timing(told["confirmed"]), by_timing(told["first"])) == ({"early": 1}, {"late": 1})
    assert shares(told["confirmed"], "in_full", "otif") == [(10, 10), (1, 1)]
    assert shares(told["first"], "in_full", "otif") == [(0, 10), (0, 1)]
    [row] = buyer.client.get("/api/v1/supplier-promises").json()["data"]
    assert (row["first_promised_at"], row["promised_at"]) == ("2026-03-10T12:00:00Z", "2026-03-25T12:00:00Z")


def test_what_the_quote_said_before_the_supplier_confirmed_is_no_promise(buyer: Buyer) -> None:
    """HANSA quotes 14 days, which is the 16th; it confirms the 20th and nobody moves it."""
    buyer.came(buyer.order(at(20)), 10, at(18))
    buyer.came(buyer.order(), 10, at(16))  # never confirmed: as it was sent
    told = buyer.card()
    assert by_timing(told["first"]) == by_timing(told["confirmed"]) == {"early": 1, "on_day": 1}


def test_a_first_promise_in_another_month_counts_there(buyer: Buyer) -> None:
    buyer.order(at(30), at(5, month=4))
    told = buyer.card()
    assert by_timing(told["first"]) == {"outstanding": 1}
    assert by_timing(told["confirmed"]) == {}


def test_the_day_is_that_of_the_node(buyer: Buyer) -> None:
    with buyer.dock.db.transaction(TESTER, now=buyer.dock.now) as tx:
        tx.execute(text("UPDATE nodes SET time_zone = 'America/Los_Angeles' WHERE code = 'LON'"))
    buyer.came(buyer.order(at(10, 20)), 10, at(11, 6))  # the 10th there, 23:00
    buyer.came(buyer.order(at(10, 20)), 10, at(11, 8))  # the 11th, 01:00
    assert by_timing(buyer.card()["confirmed"]) == {"on_day": 1, "late": 1}


def test_what_was_taken_back_has_not_come_and_surplus_makes_up_for_nothing(buyer: Buyer) -> None:
    back, over = buyer.order(at(10)), buyer.order(at(10))
    buyer.dock.now = at(9)
    buyer.dock.back(buyer.dock.receive(back.id, good(1, 10)).id)
    buyer.came(back, 10, at(12), "S2")
    buyer.came(over, 10, at(10))
    buyer.dock.now = at(14)
    buyer.dock.receive(over.id, good(1, 5), scan="S2", accept_over="they pay")
    told = buyer.card()
    assert by_timing(told["confirmed"]) == {"on_day": 1, "late": 1}
    assert shares(told["confirmed"], "in_full") == [(10, 20)]
    assert shares(told["defects"], "units") == [(0, 25)]


def test_defects_are_units_of_receipts_and_lots_of_samples(buyer: Buyer) -> None:
    dock = buyer.dock
    buyer.came(buyer.order(at(10)), 3, at(9), condition="damaged", reason="crushed")
    buyer.came(buyer.order(at(10)), 7, at(10))
    dock.now = at(11)
    decide(dock, came(dock, 10, "inspect"), accept=6, reject=4)
    assert shares(buyer.card()["defects"], "units", "lots") == [(7, 20), (0, 0)]
    plan(dock, aql="2.5")
    dock.now = at(12)
    sample(dock, came(dock, 100), 2, bad=2)  # rejected at the second of 20; nobody has sorted the lot
    sample(dock, came(dock, 100), 20)
    came(dock, 100)  # nobody has looked at it
    dock.now = at(3, month=4)
    sample(dock, came(dock, 100), 20)  # of another time
    found = buyer.card()["defects"]
    assert shares(found, "lots") == [(1, 2)]
    assert found["lots"]["ppm"] == 500_000


def test_lead_times_are_those_of_what_came_in_the_time(buyer: Buyer) -> None:
    for day in (6, 8, 16):
        buyer.came(buyer.order(at(10)), 10, at(day))
    buyer.came(buyer.order(at(10)), 10, at(2, month=4))
    told = buyer.card()["lead_time"]
    assert told["deliveries"]["value"] == 3
    # 4, 6 and 14 days: mean 8, squared from it 16, 4 and 36, the root of 56 / 3.
    assert [told[f"{n}_days"] for n in ("mean", "spread", "shortest", "median", "longest")] == [
        8.0,
        4.3,
        4.0,
        6.0,
        14.0,
    ]


def test_the_time_is_over_and_in_the_right_order(buyer: Buyer) -> None:
    card, client = "/api/v1/suppliers/HANSA/scorecard", buyer.client
    buyer.order(at(10))
    buyer.dock.now = at(11, 11)
    told = client.get(card, params={"until": "2030-01-01T00:00:00Z"}).json()
    assert (told["since"], told["until"]) == ("2025-03-10T11:00:00Z", "2026-03-10T11:00:00Z")
    assert by_timing(told["confirmed"]) == {}  # its day may last on
    assert by_timing(client.get(card, params={"since": "now-30d"}).json()["confirmed"]) == {}
    buyer.dock.now = at(11, 13)
    assert by_timing(client.get(card, params={"since": "now-30d"}).json()["confirmed"]) == {"outstanding": 1}
    for query, code in (("since=today", "no_time"), ("since=x", "bad_value"), ("sinse=now-1d", "unknown_filter")):
        error_of(client.get(f"{card}?{query}"), 422, code)


def test_who_may_not_read_buying_reads_no_scorecard(buyer: Buyer) -> None:
    for path in ("suppliers/HANSA/scorecard", "supplier-promises"):
        error_of(buyer.key(Scope.read_stock).get(f"/api/v1/{path}"), 403, "missing_scope")
