"""What units that come back are worth: their share of what was really paid for them, to the minor unit.

Pure functions over amounts in minor units, the same for every currency, with tax in the prices or on top: a line's
`total` already has its discounts, its share of the whole order's discount and its tax in it (`db.money.price`).

Cancelled units are the first of a line and returned units the last, and both are worth the difference of two rounded
running sums. They meet in the middle without a gap: in whatever parts and order units are cancelled and returned, all
of them together are worth exactly the line's total. Where a line was raised after units of it were cancelled, these
are worth what was booked for them, and the others share what was paid for them (as in `db.shares`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from db.money import TooManyUnits, part_of, portion, rate_of


@dataclass(frozen=True)
class Worth:
    """net + tax = total."""

    total: int = 0
    tax: int = 0

    @property
    def net(self) -> int:
        return self.total - self.tax

    def __add__(self, other: Worth) -> Worth:
        return Worth(self.total + other.total, self.tax + other.tax)

    def __sub__(self, other: Worth) -> Worth:
        return Worth(self.total - other.total, self.tax - other.tax)


@dataclass(frozen=True)
class SoldLine:
    """A line as it was paid for. `returned` units came back before and were worth `credited`.

    `cancelled_amount` is what was booked for the cancelled units; None: their share of the total.
    """

    quantity: int
    total: int
    tax: int
    cancelled: int = 0
    returned: int = 0
    credited: Worth = Worth()
    cancelled_amount: int | None = None


def worth_of(line: SoldLine, take: int) -> Worth:
    """What the next `take` units that come back are worth.

    Raises:
        TooManyUnits: so many are not left; cancelled units cannot come back.
    """
    gone = line.cancelled + line.returned
    if take < 0 or gone + take > line.quantity:
        raise TooManyUnits(line.quantity, gone, take)
    return _last(line, line.returned + take) - line.credited


def _last(line: SoldLine, units: int) -> Worth:
    first = _first(line, line.quantity - units)
    return Worth(line.total - first, line.tax - part_of(line.tax, first, line.total))


def _first(line: SoldLine, units: int) -> int:
    """What the first units are worth, the cancelled ones among them."""
    plain = portion(line.total, line.quantity, 0, units)
    gone = portion(line.total, line.quantity, 0, line.cancelled)
    if line.cancelled_amount is None or line.cancelled_amount == gone:
        return plain
    left = line.total - line.cancelled_amount
    if line.total > gone:
        return line.cancelled_amount + part_of(left, plain - gone, line.total - gone)
    return line.cancelled_amount + part_of(left, units - line.cancelled, line.quantity - line.cancelled)


def shipping_share(shipping: Worth, *, kept: int, credited: int, already: Worth) -> Worth:
    """The part of the shipping that goes with goods worth `credited` of `kept`, without what went `already`.

    `kept` is what the order's lines are worth without what was cancelled, `credited` all that came back so far. The
    running sum is rounded, so that an order that comes back whole, in whatever parts, is given all of it.
    """
    if kept <= 0:
        return Worth()
    reached = part_of(shipping.total, credited, kept)
    return Worth(reached, part_of(shipping.tax, reached, shipping.total)) - already


def fee_of(worth: Worth, ppm: int, flat: int = 0) -> Worth:
    """A fee on goods that came back, with the part of their tax that is in it: `worth - fee` is given back.

    A rate, and an amount on top for all of the units together; never more than they are worth.
    """
    fee = min(worth.total, rate_of(worth.total, ppm) + flat)
    return Worth(fee, part_of(worth.tax, fee, worth.total))


def together(parts: Iterable[Worth]) -> Worth:
    return sum(parts, Worth())
