"""Docks of a node, the hours in which goods are taken in there, and appointments. Written by the inbound agent.

Agents lock the notice first, then docks by node and code, then the appointment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Sequence,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.advance_notices import AdvanceNotice
from db.base import Base, UuidKey, metadata
from db.dock_slots import Busy, Goods
from db.errors import NotFound
from db.nodes import Node
from db.purchasing import PurchaseOrder
from db.session import Transaction

appointment_numbers = Sequence("dock_appointment_numbers", start=100001, metadata=metadata)


class Takes(StrEnum):
    """What may arrive at a dock."""

    anything = "anything"
    pallets = "pallets"
    parcels = "parcels"


class AppointmentStatus(StrEnum):
    booked = "booked"
    arrived = "arrived"  # it stands at the dock
    done = "done"  # it has left, and the dock is free
    missed = "missed"  # nobody came in its time
    cancelled = "cancelled"


_S = AppointmentStatus
APPOINTMENT_MOVES = {
    _S.booked: frozenset({_S.arrived, _S.missed, _S.cancelled}),
    _S.arrived: frozenset({_S.done}),
    _S.done: frozenset[AppointmentStatus](),
    _S.missed: frozenset({_S.booked, _S.cancelled}),  # at another time
    _S.cancelled: frozenset[AppointmentStatus](),
}
HOLDING = (_S.booked, _S.arrived)
"""The dock is theirs for as long as they say."""


class Dock(Base):
    """`number` is what the database makes ranges of, to keep appointments at one dock apart."""

    __tablename__ = "docks"
    __audited__ = True
    __kind__ = "dock"
    node: Mapped[str] = mapped_column(ForeignKey(Node.code), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity())
    name: Mapped[str]
    takes: Mapped[str] = mapped_column(default=Takes.anything)
    sequence: Mapped[int] = mapped_column(default=0)  # from left to right in the calendar
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("node", "code", "number"),)


class DockHours(Base):
    """When a node takes goods in; one that has none has those of `db.dock_slots`."""

    __tablename__ = "dock_hours"
    __audited__ = True
    __kind__ = "dock_hours"
    node: Mapped[str] = mapped_column(ForeignKey(Node.code), primary_key=True)
    hours: Mapped[list[Any]]  # of each day of the week from Monday: [["08:00", "12:00"], ["13:00", "17:00"]]
    slot_minutes: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("slot_minutes > 0", name="slot"),)


class Appointment(Base):
    """A dock from one moment to another: for a notice, else for an order, else for whatever comes."""

    __tablename__ = "dock_appointments"
    __audited__ = True
    __kind__ = "appointment"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    node: Mapped[str]
    dock: Mapped[str]
    dock_no: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=AppointmentStatus.booked)
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey(AdvanceNotice.id))
    purchase_id: Mapped[UUID | None] = mapped_column(ForeignKey(PurchaseOrder.id))
    supplier: Mapped[str | None]
    comes_as: Mapped[str | None]  # pallets or parcels, as far as anybody knows
    packages: Mapped[int | None]  # how many of them, where somebody has said so
    carrier: Mapped[str | None]
    note: Mapped[str | None]
    booked_by: Mapped[str]
    booked_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["node", "dock", "dock_no"], ["docks.node", "docks.code", "docks.number"]),
        CheckConstraint("ends_at > starts_at AND packages > 0", name="sane"),
        ExcludeConstraint(
            (text("int8range(dock_no, dock_no, '[]')"), "&&"),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            where=text("status IN ('booked','arrived')"),
            name="ex_dock_appointments_one_at_a_time",
        ),
        Index(
            "ix_dock_appointments_notice",
            "notice_id",
            unique=True,
            postgresql_where=text("status IN ('booked','arrived')"),
        ),
        Index("ix_dock_appointments_purchase", "purchase_id", postgresql_where=text("purchase_id IS NOT NULL")),
        Index("ix_dock_appointments_starts", "node", "starts_at"),
    )


def appointment_next(status: str) -> list[str]:
    """What may be done with an appointment now."""
    verbs = {
        _S.booked: ["arrive", "move", "miss", "cancel"],
        _S.arrived: ["done", "move"],
        _S.missed: ["move", "cancel"],
    }
    return verbs.get(AppointmentStatus(status), [])


def lock_docks(tx: Transaction, node: str, codes: Iterable[str]) -> dict[str, Dock]:
    """Nobody else books, moves or closes there meanwhile. Raises NotFound."""
    wanted = select(Dock).where(Dock.node == node, Dock.code.in_(sorted(set(codes)))).order_by(Dock.node, Dock.code)
    found = {d.code: d for d in tx.scalars(wanted.with_for_update().execution_options(populate_existing=True))}
    for code in codes:
        if code not in found:
            raise NotFound("dock", f"{node}/{code}")
    return found


def lock_appointment(tx: Transaction, appointment_id: UUID) -> Appointment:
    """Lock its notice and its dock first. Raises NotFound."""
    found = tx.get(Appointment, appointment_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("appointment", str(appointment_id))
    return found


def docks_of(session: Session, node: str, *, closed: bool = False) -> list[Dock]:
    wanted = select(Dock).where(Dock.node == node).order_by(Dock.sequence, Dock.code)
    return list(session.scalars(wanted if closed else wanted.where(Dock.active)))


def fits(dock: Dock, comes_as: str | None) -> bool:
    """What nobody has said of may come anywhere."""
    return comes_as is None or dock.takes in (Takes.anything, comes_as)


def goods_hours(session: Session, node: Node) -> Goods:
    """When the node takes goods in, in its own zone, without the dates on which it is closed."""
    kept = session.get(DockHours, node.code)
    if kept is None:
        return Goods.usual(node.time_zone, node.open_weekdays, node.closed_dates)
    return Goods.kept(node.time_zone, kept.hours, kept.slot_minutes, node.closed_dates)


def busy_between(
    session: Session, node: str, since: datetime, until: datetime, *, docks: Collection[str] | None = None
) -> list[Busy]:
    """What holds docks of a node at some moment between, by dock and time."""
    a = Appointment
    wanted = select(a.dock, a.starts_at, a.ends_at, a.number, a.id).where(
        a.node == node, a.status.in_(HOLDING), a.starts_at < until, a.ends_at > since
    )
    if docks is not None:
        wanted = wanted.where(a.dock.in_(docks))
    return [Busy(*row) for row in session.execute(wanted.order_by(a.dock, a.starts_at))]


def holding_of_notice(session: Session, notice_id: UUID) -> Appointment | None:
    wanted = select(Appointment).where(Appointment.notice_id == notice_id, Appointment.status.in_(HOLDING))
    return session.scalar(wanted.execution_options(populate_existing=True))


def new_appointment_number(tx: Transaction) -> str:
    return f"DA{tx.scalar(select(appointment_numbers.next_value()))}"
