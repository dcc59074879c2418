"""What agents count. Through Ray's metrics when Ray runs (one endpoint for all processes), else Prometheus' client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram

MESSAGES = Counter("backoffice_agent_messages", "Messages worked", ["agent", "kind"])
BATCHES = Histogram(
    "backoffice_agent_batch_size",
    "Messages in one transaction",
    ["agent", "kind"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
SECONDS = Histogram(
    "backoffice_agent_batch_seconds",
    "Time of one batch, its commit included",
    ["agent", "kind"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
WEATHER = Counter("backoffice_agent_unavailable", "Messages turned away by passing troubles", ["agent"])
BUGS = Counter("backoffice_agent_failures", "Messages that met a bug of ours", ["agent"])


@contextmanager
def batch(agent: str, kind: str, size: int) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        SECONDS.labels(agent, kind).observe(time.perf_counter() - started)
        BATCHES.labels(agent, kind).observe(size)
        MESSAGES.labels(agent, kind).inc(size)


def weather(agent: str) -> None:
    WEATHER.labels(agent).inc()


def bug(agent: str) -> None:
    BUGS.labels(agent).inc()
