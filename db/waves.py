"""When a node's ready fulfilments may be picked: how it releases work, the cut-offs of its carriers, waves and what
makes waves by the clock. Written by the fulfilment agent alone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UuidKey, metadata
from db.catalog import any_releases
from db.fulfilment import Fulfilment, FulfilmentStatus
from db.orders import Order

wave_numbers = Sequence("wave_numbers", start=1, metadata=metadata)

ANY = "*"


class ReleaseMode(StrEnum):
    """How a node's ready fulfilments come to the floor. By hand they may be released in each."""

    streaming = "streaming"  # as soon as they are ready
    cut_off = "cut_off"  # so many minutes before the cut-off that they are promised for
    waves = "waves"  # with a wave


class ReleasePolicy(Base):
    """How a node releases work; one without a row streams."""

    __tablename__ = "release_policies"
    __audited__ = True
    __kind__ = "release_policy"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    mode: Mapped[str] = mapped_column(default=ReleaseMode.streaming)
    minutes_before: Mapped[int] = mapped_column(default=240)  # the node's own cut-off
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("minutes_before BETWEEN 0 AND 10080", name="minutes"),)


class CarrierCutOff(Base):
    """When a carrier's service is handed over at a node, and which orders are meant for it.

    An order goes by the first that fits it, the lowest `rank` first; by the node's own cut-off where none does. The
    label may name another service: it is chosen when the parcel is packed.
    """

    __tablename__ = "carrier_cut_offs"
    __audited__ = True
    __kind__ = "carrier_cut_off"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    carrier: Mapped[str]
    service: Mapped[str]
    cut_off: Mapped[time]  # in the node's own zone
    minutes_before: Mapped[int] = mapped_column(default=240)
    channel: Mapped[str] = mapped_column(default=ANY)
    tag: Mapped[str] = mapped_column(default=ANY)  # of the order
    country: Mapped[str] = mapped_column(default=ANY)
    rank: Mapped[int] = mapped_column(default=100)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("minutes_before BETWEEN 0 AND 10080 AND rank >= 0", name="sane"),)


class WaveStatus(StrEnum):
    planned = "planned"  # its fulfilments are set aside for it; nobody may pick them yet
    released = "released"  # on the floor
    done = "done"  # everything in it has left the house
    cancelled = "cancelled"  # what nobody had begun waits for another one


_S = WaveStatus
WAVE_MOVES = {
    _S.planned: frozenset({_S.released, _S.cancelled}),
    _S.released: frozenset({_S.done, _S.cancelled}),
    _S.done: frozenset[WaveStatus](),
    _S.cancelled: frozenset[WaveStatus](),
}
LIVE_WAVES = (_S.planned, _S.released)


class Wave(Base):
    """Fulfilments of one node that come to the floor together.

    `taken` have ever been in it and `gone` have left it again: held, merged, cancelled or given back. `planned` is
    what it came to when it was made: {"orders", "fulfilments", "lines", "units"}.
    """

    __tablename__ = "waves"
    __audited__ = True
    __kind__ = "wave"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default=WaveStatus.planned)
    template: Mapped[str | None]
    filter: Mapped[dict[str, Any]]
    planned: Mapped[dict[str, Any]]
    taken: Mapped[int]
    gone: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # the first cut-off that anything in it is promised for
    released_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("taken > 0 AND gone BETWEEN 0 AND taken", name="counts"),
        Index("ix_waves_created", "created_at", "id"),
        Index("ix_waves_live", "node", postgresql_where=text("status IN ('planned', 'released')")),
    )


class WaveTemplate(Base):
    """Makes waves of a node at times of its day, on the days that it works."""

    __tablename__ = "wave_templates"
    __audited__ = True
    __kind__ = "wave_template"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    filter: Mapped[dict[str, Any]]
    times: Mapped[list[str]] = mapped_column(ARRAY(Text))  # on the node's clock, as 08:00
    releases: Mapped[bool] = mapped_column(default=True)  # else a person looks at it and releases it
    active: Mapped[bool] = mapped_column(default=True)
    next_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    last_said: Mapped[str | None]  # what came of it
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index("ix_wave_templates_next", "next_at", postgresql_where=text("active")),)


def anything_to_release(session: Session, now: datetime) -> bool:
    """Whether the time has come for anything that waits for it."""
    waits = (Fulfilment.status == FulfilmentStatus.ready) & Fulfilment.released_at.is_(None)
    return session.scalar(select(Fulfilment.id).where(waits, Fulfilment.release_at <= now).limit(1)) is not None


def anything_waits_for_its_day(session: Session, now: datetime) -> bool:
    """Whether pre-orders, or orders that wait for their other units, may be released on a day."""
    waiting = select(Order.id).where(Order.waits_until >= now.date() - timedelta(days=30)).limit(1)
    return any_releases(session, now) or session.scalar(waiting) is not None


def any_wave_due(session: Session, now: datetime) -> bool:
    due = select(WaveTemplate.code).where(WaveTemplate.active, WaveTemplate.next_at <= now)
    return session.scalar(due.limit(1)) is not None


def wave_number(session: Session, wave_id: UUID) -> str | None:
    return session.scalar(select(Wave.number).where(Wave.id == wave_id))
