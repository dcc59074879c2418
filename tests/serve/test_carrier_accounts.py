"""Carrier accounts and labels from them over HTTP: nothing secret comes out, and whoever waits is told."""

from __future__ import annotations

import threading
from typing import Any

from starlette.testclient import TestClient

from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.shipping.conftest import *  # noqa: F403 - the shop with its node and goods
from tests.shipping.makers import a_packed_parcel, a_rate_card, an_account
from tests.shop import TESTER, Shop


def caller(shop: Shop) -> TestClient:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        _, secret = make_key(tx, "carriers", sorted(ALL_SCOPES))
    app = create_app(shop.db, shop, clock=lambda: shop.now)
    return TestClient(app, headers={"Authorization": f"Bearer {secret}"})


def pumped(shop: Shop, ask: Any) -> Any:
    """What an answer is that waits for the background, which works meanwhile."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.05):
            shop.pump()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        return ask()
    finally:
        over.set()
        thread.join()


def test_an_account_is_put_in_listed_tried_and_removed(shop: Shop) -> None:
    client = caller(shop)
    body = {"name": "Test carrier", "provider": "test", "nodes": ["LON"], "options": {"rates": "works"}}
    made = client.put("/api/v1/carrier-accounts/testpost", json=body)
    assert (made.status_code, made.json()["version"]) == (200, 1)
    (row,) = client.get("/api/v1/carrier-accounts").json()["data"]
    assert (row["code"], row["health"], row["hint"], row["failures"]) == ("testpost", "unknown", None, None)
    tried = pumped(
        shop,
        lambda: client.post("/api/v1/carrier-accounts/testpost/try", json={"node": "LON", "country": "DE"}).json(),
    )
    assert [(r["service"], r["amount"]) for r in tried["rates"]] == [("economy", 440), ("express", 1130)]
    assert client.get(f"/api/v1/carrier-trials/{tried['id']}").json() == tried
    assert client.get("/api/v1/carrier-accounts/testpost").json()["health"] == "works"
    assert client.get("/api/v1/carrier-accounts", params={"failures_gt": "0"}).json()["data"] == []
    stale = client.put("/api/v1/carrier-accounts/testpost", json={**body, "version": 7})
    assert stale.json()["error"]["code"] == "stale_version"
    assert client.delete("/api/v1/carrier-accounts/testpost").status_code == 200
    assert client.get("/api/v1/carrier-accounts").json()["data"] == []


def test_what_makes_no_sense_is_said(shop: Shop) -> None:
    client = caller(shop)
    for body, said in (
        ({"provider": "ghost"}, "no provider 'ghost'"),
        ({"provider": "test", "mode": "live"}, "used in mode test"),
        ({"provider": "test", "options": {"rates": "fails"}}, "knows no rates 'fails'"),
        ({"provider": "test", "nodes": ["MARS"]}, "no node MARS"),
        ({"provider": "test", "credentials": {"api_key": "x"}}, "takes no api_key"),
        ({"provider": "easypost"}, "needs api_key"),
    ):
        answer = client.put("/api/v1/carrier-accounts/a", json={"name": "A", **body})
        assert answer.status_code in (404, 422), body
        assert said in answer.json()["error"]["message"], body
    assert client.get("/api/v1/carrier-accounts").json()["data"] == []


def test_who_buys_waits_for_the_carrier_and_is_told_how_far_it_came(shop: Shop) -> None:
    a_rate_card(shop)
    an_account(shop)
    client = caller(shop)
    _, parcel = a_packed_parcel(shop, heard=False)
    path = f"/api/v1/parcels/{parcel.id}/label"
    early = client.post(path, json={}, params={"wait": 0}).json()
    assert (early["state"], early["tracking_number"]) == ("asked", "")
    label = pumped(shop, lambda: client.post(path, json={}).json())
    assert (label["id"], label["state"], label["carrier"], label["next"]) == (
        early["id"],
        "live",
        "testpost",
        ["voided"],
    )
    (purchase,) = client.get("/api/v1/label-purchases").json()["data"]
    assert (purchase["id"], purchase["status"], purchase["next"]) == (label["id"], "bought", [])
    assert client.get(f"/api/v1/labels/{label['id']}/label.zpl").text.startswith("^XA")
