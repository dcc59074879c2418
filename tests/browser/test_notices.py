"""A supplier announces goods of an order; they are received on its notice at the dock, and the rest is closed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough

SSCC = "340123450000000017"  # GS1's own example of the check digit: 3 4012345 000000001 7


def a_sent_order(desk: Desk, supplier: str, **units: int) -> dict[str, Any]:
    """For London, approved by somebody who may and sent."""
    skus = {name.replace("_", "-"): n for name, n in units.items()}
    with desk.api as api:
        api.put(f"/suppliers/{supplier}", {"name": supplier.title(), "currency": "EUR"}, key=supplier)
        for sku in skus:
            api.put(f"/suppliers/{supplier}/items/{sku}", {"unit_cost": 300}, key=f"{supplier}-{sku}")
        lines = [{"sku": sku, "quantity": n} for sku, n in skus.items()]
        body = {"supplier": supplier, "node": "LON", "lines": lines}
        order = api.post("/purchase-orders", body, key=f"{supplier}-order")
        barcode = api.get("/variants/MUG-SAGE")["barcode"]
    desk.goes(f"/purchases/{order['id']}")
    for button, verb in (("Approve", "Approve"), ("Sent", "It was sent")):
        desk.page.get_by_role("button", name=button, exact=True).click()
        desk.page.get_by_role("dialog").get_by_role("button", name=verb).click()
        expect(desk.page.get_by_role("dialog")).to_have_count(0)
    return {**order, "barcode": barcode}


def cells(desk: Desk, row: int) -> Any:
    return desk.page.locator("main table").first.locator("tbody tr").nth(row).locator("td")


def test_from_the_suppliers_notice_to_the_dock_and_closed_short(desk: Desk) -> None:
    order, page = a_sent_order(desk, "PIERSIDE", MUG_SAGE=4, BOWL_SAGE=2), desk.page
    dialog = page.get_by_role("dialog")
    expect(page.get_by_text("Nothing was announced.")).to_be_visible()
    page.get_by_role("button", name="Announce").click()
    mug, bowl = (dialog.get_by_role("group", name=sku) for sku in ("MUG-SAGE", "BOWL-SAGE"))
    expect(mug.get_by_label("Announced units")).to_have_value("4")
    expect(bowl.get_by_label("Announced units")).to_have_value("2")
    assert desk.violations() == []
    desk.pictured("notice-1-announce")
    dialog.get_by_label("Their number").fill("ASN-7")
    dialog.get_by_label("Comes on").fill("2030-01-15")
    bowl.get_by_label("Announced units").fill("1")
    dialog.get_by_label("Packages").fill(SSCC[:-1] + "0")
    dialog.get_by_role("button", name="Write it down").click()
    expect(dialog.get_by_role("alert")).to_contain_text("by its check digit it would end in 7")
    dialog.get_by_label("Packages").fill(f"(00){SSCC}")
    dialog.get_by_role("button", name="Write it down").click()

    page.wait_for_url(re.compile("/notices/"))
    desk.sees(re.compile("^AN1"))
    number = page.get_by_role("heading", level=1).inner_text()
    notice = page.url.removeprefix(desk.company.url)
    expect(cells(desk, 0)).to_have_text(["MUG-SAGE", order["number"], "–", "4", "0", "4", "0"])
    expect(page.get_by_text(SSCC)).to_be_visible()
    expect(page.get_by_text("What they say", exact=True)).to_be_visible()
    assert desk.violations() == []
    page.get_by_role("button", name="Handed over").click()
    dialog.get_by_label("Carrier").fill("Seaways")
    dialog.get_by_role("button", name="It was handed over").click()
    expect(page.get_by_text("Announced → in transit")).to_be_visible()
    expect(page.get_by_role("button", name="Handed over")).to_have_count(0)
    page.get_by_role("button", name="Another date").click()
    dialog.get_by_label("Comes on").fill("2030-01-20")
    dialog.get_by_role("button", name="Write it down").click()
    expect(dialog.get_by_text("Why is needed.")).to_be_visible()
    dialog.get_by_label("Why").fill("no lorry")
    dialog.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("expected 2030-01-15 → 2030-01-20: no lorry")).to_be_visible()

    desk.goes("/notices")
    page.get_by_role("tab", name="On its way").click()
    mine = page.locator("main tbody tr", has_text=number)
    expect(mine).to_have_count(1)
    assert desk.violations() == []
    desk.pictured("notice-2-list")
    page.get_by_role("tab", name="Late", exact=True).click()
    expect(mine).to_have_count(0)

    desk.goes(notice)
    page.get_by_role("button", name="It is here").click()
    dialog.get_by_role("button", name="It is here").click()
    expect(page.get_by_text("Here since")).to_be_visible()
    page.locator("#content").get_by_role("link", name="Receive", exact=True).click()
    page.get_by_role("button", name=re.compile("London")).press("Enter")
    expect(page.get_by_text(f"{order['number']} from PIERSIDE on {number} (ASN-7)")).to_be_visible()
    desk.scans(order["barcode"])
    expect(page.locator(".floor-huge")).to_have_text("1 of 4")
    desk.pictured("notice-6-station")
    desk.presses("F6")
    expect(page.get_by_role("heading", name="On which notice of the supplier did it come?")).to_be_visible()
    assert desk.violations() == []
    desk.pictured("notice-3-dock")
    desk.presses("2")  # on none of them
    desk.is_told("What you scan now came on no notice")
    desk.scans(order["barcode"])
    expect(page.locator(".floor-huge")).to_have_text("2 of 4")
    settled(desk.company)
    with desk.api as api:
        receipts = api.get("/receipts", purchase_id_eq=order["id"], sort="number")["data"]
    assert [r["notice_id"] for r in receipts] == [notice.rsplit("/", 1)[1], None]

    desk.goes(notice)
    expect(cells(desk, 0)).to_have_text(["MUG-SAGE", order["number"], "–", "4", "1", "3", "0"])
    expect(page.get_by_text("1 MUG-SAGE good")).to_be_visible()
    desk.pictured("notice-4-receiving")
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_contain_text("4 of 5 units were not there")
    dialog.get_by_label("Why").fill("a pallet was lost")
    dialog.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("a pallet was lost")).to_be_visible()
    assert desk.violations() == []
    desk.pictured("notice-5-closed")

    desk.goes(f"/purchases/{order['id']}")
    page.get_by_role("button", name="Announce").click()
    expect(mug.get_by_label("Announced units")).to_have_value("2")  # what was not there may be announced anew


def test_of_several_notices_none_is_chosen_and_one_that_is_over_takes_nothing(desk: Desk) -> None:
    order, page = a_sent_order(desk, "MOLE", MUG_SAGE=6), desk.page
    with desk.api as api:
        said = []
        for reference in ("A", "B"):
            lines = [{"purchase_id": order["id"], "line_no": 1, "units": 3}]
            asked = {"supplier": "MOLE", "node": "LON", "reference": reference, "lines": lines}
            said.append(api.post("/advance-notices", asked, key=f"mole-{reference}"))
    desk.goes(f"/receive?order={order['id']}")
    page.get_by_role("button", name=re.compile("London")).press("Enter")
    expect(page.get_by_text("2 notices announce it: F6 says on which it came")).to_be_visible()
    desk.presses("F6")
    page.get_by_role("button", name=re.compile(f"{said[1]['number']}, their B")).click()
    expect(page.get_by_text(f"from MOLE on {said[1]['number']} (B)")).to_be_visible()
    with desk.api as api:  # meanwhile somebody in the office takes it for a mistake
        api.post(f"/advance-notices/{said[1]['id']}/cancel", {"reason": "said twice"}, key="mole-cancelled")
    desk.scans(order["barcode"])
    expect(page.get_by_role("region", name="The notice is over")).to_be_visible()
    assert desk.violations() == []
    desk.presses("1")
    expect(page.locator(".floor-huge")).to_have_text("1 of 6")
    with desk.api as api:
        assert [r["notice_id"] for r in api.get("/receipts", purchase_id_eq=order["id"])["data"]] == [None]
