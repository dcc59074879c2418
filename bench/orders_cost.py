"""What an order costs in processor time: pgbench's and the agent's, in turn, on one PostgreSQL and nothing else.

    uv run python -m bench.orders_cost [--seconds N] [--rounds N]

For a machine that others use too: their load changes seconds a lot and processor time little. No Ray and no HTTP; the
agent is called in this process with batches as the gateway sends them. Prints a table; the last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from agents.contract import Asked, answer_list, encode
from agents.orders.agent import OrdersAgent
from agents.orders.messages import PlaceOrder
from bench import orders_floor
from bench.cpu import cpu_seconds
from bench.orders_growth import grow
from bench.orders_shop import GOODS, HOT, open_shop, order
from db.embedded import EmbeddedPostgres
from db.migrate import upgrade
from db.session import Database

FLOOR_CLIENTS = (1, 8, 32)
BATCHES = (1, 8, 32, 128)
PAST = 20_000
WARM = 6  # calls until statements are prepared and planned

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="backoffice-bench-"))
    home.chmod(0o755)
    try:
        with EmbeddedPostgres(home / "data") as server:
            rounds = [list(_round(server, options.seconds)) for _ in range(options.rounds)]
    finally:
        shutil.rmtree(home, ignore_errors=True)
    rows = [
        sorted(same, key=lambda r: r["client"] + r["postgresql"])[len(same) // 2] for same in zip(*rounds, strict=True)
    ]
    for row, same in zip(rows, zip(*rounds, strict=True), strict=True):
        row["orders_per_second"] = median(r["orders_per_second"] for r in same)
    table = Table("what", "good", "clients or batch", "client µs", "PostgreSQL µs", "together", "orders/s")
    for r in rows:
        together = r["client"] + r["postgresql"]
        figures = (r["client"], r["postgresql"], together, r["orders_per_second"])
        table.add_row(r["what"], r["good"], str(r["size"]), *(f"{v:,.0f}" for v in figures))
    Console().print(table)
    print(json.dumps({"rows": rows, "load": os.getloadavg()}))


def _round(server: EmbeddedPostgres, seconds: float) -> Iterator[Row]:
    agent = OrdersAgent(server.url)
    try:
        floor_url, scripts = _prepare(server, agent)
        for hot in (False, True):
            for clients in FLOOR_CLIENTS:
                yield _floor(server, floor_url, scripts[hot], clients=clients, seconds=seconds, hot=hot)
            for size in BATCHES:
                yield _agent(server, agent, size=size, seconds=seconds, hot=hot)
    finally:
        agent.db.close()


def _prepare(server: EmbeddedPostgres, agent: OrdersAgent) -> tuple[str, dict[bool, str]]:
    floor_url = urlsplit(server.url)._replace(path="/floor").geturl()
    with psycopg.connect(server.url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'floor'").fetchone() is None:
            connection.execute("CREATE DATABASE floor")
            for url in (server.url, floor_url):
                upgrade(url)
                database = Database(url)
                open_shop(database)
                database.close()
                grow(url, until=PAST)
        key = uuid4().hex
        placed = msgspec.msgpack.decode(agent.work([_asked(HOT, key)])[0].body)
        scripts = {hot: orders_floor.script(connection, placed["id"], key, hot=hot) for hot in (False, True)}
    return floor_url, scripts


def _floor(server: EmbeddedPostgres, url: str, script: str, *, clients: int, seconds: float, hot: bool) -> Row:
    before, used = os.times(), _server_cpu(server)
    found = orders_floor.run(url, script, clients=clients, seconds=seconds)
    time.sleep(0.2)  # until the server has seen its connections end, and counts what they used
    now = os.times()
    client = now.children_user + now.children_system - before.children_user - before.children_system
    spent = _server_cpu(server) - used
    return _row("pgbench", hot=hot, size=clients, client=client, server=spent, orders=found.orders, seconds=seconds)


def _agent(server: EmbeddedPostgres, agent: OrdersAgent, *, size: int, seconds: float, hot: bool) -> Row:
    def batch() -> bytes:
        return encode([_asked(HOT if hot else random.choice(GOODS), uuid4().hex) for _ in range(size)])

    for _ in range(WARM):
        agent.ask(batch())
    used = _server_cpu(server)
    orders, client, begun = 0, 0.0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        asked, before = batch(), time.process_time()
        answers = answer_list.decode(agent.ask(asked))
        client += time.process_time() - before
        if any(a.status != 200 for a in answers):
            raise RuntimeError("not every order was placed")
        orders += size
    took, spent = time.perf_counter() - begun, _server_cpu(server) - used
    return _row("agent", hot=hot, size=size, client=client, server=spent, orders=orders, seconds=took)


def _row(what: str, *, hot: bool, size: int, client: float, server: float, orders: int, seconds: float) -> Row:
    each = 1e6 / max(1, orders)
    return {
        "what": what,
        "good": "hot" if hot else "1,000",
        "size": size,
        "client": round(client * each, 1),
        "postgresql": round(server * each, 1),
        "orders_per_second": round(orders / seconds, 1),
    }


def _asked(sku: str, key: str) -> Asked:
    return Asked("PlaceOrder", encode(msgspec.convert(order(sku), PlaceOrder)), "key:bench", "key:bench", key, key)


def _server_cpu(server: EmbeddedPostgres) -> float:
    assert server.pid is not None
    return cpu_seconds(server.pid)


if __name__ == "__main__":
    main()
