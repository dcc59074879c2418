"""Somebody else's server: on loopback, with every bad habit one can have."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import msgspec

from agents.webhooks.rules import sign

LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return dict(msgspec.json.decode(self.body))

    def is_signed_with(self, secret: str) -> bool:
        """As the snippet of the documentation does it."""
        timestamp = int(self.headers["backoffice-timestamp"])
        return f"v1={sign(secret, timestamp, self.body)}" in self.headers["backoffice-signature"].split(",")


@dataclass
class Receiver:
    """`habit` is what it does with each request: a status, or a word of `_Handler`."""

    habit: int | str = 200
    got: list[Got] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(_Handler):
            owner = receiver

        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def told(self) -> list[str]:
        return [g.told["type"] for g in self.got]

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self._take(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        self._take(b"")

    def _take(self, body: bytes) -> None:
        self.owner.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        habit = self.owner.habit
        if isinstance(habit, int):
            self._answer(habit, f"I say {habit}".encode())
        else:
            getattr(self, f"_{habit}")()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", self.owner.url + "/elsewhere")
        for name, value in self.owner.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang(self) -> None:
        self.owner.released.wait(30)
        self.close_connection = True

    def _drip(self) -> None:
        """A letter now and then: no single read takes long, the whole never ends."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(600):
            try:
                self.wfile.write(f"X-{n}: y\r\n".encode())
            except OSError:
                return
            if self.owner.released.wait(0.05):
                break
        self.close_connection = True

    def _garbage(self) -> None:
        self.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")
        self.close_connection = True

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _endless(self) -> None:
        """A good status and a body without an end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        until = time.monotonic() + 10
        while time.monotonic() < until and not self.owner.released.is_set():
            try:
                self.wfile.write(b"x" * 10_000)
            except OSError:
                break
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass
