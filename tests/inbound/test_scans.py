"""What a scanner reads becomes a line of an order, over HTTP; photos are kept as pictures and nothing else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text
from starlette.testclient import TestClient

from db.catalog import Tracking, Variant
from serve.app import create_app
from serve.keys import make_key
from serve.photos import LONGEST_SIDE, MOST_OF_A_LINE
from serve.scans import BadCheckDigit, Scan, UnreadableBarcode, read_scan
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock, good
from tests.serve.conftest import error_of
from tests.shop import TESTER

MUG, TEA, PHONE = "4006381333931", "036000291452", "96385074"


class Scanner:
    def __init__(self, dock: Dock) -> None:
        self.dock = dock
        with dock.db.transaction(TESTER, now=dock.now) as tx:
            _, secret = make_key(tx, "test", sorted(ALL_SCOPES))
            _, reader = make_key(tx, "reader", ["read_purchasing"])
            for sku, barcode in (("MUG", MUG), ("TEA", TEA), ("PHONE", PHONE)):
                tx.get_one(Variant, sku).barcode = barcode
        app = create_app(dock.db, dock, clock=lambda: dock.now)
        self.client = TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
        self.reader = {"Authorization": f"Bearer {reader}"}

    def scan(self, code: str, **where: Any) -> Any:
        return self.client.get("/api/v1/receiving/scan", params={"code": code, **where})

    def told(self, code: str, **where: Any) -> dict[str, Any]:
        answer = self.scan(code, **where)
        assert answer.status_code == 200, answer.json()
        return dict(answer.json())


@pytest.fixture
def scanner(dock: Dock) -> Scanner:
    for sku, tracking in (("TEA", Tracking.lot), ("PHONE", Tracking.serial)):
        dock.a_sku(sku, tracking=tracking)
        dock.sells(sku)
    return Scanner(dock)


@pytest.mark.parametrize(
    ("scanned", "said"),
    [
        (MUG, Scan(barcodes=(MUG, f"0{MUG}"))),
        (f"]C101{'0' + MUG}10L7|17270630", Scan(barcodes=(f"0{MUG}", MUG), lot="L7", expires_on=(2027, 6, 30))),
        (f"01{'0' + MUG}10L7\x1d21S9", Scan(barcodes=(f"0{MUG}", MUG), lot="L7", serial="S9")),
        ("00376104250021234569", Scan(sscc="376104250021234569")),
        ("MUG-SAGE", Scan(barcodes=("MUG-SAGE",))),
    ],
)
def test_what_labels_say(scanned: str, said: Scan) -> None:
    found = read_scan(scanned)
    day = found.expires_on and (found.expires_on.year, found.expires_on.month, found.expires_on.day)
    assert (found.barcodes, found.lot, found.serial, day, found.sscc) == (
        said.barcodes, said.lot, said.serial, said.expires_on, said.sscc,
    )  # fmt: skip


@pytest.mark.parametrize("scanned", ["4006381333932", "(01)04006381333932(10)A", "010400638133393210A"])
def test_a_wrong_check_digit_is_told_with_the_right_one(scanned: str) -> None:
    with pytest.raises(BadCheckDigit) as caught:
        read_scan(scanned)
    assert caught.value.expected == "1"


def test_a_label_that_says_nonsense_is_refused() -> None:
    with pytest.raises(UnreadableBarcode):
        read_scan(f"010{MUG}17271300")
    with pytest.raises(UnreadableBarcode):
        read_scan("]C110LOT")


def test_a_scan_is_the_line_of_the_order_with_what_its_label_says(scanner: Scanner) -> None:
    scanner.dock.sells("MUG", case_pack=6)
    order = scanner.dock.sent(MUG=12, TEA=9, PHONE=2)
    here = {"purchase_id": str(order.id)}
    mug = scanner.told(MUG, **here)
    assert (mug["sku"], mug["line_no"], mug["quantity"], mug["lot"]) == ("MUG", 1, 1, None)
    case = scanner.told("14006381333938", **here)
    assert (case["sku"], case["quantity"]) == ("MUG", 6)
    tea = scanner.told("(01)00036000291452(10)L7(17)270630(30)4", **here)
    assert (tea["line_no"], tea["quantity"], tea["lot"], tea["expires_on"], tea["expired"]) == (
        2, 4, "L7", "2027-06-30", False,
    )  # fmt: skip
    old = scanner.told("(01)00036000291452(10)L0(17)200630", **here)
    assert old["expired"]
    phone = scanner.told("(01)00000096385074(21)SN9", **here)
    assert (phone["line_no"], phone["lot"], phone["quantity"]) == (3, "SN9", 1)
    pallet = scanner.told(f"(00)376104250021234569(02)0{MUG}(37)12", **here)
    assert (pallet["scan"], pallet["quantity"], pallet["sku"]) == ("sscc 376104250021234569", 12, "MUG")
    assert scanner.told("mug", **here)["sku"] == "MUG"
    waiting = scanner.told(MUG, node="LON")["waiting"]
    assert [(row["number"], row["line_no"], row["short"]) for row in waiting] == [(order.number, 1, 12)]


def test_a_pallet_that_two_devices_scan_is_booked_once(scanner: Scanner) -> None:
    order = scanner.dock.sent(MUG=24)
    label = f"(00)376104250021234569(02)0{MUG}(37)12"
    for _ in range(2):
        told = scanner.told(label, purchase_id=str(order.id))
        body = {"scan": told["scan"], "lines": [{"line_no": told["line_no"], "quantity": told["quantity"]}]}
        scanner.client.post(f"/api/v1/purchase-orders/{order.id}/receive", json=body)
    assert scanner.dock.level("MUG", "LON").on_hand == 12


def test_what_is_not_to_be_received_is_told_why(scanner: Scanner) -> None:
    order = scanner.dock.sent(MUG=12)
    here = {"purchase_id": str(order.id)}
    error_of(scanner.scan("4006381333932", **here), 422, "bad_check_digit")
    error_of(scanner.scan("5901234123457", **here), 404, "unknown_barcode")
    error_of(scanner.scan("00376104250021234569", **here), 409, "pallet_not_announced")
    error = error_of(scanner.scan(TEA, **here), 409, "not_on_this_order")
    assert (error["details"]["sku"], error["details"]["tracking"]) == ("TEA", "lot")
    error_of(scanner.scan("14006381333938", **here), 409, "case_size_unknown")


def test_an_order_tells_what_is_short_over_damaged_and_wrong(scanner: Scanner) -> None:
    dock = scanner.dock
    dock.a_sku("BOWL")
    order = dock.sent(MUG=12, PLATE=3)
    wrong = good(None, 2, sku="BOWL", condition="wrong", reason="bowls")
    dock.receive(order.id, good(1, 4), good(1, 1, condition="damaged", reason="crushed"), wrong)
    dock.receive(order.id, good(2, 5), scan="S2", accept_over="they sell")
    told = scanner.client.get(f"/api/v1/purchase-orders/{order.id}/receiving").json()
    assert [(r["sku"], r["received"], r["short"], r["over"], r["good"], r["damaged"]) for r in told["lines"]] == [
        ("MUG", 5, 7, 0, 4, 1), ("PLATE", 5, 0, 2, 5, 0),
    ]  # fmt: skip
    assert told["wrong"] == [{"sku": "BOWL", "title": "Bowl", "quantity": 2}]
    assert told["totals"] == {
        "ordered": 15, "received": 10, "short": 7, "closed_short": 0, "over": 2, "damaged": 1, "wrong": 2,
    }  # fmt: skip


def a_picture(form: str, size: tuple[int, int] = (40, 30), **how: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, format=form, **how)
    return out.getvalue()


def test_a_photo_is_kept_with_its_line_and_shown_as_a_picture_alone(scanner: Scanner) -> None:
    order = scanner.dock.sent(MUG=10)
    made = scanner.dock.receive(order.id, good(1, 1, condition="damaged", reason="crushed"))
    path = f"/api/v1/receipts/{made.id}/lines/1/photos"
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret Camera"  # held upright: stored lying, to be turned
    taken = a_picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    kept = scanner.client.post(path, content=taken)
    assert kept.status_code == 201, kept.json()
    assert (kept.json()["media_type"], kept.json()["width"], kept.json()["height"]) == ("image/jpeg", 30, 40)
    assert scanner.client.post(path, content=taken).json()["id"] == kept.json()["id"]
    shown = scanner.client.get(f"/api/v1/receipt-photos/{kept.json()['id']}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert b"Secret" not in shown.content
    assert b"script" not in shown.content
    assert Image.open(BytesIO(shown.content)).size == (30, 40)
    receipt = scanner.client.get(f"/api/v1/receipts/{made.id}").json()
    assert [(p["line_no"], p["id"]) for p in receipt["photos"]] == [(1, kept.json()["id"])]
    error_of(scanner.client.post(path, content=taken, headers=scanner.reader), 403, "missing_scope")


def test_a_photo_is_removed_by_who_took_it_or_judges_goods_and_the_log_says_why(scanner: Scanner) -> None:
    order = scanner.dock.sent(MUG=10)
    made = scanner.dock.receive(order.id, good(1, 1, condition="damaged", reason="crushed"))
    path = f"/api/v1/receipts/{made.id}/lines/1/photos"
    with scanner.dock.db.transaction(TESTER, now=scanner.dock.now) as tx:
        _, secret = make_key(tx, "docker", ["write_stock", "read_purchasing"])
    docker = {"Authorization": f"Bearer {secret}"}
    first, second = (
        scanner.client.post(path, content=a_picture("PNG", (n, 9)), headers=who).json()["id"]
        for n, who in ((5, docker), (6, None))
    )
    why = {"reason": "a thumb"}

    def remove(photo: str, body: dict[str, str], who: dict[str, str] | None) -> Any:
        return scanner.client.post(f"/api/v1/receipt-photos/{photo}/remove", json=body, headers=who)

    error_of(remove(first, {}, docker), 422, "invalid_request")
    assert error_of(remove(second, why, docker), 403, "missing_scope")["details"]["scope"] == "judge_goods"
    for photo, who in ((first, docker), (second, None)):
        gone = remove(photo, why, who)
        assert (gone.status_code, gone.json()["line_no"]) == (200, 1)
        error_of(scanner.client.get(f"/api/v1/receipt-photos/{photo}"), 404, "not_found")
    assert [scanner.dock.count(t) for t in ("receipt_photos", "receipt_photo_contents")] == [0, 0]
    log = scanner.client.get("/api/v1/audit", params={"record_eq": f"receipt_photo:{first}"}).json()["data"]
    assert sorted(entry["action"] for entry in log) == ["create", "delete"]
    with scanner.dock.db.reading() as session:
        told = session.scalars(text("SELECT why FROM transitions WHERE why LIKE 'photo%'"))
        assert list(told) == ["photo of line 1 removed: a thumb"] * 2


def test_what_is_no_photo_is_refused(scanner: Scanner) -> None:
    order = scanner.dock.sent(MUG=10)
    made = scanner.dock.receive(order.id, good(1, 1))
    path = f"/api/v1/receipts/{made.id}/lines/1/photos"
    for sent in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", a_picture("GIF"), a_picture("JPEG")[:200],
                 b"\xff\xd8" + bytes(1_600_000), a_picture("PNG", (9000, 9000))):  # fmt: skip
        error_of(scanner.client.post(path, content=sent, headers={"Content-Type": "image/jpeg"}), 422, "not_a_photo")
    big = scanner.client.post(path, content=a_picture("PNG", (3000, 1500))).json()
    assert (big["width"], big["height"]) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    for n in range(1, MOST_OF_A_LINE):
        assert scanner.client.post(path, content=a_picture("WEBP", (n, 5))).status_code == 201
    error_of(scanner.client.post(path, content=a_picture("PNG", (77, 5))), 409, "enough_photos")
    elsewhere = f"/api/v1/receipts/{made.id}/lines/2/photos"
    error_of(scanner.client.post(elsewhere, content=a_picture("PNG")), 404, "not_found")
    error_of(scanner.client.get(f"/api/v1/receipt-photos/{made.id}"), 404, "not_found")


def test_a_lot_is_listed_and_corrected(scanner: Scanner) -> None:
    order = scanner.dock.sent(TEA=10)
    path = f"/api/v1/purchase-orders/{order.id}/receive"
    line = {"line_no": 1, "quantity": 2, "lot": "L7", "expires_on": "2027-06-30"}
    assert scanner.client.post(path, json={"scan": "a", "lines": [line]}).status_code == 201
    (lot,) = scanner.client.get("/api/v1/lots", params={"sku_eq": "TEA"}).json()["data"]
    assert (lot["code"], lot["expires_on"]) == ("L7", "2027-06-30")
    other = {"scan": "b", "lines": [line | {"expires_on": "2027-07-01"}]}
    error_of(scanner.client.post(path, json=other), 409, "lot_has_other_expiry")
    body = {"expires_on": "2027-07-01", "reason": "misread", "version": lot["version"]}
    assert scanner.client.post(f"/api/v1/lots/{lot['id']}/correct", json=body).json()["expires_on"] == "2027-07-01"
    assert scanner.client.get(f"/api/v1/lots/{lot['id']}").json()["why"] == "2027-06-30 → 2027-07-01: misread"
