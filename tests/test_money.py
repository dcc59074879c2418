"""Money adds up: whatever is discounted, taxed, shared, cancelled or refunded, to the last minor unit."""

from __future__ import annotations

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.money import (
    AmountTooLarge,
    DiscountTooLarge,
    LineIn,
    NegativeNumber,
    NotAnAmount,
    OrderIn,
    Priced,
    TooManyDecimals,
    TooManyUnits,
    UnknownCurrency,
    UnknownLocale,
    format_money,
    half_up,
    minor_digits,
    parse_decimal,
    portion,
    price,
    rate_of,
    share_out,
    to_decimal_string,
)

TWENTY_PERCENT = 200_000
CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD", "CLF"])  # 0, 2, 3 and 4 decimals
AMOUNTS = st.integers(0, 10**9)
LINES = st.builds(
    LineIn,
    quantity=st.integers(0, 50),
    unit_amount=st.integers(0, 10**7),
    tax_rate_ppm=st.sampled_from([0, 25_000, 70_000, 77_125, 190_000, TWENTY_PERCENT, 1_000_000]),
)


@st.composite
def orders(draw: st.DrawFn) -> OrderIn:
    lines = []
    for line in draw(st.lists(LINES, max_size=8)):
        discount = draw(st.integers(0, line.quantity * line.unit_amount))
        lines.append(msgspec.structs.replace(line, discount=discount))
    left = sum(line.quantity * line.unit_amount - line.discount for line in lines)
    return OrderIn(
        currency=draw(CURRENCIES),
        lines=tuple(lines),
        order_discount=draw(st.integers(0, left)),
        shipping_amount=draw(st.integers(0, 10**5)),
        shipping_tax_ppm=draw(st.sampled_from([0, 190_000, 77_125])),
        tax_inclusive=draw(st.booleans()),
    )


# The currency and its text


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("RSD", 2), ("IQD", 3), ("ISK", 0), ("HUF", 2)],
)
def test_minor_units_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XXX", "XAU", "ZZZ", "€"])
def test_what_nobody_pays_with_is_refused_as_a_currency(currency: str) -> None:
    with pytest.raises(UnknownCurrency) as refused:
        minor_digits(currency)
    assert refused.value.code == "unknown_currency"
    assert refused.value.status == 422
    assert refused.value.facts() == {"currency": currency}


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (17925, "EUR", "179.25"),
        (-5, "EUR", "-0.05"),
        (500, "JPY", "500"),
        (5120, "KWD", "5.120"),
        (0, "USD", "0.00"),
    ],
)
def test_an_amount_is_written_with_a_dot_and_all_its_decimals(amount: int, currency: str, text: str) -> None:
    assert to_decimal_string(amount, currency) == text
    assert parse_decimal(text, currency) == amount


@given(st.integers(-(10**14), 10**14), CURRENCIES)
def test_text_gives_back_the_amount_it_was_written_from(amount: int, currency: str) -> None:
    assert parse_decimal(to_decimal_string(amount, currency), currency) == amount


@pytest.mark.parametrize("text", ["", "1,5", "1.234,5", "1e3", "+1", ".5", "5.", "--1", "١", "NaN", "1 000"])
def test_text_that_could_mean_two_things_is_not_an_amount(text: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_decimal(text, "EUR")


def test_a_decimal_more_than_the_currency_has_is_refused_and_not_rounded() -> None:
    with pytest.raises(TooManyDecimals) as refused:
        parse_decimal("0.515", "EUR")
    assert str(refused.value) == "'0.515' has too many decimals: EUR has 2."
    assert parse_decimal("0.515", "KWD") == 515
    with pytest.raises(TooManyDecimals):
        parse_decimal("500.0", "JPY")


def test_an_amount_beyond_exact_integers_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        parse_decimal("9007199254740993", "EUR")
    with pytest.raises(AmountTooLarge):
        price(OrderIn("EUR", (LineIn(10**9, 10**9),)))


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (123_456, "EUR", "en", "€1,234.56"),
        (123_456, "EUR", "de", "1.234,56 €"),
        (500, "JPY", "en", "¥500"),
        (5_120, "KWD", "en", "KWD 5.120"),
        (12_345, "RSD", "en", "RSD 123.45"),
        (5_120, "CHF", "de_CH", "CHF 51.20"),
        (-5, "USD", "en_US", "-$0.05"),
        (2**53 - 1, "USD", "en", "$90,071,992,547,409.91"),
    ],
)
def test_a_person_reads_every_minor_unit(amount: int, currency: str, locale: str, text: str) -> None:
    assert format_money(amount, currency, locale).replace("\xa0", " ") == text


