"""Reads a CSV file for an import: what it calls its columns, its rows, and batches that keep together what must be."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from serve.importing.columns import GROUPED_BY, by_name, missing_columns, unknown_columns

ERROR = "error"  # the column of a file of errors; left out when that file is imported again
DELIMITERS = ",;\t"
MOST_ROWS = 1000  # of a call
MOST_LETTERS = 400_000  # of a call; its body may have two million bytes
BATCH = {"orders": 500}  # rows; orders of one call are one transaction, all else is done one by one
USUAL_BATCH = 100


class BadFile(Exception):
    """The file cannot be imported; the sentence says what to do."""


@dataclass(frozen=True)
class Row:
    """`number` is the row's in a spreadsheet; `given` its cells as they stand there, `cells` by our columns."""

    number: int
    given: Sequence[str]
    cells: dict[str, str]

    @property
    def letters(self) -> int:
        return sum(len(name) + len(text) + 6 for name, text in self.cells.items())


@dataclass
class Sheet:
    """A file whose heading was understood. `targets` has our column for each of theirs, "" for what is left out.

    `ragged` are rows with more cells than the heading, with all that belongs to them; complete after `batches`.
    """

    path: Path
    kind: str
    delimiter: str
    heading: list[str]
    targets: list[str]
    constants: dict[str, str]
    total: int = 0
    ragged: list[Row] = field(default_factory=list)
    _sizes: Counter[int] = field(default_factory=Counter)

    def look_through(self) -> None:
        """Count the rows and what belongs together. Raises BadFile for what cannot be read, before any is sent."""
        for row in self.rows():
            self.total += 1
            if by := GROUPED_BY.get(self.kind):
                self._sizes[_group(row, by)] += 1

    def rows(self) -> Iterator[Row]:
        with _opened(self.path) as lines:
            reader = csv.reader(lines, delimiter=self.delimiter)
            next(reader)
            for number, given in enumerate(reader, start=2):
                if any(cell.strip() for cell in given):
                    told = zip(self.targets, given, strict=False)
                    cells = {name: text for name, text in told if name and text.strip()}
                    yield Row(number, given, {**self.constants, **cells})

    def batches(self) -> Iterator[list[Row]]:
        """Rows for one call each. An empty batch says: wait for those before (kits come after their parts)."""
        rows = BATCH.get(self.kind, USUAL_BATCH)
        batch: list[Row] = []
        letters = 0
        late: list[list[Row]] = []
        for group in self._groups():
            if any(self._is_ragged(row) for row in group):
                self.ragged += group
                continue
            if self.kind == "products" and any("components" in row.cells for row in group):
                late.append(group)
                continue
            size = sum(row.letters for row in group)
            if batch and (len(batch) + len(group) > rows or letters + size > MOST_LETTERS):
                yield batch
                batch, letters = [], 0
            batch += group
            letters += size
        if batch:
            yield batch
        if late:
            yield []
            yield from late

    def _groups(self) -> Iterator[list[Row]]:
        """Rows that belong together; what is not yet whole waits in memory, which is little in a sorted file."""
        by = GROUPED_BY.get(self.kind)
        waiting: dict[int, list[Row]] = {}
        for row in self.rows():
            if by is None:
                yield [row]
                continue
            group = _group(row, by)
            waiting.setdefault(group, []).append(row)
            if len(waiting[group]) == self._sizes[group]:
                yield waiting.pop(group)

    def _is_ragged(self, row: Row) -> bool:
        return any(cell.strip() for cell in row.given[len(self.heading) :])


def _group(row: Row, by: Sequence[str]) -> int:
    # A number is smaller than the words; should two things ever share one, they travel together.
    return hash(tuple(row.cells.get(name, "").strip() for name in by))


def read_heading(
    path: Path, kind: str, *, renamed: Mapping[str, str] | None = None, constants: Mapping[str, str] | None = None
) -> Sheet:
    """The file with its columns understood. `renamed` maps theirs to ours, "" leaves one out. Raises BadFile."""
    renamed, constants = dict(renamed or {}), dict(constants or {})
    with _opened(path) as lines:
        first = next(lines, "")
        delimiter = max(DELIMITERS, key=re.sub(r'"[^"]*"', "", first).count)
    with _opened(path) as lines:
        heading = [name.strip() for name in next(csv.reader(lines, delimiter=delimiter), [])]
    if not any(heading):
        raise BadFile(f"{path} is empty. Its first row has to name the columns.")
    if strangers := [theirs for theirs in renamed if theirs not in heading]:
        raise BadFile(f"The file has no column {', '.join(strangers)} to map. It has: {', '.join(heading)}.")
    targets = [_target(kind, name, renamed) for name in heading]
    known, named = by_name(kind), [t for t in targets if t]
    for name, times in Counter([*named, *constants]).items():
        if times > 1:
            raise BadFile(f"{name} is named {times} times. Leave all but one out, with --map COLUMN=.")
    if unknown := unknown_columns(kind, [*named, *constants]):
        raise BadFile(
            f"The import of {kind} knows no column {', '.join(unknown)}. Say what it is with --map {unknown[0]}=OURS, "
            f"or leave it out with --map {unknown[0]}=. Known are: {', '.join(known)}."
        )
    if missing := missing_columns(kind, [*named, *constants]):
        raise BadFile(
            f"The import of {kind} needs {', '.join(missing)}. Say which column it is with --map THEIRS={missing[0]}, "
            f"or give one value for all rows with --set {missing[0]}=VALUE."
        )
    return Sheet(path, kind, delimiter, heading, targets, constants)


def _target(kind: str, theirs: str, renamed: Mapping[str, str]) -> str:
    if theirs in renamed:
        return renamed[theirs]
    if theirs in ("", ERROR):
        return ""
    plain = re.sub(r"[\s\-]+", "_", theirs.lower())
    return plain if plain in by_name(kind) else theirs


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 (byte {error.start}). Save it as `CSV UTF-8`.") from None
    except csv.Error as error:
        raise BadFile(f"{path} is not CSV that can be read: {error}.") from None
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from None
