"""One POST to an address that a customer of ours chose: guarded, bounded in time and size, no redirects.

The name is resolved here and the very addresses that were judged are connected to, so a name that resolves
differently a moment later (DNS rebinding) leads nowhere. TLS still checks the certificate for the name.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore

from agents.webhooks.rules import Answered, may_connect
from db.settings import Network

CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0
KEPT_LETTERS = 2000  # of the answer's body
READ_BYTES = 64_000


class NotAllowed(Exception):
    """The name leads to an address that webhooks are not sent to."""


class _Deadline(httpcore.NetworkStream):
    """A stream that ends in time even when every single read is quick: a drop a second is no answer."""

    def __init__(self, inner: httpcore.NetworkStream, until: float) -> None:
        self._inner, self._until = inner, until

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is up")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline rules
        return self._inner.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, self._left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Deadline(self._inner.start_tls(ssl_context, server_hostname, timeout), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Guarded(httpcore.NetworkBackend):
    def __init__(self, networks: Sequence[Network], *, encrypted: bool, until: float) -> None:
        self._networks, self._encrypted, self._until = networks, encrypted, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"The name {host} cannot be resolved") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not may_connect(address, self._networks, encrypted=self._encrypted):
                raise NotAllowed(f"{host} leads to {address}, which webhooks are not sent to.")
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, timeout)

    def _connect(self, address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        return _Deadline(httpcore.SyncBackend().connect_tcp(address, port, timeout), self._until)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, networks: Sequence[Network], seconds: float = WHOLE_SECONDS
) -> Answered:
    """Never raises for anything that the address, its name or its server does."""
    started = time.monotonic()
    try:
        answered = _post(url, headers, body, networks, started + seconds)
    except NotAllowed as why:
        answered = Answered(None, error=str(why))
    except httpcore.TimeoutException:
        answered = Answered(None, error=f"No answer within {min(seconds, WHOLE_SECONDS):.0f} seconds.")
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError, ValueError) as error:
        answered = Answered(
            None, error=f"{_SAID.get(type(error), 'It failed')}: {error or type(error).__name__}."[:500]
        )
    return replace(answered, took_ms=round((time.monotonic() - started) * 1000))


_SAID: dict[type[Exception], str] = {
    httpcore.ConnectError: "It could not be connected to",
    httpcore.ReadError: "The connection broke off",
    httpcore.WriteError: "The connection broke off",
    httpcore.RemoteProtocolError: "It does not speak HTTP",
}


def _post(url: str, headers: Mapping[str, str], body: bytes, networks: Sequence[Network], until: float) -> Answered:
    target = httpcore.URL(url)
    backend = _Guarded(networks, encrypted=target.scheme == b"https", until=until)
    limits = {"connect": min(CONNECT_SECONDS, until - time.monotonic())}
    asked = httpcore.Request(
        "POST",
        target,
        headers=[
            (b"Host", target.host if target.port is None else target.host + f":{target.port}".encode()),
            *((name.encode(), value.encode()) for name, value in headers.items()),
            (b"Content-Length", str(len(body)).encode()),
            (b"Accept-Encoding", b"identity"),
            (b"Connection", b"close"),
        ],
        content=body,
        extensions={"timeout": limits},
    )
    with httpcore.HTTPConnection(target.origin, ssl_context=_tls(), network_backend=backend) as connection:
        answer = connection.handle_request(asked)
        try:
            told = {name.lower(): value for name, value in answer.headers}
            return Answered(answer.status, _beginning(answer), retry_after=_retry_after(told.get(b"retry-after", b"")))
        finally:
            answer.close()


def _beginning(answer: httpcore.Response) -> str:
    """The first letters of the body. That it breaks off or never ends changes nothing: the status has been said."""
    read = b""
    try:
        for piece in answer.iter_stream():
            read += piece
            if len(read) > READ_BYTES:
                break
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        pass
    return read[: 4 * KEPT_LETTERS].decode("utf-8", "replace").replace("\0", "\ufffd")[:KEPT_LETTERS]


def _retry_after(said: bytes) -> int | None:
    text = said.decode("ascii", "replace").strip()
    if text.isdigit() and len(text) < 9:
        return int(text)
    try:
        return max(0, round(parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, TypeError, OverflowError):
        return None
