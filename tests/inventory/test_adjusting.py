"""Stock is corrected and moved: the truth wins, and promises give way in a fair order."""

from __future__ import annotations

from typing import Any

from agents.inventory.messages import AdjustStock, HeldLine, HoldStock, HoldView, MoveStock, StockState
from tests.inventory.conftest import Warehouse


def adjust(quantity: int, **more: Any) -> AdjustStock:
    return AdjustStock(node="LON", sku="MUG", quantity=quantity, **{"reason": "broken", **more})


def move(quantity: int, from_bin: str, to_bin: str, **more: Any) -> MoveStock:
    return MoveStock(node="LON", sku="MUG", quantity=quantity, from_bin=from_bin, to_bin=to_bin, **more)


def hold(house: Warehouse, reference: str, units: int, seconds: int = 600) -> HoldView:
    ask = HoldStock(reference=reference, lines=[HeldLine(sku="MUG", quantity=units)], seconds=seconds)
    return house.do("inventory", ask, HoldView)


def test_a_correction_is_booked_with_its_reason(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 10)
    state = house.do("inventory", adjust(-3, expected=10), StockState)
    assert (house.numbers("MUG"), state.short) == ((7, 7, 0, 0, 0), 0)
    assert [m["kind"] for m in house.said()] == ["StockChanged"]
    assert house.do("inventory", adjust(5, reason="found"), StockState).levels[0].on_hand == 12


def test_a_correction_is_refused_when_the_bin_changed_or_would_go_below_nothing(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 10)
    refusal = house.refused(adjust(-3, expected=9), "unexpected")
    assert (refusal.facts()["expected"], refusal.facts()["found"]) == (9, 10)
    assert house.refused(adjust(-11), "not_in_bin").facts()["found"] == 10
    house.refused(adjust(-1, reason="  "), "bad_field")
    house.refused(adjust(0), "bad_field")
    house.refused(adjust(1, status="transit"), "bad_field")
    house.refused(adjust(1, bin="ATTIC"), "not_found")


def test_when_promised_units_are_gone_the_youngest_order_waits_again_and_is_told(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 10)
    old, young = house.promised("MUG", 5), house.promised("MUG", 4)
    state = house.do("inventory", adjust(-4), StockState)
    assert state.short == 3  # one was free
    assert house.states(old) == [("allocated", 5)]
    assert house.states(young) == [("allocated", 1), ("backordered", 3)]
    assert house.numbers("MUG") == (6, 6, 6, 0, 3)
    lost = house.said("AllocationsLost")
    waiting = [a.id for a in house.allocations(young) if a.state == "backordered"]
    assert [(m["order_id"], m["allocations"], m["why"]) for m in lost] == [
        (str(young), [str(i) for i in waiting], "broken")
    ]


def test_carts_lose_their_hold_before_an_order_loses_its_units(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 10)
    order = house.promised("MUG", 4)
    hold(house, "cart-old", 3)
    house.later(seconds=1)
    hold(house, "cart-young", 3)
    assert house.do("inventory", adjust(-2), StockState).short == 0
    assert house.numbers("MUG") == (8, 8, 4, 3, 0)
    assert house.do("inventory", adjust(-5), StockState).short == 1
    assert house.numbers("MUG") == (3, 3, 3, 0, 1)
    assert house.states(order) == [("allocated", 3), ("backordered", 1)]


def test_a_lapsed_hold_ends_before_anything_else(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 10)
    hold(house, "lapsed", 5, seconds=60)
    hold(house, "live", 5)
    house.later(minutes=2)
    assert house.do("inventory", adjust(-5), StockState).short == 0
    assert house.numbers("MUG") == (5, 5, 0, 5, 0)


def test_picked_units_are_never_taken_from_an_order(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5)
    order = house.promised("MUG", 3)
    house.picked(order)
    refusal = house.refused(adjust(-1, bin="PACK"), "units_are_picked")
    assert refusal.facts() == {"sku": "MUG", "node": "LON", "picked": 3, "left": 2}
    house.refused(move(1, "PACK", "PICK"), "units_are_picked")
    house.do("inventory", adjust(-2), StockState)
    assert house.numbers("MUG") == (3, 3, 3, 0, 0)
    assert house.states(order) == [("picked", 3)]


def test_units_move_between_bins_without_touching_promises(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5, bin="RECEIVING")
    order = house.promised("MUG", 5)
    state = house.do("inventory", move(5, "RECEIVING", "PICK"), StockState)
    assert (house.bins("MUG"), state.short) == ({("PICK", "", "sellable"): 5}, 0)
    assert house.states(order) == [("allocated", 5)]
    assert house.refused(move(6, "PICK", "RECEIVING"), "not_in_bin").facts()["found"] == 5
    house.refused(move(1, "PICK", "PICK"), "bad_field")
    house.refused(move(1, "PICK", "ATTIC"), "not_found")


def test_quarantined_units_are_not_for_sale_and_come_back_to_those_who_wait(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5)
    order = house.promised("MUG", 4)
    state = house.do("inventory", move(3, "PICK", "QUARANTINE", to_status="quarantine"), StockState)
    assert (state.short, house.numbers("MUG")) == (2, (5, 2, 2, 0, 2))
    assert house.states(order) == [("allocated", 2), ("backordered", 2)]
    back = move(3, "QUARANTINE", "PICK", from_status="quarantine", reason="inspected")
    assert house.do("inventory", back, StockState).filled == 2
    assert house.numbers("MUG") == (5, 5, 4, 0, 0)
    assert [m["order_id"] for m in house.said("BackordersFilled")] == [str(order)]
