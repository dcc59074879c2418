"""The row of a label that says where its parcel stands, and what is announced when that changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from agents.shipping.messages.tracking import ParcelTracked
from agents.shipping.reading import Standing, late_days
from db.carriers import NEWS_AFTER
from db.fulfilment import Parcel
from db.nodes import Node
from db.orders import Order
from db.session import Transaction
from db.shipping import CarrierChoice, Label, LabelState, RateCard
from db.tracking import Track, TrackingStatus, cause_of
from db.zones import day_in, zone_of_address


def hand_over(tx: Transaction, numbers: Sequence[str]) -> None:
    """Parcels left the house: from now on somebody looks after them."""
    labels = select(Label).where(Label.tracking_number.in_(numbers), Label.state == LabelState.live)
    for label in tx.scalars(labels.order_by(Label.tracking_number)):
        track = track_of(tx, label)
        if track.handed_over_at is None:
            track.handed_over_at = tx.now
            track.promised_on = _promised(tx, label)
            track.updated_at = tx.now
            label.news_due_at = tx.now + NEWS_AFTER if label.account is not None else None


def track_of(tx: Transaction, label: Label) -> Track:
    """The label's row, locked; made when it is the first time."""
    order = tx.get_one(Order, label.order_id)
    fresh = {
        "tracking_number": label.tracking_number,
        "label_id": label.id,
        "parcel_id": label.parcel_id,
        "order_id": label.order_id,
        "carrier": label.carrier,
        "service": label.service,
        "status": TrackingStatus.pending,
        "time_zone": zone_of_address(order.shipping_address),
        "updated_at": tx.now,
    }
    tx.execute(insert(Track).values(fresh).on_conflict_do_nothing())
    return tx.get_one(Track, label.tracking_number, with_for_update=True, populate_existing=True)


def stand(tx: Transaction, label: Label, track: Track, now: Standing) -> bool:
    """Bring the row to what the events say; a change is announced. Returns whether it has just arrived."""
    before, incident = TrackingStatus(track.status), track.incident
    track.status, track.incident = now.status, now.incident
    track.scanned_at, track.last_at = now.scanned_at, now.last_at
    track.delivered_at = now.delivered_at
    track.delivered_zone = (now.delivered_zone or track.time_zone) if now.delivered_at else None
    track.late_days = late_days(now.delivered_at, track.promised_on, track.time_zone)
    track.updated_at = tx.now
    changed = now.status is not before or now.incident != incident
    if changed and label.state == LabelState.live and now.since is not None:
        tx.announce(
            f"order:{label.order_id}",
            ParcelTracked(
                parcel_id=label.parcel_id,
                order_id=label.order_id,
                tracking_number=label.tracking_number,
                carrier=label.carrier,
                status=now.status,
                before=before,
                incident=now.incident,
                cause=cause_of(now.incident),
                at=now.since,
                time_zone=track.time_zone,
            ),
        )
    return now.status is TrackingStatus.delivered and before is not TrackingStatus.delivered


def _promised(tx: Transaction, label: Label) -> date | None:
    """The last day that is in time where it goes: the policy's days, else those that the service quotes."""
    days = _days(tx, label)
    if days is None:
        return None
    parcel = tx.get_one(Parcel, label.parcel_id)
    node = tx.get(Node, parcel.node)
    return day_in(tx.now, node.time_zone if node else None) + timedelta(days=days)


def _days(tx: Transaction, label: Label) -> int | None:
    choice = tx.get(CarrierChoice, label.choice_id) if label.choice_id else None
    if choice is not None:
        if (days := choice.policy.get("promise_days")) is not None:
            return int(days)
        for offer in choice.offers:
            if (offer.get("carrier"), offer.get("service")) == (label.carrier, label.service):
                return int(offer["transit_days"])
    return tx.scalar(
        select(RateCard.transit_days)
        .where(RateCard.carrier == label.carrier, RateCard.service == label.service, RateCard.valid_from <= tx.now)
        .order_by(RateCard.valid_from.desc())
        .limit(1)
    )
