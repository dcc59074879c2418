"""Whole files: brought in parts, mapped, tried, run in the background, mended, and gone on with after a crash."""

from __future__ import annotations

import asyncio
import time
import zipfile
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from db.errors import Unavailable
from serve.app import create_app
from serve.importing import runner as running
from serve.importing.columns import KINDS
from serve.importing.presets import PRESETS, recognise
from serve.importing.reading import Unreadable, read_table
from serve.importing.runner import Runner
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.serve.conftest import error_of
from tests.serve.import_files import (
    AMAZON_INVENTORY,
    AMAZON_LISTINGS,
    AMAZON_ORDERS,
    SHOPIFY_CUSTOMERS,
    SHOPIFY_INVENTORY,
    SHOPIFY_ORDERS,
    SHOPIFY_PRODUCTS,
)
from tests.shop import TESTER, Shop

PATH = "/api/v1/import-runs"


class Desk:
    """Somebody at a screen, and the worker that the gateway would run."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.app = create_app(shop.db, shop, clock=lambda: shop.now)
        self.runner: Runner = self.app.state.imports
        self.client = self.key(*ALL_SCOPES)
        self.loop = asyncio.new_event_loop()

    def key(self, *scopes: str) -> TestClient:
        with self.shop.db.transaction(TESTER, now=self.shop.now) as tx:
            _, secret = make_key(tx, "test", sorted(scopes))
        return TestClient(self.app, headers={"Authorization": f"Bearer {secret}"})

    def upload(self, kind: str, content: str | bytes, name: str = "file.csv", client: TestClient | None = None) -> Any:
        client = client or self.client
        made = client.post(PATH, json={"kind": kind, "file_name": name})
        assert made.status_code == 201, made.text
        content = content.encode() if isinstance(content, str) else content
        for n, start in enumerate(range(0, len(content), 1_000_000)):
            part = client.put(f"{PATH}/{made.json()['id']}/parts/{n}", content=content[start : start + 1_000_000])
            if part.status_code != 200:
                return part
        return client.post(f"{PATH}/{made.json()['id']}/read", json={})

    def a_run(self, kind: str, content: str | bytes, **constants: str) -> dict[str, Any]:
        answer = self.upload(kind, content)
        assert answer.status_code == 200, answer.text
        run = dict(answer.json())
        if constants:
            mapping = {**run["mapping"], **{k: {"value": v} for k, v in constants.items()}}
            run = self.say(run, "mapping", put={"mapping": mapping})
        return run

    def say(self, run: dict[str, Any], verb: str, put: Any = None) -> dict[str, Any]:
        url = f"{PATH}/{run['id']}/{verb}"
        answer = self.client.put(url, json=put) if put is not None else self.client.post(url)
        assert answer.status_code in (200, 202), answer.text
        return dict(answer.json())

    def work(self) -> None:
        while self.run(self.runner.work_on_one()):
            pass

    def run(self, work: Coroutine[Any, Any, bool]) -> bool:
        return self.loop.run_until_complete(work)

    def see(self, run: dict[str, Any]) -> dict[str, Any]:
        return dict(self.client.get(f"{PATH}/{run['id']}").json())

    def brought(self, run: dict[str, Any]) -> dict[str, Any]:
        self.say(run, "start")
        self.work()
        return self.see(run)

    def failed(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.client.get(f"{PATH}/{run['id']}/rows?state_eq=failed").json()["data"])

    def rows(self, query: str) -> list[Any]:
        with self.shop.db.reading() as session:
            return list(session.execute(text(query)))


@pytest.fixture
def desk(shop: Shop) -> Iterator[Desk]:
    shop.a_node()
    shop.a_sku()
    one = Desk(shop)
    yield one
    one.loop.close()


CUSTOMERS = "E-mail;Full name;Notes\nada@example.com;Ada;x\nrubbish;Bob;\neve@example.com;Eve;\n"


def test_a_file_is_read_suggested_tried_run_mended_and_retried(desk: Desk) -> None:
    run = desk.a_run("customers", CUSTOMERS)
    assert (run["status"], run["delimiter"], run["encoding"], run["total_rows"]) == ("ready", ";", "utf-8", 3)
    assert run["mapping"] == {"email": {"take": "E-mail"}, "name": {"take": "Full name"}}
    assert run["columns"][0] == {"name": "E-mail", "samples": ["ada@example.com", "rubbish", "eve@example.com"]}
    assert (run["missing"], run["next"]) == ([], ["mapping", "check", "start", "cancel"])
    desk.say(run, "check")
    desk.work()
    tried = desk.see(run)
    assert (tried["status"], tried["dry_counts"]["created"]) == ("ready", 2)
    assert (tried["rows"], tried["looked_at"]) == ({"waiting": 2, "done": 0, "failed": 1}, 3)
    assert desk.shop.count("customers") == 0
    done = desk.brought(run)
    assert (done["status"], done["counts"]["created"], done["rows"]["failed"]) == ("done", 2, 1)
    (told,) = desk.shop.said("TellPeople")
    assert (told["principal"], told["subject"], told["body"]) == (
        done["owner"], f"import:{run['id']}", "2 created. 1 row was left out; mend it there.")  # fmt: skip
    (row,) = desk.failed(run)
    assert (row["number"], row["given"][0], row["errors"][0]["column"]) == (3, "rubbish", "email")
    assert "is not a mail address" in row["errors"][0]["message"]
    csv = desk.client.get(f"{PATH}/{run['id']}/failed.csv")
    assert csv.content.decode("utf-8-sig").splitlines()[1].startswith("rubbish,Bob,,'rubbish' is not")
    mended = desk.client.patch(f"{PATH}/{run['id']}/rows/3", json={"cells": {"E-mail": "bob@example.com"}})
    assert (mended.status_code, mended.json()["mended"]) == (200, True)
    again = desk.brought(run)
    assert [t["kind"] for t in desk.shop.said("TellPeople")] == ["import_failed", "import_finished"]
    assert (again["counts"]["created"], again["counts"]["unchanged"]) == (3, 0), "what was done is not looked at again"
    assert again["rows"] == {"waiting": 0, "done": 3, "failed": 0}
    assert sorted(r.email for r in desk.rows("SELECT email FROM customers")) == [
        "ada@example.com", "bob@example.com", "eve@example.com"]  # fmt: skip
    taken = desk.client.patch(f"{PATH}/{run['id']}/rows/3", json={"cells": {"E-mail": "x@example.com"}})
    error_of(taken, 409, "not_now")


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    first = desk.brought(desk.a_run("customers", CUSTOMERS))
    second = desk.brought(desk.a_run("customers", CUSTOMERS))
    assert first["counts"]["created"] == 2
    assert (second["counts"]["created"], second["counts"]["unchanged"], second["rows"]["failed"]) == (0, 2, 1)


# Presets


def test_every_preset_fills_columns_that_are_there_and_knows_its_own_file() -> None:
    for preset in PRESETS:
        known = {c.name for c in KINDS[preset.kind]}
        assert {*preset.columns, *preset.asks} <= known, preset.name
        lacking = {c.name for c in KINDS[preset.kind] if c.required} - {*preset.columns, *preset.asks}
        assert lacking == set(), preset.name
    files = {"shopify_orders": SHOPIFY_ORDERS, "shopify_products": SHOPIFY_PRODUCTS, "amazon_orders": AMAZON_ORDERS,
             "shopify_customers": SHOPIFY_CUSTOMERS, "shopify_inventory": SHOPIFY_INVENTORY,
             "amazon_listings": AMAZON_LISTINGS, "amazon_inventory": AMAZON_INVENTORY}  # fmt: skip
    assert set(files) == {p.name for p in PRESETS}
    for preset in PRESETS:
        found = recognise(preset.kind, read_table(files[preset.name].encode()).heading)
        assert found is not None
        assert found.name == preset.name


def test_orders_of_shopify(desk: Desk) -> None:
    run = desk.a_run("orders", SHOPIFY_ORDERS)
    assert (run["preset"], run["missing"]) == ("shopify_orders", [])
    done = desk.brought(run)
    assert (done["counts"]["created"], done["rows"]) == (2, {"waiting": 0, "done": 3, "failed": 1})
    kept = desk.rows("SELECT * FROM orders ORDER BY external_ref")
    assert [(o.external_ref, o.channel, o.status, o.total, o.tags) for o in kept] == [
        ("#1001", "web", "shipped", 3590, ["vip", "gift"]), ("#1002", "store", "cancelled", 800, [])]  # fmt: skip
    assert kept[0].shipping_address["postcode"] == "YO1 7EP"
    assert kept[0].email == "ada@example.com"
    assert [r.tax_rate_ppm for r in desk.rows("SELECT tax_rate_ppm FROM order_lines")] == [200_000] * 3
    (row,) = desk.failed(run)
    assert "status cannot be 'unfulfilled'" in row["errors"][0]["message"]


def test_products_of_shopify_ask_for_the_currency(desk: Desk) -> None:
    run = desk.a_run("products", SHOPIFY_PRODUCTS)
    assert (run["preset"], run["missing"]) == ("shopify_products", ["currency"])
    error_of(desk.client.post(f"{PATH}/{run['id']}/start"), 422, "columns_missing")
    run = desk.say(run, "mapping", put={"mapping": {**run["mapping"], "currency": {"value": "GBP"}}})
    done = desk.brought(run)
    assert (done["counts"]["updated"], done["rows"]["failed"], desk.failed(run)) == (1, 0, [])
    kept = desk.rows("SELECT sku, options, barcode, weight_grams FROM variants WHERE sku <> 'MUG' ORDER BY sku")
    assert [tuple(r) for r in kept] == [("MUG-BLUE", {"Colour": "Blue"}, "4006381333931", 310),
                                        ("MUG-RED", {"Colour": "Red"}, None, 310)]  # fmt: skip


def test_customers_and_inventory_of_shopify(desk: Desk) -> None:
    assert desk.brought(desk.a_run("customers", SHOPIFY_CUSTOMERS))["counts"]["created"] == 1
    (person,) = desk.rows("SELECT * FROM customers")
    assert (person.email, person.external_ref, person.name) == ("ada@example.com", "7001", "Ada King")
    with desk.shop.db.transaction(TESTER) as tx:
        tx.execute(text("UPDATE nodes SET name = 'London' WHERE code = 'LON'"))
    run = desk.a_run("stock", SHOPIFY_INVENTORY)
    assert desk.brought(run)["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "skipped": 0}
    assert desk.shop.level("MUG", "LON").on_hand == 5


def test_orders_of_amazon_with_a_line_that_was_cancelled_and_prices_of_whole_lines(desk: Desk) -> None:
    run = desk.a_run("orders", AMAZON_ORDERS.encode("cp1252"))
    assert (run["preset"], run["delimiter"], run["encoding"]) == ("amazon_orders", "\t", "cp1252")
    done = desk.brought(run)
    assert (done["counts"]["created"], desk.failed(run)) == (2, [])
    uk, us = desk.rows("SELECT * FROM orders ORDER BY external_ref")
    assert (uk.channel, uk.status, uk.tax_inclusive, uk.total, uk.shipping) == (
        "marketplace", "shipped", True, 900 + 400 + 350, 350)  # fmt: skip
    assert (us.status, us.tax_inclusive, us.total, us.tax) == ("delivered", False, 2165, 165)
    lines = desk.rows("SELECT l.* FROM order_lines l JOIN orders o ON o.id = order_id ORDER BY external_ref, line_no")
    assert [(n.sku, n.quantity, n.cancelled, n.shipped, n.total, n.cancelled_amount) for n in lines] == [
        ("PAN-6", 3, 0, 3, 900, 0), ("LID-1", 1, 1, 0, 400, 400), ("PAN-6", 1, 0, 1, 2165, 0)]  # fmt: skip
    assert lines[0].title == 'Pan 6" for café'
    assert uk.cancelled_total == 400
    assert desk.brought(desk.a_run("orders", AMAZON_ORDERS.encode("cp1252")))["counts"]["skipped"] == 2


def test_listings_and_inventory_of_amazon(desk: Desk) -> None:
    assert desk.brought(desk.a_run("products", AMAZON_LISTINGS, currency="USD"))["counts"]["created"] == 1
    (pan,) = desk.rows("SELECT v.sku, v.barcode, p.handle, p.status FROM variants v JOIN products p ON p.id = "
                       "product_id WHERE v.sku <> 'MUG'")  # fmt: skip
    assert tuple(pan) == ("PAN-6/A", "4006381333931", "pan-6-a", "draft")
    assert desk.brought(desk.a_run("stock", AMAZON_INVENTORY, node="LON"))["counts"]["created"] == 1
    assert desk.shop.level("MUG", "LON").on_hand == 7


# What goes wrong


def test_a_process_that_dies_in_the_middle_leaves_the_rest_to_another(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "USUAL_BATCH", 10)
    content = "email\n" + "".join(f"p{n}@example.com\n" for n in range(35))
    run = desk.a_run("customers", content)
    desk.say(run, "start")
    first = desk.runner
    taken = first._take()
    assert taken is not None
    assert desk.run(first._batch(taken))
    assert desk.run(first._batch(taken))
    half = desk.see(run)
    assert (half["status"], half["rows"]["done"], half["looked_at"]) == ("running", 20, 20)
    other = Runner(desk.shop.db, desk.shop, lambda: desk.shop.now)
    assert desk.run(other.work_on_one()) is False, "it is still in the first one's hands"
    desk.shop.later(seconds=31)
    assert desk.run(other.work_on_one())
    assert desk.run(first._batch(replace(taken))) is False, "who wakes up later finds that it is over"
    done = desk.see(run)
    assert (done["status"], done["counts"]["created"], desk.shop.count("customers")) == ("done", 35, 35)


def test_a_batch_that_was_done_and_not_written_down_changes_nothing_when_it_is_done_again(desk: Desk) -> None:
    run = desk.a_run("customers", CUSTOMERS)
    desk.say(run, "start")
    lost = desk.runner._take()
    assert lost is not None
    desk.runner._write_down = lambda *_: (_ for _ in ()).throw(Unavailable("gone"))  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        desk.run(desk.runner._batch(lost))
    assert desk.shop.count("customers") == 2
    del desk.runner._write_down
    desk.shop.later(seconds=31)
    desk.work()
    assert (desk.see(run)["rows"]["done"], desk.shop.count("customers")) == (2, 2)


def test_a_cancelled_one_stops_and_can_go_on(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "USUAL_BATCH", 10)
    run = desk.a_run("customers", "email\n" + "".join(f"p{n}@example.com\n" for n in range(25)))
    desk.say(run, "start")
    taken = desk.runner._take()
    assert taken is not None
    desk.run(desk.runner._batch(taken))
    stopped = desk.say(run, "cancel")
    assert (stopped["status"], stopped["next"], stopped["in_hand"]) == ("cancelled", ["start"], True)
    assert desk.run(desk.runner._batch(taken)) is False
    left = desk.see(run)
    assert (left["rows"]["done"], left["in_hand"]) == (20, False), "the batch in hand was written down, and no more"
    desk.work()
    assert desk.shop.count("customers") == 20
    assert desk.brought(run)["rows"]["done"] == 25


def test_scopes_bound_it_from_upload_to_the_last_row(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "USUAL_BATCH", 1)
    seller = desk.key("read_customers", "write_customers")
    error_of(seller.post(PATH, json={"kind": "orders", "file_name": "x.csv"}), 403, "missing_scope")
    run = desk.upload("customers", CUSTOMERS, client=seller).json()
    for lacks in ("write_customers", "read_customers"):
        stranger = desk.key(*(ALL_SCOPES - {lacks}))
        path = f"{PATH}/{run['id']}"
        asked = [stranger.get(path + part) for part in ("", "/rows", "/failed.csv")]
        asked += [stranger.post(path + verb) for verb in ("/check", "/start", "/cancel")]
        asked += [stranger.post(f"{path}/read", json={}), stranger.put(f"{path}/parts/0", content=b"x")]
        asked += [stranger.put(f"{path}/mapping", json={"mapping": {}})]
        asked += [stranger.patch(f"{path}/rows/2", json={"cells": {"E-mail": "x"}})]
        for answer in asked:
            assert error_of(answer, 403, "missing_scope")["details"] == {"scope": lacks}
        assert stranger.get(PATH).json()["data"] == []
        assert stranger.get("/api/v1/exports/imports.csv").text.count("\n") == 1
    assert [r["id"] for r in seller.get(PATH).json()["data"]] == [run["id"]]
    seller.post(f"{PATH}/{run['id']}/start")
    taken = desk.runner._take()
    assert taken is not None
    with desk.shop.db.transaction(TESTER) as tx:
        tx.execute(text("UPDATE api_keys SET scopes = ARRAY['read_customers'] WHERE id = :id"), {"id": taken.owner[4:]})
    assert desk.run(desk.runner._batch(taken)) is False
    over = desk.see(run)
    assert (over["status"], over["why"]) == ("cancelled", "Who started it no longer holds write_customers.")
    assert desk.shop.count("customers") == 1


def a_zip() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (a_zip(), "Excel or ZIP file"),
        (b"\x1f\x8b\x08\x00" + b"x" * 100, "a gzip file"),
        (b"%PDF-1.7 ...", "a PDF file"),
        (b"", "is empty"),
        (b"\n\n\n", "is empty"),
        (b"email,name\n", "a heading and no rows"),
        (b"email\x00,name\nx,y\n", "NUL"),
        (b"email,name\nx,y,z\n", "more cells than the heading"),
        (b",".join(b"c%d" % n for n in range(400)) + b"\nx\n", "more than 300 columns"),
        (b"email\n" + b"x" * 60_000, "more than 50000 letters"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(desk: Desk, content: bytes, why: str) -> None:
    assert why in error_of(desk.upload("customers", content), 422, "file_unreadable")["message"]


def test_a_file_that_is_too_large_is_refused_part_by_part(desk: Desk, monkeypatch: Any) -> None:
    from serve import import_files

    monkeypatch.setattr(import_files, "MOST_BYTES", 1_500_000)
    answer = desk.upload("customers", b"email\n" + b"a@example.com\n" * 120_000)
    assert "Split it up" in error_of(answer, 422, "file_unreadable")["message"]
    with pytest.raises(Unreadable, match="more than 100000 rows"):
        read_table(b"email\n" + b"a\n" * 100_001)


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("é,b\n1,2\n".encode(), "utf-8", ","),
        ("é;b\n1;2\n".encode("utf-8-sig"), "utf-8", ";"),
        ("é\tb\n1\t2\n".encode("utf-16"), "utf-16", "\t"),
        ("é|b\n1|2\n".encode("cp1252"), "cp1252", "|"),
    ],
)
def test_letters_and_delimiters_are_found_out(content: bytes, encoding: str, delimiter: str) -> None:
    table = read_table(content)
    assert (table.encoding, table.delimiter, table.heading, table.rows) == (
        encoding,
        delimiter,
        ["é", "b"],
        [["1", "2"]],
    )


@pytest.mark.parametrize(
    "mapping",
    [
        {"colour": {"take": "E-mail"}},
        {"email": {"take": "Colour"}},
        {"email": {}},
        {"email": {"take": "E-mail", "value": "x"}},
        {"email": {"preset": "shopify_orders"}},
        {"email": {"preset": "nobody"}},
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(desk: Desk, mapping: dict[str, Any]) -> None:
    run = desk.a_run("customers", CUSTOMERS)
    error_of(desk.client.put(f"{PATH}/{run['id']}/mapping", json={"mapping": mapping}), 422, "bad_mapping")
    assert desk.see(run)["mapping"] == run["mapping"]


def test_verbs_that_do_not_fit_the_moment_are_refused_with_what_does(desk: Desk) -> None:
    run = desk.a_run("customers", CUSTOMERS)
    desk.say(run, "start")
    error = error_of(desk.client.post(f"{PATH}/{run['id']}/start"), 409, "not_now")
    assert error["details"] == {"status_now": "running", "wanted": "start", "next": ["cancel"]}
    error_of(desk.client.put(f"{PATH}/{run['id']}/mapping", json={"mapping": {}}), 409, "not_now")
    error_of(desk.client.get(f"{PATH}/01a204b0-4a6a-7000-af09-6d058ac635cb"), 404, "not_found")


def test_rows_of_one_order_stay_together_wherever_they_stand(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setitem(running.BATCH, "orders", 2)
    head = "order,channel,placed_at,currency,sku,quantity,unit_price\n"
    rows = [f"A-{n},web,2025-11-03,EUR,MUG,1,1.00\n" for n in range(5)]
    extra = [f"A-{n},web,,,TEA,2,1.00\n" for n in range(5)]
    done = desk.brought(desk.a_run("orders", head + "".join(rows + extra)))
    assert (done["counts"]["created"], done["rows"]["done"]) == (5, 10)
    assert desk.shop.count("order_lines") == 10


def test_the_worker_of_the_gateway_begins_with_it_and_does_what_is_started(desk: Desk) -> None:
    run = desk.a_run("customers", CUSTOMERS)
    with TestClient(desk.app, headers=desk.client.headers) as served:
        served.post(f"{PATH}/{run['id']}/start")
        for _ in range(200):
            if served.get(f"{PATH}/{run['id']}").json()["status"] == "done":
                break
            time.sleep(0.05)
        assert served.get(f"{PATH}/{run['id']}").json()["status"] == "done"


def attention(client: TestClient) -> dict[str, Any]:
    (row,) = (r for r in client.get("/api/v1/attention").json()["data"] if r["code"] == "import_failed")
    return dict(row)


def test_an_import_with_rows_left_out_needs_somebody_who_may_mend_it_for_a_week(desk: Desk) -> None:
    run = desk.a_run("customers", CUSTOMERS)
    desk.say(run, "check")
    desk.work()
    assert attention(desk.client)["count"] == 0  # somebody is at it
    desk.brought(run)
    row = attention(desk.client)
    assert (row["count"], row["urgent"], row["list"]) == (1, True, "import-runs")
    both = ("read_customers", "write_customers")
    for scopes, count in ((both, 1), (both[1:], 0), (("read_orders", "write_orders"), 0)):
        client = desk.key(*scopes)
        asked = {**attention(client)["filters"], "count": "exact"}
        found = client.get("/api/v1/import-runs", params=asked).json()
        assert attention(client)["count"] == found["page"]["total"] == len(found["data"]) == count
    assert "import_failed" in desk.key("read_orders").get("/api/v1/attention").json()["hidden"]

    desk.client.patch(f"{PATH}/{run['id']}/rows/3", json={"cells": {"E-mail": "bob@example.com"}})
    assert desk.brought(run)["status"] == "done"
    assert attention(desk.client)["count"] == 0
    desk.brought(desk.a_run("customers", CUSTOMERS))
    assert attention(desk.client)["count"] == 1
    desk.shop.now += timedelta(days=7, seconds=1)
    assert attention(desk.client)["count"] == 0


def test_rows_that_are_shorter_than_the_heading_do_not_swell_in_memory() -> None:
    with pytest.raises(Unreadable, match="more than 5000000 cells"):
        read_table(b"a" + b"," * 299 + b"\n" + b"x\n" * 16_667)
    assert len(read_table(b"a" + b"," * 299 + b"\n" + b"x\n" * 16_666).rows) == 16_666


def test_another_part_of_the_same_length_is_not_taken_for_the_first(desk: Desk) -> None:
    made = desk.client.post(PATH, json={"kind": "customers", "file_name": "a.csv"}).json()
    url, key = f"{PATH}/{made['id']}/parts/0", {"Idempotency-Key": "part-0"}
    assert desk.client.put(url, content=b"email\nada@a.example\n", headers=key).status_code == 200
    error_of(desk.client.put(url, content=b"email\nbob@b.example\n", headers=key), 422, "key_reused")
