"""The one data directory: what lies where, created with owner-only rights."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its owner is made in it
LOG_LIMIT_BYTES = 64 * 1024 * 1024


class AlreadyRunning(RuntimeError):
    """Another `backoffice up` holds this data directory."""


@dataclass(frozen=True)
class DataDir:
    """`secrets/` keys and passwords, `logs/`, `postgres/`, `ray/` cluster state, `run.json` while up."""

    root: Path

    def create(self) -> None:
        # A cluster's system user must be able to pass through when the product runs as root; names stay unlisted.
        self.root.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.root / "secrets", self.logs, self.ray, self.metrics):
            folder.mkdir(mode=0o700, exist_ok=True)

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def ray(self) -> Path:
        return self.root / "ray"

    @property
    def metrics(self) -> Path:
        """Counters of each process, in memory where the system has a place for that.

        They are memory-mapped: on a full disk a process that counts would be killed by it (SIGBUS).
        """
        folder = MEMORY / f"backoffice-{self.mark}"
        ours = folder.stat().st_uid == os.geteuid() if folder.exists() else os.access(MEMORY, os.W_OK)
        return folder if ours else self.root / "metrics"

    @property
    def mark(self) -> str:
        """Tells this installation from others on the machine, in few characters."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    @property
    def run_file(self) -> Path:
        return self.root / "run.json"

    def secret(self, name: str, make: int = 32) -> str:
        """A secret kept in `secrets/NAME`, made on first use."""
        path = self.secret_path(name)
        if not path.exists():
            self.write_private(path, secrets.token_urlsafe(make))
        return path.read_text().strip()

    def secret_path(self, name: str) -> Path:
        return self.root / "secrets" / name

    def write_private(self, path: Path, text: str) -> None:
        """Write a file that only its owner can read, whole or not at all."""
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
        fresh.replace(path)

    def turn_logs(self) -> None:
        """Move a log that has grown large out of the way, as NAME.log.1; whoever writes it begins a new one.

        PostgreSQL's and Ray's own are held open by them and are turned when they start.
        """
        for path in self.logs.glob("*.log"):
            if path.stem not in ("postgres", "ray", "up") and path.stat().st_size > LOG_LIMIT_BYTES:
                path.replace(path.with_suffix(".log.1"))

    @property
    def ray_session(self) -> Path:
        """Where Ray keeps the logs of the node that runs here, or ran here last."""
        return self.ray / "session"

    def remember_ray_session(self, folder: Path) -> None:
        fresh = self.ray / "session.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(folder)
        fresh.replace(self.ray_session)

    def write_run(self, facts: dict[str, Any]) -> None:
        self.write_private(self.run_file, json.dumps(facts, indent=1))

    def read_last_run(self) -> dict[str, Any] | None:
        """What the last `up` wrote about itself and did not take back: it runs, or it was killed."""
        try:
            facts: dict[str, Any] = json.loads(self.run_file.read_text())
        except (OSError, ValueError):
            return None
        return facts

    def read_run(self) -> dict[str, Any] | None:
        """What the running `up` wrote about itself, None when nothing runs here."""
        facts = self.read_last_run()
        return facts if facts and alive(int(facts["pid"])) else None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory for this process. Raises `AlreadyRunning` with the address of the one that holds it."""
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            running = self.read_run() or {}
            where = f" at {running['url']}" if running.get("url") else ""
            raise AlreadyRunning(
                f"Backoffice is already running{where} on {self.root}. Open it, stop it with "
                "`backoffice down`, or choose another --data-dir and --port."
            ) from None
        try:
            os.truncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
            yield
        finally:
            os.close(handle)

    def holder(self) -> int | None:
        """The process that holds the directory: an `up` that starts, runs or stops, or a command that needs it."""
        try:
            handle = os.open(self.root / "lock", os.O_RDWR)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        except BlockingIOError:
            return int(os.read(handle, 20) or 0) or None
        finally:
            os.close(handle)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet collected by its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # no /proc on this system
        return True
