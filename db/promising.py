"""What may be promised to whom, by when: buffers of channels, who is served first, promised days and their history.

Buffers, policies, promised days and late promises are the promising agent's. Decisions about who got arriving units
are written by whichever agent books the units, in the same transaction (`agents.stock.filling`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, SerialKey, UuidKey
from db.ledger import Place
from db.stock import Allocation, AllocationState
from db.wire import Row, Statement

ANY = "*"
MILLION = 1_000_000


class ChannelBuffer(Base):
    """Units that are not sold through a channel, because others are to find them.

    `*` stands for any channel, SKU or node. Of several that fit, the one with the channel named counts, then the one
    with the SKU, then the one with the node. `ppm` is of the sellable units at the node; the greater of both is kept.
    """

    __tablename__ = "channel_buffers"
    __audited__ = True
    __kind__ = "channel_buffer"
    channel: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True, default=ANY)
    node: Mapped[str] = mapped_column(primary_key=True, default=ANY)
    units: Mapped[int] = mapped_column(default=0)
    ppm: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("units >= 0 AND ppm BETWEEN 0 AND 1000000", name="sane"),)


class Ranking(StrEnum):
    """By what those who wait are ranked; what comes first in a policy decides first."""

    priority = "priority"  # the first of the policy's classes whose tag the customer or the order has
    complete = "complete"  # who needs no more than these units to have everything, before who does not
    share = "share"  # equals get a unit each in turn
    promised = "promised"  # the earlier promised day first
    placed = "placed"  # first come, first served


class FillPolicy(Base):
    """Who gets arriving units at a node. `classes`: [{"tag": "vip", "of": "customer"}, …], the best first.

    Nobody is passed over by later ones in more than `most_passed` arrivals, or waits longer than `most_days` behind
    them: from then on they go first whatever the ranking says.
    """

    __tablename__ = "fill_policies"
    __audited__ = True
    __kind__ = "fill_policy"
    node: Mapped[str] = mapped_column(primary_key=True)  # `*`: every node without one of its own
    ranking: Mapped[list[str]]
    classes: Mapped[list[Any]] = mapped_column(default=list)
    most_passed: Mapped[int] = mapped_column(default=3)
    most_days: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("most_passed >= 0 AND most_days >= 0 AND cardinality(ranking) > 0", name="sane"),)


class FillRule(StrEnum):
    """Why a waiting row stood where it did."""

    overdue = "overdue"  # passed over as often, or waiting as long, as the policy allows
    moved_up = "moved_up"  # a person said so, with a reason
    complete = "complete"  # has everything with these units
    share = "share"
    in_turn = "in_turn"  # class, promised day or time of placing, as the policy ranks them


class FillDecision(Base):
    """Who got units that came free, under which policy; written once."""

    __tablename__ = "fill_decisions"
    id: Mapped[UuidKey]
    at: Mapped[datetime]
    sku: Mapped[str]
    node: Mapped[str]
    free: Mapped[int]
    given: Mapped[int]
    waiting: Mapped[int]  # units that were waited for before
    policy: Mapped[dict[str, Any]]  # as it was: ranking, classes, most_passed, most_days
    actor: Mapped[str]
    __table_args__ = (
        CheckConstraint("given > 0 AND given <= free AND given <= waiting", name="conserves"),
        Index("ix_fill_decisions_place", "sku", "node", "at"),
        Index("ix_fill_decisions_at", "at", "id"),
    )


class FillShare(Base):
    """One who waited when units came: in the order in which they were served. Who came too late for any is left out,
    unless later ones were served before."""

    __tablename__ = "fill_shares"
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("fill_decisions.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    allocation_id: Mapped[UUID]  # the row that waited; what it got may be a part that was split off
    order_id: Mapped[UUID]
    class_no: Mapped[int]  # 0 is the best
    placed_at: Mapped[datetime]
    promised_on: Mapped[date | None]
    passed: Mapped[int]  # how often before this
    wanted: Mapped[int]
    given: Mapped[int]
    kept: Mapped[int]  # units that are not sold through its channel
    rule: Mapped[str]
    why: Mapped[str]
    __table_args__ = (
        CheckConstraint("wanted > 0 AND given >= 0 AND given <= wanted AND passed >= 0 AND kept >= 0", name="sane"),
        Index("ix_fill_shares_allocation", "allocation_id"),
    )


class BackorderPromise(Base):
    """When a waiting row leaves, for each confidence; `ended_at` when it waits no longer.

    `first_on` is what was said first and `told_on` what the customer knows: the promised day of then, of which one in
    five may come later. `ahead` units are served before, and `sources` are the deliveries that the day rests on.
    """

    __tablename__ = "backorder_promises"
    allocation_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    line_no: Mapped[int]
    sku: Mapped[str]
    node: Mapped[str]
    units: Mapped[int]
    ahead: Mapped[int]
    likely_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    safe_on: Mapped[date | None]
    first_on: Mapped[date | None]
    told_on: Mapped[date | None]
    accepted_on: Mapped[date | None]  # a person has said that this day will do
    accepted_why: Mapped[str | None]
    sources: Mapped[list[Any]] = mapped_column(default=list)  # [{"source", "units", "promised_on"}]
    why: Mapped[str]
    changes: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("units > 0 AND ahead >= 0 AND changes >= 0", name="sane"),
        CheckConstraint("likely_on <= promised_on AND promised_on <= safe_on", name="rising"),
        CheckConstraint("(likely_on IS NULL) = (promised_on IS NULL) AND (promised_on IS NULL) = (safe_on IS NULL)",
                        name="all_or_none"),
        Index("ix_backorder_promises_order", "order_id"),
        Index("ix_backorder_promises_open", "sku", "node", postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip


class PromiseChange(Base):
    """What was promised before and after, and why it changed; written once."""

    __tablename__ = "promise_changes"
    id: Mapped[SerialKey]
    allocation_id: Mapped[UUID]
    order_id: Mapped[UUID]
    at: Mapped[datetime]
    before_on: Mapped[date | None]
    after_on: Mapped[date | None]
    likely_on: Mapped[date | None]
    safe_on: Mapped[date | None]
    why: Mapped[str]
    __table_args__ = (
        Index("ix_promise_changes_allocation", "allocation_id", "id"),
        Index("ix_promise_changes_at", "at", "id"),
    )


class Buffer(NamedTuple):
    """A row of `channel_buffers`, as it is asked for many at once."""

    channel: str
    sku: str
    node: str
    units: int
    ppm: int


_BUFFERS = """
    SELECT channel, sku, node, units, ppm FROM channel_buffers
    WHERE channel = ANY(%(channels)s::text[]) AND sku = ANY(%(skus)s::text[])
