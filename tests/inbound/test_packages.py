"""A package that a notice announces is received by one scan of its number, as what is said to be in it."""

from __future__ import annotations

from typing import Any

import pytest

from agents.inbound.messages.notices import (
    AnnounceDelivery,
    CancelNotice,
    NoticeLineAsk,
    NoticeState,
    PackageAsk,
    PackedAsk,
)
from agents.purchasing.messages.orders import PurchaseState
from db.catalog import Tracking
from tests.inbound.conftest import Dock, good
from tests.inbound.test_scans import MUG, Scanner
from tests.serve.conftest import error_of

SSCC, OTHER, BARE = "340123450000000017", "340123450000000024", "376104250021234569"


@pytest.fixture
def scanner(dock: Dock) -> Scanner:
    for sku, tracking in (("TEA", Tracking.lot), ("PHONE", Tracking.serial)):
        dock.a_sku(sku, tracking=tracking)
        dock.sells(sku)
    return Scanner(dock)


def announced(dock: Dock, *lines: NoticeLineAsk, packages: list[PackageAsk], reference: str = "ASN-1") -> NoticeState:
    ask = AnnounceDelivery(
        supplier="HANSA", node="LON", reference=reference, lines=list(lines), packages=packages
    )  # fmt: skip
    return dock.do("inbound", ask, NoticeState)


def line(order: PurchaseState, no: int, units: int, **more: Any) -> NoticeLineAsk:
    return NoticeLineAsk(purchase_id=order.id, line_no=no, units=units, **more)


def packed(sscc: str, *inside: tuple[int, int]) -> PackageAsk:
    return PackageAsk(sscc=sscc, contents=[PackedAsk(line=no, units=units) for no, units in inside])


def book(scanner: Scanner, order: PurchaseState, told: dict[str, Any]) -> Any:
    """What the station sends of a package."""
    lines = [{n: one[n] for n in ("line_no", "quantity", "lot", "expires_on")} for one in told["package"]["lines"]]
    body = {"scan": told["scan"], "notice_id": told["package"]["notice_id"], "lines": lines}
    return scanner.client.post(f"/api/v1/purchase-orders/{order.id}/receive", json=body)


def test_a_scanned_package_is_received_as_its_notice_says_and_once(dock: Dock, scanner: Scanner) -> None:
    order = dock.sent(MUG=10, TEA=5)
    notice = announced(
        dock, line(order, 1, 10), line(order, 2, 5, lot="L7", expiry="2027-06-30"),
        packages=[packed(SSCC, (1, 4), (2, 5)), packed(OTHER, (1, 6))],
    )  # fmt: skip
    told = scanner.told(f"00{SSCC}", purchase_id=order.id)
    assert (told["sku"], told["quantity"], told["scan"], told["package"]["notice"]) == (
        None, 9, f"sscc {SSCC}", notice.number
    )  # fmt: skip
    assert [(n["line_no"], n["sku"], n["quantity"], n["lot"], n["expires_on"]) for n in told["package"]["lines"]] == [
        (1, "MUG", 4, "", None), (2, "TEA", 5, "L7", "2027-06-30")
    ]  # fmt: skip
    assert scanner.told(SSCC, purchase_id=order.id) == told  # typed without the 00
    first, second = book(scanner, order, told), book(scanner, order, told)
    assert (first.status_code, first.json()["id"]) == (201, second.json()["id"])
    assert first.json()["notice_status"] == "receiving"
    assert dock.lies("MUG") == {"RECEIVING": 4}
    again = scanner.told(f"(00){SSCC}", purchase_id=order.id)
    assert again["package"]["receipt"] == first.json()["number"]
    rest = book(scanner, order, scanner.told(f"00{OTHER}", purchase_id=order.id))
    assert rest.json()["notice_status"] == "received"


def test_a_package_that_was_taken_back_can_be_booked_again(dock: Dock, scanner: Scanner) -> None:
    order = dock.sent(MUG=10)
    announced(dock, line(order, 1, 10), packages=[packed(SSCC, (1, 10))])
    first = book(scanner, order, scanner.told(f"00{SSCC}", purchase_id=order.id)).json()
    dock.back(first["id"])
    told = scanner.told(f"00{SSCC}", purchase_id=order.id)
    assert (told["scan"], told["package"]["receipt"]) == (f"sscc {SSCC} again 1", None)
    assert book(scanner, order, told).json()["id"] != first["id"]
    assert dock.lies("MUG") == {"RECEIVING": 10}


def test_a_pallet_whose_label_says_what_is_on_it_can_be_booked_again_too(dock: Dock, scanner: Scanner) -> None:
    order = dock.sent(MUG=12)
    label = f"(00){BARE}(02)0{MUG}(37)12"
    scan = scanner.told(label, purchase_id=order.id)["scan"]
    first = dock.receive(order.id, good(1, 12), scan=scan)
    dock.back(first.id)
    scan = scanner.told(label, purchase_id=order.id)["scan"]
    assert dock.receive(order.id, good(1, 12), scan=scan).id != first.id
    assert dock.lies("MUG") == {"RECEIVING": 12}


def test_a_package_of_two_orders_is_received_on_each_and_says_what_is_of_the_other(
    dock: Dock, scanner: Scanner
) -> None:
    one, two, third = dock.sent(MUG=10), dock.sent(PLATE=4), dock.sent(MUG=1)
    notice = announced(dock, line(one, 1, 10), line(two, 1, 4), packages=[packed(SSCC, (1, 10), (2, 4))])
    told = scanner.told(f"00{SSCC}", purchase_id=one.id)
    assert [(n["sku"], n["quantity"]) for n in told["package"]["lines"]] == [("MUG", 10)]
    assert told["package"]["elsewhere"] == [{"purchase_id": str(two.id), "number": two.number, "units": 4}]
    book(scanner, one, told)
    assert book(scanner, two, scanner.told(f"00{SSCC}", purchase_id=two.id)).json()["notice_status"] == "received"
    # Without an order it says where it belongs: what is still to come of it first.
    anywhere = scanner.told(f"00{SSCC}", node="LON")
    assert [each["number"] for each in anywhere["waiting"]] == [one.number, two.number]
    refusal = error_of(scanner.scan(f"00{SSCC}", purchase_id=third.id), 409, "package_of_other_order")
    assert refusal["message"] == (
        f"By {notice.number} nothing in {SSCC} is of {third.number}. It is of {one.number}, {two.number}."
    )


def test_what_the_notice_does_not_say_is_scanned_by_itself(dock: Dock, scanner: Scanner) -> None:
    order = dock.sent(MUG=10, TEA=5, PHONE=2)
    lines = [line(order, 1, 10), line(order, 2, 5), line(order, 3, 2)]
    third = "340123450000000031"
    notice = announced(
        dock, *lines, packages=[packed(SSCC), packed(OTHER, (2, 5)), packed(third, (3, 2))]
    )  # fmt: skip

    def said(sscc: str, code: str) -> str:
        return str(error_of(scanner.scan(f"00{sscc}", purchase_id=order.id), 409, code)["message"])

    assert said(SSCC, "contents_not_said") == (
        f"{notice.number} announces the package {SSCC}, and not what is in it. Scan the goods in it."
    )
    assert said(OTHER, "package_needs_scans").startswith("TEA is tracked by lot, and ")
    assert said(third, "package_needs_scans").startswith("PHONE is tracked by serial, and ")
    said(BARE, "pallet_not_announced")
    dock.do("inbound", CancelNotice(notice_id=notice.id, reason="wrong"), NoticeState)
    said(OTHER, "pallet_not_announced")
