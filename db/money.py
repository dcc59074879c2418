"""Exact money: minor units of a currency as plain integers, from the price list to the last refunded cent.

No floats, and no rounding without a rule: a rate is applied once per line, half away from zero
(commercial rounding), and whatever is divided is divided so that the parts add up to the whole. Rates
are parts per million: 20 % is 200_000 and 7.7125 % is 77_125.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import msgspec

from db.errors import Conflict, Invalid

MILLION = 1_000_000
LARGEST = 2**53 - 1  # the largest integer that JSON readers keep exact (RFC 8259, section 6)

# CLDR, which babel carries, counts the decimals that shops print and gives these currencies none. Ledgers,
# banks and gateways use the minor unit of ISO 4217.
_ISO_DIGITS = {"IQD": 3} | dict.fromkeys(
    ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SLL", "SOS", "SYP", "YER"), 2
)
# ISO 4217 codes that nobody pays with: metals, units of account, testing, "no currency".
_NO_MINOR_UNIT = frozenset(
    {"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XFO", "XFU", "XPD", "XPT", "XRE"} | {"XSU", "XTS", "XUA", "XXX"}
)
# CLDR puts a space between digits and a currency that ends or begins with a letter (currencySpacing).
_LETTER_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_PLAIN_DECIMAL = re.compile(r"(-?)([0-9]{1,16})(?:\.([0-9]{1,16}))?")


@dataclass(eq=False)
class UnknownCurrency(Invalid):
    currency: str

    def __str__(self) -> str:
        return f"{self.currency!r} is not the code of a currency. Use ISO 4217, such as EUR."


@dataclass(eq=False)
class UnknownLocale(Invalid):
    locale: str

    def __str__(self) -> str:
        return f"{self.locale!r} is not a known locale. Use a language and region such as de_DE."


@dataclass(eq=False)
class NotAnAmount(Invalid):
    text: str
    currency: str

    def __str__(self) -> str:
        return f"{self.text!r} is not an amount in {self.currency}. Write plain digits with a dot: 1234.5."


@dataclass(eq=False)
class TooManyDecimals(Invalid):
    text: str
    currency: str
    digits: int

    def __str__(self) -> str:
        return f"{self.text!r} has too many decimals: {self.currency} has {self.digits}."


@dataclass(eq=False)
class NegativeNumber(Invalid):
    field: str
    value: int

    def __str__(self) -> str:
        return f"{self.field} is {self.value} and cannot be below zero."


@dataclass(eq=False)
class AmountTooLarge(Invalid):
    amount: int
    largest: int

    def __str__(self) -> str:
        return f"The amount {self.amount} is too large to be kept exactly; the limit is {self.largest}."


@dataclass(eq=False)
class DiscountTooLarge(Invalid):
    """`line` counts from 0 and is None when the discount of the whole order is meant."""

    discount: int
    limit: int
    currency: str
    line: int | None = None

    def __str__(self) -> str:
        what = "the order" if self.line is None else f"line {self.line + 1}"
        asked, most = (f"{to_decimal_string(a, self.currency)} {self.currency}" for a in (self.discount, self.limit))
        return f"A discount of {asked} is more than {what} costs: {most}."


@dataclass(eq=False)
class TooManyUnits(Conflict):
    quantity: int
    already: int
    take: int

    def __str__(self) -> str:
        left = self.quantity - self.already
        return f"{self.take} units were asked for, but of {self.quantity} only {left} are left."


@cache
def minor_digits(currency: str) -> int:
    """Decimals of the minor unit in ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. Raises UnknownCurrency."""
    from babel.numbers import get_currency_precision, list_currencies

    if currency not in list_currencies() or currency in _NO_MINOR_UNIT:
        raise UnknownCurrency(currency)
    return _ISO_DIGITS.get(currency) or int(get_currency_precision(currency))


def to_decimal_string(amount: int, currency: str) -> str:
    """The canonical form, for APIs and files: dot, no grouping, all decimals. 17925 EUR is "179.25"."""
    digits = minor_digits(currency)
    if not digits:
        return str(amount)
    whole, part = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{digits}}"


def parse_decimal(text: str, currency: str) -> int:
    """Minor units of a plain decimal such as "179.25" or "-3". Raises NotAnAmount for grouping, commas,
    signs other than a minus and exponents, TooManyDecimals for more decimals than the currency has."""
    digits = minor_digits(currency)
    shown = text[:40]
    match = _PLAIN_DECIMAL.fullmatch(text.strip(" "))
    if match is None:
        raise NotAnAmount(shown, currency)
    sign, whole, part = match[1], match[2], match[3] or ""
    if len(part) > digits:
        raise TooManyDecimals(shown, currency, digits)
    amount: int = int(whole) * 10**digits + int(part.ljust(digits, "0") or "0")
    if amount > LARGEST:
        raise AmountTooLarge(amount, LARGEST)
    return -amount if sign else amount


def format_money(amount: int, currency: str, locale: str = "en") -> str:
    """For a person to read, with every decimal of the minor unit: "179,25 €" for de. Raises UnknownLocale."""
    digits = minor_digits(currency)
    exact = Decimal(amount).scaleb(-digits)
    text = _pattern(locale, digits).apply(exact, locale, currency=currency, currency_digits=False)
    return _LETTER_MEETS_DIGIT.sub("\N{NO-BREAK SPACE}", text)


@cache
def _pattern(locale: str, digits: int):  # type: ignore[no-untyped-def]  # babel is not typed here
    from copy import copy

    from babel import Locale, UnknownLocaleError

    try:
        pattern = copy(Locale.parse(locale).currency_formats["standard"])
    except (UnknownLocaleError, ValueError, TypeError):
        raise UnknownLocale(str(locale)[:40]) from None
    pattern.frac_prec = (digits, digits)
    return pattern


def half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to numerator / denominator, halves away from zero; the denominator is positive."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def rate_of(amount: int, ppm: int) -> int:
    """A rate of an amount, rounded: `rate_of(23900, 250_000)` is a 25 % coupon on 239.00."""
    return half_up(amount * ppm, MILLION)


def part_of(amount: int, share: int, whole: int) -> int:
    """The part of an amount that goes with `share` of a `whole`, rounded; nothing goes with a part of nothing.

    Tax that follows the amount which it is in this way is never more than that amount.
    """
    return half_up(amount * share, whole) if whole else 0


def share_out(amount: int, weights: Sequence[int]) -> list[int]:
    """Splits an amount by weights so that the parts add up to it exactly (method of largest remainder).

    Equal remainders: the earlier part gets the unit. A part of weight zero gets nothing, unless all
    weights are zero: then all count alike. A negative amount is the mirror image of the positive one.
    Raises ValueError for a negative weight, or for an amount with nothing to share it among.
    """
    if amount < 0:
        return [-part for part in share_out(-amount, weights)]
    if not weights and amount:
        raise ValueError("nothing to share the amount among")
    if weights and min(weights) < 0:
        raise ValueError("a weight cannot be negative")
    total = sum(weights)
    if not total:
        weights, total = [1] * len(weights), len(weights)
    parts = [amount * weight // total for weight in weights]
    left = amount - sum(parts)
    if left:
        by_remainder = sorted(range(len(parts)), key=lambda i: -(amount * weights[i] % total))
        for i in by_remainder[:left]:
            parts[i] += 1
    return parts


def portion(total: int, quantity: int, already_quantity: int, take_quantity: int) -> int:
    """What `take_quantity` units are worth, out of a line of `quantity` units worth `total`, after
    `already_quantity` units were taken.

    Rounds the running sum and not the part, so that whatever the steps, all of them together are worth
    exactly `total`. Raises TooManyUnits. Take tax and total this way and let net be the difference.
    """
    if min(already_quantity, take_quantity) < 0 or already_quantity + take_quantity > quantity:
        raise TooManyUnits(quantity, already_quantity, take_quantity)
    if not take_quantity:
        return 0
    before = half_up(total * already_quantity, quantity)
    return half_up(total * (already_quantity + take_quantity), quantity) - before


class LineIn(msgspec.Struct, frozen=True):
    """One line as sold. `unit_amount` and `discount` (of the whole line) are minor units in the basis of
    the price list: with tax when the order is tax inclusive, without it otherwise."""

    quantity: int
    unit_amount: int
    tax_rate_ppm: int = 0
    discount: int = 0


class OrderIn(msgspec.Struct, frozen=True):
    """What an order is priced from. `order_discount` is on the lines, never on the shipping."""

    currency: str
    lines: tuple[LineIn, ...]
    order_discount: int = 0
    shipping_amount: int = 0
    shipping_tax_ppm: int = 0
    tax_inclusive: bool = True


class PricedLine(msgspec.Struct, frozen=True):
    """gross - discount - order_discount is `total` when tax is inclusive and `net` when it is not;
    net + tax = total, which is what the customer pays for the line."""

    gross: int
    discount: int
    order_discount: int
    net: int
    tax: int
    total: int


class Priced(msgspec.Struct, frozen=True):
    """subtotal - discount + shipping is `total` when tax is inclusive; `total` - `tax` when it is not.

    `subtotal` is the lines at list price, `discount` all discounts together, `shipping` what was asked
    for it in the basis of the price list, `tax` all tax with that of shipping. `total` is the sum of the
    lines' totals and `shipping_total`.
    """

    lines: tuple[PricedLine, ...]
    subtotal: int
    discount: int
    shipping: int
    shipping_tax: int
    shipping_total: int
    tax: int
    total: int


def price(order: OrderIn) -> Priced:
    """Prices an order to the minor unit. Raises UnknownCurrency, NegativeNumber, DiscountTooLarge and
    AmountTooLarge."""
    minor_digits(order.currency)
    _check_numbers(order)
    gross = [line.quantity * line.unit_amount for line in order.lines]
    for i, line in enumerate(order.lines):
        if line.discount > gross[i]:
            raise DiscountTooLarge(line.discount, gross[i], order.currency, i)
    after = [amount - line.discount for amount, line in zip(gross, order.lines, strict=True)]
    if order.order_discount > sum(after):
        raise DiscountTooLarge(order.order_discount, sum(after), order.currency)
    shares = share_out(order.order_discount, after) if order.order_discount else [0] * len(after)

    lines = []
    for amount, left, share, line in zip(gross, after, shares, order.lines, strict=True):
        net, tax = _split_tax(left - share, line.tax_rate_ppm, inclusive=order.tax_inclusive)
        lines.append(PricedLine(amount, line.discount, share, net, tax, net + tax))
    ship_net, ship_tax = _split_tax(order.shipping_amount, order.shipping_tax_ppm, inclusive=order.tax_inclusive)
    subtotal = sum(gross)
    total = sum(line.total for line in lines) + ship_net + ship_tax
    if max(subtotal, total) > LARGEST:
        raise AmountTooLarge(max(subtotal, total), LARGEST)
    return Priced(
        lines=tuple(lines),
        subtotal=subtotal,
        discount=subtotal - sum(after) + order.order_discount,
        shipping=order.shipping_amount,
        shipping_tax=ship_tax,
        shipping_total=ship_net + ship_tax,
        tax=sum(line.tax for line in lines) + ship_tax,
        total=total,
    )


def _split_tax(amount: int, ppm: int, *, inclusive: bool) -> tuple[int, int]:
    """(net, tax) of an amount in the basis of the price list."""
    if not inclusive:
        return amount, half_up(amount * ppm, MILLION)
    tax = half_up(amount * ppm, MILLION + ppm)
    return amount - tax, tax


def _check_numbers(order: OrderIn) -> None:
    for field in ("order_discount", "shipping_amount", "shipping_tax_ppm"):
        if getattr(order, field) < 0:
            raise NegativeNumber(field, getattr(order, field))
    for i, line in enumerate(order.lines):
        for field in ("quantity", "unit_amount", "tax_rate_ppm", "discount"):
            if getattr(line, field) < 0:
                raise NegativeNumber(f"lines[{i}].{field}", getattr(line, field))
