"""What a check is and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Check:
    """`what` is the invariant in a sentence; `sql` returns the rows that break it, with names that explain.
    `params` are arrays of text.

    `covers` are its numbers in the list of invariants (Y1) and of the feature (F3-4a).
    """

    name: str
    what: str
    covers: str
    sql: str
    params: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """`violations` counts all offending rows; `rows` are the first of them."""

    name: str
    what: str
    violations: int
    rows: list[dict[str, Any]]


PENDING = """pending AS MATERIALIZED (
    SELECT subject FROM outbox WHERE relayed_at IS NULL UNION SELECT subject FROM deliveries
)"""
"""Subjects with something still to be handled: what one agent knows of them, another has not heard yet."""


def legal_moves(tables: Iterable[tuple[str, Mapping[Any, Iterable[Any]]]]) -> dict[str, list[str]]:
    """Lifecycles as parallel arrays: (kind, from, to) for each legal move, (kind, status) for each state."""
    moves: dict[str, list[str]] = {"kinds": [], "froms": [], "tos": [], "known_kinds": [], "known": []}
    for kind, table in tables:
        for before, afters in table.items():
            moves["known_kinds"].append(kind)
            moves["known"].append(str(before))
            for after in afters:
                moves["kinds"].append(kind)
                moves["froms"].append(str(before))
                moves["tos"].append(str(after))
    return moves
