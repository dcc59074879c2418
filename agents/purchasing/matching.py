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
    """A line of an invoice beside its order's line; earlier invoices ask `before_total` for `before` units of it."""

    line_no: int
    sku: str
    quantity: int
    total: int
    ordered: int
    ordered_total: int
    received: int
    before: int
    before_total: int
    coming: int  # units that may still come
    credited: int = 0  # units that credit notes of the invoice itself give back, and in all
    credited_total: int = 0

    def worth(self, units: int) -> int:
        return half_up(self.ordered_total * units, self.ordered)


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
    billed = line.before + line.quantity - line.credited
    if (over := billed - line.received) > 0:
        less = f", less {line.credited} given back," if line.credited else ""
        why = (
            f"{line.quantity} billed and {line.before} on other invoices{less} make {billed}; {line.received} of "
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
    units, total = line.quantity - line.credited, line.total - line.credited_total
    before, after = line.worth(line.before), line.worth(line.before + units)
    if (over := total - (expected := after - before)) == 0:
        return
    # Of a line once over all its invoices; what was billed too little before lets no more through.
    used = max(0, line.before_total - before)
    allowed = max(0, let_through(after, tolerance) - used)
    what = f"{units} of {line.ordered} ordered for {money(line.ordered_total, currency)}"
    if line.credited_total:
        what = f"{money(line.credited_total, currency)} of it given back; {what}"
    why = _in_words(total, expected, what, allowed=allowed, currency=currency)
    if used:
        why = f"{why[:-1]} beside {money(used, currency)} too much on other invoices."
    yield Difference("price", line.line_no, line.sku, total, expected, over, allowed, over <= allowed, why)


def _of_charges(billed: int, before: int, ordered: int, *, currency: str, tolerance: Tolerance) -> Iterator[Difference]:
    # An order's charges may be billed in parts: only too much of all of them is a difference, and is let through once.
    if billed and before + billed > ordered:
        what = f"{money(before, currency)} of it on other invoices; the charges ordered"
        over, allowed = before + billed - ordered, let_through(ordered, tolerance)
        why = _in_words(before + billed, ordered, what, allowed=allowed, currency=currency)
        yield Difference("charges", None, None, before + billed, ordered, over, allowed, over <= allowed, why)


def let_through(expected: int, tolerance: Tolerance) -> int:
    return max(tolerance.amount, rate_of(expected, tolerance.price_ppm))


def _in_words(billed: int, expected: int, what: str, *, allowed: int, currency: str) -> str:
    over = billed - expected
    share = f" ({half_up(abs(over) * 10_000, expected) / 100:g} %)" if expected else ""
    more = "more" if over > 0 else "less"
    return (
        f"{money(billed, currency)} billed; {what} are {money(expected, currency)}: "
        f"{money(abs(over), currency)}{share} {more}, up to {money(allowed, currency)} is let through."
    )


def money(amount: int, currency: str) -> str:
    return to_decimal_string(amount, currency)
