"""One Prometheus endpoint: what every process counts, and what the database knows about the work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import text

from db.errors import Unavailable
from db.session import Database

REQUESTS = Counter("backoffice_http_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "backoffice_http_request_seconds",
    "From the request's headers to the end of the answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
POOL_IN_USE = Gauge(
    "backoffice_edge_connections_in_use",
    "Database connections of the edge that are lent out",
    multiprocess_mode="livesum",
)

_WORK = text("""
    SELECT r.agent, r.replicas, count(d.id) FILTER (WHERE d.state = 'waiting') AS waiting,
      count(d.id) FILTER (WHERE d.state = 'dead') AS dead,
      coalesce(extract(epoch FROM now() - min(d.due_at)
        FILTER (WHERE d.state = 'waiting' AND d.due_at <= now())), 0)::float AS lag
    FROM agent_replicas r LEFT JOIN deliveries d USING (agent) GROUP BY r.agent, r.replicas
""")
_NUMBERS = text("""
    SELECT (SELECT count(*) FROM outbox WHERE relayed_at IS NULL) AS unrelayed,
      (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS commits,
      (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
      pg_database_size(current_database()) AS bytes
""")


class Work(Collector):
    """Asked of the database at every scrape: backlog, lag and failures of every agent."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def collect(self) -> Iterator[Metric]:
        try:
            with self._db.reading() as session:
                agents = session.execute(_WORK).all()
                numbers = session.execute(_NUMBERS).one()
        except Unavailable:
            yield GaugeMetricFamily("backoffice_database_up", "Whether PostgreSQL answers", 0)
            return
        yield GaugeMetricFamily("backoffice_database_up", "Whether PostgreSQL answers", 1)
        for name, what, column in (
            ("replicas", "Replicas of an agent", "replicas"),
            ("backlog", "Messages that wait for an agent", "waiting"),
            ("dead_letters", "Messages an agent gave up", "dead"),
            ("lag_seconds", "Age of an agent's oldest due message", "lag"),
        ):
            family = GaugeMetricFamily(f"backoffice_agent_{name}", what, labels=["agent"])
            for row in agents:
                family.add_metric([row.agent], getattr(row, column))
            yield family
        yield GaugeMetricFamily("backoffice_outbox_unrelayed", "Words not yet on their way", numbers.unrelayed)
        yield GaugeMetricFamily(
            "backoffice_database_commits", "Transactions committed since statistics began", numbers.commits
        )
        yield GaugeMetricFamily("backoffice_database_connections", "Connections to the database", numbers.connections)
        yield GaugeMetricFamily("backoffice_database_bytes", "Size of the database", numbers.bytes)


def render(database: Database, folder: Path | None) -> bytes:
    """Everything in Prometheus' text format; `folder` holds the counters of all processes of this machine."""
    POOL_IN_USE.set(database.connections_in_use)
    registry = CollectorRegistry()
    registry.register(Work(database))
    if folder is not None and folder.is_dir():
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY) + generate_latest(registry)
