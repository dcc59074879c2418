"""A shop whose parcels get into trouble, and short ways to say what happened to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from agents.parcels.messages import ActOnException, ExceptionState, LookAfterParcels
from agents.parcels.messages.invoices import CarrierTermsState, PutCarrierTerms
from agents.shipping.messages import RecordTracking, TrackingState
from db.orders import Order
from db.parcel_exceptions import ParcelException
from db.shipping import Label
from db.tracking import Track
from tests.returns.makers import place, ship
from tests.shop import TESTER, Shop


def a_parcel(shop: Shop, **order: Any) -> tuple[Order, Label]:
    """One that has left, with everybody told."""
    made = place(shop, **order)
    ship(shop, made)
    return made, label_of(shop, made)


def label_of(shop: Shop, order: Order) -> Label:
    with shop.db.reading() as session:
        return session.scalars(select(Label).where(Label.order_id == order.id)).one()


def scan(shop: Shop, label: Label, status: str, **more: Any) -> TrackingState:
    """Told now, of now."""
    ask = RecordTracking(tracking_number=label.tracking_number, at=shop.now, status=status, **more)
    said = shop.do("shipping", ask, TrackingState)
    shop.pump()
    return said


def the_exception(shop: Shop, order: Order) -> ParcelException | None:
    with shop.db.reading() as session:
        return session.scalars(select(ParcelException).where(ParcelException.order_id == order.id)).one_or_none()


def need(shop: Shop, order: Order) -> ParcelException:
    found = the_exception(shop, order)
    assert found is not None, "the parcel is in no trouble"
    return found


def track(shop: Shop, label: Label) -> Track:
    with shop.db.reading() as session:
        return session.get_one(Track, label.tracking_number)


def look(shop: Shop, **later: float) -> None:
    shop.later(**later)
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        tx.send("parcels", "schedule:look after parcels", LookAfterParcels())
    shop.pump()


def act(shop: Shop, exception_id: UUID, action: str, **more: Any) -> ExceptionState:
    ask = ActOnException(exception_id=exception_id, action=action, reason="as proposed", **more)
    said = shop.do("parcels", ask, ExceptionState)
    shop.pump()
    return said


def terms(shop: Shop, carrier: str, **more: Any) -> CarrierTermsState:
    ask = PutCarrierTerms(carrier=carrier, currency="EUR", **more)
    return shop.do("parcels", ask, CarrierTermsState)


def days(n: float) -> timedelta:
    return timedelta(days=n)
