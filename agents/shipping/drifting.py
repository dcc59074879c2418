"""Services whose recent deliveries depart from what was foreseen of them, noticed with the figures that say so."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.shipping.messages.choosing import CarrierDrifted
from db.base import uuid7
from db.carrier_parcels import PARCELS
from db.carrier_rules import CarrierDrift, DriftState
from db.session import Transaction
from ml.carriers.drift import SLOWER, THRESHOLD, Drift, drift, parcels_between_false_alarms

LOOKED_BACK = timedelta(days=120)
_MILLI = 1000


class Noticed(NamedTuple):
    carrier: str
    service: str
    began_on: date
    found: Drift


def look(session: Session, now: datetime) -> list[Noticed]:
    """Every service that drifts now. A parcel speaks on the day it comes, or once it is overdue, whichever is first:
    who waited for parcels that are out would hear of trouble last."""
    columns = PARCELS.c
    rows = session.execute(
        select(columns.carrier, columns.service, columns.sent_on, columns.due_on, columns.days, columns.late_ppm)
        .where(columns.sent_at >= now - LOOKED_BACK, columns.late_ppm.is_not(None), columns.due_on.is_not(None))
        .order_by(columns.label_id)
    )
    told: dict[tuple[str, str], list[tuple[date, bool, float]]] = defaultdict(list)
    for carrier, service, sent_on, due_on, days, late_ppm in rows:
        came = None if days is None else sent_on + timedelta(days=days)
        if came is not None and came <= due_on:
            told[carrier, service].append((came, False, late_ppm / 1_000_000))
        elif due_on < now.date():
            told[carrier, service].append((due_on + timedelta(days=1), True, late_ppm / 1_000_000))
    noticed = []
    for (carrier, service), outcomes in sorted(told.items()):
        outcomes.sort(key=lambda each: each[0])
        found = drift([(late, chance) for _, late, chance in outcomes])
        if found is not None:
            noticed.append(Noticed(carrier, service, outcomes[found.began][0], found))
    return noticed


def keep_drifts(tx: Transaction, noticed: list[Noticed]) -> None:
    """A drift that is new is announced once; one that stands is brought up to date; one that is over ends."""
    still = {(n.carrier, n.service, n.found.direction): n for n in noticed}
    standing = tx.scalars(select(CarrierDrift).where(CarrierDrift.state == DriftState.open).with_for_update()).all()
    for row in standing:
        one = still.pop((row.carrier, row.service, row.direction), None)
        if one is None:
            row.state, row.ended_at, row.updated_at = DriftState.ended, tx.now, tx.now
        else:
            _write(row, one)
            row.updated_at = tx.now
    for one in still.values():
        row = CarrierDrift(
            id=uuid7(), carrier=one.carrier, service=one.service, direction=one.found.direction, state=DriftState.open,
            noticed_at=tx.now, updated_at=tx.now,
        )  # fmt: skip
        _write(row, one)
        tx.add(row)
        tx.announce(
            f"carrier:{one.carrier}",
            CarrierDrifted(
                drift_id=row.id, carrier=one.carrier, service=one.service, direction=row.direction, why=row.why
            ),
        )
    tx.flush()


def _write(row: CarrierDrift, one: Noticed) -> None:
    found = one.found
    row.began_on, row.parcels, row.late = one.began_on, found.parcels, found.late
    row.late_meant = round(found.meant * _MILLI)
    row.statistic, row.threshold = round(found.statistic * _MILLI), round(THRESHOLD * _MILLI)
    row.why = says(found)


def says(found: Drift) -> str:
    """The drift in a sentence: what happened, what was foreseen, and how seldom that is by chance."""
    more = "more" if found.direction == SLOWER else "fewer"
    return (
        f"{found.late} of {found.parcels} parcels were late where {found.meant:.1f} were foreseen: {more} than chance "
        f"explains (evidence {found.statistic:.1f}; {THRESHOLD:g} is passed once in {_hundreds()} parcels or more "
        "while nothing changes)"
    )


def _hundreds() -> int:
    return int(parcels_between_false_alarms() // 100 * 100)
