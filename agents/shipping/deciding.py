"""From offers to the one that takes a parcel: hard constraints, the promised day, rules, the least cost. Pure.

The same offers, facts, rules and policy give the same choice: all of them are kept with it, so that it can be made
again (`again`), and be tried under other rules (`trying`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from agents.shipping.carrier_rules import hard, preferring, refused, unlikely_late, within_price
from agents.shipping.choosing import (
    ASKED,
    CARD,
    PROMISE,
    Choice,
    Goods,
    Weights,
    choose,
    in_order,
    scored,
)
from agents.shipping.exploring import explored
from agents.shipping.messages import Offer
from agents.shipping.messages.choosing import Explored, Facts, RuleThatFits
from db.money import format_money

STEERED = ("rule", "promise", "price", "late")


class Decided(msgspec.Struct, frozen=True):
    offers: list[Offer]
    choice: Choice | None
    explored: Explored | None = None


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What may be tried with this parcel: where its id falls, and what is left of the month's budget."""

    share_ppm: int = 1_000_000
    left: int = 0


NO_ROOM = Room()


def decide(
    offers: Sequence[Offer],
    facts: Facts,
    weights: Weights,
    rules: Sequence[RuleThatFits] = (),
    *,
    number: int | None = None,
    room: Room = NO_ROOM,
) -> Decided:
    """`weights` are what the policy and the rules weigh together; `number` is the version of the rules."""
    currency = compared_in(offers, facts.currency)
    found = hard(offers, rules, number)
    found = keeping_the_day(found, facts.promised_on)
    found = within_price(found, rules, number, currency)
    found = unlikely_late(found, weights.most_late_ppm)
    found, said = preferring(found, rules, number, currency)
    choice = choose(found, currency=facts.currency, price_alone=weights.is_price_alone)
    if choice is None:
        return Decided(found, None)
    tried = None if said else explored(in_order(found, facts.currency), weights, room.share_ppm, room.left)
    if tried is not None:
        offer = next(o for o in found if o.name == tried[0] and o.refused is None)
        return Decided(found, Choice(offer, _why_tried(offer, tried[1])), tried[1])
    why = f"{choice.why}; by {said}" if said else choice.why
    return Decided(found, Choice(choice.offer, why + _left_out(found)), None)


def keeping_the_day(offers: Sequence[Offer], promised_on: date | None) -> list[Offer]:
    """Refuse what likely comes after the promised day, while something comes before."""
    if promised_on is None:
        return list(offers)
    left = [o for o in offers if o.refused is None]
    too_late = {o.name: day for o in left if (day := comes_on(o)) is not None and day > promised_on}
    if len(too_late) == len({o.name for o in left}):
        return list(offers)
    return [
        refused(o, PROMISE, f"likely comes on {too_late[o.name]:%d %b} and {promised_on:%d %b} is promised")
        if o.name in too_late
        else o
        for o in offers
    ]


def comes_on(offer: Offer) -> date | None:
    """The day by which it has as likely come as not, or that its card quotes."""
    if offer.leaves_on is None or offer.likely_days is None:
        return None
    return offer.leaves_on + timedelta(days=offer.likely_days)


def unsteered(offers: Sequence[Offer], facts: Facts, weights: Weights) -> list[Offer]:
    """Offers as they were before rules and the promised day were asked, scored under another policy.

    What a card or a person refused stays refused. The day by which each is late stays the one that was kept.
    """
    goods = Goods(value=facts.value, currency=facts.currency, hazmat=facts.hazmat, fragile=facts.fragile)
    found = []
    for o in offers:
        stays = o.refused_by in (CARD, ASKED)
        why, by = (o.refused, o.refused_by) if stays else (None, None)
        if not stays and (o.carrier in weights.forbidden or o.name in weights.forbidden):
            why, by = f"not allowed by policy {weights.code}", "policy"
        found.append(scored(o, goods, weights, refused=why, by=by) if o.amount or not stays else o)
    return found


def without_asking(offers: Sequence[Offer]) -> list[Offer]:
    """Offers as if nobody had named one."""
    return [msgspec.structs.replace(o, refused=None, refused_by=None) if o.refused_by == ASKED else o for o in offers]


def compared_in(offers: Sequence[Offer], wanted: str) -> str:
    """The order's currency, or the first by code when nobody offers in it."""
    known = {o.currency for o in offers if o.refused is None}
    return wanted if wanted in known or not known else min(known)


def _why_tried(offer: Offer, tried: Explored) -> str:
    extra = format_money(tried.extra, offer.currency)
    return (
        f"tried to learn more of {offer.name}, of which {tried.seen} parcels are known: the second best, expected to "
        f"cost {extra} more than {tried.instead_of}; its day is not at risk"
    )


def _left_out(offers: Sequence[Offer]) -> str:
    told = [f"{o.name} ({o.refused})" for o in offers if o.refused_by in STEERED]
    return f"; left out: {', '.join(told)}" if told else ""
