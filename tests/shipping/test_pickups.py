"""Carriers at the gate: calendars that decide the day, pickups booked once whatever the carrier says, manifests."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agents.fulfilment.messages import ParcelState
from agents.shipping.calendars import check_week
from agents.shipping.leaving import Calendar, Collections, leaves_on
from agents.shipping.messages import CompareOffers, OffersState
from agents.shipping.messages.pickups import (
    AskManifestAgain,
    BookPickup,
    CancelPickup,
    CarrierCalendarState,
    CloseManifest,
    Collecting,
    GiveUpPickup,
    LookAfterPickups,
    ManifestState,
    PickupState,
    PutCarrierCalendar,
)
from agents.shipping.pricing import Tariff
from agents.shipping.refusals import BadCalendar
from db.audit import run as audit
from db.base import uuid7
from db.errors import Refused
from db.pickups import Manifest, ManifestParcel, Pickup
from paper.manifest import manifest_paper_of, manifest_pdf
from tests.fulfilment.makers import send, the_fulfilment
from tests.paper.bars import barcode_of, text_of
from tests.shipping.makers import a_packed_parcel, a_rate_card, an_account, labels
from tests.shop import TESTER, Shop

MONDAY = date(2026, 3, 2)  # the shop's first day, at nine
WEEK = [Collecting(weekday=n, cut_off="16:00", start="16:30", end="18:00") for n in (0, 2, 4)]


def at_gate(shop: Shop, **account: Any) -> None:
    an_account(shop, **account)
    a_packed_parcel(shop)


def calendar(shop: Shop, carrier: str = "testpost", **more: Any) -> CarrierCalendarState:
    told = {"node": "LON", "carrier": carrier, "week": WEEK, **more}
    return shop.do("shipping", PutCarrierCalendar(**told), CarrierCalendarState)


def book(shop: Shop, **more: Any) -> PickupState:
    told = {"node": "LON", "carrier": "testpost", "on": MONDAY, "start": "16:30", "end": "18:00", "account": "testpost"}
    made = shop.do("shipping", BookPickup(**{**told, **more}), PickupState)
    shop.pump()
    return made


def pickups(shop: Shop) -> list[Pickup]:
    with shop.db.reading() as session:
        return list(session.scalars(select(Pickup).order_by(Pickup.number)))


def manifests(shop: Shop) -> list[Manifest]:
    with shop.db.reading() as session:
        return list(session.scalars(select(Manifest).order_by(Manifest.number)))


def look_after(shop: Shop, **later: float) -> None:
    shop.later(**later)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.send("shipping", "schedule:look after pickups", LookAfterPickups())
    shop.pump()


def cancel(shop: Shop, pickup_id: UUID) -> PickupState:
    made = shop.do("shipping", CancelPickup(pickup_id=pickup_id, reason="nothing to send"), PickupState)
    shop.pump()
    return made


def nothing_wrong(shop: Shop) -> None:
    assert shop.dead() == []
    with shop.db.reading() as session:
        wrong = {
            r.name: r.rows for r in audit(session) if r.violations and ("pickup" in r.name or "manifest" in r.name)
        }
    assert wrong == {}


def a_tariff(cut_off: time | None = None) -> Tariff:
    return Tariff(
        id=uuid7(), carrier="post", service="s", currency="EUR", transit_days=1, rates={}, places=(), cut_off=cut_off
    )


# When a parcel is handed over


@pytest.mark.parametrize(
    ("_case", "at", "card", "leaves"),
    [
        ("before the carrier's cut-off", "15:59", None, "2026-03-02"),
        ("after it, on the carrier's next day", "16:01", None, "2026-03-04"),
        ("the card's own cut-off is earlier", "15:00", time(14), "2026-03-04"),
        ("the carrier's is earlier", "15:00", time(20), "2026-03-02"),
    ],
)
def test_a_carrier_with_a_calendar_takes_parcels_on_its_days_alone(
    _case: str, at: str, card: time | None, leaves: str
) -> None:
    fetches = Collections({0: 16 * 60, 2: 16 * 60, 4: 16 * 60})
    hours, minutes = map(int, at.split(":"))
    here = Calendar(hours * 60 + minutes, (0, 1, 2, 3, 4))
    assert leaves_on(a_tariff(card), MONDAY, here, fetches) == date.fromisoformat(leaves)


def test_days_on_which_carrier_or_node_is_closed_are_passed_over_and_none_is_no_day() -> None:
    fetches = Collections({0: 960, 2: 960, 4: 960}, frozenset({"2026-03-04"}))
    late = Calendar(1000, (0, 1, 2, 3, 4), frozenset({"2026-03-06"}))
    assert leaves_on(a_tariff(), MONDAY, late, fetches) == date(2026, 3, 9)
    assert leaves_on(a_tariff(), MONDAY, Calendar(0, (6,)), fetches) is None


def test_offers_say_the_day_of_the_calendar_and_a_carrier_that_never_comes_is_refused(shop: Shop) -> None:
    a_rate_card(shop, "post", 390)
    a_rate_card(shop, "never", 190)
    calendar(shop, "post")
    calendar(shop, "never", week=[Collecting(weekday=6, cut_off="16:00", start="16:30", end="18:00")])
    shop.later(hours=8)
    _, parcel = a_packed_parcel(shop)
    shown = {o.carrier: o for o in offers(shop, parcel).offers}
    assert shown["post"].leaves_on == date(2026, 3, 4)
    assert shown["never"].refused == "is not fetched at LON on any day that is near"
    assert labels(shop)[0].carrier == "post"


def offers(shop: Shop, parcel: ParcelState) -> OffersState:
    return shop.do("shipping", CompareOffers(parcel_id=parcel.id), OffersState)


@pytest.mark.parametrize(
    ("week", "said"),
    [
        ([], "one day at least"),
        ([Collecting(weekday=7, cut_off="16:00", start="16:30", end="18:00")], "no weekday"),
        ([Collecting(weekday=0, cut_off="16:00", start="18:00", end="17:00")], "On Monday fetching would end"),
        ([Collecting(weekday=0, cut_off="19:00", start="16:30", end="18:00")], "is after the carrier has gone"),
        ([Collecting(weekday=0, cut_off="4 pm", start="16:30", end="18:00")], "no time of day"),
        ([WEEK[0], WEEK[0]], "named once"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(week: list[Collecting], said: str) -> None:
    with pytest.raises(BadCalendar) as no:
        check_week(week)
    assert said in str(no.value)


# Pickups


def test_a_pickup_is_booked_outside_and_asked_again_it_is_the_same(shop: Shop) -> None:
    at_gate(shop)
    calendar(shop, account="testpost")
    first = book(shop, account=None, start=None, end=None)
    assert (first.status, first.next) == ("asked", ["cancel"])
    again = book(shop)
    (pickup,) = pickups(shop)
    assert again.id == first.id == pickup.id
    assert (pickup.status, pickup.parcels, pickup.attempts) == ("booked", 1, 1)
    assert (pickup.confirmation or "").startswith("TP-")
    assert (pickup.earliest.hour, pickup.latest.hour) == (16, 18)
    assert [e["confirmation"] for e in shop.said("PickupBooked")] == [pickup.confirmation]
    with pytest.raises(Refused, match="fetches on 2026-03-02 already"):
        book(shop, end="19:00")
    nothing_wrong(shop)


@pytest.mark.parametrize(
    ("how", "ends", "looked"),
    [("times_out", "booked", 1), ("gets_lost", "refused", 9), ("silent", "unknown", 3), ("down", "refused", 9)],
)
def test_a_pickup_whose_answer_is_lost_is_looked_up_and_never_booked_beside(
    shop: Shop, how: str, ends: str, looked: int
) -> None:
    an_account(shop)
    a_packed_parcel(shop)
    _behave(shop, pickup=how)
    made = book(shop)
    if how != "down":
        assert pickups(shop)[0].status == "unknown"
        assert book(shop).id == made.id
    for _ in range(looked):
        look_after(shop, minutes=16)
    (pickup,) = pickups(shop)
    assert pickup.status == ends
    assert len(shop.said("PickupBooked")) == (ends == "booked")
    assert len(shop.said("PickupNotBooked")) == (ends == "refused")
    nothing_wrong(shop)


def _behave(shop: Shop, **options: str) -> None:
    from db.carriers import CarrierAccount

    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(CarrierAccount, "testpost").options = options


def test_an_agent_that_died_after_telling_the_carrier_looks_up_what_became_of_it(shop: Shop) -> None:
    at_gate(shop)
    book(shop)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        row = tx.get_one(Pickup, pickups(shop)[0].id)
        row.status, row.confirmation, row.settled_at = "booking", None, None
    look_after(shop, minutes=2)
    (pickup,) = pickups(shop)
    assert (pickup.status, pickup.attempts) == ("booked", 2)


def test_a_carrier_that_will_not_come_says_why_and_another_may_be_booked(shop: Shop) -> None:
    at_gate(shop)
    _behave(shop, pickup="refuses")
    book(shop)
    _behave(shop)
    second = book(shop)
    first, other = pickups(shop)
    assert (first.status, first.why) == ("refused", "The test carrier has no van that day.")
    assert (other.id, other.status) == (second.id, "booked")


def test_a_person_waits_no_longer_for_a_carrier_that_does_not_say(shop: Shop) -> None:
    at_gate(shop)
    _behave(shop, pickup="silent")
    made = book(shop)
    given = shop.do("shipping", GiveUpPickup(pickup_id=made.id, reason="called them"), PickupState)
    assert given.status == "given_up"
    look_after(shop, hours=1)
    assert pickups(shop)[0].status == "given_up"


@pytest.mark.parametrize(("how", "ends"), [("works", "cancelled"), ("stays", "booked")])
def test_a_pickup_is_cancelled_with_the_carrier(shop: Shop, how: str, ends: str) -> None:
    at_gate(shop)
    _behave(shop, pickup=how)
    made = book(shop)
    assert cancel(shop, made.id).status == "cancelling"
    (pickup,) = pickups(shop)
    assert pickup.status == ends
    assert len(shop.said("PickupCancelled")) == (ends == "cancelled")
    if ends == "booked":
        assert pickup.why == "not cancelled: The test carrier's van has left."
    nothing_wrong(shop)


def test_a_carrier_without_an_account_is_told_by_a_person_who_puts_its_number_in(shop: Shop) -> None:
    with pytest.raises(Refused, match="call it and put in the number"):
        book(shop, carrier="post", account=None)
    made = book(shop, carrier="post", account=None, confirmation="R-77")
    assert (made.status, made.confirmation) == ("booked", "R-77")
    assert cancel(shop, made.id).status == "cancelled"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"on": MONDAY - timedelta(days=1)}, "is for today"),
        ({"on": MONDAY + timedelta(days=1)}, "its calendar says so"),
        ({"start": "19:00"}, "would end"),
        ({"end": "08:00", "start": "07:00"}, "It is past 08:00"),
        ({"node": "XXX"}, "no node XXX"),
        ({"account": "nobody"}, "no carrier account nobody"),
        ({"confirmation": "X"}, "not by both"),
    ],
)
def test_a_pickup_that_makes_no_sense_is_refused_and_nobody_is_told(shop: Shop, ask: dict[str, Any], said: str) -> None:
    at_gate(shop)
    calendar(shop)
    with pytest.raises(Refused, match=said):
        book(shop, **ask)
    assert pickups(shop) == []
    assert shop.said("PickupBooked") == []


def test_a_daily_pickup_is_booked_at_the_cut_off_once_and_only_if_something_waits(shop: Shop) -> None:
    an_account(shop)
    calendar(shop, account="testpost", daily=True)
    look_after(shop, hours=7, minutes=5)
    assert pickups(shop) == []
    shop.later(hours=-6)
    a_packed_parcel(shop)
    look_after(shop)
    assert pickups(shop) == []
    look_after(shop, hours=6)
    look_after(shop, minutes=1)
    (pickup,) = pickups(shop)
    assert (pickup.status, pickup.daily, pickup.on) == ("booked", True, MONDAY)
    cancel(shop, pickup.id)
    look_after(shop, minutes=1)
    assert len(pickups(shop)) == 1
    nothing_wrong(shop)


# Manifests


def close(shop: Shop, account: str | None = "testpost", carrier: str = "testpost") -> ManifestState:
    made = shop.do("shipping", CloseManifest(node="LON", carrier=carrier, account=account), ManifestState)
    shop.pump()
    return made


def gone(shop: Shop) -> str:
    """A parcel that has left; its label's number."""
    order, _ = a_packed_parcel(shop)
    send(shop, the_fulfilment(shop, order))
    shop.pump()
    return labels(shop)[-1].tracking_number


