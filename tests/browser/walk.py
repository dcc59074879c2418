"""A purchase order followed by hand, from what will be missing to the units that an order waits for.

Everything is done at the screens, by whoever buys and by whoever works at the dock; only what a company has before it
begins (the goods, who sells them, an order that waits) is written down without them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from playwright.sync_api import Locator, expect

from db.base import utc_now
from tests.at_the_door import settled
from tests.browser.desk import Desk

SKU, SUPPLIER, BARCODE = "LANTERN-BRASS", "LAMPWORKS", "4012345000016"
WAITED, ORDERED = 5, 30

Picture = Callable[[Desk, str], None]


@dataclass(frozen=True)
class Waiting:
    """The order that waits for units, and the plan by which they are looked at."""

    order: str
    number: str


def begin(desk: Desk) -> Waiting:
    """One lantern lies at London and six are sold; five are waited for. At ten there, thirty are wanted."""
    variant = {
        "sku": SKU, "barcode": BARCODE, "backorder_limit": 20, "weight_grams": 900, "prices": {"EUR": 6400},
    }  # fmt: skip
    plan = {
        "method": "sample",
        "level": "II",
        "aql": "1.0",
        "characteristics": [{"name": "It lights", "critical": True}],
    }
    with desk.api as api:
        api.put("/products/lantern-brass", {"title": "Brass lantern", "variants": [variant]}, key="walk-product")
        supplier = {"name": "Lampworks", "currency": "EUR", "email": "orders@lampworks.example", "lead_days": 6}
        api.put(f"/suppliers/{SUPPLIER}", supplier, key="walk-supplier")
        item = {"unit_cost": 2150, "case_pack": 6, "minimum_quantity": 12, "supplier_sku": "LW-22"}
        api.put(f"/suppliers/{SUPPLIER}/items/{SKU}", item, key="walk-item")
        api.put(f"/inspection-plans/{SUPPLIER}/{SKU}", plan, key="walk-plan")
        one = {"node": "LON", "reference": "walk", "lines": [{"sku": SKU, "quantity": 1, "bin": "PICK"}]}
        api.post("/stock/receipts", one, key="walk-one")
        rule = {"policy": "min/max", "minimum": 10, "maximum": 25, "why": "sells in autumn"}
        api.put(f"/replenishment-rules/LON/{SKU}", rule, key="walk-rule")
        placed = api.post("/orders", _six_of_them(), key="walk-order")
        settled(desk.company)
        _until(lambda: level(desk)["backordered"] == WAITED, "the order does not wait at London")
    return Waiting(placed["id"], placed["number"])


def _six_of_them() -> dict[str, Any]:
    return {
        "channel": "web",
        "currency": "EUR",
        "lines": [{"sku": SKU, "quantity": WAITED + 1}],
        "email": "grace@example.com",
        "shipping_address": {"name": "Grace Hopper", "line1": "3 Harbour Row", "city": "London", "country": "GB"},
        "payment": {"provider": "test", "token": "tok_ok"},
    }


def buys(desk: Desk, picture: Picture) -> str:
    """Plans, orders what is missing, has it approved and sent, writes down what the supplier says; the order's page."""
    page = desk.page
    desk.goes(f"/replenishment?status_eq=open&sku_eq={SKU}")
    page.get_by_role("button", name="Plan now").click()
    row = page.locator("main tbody tr").filter(has_text=SKU)
    expect(row).to_have_count(1)  # the list follows the plan by itself
    desk.presses("j", "Enter")
    desk.sees(f"Buy {ORDERED} {SKU}")
    desk.comes_to_rest()
    picture(desk, "walk-1-suggestion")

    page.get_by_role("button", name="Order", exact=True).click()
    page.get_by_role("button", name="Make the drafts").click()
    desk.sees(re.compile("^PO1"))
    for button, verb in (("Approve", "Approve"), ("Sent", "It was sent")):
        page.get_by_role("button", name=button, exact=True).click()
        _does(desk, verb)
    order = page.url.removeprefix(desk.company.url)
    page.get_by_role("button", name="Confirmed", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Promised for").fill(f"{utc_now() + timedelta(days=4):%Y-%m-%d}")
    dialog.get_by_label("Their number").fill("LW-80112")
    _does(desk, "Write it down")
    expect(page.locator("main .chip").get_by_text("Confirmed", exact=True)).to_be_visible()
    desk.comes_to_rest()
    picture(desk, "walk-2-order")

    page.get_by_role("button", name="Announce").click()
    dialog.get_by_label("Their number").fill("ASN-4471")
    dialog.get_by_label("Comes on").fill(f"{utc_now() + timedelta(days=3):%Y-%m-%d}")
    dialog.get_by_label("Carrier").fill("Seaways")
    dialog.get_by_role("button", name="Write it down").click()
    desk.sees(re.compile("^AN1"))
    page.get_by_role("button", name="Handed over").click()
    _does(desk, "It was handed over")
    desk.comes_to_rest()
    picture(desk, "walk-3-notice")
    return order


def receives(dock: Desk, order: str, picture: Picture) -> None:
    """At the dock, with a scanner: one lantern, and how many there are in all."""
    number = _number_of(dock, order)
    dock.goes("/receive")
    stands_at_london(dock)
    expect(dock.page.get_by_text("to come").first).to_be_visible()
    dock.scans(number)
    expect(dock.page.get_by_text(f"{number} from {SUPPLIER}")).to_be_visible()
    dock.scans(BARCODE)
    dock.is_told("to be inspected first")
    dock.scans(str(ORDERED))
    expect(dock.page.locator(".floor-huge")).to_have_text(f"{ORDERED} of {ORDERED}")
    dock.is_told("to be inspected first")
    picture(dock, "walk-4-receive")
    dock.presses("F9")
    expect(dock.page.get_by_text(f"{ORDERED} of {ORDERED} have come")).to_be_visible()
    dock.presses("1")
    settled(dock.company)


def judges(desk: Desk, order: str, picture: Picture) -> None:
    """Unit after unit of the sample, by the keyboard alone. What was scanned and then counted is one lot."""
    page, (inspection,) = desk.page, _inspections(desk, order)
    assert inspection["quantity"] == ORDERED
    desk.goes(f"/inspections/{inspection['id']}")
    for unit in range(1, inspection["sample_size"] + 1):
        expect(page.get_by_role("heading", name=re.compile(f"^Unit {unit} of"))).to_be_visible()
        if unit == 2:
            picture(desk, "walk-5-inspect")
        page.keyboard.press("y")
        expect(page.get_by_role("button", name=f"Record unit {unit}")).to_be_focused()
        page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Accepted: 0 nonconforming"))).to_be_visible()
    settled(desk.company)


def puts_away(dock: Desk, picture: Picture) -> None:
    """What the order waits for goes next to packing, the rest where it is suggested."""
    dock.goes("/put-away")
    stands_at_london(dock)
    expect(dock.page.get_by_text("to put away").first).to_be_visible()
    dock.scans(BARCODE)
    dock.is_told("Take them from")
    expect(dock.page.get_by_role("list", name="Suggested bins").get_by_text("for orders")).to_be_visible()
    picture(dock, "walk-6-put-away")
    left = True
    while left:  # what is for orders and what is not may go into one bin, at once
        suggested = _task(dock)["suggestions"][0]["bin"]
        dock.scans(suggested)
        dock.is_told(f"Bin {suggested}")
        dock.presses("Enter")  # as many as are suggested there
        dock.is_told(re.compile(rf"\bin {re.escape(suggested)}|Nothing is left of"))
        left = _is_left(dock)
    settled(dock.company)


def sees_it_through(desk: Desk, waiting: Waiting, order: str, picture: Picture) -> None:
    """The customer's order has its units; the purchase order is done and its page tells all that was."""
    desk.goes(order)
    expect(desk.page.locator("main .chip").get_by_text("Received", exact=True).first).to_be_visible()
    picture(desk, "walk-7-received")
    desk.goes(f"/orders/{waiting.order}")
    desk.sees(re.compile(waiting.number))
    expect(desk.page.get_by_text("Backordered", exact=True)).to_have_count(0)
    picture(desk, "walk-8-served")


def stands_at_london(dock: Desk) -> None:
    """A station asks once where it is."""
    if dock.page.get_by_text("Where are you?").is_visible():
        dock.page.get_by_role("button", name=re.compile("London")).press("Enter")


def level(desk: Desk) -> dict[str, Any]:
    with desk.api as api:
        return dict(api.get("/stock", sku_eq=SKU, node_eq="LON")["data"][0])


def _does(desk: Desk, verb: str) -> None:
    dialog: Locator = desk.page.get_by_role("dialog")
    dialog.get_by_role("button", name=verb).click()
    expect(dialog).to_have_count(0)


def _number_of(desk: Desk, order: str) -> str:
    with desk.api as api:
        return str(api.get(f"/purchase-orders/{order.rsplit('/', 1)[1]}")["number"])


def _inspections(desk: Desk, order: str) -> list[dict[str, Any]]:
    with desk.api as api:
        receipts = api.get("/receipts", purchase_id_eq=order.rsplit("/", 1)[1])["data"]
        found = api.get("/inspections", sku_eq=SKU, status_not_eq="cancelled")["data"]
    return [i for i in found if i["receipt_id"] in {r["id"] for r in receipts}]


def _task(desk: Desk) -> dict[str, Any]:
    with desk.api as api:
        (task,) = api.get("/putaway-tasks", sku_eq=SKU, status_in="ready,started")["data"]
        return dict(api.get(f"/putaway-tasks/{task['id']}"))


def _is_left(desk: Desk) -> bool:
    settled(desk.company)
    with desk.api as api:
        return bool(api.get("/putaway-tasks", sku_eq=SKU, status_in="ready,started")["data"])


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)
