"""Placing: what an order takes, what it says, and that a refused one leaves nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from agents.contract import Said
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from db.errors import Refused
from tests.orders.conftest import CARD, OrdersShop


def test_an_order_takes_its_units_and_is_released_at_once(mugs: OrdersShop) -> None:
    order = mugs.order(lines={"MUG": 3}, shipping=490, email=" Ann@Example.COM ")
    assert (order.status, order.payment_status, order.total, order.total_now) == ("released", "none", 3490, 3490)
    assert order.number == "100001"
    assert order.placed_at == mugs.now
    assert order.next == ["cancel", "hold", "edit"]
    [part] = order.allocations
    assert (part.sku, part.node, part.quantity, part.state) == ("MUG", "LON", 3, "allocated")
    assert part.why == "whole order from LON, rank 10"
    level = mugs.level("MUG", "LON")
    assert (level.sellable, level.allocated, level.backordered) == (10, 3, 0)
    assert [s["kind"] for s in mugs.said()] == ["OrderPlaced", "OrderReleased"]
    placed = mugs.said("OrderPlaced")[0]
    assert (placed["number"], placed["total"], placed["status"]) == ("100001", 3490, "released")
    assert placed["email"] == "ann@example.com"
    assert mugs.timeline(order.id) == [(None, "placed"), ("placed", "released")]
    assert mugs.rows("SELECT actor, action FROM audit_log WHERE record = :r", r=f"order:{order.id}") == [
        ("user:tester", "create")
    ]
    mugs.books_balance()


def test_the_answer_says_what_the_tables_hold(mugs: OrdersShop) -> None:
    from agents.orders.views import state_of

    order = mugs.order(lines={"MUG": 2}, payment=CARD, shipping=100, order_discount=150)
    assert state_of(mugs.sheet(order.id)) == order


def test_an_order_that_is_paid_by_card_is_held_until_the_money_is_there(mugs: OrdersShop) -> None:
    order = mugs.order(payment=CARD)
    assert (order.status, order.payment_status, order.holds) == ("held", "pending", ["payment"])
    assert order.next == ["cancel", "hold", "release", "edit"]
    assert [s["kind"] for s in mugs.said()] == ["OrderPlaced"]
    assert mugs.said("OrderPlaced")[0]["payment"] == {
        "provider": "test",
        "token": "tok_ok",
        "reference": None,
        "amount": None,
        "security": False,
    }


@pytest.mark.parametrize("provider", ["external", "manual"])
def test_money_that_is_elsewhere_holds_nothing(mugs: OrdersShop, provider: str) -> None:
    assert mugs.order(payment=PaymentGiven(provider=provider)).status == "released"


def test_a_free_order_waits_for_no_money(mugs: OrdersShop) -> None:
    order = mugs.order(lines=[PlacedLine(sku="MUG", quantity=1, discount=1000)], payment=CARD)
    assert (order.total, order.status, order.holds) == (0, "released", [])


def test_a_draft_takes_no_stock_and_is_placed_later_at_the_price_it_shows(mugs: OrdersShop) -> None:
    from agents.orders.messages import PlaceDraft

    draft = mugs.order(lines={"MUG": 4}, draft=True)
    assert (draft.status, draft.total, draft.allocations, draft.placed_at) == ("draft", 4000, [], None)
    assert draft.next == ["place", "cancel", "edit"]
    assert (mugs.level("MUG", "LON").allocated, mugs.said()) == (0, [])
    with mugs.db.transaction(mugs_who(), now=mugs.now) as tx:
        from sqlalchemy import text

        tx.execute(text("UPDATE prices SET amount = 5000"))
    mugs.later(hours=1)
    order = mugs.do("orders", PlaceDraft(order_id=draft.id, payment=CARD), OrderState)
    assert (order.status, order.total, order.placed_at) == ("held", 4000, mugs.now)
    assert (order.holds, order.payment_status) == (["payment"], "pending")
    assert [(a.quantity, a.node) for a in order.allocations] == [(4, "LON")]
    assert mugs.said("OrderPlaced")[0]["payment"]["provider"] == "test"
    assert mugs.timeline(draft.id) == [(None, "draft"), ("draft", "placed"), ("placed", "held")]
    mugs.books_balance()


def test_a_draft_that_cannot_be_had_stays_a_draft(mugs: OrdersShop) -> None:
    from agents.orders.messages import PlaceDraft

    draft = mugs.order(lines={"MUG": 11}, draft=True)
    before = mugs.silence()
    with pytest.raises(Refused) as refused:
        mugs.do("orders", PlaceDraft(order_id=draft.id), OrderState)
    assert refused.value.code == "out_of_stock"
    assert mugs.silence() == before
    assert mugs.sheet(draft.id).order.status == "draft"


def test_a_sku_given_twice_is_two_lines_and_one_promise_each(mugs: OrdersShop) -> None:
    order = mugs.order(lines=[PlacedLine(sku="MUG", quantity=4), PlacedLine(sku="MUG", quantity=6, discount=600)])
    assert [(n.line_no, n.quantity, n.total) for n in order.lines] == [(1, 4, 4000), (2, 6, 5400)]
    assert [(a.line_no, a.quantity) for a in order.allocations] == [(1, 4), (2, 6)]
    with pytest.raises(Refused, match="MUG \\(2 wanted, 0 available\\)"):
        mugs.order(lines=[PlacedLine(sku="MUG", quantity=1), PlacedLine(sku="MUG", quantity=1)])


def test_tax_comes_from_the_catalogue_unless_the_line_says_otherwise(shop: OrdersShop) -> None:
    shop.a_node("LON")
    shop.a_sku("MUG", price=1200, tax_rate_ppm=200_000)
    shop.some_stock("MUG", "LON", 10)
    assert shop.order().tax == 200
    assert shop.order(lines=[PlacedLine(sku="MUG", quantity=1, tax_rate_ppm=0)]).tax == 0
    assert shop.order(tax_inclusive=False).total == 1440


def test_stock_in_two_places_serves_one_order_as_a_split(shop: OrdersShop) -> None:
    """Y5: A=1, B=1, order of 2."""
    shop.a_sku("MUG")
    for node in ("A", "B"):
        shop.a_node(node)
        shop.some_stock("MUG", node, 1)
    order = shop.order(lines={"MUG": 2})
    assert [(a.node, a.quantity, a.why) for a in order.allocations] == [
        ("A", 1, "split: 1 of 2 from A, rank 100"),
        ("B", 1, "split: 1 of 2 from B, rank 100"),
    ]
    shop.books_balance()


def test_backorders_go_up_to_the_limit_and_no_further(shop: OrdersShop) -> None:
    shop.a_node("LON")
    shop.a_sku("MUG", backorder_limit=3)
    shop.some_stock("MUG", "LON", 1)
    order = shop.order(lines={"MUG": 3})
    assert [(a.quantity, a.state) for a in order.allocations] == [(1, "allocated"), (2, "backordered")]
    before = shop.silence()
    with pytest.raises(Refused, match="2 wanted, 1 available"):
        shop.order(lines={"MUG": 2})
    assert shop.silence() == before
    assert shop.order(lines={"MUG": 1}).allocations[0].state == "backordered"
    assert shop.level("MUG", "LON").backordered == 3
    shop.books_balance()


def test_a_kit_is_one_line_and_takes_its_components(mugs: OrdersShop) -> None:
    mugs.a_sku("TEA")
    mugs.some_stock("TEA", "LON", 5)
    mugs.a_kit("SET", {"MUG": 2, "TEA": 1}, price=2500)
    order = mugs.order(lines={"SET": 3})
    assert [(n.sku, n.quantity, n.total) for n in order.lines] == [("SET", 3, 7500)]
    assert [(a.sku, a.quantity) for a in order.allocations] == [("MUG", 6), ("TEA", 3)]
    assert mugs.sheet(order.id).lines[0].components == [
        {"sku": "MUG", "quantity": 2},
        {"sku": "TEA", "quantity": 1},
    ]
    before = mugs.silence()
    with pytest.raises(Refused) as refused:
        mugs.order(lines={"SET": 3})
    assert refused.value.facts()["shortfalls"] == [
        {"sku": "MUG", "wanted": 6, "available": 4},
        {"sku": "TEA", "wanted": 3, "available": 2},
    ]
    assert mugs.silence() == before


def test_the_checkout_gets_what_was_held_for_it_where_it_was_held(mugs: OrdersShop) -> None:
    mugs.a_node("PAR", rank=50)
    mugs.some_stock("MUG", "PAR", 2)
    mugs.a_hold("cart-1", "MUG", "PAR", 2)
    order = mugs.order(lines={"MUG": 3}, hold_reference="cart-1")
    assert [(a.node, a.quantity) for a in order.allocations] == [("PAR", 2), ("LON", 1)]
    assert order.allocations[0].why == "was held for the checkout at PAR"
    assert (mugs.level("MUG", "PAR").held, mugs.level("MUG", "PAR").allocated) == (0, 2)
    assert mugs.rows("SELECT state FROM stock_holds") == [("converted",)]
    mugs.books_balance()


def test_the_last_unit_goes_to_the_cart_that_holds_it(mugs: OrdersShop) -> None:
    mugs.a_hold("cart-1", "MUG", "LON", 10)
    with pytest.raises(Refused, match="0 available"):
        mugs.order()
    with pytest.raises(Refused, match="0 available"):
        mugs.order(hold_reference="another-cart")
    assert mugs.order(lines={"MUG": 10}, hold_reference="cart-1").status == "released"
    mugs.books_balance()


def test_what_was_held_and_not_ordered_is_free_for_the_next_order_of_the_batch(mugs: OrdersShop) -> None:
    mugs.a_hold("cart-1", "MUG", "LON", 10)
    one, two = mugs.many([mugs.ask_for(hold_reference="cart-1"), mugs.ask_for(lines={"MUG": 9})])
    assert (one.status, two.status) == (200, 200)
    assert mugs.level("MUG", "LON").allocated == 10
    mugs.books_balance()


def refusals() -> list[Any]:
    line = PlacedLine(sku="MUG", quantity=1)
    return [
        pytest.param({"channel": "fax"}, "unknown_channel", 422, id="unknown channel"),
        pytest.param({"lines": []}, "empty_order", 422, id="empty order"),
        pytest.param({"lines": {"MUG": 0}}, "bad_quantity", 422, id="no units"),
        pytest.param({"lines": {"MUG": -1}}, "bad_quantity", 422, id="negative units"),
        pytest.param({"lines": {"MUG": 2**40}}, "bad_quantity", 422, id="more units than can be counted"),
        pytest.param({"lines": {"NIX": 1}}, "unknown_sku", 422, id="unknown sku"),
        pytest.param({"lines": {"DRAFT": 1}}, "not_sellable", 409, id="not for sale yet"),
        pytest.param({"currency": "USD"}, "no_price", 409, id="no price in the currency"),
        pytest.param({"currency": "EURO"}, "unknown_currency", 422, id="unknown currency"),
        pytest.param({"lines": {"NONE": 1}}, "out_of_stock", 409, id="never stocked"),
        pytest.param({"lines": {"MUG": 11}}, "out_of_stock", 409, id="too few"),
        pytest.param({"lines": {"OLD": 2}}, "out_of_stock", 409, id="discontinued: no backorder"),
        pytest.param({"order_discount": 1001}, "discount_too_large", 422, id="too large an order discount"),
        pytest.param({"order_discount": -1}, "negative_number", 422, id="negative discount"),
        pytest.param(
            {"lines": [PlacedLine(sku="MUG", quantity=1, discount=1001)]}, "discount_too_large", 422, id="line discount"
        ),
        pytest.param(
            {"lines": [PlacedLine(sku="MUG", quantity=1, unit_amount=2**53)]}, "amount_too_large", 422, id="a fortune"
        ),
        pytest.param(
            {"lines": [PlacedLine(sku="MUG", quantity=10**6, unit_amount=10**12)] * 20},
            "amount_too_large",
            422,
            id="more than a message carries as a number",
        ),
        pytest.param({"shipping_tax_ppm": 1_000_001}, "bad_tax_rate", 422, id="tax of more than all"),
        pytest.param({"customer_id": uuid4()}, "unknown_customer", 422, id="unknown customer"),
        pytest.param({"external_ref": "A-1"}, "reference_taken", 409, id="a reference again"),
        pytest.param({"email": "a\x00b"}, "not_storable", 422, id="a NUL"),
        pytest.param({"shipping_address": {"x": [float("nan")]}}, "not_storable", 422, id="not a number"),
        pytest.param({"draft": True, "payment": CARD, "lines": [line]}, "draft_takes_no_payment", 422, id="paid draft"),
    ]


@pytest.mark.parametrize(("what", "code", "status"), refusals())
def test_a_refused_order_leaves_no_trace_and_does_not_touch_its_neighbours(
    mugs: OrdersShop, what: dict[str, Any], code: str, status: int
) -> None:
    mugs.a_sku("DRAFT", status="draft")
    mugs.a_sku("NONE")
    mugs.a_sku("OLD", status="discontinued", backorder_limit=10)
    mugs.some_stock("OLD", "LON", 1)
    mugs.order(external_ref="A-1")
    before = mugs.silence()
    [refused] = mugs.many([mugs.ask_for(**what)])
    import msgspec

    said = msgspec.msgpack.decode(refused.body, type=Said)
    assert (said.code, refused.status) == (code, status)
    assert mugs.silence() == before
    first, again, last = mugs.many([mugs.ask_for(), mugs.ask_for(**what), mugs.ask_for(lines={"OLD": 1})])
    assert (first.status, again.status, last.status) == (200, status, 200)
    assert mugs.count("orders") == 3
    mugs.books_balance()


def test_a_reference_that_is_taken_names_the_order(mugs: OrdersShop) -> None:
    first = mugs.order(external_ref="A-1", channel="marketplace")
    with pytest.raises(Refused, match=f"is order {first.number} already"):
        mugs.order(external_ref="A-1", channel="marketplace")
    assert mugs.order(external_ref="A-1", channel="web").status == "released"


def test_a_reference_twice_in_one_batch_is_taken_once(mugs: OrdersShop) -> None:
    import msgspec

    asks = [mugs.ask_for(external_ref="A-1"), mugs.ask_for(external_ref="A-1")]
    one, two = mugs.many(asks)
    state = msgspec.msgpack.decode(one.body, type=OrderState)
    assert (one.status, two.status) == (200, 409)
    assert msgspec.msgpack.decode(two.body, type=Said).details["number"] == state.number


def test_a_key_gives_the_first_answer_again_and_refuses_another_body(mugs: OrdersShop) -> None:
    ask = mugs.ask_for(lines={"MUG": 2})
    first = mugs.do("orders", ask, OrderState, key="k-1")
    before = mugs.silence()
    assert mugs.do("orders", ask, OrderState, key="k-1") == first
    with pytest.raises(Refused, match="was used before"):
        mugs.do("orders", mugs.ask_for(lines={"MUG": 3}), OrderState, key="k-1")
    assert mugs.silence() == before


def test_of_fifty_orders_in_a_batch_as_many_are_taken_as_there_is_stock_for(mugs: OrdersShop) -> None:
    answers = mugs.many([mugs.ask_for(lines={"MUG": 1 + n % 3}) for n in range(50)])
    taken = [a for a in answers if a.status == 200]
    assert {a.status for a in answers} == {200, 409}
    assert mugs.count("orders") == len(taken)
    assert mugs.level("MUG", "LON").allocated == 10
    assert len(mugs.said("OrderPlaced")) == len(mugs.said("OrderReleased")) == len(taken)
    numbers = [r.number for r in mugs.rows("SELECT number FROM orders")]
    assert len(set(numbers)) == len(taken)
    mugs.books_balance()


def test_the_number_of_statements_does_not_depend_on_the_number_of_orders(mugs: OrdersShop) -> None:
    mugs.some_stock("MUG", "LON", 1000)

    def batch(n: int, run: str) -> list[PlaceOrder]:
        asks = []
        for i in range(n):
            mugs.a_hold(f"cart-{run}-{i}", "MUG", "LON", 1)
            asks.append(
                mugs.ask_for(
                    lines={"MUG": 2},
                    external_ref=f"{run}-{i}",
                    payment=CARD if i % 2 else None,
                    hold_reference=f"cart-{run}-{i}",
                )
            )
        return asks

    mugs.statements(batch(2, "warm"))
    assert mugs.statements(batch(2, "few")) == mugs.statements(batch(80, "many"))
    mugs.books_balance()


def test_who_waits_is_served_before_a_new_order(shop: OrdersShop) -> None:
    shop.a_node("LON")
    shop.a_sku("MUG", backorder_limit=5)
    shop.some_stock("MUG", "LON", 1)
    shop.a_hold("cart-1", "MUG", "LON", 1)
    waiting = shop.order()
    assert waiting.allocations[0].state == "backordered"
    with shop.db.transaction(mugs_who(), now=shop.now) as tx:
        from sqlalchemy import text

        tx.execute(text("UPDATE stock_holds SET state = 'released'"))
        tx.execute(text("UPDATE stock_levels SET held = 0"))
    late = shop.order()
    assert shop.allocations(waiting.id)[0].state == "allocated"
    assert late.allocations[0].state == "backordered"
    assert [s["order_id"] for s in shop.said("BackordersFilled")] == [str(waiting.id)]
    shop.books_balance()


def test_in_one_batch_the_first_to_order_is_the_first_to_be_served(shop: OrdersShop) -> None:
    from agents.orders.stockroom import fill

    shop.a_node("LON")
    shop.a_sku("MUG", backorder_limit=40)
    shop.some_stock("MUG", "LON", 1)
    shop.order()
    answers = shop.many([shop.ask_for(external_ref=f"{n:02}") for n in range(40)])
    assert {a.status for a in answers} == {200}
    shop.some_stock("MUG", "LON", 15)
    with shop.db.transaction(mugs_who(), now=shop.now) as tx:
        fill(tx, [("MUG", "LON")])
    served = shop.rows("""
        SELECT o.external_ref FROM orders o JOIN allocations a ON a.order_id = o.id
        WHERE a.state = 'allocated' AND o.external_ref IS NOT NULL ORDER BY 1
    """)
    assert [r.external_ref for r in served] == [f"{n:02}" for n in range(15)]
    shop.books_balance()


def test_an_order_in_several_pieces_is_told_as_it_is_kept(shop: OrdersShop) -> None:
    from agents.orders.views import state_of

    shop.a_sku("MUG", backorder_limit=2)
    for node in ("A", "B", "C"):
        shop.a_node(node)
        shop.some_stock("MUG", node, 2)
    lines = [PlacedLine(sku="MUG", quantity=3), PlacedLine(sku="MUG", quantity=4)]
    order = shop.order(lines=lines)
    assert [(a.line_no, a.node, a.quantity, a.state) for a in order.allocations] == [
        (1, "A", 2, "allocated"),
        (1, "B", 1, "allocated"),
        (2, "B", 1, "allocated"),
        (2, "C", 2, "allocated"),
        (2, "A", 1, "backordered"),
    ]
    assert state_of(shop.sheet(order.id)) == order


def mugs_who() -> Any:
    from tests.shop import TESTER

    return TESTER


def test_what_a_cart_held_beyond_its_order_goes_to_those_who_wait_at_once(shop: OrdersShop) -> None:
    shop.a_node("LON")
    shop.a_sku("TEA", backorder_limit=5)
    shop.some_stock("TEA", "LON", 5)
    shop.a_hold("cart-1", "TEA", "LON", 5)
    waiting = shop.order(lines={"TEA": 3})
    assert [a.state for a in waiting.allocations] == ["backordered"]

    last, late = shop.many([shop.ask_for(lines={"TEA": 1}, hold_reference="cart-1"), shop.ask_for(lines={"TEA": 3})])

    assert (last.status, late.status) == (200, 200)
    assert [a.state for a in shop.allocations(waiting.id)] == ["allocated"]
    assert [e["order_id"] for e in shop.said("BackordersFilled")] == [str(waiting.id)]
    level = shop.level("TEA", "LON")
    assert (level.sellable, level.allocated, level.held, level.backordered) == (5, 5, 0, 2)
    shop.books_balance()
