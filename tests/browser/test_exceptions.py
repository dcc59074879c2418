"""A parcel in trouble is found in the queue, helped and claimed; a carrier's invoice is held against its labels."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk

pytestmark = pytest.mark.thorough


def a_parcel_out(desk: Desk, number: int) -> dict[str, str]:
    """A label of a parcel that is on its way; each test takes another."""
    with desk.api as api:
        tracks = api.get("/tracks", status_in="pending,in_transit", sort="-handed_over_at", limit=20)["data"]
        labels = api.get("/labels", id_eq=tracks[number]["label_id"])["data"]
    return labels[0]  # type: ignore[no-any-return]


def test_a_lost_parcel_from_the_queue_to_the_claim(desk: Desk) -> None:
    page = desk.page
    label = a_parcel_out(desk, 0)
    with desk.api as api:
        body = {"kind": "lost", "why": "the driver says that it is gone"}
        opened = api.post(f"/parcels/{label['parcel_id']}/exception", body, key="gone")
    desk.goes(f"/exceptions?kind_eq=lost&order_number_eq={order_number(desk, label['order_id'])}")
    row = page.locator("main tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("the driver says that it is gone")
    expect(page.get_by_role("img", name=re.compile("^Age of"))).to_be_visible()
    desk.looked_at("exceptions-1")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/exceptions/{opened['id']}"))
    expect(page.get_by_text("Cheapest")).to_be_visible()
    desk.looked_at("exceptions-2")
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("button", name="I do").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("main .chip").get_by_text("Taken", exact=True)).to_be_visible()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Claim").click()
    page.get_by_label("Why").fill("it is gone")
    page.get_by_role("button", name="Draft a claim").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name=re.compile(r"^K\d+")).click()
    page.wait_for_url(re.compile("/exceptions/claims/"))
    page.get_by_role("button", name="Evidence").click()
    page.get_by_label("What it is").fill("invoice of the goods")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("main li").get_by_text("invoice of the goods", exact=True)).to_be_visible()
    page.get_by_role("button", name="File", exact=True).click()
    page.get_by_label("The carrier's number").fill("C-99")
    page.get_by_role("button", name="It is filed").click()
    expect(page.get_by_text("C-99").first).to_be_visible()
    desk.looked_at("exceptions-3")


def order_number(desk: Desk, order_id: str) -> str:
    with desk.api as api:
        return str(api.get(f"/orders/{order_id}")["number"])


def test_a_carriers_invoice_is_brought_and_what_is_too_much_is_disputed(desk: Desk) -> None:
    page = desk.page
    label = a_parcel_out(desk, 1)
    fair = f"{label['amount'] / 100:.2f}"  # type: ignore[operator]
    number = label["tracking_number"]
    file = f"tracking_number,kind,amount\n{number},base,{fair}\n{number},peak,3.10\n"
    desk.goes("/carrier-invoices")
    page.get_by_role("button", name="Bring an invoice").click()
    page.get_by_role("dialog").get_by_label("Carrier").fill(label["carrier"])
    page.get_by_label("Its number").fill("BILL-1")
    page.locator("input[type=file]").set_input_files(
        {"name": "bill.csv", "mimeType": "text/csv", "buffer": file.encode()}
    )
    page.get_by_role("button", name="Hold it against the labels").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    desk.goes("/carrier-invoices?invoice_eq=BILL-1&state_eq=open")
    row = page.locator("main tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("peak €3.10")
    desk.looked_at("exceptions-4")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Dispute").click()
    page.get_by_label("How the carrier was told").fill("by mail")
    page.get_by_role("dialog").get_by_role("button", name="Dispute").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    desk.goes("/carrier-invoices?invoice_eq=BILL-1&state_eq=disputed")
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name=re.compile("Disputes with"))).to_be_visible()
    desk.looked_at("exceptions-5")
