"""Suppliers' credit notes over HTTP: what is owed is shown, given back once, taken by whoever may, settled once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.purchasing.conftest import Office
from tests.purchasing.test_invoices_at_the_desk import bill, came
from tests.purchasing.test_invoices_at_the_desk import verb as of_invoice
from tests.purchasing.test_routes import Desk
from tests.serve.conftest import error_of


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def paid(desk: Desk, **body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    invoice = bill(desk, order := came(desk), **body)
    assert of_invoice(desk, invoice, "approve").status_code == 200
    assert of_invoice(desk, invoice, "pay", paid_on="2026-03-30", reference="SEPA 77").status_code == 200
    return order, invoice


def a_note(units: int = 2, cost: int = 400, **body: Any) -> dict[str, Any]:
    lines = [{"line_no": 1, "quantity": units, "unit_cost": cost}]
    return {"number": "GS-1", "credited_on": "2026-03-02", "lines": lines, "total": units * cost} | body


def enter(desk: Desk, order: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = desk.all.post(f"/api/v1/purchase-orders/{order['id']}/credits", json=a_note(**body))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def verb(desk: Desk, note: dict[str, Any], what: str, **body: Any) -> Any:
    return desk.all.post(f"/api/v1/supplier-credits/{note['id']}/{what}", json=body)


def owed(desk: Desk, query: str = "") -> list[dict[str, Any]]:
    return list(desk.all.get(f"/api/v1/supplier-claims?{query}").json()["data"])


def test_what_is_owed_is_listed_until_it_is_given_back_and_settled_once(desk: Desk) -> None:
    order, invoice = paid(desk)
    assert owed(desk) == []
    desk.office.came(UUID(order["id"]), 1, -2)
    (claim,) = owed(desk, f"supplier_eq=HANSA&purchase_id_eq={order['id']}")
    known = ("number", "sku", "currency", "billed", "kept", "given_back", "owed_units", "owed_for_units", "owed")
    assert [claim[name] for name in known] == [order["number"], "MUG", "EUR", 12, 10, 0, 2, 800, 800]
    assert owed(desk, "supplier_eq=OTHER") == []
    made = enter(desk, order, invoice_id=invoice["id"], tax=152, total=952)
    assert (made["status"], made["next"]) == ("matched", ["approved", "cancelled", "disputed"])
    assert verb(desk, made, "approve").json()["next"] == ["settled"]
    assert owed(desk) == []
    assert verb(desk, made, "settle", settled_on="2026-04-02", reference="off RE-2").json()["status"] == "settled"
    error_of(verb(desk, made, "settle", settled_on="2026-04-02", reference="off RE-2"), 409, "illegal_move")
    shown = desk.all.get(f"/api/v1/supplier-credits/{made['id']}").json()
    assert (shown["invoice"], shown["purchase"], shown["settlement_reference"]) == ("RE-1", order["number"], "off RE-2")
    assert shown["lines"] == [
        {"no": 1, "purchase_line": 1, "sku": "MUG", "quantity": 2, "unit_cost": 400, "total": 800}
    ]
    listed = desk.all.get("/api/v1/supplier-credits?status_eq=settled&expand=lines&page=1").json()
    assert [(row["number"], len(row["lines"])) for row in listed["data"]] == [("GS-1", 1)]


def test_taking_what_differs_needs_a_right_of_its_own_and_a_reason(desk: Desk) -> None:
    order, _ = paid(desk)
    note = enter(desk, order)
    path = f"/api/v1/supplier-credits/{note['id']}/accept"
    buyer = desk.key("read_purchasing", "write_purchasing")
    refused = error_of(buyer.post(path, json={"reason": "a gift"}), 403, "missing_scope")
    assert refused["details"]["scope"] == "accept_differences"
    error_of(verb(desk, note, "approve"), 409, "credit_differs")
    error_of(verb(desk, note, "accept", reason=" "), 422, "invalid_request")
    assert verb(desk, note, "accept", reason="a gift").json()["status"] == "approved"
    second = enter(desk, order, number="GS-2", units=11)
    error_of(verb(desk, second, "accept", reason="a gift"), 409, "given_back_twice")


def test_a_note_is_disputed_and_cancelled_and_its_number_is_free_again(desk: Desk) -> None:
    order, _ = paid(desk)
    note = enter(desk, order)
    error_of(desk.all.post(f"/api/v1/purchase-orders/{order['id']}/credits", json=a_note()), 409, "credit_known")
    error_of(verb(desk, note, "dispute", reason="we have them", version=9), 409, "stale_version")
    assert verb(desk, note, "dispute", reason="we have them").json()["next"] == ["approved", "cancelled"]
    assert verb(desk, note, "cancel", reason="taken back").json()["status"] == "cancelled"
    assert enter(desk, order)["status"] == "entered"
    error_of(desk.all.get(f"/api/v1/supplier-credits/{order['id']}"), 404, "not_found")
