"""Goods come back at the desk: asked for on their order, approved, graded at the table, paid back; and the policy."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def delivered_order(desk: Desk, *, least: int) -> dict[str, Any]:
    """One whose first line has so many units, and of which nothing came back."""
    with desk.api as api:
        found = api.get("/orders", status_eq="delivered", payment_status_eq="paid", limit=100, expand="lines")["data"]
        taken = {r["order_id"] for r in api.get("/returns", limit=200)["data"]}
    return next(o for o in found if o["id"] not in taken and o["lines"][0]["shipped"] >= least)


def test_from_the_order_to_the_money(desk: Desk) -> None:
    order, page = delivered_order(desk, least=2), desk.page
    title = order["lines"][0]["title"]
    desk.goes(f"/orders/{order['id']}")
    expect(page.get_by_text("Nothing came back.")).to_be_visible()
    page.get_by_role("link", name="Return", exact=True).click()
    desk.sees("Return goods")
    line = page.get_by_role("group", name=title).first
    line.get_by_label("Units").fill("2")
    line.get_by_label("In their words").fill("one has a crack")
    expect(page.get_by_text("Given back")).to_be_visible()
    expect(page.get_by_text("no policy was in force when it was ordered")).to_be_visible()
    assert desk.violations() == []
    desk.pictured("return-1-ask")
    page.get_by_role("button", name="Ask for the return").click()
    desk.sees(re.compile(r"^R1\d+"))
    number = page.locator("h1").inner_text()
    expect(page.locator(".chip", has_text="Requested")).to_be_visible()

    page.get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Receive and grade").click()
    desk.sees("Receive and grade")
    page.get_by_label("Node").click()
    page.get_by_role("option", name=re.compile("^LON")).click()
    card = page.get_by_role("group", name=title)
    as_new = card.get_by_label("As new", exact=True)
    expect(as_new).to_have_value("2")
    as_new.fill("1")
    card.get_by_label("Damaged", exact=True).fill("1")
    card.get_by_label("What it is like").fill("cracked rim")
    assert desk.violations() == []
    desk.pictured("return-2-grade")
    page.get_by_role("button", name="Book these units").click()
    desk.sees(number)
    expect(page.locator(".chip", has_text="Refunded").first).to_be_visible()
    expect(page.get_by_text("1 withheld")).to_be_visible()
    expect(page.get_by_text("cracked rim").first).to_be_visible()
    assert desk.violations() == []
    desk.pictured("return-3-refunded")

    page.get_by_role("button", name="Pay for withheld units").click()
    page.get_by_role("dialog").get_by_label("Why").fill("it was our box")
    page.get_by_role("dialog").get_by_role("button", name="Pay for them").click()
    expect(page.get_by_text("1 withheld")).to_have_count(0)
    with desk.api as api:
        (made,) = api.get("/returns", number_eq=number, expand="lines")["data"]
    assert made["lines"][0]["credited"] == 2
    desk.goes("/returns")
    expect(page.get_by_role("link", name=order["number"])).to_be_visible()
    assert desk.violations() == []
    desk.pictured("return-4-list")


def test_a_policy_is_tried_and_put_in_force(desk: Desk) -> None:
    page = desk.page
    desk.goes("/returns/policies/new")
    first = page.get_by_role("group", name="Rule 1")
    first.get_by_label("Name").fill("Everything else")
    first.get_by_label("Days from delivery").fill("14")
    first.get_by_label("Fee").first.fill("10")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_role("button", name="Move rule 2 up").click()
    first.get_by_label("Name").fill("Mugs")
    first.get_by_label("Category").fill("Kitchen > Mugs")
    first.get_by_label("Days from delivery").fill("")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("orders that something was sent of")).to_be_visible()
    assert desk.violations() == []
    desk.pictured("return-5-policy")
    page.get_by_role("button", name="Put it in force").click()
    desk.sees(re.compile("version 1"))
    expect(page.locator("main tbody tr").nth(1).locator("td").nth(2)).to_have_text("14 days")
    expect(page.locator("main tbody tr").nth(1).locator("td").nth(3)).to_have_text("10 %")
    assert desk.violations() == []
    desk.pictured("return-6-version")


def test_what_comes_back_is_told_by_month_and_reason_and_its_numbers_open_rows(desk: Desk) -> None:
    with desk.api as api:
        order = delivered_order(desk, least=1)
        line = {"line_no": order["lines"][0]["line_no"], "quantity": 1, "reason": "faulty"}
        made = api.post("/returns", {"order": order["number"], "lines": [line]}, key="browser:insight")
    page = desk.page
    desk.goes("/return-insight")
    expect(page.get_by_text("Half of it within")).to_be_visible()
    desk.looked_at("return-insight")
    came = page.get_by_role("link", name=re.compile("units that came")).first
    came.click()
    desk.comes_to_rest()
    expect(page.locator("main tbody tr", has_text=made["number"])).to_have_count(1)
    desk.goes("/returns/signals")
    desk.looked_at("return-signals")
