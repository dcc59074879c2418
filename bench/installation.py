"""A whole company for one bench: made, used and thrown away. Nothing of it is left, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from cli.layout import DataDir
from cli.ports import free_port
from cli.ray_node import end_left_behind

STARTS_WITHIN = 480.0  # seconds; two cores take 40, and many times that when others use them
STOPS_WITHIN = 60.0


class DidNotStart(RuntimeError):
    """The company did not come up; the text has the end of what it said."""


@dataclass(frozen=True)
class Installation:
    """`url` is the API's without `/api/v1`; `database_url` is for looking, never for writing."""

    data_dir: Path
    url: str
    key: str
    database_url: str
    started_in: float  # seconds until it was ready
    settings: Mapping[str, str] | None = None

    def facts(self) -> dict[str, Any]:
        """What the supervisor says of itself: process ids, addresses, restarts."""
        return DataDir(self.data_dir).read_run() or {}

    def start_again(self) -> None:
        """`backoffice up` once more on the same data and port, after everything of it was killed.

        Raises:
            DidNotStart: it was not ready in time.
        """
        port = self.url.rpartition(":")[2]
        _up("--data-dir", str(self.data_dir), "--port", port, settings=self.settings)

    def stop(self) -> None:
        """`backoffice down`; the data stays until the end of the block."""
        _backoffice("down", "--data-dir", str(self.data_dir), within=STOPS_WITHIN + 15)

    def audit(self) -> dict[str, Any]:
        """Every invariant over all rows, as `backoffice audit --json` tells it."""
        said = _backoffice("audit", "--json", "--data-dir", str(self.data_dir), within=600.0)
        if not said.stdout.strip():
            raise RuntimeError(f"The audit did not run: {said.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(said.stdout)
        return found


@contextmanager
def installation(
    settings: Mapping[str, str] | None = None, *, replicas: int = 1, room: Path | None = None
) -> Iterator[Installation]:
    """`backoffice up --empty` on a free port and a directory of its own; down and deleted at the end.

    `settings` are more variables of the environment, such as BACKOFFICE_RATE_PER_SECOND; `room` is where its directory
    is made.

    Raises:
        DidNotStart: it was not ready in time.
    """
    # Not closed to others: the system user that PostgreSQL runs as under root has to pass through.
    home = Path(tempfile.mkdtemp(prefix="backoffice-bench-", dir=room))
    home.chmod(0o755)
    data = DataDir(home / "data")
    told_to_stop = signal.signal(signal.SIGTERM, _leave)
    try:
        begun = time.monotonic()
        where = ("--data-dir", str(data.root), "--port", str(free_port()))
        _up(*where, "--replicas", str(replicas), settings=settings)
        facts = data.read_run() or {}
        yield Installation(
            data.root,
            str(facts["url"]),
            data.secret_path("api_key").read_text().strip(),
            str(facts["database_url"]),
            time.monotonic() - begun,
            settings,
        )
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # no second signal cuts the tidying short
        try:
            _stop(data)
        finally:
            shutil.rmtree(home, ignore_errors=True)
            signal.signal(signal.SIGTERM, told_to_stop)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(143)


def _up(*words: str, settings: Mapping[str, str] | None) -> None:
    said = _backoffice("up", "--empty", "--no-console", "--detach", *words, within=STARTS_WITHIN, settings=settings)
    if said.returncode:
        raise DidNotStart(f"backoffice up ended with {said.returncode}:\n{(said.stdout + said.stderr)[-3000:]}")


def _backoffice(
    *words: str, within: float, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    # What the caller's shell is set up for must not steer the bench to another company.
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BACKOFFICE_")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=Path(__file__).parent.parent,
        env={**clean, "COLUMNS": "200", **(settings or {})},
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )


def _stop(data: DataDir) -> None:
    facts = data.read_last_run() or {}
    with suppress(subprocess.TimeoutExpired):
        _backoffice("down", "--data-dir", str(data.root), within=STOPS_WITHIN + 15)
    if data.read_run() is None:
        return
    # It does not listen: end its own processes one by one, by what it told of itself.
    for name in ("pid", "postgres_pid"):
        if facts.get(name):
            with suppress(ProcessLookupError):
                os.kill(int(facts[name]), signal.SIGKILL)
    end_left_behind(data)
