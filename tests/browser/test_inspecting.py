"""Goods under a plan are looked at by the keyboard alone, judged, decided on in parts and disposed of."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def glazers(desk: Desk) -> str:
    """A supplier of one SKU; which one."""
    with desk.api as api:
        sku = str(api.get("/supplier-items", sort="sku", limit=1)["data"][0]["sku"])
        api.put("/suppliers/GLAZERS", {"name": "Glazers", "currency": "EUR"}, key="glazers")
        api.put(f"/suppliers/GLAZERS/items/{sku}", {"unit_cost": 300}, key="glazers-item")
    return sku


def makes_a_plan(desk: Desk, sku: str) -> None:
    """By the form: the glaze yes or no and critical, the wall at least 3.8 mm."""
    desk.goes("/inspections/all/plans")
    desk.page.get_by_role("button", name="New plan").click()
    form = desk.page.get_by_role("dialog")
    form.get_by_label("Supplier").fill("GLAZERS")
    form.get_by_role("combobox", name="SKU, or empty for any").fill(sku)
    add = form.get_by_role("button", name="Add a characteristic")
    add.click()
    form.get_by_role("textbox", name="Characteristic").fill("Glaze is whole")
    form.get_by_role("checkbox", name=re.compile("^Critical")).check()
    add.click()
    form.get_by_role("textbox", name="Characteristic").last.fill("Wall")
    form.get_by_role("combobox", name="Kind").last.click()
    desk.page.get_by_role("option", name="Measured").click()
    form.get_by_label("At least").fill("3.8")
    form.get_by_label("Unit", exact=True).fill("mm")
    desk.pictured("plan")
    assert desk.violations() == []
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    expect(desk.page.locator("main tbody tr").filter(has_text="GLAZERS")).to_contain_text("Sample")


def comes(desk: Desk, sku: str, units: int, *, condition: str = "good") -> dict[str, Any]:
    """An order with GLAZERS, approved, sent and received; the inspection that this opens."""
    with desk.api as api:
        body = {"supplier": "GLAZERS", "node": "LON", "lines": [{"sku": sku, "quantity": units}]}
        order = api.post("/purchase-orders", body, key=f"glazers-{units}")
        desk.goes(f"/purchases/{order['id']}")
        for button, verb in (("Approve", "Approve"), ("Sent", "It was sent")):
            desk.page.get_by_role("button", name=button, exact=True).click()
            desk.page.get_by_role("dialog").get_by_role("button", name=verb).click()
            expect(desk.page.get_by_role("dialog")).to_have_count(0)
        line = {"line_no": 1, "quantity": units, "condition": condition}
        body = {"scan": f"dock-{units}", "lines": [line]}
        api.post(f"/purchase-orders/{order['id']}/receive", body, key=f"r-{units}")
        settled(desk.company)
        return dict(api.get("/inspections", supplier_eq="GLAZERS", quantity_eq=units)["data"][0])


def reads(desk: Desk, text: str) -> None:
    expect(desk.page.get_by_text(text, exact=True)).to_be_visible()


def looks_at(desk: Desk, unit: int, glaze: str, wall: str) -> None:
    expect(desk.page.get_by_role("heading", name=re.compile(f"^Unit {unit} of"))).to_be_visible()
    desk.page.keyboard.press(glaze)
    expect(desk.page.get_by_role("textbox", name="Wall")).to_be_focused()
    desk.page.keyboard.type(wall)
    desk.page.keyboard.press("Enter")


def test_a_lot_is_judged_by_the_keyboard_alone_and_rejected_units_are_sent_back(desk: Desk) -> None:
    sku = glazers(desk)
    makes_a_plan(desk, sku)

    good = comes(desk, sku, 40)
    assert good["sample_size"] == 13
    desk.goes(f"/inspections/{good['id']}")
    desk.pictured("sheet")
    assert desk.violations() == []
    for unit in range(1, 14):
        looks_at(desk, unit, "y", "4.0")
    reads(desk, "Accepted: 0 nonconforming units of 13, up to 0 are accepted.")
    reads(desk, "Closed")
    desk.pictured("accepted")

    bad = comes(desk, sku, 41)
    desk.goes(f"/inspections/{bad['id']}")
    looks_at(desk, 1, "y", "4.0")
    looks_at(desk, 2, "y", "3.1")
    reads(desk, "Rejected: 1 nonconforming units of 2, 1 are too many.")
    expect(desk.page.get_by_text("Wall: 3.1 mm")).to_be_visible()
    dialog = desk.page.get_by_role("dialog")
    for accept, reject in ((30, 4), (0, 7)):
        desk.page.get_by_role("button", name="Decide", exact=True).click()
        dialog.get_by_label("Accept", exact=True).fill(str(accept))
        dialog.get_by_label("Reject", exact=True).fill(str(reject))
        dialog.get_by_role("button", name="Decide").click()
        expect(desk.page.get_by_role("dialog")).to_have_count(0)
    desk.page.get_by_role("button", name="Dispose of rejected").click()
    expect(dialog.get_by_label("Units")).to_have_value("11")
    dialog.get_by_label("Why").fill("thin walls")
    assert desk.violations() == []
    desk.page.get_by_role("button", name="Do it").click()
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    expect(desk.page.get_by_text("thin walls").first).to_be_visible()
    expect(desk.page.locator("main tbody tr").filter(has_text="thin walls")).to_contain_text("33.00EUR")
    reads(desk, "Closed")
    desk.pictured("disposed")
    assert desk.violations() == []

    for path, seen in (
        ("/inspections", bad["number"]),
        ("/inspections/all/dispositions", "thin walls"),
        ("/inspections/all/standings", "GLAZERS"),
    ):
        desk.goes(path)
        expect(desk.page.locator("main tbody tr").filter(has_text=seen).first).to_be_visible()
        desk.pictured(path.rsplit("/", 1)[1])
        assert desk.violations() == []


def test_whoever_unloads_goods_sees_what_was_found_and_judges_nothing(desk: Desk, company: Any, browser: Any) -> None:
    found = comes(desk, glazers(desk), 42, condition="inspect")
    with Desk.opened(browser, company, role="warehouse") as dock:
        dock.goes(f"/inspections/{found['id']}")
        dock.sees(found["number"])
        for verb in ("Decide", "Dispose of rejected"):
            expect(dock.page.get_by_role("button", name=verb)).to_have_count(0)
        expect(dock.page.get_by_role("heading", name=re.compile("^Unit "))).to_have_count(0)
