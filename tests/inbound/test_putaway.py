"""What is received is put away: into which bin and why, once, within what a bin takes, and back again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from agents.fulfilment.messages import CreatePickList, Pick, PickListState
from agents.inbound import putaway
from agents.inbound.messages.inspections import DecideUnits
from agents.inbound.messages.putaways import (
    CancelPutaway,
    GiveBackPutaway,
    PlanPutaway,
    PutAway,
    PutawayRuleState,
    PutawaysPlanned,
    PutawayState,
    PutPutawayRule,
    RemovePutawayRule,
    StartPutaway,
    TidyPutaways,
    UndoPutaway,
)
from agents.inventory.messages import MoveStock, ReceivedLine, ReceiveStock, StockState
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from db.errors import Refused
from db.fulfilment import Fulfilment
from db.putaway import Putaway, PutawayStatus, lock_putaway
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock, good
from tests.serve.conftest import error_of
from tests.shop import TESTER

PICK = "PICK"  # the pick face that every node has; no limits


@pytest.fixture
def shelves(dock: Dock) -> Dock:
    """The pick face takes four units, R1 in reserve ten, and R2 any number."""
    dock.a_bin(PICK, "pick_face", capacity_units=4, sequence=1)
    dock.a_bin("R1", capacity_units=10, sequence=5)
    dock.a_bin("R2", sequence=6)
    return dock


def came(dock: Dock, units: int, **of_line: Any) -> UUID:
    """The task for mugs that have just come."""
    made = dock.receive(dock.sent(MUG=units).id, good(1, units, **of_line))
    dock.pump()
    (task,) = made.putaways
    return UUID(str(task["id"]))


def suggested(told: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(s["bin"], s["quantity"]) for s in told]


def test_who_receives_is_told_where_it_goes_and_why(shelves: Dock) -> None:
    made = shelves.receive(shelves.sent(MUG=12, PLATE=3).id, good(1, 12), good(2, 3))
    mugs, plates = sorted(made.putaways, key=lambda t: t["sku"])
    assert (mugs["number"], mugs["bin"], mugs["left"], mugs["unplaced"]) == ("PA100001", "RECEIVING", 12, 0)
    # R1 takes ten of twelve, so the bin that takes all of it comes first.
    (first,) = mugs["suggestions"]
    assert (first["bin"], first["quantity"], first["why"]) == ("R2", 12, "it is empty; it takes all")
    assert (first["second_bin"], first["second_seconds"], first["second_why"]) == (PICK, -122, "it does not take all")
    assert suggested(plates["suggestions"]) == [(PICK, 3)]


def test_room_that_another_task_was_promised_is_not_promised_twice(shelves: Dock) -> None:
    shelves.a_bin("R2", active=False)
    made = shelves.receive(shelves.sent(MUG=9, PLATE=9).id, good(1, 9), good(2, 9))
    mugs, plates = sorted(made.putaways, key=lambda t: t["sku"])
    assert (suggested(mugs["suggestions"]), mugs["unplaced"]) == ([("R1", 9)], 0)
    assert (suggested(plates["suggestions"]), plates["unplaced"]) == ([(PICK, 4), ("R1", 1)], 4)
    assert plates["unplaced_why"] == "4 have no place: 2 bins full"


def test_units_move_into_the_bins_and_the_task_is_through(shelves: Dock) -> None:
    task = came(shelves, 12)
    shelves.do("inbound", StartPutaway(task_id=task), PutawayState)
    first = shelves.put(task, "R2", 5)
    assert (first.status, first.left, first.next) == ("started", 7, ["put", "give_back", "cancel"])
    assert suggested(first.suggestions) == [("R2", 7)]
    last = shelves.put(task, "R2", 7)
    assert (last.status, last.left, last.put_away, last.next, last.suggestions) == ("completed", 0, 12, [], [])
    assert shelves.lies() == {"R2": 12}
    assert [(e["from_bin"], e["bin"], e["quantity"]) for e in shelves.said("GoodsPutAway")] == [
        ("RECEIVING", "R2", 5),
        ("RECEIVING", "R2", 7),
    ]
    shelves.no(PutAway(task_id=task, bin="R2", quantity=1), "putaway_over")


def test_more_of_the_same_joins_the_open_task(shelves: Dock) -> None:
    task, again = came(shelves, 3), came(shelves, 4)
    assert task == again
    (row,) = shelves.tasks()
    assert (row.quantity, row.left) == (7, 7)


def test_another_bin_takes_a_reason_and_leaves_who_said_so(shelves: Dock) -> None:
    task = came(shelves, 3)
    refused = shelves.no(PutAway(task_id=task, bin="R1", quantity=3), "not_suggested")
    assert refused.facts()["suggested"] == [PICK]
    done = shelves.put(task, "R1", 3, reason="the aisle is closed")
    assert done.overridden == ["suggestion"]
    with shelves.db.reading() as session:
        (row,) = session.scalars(select(Putaway))
        assert (row.by, row.reason, row.overridden) == (TESTER.actor, "the aisle is closed", ["suggestion"])


def test_beyond_a_limit_takes_a_reason_and_the_audit_accepts_no_other(shelves: Dock) -> None:
    task = came(shelves, 12)
    refused = shelves.no(PutAway(task_id=task, bin="R1", quantity=12), "bin_full")
    assert (refused.facts()["capacity"], refused.facts()["adding"]) == (10, 12)
    done = shelves.put(task, "R1", 12, reason="two stick out")
    assert done.overridden == ["units", "suggestion"]
    assert shelves.lies() == {"R1": 12}
    # Whoever adds to it needs a reason of their own. What is there the audit accepts, but not once the record is gone.
    shelves.no(PutAway(task_id=came(shelves, 1), bin="R1", quantity=1), "bin_full")
    assert shelves.beyond() == 0
    with shelves.db.transaction(TESTER, now=shelves.now) as tx:
        tx.execute(text("UPDATE putaways SET overridden = '{suggestion}'"))
    assert shelves.beyond() == 1
    with shelves.db.transaction(TESTER, now=shelves.now) as tx:
        tx.execute(text("UPDATE putaways SET overridden = '{units,suggestion}'"))


def test_a_blocked_bin_and_one_that_does_not_fit_take_a_reason_and_a_closed_one_takes_nothing(shelves: Dock) -> None:
    task = came(shelves, 8)
    shelves.a_bin("R1", blocked=True)
    shelves.a_bin("COLD", temperature="chilled")
    shelves.a_bin("R3", active=False)
    shelves.no(PutAway(task_id=task, bin="R1", quantity=1), "bin_blocked")
    shelves.no(PutAway(task_id=task, bin="COLD", quantity=1), "unfit_bin")
    for bin, code in (("R3", "bin_closed"), ("PACK", "not_a_bin_to_put_into"), ("NOWHERE", "not_found")):
        shelves.no(PutAway(task_id=task, bin=bin, quantity=1, reason="I want it so"), code)
    assert shelves.put(task, "R1", 1, reason="emptied tomorrow").overridden == ["blocked"]
    assert shelves.put(task, "COLD", 1, reason="it is off").overridden == ["temperature", "suggestion"]


def test_no_more_is_put_away_than_lies_there(shelves: Dock) -> None:
    task = came(shelves, 6)
    refused = shelves.no(PutAway(task_id=task, bin="R2", quantity=7, reason="x"), "less_lies_there")
    assert refused.facts()["left"] == 6
    shelves.do("inventory", MoveStock(node="LON", sku="MUG", quantity=4, from_bin="RECEIVING", to_bin="R2"), StockState)
    shelves.no(PutAway(task_id=task, bin="R2", quantity=3), "less_lies_there")
    state = shelves.put(task, "R2", 2, reason="with the others")
    assert (state.status, state.put_away, state.withdrawn) == ("completed", 2, 4)


def test_what_pick_lists_fetch_is_left_for_them(shelves: Dock) -> None:
    task = came(shelves, 6)
    order = ordered(shelves, 4)
    fetched = a_list(shelves, order)
    assert {t["bin"] for t in fetched} == {"RECEIVING"}
    refused = shelves.no(PutAway(task_id=task, bin="R1", quantity=3), "less_lies_there")
    assert (refused.facts()["left"], refused.facts()["picked"]) == (2, 4)
    assert shelves.put(task, "R1", 2).left == 4
    for each in fetched:
        shelves.do("fulfilment", Pick(task_id=UUID(each["id"]), quantity=each["quantity"]), PickListState)
    tidy(shelves)
    (row,) = shelves.tasks(open=False)
    assert (row.status, row.put_away, row.withdrawn) == ("completed", 2, 4)


def test_a_task_of_goods_that_went_otherwise_closes_by_itself(shelves: Dock) -> None:
    came(shelves, 6)
    shelves.do("inventory", MoveStock(node="LON", sku="MUG", quantity=6, from_bin="RECEIVING", to_bin="R2"), StockState)
    tidy(shelves)
    (row,) = shelves.tasks(open=False)
    assert (row.status, row.withdrawn) == ("cancelled", 6)


def test_units_that_went_otherwise_take_the_places_along_until_somebody_wants_to_put_the_rest_away(
    shelves: Dock,
) -> None:
    task = came(shelves, 12)
    shelves.do("inventory", MoveStock(node="LON", sku="MUG", quantity=6, from_bin="RECEIVING", to_bin="R1"), StockState)
    tidy(shelves)
    (row,) = shelves.tasks()
    assert (row.left, row.unplaced, shelves.count("putaway_suggestions")) == (6, 0, 0)
    # R1 holds the same goods and has room for four.
    assert shelves.put(task, "R1", 2).overridden == []
    shelves.do("inventory", MoveStock(node="LON", sku="MUG", quantity=1, from_bin="RECEIVING", to_bin="R2"), StockState)
    tidy(shelves)
    started = shelves.do("inbound", GiveBackPutaway(task_id=task), PutawayState)
    assert started.suggestions == []
    started = shelves.do("inbound", StartPutaway(task_id=task), PutawayState)
    assert sum(n for _, n in suggested(started.suggestions)) == 3


def test_places_are_looked_for_for_so_many_tasks_at_once(shelves: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(putaway, "MOST_LOOKED_AT", 1)
    made = shelves.receive(shelves.sent(MUG=3, PLATE=3).id, good(1, 3), good(2, 3))
    mugs, plates = sorted(made.putaways, key=lambda t: t["sku"])
    assert (suggested(mugs["suggestions"]), plates["suggestions"]) == ([(PICK, 3)], [])
    # A plan goes to the one without places first.
    assert plan(shelves).looked_at == 1
    assert shelves.count("putaway_suggestions") == 2
    lines = [ReceivedLine(sku=sku, quantity=5, bin="RECEIVING") for sku in ("MUG", "PLATE")]
    shelves.do("inventory", ReceiveStock(node="LON", lines=lines, reference="blind"), StockState)
    planned = plan(shelves)
    assert (planned.looked_at, planned.units) == (1, 16)
    states = [shelves.do("inbound", StartPutaway(task_id=UUID(str(t["id"]))), PutawayState) for t in (mugs, plates)]
    assert [sum(n for _, n in suggested(s.suggestions)) for s in states] == [8, 8]


def test_a_scan_that_is_said_again_waits_for_nobody_at_the_tasks(shelves: Dock) -> None:
    order = shelves.sent(MUG=3)
    made = shelves.receive(order.id, good(1, 3))
    task = UUID(str(made.putaways[0]["id"]))
    with ThreadPoolExecutor(1) as dock, shelves.db.transaction(TESTER, now=shelves.now) as tx:
        lock_putaway(tx, task)
        again = dock.submit(shelves.receive, order.id, good(1, 3)).result(timeout=10)
    assert again.putaways == made.putaways


def test_a_receipt_that_is_taken_back_takes_its_units_off_the_list(shelves: Dock) -> None:
    first = shelves.receive(shelves.sent(MUG=5).id, good(1, 5))
    second = shelves.receive(shelves.sent(MUG=3).id, good(1, 3), scan="S2")
    shelves.back(first.id)
    (row,) = shelves.tasks()
    assert (row.left, row.withdrawn) == (3, 5)
    assert shelves.back(second.id).putaways == []
    assert shelves.tasks() == []


def test_two_people_at_one_task_put_it_away_once(shelves: Dock) -> None:
    task = came(shelves, 6)

    def put(_: int) -> str:
        try:
            return shelves.put(task, "R2", 6, reason="x").status
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(6) as people:
        said = sorted(people.map(put, range(6)))
    assert said == ["completed", *["putaway_over"] * 5]
    assert (shelves.lies(), shelves.count("putaways")) == ({"R2": 6}, 1)


def test_many_people_at_many_tasks_and_a_bin_that_is_never_too_full(shelves: Dock) -> None:
    shelves.a_bin("R1", capacity_units=25)
    with ThreadPoolExecutor(4) as people:
        orders = [shelves.sent(MUG=10, PLATE=10).id for _ in range(4)]
        list(people.map(lambda id: shelves.receive(id, good(1, 10), good(2, 10)), orders))
        mugs, plates = shelves.tasks()
        refusals: list[str] = []

        def put(n: int) -> int:
            try:
                shelves.put((mugs, plates)[n % 2].id, "R1", 3)
            except Refused as refused:
                refusals.append(refused.code)
                return 0
            return 3

        put_in = sum(people.map(put, range(24)))
    assert set(refusals) <= {"bin_full", "not_suggested"}
    there = shelves.lies("MUG").get("R1", 0) + shelves.lies("PLATE").get("R1", 0)
    assert there == put_in <= 25
    assert sum(shelves.lies("MUG").values()) == sum(shelves.lies("PLATE").values()) == 40


def test_what_was_put_away_comes_back_while_it_is_there(shelves: Dock) -> None:
    task = came(shelves, 4)
    done = shelves.put(task, PICK, 4)
    assert done.undo is not None
    assert done.undo.body["putaway_id"] == str(done.putaway_id)
    back = undo(shelves, done.putaway_id)
    assert (back.status, back.left, suggested(back.suggestions)) == ("started", 4, [(PICK, 4)])
    assert shelves.lies() == {"RECEIVING": 4}
    assert done.putaway_id is not None
    shelves.no(UndoPutaway(putaway_id=done.putaway_id), "put_back_already")


def test_after_a_day_units_are_not_brought_back(shelves: Dock) -> None:
    first = shelves.put(came(shelves, 2), PICK, 2)
    second = shelves.put(came(shelves, 2), PICK, 2)
    shelves.later(hours=24)
    assert undo(shelves, first.putaway_id).status == "started"
    shelves.later(seconds=1)
    assert second.putaway_id is not None
    refused = shelves.no(UndoPutaway(putaway_id=second.putaway_id), "too_late_to_bring_back")
    assert refused.facts()["hours"] == 24


def test_what_has_left_or_is_fetched_by_a_list_does_not_come_back(shelves: Dock) -> None:
    done = shelves.put(came(shelves, 4), PICK, 4)
    assert done.putaway_id is not None
    a_list(shelves, ordered(shelves, 1))
    refused = shelves.no(UndoPutaway(putaway_id=done.putaway_id), "gone_from_bin")
    assert refused.facts()["free"] == 3


def test_units_that_come_back_join_what_came_meanwhile(shelves: Dock) -> None:
    first = came(shelves, 4)
    done = shelves.put(first, PICK, 4)
    second = came(shelves, 3)
    assert second != first
    back = undo(shelves, done.putaway_id)
    assert (back.id, back.left) == (second, 7)
    old = next(t for t in shelves.tasks(open=False) if t.id == first)
    assert (old.status, old.put_away, old.withdrawn) == ("completed", 0, 4)


def test_a_task_is_taken_on_by_one_given_back_and_cancelled_with_a_reason(shelves: Dock) -> None:
    task = came(shelves, 4)
    started = shelves.do("inbound", StartPutaway(task_id=task), PutawayState)
    assert (started.status, started.assigned_to) == ("started", TESTER.actor)
    shelves.no(StartPutaway(task_id=task), "illegal_move")
    given = shelves.do("inbound", GiveBackPutaway(task_id=task), PutawayState)
    assert (given.status, given.assigned_to) == ("ready", None)
    shelves.no(CancelPutaway(task_id=task, reason=" "), "bad_field")
    shelves.no(CancelPutaway(task_id=task, reason="x", version=1), "stale_version")
    cancelled = shelves.do("inbound", CancelPutaway(task_id=task, reason="sold from here"), PutawayState)
    assert (cancelled.status, cancelled.withdrawn, cancelled.next) == ("cancelled", 4, [])
    assert shelves.lies() == {"RECEIVING": 4}
    # Who wants it on the list again asks for a plan.
    planned = plan(shelves)
    assert (planned.opened, planned.open, planned.units) == (1, 1, 4)


def test_a_plan_finds_what_came_past_any_receipt_and_looks_for_places_anew(shelves: Dock) -> None:
    lines = [ReceivedLine(sku="PLATE", quantity=5, bin="RECEIVING")]
    shelves.do("inventory", ReceiveStock(node="LON", lines=lines, reference="blind"), StockState)
    task = came(shelves, 6)
    shelves.do("inbound", PutPutawayRule(node="LON", code="mugs", goods="sku", value="MUG", bin="R1"), PutawayRuleState)
    planned = plan(shelves)
    assert (planned.open, planned.opened, planned.closed, planned.units, planned.unplaced) == (2, 1, 0, 11, 0)
    again = plan(shelves)
    assert (again.open, again.opened, again.units) == (2, 0, 11)
    state = shelves.do("inbound", StartPutaway(task_id=task), PutawayState)
    assert [(s["bin"], s["rule"]) for s in state.suggestions] == [("R1", "mugs")]


def test_a_plan_closes_tasks_of_which_nothing_lies_there_any_more(shelves: Dock) -> None:
    came(shelves, 6)
    shelves.do("inventory", MoveStock(node="LON", sku="MUG", quantity=6, from_bin="RECEIVING", to_bin="R2"), StockState)
    planned = plan(shelves)
    assert (planned.open, planned.closed, planned.units) == (0, 1, 0)
    assert shelves.count("putaway_suggestions") == 0


def test_what_was_inspected_and_accepted_is_put_away_too(shelves: Dock) -> None:
    made = shelves.receive(shelves.sent(MUG=5).id, good(1, 5, condition="inspect"))
    assert made.putaways == []
    inspection = UUID(str(made.inspections[0]["id"]))
    shelves.do("inbound", DecideUnits(inspection_id=inspection, accept=3), msgspec.Struct)
    (task,) = shelves.tasks()
    assert (task.left, task.why) == (3, made.inspections[0]["number"])


def test_goods_that_go_straight_to_a_shelf_need_no_task(shelves: Dock) -> None:
    assert shelves.receive(shelves.sent(MUG=2).id, good(1, 2, bin=PICK)).putaways == []
    assert shelves.tasks() == []


def test_lots_are_put_away_apart(shelves: Dock) -> None:
    shelves.a_sku("MILK", tracking="lot")
    shelves.sells("MILK")
    order = shelves.sent(MILK=6)
    made = shelves.receive(order.id, good(1, 2, lot="A"), good(1, 4, lot="B"))
    assert [(t["lot"], t["left"]) for t in made.putaways] == [("A", 2), ("B", 4)]
    task = UUID(str(made.putaways[1]["id"]))
    shelves.put(task, "R2", 4, reason="cold corner")
    assert shelves.lies("MILK") == {"RECEIVING": 2, "R2": 4}


# Cross-dock


def test_units_that_orders_wait_for_go_next_to_packing_with_the_orders_named(shelves: Dock) -> None:
    shelves.some_stock("MUG", "LON", 1, bin="R1")
    first, second = ordered(shelves, 3), ordered(shelves, 2)
    made = shelves.receive(shelves.sent(MUG=12).id, good(1, 12))
    assert made.filled == 4
    (task,) = made.putaways
    # The one on the shelf is for who came first.
    assert [(w["order"], w["units"]) for w in task["waiting"]] == [(first.number, 2), (second.number, 2)]
    cross, store = task["suggestions"][0], task["suggestions"][1:]
    assert (cross["bin"], cross["quantity"], cross["purpose"]) == (PICK, 4, "cross_dock")
    assert cross["why"].startswith(f"orders {first.number} (2), {second.number} (2) wait for it")
    assert [(s["bin"], s["quantity"], s["purpose"]) for s in store] == [("R1", 8, "store")]


def test_what_no_pick_face_takes_stays_to_be_picked_from_where_it_lies(shelves: Dock) -> None:
    shelves.some_stock("MUG", "LON", 1, bin="R1")
    order = ordered(shelves, 7)
    made = shelves.receive(shelves.sent(MUG=6).id, good(1, 6))
    (task,) = made.putaways
    assert (suggested(task["suggestions"]), task["unplaced"]) == ([(PICK, 4)], 2)
    assert "stay to be picked from here" in task["unplaced_why"]
    shelves.pump()
    fetched = a_list(shelves, order)
    assert sum(t["quantity"] for t in fetched if t["bin"] == "RECEIVING") == 6


def test_a_pick_list_that_fetches_the_units_is_no_order_that_waits(shelves: Dock) -> None:
    shelves.some_stock("MUG", "LON", 1, bin="R1")
    order = ordered(shelves, 5)
    task = came(shelves, 10)
    a_list(shelves, order)
    state = shelves.do("inbound", StartPutaway(task_id=task), PutawayState)
    assert (state.waiting, state.picked, sum(s["quantity"] for s in state.suggestions)) == ([], 4, 6)


# Rules


def test_rules_are_kept_and_refused_with_the_reason(shelves: Dock) -> None:
    ask = PutPutawayRule(node="LON", code="mugs", goods="sku", value="MUG", bin="R1", units_per_bin=5)
    made = shelves.do("inbound", ask, PutawayRuleState)
    assert (made.created, made.version, made.bin) == (True, 1, "R1")
    changed = shelves.do("inbound", msgspec.structs.replace(ask, bin="R2", version=1), PutawayRuleState)
    assert (changed.created, changed.version, changed.bin) == (False, 2, "R2")
    for wrong in (
        {"goods": "colour"}, {"value": ""}, {"goods": "everything"}, {"goods": "temperature", "value": "warm"},
        {"goods": "hazard_class", "value": "99"}, {"bin": "PACK"}, {"priority": -1}, {"units_per_bin": 0},
        {"bin": None, "units_per_bin": None},
    ):  # fmt: skip
        shelves.no(msgspec.structs.replace(ask, **wrong), "bad_putaway_rule")
    for unknown in ({"bin": "X"}, {"zone": "X"}, {"value": "X"}, {"node": "X"}):
        shelves.no(msgspec.structs.replace(ask, **unknown), "not_found")
    shelves.no(msgspec.structs.replace(ask, version=1), "stale_version")
    shelves.do("inbound", RemovePutawayRule(node="LON", code="mugs", version=2), msgspec.Struct)
    shelves.no(RemovePutawayRule(node="LON", code="mugs"), "not_found")


def test_a_strict_rule_keeps_goods_out_of_all_other_bins(shelves: Dock) -> None:
    ask = PutPutawayRule(node="LON", code="mugs", goods="sku", value="MUG", bin="R1", strict=True)
    shelves.do("inbound", ask, PutawayRuleState)
    task = came(shelves, 12)
    (row,) = shelves.tasks()
    assert (row.unplaced, row.unplaced_why) == (2, "2 have no place: 2 bins outside of its rules, 1 bins full")
    refused = shelves.no(PutAway(task_id=task, bin="R2", quantity=2), "unfit_bin")
    assert refused.facts()["what"] == "rule"
    assert shelves.put(task, "R2", 2, reason="for a day").overridden == ["rule", "suggestion"]


def test_more_than_a_rule_lets_lie_in_a_bin_takes_a_reason(shelves: Dock) -> None:
    ask = PutPutawayRule(node="LON", code="few", goods="sku", value="MUG", bin="R2", units_per_bin=5)
    shelves.do("inbound", ask, PutawayRuleState)
    task = came(shelves, 12)
    refused = shelves.no(PutAway(task_id=task, bin="R2", quantity=6), "unfit_bin")
    assert "rule few lets 5 units of MUG lie in R2, and 0 do already" in str(refused)
    assert shelves.put(task, "R2", 3).overridden == []
    assert shelves.put(task, "R2", 2).overridden == []
    shelves.no(PutAway(task_id=task, bin="R2", quantity=1), "unfit_bin")
    assert "rule" in shelves.put(task, "R2", 1, reason="for a day").overridden


def test_states_are_those_that_people_see(shelves: Dock) -> None:
    assert {t.status for t in shelves.tasks(open=False)} == set()
    came(shelves, 1)
    assert [t.status for t in shelves.tasks()] == [PutawayStatus.ready]


# What people at the dock do


def ordered(dock: Dock, units: int) -> OrderState:
    ask = PlaceOrder(
        channel="web",
        currency="EUR",
        lines=[PlacedLine(sku="MUG", quantity=units)],
        payment=PaymentGiven(provider="test", token="tok_ok"),
    )
    placed = dock.do("orders", ask, OrderState)
    dock.later(seconds=1)
    dock.pump()
    return placed


def a_list(dock: Dock, order: OrderState) -> list[dict[str, Any]]:
    with dock.db.reading() as session:
        found = list(session.scalars(select(Fulfilment.id).where(Fulfilment.order_id == order.id)))
    return dock.do("fulfilment", CreatePickList(node="LON", fulfilments=found), PickListState).tasks


def undo(dock: Dock, putaway: UUID | None) -> PutawayState:
    assert putaway is not None
    return dock.do("inbound", UndoPutaway(putaway_id=putaway), PutawayState)


def plan(dock: Dock) -> PutawaysPlanned:
    return dock.do("inbound", PlanPutaway(node="LON"), PutawaysPlanned)


def tidy(dock: Dock) -> None:
    with dock.db.transaction(TESTER, now=dock.now) as tx:
        tx.send("inbound", "schedule:tidy putaways", TidyPutaways())
    dock.pump()
    assert dock.dead() == []


def test_over_http(shelves: Dock) -> None:
    with shelves.db.transaction(TESTER, now=shelves.now) as tx:
        _, secret = make_key(tx, "test", sorted(ALL_SCOPES))
        _, reader = make_key(tx, "reader", ["read_stock"])
    app = create_app(shelves.db, shelves, clock=lambda: shelves.now)
    client = TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
    order = shelves.sent(MUG=5)
    made = client.post(
        f"/api/v1/purchase-orders/{order.id}/receive", json={"scan": "1", "lines": [{"line_no": 1, "quantity": 5}]}
    )
    (task,) = made.json()["putaways"]
    listed = client.get("/api/v1/putaway-tasks?node_eq=LON&status_eq=ready&expand=suggestions").json()["data"]
    assert [(t["id"], t["left"], t["there"], t["picked"], t["next"]) for t in listed] == [
        (task["id"], 5, 5, 0, ["put", "start", "cancel"])
    ]
    assert [s["bin"] for s in listed[0]["suggestions"]] == ["R1"]
    path = f"/api/v1/putaway-tasks/{task['id']}"
    body = {"bin": "R1", "quantity": 5}
    error_of(client.post(f"{path}/put", json=body, headers={"Authorization": f"Bearer {reader}"}), 403, "missing_scope")
    error_of(client.post(f"{path}/put", json={**body, "bin": "R2"}), 409, "not_suggested")
    put = client.post(f"{path}/put", json=body).json()
    assert (put["status"], put["undo"]["path"]) == ("completed", f"/api/v1/putaways/{put['putaway_id']}/undo")
    assert client.get("/api/v1/putaways?is_override_eq=false").json()["data"][0]["task"] == task["number"]
    back = client.post(put["undo"]["path"], json=put["undo"]["body"]).json()
    assert (back["status"], back["left"]) == ("started", 5)
    assert client.post(f"{path}/give-back", json={}).json()["status"] == "ready"
    assert client.post(f"{path}/start", json={}).json()["status"] == "started"
    rule = "/api/v1/putaway-rules/LON/mugs"
    made = client.put(rule, json={"goods": "sku", "value": "MUG", "bin": "R2"})
    assert (made.status_code, made.json()["created"]) == (200, True)
    assert client.post("/api/v1/putaway-tasks/plan", json={"node": "LON"}).json()["units"] == 5
    shown = client.get(path).json()
    assert ([s["rule"] for s in shown["suggestions"]], len(shown["putaways"])) == (["mugs"], 1)
    assert client.get("/api/v1/putaway-rules?node_eq=LON").json()["data"] == [client.get(rule).json()]
    assert client.delete(rule).status_code == 200
    error_of(client.get(rule), 404, "not_found")
    assert client.post(f"{path}/cancel", json={"reason": "sold from here"}).json()["status"] == "cancelled"
