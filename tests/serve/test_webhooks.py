"""Webhooks over HTTP, in front of the agent itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from agents.webhooks.agent import WebhooksAgent
from coordinator.local import LocalCluster
from db.settings import Settings
from serve.app import create_app
from tests.serve.conftest import Clock, Front, error_of
from tests.webhooks.receiver import LOOPBACK, Receiver

PATH = "/api/v1/webhooks"


@dataclass
class House:
    front: Front
    cluster: LocalCluster
    agent: WebhooksAgent

    def key(self, *scopes: str) -> TestClient:
        return self.front.key(*scopes)


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    clock = Clock()
    cluster = LocalCluster(db_url, clock=lambda: clock.now, only=("webhooks",))
    app = create_app(cluster.db, cluster, clock=lambda: clock.now, ticks=lambda: clock.seconds)
    agent: WebhooksAgent = cluster.agent("webhooks")  # type: ignore[assignment]
    agent.use(Settings(webhook_networks=LOOPBACK))
    yield House(Front(app, cluster.db, None, clock), cluster, agent)  # type: ignore[arg-type]
    agent.postman.close()
    cluster.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


def a_webhook(client: TestClient, url: str, **more: object) -> dict:
    answer = client.post(PATH, json={"name": "ERP", "url": url, "events": ["order.*"], **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_secret_is_shown_once_and_not_in_a_replay(house, receiver) -> None:
    client, key = house.key(), {"Idempotency-Key": "once"}
    body = {"name": "ERP", "url": receiver.url, "events": ["order.*"]}
    first = client.post(PATH, json=body, headers=key)
    again = client.post(PATH, json=body, headers=key)
    assert first.json()["secret"].startswith("whsec_")
    assert (again.json()["id"], again.json()["secret"]) == (first.json()["id"], None)
    assert again.headers["Idempotency-Replayed"] == "true"
    shown = client.get(f"{PATH}/{first.json()['id']}")
    assert "secret" not in shown.json()
    assert first.json()["secret"] not in client.get(PATH).text + client.get("/api/v1/audit-log").text
    rotated = client.post(f"{PATH}/{first.json()['id']}/rotate-secret", json={})
    assert rotated.json()["secret"] not in (None, first.json()["secret"])


def test_a_ping_is_logged_with_what_was_sent_and_answered(house, receiver) -> None:
    client = house.key()
    hook = a_webhook(client, receiver.url)
    ping = client.post(f"{PATH}/{hook['id']}/ping")
    assert ping.status_code == 202
    house.agent.postman.send_due()
    detail = client.get(f"/api/v1/webhook-posts/{ping.json()['id']}").json()
    assert (detail["event"], detail["state"], detail["code"]) == ("ping", "delivered", 200)
    assert [(a["number"], a["code"], a["answer"]) for a in detail["log"]] == [(1, 200, "I say 200")]
    assert receiver.got[0].told["data"] == detail["data"]
    listed = client.get(f"/api/v1/webhook-posts?webhook_id_eq={hook['id']}&state_eq=delivered").json()["data"]
    assert [r["id"] for r in listed] == [detail["id"]]


def test_who_may_not_read_customers_sees_the_log_without_them(house, receiver) -> None:
    from agents.orders.messages import OrderPlaced

    owner = house.key()
    a_webhook(owner, receiver.url)
    with house.cluster.db.transaction(who_tester()) as tx:
        tx.announce("order:x", OrderPlaced(order_id=uuid4(), number="1", channel="web", currency="EUR", total=1,
                                           status="held", email="ada@example.com"))  # fmt: skip
    house.cluster.pump()
    house.agent.postman.send_due()
    (row,) = owner.get("/api/v1/webhook-posts").json()["data"]
    full = owner.get(f"/api/v1/webhook-posts/{row['id']}").json()
    assert (full["data"]["email"], full["hidden"], full["log"][0]["answer"]) == ("ada@example.com", [], "I say 200")
    some = house.key("read_webhooks", "read_orders").get(f"/api/v1/webhook-posts/{row['id']}").json()
    assert ("email" in some["data"], some["data"]["number"], some["hidden"]) == (False, "1", ["read_customers"])
    assert some["log"][0]["answer"] is None
    none = house.key("read_webhooks").get(f"/api/v1/webhook-posts/{row['id']}").json()
    assert (none["data"], none["hidden"]) == ({}, ["read_customers", "read_orders"])


def who_tester():
    from tests.shop import TESTER

    return TESTER


def test_who_changes_the_address_owns_it_with_their_scopes(house, receiver) -> None:
    owner, other = house.key(), house.key("read_webhooks", "write_webhooks", "read_stock")
    hook = a_webhook(owner, receiver.url)
    refused = other.patch(f"{PATH}/{hook['id']}", json={"url": receiver.url + "/mine"})
    error_of(refused, 403, "may_not_hear")
    taken = other.patch(f"{PATH}/{hook['id']}", json={"url": receiver.url + "/mine", "events": ["stock.*"]})
    assert taken.json()["owner"] != hook["owner"]
    named = owner.patch(f"{PATH}/{hook['id']}", json={"name": "Other"})
    assert named.json()["owner"] == taken.json()["owner"], "a name is no reason to become the owner"
    error_of(owner.patch(f"{PATH}/{hook['id']}", json={"name": "X", "version": 1}), 409, "stale_version")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "https://u:p@example.com"}, "bad_address"),
        ({"url": "javascript:alert(1)"}, "invalid_request"),
        ({"events": ["order.exploded"]}, "unknown_events"),
        ({"events": []}, "invalid_request"),
        ({"events": ["DROP TABLE"]}, "invalid_request"),
        ({"name": ""}, "invalid_request"),
        ({"colour": "red"}, "invalid_request"),
    ],
)
def test_rubbish_is_refused_with_a_sentence(house, receiver, body, code) -> None:
    answer = house.key().post(PATH, json={"name": "ERP", "url": receiver.url, "events": ["*"], **body})
    error_of(answer, 422, code)
    assert house.key().get(f"{PATH}?count=exact").json()["page"]["total"] == 0


def test_reading_and_writing_take_their_scopes(house, receiver) -> None:
    hook = a_webhook(house.key(), receiver.url)
    reader = house.key("read_webhooks")
    assert reader.get(f"{PATH}/{hook['id']}").json()["next"] == ["ping", "rotate", "disable", "delete"]
    for path in ("ping", "enable"):
        assert error_of(reader.post(f"{PATH}/{hook['id']}/{path}"), 403, "missing_scope")["details"] == {
            "scope": "write_webhooks"
        }
    error_of(house.key("read_orders").get(PATH), 403, "missing_scope")


def test_the_catalogue_says_what_the_caller_may_hear(house) -> None:
    events = house.key("read_webhooks", "read_orders").get("/api/v1/webhook-events").json()["events"]
    readable = {e["name"].partition(".")[0] for e in events if e["readable"]}
    assert readable == {"claim", "exchange", "order", "parcel", "return", "routing", "webhook"}
    (placed,) = (e for e in events if e["name"] == "order.placed")
    assert placed["personal"] == {"email": "read_customers"}
    assert set(placed["example"]["data"]) == set(placed["payload_schema"]["properties"])
    assert "payment" not in placed["payload_schema"]["properties"]


def test_disable_enable_and_delete(house, receiver) -> None:
    client = house.key()
    hook = a_webhook(client, receiver.url)
    off = client.post(f"{PATH}/{hook['id']}/disable", json={"reason": "moving house"}).json()
    assert (off["status"], off["why"], off["next"]) == (
        "disabled",
        "moving house",
        ["ping", "rotate", "enable", "delete"],
    )
    assert client.post(f"{PATH}/{hook['id']}/enable").json()["status"] == "active"
    assert client.delete(f"{PATH}/{hook['id']}").json() == {"id": hook["id"]}
    error_of(client.get(f"{PATH}/{hook['id']}"), 404, "not_found")
    error_of(client.post(f"{PATH}/{hook['id']}/ping"), 404, "not_found")
