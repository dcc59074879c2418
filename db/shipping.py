"""Rate cards, labels and tracking. Written by the shipping agent alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Amount, Base, SerialKey, UuidKey, metadata

label_serials = Sequence("label_serials", start=1, metadata=metadata)


class RateCard(Base):
    """One carrier's service from a date on: the price of a parcel by destination and weight."""

    __tablename__ = "rate_cards"
    __audited__ = True
    __kind__ = "rate_card"
    id: Mapped[UuidKey]
    carrier: Mapped[str]
    service: Mapped[str]
    currency: Mapped[str]
    transit_days: Mapped[int]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_rate_cards_service", "carrier", "service", "valid_from", unique=True),)


class Rate(Base):
    """Up to `max_weight_grams` to `country` (ISO 3166 alpha-2, `*` for anywhere else) costs `amount`."""

    __tablename__ = "rates"
    rate_card_id: Mapped[UUID] = mapped_column(ForeignKey("rate_cards.id"), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    max_weight_grams: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    __table_args__ = (CheckConstraint("amount >= 0 AND max_weight_grams > 0", name="sane"),)


class LabelState(StrEnum):
    live = "live"
    voided = "voided"


LABEL_MOVES = {
    LabelState.live: frozenset({LabelState.voided}),
    LabelState.voided: frozenset[LabelState](),
}


class Label(Base):
    __tablename__ = "labels"
    __audited__ = True
    __kind__ = "label"
    __secret__ = frozenset({"zpl"})  # has name and address on it, which the audit log could never forget
    id: Mapped[UuidKey]
    parcel_id: Mapped[UUID]
    order_id: Mapped[UUID]
    carrier: Mapped[str]
    service: Mapped[str]
    tracking_number: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[Amount]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(default=LabelState.live)
    why: Mapped[str]  # why this service: the cheapest of …
    zpl: Mapped[str]
    created_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_labels_live", "parcel_id", unique=True, postgresql_where=text("state = 'live'")),
        Index("ix_labels_order", "order_id"),
    )


class TrackingEvent(Base):
    __tablename__ = "tracking_events"
    id: Mapped[SerialKey]
    tracking_number: Mapped[str]
    event_id: Mapped[str]  # the carrier's; twice is once
    status: Mapped[str]  # in_transit, out_for_delivery, delivered, exception
    at: Mapped[datetime]
    place: Mapped[str | None]
    received_at: Mapped[datetime]
    __table_args__ = (Index("ix_tracking_events_once", "tracking_number", "event_id", unique=True),)
