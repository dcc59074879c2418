"""Carriers at the desk: a card is priced and versioned, rules are tried and put in force, numbers open their rows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def a_card(desk: Desk, **wanted: Any) -> dict[str, Any]:
    """The newest version of a card that takes parcels to Germany."""
    with desk.api as api:
        cards = api.get("/rate-cards", limit=100, valid_to_null="true", **wanted)["data"]
        whole = (api.get(f"/rate-cards/{card['id']}") for card in cards)
        return next(c for c in whole if any(z["country"] == "DE" for z in c["zones"]))


def test_a_card_is_priced_part_by_part_and_gets_a_new_version(desk: Desk) -> None:
    card, page = a_card(desk), desk.page
    desk.goes(f"/carriers/cards/{card['id']}")
    desk.sees(f"{card['carrier']} {card['service']}")
    page.get_by_role("button", name="Price it by this version").click()
    told = page.locator("[aria-live=polite]", has_text=f"{card['carrier']} {card['service']}")
    expect(told).to_contain_text("base: zone DE")
    desk.looked_at("carriers-card")

    first = page.locator(".rate-grid").first.locator("tbody tr").first.locator("input").nth(1)
    first.fill("not a price")
    page.get_by_role("button", name="Put in a new version").click()
    expect(page.get_by_role("alert")).to_be_visible()
    first.fill("123.45")
    page.get_by_role("button", name="Put in a new version").click()
    page.wait_for_url(lambda url: card["id"] not in url)
    desk.comes_to_rest()
    expect(page.locator(".rate-grid").first.locator("tbody tr").first.locator("input").nth(1)).to_have_value("123.45")
    with desk.api as api:
        before = api.get(f"/rate-cards/{card['id']}")
        after = a_card(desk, carrier_eq=card["carrier"], service_eq=card["service"])
    assert before["valid_to"] == after["valid_from"]
    assert min(r["amount"] for r in before["rates"]) < 12345
    assert max(r["amount"] for r in after["rates"]) >= 12345


def test_rules_are_tried_on_past_parcels_and_put_in_force(desk: Desk) -> None:
    page = desk.page
    with desk.api as api:
        service = api.get("/carrier-choices", limit=1)["data"][0]["chosen"]
    desk.goes("/carriers/rules/new")
    page.get_by_label("Name").fill("Another way")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_role("menuitem", name="Forbid").click()
    expect(page.locator(".MuiMenu-root")).to_have_count(0)
    page.get_by_label("Services").fill(service)
    page.get_by_label("Why").fill("a test of rules")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("parcels would have gone with another service than without rules")).to_be_visible()
    desk.looked_at("carriers-rules-tried")

    page.get_by_role("button", name="Keep as a draft").click()
    desk.sees(re.compile("Another way"))
    page.get_by_role("button", name="Put in force").click()
    page.get_by_role("dialog").get_by_role("button", name="Put it in force").click()
    expect(page.locator(".chip", has_text="Active")).to_be_visible()
    desk.looked_at("carriers-rules-in-force")
    page.get_by_role("button", name="Out of force").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("the test is over")
    dialog.get_by_role("button", name="Take it out of force").click()
    expect(page.locator(".chip", has_text="Retired")).to_be_visible()


def test_a_choice_says_why_and_every_number_of_a_scorecard_opens_its_parcels(desk: Desk) -> None:
    page = desk.page
    desk.goes("/carriers/choices")
    desk.presses("j", "Enter")
    page.wait_for_url(re.compile("/carriers/choices/.+"))
    desk.comes_to_rest()
    expect(page.get_by_text("Expected", exact=False).first).to_be_visible()
    desk.looked_at("carriers-choice")

    desk.goes("/carriers")
    desk.looked_at("carriers-scorecards")
    parcels = page.locator("main tbody tr").first.get_by_role("link", name=re.compile("parcels$"))
    count = int(re.sub(r"\D", "", parcels.inner_text()))
    parcels.click()
    desk.sees("Parcels with carriers")
    with desk.api as api:
        query = dict(pair.split("=", 1) for pair in page.url.split("?", 1)[1].split("&"))
        rows = api.get("/carrier-parcels", limit=200, **{k: v.replace("%3A", ":") for k, v in query.items()})["data"]
    assert len(rows) == min(count, 200)
    desk.goes("/carriers")
    page.locator("main tbody tr").first.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/carriers/of/.+"))
    desk.comes_to_rest()
    desk.looked_at("carriers-scorecard")
    for name, address in (("policies", "/carriers/policies"), ("drifts", "/carriers/drifts")):
        desk.goes(address)
        desk.looked_at(f"carriers-{name}")
