"""All offers for a parcel, judged under the policy and the rules that fit its order, and the choice among them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select

from agents.shipping.calendars import collections_at
from agents.shipping.carrier_rules import CarrierRules, weighed
from agents.shipping.choosing import CARD, Asked, Choice, Goods, Way, Weights, is_po_box, offers_of
from agents.shipping.deciding import Decided, Room, decide, without_asking
from agents.shipping.exploring import share_of
from agents.shipping.learning import latest
from agents.shipping.leaving import Calendar, distance
from agents.shipping.messages import CarrierAnswer, Offer, OffersState
from agents.shipping.messages.choosing import Facts, RuleThatFits
from agents.shipping.policies import tags_of, weights_for
from agents.shipping.pricing import Consignment
from agents.shipping.quotes import Quoted, accounts_for, answers, digest_of, missing, quoted
from agents.shipping.rating import valid_tariffs
from agents.shipping.rule_sets import in_force
from agents.shipping.rules import destination
from db.base import uuid7
from db.catalog import Variant
from db.fulfilment import Parcel, ParcelLine
from db.money import format_money, rate_of
from db.nodes import Node
from db.orders import Order, OrderLine
from db.session import Transaction
from db.shipping import CarrierChoice, PromiseFrom
from db.stock import Allocation

NOTHING = "no service takes this parcel"


class Compared(NamedTuple):
    """What was found, and all that it was found from."""

    decided: Decided
    policy: Weights
    model_id: UUID | None
    facts: Facts
    rules: CarrierRules
    fitting: list[RuleThatFits]
    answers: list[CarrierAnswer]
    quoted: dict[str, Quoted]  # by `account carrier service`, as `bought_from` names it

    @property
    def offers(self) -> list[Offer]:
        return self.decided.offers

    @property
    def choice(self) -> Choice | None:
        return self.decided.choice

    @property
    def rate(self) -> Quoted | None:
        """The chosen rate of a carrier that was asked; None: of a rate card, or nothing was chosen."""
        return self.quoted.get(bought_from(self.choice.offer)) if self.choice else None


def bought_from(offer: Offer) -> str:
    return f"{offer.account or ''} {offer.name}"


def compare(
    tx: Transaction,
    parcel: Parcel,
    order: Order,
    asked: Asked,
    *,
    by: str = "",
    not_sold: Mapping[str, str] = MappingProxyType({}),
    stays: Held | None = None,
) -> Compared:
    """`asked` is what a person (`by`) named; what would have been chosen otherwise is said beside it. `not_sold` are
    what was tried in vain, by `bought_from`, and why; `stays` is what was chosen before its price ran out: it is kept
    while the new price is within the account's tolerance."""
    tags = tags_of(tx, order)
    policy, sent = weights_for(tx, order, tags), consignment(tx, parcel, order)
    node, goods = tx.get(Node, parcel.node), goods_in(tx, parcel, order)
    way = _way(tx, node, order, policy)
    facts = _facts(order, sent, goods, tags, way)
    rules = in_force(tx)
    fitting = rules.fitting(facts)
    weights = weighed(policy, fitting, order.currency)
    model_id, known = latest(tx)
    accounts = accounts_for(tx, parcel.node, asked)
    digest = digest_of(parcel, order)
    rates = quoted(tx, parcel.id, accounts, tx.now, digest)
    tariffs = valid_tariffs(tx, tx.now)
    named = {q.quote.tariff.id: q for q in rates}
    ruled_out = {t.id: not_sold[f" {t.name}"] for t in tariffs if f" {t.name}" in not_sold}
    ruled_out |= {i: not_sold[name] for i, q in named.items() if (name := f"{q.account} {q.rate.name}") in not_sold}
    offers = offers_of(
        tariffs,
        sent,
        goods,
        po_box=is_po_box(order.shipping_address),
        weights=weights,
        asked=asked,
        known=known,
        way=way,
        quotes=[q.quote for q in rates],
        ruled_out=ruled_out,
    )
    offers = [_said_by(offer, named) for offer in offers]
    if stays is not None:
        offers = kept(offers, stays)
    room = Room() if asked.carrier or asked.service else _room(tx, parcel, weights)
    decided = decide(offers, facts, weights, fitting, number=rules.number, room=room)
    if asked.carrier or asked.service:
        otherwise = decide(without_asking(offers), facts, weights, fitting, number=rules.number)
        decided = _as_asked(decided, otherwise, asked, by)
    answered = answers(tx, parcel.id, accounts, tx.now, digest)
    decided = _without(decided, missing(answered))
    by_name = {f"{q.account} {q.rate.name}": q for q in rates}
    return Compared(decided, policy, model_id, facts, rules, fitting, answered, by_name)


