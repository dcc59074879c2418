"""A to C by yearly value, never across currencies."""

from __future__ import annotations

from agents.purchasing.planning import letters_of


def test_yen_and_cents_are_not_one_money() -> None:
    """Added up as they are, 90,000 yen would have made the mug B and all else C."""
    value = {("EUR", "MUG"): 4_000.0, ("EUR", "CUP"): 800.0, ("EUR", "LID"): 100.0, ("JPY", "BOWL"): 90_000.0,
             ("JPY", "TRAY"): 400.0}  # fmt: skip
    assert letters_of(value) == {"MUG": "A", "CUP": "B", "LID": "C", "BOWL": "A", "TRAY": "C"}


def test_what_is_bought_in_two_currencies_has_the_better_letter() -> None:
    value = {("EUR", "MUG"): 10.0, ("EUR", "CUP"): 9_990.0, ("USD", "MUG"): 500.0}
    assert letters_of(value) == {"MUG": "A", "CUP": "A"}


def test_what_nobody_sells_or_asks_for_is_c() -> None:
    assert letters_of({("", "MUG"): 0.0, ("EUR", "CUP"): 0.0}) == {"MUG": "C", "CUP": "C"}
