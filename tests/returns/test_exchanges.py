"""Exchanges: both halves in one record, the difference settled or open, all of it given back when it is called off."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from agents.orders.messages import CancelOrder, OrderState
from agents.payments.messages import AuthorisePayment, PaymentView, RenewHolds
from agents.payments.messages.stored_value import IssueGiftCard, StoredValueState
from agents.returns.messages import ApproveReturn, ReturnState
from agents.returns.messages.exchanges import (
    ApproveExchange,
    CancelExchange,
    ExchangePreview,
    ExchangeState,
    GoodsOutAsk,
    OrderForExchange,
    PreviewExchange,
    RequestExchange,
    TakeSecurities,
)
from db.errors import Refused
from db.exchanges import Exchange
from db.orders import Order
from db.payments import payments_of
from db.returns import Grade, Return
from db.stock import StockHold
from tests.returns.makers import (
    a_delivered_order,
    ask,
    deliver,
    line,
    money,
    policy,
    receive,
    ship,
    the_books_add_up,
    the_order,
    the_return,
    timeline,
)
from tests.shop import Shop

CARD = {"provider": "test", "token": "tok_ok"}


def out(sku: str = "PLATE", quantity: int = 1, **more: Any) -> GoodsOutAsk:
    return GoodsOutAsk(sku=sku, quantity=quantity, **more)


def wanted(shop: Shop, order: Order, *goods: GoodsOutAsk, back: int = 1, **more: Any) -> ExchangeState:
    asked = RequestExchange(order_id=order.id, lines=[line(1, back)], goods=list(goods) or [out()], **more)
    made = shop.do("returns", asked, ExchangeState)
    shop.pump()
    assert shop.dead() == []
    return made


def approve(shop: Shop, made: ExchangeState) -> None:
    shop.do("returns", ApproveExchange(exchange_id=made.id), ExchangeState)
    shop.pump()
    assert shop.dead() == []


def came(shop: Shop, made: ExchangeState, units: int = 1, grade: str = Grade.sellable) -> None:
    with shop.db.reading() as session:
        item = session.get_one(Return, made.return_id)
    receive(shop, item, (1, units, grade))  # type: ignore[arg-type]


def cancel(shop: Shop, made: ExchangeState) -> None:
    shop.do("returns", CancelExchange(exchange_id=made.id, reason="changed mind"), ExchangeState)
    shop.pump()
    assert shop.dead() == []


def the_exchange(shop: Shop, made: ExchangeState) -> Exchange:
    with shop.db.reading() as session:
        return session.get_one(Exchange, made.id)


def new_order(shop: Shop, made: ExchangeState) -> Order:
    exchange = the_exchange(shop, made)
    assert exchange.replacement_id is not None, exchange.problem
    return the_order(shop, exchange.replacement_id)


def holds(shop: Shop) -> list[tuple[str, int, str]]:
    with shop.db.reading() as session:
        return [(h.sku, h.quantity, h.state) for h in session.scalars(select(StockHold).order_by(StockHold.created_at))]


def paid(shop: Shop, order: Order) -> list[tuple[str, int, int, int]]:
    with shop.db.reading() as session:
        return [(p.provider, p.authorised, p.captured, p.refunded) for p in payments_of(session, order.id)]


def test_an_exchange_for_something_cheaper_gives_the_difference_back(shop: Shop) -> None:
    order = a_delivered_order(shop)
    told = shop.do(
        "returns", PreviewExchange(order_id=order.id, lines=[line(1, 1)], goods=[out("PLATE", 1)]), ExchangePreview
    )
    assert (told.worth, told.new_total, told.balance) == (1000, 799, -201)
    made = wanted(shop, order)
    assert made.status == "requested"
    approve(shop, made)
    assert holds(shop) == [("PLATE", 1, "live")]
    assert the_exchange(shop, made).held_until is not None
    assert money(shop, order) == (3000, 0)
    came(shop, made)
    new = new_order(shop, made)
    assert (new.status, new.total, new.payment_status) == ("released", 799, "authorised")
    assert money(shop, order) == (3000, 1000)
    assert [h[2] for h in holds(shop)] == ["converted"]
    assert the_exchange(shop, made).status == "received"
    ship(shop, new)
    assert the_exchange(shop, made).status == "fulfilled"
    assert paid(shop, new) == [("exchange", 799, 799, 0)]
    assert the_return(shop, the_return_of(shop, made)).status == "refunded"
    the_books_add_up(shop)


def the_return_of(shop: Shop, made: ExchangeState) -> Return:
    with shop.db.reading() as session:
        return session.get_one(Return, made.return_id)


def test_what_is_missing_is_charged_with_consent(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = wanted(shop, order, out("PLATE", 2), **CARD)
    assert made.balance == 598
    approve(shop, made)
    came(shop, made)
    new = new_order(shop, made)
    assert new.status == "released"
    assert paid(shop, new) == [("exchange", 1000, 0, 0), ("test", 598, 0, 0)]
    ship(shop, new)
    assert paid(shop, new) == [("exchange", 1000, 1000, 0), ("test", 598, 598, 0)]
    the_books_add_up(shop)


def test_a_gift_card_pays_the_difference_and_one_with_too_little_on_it_is_refused_at_once(shop: Shop) -> None:
    order = a_delivered_order(shop)
    little, enough = (
        shop.do("payments", IssueGiftCard(amount=amount, currency="EUR"), StoredValueState).id for amount in (597, 600)
    )
    with pytest.raises(Refused, match=r"has €5\.97 left, and €5\.98 was asked for"):
        wanted(shop, order, out("PLATE", 2), provider="gift_card", token=str(little))
    made = wanted(shop, order, out("PLATE", 2), provider="gift_card", token=str(enough))
    approve(shop, made)
    came(shop, made)
    assert paid(shop, new_order(shop, made)) == [("exchange", 1000, 0, 0), ("gift_card", 598, 0, 0)]
    the_books_add_up(shop)


def test_without_consent_it_is_openly_owed_until_somebody_pays(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = wanted(shop, order, out("PLATE", 2))
    approve(shop, made)
    came(shop, made)
    new = new_order(shop, made)
    assert (new.status, new.covered, new.total) == ("held", 1000, 1598)
    rest = AuthorisePayment(order_id=new.id, provider="test", token="tok_ok", amount=598, currency="EUR")
    shop.do("payments", rest, PaymentView)
    shop.pump()
    assert the_order(shop, new.id).status == "released"
    the_books_add_up(shop)


def test_another_variant_of_the_same_product_is_even_whatever_discount_there_was(shop: Shop) -> None:
    with shop.db.transaction(_who(), now=shop.now) as tx:
        from db.catalog import Price, Variant

        mug = tx.get_one(Variant, "MUG")
        tx.add(Variant(sku="MUG-BLUE", product_id=mug.product_id, title="Blue", tax_rate_ppm=200_000,
                       weight_grams=300, created_at=tx.now, updated_at=tx.now))  # fmt: skip
        tx.flush()
        tx.add(Price(sku="MUG-BLUE", currency="EUR", amount=1400))
    shop.some_stock("MUG-BLUE", "LON", 5)
    order = a_delivered_order(shop, order_discount=700)
    made = wanted(shop, order, out("MUG-BLUE", 2, for_line=1), back=2)
    assert made.balance == 0
    approve(shop, made)
    came(shop, made, 2)
    new = new_order(shop, made)
    assert (new.total, new.status) == (made.worth, "released")
    with pytest.raises(Refused, match="is another product than MUG"):
        wanted(shop, order, out("PLATE", 1, for_line=1))
    the_books_add_up(shop)


def _who() -> Any:
    from tests.shop import TESTER

    return TESTER


def test_an_exchange_of_an_exchange_pays_with_the_first_money_and_gives_it_back_the_way_it_came(shop: Shop) -> None:
    order = a_delivered_order(shop)
    first = wanted(shop, order)
    approve(shop, first)
    came(shop, first)
    second_order = new_order(shop, first)
    ship(shop, second_order)
    deliver(shop, second_order)
    again = wanted(shop, second_order, out("MUG", 1), **CARD)
    approve(shop, again)
    came(shop, again)
    third = new_order(shop, again)
    assert paid(shop, third) == [("exchange", 799, 0, 0), ("test", 201, 0, 0)]
    the_books_add_up(shop)
    shop.do("orders", CancelOrder(order_id=third.id, reason="enough"), OrderState)
    shop.pump()
    assert shop.dead() == []
    assert the_exchange(shop, again).status == "cancelled"
    assert money(shop, order) == (3000, 1000)
    with shop.db.reading() as session:
        (bank_card,) = payments_of(session, order.id)
    assert bank_card.refunded == 1000
    assert paid(shop, third) == [("exchange", 0, 0, 0), ("test", 0, 0, 0)]
    the_books_add_up(shop)


@pytest.mark.parametrize("when", ["requested", "approved", "received"])
def test_called_off_in_any_state_everything_is_given_back(shop: Shop, when: str) -> None:
    order = a_delivered_order(shop)
    free = shop.level("PLATE", "LON").held
    made = wanted(shop, order, out("PLATE", 2), **CARD)
    if when != "requested":
        approve(shop, made)
    if when == "received":
        came(shop, made)
    cancel(shop, made)
    assert the_exchange(shop, made).status == "cancelled"
    assert shop.level("PLATE", "LON").held == free
    assert shop.level("PLATE", "LON").allocated == 0
    item = the_return_of(shop, made)
    if when == "received":
        assert money(shop, order) == (3000, 1000)
        assert (item.status, item.moved) == ("refunded", 0)
    else:
        assert money(shop, order) == (3000, 0)
        assert item.status == "cancelled"
        ask(shop, order, line(1, 3))  # its units are free again
    the_books_add_up(shop)
    with pytest.raises(Refused):
        cancel(shop, made)


def test_what_has_left_is_not_called_off(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = wanted(shop, order)
    approve(shop, made)
    came(shop, made)
    ship(shop, new_order(shop, made))
    with pytest.raises(Refused, match="has left"):
        cancel(shop, made)


def test_returns_and_exchanges_share_their_units(shop: Shop) -> None:
    order = a_delivered_order(shop)
    ask(shop, order, line(1, 2))
    wanted(shop, order)
    with pytest.raises(Refused, match="cannot come back"):
        wanted(shop, order)


def test_half_of_an_exchange_is_not_decided_alone(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = wanted(shop, order)
    with pytest.raises(Refused, match="belongs to exchange"):
        shop.do("returns", ApproveReturn(return_id=made.return_id), ReturnState)


def test_goods_that_are_gone_leave_a_problem_and_can_be_ordered_later(shop: Shop) -> None:
    shop.a_sku("RARE", price=1000)
    order = a_delivered_order(shop)
    made = wanted(shop, order, out("RARE", 1))
    approve(shop, made)
    assert "could not be held" in (the_exchange(shop, made).problem or "")
    came(shop, made)
    exchange = the_exchange(shop, made)
    assert (exchange.status, exchange.replacement_id) == ("received", None)
    assert exchange.problem is not None
    assert money(shop, order) == (3000, 0)
    shop.some_stock("RARE", "LON", 1)
    shop.do("returns", OrderForExchange(exchange_id=made.id), ExchangeState)
    shop.pump()
    assert new_order(shop, made).status == "released"
    the_books_add_up(shop)


def test_units_that_never_came_pay_for_nothing(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = wanted(shop, order)
    approve(shop, made)
    came(shop, made, grade=Grade.missing)
    exchange = the_exchange(shop, made)
    assert (exchange.status, exchange.replacement_id, exchange.worth) == ("received", None, 0)
    assert "Nothing came back" in (exchange.problem or "")
    cancel(shop, made)
    assert money(shop, order) == (3000, 0)
    the_books_add_up(shop)


def test_an_instant_exchange_sends_the_new_goods_first_where_the_policy_allows_it(shop: Shop) -> None:
    policy(shop, window_days=30, instant_exchange=True, auto_approve=True)
    order = a_delivered_order(shop)
    told = shop.do("returns", PreviewExchange(order_id=order.id, lines=[line(1, 1)], goods=[out()]), ExchangePreview)
    assert (told.instant, told.security, told.charged, told.security_days) == (True, 799, 0, 21)
    made = wanted(shop, order, instant=True, **CARD)
    new = new_order(shop, made)
    assert [h[2] for h in holds(shop)] == ["converted"]  # held like a checkout's until they were ordered
    assert paid(shop, new) == [("test", 799, 0, 0)]
    ship(shop, new)
    assert the_exchange(shop, made).status == "approved"
    assert paid(shop, new) == [("test", 799, 0, 0)]  # nothing is taken of a security
    the_books_add_up(shop)
    came(shop, made)
    assert the_exchange(shop, made).status == "fulfilled"
    assert paid(shop, new) == [("test", 0, 0, 0), ("exchange", 799, 799, 0)]
    assert money(shop, order) == (3000, 1000)
    assert the_return(shop, the_return_of(shop, made)).moved == 799
    the_books_add_up(shop)


def instant(shop: Shop, *goods: GoodsOutAsk, token: str = "tok_ok", **rule: Any) -> tuple[Order, ExchangeState, Order]:
    """The new goods have left, and the old ones are still to come."""
    policy(shop, **({"window_days": 90, "instant_exchange": True, "auto_approve": True} | rule))
    order = a_delivered_order(shop)
    made = wanted(shop, order, *goods, instant=True, provider="test", token=token)
    new = new_order(shop, made)
    ship(shop, new)
    return order, made, new


def by_the_clock(shop: Shop, **later: float) -> None:
    shop.later(**later)
    with shop.db.transaction(_who(), now=shop.now) as tx:
        tx.send("payments", "schedule:renew holds", RenewHolds())
        tx.send("returns", "schedule:take securities", TakeSecurities())
    shop.pump()
    assert shop.dead() == []


def test_what_is_dearer_than_what_comes_back_is_charged_and_only_the_rest_secured(shop: Shop) -> None:
    _, made, new = instant(shop, out("PLATE", 2))
    assert paid(shop, new) == [("test", 1000, 0, 0), ("test", 598, 598, 0)]
    came(shop, made)
    assert paid(shop, new) == [("test", 0, 0, 0), ("test", 598, 598, 0), ("exchange", 1000, 1000, 0)]
    the_books_add_up(shop)


def test_old_goods_that_do_not_come_in_time_are_taken_of_the_security_and_paid_back_if_they_come_yet(
    shop: Shop,
) -> None:
    order, made, new = instant(shop)
    for _ in range(3):
        by_the_clock(shop, days=6)
    assert paid(shop, new)[-1] == ("test", 799, 0, 0)
    by_the_clock(shop, days=4)
    exchange = the_exchange(shop, made)
    assert exchange.security_taken_at == shop.now
    assert "did not come in time" in (exchange.problem or "")
    assert sum(taken for _, _, taken, _ in paid(shop, new)) == 799
    assert money(shop, order) == (3000, 0)
    the_books_add_up(shop)
    by_the_clock(shop, days=1)  # and never twice
    came(shop, made)
    assert the_exchange(shop, made).status == "fulfilled"
    assert money(shop, order) == (3000, 1000)
    assert sum(taken - back for _, _, taken, back in paid(shop, new)) == 799
    the_books_add_up(shop)


def test_a_hold_that_runs_out_is_held_again_and_the_first_let_go(shop: Shop) -> None:
    _, made, new = instant(shop)
    by_the_clock(shop, days=3)
    assert paid(shop, new) == [("test", 799, 0, 0)]
    by_the_clock(shop, days=3, hours=1)
    assert paid(shop, new) == [("test", 0, 0, 0), ("test", 799, 0, 0)]
    by_the_clock(shop, hours=1)
    assert len(paid(shop, new)) == 2
    came(shop, made)
    assert paid(shop, new) == [("test", 0, 0, 0), ("test", 0, 0, 0), ("exchange", 799, 799, 0)]
    the_books_add_up(shop)


def test_what_cannot_be_held_again_is_taken_while_it_is_held(shop: Shop) -> None:
    order, made, new = instant(shop, token="tok_hold_once")
    by_the_clock(shop, days=6, hours=1)
    assert paid(shop, new) == [("test", 799, 799, 0), ("test", 0, 0, 0)]
    the_books_add_up(shop)
    came(shop, made)
    assert money(shop, order) == (3000, 1000)  # the money of the old pays nothing that the card has paid
    assert paid(shop, new) == [("test", 799, 799, 0), ("test", 0, 0, 0), ("exchange", 0, 0, 0)]
    the_books_add_up(shop)


def test_a_fee_is_taken_of_the_security(shop: Shop) -> None:
    order, made, new = instant(shop, fee_ppm=100_000, token="tok_ok")
    assert the_exchange(shop, made).secured == 799
    came(shop, made)
    assert sum(taken for _, _, taken, _ in paid(shop, new)) == 799
    assert money(shop, order) == (3000, 900)
    the_books_add_up(shop)


def test_old_goods_that_came_worn_leave_the_new_ones_to_the_security(shop: Shop) -> None:
    order, made, new = instant(shop)
    came(shop, made, grade=Grade.damaged)
    assert paid(shop, new) == [("test", 799, 799, 0)]
    assert money(shop, order) == (3000, 0)
    the_books_add_up(shop)


def test_called_off_before_they_leave_the_security_is_let_go(shop: Shop) -> None:
    policy(shop, window_days=30, instant_exchange=True, auto_approve=True)
    order = a_delivered_order(shop)
    made = wanted(shop, order, instant=True, **CARD)
    new = new_order(shop, made)
    cancel(shop, made)
    assert paid(shop, new) == [("test", 0, 0, 0)]
    by_the_clock(shop, days=30)
    assert money(shop, order) == (3000, 0)
    the_books_add_up(shop)


def test_without_a_policy_that_allows_it_nothing_leaves_first(shop: Shop) -> None:
    order = a_delivered_order(shop)
    before = shop.count("exchanges"), shop.count("returns")
    with pytest.raises(Refused, match="does not allow it"):
        wanted(shop, order, instant=True, **CARD)
    assert (shop.count("exchanges"), shop.count("returns")) == before


def test_each_step_is_told_in_the_timeline_of_the_order(shop: Shop) -> None:
    order = a_delivered_order(shop)
    made = wanted(shop, order)
    approve(shop, made)
    came(shop, made)
    told = [why for kind, why in timeline(shop, f"order:{order.id}") if kind == "exchange"]
    assert [t.split(":")[0].split(" ", 2)[2] for t in told[:1]] == ["was asked for"]
    assert any("received" in t for t in told)
    assert any("goes out for it" in t for t in told)


@given(st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_balance_is_settled_or_open_and_nothing_is_lost(shop: Shop, data: st.DataObject) -> None:
    order = a_delivered_order(
        shop,
        lines={"MUG": data.draw(st.integers(1, 3))},
        order_discount=data.draw(st.integers(0, 900)),
        shipping=data.draw(st.integers(0, 500)),
        tax_inclusive=data.draw(st.booleans()),
    )
    back = data.draw(st.integers(1, order.total // 1000 or 1).filter(lambda n: n <= 3))
    with shop.db.reading() as session:
        from db.orders import OrderLine

        back = min(back, session.get_one(OrderLine, (order.id, 1)).shipped)
    goods = [out(data.draw(st.sampled_from(["PLATE", "MUG"])), data.draw(st.integers(1, 3)))]
    card = CARD if data.draw(st.booleans()) else {}
    made = wanted(shop, order, *goods, back=back, shipping=data.draw(st.integers(0, 400)), **card)
    approve(shop, made)
    came(shop, made, back)
    exchange, new = the_exchange(shop, made), new_order(shop, made)
    assert new.total == exchange.new_total
    open_balance = new.total - new.covered
    assert open_balance == (0 if card else max(0, exchange.new_total - exchange.worth))
    captured, refunded = money(shop, order)
    assert refunded == exchange.worth <= captured
    the_books_add_up(shop)
    if data.draw(st.booleans()):
        cancel(shop, made)
        assert money(shop, order) == (captured, exchange.worth)
        assert all(held == taken == 0 for _, held, taken, _ in paid(shop, new))
    else:
        if open_balance:
            rest = AuthorisePayment(
                order_id=new.id, provider="test", token="tok_ok", amount=open_balance, currency="EUR"
            )
            shop.do("payments", rest, PaymentView)
            shop.pump()
        ship(shop, new)
        assert the_exchange(shop, made).status == "fulfilled"
        assert sum(taken for _, _, taken, _ in paid(shop, new)) == new.total
    the_books_add_up(shop)
