"""What an invoice asks for beside what was ordered and what has come. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from db.money import half_up, rate_of, to_decimal_string


class Tolerance(NamedTuple):
    price_ppm: int = 0
    amount: int = 0
    units: int = 0


class Matched(NamedTuple):
    """A line of an invoice beside its order's line; `before` are units that earlier invoices ask for."""

    line_no: int
    sku: str
    quantity: int
    total: int
    ordered: int
    ordered_total: int
    received: int
    before: int
    coming: int  # units that may still come


@dataclass(frozen=True)
class Difference:
    """`amount` is units for a quantity, minor units otherwise. Whatever is in our favour is within what is allowed."""

    kind: str  # quantity, price, charges
    line_no: int | None
    sku: str | None
    billed: int
    expected: int
    amount: int
    allowed: int
    within: bool
    why: str

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def differences(
    lines: Sequence[Matched], *, charges: tuple[int, int, int], currency: str, tolerance: Tolerance
) -> list[Difference]:
    """`charges` are those of the invoice, of other invoices, and of the order."""
    found = [d for line in lines for d in (*_of_units(line, tolerance), *_of_price(line, currency, tolerance))]
    return [*found, *_of_charges(*charges, currency=currency, tolerance=tolerance)]


def _of_units(line: Matched, tolerance: Tolerance) -> Iterator[Difference]:
    billed = line.before + line.quantity
    if (over := billed - line.received) > 0:
        why = (
            f"{line.quantity} billed and {line.before} on other invoices make {billed}; {line.received} of "
            f"{line.ordered} have come: {over} more than came."
        )
        # Units may be billed a little ahead of what is on its way, and never what will not come.
        allowed = min(tolerance.units, line.coming)
        yield Difference(
            "quantity",
            line.line_no,
            line.sku,
            billed,
            line.received,
            over,
            allowed,
            over <= allowed,
            why,
        )


def _of_price(line: Matched, currency: str, tolerance: Tolerance) -> Iterator[Difference]:
    # The running sum is rounded and not the part: parts of a line are together worth what it costs.
    worth = [half_up(line.ordered_total * units, line.ordered) for units in (line.before, line.before + line.quantity)]
    expected = worth[1] - worth[0]
    if line.total != expected:
        what = f"{line.quantity} of {line.ordered} ordered for {_money(line.ordered_total, currency)}"
        allowed, why = _in_money(line.total, expected, what, currency=currency, tolerance=tolerance)
        over = line.total - expected
        yield Difference("price", line.line_no, line.sku, line.total, expected, over, allowed, over <= allowed, why)


def _of_charges(billed: int, before: int, ordered: int, *, currency: str, tolerance: Tolerance) -> Iterator[Difference]:
    # An order's charges may be billed in parts: only too much of all of them is a difference, and is let through once.
    if billed and before + billed > ordered:
        what = f"{_money(before, currency)} of it on other invoices; the charges ordered"
        allowed, why = _in_money(before + billed, ordered, what, currency=currency, tolerance=tolerance)
        over = before + billed - ordered
        yield Difference("charges", None, None, before + billed, ordered, over, allowed, over <= allowed, why)


def _in_money(billed: int, expected: int, what: str, *, currency: str, tolerance: Tolerance) -> tuple[int, str]:
    """How much more is let through, and the arithmetic in words."""
    over, allowed = billed - expected, max(tolerance.amount, rate_of(expected, tolerance.price_ppm))
    share = f" ({half_up(abs(over) * 10_000, expected) / 100:g} %)" if expected else ""
    more = "more" if over > 0 else "less"
    why = (
        f"{_money(billed, currency)} billed; {what} are {_money(expected, currency)}: "
        f"{_money(abs(over), currency)}{share} {more}, up to {_money(allowed, currency)} is let through."
    )
    return allowed, why


def _money(amount: int, currency: str) -> str:
    return to_decimal_string(amount, currency)
