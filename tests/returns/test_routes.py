"""Returns over HTTP, as the console and a shop's own programs use them."""

from __future__ import annotations

from starlette.testclient import TestClient

from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.returns.makers import a_delivered_order, the_books_add_up
from tests.shop import TESTER, Shop


def caller(shop: Shop, *scopes: str) -> TestClient:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        _, secret = make_key(tx, "desk", sorted(scopes or ALL_SCOPES))
    app = create_app(shop.db, shop, clock=lambda: shop.now)
    return TestClient(app, headers={"Authorization": f"Bearer {secret}"})


def ok(answer: object) -> dict:  # type: ignore[type-arg]
    assert answer.status_code in (200, 201), answer.text  # type: ignore[attr-defined]
    return answer.json()  # type: ignore[attr-defined, no-any-return]


def test_a_return_from_the_first_question_to_the_last_cent(shop: Shop) -> None:
    client = caller(shop)
    rules = [{"name": "Everything", "window_days": 30, "fee_ppm": 100_000}]
    assert ok(client.post("/api/v1/return-policies", json={"rules": rules}))["version"] == 1
    order = a_delivered_order(shop, lines={"MUG": 3}, shipping=300)
    lines = ok(client.get(f"/api/v1/orders/{order.number}/returnable"))["lines"]
    assert [(n["line_no"], n["shipped"], n["returnable"]) for n in lines] == [(1, 3, 3)]
    asked = {"order": order.number, "lines": [{"line_no": 1, "quantity": 2, "reason": "changed_mind"}]}
    told = ok(client.post("/api/v1/returns/preview", json=asked))
    assert (told["paid"], told["fee"], told["shipping"], told["total"]) == (2000, 200, 200, 2000)
    assert told["lines"][0]["until"] == "2026-04-02"
    made = ok(client.post("/api/v1/returns", json=asked | {"note": "rang us"}))
    path = f"/api/v1/returns/{made['id']}"
    assert ok(client.post(f"{path}/approve", json={"version": made["version"]}))["status"] == "approved"
    units = [
        {"line_no": 1, "quantity": 1, "grade": "sellable"},
        {"line_no": 1, "quantity": 1, "grade": "damaged", "note": "cracked"},
    ]
    came = ok(client.post(f"{path}/receive", json={"node": "LON", "units": units}))
    shop.pump()
    assert (came["status"], came["credit"]) == ("received", 1000)
    whole = ok(client.get(path))
    assert (whole["status"], whole["refund_state"], whole["refunded"]) == ("refunded", "settled", 1000)
    assert (whole["withheld"], whole["next"]) == (1, ["pay"])
    assert [(u["grade"], u["quantity"]) for u in whole["graded"]] == [("sellable", 1), ("damaged", 1)]
    assert [move["to_status"] for move in whole["history"]][-1] == "requested"
    paid = {"lines": [{"line_no": 1, "quantity": 1}], "reason": "our box was thin"}
    ok(client.post(f"{path}/pay-withheld", json=paid))
    shop.pump()
    assert ok(client.get(path))["refunded"] == told["total"] == 2000
    (row,) = ok(client.get("/api/v1/returns", params={"order_number_eq": order.number}))["data"]
    assert (row["units"], row["next"]) == (2, [])
    of_order = {"order_id_eq": str(order.id), "expand": "entries"}
    (payment,) = ok(client.get("/api/v1/payments", params=of_order))["data"]
    entry = payment["entries"][-1]
    assert (entry["kind"], entry["return_id"]) == ("refund", made["id"])
    timeline = ok(client.get(f"/api/v1/orders/{order.number}/timeline"))["data"]
    assert any(made["number"] in (row["why"] or "") for row in timeline)
    the_books_add_up(shop)


