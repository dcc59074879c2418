"""A policy is tried over the past, for a class and for one place, seen beside the one that holds, and used."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cli.whole_file import Reading, begin, bring, follow
from db.base import utc_now
from tests.at_the_door import settled
from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough

SKU = "WATERING-CAN"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 100 days of the past, two cans a day and five on every seventh."""
    path = tmp_path_factory.mktemp("past") / "cans.csv"
    day = utc_now() - timedelta(days=101)
    rows = ["order,channel,placed_at,currency,sku,quantity,unit_price"]
    for n in range(1, 101):
        at = day + timedelta(days=n)
        rows.append(f"CAN-{n},web,{at:%Y-%m-%d} 10:00,EUR,{SKU},{5 if n % 7 == 0 else 2},9.00")
    path.write_text("\n".join(rows) + "\n")
    return path


def is_kept(desk: Desk, past: Path) -> str:
    """It is sold at London and planned; which class it is of."""
    with desk.api as api:
        product = {"title": "Watering can", "variants": [{"sku": SKU, "prices": {"EUR": 900}}]}
        api.put("/products/watering-can", product, key="can")
        api.put("/suppliers/TINSMITH", {"name": "Tinsmith", "currency": "EUR", "lead_days": 2}, key="tinsmith")
        api.put(f"/suppliers/TINSMITH/items/{SKU}", {"unit_cost": 400}, key="tinsmith-can")
        one = {"node": "LON", "reference": "cans", "lines": [{"sku": SKU, "quantity": 40, "bin": "PICK"}]}
        api.post("/stock/receipts", one, key="cans")
        follow(api, begin(api, bring(api, "orders", past, Reading(None, {}, {})), dry_run=False), progress=False)
        api.post("/replenishment-runs", {}, key="plan-cans")
        settled(desk.company)
        (plan,) = api.get("/replenishment-plans", sku_eq=SKU, node_eq="LON")["data"]
    return str(plan["class_code"])


def tries(desk: Desk) -> None:
    desk.page.get_by_role("combobox", name="Over the last").click()
    desk.page.get_by_role("option", name="90 days").click()
    desk.page.get_by_role("button", name="Try it").click()
    expect(desk.page.get_by_role("heading", name="Side by side")).to_be_visible()


def figure(desk: Desk, what: str) -> tuple[str, str]:
    """(now, proposed)"""
    row = desk.page.locator("main tbody tr").filter(has=desk.page.get_by_text(what, exact=True))
    cells = row.locator("td").all_inner_texts()
    return cells[1], cells[2]


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text))


def test_a_policy_is_tried_for_a_class_and_for_one_place_of_it_where_it_is_used(desk: Desk, past: Path) -> None:
    code, page = is_kept(desk, past), desk.page
    desk.goes(f"/replenishment/classes/{code}/try")
    page.get_by_role("combobox", name="Policy").click()
    page.get_by_role("option", name=re.compile("none|never", re.IGNORECASE)).click()
    tries(desk)
    assert figure(desk, "Orders")[1] == "0"
    assert desk.violations() == []

    desk.goes(f"/replenishment/places/LON/{SKU}")
    page.get_by_role("link", name="Try a policy").click()
    desk.sees(f"Try a policy for {SKU} at LON")
    expect(page.get_by_text("Nothing tried yet")).to_be_visible()
    assert desk.violations() == []

    page.get_by_role("combobox", name="Policy").click()
    page.get_by_role("option", name="Min/max").click()
    page.get_by_label("Minimum").fill("0")
    page.get_by_label("Maximum").fill("3")
    tries(desk)
    picture = page.get_by_role("img", name=re.compile("^Stock over 90 days. Now: .* Proposed: "))
    expect(picture).to_be_visible()
    for curve in ("now", "then"):
        assert page.locator(f"svg.replay path.{curve}").get_attribute("d").count("H") == 90  # a step for each day
    assert desk.violations() == []
    now, then = figure(desk, "Fill rate")
    assert number(then) < number(now)  # three cans do not last until the next come
    short = number(figure(desk, "Days with a stock-out")[1])
    assert page.locator("svg.replay rect.short").count() >= short > 0
    assert number(figure(desk, "Average stock")[1]) < number(figure(desk, "Average stock")[0])

    page.get_by_label("Maximum").fill("60")
    page.get_by_label("Minimum").fill("20")
    tries(desk)
    short_days = page.locator("main tbody tr").filter(has_text="Days with a stock-out")
    expect(short_days.locator("td").nth(2)).to_have_text("0")
    page.get_by_role("button", name="Use this policy").click()
    page.get_by_role("dialog").get_by_label("Why").fill("no more empty shelves")
    page.get_by_role("dialog").get_by_role("button", name="Use it").click()
    desk.sees(f"{SKU} at LON")
    expect(page.get_by_text("Kept by a rule.")).to_be_visible()
    with desk.api as api:
        (rule,) = api.get("/replenishment-rules", sku_eq=SKU, node_eq="LON")["data"]
    assert (rule["policy"], rule["minimum"], rule["maximum"]) == ("min/max", 20, 60)
    assert rule["why"] == "no more empty shelves"