def test_a_manifest_lists_what_left_once_and_what_stays_not_at_all(shop: Shop) -> None:
    a_rate_card(shop, "post")
    first = gone(shop)
    a_packed_parcel(shop)
    made = close(shop, None, "post")
    assert (made.status, made.parcels, made.on) == ("closed", 1, MONDAY)
    with pytest.raises(Refused, match="No parcel has left LON with post"):
        close(shop, None, "post")
    second = gone(shop)
    close(shop, None, "post")
    with shop.db.reading() as session:
        listed = list(session.scalars(select(ManifestParcel.tracking_number)))
        paper = manifest_paper_of(session, made.id)
    assert sorted(listed) == sorted([first, second])
    assert paper is not None
    said = text_of(manifest_pdf(paper))
    assert first in said and second not in said  # noqa: PT018 - one list
    assert "1.05 kg" in said
    assert barcode_of(manifest_pdf(paper)) == made.number
    nothing_wrong(shop)


@pytest.mark.parametrize(
    ("how", "ends", "looked"),
    [("works", "closed", 0), ("times_out", "closed", 1), ("gets_lost", "refused", 9), ("refuses", "refused", 0),
     ("silent", "unknown", 3), ("down", "refused", 9)],
)  # fmt: skip
def test_the_carriers_own_form_is_asked_for_outside_and_our_list_stands_without_it(
    shop: Shop, how: str, ends: str, looked: int
) -> None:
    an_account(shop)
    gone(shop)
    _behave(shop, manifest=how)
    close(shop)
    for _ in range(looked):
        look_after(shop, minutes=16)
    (manifest,) = manifests(shop)
    assert (manifest.status, manifest.parcels) == (ends, 1)
    assert (manifest.provider_ref is not None) == (ends == "closed")
    nothing_wrong(shop)
    if ends == "refused":
        _behave(shop)
        shop.do("shipping", AskManifestAgain(manifest_id=manifest.id, reason="they said try again"), ManifestState)
        shop.pump()
        assert manifests(shop)[0].status == "closed"
