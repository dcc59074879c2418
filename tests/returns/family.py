"""An order and all that goes out for it later: a customer with several tenders, who returns, swaps and complains.

A plain model follows along. It knows nothing of rounding: which units the customer has, and that in the end all that
was taken has gone back, but for the fees and labels that the returns say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import func, select

from agents.orders.messages import (
    ApplyEdit,
    CancelOrder,
    EditPreview,
    LineChange,
    LineQuantity,
    OrderState,
    PaymentGiven,
    PlacedLine,
    PlaceOrder,
    ProposeEdit,
)
from agents.payments.messages import AuthorisePayment, PaymentView, RefundPayment
from agents.returns.messages import PreviewReturn, ReturnPreview
from agents.returns.messages.claims import ApproveClaim, ClaimLineAsk, ClaimState, OpenClaim
from agents.returns.messages.exchanges import (
    ApproveExchange,
    CancelExchange,
    ExchangeState,
    GoodsOutAsk,
    RequestExchange,
)
from agents.shipping.demo_rates import standard_rate_cards
from agents.shipping.messages import RateCardState
from db.exchanges import Exchange
from db.order_claims import OrderClaim
from db.orders import Order
from db.payments import Payment, payments_of
from db.returns import Grade, Return, ReturnLine
from db.stored_value import StoredValueEntry, ValueMove
from tests.returns.makers import approved, deliver, line, lines, receive, ship, the_books_add_up, the_order, the_return
from tests.shop import S, Shop

BANK = {"provider": "test", "token": "tok_ok"}
UNITS = {"JPY": 1, "EUR": 100, "KWD": 1000}  # minor units in one


@dataclass
class Owned:
    """An order of the family: what the customer has of it, and what is still to be sent."""

    order: Order
    has: dict[int, int]
    waiting: dict[int, int]


@dataclass
class Family:
    shop: Shop
    currency: str
    customer_id: UUID
    keeps: bool  # fees and labels are kept; else goodwill is given
    owned: list[Owned] = field(default_factory=list)

    def check(self) -> None:
        assert self.shop.dead() == []
        the_books_add_up(self.shop)

    # Selling

    def buys(self, data: st.DataObject, gift: UUID) -> None:
        one = UNITS[self.currency]
        shop, bowl = self.shop, f"BOWL{self.shop.count('variants')}"
        shop.a_sku(bowl, price=9 * one, currency=self.currency, tax_rate_ppm=70_000, backorder_limit=9)
        for sku in ("MUG", "PLATE"):
            shop.some_stock(sku, "LON", 30)
        shop.some_stock(bowl, "LON", 1)  # of three; the others may be cancelled after it has left
        amount = st.integers(one // 3 + 1, 20 * one)
        asked = [
            PlacedLine(sku="MUG", quantity=data.draw(st.integers(1, 3)), unit_amount=data.draw(amount)),
            PlacedLine(sku="PLATE", quantity=data.draw(st.integers(1, 3)), unit_amount=data.draw(amount)),
            PlacedLine(sku=bowl, quantity=3, unit_amount=data.draw(amount)),
        ]
        gross = sum(n.quantity * (n.unit_amount or 0) for n in asked)
        ask = PlaceOrder(
            channel="web",
            currency=self.currency,
            lines=asked,
            customer_id=self.customer_id,
            shipping_address={"name": "Ada", "line1": "1 Lane", "city": "Berlin", "country": "DE"},
            order_discount=data.draw(st.integers(0, gross // 2)),
            shipping=data.draw(st.integers(0, 6 * one)),
            shipping_tax_ppm=data.draw(st.sampled_from([0, 70_000, 200_000])),
            tax_inclusive=data.draw(st.booleans()),
            tenders=[
                PaymentGiven(provider="gift_card", token=str(gift)),
                PaymentGiven(provider="store_credit"),
                PaymentGiven(**BANK),
            ],
        )
        placed = shop.do("orders", ask, OrderState)
        shop.pump()
        self.goes_out(placed.id)

    def goes_out(self, order_id: UUID) -> Owned:
        """What is missing is paid, all that is there is sent, and it arrives."""
        order = the_order(self.shop, order_id)
        if order.covered < order.total_now:
            rest = order.total_now - order.covered
            pays = AuthorisePayment(order_id=order_id, amount=rest, currency=self.currency, **BANK)
            self.shop.do("payments", pays, PaymentView)
            self.shop.pump()
        ship(self.shop, order)
        deliver(self.shop, order)
        sent = lines(self.shop, order)
        assert any(n.shipped for n in sent), order.status
        self.owned.append(
            Owned(
                the_order(self.shop, order_id),
                has={n.line_no: n.shipped for n in sent},
                waiting={n.line_no: n.quantity - n.shipped for n in sent},
            )
        )
        return self.owned[-1]

    # What the customer does

    def returns(self, data: st.DataObject, *, owned: Owned | None = None) -> None:
        """All, where `owned` says of what; else a part of something. What is told is what it comes to."""
        everything = owned is not None
        owned = owned or data.draw(st.sampled_from(self.owned))
        units = {n: have if everything else data.draw(st.integers(0, have)) for n, have in owned.has.items()}
        asked = [line(n, take) for n, take in units.items() if take]
        if not asked:
            return
        to = data.draw(st.sampled_from(["original", "store_credit"]))
        label: dict[str, Any] = {}
        if self.keeps and data.draw(st.booleans()):
            label = {"way": "label", "label_price": data.draw(st.integers(1, 5 * UNITS[self.currency]))}
        told = self.shop.do("returns", PreviewReturn(order_id=owned.order.id, lines=asked, **label), ReturnPreview)
        made = approved(self.shop, owned.order, *asked, refund_to=to, **label)
        receive(self.shop, made, *((n, take, self._grade(owned, n)) for n, take in units.items() if take))
        for n, take in units.items():
            owned.has[n] -= take
        item = the_return(self.shop, made)
        assert (item.credit, item.bonus) == (told.total, told.bonus if to == "store_credit" else 0)

    def exchanges(self, data: st.DataObject) -> None:
        found = self._some(data)
        if found is None:
            return
        owned, no, take = found
        amount = data.draw(st.integers(0, 25 * UNITS[self.currency]))
        goods = GoodsOutAsk(sku="MUG", quantity=data.draw(st.integers(1, 2)), unit_amount=amount)
        how = data.draw(st.sampled_from(["asked for", "charged", "instant"]))
        card = {} if how == "asked for" else BANK
        ask = RequestExchange(
            order_id=owned.order.id,
            lines=[line(no, take)],
            goods=[goods],
            shipping=data.draw(st.integers(0, 3 * UNITS[self.currency])),
            instant=how == "instant",
            **card,
        )
        made = self._say(ask, ExchangeState)
        if made.status == "requested":
            self._say(ApproveExchange(exchange_id=made.id), ExchangeState)
        when = data.draw(st.sampled_from(["never", "never", "before", "after"]))
        if when == "before":
            self._say(CancelExchange(exchange_id=made.id, reason="changed mind"), ExchangeState)
            return
        with self.shop.db.reading() as session:
            item = session.get_one(Return, made.return_id)
            first = session.get_one(Exchange, made.id).replacement_id
        if how == "instant":
            assert first is not None
            self.goes_out(first)
            when = "never"
        receive(self.shop, item, (no, take, self._grade(owned, no)))  # type: ignore[arg-type]
        owned.has[no] -= take
        with self.shop.db.reading() as session:
            exchange = session.get_one(Exchange, made.id)
        if exchange.replacement_id is None:  # what came back was worth nothing
            assert not exchange.worth
            when = "after"
        if when == "after":
            self._say(CancelExchange(exchange_id=made.id, reason="changed mind"), ExchangeState)
        elif exchange.replacement_id is not None and how != "instant":
            self.goes_out(exchange.replacement_id)

    def complains(self, data: st.DataObject) -> None:
        found = self._some(data)
        if found is None:
            return
        owned, no, take = found
        again = data.draw(st.integers(0, take)) if lines(self.shop, owned.order)[no - 1].sku in ("MUG", "PLATE") else 0
        wrong = ClaimLineAsk(line_no=no, quantity=take, replace=again, reason="damaged")
        made = self._say(OpenClaim(order_id=owned.order.id, lines=[wrong]), ClaimState)
        self._say(ApproveClaim(claim_id=made.id), ClaimState)
        owned.has[no] -= take
        with self.shop.db.reading() as session:
            claim = session.get_one(OrderClaim, made.id)
        if claim.replacement_id is not None:
            self.goes_out(claim.replacement_id)

    def cancels(self, data: st.DataObject, *, owned: Owned | None = None) -> None:
        everything = owned is not None
        owned = owned or data.draw(st.sampled_from(self.owned))
        for no, left in owned.waiting.items():
            take = left if everything else data.draw(st.integers(0, left))
            if take:
                gone = [LineQuantity(line_no=no, quantity=take)]
                self._say(CancelOrder(order_id=owned.order.id, reason="late", lines=gone), OrderState, agent="orders")
                owned.waiting[no] -= take

    def wants_more(self, data: st.DataObject) -> None:
        """A line of the first order is raised, cancelled in part or not; the rest of the money is paid."""
        owned = self.owned[0]
        for no, left in owned.waiting.items():
            row = lines(self.shop, owned.order)[no - 1]
            status = the_order(self.shop, owned.order.id).status
            if not row.sku.startswith("BOWL") or status not in ("placed", "held", "released", "partially_shipped"):
                continue
            change = LineChange(line_no=no, quantity=row.quantity - row.cancelled + 1)
            seen = self._say(ProposeEdit(order_id=owned.order.id, lines=[change]), EditPreview, agent="orders")
            assert seen.obstacles == []
            self._say(ApplyEdit(edit_id=seen.id), OrderState, agent="orders")
            owned.waiting[no] = left + 1
            order = the_order(self.shop, owned.order.id)
            if order.covered < order.total_now:
                more = order.total_now - order.covered
                pays = AuthorisePayment(order_id=order.id, amount=more, currency=self.currency, **BANK)
                self._say(pays, PaymentView, agent="payments")

    def is_given(self, data: st.DataObject) -> None:
        """Money by hand, at once or as goodwill, of some payment."""
        owned = data.draw(st.sampled_from(self.owned))
        with self.shop.db.reading() as session:
            found = [p for p in payments_of(session, owned.order.id) if p.captured > p.refunded]
        if not found or self.keeps:
            return
        payment = data.draw(st.sampled_from(found))
        amount = data.draw(st.integers(1, min(payment.captured - payment.refunded, 9 * UNITS[self.currency])))
        gives = RefundPayment(payment_id=payment.id, amount=amount, reason="sorry", goodwill=data.draw(st.booleans()))
        self._say(gives, PaymentView, agent="payments")

    def everything_goes_back(self, data: st.DataObject) -> None:
        for owned in data.draw(st.permutations(self.owned)):
            first_cancels = data.draw(st.booleans())
            for do in (self.cancels, self.returns) if first_cancels else (self.returns, self.cancels):
                do(data, owned=owned)
                self.check()

    def kept(self) -> tuple[int, int]:
        """What the shop still has of the money, and the fees and labels that it may keep."""
        mine = select(Order.id).where(Order.customer_id == self.customer_id)
        with self.shop.db.reading() as session:
            held = select(func.sum(Payment.captured - Payment.refunded)).where(Payment.order_id.in_(mine))
            taken = select(func.sum(Return.label_taken), func.sum(Return.bonus)).where(Return.order_id.in_(mine))
            labels, bonus = session.execute(taken).one()
            fees = session.scalar(select(func.sum(ReturnLine.fee)).where(ReturnLine.order_id.in_(mine)))
            given = select(func.sum(StoredValueEntry.amount)).where(StoredValueEntry.order_id.in_(mine))
            assert (bonus or 0) == (session.scalar(given.where(StoredValueEntry.kind == ValueMove.bonus)) or 0)
            has = session.scalar(held)
        return int(has or 0), int(fees or 0) + int(labels or 0)

    def _grade(self, owned: Owned, line_no: int) -> str:
        """Bowls come back broken, so that they are not sent to whoever waits for one. They are paid for."""
        waits = lines(self.shop, owned.order)[line_no - 1].sku.startswith("BOWL")
        return Grade.damaged if waits else Grade.sellable

    def _some(self, data: st.DataObject) -> tuple[Owned, int, int] | None:
        """Units that the customer has, of one line."""
        there = [(owned, n, have) for owned in self.owned for n, have in owned.has.items() if have]
        if not there:
            return None
        owned, no, have = data.draw(st.sampled_from(there))
        return owned, no, data.draw(st.integers(1, have))

    def _say(self, command: Any, answer: type[S], *, agent: str = "returns") -> S:
        told = self.shop.do(agent, command, answer)
        self.shop.pump()
        assert self.shop.dead() == []
        return told


def prepare(shop: Shop, currency: str) -> None:
    """Labels that are paid in it."""
    if currency != "EUR":
        for card in standard_rate_cards(currency):
            shop.do("shipping", card, RateCardState)