def _without(decided: Decided, silent: list[str]) -> Decided:
    """The choice says which carriers it was made without."""
    if decided.choice is None or not silent:
        return decided
    why = f"{decided.choice.why}; decided without: {' '.join(silent)}"
    return Decided(decided.offers, Choice(decided.choice.offer, why), decided.explored)


class Held(NamedTuple):
    """What was chosen at a price that holds no more, and by how much the new one may be higher."""

    offer: str  # as `bought_from` names it
    amount: int
    currency: str
    tolerance_ppm: int


def kept(offers: list[Offer], stays: Held) -> list[Offer]:
    """The offers with all others ruled out, if the one that was chosen is still there at nearly its price. Pure."""
    again = next((o for o in offers if bought_from(o) == stays.offer and o.refused is None), None)
    most = stays.amount + rate_of(stays.amount, stays.tolerance_ppm)
    if again is None or again.currency != stays.currency or again.amount > most:
        return offers
    now, before = format_money(again.amount, again.currency), format_money(stays.amount, stays.currency)
    why = f"{again.name} was chosen before; its rate of {before} ran out and {now} is within what it may rise"
    return [o if o is again or o.refused else msgspec.structs.replace(o, refused=why, refused_by=CARD) for o in offers]


def _said_by(offer: Offer, named: Mapping[UUID, Quoted]) -> Offer:
    """An offer of a carrier that was asked names its account instead of a rate card."""
    asked = named.get(offer.rate_card_id) if offer.rate_card_id else None
    if asked is None:
        return offer
    return msgspec.structs.replace(
        offer, rate_card_id=None, account=asked.account, quoted_at=asked.at, expires_at=asked.expires_at,
        zone=None, billed_grams=None,
    )  # fmt: skip


def _as_asked(decided: Decided, otherwise: Decided, asked: Asked, by: str) -> Decided:
    """The choice of a person, with their reason and what it was chosen against."""
    if decided.choice is None:
        return decided
    offer = decided.choice.offer
    told = f"asked for by {by}" if by else "asked for"
    if asked.reason:
        told += f": {asked.reason}"
    if otherwise.choice is not None and otherwise.choice.offer.name != offer.name:
        told += f"; else {otherwise.choice.why}"
    return Decided(decided.offers, Choice(offer, f"{decided.choice.why} ({told})"))


def shown(parcel_id: UUID, found: Compared) -> OffersState:
    return OffersState(
        parcel_id=parcel_id,
        policy=found.policy.code or None,
        chosen=found.choice.offer.name if found.choice else None,
        why=found.choice.why if found.choice else NOTHING,
        offers=found.offers,
        carriers=found.answers,
        degraded=bool(missing(found.answers)),
        promised_on=found.facts.promised_on,
        rule_set=found.rules.number,
        rules=[each.no for each in found.fitting],
        explored=found.decided.explored,
    )


def remember(tx: Transaction, parcel: Parcel, found: Compared, asked: Asked | None = None, *, by: str = "") -> UUID:
    """Every offer, fact, rule and reason as they were at this moment. What can name a person is not among them."""
    offer, explored = (found.choice.offer if found.choice else None), found.decided.explored
    kept = CarrierChoice(
        id=uuid7(),
        parcel_id=parcel.id,
        order_id=parcel.order_id,
        at=tx.now,
        weight_grams=found.facts.grams,
        country=found.facts.country,
        policy=msgspec.to_builtins(found.policy),
        model_id=found.model_id,
        offers=[msgspec.to_builtins(each) | {"name": each.name} for each in found.offers],
        chosen=offer.name if offer else None,
        why=found.choice.why if found.choice else NOTHING,
        facts=msgspec.to_builtins(msgspec.structs.replace(found.facts, postcode="")),
        rule_set=found.rules.number,
        rules=msgspec.to_builtins(found.fitting),
        asked=_named(asked, by),
        explored=msgspec.to_builtins(explored) if explored else None,
        due_days=offer.due_days if offer else None,
        late_ppm=offer.late_ppm if offer else None,
        promises=offer.promises if offer else None,
        co2_grams=offer.co2_grams if offer else None,
    )
    tx.add(kept)
    tx.flush()
    return kept.id


