"""The demo shop, through the API of a whole company in this process: it comes in, it works, it goes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from cli.api import Api
from cli.demo.catalogue import BACKORDERED, KIT_PARTS, goods, kits, products
from cli.demo.clearing import CannotClear, clear_database, find
from cli.demo.loading import NotEmpty, load_demo
from cli.demo.past import Past, Scale, two_years
from cli.demo.today import HOW_MANY, Fate, morning_truck, planned_orders
from cli.demo.work import work_until
from db.audit import run as audit
from db.session import Database
from tests.at_the_door import Company, company_on, settled
from tests.conftest import ENGINES, FreshDatabase, _created

pytestmark = pytest.mark.thorough

SMALL = Scale(orders=140, days=50, families=12)
NOON = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)


@pytest.fixture
def company(db_url: str) -> Iterator[Company]:
    with company_on(db_url) as it:
        yield it


@pytest.fixture(scope="module")
def loaded(database_url: str, fresh_database: FreshDatabase) -> Iterator[str]:
    """The name of a database with a small demo shop in it, to copy."""
    with fresh_database() as url:
        with company_on(url) as it:
            load(it)
        ENGINES.let_go(url)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def demo(database_url: str, loaded: str) -> Iterator[Company]:
    """A company with the demo shop loaded, a test's alone."""
    copied = _created(database_url, f"CREATE DATABASE {{}} TEMPLATE {loaded}", prefix="demo")
    with copied as url, company_on(url) as it:
        yield it


def no_word(_: str) -> None:
    """For those who do not read along."""


def load(company: Company) -> None:
    load_demo(company.url, company.key, company.database_url, progress=no_word, scale=SMALL)
    settled(company)


def violations(url: str) -> list[tuple[str, list[Any]]]:
    database = Database(url, pool_size=1)
    with database.reading() as session:
        found = [(r.name, r.rows) for r in audit(session, limit=3) if r.violations]
    database.close()
    return found


def test_the_demo_shop_is_a_company_at_work_and_loading_it_again_changes_nothing(demo: Company) -> None:
    today = "external_ref LIKE 'DEMO-TODAY-%'"
    orders = demo.counts(f"SELECT status, count(*) FROM orders WHERE {today} GROUP BY 1")
    assert sum(orders.values()) == len(planned_orders(SMALL.families)) == sum(HOW_MANY.values())
    assert orders["shipped"] == HOW_MANY[Fate.shipped]
    assert orders["partly_shipped"] == HOW_MANY[Fate.partly_shipped]
    assert orders["cancelled"] == HOW_MANY[Fate.cancelled]
    assert orders["draft"] == HOW_MANY[Fate.draft]
    assert orders["held"] == HOW_MANY[Fate.held] + HOW_MANY[Fate.declined] + HOW_MANY[Fate.timeout]
    past = demo.rows(f"SELECT count(*) FROM orders WHERE NOT {today}")[0][0]
    assert 120 < past <= SMALL.orders  # some found nothing on the shelf

    live = f"order_id IN (SELECT id FROM orders WHERE {today})"
    holds = demo.counts(f"SELECT reason, count(*) FROM order_holds WHERE released_at IS NULL AND {live} GROUP BY 1")
    assert holds == {"manual": 1, "fraud": 1, "address": 1, "payment": 4}
    floor = demo.counts(f"SELECT status, count(*) FROM fulfilments WHERE {live} GROUP BY 1")
    assert floor["picking"] == HOW_MANY[Fate.picking]
    assert floor["packed"] == HOW_MANY[Fate.packed]
    assert floor["picked"] == HOW_MANY[Fate.picked]
    waiting = demo.rows("SELECT sku, sum(quantity) FROM allocations WHERE state = 'backordered' GROUP BY 1")
    assert [tuple(r) for r in waiting] == [(BACKORDERED, 2 * HOW_MANY[Fate.backordered] - 3)]  # three were there
    assert demo.rows("SELECT count(*) FROM deliveries WHERE state = 'dead'")[0][0] == 0
    assert demo.rows("SELECT 1 FROM orders WHERE greatest(placed_at, updated_at, delivered_at) > now()") == []
    assert violations(demo.database_url) == []
    with Api(demo.url, demo.key) as api:
        assert api.get("/session")["demo"] is True

    before = demo.rows("SELECT count(*), max(id) FROM stock_ledger")
    load(demo)
    assert demo.rows("SELECT count(*), max(id) FROM stock_ledger") == before
    assert demo.rows("SELECT count(*) FROM orders")[0][0] == past + sum(HOW_MANY.values())


