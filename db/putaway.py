"""Goods on their way from a receiving bin to where they are sold from. Written by the inbound agent.

One open task for each SKU and lot in a receiving bin: what comes later of the same joins it. Tasks are guarded by the
lock of their goods' level: lock that first, then the task.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Sequence, exists, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey, metadata
from db.nodes import Bin, BinType, Zone
from db.session import Transaction
from db.stock import Allocation, AllocationState, BinStock, StockStatus

putaway_numbers = Sequence("putaway_numbers", start=100001, metadata=metadata)

PUT_INTO = (BinType.pick_face, BinType.reserve)
"""Types of bins that goods are put away into."""


class PutawayStatus(StrEnum):
    ready = "ready"
    started = "started"  # somebody is at it, or some of the units are away
    completed = "completed"
    cancelled = "cancelled"  # nothing was put away: the units went otherwise, or stay where they are


_S = PutawayStatus
PUTAWAY_MOVES = {
    _S.ready: frozenset({_S.started, _S.completed, _S.cancelled}),
    _S.started: frozenset({_S.ready, _S.completed, _S.cancelled}),
    _S.completed: frozenset({_S.started}),  # units came back
    _S.cancelled: frozenset[PutawayStatus](),
}
OPEN_PUTAWAYS = (_S.ready, _S.started)


class GoodsKind(StrEnum):
    """What a rule is about; `value` says which."""

    everything = "everything"
    sku = "sku"
    category = "category"  # and what is below it
    hazard_class = "hazard_class"
    temperature = "temperature"


class SuggestionFor(StrEnum):
    store = "store"
    cross_dock = "cross_dock"  # orders wait: next to packing


class PutawayRule(Base):
    """Such goods go into this bin, or this zone, or (with neither) anywhere. The lowest priority comes first."""

    __tablename__ = "putaway_rules"
    __audited__ = True
    __kind__ = "putaway_rule"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    priority: Mapped[int] = mapped_column(default=100)
    goods: Mapped[str]
    value: Mapped[str] = mapped_column(default="")
    zone: Mapped[str | None]
    bin: Mapped[str | None]
    units_per_bin: Mapped[int | None]  # of one SKU
    strict: Mapped[bool] = mapped_column(default=False)  # nowhere else, however full it is
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("units_per_bin IS NULL OR units_per_bin > 0", name="units_per_bin"),
        ForeignKeyConstraint(["node", "zone"], ["zones.node", "zones.code"]),
        ForeignKeyConstraint(["node", "bin"], ["bins.node", "bins.code"]),
    )


class PutawayTask(Base):
    """quantity = put away + withdrawn + left. Withdrawn units left the bin otherwise, or stay there after all."""

    __tablename__ = "putaway_tasks"
    __audited__ = True
    __kind__ = "putaway"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    bin: Mapped[str]  # where the units lie
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"))
    lot: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int]
    put_away: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default=PutawayStatus.ready)
    why: Mapped[str]  # it was opened: `GR100012`
    assigned_to: Mapped[str | None]
    waiting: Mapped[list[Any]] = mapped_column(default=list)  # [{"order": "100301", "units": 3}], first come first
    unplaced: Mapped[int] = mapped_column(default=0)
    unplaced_why: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("quantity > 0 AND put_away >= 0 AND withdrawn >= 0 AND unplaced >= 0", name="not_negative"),
        CheckConstraint("put_away + withdrawn <= quantity", name="conserved"),
        Index(
            "ix_putaway_tasks_open",
            "node",
            "bin",
            "sku",
            "lot",
            unique=True,
            postgresql_where=text("status IN ('ready','started')"),
        ),
        Index("ix_putaway_tasks_created", "created_at", "id"),
    )

    @property
    def left(self) -> int:
        return self.quantity - self.put_away - self.withdrawn

    @property
    def for_orders(self) -> int:
        """Units that orders wait for."""
        return sum(int(each["units"]) for each in self.waiting)


class PutawaySuggestion(Base):
    """So many units of a task into this bin, and why. Made anew whenever the task changes."""

    __tablename__ = "putaway_suggestions"
    task_id: Mapped[UUID] = mapped_column(ForeignKey("putaway_tasks.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    bin: Mapped[str]
    quantity: Mapped[int]
    purpose: Mapped[str] = mapped_column(default=SuggestionFor.store)
    rule: Mapped[str | None]
    why: Mapped[str]
    seconds: Mapped[int]  # of work a week that the place costs
    second_bin: Mapped[str | None]
    second_seconds: Mapped[int | None]  # more than the first, below zero where something else than work decided
    second_why: Mapped[str | None]
    __table_args__ = (CheckConstraint("quantity > 0", name="positive"),)


class Putaway(Base):
    """Units of a task that were put into a bin. `overridden` is what spoke against it, `reason` why all the same."""

    __tablename__ = "putaways"
    __audited__ = True
    __kind__ = "putaway_done"
    id: Mapped[UuidKey]
    task_id: Mapped[UUID] = mapped_column(ForeignKey("putaway_tasks.id"))
    bin: Mapped[str]
    quantity: Mapped[int]
    overridden: Mapped[list[str]] = mapped_column(default=list)
    reason: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    undone_why: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("quantity > 0", name="positive"),
        CheckConstraint("cardinality(overridden) = 0 OR reason IS NOT NULL", name="reason"),
        Index("ix_putaways_task", "task_id"),
        Index("ix_putaways_at", "at", "id"),
    )


def putaway_next(status: str) -> list[str]:
    """Verbs that are possible now."""
    if status not in OPEN_PUTAWAYS:
        return []
    return ["put", "give_back" if status == PutawayStatus.started else "start", "cancel"]


def new_putaway_number(tx: Transaction) -> str:
    return f"PA{tx.scalar(select(putaway_numbers.next_value()))}"


def rules_at(session: Session, node: str) -> list[PutawayRule]:
    """In the order in which they count."""
    wanted = select(PutawayRule).where(PutawayRule.node == node)
    return list(session.scalars(wanted.order_by(PutawayRule.priority, PutawayRule.code)))


def lock_putaway(tx: Transaction, task_id: UUID) -> PutawayTask | None:
    """Lock the level of its goods first."""
    return tx.get(PutawayTask, task_id, with_for_update=True, populate_existing=True)


def open_putaways(
    tx: Transaction, node: str, skus: Collection[str] | None = None, *, lock: bool = True
) -> list[PutawayTask]:
    """Locked, unless they are only to be told of; the levels of the SKUs (of all that have tasks) are."""
    wanted = select(PutawayTask).where(PutawayTask.node == node, PutawayTask.status.in_(OPEN_PUTAWAYS))
    if skus is not None:
        wanted = wanted.where(PutawayTask.sku.in_(sorted(set(skus))))
    wanted = wanted.order_by(PutawayTask.id)
    if lock:
        wanted = wanted.with_for_update()
    return list(tx.scalars(wanted.execution_options(populate_existing=True)))


def suggestions_of(session: Session, task_ids: Iterable[UUID]) -> dict[UUID, list[PutawaySuggestion]]:
    wanted = select(PutawaySuggestion).where(PutawaySuggestion.task_id.in_(sorted(set(task_ids))))
    found: dict[UUID, list[PutawaySuggestion]] = {}
    for row in session.scalars(wanted.order_by(PutawaySuggestion.no).execution_options(populate_existing=True)):
        found.setdefault(row.task_id, []).append(row)
    return found


def walk_at(session: Session, node: str) -> list[Bin]:
    """Bins that goods are put away into, and those of packing, along the walk; closed and blocked ones left out."""
    wanted = (
        select(Bin)
        .outerjoin(Zone, (Zone.node == Bin.node) & (Zone.code == Bin.zone))
        .where(Bin.node == node, Bin.type.in_((*PUT_INTO, BinType.packing)), Bin.active, ~Bin.blocked)
        .order_by(func.coalesce(Zone.sequence, 0), Bin.sequence, Bin.code)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(wanted))


def on_their_way(session: Session, node: str, without: Collection[UUID]) -> list[tuple[str, str, str, int]]:
    """(bin, SKU, lot, units) that open tasks suggest, but for some of the tasks."""
    wanted = (
        select(PutawaySuggestion.bin, PutawayTask.sku, PutawayTask.lot, PutawaySuggestion.quantity)
        .join(PutawayTask, PutawayTask.id == PutawaySuggestion.task_id)
        .where(PutawayTask.node == node, PutawayTask.status.in_(OPEN_PUTAWAYS), PutawayTask.id.not_in(without))
    )
    return [(r[0], r[1], r[2], r[3]) for r in session.execute(wanted)]


def lying(session: Session, node: str, skus: Collection[str]) -> dict[tuple[str, str, str], int]:
    """Sellable units in receiving bins, by (SKU, bin, lot)."""
    rows = session.execute(
        select(BinStock.sku, BinStock.bin, BinStock.lot, BinStock.quantity)
        .join(Bin, (Bin.node == BinStock.node) & (Bin.code == BinStock.bin))
        .where(BinStock.node == node, BinStock.sku.in_(skus), BinStock.status == StockStatus.sellable)
        .where(Bin.type == BinType.receiving, BinStock.quantity > 0)
    )
    return {(r.sku, r.bin, r.lot): r.quantity for r in rows}


def received_at(session: Session, node: str) -> set[str]:
    """SKUs that lie sellable in a receiving bin, or have a task there."""
    lies = (
        select(BinStock.sku)
        .join(Bin, (Bin.node == BinStock.node) & (Bin.code == BinStock.bin))
        .where(BinStock.node == node, BinStock.status == StockStatus.sellable, BinStock.quantity > 0)
        .where(Bin.type == BinType.receiving)
    )
    tasks = select(PutawayTask.sku).where(PutawayTask.node == node, PutawayTask.status.in_(OPEN_PUTAWAYS))
    return set(session.scalars(lies.union(tasks)))


def stale_putaways(session: Session) -> dict[str, set[str]]:
    """SKUs by node of open tasks with more left than lies there."""
    there = (
        select(func.coalesce(func.sum(BinStock.quantity), 0))
        .where(BinStock.node == PutawayTask.node, BinStock.sku == PutawayTask.sku, BinStock.bin == PutawayTask.bin)
        .where(BinStock.lot == PutawayTask.lot, BinStock.status == StockStatus.sellable)
        .correlate(PutawayTask)
        .scalar_subquery()
    )
    left = PutawayTask.quantity - PutawayTask.put_away - PutawayTask.withdrawn
    wanted = select(PutawayTask.node, PutawayTask.sku).where(PutawayTask.status.in_(OPEN_PUTAWAYS), left > there)
    found: dict[str, set[str]] = {}
    for node, sku in session.execute(wanted):
        found.setdefault(node, set()).add(sku)
    return found


def waiting_orders(session: Session, node: str, skus: Collection[str]) -> dict[str, list[tuple[UUID, int]]]:
    """By SKU the orders, the first first, whose units are not picked and do not lie in a bin that goods are put into.

    Allocations name no bin. Who came first is served from the shelf, so those that came last wait for what lies
    elsewhere.
    """
    on_shelf = dict(
        session.execute(
            select(BinStock.sku, func.sum(BinStock.quantity))
            .join(Bin, (Bin.node == BinStock.node) & (Bin.code == BinStock.bin))
            .where(BinStock.node == node, BinStock.sku.in_(skus), BinStock.status == StockStatus.sellable)
            .where(Bin.type.in_(PUT_INTO), Bin.active)
            .group_by(BinStock.sku)
        ).all()
    )
    promised = session.execute(
        select(Allocation.sku, Allocation.order_id, func.sum(Allocation.quantity))
        .where(Allocation.node == node, Allocation.sku.in_(skus), Allocation.state == AllocationState.allocated)
        .group_by(Allocation.sku, Allocation.order_id)
        .order_by(func.min(Allocation.created_at), Allocation.order_id)
    )
    waiting: dict[str, list[tuple[UUID, int]]] = {}
    for sku, order_id, units in promised:
        from_shelf = min(int(units), int(on_shelf.get(sku, 0)))
        on_shelf[sku] = int(on_shelf.get(sku, 0)) - from_shelf
        if units > from_shelf:
            waiting.setdefault(sku, []).append((order_id, int(units) - from_shelf))
    return waiting


def anything_to_put_away(session: Session, _now: datetime) -> bool:
    return bool(session.scalar(select(exists().where(PutawayTask.status.in_(OPEN_PUTAWAYS)))))
