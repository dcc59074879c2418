"""Docks, and when goods are taken in: brought to what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from sqlalchemy import select

from agents.inbound.messages.docks import DockHoursState, DockState, PutDock, PutDockHours
from agents.inbound.refusals import DockHasAppointments
from agents.stock.goods import need_node
from agents.stock.rules import BadField, check_code, check_words
from db.dock_slots import MIDNIGHT
from db.docks import HOLDING, Appointment, Dock, DockHours, Takes, fits, goods_hours
from db.errors import NotFound
from db.session import Transaction, check_version

FIELDS = ("name", "takes", "sequence", "active")
WEEK = 7
SHORTEST_SLOT, LONGEST_SLOT = 5, 480  # minutes
LARGEST_SEQUENCE = 1_000_000
MOST_SPANS = 12  # of a day


def put_dock(tx: Transaction, ask: PutDock) -> DockState:
    """A dock that somebody has booked is neither closed nor kept from what they bring.

    Raises NotFound, StaleVersion, BadField, DockHasAppointments.
    """
    _check_dock(ask)
    need_node(tx, ask.node)
    dock = tx.get(Dock, (ask.node, ask.code), with_for_update=True, populate_existing=True)
    created = dock is None
    if dock is None:
        if ask.version is not None:
            raise NotFound("dock", f"{ask.node}/{ask.code}")
        dock = Dock(node=ask.node, code=ask.code, version=1, updated_at=tx.now)
        tx.add(dock)
    else:
        check_version(dock, ask.version, kind="dock", id=f"{ask.node}/{ask.code}")
    for name in FIELDS:
        setattr(dock, name, getattr(ask, name))
    if not created:
        _check_booked(tx, dock)
    dock.updated_at = tx.now
    tx.flush()
    told = {name: getattr(dock, name) for name in FIELDS}
    return DockState(node=dock.node, code=dock.code, version=dock.version, created=created, **told)


def put_dock_hours(tx: Transaction, ask: PutDockHours) -> DockHoursState:
    """Appointments that were booked stay, and the calendar says which are outside the hours now."""
    _check_hours(ask)
    need_node(tx, ask.node)
    kept = tx.get(DockHours, ask.node, with_for_update=True, populate_existing=True)
    created = kept is None
    if kept is None:
        if ask.version is not None:
            raise NotFound("dock hours", ask.node)
        kept = DockHours(node=ask.node, version=1)
        tx.add(kept)
    else:
        check_version(kept, ask.version, kind="dock hours", id=ask.node)
    kept.hours = [[list(span) for span in day] for day in ask.hours]
    kept.slot_minutes = ask.slot_minutes
    kept.updated_at = tx.now
    tx.flush()
    return DockHoursState(
        node=ask.node,
        hours=[[[since, until] for since, until in day] for day in ask.hours],
        slot_minutes=ask.slot_minutes,
        version=kept.version,
        created=created,
    )


def _check_dock(ask: PutDock) -> None:
    check_code("dock", ask.code)
    check_words("name", ask.name)
    if ask.takes not in list(Takes):
        raise BadField("takes", ask.takes, f"it is one of {', '.join(Takes)}")
    if not 0 <= ask.sequence <= LARGEST_SEQUENCE:
        raise BadField("sequence", ask.sequence, f"it is between 0 and {LARGEST_SEQUENCE}")


def _check_booked(tx: Transaction, dock: Dock) -> None:
    wanted = (
        select(Appointment)
        .where(Appointment.node == dock.node, Appointment.dock == dock.code, Appointment.status.in_(HOLDING))
        .order_by(Appointment.starts_at)
    )
    in_the_way = [a for a in tx.scalars(wanted) if not dock.active or not fits(dock, a.comes_as)]
    if in_the_way:
        first = in_the_way[0]
        at = goods_hours(tx, need_node(tx, dock.node)).said(first.starts_at)
        raise DockHasAppointments(dock.node, dock.code, len(in_the_way), first.number, at)


def _check_hours(ask: PutDockHours) -> None:
    if len(ask.hours) != WEEK:
        raise BadField("hours", len(ask.hours), "say them for each of the seven days from Monday, none for a day off")
    if not SHORTEST_SLOT <= ask.slot_minutes <= LONGEST_SLOT:
        raise BadField("slot_minutes", ask.slot_minutes, f"it is between {SHORTEST_SLOT} and {LONGEST_SLOT}")
    for spans in ask.hours:
        _check_day(spans)


def _check_day(spans: Sequence[tuple[str, str]]) -> None:
    if len(spans) > MOST_SPANS:
        raise BadField("hours", len(spans), f"a day has at most {MOST_SPANS} parts")
    last = ""
    for since, until in spans:
        for clock in (since, until):
            _check_clock(clock)
        if since == MIDNIGHT or since >= until:
            raise BadField(
                "hours", f"{since} to {until}", "it ends after it begins; write 24:00 for the end of the day"
            )
        if since < last:
            raise BadField("hours", f"{since} to {until}", f"the part before it ends at {last}")
        last = until


def _check_clock(clock: str) -> None:
    if clock == MIDNIGHT:
        return
    try:
        known = f"{time.fromisoformat(clock):%H:%M}" == clock
    except ValueError:
        known = False
    if not known:
        raise BadField("hours", clock, "a time of day is written 08:00, and the end of a day 24:00")
