"""Finds parcels that nobody tells of: nobody has scanned them for days, or their last day in time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DateTime, exists, func, literal, select
from sqlalchemy.orm import aliased

from agents.parcels.telling import move, propose_anew
from agents.parcels.troubles import get_into
from db.errors import Refusal
from db.parcel_exceptions import ExceptionKind, ExceptionStatus, ParcelException
from db.session import Transaction
from db.tracking import OVER, CarrierTerms, Track, day_there, terms_of
from db.zones import day_in

AT_ONCE = 200
TELLS_WITHIN = timedelta(days=60)  # a carrier that told nothing for so long is not one that tells
SILENT_DAYS, LOST_DAYS = 3, 14


def look(tx: Transaction) -> int:
    """Returns how many parcels are in new or worse trouble; the rest of many are found by the next look."""
    found = 0
    for track, terms in _suspects(tx):
        verdict = judge(track, tx.now, terms)
        if verdict is None:
            continue
        kind, why = verdict
        try:
            found += get_into(tx, track.parcel_id, kind, why, at=tx.now) is not None
        except Refusal:
            continue  # delivered or unpacked by hand meanwhile
    _wake(tx)
    return found


def judge(track: Track, now: datetime, terms: CarrierTerms | None) -> tuple[ExceptionKind, str] | None:
    """The worst that can be said of a parcel on its way by the clock; late is judged by the day where it goes."""
    if track.handed_over_at is None or track.status in OVER:
        return None
    last = track.last_at or track.handed_over_at
    quiet = (now - max(last, track.handed_over_at)).days
    silent, lost = (terms.silent_days, terms.lost_days) if terms else (SILENT_DAYS, LOST_DAYS)
    said = f"no scan for {quiet} days" if track.scanned_at else f"never scanned, {quiet} days after it was handed over"
    if quiet >= lost:
        return ExceptionKind.lost, said
    if quiet >= silent:
        return ExceptionKind.silent, said
    today = day_in(now, track.time_zone)
    if track.promised_on is not None and today > track.promised_on:
        days = (today - track.promised_on).days
        return ExceptionKind.late, f"{days} {'day' if days == 1 else 'days'} after {track.promised_on:%d %b}"
    return None


def _suspects(tx: Transaction) -> list[tuple[Track, CarrierTerms | None]]:
    """Parcels on their way of carriers that tell anything, which are quiet or late and not known to be lost."""
    other = aliased(Track)
    tells = exists().where(other.carrier == Track.carrier, other.scanned_at > tx.now - TELLS_WITHIN)
    agreed = exists().where(CarrierTerms.carrier == Track.carrier)
    known = exists().where(ParcelException.parcel_id == Track.parcel_id, ParcelException.kind == ExceptionKind.lost)
    quiet = func.coalesce(Track.last_at, Track.handed_over_at) < tx.now - timedelta(days=1)
    late = Track.promised_on < day_there(literal(tx.now, DateTime(timezone=True)))
    rows = tx.scalars(
        select(Track)
        .where(Track.handed_over_at.is_not(None), Track.status.not_in(OVER))
        .where(tells | agreed, quiet | late, ~known)
        .order_by(Track.handed_over_at, Track.tracking_number)
        .limit(AT_ONCE * 10)
    )
    of: dict[str, CarrierTerms | None] = {}
    found = []
    for track in rows:
        if track.carrier not in of:
            of[track.carrier] = terms_of(tx, track.carrier)
        found.append((track, of[track.carrier]))
    return found


def _wake(tx: Transaction) -> None:
    """Waiting that is over is for people again."""
    waiting = (
        select(ParcelException)
        .where(ParcelException.status == ExceptionStatus.waiting, ParcelException.due_at <= tx.now)
        .order_by(ParcelException.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    for found in tx.scalars(waiting):
        to = ExceptionStatus.taken if found.assigned_to else ExceptionStatus.open
        move(tx, found, to, why="the waiting is over")
        propose_anew(tx, found)
