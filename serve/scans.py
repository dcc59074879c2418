"""What a scanner reads: GS1 element strings, GTINs, the pallet's number, or a code of our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import biip
from biip.checksums import gs1_standard_check_digit as numeric_check_digit
from biip.gs1_messages import GS1Message

from db.errors import Invalid

SEPARATORS = ("\x1d", "|")
"""Between element strings of varying length. A keyboard has no GS: scanners that type are set to send | for it."""

_SYSTEM = biip.ParseConfig(separator_chars=SEPARATORS)
_GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(eq=False)
class BadCheckDigit(Invalid):
    scanned: str
    expected: str

    def __str__(self) -> str:
        return f"The check digit of {self.scanned} is wrong: it would end in {self.expected}. Scan it again."


@dataclass(eq=False)
class UnreadableBarcode(Invalid):
    scanned: str
    why: str

    def __str__(self) -> str:
        return f"{self.scanned} is no barcode that can be read: {self.why}."


@dataclass(frozen=True, kw_only=True)
class Scan:
    """`barcodes` are the ways in which the article's number may stand in the catalogue, the likeliest first.

    `unit_barcodes` are those of the single unit when the number is that of a case of it.
    """

    barcodes: tuple[str, ...] = ()
    unit_barcodes: tuple[str, ...] = ()
    lot: str | None = None
    serial: str | None = None
    expires_on: date | None = None
    count: int | None = None
    sscc: str | None = None


def read_scan(scanned: str) -> Scan:
    """Raises BadCheckDigit, UnreadableBarcode."""
    text = scanned.strip()
    if text.startswith("("):
        return _of_message(text, _hri(text))
    if text.isdigit() and len(text) in _GTIN_LENGTHS:
        _check_digit(text)
        return Scan(barcodes=_written(text), unit_barcodes=_unit_of(text))
    try:
        found = biip.parse(text, config=_SYSTEM)
    except biip.ParseError:
        return Scan(barcodes=(text,))
    if found.gs1_message is not None:
        return _of_message(text, found.gs1_message)
    if found.sscc is not None:
        return Scan(sscc=found.sscc.value)
    if found.gtin is not None:
        return Scan(barcodes=_written(found.gtin.value), unit_barcodes=_unit_of(found.gtin.value))
    if text.startswith("]") or (text.isdigit() and text.startswith(("00", "01", "02")) and len(text) > 14):
        raise _explained(text, found.gs1_message_error or found.gtin_error or "it says nothing that is known")
    return Scan(barcodes=(text,))


def _hri(text: str) -> GS1Message:
    try:
        return GS1Message.parse_hri(text, config=_SYSTEM)
    except biip.ParseError as error:
        raise _explained(text, str(error)) from None


def _explained(text: str, why: str) -> Invalid:
    """A wrong digit within an element string is told as such, and all else in the library's words."""
    digits = text.removeprefix("(01)").removeprefix("]C1").removeprefix("01")[:14]
    if digits.isdigit() and len(digits) == 14 and digits[-1] != (expected := _digit_after(digits[:-1])):
        return BadCheckDigit(digits, expected)
    return UnreadableBarcode(text, why.rstrip("."))


def _of_message(text: str, message: GS1Message) -> Scan:
    said = {e.ai.ai: e for e in message.element_strings}
    number = next((said[ai].value for ai in ("01", "02") if ai in said), None)
    if number is not None:
        _check_digit(number)
    if "00" in said:
        _check_digit(said["00"].value)
    counted = next((int(said[ai].value) for ai in ("37", "30") if ai in said), None)
    if number is None and "00" not in said:
        raise UnreadableBarcode(text, "it names neither an article nor a pallet")
    return Scan(
        barcodes=_written(number) if number else (),
        unit_barcodes=_unit_of(number) if number else (),
        lot=said["10"].value if "10" in said else None,
        serial=said["21"].value if "21" in said else None,
        expires_on=said["17"].date if "17" in said else None,
        count=counted,
        sscc=said["00"].value if "00" in said else None,
    )


def _check_digit(digits: str) -> None:
    expected = _digit_after(digits[:-1])
    if digits[-1] != expected:
        raise BadCheckDigit(digits, expected)


def _digit_after(payload: str) -> str:
    return str(numeric_check_digit(payload))


def _written(number: str) -> tuple[str, ...]:
    """A GTIN as it was scanned, and with fewer or more leading zeros: catalogues keep it as 8, 12, 13 or 14 digits."""
    bare = number.lstrip("0")
    ways = [bare.zfill(length) for length in (13, 12, 8, 14) if len(bare) <= length]
    return tuple(dict.fromkeys([number, *ways]))


def _unit_of(number: str) -> tuple[str, ...]:
    """A GTIN-14 that does not begin with 0 is a case; its unit has the same number with a check digit of its own."""
    if len(number) != 14 or number[0] in "09":
        return ()
    return _written(number[1:-1] + _digit_after(number[1:-1]))
