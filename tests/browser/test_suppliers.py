"""A supplier is put in, refused where it makes no sense, sells a SKU and loses it again; a class is edited."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def test_a_supplier_and_what_it_sells(desk: Desk) -> None:
    page = desk.page
    with desk.api as api:
        sku = api.get("/supplier-items", limit=1)["data"][0]["sku"]
    desk.goes("/suppliers")
    page.get_by_role("button", name="New supplier").click()
    code, save = page.get_by_role("textbox", name="Code", exact=True), page.get_by_role("button", name="Save")
    code.fill("new one")
    page.get_by_role("textbox", name="Name", exact=True).fill("The new one")
    save.click()
    expect(code).to_have_attribute("aria-invalid", "true")
    assert desk.violations() == []
    code.fill("NEWONE")
    save.click()
    page.wait_for_url(re.compile("/suppliers/NEWONE$"))
    expect(page.get_by_text("Nothing delivered yet")).to_be_visible()

    page.get_by_role("button", name="Add a SKU").click()
    page.get_by_role("combobox", name="SKU").fill(sku)
    page.get_by_label("Unit cost").fill("400.00")
    page.get_by_role("button", name="Cheaper from a quantity on").click()
    page.get_by_label("From units").fill("10")
    page.get_by_label("Unit cost then").fill("500.00")
    save.click()
    expect(page.get_by_text("each break is of more units and at a lower cost").first).to_be_visible()
    page.get_by_label("Unit cost then").fill("350.00")
    save.click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    for verb, done, then in (
        ("Ask first", "Ask it first", "first of 2"),
        ("Take away", "Take it away", "It sells nothing yet"),
    ):
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("menuitem", name=verb).click()
        page.get_by_role("button", name=done).click()
        expect(page.get_by_text(then)).to_be_visible()
    assert desk.violations() == []


def test_classes_rules_and_places_are_read_and_a_class_is_edited(desk: Desk) -> None:
    page = desk.page
    for path in ("/replenishment/rules", "/replenishment/places", "/suppliers/all/items", "/suppliers/all/deliveries",
                 "/suppliers/all/promises", "/suppliers/all/receipts"):  # fmt: skip
        desk.goes(path)
        assert desk.violations() == [], path
    desk.goes("/replenishment/classes")
    assert desk.violations() == []
    page.get_by_role("button", name="Edit CZ").click()
    service, save = page.get_by_label(re.compile("^Service")), page.get_by_role("button", name="Save")
    service.fill("40")
    save.click()
    expect(service).to_have_attribute("aria-invalid", "true")
    service.fill("91.5")
    save.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("91.5 %")).to_be_visible()
