"""Returns from the request to the money: what comes back, what goes on sale again, what is given back and when."""

from __future__ import annotations

from uuid import uuid4

import pytest

from agents.orders.messages import CancelOrder, LineQuantity, OrderState
from agents.payments.messages import PaymentView, RefundPayment
from agents.returns.messages import (
    CancelReturn,
    CloseReturn,
    DeclineReturn,
    GradedAsk,
    PaidUnitsAsk,
    PayWithheld,
    ReceiveReturn,
    RefundReturnAgain,
    ReturnState,
)
from db.errors import Refused
from db.payments import payments_of
from tests.payments.makers import reconcile
from tests.returns.makers import (
    a_delivered_order,
    approve,
    approved,
    ask,
    history,
    lies,
    line,
    lines,
    money,
    place,
    policy,
    preview,
    receive,
    refunds,
    say,
    ship,
    the_books_add_up,
    the_order,
    the_return,
    timeline,
)
from tests.shop import Shop


def refund_by_hand(shop: Shop, order_id: object, amount: int, *, goodwill: bool) -> None:
    with shop.db.reading() as session:
        (payment,) = payments_of(session, order_id)  # type: ignore[arg-type]
    gives = RefundPayment(payment_id=payment.id, amount=amount, reason="by hand", goodwill=goodwill)
    shop.do("payments", gives, PaymentView)
    shop.pump()


def test_a_return_goes_the_whole_way_and_its_money_is_that_of_the_preview(shop: Shop) -> None:
    order = a_delivered_order(shop, lines={"MUG": 3, "PLATE": 2}, order_discount=333, shipping=490)
    told = preview(shop, order, line(1, 2), line(2, 1))
    made = ask(shop, order, line(1, 2), line(2, 1))
    assert (made.status, made.next) == ("requested", ["approve", "decline", "cancel"])
    assert approve(shop, made).status == "approved"
    assert refunds(shop, order) == []
    assert receive(shop, made, (1, 1, "sellable")).status == "partly_received"
    receive(shop, made, (1, 1, "sellable"), (2, 1, "sellable"))
    item = the_return(shop, made)
    assert (item.status, item.refund_state, item.due) == ("refunded", "settled", 0)
    assert item.credit == item.refunded == told.total == sum(amount for _, amount, _ in refunds(shop, order))
    assert money(shop, order) == (order.total, told.total)
    assert lies(shop, "MUG") == {("PICK", "sellable"): 99}
    steps = list(dict.fromkeys(status for status, _ in timeline(shop, f"return:{made.id}")))
    assert steps == ["requested", "approved", "partly_received", "received", "refunded"]
    assert the_order(shop, order.id).payment_status == "partly_refunded"
    (said,) = shop.said("ReturnRefunded")
    assert (said["amount"], said["order_number"]) == (told.total, order.number)
    the_books_add_up(shop)


def test_units_that_come_back_in_parts_are_worth_exactly_what_was_paid(shop: Shop) -> None:
    order = a_delivered_order(shop, lines={"MUG": 3, "PLATE": 3}, order_discount=1001, shipping=491)
    for line_no, quantity in ((1, 1), (2, 2), (1, 2), (2, 1)):
        made = approved(shop, order, line(line_no, quantity))
        receive(shop, made, (line_no, quantity, "sellable"))
    assert money(shop, order) == (order.total, order.total)
    assert the_order(shop, order.id).payment_status == "refunded"
    the_books_add_up(shop)


def test_no_unit_comes_back_twice_over_all_returns(shop: Shop) -> None:
    order = a_delivered_order(shop)
    first = ask(shop, order, line(1, 2))
    with pytest.raises(Refused) as refused:
        ask(shop, order, line(1, 2))
    assert refused.value.code == "not_that_many"
    assert refused.value.facts()["lines"] == [
        {"line_no": 1, "asked": 2, "shipped": 3, "claimed": 2, "by": [first.number]}
    ]
    say(shop, DeclineReturn(return_id=first.id, reason="worn"))
    assert ask(shop, order, line(1, 3)).status == "requested"
    the_books_add_up(shop)


def test_what_has_not_left_cannot_come_back(shop: Shop) -> None:
    order = place(shop)
    with pytest.raises(Refused) as refused:
        preview(shop, order)
    assert refused.value.code == "not_that_many"
    ship(shop, order)
    assert preview(shop, order).allowed


