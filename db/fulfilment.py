"""Fulfilments (the part of an order that one node ships), pick lists, parcels. Only the fulfilment agent writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey, metadata

fulfilment_numbers = Sequence("fulfilment_numbers", start=1, metadata=metadata)


class FulfilmentStatus(StrEnum):
    ready = "ready"  # waits for its release to the floor, then for a pick list
    picking = "picking"
    picked = "picked"
    packed = "packed"
    shipped = "shipped"
    delivered = "delivered"
    cancelled = "cancelled"


_S = FulfilmentStatus
FULFILMENT_MOVES = {
    # Straight to picked: the rest was cancelled while a hold had stopped the picking.
    _S.ready: frozenset({_S.picking, _S.picked, _S.cancelled}),
    _S.picking: frozenset({_S.picked, _S.ready, _S.cancelled}),
    _S.picked: frozenset({_S.packed, _S.cancelled}),
    _S.packed: frozenset({_S.shipped, _S.picked, _S.cancelled}),
    _S.shipped: frozenset({_S.delivered}),
    _S.delivered: frozenset[FulfilmentStatus](),
    _S.cancelled: frozenset[FulfilmentStatus](),
}


class Fulfilment(Base):
    __tablename__ = "fulfilments"
    __audited__ = True
    __kind__ = "fulfilment"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[UUID]
    node: Mapped[str]
    status: Mapped[str] = mapped_column(default=FulfilmentStatus.ready)
    due_at: Mapped[datetime | None]  # the cut-off that it is promised for
    service: Mapped[str | None]  # `carrier service` whose cut-off that is; null: the node's own
    release_at: Mapped[datetime | None]  # when it is released by the clock; null: not by the clock
    released_at: Mapped[datetime | None]  # on no pick list before
    released_why: Mapped[str | None]
    wave_id: Mapped[UUID | None] = mapped_column(ForeignKey("waves.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_fulfilments_order", "order_id"),
        Index("ix_fulfilments_work", "node", "status", "created_at"),
        Index("ix_fulfilments_created", "created_at", "id"),
        Index(
            "ix_fulfilments_floor",
            "node",
            "due_at",
            "created_at",
            postgresql_where=text("status = 'ready' AND released_at IS NOT NULL"),
        ),
        Index(
            "ix_fulfilments_waiting",
            "node",
            "due_at",
            postgresql_where=text("status = 'ready' AND released_at IS NULL"),
        ),
        Index(
            "ix_fulfilments_release",
            "release_at",
            postgresql_where=text("status = 'ready' AND released_at IS NULL AND release_at IS NOT NULL"),
        ),
        Index("ix_fulfilments_wave", "wave_id", postgresql_where=text("wave_id IS NOT NULL")),
    )


LIVE_FULFILMENTS = (_S.ready, _S.picking, _S.picked, _S.packed)
"""Still in the house: lines may be dropped from these."""


class FulfilmentLine(Base):
    """One allocation's units inside a fulfilment. What is picked in part becomes a line of its own, so a
    line is picked whole, from one lot, or not at all; it is deleted when its allocation is lost."""

    __tablename__ = "fulfilment_lines"
    allocation_id: Mapped[UUID] = mapped_column(primary_key=True)
    fulfilment_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilments.id"))
    line_no: Mapped[int]  # of the order
    sku: Mapped[str]
    quantity: Mapped[int]
    picked: Mapped[int] = mapped_column(default=0)
    packed: Mapped[int] = mapped_column(default=0)
    bin: Mapped[str | None]  # where picked units stand
    lot: Mapped[str] = mapped_column(default="")  # of the picked units
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND picked >= 0 AND picked <= quantity AND packed <= picked", name="quantities"),
        Index("ix_fulfilment_lines_fulfilment", "fulfilment_id"),
    )


class PickListStatus(StrEnum):
    open = "open"
    done = "done"
    cancelled = "cancelled"


PICK_LIST_MOVES = {
    PickListStatus.open: frozenset({PickListStatus.done, PickListStatus.cancelled}),
    PickListStatus.done: frozenset[PickListStatus](),
    PickListStatus.cancelled: frozenset[PickListStatus](),
}


class PickList(Base):
    __tablename__ = "pick_lists"
    __audited__ = True
    __kind__ = "pick_list"
    id: Mapped[UuidKey]
    node: Mapped[str]
    status: Mapped[str] = mapped_column(default=PickListStatus.open)
    assigned_to: Mapped[str | None]
    wave_id: Mapped[UUID | None] = mapped_column(ForeignKey("waves.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index("ix_pick_lists_open", "node", postgresql_where=text("status = 'open'")),)


class PickTask(Base):
    """Take `quantity` of a SKU out of one bin for one allocation; walked in `sequence`."""

    __tablename__ = "pick_tasks"
    id: Mapped[UuidKey]
    pick_list_id: Mapped[UUID] = mapped_column(ForeignKey("pick_lists.id"))
    fulfilment_id: Mapped[UUID]
    allocation_id: Mapped[UUID]
    sku: Mapped[str]
    bin: Mapped[str]
    lot: Mapped[str] = mapped_column(default="")
    sequence: Mapped[int]
    quantity: Mapped[int]
    picked: Mapped[int] = mapped_column(default=0)
    short: Mapped[int] = mapped_column(default=0)
    done: Mapped[bool] = mapped_column(default=False)  # nothing is left to do, whatever was picked
    closed_why: Mapped[str | None]  # withdrawn or short: why fewer were picked than asked
    picked_by: Mapped[str | None]
    picked_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(
            "quantity > 0 AND picked >= 0 AND short >= 0 AND picked + short <= quantity", name="quantities"
        ),
        Index("ix_pick_tasks_list", "pick_list_id", "sequence"),
        Index("ix_pick_tasks_fulfilment", "fulfilment_id"),
        # One live task an allocation and bin: two pickers are never sent for the same units.
        Index(
            "ix_pick_tasks_live",
            "allocation_id",
            "bin",
            "lot",
            unique=True,
            postgresql_where=text("NOT done"),
        ),
    )


class ParcelStatus(StrEnum):
    packed = "packed"
    labelled = "labelled"
    shipped = "shipped"
    delivered = "delivered"
    cancelled = "cancelled"


PARCEL_MOVES = {
    ParcelStatus.packed: frozenset({ParcelStatus.labelled, ParcelStatus.cancelled}),
    ParcelStatus.labelled: frozenset({ParcelStatus.shipped, ParcelStatus.cancelled, ParcelStatus.packed}),
    ParcelStatus.shipped: frozenset({ParcelStatus.delivered}),
    ParcelStatus.delivered: frozenset[ParcelStatus](),
    ParcelStatus.cancelled: frozenset[ParcelStatus](),
}


class Parcel(Base):
    __tablename__ = "parcels"
    __audited__ = True
    __kind__ = "parcel"
    id: Mapped[UuidKey]
    fulfilment_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilments.id"))
    order_id: Mapped[UUID]
    node: Mapped[str]
    number: Mapped[int]  # 1, 2, … within the fulfilment
    status: Mapped[str] = mapped_column(default=ParcelStatus.packed)
    weight_grams: Mapped[int]
    length_mm: Mapped[int] = mapped_column(default=0)
    width_mm: Mapped[int] = mapped_column(default=0)
    height_mm: Mapped[int] = mapped_column(default=0)
    box: Mapped[str | None]  # code of the node's box that it was packed into, where one was named
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("weight_grams >= 0", name="weight"),
        Index("ix_parcels_fulfilment", "fulfilment_id", "number", unique=True),
        Index("ix_parcels_order", "order_id"),
    )


class ParcelLine(Base):
    __tablename__ = "parcel_lines"
    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"), primary_key=True)
    allocation_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku: Mapped[str]
    quantity: Mapped[int]
    lots: Mapped[list[Any]] = mapped_column(default=list)  # [{"lot": …, "quantity": …}]
    __table_args__ = (CheckConstraint("quantity > 0", name="positive"),)


def claimed_units(session: Session, node: str, skus: Collection[str]) -> dict[tuple[str, str, str], int]:
    """Units that open pick lists go for, by (SKU, bin, lot). The caller holds the levels' locks."""
    rest = func.sum(PickTask.quantity - PickTask.picked - PickTask.short)
    rows = session.execute(
        select(PickTask.sku, PickTask.bin, PickTask.lot, rest)
        .join(PickList, PickList.id == PickTask.pick_list_id)
        .where(PickList.node == node, PickList.status == PickListStatus.open)
        .where(PickTask.sku.in_(skus), PickTask.done.is_(False))
        .group_by(PickTask.sku, PickTask.bin, PickTask.lot)
    )
    return {(sku, code, lot): int(quantity) for sku, code, lot, quantity in rows}
