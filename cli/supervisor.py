"""`backoffice up`: starts PostgreSQL, Ray, the coordinator and Serve in order, and keeps them alive."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.layout import DataDir
from cli.ray_node import RayNode, drain_ingress, end_session, node_environment, socket_folder
from db import migrate
from db.embedded import EmbeddedPostgres
from db.settings import Settings

ROOM_NEEDED_MB = 500
DRAINS_WITHIN = 5.0  # seconds that `down` gives requests under way
Progress = Callable[[str], None]


def _quieten_ray() -> None:
    """Keep Ray's remarks on the number of processes, which are meant for clusters, out of people's terminals."""
    from ray._private.ray_logging import global_worker_stdstream_dispatcher

    global_worker_stdstream_dispatcher.remove_handler("ray_print_logs")
    logging.getLogger("ray.serve").setLevel(logging.ERROR)


class CannotStart(RuntimeError):
    """Something in the way of starting, in a sentence that says what to do."""


@dataclass
class Options:
    host: str = "127.0.0.1"
    replicas: int = 1


class Supervisor:
    """Owns the child processes. `start` brings everything up, `watch` keeps it up, `stop` takes it down in order."""

    def __init__(self, settings: Settings, data: DataDir, options: Options, progress: Progress) -> None:
        self.settings, self.data, self.options, self._say = settings, data, options, progress
        self.port = settings.port
        self._postgres: EmbeddedPostgres | None = None
        self._node: RayNode | None = None
        self.database_url = ""
        self.over = threading.Event()
        self.restarts = 0
        self._started_at = time.time()

    @property
    def url(self) -> str:
        return f"http://{self.options.host}:{self.port}"

    @property
    def dashboard_url(self) -> str:
        return f"http://127.0.0.1:{self._node.dashboard_port}" if self._node else ""

    def check(self) -> None:
        """Refuse early, before anything is touched. Raises `CannotStart`."""
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind((self.options.host, self.port))
            except OSError as error:
                raise CannotStart(
                    f"Port {self.port} is in use by another program. "
                    f"Choose another one: backoffice up --port {self.port + 1}"
                ) from error
        room = shutil.disk_usage(self.data.root).free // 2**20
        if room < ROOM_NEEDED_MB:
            raise CannotStart(
                f"Only {room} MB are free where {self.data.root} lies; Backoffice needs {ROOM_NEEDED_MB} MB. "
                "Free some space or choose another --data-dir."
            )

    def clear_away(self) -> None:
        """End the Ray node of a supervisor that was killed; its PostgreSQL is ended by ours when it starts."""
        left = self.data.read_last_run()
        if left and left.get("ray_pid"):
            end_session(int(left["ray_pid"]), only=b"ray")
            time.sleep(0.2)  # the kernel frees their ports
        self.data.run_file.unlink(missing_ok=True)

    def start(self) -> None:
        self._start_postgres()
        self._say("bringing the schema up to date")
        try:
            migrate.upgrade(self.database_url)
        except migrate.SchemaIsNewer as error:
            raise CannotStart(str(error)) from error
        self._start_ray()
        self._start_company()
        self.write_run()

    def _start_postgres(self) -> None:
        if self.settings.database_url:
            self.database_url = self.settings.database_url
            self._say(f"using PostgreSQL at {urlsplit(self.database_url).hostname}")
            return
        self._say("starting PostgreSQL")
        self._postgres = EmbeddedPostgres(self.data.root)
        try:
            self.database_url = self._postgres.start()
        except Exception as error:
            raise CannotStart(str(error)) from error

    def environment(self) -> dict[str, str]:
        product = {
            "BACKOFFICE_DATABASE_URL": self.database_url,
            "BACKOFFICE_DATA_DIR": str(self.data.root),
            "BACKOFFICE_LOG_DIR": str(self.data.logs),
            "BACKOFFICE_HOST": self.options.host,
            "BACKOFFICE_PORT": str(self.port),
            "BACKOFFICE_RELEASE": self.settings.release,
            "BACKOFFICE_TEST_PROVIDER_SECRET": self.settings.test_provider_secret or self.data.secret("test_provider"),
        }
        return node_environment(self.data, product)

    def _start_ray(self) -> None:
        self._say("starting Ray")
        for old in self.data.metrics.glob("*.db"):
            old.unlink()
        # This process connects to the node as well, so it needs the same environment, before Ray is imported.
        os.environ.update(self.environment())
        self._node = RayNode(self.data)
        self._node.start()
        import ray

        from coordinator.start import namespace_of

        joined = ray.init(
            address=self._node.address,
            namespace=namespace_of(self.settings.release),
            log_to_driver=False,
            logging_level="ERROR",
        )
        self.data.remember_ray_session(Path(joined.address_info["session_dir"]))
        self.obey_signals()  # Ray has put its own handlers in place
        _quieten_ray()

    def _start_company(self) -> None:
        from coordinator.start import namespace_of, start_coordinator, wait_for_agents
        from serve import deployments

        self._say("starting the coordinator and the agents")
        coordinator = start_coordinator(self.database_url, namespace_of(self.settings.release))
        wait_for_agents(coordinator)
        self._say("starting the API")
        deployments.run(host=self.options.host, port=self.port, replicas=self.options.replicas)
        self._wait_for_api()

    def _wait_for_api(self, *, within: float = 30.0) -> None:
        import httpx

        deadline = time.monotonic() + within
        while True:
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            if time.monotonic() > deadline:
                raise CannotStart(f"The API did not answer at {self.url} within {within:.0f} s; see {self.data.logs}.")
            time.sleep(0.1)

    def write_run(self, *, ready: bool = False) -> None:
        """Tell other commands where everything is; `ready` once the first run is over."""
        node = self._node
        self.data.write_run(
            {
                "pid": os.getpid(),
                "ready": ready,
                "url": self.url,
                "release": self.settings.release,
                "database_url": self.database_url,
                "ray_address": node.address if node else None,
                "ray_pid": node.pid if node else None,
                "dashboard_url": self.dashboard_url,
                "metrics_url": f"{self.url}/metrics",
                "ray_metrics_port": node.metrics_port if node else None,
                "postgres_pid": self._postgres.pid if self._postgres else None,
                "restarts": self.restarts,
                "started_at": self._started_at,
            }
        )

    def watch(self) -> None:
        """Until told to stop: a node that dies is started again, with everything on it, from PostgreSQL alone."""
        while not self.over.wait(0.5):
            self.data.turn_logs()
            if self._node is not None and not self._node.running:
                self.restarts += 1
                self._say("Ray went down; starting it again")
                try:
                    self._forget_ray()
                    self._start_ray()
                    self._start_company()
                    self.write_run(ready=True)
                    self._say(f"up again at {self.url}")
                except Exception as error:
                    self._say(f"that failed, trying again: {error}")
                    self.over.wait(2.0)

    def _forget_ray(self) -> None:
        import ray
        from ray import serve as ray_serve

        if self._node is not None:
            self._node.stop(within=1.0)
        # The client side keeps handles to the dead controller; a fresh connection must not find them.
        ray_serve.context._set_global_client(None)
        ray.shutdown()

    def stop(self) -> None:
        """Down in order: requests finish, agents end, then Ray, then PostgreSQL."""
        self._say("stopping")
        if self._node is not None and self._node.running:
            self._quietly("the API", self._stop_serve)
            self._quietly("the agents", self._stop_coordinator)
        if self._node is not None:
            self._quietly("Ray", self._node.stop)
        if self._postgres is not None:
            self._quietly("PostgreSQL", self._postgres.stop)
        for folder in (socket_folder(self.data), self.data.metrics):
            shutil.rmtree(folder, ignore_errors=True)
        self.data.run_file.unlink(missing_ok=True)

    def _quietly(self, what: str, action: Callable[[], Any]) -> None:
        try:
            action()
        except Exception as error:
            self._say(f"{what} did not stop cleanly: {error}")

    def _stop_serve(self) -> None:
        from ray import serve as ray_serve

        if self._node is not None and self._node.pid is not None:
            drain_ingress(self._node.pid, within=DRAINS_WITHIN)
        ray_serve.shutdown()

    def _stop_coordinator(self) -> None:
        import ray

        from coordinator.ray_client import COORDINATOR
        from coordinator.start import namespace_of

        coordinator = ray.get_actor(COORDINATOR, namespace_of(self.settings.release))
        ray.get(coordinator.stop.remote(), timeout=15)
        ray.kill(coordinator)
        ray.shutdown()

    def obey_signals(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, lambda *_: self.over.set())
