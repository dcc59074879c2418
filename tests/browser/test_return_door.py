"""The customers' page on a phone, from the link in a mail to the label; and the parcel at the dock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import pytest
from playwright.sync_api import expect

from db.base import utc_now
from db.return_door import DoorLink
from db.session import Database, Who
from tests.at_the_door import Company
from tests.browser.desk import AXE, Desk, pictured

pytestmark = pytest.mark.thorough


@pytest.fixture
def phone(company: Company, browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=company.url, has_touch=True)
    yield context.new_page()
    context.close()


def is_accessible(page: Any) -> None:
    """No violation that axe can find, and nothing that is wider than the phone."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then((told) => told.violations.map((one) => [one.id, one.nodes[0].html]))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def fresh_order(desk: Desk) -> dict[str, Any]:
    with desk.api as api:
        found = api.get("/orders", status_eq="delivered", payment_status_eq="paid", limit=100, expand="lines")["data"]
        taken = {r["order_id"] for r in api.get("/returns", limit=200)["data"]}
    rows = [o for o in found if o["id"] not in taken and o["currency"] == "EUR" and o["lines"][0]["shipped"] >= 1]
    return dict(rows[-1])


def a_link(company: Company, order_id: str) -> str:
    """As a mail has it; the company of these tests has no mail server."""
    secret = token_urlsafe(32)
    database = Database(company.database_url)
    with database.transaction(Who("user:tester")) as tx:
        until = utc_now() + timedelta(days=1)
        tx.add(
            DoorLink(digest=sha256(secret.encode()).digest(), order_id=order_id, created_at=utc_now(), expires_at=until)
        )
    database.close()
    return secret


def test_from_the_link_to_the_label_and_through_the_dock(desk: Desk, phone: Any, company: Company) -> None:
    order = fresh_order(desk)
    title = order["lines"][0]["title"]
    phone.goto("/return")
    expect(phone.get_by_role("heading", name="Returns")).to_be_visible()
    is_accessible(phone)
    pictured(phone, "door-1-outside")
    phone.get_by_label("Order number").fill(order["number"])
    phone.get_by_label("E-mail address").fill("eve@example.org")
    phone.get_by_role("button", name="Send me a code").click()
    phone.get_by_label("Code from the mail").fill("000000")
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_role("alert")).to_contain_text("You have 4 tries left")
    is_accessible(phone)
    pictured(phone, "door-2-code")

    phone.goto(f"/return#{a_link(company, order['id'])}")
    phone.reload()
    expect(phone.get_by_role("heading", name=f"Order {order['number']}")).to_be_visible()
    assert "#" not in phone.url
    is_accessible(phone)
    pictured(phone, "door-3-order")
    phone.get_by_role("button", name="What would you like to give back?").click()
    card = phone.get_by_role("group", name=re.compile(re.escape(title))).first
    card.get_by_role("button", name=re.compile(r"^\+")).click()
    card.get_by_label("Why").select_option("faulty")
    card.get_by_label("Tell us more").fill("<b>It hums</b>")
    is_accessible(phone)
    pictured(phone, "door-4-give")
    phone.get_by_role("button", name="See what you get back").click()
    expect(phone.get_by_text("You get back")).to_be_visible()
    is_accessible(phone)
    pictured(phone, "door-5-sum")
    phone.get_by_role("button", name="Ask for this return").click()
    expect(phone.get_by_role("heading", name=re.compile("^Return R"))).to_be_visible()
    number = phone.get_by_role("heading", name=re.compile("^Return R")).inner_text().removeprefix("Return ")
    is_accessible(phone)
    pictured(phone, "door-6-asked")

    with desk.api as api:
        (made,) = api.get("/returns", number_eq=number, expand="lines")["data"]
    assert made["lines"][0]["remark"] == "<b>It hums</b>"
    page = desk.page
    desk.goes(f"/returns/{made['id']}")
    desk.sees(number)
    if made["status"] == "requested":
        page.get_by_role("button", name="Approve").click()
        page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.locator(".chip", has_text="Approved")).to_be_visible()
    expect(page.get_by_text("<b>It hums</b>")).to_be_visible()
    assert desk.violations() == []
    pictured(page, "door-7-desk")

    phone.reload()
    phone.get_by_role("button", name=re.compile(number)).click()
    expect(phone.locator(".door-state")).to_have_text("Approved")
    if made["way"] == "label":
        expect(phone.get_by_role("link", name="Open the label to print")).to_be_visible()
    is_accessible(phone)
    pictured(phone, "door-8-approved")

    desk.goes("/receive-returns")
    if page.get_by_text("Where are you?").count():
        page.get_by_role("button", name=re.compile("^LON")).click()
    page.get_by_label("Scan a return").fill(number)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Scan what is in it")).to_be_visible()
    page.get_by_role("button", name=title).click()
    expect(page.locator(".floor-huge")).to_have_text("1 of 1")
    page.keyboard.press("F4")
    expect(page.locator(".floor-huge")).to_have_text("0 of 1")
    page.get_by_role("button", name=title).click()
    assert desk.violations() == []
    pictured(page, "door-9-dock")
    page.keyboard.press("F9")
    expect(page.get_by_text(f"{number} is booked")).to_be_visible()

    phone.reload()
    phone.get_by_role("button", name=re.compile(number)).click()
    expect(phone.locator(".door-state")).to_have_text(re.compile("Paid back|It is here"))
    is_accessible(phone)


def test_a_parcel_that_nobody_knows_is_kept_and_matched(desk: Desk) -> None:
    order, page = fresh_order(desk), desk.page
    sku = order["lines"][0]["sku"]
    desk.goes("/receive-returns")
    if page.get_by_text("Where are you?").count():
        page.get_by_role("button", name=re.compile("^LON")).click()
    page.get_by_label("Scan a return").fill("NOBODY-KNOWS-THIS")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody knows this")).to_be_visible()
    page.keyboard.press("F6")
    page.get_by_label("Scan what is in it").fill(sku)
    page.keyboard.press("Enter")
    expect(page.locator(".floor-huge")).to_have_text("1")
    pictured(page, "unknown-1-dock")
    page.keyboard.press("F9")
    expect(page.get_by_text(re.compile(r"Write U\d+ on the parcel"))).to_be_visible()
    told = page.get_by_text(re.compile(r"Write U\d+ on the parcel")).inner_text()
    number = re.search(r"U\d+", told)[0]  # type: ignore[index]

    desk.goes("/returns/unknown?status_eq=waiting")
    page.get_by_text(number).first.click()
    desk.sees(number)
    assert desk.violations() == []
    pictured(page, "unknown-2-detail")
    page.get_by_role("button", name="Match with its order").click()
    page.get_by_role("dialog").get_by_label("Number of the order").fill(order["number"])
    page.get_by_role("dialog").get_by_role("button", name="Match it").click()
    expect(page.get_by_role("link", name="Its return")).to_be_visible()
    assert desk.violations() == []
