"""Holds keep units for a checkout, whole or not at all, and end by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.inventory import holds
from agents.inventory.messages import ExpireHolds, HeldLine, HoldStock, HoldView, ReleaseHold
from db.promising import ChannelBuffer
from tests.inventory.conftest import Warehouse
from tests.shop import TESTER


def hold(
    units: int, *, sku: str = "MUG", reference: str = "cart-1", seconds: int = 600, channel: str | None = None
) -> HoldStock:
    lines = [HeldLine(sku=sku, quantity=units)]
    return HoldStock(reference=reference, lines=lines, seconds=seconds, channel=channel)


def expire(house: Warehouse) -> None:
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.send("inventory", "holds:expiry", ExpireHolds())
    house.pump()
    assert house.dead() == []


def test_units_are_held_over_nodes_by_rank(house: Warehouse) -> None:
    house.a_node("BER", rank=1)
    house.some_stock("MUG", "BER", 2)
    house.some_stock("MUG", "LON", 5)
    view = house.do("inventory", hold(4), HoldView)
    assert view.lines == [
        {"sku": "MUG", "node": "BER", "quantity": 2},
        {"sku": "MUG", "node": "LON", "quantity": 2},
    ]
    assert view.expires_at == house.now + timedelta(seconds=600)
    assert (house.numbers("MUG", "BER"), house.numbers("MUG")) == ((2, 2, 0, 2, 0), (5, 5, 0, 2, 0))


def test_a_hold_is_whole_or_not_at_all(house: Warehouse) -> None:
    house.a_sku("PLATE", backorder_limit=3)
    house.some_stock("MUG", "LON", 5)
    house.some_stock("PLATE", "LON", 1)
    lines = [HeldLine(sku="MUG", quantity=2), HeldLine(sku="PLATE", quantity=2)]
    refusal = house.refused(HoldStock(reference="cart-1", lines=lines), "out_of_stock")
    assert refusal.facts() == {"lines": [{"sku": "PLATE", "wanted": 2, "free": 1, "purchasable": 4}]}


def test_the_last_unit_is_held_once(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 1)
    house.do("inventory", hold(1), HoldView)
    house.refused(hold(1, reference="cart-2"), "out_of_stock")


def test_the_same_hold_again_extends_and_other_lines_replace(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5)
    first = house.do("inventory", hold(3), HoldView)
    house.later(minutes=5)
    again = house.do("inventory", hold(3), HoldView)
    assert again.expires_at == first.expires_at + timedelta(minutes=5)
    assert house.count("stock_holds") == 1
    house.do("inventory", hold(5), HoldView)  # its own units count as free
    assert house.numbers("MUG") == (5, 5, 0, 5, 0)
    house.refused(hold(6), "out_of_stock")
    house.do("inventory", hold(1), HoldView)
    assert house.numbers("MUG") == (5, 5, 0, 1, 0)


def test_a_kit_holds_its_components(house: Warehouse) -> None:
    house.a_kit("SET", {"MUG": 2})
    house.some_stock("MUG", "LON", 5)
    lines = [HeldLine(sku="SET", quantity=2), HeldLine(sku="MUG", quantity=1)]
    view = house.do("inventory", HoldStock(reference="cart-1", lines=lines), HoldView)
    assert view.lines == [{"sku": "MUG", "node": "LON", "quantity": 5}]


def test_a_released_hold_gives_its_units_to_those_who_wait(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 3)
    house.do("inventory", hold(3), HoldView)
    order = house.promised("MUG", 2, backordered=True)
    assert house.do("inventory", ReleaseHold(reference="cart-1"), HoldView).lines == []
    assert house.states(order) == [("allocated", 2)]
    assert house.numbers("MUG") == (3, 3, 2, 0, 0)
    said = house.count("outbox")
    assert house.do("inventory", ReleaseHold(reference="cart-1"), HoldView).lines == []
    assert house.count("outbox") == said
    house.refused(ReleaseHold(reference="nobody"), "not_found")


def test_lapsed_holds_end_and_live_ones_stay(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5)
    house.do("inventory", hold(3, seconds=60), HoldView)
    house.do("inventory", hold(2, reference="cart-2"), HoldView)
    order = house.promised("MUG", 4, backordered=True)
    house.later(seconds=60)
    expire(house)
    assert house.numbers("MUG") == (5, 5, 3, 2, 1)
    assert house.states(order) == [("allocated", 3), ("backordered", 1)]
    expire(house)
    assert house.numbers("MUG") == (5, 5, 3, 2, 1)


def test_many_lapsed_holds_end_in_several_batches(house: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "EXPIRED_AT_ONCE", 2)
    house.some_stock("MUG", "LON", 5)
    for n in range(5):
        house.do("inventory", hold(1, reference=f"cart-{n}", seconds=60), HoldView)
    house.later(minutes=2)
    expire(house)
    assert house.numbers("MUG") == (5, 5, 0, 0, 0)


def test_a_new_checkout_gets_what_a_lapsed_one_kept_but_after_those_who_wait(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 3)
    house.do("inventory", hold(3, seconds=60), HoldView)
    order = house.promised("MUG", 1, backordered=True)
    house.later(minutes=2)
    house.refused(hold(3, reference="cart-2"), "out_of_stock")
    house.do("inventory", hold(2, reference="cart-2"), HoldView)
    assert house.states(order) == [("allocated", 1)]
    assert house.numbers("MUG") == (3, 3, 1, 2, 0)


def test_nonsense_is_not_held(house: Warehouse) -> None:
    house.refused(hold(0), "bad_field")
    house.refused(hold(1, seconds=0), "bad_field")
    house.refused(hold(1, sku="NOWHERE"), "not_found")
    house.refused(HoldStock(reference="cart-1", lines=[]), "bad_field")
    house.refused(hold(1, reference=""), "bad_field")


def test_what_is_kept_from_a_channel_is_not_held_for_its_checkouts(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5)
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.add(ChannelBuffer(channel="marketplace", units=2, updated_at=tx.now))
    refusal = house.refused(hold(4, channel="marketplace"), "out_of_stock")
    assert refusal.facts() == {"lines": [{"sku": "MUG", "wanted": 4, "free": 3, "purchasable": 5}]}
    house.do("inventory", hold(3, channel="marketplace"), HoldView)
    house.do("inventory", hold(2, reference="cart-2", channel="web"), HoldView)
    assert house.numbers("MUG") == (5, 5, 0, 5, 0)


def test_a_checkout_that_says_another_channel_is_looked_at_anew(house: Warehouse) -> None:
    house.some_stock("MUG", "LON", 5)
    with house.db.transaction(TESTER, now=house.now) as tx:
        tx.add(ChannelBuffer(channel="marketplace", units=2, updated_at=tx.now))
    house.do("inventory", hold(4), HoldView)
    house.refused(hold(4, channel="marketplace"), "out_of_stock")
    assert house.numbers("MUG") == (5, 5, 0, 4, 0)  # what it held stays as it was
