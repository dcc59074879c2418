"""A rate card as one CSV file: a row for the card, then its zones, rates and surcharges; out and in again the same.

Amounts are plain decimals in the card's currency, percentages percent, measures whole grams and millimetres.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NoReturn

from agents.shipping.messages import PutRateCard, RateRow, SurchargeRow, ZoneRow
from db.errors import Invalid
from db.money import parse_decimal, to_decimal_string
from serve.importing.cells import guard, unguard

COLUMNS = (
    "record", "zone", "max_weight_grams", "amount", "country", "postcode_from", "postcode_to", "origin", "kind",
    "percent", "on_surcharges", "over_length_mm", "over_length_and_girth_mm", "over_weight_grams", "from_date",
    "to_date", "currency", "transit_days", "dimensional_divisor", "max_length_mm", "max_length_and_girth_mm",
    "max_value", "takes_hazmat", "takes_po_box", "cut_off", "co2_grams_per_tkm", "co2_grams_per_parcel",
)  # fmt: skip
_TEXTS = ("zone", "country", "postcode_from", "postcode_to", "origin", "kind")
_DATES = ("from_date", "to_date")
_MOST_PERCENT = 100
_LARGEST = 2**31 - 1
_OF = {
    "card": ("currency", "transit_days", "dimensional_divisor", "max_length_mm", "max_length_and_girth_mm",
             "max_value", "takes_hazmat", "takes_po_box", "cut_off", "co2_grams_per_tkm", "co2_grams_per_parcel"),
    "zone": ("zone", "country", "postcode_from", "postcode_to", "origin"),
    "rate": ("zone", "max_weight_grams", "amount", "country"),
    "surcharge": ("kind", "amount", "percent", "on_surcharges", "country", "postcode_from", "postcode_to",
                  "over_length_mm", "over_length_and_girth_mm", "over_weight_grams", "from_date", "to_date"),
}  # fmt: skip
_FLAGS = {"true": True, "false": False}


@dataclass(eq=False)
class BadRateCardFile(Invalid):
    """`row` counts the heading as the first."""

    row: int
    problem: str

    def __str__(self) -> str:
        return f"Row {self.row}: {self.problem}"


def csv_of(card: Mapping[str, Any]) -> str:
    """`card` as the API shows it, with rates, zones and surcharges."""
    told = io.StringIO()
    writer = csv.DictWriter(told, COLUMNS, restval="")
    writer.writeheader()
    for row in _rows(card):
        writer.writerow({name: guard(_text(value)) for name, value in row.items() if name in COLUMNS})
    return told.getvalue()


def _rows(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    currency = card["currency"]
    worth = None if card["max_value"] is None else to_decimal_string(card["max_value"], currency)
    yield {"record": "card"} | {name: card[name] for name in _OF["card"]} | {"max_value": worth}
    for zone in card["zones"]:
        yield {"record": "zone", **zone}
    for rate in card["rates"]:
        yield {"record": "rate", **rate, "amount": to_decimal_string(rate["amount"], currency)}
    for told in card["surcharges"]:
        amount = to_decimal_string(told["amount"], currency) if told["amount"] else None
        yield {"record": "surcharge", **told, "amount": amount, "percent": _percent_text(told["ppm"])}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _percent_text(ppm: int) -> str | None:
    return f"{Decimal(ppm) / 10_000:f}" if ppm else None


def card_of(text: str, *, carrier: str, service: str, valid_from: datetime | None) -> PutRateCard:
    """The card that a file says. Raises BadRateCardFile, naming the row."""
    head: dict[str, Any] | None = None
    found: dict[str, list[Any]] = {"zone": [], "rate": [], "surcharge": []}
    for number, row in _records(text):
        record = row.pop("record", "")
        if record not in _OF:
            _wrong(number, f"record is {record!r}. Write one of: {', '.join(_OF)}.")
        if head is None and record != "card":
            _wrong(number, "the first row must be the card, with its currency and transit_days.")
        _nothing_else(number, record, row)
        if record == "card":
            if head is not None:
                _wrong(number, "there is a card already. A file is one card.")
            head = _head(number, row)
        elif head is not None:
            found[record].append(_of(number, record, row, head["currency"]))
    if head is None:
        _wrong(2, "the file has no card.")
    return PutRateCard(
        carrier=carrier,
        service=service,
        valid_from=valid_from,
        zones=found["zone"],
        rates=found["rate"],
        surcharges=found["surcharge"],
        **head,
    )


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(row, cells that are not empty), the heading checked."""
    text = text.removeprefix("\ufeff")
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
        if unknown := [name for name in names if name not in COLUMNS]:
            _wrong(1, f"there is no column {unknown[0]!r}. Columns are: {', '.join(COLUMNS)}.")
        for cells in reader:
            row = {n: unguard(c.strip()) for n, c in zip(names, cells, strict=False) if c.strip()}
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        _wrong(reader.line_num, f"the file is not CSV: {error}.")


