"""When carriers fetch parcels at a node, pickups that are booked with them, and the lists that are handed over with the
parcels. Written by the shipping agent alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, Sequence, exists, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.fulfilment import Parcel
from db.shipping import Label, LabelState
from db.tracking import Track

pickup_numbers = Sequence("pickup_numbers", start=1, metadata=metadata)
manifest_numbers = Sequence("manifest_numbers", start=1, metadata=metadata)


class CarrierCalendar(Base):
    """The days on which a carrier fetches at a node. A carrier without one fetches whenever the node is open.

    `week` is [{"weekday", "cut_off", "start", "end"}]: Monday is 0, times on the node's clock; what is packed after the
    cut-off goes on the next day. On a day that the node is closed nobody fetches either.
    """

    __tablename__ = "carrier_calendars"
    __audited__ = True
    __kind__ = "carrier_calendar"
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    week: Mapped[list[Any]]
    closed_dates: Mapped[list[Any]] = mapped_column(default=list)  # ISO dates
    account: Mapped[str | None] = mapped_column(ForeignKey("carrier_accounts.code"))  # null: people call the carrier
    daily: Mapped[bool] = mapped_column(default=False)  # a pickup is booked at the cut-off if anything waits
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("NOT daily OR account IS NOT NULL", name="books"),)


class PickupStatus(StrEnum):
    asked = "asked"  # somebody is to fetch; the carrier was not told yet
    booking = "booking"  # the carrier is told
    unknown = "unknown"  # it may come: looked up until the carrier says
    booked = "booked"
    cancelling = "cancelling"  # the carrier is told not to come
    cancelled = "cancelled"
    refused = "refused"  # nobody comes
    given_up = "given_up"  # a person waits for no answer any more


_S = PickupStatus
PICKUP_MOVES = {
    _S.asked: frozenset({_S.booking, _S.booked, _S.refused, _S.cancelled}),
    _S.booking: frozenset({_S.booked, _S.unknown, _S.refused, _S.asked}),
    _S.unknown: frozenset({_S.booked, _S.asked, _S.refused, _S.given_up}),
    _S.booked: frozenset({_S.cancelling, _S.cancelled}),
    _S.cancelling: frozenset({_S.cancelled, _S.booked}),
    _S.cancelled: frozenset[PickupStatus](),
    _S.refused: frozenset[PickupStatus](),
    _S.given_up: frozenset[PickupStatus](),
}
OPEN_PICKUPS = (_S.asked, _S.booking, _S.unknown, _S.booked, _S.cancelling)
WATCHED_PICKUPS = (_S.asked, _S.booking, _S.unknown, _S.cancelling)


class Pickup(Base):
    """The wish that a carrier fetches at a node, written before it is told; one open for a node, carrier and day."""

    __tablename__ = "pickups"
    __audited__ = True
    __kind__ = "pickup"
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    carrier: Mapped[str]
    account: Mapped[str | None] = mapped_column(ForeignKey("carrier_accounts.code"))  # null: told by people
    on: Mapped[date]  # at the node
    earliest: Mapped[datetime]
    latest: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=PickupStatus.asked)
    daily: Mapped[bool] = mapped_column(default=False)  # by the calendar, not by a person
    parcels: Mapped[int]  # that waited when it was booked
    key: Mapped[str]
    confirmation: Mapped[str | None]  # the carrier's number
    provider_ref: Mapped[str | None]
    amount: Mapped[Amount | None]
    currency: Mapped[str | None]
    note: Mapped[str | None]  # for the driver
    why: Mapped[str | None]  # it stands where it does, in the carrier's words or a person's
    attempts: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]  # somebody should look at it, if nobody has meanwhile
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        CheckConstraint("latest > earliest AND parcels >= 0", name="sane"),
        Index("ix_pickups_open", "node", "carrier", "on", unique=True,
              postgresql_where=text("status IN ('asked', 'booking', 'unknown', 'booked', 'cancelling')")),
        Index("ix_pickups_due", "due_at",
              postgresql_where=text("status IN ('asked', 'booking', 'unknown', 'cancelling')")),
        Index("ix_pickups_on", "on", "id"),
    )  # fmt: skip


class ManifestStatus(StrEnum):
    asked = "asked"  # the carrier is asked for its own form
    unknown = "unknown"  # it may have made one: looked up until it says
    closed = "closed"
    refused = "refused"  # the carrier makes no form: our own list goes with the parcels


MANIFEST_MOVES = {
    ManifestStatus.asked: frozenset({ManifestStatus.closed, ManifestStatus.unknown, ManifestStatus.refused}),
    ManifestStatus.unknown: frozenset({ManifestStatus.closed, ManifestStatus.asked, ManifestStatus.refused}),
    ManifestStatus.refused: frozenset({ManifestStatus.asked}),
    ManifestStatus.closed: frozenset[ManifestStatus](),
}
WATCHED_MANIFESTS = (ManifestStatus.asked, ManifestStatus.unknown)


class Manifest(Base):
    """The parcels that left a node with a carrier, as one list; what is on it never changes."""

    __tablename__ = "manifests"
    __audited__ = True
    __kind__ = "manifest"
    __secret__ = frozenset({"document"})  # a carrier's form may name people
    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(unique=True)
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    carrier: Mapped[str]
    account: Mapped[str | None] = mapped_column(ForeignKey("carrier_accounts.code"))  # null: labels of rate cards
    on: Mapped[date]  # at the node
    status: Mapped[str]
    parcels: Mapped[int]
    weight_grams: Mapped[int]
    key: Mapped[str]
    provider_ref: Mapped[str | None]
    document: Mapped[str | None]  # the carrier's form, a PDF in base64
    why: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    closed_by: Mapped[str]
    closed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        CheckConstraint("parcels > 0", name="parcels"),
        Index("ix_manifests_on", "on", "id"),
        Index("ix_manifests_due", "due_at", postgresql_where=text("status IN ('asked', 'unknown')")),
    )


class ManifestParcel(Base):
    """A label on a manifest; its key is the label, so it is on one."""

    __tablename__ = "manifest_parcels"
    label_id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(ForeignKey("manifests.id"))
    tracking_number: Mapped[str]
    __table_args__ = (Index("ix_manifest_parcels_manifest", "manifest_id", "tracking_number"),)


LISTED_WITHIN = timedelta(days=7)  # of leaving; what left before that needs no list any more


def to_be_listed(now: datetime) -> Select[Label]:
    """Live labels whose parcels left lately and that are on no manifest."""
    listed = select(ManifestParcel.label_id).where(ManifestParcel.label_id == Label.id)
    return (
        select(Label)
        .join(Track, Track.label_id == Label.id)
        .join(Parcel, Parcel.id == Label.parcel_id)
        .where(Label.state == LabelState.live, Track.handed_over_at >= now - LISTED_WITHIN, ~listed.exists())
    )


def pickups_to_look_after(session: Session, now: datetime) -> bool:
    """Whether a pickup or manifest is due to be looked at, or any carrier fetches daily."""
    asks = (
        exists().where(CarrierCalendar.active, CarrierCalendar.daily),
        exists().where(Pickup.status.in_(WATCHED_PICKUPS), Pickup.due_at <= now),
        exists().where(Manifest.status.in_(WATCHED_MANIFESTS), Manifest.due_at <= now),
    )
    return bool(session.scalar(select(or_(*asks))))


def due_at_gate(session: Session, now: datetime, *, limit: int) -> tuple[list[UUID], list[UUID]]:
    """Pickups and manifests that somebody should look at, the longest due first."""
    pickups = select(Pickup.id).where(Pickup.status.in_(WATCHED_PICKUPS), Pickup.due_at <= now)
    manifests = select(Manifest.id).where(Manifest.status.in_(WATCHED_MANIFESTS), Manifest.due_at <= now)
    return (
        list(session.scalars(pickups.order_by(Pickup.due_at).limit(limit))),
        list(session.scalars(manifests.order_by(Manifest.due_at).limit(limit))),
    )
