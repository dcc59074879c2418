"""Whatever is returned, cancelled and given by hand, in whatever parts: in the end it is exactly what was paid.

A plain model follows along. It knows nothing of rounding: that no more goes back than was captured, that a return is
owed what its preview said, and that an order of which nothing is left has been paid back to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents.orders.messages import CancelOrder, LineQuantity, OrderState
from agents.payments.messages import PaymentView, RefundPayment
from agents.returns.messages import ReturnState
from db.orders import Order
from db.payments import payments_of
from db.returns import Grade
from tests.payments.test_stored_value import a_card, a_customer, credit
from tests.returns.family import UNITS, Family, prepare
from tests.returns.makers import (
    approved,
    deliver,
    line,
    lines,
    money,
    place,
    policy,
    preview,
    receive,
    ship,
    the_books_add_up,
    the_return,
)
from tests.shop import Shop

ORDERS = st.fixed_dictionaries(
    {
        "lines": st.fixed_dictionaries(
            {"MUG": st.integers(1, 4), "PLATE": st.integers(1, 4)}, optional={"SET": st.integers(1, 2)}
        ),
        "order_discount": st.integers(0, 1700),
        "shipping": st.integers(0, 600),
        "shipping_tax_ppm": st.sampled_from([0, 70_000, 200_000]),
        "tax_inclusive": st.booleans(),
    }
)

NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # each example is a company at work for seconds


@dataclass
class Model:
    """Units that the customer has, by line, and what has been asked for so far."""

    shop: Shop
    order: Order
    has: dict[int, int]
    waiting: dict[int, int]  # units that are still to be sent, and may be cancelled
    under_way: list[ReturnState] = field(default_factory=list)

    def check(self) -> None:
        captured, refunded = money(self.shop, self.order)
        assert 0 <= refunded <= captured
        the_books_add_up(self.shop)

    def gives_back(self, data: st.DataObject, *, everything: bool = False) -> None:
        """A part of what the customer has; the preview's total is what it comes to when all of it is as new."""
        units = {n: have if everything else data.draw(st.integers(0, have)) for n, have in self.has.items()}
        asked = [line(n, take) for n, take in units.items() if take]
        if not asked:
            return
        told = preview(self.shop, self.order, *asked)
        made = approved(self.shop, self.order, *asked)
        whole = everything or data.draw(st.booleans())
        for n, take in units.items():
            if take:
                first = take if whole else data.draw(st.integers(1, take))
                receive(self.shop, made, (n, first, Grade.sellable))
                if first < take:
                    receive(self.shop, made, (n, take - first, Grade.missing))
                self.has[n] -= first
        if whole:
            item = the_return(self.shop, made)
            assert item.credit == told.total
            assert item.status in ("refunded", "closed")

    def cancels(self, data: st.DataObject, *, everything: bool = False) -> None:
        for n, left in self.waiting.items():
            take = left if everything else data.draw(st.integers(0, left))
            if take:
                gone = [LineQuantity(line_no=n, quantity=take)]
                self.shop.do("orders", CancelOrder(order_id=self.order.id, reason="late", lines=gone), OrderState)
                self.shop.pump()
                self.waiting[n] -= take

    def gives_by_hand(self, data: st.DataObject) -> None:
        with self.shop.db.reading() as session:
            (payment,) = payments_of(session, self.order.id)
        left = payment.captured - payment.refunded
        if left:
            amount = data.draw(st.integers(1, min(left, 900)))
            gives = RefundPayment(
                payment_id=payment.id, amount=amount, reason="sorry", goodwill=data.draw(st.booleans())
            )
            self.shop.do("payments", gives, PaymentView)
            self.shop.pump()


@given(st.data())
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_everything_given_back_in_parts_is_exactly_what_was_paid(shop: Shop, data: st.DataObject) -> None:
    ask = data.draw(ORDERS)
    with_bowls = data.draw(st.booleans())
    if with_bowls:  # two of three are not there, and may be cancelled after the first has left
        bowl = f"BOWL{shop.count('variants')}"
        shop.a_sku(bowl, price=899, tax_rate_ppm=70_000, backorder_limit=5)
        shop.some_stock(bowl, "LON", 1)
        ask["lines"] = ask["lines"] | {bowl: 3}
    order = place(shop, **ask)
    ship(shop, order)
    deliver(shop, order)
    sent = lines(shop, order)
    model = Model(
        shop,
        order,
        has={n.line_no: n.shipped for n in sent},
        waiting={n.line_no: n.quantity - n.shipped for n in sent if n.shipped < n.quantity},
    )
    assert (with_bowls and list(model.waiting.values()) == [2]) or not model.waiting
    for _ in range(data.draw(st.integers(1, 3))):
        data.draw(st.sampled_from([model.gives_back, model.gives_back, model.cancels, model.gives_by_hand]))(data)
        model.check()
    model.cancels(data, everything=True)
    model.gives_back(data, everything=True)
    model.check()
    captured, refunded = money(shop, order)
    assert captured == order.total
    assert refunded == captured


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
@given(st.data())
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
def test_returned_exchanged_claimed_and_cancelled_in_any_order_it_is_exactly_what_was_paid(
    shop: Shop, currency: str, data: st.DataObject
) -> None:
    keeps = data.draw(st.booleans())
    shop.later(hours=1)  # what the policy before was in force for is over
    prepare(shop, currency)
    policy(shop, fee_ppm=50_000 if keeps else 0, credit_bonus_ppm=100_000, window_days=90, instant_exchange=True,
           refund_unsellable=True)  # fmt: skip
    customer_id, one = a_customer(shop), UNITS[currency]
    gift = a_card(shop, data.draw(st.integers(1, 20 * one)), currency=currency)
    credit(shop, customer_id, data.draw(st.integers(1, 20 * one)), currency)
    family = Family(shop, currency, customer_id, keeps)
    family.buys(data, gift)
    family.check()
    do = [family.returns, family.exchanges, family.complains, family.cancels, family.wants_more, family.is_given]
    for _ in range(data.draw(st.integers(2, 5))):
        data.draw(st.sampled_from(do))(data)
        family.check()
    family.everything_goes_back(data)
    has, may_keep = family.kept()
    assert has == may_keep
