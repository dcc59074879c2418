"""What people do at a desk: sign in, work by keyboard, be refused, meet each other, see the news."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import Company, settled
from tests.browser.desk import PASSWORD, Desk
from tests.browser.test_floor import an_order, its_walk

pytestmark = pytest.mark.thorough


def test_whoever_mistypes_is_told_and_whoever_does_not_is_in(company: Company, browser: Any) -> None:
    with Desk.opened(browser, company, role="admin", signed_in=False) as desk:
        desk.page.goto("/orders?status_eq=held")
        desk.page.get_by_label("E-mail").fill("admin@example.org")
        desk.page.get_by_label("Password").fill("something else entirely")
        desk.presses("Enter")
        expect(desk.page.get_by_role("alert")).to_contain_text("do not belong together")
        assert desk.violations() == []
        desk.page.get_by_label("Password").fill(PASSWORD)
        desk.presses("Enter")
        desk.sees("Orders")
        assert desk.page.url.endswith("/orders?status_eq=held")  # where they wanted to go


def test_an_order_goes_from_the_list_to_shipped_with_the_keyboard_alone(desk: Desk) -> None:
    order = an_order(desk, ("SIDE-PLATE-SAND", 1))
    with desk.api as api:
        api.post(f"/orders/{order['id']}/hold", {"reason": "manual", "note": "look at it"}, key="keyboard-hold")
    settled(desk.company)
    desk.goes("/orders?status_eq=held&sort=-placed_at")
    expect(desk.page.get_by_text(order["number"]).first).to_be_visible()
    desk.presses("j", "Enter")  # the newest one
    desk.sees(re.compile(order["number"]))
    desk.tabs_to("Release")
    desk.presses("Enter")
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    desk.page.keyboard.type("the customer said yes")
    desk.tabs_to("Release")
    desk.presses("Enter")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    expect(desk.page.locator(".page-head .chip").first).to_have_text("Released")
    settled(desk.company)

    tasks = its_walk(desk, order, "Admin Person")
    desk.palette_to("Pick")
    expect(desk.page.get_by_role("button", name=re.compile("London"))).to_be_focused()
    desk.presses("Enter")
    expect(desk.page.get_by_label("Enter for the next walk")).to_be_focused()
    desk.presses("Enter")
    for task in tasks:
        expect(desk.page.get_by_label(f"Scan bin {task['bin']}")).to_be_focused()
        desk.scans(task["bin"])
        desk.scans(task["sku"])
        desk.is_told(f"{task['quantity']} × {task['title']}")
    settled(desk.company)
    desk.palette_to("Pack")
    desk.scans(order["number"])
    expect(desk.page.get_by_label(re.compile("Scan an item"))).to_be_focused()
    desk.scans("SIDE-PLATE-SAND")
    expect(desk.page.get_by_label(re.compile("Weight in grams"))).to_be_focused()
    desk.presses("Enter")
    desk.is_told(re.compile(r"[A-Z]{2}\d{12}"))
    tracking = desk.page.locator(".floor-big").inner_text()
    desk.palette_to("Dispatch")
    desk.scans(tracking)
    desk.is_told("has left")
    settled(desk.company)

    desk.palette_to("Orders")
    row = desk.page.get_by_role("row").filter(has_text=order["number"])
    expect(row).to_contain_text("Shipped")


def a_paid_order(desk: Desk) -> str:
    with desk.api as api:
        (order, *_) = api.get("/orders", payment_status_eq="paid", sort="-placed_at", limit=1)["data"]
    return str(order["id"])


def test_a_role_that_may_not_refund_sees_no_button_and_is_refused_by_the_server(
    company: Company, browser: Any, desk: Desk
) -> None:
    order = a_paid_order(desk)
    desk.goes(f"/orders/{order}")
    expect(desk.page.get_by_role("button", name="Refund")).to_be_visible()
    with Desk.opened(browser, company, role="support") as support:
        support.goes(f"/orders/{order}")
        expect(support.page.get_by_role("heading", name="Payments")).to_be_visible()
        expect(support.page.get_by_role("button", name="Refund")).to_have_count(0)
        with desk.api as api:
            (payment,) = api.get("/payments", order_id_eq=order)["data"]
        answer = support.page.evaluate(
            """async (id) => {
                const csrf = (await (await fetch('/api/v1/session')).json()).csrf_token;
                const answer = await fetch(`/api/v1/payments/${id}/refund`, {method: 'POST',
                  headers: {'content-type': 'application/json', 'x-csrf-token': csrf},
                  body: JSON.stringify({amount: 100, reason: 'tried'})});
                return [answer.status, (await answer.json()).error.message];
            }""",
            payment["id"],
        )
    assert answer == [403, "This needs the scope refund_payments, which you do not hold."]
    with desk.api as api:
        assert api.get("/payments", order_id_eq=order)["data"][0]["refunded"] == payment["refunded"]


def test_of_two_people_who_edit_an_order_the_second_is_told_and_loses_nothing(
    company: Company, browser: Any, desk: Desk
) -> None:
    order = an_order(desk, ("SIDE-PLATE-INK", 2))
    units = re.compile("Units")
    with Desk.opened(browser, company, role="support") as other:
        for one in (desk, other):
            one.goes(f"/orders/{order['id']}/edit")
            one.sees(re.compile("Edit order"))
        other.page.get_by_label(units).first.fill("7")
        desk.page.get_by_label("What the customer pays for it").fill("1.00")
        desk.page.get_by_role("button", name="Preview").click()
        desk.page.get_by_role("button", name="Apply").click()
        desk.sees(f"Order {order['number']}")
        settled(company)
        expect(other.page.get_by_text("Somebody else changed this order meanwhile.")).to_be_visible()
        expect(other.page.get_by_label(units).first).to_have_value("7")
        other.page.get_by_role("button", name="Go on with it").click()
        expect(other.page.get_by_label(units).first).to_have_value("7")
        assert other.violations() == []


def test_what_happens_elsewhere_is_on_the_screen_within_a_second(desk: Desk) -> None:
    order = an_order(desk, ("SIDE-PLATE-CLAY", 1))
    desk.goes(f"/orders/{order['id']}")
    expect(desk.page.locator(".live[data-on]")).to_be_visible()
    chip = desk.page.locator(".page-head .chip").first
    took = []
    for n, (verb, body, shown) in enumerate(
        [("hold", {"reason": "manual", "note": "wait"}, "Held"), ("release", {"reason": "manual"}, "Released")] * 2
    ):
        with desk.api as api:
            api.post(f"/orders/{order['id']}/{verb}", body, key=f"live-{n}")
        begun = time.monotonic()
        expect(chip).to_have_text(shown)
        took.append(time.monotonic() - begun)
    assert min(took) < 1.0, took


def test_a_colleagues_note_and_tag_are_on_the_screen_by_themselves(desk: Desk) -> None:
    order = an_order(desk, ("SIDE-PLATE-CHALK", 1))
    desk.goes(f"/orders/{order['id']}")
    expect(desk.page.locator(".live[data-on]")).to_be_visible()
    for verb, body, shown in (
        ("notes", {"body": "Leave it with the neighbour"}, "Leave it with the neighbour"),
        ("tags", {"add": ["fragile"]}, "fragile"),
    ):
        with desk.api as api:
            api.post(f"/orders/{order['id']}/{verb}", body, key=f"colleague-{verb}")
        begun = time.monotonic()
        expect(desk.page.get_by_text(shown).first).to_be_visible()
        assert time.monotonic() - begun < 5.0  # long before anything is read anew by itself


def test_the_demo_shop_says_that_it_is_one_until_the_note_is_put_away(desk: Desk) -> None:
    desk.goes("/")
    note = desk.page.get_by_role("complementary", name="Demo shop")
    expect(note).to_contain_text("Its orders, people and goods are made up.")
    note.get_by_role("button", name="Put this note away").click()
    expect(note).to_have_count(0)
    desk.goes("/orders")
    expect(note).to_have_count(0)


def test_a_stock_level_opens_the_ledger_rows_that_it_is_made_of(desk: Desk) -> None:
    an_order(desk, ("PLATE-SAND", 1))
    desk.goes("/stock?sku_eq=PLATE-SAND&node_eq=LON")
    opens = desk.page.get_by_role("link", name=re.compile("on hand: ledger"))
    on_hand = int(re.sub(r"\D", "", opens.inner_text()))
    opens.focus()
    desk.presses("Enter")
    desk.sees("Stock ledger")
    with desk.api as api:
        rows = list(api.every("/stock/ledger", sku_eq="PLATE-SAND", node_eq="LON"))
    expect(desk.page.locator("main tbody tr")).to_have_count(min(len(rows), 50))
    assert sum(row["on_hand"] for row in rows if row["status"] != "transit") == on_hand > 0
    desk.page.get_by_role("link", name=re.compile("^order ")).first.click()
    desk.sees(re.compile("^Order"))
