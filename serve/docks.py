"""Docks of a node, when goods are taken in there, and appointments, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, create_model
from pydantic import Field as Described
from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from agents.inbound.messages.docks import (
    AppointmentState,
    ArriveAppointment,
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    DockHoursState,
    DockState,
    FinishAppointment,
    MissAppointment,
    PutDock,
    PutDockHours,
)
from db.advance_notices import ON_THE_WAY, AdvanceNotice
from db.dock_slots import Goods
from db.docks import Appointment, AppointmentStatus, Dock, DockHours, Takes, appointment_next, goods_hours
from db.errors import NotFound
from db.nodes import Node
from db.purchasing import PurchaseOrder
from db.runtime import Transition
from serve.advance_notices import NoticeMove
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing, Row
from serve.requests import json_answer, sending, version_of
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import (
    Ask,
    Clock,
    Code,
    Flag,
    Moment,
    Name,
    Quantity,
    QuantityOrNone,
    Reason,
    Reference,
    Version,
    answer_shape,
    message,
)

routes = Routes("purchasing")
Booked = answer_shape(AppointmentState)

DOCKS = Listing(
    "Dock",
    Dock,
    fields(Dock, "node code name takes sequence active version updated_at", takes=Takes),
    sortable=("node", "sequence", "code", "name"),
    sort="node,sequence",
    key=("node", "code"),
)


def _of_notice(column: object) -> object:
    found = select(column).where(AdvanceNotice.id == Appointment.notice_id)  # type: ignore[call-overload]
    return found.correlate(Appointment).scalar_subquery()


_MINUTES_LATE = (
    select(
        case(
            (
                AdvanceNotice.expected_at > Appointment.ends_at,
                cast(func.extract("epoch", AdvanceNotice.expected_at - Appointment.ends_at) / 60, Integer),
            )
        )
    )
    .where(AdvanceNotice.id == Appointment.notice_id, AdvanceNotice.status.in_(ON_THE_WAY))
    .where(Appointment.status == AppointmentStatus.booked)
    .correlate(Appointment)
    .scalar_subquery()
)
_ORDER = select(PurchaseOrder.number).where(PurchaseOrder.id == Appointment.purchase_id)


def with_next(row: Row) -> Row:
    return {**row, "next": appointment_next(row["status"])}


APPOINTMENTS = Listing(
    "Appointment",
    Appointment,
    {
        **fields(
            Appointment,
            "id number node dock starts_at ends_at status notice_id purchase_id supplier comes_as packages carrier "
            "note booked_by booked_at arrived_at done_at version updated_at",
            status=AppointmentStatus,
            comes_as=Takes,
        ),
        "notice": field(_of_notice(AdvanceNotice.number), nullable=True),
        "purchase": field(_ORDER.correlate(Appointment).scalar_subquery(), nullable=True),
        "expected_at": field(_of_notice(AdvanceNotice.expected_at), nullable=True),
        "late_minutes": field(_MINUTES_LATE, nullable=True),
    },
    sortable=("starts_at", "number", "node", "dock", "status", "updated_at"),
    sort="-starts_at",
    key=("id",),
    finish=with_next,
    more={"next": (list[str], ...)},
)
AppointmentRow = APPOINTMENTS.row_shape()
AppointmentDetail = create_model("AppointmentDetail", __base__=AppointmentRow, history=(list[NoticeMove], ...))

Minutes = Annotated[int, Described(strict=True, ge=5, le=480)]


class DockBody(Ask):
    name: Name = Described(examples=["Ramp 1"])
    takes: Takes = Described(Takes.anything, description="What may arrive there")
    sequence: QuantityOrNone = Described(0, description="Place in the calendar")
    active: Flag = True
    version: Version | None = None


class DockHoursBody(Ask):
    hours: list[list[tuple[Clock, Clock]]] = Described(
        min_length=7,
        max_length=7,
        description="Of each day of the week from Monday, in the node's own zone; 24:00 is the end of a day",
        examples=[[[["08:00", "12:00"], ["13:00", "17:00"]], [], [], [], [], [], []]],
    )
    slot_minutes: Minutes = 60
    version: Version | None = None


class DockHoursNow(BaseModel):
    """`is_usual`: nobody has said any, so these hold, on the days on which the node is open."""

    node: str
    time_zone: str
    hours: list[list[list[str]]]
    slot_minutes: int
    closed_dates: list[str]
    is_usual: bool
    version: int | None


class NewAppointment(Ask):
    node: Code
    dock: Code
    starts_at: Moment
    ends_at: Moment | None = Described(None, description="Without one it takes one slot of the node")
    notice_id: UUID | None = Described(None, description="The notice that comes; it has one appointment at once")
    purchase_id: UUID | None = Described(None, description="The order that comes, where nothing was announced")
    comes_as: Takes | None = Described(None, description="pallets or parcels, where somebody has said so")
    packages: Quantity | None = Described(None, description="How many of them")
    carrier: Reference | None = None
    note: Reason | None = None


class AppointmentChange(Ask):
    """What is left out stays as it is; a new start alone keeps how long it takes."""

    dock: Code | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    comes_as: Takes | None = None
    packages: Quantity | None = None
    carrier: Reference | None = None
    note: Reason | None = None
    reason: Reason | None = None
    version: Version | None = None


class AppointmentVersion(Ask):
    version: Version | None = None


class AppointmentMissed(Ask):
    reason: Reason | None = None
    version: Version | None = None


class AppointmentEnd(Ask):
    reason: Reason
    version: Version | None = None


@routes.get("/docks", access=Scope.read_purchasing, answer=DOCKS.list_shape(DOCKS.row_shape()),
            extra=DOCKS.operation())  # fmt: skip
def list_docks(request: Request) -> Response:
    """List docks of all nodes."""
    return DOCKS.answer(request)


@routes.put("/nodes/{node}/docks/{code}", access=Scope.write_settings, answer=answer_shape(DockState))
async def put_dock(request: Request, node: Code, code: Code, body: DockBody) -> Response:
    """Create or change a dock. One that is booked is not closed."""
    asked = message(PutDock, body, node=node, code=code, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, DockState, partition=node)


@routes.get("/nodes/{node}/dock-hours", access=Scope.read_purchasing, answer=DockHoursNow)
def read_dock_hours(request: Request, node: Code) -> Response:
    """Show when a node takes goods in, of each day of the week, and on which dates it does not."""
    with edge_of(request).database.reading() as session:
        place, goods = goods_of(session, node)
        kept = session.get(DockHours, node)
        return json_answer({
            "node": node,
            "time_zone": place.time_zone,
            "hours": goods.hours,
            "slot_minutes": int(goods.slot.total_seconds() // 60),
            "closed_dates": sorted(goods.closed),
            "is_usual": goods.is_usual,
            "version": kept.version if kept else None,
        })  # fmt: skip


def goods_of(session: Session, node: str) -> tuple[Node, Goods]:
    """A node and its hours. Raises NotFound."""
    place = session.get(Node, node)
    if place is None:
        raise NotFound("node", node)
    return place, goods_hours(session, place)


@routes.put("/nodes/{node}/dock-hours", access=Scope.write_settings, answer=answer_shape(DockHoursState))
async def put_dock_hours(request: Request, node: Code, body: DockHoursBody) -> Response:
    """Say when a node takes goods in. What is booked already stays where it is."""
    asked = message(PutDockHours, body, node=node, version=version_of(request, body.version))
    return await sending(request, "inbound", asked, DockHoursState, partition=node)


@routes.get("/appointments", access=Scope.read_purchasing, answer=APPOINTMENTS.list_shape(AppointmentRow),
            extra=APPOINTMENTS.operation())  # fmt: skip
def list_appointments(request: Request) -> Response:
    """List appointments at docks, the last first. `late_minutes`: a notice is expected so long after its slot."""
    return APPOINTMENTS.answer(request)


@routes.post("/appointments", access=Scope.write_stock, answer=Booked, status=201)
async def book_appointment(request: Request, body: NewAppointment) -> Response:
    """Book a dock: for a notice, an order, or for what comes without either. A refusal names the next free slot."""
    asked = message(BookAppointment, body)
    return await sending(request, "inbound", asked, AppointmentState, partition=body.node, status=201)


@routes.get("/appointments/{appointment_id}", access=Scope.read_purchasing, answer=AppointmentDetail)
def read_appointment(request: Request, appointment_id: UUID) -> Response:
    """Show an appointment with its history, the latest first; a move has the same status before and after."""
    with edge_of(request).database.reading() as session:
        row = APPOINTMENTS.one(session, Appointment.id == appointment_id)
        if row is None:
            raise NotFound("appointment", str(appointment_id))
        columns = (getattr(Transition, name) for name in NoticeMove.model_fields)
        wanted = select(*columns).where(Transition.subject == f"appointment:{appointment_id}")
        history = [dict(r) for r in session.execute(wanted.order_by(Transition.id.desc())).mappings()]
        return json_answer(row | {"history": history})


@routes.post("/appointments/{appointment_id}/change", access=Scope.write_stock, answer=Booked)
async def change_appointment(request: Request, appointment_id: UUID, body: AppointmentChange) -> Response:
    """Give an appointment another dock or time, or say more of it. One that was missed is booked again by that."""
    version = version_of(request, body.version)
    asked = message(ChangeAppointment, body, appointment_id=appointment_id, version=version)
    return await sending(request, "inbound", asked, AppointmentState, partition=str(appointment_id))


@routes.post("/appointments/{appointment_id}/arrive", access=Scope.write_stock, answer=Booked)
async def arrive_appointment(request: Request, appointment_id: UUID, body: AppointmentVersion) -> Response:
    """Say that it stands at the dock; its notice is at the node by that."""
    version = version_of(request, body.version)
    asked = message(ArriveAppointment, body, appointment_id=appointment_id, version=version)
    return await sending(request, "inbound", asked, AppointmentState, partition=str(appointment_id))


@routes.post("/appointments/{appointment_id}/finish", access=Scope.write_stock, answer=Booked)
async def finish_appointment(request: Request, appointment_id: UUID, body: AppointmentVersion) -> Response:
    """Say that it has left the dock, which is free by that."""
    version = version_of(request, body.version)
    asked = message(FinishAppointment, body, appointment_id=appointment_id, version=version)
    return await sending(request, "inbound", asked, AppointmentState, partition=str(appointment_id))


@routes.post("/appointments/{appointment_id}/miss", access=Scope.write_stock, answer=Booked)
async def miss_appointment(request: Request, appointment_id: UUID, body: AppointmentMissed) -> Response:
    """Say that nobody came, once its time has begun. The dock is free by that."""
    version = version_of(request, body.version)
    asked = message(MissAppointment, body, appointment_id=appointment_id, version=version)
    return await sending(request, "inbound", asked, AppointmentState, partition=str(appointment_id))


@routes.post("/appointments/{appointment_id}/cancel", access=Scope.write_stock, answer=Booked)
async def cancel_appointment(request: Request, appointment_id: UUID, body: AppointmentEnd) -> Response:
    """Cancel an appointment before anybody came."""
    version = version_of(request, body.version)
    asked = message(CancelAppointment, body, appointment_id=appointment_id, version=version)
    return await sending(request, "inbound", asked, AppointmentState, partition=str(appointment_id))
