"""The Serve application: replicas of the gateway, each a FastAPI app that reads PostgreSQL and asks agents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ray import serve as ray_serve

APP = "backoffice"


def keep_to_the_nodes_address() -> None:
    """Have this replica's port for other replicas listen on its node's address alone: 127.0.0.1 where that is all.

    Serve opens it on every address, after it has built the application, and has no setting for it.
    """
    from ray.serve._private import replica
    from ray.util import get_node_ip_address

    opened, address = replica.add_port_to_grpc_server, get_node_ip_address()
    replica.add_port_to_grpc_server = lambda server, where: opened(server, where.replace("[::]", address))


def build() -> Any:
    """Runs in each replica: the settings come from the environment that the node was started with."""
    from coordinator.ray_client import RayClient
    from coordinator.start import namespace_of
    from db import collector, logs
    from db.session import Database
    from db.settings import load
    from serve.app import create_app
    from serve.edge import EdgeSettings
    from serve.hot_orders import HotOrders

    settings = load(os.environ)
    logs.set_up(settings.log_format, process="gateway", folder=settings.log_dir)
    keep_to_the_nodes_address()
    if settings.database_url is None:
        raise RuntimeError("BACKOFFICE_DATABASE_URL is not set in the environment of this node")
    database = Database(settings.database_url, pool_size=10, application_name="backoffice-edge")
    edge = EdgeSettings(
        rate_per_second=settings.rate_per_second,
        rate_burst=2 * settings.rate_per_second,
        behind_https=settings.behind_https,
        cors_origins=settings.cors_origins,
        dashboard_url=settings.dashboard_url,
        # nosemgrep: settings-are-read-in-one-place - prometheus-client's own variable, which it reads itself
        metrics_folder=Path(counters) if (counters := os.environ.get("PROMETHEUS_MULTIPROC_DIR")) else None,
        # From outside every caller seems to come from the proxy on this machine.
        request_id_is_told=True,
        metrics_on_loopback=settings.host in ("127.0.0.1", "localhost", "::1"),
    )
    app = create_app(database, RayClient(namespace_of(settings.release)), settings=edge)
    HotOrders.edge = app.state.edge
    collector.calm_down()
    return app


@ray_serve.deployment(
    name="gateway",
    num_replicas=1,
    # The default of 5 would cap concurrency and, with HAProxy, keep the autoscaler asleep.
    max_ongoing_requests=1000,
    ray_actor_options={"num_cpus": 0},
    graceful_shutdown_timeout_s=10,
    health_check_period_s=5,
)
@ray_serve.ingress(build)
class Gateway:
    """Requests in, answers out; holds nothing."""


def application(_: dict[str, str]) -> Any:
    """What `ray serve` and KubeRay import: the gateway, after the coordinator of this release was found or made.

    Raises:
        ValueError: there is no database that all machines reach.
    """
    from coordinator.start import namespace_of, start_coordinator
    from db.settings import load

    settings = load(os.environ)
    if settings.database_url is None:
        raise ValueError("a cluster needs BACKOFFICE_DATABASE_URL")
    start_coordinator(settings.database_url, namespace_of(settings.release))
    return Gateway.bind()  # type: ignore[attr-defined]


def run(*, host: str, port: int, replicas: int = 1) -> None:
    """Start or update the application on the connected Ray cluster; returns when it answers."""
    ray_serve.start(
        proxy_location=ray_serve.config.ProxyLocation.HeadOnly,
        http_options={"host": host, "port": port, "keep_alive_timeout_s": 65},
    )
    ray_serve.run(Gateway.options(num_replicas=replicas).bind(), name=APP, route_prefix="/")  # type: ignore[attr-defined]
