"""So many callers over HTTP, with a key of the API and an idempotency key for each order: wrk drives."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from bench.client import percentile
from bench.installation import Installation
from bench.orders_shop import order


class NoDriver(RuntimeError):
    def __str__(self) -> str:
        return "wrk is not installed: apt-get install wrk, or brew install wrk."


def run(company: Installation, *, callers: int, seconds: float, sku: str | None, rest_ms: int = 0) -> dict[str, Any]:
    """Latencies in milliseconds, of whatever was answered.

    `refused` are those for want of stock, `away` those who were told to come back later, `failed` all that should not
    be. A caller rests for `rest_ms` between an answer and its next order.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NoDriver()
    said = subprocess.run(
        [
            wrk, f"--connections={callers}", f"--threads={min(callers, 2)}", f"--duration={max(1, round(seconds))}s",
            "--timeout=30s", f"--script={Path(__file__).with_name('orders.lua')}", f"{company.url}/api/v1/orders",
            "--", company.key, sku or "-", str(rest_ms),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if said.returncode:
        raise RuntimeError(f"wrk failed: {said.stderr[-1000:]}{said.stdout[-1000:]}")
    told: dict[str, Any] = json.loads(said.stdout.strip().splitlines()[-1])
    return told | {"orders_per_second": told["placed"] / told["seconds"]}


def flash_sale(company: Installation, sku: str, *, buyers: int = 400, at_once: int = 32) -> dict[str, Any]:
    """Every buyer wants one unit and asks once; what each was told, and how long all of it took."""
    headers = {"Authorization": f"Bearer {company.key}"}
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    with httpx.Client(base_url=f"{company.url}/api/v1", headers=headers, limits=limits, timeout=60) as http:
        list(ThreadPoolExecutor(at_once).map(lambda _: http.get("/orders?limit=1"), range(at_once)))  # connections

        def buy(number: int) -> tuple[int, float]:
            begun = time.perf_counter()
            answer = http.post("/orders", json=order(sku), headers={"Idempotency-Key": f"{sku}-{number}"})
            return answer.status_code, (time.perf_counter() - begun) * 1000

        begun = time.perf_counter()
        with ThreadPoolExecutor(at_once) as crowd:
            told = list(crowd.map(buy, range(buyers)))
        seconds = time.perf_counter() - begun
    return {"seconds": seconds, **_counts([s for s, _ in told]), "p99": percentile([ms for _, ms in told], 0.99)}


def _counts(statuses: Sequence[int]) -> dict[str, int]:
    placed, refused = statuses.count(201), statuses.count(409)
    return {"placed": placed, "refused": refused, "failed": len(statuses) - placed - refused}
