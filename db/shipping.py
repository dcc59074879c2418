"""Rate cards, labels and tracking. Written by the shipping agent alone."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Sequence, Text, exists, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, SerialKey, UuidKey, metadata

label_serials = Sequence("label_serials", start=1, metadata=metadata)


class SurchargeKind(StrEnum):
    fuel = "fuel"
    residential = "residential"  # to an address without a company
    remote_area = "remote_area"
    oversize = "oversize"
    peak = "peak"
    handling = "handling"


class RateCard(Base):
    """One carrier's service from a date on: the price of a parcel by zone, weight and size."""

    __tablename__ = "rate_cards"
    __audited__ = True
    __kind__ = "rate_card"
    id: Mapped[UuidKey]
    carrier: Mapped[str]
    service: Mapped[str]
    currency: Mapped[str]
    transit_days: Mapped[int]
    dimensional_divisor: Mapped[int | None]  # cm³ that count as a kilogram; null: size does not matter
    max_length_mm: Mapped[int | None]  # of the longest side
    max_length_and_girth_mm: Mapped[int | None]  # the longest side plus twice the two others
    max_value: Mapped[Amount | None]  # of the goods, in the card's currency
    takes_hazmat: Mapped[bool] = mapped_column(default=True)
    takes_po_box: Mapped[bool] = mapped_column(default=True)
    cut_off: Mapped[time | None]  # at the node: what is packed later is handed over on its next open day
    co2_grams_per_tkm: Mapped[int | None]  # CO2e for each tonne and kilometre
    co2_grams_per_parcel: Mapped[int | None]  # as the carrier tells it; counts in place of the distance
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        CheckConstraint("dimensional_divisor > 0", name="divisor"),
        CheckConstraint("co2_grams_per_tkm >= 0 AND co2_grams_per_parcel >= 0", name="co2"),
        Index("ix_rate_cards_service", "carrier", "service", "valid_from", unique=True),
    )