@pytest.mark.parametrize("locale", ["xx", "de-DE-no", "", "../../etc"])
def test_an_unknown_locale_is_refused(locale: str) -> None:
    with pytest.raises(UnknownLocale):
        format_money(1, "EUR", locale)


# Sharing and rounding


def test_halves_round_away_from_zero() -> None:
    assert [half_up(n, 2) for n in (-3, -1, 0, 1, 3)] == [-2, -1, 0, 1, 2]
    assert rate_of(23900, 250_000) == 5975


@given(st.integers(-(10**12), 10**12), st.lists(AMOUNTS, min_size=1, max_size=20))
def test_shares_add_up_exactly_and_are_each_within_one_unit_of_fair(amount: int, weights: list[int]) -> None:
    parts = share_out(amount, weights)
    assert sum(parts) == amount
    assert share_out(-amount, weights) == [-part for part in parts]
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if total:
            assert abs(part * total - amount * weight) < total
            assert weight or not part


def test_equal_remainders_go_to_the_first_and_zero_weights_get_nothing() -> None:
    assert share_out(100, [1, 1, 1]) == [34, 33, 33]
    assert share_out(5, [0, 1, 0, 1]) == [0, 3, 0, 2]
    assert share_out(5, [0, 0, 0]) == [2, 2, 1]
    assert share_out(0, []) == []
    with pytest.raises(ValueError, match="nothing to share"):
        share_out(1, [])
    with pytest.raises(ValueError, match="negative"):
        share_out(1, [2, -1])


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_units_taken_in_any_steps_are_worth_exactly_the_line(total: int, takes: list[int]) -> None:
    quantity, taken, paid = sum(takes), 0, 0
    for take in takes:
        part = portion(total, quantity, taken, take)
        assert part * total >= 0, "no part goes the other way"
        taken, paid = taken + take, paid + part
    assert paid == (total if quantity else 0)


def test_no_more_units_are_taken_than_are_left() -> None:
    with pytest.raises(TooManyUnits) as refused:
        portion(1000, 3, 2, 2)
    assert str(refused.value) == "2 units were asked for, but of 3 only 1 are left."
    assert refused.value.status == 409
    for already, take in ((-1, 1), (1, -1)):
        with pytest.raises(TooManyUnits):
            portion(1000, 3, already, take)


# Orders


@given(orders())
def test_every_order_adds_up(order: OrderIn) -> None:
    priced = price(order)
    for line, asked in zip(priced.lines, order.lines, strict=True):
        assert line.gross == asked.quantity * asked.unit_amount
        paid_at_list = line.gross - line.discount - line.order_discount
        assert paid_at_list == (line.total if order.tax_inclusive else line.net)
        assert line.net + line.tax == line.total
        assert min(line.discount, line.order_discount, line.net, line.tax, line.total) >= 0
        assert line.tax or not (asked.tax_rate_ppm >= TWENTY_PERCENT and line.net > 2)
    assert sum(line.order_discount for line in priced.lines) == order.order_discount
    assert priced.total == sum(line.total for line in priced.lines) + priced.shipping_total
    assert priced.tax == sum(line.tax for line in priced.lines) + priced.shipping_tax
    assert priced.subtotal - priced.discount + priced.shipping == (
        priced.total if order.tax_inclusive else priced.total - priced.tax
    )


@given(orders(), st.randoms(use_true_random=False))
def test_an_order_refunded_unit_by_unit_in_any_order_returns_exactly_what_was_paid(order: OrderIn, chance) -> None:
    priced = price(order)
    units = [i for i, line in enumerate(order.lines) for _ in range(line.quantity)]
    chance.shuffle(units)
    taken = [0] * len(order.lines)
    refunded = tax_back = 0
    for i in units:
        refunded += portion(priced.lines[i].total, order.lines[i].quantity, taken[i], 1)
        tax_back += portion(priced.lines[i].tax, order.lines[i].quantity, taken[i], 1)
        taken[i] += 1
    assert refunded + priced.shipping_total == priced.total
    assert tax_back + priced.shipping_tax == priced.tax


