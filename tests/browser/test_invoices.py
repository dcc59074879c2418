"""A supplier's invoice is entered, differs, is accepted with a reason, and is paid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def test_from_the_printed_invoice_to_the_transfer(desk: Desk) -> None:
    page = desk.page
    with desk.api as api:
        api.put("/suppliers/PRINTER", {"name": "Printer", "currency": "EUR"}, key="printer")
        sku = api.get("/supplier-items", limit=1, sort="-sku")["data"][0]["sku"]
        api.put(f"/suppliers/PRINTER/items/{sku}", {"unit_cost": 250}, key="printer-sells")
        body = {"supplier": "PRINTER", "node": "LON", "lines": [{"sku": sku, "quantity": 8}]}
        order = api.post("/purchase-orders", body, key="printed")
    desk.goes(f"/purchases/{order['id']}")
    page.get_by_role("button", name="Approve", exact=True).click()  # which people do, and no key that is nobody's
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    with desk.api as api:
        api.post(f"/purchase-orders/{order['id']}/send", {}, key="printed-sent")
        goods = {"scan": "printed", "lines": [{"line_no": 1, "quantity": 8, "condition": "good"}]}
        api.post(f"/purchase-orders/{order['id']}/receive", goods, key="printed-came")

    desk.goes(f"/purchases/{order['id']}")
    page.get_by_role("button", name="Enter an invoice").click()
    expect(page.get_by_label("Billed units")).to_have_value("8")
    assert desk.violations() == []
    page.get_by_label("Their number").fill("RE-77")
    page.get_by_label("Dated").fill("2026-03-02")
    page.get_by_label("Unit cost").fill("2.60")
    page.get_by_label(re.compile("^Total")).fill("20.00")
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_role("dialog")).to_contain_text("20.80")  # what its lines make
    page.get_by_label(re.compile("^Total")).fill("20.80")
    page.get_by_role("button", name="Enter it").click()

    page.wait_for_url(re.compile("/invoices/"))
    desk.sees("RE-77")
    expect(page.get_by_text("20.80 billed; 8 of 8 ordered for 20.00 are 20.00: 0.80 (4 %) more")).to_be_visible()
    cells = page.locator("main tbody tr").first.locator("td")
    expect(cells).to_have_text([sku, "8", "8", "8", "2.50EUR", "2.60EUR", "20.80EUR"])
    assert desk.violations() == []
    page.get_by_role("button", name="Accept differences").click()
    page.get_by_label("Why").fill("agreed by phone")
    page.get_by_role("button", name="Accept and approve").click()
    expect(page.get_by_text("agreed by phone")).to_be_visible()
    page.get_by_role("button", name="Paid").click()
    page.get_by_label("Reference of the transfer").fill("SEPA 77")
    page.get_by_role("button", name="It was paid").click()
    expect(page.get_by_text("SEPA 77")).to_be_visible()

    desk.goes("/invoices?status_eq=paid")
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert desk.violations() == []
