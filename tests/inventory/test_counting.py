"""Cycle counts: what somebody saw becomes the truth."""

from __future__ import annotations

from agents.inventory.messages import AdjustStock, CountedLine, CountState, OpenCount, PostCount, StockState
from agents.inventory.rules import Piece, spread_difference
from tests.inventory.conftest import Warehouse


def opened(house: Warehouse, bin: str = "PICK") -> CountState:
    return house.do("inventory", OpenCount(node="LON", bin=bin), CountState)


def seen(count: CountState, **units: int) -> PostCount:
    return PostCount(count_id=count.id, lines=[CountedLine(sku=s, counted=n) for s, n in units.items()])


def post(house: Warehouse, count: CountState, **units: int) -> CountState:
    return house.do("inventory", seen(count, **units), CountState)


def test_an_opening_keeps_what_the_books_say(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 7)
    count = opened(house)
    assert (count.status, count.next, count.version) == ("open", ["posted"], 1)
    assert [(line["sku"], line["expected"], line["counted"]) for line in count.lines] == [("MUG", 7, None)]
    assert house.refused(OpenCount(node="LON", bin="PICK"), "count_is_open").facts()["count_id"] == str(count.id)
    house.refused(OpenCount(node="LON", bin="ATTIC"), "not_found")


def test_a_count_that_agrees_books_nothing(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 7)
    ledger = house.count("stock_ledger")
    done = post(house, opened(house), MUG=7)
    assert (done.status, done.version, done.lines[0]["difference"]) == ("posted", 2, 0)
    assert (house.count("stock_ledger"), house.said()) == (ledger, [])
    house.refused(seen(done, MUG=7), "illegal_move")


def test_missing_units_put_the_youngest_order_back_in_the_queue(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 7)
    old, young = house.promised("MUG", 4), house.promised("MUG", 3)
    done = post(house, opened(house), MUG=5)
    assert (done.short, done.lines[0]["difference"]) == (2, -2)
    assert house.states(old) == [("allocated", 4)]
    assert house.states(young) == [("allocated", 1), ("backordered", 2)]
    assert [m["order_id"] for m in house.said("AllocationsLost")] == [str(young)]
    assert house.numbers("MUG") == (5, 5, 5, 0, 2)


def test_surplus_units_fill_those_who_wait(house: Warehouse) -> None:
    order = house.promised("MUG", 3, backordered=True)
    done = post(house, opened(house), MUG=2)
    assert (done.filled, done.lines[0]["expected"], done.lines[0]["difference"]) == (2, 0, 2)
    assert house.states(order) == [("allocated", 2), ("backordered", 1)]


def test_what_was_expected_and_is_not_named_was_not_there(house: Warehouse) -> None:
    house.a_sku("PLATE")
    house.some_stock("MUG", "LON", 7)
    house.some_stock("PLATE", "LON", 2)
    post(house, opened(house), MUG=7)
    assert (house.numbers("MUG")[0], house.numbers("PLATE")[0]) == (7, 0)


def test_a_bin_that_moved_meanwhile_is_set_against_the_books_of_now_and_reported(house: Warehouse) -> None:
    house.a_sku("PLATE")
    house.some_stock("MUG", "LON", 7)
    count = opened(house)
    adjust = AdjustStock(node="LON", sku="MUG", quantity=-2, reason="broken")
    house.do("inventory", adjust, StockState)
    house.some_stock("PLATE", "LON", 4)  # came while somebody counted, and is left alone
    done = post(house, count, MUG=6)
    assert done.lines == [
        {"sku": "MUG", "lot": "", "expected": 7, "books": 5, "counted": 6, "difference": 1, "moved": True}
    ]
    assert (house.numbers("MUG")[0], house.numbers("PLATE")[0]) == (6, 4)


def test_picked_units_cannot_be_counted_away(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5)
    order = house.promised("MUG", 3)
    house.picked(order)
    count = opened(house, "PACK")
    assert house.refused(seen(count, MUG=2), "units_are_picked").facts()["picked"] == 3


def test_nonsense_is_not_counted(house: Warehouse) -> None:
    house.a_kit("SET", {"MUG": 2})
    count = opened(house)
    house.refused(seen(count, NOWHERE=1), "not_found")
    house.refused(seen(count, SET=1), "kit_has_no_stock")
    house.refused(seen(count, MUG=-1), "bad_field")
    twice = [CountedLine(sku="MUG", counted=1), CountedLine(sku="MUG", counted=1)]
    house.refused(PostCount(count_id=count.id, lines=twice), "bad_field")
    house.refused(PostCount(count_id=count.id, lines=[], version=7), "stale_version")


def test_missing_units_leave_sellable_stock_first_and_surplus_joins_what_is_there() -> None:
    mixed = {"sellable": 3, "damaged": 2}
    assert spread_difference(-4, mixed, "pick_face") == [Piece("sellable", -3), Piece("damaged", -1)]
    assert spread_difference(2, {"damaged": 2}, "pick_face") == [Piece("damaged", 2)]
    assert spread_difference(2, mixed, "quarantine") == [Piece("quarantine", 2)]
    assert spread_difference(2, {}, "pick_face") == [Piece("sellable", 2)]
    assert spread_difference(0, mixed, "pick_face") == []
