"""What carriers tell about parcels on their way: each event once, in any order, never back in time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from agents.shipping.codes import Meaning, built_in
from agents.shipping.messages import ParcelDelivered, RecordTracking, TrackingState
from agents.shipping.reading import Standing, Told, event_identity, read
from agents.shipping.refusals import (
    BadEvents,
    NothingTold,
    TimeWithoutZone,
    UnknownIncident,
    UnknownStatus,
    UnknownZone,
)
from agents.shipping.returning import came_to, seen
from agents.shipping.tracks import stand, track_of
from db.errors import NotFound
from db.return_parcels import ReturnLabel, return_label_of
from db.session import Transaction
from db.shipping import Label, LabelState, TrackingEvent
from db.tracking import Incident, Track, TrackingCode, TrackingStatus, cause_of
from db.zones import local, zone_named

EARLIEST, LATEST = 2000, 2199  # years; what lies beyond is a broken clock


def record(tx: Transaction, ask: RecordTracking) -> TrackingState:
    """Keep an event; the first delivery of a live label is announced. `known` says it was here before.

    Raises:
        NotFound: the number is on no label of ours.
        NothingTold, UnknownStatus, UnknownIncident, UnknownZone, TimeWithoutZone
    """
    check(ask)
    label = labelled(tx, ask.tracking_number)
    if label is None:
        return _record_back(tx, ask)
    written = keep(tx, label, ask)
    track = look_again(tx, label)
    return _state(tx, track, known=not written)


def _record_back(tx: Transaction, ask: RecordTracking) -> TrackingState:
    """An event of something that comes back."""
    label = return_label_of(tx, ask.tracking_number, lock=True)
    if label is None:
        raise NotFound("tracking number", ask.tracking_number)
    before = standing(tx, label.tracking_number)
    written = keep(tx, label, ask)
    now = look_back(tx, label, before)
    return TrackingState(
        tracking_number=label.tracking_number,
        status=now.status,
        events=_shown(_events(tx, label.tracking_number), None),
        known=not written,
        incident=now.incident,
        cause=cause_of(now.incident),
        delivered_at=now.delivered_at,
    )


def labelled(tx: Transaction, number: str) -> Label | None:
    return tx.scalars(
        select(Label)
        .where(Label.tracking_number == number)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def keep(tx: Transaction, label: Label | ReturnLabel, ask: RecordTracking) -> bool:
    """Write an event down unless it is here already; returns whether it is new."""
    status, incident = meaning(tx, label.carrier, ask)
    written = tx.execute(
        insert(TrackingEvent)
        .values(
            tracking_number=ask.tracking_number,
            event_id=ask.event_id or event_identity(ask.at, ask.code or ask.status or ""),
            status=status,
            code=ask.code,
            incident=incident,
            at=ask.at,
            time_zone=ask.time_zone,
            place=ask.place,
            received_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["tracking_number", "event_id"])
        .returning(TrackingEvent.id)
    ).first()
    return written is not None


def look_again(tx: Transaction, label: Label) -> Track:
    """Work out where the parcel stands from all that was told of it."""
    track = track_of(tx, label)
    now = standing(tx, label.tracking_number)
    if stand(tx, label, track, now) and label.state == LabelState.live and now.delivered_at is not None:
        tx.announce(
            f"order:{label.order_id}",
            ParcelDelivered(parcel_id=label.parcel_id, order_id=label.order_id, at=now.delivered_at),
        )
    return track


def look_back(tx: Transaction, label: ReturnLabel, before: Standing) -> Standing:
    """Say how far something that comes back has come, when that is further than `before`."""
    now = standing(tx, label.tracking_number)
    if (parcel := came_to(now)) != came_to(before):
        tx.announce(f"return:{label.return_id}", seen(label, parcel, now.last_at or tx.now))
    return now


def standing(tx: Transaction, number: str) -> Standing:
    return read(Told(e.event_id, e.at, TrackingStatus(e.status), e.incident, e.time_zone) for e in _events(tx, number))


def meaning(tx: Transaction, carrier: str, ask: RecordTracking) -> Meaning:
    """What an event says in our words; `unknown` where nobody has said what its code means."""
    incident = Incident(ask.incident) if ask.incident else None
    if ask.status is not None:
        return TrackingStatus(ask.status), incident
    said = tx.get(TrackingCode, (carrier, ask.code))
    if said is not None:
        return TrackingStatus(said.status), incident or (Incident(said.incident) if said.incident else None)
    known = built_in(carrier, ask.code or "")
    return (known[0], incident or known[1]) if known else (TrackingStatus.unknown, incident)


def check(ask: RecordTracking) -> None:
    if not ask.status and not ask.code:
        raise NothingTold(ask.tracking_number)
    if ask.status is not None and ask.status not in set(TrackingStatus):
        raise UnknownStatus(ask.status, [s.value for s in TrackingStatus])
    if ask.incident is not None and ask.incident not in set(Incident):
        raise UnknownIncident(ask.incident, [i.value for i in Incident])
    if ask.at.tzinfo is None:
        raise TimeWithoutZone("at")
    if not EARLIEST <= ask.at.year <= LATEST:
        raise BadEvents(f"{ask.at.isoformat()} is no time at which a parcel was scanned.")
    if any("\x00" in (text or "") for text in (ask.tracking_number, ask.event_id, ask.code, ask.place)):
        raise BadEvents("An event cannot have NUL characters in it.")
    if ask.time_zone is not None:
        try:
            zone_named(ask.time_zone)
        except ValueError:
            raise UnknownZone(ask.time_zone) from None


def _state(tx: Transaction, track: Track, *, known: bool) -> TrackingState:
    return TrackingState(
        tracking_number=track.tracking_number,
        status=track.status,
        events=_shown(_events(tx, track.tracking_number), track.time_zone),
        known=known,
        incident=track.incident,
        cause=cause_of(track.incident),
        time_zone=track.time_zone,
        promised_on=track.promised_on,
        delivered_at=track.delivered_at,
        late_days=track.late_days,
    )


def _shown(events: Iterable[TrackingEvent], time_zone: str | None) -> list[dict[str, object]]:
    return [
        {
            "event_id": e.event_id,
            "status": e.status,
            "code": e.code,
            "incident": e.incident,
            "at": e.at.isoformat(),
            "local_at": local(e.at, e.time_zone or time_zone).isoformat(),
            "place": e.place,
        }
        for e in events
    ]


def _events(tx: Transaction, number: str) -> list[TrackingEvent]:
    """In the order of the carrier's own times."""
    rows = tx.scalars(
        select(TrackingEvent)
        .where(TrackingEvent.tracking_number == number)
        .order_by(TrackingEvent.at, TrackingEvent.id)
        .execution_options(populate_existing=True)
    )
    return list(rows)
