"""Customers hear of their orders, of each thing once, and never of what is not their business."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agents.customers.messages import CustomerErased
from agents.notifications.agent import NotificationsAgent
from agents.notifications.messages import (
    NotificationView,
    ResendNotification,
    SendMail,
    SendQueuedMail,
)
from agents.notifications.templates import TEMPLATES, render
from agents.payments.messages import PaymentDeclined, PaymentRefunded
from db.base import uuid7
from db.errors import Refused
from db.notifications import Notification
from db.orders import Order
from db.session import Who
from db.settings import Settings, load
from tests.notifications.mailbox import Mailbox
from tests.payments.makers import Placed, an_order, cancel_all, ship
from tests.shop import TESTER, Shop

SENDER = "Mug & Co <orders@shop.example>"


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = Shop(db_url, only=("notifications",))
    the_agent(company).use(Settings())
    yield company
    company.close()


@pytest.fixture
def mailbox(shop: Shop) -> Iterator[Mailbox]:
    with Mailbox().open() as box:
        the_agent(shop).use(by_way_of(box.url))
        yield box


def by_way_of(url: str) -> Settings:
    return load({"BACKOFFICE_SMTP_URL": url, "BACKOFFICE_MAIL_FROM": SENDER})


def the_agent(shop: Shop) -> NotificationsAgent:
    agent = shop.agent("notifications")
    assert isinstance(agent, NotificationsAgent)
    return agent


def written(shop: Shop) -> list[Notification]:
    with shop.db.reading() as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))


def announce(shop: Shop, subject: str, event: Any) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.announce(subject, event)


def refund(shop: Shop, order: Placed, amount: int, entry: UUID) -> None:
    event = PaymentRefunded(
        order_id=order.id, payment_id=uuid7(), amount=amount, currency="EUR", detail={"entry_id": str(entry)}
    )
    announce(shop, f"order:{order.id}", event)


def test_an_order_is_told_from_placing_to_shipping(shop: Shop, mailbox: Mailbox) -> None:
    order = an_order(shop, email="Ada@Example.com")
    shop.pump()
    ship(shop, order, tracking=("JD01", "JD02"))
    shop.pump()
    assert [n.state for n in written(shop)] == ["sent", "sent"]
    first, second = mailbox.mails
    assert first["Subject"] == f"Your order {order.number}"
    assert "€100.00" in first.get_content()
    assert (first["To"], first["From"]) == ("ada@example.com", SENDER)
    assert mailbox.recipients == [["ada@example.com"]] * 2
    assert second["Subject"] == f"Your order {order.number} is on its way"
    assert "Tracking number: JD01" in second.get_content()
    assert "Tracking number: JD02" in second.get_content()
    assert first["Auto-Submitted"] == "auto-generated"
    assert written(shop)[0].sent_at == shop.now


def test_a_cancellation_a_decline_and_each_refund_are_told(shop: Shop, mailbox: Mailbox) -> None:
    order = an_order(shop, email="ada@example.com", say=False)
    cancel_all(shop, order)
    why = "Stripe is not set up: set BACKOFFICE_STRIPE_KEY."
    announce(shop, f"order:{order.id}", PaymentDeclined(order_id=order.id, payment_id=uuid7(), why=why))
    first, second = uuid7(), uuid7()
    for entry in (first, second, second):
        refund(shop, order, 2500, entry)
    shop.pump()
    assert [n.template for n in written(shop)] == ["cancelled", "declined", "refunded", "refunded"]
    everything = "".join(str(m) for m in mailbox.mails)
    assert len(mailbox.mails) == 4
    assert "changed mind" not in everything, "what staff noted as the reason is theirs"
    assert "BACKOFFICE" not in everything
    assert mailbox.mails[-1]["Subject"] == "Your refund of €25.00"


def test_nobody_is_told_without_an_address_or_about_imported_history(shop: Shop, mailbox: Mailbox) -> None:
    an_order(shop, email=None)
    an_order(shop, email="ada@example.com, eve@example.com")
    history = an_order(shop, email="ada@example.com")
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(Order, history.id).live = False
    shop.pump()
    assert written(shop) == []
    assert mailbox.mails == []
    assert shop.dead() == []


def test_without_a_mail_server_everything_is_kept_and_can_be_sent_later(shop: Shop) -> None:
    an_order(shop, email="ada@example.com")
    shop.pump()
    [kept] = written(shop)
    assert (kept.state, kept.sent_at) == ("kept", None)
    with Mailbox().open() as box:
        the_agent(shop).use(by_way_of(box.url))
        view = shop.do("notifications", ResendNotification(notification_id=kept.id), NotificationView)
        assert (view.state, view.next) == ("queued", [])
        with pytest.raises(Refused, match="is queued and cannot become queued"):
            shop.do("notifications", ResendNotification(notification_id=kept.id), NotificationView)
        shop.pump()
    assert [n.state for n in written(shop)] == ["sent"]
    assert len(box.mails) == 1


def test_a_mail_is_sent_once_whatever_is_delivered_twice(shop: Shop, mailbox: Mailbox) -> None:
    an_order(shop, email="ada@example.com")
    shop.pump()
    task = SendMail(notification_id=written(shop)[0].id)
    the_agent(shop).mail(task, Who("agent:notifications"))
    the_agent(shop).mail(SendMail(notification_id=uuid7()), Who("agent:notifications"))
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("weather", ["451 try later", "421 closing", "hang up"])
def test_a_mail_server_in_bad_weather_is_tried_again_with_the_same_mail(
    shop: Shop, mailbox: Mailbox, weather: str
) -> None:
    mailbox.says = [weather]
    an_order(shop, email="ada@example.com")
    shop.pump()
    [queued] = written(shop)
    assert (queued.state, queued.attempts) == ("queued", 1)
    assert queued.error
    assert shop.said("NotificationFailed") == []
    shop.later(seconds=5)
    shop.pump()
    [sent] = written(shop)
    assert (sent.state, sent.attempts, sent.error) == ("sent", 2, None)
    assert {m["Message-ID"] for m in mailbox.mails} == {f"<{sent.id}.1@shop.example>"}


def test_what_the_mail_server_will_never_take_has_failed_and_says_why(shop: Shop, mailbox: Mailbox) -> None:
    mailbox.says_to_recipients = ["550 no such mailbox"]
    an_order(shop, email="gone@example.com")
    shop.pump()
    [failed] = written(shop)
    assert (failed.state, failed.error) == ("failed", "550 no such mailbox")
    assert [m["why"] for m in shop.said("NotificationFailed")] == ["550 no such mailbox"]
    assert shop.dead() == []
    again = shop.do("notifications", ResendNotification(notification_id=failed.id), NotificationView)
    assert again.state == "queued"
    shop.pump()
    assert [n.state for n in written(shop)] == ["sent"]
    assert mailbox.mails[0]["Message-ID"] == f"<{failed.id}.2@shop.example>", "sent on purpose: another mail"


def test_a_mail_server_that_is_away_for_long_is_tried_again_by_a_schedule(shop: Shop) -> None:
    with Mailbox().open() as box:
        closed = box.url
    the_agent(shop).use(by_way_of(closed))
    an_order(shop, email="ada@example.com")
    for _ in range(9):
        shop.pump()
        shop.later(minutes=2)
    assert len(shop.dead()) == 1
    assert [n.state for n in written(shop)] == ["queued"]
    with Mailbox().open() as box:
        the_agent(shop).use(by_way_of(box.url))
        with shop.db.transaction(TESTER, now=shop.now) as tx:
            tx.send("notifications", "schedule:mail", SendQueuedMail())
            tx.send("notifications", "schedule:mail", SendQueuedMail())
        shop.pump()
    assert [n.state for n in written(shop)] == ["sent"]
    assert len(box.mails) == 1


def test_what_was_written_to_an_erased_person_is_erased_and_never_sent(shop: Shop, mailbox: Mailbox) -> None:
    mailbox.says = ["451 later"]
    order, other = an_order(shop, email="ada@example.com"), an_order(shop, email="eve@example.com")
    shop.pump()
    announce(shop, "customer:1", CustomerErased(customer_id=uuid7(), orders=[order.id]))
    shop.pump()
    shop.later(seconds=5)
    shop.pump()
    by_subject = {n.subject: n for n in written(shop)}
    erased = by_subject[f"order:{order.id}"]
    assert (erased.state, erased.recipient, erased.title, erased.body) == ("erased", "", "", "")
    assert by_subject[f"order:{other.id}"].state == "sent"
    assert [m["To"] for m in mailbox.mails] == ["eve@example.com"]
    with pytest.raises(Refused):
        shop.do("notifications", ResendNotification(notification_id=erased.id), NotificationView)


def test_what_is_filled_in_stays_text() -> None:
    title, body = render("shipped", number="7\r\nBcc: eve@example.com", tracking="{number}")
    assert "\n" not in title
    assert "{number}" in body
    for template, words in TEMPLATES.items():
        names = {name for _, name, *_ in Formatter().parse(words.title + words.body) if name}
        title, body = render(template, **dict.fromkeys(names, "said"))
        assert title
        assert body.endswith("\n")
        assert "{" not in title + body
