"""Docks day by day: who comes when, what they bring, what is free, and what nobody has booked a dock for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.advance_notices import (
    ON_THE_WAY,
    AdvanceNotice,
    AdvanceNoticeLine,
    AdvanceNoticePackage,
    NoticeStatus,
    announced_of_line,
)
from db.dock_slots import Goods, Span, each_day, free_slots
from db.docks import HOLDING, Appointment, AppointmentStatus, Dock, Takes, busy_between, docks_of, fits
from db.errors import Invalid
from db.nodes import Node
from db.purchasing import PurchaseLine
from serve.docks import APPOINTMENTS, AppointmentRow, goods_of, with_next
from serve.edge import edge_of
from serve.listing import Row
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Code, Moment

routes = Routes("purchasing")

MOST_DAYS = 31
MOST_SLOTS = 500
MOST_WAITING = 100
FREE_WITHIN = timedelta(days=14)


class Load(BaseModel):
    """What is expected. Of an order without a notice: what is still to come of it, at its first appointment."""

    appointments: int
    lines: int
    units: int
    packages: int


class LoadOfDock(Load):
    dock: str


class OpenSpan(BaseModel):
    starts_at: datetime
    ends_at: datetime


class CalendarDay(BaseModel):
    """A day at the node; on the one on which clocks change it has 23 or 25 hours. `told` are its hours in words."""

    day: date
    starts_at: datetime
    ends_at: datetime
    open: list[OpenSpan]
    told: str
    load: Load
    docks: list[LoadOfDock]


class CalendarDock(BaseModel):
    code: str
    name: str
    takes: Takes
    active: bool


class CalendarAppointment(AppointmentRow):  # type: ignore[misc, valid-type]
    """`remarks` are what somebody should look at, in words: it is late, over, or outside hours."""

    day: date
    lines: int
    units: int
    expected_packages: int
    remarks: list[str]


class Unbooked(BaseModel):
    """A notice that is on its way, or here, and has no appointment."""

    id: UUID
    number: str
    supplier: str
    reference: str
    status: NoticeStatus
    carrier: str | None
    expected_at: datetime
    expected_late_at: datetime
    lines: int
    units: int
    packages: int


class DockCalendar(BaseModel):
    """`hours_are_usual`: nobody has said when goods are taken in. `unbooked` are the first of `unbooked_total`."""

    node: str
    time_zone: str
    now: datetime
    today: date
    slot_minutes: int
    hours_are_usual: bool
    docks: list[CalendarDock]
    days: list[CalendarDay]
    appointments: list[CalendarAppointment]
    unbooked: list[Unbooked]
    unbooked_total: int


class FreeSlot(BaseModel):
    dock: str
    starts_at: datetime
    ends_at: datetime
    told: str


class FreeSlots(BaseModel):
    """The earliest first. `more`: there are others after the last."""

    node: str
    minutes: int
    slots: list[FreeSlot]
    more: bool


@dataclass(eq=False)
class BadSpan(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.field}: {self.why}."


@routes.get("/nodes/{node}/free-slots", access=Scope.read_purchasing, answer=FreeSlots)
def read_free_slots(
    request: Request,
    node: Code,
    *,
    day: date | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    minutes: Annotated[int | None, Query(ge=5, le=1440)] = None,
    dock: Code | None = None,
    comes_as: Takes | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_SLOTS)] = 100,
) -> Response:
    """Find free slots at a node's docks: of a day there, or from one moment to another (now, and two weeks on).

    `minutes` is how long it takes, else one slot of the node.
    """
    edge = edge_of(request)
    with edge.database.reading() as session:
        _, goods = goods_of(session, node)
        now = edge.clock()
        if day is not None:
            since, until = goods.begins(day), goods.begins(day + timedelta(days=1))
        since = max(since or now, now)
        until = until or since + FREE_WITHIN
        if until - since > timedelta(days=2 * MOST_DAYS):
            raise BadSpan("until", f"it is at most {2 * MOST_DAYS} days after since")
        docks = [d.code for d in docks_of(session, node) if fits(d, comes_as) and dock in (None, d.code)]
        busy = busy_between(session, node, since, until, docks=docks)
        length = timedelta(minutes=minutes) if minutes else goods.slot
        found = free_slots(goods, docks, busy, since=since, until=until, length=length)
        slots = [{**s._asdict(), "told": goods.said(s.starts_at)} for s in islice(found, limit + 1)]
        told = {"node": node, "minutes": length // timedelta(minutes=1), "slots": slots[:limit]}
        return json_answer(told | {"more": len(slots) > limit})


@routes.get("/nodes/{node}/dock-calendar", access=Scope.read_purchasing, answer=DockCalendar)
def read_dock_calendar(
    request: Request,
    node: Code,
    *,
    day: date | None = None,
    at: Moment | None = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 1,
) -> Response:
    """Show a node's docks from a day on, or that of a moment there: who comes, what is expected, what has no dock."""
    edge = edge_of(request)
    with edge.database.reading() as session:
        place, goods = goods_of(session, node)
        now = edge.clock()
        return json_answer(_calendar(session, place, goods, first=day or goods.day_of(at or now), count=days, now=now))


