"""Docks are planned in the calendar: by mouse, by keyboard, in a week and on a phone; packages come by one scan."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from db.base import utc_now
from tests.at_the_door import Company, settled
from tests.browser.desk import Desk, make_people
from tests.browser.test_notices import a_sent_order

pytestmark = pytest.mark.thorough

SSCC = "340123450000000031"


def tomorrow() -> str:
    return f"{utc_now() + timedelta(days=1):%Y-%m-%d}"


def appointments(desk: Desk) -> list[tuple[str, str, str]]:
    """(dock, time of day, status) of tomorrow's, by when they were booked."""
    with desk.api as api:
        rows = api.get("/appointments", sort="number", starts_at_gteq=f"{tomorrow()}T00:00:00Z")["data"]
    return [(row["dock"], row["starts_at"][11:16], row["status"]) for row in rows]


def a_notice(desk: Desk, supplier: str, clock: str = "12:00") -> dict[str, Any]:
    order = a_sent_order(desk, supplier, MUG_SAGE=40)
    body = {
        "supplier": supplier, "node": "LON", "reference": f"{supplier}-1", "said_at": f"{tomorrow()}T{clock}:00Z",
        "lines": [{"purchase_id": order["id"], "line_no": 1, "units": 40}], "carrier": "Seaways",
    }  # fmt: skip
    with desk.api as api:
        return dict(api.post("/advance-notices", body, key=f"{supplier}-notice"))


def in_london(desk: Desk) -> None:
    """Docks, and hours around the clock, so that it does not matter when this runs."""
    with desk.api as api:
        api.put("/nodes/LON/dock-hours", {"hours": [[["06:00", "20:00"]]] * 7}, key="hours")
        for n, (code, name) in enumerate((("D1", "Ramp 1"), ("D2", "Ramp 2"))):
            api.put(f"/nodes/LON/docks/{code}", {"name": name, "sequence": n}, key=code)


def test_a_day_at_the_docks_is_planned_by_mouse_and_by_keyboard(desk: Desk) -> None:
    notice, page = a_notice(desk, "QUAYLINE"), desk.page
    dialog = page.get_by_role("dialog")
    desk.goes("/docks?node=LON")
    expect(page.get_by_text("LON has no docks yet")).to_be_visible()
    assert desk.violations() == []

    desk.goes("/nodes/LON")
    for code, name in (("D1", "Ramp 1"), ("D2", "Ramp 2")):
        page.get_by_role("button", name="New dock").click()
        dialog.get_by_label("Code").fill(code)
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Change hours").click()
    dialog.get_by_label("Monday").fill("12-8")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("it ends after it begins")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        dialog.get_by_label(day).fill("6-20")
    assert desk.violations() == []
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("06:00-20:00").first).to_be_visible()
    desk.pictured("docks-1-node")

    desk.goes(f"/docks?node=LON&day={tomorrow()}")
    waits = page.get_by_role("listitem").filter(has_text=notice["number"])
    expect(waits).to_be_visible()
    waits.drag_to(page.get_by_role("button", name="Book dock D1 at 10:00"))
    expect(dialog).to_contain_text(f"A dock for {notice['number']} of QUAYLINE")
    expect(dialog.get_by_label("From")).to_have_value("10:00")
    assert desk.violations() == []
    desk.pictured("docks-2-book")
    dialog.get_by_role("button", name="Book it").click()
    block = page.locator(".dock-block", has_text="QUAYLINE")
    expect(block).to_contain_text("10:00 to 11:00, booked")
    expect(block).to_contain_text("Expected 1 h after its slot.")
    expect(waits).to_have_count(0)

    block.drag_to(page.get_by_role("button", name="Book dock D2 at 11:00"))
    expect(block).to_contain_text("11:00 to 12:00")
    assert appointments(desk) == [("D2", "11:00", "booked")]
    page.get_by_role("button", name="Undo").click()
    expect(block).to_contain_text("10:00 to 11:00")

    # By the keyboard alone: to a free place beside it, and what is taken is refused with what is free.
    block.focus()
    desk.presses("ArrowDown")
    expect(page.get_by_role("button", name="Book dock D1 at 11:00")).to_be_focused()
    desk.presses("ArrowRight", "ArrowUp")
    expect(page.get_by_role("button", name="Book dock D2 at 10:00")).to_be_focused()
    desk.presses("Enter")
    dialog.get_by_label("From").fill("10:30")
    dialog.get_by_label("Carrier").fill("Parcel van")
    dialog.get_by_label("Dock").click()
    page.get_by_role("option", name=re.compile("^D1")).click()
    dialog.get_by_role("button", name="Book it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Dock D1 is taken from 10:00 to 11:00")
    assert desk.violations() == []
    desk.pictured("docks-3-taken")
    dialog.get_by_role("button", name=re.compile("^Take .*10:30 at D2")).click()
    dialog.get_by_role("button", name="Book it").click()
    expect(page.locator(".dock-block", has_text="Parcel van")).to_contain_text("10:30 to 11:30")
    assert appointments(desk) == [("D1", "10:00", "booked"), ("D2", "10:30", "booked")]
    assert desk.violations() == []
    desk.pictured("docks-4-day")

    block.press("Enter")
    expect(dialog).to_contain_text(notice["number"])
    dialog.get_by_role("button", name="Another time").click()
    moving = page.get_by_role("dialog", name=re.compile("^Another time"))
    moving.get_by_label("From").fill("15:00")
    moving.get_by_label("Why").fill("no lorry")
    moving.get_by_role("button", name="Move it").click()
    expect(page.get_by_text(re.compile("15:00 to 16:00.*: no lorry"))).to_be_visible()
    assert desk.violations() == []
    desk.pictured("docks-5-opened")
    dialog.get_by_role("button", name="Close").click()

    page.get_by_role("tab", name="Week").click()
    expect(page.locator(".dock-week")).to_be_visible()
    expect(page.locator(".dock-week .dock-block", has_text="QUAYLINE")).to_contain_text("15:00 to 16:00")
    desk.comes_to_rest()
    assert desk.violations() == []
    desk.pictured("docks-6-week")

    desk.goes("/docks/list")
    expect(page.locator("main tbody tr")).to_have_count(2)
    assert desk.violations() == []
    desk.pictured("docks-7-list")
    page.get_by_role("button", name=re.compile("^Open DA")).first.click()
    dialog.get_by_role("button", name="Cancel").click()
    asked = page.get_by_role("dialog", name=re.compile("^Cancel DA"))
    asked.get_by_label("Why").fill("comes another day")
    asked.get_by_role("button", name="Cancel it").click()
    expect(dialog).to_contain_text("comes another day")
    assert "cancelled" in [status for _, _, status in appointments(desk)]
    with desk.api as api:  # others look at all that is on its way
        api.post(f"/advance-notices/{notice['id']}/cancel", {"reason": "only a test"}, key="quayline-over")


