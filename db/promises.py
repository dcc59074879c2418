"""What suppliers promised of each line that was sent to them, and what had come of it by then.

A promise is a day at the node where the goods go: whatever comes before that day is over is in time. Nothing here
depends on today, so that a line is told the same whenever it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, Integer, Text, case, cast, func, join, select, true

from db.inbound import Receipt, ReceiptLine, ReceiptStatus
from db.inspection import Inspection, InspectionStatus
from db.nodes import Node
from db.purchasing import PurchaseLine, PurchaseOrder, PurchaseStatus


class Timing(StrEnum):
    early = "early"  # all that came had come before the promised day
    on_day = "on_day"
    late = "late"  # some of what was ordered came after it
    outstanding = "outstanding"  # some of it is still to come
    missed = "missed"  # given up before anything came
    cancelled = "cancelled"  # by us: says nothing of the supplier


ON_TIME = (Timing.early, Timing.on_day)
JUDGED = (*ON_TIME, Timing.late, Timing.outstanding, Timing.missed)

_line, _order = PurchaseLine, PurchaseOrder
_first: ColumnElement[Any] = _line.first_promised_at.expression
WAS_SENT = _order.sent_at.is_not(None)


def _day(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.timezone(Node.time_zone, moment), Date)


def _units(*when: ColumnElement[bool]) -> ColumnElement[Any]:
    units = func.coalesce(func.sum(ReceiptLine.quantity).filter(*when), 0)
    return func.least(cast(units, Integer), _line.ordered, type_=Integer)


_came_on = _day(Receipt.received_at.expression)
_came = (
    select(
        _units(true()).label("ever"),
        _units(_came_on <= _day(_line.expected_at.expression)).label("in_time"),
        _units(_came_on < _day(_line.expected_at.expression)).label("before"),
        _units(_came_on <= _day(_first)).label("first_in_time"),
        _units(_came_on < _day(_first)).label("first_before"),
    )
    .select_from(join(Receipt, ReceiptLine, ReceiptLine.receipt_id == Receipt.id))
    .where(Receipt.purchase_id == _line.purchase_id, ReceiptLine.purchase_line == _line.line_no)
    .where(Receipt.status == ReceiptStatus.booked)
    .correlate(_line, Node)
    .lateral("came")
)

PROMISES = (
    join(_line, _order, _order.id == _line.purchase_id)
    .join(Node, Node.code == _order.node)
    .outerjoin(_came, true())  # outer: whoever only counts lines then adds no units up
)


@dataclass(frozen=True)
class Promise:
    """One of the two dates that a line is held against. Units count up to what was ordered."""

    at: ColumnElement[Any]
    in_time: ColumnElement[Any]
    timing: ColumnElement[Any]
    otif: ColumnElement[Any]


def _promise(at: ColumnElement[Any], in_time: ColumnElement[Any], before: ColumnElement[Any]) -> Promise:
    timing = case(
        (_order.status == PurchaseStatus.cancelled, Timing.cancelled.value),
        (at.is_(None), None),
        (_line.ordered > _line.received + _line.closed_short, Timing.outstanding.value),
        (_came.c.ever == 0, Timing.missed.value),
        (in_time < _came.c.ever, Timing.late.value),
        (before < _came.c.ever, Timing.on_day.value),
        else_=Timing.early.value,
    )
    return Promise(at, in_time, cast(timing, Text), cast(in_time >= _line.ordered, Boolean))


CONFIRMED = _promise(_line.expected_at.expression, _came.c.in_time, _came.c.before)
FIRST = _promise(_first, _came.c.first_in_time, _came.c.first_before)


def units_of_receipt() -> ColumnElement[Any]:
    """Units of a listed receipt, whatever their condition."""
    units = select(func.sum(ReceiptLine.quantity)).where(ReceiptLine.receipt_id == Receipt.id)
    return cast(func.coalesce(units.correlate(Receipt).scalar_subquery(), 0), Integer)


def rejected_of_receipt() -> ColumnElement[Any]:
    """Units of a listed receipt that were damaged, wrong or rejected when first looked at; rework is not looked at."""
    units = (
        select(func.sum(Inspection.rejected))
        .where(Inspection.receipt_id == Receipt.id, Inspection.parent_id.is_(None))
        .where(Inspection.status != InspectionStatus.cancelled)
    )
    return cast(func.coalesce(units.correlate(Receipt).scalar_subquery(), 0), Integer)
