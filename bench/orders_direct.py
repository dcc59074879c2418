"""So many callers of the orders agent, in one process, through the client that the gateway uses.

    python -m bench.orders_direct DATA_DIR --callers 128 --seconds 10 --sku HOT

A program of its own, because it has to have the environment of the cluster before it imports Ray. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.client import percentile
from bench.orders_shop import GOODS, order
from cli.layout import DataDir


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--callers", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--sku", help="the same good for everybody; without it a thousand")
    options = parser.parse_args()
    facts = DataDir(options.data_dir).read_run() or {}
    os.environ |= {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(DataDir(options.data_dir).secret_path("ray_token")),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    import ray

    from coordinator.start import namespace_of

    namespace = namespace_of(facts["release"])
    ray.init(address=facts["ray_address"], namespace=namespace, log_to_driver=False, logging_level="ERROR")
    print(json.dumps(asyncio.run(_call(namespace, options))))
    ray.shutdown()


async def _call(namespace: str, options: argparse.Namespace) -> dict[str, Any]:
    from msgspec import convert

    from agents.contract import Asked, encode
    from agents.orders.messages import PlaceOrder
    from coordinator.ray_client import RayClient

    client = RayClient(namespace)
    bodies = [encode(convert(order(sku), PlaceOrder)) for sku in ([options.sku] if options.sku else GOODS)]
    took: list[float] = []
    statuses: Counter[int] = Counter()

    async def caller(until: float, count: bool) -> None:
        while (begun := time.perf_counter()) < until:
            key = uuid4().hex
            asked = Asked("PlaceOrder", random.choice(bodies), "key:bench", "key:bench", key, key)
            answer = await client.ask("orders", asked, partition=key)
            if count:
                took.append((time.perf_counter() - begun) * 1000)
                statuses[answer.status] += 1

    async def everybody(seconds: float, count: bool) -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(caller(until, count) for _ in range(options.callers)))

    await everybody(min(1.0, options.seconds / 4), count=False)
    cpu, begun = time.process_time(), time.perf_counter()
    await everybody(options.seconds, count=True)
    seconds = time.perf_counter() - begun
    return {
        "orders_per_second": statuses[200] / seconds,
        "p50": percentile(took, 0.5),
        "p95": percentile(took, 0.95),
        "p99": percentile(took, 0.99),
        "statuses": {str(k): n for k, n in statuses.items()},
        "cpu_seconds": time.process_time() - cpu,
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
