"""Cancelling: what may still be cancelled, what it is worth, who gets the units."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.orders.messages import CancelOrder, LineQuantity, OrderState, PlacedLine
from agents.orders.rules import worth
from db.errors import Refused
from db.orders import OrderLine
from tests.orders.conftest import CARD, OrdersShop, a_uuid, money, ship


def cancel(shop: OrdersShop, order: OrderState, **lines: int) -> OrderState:
    """`_1=2` cancels two units of line 1; nothing named cancels everything."""
    named = [LineQuantity(line_no=int(k[1:]), quantity=q) for k, q in lines.items()]
    return shop.do("orders", CancelOrder(order_id=order.id, reason="changed mind", lines=named or None), OrderState)


def test_a_cancelled_order_gives_everything_back_shipping_too(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 4}, shipping=490)
    after = cancel(mugs, order)
    assert (after.status, after.total, after.cancelled_total, after.total_now) == ("cancelled", 4490, 4490, 0)
    assert (after.lines[0].quantity, after.lines[0].cancelled, after.allocations) == (4, 4, [])
    assert after.next == ["close"]
    assert mugs.level("MUG", "LON").allocated == 0
    assert [s["kind"] for s in mugs.said()][2:] == ["LinesCancelled", "OrderCancelled"]
    told = mugs.said("LinesCancelled")[0]
    assert (told["amount"], told["total_now"], told["reason"]) == (4490, 0, "changed mind")
    assert len(told["released"]) == 1
    assert mugs.timeline(order.id)[-1] == ("released", "cancelled")
    mugs.books_balance()


def test_a_part_of_a_line_is_cancelled_and_the_parts_add_up_to_the_cent(mugs: OrdersShop) -> None:
    order = mugs.order(lines=[PlacedLine(sku="MUG", quantity=3, discount=1)], shipping=100)
    assert order.total == 3099
    amounts = []
    for n in range(3):
        order = cancel(mugs, order, _1=1)
        amounts.append(mugs.said("LinesCancelled")[n]["amount"])
    assert amounts == [1000, 999, 1100]  # 2999 in three, and the shipping with the last
    assert (order.status, order.total_now) == ("cancelled", 0)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 9), min_size=1, max_size=8))
@settings(max_examples=200)
def test_whatever_the_steps_all_units_together_are_worth_the_line(total: int, steps: list[int]) -> None:
    line = OrderLine(line_no=1, quantity=sum(steps), cancelled=0, total=total, cancelled_amount=0)
    for step in steps:
        part = worth(line, step)
        assert part >= 0
        line.cancelled += step
        line.cancelled_amount += part
    assert line.cancelled_amount == total


def test_cancelled_units_go_to_the_order_that_waits(shop: OrdersShop) -> None:
    shop.a_node("LON")
    shop.a_sku("MUG", backorder_limit=5)
    shop.some_stock("MUG", "LON", 3)
    first = shop.order(lines={"MUG": 3})
    waiting = shop.order(lines={"MUG": 2})
    cancel(shop, first)
    assert [(a.state, a.quantity) for a in shop.allocations(waiting.id)] == [("allocated", 2)]
    filled = shop.said("BackordersFilled")
    assert [f["order_id"] for f in filled] == [str(waiting.id)]
    shop.pump()
    assert shop.timeline(waiting.id)[-1] == ("released", "released")
    shop.books_balance()


def test_what_waits_for_stock_is_cancelled_before_what_is_there(shop: OrdersShop) -> None:
    shop.a_node("LON")
    shop.a_sku("MUG", backorder_limit=5)
    shop.some_stock("MUG", "LON", 3)
    order = cancel(shop, shop.order(lines={"MUG": 5}), _1=3)
    assert [(a.state, a.quantity) for a in order.allocations] == [("allocated", 2)]
    assert (shop.level("MUG", "LON").backordered, order.status) == (0, "released")
    shop.books_balance()


def test_picked_units_are_not_cancelled_and_the_refusal_says_so(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 3})
    mugs.picked(order.id, "MUG", 2)
    before = mugs.silence()
    with pytest.raises(Refused) as refused:
        cancel(mugs, order)
    assert refused.value.code == "not_cancellable"
    assert refused.value.facts()["lines"] == [
        {"line_no": 1, "sku": "MUG", "wanted": 3, "open": 1, "states": {"picked": 2, "shipped": 0}}
    ]
    assert mugs.silence() == before
    assert cancel(mugs, order, _1=1).lines[0].cancelled == 1
    with pytest.raises(Refused, match="2 picked"):
        cancel(mugs, order, _1=1)
    mugs.books_balance()


def test_the_rest_of_a_partly_shipped_order_is_cancelled_and_the_order_is_shipped(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 3}, shipping=500)
    mugs.picked(order.id, "MUG", 2)
    ship(mugs, order.id)
    assert mugs.sheet(order.id).order.status == "partly_shipped"
    after = cancel(mugs, order)
    assert (after.status, after.lines[0].cancelled, after.lines[0].shipped) == ("shipped", 1, 2)
    assert after.total_now == 2500  # the shipping stays: something was shipped
    assert mugs.said("OrderCancelled") == []
    mugs.books_balance()


def test_a_kit_is_cancelled_with_all_its_components_unless_one_is_picked(mugs: OrdersShop) -> None:
    mugs.a_sku("TEA")
    mugs.some_stock("TEA", "LON", 10)
    mugs.a_kit("SET", {"MUG": 2, "TEA": 1}, price=2500)
    order = mugs.order(lines={"SET": 3})
    mugs.picked(order.id, "MUG", 1)
    with pytest.raises(Refused) as refused:
        cancel(mugs, order)
    assert refused.value.facts()["lines"][0]["open"] == 2
    after = cancel(mugs, order, _1=2)
    assert sorted((a.sku, a.quantity, a.state) for a in after.allocations) == [
        ("MUG", 1, "allocated"),
        ("MUG", 1, "picked"),
        ("TEA", 1, "allocated"),
    ]
    assert after.total_now == 2500
    mugs.books_balance()


@pytest.mark.parametrize(
    ("lines", "code"),
    [({"_9": 1}, "unknown_line"), ({"_1": 0}, "bad_quantity"), ({"_1": 5}, "not_cancellable")],
)
def test_a_cancellation_that_makes_no_sense_changes_nothing(mugs: OrdersShop, lines: dict[str, int], code: str) -> None:
    order = mugs.order(lines={"MUG": 4})
    before = mugs.silence()
    with pytest.raises(Refused) as refused:
        cancel(mugs, order, **lines)
    assert refused.value.code == code
    assert mugs.silence() == before


def test_what_is_over_is_not_cancelled_again(mugs: OrdersShop) -> None:
    order = cancel(mugs, mugs.order())
    with pytest.raises(Refused, match="nothing left to cancel"):
        cancel(mugs, order)
    with pytest.raises(Refused, match="There is no order"):
        mugs.do("orders", CancelOrder(order_id=a_uuid(), reason="x"), OrderState)
    assert mugs.level("MUG", "LON").allocated == 0


def test_a_cancellation_of_an_older_version_is_refused(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 2})
    cancel(mugs, order, _1=1)
    with pytest.raises(Refused, match="changed by somebody else"):
        mugs.do("orders", CancelOrder(order_id=order.id, reason="x", version=order.version), OrderState)


def test_a_draft_is_cancelled_without_touching_stock(mugs: OrdersShop) -> None:
    after = cancel(mugs, mugs.order(draft=True))
    assert (after.status, after.next) == ("cancelled", ["close"])
    assert mugs.level("MUG", "LON").allocated == 0


def test_money_that_is_only_authorised_is_not_called_paid_when_the_order_is_worth_nothing(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    mugs.announce(f"order:{order.id}", money(order.id, authorised=1000))
    assert cancel(mugs, order).payment_status == "authorised"


def test_an_order_that_waits_for_money_can_be_cancelled_and_waits_no_more(mugs: OrdersShop) -> None:
    after = cancel(mugs, mugs.order(payment=CARD))
    assert (after.status, after.holds) == ("cancelled", [])
    assert mugs.level("MUG", "LON").allocated == 0
