"""A placed order is changed: what it costs more is shown first, and paid with what somebody chooses."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.at_the_door import settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def test_an_edit_is_looked_at_and_what_comes_on_top_is_paid_with_it(desk: Desk) -> None:
    page = desk.page
    with desk.api as api:
        level = next(row for row in api.get("/stock", limit=200)["data"] if row["purchasable"] > 20)
        body = {
            "channel": "web", "currency": "EUR", "lines": [{"sku": level["sku"], "quantity": 1, "unit_amount": 1000}],
            "shipping_address": {"name": "Ada", "city": "Berlin", "country": "DE"},
            "payment": {"provider": "test", "token": "tok_ok"},
        }  # fmt: skip
        order = api.post("/orders", body, key="browser:edited")
    settled(desk.company)
    desk.goes(f"/orders/{order['id']}/edit")
    page.get_by_label("Units").first.fill("2")
    page.get_by_role("button", name="Preview").click()
    told = page.locator(".card", has=page.get_by_role("heading", name="Preview"))
    expect(told).to_contain_text("Comes on top")
    page.get_by_label("Pays what comes on top").click()
    page.get_by_role("option", name="Test card").click()
    expect(page.locator(".MuiMenu-root")).to_have_count(0)
    page.get_by_label("The card's token").fill("tok_ok")
    desk.looked_at("order-edit")
    expect(told).to_contain_text("Comes on top")  # what pays changes nothing of what was looked at
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(f"**/orders/{order['id']}")
    settled(desk.company)
    with desk.api as api:
        after = api.get(f"/orders/{order['id']}")
        paid = [p["amount"] for p in api.get("/payments", order_id_eq=order["id"])["data"]]
    assert after["total"] == order["total"] + 1000
    assert sorted(paid) == sorted([order["total"], 1000])
    assert after["status"] != "held"
