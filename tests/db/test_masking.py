"""What is blotted out of a line, and what is left to look for the mistake with."""

from __future__ import annotations

import time

import pytest

from agents.orders.messages import PlacedLine, PlaceOrder
from db.masking import blotted, in_full, in_short, mask, private_words


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("mail to <ada.king+shop@mail.example.co.uk>: 550", "mail to <***>: 550"),
        ("call +44 (0)1904 123-456 today", "call *** today"),
        ("key bo_live_Abc123, hook whsec_x9, stripe sk_live_9z and rk_test_1", "key ***, hook ***, stripe *** and ***"),
        ("Authorization: Bearer eyJhbGciOi.x.y", "Authorization: Bearer ***"),
        ("postgresql://backoffice:s3cret@127.0.0.1:5432/backoffice", "postgresql://***@127.0.0.1:5432/backoffice"),
        ("order 100301 of 2026-11-27T04:39:26+00:00 at LON", "order 100301 of 2026-11-27T04:39:26+00:00 at LON"),
    ],
)
def test_secrets_addresses_and_numbers_are_blotted_out_and_nothing_else(said: str, left: str) -> None:
    assert blotted(said) == left


def test_words_of_a_person_are_whole_words() -> None:
    assert blotted("Ada sent it through the adapter of Adam", {"Ada"}) == "*** sent it through the adapter of Adam"


def test_a_message_says_what_is_private_in_it_and_what_it_is_about_stays_readable() -> None:
    order = PlaceOrder(
        channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=1)], email="ada@example.com",
        shipping_address={"name": "Ada King", "country": "GB", "lines": ["12 Mill Lane"]}, external_ref="AMZ-1",
    )  # fmt: skip
    assert private_words(order) == {"ada@example.com", "Ada King", "12 Mill Lane"}
    assert private_words(b"\xc1 not MessagePack") == frozenset()


def test_an_error_that_led_to_itself_is_told_once() -> None:
    first, second = RuntimeError("first"), RuntimeError("second")
    first.__context__, second.__context__ = second, first
    assert in_full(first).count("RuntimeError: first") == 1
    assert in_short(ValueError()) == "ValueError"


def test_what_went_wrong_together_is_told_together() -> None:
    both = ExceptionGroup("two", [KeyError("Ada"), RuntimeError("no bin")])
    told = in_full(both)
    assert "KeyError: '***'" in told
    assert "RuntimeError: no bin" in told


@pytest.mark.parametrize(
    "said", ["a" * 30_000, "a." * 15_000, "a@a-" * 8_000, "://" + "a" * 30_000, "+1" + " " * 30_000]
)
def test_a_long_line_is_read_once_whatever_is_in_it(said: str) -> None:
    begun = time.perf_counter()
    blotted(said)
    assert time.perf_counter() - begun < 1.0


def test_nobody_forges_a_line_or_paints_the_screen_of_who_reads_it() -> None:
    line = mask(
        None, "info", {"event": "refused", "path": "/a\n2026 fine\x1b[2J\u2028", "why": RuntimeError("no\rbin")}
    )
    assert line["path"] == "/a\\n2026 fine\\x1b[2J\\u2028"
    assert line["why"] == "RuntimeError: no\\rbin"


def test_of_a_traceback_only_our_own_line_breaks_are_kept() -> None:
    try:
        raise RuntimeError("first\nforged\x1b[2J")
    except RuntimeError as error:
        told = mask(None, "error", {"event": "failed", "exc_info": error})["exception"].splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert told[-1] == "RuntimeError: first\\nforged\\x1b[2J"
