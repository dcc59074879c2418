"""A clock that steps back in the middle of the day: work goes on, and the books still add up."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from db.audit import run
from tests.serve.test_company import Company, an_order, company, ok, set_up  # noqa: F401 - company is a fixture


def step(client: TestClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = client.post(f"/api/v1{path}", json=body or {})
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


def test_an_order_is_shipped_while_the_clock_steps_back_at_every_turn(company: Company) -> None:  # noqa: F811
    client, shop = company.caller(), company.shop
    set_up(client)
    placed = step(client, "/orders", an_order(payment={"provider": "test", "token": "tok_ok"}))
    held = step(client, "/orders", an_order(payment={"provider": "test", "token": "tok_timeout"}))
    shop.later(hours=-1)
    shop.pump()
    released = ok(client.get(f"/api/v1/orders/{placed['id']}"))
    assert (released["status"], released["payment_status"]) == ("released", "authorised")
    (fulfilment,) = ok(client.get("/api/v1/fulfilments", params={"order_id_eq": placed["id"]}))["data"]
    walk = step(client, "/pick-lists", {"node": "LON", "fulfilments": [fulfilment["id"]]})
    shop.later(minutes=-10)
    for task in walk["tasks"]:
        step(client, f"/pick-tasks/{task['id']}/pick", {"quantity": task["quantity"]})
    parcel = step(client, f"/fulfilments/{fulfilment['id']}/parcels")
    shop.later(minutes=-10)
    step(client, f"/parcels/{parcel['id']}/label")
    step(client, f"/fulfilments/{fulfilment['id']}/dispatch")
    shop.later(minutes=-10)
    shop.pump()
    step(client, f"/orders/{held['id']}/cancel", {"reason": "took too long"})
    shop.later(minutes=-10)
    shop.pump()
    assert ok(client.get(f"/api/v1/orders/{placed['id']}"))["status"] == "shipped"
    assert ok(client.get(f"/api/v1/orders/{held['id']}"))["status"] == "cancelled"
    assert shop.dead() == []
    assert (shop.count("deliveries"), shop.count("outbox WHERE relayed_at IS NULL")) == (0, 0)
    with company.database.reading() as session:
        assert [(c.name, c.rows[:1]) for c in run(session) if c.violations] == []
