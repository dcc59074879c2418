"""The composition root: starts the coordinator as a detached, restartable actor."""

from __future__ import annotations

import time
from typing import Any

import ray

from coordinator.coordinator import CoordinatorActor
from coordinator.ray_client import COORDINATOR
from coordinator.replicas import actor_name


def namespace_of(release: str) -> str:
    """A deploy never talks to yesterday's detached actors: the namespace carries the release."""
    return f"backoffice-{release}"


def start_coordinator(database_url: str, namespace: str) -> Any:
    """Find or make the coordinator of this release."""
    return CoordinatorActor.options(
        name=COORDINATOR,
        namespace=namespace,
        lifetime="detached",
        get_if_exists=True,
        max_restarts=-1,
        max_task_retries=-1,
        max_concurrency=16,
        num_cpus=0,
        enable_task_events=False,
    ).remote(database_url, namespace)


def wait_for_agents(coordinator: Any, *, within: float = 150.0) -> dict[str, int]:
    """Block until every agent with a minimum answers; returns replicas by agent.

    Raises:
        TimeoutError: some agent has not started; the message names it.
    """
    from coordinator.registry import AGENTS, sized
    from db.settings import settings

    agents = sized(AGENTS, settings().minimum_replicas)
    deadline = time.monotonic() + within
    while True:
        routes: dict[str, int] = ray.get(coordinator.routes.remote(), timeout=within)
        missing = [s.name for s in agents if routes.get(s.name, 0) < s.minimum]
        if not missing:
            names = [actor_name(s.name, i) for s in agents for i in range(routes.get(s.name, 0))]
            first = [ray.get_actor(name) for name in names]
            ray.get([actor.idle_for.remote() for actor in first], timeout=max(1.0, deadline - time.monotonic()))
            return routes
        if time.monotonic() > deadline:
            raise TimeoutError(f"these agents have not started: {', '.join(missing)}")
        time.sleep(0.1)
