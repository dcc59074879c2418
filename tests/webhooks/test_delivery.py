"""An event reaches those who asked for it, whatever the other side is like; and nobody else."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from agents import outside
from agents.customers.messages import CustomerErased
from agents.webhooks import connection
from agents.webhooks.connection import post
from agents.webhooks.messages import (
    DisableWebhook,
    EnableWebhook,
    PingWebhook,
    PostView,
    Redelivered,
    RedeliverFailed,
    RedeliverPost,
    RotateWebhookSecret,
    WebhookView,
)
from agents.webhooks.rules import DISABLE_AFTER, GIVE_UP_AFTER
from db.audit import run
from db.errors import Refused
from db.webhooks import PostState, WebhookState
from tests.shop import TESTER
from tests.webhooks.receiver import LOOPBACK


def test_an_order_is_told_once_signed_and_in_order(told, a_receiver) -> None:
    receiver = a_receiver()
    hook = told.a_webhook(receiver.url, "order.*")
    order = told.an_order()
    assert told.send() == len(receiver.got)
    assert receiver.told()[:2] == ["order.placed", "order.money"]
    assert "payment.authorised" not in receiver.told()
    first, (row,) = receiver.got[0], told.posts("order.placed")
    assert first.told == {
        "id": str(row.event_id), "type": "order.placed", "at": "2026-03-02T09:00:00Z", "subject": f"order:{order.id}",
        "data": {"order_id": str(order.id), "number": order.number, "channel": "web", "currency": "EUR", "total": 1000,
                 "status": "held", "email": "ada@example.com", "customer_id": first.told["data"]["customer_id"]},
    }  # fmt: skip
    assert first.is_signed_with(told.hook(hook.id).secret)
    assert not first.is_signed_with("whsec_other")
    assert first.headers["backoffice-event-id"] == str(row.event_id)
    assert first.headers["backoffice-delivery-id"] == str(row.id)
    assert {p.state for p in told.posts()} == {PostState.delivered}
    assert told.send() == 0


def test_nobody_listens_when_nobody_asked_and_only_to_what_was_asked_for(told, a_receiver) -> None:
    told.an_order()
    hook = told.a_webhook(a_receiver().url, "product.changed")
    told.an_order()
    assert told.posts() == []
    with told.shop.db.reading() as session:
        assert session.execute(text("SELECT agent, kind FROM interests")).all() == [("webhooks", "ProductChanged")]
    told.do(DisableWebhook(webhook_id=hook.id), WebhookView)
    assert told.shop.count("interests") == 0


def test_a_token_never_leaves_and_personal_data_only_with_the_scope(told, a_receiver) -> None:
    with_scope, without = a_receiver(), a_receiver()
    told.a_webhook(with_scope.url, "order.placed", by=told.a_key("read_orders", "read_customers"))
    told.a_webhook(without.url, "order.*", by=told.a_key("read_orders"))
    told.an_order()
    told.send()
    assert with_scope.got[0].told["data"]["email"] == "ada@example.com"
    assert "email" not in without.got[0].told["data"]
    assert not any(b"tok_ok" in got.body or b"ada@" in got.body for got in without.got)
    assert b"tok_ok" not in with_scope.got[0].body


def test_an_owner_who_lost_a_scope_is_told_no_more_of_what_waits(told, a_receiver) -> None:
    receiver, key = a_receiver(), told.a_key("read_orders", "read_customers")
    told.a_webhook(receiver.url, "order.placed", by=key)
    told.an_order()
    with told.shop.db.transaction(TESTER) as tx:
        tx.execute(text("UPDATE api_keys SET scopes = ARRAY['read_orders'] WHERE id = :id"), {"id": key[4:]})
    told.send()
    assert "email" not in receiver.got[0].told["data"]
    told.an_order()
    with told.shop.db.transaction(TESTER) as tx:
        tx.execute(text("UPDATE api_keys SET revoked_at = now() WHERE id = :id"), {"id": key[4:]})
    told.shop.later(days=400)  # the revocation is by the database's clock
    assert (told.send(), len(receiver.got)) == (0, 1)
    assert told.posts()[-1].state == PostState.failed
    assert "read_orders" in (told.posts()[-1].error or "")


def test_events_that_the_owner_may_not_read_are_refused_by_name_and_left_out_of_groups(told, a_receiver) -> None:
    receiver, key = a_receiver(), told.a_key("read_orders")
    for events in (["payment.captured"], ["payment.*"], ["order.*", "stock.changed"]):
        with pytest.raises(Refused, match="may not read"):
            told.a_webhook(receiver.url, *events, by=key)
    told.a_webhook(receiver.url, "*", by=key)
    told.an_order()
    told.send()
    assert {name.partition(".")[0] for name in receiver.told()} == {"order"}


@pytest.mark.parametrize("url", ["https://u:p@example.com", "ftp://example.com", "https://example.com/#x"])
def test_an_address_that_cannot_be_one_is_refused(told, url) -> None:
    with pytest.raises(Refused, match="cannot be a webhook"):
        told.a_webhook(url)
    assert told.shop.count("webhooks") == 0


# When it fails


def test_a_failure_is_tried_again_under_the_same_event_id_and_then_given_up(told, a_receiver) -> None:
    receiver = a_receiver(500)
    hook = told.a_webhook(receiver.url, "order.placed")
    told.an_order()
    for _ in range(GIVE_UP_AFTER + 3):
        told.send()
        told.shop.later(hours=8)
    assert len(receiver.got) == GIVE_UP_AFTER
    assert len({g.headers["backoffice-event-id"] for g in receiver.got}) == 1
    assert len({g.headers["backoffice-delivery-id"] for g in receiver.got}) == 1
    assert [g.headers["backoffice-attempt"] for g in receiver.got] == [str(n + 1) for n in range(GIVE_UP_AFTER)]
    assert len({g.body for g in receiver.got}) == 1
    assert len({g.headers["backoffice-timestamp"] for g in receiver.got}) == GIVE_UP_AFTER
    (row,) = told.posts()
    assert (row.state, row.attempts, row.code, row.error) == (PostState.failed, GIVE_UP_AFTER, 500, "It answered 500.")
    assert [(a.code, a.answer) for a in told.attempts(row)] == [(500, "I say 500")] * GIVE_UP_AFTER
    assert told.hook(hook.id).failures == GIVE_UP_AFTER


def test_one_that_recovers_gets_the_event_and_starts_anew(told, a_receiver) -> None:
    receiver = a_receiver(503)
    hook = told.a_webhook(receiver.url, "order.placed")
    told.an_order()
    told.send()
    assert told.hook(hook.id).failures == 1
    receiver.habit = 200
    assert told.send() == 0, "it is not yet time"
    told.shop.later(seconds=13)
    assert told.send() == 1
    assert told.posts()[0].state == PostState.delivered
    assert told.hook(hook.id).failures == 0


@pytest.mark.thorough
def test_after_fifteen_failures_in_a_row_it_is_disabled_and_somebody_is_told(told, a_receiver) -> None:
    receiver = a_receiver(500)
    hook = told.a_webhook(receiver.url, "order.placed")
    for _ in range(4):
        told.an_order()
    for _ in range(40):
        told.send()
        told.shop.later(hours=8)
    row = told.hook(hook.id)
    assert (row.status, row.failures, len(receiver.got)) == (WebhookState.disabled, DISABLE_AFTER, DISABLE_AFTER)
    assert row.why is not None
    assert row.why.startswith("15 attempts in a row failed.")
    (event,) = told.shop.said("WebhookDisabled")
    assert (event["webhook_id"], event["failures"]) == (str(hook.id), 15)
    told.an_order()
    assert len(told.posts()) == 4, "what happens while it is disabled is not kept for it"
    receiver.habit = 200
    told.do(EnableWebhook(webhook_id=hook.id), WebhookView)
    waiting = [p for p in told.posts() if p.state == PostState.waiting]
    assert told.send() == len(waiting) == 2
    failed = told.do(RedeliverFailed(webhook_id=hook.id, since=told.shop.now - timedelta(days=99)), Redelivered)
    assert (failed.count, told.send()) == (2, 2)
    again = told.do(RedeliverFailed(webhook_id=hook.id, since=told.shop.now - timedelta(days=99)), Redelivered)
    assert again.count == 0
    with told.shop.db.reading() as session:
        assert [r for r in run(session) if r.violations] == []


@pytest.mark.thorough
def test_while_it_fails_it_is_asked_one_event_at_a_time(told, a_receiver) -> None:
    receiver = a_receiver(500)
    told.a_webhook(receiver.url, "order.placed")
    for _ in range(12):
        told.an_order()
    told.send()
    assert 3 <= len(receiver.got) <= 8
    before = len(receiver.got)
    told.shop.later(minutes=20)
    told.send()
    assert len(receiver.got) == before + 1


def test_410_disables_at_once(told, a_receiver) -> None:
    receiver = a_receiver(410)
    hook = told.a_webhook(receiver.url, "order.placed")
    told.an_order()
    told.send()
    row = told.hook(hook.id)
    assert (row.status, len(receiver.got), told.posts()[0].state) == (WebhookState.disabled, 1, PostState.failed)
    assert "410" in (row.why or "")


def test_redirects_are_not_followed(told, a_receiver) -> None:
    receiver = a_receiver(302)
    told.a_webhook(receiver.url, "order.placed")
    told.an_order()
    told.send()
    assert [g.path for g in receiver.got] == ["/hook"]
    assert "Redirects are not followed" in (told.posts()[0].error or "")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("habit", "said"),
    [("garbage", "does not speak HTTP"), ("hang_up", ""), ("hang", "No answer"), ("drip", "No answer")],
)
def test_bad_manners_are_failures_with_a_reason_and_take_no_longer_than_they_may(a_receiver, habit, said) -> None:
    started = time.monotonic()
    answered = post(a_receiver(habit).url, {}, b"{}", networks=LOOPBACK, seconds=0.5)
    assert time.monotonic() - started < 3
    assert (answered.status, answered.delivered) == (None, False)
    assert said in (answered.error or "-")


def test_a_body_without_end_is_cut_and_the_status_counts(a_receiver) -> None:
    answered = post(a_receiver("endless").url, {}, b"{}", networks=LOOPBACK, seconds=5)
    assert (answered.status, len(answered.body or "")) == (200, connection.KEPT_LETTERS)


def test_an_address_that_asks_for_time_gets_it(told, a_receiver) -> None:
    receiver = a_receiver(429)
    receiver.headers["Retry-After"] = "1800"
    told.a_webhook(receiver.url, "order.placed")
    told.an_order()
    told.send()
    assert told.posts()[0].due_at >= told.shop.now + timedelta(seconds=1800)


@pytest.mark.thorough
def test_one_that_hangs_holds_up_nobody_else(told, a_receiver, monkeypatch) -> None:
    monkeypatch.setattr(connection, "WHOLE_SECONDS", 20.0)
    slow, quick = a_receiver("hang"), a_receiver()
    told.a_webhook(slow.url, "order.placed")
    told.a_webhook(quick.url, "order.placed")
    told.agent.postman.start()
    started = time.monotonic()
    for _ in range(10):
        told.an_order()
    while len(quick.got) < 10 and time.monotonic() - started < 100:
        told.agent.postman.ring()
        time.sleep(0.02)
    assert len(quick.got) == 10, "all of it came while the other one still hung"
    assert 1 <= len(slow.got) <= 4, "and it has no more than its share of the threads"
    slow.released.set()


def test_the_next_event_of_a_subject_waits_for_the_one_before(told, a_receiver) -> None:
    receiver = a_receiver(500)
    told.a_webhook(receiver.url, "order.*")
    told.an_order()
    told.send()
    assert receiver.told() == ["order.placed"]
    receiver.habit = 200
    told.shop.later(minutes=1)
    told.send()
    assert receiver.told()[:3] == ["order.placed", "order.placed", "order.money"]


def test_what_was_taken_by_a_process_that_died_is_sent_again(told, a_receiver) -> None:
    receiver = a_receiver()
    hook = told.a_webhook(receiver.url, "order.placed")
    told.an_order()
    assert len(told.agent.postman._take(hook.id, 1)) == 1  # and then nothing more is heard of it
    assert told.send() == 0
    told.shop.later(seconds=61)
    assert (told.send(), receiver.told()) == (1, ["order.placed"])


# Where it may go


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"])
def test_private_addresses_are_refused_when_connecting(a_receiver, host) -> None:
    port = a_receiver().url.rsplit(":")[-1].partition("/")[0]
    answered = post(f"https://{host}:{port}/", {}, b"{}", networks=(), seconds=2)
    assert "which is not one of the internet" in (answered.error or "")


def test_a_name_is_judged_by_where_it_leads_at_that_moment_and_connected_to_there(a_receiver, monkeypatch) -> None:
    """DNS rebinding: the name resolves to a public address when somebody looks, and to a private one after."""
    receiver, asked = a_receiver(), []
    port = int(receiver.url.rsplit(":")[-1].partition("/")[0])
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(host, at, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), at))]

    connected = []

    def connect(address, *args, **kwargs):
        connected.append(address[0])
        raise TimeoutError

    monkeypatch.setattr(outside.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outside.socket, "create_connection", connect)
    first = post(f"https://rebind.example:{port}/", {}, b"{}", networks=(), seconds=2)
    assert (connected, asked) == (["93.184.216.34"], ["rebind.example"]), "resolved once, connected to what was judged"
    assert "No answer" in (first.error or "")
    second = post(f"https://rebind.example:{port}/", {}, b"{}", networks=(), seconds=2)
    assert "rebind.example leads to 127.0.0.1" in (second.error or "")
    assert (connected, receiver.got) == (["93.184.216.34"], [])


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch) -> None:
    def resolve(host, at, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, at)) for a in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(outside.socket, "getaddrinfo", resolve)
    answered = post("https://mixed.example/", {}, b"{}", networks=(), seconds=2)
    assert "leads to 10.0.0.1" in (answered.error or "")


# By hand


def test_a_ping_goes_to_a_disabled_webhook_too_and_counts_as_no_failure(told, a_receiver) -> None:
    receiver = a_receiver(500)
    hook = told.a_webhook(receiver.url, "order.placed")
    told.do(DisableWebhook(webhook_id=hook.id), WebhookView)
    ping = told.do(PingWebhook(webhook_id=hook.id), PostView)
    told.send()
    assert (ping.state, receiver.told()) == ("waiting", ["ping"])
    assert (told.posts()[0].state, told.hook(hook.id).failures) == (PostState.failed, 0)
    told.shop.later(hours=24)
    assert told.send() == 0, "a ping is not tried again"


def test_redelivering_sends_the_same_event_as_a_new_delivery(told, a_receiver) -> None:
    receiver = a_receiver()
    hook = told.a_webhook(receiver.url, "order.placed")
    told.an_order()
    told.send()
    told.do(RedeliverPost(post_id=told.posts()[0].id), PostView)
    told.send()
    first, second = receiver.got
    assert first.body == second.body
    assert first.headers["backoffice-event-id"] == second.headers["backoffice-event-id"]
    assert first.headers["backoffice-delivery-id"] != second.headers["backoffice-delivery-id"]
    told.do(DisableWebhook(webhook_id=hook.id), WebhookView)
    with pytest.raises(Refused, match="disabled"):
        told.do(RedeliverPost(post_id=told.posts()[0].id), PostView)


def test_the_old_secret_signs_beside_the_new_one_for_a_while(told, a_receiver) -> None:
    receiver = a_receiver()
    hook = told.a_webhook(receiver.url, "order.placed")
    old = told.hook(hook.id).secret
    told.do(RotateWebhookSecret(webhook_id=hook.id, overlap_hours=2), WebhookView)
    new = told.hook(hook.id).secret
    told.an_order()
    told.send()
    told.shop.later(hours=3)
    told.an_order()
    told.send()
    during, after = receiver.got
    assert new != old
    assert (during.is_signed_with(old), during.is_signed_with(new)) == (True, True)
    assert (after.is_signed_with(old), after.is_signed_with(new)) == (False, True)


def test_no_secret_is_in_the_audit_log_or_in_a_stored_answer(told, a_receiver) -> None:
    hook = told.a_webhook(a_receiver().url, "order.placed")
    secret = told.hook(hook.id).secret
    with told.shop.db.reading() as session:
        for table in ("audit_log", "outbox", "idempotent_answers", "transitions"):
            assert session.execute(text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :s"),
                                   {"s": f"%{secret}%"}).scalar_one() == 0, table  # fmt: skip
        entry = session.execute(text("SELECT after FROM audit_log WHERE record LIKE 'webhook:%'")).scalar_one()
        assert entry["secret"] == "***"


def test_what_was_told_about_a_person_who_is_erased_loses_them(told, a_receiver) -> None:
    told.a_webhook(a_receiver().url, "order.placed")
    order = told.an_order()
    told.send()
    with told.shop.db.transaction(TESTER, now=told.shop.now) as tx:
        tx.announce("customer:x", CustomerErased(customer_id=UUID(int=1), orders=[order.id]))
    told.shop.pump()
    (row,) = told.posts("order.placed")
    assert "email" not in row.data
    assert row.data["number"] == order.number
    assert [a.answer for a in told.attempts(row)] == [None]
