"""What carriers did with our parcels, read, learned from and kept; and the latest of it for who chooses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from db.base import uuid7
from db.carrier_parcels import LOST_AFTER, TROUBLED
from db.fulfilment import Fulfilment, Parcel
from db.orders import Order
from db.session import Transaction
from db.shipping import Label, LabelState, RateCard, TrackingEvent, TransitModel
from ml.carriers.forecasts import Forecasts, Sent, from_plain, learn_from, promised, to_plain

MOST_PARCELS = 20_000  # the latest
KEPT_MODELS = 30

_latest: dict[UUID, Forecasts] = {}


def sent_parcels(session: Session, now: datetime) -> list[Sent]:
    """Parcels that left, with when they arrived. Services that were never seen to deliver anything are left out: their
    carriers do not tell, and waiting for them says nothing."""
    arrived = (
        select(TrackingEvent.tracking_number, func.min(TrackingEvent.at).label("at"))
        .where(TrackingEvent.status == "delivered")
        .group_by(TrackingEvent.tracking_number)
        .subquery()
    )
    last = (
        select(TrackingEvent.tracking_number, TrackingEvent.status, TrackingEvent.at)
        .ext(distinct_on(TrackingEvent.tracking_number))
        .order_by(TrackingEvent.tracking_number, TrackingEvent.at.desc(), TrackingEvent.id.desc())
        .subquery()
    )
    rows = session.execute(
        select(
            Label.carrier, Label.service, Parcel.node, Order.shipping_address["country"].astext, Fulfilment.shipped_at,
            func.coalesce(arrived.c.at, Fulfilment.delivered_at), last.c.status, last.c.at,
        )
        .join(Parcel, Parcel.id == Label.parcel_id)
        .join(Fulfilment, Fulfilment.id == Parcel.fulfilment_id)
        .join(Order, Order.id == Label.order_id)
        .outerjoin(arrived, arrived.c.tracking_number == Label.tracking_number)
        .outerjoin(last, last.c.tracking_number == Label.tracking_number)
        .where(Label.state == LabelState.live, Fulfilment.shipped_at.is_not(None))
        .order_by(Fulfilment.shipped_at.desc())
        .limit(MOST_PARCELS)
    ).all()  # fmt: skip
    tells = {(r[0], r[1]) for r in rows if r[5] is not None}
    found = []
    for carrier, service, node, country, left, came, status, told_at in rows:
        if (carrier, service) not in tells:
            continue
        silent = status in TROUBLED and now - told_at > LOST_AFTER
        found.append(
            Sent(
                f"{carrier} {service}",
                country or "*",
                node,
                left.weekday(),
                (now - left).days,
                max(((came or now).date() - left.date()).days, 0),
                came is not None,
                lost=came is None and silent,
                month=left.month,
            )
        )
    return found


def quoted_days(session: Session, now: datetime) -> dict[str, int]:
    """What the card of each service says that is valid now."""
    cards = session.scalars(select(RateCard).where(RateCard.valid_from <= now).order_by(RateCard.valid_from))
    return {f"{card.carrier} {card.service}": card.transit_days for card in cards}


def learn_now(session: Session, now: datetime) -> tuple[Forecasts, int]:
    sent = sent_parcels(session, now)
    return learn_from(sent, quoted_days(session, now)), len(sent)


def keep(tx: Transaction, found: Forecasts, parcels: int) -> None:
    """The newest first; the choices made by older ones have their chances written on them."""
    tx.add(TransitModel(id=uuid7(), learned_at=tx.now, parcels=parcels, body=to_plain(found) | promised(found)))
    tx.flush()
    old = select(TransitModel).order_by(TransitModel.learned_at.desc(), TransitModel.id.desc()).offset(KEPT_MODELS)
    for model in tx.scalars(old):
        tx.delete(model)


def latest(tx: Transaction) -> tuple[UUID | None, Forecasts | None]:
    """What was learned last; read once in a process."""
    model_id = tx.scalar(
        select(TransitModel.id).order_by(TransitModel.learned_at.desc(), TransitModel.id.desc()).limit(1)
    )
    if model_id is None:
        return None, None
    if model_id not in _latest:
        _latest.clear()
        _latest[model_id] = from_plain(tx.get_one(TransitModel, model_id).body)
    return model_id, _latest[model_id]
