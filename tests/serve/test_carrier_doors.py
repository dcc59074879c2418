"""What comes from carriers: events through the signed door, codes and invoices as CSV; and who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from agents.shipping.hearing import sign
from db.shipping import Label
from serve.carrier_bill_csv import BadCarrierFile, lines_of
from serve.tracking import BadCodesFile, codes_of
from tests.parcels.makers import a_parcel, need, scan, track
from tests.returns.makers import open_shop
from tests.returns.test_routes import caller, ok
from tests.shop import Shop


@pytest.fixture
def shop(db_url: str) -> Iterator[Shop]:
    company = open_shop(db_url)
    yield company
    company.close()


def post(client: TestClient, shop: Shop, carrier: str, secret: str, events: list[Any], *, age: int = 0) -> Any:
    body = json.dumps({"events": events}).encode()
    timestamp = str(int(shop.now.timestamp()) - age)
    headers = {
        "Backoffice-Timestamp": timestamp,
        "Backoffice-Signature": sign(secret, timestamp, body),
        "Authorization": "",
        "Content-Type": "application/json",
    }
    return client.post(f"/api/v1/tracking/{carrier}", content=body, headers=headers)


def agreed(client: TestClient, label: Label, **more: Any) -> str:
    ok(client.put(f"/api/v1/carrier-terms/{label.carrier}", json={"currency": "EUR", **more}))
    made = ok(client.post(f"/api/v1/carrier-terms/{label.carrier}/secret"))
    secret: str = made["secret"]
    (row,) = ok(client.get("/api/v1/carrier-terms"))["data"]
    assert secret not in json.dumps(row)
    return secret


def test_a_carrier_is_believed_by_its_signature_alone_and_each_event_once(shop: Shop) -> None:
    client = caller(shop)
    order, label = a_parcel(shop)
    event = {"tracking_number": label.tracking_number, "at": "2026-03-02T11:00:00", "code": "Z1", "place": "Köln"}
    assert post(client, shop, label.carrier, "guess", [event]).status_code == 401
    secret = agreed(client, label, time_zone="Europe/Berlin")
    assert post(client, shop, label.carrier, "guess", [event]).status_code == 401
    assert post(client, shop, label.carrier, secret, [event], age=601).status_code == 401
    stranger = {**event, "tracking_number": "NOT-OURS"}
    said = ok(post(client, shop, label.carrier, secret, [event, stranger]))
    assert said == {"taken": 1, "known": 0, "strangers": ["NOT-OURS"], "unmapped": ["Z1"]}
    again = ok(post(client, shop, label.carrier, secret, [{**event, "place": "Cologne"}]))
    assert (again["taken"], again["known"]) == (0, 1)
    assert track(shop, label).status == "unknown"
    (way,) = ok(client.get(f"/api/v1/orders/{order.id}/tracking"))["data"]
    assert [(e["local_at"], e["time_zone"]) for e in way["events"]] == [("2026-03-02T11:00:00+01:00", "Europe/Berlin")]
    file = "code,status,incident,means\nZ1,delivery_failed,not_home,Nobody there\n"
    put = ok(client.put(f"/api/v1/tracking-codes/{label.carrier}", json={"csv": file}))
    assert (put["codes"], put["read_anew"]) == (1, 1)
    assert client.get(f"/api/v1/tracking-codes/{label.carrier}/codes.csv").text.replace("\r\n", "\n") == file
    shop.pump()
    assert track(shop, label).status == "delivery_failed"
    assert need(shop, order).kind == "failed"


def test_a_time_on_no_clock_is_refused_and_nothing_of_the_post_is_kept(shop: Shop) -> None:
    client = caller(shop)
    _, label = a_parcel(shop)
    secret = agreed(client, label)
    good = {"tracking_number": label.tracking_number, "at": "2026-03-02T11:00:00Z", "status": "in_transit"}
    answer = post(client, shop, label.carrier, secret, [good, {**good, "at": "2026-03-02T12:00:00"}])
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "time_without_zone")
    assert shop.count("tracking_events") == 0


def test_money_and_goods_need_the_right_to_do_it_by_hand(shop: Shop) -> None:
    order, label = a_parcel(shop)
    scan(shop, label, "on_hold", incident="lost")
    found = need(shop, order)
    desk = caller(shop, "read_shipping", "write_shipping")
    path = f"/api/v1/parcel-exceptions/{found.id}"
    for action, scope in (("refund", "refund_payments"), ("reship", "write_orders")):
        no = desk.post(f"{path}/act", json={"action": action, "reason": "lost"})
        assert (no.status_code, no.json()["error"]["details"]["scope"]) == (403, scope)
    assert ok(desk.post(f"{path}/act", json={"action": "contact", "reason": "ask"}))["status"] == "waiting"
    whole = ok(desk.get(path))
    assert whole["proposal"][0]["action"] == whole["proposed"]
    assert whole["history"][-1]["to_status"] == "open"


def test_an_invoice_comes_by_the_carriers_own_columns_and_leaves_as_disputes(shop: Shop) -> None:
    client = caller(shop)
    _, label = a_parcel(shop)
    columns = {"tracking_number": "Sendung", "amount": "Betrag", "kind": "Art", "weight_kg": "Gewicht"}
    agreed(client, label, columns=columns)
    euros = f"{label.amount // 100},{label.amount % 100:02}"
    file = (
        f"Sendung;Art;Gewicht;Betrag\n{label.tracking_number};Fracht;0,9;{euros}\n{label.tracking_number};peak;;1,50\n"
    )
    body = {"number": "R-1", "billed_on": "2026-03-02", "currency": "EUR", "csv": file}
    told = ok(client.post(f"/api/v1/carriers/{label.carrier}/invoices", json=body))
    assert (told["lines"], told["flagged"], told["over"]) == (2, 1, 150)
    (flagged,) = ok(client.get("/api/v1/carrier-charges", params={"state_eq": "open"}))["data"]
    assert (flagged["kind"], flagged["reason"], flagged["next"]) == ("peak", "surcharge", ["dispute", "accept"])
    ok(client.post("/api/v1/carrier-charges/dispute", json={"charge_ids": [flagged["id"]], "note": "by mail"}))
    rows = client.get(f"/api/v1/carriers/{label.carrier}/disputes.csv").text.splitlines()
    assert rows[1].startswith(f"R-1,3,{label.tracking_number},peak,1.50,0.00,1.50,EUR,surcharge,")
    (total,) = ok(client.get("/api/v1/carrier-charge-sums"))["data"]
    assert (total["reason"], total["state"], total["charges"], total["over"]) == ("surcharge", "disputed", 1, 150)


def test_carriers_weights_come_back_to_the_product(shop: Shop) -> None:
    client = caller(shop)
    _, label = a_parcel(shop, lines={"MUG": 2})
    file = f"tracking_number,amount,weight_kg\n{label.tracking_number},{(label.amount + 300) / 100:.2f},4.8\n"
    body = {"number": "R-1", "billed_on": "2026-03-02", "currency": "EUR", "csv": file}
    ok(client.post(f"/api/v1/carriers/{label.carrier}/invoices", json=body))
    (hint,) = ok(client.get("/api/v1/variants/MUG/weight-hints"))["data"]
    assert (hint["grams"], hint["product_grams"], hint["over"]) == (2400, 300, 300)
    assert hint["says"] == "Billed 2.4 kg, product says 0.3."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b\n1,2\n", "no column says the tracking number"),
        ("tracking_number,amount\nT1,abc\n", "Row 2"),
        ("tracking_number,amount\n,1.00\n", "neither a tracking number nor our reference"),
        ("tracking_number,amount,weight_kg\nT1,1.00,heavy\n", "which is no weight"),
        ("tracking_number,amount\nT1\n", "it has 1 cells"),
    ],
)
def test_a_bad_invoice_file_says_which_row_and_why(text: str, problem: str) -> None:
    with pytest.raises(BadCarrierFile, match=problem):
        lines_of(text, {}, "EUR")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("code\nZ1\n", "code and status are needed"),
        ("code,status\nZ1,teleported\n", "Row 2: status is 'teleported'"),
        ("code,status\nZ1,delivered\nZ1,delivered\n", "Row 3: 'Z1' is there already"),
        ("code,status,incident\nZ1,on_hold,aliens\n", "incident is 'aliens'"),
    ],
)
def test_a_bad_file_of_codes_says_which_row_and_why(text: str, problem: str) -> None:
    with pytest.raises(BadCodesFile, match=problem):
        codes_of(text)


def test_what_customers_are_mailed_is_their_word_before_everybodys(shop: Shop) -> None:
    client = caller(shop)
    made = ok(client.post("/api/v1/customers", json={"email": "ada@example.org", "name": "Ada"}))
    path = f"/api/v1/customers/{made['id']}/delivery-mail"
    assert ok(client.get(path)) == {
        "customer_id": made["id"], "news": ["delayed", "failed", "ready_for_pickup"], "own": False,
    }  # fmt: skip
    ok(client.put("/api/v1/delivery-mail", json={"news": ["delivered"]}))
    assert ok(client.get(path))["news"] == ["delivered"]
    ok(client.put(path, json={"news": []}))
    assert (ok(client.get(path))["news"], ok(client.get(path))["own"]) == ([], True)
    assert client.put(path, json={"news": ["gossip"]}).status_code == 422
