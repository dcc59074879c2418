"""Goods come in: they lie in a bin, and those who waited longest get them first."""

from __future__ import annotations

import pytest

from agents.inventory.messages import BinState, MoveStock, PutBin, ReceivedLine, ReceiveStock, StockState
from db.errors import Refused
from tests.inventory.conftest import Warehouse


def receipt(*lines: ReceivedLine) -> ReceiveStock:
    return ReceiveStock(node="LON", lines=list(lines), reference="GRN-1")


def line(quantity: int, sku: str = "MUG", **more: str) -> ReceivedLine:
    return ReceivedLine(sku=sku, quantity=quantity, **more)  # type: ignore[arg-type]


def test_goods_lie_in_the_pick_face_unless_said_otherwise(house: Warehouse) -> None:
    ask = receipt(line(10), line(2, bin="QUARANTINE", status="quarantine"))
    state = house.do("inventory", ask, StockState)
    assert house.bins("MUG") == {("PICK", "", "sellable"): 10, ("QUARANTINE", "", "quarantine"): 2}
    assert house.numbers("MUG") == (12, 10, 0, 0, 0)
    assert [(v.on_hand, v.sellable, v.purchasable) for v in state.levels] == [(12, 10, 10)]
    assert (state.filled, state.short) == (0, 0)
    said = house.said()
    assert [(m["kind"], m["on_hand"], m["purchasable"]) for m in said] == [("StockChanged", 12, 10)]


def test_more_than_a_billion_units_at_one_node_are_refused_and_nothing_is_booked(house: Warehouse) -> None:
    for _ in range(2):
        house.do("inventory", receipt(*[line(1_000_000)] * 500), StockState)
    before = house.numbers("MUG")
    with pytest.raises(Refused, match="1000000001 units") as refused:
        house.do("inventory", receipt(line(1)), StockState)
    assert (refused.value.code, refused.value.status_code) == ("too_many_to_count", 409)
    assert house.numbers("MUG") == before


def test_waiting_orders_are_filled_first_come_first_served_and_told(house: Warehouse) -> None:
    first = house.promised("MUG", 3, backordered=True)
    second = house.promised("MUG", 4, backordered=True)
    state = house.do("inventory", receipt(line(5)), StockState)
    assert state.filled == 5
    assert house.states(first) == [("allocated", 3)]
    assert house.states(second) == [("allocated", 2), ("backordered", 2)]
    told = house.said("BackordersFilled")
    assert [m["order_id"] for m in told] == [str(first), str(second)]
    assert [len(m["allocations"]) for m in told] == [1, 1]
    assert house.numbers("MUG") == (5, 5, 5, 0, 2)


def test_goods_in_quarantine_fill_nobody(house: Warehouse) -> None:
    order = house.promised("MUG", 1, backordered=True)
    state = house.do("inventory", receipt(line(5, bin="QUARANTINE", status="quarantine")), StockState)
    assert state.filled == 0
    assert house.states(order) == [("backordered", 1)]
    assert house.said("BackordersFilled") == []


def test_what_nobody_knows_is_refused(house: Warehouse) -> None:
    house.a_kit("SET", {"MUG": 2})
    assert house.refused(receipt(line(1), line(1, sku="NOWHERE")), "not_found").facts()["id"] == "NOWHERE"
    assert house.refused(receipt(line(1, bin="ATTIC")), "not_found").facts()["id"] == "LON/ATTIC"
    assert house.refused(receipt(line(1, sku="SET")), "kit_has_no_stock").facts() == {"sku": "SET"}
    house.refused(ReceiveStock(node="PAR", lines=[line(1)], reference="x"), "not_found")
    house.refused(receipt(line(0)), "bad_field")
    house.refused(receipt(line(1, status="transit")), "bad_field")
    house.refused(receipt(), "bad_field")
    house.refused(receipt(line(1, lot="L1")), "lot_not_tracked")


def test_tracked_goods_come_with_their_lot_or_serial_number(house: Warehouse) -> None:
    house.a_sku("PILL", tracking="lot")
    house.a_sku("PHONE", tracking="serial")
    house.refused(receipt(line(5, sku="PILL")), "lot_needed")
    house.refused(receipt(line(2, sku="PHONE", lot="S1")), "one_unit_per_serial")
    house.refused(receipt(line(1, sku="PHONE", lot="S1"), line(1, sku="PHONE", lot="S1")), "bad_field")
    house.do("inventory", receipt(line(5, sku="PILL", lot="L1"), line(1, sku="PHONE", lot="S1")), StockState)
    assert house.bins("PILL") == {("PICK", "L1", "sellable"): 5}
    refusal = house.refused(receipt(line(1, sku="PHONE", lot="S1")), "serial_in_stock")
    assert refusal.facts() == {"sku": "PHONE", "serial": "S1", "node": "LON", "bin": "PICK"}


