"""Parcels in trouble, through the whole company: found, looked after, helped once, and over."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select, text

from agents.parcels.messages import ExceptionState, OpenException, ReopenException, TakeException
from agents.returns.messages.claims import MakeGood
from db.audit import run as audit
from db.errors import Refused
from db.notifications import Notification
from db.orders import Order, OrderStatus
from db.parcel_exceptions import ExceptionKind, ExceptionStatus
from db.payments import Payment
from tests.parcels.makers import a_parcel, act, look, need, scan, terms, the_exception, track
from tests.returns.makers import approved, ask, deliver, line, money, receive, ship, the_return, timeline
from tests.returns.test_claims import opened
from tests.returns.test_exchanges import wanted
from tests.shop import TESTER, Shop


def healthy(shop: Shop) -> None:
    assert shop.dead() == []
    with shop.db.reading() as session:
        assert [(r.name, r.sample) for r in audit(session) if r.violations] == []


def letters(shop: Shop, template: str) -> list[Notification]:
    with shop.db.reading() as session:
        return list(session.scalars(select(Notification).where(Notification.template == template)))


def test_a_parcel_is_followed_from_the_hand_over_with_its_promise_where_it_goes(shop: Shop) -> None:
    _, label = a_parcel(shop)
    now = track(shop, label)
    assert (now.status, now.time_zone, now.handed_over_at) == ("pending", "Europe/Berlin", shop.now)
    assert now.promised_on is not None
    shop.later(hours=30)
    said = scan(shop, label, "delivered", time_zone="+02:00", place="Berlin")
    assert (said.late_days, said.events[0]["local_at"][-6:]) == (0, "+02:00")
    assert track(shop, label).delivered_zone == "+02:00"
    healthy(shop)


def test_a_failed_delivery_becomes_an_exception_and_the_customer_hears_of_it(shop: Shop) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "delivery_failed", incident="not_home")
    found = need(shop, order)
    assert (found.kind, found.status, found.cause) == (ExceptionKind.failed, ExceptionStatus.open, "consignee")
    assert found.due_at == shop.now + timedelta(hours=8)
    assert (found.goods_value, found.currency) == (order.total, "EUR")
    (letter,) = letters(shop, "parcel_failed")
    assert "because nobody was at home" in letter.body
    scan(shop, label, "delivery_failed", incident="not_home")
    assert len(letters(shop, "parcel_failed")) == 1
    shop.later(hours=20)
    scan(shop, label, "delivered")
    assert need(shop, order).status == ExceptionStatus.resolved
    assert letters(shop, "parcel_delivered") == []  # nobody asked for it
    healthy(shop)


def test_silent_late_and_lost_parcels_are_found_by_the_clock_of_a_carrier_that_tells(shop: Shop) -> None:
    order, label = a_parcel(shop)
    look(shop, days=30)
    assert the_exception(shop, order) is None  # this carrier was never heard of: silence says nothing
    terms(shop, label.carrier, silent_days=40, lost_days=50)
    look(shop)
    assert need(shop, order).kind == ExceptionKind.late
    look(shop, days=15)
    found = need(shop, order)
    assert (found.kind, found.why) == (ExceptionKind.silent, "never scanned, 45 days after it was handed over")
    look(shop, days=10)
    look(shop, days=1)
    assert need(shop, order).kind == ExceptionKind.lost
    assert len(shop.said("ParcelExceptionOpened")) == 1
    healthy(shop)


def test_a_lost_parcel_is_sent_again_once_and_what_was_paid_for_it_pays(shop: Shop) -> None:
    order, label = a_parcel(shop, shipping=500, order_discount=100)
    scan(shop, label, "on_hold", incident="lost")
    found = need(shop, order)
    assert (found.kind, found.proposed) == (ExceptionKind.lost, "refund")  # nobody knows what a mug costs us
    act(shop, found.id, "reship")
    found = need(shop, order)
    with shop.db.reading() as session:
        replacement = session.get_one(Order, found.replacement_id)
    assert (replacement.total, replacement.status, replacement.tags) == (
        order.total,
        OrderStatus.released,
        ["replacement"],
    )
    assert money(shop, order) == (order.total, order.total)  # moved, and nothing went to the customer
    assert sum(a.quantity for a in shop.allocations(replacement.id)) == 3
    assert found.status == ExceptionStatus.open  # the carrier owes us something still
    assert found.proposed == "claim"
    for action in ("reship", "refund"):
        with pytest.raises(Refused) as no:
            act(shop, found.id, action)
        assert no.value.code == "made_whole"
    assert shop.count("orders") == 2
    healthy(shop)


def test_what_cannot_be_sent_again_says_so_and_stays_open(shop: Shop) -> None:
    order, label = a_parcel(shop, lines={"MUG": 90})
    scan(shop, label, "on_hold", incident="lost")
    found = need(shop, order)
    reship = next(o for o in found.proposal if o["action"] == "reship")
    assert reship["refused"] == "not in stock: 80 of MUG"
    assert found.proposed == "refund"
    act(shop, found.id, "reship")
    found = need(shop, order)
    assert (found.status, found.replacement_id) == (ExceptionStatus.open, None)
    assert found.action_error is not None
    assert "MUG" in found.action_error
    healthy(shop)


def test_a_refund_is_never_more_than_the_goods_or_what_is_left(shop: Shop) -> None:
    order, label = a_parcel(shop, shipping=500)
    scan(shop, label, "on_hold", incident="damaged")
    found = need(shop, order)
    with pytest.raises(Refused) as no:
        act(shop, found.id, "refund", amount=found.goods_value + 1)
    assert no.value.code == "more_than_goods"
    act(shop, found.id, "refund")
    found = need(shop, order)
    assert (found.refund_asked, found.refunded) == (order.total, order.total)  # with the shipping
    assert found.goods_value == order.total - 500
    with shop.db.reading() as session:
        payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
    assert (payment.captured, payment.refunded) == (order.total, order.total)
    healthy(shop)


def test_part_of_the_money_is_given_beside_the_goods_and_never_for_a_lost_parcel(shop: Shop) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "on_hold", incident="damaged")
    act(shop, need(shop, order).id, "refund", amount=300)
    found = need(shop, order)
    assert (found.refund_asked, found.refunded) == (300, 300)
    assert shop.count("order_claims") == 0
    healthy(shop)
    other, gone = a_parcel(shop)
    scan(shop, gone, "on_hold", incident="lost")
    with pytest.raises(Refused, match="leave it out"):
        act(shop, need(shop, other).id, "refund", amount=300)


def test_a_replacement_that_comes_back_is_worth_what_was_paid_for_the_first(shop: Shop) -> None:
    order, label = a_parcel(shop, shipping=501, order_discount=100)
    scan(shop, label, "on_hold", incident="lost")
    act(shop, need(shop, order).id, "reship")
    with shop.db.reading() as session:
        replacement = session.get_one(Order, need(shop, order).replacement_id)
    ship(shop, replacement)
    deliver(shop, replacement)
    back = approved(shop, replacement, line(1, 3))
    receive(shop, back, (1, 3, "sellable"))
    assert money(shop, order) == (order.total, order.total)  # to the card that paid it
    assert the_return(shop, back).refunded == order.total
    healthy(shop)


@pytest.mark.parametrize("how", ["refund", "reship"])
def test_what_was_made_good_and_arrives_after_all_is_not_paid_twice(shop: Shop, how: str) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "on_hold", incident="lost")
    act(shop, need(shop, order).id, how)
    act(shop, need(shop, order).id, "close")
    shop.later(hours=2)
    scan(shop, label, "delivered")
    found = need(shop, order)
    assert (found.status, found.reopened) == (ExceptionStatus.open, 1)
    assert any("has arrived after all" in why for _, why in timeline(shop, f"order:{order.id}"))
    with pytest.raises(Refused, match="a parcel that was made good"):
        ask(shop, order, line(1, 1))
    with pytest.raises(Refused, match="a parcel that was made good"):
        wanted(shop, order)
    with pytest.raises(Refused, match="a parcel that was made good"):
        opened(shop, order)
    healthy(shop)


def test_units_that_are_on_a_return_are_not_made_good_as_well(shop: Shop) -> None:
    order, label = a_parcel(shop)
    ask(shop, order, line(1, 1))
    scan(shop, label, "on_hold", incident="lost")
    act(shop, need(shop, order).id, "refund")
    found = need(shop, order)
    assert (found.status, found.refund_asked) == (ExceptionStatus.open, 0)
    assert "not so many units to complain of" in (found.action_error or "")
    assert money(shop, order) == (order.total, 0)
    healthy(shop)


def test_asking_the_customer_writes_and_waits_and_somebody_is_woken(shop: Shop) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "delivery_failed", incident="bad_address")
    found = need(shop, order)
    shop.do("parcels", TakeException(exception_id=found.id), ExceptionState)
    said = act(shop, found.id, "contact", words="Is it 1 Lane or 11 Lane?")
    assert (said.status, said.assigned_to) == (ExceptionStatus.waiting, "user:tester")
    (letter,) = letters(shop, "parcel_question")
    assert "Is it 1 Lane or 11 Lane?" in letter.body
    terms(shop, label.carrier, silent_days=100, lost_days=100)
    look(shop, days=4)
    assert need(shop, order).status == ExceptionStatus.taken
    healthy(shop)


def test_what_is_resolved_is_opened_again_by_worse_news_or_by_a_person(shop: Shop) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "delivery_delayed")
    found = need(shop, order)
    act(shop, found.id, "close")
    shop.later(hours=1)
    scan(shop, label, "in_transit")
    shop.later(hours=1)
    scan(shop, label, "delivery_delayed")
    assert need(shop, order).status == ExceptionStatus.resolved  # late is known
    shop.later(hours=1)
    scan(shop, label, "on_hold", incident="damaged")
    found = need(shop, order)
    assert (found.status, found.kind, found.reopened) == (ExceptionStatus.open, ExceptionKind.damaged, 1)
    act(shop, found.id, "close")
    shop.do("parcels", ReopenException(exception_id=found.id, reason="the customer wrote"), ExceptionState)
    assert need(shop, order).status == ExceptionStatus.open
    healthy(shop)


def test_only_a_parcel_that_has_left_can_be_in_trouble(shop: Shop) -> None:
    order, label = a_parcel(shop)
    ask = OpenException(parcel_id=label.parcel_id, kind="other", why="the customer has not got it")
    said = shop.do("parcels", ask, ExceptionState)
    assert (said.kind, said.status) == ("other", "open")
    with pytest.raises(Refused) as no:
        shop.do("parcels", OpenException(parcel_id=order.id, kind="other", why="x"), ExceptionState)
    assert no.value.code == "not_found"
    with pytest.raises(Refused) as no:
        shop.do("parcels", OpenException(parcel_id=label.parcel_id, kind="odd", why="x"), ExceptionState)
    assert no.value.code == "unknown_kind"


def test_the_same_task_twice_places_one_replacement(shop: Shop) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "on_hold", incident="lost")
    act(shop, need(shop, order).id, "reship")
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        payload = tx.execute(text("SELECT payload FROM outbox WHERE kind = 'MakeGood'")).scalar_one()
        tx.send("returns", f"order:{order.id}", msgspec.convert(payload, MakeGood, strict=False))
    shop.pump()
    assert shop.count("orders") == 2
    healthy(shop)
