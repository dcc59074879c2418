"""What an order of the demo shop's past cost, and what became of the money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cli.demo.catalogue import TAX_PPM
from cli.demo.past import PastOrder, unit_price
from db.money import LineIn, OrderIn, Priced, format_money, portion, price, rate_of, share_out

SHIPPING = 490
FREE_FROM = 7500  # minor units of goods: nothing for the shipping


@dataclass(frozen=True)
class Money:
    """`shares` are what each package captures of the total; `units` the price of one unit of each line.

    What is `booked` was taken by the channel at once, and is written down here.
    """

    priced: Priced
    units: list[int]
    discount: int
    shares: list[int]
    captured: int
    refunded: int
    taken_at: datetime | None
    cancelled: bool
    booked: bool
    currency: str

    @property
    def status(self) -> str:
        """The order's payment status."""
        if self.cancelled and not self.booked:
            return "voided"
        if self.refunded:
            return "refunded" if self.refunded >= self.captured else "partly_refunded"
        return "paid" if self.captured >= self.priced.total else "authorised"

    @property
    def payment_state(self) -> str:
        if self.cancelled and not self.booked:
            return "voided"
        if self.refunded and self.refunded == self.captured:
            return "refunded"
        return "captured" if self.captured else "authorised"

    def thanks(self, number: str) -> str:
        total = format_money(self.priced.total, self.currency)
        return f"Thank you for your order {number}.\n\nThe total is {total}. We will write again when it leaves us.\n"


def amounts(order: PastOrder, now: datetime) -> Money:
    currency = order.shopper.currency
    units = [unit_price(line.sku, currency, order.at, now) for line in order.lines]
    goods = sum(line.quantity * unit for line, unit in zip(order.lines, units, strict=True))
    discount = rate_of(goods, order.percent * 10_000)
    priced = price(
        OrderIn(
            currency=currency,
            lines=tuple(LineIn(n.quantity, unit, TAX_PPM) for n, unit in zip(order.lines, units, strict=True)),
            order_discount=discount,
            shipping_amount=0 if goods >= FREE_FROM else SHIPPING,
            shipping_tax_ppm=TAX_PPM,
        )
    )
    shares = share_out(priced.total, [sum(q for _, _, q in p.units) for p in order.packages])
    left = [p.shipped_at for p in order.packages if p.shipped_at]
    booked = order.channel == "marketplace"
    taken = sum(share for share, p in zip(shares, order.packages, strict=True) if p.shipped_at)
    captured = priced.total if booked else taken
    refunded = priced.total if booked and order.cancelled else 0
    if order.returned:
        _, line_no, back, _ = order.returned
        line = order.lines[line_no - 1]
        refunded = portion(priced.lines[line_no - 1].total, line.quantity, 0, back)
    return Money(
        priced=priced,
        units=units,
        discount=discount,
        shares=shares,
        captured=captured,
        refunded=refunded,
        taken_at=max(left) if left else None,
        cancelled=order.cancelled is not None,
        booked=booked,
        currency=currency,
    )
