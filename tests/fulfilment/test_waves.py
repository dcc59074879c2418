"""Waves, cut-offs and streaming: what is on the floor when, and what a wave takes, gives back and comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from agents.fulfilment.messages import CreatePickList, FulfilmentState, MergeFulfilments, NextPickList, PickListState
from agents.fulfilment.messages.waves import (
    CancelWave,
    CarrierCutOffState,
    FulfilmentsReleased,
    PlanWave,
    PreviewWave,
    PutCarrierCutOff,
    PutReleasePolicy,
    PutWaveTemplate,
    ReleaseDue,
    ReleaseFulfilments,
    ReleasePolicyState,
    ReleaseWave,
    RunWaveTemplates,
    WaveFilter,
    WavePreview,
    WaveState,
    WaveTemplateState,
)
from db.allocations import Part
from db.errors import Refused
from db.fulfilment import Fulfilment
from db.ledger import Movement, post
from db.orders import Order
from db.session import Who
from db.stock import MovementKind
from db.waves import Wave, WaveTemplate
from tests.fulfilment.makers import (
    Promise,
    a_list,
    a_released_order,
    cancel,
    fulfilments,
    hold,
    label,
    lift,
    pack,
    pick,
    send,
    the_fulfilment,
)
from tests.shop import Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.a_sku("TEA", weight_grams=100)
    shop.some_stock("TEA", "LON", 20)
    shop.some_stock("MUG", "LON", 10)
    return shop


def releases(shop: Shop, mode: str, minutes_before: int = 240) -> None:
    asked = PutReleasePolicy(node="LON", mode=mode, minutes_before=minutes_before)
    shop.do("fulfilment", asked, ReleasePolicyState)
    shop.pump()


def a_wave(shop: Shop, *, release: bool = False, **want: object) -> WaveState:
    asked = PlanWave(node="LON", name="Morning", filter=WaveFilter(**want), release=release)  # type: ignore[arg-type]
    return shop.do("fulfilment", asked, WaveState)


def release(shop: Shop, wave: WaveState) -> WaveState:
    return shop.do("fulfilment", ReleaseWave(wave_id=wave.id), WaveState)


def give_back(shop: Shop, wave: WaveState) -> WaveState:
    return shop.do("fulfilment", CancelWave(wave_id=wave.id, reason="the van is late"), WaveState)


def preview(shop: Shop, *, lines_per_hour: int | None = None, **want: object) -> WavePreview:
    asked = PreviewWave(node="LON", filter=WaveFilter(**want), lines_per_hour=lines_per_hour)  # type: ignore[arg-type]
    return shop.do("fulfilment", asked, WavePreview)


def the_wave(shop: Shop, wave: WaveState) -> Wave:
    with shop.db.reading() as session:
        return session.get_one(Wave, wave.id)


def on_floor(shop: Shop, order: Order) -> bool:
    return the_fulfilment(shop, order).released_at is not None


def tick(shop: Shop, task: ReleaseDue | RunWaveTemplates) -> None:
    with shop.db.transaction(Who("coordinator"), now=shop.now) as tx:
        tx.send("fulfilment", "schedule:test", task)
    shop.pump()


def leaves(shop: Shop, order: Order) -> None:
    one = the_fulfilment(shop, order)
    label(shop, pack(shop, one))
    send(shop, one)


# Streaming and cut-offs


def test_a_node_that_says_nothing_streams(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 1))
    one = the_fulfilment(shop, order)
    assert (one.released_at, one.released_why, one.release_at) == (shop.now, "as soon as it was ready", None)
    assert one.due_at == datetime(2026, 3, 2, 15, tzinfo=UTC)  # the Monday's own cut-off
    assert len(a_list(shop).tasks) == 1
    with pytest.raises(Refused, match="LON streams"):
        a_wave(shop)


def test_work_for_a_cut_off_comes_to_the_floor_so_many_minutes_before_it(shop: Shop) -> None:
    releases(shop, "cut_off", 120)
    order = a_released_order(shop, Promise("MUG", 1))
    assert the_fulfilment(shop, order).release_at == datetime(2026, 3, 2, 13, tzinfo=UTC)
    with pytest.raises(Refused, match="Nothing is ready"):
        a_list(shop)
    with pytest.raises(Refused, match="not released to the floor"):
        a_list(shop, fulfilments=[the_fulfilment(shop, order).id])
    shop.later(hours=3, minutes=59)
    tick(shop, ReleaseDue())
    assert not on_floor(shop, order)
    shop.later(minutes=1)
    tick(shop, ReleaseDue())
    assert on_floor(shop, order)
    late = a_released_order(shop, Promise("MUG", 1))
    assert on_floor(shop, late)  # its cut-off is near already
    assert len(a_list(shop).tasks) == 2


def test_an_order_goes_by_the_carrier_that_is_meant_for_it(shop: Shop) -> None:
    releases(shop, "cut_off", 60)
    express = PutCarrierCutOff(
        node="LON", code="EXPRESS", carrier="post", service="express", cut_off="11:00", minutes_before=90, country="DE"
    )
    shop.do("fulfilment", express, CarrierCutOffState)
    shop.pump()
    abroad = the_fulfilment(shop, a_released_order(shop, Promise("MUG", 1)))
    assert (abroad.service, abroad.due_at) == ("post express", datetime(2026, 3, 2, 11, tzinfo=UTC))
    assert abroad.release_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    home = the_fulfilment(shop, a_released_order(shop, Promise("MUG", 1), address={"country": "GB"}))
    assert (home.service, home.due_at) == (None, datetime(2026, 3, 2, 15, tzinfo=UTC))


def test_a_held_order_does_not_come_to_the_floor_by_the_clock(shop: Shop) -> None:
    releases(shop, "cut_off", 60)
    order = a_released_order(shop, Promise("MUG", 1))
    hold(shop, order)
    shop.later(hours=8)
    tick(shop, ReleaseDue())
    assert not on_floor(shop, order)
    lift(shop, order)
    tick(shop, ReleaseDue())
    assert on_floor(shop, order)


def test_what_waits_is_looked_at_anew_when_a_node_changes_its_way(shop: Shop) -> None:
    releases(shop, "waves")
    order = a_released_order(shop, Promise("MUG", 1))
    assert not on_floor(shop, order)
    releases(shop, "cut_off", 60)
    assert the_fulfilment(shop, order).release_at == datetime(2026, 3, 2, 14, tzinfo=UTC)
    releases(shop, "streaming")
    assert on_floor(shop, order)
    releases(shop, "waves")
    assert on_floor(shop, order)  # what is on the floor stays there


# Waves


def test_a_wave_comes_to_the_floor_as_a_whole_and_is_done_with_its_last_parcel(shop: Shop) -> None:
    releases(shop, "waves")
    mine, other = a_released_order(shop, Promise("MUG", 2)), a_released_order(shop, Promise("TEA", 1))
    wave = a_wave(shop)
    assert (wave.status, wave.taken, wave.next) == ("planned", 2, ["cancelled", "released"])
    assert wave.planned == {"orders": 2, "fulfilments": 2, "lines": 2, "units": 3}
    with pytest.raises(Refused, match="Nothing is ready"):
        a_list(shop)
    with pytest.raises(Refused, match="lists are made for waves that are released"):
        a_list(shop, wave=wave.id)
    assert release(shop, wave).status == "released"
    assert release(shop, wave).version == the_wave(shop, wave).version  # said twice is said once
    walk = shop.do("fulfilment", NextPickList(node="LON", picker="ann", wave=wave.id), PickListState)
    for task in walk.tasks:
        pick(shop, task)
    leaves(shop, mine)
    assert the_wave(shop, wave).status == "released"
    leaves(shop, other)
    assert the_wave(shop, wave).status == "done"
    said = [(m["number"], m["status"]) for m in shop.said("WaveChanged")]
    assert said == [(wave.number, "planned"), (wave.number, "released"), (wave.number, "done")]


def test_what_is_due_first_goes_first_as_far_as_the_limits_go(shop: Shop) -> None:
    releases(shop, "waves")
    first = a_released_order(shop, Promise("MUG", 1))
    shop.later(hours=7)  # past the cut-off of Monday
    second = a_released_order(shop, Promise("TEA", 1))
    wave = a_wave(shop, most_orders=1, release=True)
    assert (on_floor(shop, first), on_floor(shop, second)) == (True, False)
    assert wave.taken == 1
    seen = preview(shop)
    assert (seen.waiting, seen.orders, seen.over, seen.late) == (1, 1, 0, 0)


def test_filters_name_days_services_lines_tags_and_zones(shop: Shop) -> None:
    releases(shop, "waves")
    a_released_order(shop, Promise("MUG", 1))
    a_released_order(shop, Promise("MUG", 1), Promise("TEA", 1))
    assert preview(shop, lines="single").fulfilments == 1
    assert preview(shop, lines="multi").fulfilments == 1
    assert preview(shop, due_within_minutes=60).fulfilments == 0
    assert preview(shop, due_by=shop.now + timedelta(hours=6)).fulfilments == 2
    assert preview(shop, services=["post"]).fulfilments == 0
    assert preview(shop, tags=["vip"]).fulfilments == 0
    assert preview(shop, zones=["A"]).fulfilments == 0
    assert preview(shop, channels=["web"]).fulfilments == 2
    assert preview(shop, ship_complete=True).fulfilments == 0
    with pytest.raises(Refused, match="it is single, multi or nothing"):
        preview(shop, lines="some")
    with pytest.raises(Refused, match="None of the 2 fulfilments"):
        a_wave(shop, tags=["vip"])


def test_a_preview_says_what_it_comes_to_against_what_the_floor_can_do(shop: Shop) -> None:
    releases(shop, "waves")
    a_released_order(shop, Promise("MUG", 1), Promise("TEA", 2))
    a_released_order(shop, Promise("MUG", 1))
    seen = preview(shop, lines_per_hour=1)
    assert (seen.orders, seen.lines, seen.units, seen.parcels, seen.bins) == (2, 3, 4, 2, 1)
    assert (seen.hours, seen.grams, seen.short) == (3.0, 900, [])
    (hour,) = seen.load
    assert (hour.until, hour.lines, hour.can_lines, hour.fits) == (datetime(2026, 3, 2, 15, tzinfo=UTC), 3, 6, True)
    shop.later(hours=4)
    assert [h.fits for h in preview(shop, lines_per_hour=1).load] == [False]
    assert shop.count("waves") == 0


def test_a_preview_names_what_would_be_short(shop: Shop) -> None:
    releases(shop, "waves")
    order = a_released_order(shop, Promise("MUG", 3))
    with shop.db.transaction(Who("user:x"), now=shop.now) as tx:
        moved = Movement("MUG", "LON", MovementKind.moved, "test")
        post(tx, [moved._replace(on_hand=-18, bin="PICK"), moved._replace(on_hand=18, bin="DISPATCH")])
    (short,) = preview(shop).short
    assert (short.fulfilment, short.sku, short.wanted, short.found) == (
        the_fulfilment(shop, order).number,
        "MUG",
        3,
        2,
    )


def test_a_held_order_is_never_in_a_wave_and_one_that_becomes_held_leaves_it(shop: Shop) -> None:
    releases(shop, "waves")
    held, other = a_released_order(shop, Promise("MUG", 1)), a_released_order(shop, Promise("MUG", 1))
    hold(shop, held)
    assert preview(shop).held == 1
    wave = a_wave(shop, release=True)
    assert wave.taken == 1
    hold(shop, other)
    assert not on_floor(shop, other)
    assert the_fulfilment(shop, other).wave_id is None
    assert (the_wave(shop, wave).status, the_wave(shop, wave).gone) == ("cancelled", 1)
    lift(shop, other)
    assert not on_floor(shop, other)  # it waits for the next one
    assert a_wave(shop, release=True).taken == 1


def test_a_hold_that_nobody_told_us_of_is_seen_when_the_wave_is_made(shop: Shop) -> None:
    releases(shop, "waves")
    order = a_released_order(shop, Promise("MUG", 1))
    hold(shop, order, told=False)
    with pytest.raises(Refused, match="Nothing waits at LON"):
        a_wave(shop)


def test_cancelling_gives_back_what_nobody_has_begun(shop: Shop) -> None:
    releases(shop, "waves")
    begun, other = a_released_order(shop, Promise("MUG", 1)), a_released_order(shop, Promise("TEA", 1))
    wave = a_wave(shop, release=True)
    walk = a_list(shop, wave=wave.id, limit=1)
    pick(shop, walk.tasks[0])
    ended = give_back(shop, wave)
    assert (ended.status, ended.taken, ended.gone) == ("cancelled", 2, 1)
    assert (on_floor(shop, begun), on_floor(shop, other)) == (True, False)
    assert give_back(shop, wave).version == ended.version
    with pytest.raises(Refused):
        release(shop, wave)
    leaves(shop, begun)
    assert a_wave(shop).taken == 1


def test_what_is_urgent_is_released_by_hand_and_leaves_its_planned_wave(shop: Shop) -> None:
    releases(shop, "waves")
    urgent, other = a_released_order(shop, Promise("MUG", 1)), a_released_order(shop, Promise("TEA", 1))
    wave, one = a_wave(shop), the_fulfilment(shop, urgent)
    hold(shop, other)
    asked = ReleaseFulfilments(fulfilments=[one.id, the_fulfilment(shop, other).id], reason="the customer called")
    told = shop.do("fulfilment", asked, FulfilmentsReleased)
    assert (told.released, told.already, [r.code for r in told.refused]) == ([one.id], [], ["order_on_hold"])
    assert the_fulfilment(shop, urgent).released_why == "by hand: the customer called"
    assert the_wave(shop, wave).status == "cancelled"  # nothing is left of it
    again = shop.do("fulfilment", asked, FulfilmentsReleased)
    assert (again.released, again.already) == ([], [one.id])
    assert len(a_list(shop).tasks) == 1


def test_what_is_cancelled_leaves_its_wave(shop: Shop) -> None:
    releases(shop, "waves")
    order = a_released_order(shop, Promise("MUG", 1))
    wave = a_wave(shop)
    (row,) = shop.allocations(order.id)
    cancel(shop, order, Part(row.id, 1))
    assert (the_wave(shop, wave).status, the_wave(shop, wave).gone) == ("cancelled", 1)


def test_units_that_come_later_join_what_waits_and_merging_keeps_the_wave(shop: Shop) -> None:
    releases(shop, "waves")
    order = a_released_order(shop, Promise("MUG", 1), Promise("TEA", 1))
    wave = a_wave(shop)
    (one,) = fulfilments(shop, order)
    with pytest.raises(Refused, match="no other fulfilment"):
        shop.do("fulfilment", MergeFulfilments(fulfilment_id=one.id), FulfilmentState)
    assert release(shop, wave).taken == 1


def test_older_promises_are_not_robbed_by_releasing_younger_ones_first(shop: Shop) -> None:
    releases(shop, "waves")
    older = a_released_order(shop, Promise("MUG", 12))
    younger = a_released_order(shop, Promise("MUG", 8))
    a_wave(shop, fulfilments=[the_fulfilment(shop, younger).id], release=True)
    for task in a_list(shop).tasks:
        pick(shop, task)
    a_wave(shop, release=True)
    assert sum(t["quantity"] for t in a_list(shop).tasks) == 12
    assert on_floor(shop, older)


def test_templates_make_waves_at_times_of_the_day_that_the_node_works(shop: Shop) -> None:
    releases(shop, "waves")
    asked = PutWaveTemplate(
        node="LON", code="SINGLES", name="Singles", filter=WaveFilter(lines="single"), times=["12:00", "10:00"]
    )
    made = shop.do("fulfilment", asked, WaveTemplateState)
    assert (made.created, made.next_at) == (True, datetime(2026, 3, 2, 10, tzinfo=UTC))
    order = a_released_order(shop, Promise("MUG", 1))
    tick(shop, RunWaveTemplates())
    assert not on_floor(shop, order)
    shop.later(hours=1)
    tick(shop, RunWaveTemplates())
    assert on_floor(shop, order)
    with shop.db.reading() as session:
        (row,) = session.scalars(select(WaveTemplate))
        assert (row.next_at, row.last_at) == (datetime(2026, 3, 2, 12, tzinfo=UTC), shop.now)
        assert row.last_said == "W1: 1 fulfilments"
    shop.later(hours=2)
    tick(shop, RunWaveTemplates())
    with shop.db.reading() as session:
        (row,) = session.scalars(select(WaveTemplate))
        assert row.last_said == "Nothing waits at LON for a wave: all that is ready is released, in a wave or held."
        assert row.next_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert shop.count("waves") == 1


def test_two_who_plan_at_once_share_nothing(shop: Shop) -> None:
    releases(shop, "waves")
    for _ in range(4):
        a_released_order(shop, Promise("MUG", 1))
    one, two = a_wave(shop, most_orders=2), a_wave(shop)
    with shop.db.reading() as session:
        rows = session.execute(select(Fulfilment.id, Fulfilment.wave_id)).all()
    assert sorted(sum(1 for r in rows if r.wave_id == w.id) for w in (one, two)) == [2, 2]


def test_a_list_of_a_wave_holds_nothing_else(shop: Shop) -> None:
    releases(shop, "waves")
    mine, other = a_released_order(shop, Promise("MUG", 1)), a_released_order(shop, Promise("TEA", 1))
    wave = a_wave(shop, fulfilments=[the_fulfilment(shop, mine).id], release=True)
    a_wave(shop, release=True)
    walk = shop.do("fulfilment", CreatePickList(node="LON", wave=wave.id), PickListState)
    assert {t["sku"] for t in walk.tasks} == {"MUG"}
    assert the_fulfilment(shop, other).status == "ready"
