"""Rules and policies on trial: what they would have made of the last parcels, from what was known of each then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select

from agents.shipping.carrier_rules import CarrierRules, weighed
from agents.shipping.choosing import Weights
from agents.shipping.deciding import Decided, compared_in, decide, unsteered
from agents.shipping.messages import Offer
from agents.shipping.messages.choosing import (
    CarrierRulesTried,
    Facts,
    ParcelsOfService,
    PolicyOnTrial,
    RuleThatFits,
    TriedChoice,
    TriedOffer,
    TriedTotals,
    TryCarrierRules,
)
from agents.shipping.refusals import BadPolicy
from agents.shipping.rule_sets import check_rules, in_force
from db.money import format_money
from db.orders import Order
from db.session import Transaction
from db.shipping import CarrierChoice

MOST_PARCELS = 1000
_MILLION = 1_000_000


class Kept(NamedTuple):
    """A choice with what it was made from."""

    choice: CarrierChoice
    facts: Facts
    offers: list[Offer]
    weights: Weights

    @property
    def currency(self) -> str:
        """That of the prices which were compared: not the order's where no card has it."""
        return compared_in(unsteered(self.offers, self.facts, self.weights), self.facts.currency)


def try_rules(tx: Transaction, ask: TryCarrierRules) -> CarrierRulesTried:
    """Raises BadCarrierRule, BadPolicy."""
    if not 0 < ask.parcels <= MOST_PARCELS:
        raise BadPolicy(f"Try 1 to {MOST_PARCELS} parcels, not {ask.parcels}.")
    check_rules(tx, ask.rules or [])
    now = in_force(tx)
    tried = now if ask.rules is None else CarrierRules(None, tuple(ask.rules))
    every, all_of = _last(tx, ask.parcels)
    currency = Counter(k.currency for k in every).most_common(1)[0][0] if every else ""
    kept = [k for k in every if k.currency == currency]
    rows = [_row(k, now, tried, ask.policy) for k in kept]
    sums = _totals([r.now for r in rows]), _totals([r.tried for r in rows])
    return CarrierRulesTried(
        rows=rows,
        currency=currency,
        now=sums[0],
        tried=sums[1],
        changed=sum(r.changed for r in rows),
        left_out=all_of - len(kept),
        in_force=now.number,
        says=says(*sums, currency),
    )


def again(choice: CarrierChoice) -> Decided:
    """The choice made again from what was kept of it, by the rules that it names; what was tried is not tried again."""
    kept = _kept(choice, choice.facts.get("postcode", ""))
    fitting = msgspec.convert(choice.rules, list[RuleThatFits])
    weights = weighed(kept.weights, fitting, kept.facts.currency)
    offers = unsteered(kept.offers, kept.facts, weights)
    return decide(offers, kept.facts, weights, fitting, number=choice.rule_set)


def _last(tx: Transaction, parcels: int) -> tuple[list[Kept], int]:
    """Newest first, with how many were looked at; rules may ask for a postcode, which the order alone has."""
    rows = tx.execute(
        select(CarrierChoice, Order.shipping_address["postcode"].astext)
        .join(Order, Order.id == CarrierChoice.order_id)
        .order_by(CarrierChoice.at.desc(), CarrierChoice.id.desc())
        .limit(parcels)
    ).all()
    return [_kept(choice, postcode or "") for choice, postcode in rows if choice.facts], len(rows)


def _kept(choice: CarrierChoice, postcode: str) -> Kept:
    return Kept(
        choice,
        msgspec.convert(choice.facts | {"postcode": postcode}, Facts),
        msgspec.convert([_told(offer) for offer in choice.offers], list[Offer]),
        msgspec.convert(choice.policy, Weights),
    )


def _told(offer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in offer.items() if name != "name"}


def _row(kept: Kept, now: CarrierRules, tried: CarrierRules, policy: PolicyOnTrial | None) -> TriedChoice:
    choice = kept.choice
    before, after = _by(kept, now, None), _by(kept, tried, policy)
    return TriedChoice(
        choice_id=choice.id,
        parcel_id=choice.parcel_id,
        order_id=choice.order_id,
        at=choice.at,
        country=choice.country,
        grams=choice.weight_grams,
        was=choice.chosen,
        now=before,
        tried=after,
        changed=before.service != after.service,
    )


def _by(kept: Kept, rules: CarrierRules, policy: PolicyOnTrial | None) -> TriedOffer:
    weights = kept.weights
    if policy is not None and policy.code in (None, weights.code):
        said = {name: getattr(policy, name) for name in PolicyOnTrial.__struct_fields__ if name != "code"}
        weights = msgspec.structs.replace(weights, currency=weights.currency or kept.facts.currency, **said)
    fitting = rules.fitting(kept.facts)
    weights = weighed(weights, fitting, kept.facts.currency)
    offers = unsteered(kept.offers, kept.facts, weights)
    found = decide(offers, kept.facts, weights, fitting, number=rules.number).choice
    if found is None:
        return TriedOffer(service=None, amount=0, expected=0, late_ppm=None, co2_grams=None, why="nothing may take it")
    o = found.offer
    return TriedOffer(
        service=o.name, amount=o.amount, expected=o.expected, late_ppm=o.late_ppm, co2_grams=o.co2_grams, why=found.why
    )


def _totals(offers: Sequence[TriedOffer]) -> TriedTotals:
    taken = [o for o in offers if o.service is not None]
    foreseen = [o.late_ppm for o in taken if o.late_ppm is not None]
    carbon = [o.co2_grams for o in taken if o.co2_grams is not None]
    services = Counter(o.service or "" for o in taken)
    return TriedTotals(
        parcels=len(taken),
        without=len(offers) - len(taken),
        amount=sum(o.amount for o in taken),
        expected=sum(o.expected for o in taken),
        foreseen=len(foreseen),
        on_time_milli=sum(_MILLION - late for late in foreseen) // 1000,
        co2_grams=sum(carbon),
        measured=len(carbon),
        by_service=[ParcelsOfService(service=s, parcels=n) for s, n in sorted(services.items())],
    )


def says(now: TriedTotals, tried: TriedTotals, currency: str) -> str:
    """The trial in a sentence: money, parcels on time, carbon."""
    if not now.parcels and not tried.parcels:
        return "There are no parcels to try this on yet."
    less = tried.amount - now.amount
    share = f" ({abs(less) / now.amount:.1%})" if now.amount else ""
    told = "the same price"
    if less:
        told = f"{format_money(abs(less), currency)}{share} {'more' if less > 0 else 'less'}"
    parts = [f"Would have cost {told}"]
    if now.foreseen and tried.foreseen:
        on_time = round((tried.on_time_milli - now.on_time_milli) / 1000)
        more = "as many on time" if not on_time else f"{abs(on_time)} {'more' if on_time > 0 else 'fewer'} on time"
        parts.append(more)
    if now.measured and tried.measured:
        kilos = (tried.co2_grams - now.co2_grams) / 1000
        parts.append(f"{abs(kilos):.1f} kg CO2e {'more' if kilos > 0 else 'less'}")
    if tried.without > now.without:
        parts.append(f"{tried.without - now.without} more without any service")
    return ", ".join(parts) + "."
