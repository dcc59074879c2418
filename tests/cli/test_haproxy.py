"""What Serve writes for HAProxy, amended: rendered by Serve's own template, and worked by the packaged HAProxy."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from cli.haproxy import STREAMS, amend
from cli.layout import DataDir
from cli.ports import free_port
from cli.ray_node import our_haproxy

HELD = 1.5  # seconds that the replica takes for an order


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/orders":
            time.sleep(HELD)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@dataclass
class Edge:
    folder: Path
    port: int
    replica: int

    def written(self) -> str:
        """The configuration that Serve writes for one replica and its own proxy behind it."""
        with warnings.catch_warnings(action="ignore"):  # of Pydantic, about how Serve uses it
            from ray.serve._private import haproxy as serves
            from ray.serve.config import HTTPOptions

        server = serves.ServerConfig("replica", "127.0.0.1", self.replica)
        proxy = serves.ServerConfig("proxy", "127.0.0.1", 9)
        backend = serves.BackendConfig("http-backoffice", "/", servers=[server], fallback_server=proxy)
        config = serves.HAProxyConfig(
            socket_path=str(self.folder / "admin.sock"),
            server_state_base=str(self.folder),
            server_state_file=str(self.folder / "state"),
            http_options=HTTPOptions(host="127.0.0.1", port=self.port),
            metrics_port=free_port(),
            stats_port=free_port(),
            timeout_connect_s=5,
            timeout_client_s=60,
        )
        path = self.folder / "haproxy.cfg"
        with patch.object(serves, "RAY_SERVE_HAPROXY_SOCKET_PATH", str(self.folder / "admin.sock")):
            serves.HAProxyApi(config, {"backoffice": backend}, str(path))._generate_config_file_internal()
        return path.read_text()


@pytest.fixture
def edge() -> Iterator[Edge]:
    replica = ThreadingHTTPServer(("127.0.0.1", 0), Replica)
    threading.Thread(target=replica.serve_forever, daemon=True).start()
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="bo-edge-"))  # a socket's path has to be short
    yield Edge(folder, free_port(), replica.server_address[1])
    replica.shutdown()
    replica.server_close()
    shutil.rmtree(folder)


def binary_and_answer(folder: Path) -> tuple[Path, Path]:
    data = DataDir(folder / "data")
    data.ray.mkdir(parents=True)
    wrapper = our_haproxy(data)
    if wrapper is None:
        pytest.skip("there is no packaged HAProxy for this machine")
    return wrapper, data.ray / "away.http"


@contextmanager
def working(wrapper: Path, config: Path, port: int) -> Iterator[str]:
    process = subprocess.Popen([str(wrapper), "-db", "-f", str(config)], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            with suppress(httpx.TransportError):
                if httpx.get(f"{url}/quick").status_code == 200:
                    break
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def test_a_crowd_waits_for_a_place_only_so_long_and_streams_need_none(edge: Edge) -> None:
    written = edge.written()
    wrapper, away = binary_and_answer(edge.folder)
    config = edge.folder / "haproxy.cfg"
    config.write_text(amend(written, str(away), at_once=2))
    with working(wrapper, config, edge.port) as url, ThreadPoolExecutor(8) as crowd:
        asked = [crowd.submit(httpx.get, f"{url}/orders", timeout=20) for _ in range(6)]
        time.sleep(0.2)
        assert httpx.get(f"{url}{STREAMS}").status_code == 200
        answers = [one.result() for one in asked]
    assert sorted(a.status_code for a in answers) == [200, 200, 503, 503, 503, 503]
    turned_away = [a for a in answers if a.status_code == 503]
    assert {a.headers["Retry-After"] for a in turned_away} == {"1"}
    assert {a.json()["error"]["code"] for a in turned_away} == {"unavailable"}
    assert max(a.elapsed.total_seconds() for a in turned_away) < HELD


@pytest.mark.parametrize(
    "beginning", [b"POST /orders HTTP/1.1\r\nX: ", b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n"]
)
def test_who_sends_a_letter_at_a_time_keeps_no_place_and_is_not_waited_for(edge: Edge, beginning: bytes) -> None:
    written = edge.written()
    wrapper, away = binary_and_answer(edge.folder)
    config = edge.folder / "haproxy.cfg"
    config.write_text(amend(written, str(away), at_once=1, whole_seconds=2))
    with working(wrapper, config, edge.port) as url, socket.create_connection(("127.0.0.1", edge.port)) as slow:
        slow.sendall(beginning)
        begun, said = time.monotonic(), b""
        while not said:
            slow.sendall(b"a")
            assert httpx.get(f"{url}/quick").status_code == 200
            slow.settimeout(0.2)
            with suppress(TimeoutError):
                said = slow.recv(1000)
            assert time.monotonic() - begun < 8
    assert said.startswith(b"HTTP/1.1 408 ")


def test_the_wrapper_amends_what_serve_wrote_and_only_once(edge: Edge) -> None:
    """Started by it, HAProxy listens on loopback alone and tells who comes too early to come back."""
    written = edge.written()
    wrapper, away = binary_and_answer(edge.folder)
    config = edge.folder / "haproxy.cfg"
    checked = subprocess.run([str(wrapper), "-c", "-f", str(config)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    once = config.read_text()
    assert once != written
    assert amend(once, str(away)) == once
    binds = [line.split()[1] for line in once.splitlines() if line.strip().startswith("bind ")]
    assert len(binds) == 3
    assert {b.rpartition(":")[0] for b in binds} == {"127.0.0.1"}
    assert "status 404" not in once
    assert once.count(f"errorfile {away}") + once.count(f" {away}\n") >= 4


def test_without_a_replica_every_path_is_told_to_come_back(edge: Edge) -> None:
    written = edge.written()
    wrapper, away = binary_and_answer(edge.folder)
    config = edge.folder / "haproxy.cfg"
    nobody = written.replace(f"127.0.0.1:{edge.replica} check", f"127.0.0.1:{free_port()} check")
    config.write_text(amend(nobody, str(away)))
    with working(wrapper, config, edge.port) as url:
        answer = httpx.get(f"{url}/orders", timeout=20)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
