"""Orders, their lines, holds, notes and edits. Written by the orders agent alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import Text

from db.base import Amount, Base, SerialKey, UuidKey, among, metadata
from db.errors import NotFound
from db.session import Transaction
from db.stock import Allocation
from db.wire import Statement

order_numbers = Sequence("order_numbers", start=100001, metadata=metadata)


class OrderStatus(StrEnum):
    draft = "draft"  # holds no stock
    placed = "placed"  # stock is allocated or backordered; on its way to be released
    held = "held"  # at least one hold is on; nothing may be picked
    released = "released"  # warehouses may work on it
    partly_shipped = "partly_shipped"
    shipped = "shipped"  # everything that was not cancelled has left
    delivered = "delivered"
    cancelled = "cancelled"
    closed = "closed"  # nothing is expected to happen any more


_S = OrderStatus
ORDER_MOVES = {
    _S.draft: frozenset({_S.placed, _S.held, _S.released, _S.cancelled}),
    _S.placed: frozenset({_S.held, _S.released, _S.cancelled}),
    # A parcel may leave in the moment a hold is put on, and the rest may be cancelled while it is on.
    _S.held: frozenset({_S.released, _S.partly_shipped, _S.shipped, _S.cancelled}),
    _S.released: frozenset({_S.held, _S.partly_shipped, _S.shipped, _S.cancelled}),
    _S.partly_shipped: frozenset({_S.held, _S.shipped}),
    _S.shipped: frozenset({_S.delivered, _S.closed}),
    _S.delivered: frozenset({_S.closed}),
    _S.cancelled: frozenset({_S.closed}),
    _S.closed: frozenset[OrderStatus](),
}


class HoldReason(StrEnum):
    payment = "payment"
    fraud = "fraud"
    address = "address"
    manual = "manual"


class PaymentStatus(StrEnum):
    """What the payments agent has told about the order's money."""

    none = "none"  # nothing was asked: on account, or free
    pending = "pending"
    authorised = "authorised"
    paid = "paid"
    declined = "declined"
    partly_refunded = "partly_refunded"
    refunded = "refunded"
    voided = "voided"


class Order(Base):
    __tablename__ = "orders"
    __audited__ = True
    __kind__ = "order"
    # As with customers: what may have to be erased one day must not get into the audit log.
    __secret__ = frozenset({"email", "shipping_address", "billing_address"})
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]  # web, marketplace, store
    external_ref: Mapped[str | None]  # the channel's own number; unique per channel
    status: Mapped[str]
    payment_status: Mapped[str] = mapped_column(default=PaymentStatus.none)
    live: Mapped[bool] = mapped_column(default=True)  # false for imported history, which triggers no work
    customer_id: Mapped[UUID | None]
    email: Mapped[str | None]
    shipping_address: Mapped[dict[str, Any]] = mapped_column(default=dict)
    billing_address: Mapped[dict[str, Any] | None]
    currency: Mapped[str]
    tax_inclusive: Mapped[bool]
    subtotal: Mapped[Amount]  # lines before discounts
    discount: Mapped[Amount]  # line and whole-order discounts together
    order_discount: Mapped[Amount]  # the whole-order part of it
    shipping: Mapped[Amount]
    shipping_tax_ppm: Mapped[int] = mapped_column(default=0)
    tax: Mapped[Amount]
    total: Mapped[Amount]  # what was ordered, edits included; cancelling does not change it
    cancelled_total: Mapped[Amount] = mapped_column(default=0)  # `total` minus this is what the order is worth now
    covered: Mapped[Amount] = mapped_column(default=0)  # authorised or captured, less refunds, as payments told last
    captured: Mapped[Amount] = mapped_column(default=0)  # the part of `covered` that is ours already
    ship_complete: Mapped[bool] = mapped_column(default=False)
    waits_until: Mapped[date | None]  # what is there waits for the rest until then, to leave in one go
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    version: Mapped[int] = mapped_column(default=1)
    placed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint(
            "total >= 0 AND discount >= 0 AND covered >= 0 AND cancelled_total BETWEEN 0 AND total", name="money"
        ),
        Index("ix_orders_delivered", "delivered_at", postgresql_where=text("status = 'delivered'")),
        Index(
            "ix_orders_external",
            "channel",
            "external_ref",
            unique=True,
            postgresql_where=text("external_ref IS NOT NULL"),
        ),
        Index("ix_orders_waits", "waits_until", postgresql_where=text("waits_until IS NOT NULL")),
        Index("ix_orders_created", "created_at", "id"),
        Index("ix_orders_placed", "placed_at", "id"),
        Index("ix_orders_status", "status", "created_at", "id"),
        Index("ix_orders_customer", "customer_id", "created_at"),
        Index("ix_orders_email", "email"),
        Index("ix_orders_total", "total", "id"),
        Index("ix_orders_channel", "channel", "created_at", "id"),
        Index("ix_orders_payment", "payment_status", "created_at", "id"),
        Index("ix_orders_updated", "updated_at", "id"),
    )

    @property
    def total_now(self) -> int:
        """What the order is worth without what was cancelled; payments never ask for more than this."""
        return self.total - self.cancelled_total


