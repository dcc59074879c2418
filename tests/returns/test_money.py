"""Whatever comes back, in whatever parts and order, all of it together is worth exactly what was paid."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.orders.rules import worth as cancelled_worth
from agents.returns.money import SoldLine, Worth, fee_of, shipping_share, together, worth_of
from db.money import LineIn, OrderIn, Priced, TooManyUnits, price

RATES = st.sampled_from([0, 50_000, 77_125, 190_000, 200_000, 255_000])
LINES = st.builds(
    LineIn,
    quantity=st.integers(1, 12),
    unit_amount=st.integers(0, 30_000),
    tax_rate_ppm=RATES,
)


@st.composite
def orders(draw: st.DrawFn) -> Priced:
    lines = draw(st.lists(LINES, min_size=1, max_size=4))
    gross = sum(n.quantity * n.unit_amount for n in lines)
    return price(
        OrderIn(
            currency=draw(st.sampled_from(["JPY", "EUR", "KWD"])),
            lines=tuple(lines),
            order_discount=draw(st.integers(0, gross)),
            shipping_amount=draw(st.integers(0, 2_000)),
            shipping_tax_ppm=draw(RATES),
            tax_inclusive=draw(st.booleans()),
        )
    )


class Line:
    """A line of which units are cancelled and come back, as its agents count them."""

    def __init__(self, quantity: int, total: int, tax: int) -> None:
        self.sold = SoldLine(quantity, total, tax)
        self.cancelled_amount = 0

    def cancel(self, take: int) -> None:
        row = SimpleNamespace(
            total=self.sold.total,
            quantity=self.sold.quantity,
            cancelled=self.sold.cancelled,
            cancelled_amount=self.cancelled_amount,
        )
        self.cancelled_amount += cancelled_worth(row, take)  # type: ignore[arg-type] # the columns it reads
        self.sold = SoldLine(**{**vars(self.sold), "cancelled": self.sold.cancelled + take})

    def give_back(self, take: int) -> Worth:
        worth = worth_of(self.sold, take)
        more = {"returned": self.sold.returned + take, "credited": self.sold.credited + worth}
        self.sold = SoldLine(**{**vars(self.sold), **more})
        return worth

    @property
    def left(self) -> int:
        return self.sold.quantity - self.sold.cancelled - self.sold.returned


@given(orders(), st.data())
def test_random_parts_in_random_order_are_worth_what_was_paid(order: Priced, data: st.DataObject) -> None:
    quantities = [data.draw(st.integers(1, 12)) for _ in order.lines]
    lines = [Line(q, n.total, n.tax) for q, n in zip(quantities, order.lines, strict=True)]
    while left := [n for n in lines if n.left]:
        line = data.draw(st.sampled_from(left))
        take = data.draw(st.integers(1, line.left))
        if data.draw(st.booleans()):
            line.cancel(take)
        else:
            worth = line.give_back(take)
            assert min(worth.total, worth.tax, worth.net) >= 0
    for line, priced in zip(lines, order.lines, strict=True):
        assert line.cancelled_amount + line.sold.credited.total == priced.total
        if not line.sold.cancelled:
            assert line.sold.credited == Worth(priced.total, priced.tax)


@given(orders(), st.data())
def test_an_order_that_comes_back_whole_brings_back_its_shipping_to_the_cent(
    order: Priced, data: st.DataObject
) -> None:
    lines = [Line(data.draw(st.integers(1, 12)), n.total, n.tax) for n in order.lines]
    shipping = Worth(order.shipping_total, order.shipping_tax)
    kept = sum(n.sold.total for n in lines)
    given_back = Worth()
    while left := [n for n in lines if n.left]:
        line = data.draw(st.sampled_from(left))
        line.give_back(data.draw(st.integers(1, line.left)))
        credited = sum(n.sold.credited.total for n in lines)
        share = shipping_share(shipping, kept=kept, credited=credited, already=given_back)
        assert min(share.total, share.tax) >= 0
        given_back += share
    paid = together([n.sold.credited for n in lines]) + given_back
    assert paid == (Worth(order.total, order.tax) if kept else Worth())


def test_ten_at_23_90_with_a_coupon_of_a_quarter_come_back_as_179_25() -> None:
    """A refund that rounds each unit alone is 179.26, and refused by the gateway."""
    order = price(OrderIn("EUR", (LineIn(10, 2390, 200_000),), order_discount=5975))
    line = Line(10, order.lines[0].total, order.lines[0].tax)
    assert [line.give_back(1).total for _ in range(10)] == [1792, 1793] * 5
    assert line.sold.credited == Worth(17925, order.tax)


def test_two_lines_of_half_a_cent_come_back_as_the_1_03_that_was_paid() -> None:
    order = price(OrderIn("EUR", (LineIn(1, 1030), LineIn(1, 1030)), order_discount=1957))
    assert order.total == 103
    assert [Line(1, n.total, n.tax).give_back(1).total for n in order.lines] == [51, 52]


def test_a_discount_of_the_whole_order_is_in_what_one_item_is_worth() -> None:
    order = price(OrderIn("EUR", (LineIn(1, 6000), LineIn(1, 4000)), order_discount=1000))
    assert Line(1, order.lines[0].total, 0).give_back(1).total == 5400


def test_units_that_were_cancelled_cannot_come_back() -> None:
    line = Line(3, 1000, 0)
    line.cancel(2)
    with pytest.raises(TooManyUnits):
        line.give_back(2)
    assert line.give_back(1).total == 333


@given(st.integers(0, 10**9), RATES, st.integers(0, 1_000_000))
def test_a_fee_is_never_more_than_the_goods_nor_its_tax_than_their_tax(total: int, rate: int, ppm: int) -> None:
    worth = Worth(total, total * rate // 1_000_000)
    fee = fee_of(worth, ppm)
    rest = worth - fee
    assert min(rest.total, rest.tax, fee.total, fee.tax) >= 0
    assert rest + fee == worth