def _nothing_else(number: int, record: str, row: Mapping[str, str]) -> None:
    if beyond := [name for name in row if name not in _OF[record]]:
        _wrong(number, f"a {record} has no {beyond[0]}. Leave that cell empty.")


def _head(number: int, row: Mapping[str, str]) -> dict[str, Any]:
    for name in ("currency", "transit_days"):
        if name not in row:
            _wrong(number, f"the card needs {name}.")
    currency = row["currency"]
    return {n: currency if n == "currency" else _value(number, n, text, currency) for n, text in row.items()}


def _of(number: int, record: str, row: dict[str, str], currency: str) -> ZoneRow | RateRow | SurchargeRow:
    told = {_NAMES.get(name, name): _value(number, name, text, currency) for name, text in row.items()}
    needed = {"zone": ("zone",), "rate": ("max_weight_grams", "amount"), "surcharge": ("kind",)}[record]
    if missing := [name for name in needed if name not in told]:
        _wrong(number, f"a {record} needs {missing[0]}.")
    if record == "zone":
        return ZoneRow(**told)
    return RateRow(**told) if record == "rate" else SurchargeRow(**told)


_NAMES = {"percent": "ppm"}


def _value(number: int, name: str, text: str, currency: str) -> Any:
    if name in _TEXTS:
        return text
    if name in ("amount", "max_value"):
        try:
            return parse_decimal(text, currency)
        except Invalid as why:
            _wrong(number, str(why))
    if name == "percent":
        return _ppm(number, text)
    if name in ("on_surcharges", "takes_hazmat", "takes_po_box"):
        if text.lower() not in _FLAGS:
            _wrong(number, f"{name} is {text[:40]!r}. Write true or false.")
        return _FLAGS[text.lower()]
    if name == "cut_off":
        return _clock(number, text)
    return _date(number, name, text) if name in _DATES else _whole(number, name, text)


def _ppm(number: int, text: str) -> int:
    try:
        ppm = Decimal(text.removesuffix("%").strip()) * 10_000
    except ArithmeticError:
        ppm = Decimal(-1)
    if not ppm.is_finite() or ppm != int(ppm) or not 0 <= ppm <= _MOST_PERCENT * 10_000:
        _wrong(number, f"percent is {text[:40]!r}. Write 0 to 100 with at most four decimals, such as 12.5.")
    return int(ppm)


def _date(number: int, name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _wrong(number, f"{name} is {text[:40]!r}. Write a day such as 2026-12-24.")


def _clock(number: int, text: str) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None, microsecond=0)
    except ValueError:
        _wrong(number, f"cut_off is {text[:40]!r}. Write a time of day such as 16:00.")


def _whole(number: int, name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > _LARGEST:
        _wrong(number, f"{name} is {text[:40]!r}. Write a whole number in digits alone.")
    return int(text)


def _wrong(row: int, problem: str) -> NoReturn:
    raise BadRateCardFile(row, problem)
