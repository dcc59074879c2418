"""Orders as the orders agent would have left them, and what it and the warehouse say about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from agents.fulfilment.messages import FulfilmentShipped
from agents.orders.messages import (
    LineQuantity,
    LinesCancelled,
    OrderCancelled,
    OrderEdited,
    OrderPlaced,
    PaymentGiven,
)
from agents.payments.agent import PaymentsAgent
from agents.payments.messages import ReconcilePayments
from agents.payments.providers import Outcome
from agents.payments.providers.builtin import TestProvider
from agents.payments.settling import Request
from db.base import uuid7
from db.money import portion
from db.orders import Order, OrderLine
from db.payments import Payment, PaymentEntry, entries_of, payments_of
from db.session import Who
from db.settings import load
from tests.shop import TESTER, Shop

SECRET = "whsec_test"
SETTINGS = load({"BACKOFFICE_TEST_PROVIDER_SECRET": SECRET, "BACKOFFICE_MAIL_FROM": "Shop <shop@example.com>"})
SANDBOX = TestProvider(SECRET)
ORDERS = Who("agent:orders", "req-order")


@dataclass(frozen=True)
class Placed:
    """An order of lines of one unit price each; `shipping` comes on top."""

    id: UUID
    number: str
    total: int


def an_order(
    shop: Shop,
    *lines: tuple[int, int],
    token: str | None = "tok_ok",
    provider: str = "test",
    shipping: int = 0,
    email: str | None = None,
    currency: str = "EUR",
    say: bool = True,
) -> Placed:
    """`lines` are (quantity, total in minor units); one of 2 for 100.00 without any."""
    lines = lines or ((2, 10000),)
    order_id, total = uuid7(), sum(t for _, t in lines) + shipping
    number = f"{uuid4().int % 10**9}"
    given = PaymentGiven(provider=provider, token=token) if token or provider != "test" else None
    with shop.db.transaction(ORDERS, now=shop.now) as tx:
        tx.add(
            Order(
                id=order_id, number=number, channel="web", status="placed", email=email, currency=currency,
                tax_inclusive=True, subtotal=total - shipping, discount=0, order_discount=0, shipping=shipping,
                tax=0, total=total, placed_at=tx.now, created_at=tx.now, updated_at=tx.now,
            )
        )  # fmt: skip
        tx.flush()
        for n, (quantity, amount) in enumerate(lines, 1):
            tx.add(
                OrderLine(
                    order_id=order_id, line_no=n, sku=f"SKU{n}", title=f"Thing {n}", quantity=quantity,
                    unit_amount=amount // quantity, tax_rate_ppm=0, gross=amount, line_discount=0,
                    order_discount=0, net=amount, tax=0, total=amount,
                )
            )  # fmt: skip
        if say:
            tx.announce(
                f"order:{order_id}",
                OrderPlaced(
                    order_id=order_id, number=number, channel="web", currency=currency, total=total,
                    status="placed", email=email, payment=given,
                ),
            )  # fmt: skip
    return Placed(order_id, number, total)


def cancel(shop: Shop, order: Placed, line_no: int, quantity: int) -> None:
    """Units of a line are cancelled, and nothing else of the order."""
    with shop.db.transaction(ORDERS, now=shop.now) as tx:
        row, line = tx.get_one(Order, order.id), tx.get_one(OrderLine, (order.id, line_no))
        amount = portion(line.total, line.quantity, line.cancelled, quantity)
        line.cancelled += quantity
        row.cancelled_total += amount
        tx.announce(
            f"order:{order.id}",
            LinesCancelled(
                order_id=order.id, number=order.number, lines=[LineQuantity(line_no=line_no, quantity=quantity)],
                currency="EUR", amount=amount, total_now=row.total - row.cancelled_total, released=[], reason="test",
            ),
        )  # fmt: skip


def cancel_all(shop: Shop, order: Placed) -> None:
    with shop.db.transaction(ORDERS, now=shop.now) as tx:
        tx.get_one(Order, order.id).status = "cancelled"
        tx.announce(f"order:{order.id}", OrderCancelled(order_id=order.id, number=order.number, reason="changed mind"))


def edit(shop: Shop, order: Placed, total_now: int) -> None:
    with shop.db.transaction(ORDERS, now=shop.now) as tx:
        row = tx.get_one(Order, order.id)
        before, row.total = row.total, total_now
        tx.announce(
            f"order:{order.id}",
            OrderEdited(
                order_id=order.id, number=order.number, currency="EUR", total_before=before, total_now=total_now
            ),
        )


def ship(shop: Shop, order: Placed, *, tracking: tuple[str, ...] = ("TRACK1",)) -> None:
    with shop.db.transaction(ORDERS, now=shop.now) as tx:
        tx.announce(
            f"order:{order.id}",
            FulfilmentShipped(fulfilment_id=uuid7(), order_id=order.id, node="LON", lines=[], tracking=list(tracking)),
        )


def payments(shop: Shop, order: Placed) -> list[Payment]:
    with shop.db.reading() as session:
        return payments_of(session, order.id)


def the_payment(shop: Shop, order: Placed) -> Payment:
    [payment] = payments(shop, order)
    return payment


def entries(shop: Shop, order: Placed) -> list[PaymentEntry]:
    with shop.db.reading() as session:
        return entries_of(session, order.id)


def booked(shop: Shop, order: Placed) -> list[tuple[str, str, int]]:
    return [(e.kind, e.state, e.amount) for e in entries(shop, order)]


def sums(shop: Shop, order: Placed) -> tuple[int, int, int, int]:
    """(authorised, captured, refunded, open) as last told to the other agents."""
    last = [m for m in shop.said("OrderMoney") if m["order_id"] == str(order.id)][-1]
    return last["authorised"], last["captured"], last["refunded"], last["open"]


def the_agent(shop: Shop) -> PaymentsAgent:
    agent = shop.agent("payments")
    assert isinstance(agent, PaymentsAgent)
    return agent


def reconcile(shop: Shop, *, seconds: int = 30) -> None:
    shop.later(seconds=seconds)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.send("payments", "schedule:reconcile", ReconcilePayments(older_than_seconds=30))
    shop.pump()


def ledger_adds_up(shop: Shop, order: Placed) -> None:
    """What each payment says is what its entries add up to, and never more than the entries before allow."""
    by_kind = {
        (e.payment_id, e.kind): sum(
            x.amount
            for x in entries(shop, order)
            if (x.payment_id, x.kind, x.state) == (e.payment_id, e.kind, "succeeded")
        )
        for e in entries(shop, order)
    }
    for p in payments(shop, order):
        assert p.captured == by_kind.get((p.id, "capture"), 0)
        assert p.refunded == by_kind.get((p.id, "refund"), 0)
        assert p.refunded <= p.captured <= p.authorised <= p.amount
        if p.state == "authorised":
            assert p.authorised == by_kind[(p.id, "authorise")]


class Calls:
    """Writes down what the payments agent asks of providers, and lets things go wrong on the way.

    `error` is raised instead of asking, `answer` given instead of the provider's, `before_answer` is done
    while it is asked, and `die_after` kills the agent once when the answer is there.
    """

    def __init__(self, agent: PaymentsAgent) -> None:
        self.requests: list[Request] = []
        self.error: Exception | None = None
        self.answer: Outcome | None = None
        self.before_answer: Callable[[], None] = lambda: None
        self.die_after = False
        self._ask = agent._ask_provider
        agent._ask_provider = self._note  # type: ignore[method-assign]

    def _note(self, request: Request, *, look_up: bool) -> Outcome:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        outcome = self.answer or self._ask(request, look_up=look_up)
        self.before_answer()
        if self.die_after:
            self.die_after = False
            raise RuntimeError("killed before anything was written")
        return outcome
