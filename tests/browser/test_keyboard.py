"""The desk without a mouse: an action on many orders and its way back, views, the search, and webhooks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.at_the_door import settled
from tests.browser.desk import Desk
from tests.browser.test_floor import an_order

pytestmark = pytest.mark.thorough


def dialog(desk: Desk) -> Locator:
    return desk.page.get_by_role("dialog")


def from_the_menu(desk: Desk, verb: str) -> None:
    """A step that stands behind the button with the dots; the menu goes to what begins with what is typed."""
    desk.tabs_to("More actions")
    desk.presses("Enter")
    expect(desk.page.get_by_role("menu")).to_be_visible()
    desk.page.keyboard.type(verb[:3])
    expect(desk.page.get_by_role("menuitem", name=verb)).to_be_focused()
    desk.presses("Enter")
    expect(dialog(desk)).to_be_visible()


def test_many_orders_are_tagged_looked_at_as_a_view_and_a_hold_is_taken_back(desk: Desk) -> None:
    orders = [an_order(desk, ("PLATE-SAGE", 1)), an_order(desk, ("PLATE-INK", 1))]
    numbers = sorted(order["number"] for order in orders)
    desk.palette_to("Orders")
    for number in numbers:
        expect(desk.page.get_by_role("row").filter(has_text=number)).to_be_visible()
    desk.presses("j", "x", "j", "x")  # the two newest
    expect(desk.page.get_by_text("2 selected").first).to_be_visible()
    desk.tabs_to("Tags")
    desk.presses("Enter")
    expect(desk.page.get_by_label("Add tags")).to_be_focused()
    desk.page.keyboard.type("by-keyboard")
    expect(dialog(desk)).to_contain_text("2 of 2 orders would be done.")
    desk.presses("Enter")
    expect(desk.page.get_by_role("button", name="Close")).to_be_focused()
    expect(dialog(desk).locator(".chip")).to_have_text("Done")
    desk.presses("Enter")
    expect(dialog(desk)).to_have_count(0)
    expect(desk.page.locator("main .tag").filter(has_text="by-keyboard")).to_have_count(2)

    desk.presses("f")
    expect(desk.page.get_by_role("menu")).to_be_visible()
    desk.page.keyboard.type("Tag")  # the menu goes to what begins like it
    desk.presses("Enter")
    expect(desk.page.get_by_role("form", name=re.compile("Filter by Tag"))).to_be_visible()
    desk.page.keyboard.type("by-keyboard")
    desk.presses("Enter")
    expect(desk.page.locator("main tbody tr")).to_have_count(2)
    desk.tabs_to("Save view")
    desk.presses("Enter")
    expect(desk.page.get_by_label("Name")).to_be_focused()
    desk.page.keyboard.type("Mine today")
    desk.presses("Enter")
    expect(desk.page.get_by_role("tab", name="Mine today")).to_have_attribute("aria-selected", "true")

    desk.presses("Control+k")
    desk.page.keyboard.type(numbers[0])
    expect(desk.page.locator("[role=option][aria-selected=true]")).to_contain_text(numbers[0])
    desk.presses("Enter")
    desk.sees(re.compile(numbers[0]))
    chip = desk.page.locator(".page-head .chip").first
    expect(chip).to_have_text("Released")
    desk.tabs_to("Hold")
    desk.presses("Enter")
    expect(dialog(desk)).to_be_visible()
    desk.tabs_to("Hold")
    desk.presses("Enter")
    expect(dialog(desk)).to_have_count(0)
    expect(chip).to_have_text("Held")
    desk.presses("Control+z")
    expect(chip).to_have_text("Released")
    settled(desk.company)


def test_a_webhook_is_added_changed_disabled_enabled_and_deleted(desk: Desk) -> None:
    desk.palette_to("Webhooks")
    desk.tabs_to("Add webhook")
    desk.presses("Enter")
    expect(desk.page.get_by_label("Name")).to_be_focused()
    desk.page.keyboard.type("Accounting")
    desk.tabs_to("Address")
    desk.page.keyboard.type("https://hooks.example.com/orders")
    desk.presses("Enter")
    expect(dialog(desk)).to_contain_text("Choose at least one event.")  # it says what is missing, and keeps the rest
    desk.tabs_to("Order")  # the whole group
    desk.presses("Space")
    assert desk.violations() == []
    desk.tabs_to("Add webhook")
    desk.presses("Enter")
    expect(desk.page.get_by_role("heading", name="Keep this secret")).to_be_visible()
    expect(dialog(desk).locator("code").first).to_have_text(re.compile(r"\S{20,}"))
    desk.tabs_to("I have kept it")
    desk.presses("Enter")
    desk.sees("Accounting")
    expect(desk.page.locator("main .tag")).to_have_text(["order.*"])

    desk.tabs_to("Change")
    desk.presses("Enter")
    expect(desk.page.get_by_label("Name")).to_be_focused()
    desk.presses("Control+a")
    desk.page.keyboard.type("Bookkeeping")
    desk.presses("Enter")
    desk.sees("Bookkeeping")
    state = desk.page.locator(".page-head .chip").first
    from_the_menu(desk, "Disable")
    desk.page.keyboard.type("they move house")
    desk.presses("Enter")
    expect(state).to_have_text("Disabled")
    expect(desk.page.get_by_text("they move house")).to_be_visible()
    desk.tabs_to("Enable")
    desk.presses("Enter")
    expect(dialog(desk)).to_be_visible()
    desk.tabs_to("Enable")
    desk.presses("Enter")
    expect(state).to_have_text("Active")

    desk.palette_to("Webhooks")
    expect(desk.page.locator("main tbody tr")).to_have_count(1)
    desk.presses("j", "Enter")
    desk.sees("Bookkeeping")
    from_the_menu(desk, "Delete")
    desk.tabs_to("Delete")
    desk.presses("Enter")
    desk.sees("Webhooks")
    expect(desk.page.get_by_text("Nobody is told of anything yet")).to_be_visible()
