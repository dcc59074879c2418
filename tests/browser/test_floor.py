"""The warehouse's stations, with a scanner alone: nothing is clicked."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import Company, settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough

# What the large line shows whenever the signal tells a tracking number.
WATCH_THE_LABEL = r"""() => {
    window.seen = [];
    new MutationObserver(() => {
        const told = document.querySelector('.floor-signal')?.textContent.match(/[A-Z]{2}\d{12}/);
        if (told) window.seen.push([told[0], document.querySelector('.floor-big').textContent]);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""

TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}


@pytest.fixture
def picker(company: Company, browser: Any) -> Iterator[Desk]:
    with Desk.opened(browser, company, role="warehouse", **TABLET) as it:
        yield it


def an_order(desk: Desk, *lines: tuple[str, int]) -> dict[str, Any]:
    """Placed, paid and released, at London, where there is enough of it."""
    ident = f"{'-'.join(sku for sku, _ in lines)}-{lines[0][1]}"
    body = {
        "channel": "web",
        "currency": "EUR",
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        "email": "floor@example.com",
        "shipping_address": {"name": "Ada Floor", "line1": "1 Quay", "city": "York", "country": "GB"},
        "payment": {"provider": "test", "token": "tok_ok"},
    }
    with desk.api as api:
        received = [{"sku": sku, "quantity": 12} for sku, _ in lines]
        receipt = {"node": "LON", "reference": f"floor-{ident}", "lines": received}
        api.post("/stock/receipts", receipt, key=f"stock-{ident}")
        order = api.post("/orders", body, key=f"floor-{ident}")
        deadline = time.monotonic() + 20
        while not (found := api.get("/fulfilments", order_id_eq=order["id"])["data"]):
            assert time.monotonic() < deadline, "the order does not reach the warehouse"
            time.sleep(0.1)
        settled(desk.company)
        return {**order, "fulfilment": found[0]}


def its_walk(desk: Desk, order: dict[str, Any], picker: str) -> list[dict[str, Any]]:
    """A pick list for this order alone, given to somebody."""
    walk = {"node": "LON", "fulfilments": [order["fulfilment"]["id"]], "assigned_to": picker}
    with desk.api as api:
        return list(api.post("/pick-lists", walk, key=f"walk-{order['number']}")["tasks"])


def test_an_order_is_picked_packed_and_dispatched_with_a_scanner_alone(picker: Desk) -> None:
    order = an_order(picker, ("MUG-SAGE", 2), ("BOWL-SAGE", 1))
    tasks = its_walk(picker, order, "Warehouse Person")
    picker.goes("/pick")
    picker.page.get_by_role("button", name=re.compile("London")).press("Enter")
    picker.presses("Enter")  # the next walk
    picker.is_told("to walk")
    for task in tasks:
        picker.scans("Z-99")
        picker.is_told(f"Expected bin {task['bin']}")
        picker.scans(task["bin"])
        picker.is_told(f"Bin {task['bin']}")
        picker.scans("KETTLE-STEEL")
        picker.is_told(f"Expected {task['title']}")
        picker.is_told("Scanned: Stove kettle (KETTLE-STEEL)")  # what was scanned instead
        for _ in range(task["quantity"]):
            picker.scans(task["barcode"])
        picker.is_told(f"{task['quantity']} × {task['title']}")
    settled(picker.company)
    assert picker.violations() == []

    picker.goes("/pack")
    expect(picker.page.get_by_text("to pack")).to_be_visible()
    picker.scans(order["fulfilment"]["number"])
    picker.is_told(f"order {order['number']}")
    picker.scans("KETTLE-STEEL")
    picker.is_told("That is not in")
    picker.scans("MUG-SAGE")
    picker.scans("2")  # two of them
    picker.is_told("2 × Stoneware mug")
    picker.scans("BOWL-SAGE")
    picker.scans("1320")  # grams
    picker.is_told(re.compile(r"parcelpost|greenroute|swiftway"))
    assert picker.violations() == []
    with picker.api as api:
        (parcel,) = api.get("/parcels", fulfilment_id_eq=order["fulfilment"]["id"])["data"]
        (label,) = api.get("/labels", parcel_id_eq=parcel["id"])["data"]
    assert parcel["weight_grams"] == 1320

    picker.goes("/dispatch")
    expect(picker.page.get_by_text("wait to leave")).to_be_visible()
    picker.scans(label["tracking_number"])
    picker.is_told(f"Order {order['number']} has left")
    picker.scans(label["tracking_number"])
    picker.is_told("on the truck already")
    settled(picker.company)
    with picker.api as api:
        assert api.get(f"/orders/{order['id']}")["status"] == "shipped"
    assert picker.violations() == []


def test_a_short_pick_is_told_with_its_reason_and_what_was_found_is_booked(picker: Desk) -> None:
    order = an_order(picker, ("PASTA-SAND", 2))
    (task, *_) = its_walk(picker, order, "Warehouse Person")
    picker.goes("/pick")
    picker.page.get_by_role("button", name=re.compile("London")).press("Enter")
    picker.presses("Enter")
    picker.is_told("1 bin to walk")
    picker.scans(task["bin"])
    picker.scans(task["sku"])
    picker.is_told("1 of 2")
    picker.presses("F2", "2")  # not enough here: damaged
    picker.is_told("short")
    settled(picker.company)
    with picker.api as api:
        ledger = api.get("/stock/ledger", sku_eq="PASTA-SAND", node_eq="LON", kind_eq="counted", sort="-id")["data"]
    assert [(row["on_hand"], row["bin"]) for row in ledger[:1]] == [(-1, task["bin"])]
    assert "damaged" in ledger[0]["why"]


def picked(desk: Desk, order: dict[str, Any]) -> None:
    """Everything of it lies at packing."""
    with desk.api as api:
        for task in its_walk(desk, order, "Somebody Else"):
            body = {"quantity": task["quantity"], "scanned_bin": task["bin"], "scanned_item": task["sku"]}
            api.post(f"/pick-tasks/{task['id']}/pick", body, key=f"pick-{task['id']}")
    settled(desk.company)


def test_at_packing_nothing_is_lost_that_is_scanned_while_the_order_is_looked_up(picker: Desk) -> None:
    order = an_order(picker, ("PLATE-CLAY", 2), ("BOWL-CLAY", 1))
    picked(picker, order)
    picker.goes("/pack")
    picker.page.get_by_role("button", name=re.compile("London")).press("Enter")
    expect(picker.page.get_by_text("to pack")).to_be_visible()

    held: list[Any] = []  # the look-ups that wait; a late event of the picking may ask a second time
    answered = False

    def hold(route: Any) -> None:
        if answered:
            route.continue_()
        else:
            held.append(route)

    picker.page.route("**/api/v1/bench/*", hold)
    picker.scans(order["fulfilment"]["number"])
    picker.scans("PLATE-CLAY")
    picker.scans("BOWL-CLAY")
    picker.page.keyboard.type("PLATE-")
    assert held
    answered = True
    for asked in held:
        asked.continue_()
    picker.is_told("1 × Breakfast bowl")
    picker.page.unroute("**/api/v1/bench/*")
    picker.scans("CLAY")  # the rest of the code, into the field that came meanwhile
    expect(picker.page.get_by_label(re.compile("Weight in grams"))).to_be_focused()
    expect(picker.page.locator(".floor-big")).to_have_text("3 units")

    picker.page.evaluate(WATCH_THE_LABEL)
    picker.scans("")
    picker.is_told(re.compile(r"[A-Z]{2}\d{12}"))
    seen = picker.page.evaluate("window.seen")
    assert seen
    assert all(told == big for told, big in seen), seen  # the number is told and shown at the same moment
