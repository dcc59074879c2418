"""What carriers post or answer by themselves: believed when it is signed, mapped to our words, taken once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import delete, select, update

from agents.shipping.codes import built_in
from agents.shipping.messages import RecordTracking
from agents.shipping.messages.tracking import (
    CarrierEvent,
    PutTrackingCodes,
    TakeTracking,
    TrackingCodesState,
    TrackingTaken,
)
from agents.shipping.refusals import BadEvents, NotSigned, TimeWithoutZone, UnknownIncident, UnknownStatus, UnknownZone
from agents.shipping.tracking import check, keep, labelled, look_again, look_back, standing
from db.return_parcels import return_label_of
from db.session import Transaction
from db.shipping import Label, TrackingEvent
from db.tracking import CarrierTerms, Incident, TrackingCode, TrackingStatus, terms_of
from db.zones import offset_of, zone_named

MOST_EVENTS = 500  # in one post
MOST_CODES = 5000
OLDEST_POST = timedelta(minutes=10)  # by its timestamp; our own clock may be a little off
READ_ANEW = timedelta(days=90)
_posted = msgspec.json.Decoder(dict[str, list[CarrierEvent]])


def take_post(tx: Transaction, ask: TakeTracking) -> TrackingTaken:
    """Raises NotSigned, BadEvents: nothing is kept then."""
    _verify(tx.get(CarrierTerms, ask.carrier), ask, tx.now)
    try:
        events = _posted.decode(ask.body).get("events")
    except msgspec.MsgspecError as error:
        raise BadEvents(f"The body is not what is expected: {error}") from error
    if events is None:
        raise BadEvents('The body needs "events", a list.')
    if len(events) > MOST_EVENTS:
        raise BadEvents(f"At most {MOST_EVENTS} events fit into one post; these are {len(events)}.")
    return take_events(tx, ask.carrier, events)


def take_events(tx: Transaction, carrier: str, events: Iterable[CarrierEvent]) -> TrackingTaken:
    """The door for whoever brings a carrier's events: a webhook, or an adapter that asked for news.

    Labels are locked in one order. Numbers that are not ours are named and left; so are those of other carriers.
    """
    terms = terms_of(tx, carrier)
    told = [_as_ours(event, terms) for event in events]
    taken = known = 0
    strangers, unmapped = [], set()
    for number in sorted({ask.tracking_number for ask in told}):
        label = labelled(tx, number) or return_label_of(tx, number, lock=True)
        if label is None or label.carrier != carrier:
            strangers.append(number)
            continue
        before = standing(tx, number)
        for ask in (a for a in told if a.tracking_number == number):
            if keep(tx, label, ask):
                taken += 1
            else:
                known += 1
            if ask.status is None and not _mapped(tx, carrier, ask.code or ""):
                unmapped.add(ask.code or "")
        if isinstance(label, Label):
            look_again(tx, label)
        else:
            look_back(tx, label, before)
    return TrackingTaken(taken=taken, known=known, strangers=strangers, unmapped=sorted(unmapped))


def put_codes(tx: Transaction, ask: PutTrackingCodes) -> TrackingCodesState:
    """Raises UnknownStatus, UnknownIncident, BadEvents for a code that is named twice."""
    if len(ask.codes) > MOST_CODES:
        raise BadEvents(f"At most {MOST_CODES} codes fit; these are {len(ask.codes)}.")
    if len({c.code for c in ask.codes}) < len(ask.codes):
        raise BadEvents("Name each code once.")
    for c in ask.codes:
        if c.status not in set(TrackingStatus):
            raise UnknownStatus(c.status, [s.value for s in TrackingStatus])
        if c.incident is not None and c.incident not in set(Incident):
            raise UnknownIncident(c.incident, [i.value for i in Incident])
    tx.execute(delete(TrackingCode).where(TrackingCode.carrier == ask.carrier))
    rows = [{"carrier": ask.carrier, **msgspec.structs.asdict(c)} for c in ask.codes]
    tx.insert_all(TrackingCode, rows)
    tx.audit("put", f"tracking_codes:{ask.carrier}", after={"codes": len(rows)})
    return TrackingCodesState(carrier=ask.carrier, codes=len(rows), read_anew=_read_anew(tx, ask))


def _read_anew(tx: Transaction, ask: PutTrackingCodes) -> int:
    """Events of the last months whose code now means something else; their parcels move at once."""
    numbers: set[str] = set()
    for c in ask.codes:
        changed = tx.execute(
            update(TrackingEvent)
            .where(
                TrackingEvent.code == c.code,
                TrackingEvent.received_at > tx.now - READ_ANEW,
                (TrackingEvent.status != c.status) | TrackingEvent.incident.is_distinct_from(c.incident),
                TrackingEvent.tracking_number.in_(select(Label.tracking_number).where(Label.carrier == ask.carrier)),
            )
            .values(status=c.status, incident=c.incident)
            .returning(TrackingEvent.tracking_number)
        )
        numbers |= set(changed.scalars())
    for number in sorted(numbers):
        if (label := labelled(tx, number)) is not None:
            look_again(tx, label)
    return len(numbers)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """As our own webhooks are signed: HMAC-SHA256 (RFC 2104) of the timestamp, a dot and the body, in hexadecimal."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _verify(terms: CarrierTerms | None, ask: TakeTracking, now: datetime) -> None:
    if terms is None or not terms.secret:
        raise NotSigned(ask.carrier, "no secret is set up for it. Make one with its terms.")
    if not ask.timestamp.isascii() or not ask.timestamp.isdigit() or len(ask.timestamp) > 12:
        raise NotSigned(ask.carrier, "Backoffice-Timestamp must be seconds since 1970.")
    if abs(now - datetime.fromtimestamp(int(ask.timestamp), UTC)) > OLDEST_POST:
        raise NotSigned(ask.carrier, "its timestamp is more than ten minutes from now.")
    signed = sign(terms.secret, ask.timestamp, ask.body).encode()
    if not any(hmac.compare_digest(signed, given.strip().encode()) for given in ask.signature.split(",")):
        raise NotSigned(ask.carrier, "the signature does not fit.")


def _as_ours(event: CarrierEvent, terms: CarrierTerms | None) -> RecordTracking:
    try:
        at = datetime.fromisoformat(event.at)
    except ValueError:
        raise BadEvents(f"{event.at!r} is no moment, such as 2026-03-02T09:00:00+01:00.") from None
    zone = event.time_zone
    if at.tzinfo is None:
        zone = zone or (terms.time_zone if terms else None)
        if zone is None:
            raise TimeWithoutZone("at")
        try:
            at = at.replace(tzinfo=zone_named(zone))
        except ValueError:
            raise UnknownZone(zone) from None
    ask = RecordTracking(
        tracking_number=event.tracking_number,
        at=at,
        status=event.status,
        code=event.code,
        incident=event.incident,
        event_id=event.event_id,
        place=event.place,
        time_zone=zone or offset_of(at),
    )
    check(ask)
    return ask


def _mapped(tx: Transaction, carrier: str, code: str) -> bool:
    return tx.get(TrackingCode, (carrier, code)) is not None or built_in(carrier, code) is not None
