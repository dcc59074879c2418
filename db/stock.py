"""Stock: ledger, levels, bins, allocations, holds, transfers and counts. Quantities change through `db.ledger` alone.

Two kinds of rows in one ledger: physical movements change what lies in a bin; promises (allocated,
released) change what is spoken for. A level is the sum of its rows, kept in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, cast, func, select, text, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, SerialKey, UuidKey
from db.catalog import Variant


class StockStatus(StrEnum):
    sellable = "sellable"
    quarantine = "quarantine"  # waits for inspection
    damaged = "damaged"
    transit = "transit"  # on its way between two nodes; belongs to the receiving one


UNSELLABLE = (StockStatus.quarantine, StockStatus.damaged)


class MovementKind(StrEnum):
    received = "received"
    returned = "returned"
    adjusted = "adjusted"  # by a person, with a reason
    counted = "counted"  # by a cycle count
    moved = "moved"  # between bins or statuses of one node: two rows that cancel out
    shipped = "shipped"
    transferred_out = "transferred_out"
    transferred_in = "transferred_in"
    allocated = "allocated"
    released = "released"


PROMISES = frozenset({MovementKind.allocated, MovementKind.released})


class StockLedger(Base):
    """Append-only; a trigger refuses updates and deletes."""

    __tablename__ = "stock_ledger"
    id: Mapped[SerialKey]
    at: Mapped[datetime]
    sku: Mapped[str]
    node: Mapped[str]
    kind: Mapped[str]
    on_hand: Mapped[int]  # change of what lies there; 0 for a promise
    allocated: Mapped[int]  # change of what is spoken for; 0 for a purely physical movement
    bin: Mapped[str | None]
    lot: Mapped[str]
    status: Mapped[str]
    cause: Mapped[str]  # `order:ID`, `transfer:ID`, `adjustment:ID`, …
    actor: Mapped[str]
    why: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("on_hand <> 0 OR allocated <> 0", name="something"),
        Index("ix_stock_ledger_place", "sku", "node", "id"),
        Index("ix_stock_ledger_cause", "cause"),
        Index("ix_stock_ledger_at", "at", "id"),
    )


class StockLevel(Base):
    """What can be promised of one SKU at one node. Locked in the order (node, sku), always."""

    __tablename__ = "stock_levels"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(default=0)  # every status but transit
    sellable: Mapped[int] = mapped_column(default=0)
    allocated: Mapped[int] = mapped_column(default=0)  # backed by sellable units
    held: Mapped[int] = mapped_column(default=0)  # live checkout holds
    backordered: Mapped[int] = mapped_column(default=0)  # promised beyond stock
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("sellable >= 0 AND on_hand >= sellable", name="on_hand"),
        CheckConstraint("allocated >= 0 AND held >= 0 AND backordered >= 0", name="not_negative"),
        CheckConstraint("allocated + held <= sellable", name="never_oversold"),
        Index("ix_stock_levels_sku", "sku"),
        # Several placings touch the same hot row in a row: room on its page keeps the updates heap-only.
        {"postgresql_with": {"fillfactor": "50"}},
    )


class BinStock(Base):
    """Where the units lie: per SKU, node, bin, lot and status. Rows of zero are deleted."""

    __tablename__ = "bin_stock"
    node: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    bin: Mapped[str] = mapped_column(primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True, default="")
    status: Mapped[str] = mapped_column(primary_key=True, default=StockStatus.sellable)
    quantity: Mapped[int]
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="not_negative"),
        Index("ix_bin_stock_bin", "node", "bin"),
        Index("ix_bin_stock_lot", "sku", "lot", postgresql_where=text("lot <> ''")),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class AllocationState(StrEnum):
    backordered = "backordered"  # promised, waits for stock
    allocated = "allocated"  # units are spoken for
    picked = "picked"  # units stand in the packing bin
    shipped = "shipped"
    released = "released"  # given back: cancelled or moved elsewhere


ALLOCATION_MOVES = {
    AllocationState.backordered: frozenset({AllocationState.allocated, AllocationState.released}),
    AllocationState.allocated: frozenset(
        {
            AllocationState.picked,
            AllocationState.released,
            AllocationState.backordered,
            AllocationState.shipped,
        }
    ),
    AllocationState.picked: frozenset({AllocationState.allocated, AllocationState.shipped, AllocationState.released}),
    AllocationState.shipped: frozenset[Any](),
    AllocationState.released: frozenset[Any](),
}
OPEN_ALLOCATIONS = (AllocationState.backordered, AllocationState.allocated, AllocationState.picked)


class Allocation(Base):
    """Units of one order line at one node. A part that goes its own way becomes a row of its own."""

    __tablename__ = "allocations"
    id: Mapped[UuidKey]
    order_id: Mapped[UUID]
    line_no: Mapped[int]
    sku: Mapped[str]  # the component for a kit line
    node: Mapped[str]
    quantity: Mapped[int]
    state: Mapped[str]
    why: Mapped[str | None]  # why this node: the routing's reason
    # Of those that wait: how often later ones were served before it, and whether a person has moved it up.
    passed: Mapped[int] = mapped_column(default=0)
    moved_up_at: Mapped[datetime | None]
    moved_up_why: Mapped[str | None]
    # Of a held order that waited too long: it holds no units and is not in the queue until the order is released.
    parked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("quantity > 0", name="positive"),
        Index("ix_allocations_order", "order_id"),
        Index(
            "ix_allocations_open",
            "sku",
            "node",
            postgresql_where=text("state IN ('backordered','allocated','picked')"),
        ),
        Index(
            "ix_allocations_waiting",
            "sku",
            "node",
            "created_at",
            postgresql_where=text("state = 'backordered'"),
        ),
        Index("ix_allocations_parked", "order_id", postgresql_where=text("parked_at IS NOT NULL")),
    )


class HoldState(StrEnum):
    live = "live"
    converted = "converted"  # became an order's allocation
    released = "released"
    expired = "expired"


class StockHold(Base):
    """Units kept for a checkout until `expires_at`."""

    __tablename__ = "stock_holds"
    __audited__ = True
    __kind__ = "hold"
    id: Mapped[UuidKey]
    reference: Mapped[str]  # the cart
    sku: Mapped[str]
    node: Mapped[str]
    quantity: Mapped[int]
    channel: Mapped[str | None]  # through which it is bought; null: nobody has said
    state: Mapped[str] = mapped_column(default=HoldState.live)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("quantity > 0", name="positive"),
        Index("ix_stock_holds_live", "expires_at", postgresql_where=text("state = 'live'")),
        Index("ix_stock_holds_reference", "reference"),
    )


class TransferStatus(StrEnum):
    draft = "draft"
    in_transit = "in_transit"
    received = "received"
    cancelled = "cancelled"


TRANSFER_MOVES = {
    TransferStatus.draft: frozenset({TransferStatus.in_transit, TransferStatus.cancelled}),
    TransferStatus.in_transit: frozenset({TransferStatus.received}),
    TransferStatus.received: frozenset[TransferStatus](),
    TransferStatus.cancelled: frozenset[TransferStatus](),
}


class Transfer(Base):
    __tablename__ = "transfers"
    __audited__ = True
    __kind__ = "transfer"
    id: Mapped[UuidKey]
    from_node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    to_node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    status: Mapped[str] = mapped_column(default=TransferStatus.draft)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("from_node <> to_node", name="two_nodes"),)


class TransferLine(Base):
    __tablename__ = "transfer_lines"
    __audited__ = True
    __kind__ = "transfer_line"
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"))
    lot: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        CheckConstraint("quantity > 0 AND received >= 0 AND lost >= 0 AND received + lost <= quantity", name="sane"),
    )


class CountStatus(StrEnum):
    open = "open"
    posted = "posted"
    cancelled = "cancelled"


COUNT_MOVES = {
    CountStatus.open: frozenset({CountStatus.posted}),
    CountStatus.posted: frozenset[CountStatus](),
    CountStatus.cancelled: frozenset[CountStatus](),
}


class CycleCount(Base):
    __tablename__ = "cycle_counts"
    __audited__ = True
    __kind__ = "count"
    id: Mapped[UuidKey]
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    bin: Mapped[str]
    status: Mapped[str] = mapped_column(default=CountStatus.open)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_cycle_counts_open", "node", "bin", unique=True, postgresql_where=text("status = 'open'")),
    )


class CycleCountLine(Base):
    """`expected` is of the opening, `books` of the posting; a count is set against the latter."""

    __tablename__ = "cycle_count_lines"
    count_id: Mapped[UUID] = mapped_column(ForeignKey("cycle_counts.id"), primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True, default="")
    expected: Mapped[int]
    books: Mapped[int | None]
    counted: Mapped[int | None]


def lock_holds(session: Session, reference: str) -> list[StockHold]:
    """The live holds of a checkout, locked. Lock the levels under them first."""
    return list(
        session.scalars(
            select(StockHold)
            .where(StockHold.reference == reference, StockHold.state == HoldState.live)
            .order_by(StockHold.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def lock_holds_at(
    session: Session, places: Iterable[tuple[str, str]], *, lapsed_at: datetime | None = None
) -> list[StockHold]:
    """Live holds at (sku, node) pairs, youngest first, locked; with `lapsed_at` only those that ended by then."""
    if not (places := sorted(set(places))):
        return []
    wanted = (
        select(StockHold)
        .where(StockHold.state == HoldState.live, tuple_(StockHold.sku, StockHold.node).in_(places))
        .order_by(StockHold.created_at.desc(), StockHold.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if lapsed_at is not None:
        wanted = wanted.where(StockHold.expires_at <= lapsed_at)
    return list(session.scalars(wanted))


def lots_in_stock(session: Session, serials: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Where the (sku, lot) pairs lie: (node, bin) of one place for each that is anywhere."""
    rows = session.execute(
        select(BinStock.sku, BinStock.lot, BinStock.node, BinStock.bin).where(
            tuple_(BinStock.sku, BinStock.lot).in_(sorted(set(serials))), BinStock.quantity > 0
        )
    )
    return {(r.sku, r.lot): (r.node, r.bin) for r in rows}


class Load(NamedTuple):
    """What goods in a bin come to together."""

    units: int = 0
    grams: int = 0
    mm3: int = 0

    def plus(self, other: Load) -> Load:
        return Load(self.units + other.units, self.grams + other.grams, self.mm3 + other.mm3)

    @classmethod
    def of(cls, variant: Variant, units: int) -> Load:
        return cls(
            units,
            units * variant.weight_grams,
            units * variant.length_mm * variant.width_mm * variant.height_mm,
        )


def loads_in(session: Session, node: str, bins: Iterable[str]) -> dict[str, Load]:
    """What every SKU and status in each of the bins comes to; empty bins are absent."""
    room = cast(Variant.length_mm, Numeric) * Variant.width_mm * Variant.height_mm
    rows = session.execute(
        select(
            BinStock.bin,
            func.sum(BinStock.quantity),
            func.sum(cast(BinStock.quantity, Numeric) * Variant.weight_grams),
            func.sum(BinStock.quantity * room),
        )
        .join(Variant, Variant.sku == BinStock.sku)
        .where(BinStock.node == node, BinStock.bin.in_(sorted(set(bins))), BinStock.quantity > 0)
        .group_by(BinStock.bin)
    )
    return {r[0]: Load(int(r[1]), int(r[2]), int(r[3])) for r in rows}


def units_in_status(session: Session, sku: str, node: str, lot: str, status: str) -> int:
    """Units of a lot in one status at a node, over all bins."""
    wanted = select(func.coalesce(func.sum(BinStock.quantity), 0)).where(
        BinStock.sku == sku, BinStock.node == node, BinStock.lot == lot, BinStock.status == status
    )
    return int(session.scalar(wanted) or 0)


def contents(session: Session, node: str, bin: str) -> list[BinStock]:
    """What lies in a bin, without what is on its way there."""
    return list(
        session.scalars(
            select(BinStock)
            .where(BinStock.node == node, BinStock.bin == bin, BinStock.status != StockStatus.transit)
            .where(BinStock.quantity > 0)
            .order_by(BinStock.sku, BinStock.lot, BinStock.status)
            .execution_options(populate_existing=True)
        )
    )
