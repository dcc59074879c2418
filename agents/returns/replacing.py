"""Orders the goods that go out, once what came back pays for them, and follows their order to its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.inventory.messages import GoodsKept, LetGoodsGo
from agents.orders.messages import OrderCancelled, OrderShipped, PaymentGiven, PlacedLine, PlaceOrder
from agents.orders.messages.substitutes import PlaceSubstitute, SubstitutePlaced, SubstituteRefused
from agents.payments.messages import ReturnMoney
from agents.returns import securing
from agents.returns.paying import ask as ask_payments
from agents.returns.telling import move_exchange
from db.exchanges import LIVE, Exchange, ExchangeStatus, lines_of_exchanges, lock_exchange
from db.order_claims import OrderClaim
from db.orders import Order
from db.returns import Return, lock_return, order_of_return, sold
from db.session import Transaction

NOTHING_CAME = "Nothing came back that is paid for. Pay for withheld units on the return, or cancel the exchange."


def order_goods(tx: Transaction, exchange: Exchange, order: Order) -> None:
    """Have the new goods ordered, paid with what came back and, for the rest, with what the customer consented to."""
    exchange.replacement_asked_at, exchange.problem, exchange.updated_at = tx.now, None, tx.now
    card = [PaymentGiven(provider=exchange.provider, token=exchange.token)] if exchange.provider else []
    if exchange.secured:
        about = {"provider": exchange.provider, "token": exchange.token, "security": True}
        secures = msgspec.convert(about | {"amount": exchange.secured}, PaymentGiven)
        card = [secures, *card] if exchange.secured < exchange.new_total else [secures]
    back = [] if exchange.instant else [PaymentGiven(provider="exchange", token=str(exchange.return_id))]
    lines = [
        PlacedLine(
            sku=n.sku,
            quantity=n.quantity,
            unit_amount=n.unit_amount,
            discount=n.discount,
            tax_rate_ppm=n.tax_rate_ppm,
        )
        for n in lines_of_exchanges(tx, [exchange.id])
    ]
    ask = replacement_of(
        order,
        lines,
        tenders=[*back, *card],
        reference=exchange.reference,
        shipping=exchange.shipping,
        hold_reference=exchange.reference,
    )
    tx.send("orders", f"replacement:{exchange.id}", PlaceSubstitute(source_id=exchange.id, ask=ask))


def replacement_of(
    order: Order,
    lines: list[PlacedLine],
    *,
    tenders: list[PaymentGiven],
    reference: str,
    shipping: int = 0,
    hold_reference: str | None = None,
) -> PlaceOrder:
    """An order to the same place, with tax in its prices."""
    return PlaceOrder(
        channel=order.channel,
        currency=order.currency,
        lines=lines,
        external_ref=reference,
        customer_id=order.customer_id,
        email=order.email,
        shipping_address=order.shipping_address,
        billing_address=order.billing_address,
        tax_inclusive=True,
        shipping=shipping,
        shipping_tax_ppm=order.shipping_tax_ppm,
        tenders=tenders,
        hold_reference=hold_reference,
        tags=["replacement"],
    )


def hear_received(tx: Transaction, item: Return, order: Order) -> None:
    """All that was to come back is graded. The order and the return are locked."""
    if item.exchange_id is None:
        return
    exchange = lock_exchange(tx, item.exchange_id)
    if exchange.status != ExchangeStatus.approved:
        return
    exchange.worth = item.credit
    move_exchange(tx, exchange, ExchangeStatus.received, order, why=f"{item.number} is here")
    if exchange.instant:
        if exchange.security_taken_at is None:
            exchange.problem = None
            if item.credit and item.kept:
                ask_payments(tx, item)  # told again: what is set aside settles it
            else:
                securing.settle(tx, exchange, None)
        finish(tx, exchange, order)
    elif not item.credit:
        exchange.problem = NOTHING_CAME
    else:
        ask_payments(tx, item)  # told again, so that payments say what is set aside now


def hear_money(tx: Transaction, item: Return, event: ReturnMoney) -> None:
    """What came back is set aside for the new goods: they can be ordered."""
    if item.exchange_id is None:
        return
    exchange = lock_exchange(tx, item.exchange_id)
    if exchange.instant:
        if event.moved:
            item.kept = event.moved + event.set_aside
        elif event.set_aside and exchange.status in (ExchangeStatus.received, ExchangeStatus.fulfilled):
            securing.settle(tx, exchange, item)
    elif exchange.replacement_id is not None:
        item.kept = event.moved + event.set_aside  # its order may have become cheaper, or was called off
    waits = exchange.status == ExchangeStatus.received and exchange.replacement_asked_at is None
    if not waits or exchange.instant or event.credit < item.credit or not event.credit:
        return
    if event.set_aside + event.moved >= min(item.kept, item.credit):
        exchange.worth = item.credit
        order_goods(tx, exchange, tx.get_one(Order, item.order_id))


def hear_kept(tx: Transaction, event: GoodsKept) -> None:
    number = event.reference.removeprefix("exchange ")
    found = tx.scalar(select(Exchange.id).where(Exchange.number == number))
    if found is None:
        return
    exchange = lock_exchange(tx, found)
    if exchange.status not in LIVE:
        tx.send("inventory", f"hold:{event.reference}", LetGoodsGo(reference=event.reference))
        return
    exchange.held_until, exchange.updated_at = event.until, tx.now
    if exchange.replacement_id is None:
        exchange.problem = None if event.until is not None else f"The new goods could not be held: {event.why}"
        first = exchange.instant and exchange.status == ExchangeStatus.approved and event.until is not None
        if first and exchange.replacement_asked_at is None:
            order_goods(tx, exchange, tx.get_one(Order, exchange.order_id))


def source_of(tx: Transaction, source_id: UUID) -> Exchange | OrderClaim | None:
    """Locked."""
    locked: dict[str, Any] = {"with_for_update": True, "populate_existing": True}
    return tx.get(Exchange, source_id, **locked) or tx.get(OrderClaim, source_id, **locked)


def hear_placed(tx: Transaction, event: SubstitutePlaced) -> Exchange | OrderClaim | None:
    source = source_of(tx, event.source_id)
    if source is None:
        return None
    source.replacement_id, source.replacement_number = event.order_id, event.number
    source.problem, source.updated_at = None, tx.now
    if isinstance(source, Exchange) and source.instant and source.status == ExchangeStatus.received:
        item = tx.get_one(Return, source.return_id)  # the old goods were faster
        securing.settle(tx, source, item if item.credit else None)
    kind = "exchange" if isinstance(source, Exchange) else "order_claim"
    why = f"order {event.number} goes out for it"
    tx.note(f"{kind}:{source.id}", from_status=source.status, to_status=source.status, why=why)
    tx.note(f"order:{event.order_id}", to_status=kind.replace("order_", ""), why=f"it goes out for {source.number}")
    tx.note(f"order:{source.order_id}", to_status=kind.replace("order_", ""), why=f"{source.number}: {why}")
    return source


def hear_refused(tx: Transaction, event: SubstituteRefused) -> Exchange | OrderClaim | None:
    source = source_of(tx, event.source_id)
    if source is not None:
        source.problem, source.updated_at = event.why, tx.now
        if source.replacement_id is None:
            source.replacement_asked_at = None
    return source


def hear_shipped(tx: Transaction, event: OrderShipped) -> None:
    found = tx.scalar(select(Exchange.id).where(Exchange.replacement_id == event.order_id)) if event.complete else None
    if found is None:
        return
    exchange = lock_exchange(tx, found)
    if exchange.replacement_shipped_at is None:
        exchange.replacement_shipped_at = tx.now
        exchange.updated_at = tx.now
        finish(tx, exchange, tx.get_one(Order, exchange.order_id))


def finish(tx: Transaction, exchange: Exchange, order: Order) -> None:
    if exchange.status == ExchangeStatus.received and exchange.replacement_shipped_at is not None:
        move_exchange(
            tx, exchange, ExchangeStatus.fulfilled, order, why=f"order {exchange.replacement_number} has left"
        )


def hear_cancelled(tx: Transaction, event: OrderCancelled) -> None:
    """The order of the new goods was called off: what came back is paid back."""
    found = tx.execute(
        select(Exchange.id, Exchange.return_id).where(Exchange.replacement_id == event.order_id)
    ).one_or_none()
    if found is None:
        return
    of = sold(tx, order_of_return(tx, found.return_id), lock=True)
    item, exchange = lock_return(tx, found.return_id), lock_exchange(tx, found.id)
    if exchange.status in LIVE:
        give_all_back(tx, exchange, item, of.order, why=f"order {event.number} was called off: {event.reason}")


def give_all_back(tx: Transaction, exchange: Exchange, item: Return, order: Order, *, why: str) -> None:
    """End an exchange. What came back of it, or still comes, is paid back as on any return."""
    move_exchange(tx, exchange, ExchangeStatus.cancelled, order, why=why)
    exchange.held_until = exchange.problem = None
    tx.send("inventory", f"hold:{exchange.reference}", LetGoodsGo(reference=exchange.reference))
    item.kept = 0
    if item.credit:
        ask_payments(tx, item)
