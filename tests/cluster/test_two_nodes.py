"""Two machines in one: agents are placed on both, one node dies, and the work goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from agents.contract import Answer, Asked, answer_list, encode, unwrap
from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from coordinator.registry import AGENTS
from coordinator.replicas import actor_name
from coordinator.start import namespace_of, start_coordinator, wait_for_agents
from db.audit import run
from tests.shop import Shop

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(600),
    # Ray's own processes and sockets, which it leaves to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
NAMESPACE = namespace_of("two-nodes")


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head and a worker node on this machine; health checks quick enough to see a death within seconds."""
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_health_check_period_ms", "1000")
    monkeypatch.setenv("RAY_health_check_timeout_ms", "5000")
    monkeypatch.setenv("RAY_health_check_failure_threshold", "4")
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "object_store_memory": 100 * 2**20})
    cluster.add_node(num_cpus=2, object_store_memory=100 * 2**20)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, namespace=NAMESPACE, log_to_driver=False, logging_level="ERROR")
    try:
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def placed_on() -> dict[str, str]:
    """The node of every living agent, by agent."""
    from ray.util.state import list_actors

    names = {actor_name(s.name, 0): s.name for s in AGENTS}
    deadline = time.monotonic() + 120
    while True:
        try:
            found = list_actors(filters=[("state", "=", "ALIVE")], limit=1000, timeout=60)
            break
        except Exception:  # Ray's state API has no error of its own for a machine that is only busy
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
    return {names[a.name]: a.node_id for a in found if a.name in names}


def ask(number: int) -> Answer:
    """Place one order through the orders agent, as the edge does: with a key, again until it answers."""
    import ray

    order = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=1)])
    asked = Asked("PlaceOrder", encode(order), "user:test", "user:test", f"two-nodes-{number}", f"request-{number}")
    deadline = time.monotonic() + 150
    while True:
        try:
            actor = ray.get_actor(actor_name("orders", 0), NAMESPACE)
            answer = answer_list.decode(ray.get(actor.ask.remote(encode([asked])), timeout=30))[0]
            if answer.status != 503:
                return answer
        except (ray.exceptions.RayError, ValueError):
            pass
        assert time.monotonic() < deadline, "no answer"
        time.sleep(0.2)


def test_agents_live_on_both_nodes_and_outlive_one_of_them(shop: Shop, nodes: Any) -> None:
    import ray

    shop.a_node()
    shop.a_sku("MUG")
    shop.some_stock("MUG", "LON", 100)
    coordinator = start_coordinator(shop.db.url, NAMESPACE)
    wait_for_agents(coordinator)
    before = placed_on()
    assert len(set(before.values())) == 2, before
    first = [msgspec.msgpack.decode(unwrap(ask(n)), type=OrderState).id for n in range(10)]

    nodes.remove_node(next(iter(nodes.worker_nodes)), allow_graceful=False)

    second = [msgspec.msgpack.decode(unwrap(ask(n)), type=OrderState).id for n in range(5, 30)]
    assert second[:5] == first[5:]  # the same key, the same answer
    deadline = time.monotonic() + 180
    while shop.count("deliveries") or shop.count("outbox WHERE relayed_at IS NULL"):
        assert time.monotonic() < deadline, "messages are still on their way"
        time.sleep(0.2)
    assert len(set(placed_on().values())) == 1
    assert shop.count("orders") == 30
    assert shop.count("fulfilments") == 30
    with shop.db.reading() as session:
        assert [r.name for r in run(session) if r.violations] == []
    ray.get(coordinator.stop.remote(), timeout=30)
