"""What events add up to depends on which there are alone, and what arrived never turns back but to its sender."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.shipping.codes import built_in
from agents.shipping.reading import Told, event_identity, late_days, read
from db.tracking import CAUSE_OF, SCANNED, Cause, Incident, TrackingStatus
from db.zones import day_in, local, offset_of, zone_named, zone_of_address

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
S = TrackingStatus
SHEETS = Path(__file__).parents[3] / "shared" / "data" / "karrio_carrier_sheets"


def told(no: int, status: TrackingStatus, hours: float, incident: str | None = None) -> Told:
    return Told(f"e{no}", NOW + timedelta(hours=hours), status, incident)


EVENTS = st.lists(st.tuples(st.sampled_from(list(S)), st.integers(0, 5)), max_size=8).map(
    lambda rows: [told(n, status, hours) for n, (status, hours) in enumerate(rows)]
)


@given(EVENTS, st.data())
def test_any_order_with_any_duplicates_adds_up_to_the_same(events: list[Told], data: st.DataObject) -> None:
    again = data.draw(st.permutations(events * 2))
    assert read(again) == read(events)


@given(EVENTS, st.data())
def test_no_event_that_comes_turns_an_arrived_parcel_back(events: list[Told], data: st.DataObject) -> None:
    """As they come in, in any order: delivered is left for the sender alone, and that for nothing."""
    came: list[Told] = []
    before = S.pending
    for event in data.draw(st.permutations(events)):
        came.append(event)
        now = read(came).status
        if before is S.delivered:
            assert now in (S.delivered, S.return_to_sender)
        if before is S.return_to_sender:
            assert now is S.return_to_sender
        if before in SCANNED:
            assert now in SCANNED, "news of a label never hides a scan"
        before = now


@given(EVENTS, st.sampled_from(list(S)))
def test_an_event_from_before_all_others_changes_nothing_unless_it_is_an_end(events: list[Told], late: S) -> None:
    if not any(e.status in SCANNED for e in events) or late in (S.delivered, S.return_to_sender):
        return
    assert read([*events, told(99, late, -1)]).status == read(events).status


def test_a_label_that_nobody_scanned_is_pending_and_no_error() -> None:
    assert read([]).status is S.pending
    assert read([told(1, S.pending, 0)]).scanned_at is None
    assert read([told(1, S.unknown, 0)]).status is S.unknown


def test_the_delivery_to_the_sender_is_not_one_to_the_customer() -> None:
    back = read([told(1, S.in_transit, 0), told(2, S.return_to_sender, 5), told(3, S.delivered, 30)])
    assert (back.status, back.delivered_at) == (S.return_to_sender, None)
    sent_back = read([told(1, S.delivered, 5), told(2, S.return_to_sender, 30)])
    assert (sent_back.status, sent_back.delivered_at) == (S.return_to_sender, NOW + timedelta(hours=5))


def test_an_event_without_an_id_is_known_by_its_moment_and_code_wherever_it_is_said_to_be() -> None:
    in_berlin = datetime.fromisoformat("2026-03-02T10:00:00+01:00")
    assert event_identity(in_berlin, "ULFMV") == event_identity(NOW, "ULFMV")
    assert event_identity(NOW, "ULFMV") != event_identity(NOW, "SRTED")


def test_late_is_judged_by_the_day_where_it_goes() -> None:
    """Five in the afternoon of the 3rd in Los Angeles is the 4th in London already."""
    delivered = datetime(2026, 3, 4, 1, tzinfo=UTC)
    pacific = zone_of_address({"country": "US", "region": "CA"})
    assert pacific == "America/Los_Angeles"
    assert late_days(delivered, date(2026, 3, 3), pacific) == 0
    assert late_days(delivered, date(2026, 3, 3), "UTC") == 1
    assert late_days(delivered, None, pacific) is None
    assert day_in(delivered, pacific) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ({"country": "DE"}, "Europe/Berlin"),
        ({"country": "us", "region": "US-NY"}, "America/New_York"),
        ({"country": "US"}, "America/New_York"),
        ({"country": "AU", "region": "WA"}, "Australia/Perth"),
        ({"country": "JP"}, "Asia/Tokyo"),
        ({}, "UTC"),
    ],
)
def test_an_address_has_a_zone(address: dict[str, object], zone: str) -> None:
    assert zone_of_address(address) == zone


def test_a_zone_is_a_name_or_an_offset() -> None:
    assert local(NOW, "+02:00").isoformat() == "2026-03-02T11:00:00+02:00"
    assert local(NOW, "Europe/Berlin").isoformat() == "2026-03-02T10:00:00+01:00"
    assert offset_of(datetime.fromisoformat("2026-03-02T09:00:00-08:00")) == "-08:00"
    for wrong in ("Middle/Earth", "+2", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="no time zone"):
            zone_named(wrong)


def test_every_incident_has_somebody_who_caused_it() -> None:
    assert CAUSE_OF.keys() == set(Incident)
    assert set(CAUSE_OF.values()) == set(Cause)


@pytest.mark.parametrize(
    ("carrier", "code", "status", "incident"),
    [
        ("dhl", "DLVRD/ACCPT", S.delivered, None),
        ("dhl", "DLVRD/ACCDM", S.delivered, Incident.damaged),
        ("dhl", "NTDEL/NHOME", S.delivery_failed, Incident.not_home),
        ("dhl", "EXPHD/LOSTX", S.on_hold, Incident.lost),
        ("dhl_parcel_de", "OFWRD/RTSCR", S.return_to_sender, Incident.stopped_by_sender),
        ("hermes", "3500", S.delivered, None),
        ("hermes", "3733", S.delivery_failed, Incident.not_home),
        ("hermes", "6085", S.on_hold, Incident.damaged),
        ("post", "delivered", S.delivered, None),
    ],
)
def test_codes_of_carriers_mean_something_of_ours(
    carrier: str, code: str, status: S, incident: Incident | None
) -> None:
    assert built_in(carrier, code) == (status, incident)


def test_a_code_that_nobody_knows_means_nothing() -> None:
    assert built_in("dhl", "XXXXX") is None
    assert built_in("post", "3500") is None


def test_every_published_code_is_mapped() -> None:
    if not SHEETS.exists():
        pytest.skip("the carriers' code lists are not here")
    with (SHEETS / "dhl_parcel_de_event_codes.csv").open(encoding="latin1", newline="") as file:
        dhl = {f"{r['ice_event_code']}/{r['ice_ric_code']}" for r in csv.DictReader(file, delimiter=";")}
    with (SHEETS / "hermes_de_event_codes.csv").open(encoding="latin1", newline="") as file:
        hermes = {r["2x2 Code"] for r in csv.DictReader(file, delimiter=";")}
    assert [code for code in sorted(dhl) if built_in("dhl", code) is None] == []
    assert [code for code in sorted(hermes) if built_in("hermes", code) is None] == []
    assert (len(dhl), len(hermes)) == (282, 128)
