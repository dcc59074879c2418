"""The rules that operators write, as a choice asks them. Pure: the same facts and rules say the same.

Rules that forbid and require come first and are hard, whatever their place: when they leave nothing the parcel waits
for a person. Of every other kind the first that fits counts. Between rules there are no weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from agents.shipping.choosing import LATE, PRICE, RULE, Weights
from agents.shipping.messages import Offer
from agents.shipping.messages.choosing import CarrierRule, Facts, RuleThatFits
from agents.shipping.pricing import plain_postcode
from db.carrier_rules import CarrierRuleKind as K
from db.money import format_money, rate_of


@dataclass(frozen=True)
class CarrierRules:
    """The rules of one version; without a number there are none in force."""

    number: int | None
    rules: tuple[CarrierRule, ...] = ()

    def fitting(self, facts: Facts) -> list[RuleThatFits]:
        return [RuleThatFits(no=n, rule=r) for n, r in enumerate(self.rules, 1) if r.active and fits(r, facts)]


def fits(rule: CarrierRule, facts: Facts) -> bool:
    """Whether every condition that is set holds. A value in another currency is never over or below one."""
    return all(holds(rule, facts) for holds in _CONDITIONS)


def _promised_within(rule: CarrierRule, facts: Facts) -> bool:
    if rule.within_days is None:
        return True
    return facts.promised_on is not None and (facts.promised_on - facts.on).days <= rule.within_days


def _worth(rule: CarrierRule, facts: Facts) -> bool:
    if rule.over_value is None and rule.up_to_value is None:
        return True
    if rule.currency != facts.currency:
        return False
    return (rule.over_value is None or facts.value > rule.over_value) and (
        rule.up_to_value is None or facts.value <= rule.up_to_value
    )


_CONDITIONS: tuple[Callable[[CarrierRule, Facts], bool], ...] = (
    lambda r, f: not r.channels or f.channel in r.channels,
    lambda r, f: not r.tags or not set(r.tags).isdisjoint(f.tags),
    lambda r, f: not r.countries or f.country in r.countries,
    lambda r, f: not r.postcodes or any(plain_postcode(f.postcode).startswith(plain_postcode(p)) for p in r.postcodes),
    lambda r, f: not r.nodes or f.node in r.nodes,
    lambda r, f: r.over_grams is None or f.grams > r.over_grams,
    lambda r, f: r.up_to_grams is None or f.grams <= r.up_to_grams,
    lambda r, f: r.hazmat is None or r.hazmat is f.hazmat,
    lambda r, f: r.fragile is None or r.fragile is f.fragile,
    _worth,
    _promised_within,
)


def weighed(weights: Weights, fitting: Sequence[RuleThatFits], currency: str) -> Weights:
    """The policy, with what the first `weigh` says in its place and the first `most_late` as its bound."""
    weigh, late = _first(fitting, K.weigh), _first(fitting, K.most_late)
    if weigh is not None:
        weights = msgspec.structs.replace(
            weights,
            currency=weigh.rule.currency or weights.currency or currency,
            late_cost=weights.late_cost if weigh.rule.late_cost is None else weigh.rule.late_cost,
            loss_ppm=weights.loss_ppm if weigh.rule.loss_ppm is None else weigh.rule.loss_ppm,
        )
    if late is not None:
        weights = msgspec.structs.replace(weights, most_late_ppm=late.rule.limit_ppm)
    return weights


def hard(offers: Sequence[Offer], fitting: Sequence[RuleThatFits], number: int | None) -> list[Offer]:
    """Refuse what a rule forbids, and all but what the first that requires names."""
    found = list(offers)
    for each in fitting:
        if each.rule.kind == K.forbid:
            why = f"forbidden by {_named(each, number)}"
            found = [refused(o, RULE, why) if _names(each.rule, o) else o for o in found]
    only = _first(fitting, K.require)
    if only is not None:
        why = f"{_named(only, number)} requires {' or '.join(only.rule.services)}"
        found = [o if _names(only.rule, o) else refused(o, RULE, why) for o in found]
    return found


def within_price(
    offers: Sequence[Offer], fitting: Sequence[RuleThatFits], number: int | None, currency: str
) -> list[Offer]:
    """Refuse what costs too much above the cheapest of those that are left, in the order's currency."""
    cap = _first(fitting, K.most_above)
    prices = [o.amount for o in offers if o.refused is None and o.currency == currency]
    if cap is None or not prices or cap.rule.currency not in (None, currency):
        return list(offers)
    most = min(prices) + _limit(cap.rule, min(prices))
    why = f"more than {format_money(most, currency)}, the most that {_named(cap, number)} allows"
    return [refused(o, PRICE, why) if o.currency == currency and o.amount > most else o for o in offers]


def unlikely_late(offers: Sequence[Offer], most: int | None) -> list[Offer]:
    """Refuse what is too likely to be late, unless nothing else is left."""
    if most is None:
        return list(offers)
    left = [o for o in offers if o.refused is None]
    risky = {o.name for o in left if o.late_ppm is not None and o.late_ppm > most}
    if len(risky) == len({o.name for o in left}):
        return list(offers)
    why = f"more likely to be late than {most / 10_000:g} %"
    return [refused(o, LATE, why) if o.name in risky else o for o in offers]


def preferring(
    offers: Sequence[Offer], fitting: Sequence[RuleThatFits], number: int | None, currency: str
) -> tuple[list[Offer], str | None]:
    """Mark what the first `prefer` names as long as it costs little more; and who said so, if anything is marked."""
    first = _first(fitting, K.prefer)
    left = [o for o in offers if o.refused is None and o.currency == currency]
    if first is None or not left or first.rule.currency not in (None, currency):
        return list(offers), None
    least = min(o.expected for o in left)
    bounded = first.rule.limit_amount is not None or first.rule.limit_ppm is not None
    most = least + _limit(first.rule, least) if bounded else None
    liked = {o.name for o in left if _names(first.rule, o) and (most is None or o.expected <= most)}
    found = [msgspec.structs.replace(o, preferred=True) if o.name in liked else o for o in offers]
    return found, _named(first, number) if liked else None


def refused(offer: Offer, by: str, why: str) -> Offer:
    """What is refused already keeps its first reason."""
    return offer if offer.refused is not None else msgspec.structs.replace(offer, refused=why, refused_by=by)


def _first(fitting: Sequence[RuleThatFits], kind: K) -> RuleThatFits | None:
    return next((each for each in fitting if each.rule.kind == kind), None)


def _names(rule: CarrierRule, offer: Offer) -> bool:
    return offer.carrier in rule.services or offer.name in rule.services


def _limit(rule: CarrierRule, of: int) -> int:
    return (rule.limit_amount or 0) + rate_of(of, rule.limit_ppm or 0)


def _named(each: RuleThatFits, number: int | None) -> str:
    where = f"rule {each.no} of version {number}" if number is not None else f"rule {each.no}"
    return f"{where} ({each.rule.note})" if each.rule.note else where
