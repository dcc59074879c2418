"""Many callers at the same door of one company at the same moment, over HTTP alone, while connections are cut.

Each agent is there three times. Whoever is told that the house is not answering asks again under the same key, as the
documentation says. Nobody may be told of a mistake of ours, and the auditor has the last word.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from db.audit import run
from db.errors import Unavailable
from db.session import Database
from tests.at_the_door import Company, company_on, settled

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]

PRICES = {"MUG": 1250, "TRAY": 1999, "SET": 4000}
PATIENCE = 60  # times that a caller asks again
BUYERS = 100
PEOPLE, STEPS = 5, 16


class Caller:
    """One client of the API; `said` counts what it was answered."""

    def __init__(self, company: Company, seed: int = 0) -> None:
        headers = {"Authorization": f"Bearer {company.key}"}
        self.http = httpx.Client(base_url=f"{company.url}/api/v1", headers=headers, timeout=60)
        self.dice = random.Random(seed)
        self.said: Counter[tuple[str, int]] = Counter()

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(self, path: str, body: dict[str, Any], *, method: str = "POST", name: str = "") -> httpx.Response:
        """Ask until there is an answer, under one key."""
        key = {"Idempotency-Key": uuid4().hex}
        for _ in range(PATIENCE):
            answer = self.http.request(method, path, json=body, headers=key)
            self.said[(name or path, answer.status_code)] += 1
            if answer.status_code not in (429, 503):
                assert answer.status_code < 500, f"{path} {body}: {answer.text}"
                return answer
            time.sleep(self.dice.uniform(0.02, 0.2))
        raise AssertionError(f"{path} never got through")

    def ok(self, path: str, body: dict[str, Any], *, method: str = "POST") -> dict[str, Any]:
        answer = self.ask(path, body, method=method)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    def get(self, path: str) -> Any:
        for _ in range(PATIENCE):
            answer = self.http.get(path)
            if answer.status_code == 200:
                return answer.json()
            assert answer.status_code == 503, answer.text
            time.sleep(0.1)
        raise AssertionError(f"{path} never got through")


@pytest.fixture
def company(db_url: str) -> Iterator[Company]:
    with company_on(db_url, replicas=3) as made:
        yield made


@pytest.fixture
def client(company: Company) -> Iterator[Caller]:
    """Somebody who has furnished the company."""
    with Caller(company) as one:
        furnish(one)
        yield one


def furnish(client: Caller) -> None:
    """Two nodes, a mug, a tray that may be sold beyond stock, a set of both, and rates."""
    for rank, node in enumerate(("LON", "BER")):
        about = {"name": node, "time_zone": "Europe/London", "address": {"country": "GB"}, "rank": rank}
        client.ok(f"/nodes/{node}", about, method="PUT")
    for sku, more in (("MUG", {}), ("TRAY", {"backorder_limit": 3}), ("SET", {"components": {"MUG": 2, "TRAY": 1}})):
        variant: dict[str, Any] = {
            "sku": sku,
            "title": sku.title(),
            "weight_grams": 300,
            "prices": {"EUR": PRICES[sku]},
        }
        client.ok(f"/products/{sku.lower()}", {"title": sku, "variants": [variant | more]}, method="PUT")
    rates = [{"country": "*", "max_weight_grams": 50_000, "amount": 490}]
    card = {"currency": "EUR", "transit_days": 2, "rates": rates, "valid_from": "2026-01-01T00:00:00Z"}
    client.ok("/rate-cards/test/standard", card, method="PUT")
    client.ok("/return-policies", {"rules": [{"name": "All", "window_days": 30}]})


def receive(client: Caller, sku: str, node: str, units: int) -> None:
    lines = [{"sku": sku, "quantity": units}]
    client.ok("/stock/receipts", {"node": node, "reference": f"GRN-{uuid4().hex[:6]}", "lines": lines})


def an_order(**lines: int) -> dict[str, Any]:
    return {
        "channel": "web",
        "currency": "EUR",
        "email": "ada@example.com",
        "lines": [{"sku": sku, "quantity": units} for sku, units in lines.items()],
        "shipping_address": {"name": "Ada King", "line1": "1 Lane", "city": "York", "country": "GB"},
        "shipping": 499,
        "payment": {"provider": "test", "token": "tok_ok"},
    }


def at_once(company: Company, count: int, do: Callable[[Caller, int], httpx.Response]) -> list[httpx.Response]:
    """Everybody does it in the same moment, each with a connection of their own."""
    start = threading.Barrier(count)

    def one(n: int) -> httpx.Response:
        with Caller(company, n) as caller:
            start.wait()
            return do(caller, n)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(a.status_code for a in answers)


def the_books_add_up(company: Company) -> None:
    settled(company)
    database = Database(company.database_url, pool_size=1)
    try:
        with database.reading() as session:
            assert [r for r in run(session) if r.violations] == []
    finally:
        database.close()
    assert company.rows("SELECT error FROM deliveries WHERE state = 'dead'") == []


def levels(company: Company, sku: str) -> dict[str, tuple[int, int, int]]:
    query = f"SELECT node, on_hand, allocated, backordered FROM stock_levels WHERE sku = '{sku}'"
    return {r.node: (r.on_hand, r.allocated, r.backordered) for r in company.rows(query)}


def test_of_the_last_unit_exactly_one_of_a_hundred_buyers_gets_it(company: Company, client: Caller) -> None:
    """Y4, and Y2 and Y3 by the audit; one more may be promised beyond stock only where the limit says so."""
    receive(client, "MUG", "LON", 1)
    answers = at_once(company, BUYERS, lambda caller, _: caller.ask("/orders", an_order(MUG=1)))
    assert statuses(answers) == {201: 1, 409: BUYERS - 1}
    assert levels(company, "MUG") == {"LON": (1, 1, 0)}
    receive(client, "TRAY", "BER", 2)
    answers = at_once(company, 20, lambda caller, _: caller.ask("/orders", an_order(TRAY=1)))
    assert statuses(answers) == {201: 5, 409: 15}
    assert levels(company, "TRAY")["BER"] == (2, 2, 3)
    the_books_add_up(company)


def test_one_unit_here_and_one_there_are_one_order_of_two(company: Company, client: Caller) -> None:
    """Y5: of eight who want both, one has them, split over two nodes."""
    receive(client, "MUG", "LON", 1)
    receive(client, "MUG", "BER", 1)
    answers = at_once(company, 8, lambda caller, _: caller.ask("/orders", an_order(MUG=2)))
    assert statuses(answers) == {201: 1, 409: 7}
    (placed,) = (a.json() for a in answers if a.status_code == 201)
    assert sorted((a["node"], a["quantity"]) for a in placed["allocations"]) == [("BER", 1), ("LON", 1)]
    settled(company)
    values = client.get(f"/orders/{placed['id']}/shipment-values")
    assert [s["node"] for s in values["shipments"]] == ["BER", "LON"]
    assert values["in_shipments"] == placed["total"] == 2999
    the_books_add_up(company)


def test_units_are_picked_where_they_are_promised_or_moved_and_never_both(company: Company, client: Caller) -> None:
    """Y6: while four take three units to the other node, a picker takes them from the shelf here."""
    receive(client, "MUG", "LON", 3)
    receive(client, "MUG", "BER", 3)
    placed = client.ok("/orders", an_order(MUG=3))
    settled(company)
    (task,) = client.ok("/pick-lists", {"node": "LON"})["tasks"]
    move = {"line_no": 1, "from_node": "LON", "to_node": "BER", "quantity": 1}

    def one(caller: Caller, n: int) -> httpx.Response:
        if n:
            return caller.ask(f"/orders/{placed['id']}/reroute", {"moves": [move], "reason": f"caller {n}"})
        return caller.ask(f"/pick-tasks/{task['id']}/pick", {"quantity": 2})

    picked, *moved = at_once(company, 5, one)
    settled(company)
    at = Counter[tuple[str, str]]()
    for a in client.get(f"/orders/{placed['id']}")["allocations"]:
        at[(a["node"], a["state"])] += 0 if a["state"] == "released" else a["quantity"]
    there = statuses(moved)[200]
    assert at[("BER", "allocated")] == there
    assert at[("LON", "picked")] == (2 if picked.status_code == 200 else 0)
    assert sum(at.values()) == 3
    assert there or picked.status_code == 200
    the_books_add_up(company)


def test_whichever_way_units_come_back_the_shelf_is_as_it_was_and_not_above(company: Company, client: Caller) -> None:
    """Y7: one unit returned, restocked and refunded; the order cancelled by four; its line deleted by four."""
    receive(client, "MUG", "LON", 1)
    receive(client, "MUG", "BER", 2)
    placed = client.ok(
        "/orders", an_order(MUG=3) | {"lines": [{"sku": "MUG", "quantity": 2}, {"sku": "MUG", "quantity": 1}]}
    )
    settled(company)
    here = next(f for f in client.get(f"/orders/{placed['id']}")["fulfilments"] if f["node"] == "LON")
    (line,) = {a["line_no"] for a in client.get(f"/orders/{placed['id']}")["allocations"] if a["node"] == "LON"}
    walk = client.ok("/pick-lists", {"node": "LON"})
    client.ok(f"/pick-tasks/{walk['tasks'][0]['id']}/pick", {"quantity": 1})
    parcel = client.ok(f"/fulfilments/{here['id']}/parcels", {})
    client.ok(f"/parcels/{parcel['id']}/label", {})
    settled(company)
    client.ok(f"/fulfilments/{here['id']}/dispatch", {})
    settled(company)

    wanted = {"order": placed["id"], "lines": [{"line_no": line, "quantity": 1, "reason": "changed_mind"}]}
    asked = at_once(company, 4, lambda caller, _: caller.ask("/returns", wanted))
    assert statuses(asked) == {201: 1, 409: 3}
    back = next(a.json() for a in asked if a.status_code == 201)["id"]
    client.ask(f"/returns/{back}/approve", {})
    units = {"node": "LON", "units": [{"line_no": line, "quantity": 1, "grade": "sellable"}]}
    came = at_once(company, 4, lambda caller, _: caller.ask(f"/returns/{back}/receive", units))
    assert statuses(came)[200] == 1
    rest = {"reason": "changed my mind"}
    gone = at_once(company, 4, lambda caller, _: caller.ask(f"/orders/{placed['id']}/cancel", rest))
    assert statuses(gone) == {200: 1, 409: 3}
    lines = {"lines": [{"line_no": 1, "quantity": 0}]}
    deleted = at_once(company, 4, lambda caller, _: caller.ask(f"/orders/{placed['id']}/edits", lines))
    assert statuses(deleted)[201] == 0
    settled(company)
    assert levels(company, "MUG") == {"LON": (1, 0, 0), "BER": (2, 0, 0)}
    the_books_add_up(company)


# Everybody at everything


class Person(Caller):
    """Does something at random to something that is there, over and over."""

    def __init__(self, company: Company, database: Database, seed: int) -> None:
        super().__init__(company, seed)
        self.database = database

    def work(self) -> None:
        for _ in range(STEPS):
            getattr(self, self.dice.choice(WORK))()

    def one(self, query: str) -> Any:
        """A row of those that are there; looking is cut off too."""
        for _ in range(PATIENCE):
            with suppress(Unavailable), self.database.reading() as session:
                rows = session.execute(text(query)).all()
                return self.dice.choice(rows) if rows else None
        raise AssertionError("the database is never there")

    def an_order(self) -> Any:
        return self.one("SELECT id FROM orders")

    def try_at(self, row: Any, path: str, body: dict[str, Any], name: str) -> httpx.Response | None:
        return self.ask(path.format(row), body, name=name) if row is not None else None

    def place(self) -> None:
        skus = self.dice.sample(sorted(PRICES), self.dice.randint(1, 2))
        self.ask("/orders", an_order(**{sku: self.dice.randint(1, 2) for sku in skus}), name="place")

    def hold(self) -> None:
        self.try_at(self.an_order(), "/orders/{0.id}/hold", {"reason": "fraud"}, "hold")

    def release(self) -> None:
        self.try_at(self.one("SELECT order_id AS id FROM order_holds"), "/orders/{0.id}/release", {}, "release")

    def edit(self) -> None:
        lines = [{"line_no": 1, "quantity": self.dice.randint(0, 3)}, {"sku": "TRAY", "quantity": 1}]
        order = self.an_order()
        proposed = self.try_at(order, "/orders/{0.id}/edits", {"lines": lines}, "propose")
        if proposed is not None and proposed.status_code == 201:
            told = proposed.json()
            step = "apply" if "apply" in told["next"] else "discard"
            self.ask(f"/orders/{order.id}/edits/{told['id']}/{step}", {}, name=step)

    def cancel(self) -> None:
        body: dict[str, Any] = {"reason": "changed mind"}
        if self.dice.random() < 0.6:
            body["lines"] = [{"line_no": 1, "quantity": 1}]
        self.try_at(self.an_order(), "/orders/{0.id}/cancel", body, "cancel")

    def walk(self) -> None:
        self.ask("/pick-lists", {"node": self.dice.choice(["LON", "BER"]), "limit": 3}, name="walk")

    def pick(self) -> None:
        task = self.one("SELECT id, quantity - picked - short AS n FROM pick_tasks WHERE NOT done")
        if task is not None and task.n:
            self.ask(f"/pick-tasks/{task.id}/pick", {"quantity": self.dice.randint(1, task.n)}, name="pick")

    def short(self) -> None:
        self.try_at(self.one("SELECT id FROM pick_tasks WHERE NOT done"), "/pick-tasks/{0.id}/short", {}, "short")

    def pack(self) -> None:
        of = self.one("SELECT id FROM fulfilments WHERE status = 'picked'")
        self.try_at(of, "/fulfilments/{0.id}/parcels", {}, "pack")

    def ship(self) -> None:
        row = self.one("SELECT id, fulfilment_id FROM parcels WHERE status IN ('packed', 'labelled')")
        self.try_at(row, "/parcels/{0.id}/label", {}, "label")
        self.try_at(row, "/fulfilments/{0.fulfilment_id}/dispatch", {}, "ship")

    def give_back(self) -> None:
        row = self.one("SELECT order_id, line_no FROM order_lines WHERE shipped > 0")
        if row is None:
            return
        lines = [{"line_no": row.line_no, "quantity": 1, "reason": "changed_mind"}]
        made = self.ask("/returns", {"order": str(row.order_id), "lines": lines}, name="return")
        if made.status_code == 201:
            back = f"/returns/{made.json()['id']}"
            self.ask(f"{back}/approve", {}, name="approve")
            units = [{"line_no": row.line_no, "quantity": 1, "grade": "sellable"}]
            self.ask(f"{back}/receive", {"node": "LON", "units": units}, name="take in")

    def reroute(self) -> None:
        row = self.one("SELECT order_id, line_no, sku, node FROM allocations WHERE state = 'allocated'")
        if row is not None:
            to = "BER" if row.node == "LON" else "LON"
            move = {"line_no": row.line_no, "sku": row.sku, "from_node": row.node, "to_node": to, "quantity": 1}
            self.ask(f"/orders/{row.order_id}/reroute", {"moves": [move], "reason": "nearer"}, name="reroute")

    def merge(self) -> None:
        self.try_at(self.one("SELECT id FROM fulfilments"), "/fulfilments/{0.id}/merge", {}, "merge")

    def receive(self) -> None:
        receive(self, self.dice.choice(["MUG", "TRAY"]), self.dice.choice(["LON", "BER"]), self.dice.randint(1, 3))


WORK = (
    *["place"] * 5, *["pick"] * 6, *["walk", "pack"] * 3, *["ship"] * 4, *["edit", "cancel", "reroute", "receive"] * 2,
    "hold", "release", "release", "short", "merge", "give_back",
)  # fmt: skip
QUIET_ROUND = ("receive", "release", "place", "edit", "reroute", "cancel", "walk", *["pick"] * 4, "pack", "ship")
QUIET_ROUNDS = 15
MUST_SUCCEED = ("place", "walk", "pick", "pack", "ship", "reroute", "cancel", "apply")


def unheard(said: Counter[tuple[str, int]]) -> list[str]:
    """What nobody has got through with yet."""
    return [name for name in MUST_SUCCEED if not said[(name, 200)] + said[(name, 201)]]


@contextmanager
def connections_cut(company: Company) -> Iterator[Counter[str]]:
    """Every now and then whoever is in the middle of a transaction loses it, as when their process is killed."""
    over, cut = threading.Event(), Counter[str]()
    database = Database(company.database_url, pool_size=1)
    query = text("""
        SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM (
            SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND backend_type = 'client backend' AND xact_start IS NOT NULL ORDER BY random() LIMIT 2) AS busy
    """)

    def saw() -> None:
        while not over.wait(0.4):
            with suppress(Unavailable), database.reading() as session:
                cut["connections"] += session.execute(query).scalar_one()

    thread = threading.Thread(target=saw)
    thread.start()
    try:
        yield cut
    finally:
        over.set()
        thread.join()
        database.close()


def test_whatever_callers_do_at_once_while_connections_are_cut_the_books_add_up(
    company: Company, client: Caller
) -> None:
    """Y2, Y3, Y6, Y7 and Y8 by the audit, over every command that orders and the warehouse know."""
    for sku in ("MUG", "TRAY"):
        for node in ("LON", "BER"):
            receive(client, sku, node, 6)
    database = Database(company.database_url, pool_size=PEOPLE)
    people = [Person(company, database, seed) for seed in range(PEOPLE)]
    said: Counter[tuple[str, int]] = Counter()
    try:
        with connections_cut(company) as cut, ThreadPoolExecutor(PEOPLE) as pool:
            for done in [pool.submit(p.work) for p in people]:
                done.result()
        for person in people:
            said += person.said
        calm = Person(company, database, PEOPLE)
        people.append(calm)
        for _ in range(QUIET_ROUNDS):  # a short crowd on a slow machine may not have come to everything
            if not unheard(said + calm.said):
                break
            for step in QUIET_ROUND:
                getattr(calm, step)()
            settled(company)
        said += calm.said
    finally:
        for person in people:
            person.http.close()
        database.close()
    assert cut["connections"] > 0
    assert unheard(said) == [], said
    the_books_add_up(company)
    for (order,) in company.rows("SELECT id FROM orders"):
        values = client.get(f"/orders/{order}/shipment-values")
        assert values["in_shipments"] + values["rest"]["total"] + values["cancelled"]["total"] == values["total"]
