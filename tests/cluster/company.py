"""A whole running company for cluster tests: `backoffice up` as a user would, in a directory of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from cli.ports import free_port
from cli.ray_node import processes

COMMAND = [sys.executable, "-m", "cli.main"]
ROOT = Path(__file__).parents[2]


class Company:
    """Start it with `up`, talk to it through `api`, always end it with `end`."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="backoffice-company-"))
        self.home.chmod(0o755)
        self.data = self.home / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api: httpx.Client

    def run(self, *words: str, within: float = 320) -> subprocess.CompletedProcess[str]:
        """A `backoffice` command; the caller looks at its exit code."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("BACKOFFICE_", "RAY_"))}
        return subprocess.run(
            [*COMMAND, *words, "--data-dir", str(self.data)],
            cwd=ROOT,
            env={**env, "COLUMNS": "160"},
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )

    def up(self) -> None:
        started = self.run("up", "--empty", "--no-console", "--detach", "--port", str(self.port))
        assert started.returncode == 0, started.stdout + started.stderr
        if hasattr(self, "api"):
            self.api.close()
        key = (self.data / "secrets" / "api_key").read_text()
        self.api = httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )

    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return found

    def pids(self, title: str) -> list[int]:
        """Processes of this company's Ray node whose title begins like this (`ray::OrdersAgent`)."""
        leader = int(self.facts()["ray_pid"])
        return [pid for pid, command in processes(leader) if command.startswith(title.encode())]

    def kill(self, title: str) -> int:
        """`kill -9` every process of that title; returns how many there were."""
        pids = self.pids(title)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)

    def audit(self) -> None:
        """The books are right, whatever happened before."""
        answer = self.run("audit", "--json")
        found = json.loads(answer.stdout)
        assert found["ok"], [c for c in found["checks"] if c["violations"]]
        assert len(found["checks"]) > 30

    def wait(self, true: Callable[[], Any], *, within: float = 30, what: str = "") -> Any:
        deadline = time.monotonic() + within
        while True:
            found = true()
            if found:
                return found
            assert time.monotonic() < deadline, f"not within {within} s: {what}"
            time.sleep(0.05)

    def quiet(self) -> bool:
        """Nothing is on its way from any agent to another."""
        agents = self.api.get("/runtime/agents")
        return agents.status_code == 200 and all(a["backlog"] == 0 for a in agents.json()["data"])

    def end(self) -> None:
        if hasattr(self, "api"):
            self.api.close()
        stopped = self.run("down")
        if stopped.returncode != 0 and (self.data / "run.json").exists():
            facts = self.facts()
            for pid in (facts["pid"], facts["ray_pid"], facts["postgres_pid"]):
                try:
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, TypeError):
                    continue
        shutil.rmtree(self.home, ignore_errors=True)
