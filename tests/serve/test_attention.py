"""What needs a person: every count is the total of the list it opens, and nobody is told what they may not see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from serve.attention import QUESTIONS
from serve.scopes import FIRST_ROLES
from tests.serve.conftest import Front
from tests.serve.test_company import Company, an_order, company, ok, set_up

__all__ = ["company"]


def _told(client: TestClient) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in ok(client.get("/api/v1/attention"))["data"]}


def test_every_count_is_the_total_of_the_list_it_opens(company: Company) -> None:
    client, shop = company.caller(), company.shop
    set_up(client, stock=5)
    placed = [ok(client.post("/api/v1/orders", json=an_order()), 201) for _ in range(2)]
    shop.pump()
    ok(client.post(f"/api/v1/orders/{placed[0]['id']}/hold", json={"reason": "fraud"}))
    ok(client.post(f"/api/v1/orders/{placed[0]['id']}/hold", json={"reason": "address"}))
    shop.pump()
    told = _told(client)
    for row in told.values():
        page = ok(client.get(f"/api/v1/{row['list']}", params={**row["filters"], "count": "exact", "limit": 1}))
        assert page["page"]["total"] == row["count"], row
    counts = {code: row["count"] for code, row in told.items() if row["count"]}
    assert counts == {"held_fraud": 1, "held_address": 1, "to_pick": 1}
    assert told["held_fraud"]["oldest_at"] is not None
    assert told["held_manual"]["oldest_at"] is None


def test_an_order_is_late_after_two_days_and_not_before(company: Company) -> None:
    client, shop = company.caller(), company.shop
    set_up(client)
    ok(client.post("/api/v1/orders", json=an_order()), 201)
    shop.pump()
    shop.now += timedelta(hours=48)
    assert _told(client)["late_to_ship"]["count"] == 0
    shop.now += timedelta(seconds=1)
    assert _told(client)["late_to_ship"]["count"] == 1


def test_nobody_is_told_what_they_may_not_see(front: Front) -> None:
    for role in FIRST_ROLES:
        answer = ok(front.signed_in(role).get("/api/v1/attention"))
        seen = {row["code"] for row in answer["data"]}
        assert seen == {q.code for q in QUESTIONS if set(q.scopes) & set(FIRST_ROLES[role])}
        assert set(answer["hidden"]) == {q.code for q in QUESTIONS} - seen
