"""What became of every parcel that left with a label: what was foreseen of it, when it was due, when it came.

Days are counted as carriers do, from the day of the hand-over (UTC) to the day at the door. Nothing here is a table.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Date, DateTime, Integer, Text, and_, case, cast, func, literal, select, type_coerce

from db.fulfilment import Fulfilment, Parcel
from db.orders import Order
from db.shipping import CarrierChoice, Label, LabelState, RateCard, TrackingEvent
from db.tracking import TrackingStatus

LOST_AFTER = timedelta(days=30)  # after bad news without another word
TROUBLED = (TrackingStatus.on_hold, TrackingStatus.delivery_failed, TrackingStatus.delivery_delayed)


class Came(StrEnum):
    """How a parcel came, as far as is known now."""

    in_time = "in_time"
    late = "late"
    overdue = "overdue"  # it has not come, and its day is over: late whenever it comes
    on_its_way = "on_its_way"


JUDGED = (Came.in_time, Came.late, Came.overdue)
"""Of these it is known whether they were late."""

_arrived = func.coalesce(
    select(func.min(TrackingEvent.at))
    .where(TrackingEvent.tracking_number == Label.tracking_number, TrackingEvent.status == "delivered")
    .scalar_subquery(),
    Fulfilment.delivered_at,
)
_silent_since = (
    select(case((TrackingEvent.status.in_([s.value for s in TROUBLED]), TrackingEvent.at)))
    .where(TrackingEvent.tracking_number == Label.tracking_number)
    .order_by(TrackingEvent.at.desc(), TrackingEvent.id.desc())
    .limit(1)
    .scalar_subquery()
)
_quoted = (
    select(RateCard.transit_days)
    .where(
        RateCard.carrier == Label.carrier,
        RateCard.service == Label.service,
        RateCard.valid_from <= Label.created_at,
    )
    .order_by(RateCard.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)

_rows = (
    select(
        Label.id.label("label_id"),
        Label.parcel_id,
        Label.order_id,
        Label.choice_id,
        Label.carrier,
        Label.service,
        Label.amount,
        Label.currency,
        Label.tracking_number,
        type_coerce(Parcel.node, Text).label("node"),
        Parcel.weight_grams,
        func.coalesce(Order.shipping_address["country"].astext, "*").label("country"),
        Fulfilment.shipped_at.label("sent_at"),
        cast(func.timezone("UTC", Fulfilment.shipped_at), Date).label("sent_on"),
        _arrived.label("arrived_at"),
        _silent_since.label("silent_since"),
        func.coalesce(CarrierChoice.due_days, _quoted).label("due_days"),
        CarrierChoice.late_ppm,
        CarrierChoice.promises,
        CarrierChoice.co2_grams,
        CarrierChoice.explored.is_not(None).label("explored"),
    )
    .join(Parcel, Parcel.id == Label.parcel_id)
    .join(Fulfilment, Fulfilment.id == Parcel.fulfilment_id)
    .join(Order, Order.id == Label.order_id)
    .outerjoin(CarrierChoice, CarrierChoice.id == Label.choice_id)
    .where(Label.state == LabelState.live, Fulfilment.shipped_at.is_not(None))
    .subquery()
)
_here = _rows.c.arrived_at.is_not(None)
_took = cast(func.timezone("UTC", _rows.c.arrived_at), Date) - _rows.c.sent_on
_days = type_coerce(func.greatest(type_coerce(_took, Integer), 0), Integer)
_due_on = cast(_rows.c.sent_on + _rows.c.due_days, Date)
_over = cast(func.timezone("UTC", cast(_due_on + 1, DateTime())), DateTime(timezone=True))

PARCELS = select(
    *_rows.c,
    _due_on.label("due_on"),
    _over.label("late_from"),
    case((_here, _days)).label("days"),
    case(
        (and_(_here, _days > _rows.c.due_days), literal(Came.late.value, Text)),
        (_here, literal(Came.in_time.value, Text)),
        (_over <= func.now(), literal(Came.overdue.value, Text)),
        else_=literal(Came.on_its_way.value, Text),
    ).label("came"),
    and_(~_here, func.coalesce(_rows.c.silent_since < func.now() - LOST_AFTER, False)).label("lost"),
    *(
        case((_here, _days <= _rows.c.promises[place])).label(f"kept_{of}")
        for place, of in enumerate((50, 80, 90, 95), 1)
    ),
).subquery()
"""One row a parcel. `late_from` is the moment from which it is late. `kept_50` and so on: whether it came by the day
that was told to be kept in 50 of 100; null is not known."""
