"""What came is put away with a scanner alone: where it is suggested, elsewhere with a reason, and back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import Company, settled
from tests.browser.desk import Desk
from tests.browser.test_receive import TABLET, an_order, starts

pytestmark = pytest.mark.thorough


@pytest.fixture
def dock(company: Company, browser: Any) -> Iterator[Desk]:
    with Desk.opened(browser, company, role="warehouse", **TABLET) as it:
        yield it


def came(desk: Desk, order: dict[str, Any], units: int) -> dict[str, Any]:
    """So many units of the order's only line, and the task to put them away."""
    with desk.api as api:
        scan = {"scan": "put away", "lines": [{"line_no": 1, "quantity": units}]}
        made = api.post(f"/purchase-orders/{order['id']}/receive", scan, key=f"came-{order['number']}")
        settled(desk.company)
        return dict(api.get(f"/putaway-tasks/{made['putaways'][0]['id']}"))


def a_bin(desk: Desk, code: str, units: int) -> None:
    with desk.api as api:
        body = {"type": "reserve", "sequence": 900, "capacity_units": units}
        api.put(f"/nodes/LON/bins/{code}", body, key=f"bin-{code}")


def lies(desk: Desk, sku: str) -> dict[str, int]:
    with desk.api as api:
        rows = api.get("/stock/bins", node_eq="LON", sku_eq=sku, status_eq="sellable")["data"]
        return {row["bin"]: row["quantity"] for row in rows}


def test_goods_are_put_away_with_a_scanner_alone(dock: Desk, company: Company, browser: Any) -> None:
    order = an_order(company, browser, PLATE_MOSS=6)
    a_bin(dock, "R-NINE", 1)
    task = came(dock, order, 6)
    before = lies(dock, "PLATE-MOSS")
    best = task["suggestions"][0]["bin"]

    dock.goes("/put-away")
    dock.page.get_by_role("button", name=re.compile("London")).press("Enter")
    expect(dock.page.get_by_text("to put away").first).to_be_visible()
    dock.pictured("1-list")
    assert dock.violations() == []
    dock.scans("KETTLE-STEEL")
    dock.is_told("This is not to be put away here")
    dock.scans(order["barcodes"]["PLATE_MOSS"])
    dock.is_told(f"Take them from {task['bin']}")
    expect(dock.page.locator(".floor-huge")).to_have_text(best)
    dock.pictured("2-bin")
    assert dock.violations() == []

    dock.scans(order["barcodes"]["PLATE_MOSS"])  # no bin
    dock.is_told("is no bin here")
    dock.scans(best)
    dock.is_told(f"Bin {best}")
    dock.scans("2")
    dock.is_told(f"in {best}")
    expect(dock.page.get_by_text("2 of 6")).to_be_visible()

    dock.scans("R-NINE")
    dock.is_told("is not the one that is suggested")
    dock.scans("3")
    expect(dock.page.get_by_role("region", name="Another bin, or beyond its limits")).to_be_visible()
    dock.pictured("3-why")
    assert dock.violations() == []
    dock.presses("1")
    dock.is_told("in R-NINE")
    expect(dock.page.get_by_text("5 of 6")).to_be_visible()
    settled(company)
    with dock.api as api:
        (done,) = api.get("/putaways", task_id_eq=task["id"], is_override_eq="true")["data"]
    assert (done["bin"], done["quantity"]) == ("R-NINE", 3)
    assert done["by"].startswith("user:")
    assert done["overridden"] == ["units", "suggestion"]
    assert done["reason"] == "there is room, whatever the limits say"

    dock.presses("F4")
    dock.is_told("Bring back: 3 ×")
    expect(dock.page.get_by_text("2 of 6")).to_be_visible()
    dock.scans(best)
    dock.is_told(f"Bin {best}")
    dock.pictured("4-how-many")
    dock.presses("Enter")  # all that are left
    dock.is_told("Nothing is left of")
    settled(company)
    after = lies(dock, "PLATE-MOSS")
    assert "R-NINE" not in after
    assert (after.get(best, 0) - before.get(best, 0), before[task["bin"]] - after.get(task["bin"], 0)) == (6, 6)
    assert sum(after.values()) == sum(before.values())


def is_awaited(desk: Desk, sku: str, units: int) -> str:
    """One is there and more are sold: the number of the order that waits for so many at London."""
    variant = {"sku": sku, "barcode": "4006381333931", "backorder_limit": 9, "weight_grams": 300}
    product = {"title": "Lamp to come", "variants": [{**variant, "prices": {"EUR": 1000}}]}
    order = {
        "channel": "web",
        "currency": "EUR",
        "lines": [{"sku": sku, "quantity": units + 1}],
        "email": "waits@example.com",
        "shipping_address": {"name": "Ada Waits", "line1": "1 Quay", "city": "London", "country": "GB"},
        "payment": {"provider": "test", "token": "tok_ok"},
    }
    with desk.api as api:
        api.put("/products/lamp-to-come", product, key="lamp-to-come")
        one = {"node": "LON", "reference": "lamp", "lines": [{"sku": sku, "quantity": 1, "bin": "PICK"}]}
        api.post("/stock/receipts", one, key="one-lamp")
        placed = api.post("/orders", order, key="waits")
        deadline = time.monotonic() + 20
        while not any(row["backordered"] == units for row in api.get("/stock", sku_eq=sku, node_eq="LON")["data"]):
            assert time.monotonic() < deadline, "the order does not wait at London"
            time.sleep(0.1)
    return str(placed["number"])


def test_the_dock_says_which_orders_wait_for_what_came_and_it_is_put_away_first(
    dock: Desk, company: Company, browser: Any
) -> None:
    number = is_awaited(dock, "AWAITED", 2)
    settled(company)
    order = an_order(company, browser, AWAITED=4)
    starts(dock, order)
    dock.scans(order["barcodes"]["AWAITED"])
    dock.is_told(f"1 for order {number}")
    dock.scans("4")  # in all
    dock.is_told(f"2 for order {number}")
    dock.is_told("next to packing")
    dock.pictured("5-straight-on")
    assert dock.violations() == []
    settled(company)
    dock.goes("/put-away")
    first = dock.page.get_by_role("list", name="To put away").get_by_role("listitem").first
    expect(first).to_contain_text(f"2 for order {number}")
    dock.presses("Enter")
    dock.is_told("4 ×")
    expect(dock.page.get_by_role("list", name="Suggested bins").get_by_text("for orders")).to_be_visible()
    dock.pictured("6-for-orders")
    assert dock.violations() == []
