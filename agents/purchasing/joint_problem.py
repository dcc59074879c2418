"""One order to one supplier: what may be on it, and what was decided. Money is minor units of one currency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PriceBreak:
    """From so many units on, every unit of the line costs so much."""

    from_quantity: int
    unit_minor: int


@dataclass(frozen=True)
class Good:
    """One SKU for one node that this supplier sells. Sorted breaks, the first from 1 unit."""

    key: str
    needed: int  # units that are due now; 0 for what is not due but may come along
    most: int  # units at which somebody said stop; at least what is needed
    minimum: int  # units, if any are ordered
    pack: int  # whole packs of so many units only
    breaks: tuple[PriceBreak, ...]
    daily_units: float  # expected demand
    holding_ppm_a_day: int  # parts per million of the price that a unit costs for a day in stock


@dataclass(frozen=True)
class Ask:
    goods: tuple[Good, ...]
    minimum_minor: int  # the supplier takes no smaller order; 0 for any
    line_minor: int  # what handling one more line costs us


@dataclass(frozen=True)
class OrderLine:
    key: str
    quantity: int
    unit_minor: int
    early: int  # units of it that are not needed yet
    because: str


@dataclass(frozen=True)
class Joined:
    """No lines and a reason if nothing is due or no order can be made. `cost_milli` is what was made least."""

    lines: tuple[OrderLine, ...]
    total_minor: int
    cost_milli: int  # thousandths of a minor unit
    because: str


MILLI = 1000
MILLION = 1_000_000


def unit_price(good: Good, quantity: int) -> int:
    """Minor units a unit, at this size of the line."""
    return next(b.unit_minor for b in reversed(good.breaks) if quantity >= b.from_quantity)


def least(good: Good) -> int:
    """Units of the smallest line that holds what is needed, a whole number of packs and not below the minimum."""
    return -(-max(good.needed, good.minimum, 1) // good.pack) * good.pack


def line_cost(good: Good, quantity: int, line_minor: int) -> int:
    """Thousandths of a minor unit that a line of this size costs us more than ordering just in time.

    What is due at the price of this size, and handling; and holding the early units until they are used, half that
    time on average each. Their price is no cost: they would be bought later, and as cheaply, in as large a line.
    """
    if quantity == 0:
        return 0
    early = quantity - good.needed
    price = unit_price(good, quantity)
    held = early * early / (2 * max(good.daily_units, 0.001)) * good.holding_ppm_a_day * price * MILLI / MILLION
    return (good.needed * price + line_minor) * MILLI + round(held)
