"""The whole company behind the door: an order from the catalogue to the doorstep, over HTTP alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from db.session import Database
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.serve.conftest import error_of, names_of
from tests.shop import TESTER, Shop


class Company:
    """A shop with its door open; `pump` lets the agents do what follows."""

    def __init__(self, shop: Shop, database: Database) -> None:
        self.shop, self.database = shop, database
        self.app = create_app(database, shop, clock=lambda: shop.now)

    def caller(self, *scopes: str) -> TestClient:
        with self.database.transaction(TESTER, now=self.shop.now) as tx:
            _, secret = make_key(tx, "test", sorted(scopes or ALL_SCOPES))
        return TestClient(self.app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)


@pytest.fixture
def company(shop: Shop, db_url: str) -> Iterator[Company]:
    database = Database(db_url)
    yield Company(shop, database)
    database.close()


def ok(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def set_up(client: TestClient, stock: int = 10) -> None:
    """A warehouse, a mug, units of it, and what sending costs; all over HTTP."""
    address = {"line1": "1 Dock Rd", "city": "London", "country": "GB", "postcode": "E16"}
    ok(client.put("/api/v1/nodes/LON", json={"name": "London", "time_zone": "Europe/London", "address": address}))
    variant = {"sku": "MUG", "title": "Mug", "weight_grams": 300, "prices": {"EUR": 1250}}
    ok(client.put("/api/v1/products/mug", json={"title": "Mug", "variants": [variant]}))
    receipt = {"node": "LON", "reference": "GRN-1", "lines": [{"sku": "MUG", "quantity": stock}]}
    ok(client.post("/api/v1/stock/receipts", json=receipt), 201)
    card = {
        "currency": "EUR",
        "transit_days": 2,
        "rates": [{"country": "*", "max_weight_grams": 5000, "amount": 490}],
        "valid_from": "2026-01-01T00:00:00Z",
    }
    ok(client.put("/api/v1/rate-cards/test/standard", json=card))


def an_order(**changed: Any) -> dict[str, Any]:
    address = {"name": "Ada King", "line1": "12 Mill Lane", "city": "York", "postcode": "YO1 7EP", "country": "GB"}
    return {
        "channel": "web",
        "currency": "EUR",
        "email": "ada@example.com",
        "lines": [{"sku": "MUG", "quantity": 2}],
        "shipping_address": address,
        **changed,
    }


def test_an_order_goes_from_the_shelf_to_the_doorstep(company: Company) -> None:
    client, shop = company.caller(), company.shop
    set_up(client)
    placed = ok(client.post("/api/v1/orders", json=an_order()), 201)
    assert (placed["total"], placed["display"]["total"]) == (2500, "25.00")
    shop.pump()
    assert ok(client.get("/api/v1/stock/MUG"))["purchasable"] == 8

    order = ok(client.get(f"/api/v1/orders/{placed['number']}"))
    assert order["id"] == placed["id"]
    fulfilment = order["fulfilments"][0]
    walk = ok(client.post("/api/v1/pick-lists", json={"node": "LON", "fulfilments": [fulfilment["id"]]}), 201)
    for task in walk["tasks"]:
        ok(client.post(f"/api/v1/pick-tasks/{task['id']}/pick", json={"quantity": task["quantity"]}))
    parcel = ok(client.post(f"/api/v1/fulfilments/{fulfilment['id']}/parcels", json={}), 201)
    label = ok(client.post(f"/api/v1/parcels/{parcel['id']}/label", json={}), 201)
    shop.pump()
    zpl = client.get(f"/api/v1/labels/{label['id']}/label.zpl")
    assert zpl.headers["content-type"] == "text/plain; charset=utf-8"
    assert zpl.text.startswith("^XA")
    ok(client.post(f"/api/v1/fulfilments/{fulfilment['id']}/dispatch", json={}))
    shop.pump()
    event = {"tracking_number": label["tracking_number"], "event_id": "e1", "status": "delivered"}
    ok(client.post("/api/v1/tracking", json={**event, "at": "2026-03-04T10:00:00Z"}))
    shop.pump()

    order = ok(client.get(f"/api/v1/orders/{placed['id']}"))
    assert (order["status"], order["lines"][0]["shipped"], order["next"]) == ("delivered", 2, ["close"])
    level = ok(client.get("/api/v1/stock/MUG"))
    assert (level["on_hand"], level["allocated"], level["purchasable"]) == (8, 0, 8)
    story = ok(client.get(f"/api/v1/orders/{placed['id']}/timeline"))
    moves = [h["title"] for h in story["data"] if h["kind"] == "move"]
    assert moves[-1].endswith("→ delivered")
    assert [h["at"] for h in story["data"]] == sorted(h["at"] for h in story["data"])
    ledger = ok(client.get("/api/v1/stock/ledger?sku_eq=MUG&sort=id"))["data"]
    assert sum(row["on_hand"] for row in ledger) == 8
    assert shop.dead() == []


def test_the_same_order_twice_is_one_order(company: Company) -> None:
    client = company.caller()
    set_up(client)
    key = {"Idempotency-Key": "cart-42"}
    first = client.post("/api/v1/orders", json=an_order(), headers=key)
    again = client.post("/api/v1/orders", json=an_order(), headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    error_of(client.post("/api/v1/orders", json=an_order(email="b@example.com"), headers=key), 422, "key_reused")
    assert company.shop.count("orders") == 1


def test_more_than_there_is_is_refused_and_nothing_is_kept(company: Company) -> None:
    client = company.caller()
    set_up(client, stock=1)
    answer = client.post("/api/v1/orders", json=an_order())
    assert answer.status_code == 409, answer.text
    assert company.shop.count("orders") == 0
    assert ok(client.get("/api/v1/stock/MUG"))["purchasable"] == 1


def test_what_may_be_done_next_is_said_alike_by_commands_and_questions(company: Company) -> None:
    client = company.caller()
    set_up(client)
    placed = ok(client.post("/api/v1/orders", json=an_order(draft=True)), 201)
    seen = [placed]
    url = f"/api/v1/orders/{placed['id']}"
    for step, body in (
        ("place", {}),
        ("hold", {"reason": "manual"}),
        ("release", {}),
        ("cancel", {"reason": "changed their mind"}),
        ("close", None),
    ):
        read = ok(client.get(url))
        assert (read["status"], sorted(read["next"])) == (seen[-1]["status"], sorted(seen[-1]["next"]))
        seen.append(ok(client.post(f"{url}/{step}", json=body)))
    assert seen[-1]["status"] == "closed"
    assert [s["status"] for s in seen][:2] == ["draft", "released"]


def test_an_edit_is_previewed_and_then_applied(company: Company) -> None:
    client = company.caller()
    set_up(client)
    placed = ok(client.post("/api/v1/orders", json=an_order()), 201)
    url = f"/api/v1/orders/{placed['number']}/edits"
    preview = ok(client.post(url, json={"lines": [{"line_no": 1, "quantity": 3}]}), 201)
    assert preview["obstacles"] == []
    assert ok(client.get(f"/api/v1/orders/{placed['id']}"))["total"] == 2500
    applied = ok(client.post(f"{url}/{preview['id']}/apply"))
    assert (applied["total"], applied["lines"][0]["quantity"]) == (3750, 3)
    error_of(client.post(f"/api/v1/orders/{uuid4()}/edits/{preview['id']}/discard"), 404, "not_found")
    another = ok(client.post(url, json={"lines": [{"line_no": 1, "quantity": 1}]}), 201)
    kept = ok(client.post(f"{url}/{another['id']}/discard"))
    assert (kept["id"], kept["total"], kept["lines"][0]["quantity"]) == (placed["id"], 3750, 3)
    listed = ok(client.get(f"/api/v1/orders/{placed['id']}/edits"))["data"]
    assert sorted(names_of(listed, "state")) == ["applied", "discarded"]


def test_money_is_taken_by_one_and_given_back_by_another(company: Company) -> None:
    seller, cashier = company.caller(), company.caller("refund_payments", "read_payments")
    set_up(seller)
    placed = ok(seller.post("/api/v1/orders", json=an_order()), 201)
    manual = {"amount": 2500, "currency": "EUR", "reference": "bank"}
    payment = ok(seller.post(f"/api/v1/orders/{placed['id']}/payments/manual", json=manual), 201)
    body = {"amount": 500, "reason": "scratched"}
    url = f"/api/v1/payments/{payment['id']}/refund"
    error_of(company.caller("write_payments", "read_payments").post(url, json=body), 403, "missing_scope")
    ok(cashier.post(url, json=body))
    company.shop.pump()
    shown = ok(cashier.get(f"/api/v1/payments/{payment['id']}"))
    assert (shown["captured"], shown["refunded"]) == (2500, 500)
    assert "refund" in shown["next"]


def test_who_sees_orders_and_no_payments_is_told_what_was_left_out(company: Company) -> None:
    client = company.caller()
    set_up(client)
    placed = ok(client.post("/api/v1/orders", json=an_order()), 201)
    ok(client.post(f"/api/v1/orders/{placed['id']}/payments/manual",
                   json={"amount": 2500, "currency": "EUR", "reference": "bank"}), 201)  # fmt: skip
    clerk = company.caller("read_orders")
    seen = ok(clerk.get(f"/api/v1/orders/{placed['id']}"))
    assert (seen["payments"], seen["fulfilments"], seen["hidden"]) == ([], [], ["payments", "fulfilments"])
    story = ok(clerk.get(f"/api/v1/orders/{placed['id']}/timeline"))
    assert story["hidden"] == ["audit"]
    assert "audit" not in {h["kind"] for h in story["data"]}
    assert len(ok(client.get(f"/api/v1/orders/{placed['id']}"))["payments"]) == 1


def test_a_webhook_with_a_wrong_signature_is_not_believed(company: Company) -> None:
    answer = TestClient(company.app).post("/api/v1/webhooks/test", content=b'{"id":"1"}', headers={"X-Signature": "x"})
    assert 400 <= answer.status_code < 500, answer.text
    assert company.shop.count("webhook_receipts") == 0


def test_a_customer_is_kept_exported_and_forgotten(company: Company) -> None:
    client = company.caller()
    set_up(client)
    kept = ok(client.post("/api/v1/customers", json={"email": "ada@example.com", "name": "Ada"}), 201)
    ok(client.post("/api/v1/orders", json=an_order(customer_id=kept["id"])), 201)
    company.shop.pump()
    url = f"/api/v1/customers/{kept['id']}"
    assert ok(client.get(url))["orders"][0]["total"] == 2500
    assert ok(company.caller("read_customers").get(url))["hidden"] == ["orders"]
    export = ok(client.get(f"{url}/export"))
    assert export["orders"][0]["lines"][0]["sku"] == "MUG"
    error_of(company.caller("read_customers").get(f"{url}/export"), 403, "missing_scope")
    number = export["orders"][0]["number"]
    refusal = error_of(client.post(f"{url}/erase", json={"reason": "asked us to"}), 409, "orders_under_way")
    assert refusal["details"] == {"orders": [number]}
    ok(client.post(f"/api/v1/orders/{number}/cancel", json={"reason": "asked us to"}))
    ok(client.post(f"{url}/erase", json={"reason": "asked us to"}))
    company.shop.pump()
    assert "ada@example.com" not in client.get(url).text


def test_stock_work_is_booked_and_shown(company: Company) -> None:
    client = company.caller()
    set_up(client)
    ok(client.put("/api/v1/nodes/BER", json={"name": "Berlin"}))
    wrong = {"node": "LON", "sku": "MUG", "quantity": -1, "reason": "broken", "expected": 99}
    assert client.post("/api/v1/stock/adjustments", json=wrong).status_code == 409
    ok(client.post("/api/v1/stock/adjustments", json={**wrong, "expected": 10}), 201)
    lines = [{"sku": "MUG", "quantity": 4}]
    move = ok(client.post("/api/v1/transfers", json={"from_node": "LON", "to_node": "BER", "lines": lines}), 201)
    ok(client.post(f"/api/v1/transfers/{move['id']}/send", json={}))
    ok(client.post(f"/api/v1/transfers/{move['id']}/receive", json={"lines": lines}))
    assert ok(client.get(f"/api/v1/transfers/{move['id']}"))["lines"][0]["received"] == 4
    levels = {row["node"]: row["on_hand"] for row in ok(client.get("/api/v1/stock?sku_eq=MUG"))["data"]}
    assert levels == {"LON": 5, "BER": 4}
    count = ok(client.post("/api/v1/counts", json={"node": "BER", "bin": "PICK"}), 201)
    counted = [{"sku": "MUG", "counted": 3}]
    assert ok(client.post(f"/api/v1/counts/{count['id']}/post", json={"lines": counted}))["status"] == "posted"
    hold = {"reference": "cart-1", "lines": [{"sku": "MUG", "quantity": 2}]}
    ok(client.post("/api/v1/stock/holds", json=hold), 201)
    assert ok(client.get("/api/v1/stock/MUG"))["purchasable"] == 6
    ok(client.delete("/api/v1/stock/holds/cart-1"))
    assert ok(client.get("/api/v1/stock/MUG"))["purchasable"] == 8


def test_a_dead_letter_is_seen_tried_again_or_thrown_away_and_it_is_written_who_did(company: Company) -> None:
    from db.base import uuid7
    from db.runtime import Delivery

    client = company.caller()
    with company.database.transaction(TESTER, now=company.shop.now) as tx:
        for n in (1, 2):
            tx.add(
                Delivery(agent="orders", lane=0, message_id=uuid7(), subject=f"order:{n}", kind="OrderMoney",
                         payload={}, sender="agent:payments", request_id="", created_at=tx.now, state="dead",
                         attempts=8, due_at=tx.now, error="boom")
            )  # fmt: skip
    agents = {a["agent"]: a for a in ok(client.get("/api/v1/runtime/agents"))["data"]}
    assert agents["orders"]["dead"] == 2
    letters = names_of(ok(client.get("/api/v1/runtime/dead-letters"))["data"], "id")
    ok(client.post(f"/api/v1/runtime/dead-letters/{letters[0]}/retry"))
    ok(client.post(f"/api/v1/runtime/dead-letters/{letters[1]}/discard"))
    error_of(client.post(f"/api/v1/runtime/dead-letters/{letters[0]}/discard"), 409, "not_dead")
    agents = {a["agent"]: a for a in ok(client.get("/api/v1/runtime/agents"))["data"]}
    assert (agents["orders"]["dead"], agents["orders"]["backlog"]) == (0, 1)
    actions = names_of(ok(client.get("/api/v1/audit?record_start=delivery:"))["data"], "action")
    assert sorted(actions) == ["discard", "retry"]
    error_of(company.caller("read_runtime").post(f"/api/v1/runtime/dead-letters/{letters[0]}/retry"), 403,
             "missing_scope")  # fmt: skip


def test_shipments_share_the_money_of_their_order_to_the_cent(company: Company) -> None:
    client, shop = company.caller(), company.shop
    set_up(client, stock=2)
    ok(client.put("/api/v1/nodes/BER", json={"name": "Berlin", "time_zone": "Europe/Berlin", "address": {}}))
    receipt = {"node": "BER", "reference": "GRN-2", "lines": [{"sku": "MUG", "quantity": 1}]}
    ok(client.post("/api/v1/stock/receipts", json=receipt), 201)
    asked = an_order(lines=[{"sku": "MUG", "quantity": 3, "discount": 100}], shipping=500, order_discount=333)
    placed = ok(client.post("/api/v1/orders", json=asked), 201)
    shop.pump()
    values = ok(client.get(f"/api/v1/orders/{placed['number']}/shipment-values"))
    assert [(s["node"], s["lines"][0]["units"]) for s in values["shipments"]] == [("BER", 1), ("LON", 2)]
    assert (values["total"], values["in_shipments"]) == (3817, 3817)
    assert {s["node"]: (s["goods"], s["discount"], s["shipping"]) for s in values["shipments"]} == {
        "BER": (1106, 144, 167),
        "LON": (2211, 289, 333),
    }
    assert (values["rest"]["total"], values["cancelled"]["total"]) == (0, 0)

    of_lon = next(s for s in values["shipments"] if s["node"] == "LON")
    walk = ok(client.post("/api/v1/pick-lists", json={"node": "LON", "fulfilments": [of_lon["fulfilment_id"]]}), 201)
    ok(client.post(f"/api/v1/pick-tasks/{walk['tasks'][0]['id']}/pick", json={"quantity": 2}))
    one = {"lines": [{"sku": "MUG", "quantity": 1}]}
    first = ok(client.post(f"/api/v1/fulfilments/{of_lon['fulfilment_id']}/parcels", json=one), 201)
    second = ok(client.post(f"/api/v1/fulfilments/{of_lon['fulfilment_id']}/parcels", json=one), 201)
    worth = [ok(client.get(f"/api/v1/parcels/{p['id']}"))["value"]["total"] for p in (first, second)]
    whole = ok(client.get(f"/api/v1/fulfilments/{of_lon['fulfilment_id']}"))["value"]
    assert (sum(worth), whole["total"], whole["display"]) == (2544, 2544, "25.44")

    packer = company.caller("read_fulfilment")
    assert ok(packer.get(f"/api/v1/fulfilments/{of_lon['fulfilment_id']}"))["value"] is None
    error_of(company.caller("read_orders").get(f"/api/v1/orders/{placed['id']}/shipment-values"), 403, "missing_scope")