"""
_BUFFERS_OF_GOODS = """
    SELECT channel, sku, node, units, ppm FROM channel_buffers
    WHERE channel = ANY(%(channels)s::text[]) AND (sku = ANY(%(skus)s::text[]) OR sku IN
      (SELECT k.sku FROM kit_components k WHERE k.kit_sku = ANY(%(skus)s::text[])))
"""


def question_of_buffers(channels: Iterable[str], skus: Iterable[str], *, kits: bool = False) -> Statement:
    """To be asked together with others; `buffers_from` reads the answer. `kits`: those of their components too."""
    asked = {"channels": sorted({*channels, ANY}), "skus": sorted({*skus, ANY})}
    return Statement(_BUFFERS_OF_GOODS if kits else _BUFFERS, asked)


def buffers_from(rows: Iterable[Row]) -> list[Buffer]:
    return [Buffer(*row) for row in rows]


def kept_from(buffers: Sequence[Buffer], channel: str, place: Place, sellable: int) -> int:
    """Units at a place that are not sold through the channel."""
    sku, node = place
    fitting = [b for b in buffers if b.channel in (channel, ANY) and b.sku in (sku, ANY) and b.node in (node, ANY)]
    if not fitting:
        return 0
    one = max(fitting, key=lambda b: (b.channel != ANY, b.sku != ANY, b.node != ANY))
    return max(one.units, -(-sellable * one.ppm // MILLION))


def open_promises(session: Session, places: Iterable[Place]) -> dict[UUID, BackorderPromise]:
    """The promises of those who wait at the places, by their allocation."""
    wanted = sorted(set(places))
    if not wanted:
        return {}
    rows = session.scalars(
        select(BackorderPromise)
        .where(BackorderPromise.ended_at.is_(None), BackorderPromise.sku.in_({sku for sku, _ in wanted}))
        .execution_options(populate_existing=True)
    )
    return {r.allocation_id: r for r in rows if (r.sku, r.node) in set(wanted)}


def anybody_waits(session: Session, _now: datetime) -> bool:
    """Whether units are waited for, or a promise is open that ended otherwise."""
    waits = select(Allocation.id).where(Allocation.state == AllocationState.backordered).limit(1)
    open_one = select(BackorderPromise.allocation_id).where(BackorderPromise.ended_at.is_(None)).limit(1)
    return session.scalar(waits) is not None or session.scalar(open_one) is not None
