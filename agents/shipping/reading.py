"""What tracking events add up to. Pure: no database, no clock.

What comes out depends on the set of events alone: not on the order they came in, nor on how often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from db.tracking import SCANNED, TrackingStatus
from db.zones import day_in

_S = TrackingStatus
# Of two events of one moment, the later in this list is the later one.
_RANK = {
    status: rank
    for rank, status in enumerate(
        (
            _S.unknown,
            _S.pending,
            _S.cancelled,
            _S.picked_up,
            _S.in_transit,
            _S.delivery_delayed,
            _S.on_hold,
            _S.out_for_delivery,
            _S.delivery_failed,
            _S.ready_for_pickup,
            _S.delivered,
            _S.return_to_sender,
        )
    )
}


@dataclass(frozen=True)
class Told:
    """One event. `zone` is the zone or offset that the carrier wrote the time in."""

    event_id: str
    at: datetime
    status: TrackingStatus
    incident: str | None = None
    zone: str | None = None

    @property
    def turn(self) -> tuple[datetime, int, str]:
        return (self.at, _RANK[self.status], self.event_id)


@dataclass(frozen=True)
class Standing:
    """Where a parcel is. `since` is the event that says so."""

    status: TrackingStatus
    incident: str | None
    since: datetime | None
    scanned_at: datetime | None  # first
    last_at: datetime | None
    delivered_at: datetime | None
    delivered_zone: str | None


def read(events: Iterable[Told]) -> Standing:
    """In the carrier's own time: what arrived stays so unless it goes back, what goes back stays so (its delivery is
    the one to the sender), and news of a label or a code that nobody knows never hide a scan."""
    told = sorted({e.event_id: e for e in events}.values(), key=lambda e: e.turn)
    scans = [e for e in told if e.status in SCANNED]
    latest = _decisive(told, scans)
    back = next((e for e in scans if e.status is _S.return_to_sender), None)
    arrived = next((e for e in scans if e.status is _S.delivered and (back is None or e.turn < back.turn)), None)
    return Standing(
        status=latest.status if latest else _S.pending,
        incident=latest.incident if latest else None,
        since=latest.at if latest else None,
        scanned_at=scans[0].at if scans else None,
        last_at=told[-1].at if told else None,
        delivered_at=arrived.at if arrived else None,
        delivered_zone=arrived.zone if arrived else None,
    )


def _decisive(told: list[Told], scans: list[Told]) -> Told | None:
    for final in (_S.return_to_sender, _S.delivered):
        if found := next((e for e in scans if e.status is final), None):
            return found
    if scans:
        # A carrier that lost a parcel says so in passing; whatever scan comes after it has found it again.
        return scans[-1]
    known = [e for e in told if e.status is not _S.unknown]
    return known[-1] if known else (told[-1] if told else None)


def event_identity(at: datetime, code: str) -> str:
    """For carriers whose events have no id: the moment and the code, but never the place, which they word anew."""
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    return "at:" + hashlib.blake2b(f"{moment}|{code}".encode(), digest_size=12).hexdigest()


def late_days(delivered_at: datetime | None, promised_on: date | None, zone: str) -> int | None:
    """By the calendar of the place it was delivered to; 0 is in time, None where there is nothing to judge."""
    if delivered_at is None or promised_on is None:
        return None
    return max(0, (day_in(delivered_at, zone) - promised_on).days)