def _calendar(session: Session, place: Node, goods: Goods, *, first: date, count: int, now: datetime) -> Row:
    node, today = place.code, goods.day_of(now)
    last = first + timedelta(days=count - 1)
    since, until = goods.begins(first), goods.begins(last + timedelta(days=1))
    rows = _appointments(session, node, since, until)
    loads = _loads(session, rows)
    told = [_told(row, loads[row["id"]], goods, node, now) for row in rows]
    used = {row["dock"] for row in rows}
    docks = [d for d in docks_of(session, node, closed=True) if d.active or d.code in used]
    unbooked, total = _unbooked(session, node)
    return {
        "node": node,
        "time_zone": place.time_zone,
        "now": now,
        "today": today,
        "slot_minutes": goods.slot // timedelta(minutes=1),
        "hours_are_usual": goods.is_usual,
        "docks": [{n: getattr(d, n) for n in CalendarDock.model_fields} for d in docks],
        "days": [_day(day, node, goods, docks, told) for day in each_day(first, last)],
        "appointments": told,
        "unbooked": unbooked,
        "unbooked_total": total,
    }


def _appointments(session: Session, node: str, since: datetime, until: datetime) -> list[Row]:
    """What was cancelled is shown in the list of appointments alone."""
    columns = (f.column.label(name) for name, f in APPOINTMENTS.columns.items())
    wanted = (
        select(*columns)
        .where(Appointment.node == node, Appointment.status != AppointmentStatus.cancelled)
        .where(Appointment.starts_at < until, Appointment.ends_at > since)
        .order_by(Appointment.starts_at, Appointment.dock)
    )
    return [with_next(dict(row)) for row in session.execute(wanted).mappings()]


def _loads(session: Session, rows: Sequence[Row]) -> dict[UUID, Row]:
    notices = _of_notices(session, {row["notice_id"] for row in rows if row["notice_id"]})
    orders = _of_orders(session, {row["purchase_id"] for row in rows if row["purchase_id"] and not row["notice_id"]})
    first = _first_of_orders(session, orders)
    loads = {}
    for row in rows:
        lines, units, packages = 0, 0, 0
        if row["notice_id"]:
            lines, units, packages = notices[row["notice_id"]]
        elif first.get(row["purchase_id"]) == row["id"]:
            lines, units = orders[row["purchase_id"]]
        loads[row["id"]] = {"lines": lines, "units": units, "packages": row["packages"] or packages}
    return loads


