"""Far more callers than a shop can serve: who is served is served in time, the others are told when to come back.

    uv run python -m bench.overload [--quick]

Three phases over HTTP, driven by wrk: as many callers as the company serves at full speed; fifty times as many, who
do not wait when they are told to; and the first again. Beside wrk four callers of our own write down how long each
order took that was placed, because wrk does not tell answers apart. Memory is what the company's processes do not
share with others (USS).

Targets: nobody is answered with anything but an order or 429/503 with Retry-After; the p99 of placed orders stays
within 5 times the normal one; memory within 1.5 times; 90 % of the normal rate within 10 s; the books are right.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import psutil

from bench import orders_http
from bench.client import Client, drained, percentile
from bench.installation import Installation, installation
from bench.orders_shop import open_shop, order, oversold
from db.session import Database

CALLERS = 32
CROWD = 1600
PROBES = 4
LOOKS_BACK = 20  # seconds after the crowd has gone
BACK = 0.9  # of the normal rate


@dataclass
class Phase:
    placed_per_second: float
    away: int
    failed: int
    took: list[float]  # milliseconds of orders of our own
    answers: Counter[int]
    megabytes: float  # the most at any time


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask more of a company than it can do.")
    parser.add_argument("--quick", action="store_true", help="shorter phases: under four minutes")
    quick = parser.parse_args().quick
    with installation({"BACKOFFICE_RATE_PER_SECOND": "1000000"}) as company:
        print(f"the company is up after {company.started_in:.0f} s", flush=True)
        database = Database(company.database_url, pool_size=1, application_name="bench")
        open_shop(database)
        orders_http.run(company, callers=CALLERS, seconds=5, sku=None)
        normal = _phase(company, CALLERS, 10 if quick else 30)
        crowd = _phase(company, CROWD, 20 if quick else 60)
        back = _back(company, normal.placed_per_second)
        asyncio.run(_settled(company))
        told: dict[str, Any] = {"oversold": oversold(database), "audit": bool(company.audit()["ok"])}
        database.close()
    for name, phase in (("normal", normal), ("overload", crowd)):
        print(
            f"{name:9} {phase.placed_per_second:7,.0f} orders/s, p99 of placed {percentile(phase.took, 0.99):6,.0f} ms"
            f", {phase.away:9,} turned away, {phase.failed} wrong, {phase.megabytes:6,.0f} MB"
        )
    print(f"{BACK:.0%} of the normal rate again after {back:.1f} s")
    told |= {
        "callers": [CALLERS, CROWD],
        "orders_per_second": [round(normal.placed_per_second), round(crowd.placed_per_second)],
        "p99_ms": [round(percentile(p.took, 0.99)) for p in (normal, crowd)],
        "turned_away": crowd.away,
        "p99_ratio": round(percentile(crowd.took, 0.99) / percentile(normal.took, 0.99), 2),
        "memory_ratio": round(crowd.megabytes / normal.megabytes, 2),
        "back_after": round(back, 1),
        "wrong": normal.failed + crowd.failed + sum(n for s, n in crowd.answers.items() if s not in (201, 429, 503)),
        "probe_answers": dict(crowd.answers),
    }
    targets = {"p99_ratio": 5.0, "memory_ratio": 1.5, "back_after": 10.0, "wrong": 0, "oversold": 0}
    missed = [name for name, most in targets.items() if told[name] > most]
    ok = not missed and told["audit"] and crowd.away > 0
    print(json.dumps({**told, "targets": targets, "missed": missed, "ok": ok}))
    return 0 if ok else 1


def _phase(company: Installation, callers: int, seconds: int) -> Phase:
    probe, memory = Probe(company), Memory(company)
    with _beside(probe.run), _beside(memory.run):
        found = orders_http.run(company, callers=callers, seconds=seconds, sku=None)
    placed, wrong = found["placed"] / found["seconds"], found["failed"] + found["refused"] + found["lost"]
    return Phase(placed, found["away"], wrong, probe.took, probe.answers, memory.most)


def _back(company: Installation, normal: float) -> float:
    """Seconds until a whole second brought nearly as many orders as before."""
    begun = time.monotonic()
    while time.monotonic() - begun < LOOKS_BACK:
        found = orders_http.run(company, callers=CALLERS, seconds=1, sku=None)
        if found["placed"] / found["seconds"] >= BACK * normal:
            return time.monotonic() - begun - 1
    return float(LOOKS_BACK)


async def _settled(company: Installation) -> None:
    client = Client.open(company.url, company.key, 2)
    try:
        await drained(client, within=900)
    finally:
        await client.close()


@dataclass
class Probe:
    """Callers who do as they are told, and look at the clock."""

    company: Installation
    took: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def run(self, over: threading.Event) -> None:
        asyncio.run(self._all(over))

    async def _all(self, over: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {self.company.key}"}
        async with httpx.AsyncClient(base_url=f"{self.company.url}/api/v1", headers=headers, timeout=60) as http:
            await asyncio.gather(*(self._one(http, over) for _ in range(PROBES)))

    async def _one(self, http: httpx.AsyncClient, over: threading.Event) -> None:
        mine = uuid4().hex
        for n in count():
            if over.is_set():
                return
            begun = time.perf_counter()
            key = {"Idempotency-Key": f"{mine}-{n}"}
            answer = await http.post("/orders", json=order(f"SKU-{n % 1000:04}"), headers=key)
            self.answers[answer.status_code] += 1
            if answer.status_code == 201:
                self.took.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(float(answer.headers.get("Retry-After", 0.02)))


@dataclass
class Memory:
    company: Installation
    most: float = 0.0  # megabytes

    def run(self, over: threading.Event) -> None:
        while not over.wait(1.0):
            self.most = max(self.most, megabytes(self.company))


def megabytes(company: Installation) -> float:
    """What all processes of a company have for themselves."""
    root = psutil.Process(int(company.facts()["pid"]))
    total = 0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.Error):
            total += process.memory_full_info().uss
    return total / 2**20


@contextmanager
def _beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Runs something in a thread of its own for as long as the block takes."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
