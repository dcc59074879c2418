"""The packing bench: one scan shows what is to be packed, and the floor's scans are judged by the server."""

from __future__ import annotations

from starlette.testclient import TestClient

from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.fulfilment.conftest import *  # noqa: F403 - the shop with its node and goods
from tests.fulfilment.makers import Promise, a_list, a_released_order, pick, the_fulfilment
from tests.shop import TESTER, Shop


def caller(shop: Shop) -> TestClient:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        _, secret = make_key(tx, "floor", sorted(ALL_SCOPES))
    app = create_app(shop.db, shop, clock=lambda: shop.now)
    return TestClient(app, headers={"Authorization": f"Bearer {secret}"})


def test_a_bench_is_found_by_fulfilment_and_by_order_and_counts_what_is_left(shop: Shop) -> None:
    order = a_released_order(shop, Promise("MUG", 3))
    fulfilment = the_fulfilment(shop, order)
    client = caller(shop)
    bench = client.get(f"/api/v1/bench/{fulfilment.number}").json()
    assert (bench["status"], bench["lines"][0]["left"]) == ("ready", 0)

    (task,) = a_list(shop).tasks
    pick(shop, task, 2)
    pick(shop, task, 1)  # in two goes, and packed as one
    bench = client.get(f"/api/v1/bench/{order.number}").json()
    assert bench["number"] == fulfilment.number
    assert bench["shipping_address"]["name"] == "Ada Byron"
    (line,) = bench["lines"]
    assert (line["sku"], line["picked"], line["packed"], line["left"]) == ("MUG", 3, 0, 3)

    body = {"lines": [{"sku": "MUG", "quantity": 2}], "weight_grams": 900}
    assert client.post(f"/api/v1/fulfilments/{fulfilment.id}/parcels", json=body).status_code == 201
    bench = client.get(f"/api/v1/bench/{fulfilment.number.lower()}").json()
    assert bench["lines"][0]["left"] == 1
    (parcel,) = bench["parcels"]
    assert (parcel["weight_grams"], parcel["lines"], parcel["tracking_number"]) == (
        900, [{"sku": "MUG", "quantity": 2}], None,
    )  # fmt: skip


def test_what_nobody_knows_is_not_on_the_bench(shop: Shop) -> None:
    answer = caller(shop).get("/api/v1/bench/F999999")
    assert answer.status_code == 404
    assert "F999999" in answer.json()["error"]["message"]


def test_the_next_walk_is_the_callers_own(shop: Shop) -> None:
    a_released_order(shop, Promise("MUG", 1))
    client = caller(shop)
    first = client.post("/api/v1/pick-lists/next", json={"node": "LON"}).json()
    assert first["tasks"][0]["title"] == "Mug"
    assert client.post("/api/v1/pick-lists/next", json={"node": "LON"}).json()["id"] == first["id"]
    task = first["tasks"][0]["id"]
    wrong = client.post(f"/api/v1/pick-tasks/{task}/pick", json={"quantity": 1, "scanned_bin": "B-99"})
    assert wrong.status_code == 422 or wrong.status_code == 400
    assert wrong.json()["error"]["code"] == "wrong_scan"
    done = client.post(f"/api/v1/pick-tasks/{task}/pick", json={"quantity": 1, "scanned_bin": "PICK"})
    assert done.json()["status"] == "done"
