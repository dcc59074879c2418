"""What is fetched from an address that somebody chose: from the internet only, and bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from agents.outside import fetch
from tests.webhooks.receiver import LOOPBACK, Receiver


@pytest.fixture
def a_server() -> Iterator[Callable[..., Receiver]]:
    made: list[Receiver] = []

    def make(habit: int | str = 200) -> Receiver:
        made.append(Receiver(habit))
        return made[-1]

    yield make
    for server in made:
        server.close()


def test_it_is_the_whole_body(a_server) -> None:
    assert fetch(a_server().url, networks=LOOPBACK, seconds=5, largest=100) == b"I say 200"


def test_nothing_is_asked_of_an_address_inside(a_server) -> None:
    server = a_server()
    for url in (server.url, server.url.replace("127.0.0.1", "localhost"), server.url.replace("http:", "https:")):
        with pytest.raises(ValueError, match="not one of the internet"):
            fetch(url, seconds=5, largest=100)
    assert server.got == []


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_what_is_not_there_is_an_error_and_no_redirect_is_followed(a_server, status) -> None:
    server = a_server(status)
    with pytest.raises(OSError, match=f"answered {status}"):
        fetch(server.url, networks=LOOPBACK, seconds=5, largest=100)
    assert len(server.got) == 1


@pytest.mark.parametrize("habit", ["garbage", "hang_up", "hang", "drip"])
def test_bad_manners_take_no_longer_than_they_may(a_server, habit) -> None:
    started = time.monotonic()
    with pytest.raises(OSError):
        fetch(a_server(habit).url, networks=LOOPBACK, seconds=0.5, largest=100)
    assert time.monotonic() - started < 3


def test_a_body_without_end_is_too_large(a_server) -> None:
    with pytest.raises(ValueError, match="more than 50000 bytes"):
        fetch(a_server("endless").url, networks=LOOPBACK, seconds=5, largest=50_000)
