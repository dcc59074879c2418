"""What a customer has bought and given back: of an order's customer, or of its e-mail where there is no account."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.customers import Customer
from db.money import half_up
from db.orders import Order, OrderLine
from db.returns import NEVER_CAME, Return, ReturnLine


class Standing(NamedTuple):
    """Returns that were asked for in a time, and of the orders of that time units sent and units of them on returns."""

    returns: int = 0
    back: int = 0
    bought: int = 0


def standing_of(session: Session, order: Order, since: datetime) -> Standing:
    """From `since` on. What comes back of older orders is no part of a share: what they sent is not counted either.

    Nothing is known of an order that names nobody.
    """
    theirs = same_customer(order)
    if theirs is None:
        return Standing()
    bought = session.scalar(
        select(func.coalesce(func.sum(OrderLine.shipped), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .where(theirs, Order.created_at >= since)
    )
    returns, back = session.execute(
        select(
            func.count(Return.id.distinct()),
            func.coalesce(func.sum(ReturnLine.quantity).filter(Order.created_at >= since), 0),
        )
        .join(Order, Order.id == Return.order_id)
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .where(theirs, Return.created_at >= since, Return.status.not_in(NEVER_CAME))
    ).one()
    return Standing(returns, int(back), int(bought or 0))


def same_customer(order: Order) -> ColumnElement[bool] | None:
    """Orders of whoever placed this one."""
    if order.customer_id is not None:
        return Order.customer_id == order.customer_id
    return Order.email == order.email if order.email else None


def class_of(session: Session, order: Order) -> str:
    """Who has no account is a standard customer."""
    found = session.scalar(select(Customer.class_).where(Customer.id == order.customer_id))
    return found or "standard"


SHOP_ORDERS = 2000
"""So many of the last orders stand for the shop: enough to know it, and few enough to read at each return."""
PRIOR_UNITS = 20
"""A rate of so many units bought weighs as much as the shop's mean."""


class ShopMean(NamedTuple):
    """Over the last orders: units sent, units of them on returns, and what a unit cost, in one currency."""

    sent: int
    back: int
    unit_value: int

    @property
    def rate_ppm(self) -> int:
        return half_up(self.back * 1_000_000, self.sent) if self.sent else 0


def shop_mean(session: Session, currency: str) -> ShopMean:
    last = (
        select(Order.id)
        .where(Order.currency == currency)
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(SHOP_ORDERS)
        .subquery()
    )
    sent, units, total = session.execute(
        select(
            func.coalesce(func.sum(OrderLine.shipped), 0),
            func.coalesce(func.sum(OrderLine.quantity), 0),
            func.coalesce(func.sum(OrderLine.total), 0),
        ).join(last, last.c.id == OrderLine.order_id)
    ).one()
    back = session.scalar(
        select(func.coalesce(func.sum(ReturnLine.quantity), 0))
        .join(Return, Return.id == ReturnLine.return_id)
        .join(last, last.c.id == ReturnLine.order_id)
        .where(Return.status.not_in(NEVER_CAME))
    )
    return ShopMean(int(sent), int(back or 0), half_up(int(total), int(units)) if units else 0)


def shrunk_ppm(back: int, bought: int, mean_ppm: int) -> int:
    """A return rate drawn towards the shop's mean: (back + k · mean) / (bought + k), with k = PRIOR_UNITS.

    It is the mean where nothing was bought, and the plain share where very much was. An empirical Bayes estimate with
    a Beta prior of k units (Casella 1985).
    """
    return min(1_000_000, half_up(back * 1_000_000 + PRIOR_UNITS * mean_ppm, bought + PRIOR_UNITS))


def item_standing(session: Session, sku: str, since: datetime) -> Standing:
    """Returns and units of a SKU over orders from `since` on."""
    bought = session.scalar(
        select(func.coalesce(func.sum(OrderLine.shipped), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.sku == sku, Order.created_at >= since)
    )
    returns, back = session.execute(
        select(func.count(Return.id.distinct()), func.coalesce(func.sum(ReturnLine.quantity), 0))
        .join(Return, Return.id == ReturnLine.return_id)
        .join(Order, Order.id == Return.order_id)
        .where(ReturnLine.sku == sku, Order.created_at >= since, Return.status.not_in(NEVER_CAME))
    ).one()
    return Standing(returns, int(back), int(bought or 0))
