"""What a cell says: text of a file becomes a value, or a sentence that says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from db.errors import Invalid
from db.money import minor_digits, parse_decimal
from serve.importing.columns import Column, Form

LARGEST_WHOLE = 2**31 - 1

_WHOLE = re.compile(r"[0-9]{1,10}")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,8})?) ?%?")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)? ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))?", re.IGNORECASE
)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A spreadsheet takes a cell that begins with one of these for a formula.
_BEGINS = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"  # the last four are the full-width forms of the first
_DANGEROUS = re.compile(f"'*{_BEGINS}")
_GUARDED = re.compile(f"'+{_BEGINS}")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class BadCell(Exception):
    """The cell cannot be read; the sentence says what to write."""


def guard(text: str) -> str:
    """Text that no spreadsheet runs as a formula: a quote in front of what looks like one. Numbers stay."""
    return f"'{text}" if _DANGEROUS.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def unguard(text: str) -> str:
    """What `guard` was given."""
    return text[1:] if _GUARDED.match(text) else text


def join(values: Sequence[str]) -> str:
    """Several values in one cell; `split` takes them apart again."""
    return "|".join(v.replace("\\", "\\\\").replace("|", "\\|") for v in values)


def split(text: str) -> list[str]:
    parts, escaped = [""], False
    for letter in text:
        if escaped or letter not in "\\|":
            parts[-1] += letter
            escaped = False
        elif letter == "|":
            parts.append("")
        else:
            escaped = True
    return [part.strip() for part in parts]


def read(column: Column, text: str, *, currency: str | None = None) -> Any:
    """The value of a cell that is not empty; money in minor units of `currency`, rates in parts per million.

    Raises:
        BadCell: with a sentence for a person.
    """
    if len(text) > column.longest:
        raise BadCell(f"{column.name} can have {column.longest} characters and has {len(text)}. Shorten it.")
    if _UNPRINTABLE.search(text):
        raise BadCell(f"{column.name} contains a control character. Remove it.")
    if column.choices:
        choice = text.lower()
        if choice not in column.choices:
            raise BadCell(f"{column.name} cannot be {text!r}. Write one of: {', '.join(column.choices)}.")
        return choice
    if column.form is Form.money:
        return _money(column.name, text, currency)
    return _READERS[column.form](column.name, text)


def _whole(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text) > LARGEST_WHOLE:
        raise BadCell(
            f"{name} cannot be {text[:40]!r}. Write a whole number from 0 to {LARGEST_WHOLE} in digits alone."
        )
    return int(text)


def _money(name: str, text: str, currency: str | None) -> int:
    if currency is None:
        raise BadCell(f"{name} needs a currency. Fill in the column currency, with a code such as EUR.")
    try:
        amount = parse_decimal(text, currency)
    except Invalid as why:
        raise BadCell(f"{name}: {why}") from None
    if amount < 0:
        raise BadCell(f"{name} is {text} and cannot be below zero.")
    return amount


def _flag(name: str, text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise BadCell(f"{name} cannot be {text[:40]!r}. Write true or false.")
    return _FLAGS[text.lower()]


def _country(_name: str, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise BadCell(f"{text[:40]!r} is not a country. Write its two letters of ISO 3166-1, such as GB.")
    return text.upper()


def _percent(name: str, text: str) -> int:
    found = _PERCENT.fullmatch(text)
    ppm = Decimal(found[1]) * 10_000 if found else Decimal(-1)
    if ppm != int(ppm) or not 0 <= ppm <= 1_000_000:
        raise BadCell(
            f"{name} cannot be {text[:40]!r}. Write percent from 0 to 100 with at most four decimals: 20 or 7.7125."
        )
    return int(ppm)


def _moment(name: str, text: str) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found:
        day, minute, second, _, hours, minutes = found.groups()
        offset = f"{hours}:{minutes}" if hours else "+00:00"
        try:
            return datetime.fromisoformat(f"{day}T{minute or '00:00'}{(second or ':00')[:10]}{offset}").astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadCell(
        f"{name} cannot be {text[:40]!r}. Write a date such as 2026-03-01, 2026-03-01 09:00 or 2026-03-01T09:00:00Z."
    )


def _pairs(name: str, text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in split(text):
        key, equals, value = (p.strip() for p in part.partition("="))
        if not part:
            continue
        if not (key and equals and value):
            raise BadCell(f"{name} cannot contain {part!r}. Write name=value, several separated by |.")
        if key in pairs:
            raise BadCell(f"{name} names {key} twice.")
        pairs[key] = value
    return pairs


def _currency(_name: str, text: str) -> str:
    code = text.upper()
    try:
        minor_digits(code)
    except Invalid as why:
        raise BadCell(str(why)) from None
    return code


_READERS: dict[Form, Callable[[str, str], Any]] = {
    Form.text: lambda _, text: text,
    Form.whole: _whole,
    Form.percent: _percent,
    Form.flag: _flag,
    Form.moment: _moment,
    Form.many: lambda _, text: [part for part in split(text) if part],
    Form.pairs: _pairs,
    Form.currency: _currency,
    Form.country: _country,
}