def test_an_order_of_the_past_that_nobody_picked_yet_is_picked_like_any_other(demo: Company) -> None:
    open_one = "SELECT id FROM orders WHERE status = 'released' AND external_ref NOT LIKE 'DEMO-TODAY-%' LIMIT 1"
    found = demo.rows(open_one) or demo.rows(open_one.replace("released", "held"))
    ident = found[0][0]
    with Api(demo.url, demo.key) as api:
        for reason in api.get(f"/orders/{ident}")["holds"]:
            api.post(f"/orders/{ident}/release", {"reason": reason}, key=f"let-go-{reason}")
        settled(demo)
        (fulfilment,) = api.get("/fulfilments", order_id_eq=str(ident))["data"][:1]
        walk = {"node": fulfilment["node"], "fulfilments": [fulfilment["id"]]}
        for task in api.post("/pick-lists", walk, key="walk")["tasks"]:
            api.post(f"/pick-tasks/{task['id']}/pick", {"quantity": task["quantity"]}, key=f"pick-{task['id']}")
        parcel = api.post(f"/fulfilments/{fulfilment['id']}/parcels", {}, key="pack")
        api.post(f"/parcels/{parcel['id']}/label", {}, key="label")
        api.post(f"/fulfilments/{fulfilment['id']}/dispatch", {}, key="dispatch")
        settled(demo)
        order = api.get(f"/orders/{ident}")
    assert order["status"] in {"shipped", "partly_shipped"}
    assert order["payment_status"] in {"paid", "authorised"}
    assert demo.rows(f"SELECT 1 FROM payments WHERE order_id = '{ident}' AND captured > 0")
    assert violations(demo.database_url) == []


def test_nobody_works_where_there_is_nothing_to_sell(company: Company) -> None:
    with pytest.raises(ValueError, match="nothing to sell"):
        work_until(company.url, company.key, print, per_minute=60, seconds=1)
    with Api(company.url, company.key) as api:
        assert api.get("/session")["demo"] is False


def test_people_work_in_the_demo_shop_and_only_there(demo: Company) -> None:
    left = "SELECT count(*) FROM fulfilments WHERE status IN ('shipped', 'delivered')"
    gone, placed = demo.rows(left)[0][0], demo.rows("SELECT count(*) FROM orders")[0][0]
    said: list[str] = []
    shipped, until = 0, time.monotonic() + 90
    while shipped < 3 and time.monotonic() < until:
        shipped += work_until(
            demo.url, demo.key, said.append, per_minute=120, seconds=6, step=0.05, families=SMALL.families
        )
    assert shipped >= 3
    assert demo.rows(left)[0][0] == gone + shipped
    assert demo.rows("SELECT count(*) FROM orders")[0][0] > placed
    assert not demo.rows("SELECT 1 FROM orders WHERE NOT tags @> ARRAY['demo']")
    assert any("has left with" in line for line in said)

    with Api(demo.url, demo.key) as api:
        api.put("/products/real-thing", {"title": "Real thing", "variants": [{"sku": "REAL"}]})
    with pytest.raises(ValueError, match="Real thing is not of the demo shop"):
        work_until(demo.url, demo.key, print, per_minute=60, seconds=1)


def rows_of_every_table(company: Company) -> dict[str, int]:
    tables = [r[0] for r in company.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {t: company.rows(f"SELECT count(*) FROM {t}")[0][0] for t in tables}


def test_clearing_removes_every_row_of_the_demo_shop(company: Company) -> None:
    before = rows_of_every_table(company)
    load(company)
    more = rows_of_every_table(company)
    for table in ("orders", "payments", "labels", "stock_ledger", "transitions", "notifications", "audit_log"):
        assert more[table] > before[table]
    work_until(company.url, company.key, no_word, per_minute=120, seconds=2, step=0.05, families=SMALL.families)
    settled(company)
    assert find(company.database_url).products == len(products(SMALL.families))
    company.rest()
    ENGINES.let_go(company.database_url)
    clear_database(company.database_url)
    assert not find(company.database_url)
    assert {t: n for t, n in rows_of_every_table(company).items() if n != before[t]} == {}
    assert company.rows("SELECT count(*) FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled = 'O'")[0][0] == 5


def test_clearing_leaves_what_people_added_and_takes_their_orders_of_demo_goods(demo: Company) -> None:
    with Api(demo.url, demo.key) as api:
        api.put("/products/real-thing", {"title": "Real thing", "variants": [{"sku": "REAL", "prices": {"EUR": 900}}]})
        receipt = {"node": "LON", "reference": "R-1", "lines": [{"sku": "REAL", "quantity": 9}]}
        api.post("/stock/receipts", receipt, key="own-stock")
        order = {"channel": "web", "currency": "EUR", "lines": [{"sku": "REAL", "quantity": 2}]}
        mine = api.post("/orders", order, key="mine")
        tried = {**order, "lines": [{"sku": "REAL", "quantity": 3}, {"sku": "MUG-SAGE", "quantity": 1}]}
        api.post("/orders", tried, key="tried")
    settled(demo)
    assert find(demo.database_url).own_orders == 1
    demo.rest()
    ENGINES.let_go(demo.database_url)
    clear_database(demo.database_url)
    assert demo.counts("SELECT number, total FROM orders") == {mine["number"]: 1800}
    assert demo.counts("SELECT sku, sellable FROM stock_levels") == {"REAL": 9}
    assert demo.counts("SELECT sku, allocated FROM stock_levels") == {"REAL": 2}
    assert demo.counts("SELECT sku, count(*) FROM variants GROUP BY 1") == {"REAL": 1}
    assert demo.counts("SELECT code, rank FROM nodes") == {"LON": 10}  # people's own goods lie there
    assert demo.counts("SELECT key, 1 FROM idempotent_answers WHERE key IN ('mine', 'tried')") == {"mine": 1}
    assert violations(demo.database_url) == []


def test_clearing_waits_for_nobody_who_works_on_the_database(db_url: str) -> None:
    busy = Database(db_url, pool_size=1)
    with busy.reading() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(CannotClear, match="Stop the company first"):
            clear_database(db_url)
    busy.close()


def test_the_demo_shop_does_not_go_where_there_is_a_company(shop: Any) -> None:
    shop.a_node()
    shop.a_sku("OWN")
    shop.some_stock("OWN", "LON", 5)
    ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="OWN", quantity=1)])
    shop.do("orders", ask, OrderState)
    with pytest.raises(NotEmpty, match="1 products and 1 orders"):
        load_demo("http://127.0.0.1:9", "no key", shop.db.url, progress=no_word, scale=SMALL)
    assert shop.count("nodes") == 1