class RateZone(Base):
    """A place that belongs to a zone: `*` is any node or country, "" no bound of postcodes."""

    __tablename__ = "rate_zones"
    rate_card_id: Mapped[UUID] = mapped_column(ForeignKey("rate_cards.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)  # code of a node
    country: Mapped[str] = mapped_column(primary_key=True)  # ISO 3166 alpha-2
    postcode_from: Mapped[str] = mapped_column(primary_key=True)
    postcode_to: Mapped[str] = mapped_column(primary_key=True)
    zone: Mapped[str]


class Rate(Base):
    """Up to `max_weight_grams` within `zone` costs `amount`."""

    __tablename__ = "rates"
    rate_card_id: Mapped[UUID] = mapped_column(ForeignKey("rate_cards.id"), primary_key=True)
    zone: Mapped[str] = mapped_column(primary_key=True)
    max_weight_grams: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    __table_args__ = (CheckConstraint("amount >= 0 AND max_weight_grams > 0", name="sane"),)


class RateSurcharge(Base):
    """What comes on top when every condition that is set applies."""

    __tablename__ = "rate_surcharges"
    rate_card_id: Mapped[UUID] = mapped_column(ForeignKey("rate_cards.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    amount: Mapped[Amount] = mapped_column(default=0)
    ppm: Mapped[int] = mapped_column(default=0)  # of the base rate, in parts per million
    on_surcharges: Mapped[bool] = mapped_column(default=False)  # … and of the other surcharges
    country: Mapped[str] = mapped_column(default="*")
    postcode_from: Mapped[str] = mapped_column(default="")
    postcode_to: Mapped[str] = mapped_column(default="")
    over_length_mm: Mapped[int | None]
    over_length_and_girth_mm: Mapped[int | None]
    over_weight_grams: Mapped[int | None]
    from_date: Mapped[date | None]
    to_date: Mapped[date | None]
    __table_args__ = (CheckConstraint("amount >= 0 AND ppm >= 0", name="sane"),)


class PromiseFrom(StrEnum):
    """What the promised days are counted from."""

    sent = "sent"  # the day of the hand-over: lateness costs, and no day was promised to the customer
    placed = "placed"  # the day of the order: that day is kept while any service can


class ShippingPolicy(Base):
    """What lateness and loss cost, and what may not be used, for orders of a channel or of customers with a tag."""

    __tablename__ = "shipping_policies"
    __audited__ = True
    __kind__ = "shipping_policy"
    code: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(default="*")
    customer_tag: Mapped[str] = mapped_column(default="*")
    rank: Mapped[int] = mapped_column(default=100)  # of several that fit an order, the lowest is meant
    currency: Mapped[str]
    promise_days: Mapped[int | None]  # after these it is late; null: after the days that the card quotes
    promise_from: Mapped[str] = mapped_column(default=PromiseFrom.sent)
    late_cost: Mapped[Amount] = mapped_column(default=0)
    loss_ppm: Mapped[int] = mapped_column(default=0)  # of the goods' value
    most_late_ppm: Mapped[int | None]
    forbidden: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # carriers, or `carrier service`
    carbon_price: Mapped[Amount] = mapped_column(default=0)  # for a tonne of CO2e
    explore_ppm: Mapped[int] = mapped_column(default=0)  # of the parcels, for which the second best may be tried
    explore_budget: Mapped[Amount] = mapped_column(default=0)  # what trying may cost in a month
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("late_cost >= 0 AND loss_ppm >= 0", name="sane"),
        CheckConstraint(
            "carbon_price >= 0 AND explore_budget >= 0 AND explore_ppm BETWEEN 0 AND 100000", name="explores"
        ),
    )


class TransitModel(Base):
    """What was learned of carriers from our own parcels; the latest is used."""

    __tablename__ = "transit_models"
    id: Mapped[UuidKey]
    learned_at: Mapped[datetime]
    parcels: Mapped[int]
    body: Mapped[dict[str, Any]]  # ml.carriers.forecasts.to_plain


class CarrierChoice(Base):
    """Every offer for a parcel as it was when its label was bought, with scores and reasons. Names no person."""

    __tablename__ = "carrier_choices"
    id: Mapped[UuidKey]
    parcel_id: Mapped[UUID]
    order_id: Mapped[UUID]
    at: Mapped[datetime]
    weight_grams: Mapped[int]
    country: Mapped[str]
    policy: Mapped[dict[str, Any]]
    model_id: Mapped[UUID | None]
    offers: Mapped[list[Any]]
    chosen: Mapped[str | None]  # `carrier service`
    why: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # agents.shipping.messages.choosing.Facts
    rule_set: Mapped[int | None]  # number of the carrier rules in force
    rules: Mapped[list[Any]] = mapped_column(default=list)  # those of them that fitted the parcel
    asked: Mapped[dict[str, Any] | None]  # what a person named, and why
    explored: Mapped[dict[str, Any] | None]  # the second best was tried: in place of what, and what it cost more
    due_days: Mapped[int | None]  # of the chosen offer, as all below: days on its way after which it is late
    late_ppm: Mapped[int | None]
    promises: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))  # days kept in 50, 80, 90 and 95 of 100
    co2_grams: Mapped[int | None]
    __table_args__ = (
        Index("ix_carrier_choices_parcel", "parcel_id"),
        Index("ix_carrier_choices_order", "order_id"),
        Index("ix_carrier_choices_at", "at", "id"),
    )


def anything_labelled(session: Session, _now: datetime) -> bool:
    """Whether there is anything to learn of carriers."""
    return bool(session.scalar(select(exists().where(Label.state == LabelState.live))))


class LabelState(StrEnum):
    live = "live"
    voided = "voided"


LABEL_MOVES = {
    LabelState.live: frozenset({LabelState.voided}),
    LabelState.voided: frozenset[LabelState](),
}


class LabelRefund(StrEnum):
    """What comes back for a voided label."""

    none = "none"  # nothing was paid for it beforehand
    asked = "asked"  # the carrier has not decided
    granted = "granted"
    refused = "refused"  # it was paid for and not used


REFUND_MOVES = {
    LabelRefund.none: frozenset({LabelRefund.asked}),
    LabelRefund.asked: frozenset({LabelRefund.granted, LabelRefund.refused}),
    LabelRefund.granted: frozenset[LabelRefund](),
    LabelRefund.refused: frozenset({LabelRefund.asked}),
}


class Label(Base):
    """`zpl` is what is printed: ZPL, or a PDF in base64, as `format` says."""

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
    choice_id: Mapped[UUID | None]  # carrier_choices: what it was compared with
    parts: Mapped[list[Any]] = mapped_column(default=list)  # of the price: [{"kind", "amount", "why"}]
    zpl: Mapped[str]
    format: Mapped[str] = mapped_column(default="zpl")
    account: Mapped[str | None]  # carrier_accounts: where it was bought; null: from a rate card
    provider_ref: Mapped[str | None]  # the provider's own word for it
    prints: Mapped[int] = mapped_column(default=0)  # how often it was put on paper
    refund: Mapped[str] = mapped_column(default=LabelRefund.none)
    refund_why: Mapped[str | None]  # in the carrier's words
    refund_due_at: Mapped[datetime | None]  # the carrier is asked again from then on
    news_due_at: Mapped[datetime | None]  # … where its parcel is; null: nobody is asked
    created_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_labels_live", "parcel_id", unique=True, postgresql_where=text("state = 'live'")),
        Index("ix_labels_order", "order_id"),
        Index("ix_labels_refund", "refund_due_at", postgresql_where=text("refund = 'asked'")),
        Index("ix_labels_news", "news_due_at", postgresql_where=text("news_due_at IS NOT NULL")),
    )


class TrackingEvent(Base):
    __tablename__ = "tracking_events"
    id: Mapped[SerialKey]
    tracking_number: Mapped[str]
    event_id: Mapped[str]  # the carrier's, else one of the moment and the code; twice is once
    status: Mapped[str]  # db.tracking.TrackingStatus
    code: Mapped[str | None]  # in the carrier's words
    incident: Mapped[str | None]  # db.tracking.Incident
    at: Mapped[datetime]
    time_zone: Mapped[str | None]  # that the carrier wrote it in: an IANA name, or an offset
    place: Mapped[str | None]
    received_at: Mapped[datetime]
    __table_args__ = (Index("ix_tracking_events_once", "tracking_number", "event_id", unique=True),)
