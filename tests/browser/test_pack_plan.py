"""Boxes at the desk, and a plan of packing at the station: drawn step by step, and packed at a key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import Company
from tests.browser.desk import Desk
from tests.browser.test_floor import TABLET, an_order, picked

pytestmark = pytest.mark.thorough


@pytest.fixture
def packer(company: Company, browser: Any) -> Iterator[Desk]:
    with Desk.opened(browser, company, role="warehouse", **TABLET) as it:
        yield it


def test_a_packer_follows_the_drawing_and_packs_as_planned_by_the_keyboard(packer: Desk) -> None:
    order = an_order(packer, ("MUG-SAND", 3), ("PLATE-SAND", 2), ("ESPRESSO-INK", 1))
    picked(packer, order)
    packer.goes("/pack")
    packer.page.get_by_role("button", name=re.compile("London")).press("Enter")
    packer.scans(order["fulfilment"]["number"])
    packer.is_told(f"order {order['number']}")
    how = packer.page.get_by_role("region", name="How to pack it")
    drawing = how.get_by_role("img")
    expect(drawing).to_have_accessible_name(re.compile("on the floor, .* in the far corner"))
    first = how.locator("[aria-current=step]")
    expect(how.get_by_role("listitem").first).to_have_attribute("aria-current", "step")
    packer.presses("PageDown", "PageDown")
    expect(how.get_by_role("listitem").nth(2)).to_have_attribute("aria-current", "step")
    expect(how.locator(".box-piece")).to_have_count(3)
    packer.presses("PageUp")
    expect(how.get_by_role("listitem").nth(1)).to_have_attribute("aria-current", "step")
    assert first.count() == 1
    packer.looked_at("packing-1")

    packer.presses("F9")
    packer.is_told("acked as planned")
    packer.presses("Enter")
    packer.is_told(re.compile(r"parcelpost|greenroute|swiftway"))
    expect(how).to_have_count(0)
    with packer.api as api:
        found = api.get("/parcels", fulfilment_id_eq=order["fulfilment"]["id"])["data"]
        plan = api.get(f"/fulfilments/{order['fulfilment']['id']}/packing-plan")
    assert [(p["box"], p["length_mm"], p["weight_grams"]) for p in found] == [
        (b["box"], b["length_mm"], b["grams"]) for b in plan["boxes"]
    ]
    assert plan["followed_at"] is not None


def test_an_item_that_is_scanned_goes_on_to_the_next_step(packer: Desk) -> None:
    order = an_order(packer, ("MUG-SAND", 2))
    picked(packer, order)
    packer.goes("/pack")
    packer.page.get_by_role("button", name=re.compile("London")).press("Enter")
    packer.scans(order["fulfilment"]["number"])
    how = packer.page.get_by_role("region", name="How to pack it")
    expect(how.locator(".box-piece")).to_have_count(1)
    packer.scans("MUG-SAND")
    expect(how.locator(".box-piece")).to_have_count(2)


def test_a_box_is_made_and_changed_at_the_desk(desk: Desk) -> None:
    desk.goes("/boxes")
    desk.sees("Boxes")
    desk.page.get_by_role("button", name="New box").click()
    asks = desk.page.get_by_role("dialog")
    said = {
        "Node": "TLL", "Code": "TUBE", "Length inside, mm": "900", "Width inside, mm": "80", "Height inside, mm": "80",
        "Carries, g": "9000", "Costs": "0.95",
    }  # fmt: skip
    for field, value in said.items():
        asks.get_by_label(field, exact=False).first.fill(value)
    asks.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_text("Box TUBE is saved.")).to_be_visible()
    desk.goes("/boxes?code_eq=TUBE")
    expect(desk.page.get_by_text("900 × 80 × 80")).to_be_visible()
    desk.looked_at("packing-2")
    desk.page.get_by_role("button", name="Edit box TUBE of TLL").click()
    asks.get_by_label("Name").fill("Poster tube")
    asks.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_text("Poster tube")).to_be_visible()
    with desk.api as api:
        (box,) = api.get("/boxes", code_eq="TUBE")["data"]
    assert (box["cost_amount"], box["wall_mm"], box["version"]) == (95, 3, 2)
