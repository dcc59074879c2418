"""Shipping policies: which one an order falls under, and putting one in."""

from __future__ import annotations

from sqlalchemy import select

from agents.shipping.choosing import Weights
from agents.shipping.exploring import MOST_OF_PARCELS
from agents.shipping.messages import PolicyState, PutPolicy
from agents.shipping.refusals import BadPolicy
from db.customers import Customer
from db.money import minor_digits
from db.orders import Order
from db.session import Transaction, check_version
from db.shipping import PromiseFrom, ShippingPolicy

ANY = "*"
_SAID = (
    "channel", "customer_tag", "currency", "promise_days", "promise_from", "late_cost", "loss_ppm", "most_late_ppm",
    "forbidden", "carbon_price", "explore_ppm", "explore_budget", "rank", "active",
)  # fmt: skip


def tags_of(tx: Transaction, order: Order) -> list[str]:
    if order.customer_id is None:
        return []
    return sorted(tx.scalar(select(Customer.tags).where(Customer.id == order.customer_id)) or [])


def weights_for(tx: Transaction, order: Order, tags: list[str]) -> Weights:
    """Of the active policies that fit the order the first by rank; without one the price alone counts."""
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
        promise_from=policy.promise_from,
        late_cost=policy.late_cost,
        loss_ppm=policy.loss_ppm,
        most_late_ppm=policy.most_late_ppm,
        forbidden=list(policy.forbidden),
        carbon_price=policy.carbon_price,
        explore_ppm=policy.explore_ppm,
        explore_budget=policy.explore_budget,
    )


def put_policy(tx: Transaction, ask: PutPolicy) -> PolicyState:
    minor_digits(ask.currency)
    if min(ask.late_cost, ask.loss_ppm, ask.carbon_price, ask.explore_budget) < 0:
        raise BadPolicy("Costs of lateness, loss, carbon and trying cannot be below zero.")
    if not 0 <= ask.explore_ppm <= MOST_OF_PARCELS:
        raise BadPolicy(f"At most {MOST_OF_PARCELS / 10_000:g} % of the parcels may be tried with the second best.")
    if ask.promise_from not in set(PromiseFrom):
        raise BadPolicy(f"{ask.promise_from!r} is no start of a promise. Use one of: {', '.join(PromiseFrom)}.")
    if ask.promise_from == PromiseFrom.placed and ask.promise_days is None:
        raise BadPolicy("A day that is promised from the order on needs promise_days.")
    policy = tx.get(ShippingPolicy, ask.code, with_for_update=True, populate_existing=True)
    if policy is None:
        policy = ShippingPolicy(code=ask.code, version=0)
        tx.add(policy)
    else:
        check_version(policy, ask.version, kind="shipping policy", id=ask.code)
    for name in _SAID:
        setattr(policy, name, getattr(ask, name))
    policy.version, policy.updated_at = policy.version + 1, tx.now
    tx.flush()
    return PolicyState(code=policy.code, version=policy.version, active=policy.active)
