"""Transfers: units leave one node, are nobody's to sell on the way, and arrive or are written off."""

from __future__ import annotations

import pytest

from agents.inventory.messages import (
    BinState,
    CancelTransfer,
    CreateTransfer,
    PutBin,
    ReceiveTransfer,
    SendTransfer,
    TransferLineAsk,
    TransferState,
)
from tests.inventory.conftest import Warehouse


@pytest.fixture
def two(house: Warehouse) -> Warehouse:
    house.a_node("BER")
    house.some_stock("MUG", "LON", 10)
    return house


def units(quantity: int, sku: str = "MUG", lot: str = "") -> TransferLineAsk:
    return TransferLineAsk(sku=sku, quantity=quantity, lot=lot)


def draft(house: Warehouse, *lines: TransferLineAsk) -> TransferState:
    ask = CreateTransfer(from_node="LON", to_node="BER", lines=list(lines))
    return house.do("inventory", ask, TransferState)


def sent(house: Warehouse, *lines: TransferLineAsk) -> TransferState:
    made = draft(house, *lines)
    return house.do("inventory", SendTransfer(transfer_id=made.id, version=made.version), TransferState)


def received(
    house: Warehouse, transfer: TransferState, *lines: TransferLineAsk, complete: bool = True
) -> TransferState:
    ask = ReceiveTransfer(transfer_id=transfer.id, lines=list(lines), complete=complete)
    return house.do("inventory", ask, TransferState)


def test_a_draft_touches_no_stock_and_may_be_dropped(two: Warehouse) -> None:
    made = draft(two, units(4), units(2))
    assert (made.status, made.next) == ("draft", ["cancelled", "in_transit"])
    assert [(line["sku"], line["quantity"]) for line in made.lines] == [("MUG", 6)]
    assert two.numbers("MUG") == (10, 10, 0, 0, 0)
    gone = two.do("inventory", CancelTransfer(transfer_id=made.id), TransferState)
    assert (gone.status, gone.next) == ("cancelled", [])
    two.refused(SendTransfer(transfer_id=made.id), "illegal_move")


def test_units_on_their_way_belong_to_the_receiving_node_and_are_not_for_sale(two: Warehouse) -> None:
    transfer = sent(two, units(4))
    assert (transfer.status, transfer.version, transfer.next) == ("in_transit", 2, ["received"])
    assert two.numbers("MUG") == (6, 6, 0, 0, 0)
    assert two.bins("MUG", "BER") == {("RECEIVING", "", "transit"): 4}
    two.refused(CancelTransfer(transfer_id=transfer.id), "illegal_move")
    two.refused(SendTransfer(transfer_id=transfer.id), "illegal_move")


def test_what_arrives_is_for_sale_and_fills_those_who_wait(two: Warehouse) -> None:
    transfer = sent(two, units(4))
    order = two.promised("MUG", 3, node="BER", backordered=True)
    done = received(two, transfer, units(4))
    assert (done.status, done.lines[0]["received"], done.lines[0]["lost"]) == ("received", 4, 0)
    assert two.bins("MUG", "BER") == {("PICK", "", "sellable"): 4}
    assert two.states(order) == [("allocated", 3)]
    assert two.numbers("MUG", "BER") == (4, 4, 3, 0, 0)
    assert [m["node"] for m in two.said("StockChanged")] == ["LON", "BER"]


def test_a_transfer_may_arrive_in_parts_and_the_rest_is_written_off(two: Warehouse) -> None:
    transfer = sent(two, units(6))
    part = received(two, transfer, units(2), complete=False)
    assert (part.status, part.version, part.lines[0]["received"]) == ("in_transit", 3, 2)
    two.refused(ReceiveTransfer(transfer_id=transfer.id, lines=[units(5)]), "more_than_sent")
    done = received(two, transfer, units(3))
    assert (done.status, done.lines[0]["received"], done.lines[0]["lost"]) == ("received", 5, 1)
    assert two.bins("MUG", "BER") == {("PICK", "", "sellable"): 5}
    two.refused(ReceiveTransfer(transfer_id=transfer.id, lines=[]), "illegal_move")


def test_a_transfer_that_has_come_in_whole_is_done_by_itself(two: Warehouse) -> None:
    transfer = sent(two, units(6))
    assert received(two, transfer, units(6), complete=False).status == "received"


def test_a_transfer_that_never_came_is_written_off(two: Warehouse) -> None:
    done = received(two, sent(two, units(6)))
    assert (done.status, done.lines[0]["lost"]) == ("received", 6)
    assert two.bins("MUG", "BER") == {}


def test_only_free_units_are_sent(two: Warehouse) -> None:
    two.promised("MUG", 7)
    made = draft(two, units(4))
    refusal = two.refused(SendTransfer(transfer_id=made.id), "out_of_stock")
    assert refusal.facts()["lines"] == [{"sku": "MUG", "wanted": 4, "free": 3, "purchasable": 3}]
    two.refused(SendTransfer(transfer_id=made.id, version=9), "stale_version")


def test_units_leave_along_the_pick_path_and_from_pick_and_reserve_bins_only(two: Warehouse) -> None:
    two.do("inventory", PutBin(node="LON", code="A-0", type="reserve", sequence=0), BinState)
    two.some_stock("MUG", "LON", 3, bin="A-0")
    two.some_stock("MUG", "LON", 5, bin="RECEIVING")
    sent(two, units(4))
    assert two.bins("MUG") == {("PICK", "", "sellable"): 9, ("RECEIVING", "", "sellable"): 5}
    made = draft(two, units(10))
    assert two.refused(SendTransfer(transfer_id=made.id), "not_in_bin").facts()["found"] == 9


def test_lots_keep_their_number_on_the_way(two: Warehouse) -> None:
    two.a_sku("PILL", tracking="lot")
    two.some_stock("PILL", "LON", 5, lot="L1")
    two.some_stock("PILL", "LON", 5, lot="L2")
    two.refused(CreateTransfer(from_node="LON", to_node="BER", lines=[units(1, "PILL")]), "lot_needed")
    received(two, sent(two, units(2, "PILL", "L2")), units(2, "PILL", "L2"))
    assert two.bins("PILL", "BER") == {("PICK", "L2", "sellable"): 2}
    assert two.bins("PILL") == {("PICK", "L1", "sellable"): 5, ("PICK", "L2", "sellable"): 3}


def test_a_transfer_needs_two_nodes_and_something_to_send(two: Warehouse) -> None:
    two.refused(CreateTransfer(from_node="LON", to_node="LON", lines=[units(1)]), "bad_field")
    two.refused(CreateTransfer(from_node="LON", to_node="PAR", lines=[units(1)]), "not_found")
    two.refused(CreateTransfer(from_node="LON", to_node="BER", lines=[]), "bad_field")
    two.refused(CreateTransfer(from_node="LON", to_node="BER", lines=[units(0)]), "bad_field")
