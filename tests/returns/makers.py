"""A shop whose parcels have arrived, and short ways to give goods back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from agents.orders.messages import (
    HistoricLine,
    HistoricOrder,
    ImportedOrders,
    ImportOrders,
    OrderState,
    PaymentGiven,
    PlacedLine,
    PlaceOrder,
)
from agents.payments.agent import PaymentsAgent
from agents.returns.messages import (
    ApproveReturn,
    GradedAsk,
    PreviewReturn,
    ReceiveReturn,
    RequestReturn,
    ReturnLineAsk,
    ReturnPreview,
    ReturnState,
)
from agents.returns.messages.policies import AddReturnPolicy, ReturnPolicyState, ReturnRuleAsk
from agents.shipping.demo_rates import standard_rate_cards
from agents.shipping.messages import RateCardState, RecordTracking, TrackingState
from db.audit import run as audit
from db.fulfilment import Fulfilment, FulfilmentStatus
from db.orders import Order, OrderLine
from db.payments import Payment, PaymentEntry
from db.returns import Return, ReturnStatus
from db.shipping import Label
from db.stock import BinStock
from tests.fulfilment.makers import pack, pick_all, send
from tests.payments.makers import SETTINGS
from tests.shop import Shop


def open_shop(db_url: str) -> Shop:
    """Mugs and plates in London, a kit of both, a serial-numbered phone, and the standard rates."""
    shop = Shop(db_url)
    agent = shop.agent("payments")
    assert isinstance(agent, PaymentsAgent)
    agent.use(SETTINGS)
    shop.a_node("LON")
    shop.a_sku("MUG", price=1000, tax_rate_ppm=200_000, weight_grams=300)
    shop.a_sku("PLATE", price=799, tax_rate_ppm=70_000, weight_grams=400)
    shop.a_sku("PHONE", price=59900, tracking="serial", weight_grams=200)
    shop.a_kit("SET", {"MUG": 2, "PLATE": 1}, price=2500)
    shop.some_stock("MUG", "LON", 100)
    shop.some_stock("PLATE", "LON", 100)
    for card in standard_rate_cards():
        shop.do("shipping", card, RateCardState)
    return shop


def place(shop: Shop, *, token: str = "tok_ok", country: str = "DE", **ask: Any) -> Order:
    """`lines` as SKU to units; otherwise what `PlaceOrder` takes."""
    lines = ask.pop("lines", {"MUG": 3})
    placed = shop.do(
        "orders",
        PlaceOrder(
            channel=ask.pop("channel", "web"),
            currency="EUR",
            lines=[PlacedLine(sku=sku, quantity=units) for sku, units in lines.items()],
            email=ask.pop("email", "ada@example.org"),
            shipping_address={"name": "Ada Byron", "line1": "1 Lane", "city": "Berlin", "country": country},
            payment=PaymentGiven(provider="test", token=token),
            **ask,
        ),
        OrderState,
    )
    shop.pump()
    return the_order(shop, placed.id)


def history(shop: Shop, **ask: Any) -> Order:
    """An order of another system, brought in when it was long delivered."""
    shop.later(hours=1)
    lines = [
        HistoricLine(sku=sku, quantity=units, unit_amount=1000) for sku, units in ask.pop("lines", {"MUG": 3}).items()
    ]
    old = HistoricOrder(
        channel="web",
        currency="EUR",
        placed_at=shop.now - timedelta(minutes=30),
        lines=lines,
        external_ref="OLD-1",
        **ask,
    )
    shop.do("orders", ImportOrders(orders=[old]), ImportedOrders)
    with shop.db.reading() as session:
        return session.scalars(select(Order).where(Order.external_ref == "OLD-1")).one()


def ship(shop: Shop, order: Order) -> None:
    pick_all(shop)
    shop.pump()
    with shop.db.reading() as session:
        wanted = select(Fulfilment).where(Fulfilment.order_id == order.id)
        picked = list(session.scalars(wanted.where(Fulfilment.status == FulfilmentStatus.picked)))
    for one in picked:
        pack(shop, one)
        shop.pump()
        send(shop, one)
        shop.pump()


def deliver(shop: Shop, order: Order, *, hours: int = 24) -> None:
    with shop.db.reading() as session:
        numbers = list(session.scalars(select(Label.tracking_number).where(Label.order_id == order.id)))
    for number in numbers:
        at = shop.now + timedelta(hours=hours)
        said = RecordTracking(tracking_number=number, event_id="1", status="delivered", at=at)
        shop.do("shipping", said, TrackingState)
    shop.pump()


def a_delivered_order(shop: Shop, **ask: Any) -> Order:
    order = place(shop, **ask)
    ship(shop, order)
    deliver(shop, order)
    return the_order(shop, order.id)


def the_order(shop: Shop, order_id: UUID) -> Order:
    with shop.db.reading() as session:
        return session.get_one(Order, order_id)


def lines(shop: Shop, order: Order) -> list[OrderLine]:
    with shop.db.reading() as session:
        of_order = select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.line_no)
        return list(session.scalars(of_order))


# Giving back


def line(line_no: int = 1, quantity: int = 1, reason: str = "changed_mind") -> ReturnLineAsk:
    return ReturnLineAsk(line_no=line_no, quantity=quantity, reason=reason)


def preview(shop: Shop, order: Order, *asked: ReturnLineAsk) -> ReturnPreview:
    return shop.do("returns", PreviewReturn(order_id=order.id, lines=list(asked) or [line()]), ReturnPreview)


def ask(shop: Shop, order: Order, *asked: ReturnLineAsk, **more: Any) -> ReturnState:
    made = shop.do("returns", RequestReturn(order_id=order.id, lines=list(asked) or [line()], **more), ReturnState)
    shop.pump()
    return made


def approve(shop: Shop, made: ReturnState) -> ReturnState:
    return say(shop, ApproveReturn(return_id=made.id))


def approved(shop: Shop, order: Order, *asked: ReturnLineAsk, **more: Any) -> ReturnState:
    made = ask(shop, order, *asked, **more)
    return made if made.status == ReturnStatus.approved else approve(shop, made)


def receive(shop: Shop, made: ReturnState, *units: tuple[int, int, str], node: str = "LON", **more: Any) -> ReturnState:
    """`units` are (line, quantity, grade)."""
    graded = [GradedAsk(line_no=n, quantity=quantity, grade=grade, **more) for n, quantity, grade in units]
    return say(shop, ReceiveReturn(return_id=made.id, node=node, units=graded))


def say(shop: Shop, command: Any) -> ReturnState:
    told = shop.do("returns", command, ReturnState)
    shop.pump()
    assert shop.dead() == []
    return told


def policy(shop: Shop, *rules: ReturnRuleAsk, **rule: Any) -> int:
    """A policy of these rules, or of one that fits everything, in force from now."""
    asked = list(rules) or [ReturnRuleAsk(name="Everything", **rule)]
    return shop.do("returns", AddReturnPolicy(rules=asked), ReturnPolicyState).version


# Looking


def the_return(shop: Shop, made: msgspec.Struct) -> Return:
    with shop.db.reading() as session:
        return session.get_one(Return, made.id)  # type: ignore[attr-defined]


def refunds(shop: Shop, order: Order) -> list[tuple[str, int, str]]:
    """(cause's kind, amount, state) of every refund of the order, oldest first."""
    with shop.db.reading() as session:
        found = session.scalars(
            select(PaymentEntry)
            .where(PaymentEntry.order_id == order.id, PaymentEntry.kind == "refund")
            .order_by(PaymentEntry.id)
        )
        return [(e.cause.partition(":")[0], e.amount, e.state) for e in found]


def money(shop: Shop, order: Order) -> tuple[int, int]:
    """(captured, refunded) of all the order's payments."""
    with shop.db.reading() as session:
        rows = session.scalars(select(Payment).where(Payment.order_id == order.id)).all()
        return sum(p.captured for p in rows), sum(p.refunded for p in rows)


def lies(shop: Shop, sku: str) -> dict[tuple[str, str], int]:
    """Units by bin and status."""
    with shop.db.reading() as session:
        rows = session.scalars(select(BinStock).where(BinStock.sku == sku))
        return {(row.bin, row.status): row.quantity for row in rows}


def timeline(shop: Shop, subject: str) -> list[tuple[str, str]]:
    with shop.db.reading() as session:
        found = session.execute(
            text("SELECT to_status, why FROM transitions WHERE subject = :subject ORDER BY id"), {"subject": subject}
        )
        return [(row.to_status, row.why) for row in found]


def the_books_add_up(shop: Shop) -> None:
    with shop.db.reading() as session:
        found = {r.name: r.rows[:3] for r in audit(session) if r.violations}
    assert found == {}, found