def test_the_plan_is_the_same_every_time_and_promises_no_more_than_there_is() -> None:
    assert planned_orders() == planned_orders()
    assert Counter(p.fate for p in planned_orders()) == HOW_MANY
    received: Counter[str] = Counter()
    for _, line in morning_truck():
        received[line["sku"]] += line["quantity"]
    ordered: Counter[str] = Counter()
    for planned in planned_orders():
        for line in planned.body["lines"]:
            for sku, units in KIT_PARTS.get(line["sku"], {line["sku"]: 1}).items():
                ordered[sku] += units * line["quantity"]
    short = {sku: n - received[sku] for sku, n in ordered.items() if n > received[sku]}
    assert short == {BACKORDERED: 2 * HOW_MANY[Fate.backordered] - 3}


def test_there_are_some_five_hundred_skus_each_with_a_barcode_that_scans() -> None:
    sold = goods()
    assert 450 < len(sold) < 550
    assert len({g.sku for g in sold}) == len({g.barcode for g in sold}) == len(sold)
    for good in sold:
        digits = [int(d) for d in good.barcode]
        assert len(digits) == 13
        assert sum(d * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10 == 0
        assert 0 < good.cost < good.cents
        assert good.nodes
    by_weight = sorted((g.weight for g in sold), reverse=True)
    top = sum(by_weight[: len(sold) // 5]) / sum(by_weight)
    assert 0.55 < top < 0.8  # a fifth of the goods brings most of the orders
    assert set(kits()) == set(KIT_PARTS)


@pytest.fixture(scope="module")
def past() -> Past:
    return two_years(NOON, Scale(orders=3000, days=730))


def test_the_past_is_the_same_for_the_same_moment_and_over_by_then(past: Past) -> None:
    again = two_years(NOON, Scale(orders=3000, days=730))
    assert [(o.id, o.at, o.shopper.email) for o in again.orders] == [(o.id, o.at, o.shopper.email) for o in past.orders]
    assert again.entries == past.entries
    assert max(e.at for e in past.entries) <= NOON
    assert max(o.at for o in past.orders) <= NOON
    assert min(o.at for o in past.orders) >= NOON - timedelta(days=731)


def test_the_past_grows_has_seasons_and_a_black_friday(past: Past) -> None:
    by_month = Counter((o.at.year, o.at.month) for o in past.orders)
    assert by_month[(2025, 12)] > 1.4 * by_month[(2025, 8)]
    assert by_month[(2026, 3)] > 1.15 * by_month[(2025, 3)]
    friday = sum(o.at.date().isoformat() == "2025-11-28" for o in past.orders)
    assert friday > 2 * sum(o.at.date().isoformat() == "2025-11-14" for o in past.orders)
    sundays = sum(o.at.weekday() == 6 for o in past.orders)
    assert sundays > 1.1 * sum(o.at.weekday() == 2 for o in past.orders)


def test_nothing_of_the_past_was_ever_taken_from_an_empty_bin(past: Past) -> None:
    lying: Counter[tuple[str, str, str, str]] = Counter()
    for e in past.entries:
        if e.on_hand:
            lying[(e.sku, e.node, str(e.bin), e.status)] += e.on_hand
            assert lying[(e.sku, e.node, str(e.bin), e.status)] >= 0, e


def test_in_the_past_goods_ran_out_came_late_and_came_back(past: Past) -> None:
    assert any("days late" in (e.why or "") for e in past.entries)
    assert any(e.kind == "returned" and e.status == "damaged" for e in past.entries)
    assert any(e.kind == "adjusted" for e in past.entries)
    left: Counter[tuple[str, str]] = Counter()
    ran_out = 0
    for e in past.entries:
        left[(e.sku, e.node)] += e.on_hand - e.allocated
        ran_out += e.kind == "allocated" and left[(e.sku, e.node)] == 0
    assert ran_out > 20
    assert {o.hold[1] for o in past.orders if o.hold}
    assert any(o.cancelled for o in past.orders)
    assert any(o.returned for o in past.orders)
