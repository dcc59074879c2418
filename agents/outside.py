"""The guard of connections to addresses that somebody chose: to the internet only, bounded in time and size.

The name is resolved here and the very addresses that were judged are connected to, so a name that resolves
differently a moment later (DNS rebinding) leads nowhere. TLS still checks the certificate for the name. Redirects
are not followed.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore

from db.settings import Network

CONNECT_SECONDS = 5.0
EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""For an address that whoever runs the company configured."""

# Addresses inside these reach an IPv4 address that is written into them.
_TUNNELS = tuple(ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))


def may_connect(address: str, networks: Sequence[Network], *, encrypted: bool) -> bool:
    """Whether a resolved address is one of the internet, or of the networks that are allowed by name."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip.version == n.version and ip in n for n in networks):
        return True
    if not encrypted or not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return not any(ip.version == n.version and ip in n for n in _TUNNELS)


class NotAllowed(Exception):
    """The name leads to an address that is not one of the internet, and not of a network that was allowed."""


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
                raise NotAllowed(f"{host} leads to {address}, which is not one of the internet.")
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


@contextmanager
def asked(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    networks: Sequence[Network],
    until: float,
) -> Iterator[httpcore.Response]:
    """One request and its answer, whose body is still to be read. `until` is of the monotonic clock.

    Raises NotAllowed and httpcore's errors.
    """
    target = httpcore.URL(url)
    backend = _Guarded(networks, encrypted=target.scheme == b"https", until=until)
    request = httpcore.Request(
        method,
        target,
        headers=[
            (b"Host", target.host if target.port is None else target.host + f":{target.port}".encode()),
            *((name.encode(), value.encode()) for name, value in (headers or {}).items()),
            (b"Content-Length", str(len(body)).encode()),
            (b"Accept-Encoding", b"identity"),
            (b"Connection", b"close"),
        ],
        content=body,
        extensions={"timeout": {"connect": min(CONNECT_SECONDS, until - time.monotonic())}},
    )
    with httpcore.HTTPConnection(target.origin, ssl_context=_tls(), network_backend=backend) as connection:
        answer = connection.handle_request(request)
        try:
            yield answer
        finally:
            answer.close()


def fetch(url: str, *, networks: Sequence[Network] = (), seconds: float, largest: int) -> bytes:
    """What is at an address, at most `largest` bytes.

    Raises OSError where it does not answer with 200, and ValueError for an address that may not be asked and for an
    answer that is too large.
    """
    read = b""
    try:
        with asked("GET", url, networks=networks, until=time.monotonic() + seconds) as answer:
            if answer.status != 200:
                raise OSError(f"answered {answer.status}")
            for piece in answer.iter_stream():
                read += piece
                if len(read) > largest:
                    raise ValueError(f"more than {largest} bytes")
    except NotAllowed as why:
        raise ValueError(str(why)) from why
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise OSError(type(error).__name__) from error
    return read
