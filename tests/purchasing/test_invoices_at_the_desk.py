"""Suppliers' invoices over HTTP: entered, shown beside their order, approved by whoever may, paid once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.purchasing.conftest import Office
from tests.purchasing.test_routes import Desk
from tests.serve.conftest import error_of


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def came(desk: Desk, units: int = 12, **body: Any) -> dict[str, Any]:
    """An order that was sent, and units of its first line that have come."""
    order = desk.order(**body)
    desk.do(order, "approve")
    desk.do(order, "send")
    desk.office.came(UUID(order["id"]), 1, units)
    return order


def bill(desk: Desk, order: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = desk.all.post(f"/api/v1/purchase-orders/{order['id']}/invoices", json=a_bill(**body))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def a_bill(units: int = 12, cost: int = 400, **body: Any) -> dict[str, Any]:
    lines = [{"line_no": 1, "quantity": units, "unit_cost": cost}]
    return {"number": "RE-1", "billed_on": "2026-03-02", "lines": lines, "total": units * cost} | body


def verb(desk: Desk, invoice: dict[str, Any], what: str, **body: Any) -> Any:
    return desk.all.post(f"/api/v1/supplier-invoices/{invoice['id']}/{what}", json=body)


def test_an_invoice_that_matches_is_approved_and_paid_once(desk: Desk) -> None:
    made = bill(desk, order := came(desk), tax=912, total=5712)
    assert (made["status"], made["due_on"], made["next"]) == (
        "matched", "2026-04-01", ["approved", "cancelled", "disputed"],
    )  # fmt: skip
    assert verb(desk, made, "approve").json()["next"] == ["disputed", "paid"]
    assert verb(desk, made, "pay", paid_on="2026-03-30", reference="SEPA 77").json()["status"] == "paid"
    error_of(verb(desk, made, "pay", paid_on="2026-03-30", reference="SEPA 77"), 409, "illegal_move")
    shown = desk.all.get(f"/api/v1/supplier-invoices/{made['id']}").json()
    assert (shown["purchase"], shown["paid_on"], shown["payment_reference"]) == (
        order["number"],
        "2026-03-30",
        "SEPA 77",
    )
    assert shown["lines"] == [
        {
            "purchase_line": 1,
            "sku": "MUG",
            "quantity": 12,
            "unit_cost": 400,
            "total": 4800,
            "over_allowed": 0,
            "taken_back": 0,
        }
    ]


def test_invoices_are_listed_by_order_supplier_and_state(desk: Desk) -> None:
    first, second = bill(desk, order := came(desk)), bill(desk, came(desk), cost=410, number="RE-2", total=4920)
    rows = desk.all.get("/api/v1/supplier-invoices?supplier_eq=HANSA&sort=-total&page=1").json()
    assert [row["id"] for row in rows["data"]] == [second["id"], first["id"]]
    found = desk.all.get("/api/v1/supplier-invoices?status_eq=entered&expand=lines").json()["data"]
    assert [(row["number"], row["lines"][0]["total"]) for row in found] == [("RE-2", 4920)]
    of_order = desk.all.get(f"/api/v1/supplier-invoices?purchase_id_eq={order['id']}").json()["data"]
    assert [row["number"] for row in of_order] == ["RE-1"]
    error_of(desk.all.get("/api/v1/supplier-invoices?status_eq=lost"), 422, "bad_value")


def test_what_does_not_match_is_named_and_accepted_only_with_the_right_to(desk: Desk) -> None:
    made = bill(desk, came(desk), cost=410, total=4920)
    refused = error_of(verb(desk, made, "approve"), 409, "differences_remain")
    why = "49.20 billed; 12 of 12 ordered for 48.00 are 48.00: 1.20 (2.5 %) more, up to 0.00 is let through."
    assert (made["differences"][0]["why"], why in refused["message"]) == (why, True)
    path = f"/api/v1/supplier-invoices/{made['id']}/accept"
    buyer = desk.key("read_purchasing", "write_purchasing")
    missing = error_of(buyer.post(path, json={"reason": "agreed"}), 403, "missing_scope")
    assert missing["details"]["scope"] == "accept_differences"
    low = desk.key("accept_differences", by=desk.office.manager)
    error_of(low.post(path, json={"reason": "agreed"}), 403, "above_approval_limit")
    error_of(verb(desk, made, "accept", reason=" "), 422, "invalid_request")
    assert verb(desk, made, "accept", reason="agreed by phone").json()["status"] == "approved"


def test_what_has_not_come_is_not_paid_for_whatever_right_one_has(desk: Desk) -> None:
    made = bill(desk, came(desk, units=6))
    refused = error_of(verb(desk, made, "accept", reason="they promised"), 409, "billed_more_than_came")
    assert "6 of 12 have come: 6 more than came" in refused["message"]
    assert verb(desk, made, "dispute", reason="half is missing").json()["next"] == ["approved", "cancelled"]
    assert verb(desk, made, "cancel", reason="they sent a new one").json()["next"] == []


def test_a_number_is_entered_once_and_a_repeated_request_is_one_invoice(desk: Desk) -> None:
    path = f"/api/v1/purchase-orders/{came(desk)['id']}/invoices"
    key = {"Idempotency-Key": "the-post-of-today"}
    first, again = (desk.all.post(path, json=a_bill(), headers=key) for _ in range(2))
    assert (first.json()["id"], again.headers["Idempotency-Replayed"]) == (again.json()["id"], "true")
    error_of(desk.all.post(path, json=a_bill(number="re-1")), 409, "invoice_known")
    assert desk.office.count("supplier_invoices") == 1


def test_who_has_not_seen_the_last_change_overwrites_nothing(desk: Desk) -> None:
    made = bill(desk, came(desk))
    error_of(verb(desk, made, "dispute", reason="no", version=made["version"] + 5), 409, "stale_version")
    assert desk.all.get(f"/api/v1/supplier-invoices/{made['id']}").json()["status"] == "matched"
    error_of(desk.all.get(f"/api/v1/supplier-invoices/{uuid4()}"), 404, "not_found")
    error_of(desk.all.post(f"/api/v1/purchase-orders/{uuid4()}/invoices", json=a_bill()), 404, "not_found")


def test_tolerances_are_set_by_whoever_sets_things_up_and_count_at_once(desk: Desk) -> None:
    made = bill(desk, came(desk), cost=410, total=4920)
    error_of(desk.key("write_purchasing").put("/api/v1/match-tolerances/EUR", json={}), 403, "missing_scope")
    kept = desk.all.put("/api/v1/match-tolerances/EUR", json={"price_ppm": 25_000}).json()
    assert (kept["supplier"], kept["price_ppm"]) == ("", 25_000)
    shown = f"/api/v1/supplier-invoices/{made['id']}"
    assert desk.all.get(shown).json()["status"] == "matched"
    assert desk.all.put("/api/v1/match-tolerances/EUR/HANSA", json={"amount": 119}).status_code == 200
    assert desk.all.get(shown).json()["status"] == "entered"
    error_of(desk.all.put("/api/v1/match-tolerances/EUR/NOBODY", json={}), 404, "not_found")
    listed = desk.all.get("/api/v1/match-tolerances?sort=supplier").json()["data"]
    assert [(row["supplier"], row["amount"]) for row in listed] == [("", 0), ("HANSA", 119)]


def test_what_came_costs_what_it_cost_landed(desk: Desk) -> None:
    order = came(desk, charges=[{"name": "Freight", "amount": 1000}])
    line = desk.all.get(f"/api/v1/purchase-orders/{order['id']}").json()["lines"][0]
    assert (line["landed"], line["landed_unit"]) == (5800, 483)
    (mug,) = desk.all.get("/api/v1/variants?sku_eq=MUG").json()["data"]
    assert (mug["landed_cost"], mug["landed_currency"]) == (483, "EUR")
