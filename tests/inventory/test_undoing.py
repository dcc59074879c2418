"""What was received, corrected or counted is taken back by counter-entries, once, while the goods are there."""

from __future__ import annotations

import pytest

from agents.contract import Undo
from agents.inventory.messages import (
    AdjustStock,
    CountedLine,
    CountState,
    MoveStock,
    OpenCount,
    PostCount,
    ReceivedLine,
    ReceiveStock,
    StockState,
    UndoStock,
)
from tests.inventory.conftest import Warehouse


def receive(house: Warehouse, units: int = 10, reference: str = "GRN-1") -> UndoStock:
    ask = ReceiveStock(node="LON", reference=reference, lines=[ReceivedLine(sku="MUG", quantity=units)])
    return back(house.do("inventory", ask, StockState).undo)


def adjust(house: Warehouse, units: int) -> UndoStock:
    return back(
        house.do("inventory", AdjustStock(node="LON", sku="MUG", quantity=units, reason="found"), StockState).undo
    )


def back(undo: Undo | None) -> UndoStock:
    assert undo is not None
    return UndoStock(**undo.body)


def undo(house: Warehouse, ask: UndoStock) -> StockState:
    return house.do("inventory", ask, StockState)


def test_a_receipt_is_taken_back_and_the_ledger_shows_both(house: Warehouse) -> None:
    receive(house, 4, "GRN-0")
    ask = receive(house, 10)
    undo(house, ask)
    assert house.numbers("MUG") == (4, 4, 0, 0, 0)
    assert house.count("stock_ledger") == 3
    with house.db.reading() as session:
        from sqlalchemy import text

        row = session.execute(text("SELECT kind, on_hand, cause, why FROM stock_ledger ORDER BY id DESC LIMIT 1")).one()
    assert tuple(row) == ("adjusted", -10, f"undo:{ask.entries[0]}", "taken back: receipt:GRN-1")


def test_the_same_reference_again_takes_back_only_its_own_entries(house: Warehouse) -> None:
    receive(house, 4)
    undo(house, receive(house, 10))
    assert house.numbers("MUG")[0] == 4


def test_a_loss_that_was_a_mistake_comes_back_to_its_bin(house: Warehouse) -> None:
    receive(house, 5)
    undo(house, adjust(house, -3))
    assert house.bins("MUG") == {("PICK", "", "sellable"): 5}


def test_the_differences_of_a_count_are_taken_back(house: Warehouse) -> None:
    receive(house, 5)
    count = house.do("inventory", OpenCount(node="LON", bin="PICK"), CountState)
    posted = house.do("inventory", PostCount(count_id=count.id, lines=[CountedLine(sku="MUG", counted=2)]), CountState)
    assert house.numbers("MUG")[0] == 2
    undo(house, back(posted.undo))
    assert house.numbers("MUG")[0] == 5


def test_a_count_that_found_no_difference_has_nothing_to_take_back(house: Warehouse) -> None:
    receive(house, 5)
    count = house.do("inventory", OpenCount(node="LON", bin="PICK"), CountState)
    posted = house.do("inventory", PostCount(count_id=count.id, lines=[CountedLine(sku="MUG", counted=5)]), CountState)
    assert posted.undo is None


def test_twice_is_refused_and_an_undo_has_no_undo(house: Warehouse) -> None:
    ask = receive(house)
    undo(house, ask)
    house.refused(ask, "undone_already")
    with house.db.reading() as session:
        from sqlalchemy import text

        newest = session.execute(text("SELECT max(id) FROM stock_ledger")).scalar_one()
    house.refused(UndoStock(entries=[newest]), "no_way_back")


def test_units_that_were_promised_since_stay_and_nobody_loses_them(house: Warehouse) -> None:
    ask = receive(house, 10)
    order = house.promised("MUG", 3)
    refusal = house.refused(ask, "gone_since")
    assert refusal.facts() == {"sku": "MUG", "node": "LON", "wanted": 10, "free": 7}
    assert house.states(order) == [("allocated", 3)]


def test_units_that_were_moved_to_another_bin_are_not_taken_from_there(house: Warehouse) -> None:
    ask = receive(house, 10)
    move = MoveStock(node="LON", sku="MUG", quantity=4, from_bin="PICK", to_bin="QUARANTINE")
    house.do("inventory", move, StockState)
    house.refused(ask, "not_in_bin")


def test_after_a_day_it_is_too_late(house: Warehouse) -> None:
    ask = receive(house)
    house.later(hours=24, seconds=1)
    house.refused(ask, "too_late_to_undo")


@pytest.mark.parametrize(("entries", "code"), [([], "bad_field"), ([10_000], "not_found")])
def test_what_is_not_there_cannot_be_taken_back(house: Warehouse, entries: list[int], code: str) -> None:
    house.refused(UndoStock(entries=entries), code)