@given(orders())
def test_a_priced_order_travels_unchanged(order: OrderIn) -> None:
    priced = price(order)
    assert msgspec.json.decode(msgspec.json.encode(priced), type=Priced) == priced
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(order), type=OrderIn) == order


@pytest.mark.parametrize("quantities", [(10,), (1,) * 10, (3, 7)])
def test_ten_at_23_90_with_20_percent_tax_and_a_quarter_off_cost_179_25_and_give_back_179_25(
    quantities,
) -> None:
    """A cent too much was refunded here: woocommerce/woocommerce#64668."""
    lines = tuple(LineIn(q, parse_decimal("23.90", "EUR"), TWENTY_PERCENT) for q in quantities)
    priced = price(OrderIn("EUR", lines, order_discount=rate_of(23900, 250_000)))
    assert to_decimal_string(priced.total, "EUR") == "179.25"
    back = sum(
        portion(line.total, quantity, unit, 1)
        for line, quantity in zip(priced.lines, quantities, strict=True)
        for unit in range(quantity)
    )
    assert to_decimal_string(back, "EUR") == "179.25"


def test_two_halves_of_1_03_are_1_03() -> None:
    """Both halves were rounded to 0.52: spree/spree#14467."""
    assert [portion(103, 2, 0, 1), portion(103, 2, 1, 1)] == [52, 51]
    assert share_out(103, [1, 1]) == [52, 51]
    in_dinars = price(OrderIn("KWD", (LineIn(1, 515), LineIn(1, 515))))
    assert to_decimal_string(in_dinars.total, "KWD") == "1.030"


def test_a_discount_on_the_whole_order_is_in_what_a_single_item_gives_back() -> None:
    """It was ignored: solidusio/solidus#512."""
    priced = price(OrderIn("EUR", (LineIn(2, 3000), LineIn(1, 4000)), order_discount=1000))
    assert [line.order_discount for line in priced.lines] == [600, 400]
    assert portion(priced.lines[0].total, 2, 0, 1) == 2700


def test_tax_on_top_is_rounded_once_a_line() -> None:
    order = OrderIn(
        "USD",
        (LineIn(3, 999, 77_125, discount=100),),
        shipping_amount=500,
        shipping_tax_ppm=77_125,
        tax_inclusive=False,
    )
    priced = price(order)
    assert (priced.lines[0].net, priced.lines[0].tax, priced.lines[0].total) == (2897, 223, 3120)
    assert (priced.shipping_tax, priced.tax, priced.total) == (39, 262, 3659)


def test_yen_have_no_sen() -> None:
    priced = price(OrderIn("JPY", (LineIn(1, 1000, 100_000),)))
    assert (priced.lines[0].net, priced.lines[0].tax) == (909, 91)


def test_a_discount_beyond_the_price_is_refused() -> None:
    with pytest.raises(DiscountTooLarge) as refused:
        price(OrderIn("EUR", (LineIn(1, 1000),), order_discount=1001, shipping_amount=900))
    assert str(refused.value) == "A discount of 10.01 EUR is more than the order costs: 10.00 EUR."
    with pytest.raises(DiscountTooLarge) as refused:
        price(OrderIn("EUR", (LineIn(1, 1000), LineIn(2, 500, discount=1001))))
    assert refused.value.facts() == {"discount": 1001, "limit": 1000, "currency": "EUR", "line": 1}
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)


@pytest.mark.parametrize(
    "order",
    [
        OrderIn("EUR", (LineIn(-1, 100),)),
        OrderIn("EUR", (LineIn(1, -100),)),
        OrderIn("EUR", (LineIn(1, 100, -1),)),
        OrderIn("EUR", (LineIn(1, 100, discount=-1),)),
        OrderIn("EUR", (LineIn(1, 100),), order_discount=-1),
        OrderIn("EUR", (LineIn(1, 100),), shipping_amount=-1),
    ],
)
def test_nothing_in_an_order_is_below_zero(order: OrderIn) -> None:
    with pytest.raises(NegativeNumber):
        price(order)