def test_a_bin_takes_no_more_than_its_capacity(house: Warehouse) -> None:
    house.do("inventory", PutBin(node="LON", code="A-1", type="reserve", capacity_units=10), BinState)
    house.do("inventory", receipt(line(4, bin="A-1"), line(4, bin="A-1")), StockState)
    refusal = house.refused(receipt(line(2, bin="A-1"), line(1, bin="A-1")), "bin_full")
    assert refusal.facts() == {
        "node": "LON",
        "bin": "A-1",
        "capacity": 10,
        "inside": 8,
        "adding": 3,
        "measure": "units",
    }
    house.do("inventory", receipt(line(2, bin="A-1")), StockState)
    assert house.bins("MUG") == {("A-1", "", "sellable"): 10}


def test_a_bin_takes_no_more_than_it_can_carry_and_has_room_for(house: Warehouse) -> None:
    house.a_sku("KETTLE", weight_grams=1500, length_mm=200, width_mm=200, height_mm=251)  # 10,040 cm³
    house.do("inventory", PutBin(node="LON", code="A-1", type="reserve", capacity_grams=4500), BinState)
    house.do("inventory", PutBin(node="LON", code="A-2", type="reserve", capacity_cm3=20_079), BinState)
    house.do("inventory", receipt(line(3, sku="KETTLE", bin="A-1"), line(1, sku="KETTLE", bin="A-2")), StockState)
    too_heavy = house.refused(receipt(line(1, sku="KETTLE", bin="A-1")), "bin_full").facts()
    assert (too_heavy["measure"], too_heavy["inside"], too_heavy["adding"]) == ("g", 4500, 1500)
    too_large = house.refused(receipt(line(1, sku="KETTLE", bin="A-2")), "bin_full").facts()
    assert (too_large["measure"], too_large["inside"], too_large["adding"]) == ("cm³", 10_040, 10_040)
    house.do("inventory", PutBin(node="LON", code="A-2", type="reserve", capacity_cm3=20_080), BinState)
    house.do("inventory", receipt(line(1, sku="KETTLE", bin="A-2")), StockState)


def test_a_blocked_bin_is_emptied_and_not_filled(house: Warehouse) -> None:
    house.do("inventory", PutBin(node="LON", code="A-1", type="reserve"), BinState)
    house.do("inventory", receipt(line(4, bin="A-1")), StockState)
    house.do("inventory", PutBin(node="LON", code="A-1", type="reserve", blocked=True), BinState)
    house.refused(receipt(line(1, bin="A-1")), "bin_blocked")
    house.do("inventory", MoveStock(node="LON", sku="MUG", quantity=4, from_bin="A-1", to_bin="PICK"), StockState)
    assert house.bins("MUG") == {("PICK", "", "sellable"): 4}


def test_a_limit_is_not_set_below_what_lies_in_the_bin(house: Warehouse) -> None:
    house.do("inventory", PutBin(node="LON", code="A-1", type="reserve"), BinState)
    house.do("inventory", receipt(line(4, bin="A-1")), StockState)
    refusal = house.refused(PutBin(node="LON", code="A-1", type="reserve", capacity_units=3), "holds_more")
    assert (refusal.facts()["capacity"], refusal.facts()["inside"]) == (3, 4)
    house.do("inventory", PutBin(node="LON", code="A-1", type="reserve", capacity_units=4), BinState)


def test_a_closed_bin_takes_nothing(house: Warehouse) -> None:
    house.do("inventory", PutBin(node="LON", code="A-1", type="reserve", active=False), BinState)
    house.refused(receipt(line(1, bin="A-1")), "bin_closed")


@pytest.mark.parametrize("key", ["grn-1"])
def test_the_same_receipt_twice_is_one_receipt(house: Warehouse, key: str) -> None:
    first = house.do("inventory", receipt(line(5)), StockState, key=key)
    assert house.do("inventory", receipt(line(5)), StockState, key=key) == first
    assert house.numbers("MUG")[0] == 5
