"""Takes in orders of the past: kept as they were, with no stock, no payment and no word to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from agents.orders.messages import HistoricOrder, ImportedOrders, ImportOrders
from agents.orders.refusals import (
    BadQuantity,
    EmptyOrder,
    NotAware,
    NotFinished,
    NothingLeft,
    NotStorable,
    NotYet,
    NumberTaken,
    ReferenceTaken,
)
from agents.orders.rules import check_channel, check_quantity, check_tax_rate, merged_tags, storable
from db.base import uuid7
from db.errors import Refusal
from db.money import LineIn, OrderIn, Priced, portion, price
from db.orders import Order, OrderLine, OrderStatus, PaymentStatus, known_references, new_numbers
from db.runtime import Transition
from db.session import Transaction

FINISHED = (OrderStatus.shipped, OrderStatus.delivered, OrderStatus.cancelled, OrderStatus.closed)
CLOCKS_DIFFER = timedelta(days=1)  # by which a moment may lie ahead: clocks, and zones that were mixed up
OUR_DIGITS = 9  # numbers of more digits are another system's and far beyond what ours will reach

_KNOWN_NUMBERS = text("SELECT number FROM orders WHERE number = ANY(:numbers)").bindparams(
    bindparam("numbers", type_=ARRAY(Text))
)
# Numbers that came with history are not given out again.
_SKIP_NUMBERS = text("""
    SELECT setval('order_numbers', :last) FROM order_numbers WHERE last_value <= :last
