"""Papers, pickups and manifests over HTTP: PDFs that open, prints that count, days that carriers keep."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pypdf import PdfReader
from starlette.testclient import TestClient

from db.catalog import Variant
from db.nodes import Node
from tests.fulfilment.makers import send, the_fulfilment
from tests.paper.bars import barcode_of
from tests.serve.conftest import error_of
from tests.serve.test_carrier_accounts import caller
from tests.shipping.conftest import *  # noqa: F403 - the shop with its node and goods
from tests.shipping.makers import a_packed_parcel, a_rate_card, an_account, labels
from tests.shop import TESTER, Shop

PATH = "/api/v1"


def is_pdf(answer: Any) -> bool:
    return answer.headers["content-type"] == "application/pdf" and len(PdfReader(BytesIO(answer.content)).pages) > 0


def abroad(shop: Shop) -> None:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(Node, "LON").address = {"city": "London", "country": "GB"}
        mug = tx.get_one(Variant, "MUG")
        mug.hs_code, mug.origin_country = "691200", "PT"


def test_a_labels_papers_are_there_to_print_and_each_print_counts(shop: Shop) -> None:
    abroad(shop)
    a_rate_card(shop)
    _, parcel = a_packed_parcel(shop)
    (label,), client = labels(shop), caller(shop)
    pdf = client.get(f"{PATH}/labels/{label.id}/label.pdf")
    assert is_pdf(pdf)
    assert barcode_of(pdf.content) == label.tracking_number
    assert is_pdf(client.get(f"{PATH}/parcels/{parcel.id}/slip.pdf", params={"prices": True}))
    assert is_pdf(client.get(f"{PATH}/parcels/{parcel.id}/customs.pdf"))
    told = client.get(f"{PATH}/parcels/{parcel.id}/customs").json()
    assert (told["form"], told["sent_from"], told["sent_to"], told["limit"]) == ("CN 23", "GB", "DE", None)
    for n in (1, 2):
        printed = client.post(f"{PATH}/labels/{label.id}/prints", json={"format": "zpl"}).json()
        assert (printed["prints"], client.get(printed["path"]).text[:3]) == (n, "^XA")
    assert client.get(f"{PATH}/labels/{label.id}").json()["prints"] == 2
    assert client.post(f"{PATH}/labels/{label.id}/prints", json={"format": "png"}).status_code == 422


def test_what_is_missing_for_customs_is_named_by_field_and_product(shop: Shop) -> None:
    abroad(shop)
    a_rate_card(shop)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.get_one(Variant, "MUG").origin_country = None
    _, parcel = a_packed_parcel(shop)
    client = caller(shop)
    refused = client.post(f"{PATH}/parcels/{parcel.id}/label", json={})
    told = error_of(refused, 409, "customs_data_missing")
    assert told["details"]["missing"] == [
        {"sku": "MUG", "title": "Mug", "field": "origin_country", "words": "the country of origin"}
    ]
    error_of(client.get(f"{PATH}/parcels/{parcel.id}/customs.pdf"), 404, "not_found")


def test_an_sdr_rate_is_put_in_and_goods_carry_what_customs_ask(shop: Shop) -> None:
    client = caller(shop)
    body = {"millionths": 1_210_000, "as_of": "2026-03-01"}
    assert client.put(f"{PATH}/sdr-rates/EUR", json=body).json()["version"] == 1
    error_of(client.put(f"{PATH}/sdr-rates/EUR", json={**body, "version": 9}), 409, "stale_version")
    (row,) = client.get(f"{PATH}/sdr-rates").json()["data"]
    assert (row["currency"], row["source"]) == ("EUR", "International Monetary Fund")


def test_a_calendar_a_pickup_and_its_cancelling(shop: Shop) -> None:
    an_account(shop)
    a_packed_parcel(shop)
    client = caller(shop)
    week = [{"weekday": n, "cut_off": "16:00", "start": "16:30", "end": "18:00"} for n in range(5)]
    put = client.put(f"{PATH}/nodes/LON/carrier-calendars/testpost", json={"week": week, "account": "testpost"})
    assert put.json() == {"node": "LON", "carrier": "testpost", "version": 1, "active": True}
    ask = {"node": "LON", "carrier": "testpost", "on": "2026-03-02"}
    made = client.post(f"{PATH}/pickups", json=ask)
    assert (made.status_code, made.json()["status"]) == (201, "asked")
    shop.pump()
    row = client.get(f"{PATH}/pickups/{made.json()['id']}").json()
    assert (row["status"], row["next"], row["parcels"]) == ("booked", ["cancel"], 1)
    assert client.post(f"{PATH}/pickups", json=ask).json()["number"] == row["number"]
    assert client.post(f"{PATH}/pickups/{row['id']}/cancel", json={"reason": "empty"}).json()["status"] == "cancelling"
    shop.pump()
    assert client.get(f"{PATH}/pickups", params={"status_eq": "cancelled"}).json()["data"][0]["id"] == row["id"]
    error_of(client.post(f"{PATH}/pickups/{row['id']}/give-up", json={"reason": "x"}), 409, "illegal_move")
    error_of(client.post(f"{PATH}/pickups", json={**ask, "on": "2026-03-07"}), 409, "nobody_fetches")
    error_of(client.delete(f"{PATH}/carrier-accounts/testpost"), 409, "account_in_use")


def test_a_manifest_is_closed_over_what_left_and_printed(shop: Shop) -> None:
    a_rate_card(shop)
    order, _ = a_packed_parcel(shop)
    client: TestClient = caller(shop)
    assert client.get(f"{PATH}/manifests/unlisted").json() == {"data": []}
    send(shop, the_fulfilment(shop, order))
    shop.pump()
    (open_one,) = client.get(f"{PATH}/manifests/unlisted").json()["data"]
    assert (open_one["carrier"], open_one["account"], open_one["parcels"], open_one["weight_grams"]) == (
        "post", None, 1, 1050,
    )  # fmt: skip
    made = client.post(f"{PATH}/manifests", json={"node": "LON", "carrier": "post"})
    assert (made.status_code, made.json()["status"]) == (201, "closed")
    assert is_pdf(client.get(f"{PATH}/manifests/{made.json()['id']}/manifest.pdf"))
    error_of(client.get(f"{PATH}/manifests/{made.json()['id']}/form.pdf"), 404, "not_found")
    shown = client.get(f"{PATH}/manifests", params={"expand": "parcel_list"}).json()["data"][0]
    assert [p["tracking_number"] for p in shown["parcel_list"]] == [labels(shop)[0].tracking_number]
    error_of(client.post(f"{PATH}/manifests", json={"node": "LON", "carrier": "post"}), 409, "nothing_to_list")


def test_the_bench_names_the_papers_of_each_parcel(shop: Shop) -> None:
    abroad(shop)
    a_rate_card(shop)
    order, _ = a_packed_parcel(shop)
    client = caller(shop)
    (parcel,) = client.get(f"{PATH}/bench/{order.number}").json()["parcels"]
    assert (parcel["formats"], parcel["prints"], parcel["customs"]) == (["zpl", "pdf"], 0, "CN 23")
    client.post(f"{PATH}/labels/{parcel['label_id']}/prints", json={})
    assert client.get(f"{PATH}/bench/{order.number}").json()["parcels"][0]["prints"] == 1
