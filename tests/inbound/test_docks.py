"""A dock is given to one lorry at a time, when goods are taken in; what is expected there is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from starlette.testclient import TestClient

from agents.inbound.messages.docks import (
    AppointmentState,
    ArriveAppointment,
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    DockHoursState,
    DockState,
    FinishAppointment,
    MissAppointment,
    PutDock,
    PutDockHours,
)
from agents.inbound.messages.notices import (
    AnnounceDelivery,
    CancelNotice,
    NoticeLineAsk,
    NoticeState,
    PackageAsk,
    ReportArrival,
)
from agents.inbound.messages.receipts import ReceiptState, ReceiveGoods
from agents.inventory.messages import NodeState, PutNode
from agents.purchasing.messages.orders import CancelPurchase, PurchaseState
from db.dock_slots import Busy, Goods, Slot, Span, free_slots
from db.errors import Refused
from serve.app import create_app
from serve.dock_calendar import lasting
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock, good
from tests.serve.conftest import error_of
from tests.shop import START, TESTER

MONDAY = date(2026, 3, 2)  # the clock of the tests stands at nine of it, and London has Greenwich's time then
WEEK = [[("08:00", "12:00"), ("13:00", "17:00")]] * 5 + [[], []]


def at(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC) + timedelta(days=day)


@pytest.fixture
def ramp(dock: Dock) -> Dock:
    a_dock(dock, "D1")
    a_dock(dock, "D2", takes="parcels", sequence=2)
    ask = PutDockHours(node="LON", hours=WEEK, slot_minutes=60)
    dock.do("inbound", ask, DockHoursState)
    return dock


def a_dock(dock: Dock, code: str, **more: Any) -> DockState:
    return dock.do("inbound", PutDock(node="LON", code=code, **({"name": f"Ramp {code}"} | more)), DockState)


def booked(dock: Dock, starts_at: datetime, *, on: str = "D1", **more: Any) -> AppointmentState:
    return dock.do("inbound", BookAppointment(node="LON", dock=on, starts_at=starts_at, **more), AppointmentState)


def told(dock: Dock, order: PurchaseState, units: int = 10, *, reference: str = "ASN-1", **more: Any) -> NoticeState:
    lines = [NoticeLineAsk(purchase_id=order.id, line_no=1, units=units)]
    ask = AnnounceDelivery(supplier="HANSA", node="LON", reference=reference, lines=lines, **more)
    return dock.do("inbound", ask, NoticeState)


def refused(dock: Dock, starts_at: datetime, code: str, *, on: str = "D1", **more: Any) -> Refused:
    before = dock.count("dock_appointments")
    refusal = dock.no(BookAppointment(node="LON", dock=on, starts_at=starts_at, **more), code)
    assert dock.count("dock_appointments") == before
    return refusal


def _client(dock: Dock, scopes: list[str] | None = None) -> TestClient:
    with dock.db.transaction(TESTER, now=dock.now) as tx:
        _, secret = make_key(tx, "test", scopes or sorted(ALL_SCOPES))
    client = TestClient(create_app(dock.db, dock, clock=lambda: dock.now))
    client.headers["authorization"] = f"Bearer {secret}"
    return client


def calendar(dock: Dock, **asked: Any) -> dict[str, Any]:
    return dict(_client(dock).get("/api/v1/nodes/LON/dock-calendar", params=asked).json())


def shown(dock: Dock, id: UUID) -> dict[str, Any]:
    return dict(_client(dock).get(f"/api/v1/appointments/{id}").json())


def test_an_appointment_is_booked_comes_and_leaves_the_dock_free(ramp: Dock) -> None:
    notice = told(ramp, ramp.sent(MUG=10))
    one = booked(ramp, at(10), notice_id=notice.id, comes_as="pallets", packages=2, carrier="DHL")
    assert (one.status, one.ends_at, one.supplier, one.next) == (
        "booked", at(11), "HANSA", ["arrive", "move", "miss", "cancel"]
    )  # fmt: skip
    there = ramp.do("inbound", ArriveAppointment(appointment_id=one.id), AppointmentState)
    assert there.status == "arrived"
    assert [e["status"] for e in ramp.said("AnnouncedDeliveryMoved")] == ["arrived"]
    refused(ramp, at(10, 30), "dock_taken")
    left = ramp.do("inbound", FinishAppointment(appointment_id=one.id), AppointmentState)
    assert (left.status, left.next) == ("done", [])
    assert booked(ramp, at(10, 30)).status == "booked"
    assert [e["status"] for e in ramp.said("AppointmentChanged")] == ["arrived", "done"]
    assert [h["to_status"] for h in shown(ramp, one.id)["history"]] == ["done", "arrived", "booked"]


def test_a_taken_dock_is_refused_with_who_has_it_and_the_next_free_slot(ramp: Dock) -> None:
    first = booked(ramp, at(10))
    refusal = refused(ramp, at(10, 30), "dock_taken", comes_as="pallets")
    assert str(refusal) == (
        f"Dock D1 is taken from 10:00 to 11:00 on Mon 2 Mar by {first.number}. "
        "The next free slot is 11:00 on Mon 2 Mar at dock D1."
    )
    assert refusal.facts()["next_starts_at"] == "2026-03-02T11:00:00Z"
    # What may come to either is offered the other dock at the same time.
    either = refused(ramp, at(10), "dock_taken")
    assert (either.facts()["next_dock"], either.facts()["next_starts_at"]) == ("D2", "2026-03-02T10:00:00Z")
    half_past = refused(ramp, at(10, 30), "dock_taken").facts()
    assert (half_past["next_dock"], half_past["next_starts_at"]) == ("D2", "2026-03-02T10:30:00Z")
    assert booked(ramp, at(9)).ends_at == first.starts_at  # one ends where the next begins


def test_hours_dates_and_what_is_over_are_refused_with_a_slot_instead(ramp: Dock) -> None:
    ramp.do(
        "inventory",
        PutNode(code="LON", name="London", time_zone="Europe/London", closed_dates=["2026-03-03"]),
        NodeState,
    )
    assert str(refused(ramp, at(12), "outside_goods_hours")) == (
        "LON takes goods in from 08:00 to 12:00 and 13:00 to 17:00 on Mon 2 Mar. "
        "The next free slot is 13:00 on Mon 2 Mar at dock D1."
    )
    refused(ramp, at(11, 30), "outside_goods_hours")  # half of it is in the break
    closed = refused(ramp, at(10, day=1), "outside_goods_hours")
    assert str(closed) == "LON is closed on Tue 3 Mar. The next free slot is 08:00 on Wed 4 Mar at dock D1."
    assert str(refused(ramp, at(10, day=5), "outside_goods_hours")).startswith("LON takes no goods in on Sat 7 Mar.")
    over = refused(ramp, at(8), "slot_over")
    assert str(over) == (
        "That time is over: it ended at 09:00 on Mon 2 Mar. The next free slot is 09:00 on Mon 2 Mar at dock D1."
    )
    ramp.later(minutes=20)
    assert booked(ramp, at(9)).starts_at == at(9)  # it runs already, and somebody stands at the gate
    for ends_at in (at(10), at(9), at(11, day=1)):
        refused(ramp, at(10), "bad_field", ends_at=ends_at)
    refused(ramp, at(10, day=400), "bad_field")


def test_a_dock_takes_what_it_can_and_a_closed_one_nothing(ramp: Dock) -> None:
    refused(ramp, at(10), "dock_takes_other", on="D2", comes_as="pallets")
    parcels = booked(ramp, at(10), on="D2", comes_as="parcels")
    refusal = ramp.no(PutDock(node="LON", code="D2", name="Ramp D2", takes="pallets"), "dock_has_appointments")
    assert str(refusal) == (
        f"{parcels.number} at 10:00 on Mon 2 Mar is booked at dock D2. Move it to another dock first."
    )
    ramp.no(PutDock(node="LON", code="D2", name="Ramp D2", active=False), "dock_has_appointments")
    ramp.do("inbound", CancelAppointment(appointment_id=parcels.id, reason="not today"), AppointmentState)
    assert not a_dock(ramp, "D2", active=False).active
    refused(ramp, at(10), "dock_not_in_use", on="D2")
    refused(ramp, at(10), "not_found", on="D9")


def test_a_moved_appointment_keeps_its_length_and_its_history(ramp: Dock) -> None:
    one = booked(ramp, at(10), ends_at=at(11, 30))
    ask = ChangeAppointment(appointment_id=one.id, starts_at=at(14), dock="D2", reason="ramp is blocked")
    moved = ramp.do("inbound", ask, AppointmentState)
    assert (moved.dock, moved.starts_at, moved.ends_at) == ("D2", at(14), at(15, 30))
    assert moved.undo is not None
    back = msgspec.convert(moved.undo.body, ChangeAppointment)
    latest, first = shown(ramp, one.id)["history"]
    assert first["why"] == "dock D1, 10:00 to 11:30 on Mon 2 Mar"
    assert latest["why"] == (
        "dock D1, 10:00 to 11:30 on Mon 2 Mar → dock D2, 14:00 to 15:30 on Mon 2 Mar: ramp is blocked"
    )
    assert (latest["from_status"], latest["to_status"]) == ("booked", "booked")
    other = booked(ramp, at(10))
    ramp.no(back, "dock_taken")
    ramp.do("inbound", CancelAppointment(appointment_id=other.id, reason="not today"), AppointmentState)
    returned = ramp.do("inbound", back, AppointmentState)
    assert (returned.dock, returned.starts_at, returned.ends_at) == ("D1", at(10), at(11, 30))
    ramp.do("inbound", ask, AppointmentState)
    ramp.no(ChangeAppointment(appointment_id=one.id, starts_at=at(10), version=1), "stale_version")
    # It does not stand in its own way, and words alone need no time.
    longer = ramp.do("inbound", ChangeAppointment(appointment_id=one.id, ends_at=at(16)), AppointmentState)
    assert (longer.starts_at, longer.ends_at) == (at(14), at(16))
    ramp.later(days=1)
    said = ramp.do("inbound", ChangeAppointment(appointment_id=one.id, note="call the gate"), AppointmentState)
    assert (said.note, said.starts_at) == ("call the gate", at(14))


def test_who_misses_the_slot_frees_the_dock_and_may_get_another(ramp: Dock) -> None:
    notice = told(ramp, ramp.sent(MUG=10))
    one = booked(ramp, at(10), notice_id=notice.id)
    refusal = ramp.no(MissAppointment(appointment_id=one.id), "not_missed_yet")
    assert str(refusal) == f"{one.number} begins at 10:00 on Mon 2 Mar and cannot be missed before. Move or cancel it."
    ramp.later(hours=1, minutes=30)
    missed = ramp.do("inbound", MissAppointment(appointment_id=one.id), AppointmentState)
    assert (missed.status, missed.next) == ("missed", ["move", "cancel"])
    booked(ramp, at(10, 30))
    ramp.no(ArriveAppointment(appointment_id=one.id), "illegal_move")
    again = ramp.do("inbound", ChangeAppointment(appointment_id=one.id, starts_at=at(14)), AppointmentState)
    assert (again.status, again.starts_at) == ("booked", at(14))
    refused(ramp, at(15), "booked_already", notice_id=notice.id)


def test_a_missed_one_stays_missed_when_its_notice_has_another(ramp: Dock) -> None:
    notice = told(ramp, ramp.sent(MUG=10))
    one = booked(ramp, at(9), notice_id=notice.id)
    ramp.do("inbound", MissAppointment(appointment_id=one.id), AppointmentState)
    booked(ramp, at(13), notice_id=notice.id)
    ramp.no(ChangeAppointment(appointment_id=one.id, starts_at=at(15)), "booked_already")


def test_what_comes_or_is_called_off_takes_its_appointment_along(ramp: Dock) -> None:
    order = ramp.sent(MUG=30)
    here, counted, gone, later = (told(ramp, order, 5, reference=f"ASN-{n}") for n in range(4))
    slots = [booked(ramp, at(9 + n), notice_id=notice.id) for n, notice in enumerate((here, counted, gone))]
    tomorrow = booked(ramp, at(9, day=1), notice_id=later.id)
    ramp.do("inbound", ReportArrival(notice_id=here.id), NoticeState)
    receive = ReceiveGoods(purchase_id=order.id, scan="S1", notice_id=counted.id, lines=[good(1, 2)])
    ramp.do("inbound", receive, ReceiptState)
    ramp.do("inbound", CancelNotice(notice_id=gone.id, reason="said twice"), NoticeState)
    ramp.do("inbound", ReportArrival(notice_id=later.id), NoticeState)
    assert [shown(ramp, one.id)["status"] for one in (*slots, tomorrow)] == [
        "arrived",
        "arrived",
        "cancelled",
        "booked",
    ]
    assert shown(ramp, slots[2].id)["history"][0]["why"] == f"{gone.number} was cancelled: said twice"
    assert booked(ramp, at(11)).status == "booked"


def test_a_cancelled_order_frees_its_dock_and_nothing_else(ramp: Dock) -> None:
    order, other = ramp.sent(MUG=10), ramp.sent(MUG=4)
    mine, theirs, blind = (booked(ramp, at(9), purchase_id=order.id), booked(ramp, at(10), purchase_id=other.id),
                           booked(ramp, at(11)))  # fmt: skip
    ask = CancelPurchase(purchase_id=order.id, reason="no longer needed")
    ramp.do("purchasing", ask, PurchaseState)
    ramp.pump()
    assert [shown(ramp, one.id)["status"] for one in (mine, theirs, blind)] == ["cancelled", "booked", "booked"]
    assert (mine.supplier, blind.supplier) == ("HANSA", None)
    refused(ramp, at(9), "not_on_its_way", purchase_id=order.id)


def test_only_what_comes_to_this_node_is_booked_here(ramp: Dock) -> None:
    ramp.a_node("BER", time_zone="Europe/Berlin")
    a = PutDock(node="BER", code="D1", name="Ramp")
    ramp.do("inbound", a, DockState)
    order = ramp.sent(MUG=10)
    notice = told(ramp, order)
    for what in ({"notice_id": notice.id}, {"purchase_id": order.id}):
        ramp.no(BookAppointment(node="BER", dock="D1", starts_at=at(9), **what), "goes_elsewhere")
    other = ramp.sent(MUG=3)
    refused(ramp, at(9), "not_on_notice", notice_id=notice.id, purchase_id=other.id)
    received = ReceiveGoods(purchase_id=order.id, scan="S1", notice_id=notice.id, lines=[good(1, 10)])
    ramp.do("inbound", received, ReceiptState)
    refused(ramp, at(9), "nothing_to_come", notice_id=notice.id)


def test_forty_who_want_one_slot_at_once_get_it_once(ramp: Dock) -> None:
    def one(n: int) -> str:
        ask = BookAppointment(node="LON", dock="D1", starts_at=at(10, 15 * (n % 3)), comes_as="pallets")
        try:
            return ramp.do("inbound", ask, AppointmentState).status
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(one, range(40)))
    assert answers == ["booked", *["dock_taken"] * 39]
    assert ramp.count("dock_appointments") == 1


def test_the_database_itself_keeps_two_apart(ramp: Dock) -> None:
    one = booked(ramp, at(10))
    twice = text(
        "INSERT INTO dock_appointments (id, number, node, dock, dock_no, starts_at, ends_at, status, booked_by, "
        "booked_at, version, updated_at) SELECT gen_random_uuid(), 'DA1', node, dock, dock_no, "
        "starts_at + interval '59 min', ends_at + interval '59 min', :status, booked_by, booked_at, 1, updated_at "
        "FROM dock_appointments WHERE id = :id"
    )
    with pytest.raises(IntegrityError, match="one_at_a_time"), ramp.db.transaction(TESTER, now=ramp.now) as tx:
        tx.execute(twice, {"id": one.id, "status": "booked"})
    assert ramp.count("dock_appointments") == 1


def test_hours_are_of_the_node_and_a_night_of_clocks_has_its_hours() -> None:
    berlin = Goods.kept("Europe/Berlin", [[["00:00", "24:00"]]] * 7, 60, [])
    spring = date(2026, 3, 29)
    [span] = berlin.open_on(spring)
    assert span == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    slots = list(free_slots(berlin, ["A"], [], since=span.starts_at, until=span.ends_at, length=berlin.slot))
    assert len(slots) == 23
    # What goes on over midnight is one span: a lorry may stand there from 23:30 to 0:30.
    assert berlin.takes(Span(datetime(2026, 3, 29, 21, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, 30, tzinfo=UTC)))
    gap = Goods.kept("Europe/Berlin", [[["02:00", "03:00"]]] * 7, 60, [])
    assert gap.open_on(spring) == []  # the hour that this night has not


def test_free_slots_begin_with_the_hours_and_where_others_end() -> None:
    goods = Goods.kept("UTC", [[["08:00", "11:00"]]] * 7, 60, ["2026-03-03"])
    busy = [Busy("A", at(8), at(8, 30), "DA1", UUID(int=1)), Busy("B", at(8), at(11), "DA2", UUID(int=2))]
    found = list(free_slots(goods, ["B", "A"], busy, since=at(8), until=at(24 - 1, day=2), length=timedelta(hours=2)))
    assert found[0] == Slot("A", at(8, 30), at(10, 30))
    assert found[1] == Slot("A", at(9), at(11))
    assert [(s.dock, s.starts_at) for s in found[2:]] == [
        ("B", at(8, day=2)), ("A", at(8, day=2)), ("B", at(9, day=2)), ("A", at(9, day=2))
    ]  # fmt: skip


def test_free_slots_over_http_are_of_a_day_a_dock_and_a_length(ramp: Dock) -> None:
    booked(ramp, at(14), on="D1")
    client = _client(ramp)

    def free(**asked: Any) -> list[tuple[str, str]]:
        answer = client.get("/api/v1/nodes/LON/free-slots", params=asked).json()
        return [(slot["dock"], slot["starts_at"][11:16]) for slot in answer["slots"]]

    assert free(day="2026-03-02", dock="D1", comes_as="pallets") == [
        ("D1", "09:00"), ("D1", "10:00"), ("D1", "11:00"), ("D1", "13:00"), ("D1", "15:00"), ("D1", "16:00")
    ]  # fmt: skip
    assert free(day="2026-03-02", minutes=180) == [("D1", "09:00"), ("D2", "09:00"), ("D2", "13:00"), ("D2", "14:00")]
    assert free(day="2026-03-02", comes_as="pallets", minutes=240) == []
    assert free(day="2026-02-27") == []
    some = client.get("/api/v1/nodes/LON/free-slots", params={"limit": 3}).json()
    assert (len(some["slots"]), some["more"], some["slots"][0]["told"]) == (3, True, "09:00 on Mon 2 Mar")
    far = {"since": "2026-03-02T00:00:00Z", "until": "2027-03-02T00:00:00Z"}
    error_of(client.get("/api/v1/nodes/LON/free-slots", params=far), 422, "bad_span")


def test_a_node_without_hours_has_the_usual_ones_on_the_days_it_is_open(dock: Dock) -> None:
    a_dock(dock, "D1")
    client = _client(dock)
    usual = client.get("/api/v1/nodes/LON/dock-hours").json()
    assert (usual["is_usual"], usual["version"], usual["slot_minutes"]) == (True, None, 60)
    assert usual["hours"] == [[["08:00", "16:00"]]] * 5 + [[], []]
    hours = [[["06:00", "24:00"]]] + [[]] * 6
    put = client.put("/api/v1/nodes/LON/dock-hours", json={"hours": hours, "slot_minutes": 30})
    assert (put.status_code, put.json()["created"]) == (200, True)
    no_time = client.put("/api/v1/nodes/LON/dock-hours", json={"hours": [[["8", "12:00"]], *hours[1:]]})
    assert (no_time.status_code, "such as 08:30" in no_time.json()["error"]["message"]) == (422, True), no_time.text
    now = client.get("/api/v1/nodes/LON/dock-hours").json()
    assert (now["hours"], now["slot_minutes"], now["is_usual"], now["version"]) == (hours, 30, False, 1)
    assert booked(dock, at(23, 30)).ends_at == at(0, day=1)


@pytest.mark.parametrize(
    ("monday", "why"),
    [
        ([("12:00", "08:00")], "ends after it begins"),
        ([("08:00", "12:00"), ("11:00", "13:00")], "the part before it ends at 12:00"),
        ([("8:00", "12:00")], "a time of day is written 08:00"),
        ([("24:00", "24:00")], "ends after it begins"),
        ([("25:00", "26:00")], "a time of day is written 08:00"),
    ],
)
def test_hours_that_cannot_be_are_refused(dock: Dock, monday: list[tuple[str, str]], why: str) -> None:
    ask = PutDockHours(node="LON", hours=[monday, [], [], [], [], [], []])
    assert why in str(dock.no(ask, "bad_field"))
    assert dock.count("dock_hours") == 0


def test_the_calendar_says_who_comes_what_they_bring_and_what_has_no_dock(ramp: Dock) -> None:
    order, other = ramp.sent(MUG=10, PLATE=4), ramp.sent(MUG=7)
    ssccs = ["340123450000000017", "340123450000000024"]
    notice = told(ramp, order, 8, said_at=at(12), packages=[PackageAsk(sscc=s) for s in ssccs])
    waiting = told(ramp, order, 2, reference="ASN-2", said_at=at(12, day=3))
    booked(ramp, at(9), notice_id=notice.id)
    booked(ramp, at(11), purchase_id=other.id, comes_as="pallets", packages=3)
    booked(ramp, at(15), purchase_id=other.id)
    booked(ramp, at(10), on="D2", note="blind")
    shown = calendar(ramp, days=2)
    monday, tuesday = shown["days"]
    assert monday["load"] == {"appointments": 4, "lines": 2, "units": 15, "packages": 5}
    assert monday["docks"] == [
        {"dock": "D1", "appointments": 3, "lines": 2, "units": 15, "packages": 5},
        {"dock": "D2", "appointments": 1, "lines": 0, "units": 0, "packages": 0},
    ]
    assert (tuesday["load"]["appointments"], tuesday["told"]) == (
        0, "LON takes goods in from 08:00 to 12:00 and 13:00 to 17:00 on Tue 3 Mar"
    )  # fmt: skip
    assert [(a["dock"], a["starts_at"], a["units"]) for a in shown["appointments"]] == [
        ("D1", "2026-03-02T09:00:00Z", 8), ("D2", "2026-03-02T10:00:00Z", 0),
        ("D1", "2026-03-02T11:00:00Z", 7), ("D1", "2026-03-02T15:00:00Z", 0),
    ]  # fmt: skip
    assert [(n["number"], n["units"], n["packages"]) for n in shown["unbooked"]] == [(waiting.number, 2, 0)]
    assert shown["unbooked_total"] == 1
    assert [d["code"] for d in shown["docks"]] == ["D1", "D2"]
    assert [d["day"] for d in calendar(ramp, at="2026-03-04T00:30:00+02:00")["days"]] == ["2026-03-03"]


def test_it_says_what_is_late_over_or_outside_the_hours(ramp: Dock) -> None:
    order = ramp.sent(MUG=30)
    late = told(ramp, order, 5, reference="ASN-1", said_at=at(13))
    booked(ramp, at(10), notice_id=late.id)
    stays = booked(ramp, at(9), comes_as="pallets")
    ramp.do("inbound", ArriveAppointment(appointment_id=stays.id), AppointmentState)
    early = booked(ramp, at(16, day=1))
    hours = [[("08:00", "15:00")]] * 5 + [[], []]
    ramp.do("inbound", PutDockHours(node="LON", hours=hours), DockHoursState)

    def remarks() -> list[list[str]]:
        return [a["remarks"] for a in calendar(ramp, days=2)["appointments"]]

    assert remarks() == [
        [], ["Expected 2 h after its slot."], ["LON takes goods in from 08:00 to 15:00 on Tue 3 Mar."]
    ]  # fmt: skip
    listed = _client(ramp).get("/api/v1/appointments", params={"late_minutes_gt": 0}).json()["data"]
    assert [(row["notice"], row["late_minutes"]) for row in listed] == [(late.number, 120)]
    ramp.later(hours=2, minutes=45)
    assert remarks()[:2] == [
        ["Still there 1 h 45 min after its slot."],
        ["Nobody has come, and its time is over.", "Expected 2 h after its slot."],
    ]
    ramp.do("inbound", CancelAppointment(appointment_id=early.id, reason="too late"), AppointmentState)
    assert len(remarks()) == 2
    needed = {row["code"]: row for row in _client(ramp).get("/api/v1/attention").json()["data"]}["nobody_came"]
    assert (needed["count"], needed["oldest_at"], needed["list"]) == (1, "2026-03-02T11:00:00Z", "appointments")


def test_lasting_names_the_two_largest_parts() -> None:
    assert [lasting(n) for n in (0, 5, 60, 90, 1440 + 61)] == [
        "less than a minute",
        "5 min",
        "1 h",
        "1 h 30 min",
        "1 d 1 h",
    ]


def test_who_may_only_read_books_nothing(ramp: Dock) -> None:
    client = _client(ramp, ["read_purchasing"])
    body = {"node": "LON", "dock": "D1", "starts_at": "2026-03-02T10:00:00Z"}
    error = error_of(client.post("/api/v1/appointments", json=body), 403, "missing_scope")
    assert error["details"]["scope"] == "write_stock"
    assert client.get("/api/v1/nodes/LON/dock-calendar").json()["appointments"] == []
    error_of(client.get("/api/v1/nodes/NOWHERE/dock-calendar"), 404, "not_found")
    assert ramp.now == START
