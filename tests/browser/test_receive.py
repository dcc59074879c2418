"""The dock, with a scanner and a keyboard alone: counted scan by scan, with no network too, and taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.at_the_door import Company, settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough

TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}


@pytest.fixture
def dock(company: Company, browser: Any) -> Iterator[Desk]:
    with Desk.opened(browser, company, role="warehouse", **TABLET) as it:
        yield it


def an_order(company: Company, browser: Any, **units: int) -> dict[str, Any]:
    """To QUAYSIDE for London, approved by somebody who may and sent."""
    with Desk.opened(browser, company, role="admin") as desk, desk.api as api:
        supplier = {"name": "Quayside", "currency": "EUR"}
        api.put("/suppliers/QUAYSIDE", supplier, key="quayside")
        skus = {name: name.replace("_", "-") for name in units}
        for sku in skus.values():
            api.put(f"/suppliers/QUAYSIDE/items/{sku}", {"unit_cost": 300}, key=f"quayside-{sku}")
        lines = [{"sku": skus[name], "quantity": n} for name, n in units.items()]
        body = {"supplier": "QUAYSIDE", "node": "LON", "lines": lines}
        order = api.post("/purchase-orders", body, key=f"dock-{'-'.join(units)}")
        desk.goes(f"/purchases/{order['id']}")
        for button, verb in (("Approve", "Approve"), ("Sent", "It was sent")):
            desk.page.get_by_role("button", name=button, exact=True).click()
            desk.page.get_by_role("dialog").get_by_role("button", name=verb).click()
            expect(desk.page.get_by_role("dialog")).to_have_count(0)
        barcodes = {name: api.get(f"/variants/{sku}")["barcode"] for name, sku in skus.items()}
        return {**order, "barcodes": barcodes}


def starts(desk: Desk, order: dict[str, Any]) -> None:
    desk.goes("/receive")
    place = desk.page.get_by_role("button", name=re.compile("London"))
    if desk.page.get_by_text("Where are you?").is_visible():
        place.press("Enter")
    expect(desk.page.get_by_text("to come").first).to_be_visible()
    desk.scans(order["number"])
    expect(desk.page.get_by_text(f"{order['number']} from QUAYSIDE")).to_be_visible()


def counted(desk: Desk, order: dict[str, Any]) -> dict[str, Any]:
    with desk.api as api:
        return dict(api.get(f"/purchase-orders/{order['id']}/receiving"))


def says(desk: Desk, text: str) -> None:
    expect(desk.page.locator(".floor-huge")).to_have_text(text)


def a_photo() -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "tomato").save(out, format="PNG")
    return {"name": "dent.png", "mimeType": "image/png", "buffer": out.getvalue()}


def test_goods_are_received_with_a_scanner_alone(dock: Desk, company: Company, browser: Any) -> None:
    order = an_order(company, browser, MUG_SAGE=4, BOWL_SAGE=2)
    mug, bowl = order["barcodes"]["MUG_SAGE"], order["barcodes"]["BOWL_SAGE"]
    # The browser is told to hand over choosers without waiting for its answer: in time for the photo below.
    dock.page.on("filechooser", lambda _: None)
    dock.goes("/receive")
    dock.page.get_by_role("button", name=re.compile("London")).press("Enter")
    expect(dock.page.get_by_text("to come").first).to_be_visible()
    dock.pictured("1-orders")
    assert dock.violations() == []
    starts(dock, order)
    dock.scans(mug)
    says(dock, "1 of 4")
    dock.scans("3")  # how many there are in all
    says(dock, "3 of 4")
    dock.scans(mug[:-1] + str((int(mug[-1]) + 1) % 10))
    dock.is_told("check digit")
    dock.scans("5901234123457")
    unknown = dock.page.get_by_role("region", name="Unknown barcode")
    expect(unknown).to_contain_text("No product has the barcode 5901234123457. What is it?")
    expect(unknown).not_to_contain_text("from now on")  # whoever works at the dock may not edit products
    dock.pictured("2-unknown")
    assert dock.violations() == []
    dock.presses("Escape")
    says(dock, "3 of 4")

    dock.presses("F2")
    expect(dock.page.get_by_text("What is wrong with the units?")).to_be_visible()
    dock.pictured("3-damage")
    dock.presses("1")
    expect(dock.page.get_by_text("booking as damaged: crushed")).to_be_visible()
    dock.scans(bowl)
    says(dock, "1 of 2")
    with dock.page.expect_file_chooser() as chooser:
        dock.presses("F8")
    chooser.value.set_files(a_photo())
    dock.is_told("Photo kept")
    dock.pictured("4-damaged")
    assert dock.violations() == []
    dock.presses("Escape")
    dock.is_told("Back to good units")

    dock.scans("KETTLE-STEEL")
    expect(dock.page.get_by_text("was not ordered on")).to_be_visible()
    dock.pictured("5-wrong")
    dock.presses("1")
    expect(dock.page.get_by_text("not ordered", exact=True)).to_be_visible()

    dock.scans(bowl)
    says(dock, "2 of 2")
    dock.scans(bowl)  # one more than was ordered
    expect(dock.page.get_by_role("region", name="More than was ordered")).to_be_visible()
    dock.pictured("6-over")
    assert dock.violations() == []
    dock.scans("1111111111111")  # somebody scans on: no answer to the question, and not lost
    expect(dock.page.get_by_role("region", name="More than was ordered")).to_be_visible()
    dock.presses("1")
    dock.is_told("check digit of 1111111111111")
    expect(dock.page.get_by_text("1 over")).to_be_visible()
    dock.presses("F4")
    dock.is_told("Taken back: 1 ×")
    says_so = dock.page.get_by_text("1 over")
    expect(says_so).to_have_count(0)
    dock.presses("F9")
    expect(dock.page.get_by_role("heading", name=re.compile("5 of 6 have come, 1 short, 1 damaged"))).to_be_visible()
    dock.pictured("7-done")
    dock.presses("1")
    expect(dock.page.get_by_text("to come").first).to_be_visible()

    settled(company)
    totals = counted(dock, order)["totals"]
    assert (totals["received"], totals["short"], totals["over"], totals["damaged"], totals["wrong"]) == (5, 1, 0, 1, 1)
    with dock.api as api:
        receipts = api.get("/receipts", purchase_id_eq=order["id"], expand="lines,photos")["data"]
    photographed = [r for r in receipts if r["photos"]]
    assert [r["lines"][0]["condition"] for r in photographed] == ["damaged"]


def test_scans_go_on_without_a_network_and_are_booked_once_when_it_is_back(
    dock: Desk, company: Company, browser: Any
) -> None:
    order = an_order(company, browser, PLATE_CLAY=5, BOWL_CLAY=3)
    plate, bowl = order["barcodes"]["PLATE_CLAY"], order["barcodes"]["BOWL_CLAY"]
    starts(dock, order)
    dock.scans(plate)
    says(dock, "1 of 5")
    dock.page.context.set_offline(True)
    for _ in range(3):
        dock.scans(plate)
    dock.scans(bowl)
    dock.scans(f"(01)0{bowl}")  # what it is, the server will say
    expect(dock.page.get_by_role("alert")).to_contain_text("5 scans are kept on this device")
    dock.presses("F4")  # the last one was a mistake
    expect(dock.page.get_by_role("alert")).to_contain_text("4 scans are kept on this device")
    dock.scans(f"(01)0{bowl}")
    dock.pictured("8-offline")
    assert dock.violations() == []
    assert counted(dock, order)["totals"]["received"] == 1

    with dock.api as api:  # meanwhile another device books one, too
        other = {"scan": "another device", "lines": [{"line_no": 1, "quantity": 1}]}
        api.post(f"/purchase-orders/{order['id']}/receive", other, key="another-device")
    dock.page.context.set_offline(False)
    expect(dock.page.get_by_role("alert")).to_have_count(0)
    expect(dock.page.get_by_text("not sent yet")).to_have_count(0)
    settled(company)
    told = counted(dock, order)
    assert [(row["sku"], row["received"]) for row in told["lines"]] == [("PLATE-CLAY", 5), ("BOWL-CLAY", 2)]
    dock.goes(f"/receive?order={order['id']}")
    expect(dock.page.get_by_text("7 of 8")).to_be_visible()
    dock.pictured("9-back")


def test_a_barcode_of_no_product_is_given_to_its_product_or_looked_for(company: Company, browser: Any) -> None:
    order = an_order(company, browser, PLATE_CHALK=5)
    with Desk.opened(browser, company, role="admin", **TABLET) as boss:
        starts(boss, order)
        boss.scans("4099999999996")
        unknown = boss.page.get_by_role("region", name="Unknown barcode")
        expect(unknown).to_contain_text(f"from now on instead of {order['barcodes']['PLATE_CHALK']}")
        assert boss.violations() == []
        boss.presses("1")
        says(boss, "1 of 5")
        boss.scans("4099999999996")  # it is known by now
        says(boss, "2 of 5")

        boss.scans("4088888888886")
        expect(unknown).to_be_visible()
        boss.presses("2")
        find = boss.page.get_by_role("region", name="Look for a product")
        expect(find.get_by_label("Name or SKU")).to_be_focused()
        boss.page.keyboard.type("KETTLE-ST")
        expect(find.get_by_role("button", name=re.compile("KETTLE-STEEL"))).to_be_visible()
        boss.pictured("8-look-for")
        assert boss.violations() == []
        boss.presses("Enter")
        expect(boss.page.get_by_role("region", name="Wrong item")).to_contain_text("was not ordered on")
        boss.presses("3")
        expect(boss.page.get_by_text("not ordered", exact=True)).to_be_visible()  # it is booked
        settled(company)
        (wrong,) = counted(boss, order)["wrong"]
        assert (wrong["sku"], wrong["quantity"]) == ("KETTLE-STEEL", 1)
        with boss.api as api:
            assert api.get("/variants/PLATE-CHALK")["barcode"] == "4099999999996"
