"""Orders a second, beside what the database alone can do: pgbench and the system in turn, on one server, in one run.

    uv run python -m bench.orders [--quick] [--out DIR] [--rounds N] [--seconds N] [--grow N,N,…] [--replicas N]

A company is started for it and thrown away. Floor: `bench/orders_floor.py`. System: the agent through the client of
the gateway (`orders_direct.py`), and HTTP with API key and idempotency keys (`orders_http.py`, driven by wrk). All of
the company is at work meanwhile: relay, payments, fulfilment, mails. Prints a table, writes `orders.json` and
`orders.svg`; the last line is one JSON object with figures, targets and "ok".
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg
from rich.console import Console

from bench import orders_floor, orders_http
from bench.cpu import cpu_by_process
from bench.installation import Installation, installation
from bench.orders_growth import grow
from bench.orders_shop import FLASH, GOODS, HOT, open_shop, order, oversold, put_on_flash_sale
from bench.orders_table import Cell, chart, medians, show
from bench.orders_targets import targets
from db.migrate import upgrade
from db.session import Database

CALLERS = (1, 8, 32, 128)
FLOOR_CALLERS = (1, 8, 32)
KINDS = (("hot", HOT), ("1,000", None))
PAST = 50_000  # orders in the tables before anything is measured: on empty ones PostgreSQL plans as for nothing
out = Console(stderr=True)

PARTS = (  # of a process name, and what the table calls it
    ("haproxy", "HAProxy"), ("ray::ServeReplica", "gateway"), ("ray::OrdersAgent", "orders agent"),
    ("ray::Coordinator", "coordinator"), ("Agent", "other agents"), ("postgres", "PostgreSQL"),
)  # fmt: skip


def main() -> int:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    settings = {"BACKOFFICE_RATE_PER_SECOND": "1000000"}
    if options.replicas > 1:
        settings["BACKOFFICE_MINIMUM_REPLICAS"] = f"orders={options.replicas}"
    begun = time.monotonic()
    with installation(settings) as company:
        out.print(f"up after {company.started_in:.0f} s")
        bench = Bench(company, options.seconds)
        bench.open()
        rounds = [list(bench.round()) for _ in range(options.rounds)]
        cells = _with_ratios(medians(rounds))
        found: dict[str, Any] = {"cells": cells, "flash": bench.flash(options.rounds), "drain": bench.drained()}
        found["audits"], found["oversold"] = bench.audits, bench.oversold
        found["growth"] = [bench.grown(n) for n in options.grow]
        found["reads"] = [f["reads"] for f in found["growth"]]
    found |= {"load": os.getloadavg(), "seconds": time.monotonic() - begun, "order_replicas": options.replicas}
    found["targets"] = targets(found)
    found["ok"] = all(t["ok"] for t in found["targets"])
    show(cells, Console(width=150))
    chart(cells, options.out / "orders.svg")
    (options.out / "orders.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))
    return 0 if found["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of two seconds, no growth: under four minutes")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    parser.add_argument("--rounds", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=None, help="of each measurement")
    parser.add_argument("--grow", default=None, help="orders in the tables, as 10000,100000,1000000")
    parser.add_argument("--replicas", type=int, default=1, help="of the orders agent")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (2.0 if options.quick else 8.0)
    wanted = options.grow if options.grow is not None else ("" if options.quick else "100000,1000000")
    options.grow = [int(n) for n in wanted.split(",") if n]
    return options


class Bench:
    def __init__(self, company: Installation, seconds: float) -> None:
        self.company, self.seconds = company, seconds
        self.database = Database(company.database_url, application_name="bench")
        self.floor_url = urlsplit(company.database_url)._replace(path="/floor").geturl()
        self.scripts: dict[str, str] = {}
        self.audits: dict[str, bool] = {}
        self.oversold: dict[str, int] = {}
        self.facts = company.facts()

    def open(self) -> None:
        """The same shop and the same past in both databases; one order of the system to make the floor's from."""
        open_shop(self.database)
        with psycopg.connect(self.company.database_url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE floor")
        upgrade(self.floor_url)
        floor = Database(self.floor_url)
        open_shop(floor)
        floor.close()
        for url in (self.company.database_url, self.floor_url):
            grow(url, until=PAST)
        key = uuid4().hex
        headers = {"Authorization": f"Bearer {self.company.key}", "Idempotency-Key": key}
        placed = httpx.post(f"{self.company.url}/api/v1/orders", json=order(HOT), headers=headers, timeout=30)
        placed.raise_for_status()
        with psycopg.connect(self.company.database_url) as connection:
            for good, sku in KINDS:
                self.scripts[good] = orders_floor.script(connection, placed.json()["id"], key, hot=sku is not None)

    def round(self) -> Iterator[Cell]:
        """Floor and system in turn, so that whatever else the machine does meets both.

        After each cell the company comes to rest, so that none pays for what follows from the orders of another; how
        long that takes is a figure of the cell's own.
        """
        self._rest()
        for callers in CALLERS:
            for good, sku in KINDS:
                if callers in FLOOR_CALLERS:
                    yield self._cell("pgbench", good, callers, lambda n=callers, g=good: self._floor(n, g))
                yield self._cell("agent", good, callers, lambda n=callers, s=sku: self._direct(n, s))
                yield self._cell("HTTP", good, callers, lambda n=callers, s=sku: self._http(n, s))
                self._look(f"{callers} callers, {good}")

    def _cell(self, what: str, good: str, callers: int, measure: Callable[[], Cell]) -> Cell:
        before = cpu_by_process(int(self.facts["pid"]))
        measured = measure()
        after = cpu_by_process(int(self.facts["pid"]))
        spent = {k: after[k] - before.get(k, 0.0) for k in after}
        cell = {"what": what, "good": good, "callers": callers, **measured}
        cell["cpu"] = _split(spent, measured.pop("driver_cpu", 0.0), measured["orders"])
        if what != "pgbench":
            cell["follows"] = self._rest()["seconds"]
            cell["whole"] = measured["orders"] / (measured["seconds"] + cell["follows"])
        out.print(f"{what:8} {good:6} {callers:4}  {cell['orders_per_second']:8,.0f}/s  p99 {cell['p99']:,.1f} ms")
        return cell

    def _floor(self, callers: int, good: str) -> Cell:
        before = os.times()
        found = asdict(orders_floor.run(self.floor_url, self.scripts[good], clients=callers, seconds=self.seconds))
        return found | {"driver_cpu": _children(before)}

    def _direct(self, callers: int, sku: str | None) -> Cell:
        words = ["--callers", str(callers), "--seconds", str(self.seconds), *(["--sku", sku] if sku else [])]
        said = subprocess.run(
            [sys.executable, "-m", "bench.orders_direct", str(self.company.data_dir), *words],
            capture_output=True,
            text=True,
            check=True,
        )
        found: Cell = json.loads(said.stdout.strip().splitlines()[-1])
        if set(found["statuses"]) != {"200"}:
            raise RuntimeError(f"not every order was placed: {found['statuses']}")
        return found | {"orders": found["statuses"]["200"], "driver_cpu": found["cpu_seconds"]}

    def _http(self, callers: int, sku: str | None) -> Cell:
        before = os.times()
        found = orders_http.run(self.company, callers=callers, seconds=self.seconds, sku=sku)
        if found["failed"] or found["lost"] or found["refused"] or found["away"]:
            raise RuntimeError(f"not every order was placed: {found}")
        return found | {"orders": found["placed"], "driver_cpu": _children(before)}

    def _look(self, phase: str) -> None:
        self.oversold[phase] = oversold(self.database)

    def flash(self, rounds: int) -> list[Cell]:
        sales = []
        for n in range(rounds):
            self._rest()
            sku = f"{FLASH}-{n}"
            put_on_flash_sale(self.database, sku)
            sales.append(orders_http.flash_sale(self.company, sku))
            out.print(f"flash sale: {sales[-1]}")
        self._look("flash sale")
        return sales

    def _rest(self) -> Cell:
        """Wait until nothing is under way, and tell how many messages a second were handled meanwhile."""
        count = "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM outbox WHERE relayed_at IS NULL), " \
                "(SELECT count(*) FROM deliveries WHERE state = 'waiting')"  # fmt: skip
        with psycopg.connect(self.company.database_url, autocommit=True) as connection:
            begun, (handled, *waiting) = time.monotonic(), connection.execute(count).fetchone() or (0, 0, 0)
            first = handled
            while sum(waiting) and time.monotonic() - begun < 1800:
                time.sleep(0.5)
                handled, *waiting = connection.execute(count).fetchone() or (0, 0, 0)
        seconds = time.monotonic() - begun
        return {"seconds": seconds, "messages": handled - first, "messages_per_second": (handled - first) / seconds}

    def drained(self) -> Cell:
        """How fast what follows from orders is done, once nobody places any more; then the books."""
        found = self._rest()
        self.audits["after everything"] = bool(self.company.audit().get("ok"))
        return found

    def grown(self, orders: int) -> Cell:
        """Cost and pages with so many orders in the tables."""
        grow(self.company.database_url, until=orders)
        cells = [
            self._cell("agent", good, 128, lambda s=sku: self._direct(128, s)) for good, sku in KINDS
        ]  # fmt: skip
        return {"orders": orders, "cells": cells, "reads": self.reads()}

    def reads(self) -> dict[str, float]:
        """Milliseconds of questions, the middle of 20."""
        headers = {"Authorization": f"Bearer {self.company.key}"}
        with httpx.Client(base_url=f"{self.company.url}/api/v1", headers=headers, timeout=60) as http:
            newest = http.get("/orders?limit=1").raise_for_status().json()["data"][0]["id"]
            deep = http.get("/orders?limit=200&sort=total").raise_for_status().json()["page"]["next_cursor"]
            asked = {
                "order by id": f"/orders/{newest}",
                "newest 50": "/orders?limit=50",
                "a page further on": f"/orders?limit=50&sort=total&cursor={deep}",
                "of a status": "/orders?limit=50&status_eq=released",
                "of a customer": "/orders?limit=50&email_eq=customer7@example.com",
                "with a good": f"/orders?limit=50&sku_eq={GOODS[7]}",
                "stock of a good": f"/stock?sku_eq={GOODS[7]}",
            }
            return {name: _middle(lambda p=path: http.get(p).raise_for_status()) for name, path in asked.items()}


def _middle(ask: Callable[[], Any]) -> float:
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return round(sorted(took)[10], 2)


def _children(before: os.times_result) -> float:
    now = os.times()
    return (now.children_user - before.children_user) + (now.children_system - before.children_system)


def _split(spent: dict[str, float], driver: float, orders: int) -> dict[str, float]:
    """Microseconds of processor time an order, by part of the system."""
    parts = {"driver": driver}
    for name, seconds in spent.items():
        part = next((label for word, label in PARTS if word in name), "rest of Ray")
        parts[part] = parts.get(part, 0.0) + seconds
    return {k: round(v / max(1, orders) * 1e6, 1) for k, v in parts.items() if v > 0}


def _with_ratios(cells: list[Cell]) -> list[Cell]:
    """Each of the system's rates over the best that pgbench reached with that kind of good."""
    best = {
        good: max(c["orders_per_second"] for c in cells if c["what"] == "pgbench" and c["good"] == good)
        for good, _ in KINDS
    }
    return [c if c["what"] == "pgbench" else {**c, "ratio": c["orders_per_second"] / best[c["good"]]} for c in cells]


if __name__ == "__main__":
    sys.exit(main())
