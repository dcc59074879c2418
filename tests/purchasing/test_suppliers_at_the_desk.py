"""What people see of suppliers: who is asked first, who sells what no longer, and how long deliveries really take."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from agents.purchasing.messages.suppliers import PreferSupplier, PutSupplierItem, RemoveSupplierItem
from serve.deliveries import MOST_BARS, bars
from tests.purchasing.conftest import Office
from tests.purchasing.test_routes import Desk
from tests.serve.conftest import error_of
from tests.shop import TESTER


@pytest.fixture
def desk(office: Office) -> Desk:
    """DELFT and GOUDA sell MUG as well, and are asked after HANSA."""
    for code, rank in (("DELFT", 200), ("GOUDA", 300)):
        office.a_supplier(code, rank=rank)
        office.sells("MUG", supplier=code)
    return Desk(office)


def sellers(desk: Desk, sku: str = "MUG") -> list[tuple[str, int | None, int]]:
    rows = desk.all.get(f"/api/v1/supplier-items?sku_eq={sku}").json()["data"]
    return sorted(((r["supplier"], r["place"], r["sellers"]) for r in rows), key=lambda r: (r[1] is None, r[1]))


def prefer(desk: Desk, supplier: str) -> None:
    assert desk.all.post(f"/api/v1/suppliers/{supplier}/items/MUG/prefer").status_code == 200


def test_whoever_is_preferred_is_asked_first_and_the_others_keep_their_order(desk: Desk) -> None:
    assert sellers(desk) == [("HANSA", 1, 3), ("DELFT", 2, 3), ("GOUDA", 3, 3)]
    prefer(desk, "GOUDA")
    assert sellers(desk) == [("GOUDA", 1, 3), ("HANSA", 2, 3), ("DELFT", 3, 3)]
    before = desk.office.count("audit_log")
    prefer(desk, "GOUDA")
    assert desk.office.count("audit_log") == before


def test_below_the_lowest_rank_the_others_make_room(desk: Desk) -> None:
    desk.office.sells("MUG", supplier="HANSA", rank=0, unit_cost=390)
    desk.office.sells("MUG", supplier="GOUDA", rank=1)
    prefer(desk, "DELFT")
    assert sellers(desk) == [("DELFT", 1, 3), ("HANSA", 2, 3), ("GOUDA", 3, 3)]


def test_who_is_blocked_is_asked_by_nobody_and_cannot_be_preferred(desk: Desk) -> None:
    desk.office.sells("MUG", supplier="DELFT", active=False)
    assert sellers(desk) == [("HANSA", 1, 2), ("GOUDA", 2, 2), ("DELFT", None, 2)]
    desk.office.refused(PreferSupplier(supplier="DELFT", sku="MUG"), "not_to_be_ordered")
    desk.office.refused(PreferSupplier(supplier="NOBODY", sku="MUG"), "not_found")


def test_who_is_preferred_while_others_change_goes_before_them_as_they_then_are(desk: Desk) -> None:
    office = desk.office
    with ThreadPoolExecutor(1) as pool:
        with office.db.transaction(TESTER, now=office.now) as tx:
            tx.execute(text("UPDATE supplier_items SET rank = 5 WHERE supplier = 'HANSA' AND sku = 'MUG'"))
            asked = pool.submit(prefer, desk, "GOUDA")
            waits(office, asked)
        asked.result()
    assert [code for code, _, _ in sellers(desk)] == ["GOUDA", "HANSA", "DELFT"]


def waits(office: Office, asked: Future[None]) -> None:
    """Until the request stands in front of a lock, or is over."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = time.monotonic() + 20
    while not asked.done() and time.monotonic() < until:
        with office.db.reading() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.02)


def test_what_is_removed_is_gone_and_orders_of_it_stay(desk: Desk) -> None:
    made = desk.order()
    desk.office.refused(RemoveSupplierItem(supplier="HANSA", sku="MUG", version=9), "stale_version")
    assert desk.all.delete("/api/v1/suppliers/HANSA/items/MUG").json() == {"supplier": "HANSA", "sku": "MUG"}
    assert sellers(desk) == [("DELFT", 1, 2), ("GOUDA", 2, 2)]
    assert desk.all.get(f"/api/v1/purchase-orders/{made['id']}").json()["lines"][0]["sku"] == "MUG"
    error_of(desk.all.delete("/api/v1/suppliers/HANSA/items/MUG"), 404, "not_found")
    reader = desk.key("read_purchasing")
    error_of(reader.delete("/api/v1/suppliers/DELFT/items/MUG"), 403, "missing_scope")
    error_of(reader.post("/api/v1/suppliers/DELFT/items/MUG/prefer"), 403, "missing_scope")


