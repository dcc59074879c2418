"""All offers for a parcel, scored under the policy that fits its order, and the choice among them."""

from __future__ import annotations

from datetime import UTC
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select

from agents.shipping.choosing import Asked, Choice, Goods, Weights, choose, is_po_box, offers_of
from agents.shipping.learning import latest
from agents.shipping.messages import Offer, OffersState, PolicyState, PutPolicy
from agents.shipping.pricing import Consignment
from agents.shipping.rating import valid_tariffs
from agents.shipping.refusals import BadPolicy
from agents.shipping.rules import destination
from db.base import uuid7
from db.catalog import Variant
from db.customers import Customer
from db.fulfilment import Parcel, ParcelLine
from db.money import minor_digits
from db.nodes import Node
from db.orders import Order, OrderLine
from db.session import Transaction, check_version
from db.shipping import CarrierChoice, ShippingPolicy
from db.stock import Allocation

ANY = "*"


class Compared(NamedTuple):
    offers: list[Offer]
    choice: Choice | None
    weights: Weights
    model_id: UUID | None
    parcel: Consignment


def compare(tx: Transaction, parcel: Parcel, order: Order, asked: Asked) -> Compared:
    weights, sent = weights_for(tx, order), consignment(tx, parcel, order)
    model_id, known = latest(tx)
    offers = offers_of(
        valid_tariffs(tx, tx.now),
        sent,
        _goods(tx, parcel, order),
        po_box=is_po_box(order.shipping_address),
        weights=weights,
        asked=asked,
        known=known,
    )
    choice = choose(offers, currency=order.currency, price_alone=weights.is_price_alone)
    return Compared(offers, choice, weights, model_id, sent)


def shown(parcel_id: UUID, found: Compared) -> OffersState:
    return OffersState(
        parcel_id=parcel_id,
        policy=found.weights.code or None,
        chosen=found.choice.offer.name if found.choice else None,
        why=found.choice.why if found.choice else "no service takes this parcel",
        offers=found.offers,
    )


def remember(tx: Transaction, parcel: Parcel, found: Compared) -> UUID:
    """Every offer, chance and reason as they were at this moment. What can name a person is not among them."""
    kept = CarrierChoice(
        id=uuid7(),
        parcel_id=parcel.id,
        order_id=parcel.order_id,
        at=tx.now,
        weight_grams=found.parcel.weight_grams,
        country=found.parcel.country,
        policy=msgspec.to_builtins(found.weights),
        model_id=found.model_id,
        offers=[msgspec.to_builtins(offer) | {"name": offer.name} for offer in found.offers],
        chosen=found.choice.offer.name if found.choice else None,
        why=found.choice.why if found.choice else "no service takes this parcel",
    )
    tx.add(kept)
    tx.flush()
    return kept.id


def consignment(tx: Transaction, parcel: Parcel, order: Order) -> Consignment:
    """The parcel as carriers price it. An address that names a company is not residential."""
    node, to = tx.get(Node, parcel.node), order.shipping_address
    zone = ZoneInfo(node.time_zone) if node else UTC
    return Consignment(
        weight_grams=parcel.weight_grams,
        country=destination(to),
        on=tx.now.astimezone(zone).date(),
        postcode=str(to.get("postcode") or ""),
        origin=parcel.node,
        residential=not to.get("company"),
        sides_mm=(parcel.length_mm, parcel.width_mm, parcel.height_mm),
    )


def _goods(tx: Transaction, parcel: Parcel, order: Order) -> Goods:
    """A line in the parcel is worth its units there, and a kit's at most what was ordered of it."""
    rows = tx.execute(
        select(OrderLine.line_no, OrderLine.unit_amount, OrderLine.quantity, func.max(ParcelLine.quantity))
        .join(Allocation, Allocation.id == ParcelLine.allocation_id)
        .join(OrderLine, (OrderLine.order_id == Allocation.order_id) & (OrderLine.line_no == Allocation.line_no))
        .where(ParcelLine.parcel_id == parcel.id)
        .group_by(OrderLine.line_no, OrderLine.unit_amount, OrderLine.quantity)
    ).all()
    hazmat = tx.scalar(
        select(func.bool_or(Variant.hazmat))
        .join(ParcelLine, ParcelLine.sku == Variant.sku)
        .where(ParcelLine.parcel_id == parcel.id)
    )
    value = sum(amount * min(ordered, here) for _, amount, ordered, here in rows)
    return Goods(value=value, currency=order.currency, hazmat=bool(hazmat))


def weights_for(tx: Transaction, order: Order) -> Weights:
    """Of the active policies that fit the order the first by rank; without one the price alone counts."""
    tags: list[str] = []
    if order.customer_id is not None:
        tags = list(tx.scalar(select(Customer.tags).where(Customer.id == order.customer_id)) or [])
    policy = tx.scalars(
        select(ShippingPolicy)
        .where(
            ShippingPolicy.active,
            ShippingPolicy.channel.in_([ANY, order.channel]),
            ShippingPolicy.customer_tag.in_([ANY, *tags]),
        )
        .order_by(ShippingPolicy.rank, ShippingPolicy.code)
        .limit(1)
    ).one_or_none()
    if policy is None:
        return Weights()
    return Weights(
        code=policy.code,
        currency=policy.currency,
        promise_days=policy.promise_days,
        late_cost=policy.late_cost,
        loss_ppm=policy.loss_ppm,
        most_late_ppm=policy.most_late_ppm,
        forbidden=list(policy.forbidden),
    )


def put_policy(tx: Transaction, ask: PutPolicy) -> PolicyState:
    minor_digits(ask.currency)
    if ask.late_cost < 0 or ask.loss_ppm < 0:
        raise BadPolicy("Costs of lateness and loss cannot be below zero.")
    policy = tx.get(ShippingPolicy, ask.code, with_for_update=True, populate_existing=True)
    if policy is None:
        policy = ShippingPolicy(code=ask.code, version=0)
        tx.add(policy)
    else:
        check_version(policy, ask.version, kind="shipping policy", id=ask.code)
    for name in ("channel", "customer_tag", "currency", "promise_days", "late_cost", "loss_ppm", "most_late_ppm",
                 "forbidden", "rank", "active"):  # fmt: skip
        setattr(policy, name, getattr(ask, name))
    policy.version, policy.updated_at = policy.version + 1, tx.now
    tx.flush()
    return PolicyState(code=policy.code, version=policy.version, active=policy.active)
