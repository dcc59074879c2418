"""`backoffice up`: starts PostgreSQL, Ray, the coordinator and Serve in order, and keeps them alive."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cli.layout import DataDir
from cli.ray_node import RayNode, drain_ingress, end_left_behind, keep_last_session, node_environment, socket_folder
from db import migrate
from db.embedded import EmbeddedPostgres
from db.settings import Settings

ROOM_NEEDED_MB = 500
STARTS_WITHIN = 240.0  # seconds for agents and API, on a machine that is slow and not broken
DRAINS_WITHIN = 5.0  # seconds that `down` gives requests under way
Progress = Callable[[str], None]


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
        end_left_behind(self.data)
        self.data.run_file.unlink(missing_ok=True)

    def start(self) -> None:
        self._start_postgres()
        self._say("bringing the schema up to date")
        try:
            migrate.upgrade(self.database_url)
        except migrate.SchemaIsNewer as error:
            raise CannotStart(str(error)) from error
        try:
            self._start_cluster()
        except RuntimeError as error:
            # A port that was free is taken, a process of a machine under load is late: once more, from nothing.
            if self.over.is_set():
                return
            self._say(f"starting once more, because: {error}")
            self._start_cluster()
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
            "BACKOFFICE_SECRETS_KEY": self.settings.secrets_key or self.data.secret("secrets_key"),
        }
        return node_environment(self.data, product)

    def _start_cluster(self) -> None:
        if self._node is not None:
            self._node.stop(within=1.0)
        self._start_ray()
        self._start_company()

    def _start_ray(self) -> None:
        self._say("starting Ray")
        for old in self.data.metrics.glob("*.db"):
            old.unlink()
        self._node = RayNode(self.data, self.environment())
        self._node.start()

    def _start_company(self) -> None:
        """Raises RuntimeError when what starts it has ended without success; what it said is in `ray.log`."""
        if self._node is None:
            raise RuntimeError("There is no Ray node to start anything on.")
        log = self.data.logs / "ray.log"
        words = (self._node.address, self.options.host, str(self.port), str(self.options.replicas))
        with (
            log.open("ab") as noise,
            subprocess.Popen(  # noqa: S603 - our own words
                [sys.executable, "-m", "cli.deploying", *words],
                stdout=subprocess.PIPE, stderr=noise, stdin=subprocess.DEVNULL, text=True, start_new_session=True,
                env=self._node.environment,
            ) as child,
        ):  # fmt: skip
            threading.Thread(target=self._end_in_time, args=(child,), daemon=True).start()
            for line in child.stdout or ():
                if line.startswith("> "):
                    self._say(line[2:].strip())
        if self.over.is_set():
            return
        if child.returncode:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise RuntimeError(f"The agents and the API did not start. The end of {log}:\n{tail}")
        self._wait_for_api()

    def _end_in_time(self, child: subprocess.Popen[str]) -> None:
        """Nobody waits for a start that hangs, that has lost its node, or that is not wanted any more."""
        deadline = time.monotonic() + STARTS_WITHIN
        while child.poll() is None:
            lost = self._node is None or not self._node.running
            if self.over.wait(0.2) or lost or time.monotonic() > deadline:
                child.kill()
                return

    def _wait_for_api(self, *, within: float = 30.0) -> None:
        import httpx

        deadline = time.monotonic() + within
        while True:
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            if self.over.is_set():
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"The API did not answer at {self.url} within {within:.0f} s; see {self.data.logs}.")
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
        up = True
        while not self.over.wait(0.5):
            self.data.turn_logs()
            if up and self._node is not None and self._node.running:
                continue
            self._say("Ray went down; starting it again" if up else "starting Ray once more")
            up, self.restarts = False, self.restarts + 1
            try:
                self._start_cluster()
                self.write_run(ready=True)
                up = True
                self._say(f"up again at {self.url}")
            except Exception as error:
                self._say(f"that failed, trying again: {error}")
                self.over.wait(2.0)

    def stop(self) -> None:
        """Down in order: requests finish, then Ray with all agents, then PostgreSQL.

        Agents are ended as they are: what they had in hand was not committed, and is done after the next start.
        """
        self._say("stopping")
        if self._node is not None:
            self._quietly("the API", self._drain)
            self._quietly("Ray", self._node.stop)
        if self._postgres is not None:
            self._quietly("PostgreSQL", self._postgres.stop)
        self._quietly("Ray's log", lambda: keep_last_session(self.data))
        for folder in (socket_folder(self.data), self.data.metrics):
            shutil.rmtree(folder, ignore_errors=True)
        self.data.run_file.unlink(missing_ok=True)

    def _quietly(self, what: str, action: Callable[[], Any]) -> None:
        try:
            action()
        except Exception as error:
            self._say(f"{what} did not stop cleanly: {error}")

    def _drain(self) -> None:
        if self._node is not None and self._node.pid is not None and self._node.running:
            drain_ingress(self._node.pid, within=DRAINS_WITHIN)

    def obey_signals(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, lambda *_: self.over.set())