def test_only_what_is_as_new_goes_on_sale_and_the_customer_is_paid_for_that_alone(shop: Shop) -> None:
    order = a_delivered_order(shop, lines={"MUG": 5})
    made = approved(shop, order, line(1, 4))
    receive(shop, made, (1, 1, "sellable"), (1, 1, "damaged"), (1, 1, "not_as_described"), (1, 1, "missing"))
    assert lies(shop, "MUG") == {
        ("PICK", "sellable"): 96,
        ("QUARANTINE", "damaged"): 1,
        ("QUARANTINE", "quarantine"): 1,
    }
    item = the_return(shop, made)
    assert (item.status, item.credit, item.refunded) == ("refunded", 1000, 1000)
    # The one that was missing may still come; those that are here may be paid for by somebody who may.
    assert preview(shop, order, line(1, 2)).lines[0].returnable == 2
    say(shop, PayWithheld(return_id=made.id, lines=[PaidUnitsAsk(line_no=1, quantity=1)], reason="our box was thin"))
    item = the_return(shop, made)
    assert (item.status, item.credit, item.refunded) == ("refunded", 2000, 2000)
    with pytest.raises(Refused) as refused:
        say(shop, PayWithheld(return_id=made.id, lines=[PaidUnitsAsk(line_no=1, quantity=2)], reason="more"))
    assert refused.value.code == "more_than_withheld"
    the_books_add_up(shop)


def test_what_arrived_broken_is_paid_for_without_a_fee_and_the_shop_pays_the_label(shop: Shop) -> None:
    policy(shop, fee_ppm=100_000)
    order = a_delivered_order(shop)
    minded, broken = preview(shop, order), preview(shop, order, line(reason="damaged"))
    assert (minded.total, minded.fee, minded.label_paid_by) == (900, 100, "customer")
    assert (broken.total, broken.fee, broken.label_paid_by) == (1000, 0, "shop")
    made = approved(shop, order, line(reason="damaged"))
    receive(shop, made, (1, 1, "damaged"))
    assert the_return(shop, made).refunded == 1000
    the_books_add_up(shop)