def _of_notices(session: Session, ids: Iterable[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Lines, units and packages that each announces."""
    packages = (
        select(func.count())
        .where(AdvanceNoticePackage.notice_id == AdvanceNoticeLine.notice_id)
        .correlate(AdvanceNoticeLine)
        .scalar_subquery()
    )
    rows = session.execute(
        select(AdvanceNoticeLine.notice_id, func.count(), func.sum(AdvanceNoticeLine.units), packages)
        .where(AdvanceNoticeLine.notice_id.in_(sorted(ids)))
        .group_by(AdvanceNoticeLine.notice_id)
    )
    return {id: (int(lines), int(units), int(n)) for id, lines, units, n in rows}


def _of_orders(session: Session, ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """Lines and units still to come of each that no notice announces."""
    left: ColumnElement[int] = func.greatest(
        0, PurchaseLine.ordered - PurchaseLine.received - PurchaseLine.closed_short - announced_of_line()
    )
    rows = session.execute(
        select(PurchaseLine.purchase_id, func.count().filter(left > 0), func.sum(left))
        .where(PurchaseLine.purchase_id.in_(sorted(ids)))
        .group_by(PurchaseLine.purchase_id)
    )
    return {id: (int(lines), int(units)) for id, lines, units in rows}


def _first_of_orders(session: Session, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The first appointment at which each order is still to come: what is to come of it is counted there once."""
    a = Appointment
    rows = session.execute(
        select(a.purchase_id, a.id)
        .where(a.purchase_id.in_(sorted(ids)), a.notice_id.is_(None), a.status.in_(HOLDING))
        .ext(distinct_on(a.purchase_id))
        .order_by(a.purchase_id, a.starts_at, a.id)
    )
    return {purchase_id: id for purchase_id, id in rows if purchase_id is not None}


def _told(row: Row, load: Row, goods: Goods, node: str, now: datetime) -> Row:
    return {
        **row,
        "day": goods.day_of(row["starts_at"]),
        "lines": load["lines"],
        "units": load["units"],
        "expected_packages": load["packages"],
        "remarks": _remarks(row, goods, node, now),
    }


def _remarks(row: Row, goods: Goods, node: str, now: datetime) -> list[str]:
    told = []
    booked = row["status"] == AppointmentStatus.booked
    if booked and row["ends_at"] <= now:
        told.append("Nobody has come, and its time is over.")
    if booked and row["late_minutes"] is not None:
        told.append(f"Expected {lasting(row['late_minutes'])} after its slot.")
    if row["status"] == AppointmentStatus.arrived and row["ends_at"] <= now:
        told.append(f"Still there {lasting((now - row['ends_at']) // timedelta(minutes=1))} after its slot.")
    if booked and row["ends_at"] > now and not goods.takes(Span(row["starts_at"], row["ends_at"])):
        told.append(f"{node} {goods.told(goods.day_of(row['starts_at']))}.")
    return told


def lasting(minutes: int) -> str:
    """The two largest parts of a time: `2 d 4 h`, `1 h 30 min`, `5 min`."""
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    told = [f"{n} {unit}" for n, unit in parts if n]
    return " ".join(told[:2]) or "less than a minute"


def _day(day: date, node: str, goods: Goods, docks: Sequence[Dock], told: Sequence[Row]) -> Row:
    expected = (AppointmentStatus.booked, AppointmentStatus.arrived, AppointmentStatus.done)
    by_dock: defaultdict[str, list[Row]] = defaultdict(list)
    for row in told:
        if row["day"] == day and row["status"] in expected:
            by_dock[row["dock"]].append(row)
    return {
        "day": day,
        "starts_at": goods.begins(day),
        "ends_at": goods.begins(day + timedelta(days=1)),
        "open": [span._asdict() for span in goods.open_on(day)],
        "told": f"{node} {goods.told(day)}",
        "load": _sum([row for rows in by_dock.values() for row in rows]),
        "docks": [{"dock": d.code, **_sum(by_dock[d.code])} for d in docks],
    }


def _sum(rows: Sequence[Row]) -> dict[str, int]:
    names = {"lines": "lines", "units": "units", "packages": "expected_packages"}
    return {"appointments": len(rows)} | {name: sum(row[of] for row in rows) for name, of in names.items()}


def _unbooked(session: Session, node: str) -> tuple[list[dict[str, Any]], int]:
    holds = select(Appointment.id).where(Appointment.notice_id == AdvanceNotice.id, Appointment.status.in_(HOLDING))
    open_ones = (
        AdvanceNotice.node == node,
        AdvanceNotice.status.in_((*ON_THE_WAY, NoticeStatus.arrived)),
        ~holds.exists(),
    )
    total = session.scalar(select(func.count()).select_from(AdvanceNotice).where(*open_ones)) or 0
    wanted = select(AdvanceNotice).where(*open_ones).order_by(AdvanceNotice.expected_at, AdvanceNotice.id)
    found = list(session.scalars(wanted.limit(MOST_WAITING)))
    loads = _of_notices(session, {n.id for n in found})
    copied = [n for n in Unbooked.model_fields if n not in ("lines", "units", "packages")]
    told = []
    for notice in found:
        load = dict(zip(("lines", "units", "packages"), loads[notice.id], strict=True))
        told.append({n: getattr(notice, n) for n in copied} | load)
    return told, total
