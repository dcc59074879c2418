"""Rows as they came, what is wrong with them, and what is to be done about the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from serve.importing.cells import BadCell, read
from serve.importing.columns import Column

SHOWN = 80  # characters of a value that an error repeats


@dataclass(frozen=True)
class Row:
    """`cells` are without the empty ones; `number` is the row's in the caller's file."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Problem:
    """`message` says what to do. `column` None: it is about the row, or the thing it belongs to."""

    row: int
    column: str | None
    value: str | None
    message: str


class Verdict(StrEnum):
    created = "created"
    updated = "updated"
    unchanged = "unchanged"  # it was so already
    skipped = "skipped"  # known, and never changed by an import


@dataclass(frozen=True)
class Step:
    """One thing (an order, a product, …): its rows, what becomes of it, and what is said to the agent for it.

    `payload` None: nothing is to be done. `seen` is the version that was looked at.
    """

    what: str
    rows: tuple[Row, ...]
    verdict: Verdict
    payload: Any = None
    partition: str = ""
    seen: int | None = None
    state: str = ""  # what the payload was decided from, beyond what it says itself


@dataclass
class Plan:
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Reading:
    """Reads the rows of one thing and gathers what is wrong with them; `what` names it: `order A-1 of web`."""

    def __init__(self, what: str, columns: Mapping[str, Column], rows: Sequence[Row]) -> None:
        self.what, self.rows = what, tuple(rows)
        self._columns = columns
        self._found: list[Problem] = []

    def cell(self, row: Row, name: str, default: Any = None, *, currency: str | None = None) -> Any:
        """The cell's value; `default` when it is empty, or wrong: then there is a problem as well."""
        text = row.cells.get(name)
        if text is None:
            if self._columns[name].required:
                self.refuse(f"{name} is empty. Every row needs one: fill it in.", row, name)
            return default
        try:
            return read(self._columns[name], text, currency=currency)
        except BadCell as why:
            self.refuse(str(why), row, name)
            return default

    def agreed(
        self, name: str, default: Any = None, *, rows: Sequence[Row] | None = None, currency: str | None = None
    ) -> Any:
        """The one value of rows that must agree; some of them may leave it empty."""
        rows = self.rows if rows is None else rows
        said: dict[str, Row] = {}
        for row in rows:
            if name in row.cells:
                said.setdefault(row.cells[name], row)
        if not said:
            if self._columns[name].required:
                self.refuse(f"{name} is empty in every row of {self.what}. Fill it in.", rows[0], name)
            return default
        values = list(said.values())
        if len(said) > 1:
            told = " and ".join(f"{r.cells[name][:SHOWN]!r} (row {r.number})" for r in values[:3])
            self.refuse(f"The rows of {self.what} say different things in {name}: {told}. Make them agree.",
                        values[1], name)  # fmt: skip
        return self.cell(values[0], name, default, currency=currency)

    def refuse(self, message: str, row: Row | None = None, column: str | None = None) -> None:
        row = row or self.rows[0]
        value = row.cells.get(column) if column else None
        self._found.append(Problem(row.number, column, value[:SHOWN] if value is not None else None, message))

    @property
    def fine(self) -> bool:
        return not self._found

    def problems(self) -> list[Problem]:
        return whole(self.what, self.rows, self._found)


def whole(what: str, rows: Iterable[Row], found: Sequence[Problem]) -> list[Problem]:
    """`found`, and a word for each other row of the thing: it is taken whole or not at all."""
    if not found:
        return []
    named = {p.row for p in found}
    because = f"Left out because of row {found[0].row}: the rows of {what} are taken together or not at all."
    return [*found, *(Problem(r.number, None, None, because) for r in rows if r.number not in named)]


def grouped(rows: Iterable[Row], by: Sequence[str]) -> dict[tuple[str, ...], list[Row]]:
    """Rows by their cells in some columns, in order of the first of each. An empty cell counts as its own value."""
    groups: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.cells.get(name, "") for name in by)].append(row)
    return dict(groups)