def test_no_more_is_graded_than_is_to_come(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = approved(shop, order, line(1, 2))
    receive(shop, made, (1, 1, "sellable"))
    with pytest.raises(Refused) as refused:
        receive(shop, made, (1, 1, "sellable"), (1, 1, "missing"))
    assert refused.value.facts() == {"number": made.number, "line_no": 1, "graded": 1, "open": 0}
    assert lies(shop, "MUG") == {("PICK", "sellable"): 98}


def test_a_kit_comes_back_in_its_parts(shop: Shop) -> None:
    order = a_delivered_order(shop, lines={"SET": 2})
    made = approved(shop, order, line(1, 2))
    receive(shop, made, (1, 1, "sellable"), (1, 1, "damaged"))
    assert lies(shop, "MUG") == {("PICK", "sellable"): 98, ("QUARANTINE", "damaged"): 2}
    assert lies(shop, "PLATE") == {("PICK", "sellable"): 99, ("QUARANTINE", "damaged"): 1}
    assert the_return(shop, made).refunded == 2500
    the_books_add_up(shop)


def test_a_serial_number_has_to_be_said_and_comes_back_once(shop: Shop) -> None:
    shop.some_stock("PHONE", "LON", 1, lot="S1")
    order = a_delivered_order(shop, lines={"PHONE": 1})
    made = approved(shop, order)
    with pytest.raises(Refused) as refused:
        receive(shop, made, (1, 1, "sellable"))
    assert refused.value.code == "lot_needed"
    receive(shop, made, (1, 1, "sellable"), lots={"PHONE": "S1"})
    assert lies(shop, "PHONE") == {("PICK", "sellable"): 1}


def test_a_return_is_called_off_until_something_came_or_money_went(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = approved(shop, order)
    assert say(shop, CancelReturn(return_id=made.id, reason="keeps it")).status == "cancelled"
    policy(shop, refund_when="approval")
    at_once = approved(shop, a_delivered_order(shop))
    with pytest.raises(Refused) as refused:
        say(shop, CancelReturn(return_id=at_once.id, reason="keeps it"))
    assert refused.value.code == "money_under_way"


def test_money_goes_back_before_the_goods_are_here_where_the_policy_says_so_and_once(shop: Shop) -> None:
    policy(shop, refund_when="approval", auto_approve=True)
    order = a_delivered_order(shop, lines={"MUG": 2}, shipping=300)
    made = ask(shop, order, line(1, 2))
    assert made.status == "approved"
    assert refunds(shop, order) == [("return", 2300, "succeeded")]
    receive(shop, made, (1, 1, "sellable"), (1, 1, "missing"))
    assert refunds(shop, order) == [("return", 2300, "succeeded")]
    assert the_return(shop, made).status == "refunded"
    with pytest.raises(Refused) as refused:
        ask(shop, order, line(1, 1))
    assert refused.value.code == "not_that_many", "the missing one is paid for already"
    the_books_add_up(shop)


@pytest.mark.parametrize(("token", "state"), [("tok_refund_timeout", "unknown"), ("tok_refund_late", "asked")])
def test_a_refund_that_is_not_certain_is_waited_for(shop: Shop, token: str, state: str) -> None:
    order = a_delivered_order(shop, token=token)
    made = approved(shop, order)
    receive(shop, made, (1, 1, "sellable"))
    item = the_return(shop, made)
    assert (item.status, item.refund_state, item.refunded) == ("received", state, 0)
    with pytest.raises(Refused) as refused:
        say(shop, CloseReturn(return_id=made.id, reason="done"))
    assert refused.value.code == "money_under_way"
    reconcile(shop)
    item = the_return(shop, made)
    assert (item.status, item.refund_state, item.refunded) == ("refunded", "settled", 1000)
    assert len(refunds(shop, order)) == 1
    the_books_add_up(shop)


def test_a_refused_refund_is_seen_asked_again_or_closed_with_a_reason(shop: Shop) -> None:
    order = a_delivered_order(shop, token="tok_refund_declined")
    made = approved(shop, order)
    receive(shop, made, (1, 1, "sellable"))
    item = the_return(shop, made)
    assert (item.status, item.refund_state, item.due) == ("received", "failed", 1000)
    assert item.refund_error == "The account that paid was closed."
    say(shop, RefundReturnAgain(return_id=made.id))
    assert [state for _, _, state in refunds(shop, order)] == ["declined", "declined"]
    assert say(shop, CloseReturn(return_id=made.id, reason="paid in cash")).status == "closed"
    assert the_return(shop, made).due == 1000
    the_books_add_up(shop)


def test_what_was_given_back_by_hand_counts_and_goodwill_only_at_the_end(shop: Shop) -> None:
    order = a_delivered_order(shop, lines={"MUG": 4})
    refund_by_hand(shop, order.id, 700, goodwill=False)
    refund_by_hand(shop, order.id, 500, goodwill=True)
    first = approved(shop, order, line(1, 1))
    receive(shop, first, (1, 1, "sellable"))
    item = the_return(shop, first)
    assert (item.credit, item.counted, item.refunded, item.status) == (1000, 700, 300, "refunded")
    rest = approved(shop, order, line(1, 3))
    receive(shop, rest, (1, 3, "sellable"))
    item = the_return(shop, rest)
    assert (item.credit, item.counted, item.refunded, item.status) == (3000, 0, 2500, "refunded")
    assert money(shop, order) == (4000, 4000)
    the_books_add_up(shop)


def test_a_cancelled_unit_is_not_paid_for_out_of_what_came_back(shop: Shop) -> None:
    shop.a_sku("BOWL", price=900, backorder_limit=5)
    shop.some_stock("BOWL", "LON", 1)
    order = a_delivered_order(shop, lines={"MUG": 2, "BOWL": 2})
    made = approved(shop, order)
    receive(shop, made, (1, 1, "sellable"))
    assert refunds(shop, order) == [("return", 1000, "succeeded")]
    shop.do(
        "orders",
        CancelOrder(order_id=order.id, reason="too late", lines=[LineQuantity(line_no=2, quantity=1)]),
        OrderState,
    )
    shop.pump()
    assert refunds(shop, order) == [("return", 1000, "succeeded"), ("cancel", 900, "succeeded")]
    the_books_add_up(shop)


def test_the_same_key_books_once(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = approved(shop, order, line(1, 2))
    came = ReceiveReturn(return_id=made.id, node="LON", units=[GradedAsk(line_no=1, quantity=1, grade="sellable")])
    key = str(uuid4())
    first, again = (shop.do("returns", came, ReturnState, key=key) for _ in range(2))
    assert first == again
    assert lies(shop, "MUG") == {("PICK", "sellable"): 98}


def test_an_order_of_history_comes_back_and_its_money_by_hand(shop: Shop) -> None:
    policy(shop, auto_approve=True, refund_when="approval")
    order = history(shop)
    told = preview(shop, order, line(1, 2))
    assert (told.total, told.refundable, told.by_hand, told.approved_at_once) == (2000, 0, True, False)
    made = ask(shop, order, line(1, 2))
    assert made.status == "requested", "a person decides"
    approve(shop, made)
    receive(shop, made, (1, 2, "sellable"))
    assert lies(shop, "MUG") == {("PICK", "sellable"): 102}
    item = the_return(shop, made)
    assert (item.status, item.refund_state, item.credit, item.due, item.refunded) == (
        "received",
        "short",
        2000,
        2000,
        0,
    )
    assert refunds(shop, order) == []
    the_books_add_up(shop)
    assert say(shop, CloseReturn(return_id=made.id, reason="2000 by bank transfer")).status == "closed"
    with pytest.raises(Refused) as refused:
        ask(shop, order, line(1, 2))
    assert refused.value.code == "not_that_many"
    the_books_add_up(shop)


def test_the_lines_keep_what_was_decided_of_them(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = ask(shop, order)
    assert [n.shipped for n in lines(shop, order)] == [3]
    assert made.lines[0]["rule"] is None
    assert made.policy_version is None
