"""A file with rows that are wrong: brought, mapped, tried, run, mended and run again, as somebody at a desk does it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough

FILE = """\
handle,title,Our no.,price,currency
import-jug,Imported jug,IMP-JUG,24.00,EUR
import-tray,Imported tray,IMP-TRAY,twelve,EUR
import-vase,Imported vase,IMP-VASE,31.50,EURO
"""


def brought(desk: Desk, path: Path) -> None:
    """The file is chosen on the import screen and read."""
    desk.goes("/imports/new")
    desk.page.get_by_role("radio", name="Products").click()
    desk.page.get_by_label("File to import").set_input_files(path)
    desk.sees(path.name)


def counted(desk: Desk, what: str, count: int) -> None:
    expect(desk.page.locator("dl.counts > div").filter(has_text=what)).to_have_text(f"{what}{count}")


def test_an_import_with_bad_rows_is_mended_and_what_came_in_stands_in_its_list(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "new goods.csv"
    path.write_text(FILE)
    brought(desk, path)
    dry_run = desk.page.get_by_role("button", name="Dry run")
    expect(desk.page.get_by_text("Say where sku comes from")).to_be_visible()
    expect(dry_run).to_be_disabled()
    desk.page.get_by_label("Where sku comes from").click()
    desk.page.get_by_role("option", name="Our no.").click()
    expect(desk.page.get_by_text("Save the columns first.")).to_be_visible()
    desk.page.get_by_role("button", name="Save columns").click()

    dry_run.click()
    expect(desk.page.get_by_role("heading", name="What would happen")).to_be_visible()
    counted(desk, "Created", 1)
    counted(desk, "Rows left out", 2)
    with desk.api as api:
        assert api.get("/products", handle_start="import-")["data"] == []

    desk.page.get_by_role("button", name="Import", exact=True).click()
    expect(desk.page.get_by_role("heading", name="What happened")).to_be_visible()
    counted(desk, "Created", 1)
    why = desk.page.locator("table.mend tr.why")
    expect(why).to_have_count(2)
    expect(why.first).to_contain_text("'twelve' is not an amount in EUR")
    expect(why.last).to_contain_text("EURO")
    assert desk.violations() == []

    with desk.page.expect_download() as saving:
        desk.page.get_by_role("link", name="Rows left out, as CSV").click()
    left_out = list(csv.DictReader(saving.value.path().read_text("utf-8-sig").splitlines()))
    assert saving.value.suggested_filename == "new goods.errors.csv"
    assert [(row["Our no."], row["price"]) for row in left_out] == [("IMP-TRAY", "twelve"), ("IMP-VASE", "31.50")]
    assert all(row["error"] for row in left_out)

    desk.page.get_by_label("price of row 3").fill("12.00")
    again = desk.page.get_by_role("button", name="Import the 2 rows that are left")
    expect(again).to_be_disabled()  # what is typed would not be looked at
    desk.page.get_by_label("currency of row 4").fill("EUR")
    desk.page.get_by_role("button", name="Save 2 mended rows").click()
    expect(desk.page.locator("table.mend .unit")).to_have_text(["mended", "mended"])
    again.click()
    counted(desk, "Created", 3)
    counted(desk, "Rows left out", 0)
    expect(desk.page.locator("table.mend")).to_have_count(0)
    expect(desk.page.get_by_role("button", name=re.compile("^Import"))).to_have_count(0)

    desk.goes("/products?handle_start=import-&sort=handle")
    expect(desk.page.locator("main tbody tr")).to_have_count(3)
    for row, title in zip(desk.page.locator("main tbody tr").all(), ("jug", "tray", "vase"), strict=True):
        expect(row).to_contain_text(f"Imported {title}")
