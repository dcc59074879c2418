"""A carrier's invoice as its own CSV file, read by the columns that are kept for the carrier.

Our fields are found by the carrier's names for them; a column that is not mapped is found by our own name.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agents.parcels.messages.invoices import BilledLine
from db.carrier_invoices import COLUMNS
from db.errors import Invalid, Refusal
from db.money import parse_decimal
from serve.importing.cells import unguard

# What carriers write for the kinds of charges that quotes know by our names.
_KINDS = {
    "base": "base",
    "freight": "base",
    "transportation": "base",
    "transport": "base",
    "fracht": "base",
    "fuel": "fuel",
    "fuel surcharge": "fuel",
    "energy surcharge": "fuel",
    "residential": "residential",
    "residential surcharge": "residential",
    "remote area": "remote_area",
    "remote area surcharge": "remote_area",
    "oversize": "oversize",
    "bulky": "oversize",
    "peak": "peak",
    "peak surcharge": "peak",
    "handling": "handling",
    "additional handling": "handling",
    "total": "total",
    "": "total",
}
_COMMA = re.compile(r"-?\d{1,3}(?:\.\d{3})*,\d{1,4}|-?\d+,\d{1,4}")
_MOST_GRAMS = 2**31 - 1


@dataclass(eq=False)
class BadCarrierFile(Invalid):
    """`row` counts the heading as the first."""

    row: int
    problem: str

    def __str__(self) -> str:
        return f"Row {self.row}: {self.problem}"


def lines_of(text: str, columns: Mapping[str, str], currency: str) -> list[BilledLine]:
    """Lines in the order of the file. Raises BadCarrierFile, naming the row."""
    return [_line(number, row, currency) for number, row in _rows(text, columns)]


def _rows(text: str, columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    text = text.removeprefix("\ufeff")
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
        places = _places(names, columns)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) < len(names):
                raise BadCarrierFile(reader.line_num, f"it has {len(cells)} cells, and the heading {len(names)}.")
            yield reader.line_num, {field: unguard(cells[place].strip()) for field, place in places.items()}
    except csv.Error as error:
        raise BadCarrierFile(reader.line_num, f"the file is not CSV: {error}.") from error


def _places(names: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    if missing := [theirs for theirs in columns.values() if theirs not in names]:
        raise BadCarrierFile(
            1, f"there is no column {missing[0]!r}, which the carrier's terms name. The file has: {', '.join(names)}."
        )
    places = {ours: names.index(columns.get(ours, ours)) for ours in COLUMNS if columns.get(ours, ours) in names}
    for needed in ("tracking_number", "amount"):
        if needed not in places and not (needed == "tracking_number" and "reference" in places):
            raise BadCarrierFile(
                1, f"no column says the {COLUMNS[needed]}. Name it {needed}, or map it in the carrier's terms."
            )
    return places


def _line(number: int, row: Mapping[str, str], currency: str) -> BilledLine:
    if not row.get("tracking_number") and not row.get("reference"):
        raise BadCarrierFile(number, "it names neither a tracking number nor our reference.")
    kind = row.get("kind", "").casefold()
    try:
        amount = parse_decimal(_plain(row["amount"]), currency)
    except Refusal as refusal:
        raise BadCarrierFile(number, str(refusal)) from refusal
    return BilledLine(
        no=number,
        tracking_number=row.get("tracking_number", "")[:128],
        amount=amount,
        kind=_KINDS.get(kind, re.sub(r"\W+", "_", kind)[:40] or "total"),
        reference=row.get("reference") or None,
        service=row.get("service") or None,
        zone=row.get("zone") or None,
        billed_grams=_grams(number, row),
    )


def _plain(text: str) -> str:
    """`1.234,50` as carriers on the continent write it, in plain digits with a dot."""
    return text.replace(".", "").replace(",", ".") if _COMMA.fullmatch(text) else text


def _grams(number: int, row: Mapping[str, str]) -> int | None:
    for field, factor in (("weight_grams", 1), ("weight_kg", 1000)):
        text = _plain(row.get(field, ""))
        if text:
            try:
                grams = round(float(text) * factor)
            except ValueError:
                raise BadCarrierFile(number, f"{field} is {text!r}, which is no weight.") from None
            if not 0 <= grams <= _MOST_GRAMS:
                raise BadCarrierFile(number, f"{field} is {text!r}, which no parcel weighs.")
            return grams
    return None
