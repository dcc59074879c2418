"""Actions on many records over HTTP: chosen by hand or by filter, previewed, followed, cancelled, undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agents.orders.messages import HoldOrder, OrderState
from serve.events import personal_kinds, scope_by_kind
from serve.scopes import ALL_SCOPES
from tests.serve.conftest import error_of, names_of
from tests.serve.desk import OpenShop, open_shop

HOLD = {"action": "hold", "reason": "manual"}


@pytest.fixture
def shop(db_url: str) -> Iterator[OpenShop]:
    with open_shop(db_url) as opened:
        yield opened


def test_a_filter_is_previewed_done_and_followed_to_the_last_row(shop: OpenShop) -> None:
    shop.orders(4, tags=["gift"])
    held = shop.orders(1, tags=["gift"])[0]
    shop.orders(2)
    shop.do("orders", HoldOrder(order_id=held.id, reason="manual"), OrderState)
    client = shop.caller()
    ask = {"do": HOLD, "filters": {"tags_cont": "gift"}}
    preview = client.post("/api/v1/orders/bulk/preview", json=ask).json()
    assert (preview["total"], preview["would"]) == (5, 4)
    (why,) = preview["refused"]
    assert (why["code"], why["count"], why["examples"]) == ("held_already", 1, [held.number])
    started = client.post("/api/v1/orders/bulk", json={**ask, "expected": 5})
    assert (started.status_code, started.json()["status"]) == (202, "running")
    shop.pump()
    job = client.get(f"/api/v1/bulk/{started.json()['id']}").json()
    assert (job["status"], job["next"]) == ("done", ["undo"])
    assert {k: v for k, v in job["counts"].items() if v} == {"done": 4, "refused": 1}
    rows = client.get(f"/api/v1/bulk/{job['id']}/rows?state_eq=refused").json()["data"]
    assert [(r["label"], r["code"]) for r in rows] == [(held.number, "held_already")]
    assert names_of(client.get("/api/v1/bulk").json()["data"], "id") == [job["id"]]
    client.post(f"/api/v1/bulk/{job['id']}/undo")
    shop.pump()
    assert client.get("/api/v1/orders?status_eq=held&count=exact").json()["page"]["total"] == 1


def test_the_same_request_again_is_the_same_action_whatever_the_filter_finds_by_then(shop: OpenShop) -> None:
    shop.orders(2)
    client, key = shop.caller(), {"Idempotency-Key": "once"}
    ask = {"do": HOLD, "filters": {"status_eq": "released"}}
    first = client.post("/api/v1/orders/bulk", json=ask, headers=key)
    shop.pump()
    shop.orders(3)
    again = client.post("/api/v1/orders/bulk", json=ask, headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.json()["id"] == first.json()["id"]
    assert shop.count("bulk_jobs") == 1
    other = {"do": {**HOLD, "reason": "fraud"}, "filters": {"status_eq": "released"}}
    error_of(client.post("/api/v1/orders/bulk", json=other, headers=key), 422, "key_reused")


def test_what_changed_since_the_preview_is_told_and_nothing_begins(shop: OpenShop) -> None:
    shop.orders(3)
    ask = {"do": HOLD, "filters": {"status_eq": "released"}, "expected": 2}
    error_of(shop.caller().post("/api/v1/orders/bulk", json=ask), 409, "another_number")
    assert shop.count("bulk_jobs") == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "choose_one_way"),
        ({"ids": ["0197a0aa-0000-7000-8000-000000000000"], "filters": {}}, "choose_one_way"),
        ({"filters": {"colour_eq": "red"}}, "unknown_filter"),
        ({"filters": {"status_eq": "lost"}}, "bad_value"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(shop: OpenShop, more: dict[str, Any], code: str) -> None:
    error_of(shop.caller().post("/api/v1/orders/bulk/preview", json={"do": HOLD, **more}), 422, code)


def test_products_are_discontinued_and_brought_back(shop: OpenShop) -> None:
    shop.a_sku("PLATE")
    client = shop.caller()
    ask = {"do": {"action": "move", "to": "discontinued"}, "filters": {}}
    assert client.post("/api/v1/products/bulk/preview", json=ask).json() == {"total": 2, "would": 2, "refused": []}
    job = client.post("/api/v1/products/bulk", json=ask).json()
    shop.pump()
    assert names_of(client.get("/api/v1/products").json()["data"], "status") == ["discontinued"] * 2
    again = client.post("/api/v1/products/bulk/preview", json=ask).json()
    assert [(r["code"], r["count"]) for r in again["refused"]] == [("illegal_move", 2)]
    client.post(f"/api/v1/bulk/{job['id']}/undo")
    shop.pump()
    assert names_of(client.get("/api/v1/products").json()["data"], "status") == ["active"] * 2


def test_only_who_may_write_orders_may_do_it_and_only_who_may_read_them_may_choose(shop: OpenShop) -> None:
    shop.orders(1)
    ask = {"do": HOLD, "filters": {}}
    error_of(shop.caller("read_orders").post("/api/v1/orders/bulk", json=ask), 403, "missing_scope")
    refused = error_of(shop.caller("write_orders").post("/api/v1/orders/bulk", json=ask), 403, "missing_scope")
    assert refused["details"] == {"scope": "read_orders"}


def test_anothers_action_is_seen_by_who_could_have_done_it_and_by_nobody_else(shop: OpenShop) -> None:
    shop.orders(1)
    job = shop.caller().post("/api/v1/orders/bulk", json={"do": HOLD, "filters": {}}).json()["id"]
    assert shop.caller("write_orders", "read_orders").get(f"/api/v1/bulk/{job}").status_code == 200
    for lacks in ("write_orders", "read_orders"):
        stranger = shop.caller(*(ALL_SCOPES - {lacks}))
        asked = [stranger.get(f"/api/v1/bulk/{job}{path}") for path in ("", "/rows")]
        asked += [stranger.post(f"/api/v1/bulk/{job}/{verb}") for verb in ("cancel", "undo")]
        for answer in asked:
            assert error_of(answer, 403, "missing_scope")["details"] == {"scope": lacks}
        assert stranger.get("/api/v1/bulk").json()["data"] == []


def test_progress_reaches_only_who_asked() -> None:
    assert personal_kinds() == {"BulkProgressed", "BulkFinished", "NoticeGiven", "NoticesRead"}
    assert not personal_kinds() & scope_by_kind().keys()


def test_a_held_order_says_the_request_that_takes_the_hold_off(shop: OpenShop) -> None:
    (order,) = shop.orders(1)
    client = shop.caller()
    undo = client.post(f"/api/v1/orders/{order.id}/hold", json={"reason": "manual", "note": "check"}).json()["undo"]
    assert (undo["says"], undo["until"]) == ("Take the hold off again", "2026-03-02T09:10:00Z")
    answer = client.request(undo["method"], undo["path"], json=undo["body"])
    assert (answer.status_code, answer.json()["status"]) == (200, "released")


def test_undoing_a_tag_takes_off_only_what_was_put_on(shop: OpenShop) -> None:
    (order,) = shop.orders(1, tags=["gift"])
    client = shop.caller()
    undo = client.post(f"/api/v1/orders/{order.id}/tags", json={"add": ["gift", "vip"]}).json()["undo"]
    client.request(undo["method"], undo["path"], json=undo["body"])
    assert client.get(f"/api/v1/orders/{order.id}").json()["tags"] == ["gift"]
