"""Claims: what came wrong is paid back or sent once more, and no unit is made good twice."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.orders.messages import CancelOrder, OrderState
from agents.returns.messages.claims import (
    ApproveClaim,
    CancelClaim,
    ClaimLineAsk,
    ClaimPreview,
    ClaimState,
    DenyClaim,
    OpenClaim,
    PreviewClaim,
)
from db.errors import Refused
from db.order_claims import OrderClaim
from db.orders import Order
from tests.returns.makers import (
    a_delivered_order,
    approved,
    ask,
    deliver,
    line,
    money,
    receive,
    ship,
    the_books_add_up,
    the_order,
)
from tests.shop import Shop


def wrong(line_no: int = 1, quantity: int = 1, replace: int = 0, reason: str = "damaged") -> ClaimLineAsk:
    return ClaimLineAsk(line_no=line_no, quantity=quantity, replace=replace, reason=reason)


def opened(shop: Shop, order: Order, *lines: ClaimLineAsk, **more: Any) -> ClaimState:
    made = shop.do("returns", OpenClaim(order_id=order.id, lines=list(lines) or [wrong()], **more), ClaimState)
    shop.pump()
    return made


def granted(shop: Shop, order: Order, *lines: ClaimLineAsk, **more: Any) -> ClaimState:
    made = opened(shop, order, *lines, **more)
    return say(shop, ApproveClaim(claim_id=made.id))


def say(shop: Shop, command: Any) -> ClaimState:
    told = shop.do("returns", command, ClaimState)
    shop.pump()
    assert shop.dead() == []
    return told


def the_claim(shop: Shop, made: ClaimState) -> OrderClaim:
    with shop.db.reading() as session:
        return session.get_one(OrderClaim, made.id)


def test_a_damaged_unit_is_paid_back_with_its_share_of_the_shipping(shop: Shop) -> None:
    order = a_delivered_order(shop, shipping=300)
    told = shop.do("returns", PreviewClaim(order_id=order.id, lines=[wrong()]), ClaimPreview)
    assert (told.refund, told.shipping, told.replacement) == (1100, 100, 0)
    made = granted(shop, order)
    assert made.resolution == "refund"
    assert the_claim(shop, made).status == "resolved"
    assert money(shop, order) == (3300, 1100)
    the_books_add_up(shop)


def test_what_is_sent_once_more_costs_nothing_and_can_come_back_for_what_was_paid(shop: Shop) -> None:
    order = a_delivered_order(shop, order_discount=100)
    made = granted(shop, order, wrong(1, 2, replace=2, reason="not_arrived"))
    claim = the_claim(shop, made)
    assert claim.replacement_id is not None
    new = the_order(shop, claim.replacement_id)
    assert (new.status, new.total, new.payment_status) == ("released", claim.kept, "authorised")
    ship(shop, new)
    assert the_claim(shop, made).status == "resolved"
    deliver(shop, new)
    back = approved(shop, new, line(1, 2))
    receive(shop, back, (1, 2, "sellable"))
    assert money(shop, order) == (2900, claim.kept)  # to the card that paid the first order
    rest = approved(shop, order, line(1, 1))
    receive(shop, rest, (1, 1, "sellable"))
    assert money(shop, order) == (2900, 2900)
    the_books_add_up(shop)


def test_some_units_are_paid_back_and_others_sent_once_more(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = granted(shop, order, wrong(1, 3, replace=1))
    assert made.resolution == "both"
    claim = the_claim(shop, made)
    assert claim.replacement_id is not None
    assert (claim.status, claim.refunded, claim.moved) == ("approved", 3000, 1000)
    ship(shop, the_order(shop, claim.replacement_id))
    assert the_claim(shop, made).status == "resolved"
    the_books_add_up(shop)


def test_a_replacement_that_is_called_off_is_paid_back(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = granted(shop, order, wrong(1, 1, replace=1))
    claim = the_claim(shop, made)
    assert claim.replacement_id is not None
    shop.do("orders", CancelOrder(order_id=claim.replacement_id, reason="sold out"), OrderState)
    shop.pump()
    assert shop.dead() == []
    claim = the_claim(shop, made)
    assert (claim.status, claim.resolution, claim.moved, claim.refunded) == ("resolved", "refund", 0, 1000)
    assert money(shop, order) == (3000, 1000)
    the_books_add_up(shop)


def test_returns_and_claims_share_their_units(shop: Shop) -> None:
    order = a_delivered_order(shop)
    granted(shop, order, wrong(1, 2))
    with pytest.raises(Refused, match="cannot come back"):
        ask(shop, order, line(1, 2))
    ask(shop, order, line(1, 1))
    with pytest.raises(Refused, match="not so many units to complain of"):
        opened(shop, order)


def test_a_denied_claim_gives_its_units_free_and_pays_nothing(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = opened(shop, order, wrong(1, 3))
    say(shop, DenyClaim(claim_id=made.id, reason="the photos show another mug"))
    assert money(shop, order) == (3000, 0)
    again = opened(shop, order, wrong(1, 3))
    say(shop, CancelClaim(claim_id=again.id, reason="it was found"))
    approved(shop, order, line(1, 3))
    the_books_add_up(shop)


def test_two_people_who_approve_at_once_pay_once(shop: Shop, db_url: str) -> None:
    order = a_delivered_order(shop)
    made = opened(shop, order)
    other = Shop(db_url, only=("returns",))
    other.now = shop.now
    outcomes: list[str] = []

    def go(company: Shop) -> None:
        try:
            outcomes.append(company.do("returns", ApproveClaim(claim_id=made.id), ClaimState).status)
        except Refused as refusal:
            outcomes.append(refusal.code)

    both = [Thread(target=go, args=(company,)) for company in (shop, other)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    other.close()
    shop.pump()
    assert sorted(outcomes) == ["approved", "illegal_move"]
    assert money(shop, order) == (3000, 1000)
    the_books_add_up(shop)


def test_a_provider_that_does_not_answer_leaves_the_claim_open(shop: Shop) -> None:
    order = a_delivered_order(shop, token="tok_refund_timeout")
    made = granted(shop, order)
    claim = the_claim(shop, made)
    assert claim.status == "approved"
    assert claim.refund_state in ("asked", "unknown")


@given(st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_everything_claimed_in_parts_is_exactly_what_was_paid(shop: Shop, data: st.DataObject) -> None:
    order = a_delivered_order(
        shop,
        lines={"MUG": data.draw(st.integers(2, 5))},
        order_discount=data.draw(st.integers(0, 1500)),
        shipping=data.draw(st.integers(0, 600)),
        tax_inclusive=data.draw(st.booleans()),
    )
    with shop.db.reading() as session:
        from db.orders import OrderLine

        left = session.get_one(OrderLine, (order.id, 1)).shipped
    while left:
        take = data.draw(st.integers(1, left))
        if data.draw(st.booleans()):
            granted(shop, order, wrong(1, take))
        else:
            receive(shop, approved(shop, order, line(1, take)), (1, take, "sellable"))
        left -= take
        the_books_add_up(shop)
    assert money(shop, order) == (order.total, order.total)
