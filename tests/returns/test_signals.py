"""What speaks for looking twice: each says why, changes the path, refuses nothing, and can be set aside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from agents.inventory.messages import ReceivedLine, ReceiveStock, StockState
from agents.returns import signs
from agents.returns.messages import GradedAsk, ReceiveReturn, ReturnState
from agents.returns.messages.signals import ReturnSignalState, SetSignalAside
from db.errors import Refused
from db.return_signals import ReturnSignal
from db.return_standing import PRIOR_UNITS, shrunk_ppm
from db.stock import MovementKind, StockLedger
from tests.returns.makers import (
    a_delivered_order,
    approved,
    ask,
    lies,
    line,
    policy,
    preview,
    receive,
    say,
    the_books_add_up,
    the_return,
)
from tests.shop import Shop


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 1_000_000))
def test_a_rate_lies_between_the_share_and_the_shops_mean(back: int, kept: int, mean: int) -> None:
    bought = back + kept
    rate = shrunk_ppm(back, bought, mean)
    share = back * 1_000_000 / bought if bought else mean
    assert min(share, mean) - 1 <= rate <= max(share, mean) + 1
    assert abs(rate - mean) <= abs(share - mean) * bought / (bought + PRIOR_UNITS) + 1


def test_few_units_say_nothing_and_many_are_drawn_to_what_they_are() -> None:
    assert shrunk_ppm(1, 1, 100_000) == 142_857
    assert signs.many_returns(back=4, bought=4, rate_ppm=900_000, mean_ppm=100_000) is None
    found = signs.many_returns(back=9, bought=10, rate_ppm=366_667, mean_ppm=100_000)
    assert found is not None
    assert found.why == "9 of 10 units bought came back: 36.7 % drawn towards the shop's 10.0 %"


def test_worn_dear_and_late_together_are_a_sign() -> None:
    worn = {"grade": "damaged", "reason": "changed_mind", "passed_ppm": 900_000, "unit": 50_000, "mean_unit": 2_000}

    def sign(**other: object) -> signs.Sign | None:
        return signs.wardrobing(**{**worn, **other}, currency="EUR")  # type: ignore[arg-type]

    assert sign() is not None
    for other in ({"grade": "sellable"}, {"reason": "faulty"}, {"passed_ppm": 100_000}, {"passed_ppm": None},
                  {"unit": 3_000}, {"mean_unit": 0}):  # fmt: skip
        assert sign(**other) is None, other


@pytest.mark.parametrize(
    ("grams", "expected", "said"), [(99, 200, True), (100, 200, False), (None, 200, False), (5, None, False)]
)
def test_a_parcel_under_half_of_its_goods_weight_is_a_sign(grams: int | None, expected: int | None, said: bool) -> None:
    assert (signs.too_light(grams=grams, expected=expected) is not None) is said


def raised(shop: Shop) -> list[ReturnSignal]:
    with shop.db.reading() as session:
        return list(session.scalars(select(ReturnSignal).order_by(ReturnSignal.id)))


def weighed(shop: Shop, made: ReturnState, grams: int) -> ReturnState:
    units = [GradedAsk(line_no=1, quantity=1, grade="sellable")]
    return say(shop, ReceiveReturn(return_id=made.id, node="LON", units=units, weight_grams=grams))


def test_an_empty_box_has_the_next_return_looked_at_until_it_is_set_aside(shop: Shop) -> None:
    policy(shop, auto_approve=True, refund_when="approval", window_days=30)
    made = ask(shop, a_delivered_order(shop))
    weighed(shop, made, 80)
    (found,) = raised(shop)
    assert (found.kind, found.facts) == ("empty_box", {"grams": 80, "expected_grams": 300})
    order = a_delivered_order(shop)
    told = preview(shop, order)
    assert told.review == f"signals are open: empty box on {made.number}"
    assert (told.allowed, told.approved_at_once, told.lines[0].refund_when) == (True, False, "receipt")
    aside = SetSignalAside(signal_id=found.id, reason="our scales were off")
    assert shop.do("returns", aside, ReturnSignalState).status == "set_aside"
    assert preview(shop, order).review is None
    with pytest.raises(Refused) as refused:
        shop.do("returns", aside, ReturnSignalState)
    assert refused.value.code == "illegal_move"
    the_books_add_up(shop)


@pytest.mark.parametrize(("days_ago", "said"), [(0, "8 of 10 units bought came back"), (400, None)])
def test_a_share_is_of_what_was_bought_in_the_same_time(shop: Shop, days_ago: int, said: str | None) -> None:
    for _ in range(3):
        a_delivered_order(shop, lines={"MUG": 20}, email="others@example.com")
    order = a_delivered_order(shop, lines={"MUG": 10}, email="eve@example.com")
    shop.later(days=days_ago)
    ask(shop, order, line(quantity=8))
    assert [found.why.split(":")[0] for found in raised(shop)] == ([said] if said else [])


def test_what_is_missing_is_said_once(shop: Shop) -> None:
    made = approved(shop, a_delivered_order(shop))
    receive(shop, made, (1, 1, "missing"))
    (found,) = raised(shop)
    assert (found.kind, found.why) == ("empty_box", "1 of 1 units were not there")
    the_books_add_up(shop)


def the_serial(shop: Shop) -> str:
    with shop.db.reading() as session:
        left = select(StockLedger.lot).where(StockLedger.kind == MovementKind.shipped, StockLedger.sku == "PHONE")
        return session.scalars(left).one()


def test_another_serial_number_is_not_restocked_and_not_paid_for(shop: Shop) -> None:
    came = ReceiveStock(
        node="LON", lines=[ReceivedLine(sku="PHONE", quantity=1, bin="PICK", lot="S1")], reference="opening"
    )
    shop.do("inventory", came, StockState)
    policy(shop, auto_approve=True, refund_unsellable=True)
    order = a_delivered_order(shop, lines={"PHONE": 1})
    assert the_serial(shop) == "S1"
    made = ask(shop, order)
    told = receive(shop, made, (1, 1, "sellable"), lots={"PHONE": "S9"})
    (found,) = raised(shop)
    assert (found.kind, found.why) == ("serial_mismatch", "S9 of PHONE was never sent with this order")
    assert (told.lines[0]["not_as_described"], told.lines[0]["withheld"], told.credit) == (1, 1, 0)
    assert [status for _, status in lies(shop, "PHONE")] == ["quarantine"]
    the_books_add_up(shop)


def test_the_serial_number_that_was_sent_is_restocked(shop: Shop) -> None:
    shop.some_stock("PHONE", "LON", 1, lot="S1")
    policy(shop, auto_approve=True)
    made = ask(shop, a_delivered_order(shop, lines={"PHONE": 1}))
    receive(shop, made, (1, 1, "sellable"), lots={"PHONE": "S1"})
    assert raised(shop) == []
    assert [status for _, status in lies(shop, "PHONE")] == ["sellable"]
    assert the_return(shop, made).credit > 0
    the_books_add_up(shop)
