"""Ports that are still free when they are bound."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cli import ports


@pytest.mark.parametrize("outgoing", ["32768 60999\n", "20000 30000", "1024 40000"])
def test_no_port_is_one_that_the_kernel_gives_to_outgoing_connections(tmp_path: Path, outgoing: str) -> None:
    (tmp_path / "range").write_text(outgoing)
    first, last = map(int, outgoing.split())
    found = ports.free_ports(200, outgoing=tmp_path / "range")
    assert len(set(found)) == 200
    assert not [port for port in found if first <= port <= last]


def test_where_the_kernel_gives_away_all_of_them_there_are_ports_still(tmp_path: Path) -> None:
    (tmp_path / "range").write_text("1024 65535")
    assert len(set(ports.free_ports(20, outgoing=tmp_path / "range"))) == 20


def test_a_port_in_use_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, other = ports.free_ports(2)
    monkeypatch.setattr(ports, "_candidates", lambda _: [taken, other])
    with socket.socket() as held:
        held.bind(("127.0.0.1", taken))
        assert ports.free_port() == other
        with pytest.raises(RuntimeError, match="no 2 free ports"):
            ports.free_ports(2)
