"""The demo shop, through the API of a whole company in this process: it comes in, it works, it goes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from sqlalchemy import text

from agents.contract import Asked, encode
from agents.orders.messages import PlacedLine, PlaceOrder
from cli.api import Api
from cli.demo import load_demo
from cli.demo_clear import InUse, Mixed, clear_database, counted
from cli.demo_goods import KIT, SOLD_OUT
from cli.demo_orders import HOW_MANY, Fate, opening_stock, past_orders, planned_orders
from cli.demo_work import work_until
from coordinator.local import LocalCluster
from db import migrate
from db.audit import run as audit
from db.base import utc_now
from db.catalog import Product
from db.session import Database
from serve.app import create_app
from serve.edge import EdgeSettings
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.shop import TESTER

pytestmark = pytest.mark.thorough


@dataclass
class Company:
    url: str
    key: str
    database_url: str

    def rows(self, query: str) -> list[Any]:
        database = Database(self.database_url, pool_size=1)
        try:
            with database.reading() as session:
                return list(session.execute(text(query)))
        finally:
            database.close()

    def counts(self, query: str) -> dict[str, int]:
        return dict(map(tuple, self.rows(query)))


@pytest.fixture
def company(db_url: str) -> Iterator[Company]:
    """Agents, relay and HTTP on a real socket; the relay runs beside it, as the coordinator does."""
    front, behind = LocalCluster(db_url), LocalCluster(db_url)
    database = Database(db_url)
    with database.transaction(TESTER, now=utc_now()) as tx:
        _, key = make_key(tx, "test", sorted(ALL_SCOPES))
    app = create_app(database, front, settings=EdgeSettings(rate_per_second=10_000, rate_burst=10_000))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    over = threading.Event()

    def relay() -> None:
        while not over.wait(0.05):
            behind.pump()

    threads = [threading.Thread(target=server.run), threading.Thread(target=relay)]
    for thread in threads:
        thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Company(f"http://127.0.0.1:{port}", key, db_url)
    finally:
        server.should_exit = True
        over.set()
        for thread in threads:
            thread.join()
        for part in (front, behind, database):
            part.close()


def settled(company: Company) -> None:
    deadline = time.monotonic() + 20
    while company.rows("SELECT 1 FROM outbox WHERE relayed_at IS NULL") or company.rows(
        "SELECT 1 FROM deliveries WHERE state = 'waiting' AND due_at < now()"
    ):
        assert time.monotonic() < deadline, "the relay does not come to rest"
        time.sleep(0.1)


def test_the_demo_shop_is_a_company_at_work_and_loading_it_again_changes_nothing(company: Company) -> None:
    said: list[str] = []
    load_demo(company.url, company.key, progress=said.append)
    settled(company)

    orders = company.counts("SELECT status, count(*) FROM orders WHERE live GROUP BY 1")
    assert sum(orders.values()) == len(planned_orders()) == 60
    assert orders["delivered"] == HOW_MANY[Fate.delivered]
    assert orders["shipped"] == HOW_MANY[Fate.shipped]
    assert orders["partly_shipped"] == HOW_MANY[Fate.partly_shipped]
    assert orders["cancelled"] == HOW_MANY[Fate.cancelled]
    assert orders["draft"] == HOW_MANY[Fate.draft]
    assert orders["held"] == HOW_MANY[Fate.held] + HOW_MANY[Fate.declined] + HOW_MANY[Fate.timeout]
    assert company.rows("SELECT count(*) FROM orders WHERE NOT live")[0][0] == len(past_orders(utc_now()))

    holds = company.counts("SELECT reason, count(*) FROM order_holds WHERE released_at IS NULL GROUP BY 1")
    assert holds == {"manual": 1, "fraud": 1, "address": 1, "payment": 4}
    floor = company.counts("SELECT status, count(*) FROM fulfilments GROUP BY 1")
    assert floor["picking"] == HOW_MANY[Fate.picking]
    assert floor["packed"] == HOW_MANY[Fate.packed]
    waiting = company.rows("SELECT sku, sum(quantity) FROM allocations WHERE state = 'backordered' GROUP BY 1")
    assert [tuple(r) for r in waiting] == [("FLOOR-LAMP", 5)]  # eight are wanted and three were there
    assert company.rows("SELECT 1 FROM order_lines WHERE sku = 'BREAKFAST-2' LIMIT 1")
    assert {r.lot for r in company.rows("SELECT DISTINCT lot FROM bin_stock WHERE sku = 'OLIVE-SOAP'")} == {
        "L2608",
        "L2610",
    }

    before = company.rows("SELECT count(*), max(id) FROM stock_ledger")
    load_demo(company.url, company.key, progress=said.append)
    settled(company)
    assert company.rows("SELECT count(*), max(id) FROM stock_ledger") == before
    assert company.rows("SELECT count(*) FROM orders")[0][0] == 60 + len(past_orders(utc_now()))

    database = Database(company.database_url, pool_size=1)
    with database.reading() as session:
        assert [(r.name, r.rows) for r in audit(session, limit=3) if r.violations] == []
    database.close()


def test_people_work_in_the_demo_shop_and_only_there(company: Company) -> None:
    with pytest.raises(ValueError, match="nothing to sell"):
        work_until(company.url, company.key, print, per_minute=60, seconds=1)
    load_demo(company.url, company.key, progress=lambda _: None)
    gone = company.rows("SELECT count(*) FROM fulfilments WHERE status IN ('shipped', 'delivered')")[0][0]
    said: list[str] = []
    shipped = work_until(company.url, company.key, said.append, per_minute=120, seconds=6, step=0.05)
    now_gone = company.rows("SELECT count(*) FROM fulfilments WHERE status IN ('shipped', 'delivered')")[0][0]
    assert shipped >= 3
    assert now_gone == gone + shipped
    assert company.rows("SELECT count(*) FROM orders WHERE live")[0][0] > 60
    assert not company.rows("SELECT 1 FROM orders WHERE NOT tags @> ARRAY['demo']")
    assert any("has left with" in line for line in said)

    with Api(company.url, company.key) as api:
        api.put("/products/real-thing", {"title": "Real thing", "variants": [{"sku": "REAL"}]})
    with pytest.raises(ValueError, match="Real thing is not of the demo shop"):
        work_until(company.url, company.key, print, per_minute=60, seconds=1)


def some_goods(db_url: str) -> None:
    database = Database(db_url, pool_size=1)
    with database.transaction(TESTER, now=utc_now()) as tx:
        tx.add(
            Product(handle="mug", title="Mug", attributes={"demo": True}, created_at=tx.now, updated_at=tx.now),
        )
    database.close()


def test_clearing_removes_the_demo_shop_and_keeps_who_may_come_in(db_url: str) -> None:
    database = Database(db_url)
    with database.transaction(TESTER, now=utc_now()) as tx:
        _, secret = make_key(tx, "kept", sorted(ALL_SCOPES))
    database.close()
    some_goods(db_url)
    assert (counted(db_url).products, counted(db_url).orders) == (1, 0)
    clear_database(db_url)
    assert (counted(db_url).products, counted(db_url).orders) == (0, 0)
    assert migrate.current(db_url) == migrate.head()
    database = Database(db_url, pool_size=1)
    with database.reading() as session:
        kept = session.execute(text("SELECT name, prefix, scopes FROM api_keys")).one()
        assert (kept.name, kept.prefix, set(kept.scopes)) == ("kept", secret[:12], set(ALL_SCOPES))
        triggers = session.execute(text("SELECT count(*) FROM pg_trigger WHERE tgname = 'append_only'")).scalar_one()
        assert triggers == 3
        assert session.execute(text("SELECT to_regclass('kept_people')")).scalar_one() is None
    database.close()


def test_clearing_stops_before_anything_that_is_not_demo_and_says_how_much(shop: Any) -> None:
    shop.a_node()
    shop.a_sku("MUG")
    shop.some_stock("MUG", "LON", 5)
    ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=1)])
    answer = shop.ask_now("orders", Asked("PlaceOrder", encode(ask), TESTER.actor, TESTER.actor))
    assert answer.status < 400
    with pytest.raises(Mixed, match="1 orders, 1 products without its mark"):
        counted(shop.db.url)


def test_clearing_waits_for_nobody_who_works_on_the_database(db_url: str) -> None:
    some_goods(db_url)
    busy = Database(db_url, pool_size=1)
    with busy.reading() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(InUse, match="Stop the company first"):
            clear_database(db_url)
    busy.close()
    assert counted(db_url).products == 1


def test_the_plan_is_the_same_every_time_and_promises_no_more_than_there_is() -> None:
    assert planned_orders() == planned_orders()
    assert Counter(p.fate for p in planned_orders()) == HOW_MANY
    received: Counter[str] = Counter()
    for _, line in opening_stock():
        received[line["sku"]] += line["quantity"]
    ordered: Counter[str] = Counter()
    for planned in planned_orders():
        for line in planned.body["lines"]:
            ordered[line["sku"]] += line["quantity"]
    short = {sku: n - received[sku] for sku, n in ordered.items() if n > received[sku]}
    assert short == {"FLOOR-LAMP": 5, KIT: ordered[KIT]}  # the kit has no stock of its own
    assert received[SOLD_OUT] == 0