def test_on_a_phone_and_a_small_screen_it_is_all_there(company: Company, browser: Any) -> None:
    for width, name in ((390, "docks-8-phone"), (1024, "docks-9-small")):
        with Desk.opened(browser, company, role="admin", viewport={"width": width, "height": 844}) as desk:
            in_london(desk)
            with desk.api as api:
                body = {"node": "LON", "dock": "D1", "starts_at": f"{tomorrow()}T17:00:00Z", "carrier": "Night mail"}
                api.post("/appointments", body, key="night-mail")
            desk.goes(f"/docks?node=LON&day={tomorrow()}")
            who = desk.page.get_by_role("button", name=re.compile("Night mail"))
            expect(who).to_be_visible()
            assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
            assert desk.violations() == []
            desk.pictured(name)
            who.click()
            desk.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
            asked = desk.page.get_by_role("dialog", name=re.compile("^Cancel DA"))
            expect(asked).to_be_visible()
            asked.get_by_role("button", name="Back").click()


def test_whoever_may_only_look_is_offered_nothing(company: Company, browser: Any) -> None:
    make_people(company.database_url, ("analyst",))
    with Desk.opened(browser, company, role="analyst") as desk:
        in_london(desk)
        desk.goes(f"/docks?node=LON&day={tomorrow()}")
        expect(desk.page.get_by_role("group", name="Dock D1")).to_be_visible()
        expect(desk.page.get_by_role("button", name=re.compile("^Book"))).to_have_count(0)


def test_a_package_is_announced_with_what_is_in_it_and_received_by_one_scan(desk: Desk) -> None:
    order, page = a_sent_order(desk, "WHARFSIDE", MUG_SAGE=6, BOWL_SAGE=3), desk.page
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Announce").click()
    dialog.get_by_label("Their number").fill("W-1")
    dialog.get_by_role("button", name="Add a package and what is in it").click()
    package = dialog.get_by_role("group", name="Package 1")
    package.get_by_label("SSCC").fill(SSCC)
    package.get_by_label("MUG-SAGE in it").fill("4")
    package.get_by_label("BOWL-SAGE in it").fill("3")
    assert desk.violations() == []
    desk.pictured("package-1-announce")
    dialog.get_by_role("button", name="Write it down").click()
    page.wait_for_url(re.compile("/notices/"))
    expect(page.get_by_text("4 MUG-SAGE, 3 BOWL-SAGE")).to_be_visible()
    expect(page.get_by_text("No dock is booked.")).to_be_visible()
    notice = page.url.rsplit("/", 1)[1]

    desk.goes("/receive")
    page.get_by_role("button", name=re.compile("London")).press("Enter")
    expect(page.get_by_text("Scan an order, or something that came").first).to_be_visible()
    desk.scans(f"00{SSCC}")  # finds the order that it is of
    expect(page.get_by_text(f"{order['number']} from WHARFSIDE")).to_be_visible()
    desk.scans(f"00{SSCC}")
    desk.is_told(re.compile("4 × .*, 3 × "))
    settled(desk.company)
    expect(page.get_by_label("Lines of the order")).to_contain_text("4 / 6")
    expect(page.get_by_label("Lines of the order")).to_contain_text("3 / 3")
    desk.pictured("package-2-station")
    desk.scans(f"00{SSCC}")
    desk.is_told("is booked already")

    desk.goes(f"/purchases/{order['id']}")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(dialog.get_by_label("Ship notice")).to_contain_text("W-1")
    assert desk.violations() == []
    dialog.get_by_label("Came").fill("2")
    dialog.get_by_role("button", name="Book the goods in").click()
    expect(dialog).to_have_count(0)
    with desk.api as api:
        receipts = api.get("/receipts", purchase_id_eq=order["id"], sort="number")["data"]
    assert [r["notice_id"] for r in receipts] == [notice, notice]
