"""Gift cards and store credit: they pay with others, get their money back, and never hold less than nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from agents.orders.messages import (
    ApplyEdit,
    CancelOrder,
    DiscardEdit,
    EditPreview,
    LineChange,
    LineQuantity,
    OrderState,
    PaymentGiven,
    PlacedLine,
    PlaceOrder,
    ProposeEdit,
)
from agents.payments.messages import AuthorisePayment, ChangeTender, PaymentView, RefundPayment
from agents.payments.messages.stored_value import (
    AdjustStoredValue,
    BlockGiftCard,
    CodeGiftCard,
    ExpireStoredValues,
    GiveStoreCredit,
    IssueGiftCard,
    StoredValueState,
)
from db.base import uuid7
from db.customers import Customer
from db.errors import Refused
from db.orders import Order
from db.payments import Payment, payments_of
from db.stored_value import StoredValue, card_by_code, digest_of, new_code
from tests.returns.makers import deliver, open_shop, ship, the_books_add_up, the_order
from tests.shop import TESTER, Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = open_shop(db_url)
    yield company
    company.close()


def a_customer(shop: Shop) -> UUID:
    customer_id = uuid7()
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.add(Customer(id=customer_id, email=f"{uuid4().hex[:8]}@example.org", name="Ada", created_at=tx.now,
                        updated_at=tx.now))  # fmt: skip
    return customer_id


def a_card(shop: Shop, amount: int = 5000, **more: Any) -> UUID:
    made = shop.do("payments", IssueGiftCard(amount=amount, currency=more.pop("currency", "EUR"), **more),
                   StoredValueState)  # fmt: skip
    return made.id


def credit(shop: Shop, customer_id: UUID, amount: int, currency: str = "EUR") -> UUID:
    gives = GiveStoreCredit(customer_id=customer_id, amount=amount, currency=currency, reason="a gift")
    return shop.do("payments", gives, StoredValueState).id


def card(value_id: UUID, amount: int | None = None) -> PaymentGiven:
    return PaymentGiven(provider="gift_card", token=str(value_id), amount=amount)


CREDIT = PaymentGiven(provider="store_credit")
BANK_CARD = PaymentGiven(provider="test", token="tok_ok")
BANK_CARD_OF_700 = PaymentGiven(provider="test", token="tok_ok", amount=700)


def bought(shop: Shop, *tenders: PaymentGiven, customer_id: UUID | None = None, units: int = 3) -> Order:
    ask = PlaceOrder(
        channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=units)], customer_id=customer_id,
        shipping_address={"name": "Ada", "line1": "1 Lane", "city": "Berlin", "country": "DE"}, tenders=list(tenders),
    )  # fmt: skip
    placed = shop.do("orders", ask, OrderState)
    shop.pump()
    assert shop.dead() == []
    return the_order(shop, placed.id)


def balance(shop: Shop, value_id: UUID) -> int:
    with shop.db.reading() as session:
        return session.get_one(StoredValue, value_id).balance


def paid(shop: Shop, order: Order) -> list[tuple[str, int, int, int, str]]:
    """(provider, held, taken, given back, state) of each payment."""
    with shop.db.reading() as session:
        return [(p.provider, p.authorised, p.captured, p.refunded, p.state) for p in payments_of(session, order.id)]


def refund(shop: Shop, order: Order, provider: str, amount: int, **more: Any) -> PaymentView:
    with shop.db.reading() as session:
        one = next(p.id for p in payments_of(session, order.id) if p.provider == provider)
    told = shop.do("payments", RefundPayment(payment_id=one, amount=amount, reason="sorry", **more), PaymentView)
    shop.pump()
    return told


def test_a_gift_card_and_a_bank_card_pay_one_order_and_each_part_is_captured(shop: Shop) -> None:
    gift = a_card(shop, 1200)
    order = bought(shop, card(gift), BANK_CARD)
    assert order.status == "released"
    assert paid(shop, order) == [("gift_card", 1200, 0, 0, "authorised"), ("test", 1800, 0, 0, "authorised")]
    assert balance(shop, gift) == 0
    ship(shop, order)
    assert paid(shop, order) == [("gift_card", 1200, 1200, 0, "captured"), ("test", 1800, 1800, 0, "captured")]
    the_books_add_up(shop)


def test_what_is_cancelled_is_given_back_to_the_last_tender_first(shop: Shop) -> None:
    customer_id = a_customer(shop)
    mine, gift = credit(shop, customer_id, 700), a_card(shop, 10_000)
    order = bought(shop, CREDIT, card(gift), customer_id=customer_id)
    assert balance(shop, mine) == 0
    assert balance(shop, gift) == 10_000 - 2300
    gone = CancelOrder(order_id=order.id, reason="late", lines=[LineQuantity(line_no=1, quantity=1)])
    shop.do("orders", gone, OrderState)
    shop.pump()
    assert [p[:2] for p in paid(shop, order)] == [("store_credit", 700), ("gift_card", 1300)]
    assert balance(shop, gift) == 10_000 - 1300  # at once, and not when something leaves
    the_books_add_up(shop)
    ship(shop, order)
    assert [p[:3] for p in paid(shop, order)] == [("store_credit", 700, 700), ("gift_card", 1300, 1300)]
    assert balance(shop, gift) == 10_000 - 1300
    refund(shop, order, "gift_card", 300)
    assert balance(shop, gift) == 9000
    the_books_add_up(shop)


def test_what_a_bank_card_holds_too_much_waits_for_the_capture_and_a_tender_that_is_not_needed_ends(
    shop: Shop,
) -> None:
    first, last = a_card(shop, 1000), a_card(shop, 800)
    order = bought(shop, card(first), BANK_CARD_OF_700, card(last), units=2)
    assert [p[:2] for p in paid(shop, order)] == [("gift_card", 1000), ("test", 700), ("gift_card", 300)]
    gone = CancelOrder(order_id=order.id, reason="late", lines=[LineQuantity(line_no=1, quantity=1)])
    shop.do("orders", gone, OrderState)
    shop.pump()
    assert [p[1] for p in paid(shop, order)] == [1000, 700, 0]
    assert [balance(shop, one) for one in (first, last)] == [0, 800]
    the_books_add_up(shop)
    ship(shop, order)
    assert [p[2:] for p in paid(shop, order)] == [(1000, 0, "captured"), (0, 0, "voided"), (0, 0, "voided")]
    the_books_add_up(shop)


def dearer(shop: Shop, order: Order, pays: PaymentGiven) -> Order:
    """One mug more, paid with something that is said."""
    preview = shop.do("orders", ProposeEdit(order_id=order.id, lines=[LineChange(line_no=1, quantity=4)]), EditPreview)
    try:
        shop.do("orders", ApplyEdit(edit_id=preview.id, payment=pays), OrderState)
    except Refused:
        shop.do("orders", DiscardEdit(edit_id=preview.id), OrderState)
        raise
    shop.pump()
    assert shop.dead() == []
    return the_order(shop, order.id)


def test_an_edit_that_costs_more_is_paid_with_what_is_said(shop: Shop) -> None:
    gift, order = a_card(shop, 1500), bought(shop, BANK_CARD)
    assert dearer(shop, order, card(gift)).status == "released"
    assert [p[:2] for p in paid(shop, order)] == [("test", 3000), ("gift_card", 1000)]
    assert balance(shop, gift) == 500
    ship(shop, order)
    assert [p[2] for p in paid(shop, order)] == [3000, 1000]
    the_books_add_up(shop)


def test_a_gift_card_with_too_little_on_it_leaves_the_order_as_it_was(shop: Shop) -> None:
    gift, order = a_card(shop, 999), bought(shop, BANK_CARD)
    with pytest.raises(Refused, match=r"has €9\.99 left, and €10\.00 was asked for"):
        dearer(shop, order, card(gift))
    after = the_order(shop, order.id)
    assert (after.status, after.total, balance(shop, gift)) == ("released", 3000, 999)
    assert [p[:2] for p in paid(shop, order)] == [("test", 3000)]


def test_a_bank_card_that_declines_the_difference_leaves_the_order_waiting_for_it(shop: Shop) -> None:
    order = bought(shop, BANK_CARD)
    after = dearer(shop, order, PaymentGiven(provider="test", token="tok_declined"))
    assert (after.status, after.total, after.covered) == ("held", 4000, 3000)
    the_books_add_up(shop)


def test_an_order_that_is_called_off_gives_all_of_it_back(shop: Shop) -> None:
    gift = a_card(shop, 1000)
    order = bought(shop, card(gift), BANK_CARD)
    shop.do("orders", CancelOrder(order_id=order.id, reason="changed mind"), OrderState)
    shop.pump()
    assert [p[4] for p in paid(shop, order)] == ["voided", "voided"]
    assert balance(shop, gift) == 1000
    the_books_add_up(shop)


def test_a_card_payment_is_given_back_as_store_credit_of_the_same_customer(shop: Shop) -> None:
    customer_id = a_customer(shop)
    order = bought(shop, BANK_CARD, customer_id=customer_id)
    ship(shop, order)
    refund(shop, order, "test", 500, to_credit=True)
    with shop.db.reading() as session:
        (mine,) = session.scalars(select(StoredValue).where(StoredValue.customer_id == customer_id))
    assert (mine.balance, mine.currency, mine.kind) == (500, "EUR", "store_credit")
    assert paid(shop, order) == [("test", 3000, 3000, 500, "captured")]
    again = bought(shop, CREDIT, BANK_CARD, customer_id=customer_id)
    assert [p[:2] for p in paid(shop, again)] == [("store_credit", 500), ("test", 2500)]
    the_books_add_up(shop)


def test_who_has_no_account_gets_no_store_credit(shop: Shop) -> None:
    order = bought(shop, BANK_CARD)
    ship(shop, order)
    before = shop.count("outbox")
    with pytest.raises(Refused, match="no customer who could have store credit"):
        refund(shop, order, "test", 500, to_credit=True)
    assert shop.count("outbox") == before
    assert shop.count("stored_values") == 0


def test_what_is_not_on_a_card_does_not_pay_and_the_order_waits(shop: Shop) -> None:
    gift = a_card(shop, 1000)
    order = bought(shop, card(gift, 3000))
    assert (order.status, order.payment_status) == ("held", "declined")
    assert balance(shop, gift) == 1000
    with shop.db.reading() as session:
        (payment,) = payments_of(session, order.id)
        assert payment.error is not None
        assert "has €10.00 left" in payment.error
    more = AuthorisePayment(order_id=order.id, provider="test", token="tok_ok", amount=3000, currency="EUR")
    shop.do("payments", more, PaymentView)
    shop.pump()
    assert the_order(shop, order.id).status == "released"
    the_books_add_up(shop)


def test_cards_that_are_blocked_expired_or_in_another_currency_pay_nothing(shop: Shop) -> None:
    blocked, foreign = a_card(shop), a_card(shop, currency="GBP")
    old = a_card(shop, expires_at=shop.now + timedelta(days=1))
    shop.do("payments", BlockGiftCard(value_id=blocked, blocked=True, reason="stolen"), StoredValueState)
    shop.later(days=2)
    for gift, why in ((blocked, "is blocked"), (foreign, "is in GBP"), (old, "expired on 2026-03-03")):
        order = bought(shop, card(gift, 3000))
        with shop.db.reading() as session:
            (payment,) = payments_of(session, order.id)
            assert why in (payment.error or "")
        assert balance(shop, gift) == 5000
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.send("payments", "payments:expiry", ExpireStoredValues())
    shop.pump()
    assert balance(shop, old) == 0
    the_books_add_up(shop)


def test_money_that_comes_back_onto_a_card_that_expires_can_still_be_spent(shop: Shop) -> None:
    gift = a_card(shop, 3000, expires_at=shop.now + timedelta(days=5))
    order = bought(shop, card(gift))
    ship(shop, order)
    shop.later(days=10)
    refund(shop, order, "gift_card", 3000)
    again = bought(shop, card(gift))
    assert paid(shop, again) == [("gift_card", 3000, 0, 0, "authorised")]


def test_tenders_that_do_not_come_to_what_the_order_costs_are_refused(shop: Shop) -> None:
    gift = a_card(shop)
    for tenders in (
        (card(gift, 1000), PaymentGiven(provider="test", token="tok_ok", amount=1000)),
        (card(gift, 3001),),
    ):
        with pytest.raises(Refused, match="The tenders come to"):
            bought(shop, *tenders)
    with pytest.raises(Refused, match="only the last may pay what is left"):
        bought(shop, BANK_CARD, card(gift))
    with pytest.raises(Refused, match="named twice"):
        bought(shop, card(gift, 100), card(gift))
    assert shop.count("orders") == 0


def test_a_declined_bank_card_leaves_the_gift_card_and_the_order_waits_for_the_rest(shop: Shop) -> None:
    gift = a_card(shop, 1000)
    order = bought(shop, card(gift), PaymentGiven(provider="test", token="tok_declined"))
    assert order.status == "held"
    assert [p[4] for p in paid(shop, order)] == ["authorised", "declined"]
    more = AuthorisePayment(order_id=order.id, provider="test", token="tok_ok", amount=2000, currency="EUR")
    shop.do("payments", more, PaymentView)
    shop.pump()
    assert the_order(shop, order.id).status == "released"


def test_how_an_order_is_paid_can_be_changed_until_it_leaves(shop: Shop) -> None:
    gift = a_card(shop, 5000)
    order = bought(shop, BANK_CARD)
    change = ChangeTender(order_id=order.id, provider="gift_card", token=str(gift))
    told = shop.do("payments", change, PaymentView)
    assert (told.state, told.authorised) == ("authorised", 3000)
    shop.pump()
    assert paid(shop, order) == [("test", 0, 0, 0, "voided"), ("gift_card", 3000, 0, 0, "authorised")]
    assert balance(shop, gift) == 2000
    assert the_order(shop, order.id).status == "released"
    back = ChangeTender(order_id=order.id, provider="test", token="tok_ok")
    shop.do("payments", back, PaymentView)
    shop.pump()
    assert [p[4] for p in paid(shop, order)] == ["voided", "voided", "authorised"]
    assert balance(shop, gift) == 5000
    ship(shop, order)
    assert [p[2] for p in paid(shop, order)] == [0, 0, 3000]
    with pytest.raises(Refused, match="can be changed until it leaves"):
        shop.do("payments", change, PaymentView)
    the_books_add_up(shop)


def test_money_that_was_taken_already_is_given_back_when_something_else_pays(shop: Shop) -> None:
    gift = a_card(shop, 5000)
    order = bought(shop, PaymentGiven(provider="external", reference="shop 9"))
    shop.do("payments", ChangeTender(order_id=order.id, provider="gift_card", token=str(gift)), PaymentView)
    shop.pump()
    assert paid(shop, order) == [("external", 3000, 3000, 3000, "refunded"), ("gift_card", 3000, 0, 0, "authorised")]
    assert the_order(shop, order.id).payment_status == "authorised"
    ship(shop, order)
    assert the_order(shop, order.id).payment_status == "paid"
    the_books_add_up(shop)


def test_a_card_that_declines_changes_nothing(shop: Shop) -> None:
    gift, poor = a_card(shop, 5000), a_card(shop, 100)
    order = bought(shop, card(gift))
    with pytest.raises(Refused, match=r"has €1\.00 left"):
        shop.do("payments", ChangeTender(order_id=order.id, provider="gift_card", token=str(poor)), PaymentView)
    shop.do("payments", ChangeTender(order_id=order.id, provider="test", token="tok_declined"), PaymentView)
    shop.pump()
    assert [p[4] for p in paid(shop, order)] == ["authorised", "declined"]
    assert balance(shop, gift) == 2000
    assert the_order(shop, order.id).status == "released"
    the_books_add_up(shop)


def test_a_new_code_makes_the_old_one_worthless(shop: Shop) -> None:
    gift = a_card(shop)
    codes = [new_code(), new_code()]
    for code in codes:
        given_one = CodeGiftCard(value_id=gift, code_digest=digest_of(code), last_four=code[-4:])
        shop.do("payments", given_one, StoredValueState)
    with shop.db.reading() as session:
        assert card_by_code(session, codes[0]) is None
        found = card_by_code(session, codes[1].lower().replace("-", " "))
        assert found is not None
        assert found.id == gift


def test_no_more_can_be_taken_off_than_there_is_and_the_ledger_cannot_be_changed(shop: Shop) -> None:
    gift = a_card(shop, 500)
    with pytest.raises(Refused, match=r"has €5.00 left; €6.00 cannot be taken off"):
        shop.do("payments", AdjustStoredValue(value_id=gift, amount=-600, reason="mistake"), StoredValueState)
    shop.do("payments", AdjustStoredValue(value_id=gift, amount=-200, reason="mistake"), StoredValueState)
    assert balance(shop, gift) == 300
    with pytest.raises(Exception, match="append-only"), shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.execute(text("UPDATE stored_value_entries SET amount = 1"))


def test_two_orders_at_once_do_not_spend_the_same_money(shop: Shop, db_url: str) -> None:
    gift = a_card(shop, 4000)
    orders = []
    for _ in range(2):
        ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=3)])
        orders.append(shop.do("orders", ask, OrderState))
    shop.pump()
    other = Shop(db_url, only=("payments",))
    other.now = shop.now
    outcomes: list[str] = []

    def pay(company: Shop, order: OrderState) -> None:
        ask = AuthorisePayment(order_id=order.id, provider="gift_card", token=str(gift), amount=3000, currency="EUR")
        try:
            outcomes.append(company.do("payments", ask, PaymentView).state)
        except Refused as refusal:
            outcomes.append(refusal.code)

    both = [Thread(target=pay, args=(c, o)) for c, o in zip((shop, other), orders, strict=True)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    other.close()
    assert sorted(outcomes) == ["authorised", "tender_declined"]
    assert balance(shop, gift) == 1000
    shop.pump()
    the_books_add_up(shop)


@given(st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_no_money_is_made_or_lost(shop: Shop, data: st.DataObject) -> None:
    """What was put on cards and credit is what is on them, and what orders keep of them."""
    customer_id = a_customer(shop)
    gift, mine = (
        a_card(shop, data.draw(st.integers(1, 4000))),
        credit(shop, customer_id, data.draw(st.integers(1, 4000))),
    )
    put_in = balance(shop, gift) + balance(shop, mine)
    order = bought(shop, card(gift), CREDIT, BANK_CARD, customer_id=customer_id, units=data.draw(st.integers(1, 4)))
    if data.draw(st.booleans()):
        ship(shop, order)
        deliver(shop, order)
        for _ in range(data.draw(st.integers(1, 4))):
            with shop.db.reading() as session:
                left = [(p.provider, p.captured - p.refunded) for p in payments_of(session, order.id)]
            provider, most = data.draw(st.sampled_from(left))
            if most:
                part = data.draw(st.integers(1, most))
                to_credit = data.draw(st.booleans())
                refund(shop, order, provider, part, to_credit=to_credit, goodwill=True)
                put_in += part if provider == "test" and to_credit else 0
    else:
        shop.do("orders", CancelOrder(order_id=order.id, reason="late"), OrderState)
        shop.pump()
    with shop.db.reading() as session:
        own = session.scalars(select(Payment).where(Payment.order_id == order.id, Payment.provider != "test"))
        kept = sum(p.authorised - p.refunded for p in own)
    assert balance(shop, gift) + balance(shop, mine) + kept == put_in
    the_books_add_up(shop)
