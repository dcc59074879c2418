"""Somebody who asks to be forgotten: afterwards no column of any table knows them, and the books still add up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from coordinator.housekeeping import clear_out
from db.audit import run
from db.session import Database
from tests.serve.test_company import Company, an_order, company, ok, set_up  # noqa: F401 - company is a fixture

EMAIL, NAME, PHONE, STREET, REFERENCE = (
    "zebulon@quagmire.example", "Zebulon Quagmire", "555-0199-7731", "77 Xanadu Crescent", "crm-zq-7731",
)  # fmt: skip
TRACES = ("zebulon", "quagmire", "0199-7731", "xanadu", "crm-zq")


def where_known(database: Database) -> dict[str, int]:
    """Columns of any table in which a trace of them is left, and in how many rows."""
    with database.reading() as session:
        columns = session.execute(
            text("""
            SELECT table_name, column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'tsvector')
        """)
        ).all()
        found: dict[str, int] = {}
        for table, column, kind in columns:
            legible = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
            fits = " OR ".join(f"{legible} ILIKE '%{trace}%'" for trace in TRACES)
            rows = session.scalar(text(f"SELECT count(*) FROM {table} WHERE {fits}")) or 0
            if rows:
                found[f"{table}.{column}"] = rows
    return found


def address() -> dict[str, Any]:
    return {"name": NAME, "line1": STREET, "city": "York", "postcode": "YO1 7EP", "country": "GB", "phone": PHONE}


def test_after_erasing_no_column_of_any_table_knows_who_it_was(company: Company) -> None:  # noqa: F811
    client, shop = company.caller(), company.shop
    set_up(client)
    body = {"email": EMAIL, "name": NAME, "phone": PHONE, "external_ref": REFERENCE, "addresses": [address()]}
    customer = ok(client.post("/api/v1/customers", json=body, headers={"Idempotency-Key": "zq-customer"}), 201)
    order = an_order(email=EMAIL, shipping_address=address(), billing_address=address(), customer_id=customer["id"],
                     payment={"provider": "test", "token": "tok_ok"})  # fmt: skip
    placed = ok(client.post("/api/v1/orders", json=order, headers={"Idempotency-Key": "zq-order"}), 201)
    nameless = ok(client.post("/api/v1/orders", json=an_order(email=EMAIL, shipping_address=address())), 201)
    ok(
        client.post(f"/api/v1/orders/{placed['id']}/notes", json={"body": f"{NAME} rang: leave it at the neighbours"}),
        201,
    )
    shop.pump()
    (parcel_of,) = ok(client.get("/api/v1/fulfilments", params={"order_id_eq": placed["id"]}))["data"]
    walk = ok(client.post("/api/v1/pick-lists", json={"node": "LON", "fulfilments": [parcel_of["id"]]}), 201)
    for task in walk["tasks"]:
        ok(client.post(f"/api/v1/pick-tasks/{task['id']}/pick", json={"quantity": task["quantity"]}))
    parcel = ok(client.post(f"/api/v1/fulfilments/{parcel_of['id']}/parcels", json={}), 201)
    ok(client.post(f"/api/v1/parcels/{parcel['id']}/label", json={}), 201)
    ok(client.post(f"/api/v1/fulfilments/{parcel_of['id']}/dispatch", json={}))
    shop.pump()
    assert len(where_known(company.database)) > 5, "they were known in many places"

    ok(client.post(f"/api/v1/orders/{nameless['id']}/cancel", json={"reason": "changed their mind"}))
    shop.pump()
    ok(client.post(f"/api/v1/customers/{customer['id']}/erase", json={"reason": "asked by mail"}))
    shop.pump()

    assert set(where_known(company.database)) <= {"outbox.payload", "idempotent_answers.answer"}
    clear_out(company.database, keep_days=30)  # the clock of the test is months behind
    assert where_known(company.database) == {}
    assert shop.dead() == []
    for order_id in (placed["id"], nameless["id"]):
        kept = ok(client.get(f"/api/v1/orders/{order_id}"))
        assert (kept["total"], kept["email"]) == (2500, None)
        assert kept["shipping_address"]["country"] == "GB", "which tax and which lane it was stays"
    with company.database.reading() as session:
        assert [c.name for c in run(session) if c.violations] == []
