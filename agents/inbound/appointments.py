"""A dock is given to one lorry at a time, within the hours in which goods are taken in.

The dock is locked before it is looked at; that no two share it is kept by the database as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from agents.contract import Undo
from agents.inbound import announced
from agents.inbound.at_dock import announce_change, arrived, go
from agents.inbound.messages.docks import (
    AppointmentBooked,
    AppointmentState,
    ArriveAppointment,
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    FinishAppointment,
    MissAppointment,
)
from agents.inbound.refusals import (
    BookedAlready,
    DockNotInUse,
    DockTaken,
    DockTakesOther,
    GoesElsewhere,
    NothingToCome,
    NotMissedYet,
    NotOnItsWay,
    NotOnNotice,
    OutsideGoodsHours,
    SlotOver,
)
from agents.purchasing.messages.orders import PurchaseOrderCancelled
from agents.stock.goods import need_node
from agents.stock.rules import BadField, check_words
from db.advance_notices import LIVE, ON_THE_WAY, AdvanceNotice, NoticeStatus, lock_notice, notice_lines
from db.base import uuid7
from db.dock_slots import LOOKED_AHEAD, Goods, Slot, Span, free_slots, overlap
from db.docks import (
    APPOINTMENT_MOVES,
    Appointment,
    AppointmentStatus,
    Dock,
    Takes,
    appointment_next,
    busy_between,
    docks_of,
    fits,
    goods_hours,
    holding_of_notice,
    lock_appointment,
    lock_docks,
    new_appointment_number,
)
from db.errors import IllegalMove, NotFound
from db.purchasing import RECEIVING, PurchaseOrder
from db.session import Transaction, check_version

LONGEST = timedelta(hours=24)
UNDO_FOR = timedelta(minutes=10)
FURTHEST = timedelta(days=365)
MOST_PACKAGES = 100_000
COMES_AS = (Takes.pallets, Takes.parcels)


def book_appointment(tx: Transaction, ask: BookAppointment) -> AppointmentState:
    """Raises:
    NotFound, BadField, NothingToCome, NotOnItsWay, GoesElsewhere, NotOnNotice, BookedAlready
    DockNotInUse, DockTakesOther, SlotOver, OutsideGoodsHours, DockTaken: see `_check_place`.
    """
    _check_words(ask)
    node = need_node(tx, ask.node)
    notice = lock_notice(tx, ask.notice_id) if ask.notice_id is not None else None
    order = _order(tx, ask.purchase_id)
    goods = goods_hours(tx, node)
    _check_for(tx, ask.node, notice, order, goods)
    span = Span(ask.starts_at, ask.ends_at or ask.starts_at + goods.slot)
    dock = lock_docks(tx, ask.node, [ask.dock])[ask.dock]
    _check_place(tx, dock, span, goods, comes_as=ask.comes_as)
    appointment = Appointment(
        id=uuid7(),
        number=new_appointment_number(tx),
        node=ask.node,
        dock=dock.code,
        dock_no=dock.number,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        status=AppointmentStatus.booked,
        notice_id=ask.notice_id,
        purchase_id=ask.purchase_id,
        supplier=notice.supplier if notice else order.supplier if order else None,
        comes_as=ask.comes_as,
        packages=ask.packages,
        carrier=ask.carrier or (notice.carrier if notice else None),
        note=ask.note,
        booked_by=tx.who.actor,
        booked_at=tx.now,
        version=1,
        updated_at=tx.now,
    )
    tx.add(appointment)
    tx.note(
        f"appointment:{appointment.id}", to_status=AppointmentStatus.booked, why=_place(goods, appointment.dock, span)
    )
    tx.announce(
        f"appointment:{appointment.id}",
        AppointmentBooked(
            appointment_id=appointment.id,
            **{n: getattr(appointment, n) for n in ("number", "node", "dock", "starts_at", "ends_at", "supplier",
                                                    "notice_id", "purchase_id")},
        ),
    )  # fmt: skip
    return _state(tx, appointment)


def change_appointment(tx: Transaction, ask: ChangeAppointment) -> AppointmentState:
    """One that was missed is booked again by its new time. Raises IllegalMove, and as `book_appointment` does."""
    _check_words(ask)
    check_words("reason", ask.reason, needed=False)
    seen = _seen(tx, ask.appointment_id)
    notice = lock_notice(tx, seen.notice_id) if seen.notice_id is not None else None
    docks = lock_docks(tx, seen.node, {seen.dock, ask.dock or seen.dock})
    appointment = _locked(tx, ask)
    if appointment.dock not in docks:  # somebody moved it in between
        docks |= lock_docks(tx, appointment.node, [appointment.dock])
    if "move" not in appointment_next(appointment.status):
        may = sorted(s.value for s in APPOINTMENT_MOVES[AppointmentStatus(appointment.status)])
        raise IllegalMove("appointment", appointment.number, appointment.status, "moved", may)
    goods = goods_hours(tx, need_node(tx, appointment.node))
    before = Span(appointment.starts_at, appointment.ends_at)
    was_at = appointment.dock
    starts_at = ask.starts_at or before.starts_at
    span = Span(starts_at, ask.ends_at or starts_at + (before.ends_at - before.starts_at))
    dock = docks[ask.dock or appointment.dock]
    again = appointment.status == AppointmentStatus.missed
    comes_as = ask.comes_as or appointment.comes_as
    if again or (dock.code, span, comes_as) != (was_at, before, appointment.comes_as):
        if again:
            _check_for(tx, appointment.node, notice, _order(tx, appointment.purchase_id), goods)
        _check_place(tx, dock, span, goods, comes_as=comes_as, of=appointment)
    appointment.dock, appointment.dock_no = dock.code, dock.number
    appointment.starts_at, appointment.ends_at = span
    for name in ("comes_as", "packages", "carrier", "note"):
        if getattr(ask, name) is not None:
            setattr(appointment, name, getattr(ask, name))
    moved = f"{_place(goods, was_at, before)} → {_place(goods, dock.code, span)}"
    why = f"{moved}: {ask.reason}" if ask.reason else moved
    appointment.updated_at = tx.now
    if again:
        go(tx, appointment, AppointmentStatus.booked, why=why)
    elif (was_at, before) != (dock.code, span):
        tx.note(f"appointment:{appointment.id}", from_status=appointment.status, to_status=appointment.status, why=why)
        announce_change(tx, appointment, why=why)
        return msgspec.structs.replace(_state(tx, appointment), undo=_back(tx, appointment, was_at, before))
    return _state(tx, appointment)


def _back(tx: Transaction, appointment: Appointment, dock: str, span: Span) -> Undo | None:
    if span.ends_at <= tx.now:
        return None
    body = {
        "appointment_id": str(appointment.id),
        "dock": dock,
        "starts_at": _moment(span.starts_at),
        "ends_at": _moment(span.ends_at),
        "reason": "taken back",
    }
    return Undo(says=f"Back to dock {dock}", kind="ChangeAppointment", body=body, until=tx.now + UNDO_FOR)


def arrive_appointment(tx: Transaction, ask: ArriveAppointment) -> AppointmentState:
    """A notice that was on its way is at the node from then on."""
    seen = _seen(tx, ask.appointment_id)
    notice = lock_notice(tx, seen.notice_id) if seen.notice_id is not None else None
    appointment = _locked(tx, ask)
    arrived(tx, appointment, why=f"at dock {appointment.dock}")
    if notice is not None and notice.status in ON_THE_WAY:
        announced.move(tx, notice, NoticeStatus.arrived, why=f"{appointment.number} at dock {appointment.dock}")
        notice.arrived_at = tx.now
    return _state(tx, appointment)


def finish_appointment(tx: Transaction, ask: FinishAppointment) -> AppointmentState:
    appointment = _locked(tx, ask)
    go(tx, appointment, AppointmentStatus.done, why="the dock is free")
    appointment.done_at = tx.now
    return _state(tx, appointment)


def miss_appointment(tx: Transaction, ask: MissAppointment) -> AppointmentState:
    """Raises NotMissedYet before it begins."""
    check_words("reason", ask.reason, needed=False)
    appointment = _locked(tx, ask)
    if appointment.status == AppointmentStatus.booked and appointment.starts_at > tx.now:
        goods = goods_hours(tx, need_node(tx, appointment.node))
        raise NotMissedYet(appointment.number, goods.said(appointment.starts_at))
    go(tx, appointment, AppointmentStatus.missed, why=ask.reason or "nobody came")
    return _state(tx, appointment)


def cancel_appointment(tx: Transaction, ask: CancelAppointment) -> AppointmentState:
    check_words("reason", ask.reason)
    appointment = _locked(tx, ask)
    go(tx, appointment, AppointmentStatus.cancelled, why=ask.reason)
    return _state(tx, appointment)


def call_off_order(tx: Transaction, event: PurchaseOrderCancelled) -> None:
    """Docks that were booked for a cancelled order are free. What is on a notice stands and falls with that."""
    wanted = select(Appointment.id).where(
        Appointment.purchase_id == event.purchase_id,
        Appointment.notice_id.is_(None),
        Appointment.status == AppointmentStatus.booked,
    )
    for id in tx.scalars(wanted.order_by(Appointment.id)):
        appointment = lock_appointment(tx, id)
        if appointment.status == AppointmentStatus.booked:
            go(tx, appointment, AppointmentStatus.cancelled, why=f"{event.number} was cancelled")


def _check_words(ask: BookAppointment | ChangeAppointment) -> None:
    for name in ("carrier", "note"):
        check_words(name, getattr(ask, name), needed=False)
    if ask.comes_as is not None and ask.comes_as not in COMES_AS:
        raise BadField("comes_as", ask.comes_as, f"it is one of {', '.join(COMES_AS)}, or left out")
    if ask.packages is not None and not 0 < ask.packages <= MOST_PACKAGES:
        raise BadField("packages", ask.packages, f"it is a number from 1 to {MOST_PACKAGES}, or left out")


def _order(tx: Transaction, purchase_id: UUID | None) -> PurchaseOrder | None:
    if purchase_id is None:
        return None
    order = tx.get(PurchaseOrder, purchase_id)
    if order is None:
        raise NotFound("purchase order", str(purchase_id))
    return order


def _check_for(
    tx: Transaction, node: str, notice: AdvanceNotice | None, order: PurchaseOrder | None, goods: Goods
) -> None:
    """Whether what it is for comes to this node, and has no other appointment."""
    if notice is not None:
        if notice.node != node:
            raise GoesElsewhere(notice.number, notice.node, node)
        if notice.status not in LIVE:
            raise NothingToCome(notice.number, notice.status)
        if (other := holding_of_notice(tx, notice.id)) is not None:
            at = goods.said(other.starts_at)
            raise BookedAlready(notice.number, other.number, str(other.id), other.dock, at)
        if order is not None and all(line.purchase_id != order.id for line in notice_lines(tx, notice.id)):
            raise NotOnNotice(notice.number, order.number)
    elif order is not None:
        if order.node != node:
            raise GoesElsewhere(order.number, order.node, node)
        if order.status not in RECEIVING:
            raise NotOnItsWay(order.number, order.status)


def _check_place(
    tx: Transaction, dock: Dock, span: Span, goods: Goods, *, comes_as: str | None, of: Appointment | None = None
) -> None:
    """Whether a locked dock may be given to somebody for a time. What runs already may still be taken.

    Raises DockNotInUse, DockTakesOther, BadField, SlotOver, OutsideGoodsHours, DockTaken.
    """
    if not dock.active:
        raise DockNotInUse(dock.node, dock.code)
    if not fits(dock, comes_as):
        raise DockTakesOther(dock.code, dock.takes, comes_as or "")
    if span.starts_at > tx.now + FURTHEST:
        raise BadField("starts_at", span.starts_at.isoformat(), "it is at most a year from now")
    if not timedelta() < span.ends_at - span.starts_at <= LONGEST:
        raise BadField("ends_at", span.ends_at.isoformat(), "it is after the start, and a day after it at most")
    if span.ends_at <= tx.now:
        raise SlotOver(goods.said(span.ends_at), **_next_free(tx, dock, span, goods, comes_as=comes_as, of=of))
    if not goods.takes(span):
        told = goods.told(goods.day_of(span.starts_at))
        raise OutsideGoodsHours(dock.node, told, **_next_free(tx, dock, span, goods, comes_as=comes_as, of=of))
    for busy in busy_between(tx, dock.node, span.starts_at, span.ends_at, docks=[dock.code]):
        if (of is None or busy.id != of.id) and overlap(span, busy):
            taken = f"from {_clock(goods, busy.starts_at)} to {goods.said(busy.ends_at)}"
            raise DockTaken(
                dock.code, busy.number, taken, **_next_free(tx, dock, span, goods, comes_as=comes_as, of=of)
            )


def _next_free(
    tx: Transaction, dock: Dock, span: Span, goods: Goods, *, comes_as: str | None, of: Appointment | None
) -> dict[str, Any]:
    since = max(span.starts_at, tx.now)
    until = since + LOOKED_AHEAD
    others = [d for d in docks_of(tx, dock.node) if fits(d, comes_as)]
    docks = [d.code for d in sorted(others, key=lambda d: d.code != dock.code)]
    busy = [b for b in busy_between(tx, dock.node, since, until, docks=docks) if of is None or b.id != of.id]
    length = span.ends_at - span.starts_at
    slots = free_slots(goods, docks, busy, since=since, until=until, length=length, wanted=span.starts_at)
    found: Slot | None = next(slots, None)
    if found is None:
        return {"next_free": None, "next_dock": None, "next_starts_at": None, "next_ends_at": None}
    return {
        "next_free": f"{goods.said(found.starts_at)} at dock {found.dock}",
        "next_dock": found.dock,
        "next_starts_at": _moment(found.starts_at),
        "next_ends_at": _moment(found.ends_at),
    }


def _place(goods: Goods, dock: str, span: Span) -> str:
    return f"dock {dock}, {_clock(goods, span.starts_at)} to {goods.said(span.ends_at)}"


def _clock(goods: Goods, moment: datetime) -> str:
    return f"{moment.astimezone(goods.zone):%H:%M}"


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _seen(tx: Transaction, appointment_id: UUID) -> Appointment:
    """As it was a moment ago: what it is for never changes, so that can be locked first."""
    found = tx.get(Appointment, appointment_id)
    if found is None:
        raise NotFound("appointment", str(appointment_id))
    return found


def _locked(
    tx: Transaction,
    ask: ChangeAppointment | ArriveAppointment | FinishAppointment | MissAppointment | CancelAppointment,
) -> Appointment:
    appointment = lock_appointment(tx, ask.appointment_id)
    check_version(appointment, ask.version, kind="appointment", id=appointment.number)
    return appointment


def _state(tx: Transaction, appointment: Appointment) -> AppointmentState:
    tx.flush()
    copied = ("id", "number", "node", "dock", "starts_at", "ends_at", "status", "notice_id", "purchase_id", "supplier",
              "comes_as", "packages", "carrier", "note", "version")  # fmt: skip
    return AppointmentState(
        **{name: getattr(appointment, name) for name in copied}, next=appointment_next(appointment.status)
    )
