"""Edits: shown first to the cent and the unit, applied in one go or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from agents.orders.messages import (
    ApplyEdit,
    CancelOrder,
    DiscardEdit,
    EditPreview,
    LineChange,
    LineQuantity,
    OrderState,
    PlacedLine,
    PlaceDraft,
    ProposeEdit,
    TagOrder,
)
from db.errors import Refused
from tests.orders.conftest import CARD, OrdersShop, a_uuid, money


def propose(shop: OrdersShop, order: OrderState, *lines: LineChange, **what: Any) -> EditPreview:
    return shop.do("orders", ProposeEdit(order_id=order.id, lines=list(lines), **what), EditPreview)


def apply(shop: OrdersShop, edit: EditPreview) -> OrderState:
    return shop.do("orders", ApplyEdit(edit_id=edit.id), OrderState)


def more(line_no: int, quantity: int) -> LineChange:
    return LineChange(line_no=line_no, quantity=quantity)


@pytest.fixture
def shelf(mugs: OrdersShop) -> OrdersShop:
    mugs.a_sku("TEA", price=450, tax_rate_ppm=70_000)
    mugs.some_stock("TEA", "LON", 5)
    return mugs


def test_the_preview_shows_money_and_stock_and_changes_nothing(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 3}, shipping=490)
    before = shelf.silence()
    edit = propose(shelf, order, more(1, 2), LineChange(sku="TEA", quantity=2, discount=100), shipping=0)
    assert edit.money == {
        "total_before": 3490,
        "total_after": 2800,
        "difference": -690,
        "shipping_before": 490,
        "shipping_after": 0,
        "covered": 0,
    }
    assert edit.stock == [
        {"sku": "MUG", "node": "LON", "state": "allocated", "quantity": -1},
        {"sku": "TEA", "node": "LON", "state": "allocated", "quantity": 2},
    ]
    assert [(n.line_no, n.quantity_before, n.quantity_after, n.total_after) for n in edit.lines] == [
        (1, 3, 2, 2000),
        (2, 0, 2, 800),
    ]
    assert (edit.obstacles, edit.next) == ([], ["apply", "discard"])
    after = shelf.silence()
    assert {k: after[k] - before[k] for k in after if after[k] != before[k]} == {"audit_log": 1}  # the edit's own row
    assert shelf.level("TEA", "LON").allocated == 0


def test_what_is_applied_is_what_was_shown(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 3}, shipping=490)
    edit = propose(shelf, order, more(1, 2), LineChange(sku="TEA", quantity=2, discount=100), shipping=0)
    after = apply(shelf, edit)
    assert (after.total_now, after.status) == (edit.money["total_after"], "released")
    assert [(n.sku, n.quantity, n.cancelled, n.total) for n in after.lines] == [("MUG", 3, 1, 3000), ("TEA", 2, 0, 800)]
    assert (after.subtotal, after.discount, after.shipping, after.tax) == (3900, 100, 0, 52)
    assert after.subtotal - after.discount + after.shipping == after.total
    assert sorted((a.sku, a.quantity, a.state) for a in after.allocations) == [
        ("MUG", 2, "allocated"),
        ("TEA", 2, "allocated"),
    ]
    told = shelf.said("OrderEdited")
    assert [(t["total_before"], t["total_now"]) for t in told] == [(3490, 2800)]
    shelf.books_balance()
    with pytest.raises(Refused, match="is applied already"):
        apply(shelf, edit)


def test_more_of_a_line_costs_its_own_price_whatever_the_catalogue_says_now(shelf: OrdersShop) -> None:
    order = shelf.order(lines=[PlacedLine(sku="MUG", quantity=2, unit_amount=700, discount=100)])
    edit = propose(shelf, order, more(1, 5))
    assert edit.money["difference"] == 3 * 700
    after = apply(shelf, edit)
    assert [(n.quantity, n.discount, n.total) for n in after.lines] == [(5, 100, 3400)]
    assert [(a.quantity, a.state) for a in after.allocations] == [(2, "allocated"), (3, "allocated")]
    shelf.books_balance()


def test_units_cancelled_before_an_edit_keep_their_worth_and_all_adds_up(shelf: OrdersShop) -> None:
    order = shelf.order(lines=[PlacedLine(sku="MUG", quantity=3, discount=100)])
    one = [LineQuantity(line_no=1, quantity=1)]
    shelf.do("orders", CancelOrder(order_id=order.id, reason="x", lines=one), OrderState)
    assert apply(shelf, propose(shelf, order, more(1, 4))).total_now == 2900 - 967 + 2000
    for _ in range(4):
        order = shelf.do("orders", CancelOrder(order_id=order.id, reason="x", lines=one), OrderState)
    assert (order.status, order.total_now, order.cancelled_total) == ("cancelled", 0, 4900)
    assert sum(s["amount"] for s in shelf.said("LinesCancelled")) == 4900
    shelf.books_balance()


def test_picked_units_stand_in_the_way(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 3})
    shelf.picked(order.id, "MUG", 2)
    edit = propose(shelf, order, more(1, 0))
    assert edit.obstacles == [
        "line 1: 2 of 3 units are picked",
    ]
    assert edit.next == ["discard"]
    with pytest.raises(Refused, match="2 of 3 units are picked"):
        apply(shelf, edit)


def test_stock_that_is_not_there_stands_in_the_way_and_is_looked_at_again(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 3})
    assert propose(shelf, order, more(1, 20)).obstacles == ["MUG: 17 wanted, 7 available"]
    shelf.do("orders", DiscardEdit(edit_id=_open(shelf)), OrderState)
    edit = propose(shelf, order, more(1, 10))
    assert edit.obstacles == []
    shelf.order(lines={"MUG": 5})
    before = shelf.silence()
    with pytest.raises(Refused, match="MUG: 7 wanted, 2 available"):
        apply(shelf, edit)
    assert shelf.silence() == before


def _open(shop: OrdersShop) -> Any:
    return shop.rows("SELECT id FROM order_edits WHERE state = 'proposed'")[0].id


def test_an_edit_that_leaves_nothing_is_a_cancellation_and_not_an_edit(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 3})
    assert propose(shelf, order, more(1, 0)).obstacles == ["nothing would be left; cancel the order instead"]


def test_a_line_is_swapped_for_another_and_the_shipping_stays(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 3}, shipping=490)
    after = apply(shelf, propose(shelf, order, more(1, 0), LineChange(sku="TEA", quantity=1)))
    assert (after.status, after.total_now) == ("released", 940)
    assert [(a.sku, a.quantity) for a in after.allocations] == [("TEA", 1)]
    shelf.books_balance()


def test_one_edit_is_open_at_a_time(shelf: OrdersShop) -> None:
    order = shelf.order()
    first = propose(shelf, order, more(1, 2))
    with pytest.raises(Refused, match="has an open edit"):
        propose(shelf, order, more(1, 3))
    shelf.do("orders", DiscardEdit(edit_id=first.id), OrderState)
    with pytest.raises(Refused, match="is discarded already"):
        apply(shelf, first)
    assert propose(shelf, order, more(1, 3)).next == ["apply", "discard"]


def test_an_edit_of_an_order_that_changed_since_is_refused(shelf: OrdersShop) -> None:
    order = shelf.order()
    edit = propose(shelf, order, more(1, 2))
    shelf.do("orders", TagOrder(order_id=order.id, add=["vip"]), OrderState)
    with pytest.raises(Refused) as refused:
        apply(shelf, edit)
    assert refused.value.code == "stale_version"


def test_an_order_made_dearer_waits_for_the_difference(shelf: OrdersShop) -> None:
    order = shelf.order(payment=CARD)
    shelf.announce(f"order:{order.id}", money(order.id, authorised=1000))
    after = apply(shelf, propose(shelf, order, more(1, 2)))
    assert (after.status, after.holds, after.total_now) == ("held", ["payment"], 2000)
    assert after.payment_status == "pending"
    assert shelf.said("OrderHeld")[0]["reasons"] == ["payment"]
    shelf.announce(f"order:{order.id}", money(order.id, authorised=2000))
    assert shelf.sheet(order.id).order.status == "released"


def test_an_order_made_cheaper_than_its_money_waits_no_longer(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 2}, payment=CARD)
    shelf.announce(f"order:{order.id}", money(order.id, authorised=1000))
    assert shelf.sheet(order.id).order.status == "held"
    after = apply(shelf, propose(shelf, order, more(1, 1)))
    assert (after.status, after.holds, after.payment_status) == ("released", [], "authorised")


def test_a_cancelled_part_of_a_dearer_order_brings_it_back_to_paid(shelf: OrdersShop) -> None:
    order = shelf.order(payment=CARD)
    shelf.announce(f"order:{order.id}", money(order.id, authorised=1000, captured=1000))
    assert apply(shelf, propose(shelf, order, more(1, 2))).payment_status == "pending"
    one = [LineQuantity(line_no=1, quantity=1)]
    after = shelf.do("orders", CancelOrder(order_id=order.id, reason="too dear", lines=one), OrderState)
    assert (after.status, after.holds, after.payment_status) == ("released", [], "paid")


def test_an_order_on_account_never_waits(shelf: OrdersShop) -> None:
    order = shelf.order()
    assert apply(shelf, propose(shelf, order, more(1, 9))).status == "released"


def test_the_address_is_edited_alone(shelf: OrdersShop) -> None:
    order = shelf.order()
    edit = propose(shelf, order, shipping_address={"city": "Bath"})
    assert (edit.money["difference"], edit.stock, edit.lines) == (0, [], [])
    apply(shelf, edit)
    assert shelf.sheet(order.id).order.shipping_address == {"city": "Bath"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (None, "bad_edit"),
        (LineChange(quantity=1), "bad_edit"),
        (LineChange(sku="NIX", quantity=1), "unknown_sku"),
        (LineChange(sku="TEA", quantity=0), "bad_quantity"),
        (LineChange(line_no=7, quantity=1), "unknown_line"),
        (LineChange(line_no=1, quantity=1, unit_amount=5), "bad_edit"),
        (LineChange(line_no=1, quantity=-1), "bad_edit"),
        (LineChange(sku="TEA", quantity=1, discount=451), "discount_too_large"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(shelf: OrdersShop, change: LineChange | None, code: str) -> None:
    order = shelf.order()
    before = shelf.silence()
    with pytest.raises(Refused) as refused:
        propose(shelf, order, *([change] if change else []))
    assert refused.value.code == code
    assert shelf.silence() == before
    assert shelf.count("order_edits") == 0


def test_a_draft_is_edited_without_touching_stock_and_placed_as_it_stands(shelf: OrdersShop) -> None:
    draft = shelf.order(lines={"MUG": 3}, shipping=490, draft=True)
    # Eleven are more than there are: a draft promises nothing, so nothing stands in the way yet.
    edit = propose(shelf, draft, more(1, 11), LineChange(sku="TEA", quantity=2), shipping=0)
    assert (edit.money["total_after"], edit.stock, edit.obstacles) == (11_900, [], [])
    after = apply(shelf, edit)
    assert (after.status, after.total_now, after.payment_status, after.holds) == ("draft", 11_900, "none", [])
    after = apply(shelf, propose(shelf, after, more(1, 2), LineChange(line_no=2, quantity=0)))
    assert (after.total_now, [n.quantity - n.cancelled for n in after.lines]) == (2000, [2, 0])
    assert (shelf.level("MUG", "LON").allocated, shelf.level("TEA", "LON").allocated, shelf.said()) == (0, 0, [])
    placed = shelf.do("orders", PlaceDraft(order_id=draft.id, payment=CARD), OrderState)
    assert (placed.status, [(a.sku, a.quantity) for a in placed.allocations]) == ("held", [("MUG", 2)])
    assert (placed.total_now, shelf.said("OrderPlaced")[0]["total"]) == (2000, 2000)
    shelf.books_balance()


def test_finished_orders_are_not_edited(shelf: OrdersShop) -> None:
    order = shelf.order()
    shelf.do("orders", CancelOrder(order_id=order.id, reason="changed their mind"), OrderState)
    before = shelf.silence()
    with pytest.raises(Refused, match="is cancelled and cannot be edited"):
        propose(shelf, order, more(1, 2))
    with pytest.raises(Refused, match="There is no edit"):
        shelf.do("orders", ApplyEdit(edit_id=a_uuid()), OrderState)
    assert shelf.silence() == before


def _twins(shelf: OrdersShop) -> None:
    """Berlin has four mugs, besides the ten in London."""
    shelf.a_node("BER", rank=200)
    shelf.some_stock("MUG", "BER", 4)


def at(shop: OrdersShop, order: OrderState) -> list[tuple[int, str, int, str]]:
    live = [a for a in shop.allocations(order.id) if a.state != "released"]
    return sorted((a.line_no, a.node, a.quantity, a.state) for a in live)


def test_an_edit_moves_a_line_and_adds_to_it_at_the_node_that_it_names(shelf: OrdersShop) -> None:
    _twins(shelf)
    order = shelf.order(lines={"MUG": 2})
    edit = propose(shelf, order, LineChange(line_no=1, quantity=3, node="BER"))
    assert edit.stock == [
        {"sku": "MUG", "node": "BER", "state": "allocated", "quantity": 3},
        {"sku": "MUG", "node": "LON", "state": "allocated", "quantity": -2},
    ]
    (line,) = edit.lines
    assert [(c.node, c.quantity, c.moved_from, c.waits) for c in line.comes] == [
        ("BER", 1, None, False),
        ("BER", 2, "LON", False),
    ]
    assert (edit.money["difference"], edit.obstacles) == (1000, [])
    apply(shelf, edit)
    assert at(shelf, order) == [(1, "BER", 1, "allocated"), (1, "BER", 2, "allocated")]
    assert (shelf.level("MUG", "LON").allocated, shelf.level("MUG", "BER").allocated) == (0, 3)
    (told,) = shelf.said("OrderRerouted")
    assert [(m["from_node"], m["to_node"], m["quantity"]) for m in told["moves"]] == [("LON", "BER", 2)]
    (decided,) = shelf.rows("SELECT cause, why FROM routing_decisions")
    assert (decided.cause, decided.why) == ("moved", "moved: 2 MUG from LON to BER: an edit says so")
    shelf.books_balance()


def test_an_edit_that_lowers_a_line_moves_only_what_is_left_of_it(shelf: OrdersShop) -> None:
    _twins(shelf)
    order = shelf.order(lines={"MUG": 4})
    edit = propose(shelf, order, LineChange(line_no=1, quantity=3, node="BER"))
    apply(shelf, edit)
    assert at(shelf, order) == [(1, "BER", 3, "allocated")]
    assert shelf.level("MUG", "LON").allocated == 0
    shelf.books_balance()


def test_picked_units_stay_and_the_preview_says_so(shelf: OrdersShop) -> None:
    _twins(shelf)
    order = shelf.order(lines={"MUG": 3})
    shelf.picked(order.id, "MUG", 1)
    edit = propose(shelf, order, LineChange(line_no=1, quantity=3, node="BER"))
    (line,) = edit.lines
    assert [(s.node, s.quantity, s.state) for s in line.stays] == [("LON", 1, "picked")]
    apply(shelf, edit)
    assert at(shelf, order) == [(1, "BER", 2, "allocated"), (1, "LON", 1, "picked")]
    shelf.picked(order.id, "MUG", 2)
    stuck = propose(shelf, order, LineChange(line_no=1, quantity=3, node="LON"))
    assert stuck.obstacles == []  # one is there already, the others are picked
    shelf.books_balance()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (LineChange(line_no=1, quantity=6, node="BER"), "line 1: MUG: 6 wanted at BER, 4 free and 0 beyond stock"),
        (LineChange(line_no=1, quantity=3, node="MARS"), "line 1: MARS does not ship"),
        (LineChange(sku="TEA", quantity=1, node="BER"), "line 2: TEA: 1 wanted at BER, 0 free and 0 beyond stock"),
    ],
)
def test_a_node_that_cannot_is_an_obstacle_and_nothing_moves(shelf: OrdersShop, change: LineChange, says: str) -> None:
    _twins(shelf)
    order = shelf.order(lines={"MUG": 6})
    edit = propose(shelf, order, change)
    assert (edit.obstacles, edit.next) == ([says], ["discard"])
    with pytest.raises(Refused, match="cannot be applied"):
        apply(shelf, edit)
    assert at(shelf, order) == [(1, "LON", 6, "allocated")]


def test_an_edit_of_an_order_that_changed_since_is_told_what_happened(shelf: OrdersShop) -> None:
    order = shelf.order(lines={"MUG": 3})
    edit = propose(shelf, order, more(1, 2))
    one = [LineQuantity(line_no=1, quantity=1)]
    shelf.later(minutes=1)
    shelf.do("orders", CancelOrder(order_id=order.id, reason="two are enough", lines=one), OrderState)
    with pytest.raises(Refused, match="Since then: cancelled: two are enough") as refused:
        apply(shelf, edit)
    assert refused.value.code == "stale_version"
