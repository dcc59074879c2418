"""From the bytes of a file to its rows: which letters, which delimiter, and what is refused before it is read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

DELIMITERS = ",;\t|"
ENCODINGS = ("utf-8", "utf-16", "cp1252", "shift_jis", "iso-8859-1")
MOST_BYTES = 25_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 300
MOST_LETTERS_IN_CELL = 50_000
MOST_CELLS = 5_000_000  # with those that a short row leaves out: each is kept, though the file has no byte for it
_PACKED = {b"PK\x03\x04": "an Excel or ZIP file", b"\x1f\x8b": "a gzip file", b"\xd0\xcf\x11\xe0": "an old Excel file",
           b"7z\xbc\xaf": "a 7z file", b"Rar!": "a RAR file", b"%PDF": "a PDF file"}  # fmt: skip


class Unreadable(Exception):
    """The file cannot be read; the sentence says what to do."""


@dataclass(frozen=True)
class Table:
    heading: list[str]
    rows: list[list[str]]  # one for each line that has anything in it
    numbers: list[int]  # of the rows, as a spreadsheet counts
    delimiter: str
    encoding: str


def refuse_packed(start: bytes) -> None:
    """What is packed is never unpacked, so a file that swells to a thousand times its size is only refused."""
    for magic, name in _PACKED.items():
        if start.startswith(magic):
            raise Unreadable(f"This is {name}. Save the sheet as CSV (UTF-8) and bring in that.")


def guess_encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A window of a larger file may end within a letter.
        if error.start < len(content) - 4:
            return "cp1252"
    return "utf-8"


def guess_delimiter(first_line: str) -> str:
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", first_line).count)


def lines_of(text: io.TextIOBase | io.StringIO, delimiter: str, first_line: str) -> Iterator[list[str]]:
    """The cells of each line. A tab file with no quote in its heading quotes nothing at all: `6" pan` is a title."""
    plain = delimiter == "\t" and '"' not in first_line
    return csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL)


def read_table(content: bytes, *, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"The file has more than {MOST_BYTES // 1_000_000} MB. Split it up.")
    refuse_packed(content)
    encoding = encoding or guess_encoding(content)
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeError, LookupError):
        raise Unreadable(f"The file is not {encoding}. Choose another encoding, or save it as CSV UTF-8.") from None
    if "\0" in text:
        raise Unreadable("The file has NUL characters in it, so it is no text. Save the sheet as CSV (UTF-8).")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = delimiter or guess_delimiter(first)
    try:
        return _table(lines_of(io.StringIO(text, newline=""), delimiter, first), delimiter, encoding)
    except csv.Error as error:
        raise Unreadable(f"The file is not CSV that can be read: {error}.") from None


def _table(lines: Iterator[list[str]], delimiter: str, encoding: str) -> Table:
    heading: list[str] = []
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, cells in enumerate(lines, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if not heading:
            heading = _heading(cells)
            continue
        if len(rows) >= MOST_ROWS:
            raise Unreadable(f"The file has more than {MOST_ROWS} rows. Split it up, or use `backoffice import`.")
        if (len(rows) + 1) * len(heading) > MOST_CELLS:
            raise Unreadable(f"The file has more than {MOST_CELLS} cells. Split it up, or leave out columns.")
        if any(len(cell) > MOST_LETTERS_IN_CELL for cell in cells):
            raise Unreadable(f"A cell of row {number} has more than {MOST_LETTERS_IN_CELL} letters.")
        if any(cell.strip() for cell in cells[len(heading) :]):
            raise Unreadable(f"Row {number} has more cells than the heading. Quote values that contain {delimiter!r}.")
        rows.append([*cells[: len(heading)], *[""] * (len(heading) - len(cells))])
        numbers.append(number)
    if not heading:
        raise Unreadable("The file is empty. Its first row has to name the columns.")
    if not rows:
        raise Unreadable("The file has a heading and no rows.")
    return Table(heading, rows, numbers, delimiter, encoding)


def _heading(cells: list[str]) -> list[str]:
    """Every column with a name of its own."""
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(f"The file has more than {MOST_COLUMNS} columns.")
    names: list[str] = []
    for n, cell in enumerate(cells, start=1):
        name = cell.strip()[:200] or f"column {n}"
        names.append(name if name not in names else f"{name} ({n})")
    return names