def test_suppliers_are_listed_with_what_they_sell_and_what_is_open(desk: Desk) -> None:
    desk.order()
    done = desk.order()
    desk.do(done, "cancel", reason="twice")
    desk.office.do("purchasing", PutSupplierItem(supplier="HANSA", sku="PLATE", unit_cost=1, active=False), object)
    rows = desk.all.get("/api/v1/suppliers").json()["data"]
    assert [(r["code"], r["skus"], r["open_orders"]) for r in rows] == [
        ("HANSA", 1, 1), ("DELFT", 1, 0), ("GOUDA", 1, 0),
    ]  # fmt: skip
    assert [r["code"] for r in desk.all.get("/api/v1/suppliers?open_orders_gt=0").json()["data"]] == ["HANSA"]


def test_suppliers_are_found_by_whoever_may_read_them(desk: Desk) -> None:
    found = desk.all.get("/api/v1/search?q=delft").json()["hits"]
    assert [(h["kind"], h["id"], h["path"]) for h in found] == [("supplier", "DELFT", "/api/v1/suppliers/DELFT")]
    assert desk.key("read_orders").get("/api/v1/search?q=delft").json()["hits"] == []


def lead_time(desk: Desk) -> dict[str, Any]:
    return dict(desk.all.get("/api/v1/suppliers/HANSA/lead-time").json())


def test_a_supplier_without_deliveries_has_only_what_it_quotes(desk: Desk) -> None:
    told = lead_time(desk)
    assert (told["quoted_days"], told["deliveries"], told["mean_days"], told["bars"]) == (14, 0, None, [])
    assert (told["waiting"], told["planned_places"], told["planned_days"]) == (0, 0, None)
    error_of(desk.all.get("/api/v1/suppliers/NOBODY/lead-time"), 404, "not_found")


def test_lead_times_are_those_of_real_deliveries_and_every_bar_opens_its_rows(desk: Desk) -> None:
    office = desk.office
    for days in (10, 12, 12, 20):
        order = office.sent(MUG=12)
        office.later(days=days)
        office.came(order.id, 1, 12)
    late = office.sent(MUG=12, PLATE=5)
    office.later(days=30)
    office.came(late.id, 1, 6)
    told = lead_time(desk)
    assert (told["deliveries"], told["mean_days"], told["spread_days"]) == (4, 13.5, 3.8)
    assert (told["waiting"], told["longest_wait_days"]) == (2, 30)
    assert sum(b["deliveries"] for b in told["bars"]) == 4
    for bar in told["bars"]:
        query = f"supplier_eq=HANSA&days_gteq={bar['from_days']}&days_lt={bar['below_days']}&count=exact"
        assert desk.all.get(f"/api/v1/deliveries?{query}").json()["page"]["total"] == bar["deliveries"], bar
    slowest = desk.all.get("/api/v1/deliveries?sort=-days&limit=1").json()["data"][0]
    assert (slowest["days"], slowest["sku"], slowest["supplier"]) == (20, "MUG", "HANSA")
    office.now += timedelta(days=731)
    assert lead_time(desk)["deliveries"] == 0


@pytest.mark.parametrize("took", [[0.0], [3.9, 4.0], [1.0, 400.0], [2.0, 9000.0], [float(d) for d in range(13)]])
def test_bars_hold_every_delivery_side_by_side(took: list[float]) -> None:
    drawn = bars(took)
    assert 1 <= len(drawn) <= MOST_BARS
    assert sum(b["deliveries"] for b in drawn) == len(took)
    assert all(a["below_days"] == b["from_days"] for a, b in pairwise(drawn))
    assert drawn[0]["from_days"] <= min(took)
    assert max(took) < drawn[-1]["below_days"]
    assert drawn[0]["deliveries"]
    assert drawn[-1]["deliveries"]