def _named(asked: Asked | None, by: str) -> dict[str, object] | None:
    if asked is None or not (asked.carrier or asked.service):
        return None
    return {"carrier": asked.carrier, "service": asked.service, "reason": asked.reason, "by": by}


def _way(tx: Transaction, node: Node | None, order: Order, policy: Weights) -> Way:
    """When the node hands over, by when the parcel is promised, how far it is."""
    if node is None:
        return Way()
    zone = ZoneInfo(node.time_zone)
    now = tx.now.astimezone(zone)
    promised: date | None = None
    if policy.promise_from == PromiseFrom.placed and policy.promise_days is not None:
        placed = (order.placed_at or order.created_at).astimezone(zone).date()
        promised = placed + timedelta(days=policy.promise_days)
    return Way(
        leaves=Calendar(now.hour * 60 + now.minute, node.open_weekdays, frozenset(node.closed_dates)),
        fetches=collections_at(tx, node.code),
        promised_on=promised,
        km=distance(node.address, order.shipping_address),
    )


def _facts(order: Order, sent: Consignment, goods: Goods, tags: list[str], way: Way) -> Facts:
    return Facts(
        channel=order.channel, country=sent.country, node=sent.origin, grams=sent.weight_grams, value=goods.value,
        currency=goods.currency, on=sent.on, tags=tags, hazmat=goods.hazmat, fragile=goods.fragile,
        promised_on=way.promised_on, km=way.km, postcode=sent.postcode,
    )  # fmt: skip


def _room(tx: Transaction, parcel: Parcel, weights: Weights) -> Room:
    """What may be tried: the month's budget of the policy, less what choices of this month cost more. One parcel of a
    policy at a time, so that two cannot spend the same."""
    share = share_of(parcel.id)
    if share >= weights.explore_ppm:
        return Room(share_ppm=share)
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"explore/{weights.code}", 0))))
    month = tx.now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    spent = tx.scalar(
        select(func.coalesce(func.sum(CarrierChoice.explored["extra"].as_integer()), 0)).where(
            CarrierChoice.at >= month,
            CarrierChoice.explored.is_not(None),
            CarrierChoice.policy["code"].astext == weights.code,
        )
    )
    return Room(share_ppm=share, left=max(0, weights.explore_budget - int(spent or 0)))


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


def goods_in(tx: Transaction, parcel: Parcel, order: Order) -> Goods:
    """A line in the parcel is worth its units there, and a kit's at most what was ordered of it."""
    rows = tx.execute(
        select(OrderLine.line_no, OrderLine.unit_amount, OrderLine.quantity, func.max(ParcelLine.quantity))
        .join(Allocation, Allocation.id == ParcelLine.allocation_id)
        .join(OrderLine, (OrderLine.order_id == Allocation.order_id) & (OrderLine.line_no == Allocation.line_no))
        .where(ParcelLine.parcel_id == parcel.id)
        .group_by(OrderLine.line_no, OrderLine.unit_amount, OrderLine.quantity)
    ).all()
    hazmat, fragile = tx.execute(
        select(func.bool_or(Variant.hazmat), func.bool_or(Variant.fragile))
        .join(ParcelLine, ParcelLine.sku == Variant.sku)
        .where(ParcelLine.parcel_id == parcel.id)
    ).one()
    value = sum(amount * min(ordered, here) for _, amount, ordered, here in rows)
    return Goods(value=value, currency=order.currency, hazmat=bool(hazmat), fragile=bool(fragile))
