"""Routing rules are arranged, tried and put in force; an order says why; units move; a node is drilled."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.at_the_door import settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def kinds(desk: Desk) -> list[str]:
    return [str(text) for text in desk.page.locator(".rule-row .strong").all_inner_texts()]


def an_order(desk: Desk, key: str) -> dict[str, Any]:
    """Of a SKU that both nodes have, to Berlin."""
    with desk.api as api:
        levels = api.get("/stock", limit=200, sort="-sku")["data"]
        free: dict[str, set[str]] = {}
        for level in levels:
            if level["purchasable"] > 20:
                free.setdefault(level["sku"], set()).add(level["node"])
        sku = next(s for s, nodes in free.items() if nodes >= {"LON", "RTM"})
        body = {
            "channel": "web", "currency": "EUR", "lines": [{"sku": sku, "quantity": 2, "unit_amount": 1000}],
            "shipping_address": {"name": "Ada", "city": "Berlin", "country": "DE"},
        }  # fmt: skip
        return dict(api.post("/orders", body, key=key))


def test_rules_are_dragged_with_the_mouse(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1280, "height": 1600})  # a hand sees both rows
    desk.goes("/routing/new")
    desk.sees("New rules")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_role("menuitem", name="Soonest dispatch").click()
    expect(page.locator(".MuiMenu-root")).to_have_count(0)  # what lies above the list would take the mouse
    assert kinds(desk) == ["Fewest splits", "Nearest", "Soonest dispatch"]
    drag(desk, "Soonest dispatch", onto="Fewest splits")
    expect(page.locator(".rule-row").first).to_contain_text("Soonest dispatch")
    assert kinds(desk) == ["Soonest dispatch", "Fewest splits", "Nearest"]
    drag(desk, "Soonest dispatch", onto="Nearest")
    expect(page.locator(".rule-row").last).to_contain_text("Soonest dispatch")
    assert kinds(desk) == ["Fewest splits", "Nearest", "Soonest dispatch"]
    expect(page.locator(".rule-row[data-dragged]")).to_have_count(0)


def drag(desk: Desk, rule: str, *, onto: str) -> None:
    """By its grip, as a hand does it: slowly enough for the list to make room."""
    grip = desk.page.get_by_role("button", name=re.compile(f"^Move {rule}")).bounding_box()
    there = desk.page.locator(".rule-row", has_text=onto).first.bounding_box()
    assert grip
    assert there
    mouse = desk.page.mouse
    mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    mouse.down()
    mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2 - 3, steps=3)
    past = there["height"] / 4 if there["y"] > grip["y"] else -there["height"] / 4
    mouse.move(there["x"] + 30, there["y"] + there["height"] / 2 + past, steps=12)
    mouse.up()


def test_from_a_draft_to_the_reason_on_the_order(desk: Desk) -> None:
    page = desk.page
    desk.goes("/routing")
    desk.sees("Routing rules")
    page.get_by_role("link", name="New rules").click()
    desk.sees("New rules")
    assert kinds(desk) == ["Fewest splits", "Nearest"]
    page.get_by_label("Name").fill("Near first")
    page.get_by_role("button", name=re.compile("^Move Nearest")).focus()
    desk.presses("Alt+ArrowUp")
    assert kinds(desk) == ["Nearest", "Fewest splits"]
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_role("menuitem", name="Soonest dispatch").click()
    page.get_by_role("button", name="Soonest dispatch earlier").click()
    assert kinds(desk) == ["Nearest", "Soonest dispatch", "Fewest splits"]
    desk.looked_at("routing-1-editor")

    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("would have gone elsewhere than")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Parcels by node"))).to_be_visible()
    desk.looked_at("routing-2-tried")

    page.get_by_role("button", name="Keep as a draft").click()
    desk.sees(re.compile("Near first"))
    page.get_by_role("button", name="Put in force").click()
    page.get_by_role("dialog").get_by_role("button", name="Put it in force").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".chip", has_text="Active")).to_be_visible()

    order = an_order(desk, "routed")
    desk.goes(f"/orders/{order['id']}")
    card = page.locator(".card", has=page.get_by_role("heading", name="Routing"))
    expect(card).to_contain_text(re.compile(r"nearest, [\d,]+ km"))
    expect(card).to_contain_text("Next best")
    with desk.api as api:
        ships = [n for n in api.get("/nodes", limit=200)["data"] if n["ships"]]
    expect(card.locator("tbody tr")).to_have_count(len(ships))
    desk.looked_at("routing-3-order")

    now_at = order["allocations"][0]["node"]
    other = next(n for n in ("LON", "RTM") if n != now_at)
    card.get_by_role("button", name="Move to another node").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To").click()
    page.get_by_role("option", name=re.compile(f"^{other}")).click()
    expect(dialog.get_by_text(f"{now_at} → {other}")).to_be_visible()
    desk.looked_at("routing-4-move")
    dialog.get_by_label("Reason").fill("a test of moving")
    dialog.get_by_role("button", name="Move them").click()
    expect(dialog).to_have_count(0)
    expect(card).to_contain_text(f"from {now_at} to {other}: a test of moving")


def test_a_drill_changes_nothing_and_says_where_everything_would_go(desk: Desk) -> None:
    an_order(desk, "drilled")
    desk.goes("/nodes/LON")
    desk.page.get_by_role("link", name="What if it shipped no more").click()
    desk.sees("If LON shipped no more")
    expect(desk.page.get_by_role("heading", name="Where they would go")).to_be_visible()
    desk.looked_at("routing-drill-1")
    desk.page.get_by_role("button", name="Look again").click()
    desk.comes_to_rest()
    with desk.api as api:
        assert api.get("/nodes/LON")["ships"]


def an_order_in_two_parcels(desk: Desk) -> dict[str, Any]:
    """Whose goods have come to lie in one place since: London has both now."""
    skus = {"LON": "PLAN-LAMP", "RTM": "PLAN-SHADE"}
    variants = [{"sku": sku, "weight_grams": 900, "prices": {"EUR": 4900}} for sku in skus.values()]
    body = {
        "channel": "web", "currency": "EUR", "lines": [{"sku": sku, "quantity": 1} for sku in skus.values()],
        "shipping_address": {"name": "Ada", "line1": "1 Kade", "city": "Rotterdam", "country": "NL"},
        "payment": {"provider": "test", "token": "tok_ok"},
    }  # fmt: skip
    with desk.api as api:
        api.put("/products/plan-lamp", {"title": "Plan lamp", "variants": variants}, key="plan-product")

        def come(node: str, sku: str) -> None:
            what = f"plan-{node}-{sku}"
            received = {"node": node, "reference": what, "lines": [{"sku": sku, "quantity": 60}]}
            api.post("/stock/receipts", received, key=what)

        for node, sku in skus.items():
            come(node, sku)
        order = dict(api.post("/orders", body, key="planned"))
        assert {share["node"] for share in order["allocations"]} == {"LON", "RTM"}
        come("LON", skus["RTM"])
        settled(desk.company)
    return order


def test_open_orders_are_planned_together_and_moved(desk: Desk) -> None:
    order = an_order_in_two_parcels(desk)
    page = desk.page
    desk.goes("/routing/plans")
    page.get_by_role("button", name="Plan now").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("At most so many orders").fill("40")
    dialog.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("heading", name="Now and as planned")).to_be_visible()
    desk.comes_to_rest()
    desk.looked_at("routing-plan-1")
    page.get_by_role("button", name="Apply").click()
    desk.looked_at("routing-plan-2-apply")
    page.get_by_role("dialog").get_by_role("button", name="Move them").click()
    expect(page.locator(".chip", has_text="Applied")).to_be_visible()
    with desk.api as api:
        newest = api.get("/routing-plans", limit=1, sort="-number")["data"][0]
        plan = api.get(f"/routing-plans/{newest['id']}")
        moved = api.get(f"/orders/{order['id']}")
    assert plan["status"] == "applied"
    assert plan["counts"].get("moved", 0) + plan["counts"].get("skipped", 0) == plan["moving"]
    assert {a["node"] for a in moved["allocations"] if a["state"] != "released"} == {"LON"}
    desk.goes("/routing/plans/weights")
    desk.looked_at("routing-plan-3-weights")
