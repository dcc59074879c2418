"""Lists as people make them their own: which columns, kept in a view; and every one of them as a file."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.pages import screens

pytestmark = pytest.mark.thorough

# Screens whose tables are sums, each with the lists that its numbers open
SUMMARIES = {
    "Returns insight": ("/return-insight/shipped", "/return-insight/returned"),
    "Carriers": ("/carriers/parcels", "/carriers/choices", "/carriers/cards", "/carriers/drifts"),
}


def has_headings(desk: Desk, names: list[str]) -> None:
    """These and in this order, once the screen has followed the address."""
    expect(desk.page.locator("main thead th:not(.pick)")).to_have_text(names, use_inner_text=True)


def test_columns_are_chosen_moved_and_kept_with_a_view(desk: Desk) -> None:
    desk.goes("/orders")
    usual = ["Order", "Placed", "Customer", "Status", "Payment", "Channel", "Tags", "Total"]
    has_headings(desk, usual)
    desk.page.get_by_role("button", name="Columns").click()
    chooser = desk.page.get_by_role("dialog", name="Columns")
    for name in ("Placed", "Payment", "Channel", "Tags"):
        chooser.get_by_role("checkbox", name=name).click()
    chooser.get_by_role("checkbox", name="Tax").click()
    chooser.get_by_role("button", name="Move Tax to the left").click()
    assert desk.violations() == []
    desk.presses("Escape")
    expect(chooser).to_have_count(0)
    wanted = ["Order", "Customer", "Status", "Tax", "Total"]
    has_headings(desk, wanted)
    assert "columns=number%2Cemail%2Cstatus%2Ctax%2Ctotal" in desk.page.url
    expect(desk.page.locator("main tbody tr").first.locator("td").nth(4)).to_contain_text(re.compile(r"\d"))

    desk.page.get_by_role("button", name="Save view").click()
    desk.page.get_by_label("Name").fill("With tax")
    desk.presses("Enter")
    expect(desk.page.get_by_role("tab", name="With tax")).to_have_attribute("aria-selected", "true")
    with desk.api as api:
        assert api.get("/views", list_eq="orders")["data"] == []  # it is of whoever made it
    desk.goes("/orders")
    has_headings(desk, usual)
    desk.page.get_by_role("tab", name="With tax").click()
    has_headings(desk, wanted)
    desk.page.get_by_role("button", name="Columns").click()
    chooser.get_by_role("checkbox", name="Customer").click()
    desk.presses("Escape")
    desk.page.get_by_role("button", name="Save changes").click()
    expect(desk.page.get_by_role("button", name="Save changes")).to_have_count(0)
    desk.goes("/orders")
    desk.page.get_by_role("tab", name="With tax").click()
    has_headings(desk, [name for name in wanted if name != "Customer"])

    desk.page.get_by_role("button", name="Columns").click()
    desk.page.get_by_role("button", name="Usual columns").click()
    desk.presses("Escape")
    has_headings(desk, usual)


def test_every_list_in_the_navigation_is_there_as_a_file_of_its_rows(desk: Desk) -> None:
    desk.goes("/")
    without = []
    for name, address in screens(desk):
        desk.goes(address)
        if desk.page.locator("main table").count() == 0 or name in ("Agents", "Your account", *SUMMARIES):
            continue
        link = desk.page.get_by_role("link", name="Export CSV")
        if link.count() == 0:
            without.append(name)
            continue
        with desk.page.expect_download() as saving:
            link.click()
        heading, *rows = list(csv.reader(saving.value.path().read_text("utf-8").splitlines()))
        assert saving.value.failure() is None
        assert len(heading) > 2, name
        assert rows, name
    for behind in (address for lists in SUMMARIES.values() for address in lists):
        desk.goes(behind)
        if desk.page.get_by_role("link", name="Export CSV").count() == 0:
            without.append(behind)
    assert without == []
