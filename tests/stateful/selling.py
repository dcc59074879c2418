"""Steps of customers and of those who sell: place, edit, cancel, hold, pay, call back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from agents.orders.messages import (
    CancelOrder,
    HoldOrder,
    LineQuantity,
    OrderState,
    PaymentGiven,
    PlacedLine,
    PlaceOrder,
    RecallOrder,
    ReleaseOrder,
)
from agents.payments.messages import AuthorisePayment, PaymentView
from tests.stateful.base import SideBySide, nth
from tests.stateful.company import PRICES
from tests.stateful.model import Line, Order, must

wanted = st.lists(st.tuples(st.sampled_from(sorted(PRICES)), st.integers(1, 4)), min_size=1, max_size=3)
tokens = st.sampled_from([None, None, "tok_ok", "tok_ok", "tok_declined", "tok_timeout"])
some_orders = precondition(lambda self: self.model.orders)


an_order: dict[str, st.SearchStrategy[Any]] = {
    "lines": wanted,
    "token": tokens,
    "ship_complete": st.booleans(),
    "cart": nth,
    "shipping": st.sampled_from([0, 490]),
}
asked = st.fixed_dictionaries(an_order)


class Selling(SideBySide):
    @rule(**an_order)
    def place(
        self, lines: list[tuple[str, int]], token: str | None, ship_complete: bool, cart: int, shipping: int
    ) -> None:
        self.step()
        model, reference = self.model, f"cart-{cart % 4}" if cart % 2 else None
        held = model.holds.get(reference or "")
        units = model.explode(lines)
        looked_at = {*model.places(units), *(held.units if held else ())}
        model.serve(model.places({sku for sku, _ in looked_at}))  # who waits goes first
        ask = PlaceOrder(
            channel="web",
            currency="EUR",
            lines=[PlacedLine(sku=sku, quantity=quantity) for sku, quantity in lines],
            shipping=shipping,
            shipping_address={"name": "Ada Byron", "country": "DE"},
            payment=PaymentGiven(provider="test", token=token) if token else None,
            hold_reference=reference,
            ship_complete=ship_complete,
        )
        enough = model.enough(units, reference=reference)
        state = self.ask("orders", ask, OrderState, expect={"" if enough else "out_of_stock"})
        if state is None:
            return
        order = Order({}, shipping, token, ship_complete, {"payment"} if token else set())
        for no, (sku, quantity) in enumerate(lines, 1):
            order.lines[no] = Line(sku, PRICES[sku], model.parts(sku), quantity)
        self._may_be_served(state, reference)
        model.orders[state.id] = order
        order.take_over(state.allocations)
        model.holds.pop(reference or "", None)
        model.serve(looked_at)
        self._agrees(order, state)

    @initialize(orders=st.lists(asked, min_size=2, max_size=4))
    def open_the_shop(self, orders: list[dict[str, Any]]) -> None:
        for ask in orders:
            self.place(**ask)

    @rule(orders=st.lists(asked, min_size=1, max_size=3))
    def place_several(self, orders: list[dict[str, Any]]) -> None:
        for ask in orders:
            self.place(**ask)

    def _may_be_served(self, state: OrderState, reference: str | None) -> None:
        """No node promises what it has not got."""
        held = self.model.holds.get(reference or "")
        for place in self.model.places():
            here = [a for a in state.allocations if (a.sku, a.node) == place]
            there = self.model.free(place) + (held.units[place] if held else 0)
            must(sum(a.quantity for a in here if a.state == "allocated") <= there, f"{here} of {there}")
            beyond = sum(a.quantity for a in here if a.state == "backordered")
            must(beyond <= self.model.room(place), f"{here} beyond stock, {self.model.room(place)} may be")

    def _agrees(self, order: Order, state: OrderState) -> None:
        must(state.total_now == order.worth, f"worth {state.total_now}, not {order.worth}")
        if order.complete():
            order.holds.clear()
        by_hand = {*state.holds} - {"payment"}
        must(by_hand == order.holds - {"payment"}, f"held for {state.holds}, not {order.holds}")
        order.holds = {*state.holds}

    @some_orders
    @rule(n=nth)
    def cancel(self, n: int) -> None:
        self.step()
        order_id, order = self.order(n)
        take = {no: line.ordered - line.cancelled - line.heard for no, line in order.lines.items()}
        self._cancel(order, CancelOrder(order_id=order_id, reason="changed mind"), take)

    @some_orders
    @rule(n=nth, units=st.lists(st.integers(0, 3), min_size=1, max_size=3).filter(any))
    def cancel_part(self, n: int, units: list[int]) -> None:
        self.step()
        order_id, order = self.order(n)
        take = {no: quantity for no, quantity in zip(order.lines, units, strict=False) if quantity}
        if take:
            named = [LineQuantity(line_no=no, quantity=quantity) for no, quantity in take.items()]
            self._cancel(order, CancelOrder(order_id=order_id, reason="too many", lines=named), take)

    def _cancel(self, order: Order, ask: CancelOrder, take: dict[int, int]) -> None:
        expect = ""
        if order.complete():
            expect = "nothing_to_cancel"
        elif any(units > order.lines[no].cancellable() for no, units in take.items()):
            expect = "not_cancellable"
        state = self.ask("orders", ask, OrderState, expect={expect})
        if state is None:
            return
        for no, units in take.items():
            order.lines[no].cancelled += units
        self.model.serve(order.take_over(state.allocations))
        self._agrees(order, state)

    @some_orders
    @rule(n=nth, reason=st.sampled_from(["fraud", "manual", "address"]))
    def hold(self, n: int, reason: str) -> None:
        self.step()
        order_id, order = self.order(n)
        expect = "illegal_move" if order.complete() else "held_already" if reason in order.holds else ""
        ask = HoldOrder(order_id=order_id, reason=reason)
        if state := self.ask("orders", ask, OrderState, expect={expect}):
            order.holds.add(reason)
            self._agrees(order, state)

    @some_orders
    @rule(n=nth, reason=st.sampled_from([None, None, "fraud", "payment"]))
    def release(self, n: int, reason: str | None) -> None:
        self.step()
        order_id, order = self.order(n)
        lifted = order.holds if reason is None else order.holds & {reason}
        ask = ReleaseOrder(order_id=order_id, reason=reason)
        if state := self.ask("orders", ask, OrderState, expect={"" if lifted else "not_held"}):
            order.freed = order.freed or "payment" in lifted
            order.holds = order.holds - lifted
            self._agrees(order, state)

    @some_orders
    @rule(n=nth)
    def recall(self, n: int) -> None:
        self.step()
        order_id, order = self.order(n)
        expect = {""}
        if order.complete():
            expect = {"illegal_move"}
        elif order.parcels:
            expect = {"", "illegal_move", "held_already"}
        elif "manual" in order.holds:
            expect = {"held_already"}
        if self.ask("orders", RecallOrder(order_id=order_id, reason="by mistake"), OrderState, expect=expect):
            order.recalled = True

    @some_orders
    @rule(n=nth)
    def pay_the_rest(self, n: int) -> None:
        """Only for orders that are paid by card; what is covered or on its way is not paid again."""
        self.step()
        order_id, order = self.order(n)
        missing = order.worth - self._covered(order_id)
        if order.token and missing > 0:
            ask = AuthorisePayment(order_id=order_id, provider="test", token="tok_ok", amount=missing, currency="EUR")
            self.ask("payments", ask, PaymentView, expect={"", "more_than_owed"})

    def _covered(self, order_id: UUID) -> int:
        row = self.shop.look().orders[order_id]
        return int(row.authorised - row.refunded)