def test_who_sells_may_ask_and_not_pay_and_the_warehouse_may_grade(shop: Shop) -> None:
    order = a_delivered_order(shop)
    asked = {"order": str(order.id), "lines": [{"line_no": 1, "quantity": 1, "reason": "faulty"}]}
    seller, payer = caller(shop, "read_orders", "write_orders"), caller(shop, "refund_payments")
    made = ok(seller.post("/api/v1/returns", json=asked))
    path = f"/api/v1/returns/{made['id']}"
    assert seller.post(f"{path}/approve", json={}).json()["error"]["details"] == {"scope": "refund_payments"}
    ok(payer.post(f"{path}/approve", json={}))
    units = {"node": "LON", "units": [{"line_no": 1, "quantity": 1, "grade": "missing"}]}
    assert payer.post(f"{path}/receive", json=units).json()["error"]["details"] == {"scope": "write_stock"}
    assert ok(caller(shop, "write_stock").post(f"{path}/receive", json=units))["status"] == "closed"


def test_rules_are_tried_before_they_are_in_force(shop: Shop) -> None:
    a_delivered_order(shop, lines={"MUG": 2})
    rules = [{"name": "None", "country": "DE", "final_sale": True}, {"name": "Else"}]
    told = ok(caller(shop).post("/api/v1/return-policies/try", json={"rules": rules}))
    assert [(r["name"], r["units"], r["final"]) for r in told["rules"]] == [("None", 2, 2), ("Else", 0, 0)]
    assert ok(caller(shop).get("/api/v1/return-policies"))["data"] == []


def test_units_are_weighed_graded_otherwise_and_done(shop: Shop) -> None:
    client, order = caller(shop), a_delivered_order(shop)
    assert ok(client.get("/api/v1/disposition-terms/0"))["rules"][0]["choice"] == "restock"
    rules = [{"grade": "damaged", "choice": "outlet", "share_ppm": 500_000}, {"grade": "damaged", "choice": "recycle"}]
    assert ok(client.post("/api/v1/disposition-terms", json={"rules": rules, "note": "a market"}))["version"] == 1
    (kept,) = ok(client.get("/api/v1/disposition-terms", params={"expand": "rules"}))["data"]
    assert [r["choice"] for r in kept["rules"]] == ["outlet", "recycle"]
    asked = {"order": order.number, "lines": [{"line_no": 1, "quantity": 1, "reason": "faulty"}]}
    path = f"/api/v1/returns/{ok(client.post('/api/v1/returns', json=asked))['id']}"
    ok(client.post(f"{path}/approve", json={}))
    grades = ok(client.post(f"{path}/weigh"))["grades"]
    assert [(g["grade"], g["choices"][0]["choice"]) for g in grades] == [
        ("sellable", "destroy"), ("damaged", "outlet"), ("not_as_described", "destroy"),
    ]  # fmt: skip
    units = {"line_no": 1, "quantity": 1, "grade": "damaged", "disposition": "recycle", "disposition_why": "mould"}
    ok(client.post(f"{path}/receive", json={"node": "LON", "units": [units], "weight_grams": 10}))
    (row,) = ok(client.get("/api/v1/return-dispositions", params={"status_eq": "waiting"}))["data"]
    assert (row["choice"], row["best"], row["why"], row["next"]) == ("recycle", "outlet", "mould", ["done", "change"])
    one = f"/api/v1/return-dispositions/{row['id']}"
    changed = ok(client.post(f"{one}/change", json={"choice": "outlet", "reason": "it was dust"}))
    assert (changed["choice"], changed["value"]) == ("outlet", row["weighed"][0]["value"])
    reader = caller(shop, "read_orders")
    assert reader.post(f"{one}/done", json={}).json()["error"]["details"] == {"scope": "write_stock"}
    assert ok(client.post(f"{one}/done", json={"version": changed["version"]}))["status"] == "done"
    (signal,) = ok(client.get("/api/v1/return-signals", params={"status_eq": "open"}))["data"]
    assert signal["kind"] == "empty_box"
    aside = ok(client.post(f"/api/v1/return-signals/{signal['id']}/set-aside", json={"reason": "scales"}))
    assert aside["status"] == "set_aside"
    rate = ok(client.get("/api/v1/return-rates/items/MUG"))
    assert (rate["back"], rate["bought"], rate["mean_ppm"], rate["rate_ppm"]) == (1, 3, 333_333, 333_333)
    assert client.get("/api/v1/return-rates/items/NONE").status_code == 404
    the_books_add_up(shop)
