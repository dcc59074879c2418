"""Buying over HTTP: from a supplier to an order that is sent, with what the caller may and may not."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from db.people import person_behind
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.purchasing.conftest import Office
from tests.serve.conftest import error_of
from tests.shop import TESTER


class Desk:
    def __init__(self, office: Office) -> None:
        self.office = office
        self.app = create_app(office.db, office, clock=lambda: office.now)
        self.all = self.key(*ALL_SCOPES)

    def key(self, *scopes: str, by: str | None = None) -> TestClient:
        """A key of the administrator, or of somebody else."""
        with self.office.db.transaction(TESTER, now=self.office.now) as tx:
            made, secret = make_key(tx, "test", sorted(scopes))
            made.owner_id = person_behind(tx, by or self.office.admin)
        return TestClient(self.app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)

    def order(self, **body: Any) -> dict[str, Any]:
        lines = [{"sku": "MUG", "quantity": 12}]
        answer = self.all.post(
            "/api/v1/purchase-orders", json={"supplier": "HANSA", "node": "LON", "lines": lines} | body
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def do(self, order: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        answer = self.all.post(f"/api/v1/purchase-orders/{order['id']}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def test_an_order_goes_from_the_price_list_to_the_supplier(desk: Desk) -> None:
    terms = {"name": "Delft", "currency": "EUR", "email": "orders@delft.example", "order_weekdays": [0, 3]}
    assert desk.all.put("/api/v1/suppliers/DELFT", json=terms).json()["created"] is True
    item = {"unit_cost": 500, "breaks": [{"from_quantity": 10, "unit_cost": 450}], "case_pack": 2}
    assert desk.all.put("/api/v1/suppliers/DELFT/items/PLATE", json=item).json()["supplier_sku"] == "PLATE"
    made = desk.order(supplier="DELFT", lines=[{"sku": "PLATE", "quantity": 10}])
    assert (made["total"], made["next"]) == (4500, ["approved", "cancelled"])
    assert desk.do(made, "approve")["status"] == "approved"
    assert desk.do(made, "send")["expected_at"] == "2026-03-16T09:00:00Z"
    assert desk.do(made, "confirm", expected_at="2026-03-20T12:00:00Z")["status"] == "confirmed"
    desk.do(made, "amend", reason="two more", lines=[{"line_no": 1, "quantity": 12}])
    shown = desk.all.get(f"/api/v1/purchase-orders/{made['id']}").json()
    assert [(a["field"], a["old"], a["new"]) for a in shown["amendments"]][-1] == ("ordered", "10", "12")
    assert (shown["total"], shown["lines"][0]["ordered"], shown["reference"]) == (5400, 12, None)
    assert desk.do(made, "short-close", reason="out of clay")["status"] == "short_closed"


def test_orders_are_listed_filtered_sorted_and_counted(desk: Desk) -> None:
    first, second = desk.order(), desk.order(lines=[{"sku": "PLATE", "quantity": 1}])
    desk.do(first, "approve")
    listed = desk.all.get("/api/v1/purchase-orders?sort=total&page=1&expand=lines").json()
    assert [row["number"] for row in listed["data"]] == [second["number"], first["number"]]
    assert (listed["page"]["total"], listed["data"][0]["lines"][0]["sku"]) == (2, "PLATE")
    found = desk.all.get("/api/v1/purchase-orders?status_eq=approved&total_gteq=4800").json()["data"]
    assert [row["id"] for row in found] == [first["id"]]
    error_of(desk.all.get("/api/v1/purchase-orders?colour=red"), 422, "unknown_filter")
    assert [s["code"] for s in desk.all.get("/api/v1/suppliers?expand=items").json()["data"]] == ["HANSA"]
    assert [i["sku"] for i in desk.all.get("/api/v1/supplier-items?sort=sku").json()["data"]] == ["MUG", "PLATE"]


def test_who_may_read_may_not_buy_and_who_may_buy_may_not_set_limits(desk: Desk) -> None:
    reader, buyer = desk.key("read_purchasing"), desk.key("read_purchasing", "write_purchasing")
    body = {"supplier": "HANSA", "node": "LON", "lines": [{"sku": "MUG", "quantity": 12}]}
    refused = error_of(reader.post("/api/v1/purchase-orders", json=body), 403, "missing_scope")
    assert refused["details"]["scope"] == "write_purchasing"
    error_of(desk.key("read_stock").get("/api/v1/purchase-orders"), 403, "missing_scope")
    error_of(buyer.put("/api/v1/approval-limits/manager/EUR", json={"amount": 1}), 403, "missing_scope")


def test_a_key_approves_what_whoever_it_belongs_to_may(desk: Desk) -> None:
    made = desk.order()
    path = f"/api/v1/purchase-orders/{made['id']}/approve"
    key = desk.key("write_purchasing", by=desk.office.manager)
    refused = error_of(key.post(path, json={}), 403, "above_approval_limit")
    assert (refused["details"]["role"], refused["details"]["limit"]) == ("manager", None)
    assert desk.all.put("/api/v1/approval-limits/manager/EUR", json={"amount": 4800}).status_code == 200
    assert key.post(path, json={}).json()["status"] == "approved"
    assert [r["amount"] for r in desk.all.get("/api/v1/approval-limits").json()["data"]] == [4800]


def test_a_repeated_request_orders_once(desk: Desk) -> None:
    body = {"supplier": "HANSA", "node": "LON", "lines": [{"sku": "MUG", "quantity": 12}]}
    key = {"Idempotency-Key": "spring"}
    first, again = (desk.all.post("/api/v1/purchase-orders", json=body, headers=key) for _ in range(2))
    assert (first.json()["id"], again.headers["Idempotency-Replayed"]) == (again.json()["id"], "true")
    assert desk.office.count("purchase_orders") == 1


def test_what_is_over_or_unknown_says_so(desk: Desk) -> None:
    made = desk.order()
    desk.do(made, "cancel", reason="found cheaper")
    path = f"/api/v1/purchase-orders/{made['id']}"
    over = error_of(desk.all.post(f"{path}/amend", json={"reason": "x", "note": "y"}), 409, "purchase_is_over")
    assert over["details"] == {"purchase": "PO100001", "status_now": "cancelled"}
    error_of(desk.all.post(f"{path}/send", json={}), 409, "illegal_move")
    error_of(desk.all.get(f"/api/v1/purchase-orders/{uuid4()}"), 404, "not_found")
    error_of(desk.all.get("/api/v1/suppliers/NOBODY"), 404, "not_found")
    stale = desk.all.put("/api/v1/suppliers/HANSA", json={"name": "x", "currency": "EUR", "version": 9})
    error_of(stale, 409, "stale_version")
