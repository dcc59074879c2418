"""What becomes of an appointment when something becomes of what it is for."""

from __future__ import annotations

from agents.inbound.messages.docks import AppointmentChanged
from db.advance_notices import AdvanceNotice
from db.docks import (
    APPOINTMENT_MOVES,
    Appointment,
    AppointmentStatus,
    goods_hours,
    holding_of_notice,
    lock_appointment,
)
from db.nodes import Node
from db.session import Transaction


def came(tx: Transaction, notice: AdvanceNotice, *, why: str) -> None:
    """What a locked notice announces is there: so is whoever had an appointment for it by today.

    One of a later day stays: somebody frees that dock or brings another part at it.
    """
    appointment = _holding(tx, notice)
    if appointment is None or appointment.status != AppointmentStatus.booked:
        return
    goods = goods_hours(tx, tx.get_one(Node, notice.node))
    if goods.day_of(appointment.starts_at) <= goods.day_of(tx.now):
        arrived(tx, appointment, why=why)


def called_off(tx: Transaction, notice: AdvanceNotice, *, why: str) -> None:
    """Nothing comes on a locked notice: its dock is free."""
    appointment = _holding(tx, notice)
    if appointment is not None and appointment.status == AppointmentStatus.booked:
        go(tx, appointment, AppointmentStatus.cancelled, why=why)


def arrived(tx: Transaction, appointment: Appointment, *, why: str) -> None:
    go(tx, appointment, AppointmentStatus.arrived, why=why)
    appointment.arrived_at = tx.now


def go(tx: Transaction, appointment: Appointment, to: AppointmentStatus, *, why: str) -> None:
    """Raises IllegalMove."""
    tx.move(appointment, to, moves=APPOINTMENT_MOVES, subject=f"appointment:{appointment.id}", why=why)
    appointment.updated_at = tx.now
    announce_change(tx, appointment, why=why)


def announce_change(tx: Transaction, appointment: Appointment, *, why: str) -> None:
    tx.announce(
        f"appointment:{appointment.id}",
        AppointmentChanged(
            appointment_id=appointment.id,
            number=appointment.number,
            node=appointment.node,
            dock=appointment.dock,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            status=appointment.status,
            why=why,
        ),
    )


def _holding(tx: Transaction, notice: AdvanceNotice) -> Appointment | None:
    found = holding_of_notice(tx, notice.id)
    return lock_appointment(tx, found.id) if found is not None else None
