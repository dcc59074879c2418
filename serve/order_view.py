"""How an order looks from outside: the list, the whole, its timeline, and what may happen next."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from pydantic import BaseModel, create_model
from sqlalchemy import DateTime, func, select, type_coerce
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.contract import Command
from agents.orders.messages import OrderState
from db.errors import NotFound
from db.fulfilment import Fulfilment
from db.money import to_decimal_string
from db.orders import HoldReason, HoldTerm, Order, OrderHold, OrderLine, OrderNote, OrderStatus, PaymentStatus
from db.payments import Payment
from db.runtime import AuditEntry, Transition
from db.session import Database
from db.stock import Allocation, AllocationState
from serve.edge import edge_of
from serve.fields import field, fields, shape
from serve.listing import Listing, Related, Row
from serve.requests import asking, json_answer
from serve.shapes import answer_shape
from serve.undo import shown

LINES = fields(
    OrderLine,
    "line_no sku title quantity cancelled shipped components unit_amount tax_rate_ppm gross line_discount "
    "order_discount net tax total cancelled_amount",
)
ALLOCATIONS = fields(
    Allocation, "id line_no sku node quantity state why parked_at created_at updated_at", state=AllocationState
)
# When its units go back on sale, if holds of its reason have a term.
_EXPIRES = (
    select(type_coerce(OrderHold.placed_at + func.make_interval(0, 0, 0, 0, HoldTerm.hours), DateTime(timezone=True)))
    .where(HoldTerm.reason == OrderHold.reason)
    .correlate(OrderHold)
    .scalar_subquery()
)
HOLDS = fields(OrderHold, "id reason note placed_by placed_at released_by released_at") | {
    "expires_at": field(_EXPIRES, nullable=True)
}
PAYMENTS = fields(Payment, "id provider currency amount authorised captured refunded state error created_at")
FULFILMENTS = fields(Fulfilment, "id number node status created_at shipped_at delivered_at")


class Display(BaseModel):
    """Decimal strings of the order's currency, for people: `"12.50"`."""

    subtotal: str
    discount: str
    shipping: str
    tax: str
    total: str
    total_now: str


def display_of(order: Any, *, total_now: int) -> dict[str, str]:
    amounts = {name: getattr(order, name) for name in ("subtotal", "discount", "shipping", "tax", "total")}
    amounts["total_now"] = total_now
    return {name: to_decimal_string(amount, order.currency) for name, amount in amounts.items()}


def display_of_row(row: Row) -> dict[str, str]:
    names = ("subtotal", "discount", "shipping", "tax", "total", "total_now")
    return {name: to_decimal_string(row[name], row["currency"]) for name in names}


def _with_display(row: Row) -> Row:
    row["total_now"] = row["total"] - row["cancelled_total"]
    row["display"] = display_of_row(row)
    return row


ORDERS = Listing(
    "Order",
    Order,
    fields(
        Order,
        "id number channel external_ref status payment_status live customer_id email shipping_address "
        "billing_address currency tax_inclusive subtotal discount order_discount shipping shipping_tax_ppm tax total "
        "cancelled_total ship_complete waits_until tags version placed_at delivered_at created_at updated_at",
        status=OrderStatus,
        payment_status=PaymentStatus,
    ),
    sortable=("created_at", "placed_at", "number", "total", "status", "updated_at"),
    sort="-created_at",
    key=("id",),
    hidden={
        "sku": field(OrderLine.sku, through=lambda c: Order.id.in_(select(OrderLine.order_id).where(c))),
        "node": field(Allocation.node, through=lambda c: Order.id.in_(select(Allocation.order_id).where(c))),
        "hold": field(
            OrderHold.reason,
            through=lambda c: Order.id.in_(select(OrderHold.order_id).where(c, OrderHold.released_at.is_(None))),
        ),
    },
    expand={
        "lines": Related(OrderLine.order_id, LINES, (OrderLine.line_no,)),
        "allocations": Related(Allocation.order_id, ALLOCATIONS, (Allocation.line_no, Allocation.id)),
        "holds": Related(OrderHold.order_id, HOLDS, (OrderHold.placed_at, OrderHold.id)),
    },
    finish=_with_display,
    more={"total_now": (int, ...), "display": (Display, ...)},
)
OrderRow = ORDERS.row_shape()
OrderShape = create_model("OrderState", __base__=answer_shape(OrderState, "OrderStateMessage"), display=(Display, ...))

PAID = Related(Payment.order_id, PAYMENTS, (Payment.created_at, Payment.id))
SENT = Related(Fulfilment.order_id, FULFILMENTS, (Fulfilment.created_at, Fulfilment.id))
_PaymentSummary = shape("OrderPayment", PAYMENTS)
_FulfilmentSummary = shape("OrderFulfilment", FULFILMENTS)


class OrderDetail(OrderRow):  # type: ignore[valid-type, misc]
    payments: list[_PaymentSummary] = []  # type: ignore[valid-type]
    fulfilments: list[_FulfilmentSummary] = []  # type: ignore[valid-type]
    hidden: list[str]
    next: list[str]


class Happening(BaseModel):
    """`kind` is move, note or audit."""

    at: datetime
    kind: str
    actor: str
    title: str
    why: str | None = None
    detail: dict[str, Any] | None = None
    request_id: str | None = None


class Timeline(BaseModel):
    order_id: UUID
    data: list[Happening]
    hidden: list[str]


# Commands


