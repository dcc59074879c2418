"""Holds: several reasons at a time, and an order that goes on when the last is lifted."""

from __future__ import annotations

import pytest

from agents.orders.messages import AddNote, CloseOrder, HoldOrder, OrderState, ReleaseOrder, TagOrder
from db.errors import Refused
from tests.orders.conftest import CARD, OrdersShop, ship


def hold(shop: OrdersShop, order: OrderState, reason: str, note: str | None = None) -> OrderState:
    return shop.do("orders", HoldOrder(order_id=order.id, reason=reason, note=note), OrderState)


def release(shop: OrdersShop, order: OrderState, reason: str | None = None) -> OrderState:
    return shop.do("orders", ReleaseOrder(order_id=order.id, reason=reason), OrderState)


def test_an_order_is_held_for_two_reasons_and_goes_on_after_the_second(mugs: OrdersShop) -> None:
    order = mugs.order()
    assert hold(mugs, order, "fraud", "odd address").status == "held"
    held = hold(mugs, order, "manual")
    assert (held.status, held.holds) == ("held", ["fraud", "manual"])
    assert [s["reasons"] for s in mugs.said("OrderHeld")] == [["fraud"], ["fraud", "manual"]]
    still = release(mugs, order, "fraud")
    assert (still.status, still.holds) == ("held", ["manual"])
    assert len(mugs.said("OrderReleased")) == 1  # at placing
    free = release(mugs, order, "manual")
    assert (free.status, free.holds, free.next) == ("released", [], ["cancel", "hold", "edit"])
    assert len(mugs.said("OrderReleased")) == 2
    assert mugs.timeline(order.id) == [
        (None, "placed"),
        ("placed", "released"),
        ("released", "held"),
        ("held", "held"),
        ("held", "held"),
        ("held", "released"),
    ]
    assert mugs.level("MUG", "LON").allocated == 1


def test_release_without_a_reason_lifts_every_hold(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    hold(mugs, order, "address")
    free = release(mugs, order)
    assert (free.status, free.holds) == ("released", [])
    assert len(mugs.said("OrderReleased")) == 1


def test_the_same_hold_twice_is_refused_and_nothing_is_said(mugs: OrdersShop) -> None:
    order = mugs.order()
    hold(mugs, order, "fraud")
    before = mugs.silence()
    with pytest.raises(Refused, match="on hold for fraud already"):
        hold(mugs, order, "fraud")
    with pytest.raises(Refused, match="'bored' is no reason"):
        hold(mugs, order, "bored")
    with pytest.raises(Refused, match="not on hold for address"):
        release(mugs, order, "address")
    assert mugs.silence() == before


def test_what_is_not_on_hold_is_not_released_and_what_is_over_is_not_held(mugs: OrdersShop) -> None:
    order = mugs.order()
    with pytest.raises(Refused) as refused:
        release(mugs, order)
    assert refused.value.code == "not_held"
    mugs.picked(order.id, "MUG")
    ship(mugs, order.id)
    with pytest.raises(Refused) as over:
        hold(mugs, order, "manual")
    assert over.value.code == "illegal_move"
    draft = mugs.order(draft=True)
    with pytest.raises(Refused, match="cannot become held"):
        hold(mugs, draft, "manual")


def test_a_partly_shipped_order_is_partly_shipped_again_after_its_hold(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 2})
    mugs.picked(order.id, "MUG", 1)
    ship(mugs, order.id)
    assert hold(mugs, order, "manual").status == "held"
    assert release(mugs, order).status == "partly_shipped"
    assert len(mugs.said("OrderReleased")) == 2


def test_notes_and_tags_are_kept_and_do_not_move_the_order(mugs: OrdersShop) -> None:
    order = mugs.order(tags=["vip"])
    noted = mugs.do("orders", AddNote(order_id=order.id, body=" Call before delivery. "), OrderState)
    assert (noted.version, noted.status) == (order.version, "released")
    assert mugs.rows("SELECT body, actor FROM order_notes") == [("Call before delivery.", "user:tester")]
    mugs.do("orders", TagOrder(order_id=order.id, add=["gift", "vip"], remove=["late"]), OrderState)
    assert mugs.sheet(order.id).order.tags == ["vip", "gift"]
    mugs.do("orders", TagOrder(order_id=order.id, remove=["vip"]), OrderState)
    assert mugs.sheet(order.id).order.tags == ["gift"]
    mugs.do("orders", TagOrder(order_id=order.id, add=["gift"]), OrderState)  # it is there: nothing happens
    with pytest.raises(Refused, match="needs some text"):
        mugs.do("orders", AddNote(order_id=order.id, body="  "), OrderState)
    told = {"order_id": str(order.id), "number": order.number}
    assert mugs.said("OrderNoted") == [{"kind": "OrderNoted", **told}]
    assert [said["tags"] for said in mugs.said("OrderTagged")] == [["vip", "gift"], ["gift"]]


def test_an_order_is_closed_only_when_it_is_over(mugs: OrdersShop) -> None:
    order = mugs.order()
    with pytest.raises(Refused, match="cannot become closed"):
        mugs.do("orders", CloseOrder(order_id=order.id), OrderState)
    mugs.picked(order.id, "MUG")
    ship(mugs, order.id)
    closed = mugs.do("orders", CloseOrder(order_id=order.id), OrderState)
    assert (closed.status, closed.next) == ("closed", [])
