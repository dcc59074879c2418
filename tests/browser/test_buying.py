"""What is missing is ordered, approved, sent and received, and every number on the way says where it is from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.at_the_door import settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def a_draft(desk: Desk) -> dict[str, Any]:
    """Of one SKU that a supplier sells, in the supplier's own packs."""
    with desk.api as api:
        item = api.get("/supplier-items", limit=1)["data"][0]
        node = api.get("/nodes", limit=1)["data"][0]["code"]
        units = item["case_pack"] * max(1, -(-item["minimum_quantity"] // item["case_pack"]))
        lines = [{"sku": item["sku"], "quantity": 50 * units}]
        body = {"supplier": item["supplier"], "node": node, "lines": lines}
        return dict(api.post("/purchase-orders", body, key="above-the-limit"))


def a_suggestion(desk: Desk) -> dict[str, Any]:
    """The one with the most money at risk, after a plan in which somebody wants a shelf full."""
    with desk.api as api:
        level = api.get("/supplier-items", limit=1)["data"][0]
        place = api.get("/stock", sku_eq=level["sku"], limit=1)["data"][0]
        rule = {"policy": "min/max", "minimum": 9000, "maximum": 9600, "why": "a fair"}
        api.put(f"/replenishment-rules/{place['node']}/{place['sku']}", rule, key="a-fair")
        api.post("/replenishment-runs", {}, key="for-the-fair")
        settled(desk.company)
        found = api.get("/suggestions", sku_eq=place["sku"], node_eq=place["node"], kind_eq="buy")["data"]
    return dict(found[0])


def test_from_a_suggestion_to_goods_on_the_shelf(desk: Desk) -> None:
    wanted = a_suggestion(desk)
    desk.goes("/replenishment?status_eq=open")
    expect(desk.page.get_by_role("heading", name="Replenishment")).to_be_visible()
    expect(desk.page.locator("main tbody tr").first).to_be_visible()
    assert desk.violations() == []
    desk.goes(f"/replenishment/{wanted['id']}")
    expect(desk.page.get_by_text(wanted["why"])).to_be_visible()
    expect(
        desk.page.get_by_role("img", name=f"Position {wanted['position']}, order at 9000, up to 9600")
    ).to_be_visible()
    assert desk.violations() == []

    desk.page.get_by_role("button", name="Other quantity").click()
    desk.page.get_by_label("Units").fill("7")
    desk.page.get_by_label("Why").fill("half the fair")
    desk.page.get_by_role("button", name="Choose it").click()
    expect(desk.page.get_by_role("dialog")).to_contain_text(re.compile("cases|packs"))
    desk.page.get_by_label("Units").fill("600")
    desk.page.get_by_role("button", name="Choose it").click()
    expect(desk.page.get_by_role("heading", name=f"Buy 600 {wanted['sku']}")).to_be_visible()

    desk.page.get_by_role("button", name="Order", exact=True).click()
    desk.page.get_by_role("button", name="Make the drafts").click()
    desk.page.wait_for_url(re.compile("/purchases/"))
    expect(desk.page.get_by_role("heading", name=re.compile("^PO1"))).to_be_visible()
    expect(desk.page.get_by_text("Nothing has come yet.")).to_be_visible()
    assert desk.violations() == []
    for button, verb in (("Approve", "Approve"), ("Sent", "It was sent")):
        desk.page.get_by_role("button", name=button, exact=True).click()
        desk.page.get_by_role("dialog").get_by_role("button", name=verb).click()
        expect(desk.page.get_by_role("dialog")).to_have_count(0)
    desk.page.get_by_role("button", name="Receive", exact=True).click()
    expect(desk.page.get_by_label("Came")).to_have_value("600")
    assert desk.violations() == []
    desk.page.get_by_label("Came").fill("450")
    desk.page.get_by_role("button", name="Book the goods in").click()
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    expect(desk.page.get_by_text("Partly received", exact=True)).to_be_visible()
    expect(desk.page.get_by_text(f"450 {wanted['sku']} good")).to_be_visible()
    order = desk.page.url
    desk.page.get_by_role("link", name=re.compile("^GR1")).click()
    expect(desk.page.locator("main tbody tr")).to_have_count(1)  # its one movement in the ledger
    desk.page.goto(order)
    desk.page.get_by_role("button", name="Take back").click()
    desk.page.get_by_label("Why").fill("the neighbour's pallet")
    desk.page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(desk.page.get_by_text("Taken back", exact=True)).to_be_visible()
    expect(desk.page.get_by_text("Partly received")).to_have_count(0)


def test_who_is_above_the_limit_is_led_to_it_and_somebody_else_raises_it(desk: Desk, browser: Browser) -> None:
    order = a_draft(desk)
    currency, page = order["currency"], desk.page
    desk.goes("/purchases/limits")
    expect(page.get_by_text("No limit fits")).to_be_visible()
    assert desk.violations() == []
    page.get_by_role("button", name="New limit").click()
    dialog = page.get_by_role("dialog")
    role, code, amount = (
        dialog.get_by_label(re.compile(f"^{name}")) for name in ("Role", "Currency", "Approves up to")
    )
    save = dialog.get_by_role("button", name="Save")
    save.click()
    expect(dialog.get_by_text("Role is needed.")).to_be_visible()
    role.click()
    expect(page.get_by_role("option", name="admin")).to_have_count(0)  # is locked, and needs none
    page.get_by_role("option", name="manager").click()
    code.fill("EURO")
    amount.fill("1")
    save.click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    assert desk.violations() == []
    code.fill(currency)
    save.click()
    expect(dialog).to_have_count(0)
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert desk.violations() == []

    with Desk.opened(browser, desk.company, role="manager") as other:
        other.goes(f"/purchases/{order['id']}")
        other.page.get_by_role("button", name="Approve", exact=True).click()
        asked = other.page.get_by_role("dialog")
        asked.get_by_role("button", name="Approve").click()
        expect(asked.get_by_role("alert")).to_contain_text("The role manager may approve up to 1.00")
        assert other.violations() == []
        asked.get_by_role("link", name=f"Who may approve how much in {currency}").click()
        other.sees("Approval limits")
        expect(other.page.locator("main tbody tr")).to_have_count(1)
        expect(other.page.get_by_role("button", name="New limit")).to_have_count(0)  # who has a limit sets none

        page.get_by_role("button", name="More actions").click()
        page.get_by_role("menuitem", name="Edit").click()
        expect(amount).to_have_value("1.00")
        amount.fill("9999999")
        save.click()
        expect(page.locator("main tbody").get_by_text("9,999,999.00")).to_be_visible()

        other.goes(f"/purchases/{order['id']}")
        other.page.get_by_role("button", name="Approve", exact=True).click()
        asked.get_by_role("button", name="Approve").click()
        expect(asked).to_have_count(0)
        expect(other.page.locator("main .chip").get_by_text("Approved", exact=True)).to_be_visible()

    page.get_by_role("link", name="Who changed it").click()
    desk.sees("Audit log")
    expect(page.locator("main tbody tr")).to_have_count(2)
    desk.goes("/purchases/limits")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No limit fits")).to_be_visible()