class OrderLine(Base):
    """Amounts are minor units of the order's currency, rounded per line; they are facts, never recomputed."""

    __tablename__ = "order_lines"
    __audited__ = True
    __kind__ = "order_line"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int]  # as ordered, edits included
    cancelled: Mapped[int] = mapped_column(default=0)
    shipped: Mapped[int] = mapped_column(default=0)
    components: Mapped[list[Any] | None]  # of a kit, as it was when ordered: [{"sku": …, "quantity": per kit}]
    unit_amount: Mapped[Amount]
    tax_rate_ppm: Mapped[int]
    gross: Mapped[Amount]  # quantity × unit
    line_discount: Mapped[Amount]
    order_discount: Mapped[Amount]  # this line's share of the whole-order discount
    net: Mapped[Amount]  # without tax
    tax: Mapped[Amount]
    total: Mapped[Amount]  # what the customer pays for the line
    cancelled_amount: Mapped[Amount] = mapped_column(default=0)  # of `total`, what the cancelled units were worth
    __table_args__ = (
        CheckConstraint(
            "quantity > 0 AND cancelled >= 0 AND shipped >= 0 AND cancelled + shipped <= quantity",
            name="quantities",
        ),
        Index("ix_order_lines_sku", "sku"),
    )

    @property
    def parts(self) -> list[tuple[str, int]]:
        """What is picked for one unit of the line: (sku, quantity); a kit's components, else the SKU itself."""
        if self.components:
            return [(str(c["sku"]), int(c["quantity"])) for c in self.components]
        return [(self.sku, 1)]


class OrderHold(Base):
    __tablename__ = "order_holds"
    __audited__ = True
    __kind__ = "order_hold"
    id: Mapped[UuidKey]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    reason: Mapped[str]
    note: Mapped[str | None]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    released_by: Mapped[str | None]
    released_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_order_holds_live",
            "order_id",
            "reason",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )


class HoldTerm(Base):
    """How long an order that is held for a reason keeps its units; without a row, or hours, as long as it is held."""

    __tablename__ = "hold_terms"
    __audited__ = True
    __kind__ = "hold_term"
    reason: Mapped[str] = mapped_column(primary_key=True)
    hours: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    __table_args__ = (CheckConstraint("hours > 0", name="hours"),)


class OrderNote(Base):
    __tablename__ = "order_notes"
    __audited__ = True
    __kind__ = "order_note"
    __secret__ = frozenset({"body"})
    id: Mapped[SerialKey]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    body: Mapped[str]
    __table_args__ = (Index("ix_order_notes_order", "order_id", "id"),)


class EditState(StrEnum):
    proposed = "proposed"  # previewed, changes nothing yet
    applied = "applied"
    discarded = "discarded"


class OrderEdit(Base):
    """A set of changes to a placed order; at most one is open at a time."""

    __tablename__ = "order_edits"
    __audited__ = True
    __kind__ = "order_edit"
    id: Mapped[UuidKey]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    state: Mapped[str] = mapped_column(default=EditState.proposed)
    base_version: Mapped[int]
    changes: Mapped[dict[str, Any]]
    preview: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_order_edits_open", "order_id", unique=True, postgresql_where=text("state = 'proposed'")),
    )


@dataclass(frozen=True)
class OrderSheet:
    """An order with all that its state is told from. Holds are the live ones; allocations are in queue order."""

    order: Order
    lines: list[OrderLine]
    holds: list[OrderHold]
    allocations: list[Allocation]


