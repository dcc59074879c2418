"""A whole company in this process behind a real socket: agents, relay and HTTP, without Ray."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from sqlalchemy import text

from agents.contract import Answer, Asked
from coordinator.local import LocalCluster
from db.base import utc_now
from db.errors import Unavailable
from db.session import Database
from serve.app import create_app
from serve.edge import EdgeSettings
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.shop import TESTER


@dataclass
class Company:
    url: str
    key: str
    database_url: str
    rest: Callable[[], None]  # everybody stops and lets go of the database

    def rows(self, query: str) -> list[Any]:
        database = Database(self.database_url, pool_size=1)
        try:
            with database.reading() as session:
                return list(session.execute(text(query)))
        finally:
            database.close()

    def counts(self, query: str) -> dict[str, int]:
        return dict(map(tuple, self.rows(query)))


class Replicas:
    """Every agent several times over, as the coordinator starts them in a rush; the next call goes to the next one."""

    def __init__(self, db_url: str, count: int) -> None:
        self.clusters = [LocalCluster(db_url) for _ in range(count)]
        self.turn = itertools.count()

    async def ask(self, agent: str, asked: Asked, *, partition: str) -> Answer:
        return await self.clusters[next(self.turn) % len(self.clusters)].ask(agent, asked, partition=partition)

    def close(self) -> None:
        for cluster in self.clusters:
            cluster.close()


@contextmanager
def company_on(db_url: str, *, replicas: int = 1) -> Iterator[Company]:
    """Agents, relay and HTTP on a real socket; the relay runs beside it, as the coordinator does."""
    front, behind = Replicas(db_url, replicas), LocalCluster(db_url)
    database = Database(db_url)
    with database.transaction(TESTER, now=utc_now()) as tx:
        _, key = make_key(tx, "test", sorted(ALL_SCOPES))
    app = create_app(database, front, settings=EdgeSettings(rate_per_second=10_000, rate_burst=10_000))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    over = threading.Event()

    def relay() -> None:
        while not over.wait(0.05):
            with suppress(Unavailable):  # what was under way is delivered again
                behind.pump()

    threads = [threading.Thread(target=server.run), threading.Thread(target=relay)]

    def rest() -> None:
        server.should_exit = True
        over.set()
        app.state.live.stop()
        for thread in threads:
            thread.join()
        for part in (front, behind, database):
            part.close()

    for thread in threads:
        thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Company(f"http://127.0.0.1:{port}", key, db_url, rest)
    finally:
        rest()


def settled(company: Company) -> None:
    deadline = time.monotonic() + 20
    while company.rows("SELECT 1 FROM outbox WHERE relayed_at IS NULL") or company.rows(
        "SELECT 1 FROM deliveries WHERE state = 'waiting' AND due_at < now()"
    ):
        assert time.monotonic() < deadline, "the relay does not come to rest"
        time.sleep(0.1)
