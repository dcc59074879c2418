"""A node that releases by waves: one is looked at, planned, released and walked with the keyboard alone."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import Company
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough

NODE, SKU = "WAV", "WAVE-LAMP"
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True}


def orders_wait(desk: Desk, *quantities: int) -> None:
    """Orders for a SKU that lies at a node of its own, where nothing else is going on."""
    with desk.api as api:
        api.put(f"/nodes/{NODE}", {"name": "Wave hall", "rank": 900}, key="wave-node")
        product = {"title": "Wave lamp", "variants": [{"sku": SKU, "weight_grams": 900, "prices": {"EUR": 2900}}]}
        api.put("/products/wave-lamp", product, key="wave-product")
        received = {"node": NODE, "reference": "wave", "lines": [{"sku": SKU, "quantity": 60}]}
        api.post("/stock/receipts", received, key="wave-stock")
        api.put(f"/nodes/{NODE}/release-policy", {"mode": "waves"}, key="wave-policy")
        for n, quantity in enumerate(quantities):
            body = {
                "channel": "web", "currency": "EUR", "lines": [{"sku": SKU, "quantity": quantity}],
                "shipping_address": {"name": "Ada", "city": "York", "country": "GB"},
                "payment": {"provider": "test", "token": "tok_ok"},
            }  # fmt: skip
            api.post("/orders", body, key=f"wave-{n}-{time.monotonic_ns()}")
        deadline = time.monotonic() + 60
        while len(waiting(api)) < len(quantities):
            assert time.monotonic() < deadline, "the orders do not reach the warehouse"
            time.sleep(0.2)


def waiting(api: Any) -> list[Any]:
    asked = {"node_eq": NODE, "status_eq": "ready", "released_at_null": "true"}
    return list(api.get("/fulfilments", **asked)["data"])


def test_a_wave_from_plan_to_walk_by_keyboard(desk: Desk, browser: Any, company: Company) -> None:
    orders_wait(desk, 2, 1, 3)
    page = desk.page
    desk.palette_to("Waves")
    desk.looked_at("waves-1")
    desk.tabs_to("Plan a wave")
    desk.presses("Enter")
    desk.sees("Plan a wave")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type("Morning")
    page.get_by_role("combobox", name="Node").press("Enter")
    page.get_by_role("option", name=re.compile(NODE)).press("Enter")
    desk.tabs_to("Lines the floor picks an hour")
    page.keyboard.type("30")
    comes = page.locator("section.card", has_text="It comes to")
    expect(comes.locator("dl > div", has_text="Units")).to_contain_text("6")
    expect(page.locator(".load tbody tr")).not_to_have_count(0)
    desk.looked_at("waves-2")
    desk.tabs_to("Orders at most")
    page.keyboard.type("2")
    expect(page.locator("section.card", has_text="Stays behind")).to_contain_text("Beyond the limits")
    desk.tabs_to("Plan it")
    desk.presses("Enter")
    desk.sees(re.compile("Morning"))
    desk.comes_to_rest()
    desk.looked_at("waves-3")
    with desk.api as api:
        assert len(waiting(api)) == 3  # it is planned, and on no floor
    desk.tabs_to("Release")
    desk.presses("Enter")
    expect(page.locator(".page-head .chip")).to_have_text("Released")
    desk.tabs_to("Pick it")
    wave = page.url.rsplit("/", 1)[-1]

    with Desk.opened(browser, company, role="warehouse", **PHONE) as picker:
        picker.goes(f"/pick?wave={wave}")
        picker.page.get_by_role("button", name=re.compile(NODE)).press("Enter")
        picker.presses("Enter")
        picker.is_told(re.compile("bins? to walk"))
        picker.scans("RECEIVING")
        picker.scans(SKU)
        assert picker.page.evaluate("document.documentElement.scrollWidth") <= 390
    with desk.api as api:
        (walk,) = api.get("/pick-lists", node_eq=NODE)["data"]
        assert walk["wave_id"] == wave
        assert len(waiting(api)) == 1


def test_what_is_urgent_is_released_from_the_list(desk: Desk) -> None:
    orders_wait(desk, 2, 1, 3)
    page = desk.page
    desk.goes(f"/fulfilments?node_eq={NODE}&status_eq=ready&released_at_null=true")
    rows = page.locator("main tbody tr")
    before = rows.count()
    assert before > 0
    desk.presses("j", "x")
    page.get_by_role("button", name="Release now").press("Enter")
    page.keyboard.type("they called")
    desk.presses("Enter")
    expect(rows).to_have_count(before - 1)
    desk.looked_at("waves-4")


def test_a_term_of_holds_is_set_and_taken_away(desk: Desk) -> None:
    page = desk.page
    desk.goes("/waves/holds")
    row = page.locator("main tbody tr", has_text="Fraud")
    for hours, shown in (("48", "after"), ("", "never")):
        row.get_by_role("button", name="Change").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Hours after which").fill(hours)
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
        expect(row).to_contain_text(shown)
    desk.looked_at("waves-holds")