def order_sheet(session: Session, order_id: UUID, *, lock: bool = False) -> OrderSheet:
    """Load an order in four queries; `lock` takes its row for update first (before levels and allocations).

    Raises:
        NotFound: there is no such order.
    """
    sheets = order_sheets(session, [order_id], lock=lock)
    if not sheets:
        raise NotFound("order", str(order_id))
    return sheets[order_id]


def order_sheets(session: Session, order_ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, OrderSheet]:
    """Many orders in four queries, as `order_sheet` loads one; what is not there is left out."""
    wanted = sorted(set(order_ids))
    fresh = {"populate_existing": True}
    orders = select(Order).where(among(Order.id, wanted)).order_by(Order.id)
    if lock:
        orders = orders.with_for_update().execution_options(**fresh)
    sheets = {order.id: OrderSheet(order, [], [], []) for order in session.scalars(orders)}
    lines = select(OrderLine).where(among(OrderLine.order_id, wanted)).order_by(OrderLine.line_no)
    for line in session.scalars(lines, execution_options=fresh):
        sheets[line.order_id].lines.append(line)
    holds = select(OrderHold).where(among(OrderHold.order_id, wanted), OrderHold.released_at.is_(None))
    for hold in session.scalars(holds.order_by(OrderHold.placed_at, OrderHold.id), execution_options=fresh):
        sheets[hold.order_id].holds.append(hold)
    allocations = select(Allocation).where(among(Allocation.order_id, wanted))
    in_order = allocations.order_by(Allocation.line_no, Allocation.created_at, Allocation.id)
    for row in session.scalars(in_order, execution_options=fresh):
        sheets[row.order_id].allocations.append(row)
    return sheets


_EXPIRED = text("""
    SELECT DISTINCT h.order_id FROM order_holds h JOIN hold_terms t ON t.reason = h.reason
    JOIN orders o ON o.id = h.order_id
    WHERE h.released_at IS NULL AND h.placed_at + t.hours * interval '1 hour' <= :now AND o.live
      AND EXISTS (SELECT 1 FROM allocations a WHERE a.order_id = h.order_id AND a.parked_at IS NULL
                  AND a.state IN ('allocated', 'backordered'))
      AND NOT EXISTS (SELECT 1 FROM allocations a WHERE a.order_id = h.order_id AND a.state = 'picked')
    ORDER BY h.order_id LIMIT :most
""")


def held_too_long(session: Session, now: datetime, most: int) -> list[UUID]:
    """Orders that have been held longer than they may keep their units, and still have some that nobody picked."""
    return list(session.scalars(_EXPIRED, {"now": now, "most": most}))


def any_held_too_long(session: Session, now: datetime) -> bool:
    return bool(held_too_long(session, now, 1))


_NUMBERS = "SELECT nextval('order_numbers')::text FROM generate_series(1, %(n)s)"
_LOCK_REFERENCES = text("""
    SELECT pg_advisory_xact_lock(h) FROM (
        SELECT DISTINCT hashtextextended(channel || ':' || ref, 0) AS h
        FROM unnest(:channels, :refs) AS r(channel, ref) ORDER BY h OFFSET 0
    ) AS hashes
""").bindparams(bindparam("channels", type_=ARRAY(Text)), bindparam("refs", type_=ARRAY(Text)))
_KNOWN_REFERENCES = text("""
    SELECT channel, external_ref, number FROM orders
    WHERE (channel, external_ref) IN (SELECT * FROM unnest(:channels, :refs))
""").bindparams(bindparam("channels", type_=ARRAY(Text)), bindparam("refs", type_=ARRAY(Text)))


def new_numbers(tx: Transaction, count: int) -> list[str]:
    if not count:
        return []
    (rows,) = tx.ask_together(Statement(_NUMBERS, {"n": count}))
    return [number for (number,) in rows]


def known_references(session: Session, references: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Order numbers by (channel, external_ref). Nobody else can use these references until the transaction ends."""
    wanted = sorted(set(references))
    if not wanted:
        return {}
    arrays = {"channels": [c for c, _ in wanted], "refs": [r for _, r in wanted]}
    session.execute(_LOCK_REFERENCES, arrays)
    return {(r.channel, r.external_ref): r.number for r in session.execute(_KNOWN_REFERENCES, arrays)}
