"""Ports of 127.0.0.1 for processes that bind them a moment later."""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

FIRST, LAST = 20_000, 60_000
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int, *, outgoing: Path = _OUTGOING) -> list[int]:
    """`count` different ones that are free and that the kernel gives to no outgoing connection, while there are such.

    One of the others may be taken between choosing and binding: by anybody on the machine who opens a connection.

    Raises:
        RuntimeError: there are not so many.
    """
    found: list[int] = []
    for port in _candidates(outgoing):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
            if len(found) == count:
                return found
    raise RuntimeError(f"On 127.0.0.1 there are no {count} free ports from {FIRST} to {LAST}. End some programs.")


def free_port() -> int:
    """One of `free_ports`."""
    return free_ports(1)[0]


def _candidates(outgoing: Path) -> list[int]:
    try:
        first, last = map(int, outgoing.read_text().split())
    except (OSError, ValueError):
        first, last = 32_768, 60_999
    ours = [port for port in range(FIRST, LAST) if not first <= port <= last]
    rest = [port for port in range(FIRST, LAST) if first <= port <= last]
    return random.sample(ours, len(ours)) + random.sample(rest, len(rest))
