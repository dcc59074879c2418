"""What carriers tell about parcels on their way: each event once, in any order, never back in time."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from agents.shipping.messages import ParcelDelivered, RecordTracking, TrackingState
from agents.shipping.refusals import TimeWithoutZone, UnknownStatus
from agents.shipping.rules import DELIVERED, TRACKING_STATUSES, tracking_status
from db.errors import NotFound
from db.session import Transaction
from db.shipping import Label, LabelState, TrackingEvent


def record(tx: Transaction, ask: RecordTracking) -> TrackingState:
    """Keep an event; the first delivery of a live label is announced. `known` says it was here before."""
    if ask.status not in TRACKING_STATUSES:
        raise UnknownStatus(ask.status, list(TRACKING_STATUSES))
    if ask.at.tzinfo is None:
        raise TimeWithoutZone("at")
    label = tx.scalars(
        select(Label)
        .where(Label.tracking_number == ask.tracking_number)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if label is None:
        raise NotFound("tracking number", ask.tracking_number)
    before = _events(tx, ask.tracking_number)
    written = tx.execute(
        insert(TrackingEvent)
        .values(
            tracking_number=ask.tracking_number,
            event_id=ask.event_id,
            status=ask.status,
            at=ask.at,
            place=ask.place,
            received_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["tracking_number", "event_id"])
        .returning(TrackingEvent.id)
    ).first()
    events = _events(tx, ask.tracking_number)
    first_delivery = _status(events) == DELIVERED and _status(before) != DELIVERED
    if first_delivery and label.state == LabelState.live:
        tx.announce(
            f"order:{label.order_id}",
            ParcelDelivered(parcel_id=label.parcel_id, order_id=label.order_id, at=ask.at),
        )
    return TrackingState(
        tracking_number=ask.tracking_number,
        status=_status(events),
        events=[{"event_id": e.event_id, "status": e.status, "at": e.at.isoformat(), "place": e.place} for e in events],
        known=written is None,
    )


def _events(tx: Transaction, number: str) -> list[TrackingEvent]:
    """In the order of the carrier's own times."""
    rows = tx.scalars(
        select(TrackingEvent)
        .where(TrackingEvent.tracking_number == number)
        .order_by(TrackingEvent.at, TrackingEvent.id)
    )
    return list(rows)


def _status(events: list[TrackingEvent]) -> str:
    return tracking_status((e.at, e.id, e.status) for e in events)
