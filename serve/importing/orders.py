"""Orders of the past from rows, a row an order line: kept as they were, and nothing of today is touched."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from agents.orders.messages import HistoricLine, HistoricOrder, ImportedOrders, ImportOrders
from db.errors import Refusal
from db.money import LineIn, OrderIn, price, to_decimal_string
from db.orders import Order, OrderLine
from serve.importing.columns import ADDRESS_FIELDS, GROUPED_BY, by_name
from serve.importing.sender import Sender, Told
from serve.importing.sheet import Plan, Reading, Row, Step, Verdict, grouped

MOST_UNITS = 1_000_000
TOMORROW = timedelta(days=1)  # clocks of shops differ, and so do their zones

_COLUMNS = by_name("orders")


@dataclass
class _Known:
    live: bool
    currency: str
    total: int
    lines: Counter[tuple[str, int, int]] = field(default_factory=Counter)


def plan(session: Session, rows: Sequence[Row], now: datetime) -> Plan:
    found, read = Plan(), []
    for rows_of_one in grouped(rows, GROUPED_BY["orders"]).values():
        first = rows_of_one[0].cells
        what = f"order {first.get('order', '')[:80]} of {first.get('channel', '')[:40]}"
        reading = Reading(what, _COLUMNS, rows_of_one)
        order = _read(reading, now)
        if order is None:
            found.problems += reading.problems()
        else:
            read.append((reading, order))
    known = _known(session, [order for _, order in read])
    for reading, order in read:
        before = known.get((order.channel, order.external_ref or "")) or known.get(("", order.number or ""))
        if before is None:
            found.steps.append(Step(reading.what, reading.rows, Verdict.created, order))
        elif before.live or before.lines == _lines(order):
            found.steps.append(Step(reading.what, reading.rows, Verdict.skipped))
        else:
            worth = f"{to_decimal_string(before.total, before.currency)} {before.currency}"
            reading.refuse(
                f"{reading.what[:1].upper()}{reading.what[1:]} was imported before with other lines "
                f"({sum(before.lines.values())} lines, {worth}), and an import changes no order. If its rows were "
                "sent in several calls, send them in one; if the order itself was wrong, cancel it there."
            )
            found.problems += reading.problems()
    return found


async def send(sender: Sender, steps: Sequence[Step]) -> list[Told]:
    """All of them in one command: one transaction for hundreds of orders."""
    answer = await sender.ask("orders", ImportOrders(orders=[s.payload for s in steps]), partition="import")
    if isinstance(answer, Refusal):
        return [answer] * len(steps)
    state = msgspec.msgpack.decode(answer, type=ImportedOrders)
    wrong = {int(e["index"]): str(e["error"]) for e in state.errors}
    told: list[Told] = []
    created = 0
    for i in range(len(steps)):
        if i in wrong:
            told.append(wrong[i])
            continue
        # Somebody else brought the same order in meanwhile: the agent counts it, and need not say which.
        told.append(Verdict.created if created < state.created else Verdict.skipped)
        created += 1
    return told


def _read(reading: Reading, now: datetime) -> HistoricOrder | None:
    """The order that the rows say, None when they are wrong."""
    first = reading.rows[0]
    reference, channel = reading.cell(first, "order"), reading.cell(first, "channel")
    currency = reading.agreed("currency")
    facts = {
        "placed_at": reading.agreed("placed_at"),
        "status": reading.agreed("status", "delivered"),
        "email": reading.agreed("email"),
        "tax_inclusive": reading.agreed("tax_inclusive", True),
        "shipping_tax_ppm": reading.agreed("shipping_tax_rate", 0),
        "tags": reading.agreed("tags", []),
        "number": reading.agreed("number"),
    }
    if currency is not None:
        for name in ("order_discount", "shipping"):
            facts[name] = reading.agreed(name, 0, currency=currency)
    lines = [_line(reading, row, currency, str(facts["status"])) for row in reading.rows]
    address = {theirs: reading.agreed(ours) for ours, theirs in _ADDRESS.items()}
    placed_at: datetime | None = facts["placed_at"]
    if placed_at is not None and placed_at > now + TOMORROW:
        reading.refuse("placed_at lies in the future. Orders of the past have a date of the past.", first, "placed_at")
    if reading.fine and facts["status"] != "cancelled" and all(n and n.cancelled == n.quantity for n in lines):
        reading.refuse("Every unit of the order was cancelled. Write cancelled in status.", first, "status")
    if not reading.fine:
        return None
    order = HistoricOrder(
        channel=channel,
        # Known by its number when that is all the name it has; see the orders agent.
        external_ref=reference if facts["number"] != reference else None,
        currency=currency,
        lines=[line for line in lines if line is not None],
        shipping_address={k: v for k, v in address.items() if v is not None},
        **facts,
    )
    return order if _adds_up(reading, order) else None


_ADDRESS = {**ADDRESS_FIELDS, "name": "name", "phone": "phone"}


def _line(reading: Reading, row: Row, currency: str | None, status: str) -> HistoricLine | None:
    sku, quantity = reading.cell(row, "sku"), reading.cell(row, "quantity")
    cancelled = reading.cell(row, "cancelled", 0)
    if quantity is not None and not 0 < quantity <= MOST_UNITS:
        reading.refuse(f"quantity is {quantity}. Write 1 to {MOST_UNITS}, or leave the row out.", row, "quantity")
    elif quantity is not None and cancelled > quantity:
        reading.refuse(f"cancelled is {cancelled} of {quantity} units. Write 0 to {quantity}.", row, "cancelled")
    elif cancelled and status == "cancelled" and cancelled != quantity:
        reading.refuse(
            "The order was cancelled as a whole, so all its units were. Empty cancelled, or correct status.",
            row,
            "cancelled",
        )
    if currency is None:
        return None
    unit_amount = reading.cell(row, "unit_price", currency=currency)
    discount = reading.cell(row, "discount", 0, currency=currency)
    facts: dict[str, Any] = {
        "discount": discount,
        "title": reading.cell(row, "title", ""),
        "tax_rate_ppm": reading.cell(row, "tax_rate", 0),
    }
    if None in (sku, quantity, unit_amount):
        return None
    return HistoricLine(sku=sku, quantity=quantity, unit_amount=unit_amount, cancelled=cancelled, **facts)


def _adds_up(reading: Reading, order: HistoricOrder) -> bool:
    lines = tuple(LineIn(n.quantity, n.unit_amount, n.tax_rate_ppm, n.discount) for n in order.lines)
    try:
        price(
            OrderIn(order.currency, lines, order.order_discount, order.shipping, order.shipping_tax_ppm,
                    order.tax_inclusive)
        )  # fmt: skip
    except Refusal as why:
        reading.refuse(str(why))
    return reading.fine


def _lines(order: HistoricOrder) -> Counter[tuple[str, int, int]]:
    return Counter((line.sku, line.quantity, line.unit_amount) for line in order.lines)


def _known(session: Session, orders: Sequence[HistoricOrder]) -> dict[tuple[str, str], _Known]:
    """Orders that are there, by (channel, reference); by ("", number) those that would be known by their number."""
    references = [(o.channel, o.external_ref) for o in orders if o.external_ref]
    numbers = [o.number for o in orders if o.number and not o.external_ref]
    if not orders:
        return {}
    rows = session.execute(
        select(Order.id, Order.channel, Order.external_ref, Order.number, Order.live, Order.currency, Order.total)
        .where(or_(tuple_(Order.channel, Order.external_ref).in_(references), Order.number.in_(numbers)))
    ).all()  # fmt: skip
    lines: defaultdict[UUID, Counter[tuple[str, int, int]]] = defaultdict(Counter)
    query = select(OrderLine.order_id, OrderLine.sku, OrderLine.quantity, OrderLine.unit_amount)
    for line in session.execute(query.where(OrderLine.order_id.in_([r.id for r in rows]))):
        lines[line.order_id][(line.sku, line.quantity, line.unit_amount)] += 1
    known = {}
    for r in rows:
        one = _Known(r.live, r.currency, r.total, lines[r.id])
        known[("", r.number)] = one
        if r.external_ref:
            known[(r.channel, r.external_ref)] = one
    return known