async def order_answer(
    request: Request, command: Command, *, partition: str | None = None, status: int = 200
) -> Response:
    """Send a command about an order; `partition` None is the command's own order."""
    told = await asking(request, "orders", command, partition=partition or str(getattr(command, "order_id", "")))
    state = msgspec.msgpack.decode(told.body, type=OrderState)
    told_of = {**shown(state), "display": display_of(state, total_now=state.total_now)}
    return json_answer(told_of, status, replayed=told.replayed)


async def order_id_of(request: Request, given: str) -> UUID:
    """The id of an order named by id or number. An id is believed: the agent finds out. Raises NotFound."""
    known = _as_id(given)
    if known is not None:
        return known
    return await asyncio.to_thread(_by_number, edge_of(request).database, given)


def _by_number(database: Database, number: str) -> UUID:
    with database.reading() as session:
        return find_order(session, number)


def find_order(session: Session, given: str) -> UUID:
    """The id of an order named by id or number. Raises NotFound."""
    known = _as_id(given)
    found = session.scalar(select(Order.id).where(Order.id == known if known else Order.number == given))
    if found is None:
        raise NotFound("order", given)
    return found


def _as_id(given: str) -> UUID | None:
    try:
        return UUID(given) if len(given) == 36 else None
    except ValueError:
        return None


# Questions


def detail(session: Session, given: str, scopes: Collection[str]) -> Row:
    """An order with what the caller may see of it. Raises NotFound."""
    order_id = find_order(session, given)
    row = ORDERS.one(session, Order.id == order_id, expand=("lines", "allocations", "holds")) or {}
    parts = {"payments": (PAID, "read_payments"), "fulfilments": (SENT, "read_fulfilment")}
    row["hidden"] = [name for name, (_, scope) in parts.items() if scope not in scopes]
    for name, (related, scope) in parts.items():
        row[name] = related.load(session, [order_id]).get(order_id, []) if scope in scopes else []
    row["next"] = next_steps(row)
    return row


_WORKED_ON = (OrderStatus.placed, OrderStatus.held, OrderStatus.released, OrderStatus.partly_shipped)


def next_steps(row: Row) -> list[str]:
    """The commands that are possible now. The orders agent's rule, read from rows: a test compares the two."""
    status, live = OrderStatus(row["status"]), row["live"]
    held = {hold["reason"] for hold in row["holds"] if hold["released_at"] is None}
    steps = {
        "place": status is OrderStatus.draft,
        "cancel": live
        and status in (*_WORKED_ON, OrderStatus.draft)
        and any(_open_units(row, n) for n in row["lines"]),
        "hold": live and status in _WORKED_ON and len(held) < len(HoldReason),
        "release": status is OrderStatus.held,
        "edit": live and status in (*_WORKED_ON, OrderStatus.draft),
        "close": status in (OrderStatus.shipped, OrderStatus.delivered, OrderStatus.cancelled),
    }
    return [step for step, possible in steps.items() if possible]


def _open_units(row: Row, line: Row) -> int:
    """Units of a line of which no part is picked or shipped."""
    gone = (AllocationState.picked, AllocationState.shipped)
    mine = [a for a in row["allocations"] if a["line_no"] == line["line_no"] and a["state"] in gone]
    parts = line["components"] or [{"sku": line["sku"], "quantity": 1}]
    locked = (-(-sum(a["quantity"] for a in mine if a["sku"] == p["sku"]) // p["quantity"]) for p in parts)
    return max(0, int(line["quantity"] - line["cancelled"] - max(locked)))


MOST_HAPPENINGS = 1000  # of each kind; the newest are kept


def timeline(session: Session, given: str, scopes: Collection[str]) -> Row:
    """Moves, notes and audit entries of an order and its rows, oldest first. Raises NotFound."""
    order_id = find_order(session, given)
    moves = select(Transition).where(Transition.subject == f"order:{order_id}").order_by(Transition.id.desc())
    happened = [
        Happening(
            at=m.at,
            kind="move",
            actor=m.actor,
            title=f"{m.from_status} → {m.to_status}" if m.from_status else m.to_status,
            why=m.why,
            detail=m.detail,
            request_id=m.request_id,
        )
        for m in session.scalars(moves.limit(MOST_HAPPENINGS))
    ]
    notes = select(OrderNote).where(OrderNote.order_id == order_id).order_by(OrderNote.id.desc())
    happened += [
        Happening(at=n.at, kind="note", actor=n.actor, title=n.body)
        for n in session.scalars(notes.limit(MOST_HAPPENINGS))
    ]
    sees_audit = "read_audit" in scopes
    if sees_audit:
        happened += _audited(session, order_id)
    happened.reverse()  # each kind came newest first; the sort keeps what happened at one moment in order
    happened.sort(key=lambda h: h.at)
    hidden = [] if sees_audit else ["audit"]
    return {"order_id": order_id, "data": [h.model_dump() for h in happened], "hidden": hidden}


def _audited(session: Session, order_id: UUID) -> list[Happening]:
    lines = select(OrderLine.line_no).where(OrderLine.order_id == order_id)
    holds = select(OrderHold.id).where(OrderHold.order_id == order_id)
    records = [
        f"order:{order_id}",
        *(f"order_line:{order_id}/{n}" for n in session.scalars(lines)),
        *(f"order_hold:{h}" for h in session.scalars(holds)),
    ]
    entries = select(AuditEntry).where(AuditEntry.record.in_(records)).order_by(AuditEntry.id.desc())
    return [
        Happening(
            at=e.at,
            kind="audit",
            actor=e.actor,
            title=f"{e.action} {e.record.partition(':')[0]}",
            why=e.why,
            detail={"record": e.record, "before": e.before, "after": e.after},
            request_id=e.request_id,
        )
        for e in session.scalars(entries.limit(MOST_HAPPENINGS))
    ]
