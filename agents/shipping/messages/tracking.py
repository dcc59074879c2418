"""What carriers tell by themselves, what their codes mean, and what is announced of parcels on their way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class CarrierEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as a carrier tells it. `at` is ISO 8601; without an offset it is meant in `time_zone`, else in the zone
    of the carrier's terms. It says a `code` of the carrier's, or a `status` of ours."""

    tracking_number: str
    at: str
    code: str | None = None
    status: str | None = None
    incident: str | None = None
    event_id: str | None = None
    place: str | None = None
    time_zone: str | None = None


class TakeTracking(Command, frozen=True, kw_only=True):
    """What a carrier posted, raw, to be verified before anything of it is believed.

    `signature` is `v1=` with the HMAC-SHA256, in hexadecimal, of the timestamp, a dot and the body.
    """

    carrier: str
    body: bytes
    timestamp: str
    signature: str


class TakePolledTracking(Task, frozen=True, kw_only=True):
    """What a carrier answered when it was asked for news."""

    carrier: str
    events: list[CarrierEvent]


class AskForNews(Task, frozen=True, kw_only=True):
    """Ask carriers where the parcels are that they should be asked about by now."""


class TrackingTaken(State, frozen=True, kw_only=True):
    """`strangers` are numbers that are on no label of ours, `unmapped` codes that nobody has said the meaning of."""

    taken: int
    known: int
    strangers: list[str]
    unmapped: list[str]


class CodeMeans(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    status: str
    incident: str | None = None
    means: str = ""


class PutTrackingCodes(Command, frozen=True, kw_only=True):
    """What a carrier's codes mean: all of them, those left out are forgotten. Events with such codes are read anew."""

    carrier: str
    codes: list[CodeMeans]


class TrackingCodesState(State, frozen=True, kw_only=True):
    carrier: str
    codes: int
    read_anew: int


class ParcelTracked(Event, frozen=True, kw_only=True):
    """Where a parcel stands has changed. Subject: the order. `time_zone` is that of the place it goes to."""

    parcel_id: UUID
    order_id: UUID
    tracking_number: str
    carrier: str
    status: str
    before: str
    incident: str | None
    cause: str | None
    at: datetime
    time_zone: str
