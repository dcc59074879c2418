"""Suppliers say what is on its way; it comes as they said, short, over, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from agents.inbound.expecting import expect, quantile
from agents.inbound.messages.notices import (
    AnnounceDelivery,
    CancelNotice,
    CloseNotice,
    NoticeLineAsk,
    NoticeState,
    PackageAsk,
    PackedAsk,
    PostponeNotice,
    ReportArrival,
    ShipNotice,
)
from agents.inbound.messages.receipts import ReceiptState, ReceiveGoods
from agents.inbound.notices import check_sscc
from agents.inbound.refusals import BadSscc
from agents.purchasing.messages.orders import ConfirmPurchase, PurchaseState
from db.errors import Refused
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock, good
from tests.serve.conftest import error_of
from tests.shop import START, TESTER

SSCC = "340123450000000017"  # GS1's own example of the check digit: 3 4012345 000000001 7
OTHER = "340123450000000024"


def line(order: PurchaseState, line_no: int, units: int, **more: Any) -> NoticeLineAsk:
    return NoticeLineAsk(purchase_id=order.id, line_no=line_no, units=units, **more)


def ask(*lines: NoticeLineAsk, reference: str = "ASN-1", **more: Any) -> AnnounceDelivery:
    return AnnounceDelivery(supplier="HANSA", node="LON", reference=reference, lines=list(lines), **more)


def announced(dock: Dock, *lines: NoticeLineAsk, reference: str = "ASN-1", **more: Any) -> NoticeState:
    return dock.do("inbound", ask(*lines, reference=reference, **more), NoticeState)


def received(dock: Dock, order: PurchaseState, notice: NoticeState, *goods: Any, scan: str = "S1") -> ReceiptState:
    return dock.do(
        "inbound",
        ReceiveGoods(purchase_id=order.id, scan=scan, notice_id=notice.id, lines=list(goods)),
        ReceiptState,
    )


def _in(dock: Dock, days: float) -> datetime:
    return dock.now + timedelta(days=days)


def shown(dock: Dock, notice: UUID) -> dict[str, Any]:
    return dict(_client(dock).get(f"/api/v1/advance-notices/{notice}").json())


def _client(dock: Dock, scopes: list[str] | None = None) -> TestClient:
    with dock.db.transaction(TESTER, now=dock.now) as tx:
        _, secret = make_key(tx, "test", scopes or sorted(ALL_SCOPES))
    client = TestClient(create_app(dock.db, dock, clock=lambda: dock.now))
    client.headers["authorization"] = f"Bearer {secret}"
    return client


def test_what_was_announced_is_received_in_parts_and_the_notice_follows(dock: Dock) -> None:
    order = dock.sent(MUG=10, PLATE=4)
    notice = announced(dock, line(order, 1, 10), line(order, 2, 4))
    assert (notice.status, [n["units"] for n in notice.lines]) == ("announced", [10, 4])
    assert dock.do("inbound", ShipNotice(notice_id=notice.id), NoticeState).status == "in_transit"
    assert dock.do("inbound", ReportArrival(notice_id=notice.id), NoticeState).status == "arrived"
    first = received(dock, order, notice, good(1, 6))
    assert (first.notice, first.notice_status) == (notice.number, "receiving")
    last = received(dock, order, notice, good(1, 4), good(2, 4), scan="S2")
    assert (last.notice_status, last.purchase_status) == ("received", "received")
    said = [e["status"] for e in dock.said("AnnouncedDeliveryMoved")]
    assert said == ["in_transit", "arrived", "receiving", "received"]


def test_each_line_says_what_is_short_and_what_is_over_of_it(dock: Dock) -> None:
    order = dock.sent(MUG=10, PLATE=4)
    notice = announced(dock, line(order, 1, 8), line(order, 2, 4))
    received(dock, order, notice, good(1, 10), good(2, 1))
    closed = dock.do("inbound", CloseNotice(notice_id=notice.id, reason="three were not there"), NoticeState)
    assert [(n["received"], n["short"], n["over"]) for n in closed.lines] == [(10, 0, 2), (1, 3, 0)]
    assert closed.status == "closed"
    late = ReceiveGoods(purchase_id=order.id, scan="S2", notice_id=notice.id, lines=[good(2, 3)])
    dock.no(late, "notice_over")
    assert dock.coming("PLATE") == 3  # closing a notice gives nothing of the order up


def test_an_order_says_which_notices_are_of_it_and_what_they_still_announce(dock: Dock) -> None:
    order, other = dock.sent(MUG=10, PLATE=4), dock.sent(MUG=5)
    first = announced(dock, line(order, 1, 6), reference="ASN-1", said_at=_in(dock, 3))
    both = announced(dock, line(order, 1, 3), line(other, 1, 5), reference="ASN-2", said_at=_in(dock, 2))
    gone = announced(dock, line(order, 2, 4), reference="ASN-3")
    dock.do("inbound", CancelNotice(notice_id=gone.id, reason="said twice"), NoticeState)
    received(dock, order, first, good(1, 2))
    client = _client(dock)

    def of(purchase: PurchaseState) -> tuple[list[str], list[str], list[int]]:
        listed = client.get("/api/v1/advance-notices", params={"purchase_id_eq": str(purchase.id), "sort": "number"})
        at_dock = client.get(f"/api/v1/purchase-orders/{purchase.id}/receiving").json()
        lines = client.get(f"/api/v1/purchase-orders/{purchase.id}").json()["lines"]
        return (
            [row["number"] for row in listed.json()["data"]],
            [row["number"] for row in at_dock["notices"]],
            [row["announced"] for row in lines],
        )

    assert of(order) == ([first.number, both.number, gone.number], [both.number, first.number], [4 + 3, 0])
    assert of(other) == ([both.number], [both.number], [5])
    received(dock, order, first, good(1, 4), scan="S2")
    assert of(order)[1:] == ([both.number], [3, 0])


def test_a_notice_shows_its_sums_its_orders_and_its_history(dock: Dock) -> None:
    order = dock.sent(MUG=10, PLATE=4)
    notice = announced(dock, line(order, 1, 8), line(order, 2, 4))
    dock.do("inbound", ShipNotice(notice_id=notice.id), NoticeState)
    dock.do("inbound", PostponeNotice(notice_id=notice.id, said_at=_in(dock, 9), reason="no lorry"), NoticeState)
    receipt = received(dock, order, notice, good(1, 10), good(2, 1))
    told = shown(dock, notice.id)
    assert [told[n] for n in ("units", "received", "short", "over")] == [12, 11, 3, 2]
    assert [(n["purchase"], n["short"], n["over"]) for n in told["lines"]] == [
        (order.number, 0, 2),
        (order.number, 3, 0),
    ]
    moves = [(h["from_status"], h["to_status"]) for h in told["history"]]
    assert moves == [
        ("in_transit", "receiving"), ("in_transit", "in_transit"), ("announced", "in_transit"), (None, "announced"),
    ]  # fmt: skip
    assert told["history"][0]["why"] == receipt.number
    assert told["history"][1]["why"].endswith(": no lorry")


def test_a_receipt_taken_back_takes_the_notice_back_too(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    notice = announced(dock, line(order, 1, 10))
    made = received(dock, order, notice, good(1, 10))
    assert made.notice_status == "received"
    back = dock.back(made.id)
    assert back.notice_status == "announced"
    assert shown(dock, notice.id)["received"] == 0


def test_lots_count_on_the_line_that_announced_them(dock: Dock) -> None:
    dock.a_sku("TEA", tracking="lot")
    dock.sells("TEA")
    order = dock.sent(TEA=10)
    notice = announced(dock, line(order, 1, 4, lot="A", expiry="06/2027"), line(order, 1, 6, lot="B"))
    received(dock, order, notice, good(1, 6, lot="B"), good(1, 1, lot="C"))
    assert [n["received"] for n in shown(dock, notice.id)["lines"]] == [1, 6]


def test_what_nobody_announced_counts_on_the_order_alone(dock: Dock) -> None:
    order = dock.sent(MUG=10, PLATE=4)
    notice = announced(dock, line(order, 1, 10))
    made = received(dock, order, notice, good(2, 4))
    assert made.notice_status == "receiving"
    assert (shown(dock, notice.id)["received"], dock.coming("PLATE")) == (0, 0)
    assert dock.back(made.id).notice_status == "announced"


def test_a_reference_is_said_once_by_a_supplier_however_many_say_it_at_once(dock: Dock) -> None:
    order = dock.sent(MUG=10)

    def one(_: int) -> str:
        try:
            return announced(dock, line(order, 1, 10)).number
        except Refused as no:
            return no.code

    with ThreadPoolExecutor(6) as people:
        said = list(people.map(one, range(6)))
    assert sorted(said)[1:] == ["announced_already"] * 5
    assert dock.count("advance_notices") == 1


def test_the_number_of_a_notice_that_was_cancelled_is_free_again(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    wrong = announced(dock, line(order, 1, 9))
    dock.do("inbound", CancelNotice(notice_id=wrong.id, reason="one too few"), NoticeState)
    right = announced(dock, line(order, 1, 10))
    assert right.number != wrong.number
    assert dock.no(ask(line(order, 1, 10)), "announced_already").facts()["number"] == right.number


@pytest.mark.parametrize("year", [1, 2023, 2032, 9999])
def test_a_date_that_nobody_can_mean_is_refused(dock: Dock, year: int) -> None:
    for n in range(3):  # from three on it is learned how late they come, and added to what is said
        order = dock.sent(MUG=1)
        notice = announced(dock, line(order, 1, 1), reference=f"ASN-{n}", said_at=_in(dock, 2 * n))
        dock.later(days=9)
        received(dock, order, notice, good(1, 1))
    order = dock.sent(MUG=1)
    notice = announced(dock, line(order, 1, 1), reference="ASN-9")
    far = datetime(year, 1, 1, tzinfo=UTC) if year < 2026 else datetime(year, 12, 31, tzinfo=UTC)
    dock.no(ask(line(order, 1, 1), reference="ASN-10", said_at=far), "bad_field")
    dock.no(ShipNotice(notice_id=notice.id, said_at=far), "bad_field")
    dock.no(PostponeNotice(notice_id=notice.id, said_at=far, reason="no driver"), "bad_field")
    path = f"/api/v1/advance-notices/{notice.id}/postpone"
    said = far.isoformat().replace("+00:00", "Z")
    answer = _client(dock).post(path, json={"said_at": said, "reason": "no driver"})
    error_of(answer, 422, "bad_field")


def test_units_beyond_what_is_still_to_come_are_told_apart(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    assert announced(dock, line(order, 1, 7)).lines[0]["beyond"] == 0
    assert announced(dock, line(order, 1, 7), reference="ASN-2").lines[0]["beyond"] == 4


def test_a_notice_is_of_orders_of_its_supplier_and_node_that_are_on_their_way(dock: Dock) -> None:
    order, draft = dock.sent(MUG=10), dock.drafted(MUG=1)
    dock.a_supplier("OTHER")
    dock.a_node("BER")
    with_other = AnnounceDelivery(supplier="OTHER", node="LON", reference="X", lines=[line(order, 1, 1)])
    dock.no(with_other, "not_of_this_notice")
    elsewhere = AnnounceDelivery(supplier="HANSA", node="BER", reference="X", lines=[line(order, 1, 1)])
    dock.no(elsewhere, "not_of_this_notice")
    dock.no(ask(line(draft, 1, 1)), "not_on_its_way")
    dock.no(ask(line(order, 9, 1)), "not_found")
    dock.no(ask(), "bad_field")
    assert dock.count("advance_notices") == 0


def test_a_package_is_on_one_notice_until_that_is_cancelled(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    pallet = PackageAsk(sscc=SSCC, contents=[PackedAsk(line=1, units=5)])
    first = announced(dock, line(order, 1, 5), packages=[pallet])
    again = ask(line(order, 1, 5), reference="ASN-2", packages=[pallet])
    assert dock.no(again, "package_elsewhere").facts()["number"] == first.number
    dock.do("inbound", CancelNotice(notice_id=first.id, reason="wrong truck"), NoticeState)
    assert dock.do("inbound", again, NoticeState).packages == [SSCC]
    too_many = PackageAsk(sscc=OTHER, contents=[PackedAsk(line=1, units=6)])
    dock.no(ask(line(order, 1, 5), reference="ASN-3", packages=[too_many]), "bad_field")
    dock.no(CancelNotice(notice_id=first.id, reason="again"), "illegal_move")


@pytest.mark.parametrize("wrong", [SSCC[:-1] + "8", SSCC[1:], "3401234500000000AB", "\uff13" * 18])
def test_what_is_no_sscc_is_refused(wrong: str) -> None:
    check_sscc(SSCC)
    with pytest.raises(BadSscc):
        check_sscc(wrong)


def test_only_what_is_on_its_way_can_be_postponed(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    notice = announced(dock, line(order, 1, 10), said_at=_in(dock, 5))
    later = PostponeNotice(notice_id=notice.id, said_at=_in(dock, 9), reason="no driver")
    assert dock.do("inbound", later, NoticeState).expected_at == _in(dock, 9)
    dock.do("inbound", ReportArrival(notice_id=notice.id), NoticeState)
    dock.no(later, "illegal_move")
    dock.no(ShipNotice(notice_id=notice.id), "illegal_move")


def test_how_late_a_supplier_comes_is_learned_from_notices_that_came(dock: Dock) -> None:
    for n, days in enumerate((1, 2, 6)):
        order = dock.sent(MUG=1)
        notice = announced(dock, line(order, 1, 1), reference=f"ASN-{n}", said_at=_in(dock, 10))
        assert (notice.expected_from, notice.observations) == ("said", 0)
        dock.later(days=10 + days)
        received(dock, order, notice, good(1, 1))
    order = dock.sent(MUG=1)
    said = _in(dock, 10)
    notice = announced(dock, line(order, 1, 1), reference="ASN-9", said_at=said)
    assert (notice.expected_from, notice.observations) == ("record", 3)
    assert (notice.expected_at, notice.expected_late_at) == (said + timedelta(days=2), said + timedelta(days=6))
    assert notice.expected_why.startswith("of 3 deliveries to LON half came 2.0 days after")
    undated = announced(dock, line(order, 1, 1), reference="ASN-10")
    assert (undated.expected_from, undated.observations) == ("lead_times", 3)
    assert undated.expected_at == dock.now + timedelta(days=12)


def test_who_postpones_until_the_goods_are_there_is_not_punctual(dock: Dock) -> None:
    for n in range(3):
        order = dock.sent(MUG=1)
        notice = announced(dock, line(order, 1, 1), reference=f"ASN-{n}", said_at=_in(dock, 2))
        dock.later(days=2)
        later = PostponeNotice(notice_id=notice.id, said_at=_in(dock, 5), reason="no driver")
        dock.do("inbound", later, NoticeState)
        dock.later(days=5)
        received(dock, order, notice, good(1, 1))
    order = dock.sent(MUG=1)
    notice = announced(dock, line(order, 1, 1), reference="ASN-9", said_at=_in(dock, 2))
    assert (notice.observations, notice.expected_at) == (3, _in(dock, 7))
    ask = PostponeNotice(notice_id=notice.id, said_at=_in(dock, 4), reason="no driver")
    moved = dock.do("inbound", ask, NoticeState)
    assert moved.expected_at == _in(dock, 7)
    assert "it said 2026-03-25 first and says 2026-03-27 now" in moved.expected_why
    ask = PostponeNotice(notice_id=notice.id, said_at=_in(dock, 9), reason="no driver")
    assert dock.do("inbound", ask, NoticeState).expected_at == _in(dock, 9)


def test_an_order_without_notices_is_held_against_the_date_that_was_confirmed_first(dock: Dock) -> None:
    for _ in range(3):
        order = dock.sent(MUG=1)
        for days in (2, 7):
            confirm = ConfirmPurchase(purchase_id=order.id, expected_at=_in(dock, days))
            dock.do("purchasing", confirm, PurchaseState)
        dock.later(days=7)
        dock.receive(order.id, good(1, 1), scan=str(order.id))
    order = dock.sent(MUG=1)
    notice = announced(dock, line(order, 1, 1), reference="ASN-9", said_at=_in(dock, 2))
    assert (notice.observations, notice.expected_at) == (3, _in(dock, 7))


def test_what_the_expected_time_rests_on() -> None:
    def on(days: float) -> datetime:
        return START + timedelta(days=days)

    known: dict[str, Any] = {"since": START, "now": START, "node": "LON", "took": [], "lead_days": 14}
    terms = expect(said_at=None, late=[], **known)
    assert (terms.rests_on, terms.at, terms.observations) == ("terms", on(14), 0)
    elsewhere = [("BER", 1.0), ("BER", 2.0), ("LON", 3.0)]
    found = expect(said_at=on(1), late=elsewhere, **known)
    assert (found.observations, found.at) == (3, on(3))
    assert "to all nodes" in found.why
    over = expect(said_at=on(-3), late=[], **known)
    assert over.at == over.late_at == START
    assert "may come any time" in over.why
    assert [quantile([5.0, 1.0, 3.0, 2.0], q) for q in (0.5, 0.9)] == [2.0, 5.0]


def test_notices_over_http(dock: Dock) -> None:
    order = dock.sent(MUG=10)
    client, reader = _client(dock), _client(dock, ["read_purchasing"])
    body = {
        "supplier": "HANSA",
        "node": "LON",
        "reference": "ASN-1",
        "lines": [{"purchase_id": str(order.id), "line_no": 1, "units": 10}],
        "packages": [{"sscc": SSCC, "contents": [{"line": 1, "units": 10}]}],
    }
    error_of(reader.post("/api/v1/advance-notices", json=body), 403, "missing_scope")
    made = client.post("/api/v1/advance-notices", json=body)
    assert made.status_code == 201, made.text
    notice = made.json()["id"]
    again = error_of(client.post("/api/v1/advance-notices", json=body), 409, "announced_already")
    assert made.json()["number"] in again["message"]
    wrong = body | {"reference": "ASN-2", "packages": [{"sscc": SSCC[:-1] + "0"}]}
    assert "end in 7" in error_of(client.post("/api/v1/advance-notices", json=wrong), 422, "bad_sscc")["message"]
    rows = reader.get("/api/v1/advance-notices", params={"status_eq": "announced"}).json()["data"]
    assert [(r["number"], r["units"], r["received"]) for r in rows] == [(made.json()["number"], 10, 0)]
    goods = {"scan": "S1", "notice_id": notice, "lines": [{"line_no": 1, "quantity": 10}]}
    booked = client.post(f"/api/v1/purchase-orders/{order.id}/receive", json=goods)
    assert booked.json()["notice_status"] == "received", booked.text
    told = client.get(f"/api/v1/advance-notices/{notice}").json()
    assert (told["status"], told["lines"][0]["received"], told["next"]) == ("received", 10, ["receive"])
    stale = client.post(f"/api/v1/advance-notices/{notice}/cancel", json={"reason": "no", "version": 1})
    error_of(stale, 409, "stale_version")
    end = client.post(f"/api/v1/advance-notices/{notice}/cancel", json={"reason": "no"})
    error_of(end, 409, "illegal_move")
