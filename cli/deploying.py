"""Puts the coordinator, the agents and the API on a Ray node, and ends when they answer.

    python -m cli.deploying ADDRESS HOST PORT REPLICAS

A process of its own, because Ray ends whoever is connected to a node that dies: the supervisor has to outlive it.
Lines that begin with `> ` on standard output are progress. The settings come from the environment of the node.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from cli.layout import DataDir
from db.settings import settings


def main() -> None:
    address, host, port, replicas = sys.argv[1:]
    import ray

    from coordinator.start import namespace_of, start_coordinator, wait_for_agents
    from serve import deployments

    known = settings()
    if known.database_url is None:
        raise ValueError("BACKOFFICE_DATABASE_URL is not set")
    namespace = namespace_of(known.release)
    joined = ray.init(address=address, namespace=namespace, log_to_driver=False, logging_level="ERROR")
    DataDir(known.data_dir).remember_ray_session(Path(joined.address_info["session_dir"]))
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    _tell("starting the coordinator and the agents")
    wait_for_agents(start_coordinator(known.database_url, namespace))
    _tell("starting the API")
    deployments.run(host=host, port=int(port), replicas=int(replicas))


def _tell(what: str) -> None:
    print(f"> {what}", flush=True)


if __name__ == "__main__":
    main()
