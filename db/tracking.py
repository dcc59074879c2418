"""Where parcels on their way stand: the words for it, each carrier's codes and terms, and a row for each label.

Statuses and incidents are the common ground of carriers; their own codes are mapped to them (`tracking_codes`, else
what is built in). Written by the shipping agent alone, but for the terms, which the parcels agent keeps.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Date, Index, Text, cast, exists, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base

ANY_CARRIER = "*"


class TrackingStatus(StrEnum):
    pending = "pending"  # the label is made, nobody has scanned it yet
    picked_up = "picked_up"
    in_transit = "in_transit"
    on_hold = "on_hold"  # stands still until somebody does something
    out_for_delivery = "out_for_delivery"
    ready_for_pickup = "ready_for_pickup"  # waits for the customer at a shop or in a locker
    delivered = "delivered"
    delivery_failed = "delivery_failed"  # tried, and not handed over
    delivery_delayed = "delivery_delayed"  # the carrier says that it comes later
    return_to_sender = "return_to_sender"
    cancelled = "cancelled"
    unknown = "unknown"  # a code that nobody has mapped


class Cause(StrEnum):
    """Who caused an incident."""

    carrier = "carrier"
    retailer = "retailer"
    consignee = "consignee"
    customs = "customs"
    weather = "weather"
    other = "other"


class Incident(StrEnum):
    """Why something went wrong."""

    damaged = "damaged"
    lost = "lost"
    misrouted = "misrouted"
    missed_cutoff = "missed_cutoff"
    no_capacity = "no_capacity"
    vehicle = "vehicle"
    carrier_other = "carrier_other"
    bad_packaging = "bad_packaging"
    bad_label = "bad_label"
    missing_data = "missing_data"
    incomplete = "incomplete"
    stopped_by_sender = "stopped_by_sender"
    not_handed_over = "not_handed_over"
    not_home = "not_home"
    closed = "closed"
    refused = "refused"
    bad_address = "bad_address"
    moved = "moved"
    not_collected = "not_collected"
    not_paid = "not_paid"
    not_identified = "not_identified"
    asked_for_change = "asked_for_change"
    customs_documents = "customs_documents"
    customs_refused = "customs_refused"
    customs_held = "customs_held"
    confiscated = "confiscated"
    weather = "weather"
    force_majeure = "force_majeure"
    holiday = "holiday"
    other = "other"


_I = Incident
CAUSE_OF: dict[Incident, Cause] = {
    **dict.fromkeys(
        (_I.damaged, _I.lost, _I.misrouted, _I.missed_cutoff, _I.no_capacity, _I.vehicle, _I.carrier_other),
        Cause.carrier,
    ),
    **dict.fromkeys(
        (
            _I.bad_packaging,
            _I.bad_label,
            _I.missing_data,
            _I.incomplete,
            _I.stopped_by_sender,
            _I.not_handed_over,
        ),
        Cause.retailer,
    ),
    **dict.fromkeys(
        (
            _I.not_home,
            _I.closed,
            _I.refused,
            _I.bad_address,
            _I.moved,
            _I.not_collected,
            _I.not_paid,
            _I.not_identified,
            _I.asked_for_change,
        ),
        Cause.consignee,
    ),
    **dict.fromkeys((_I.customs_documents, _I.customs_refused, _I.customs_held, _I.confiscated), Cause.customs),
    **dict.fromkeys((_I.weather, _I.force_majeure), Cause.weather),
    **dict.fromkeys((_I.holiday, _I.other), Cause.other),
}

_S = TrackingStatus
SCANNED = frozenset(_S) - {_S.pending, _S.unknown, _S.cancelled}
"""Somebody had the parcel in their hands."""
OVER = (_S.delivered, _S.return_to_sender, _S.cancelled)


class TrackingCode(Base):
    """What a code of a carrier means, as an operator says; it goes before what is built in."""

    __tablename__ = "tracking_codes"
    carrier: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    incident: Mapped[str | None]
    means: Mapped[str] = mapped_column(default="")  # in the carrier's words
    __table_args__ = (CheckConstraint("code <> ''", name="code"),)


class CarrierTerms(Base):
    """What was agreed with a carrier; `*` is for all without terms of their own. Amounts are minor units of `currency`.

    The secret signs what the carrier tells; it is kept as it is, because checking needs it, and shown once.
    """

    __tablename__ = "carrier_terms"
    __audited__ = True
    __kind__ = "carrier_terms"
    __secret__ = frozenset({"secret"})
    carrier: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str]
    time_zone: Mapped[str | None]  # of events that come without one
    secret: Mapped[str | None]
    silent_days: Mapped[int] = mapped_column(default=3)  # without a scan: somebody looks
    lost_days: Mapped[int] = mapped_column(default=14)  # without a scan: it counts as lost
    claim_days: Mapped[int] = mapped_column(default=30)  # from the hand-over, within which a claim has to be filed
    claim_limit: Mapped[Amount | None]  # what the carrier is liable for at most a parcel; null: the goods' value
    effort: Mapped[Amount] = mapped_column(default=0)  # what a letter or a claim costs us
    tolerance_ppm: Mapped[int] = mapped_column(default=0)  # by which a charge may pass its quote
    tolerance_amount: Mapped[Amount] = mapped_column(default=0)  # … however much it is of it
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of its invoices: our field → its column
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("silent_days > 0 AND lost_days >= silent_days AND claim_days > 0", name="days"),
        CheckConstraint(
            "claim_limit >= 0 AND effort >= 0 AND tolerance_ppm >= 0 AND tolerance_amount >= 0", name="money"
        ),
    )


class Track(Base):
    """Where the parcel of a label stands, worked out anew from all of its events whenever one comes.

    `promised_on` is a day at the place it goes to, whose zone is `time_zone`; `delivered_zone` is where it was handed
    over, as the carrier said (an IANA name or an offset), else that of the place.
    """

    __tablename__ = "tracks"
    tracking_number: Mapped[str] = mapped_column(primary_key=True)
    label_id: Mapped[UUID]
    parcel_id: Mapped[UUID]
    order_id: Mapped[UUID]
    carrier: Mapped[str]
    service: Mapped[str]
    status: Mapped[str] = mapped_column(default=TrackingStatus.pending)
    incident: Mapped[str | None]
    time_zone: Mapped[str]
    handed_over_at: Mapped[datetime | None]
    promised_on: Mapped[date | None]
    scanned_at: Mapped[datetime | None]  # first
    last_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    delivered_zone: Mapped[str | None]
    late_days: Mapped[int | None]  # by the days of the place; 0 is in time, null: not delivered or nothing promised
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_tracks_parcel", "parcel_id"),
        Index("ix_tracks_order", "order_id"),
        Index("ix_tracks_carrier", "carrier", "scanned_at"),
        Index(
            "ix_tracks_on_the_way",
            "handed_over_at",
            postgresql_where=text("status NOT IN ('delivered', 'return_to_sender', 'cancelled')"),
        ),
    )


def cause_of(incident: str | None) -> str | None:
    return CAUSE_OF[Incident(incident)].value if incident else None


def terms_of(session: Session, carrier: str) -> CarrierTerms | None:
    """The carrier's own, else those of all."""
    return session.get(CarrierTerms, carrier) or session.get(CarrierTerms, ANY_CARRIER)


def day_there(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The day of a moment where a listed track goes."""
    return cast(func.timezone(cast(Track.time_zone, Text), moment), Date)


def anything_on_its_way(session: Session, _now: datetime) -> bool:
    """Whether there is a parcel to look after."""
    return bool(session.scalar(select(exists().where(Track.handed_over_at.is_not(None), Track.status.not_in(OVER)))))
