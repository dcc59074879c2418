"""An order is called back out of the warehouse: nothing is lost on the way to the shelf."""

from __future__ import annotations

import pytest

from agents.fulfilment.messages import TakeBack, TakenBack
from db.errors import Refused
from tests.fulfilment.makers import (
    Promise,
    a_released_order,
    bins,
    fulfilments,
    hold,
    label,
    pack,
    pick_all,
    send,
    states,
    the_books_add_up,
    the_fulfilment,
)
from tests.shop import Shop


def test_packed_units_go_back_to_the_shelf_and_stay_promised(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    pick_all(shop)
    pack(shop, the_fulfilment(shop, order))
    assert bins(shop, "MUG") == {"PACK": 3, "PICK": 7}

    hold(shop, order, reason="manual")
    taken = shop.do("fulfilment", TakeBack(order_id=order.id, reason="customer called"), TakenBack)

    assert taken.units == 3
    assert bins(shop, "MUG") == {"PICK": 10}
    assert [f.status for f in fulfilments(shop, order)] == ["cancelled"]
    assert [s[3] for s in states(shop, order)] == ["allocated"]
    assert shop.level("MUG", "LON").allocated == 3
    the_books_add_up(shop)


def test_an_order_that_is_not_held_can_be_picked_anew(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    pick_all(shop)

    shop.do("fulfilment", TakeBack(order_id=order.id, reason="wrong carton"), TakenBack)

    assert sorted(f.status for f in fulfilments(shop, order)) == ["cancelled", "ready"]
    the_books_add_up(shop)


def test_what_has_left_the_house_cannot_be_taken_back_and_nothing_changes(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    pick_all(shop)
    label(shop, pack(shop, the_fulfilment(shop, order)))
    send(shop, the_fulfilment(shop, order))
    before = shop.count("stock_ledger")

    with pytest.raises(Refused, match="has left the house"):
        shop.do("fulfilment", TakeBack(order_id=order.id, reason="too late"), TakenBack)
    assert shop.count("stock_ledger") == before
