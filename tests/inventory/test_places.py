"""Nodes, zones and bins."""

from __future__ import annotations

from datetime import time

import pytest

from agents.inventory.messages import BinState, NodeState, PutBin, PutNode, PutZone, ZoneState
from db.nodes import STANDARD_BINS, Node, bins_of, shipping_nodes
from tests.inventory.conftest import Warehouse


def test_a_new_node_has_the_standard_bins_and_comes_back_unchanged(house: Warehouse) -> None:
    ask = PutNode(code="BER", name="Berlin", time_zone="Europe/Berlin", cut_off="16:30", closed_dates=["2026-12-25"])
    state = house.do("inventory", ask, NodeState)
    assert (state.created, state.version, state.time_zone) == (True, 1, "Europe/Berlin")
    with house.db.reading() as session:
        assert {b.code: b.type for b in bins_of(session, "BER", STANDARD_BINS).values()} == STANDARD_BINS
        node = session.get(Node, "BER")
        assert node is not None
        assert node.cut_off == time(16, 30)
    audits = house.count("audit_log")
    again = house.do("inventory", ask, NodeState)
    assert (again.created, again.version, house.count("audit_log")) == (False, 1, audits)


def test_a_node_is_changed_under_its_version(house: Warehouse) -> None:
    house.do("inventory", PutNode(code="BER", name="Berlin", rank=1), NodeState)
    state = house.do("inventory", PutNode(code="BER", name="Berlin", rank=1, ships=False, version=1), NodeState)
    assert (state.version, state.ships) == (2, False)
    house.refused(PutNode(code="BER", name="Berlin", version=1), "stale_version")
    house.refused(PutNode(code="PAR", name="Paris", version=1), "not_found")
    with house.db.reading() as session:
        assert shipping_nodes(session) == ["LON"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Europe/Atlantis"},
        {"time_zone": "../etc/passwd"},
        {"cut_off": "25:00"},
        {"cut_off": "15:00+02:00"},
        {"closed_dates": ["Christmas"]},
        {"open_weekdays": [7]},
        {"kind": "cellar"},
        {"name": " "},
        {"rank": -1},
        {"code": "B ER "},
    ],
)
def test_nonsense_about_a_node_is_refused(house: Warehouse, wrong: dict[str, object]) -> None:
    house.refused(PutNode(**{"code": "BER", "name": "Berlin", **wrong}), "bad_field")  # type: ignore[arg-type]


def test_bins_stand_in_zones_that_exist(house: Warehouse) -> None:
    house.refused(PutBin(node="LON", code="A-1", type="reserve", zone="A"), "not_found")
    assert house.do("inventory", PutZone(node="LON", code="A", name="Aisle A"), ZoneState).created
    state = house.do("inventory", PutBin(node="LON", code="A-1", type="reserve", zone="A", sequence=3), BinState)
    assert (state.created, state.zone, state.sequence, state.version) == (True, "A", 3, 1)
    again = house.do("inventory", PutBin(node="LON", code="A-1", type="reserve", zone="A", sequence=4), BinState)
    assert (again.created, again.version) == (False, 2)
    house.refused(PutBin(node="LON", code="A-2", type="shelf"), "bad_field")
    house.refused(PutBin(node="LON", code="A-2", type="reserve", capacity_units=0), "bad_field")
    house.refused(PutBin(node="PAR", code="A-2", type="reserve"), "not_found")
    house.refused(PutZone(node="PAR", code="A", name="A"), "not_found")


def test_a_bin_with_units_in_it_is_neither_closed_nor_retyped(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 3)
    refusal = house.refused(PutBin(node="LON", code="PICK", type="pick_face", active=False), "bin_not_empty")
    assert refusal.facts() == {"node": "LON", "bin": "PICK", "units": 3}
    house.refused(PutBin(node="LON", code="PICK", type="packing"), "bin_not_empty")
    state = house.do("inventory", PutBin(node="LON", code="DISPATCH", type="dispatch", active=False), BinState)
    assert state.active is False


@pytest.mark.parametrize(
    "wrong",
    [{"capacity_grams": 0}, {"capacity_cm3": -1}, {"level": -1}, {"temperature": "warm"}, {"hazard_classes": ["10"]}],
)
def test_nonsense_about_a_bin_is_refused(house: Warehouse, wrong: dict[str, object]) -> None:
    house.refused(PutBin(**{"node": "LON", "code": "A-2", "type": "reserve", **wrong}), "bad_field")  # type: ignore[arg-type]