""")


@dataclass
class _Kept:
    asked: HistoricOrder
    id: UUID
    priced: Priced
    number: str = ""


def bring_in(tx: Transaction, ask: ImportOrders) -> ImportedOrders:
    """Write what is new, skip what is known, and say for the rest what is wrong with it.

    An order is known by its channel and reference, or by its number when it has no reference.
    """
    problems = [_problem(order, tx.now) for order in ask.orders]
    sensible = [(i, o) for i, (o, problem) in enumerate(zip(ask.orders, problems, strict=True)) if problem is None]
    errors = [(i, str(problem)) for i, problem in enumerate(problems) if problem]
    references = known_references(tx, [(o.channel, o.external_ref) for _, o in sensible if o.external_ref])
    numbers = _known_numbers(tx, [o.number for _, o in sensible if o.number])
    kept: list[_Kept] = []
    skipped = 0
    for i, order in sensible:
        try:
            priced = price(_to_price(order))
            _refuse_known(order, references, numbers)
        except (ReferenceTaken, NumberTaken) as known:
            if isinstance(known, NumberTaken) and order.external_ref:
                errors.append((i, str(known)))
            else:
                skipped += 1
            continue
        except Refusal as refusal:
            errors.append((i, str(refusal)))
            continue
        kept.append(_Kept(order, uuid7(), priced, order.number or ""))
        if order.external_ref:
            references[(order.channel, order.external_ref)] = order.number or ""
        if order.number:
            numbers.add(order.number)
    _write(tx, kept)
    told: list[dict[str, Any]] = [{"index": i, "error": error} for i, error in sorted(errors)]
    return ImportedOrders(created=len(kept), skipped=skipped, errors=told)


def _problem(order: HistoricOrder, now: datetime) -> Refusal | None:
    try:
        _check(order, now)
    except Refusal as refusal:
        return refusal
    return None


def _check(order: HistoricOrder, now: datetime) -> None:
    check_channel(order.channel)
    if order.status not in FINISHED:
        raise NotFinished(order.status, [s.value for s in FINISHED])
    if order.placed_at.tzinfo is None:
        raise NotAware(order.placed_at.isoformat())
    if order.placed_at > now + CLOCKS_DIFFER:
        raise NotYet(order.placed_at.isoformat())
    if not order.lines:
        raise EmptyOrder()
    check_tax_rate("shipping_tax_ppm", order.shipping_tax_ppm)
    for line in order.lines:
        check_quantity(line.sku, line.quantity)
        if not 0 <= line.cancelled <= line.quantity:
            raise BadQuantity(f"cancelled of {line.sku}", line.cancelled, line.quantity)
        check_tax_rate("tax_rate_ppm", line.tax_rate_ppm)
        if not storable([line.sku, line.title]):
            raise NotStorable("lines")
    if order.status != OrderStatus.cancelled and all(n.cancelled == n.quantity for n in order.lines):
        raise NothingLeft()
    for field in ("currency", "number", "external_ref", "email", "shipping_address", "tags"):
        if not storable(getattr(order, field)):
            raise NotStorable(field)


def _refuse_known(order: HistoricOrder, references: dict[tuple[str, str], str], numbers: set[str]) -> None:
    reference = (order.channel, order.external_ref or "")
    if order.external_ref and reference in references:
        raise ReferenceTaken(*reference, references[reference])
    if order.number and order.number in numbers:
        raise NumberTaken(order.number)


def _known_numbers(tx: Transaction, numbers: list[str]) -> set[str]:
    return set(tx.scalars(_KNOWN_NUMBERS, {"numbers": numbers})) if numbers else set()


def _to_price(order: HistoricOrder) -> OrderIn:
    return OrderIn(
        currency=order.currency,
        lines=tuple(LineIn(n.quantity, n.unit_amount, n.tax_rate_ppm, n.discount) for n in order.lines),
        order_discount=order.order_discount,
        shipping_amount=order.shipping,
        shipping_tax_ppm=order.shipping_tax_ppm,
        tax_inclusive=order.tax_inclusive,
    )


def _write(tx: Transaction, kept: list[_Kept]) -> None:
    if not kept:
        return
    ours = [int(k.number) for k in kept if k.number.isascii() and k.number.isdigit() and len(k.number) <= OUR_DIGITS]
    if ours:
        tx.execute(_SKIP_NUMBERS, {"last": max(ours)})
    unnamed = [k for k in kept if not k.number]
    for one, number in zip(unnamed, new_numbers(tx, len(unnamed)), strict=True):
        one.number = number
    tx.insert_all(Order, [_order(k, tx) for k in kept])
    tx.insert_all(OrderLine, [row for k in kept for row in _lines(k)])
    tx.insert_all(Transition, [_line_of_history(k, tx) for k in kept])
    tx.audit("import", "orders", after={"created": len(kept), "first": kept[0].number, "last": kept[-1].number})


def _order(kept: _Kept, tx: Transaction) -> dict[str, Any]:
    order, priced = kept.asked, kept.priced
    cancelled = order.status == OrderStatus.cancelled
    lost = priced.total if cancelled else sum(_lost(kept))
    return {
        "id": kept.id,
        "number": kept.number,
        "channel": order.channel,
        "external_ref": order.external_ref or None,
        "status": order.status,
        "payment_status": PaymentStatus.none.value,
        "live": False,
        "customer_id": None,
        "email": (order.email or "").strip().lower() or None,
        "shipping_address": order.shipping_address,
        "billing_address": None,
        "currency": order.currency,
        "tax_inclusive": order.tax_inclusive,
        "subtotal": priced.subtotal,
        "discount": priced.discount,
        "order_discount": order.order_discount,
        "shipping": priced.shipping,
        "shipping_tax_ppm": order.shipping_tax_ppm,
        "tax": priced.tax,
        "total": priced.total,
        "cancelled_total": lost,
        "covered": 0,
        "captured": 0,
        "ship_complete": False,
        "tags": merged_tags(order.tags),
        "version": 1,
        "placed_at": order.placed_at,
        "delivered_at": None,  # nobody knows; and so the schedule leaves it as it is
        "created_at": order.placed_at,
        "updated_at": tx.now,
    }


def _cancelled(kept: _Kept) -> list[int]:
    """Units of each line that never left."""
    whole = kept.asked.status == OrderStatus.cancelled
    return [line.quantity if whole else line.cancelled for line in kept.asked.lines]


def _lost(kept: _Kept) -> list[int]:
    """What the cancelled units of each line were worth, rounded as cancelling one by one would have."""
    lines = zip(kept.priced.lines, kept.asked.lines, _cancelled(kept), strict=True)
    return [portion(priced.total, line.quantity, 0, units) if units else 0 for priced, line, units in lines]


def _lines(kept: _Kept) -> list[dict[str, Any]]:
    return [
        {
            "order_id": kept.id,
            "line_no": line_no,
            "sku": line.sku,
            "title": line.title or line.sku,
            "quantity": line.quantity,
            "cancelled": cancelled,
            "shipped": line.quantity - cancelled,
            "components": None,
            "unit_amount": line.unit_amount,
            "tax_rate_ppm": line.tax_rate_ppm,
            "gross": priced.gross,
            "line_discount": priced.discount,
            "order_discount": priced.order_discount,
            "net": priced.net,
            "tax": priced.tax,
            "total": priced.total,
            "cancelled_amount": lost,
        }
        for line_no, (line, priced, cancelled, lost) in enumerate(
            zip(kept.asked.lines, kept.priced.lines, _cancelled(kept), _lost(kept), strict=True), 1
        )
    ]


def _line_of_history(kept: _Kept, tx: Transaction) -> dict[str, Any]:
    return {
        "subject": f"order:{kept.id}",
        "at": tx.now,
        "actor": tx.who.actor,
        "from_status": None,
        "to_status": kept.asked.status,
        "why": "imported",
        "detail": None,
        "request_id": tx.who.request_id,
    }
