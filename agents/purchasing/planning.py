"""Plans every SKU at every node: what to have, what is missing, and where it should come from.

Imported when a plan is asked for and not before: the arithmetic needs numpy, which the coordinator has no use for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from agents.purchasing.demand import Past, Place, read_past
from agents.purchasing.positions import Position, read_positions
from agents.purchasing.sources import Source, read_sources, source_of
from db.replenishment import (
    PolicyKind,
    ReplenishmentClass,
    ReplenishmentRule,
    ServiceMeasure,
    classes,
    ensure_classes,
)
from db.session import Transaction
from ml.replenishment.classes import abc, xyz
from ml.replenishment.demand import measure
from ml.replenishment.plan import Asked, Plan, Service, plan

MILLI = 1000
MILLION = 1_000_000
REVIEWED = (PolicyKind.fixed, PolicyKind.up_to)  # order on review days and on no others
LONGEST_DAYS = 3650  # until stock runs out; beyond that nobody plans
MOST = 2_000_000_000


@dataclass(frozen=True)
class Terms:
    """How one place is kept: its rule where somebody made one, else its class."""

    class_code: str
    policy: str
    service_ppm: int
    measured_by: str
    review_days: int
    order_cost: int
    holding_ppm: int
    minimum: int | None
    maximum: int | None
    lot: int | None
    snoozed_until: date | None
    key: str  # of what was decided: a rule or class that changes has another, and so has a rule that is made again


@dataclass(frozen=True)
class Kept:
    place: Place
    position: Position
    source: Source
    terms: Terms


@dataclass(frozen=True)
class Planned:
    """`numbers` are columns of the plan; `needed` is what is missing before packs and minima are thought of."""

    place: Place
    numbers: dict[str, Any]
    suggested: int
    needed: int
    spare: int  # units that could go to another node
    why: str
    terms: Terms


def plan_places(tx: Transaction) -> list[Planned]:
    """In the order of SKU and node."""
    ensure_classes(tx)
    positions = read_positions(tx)
    places, today = list(positions), tx.now.date()
    if not places:
        return []
    past = read_past(tx, places, {at: p.on_hand - p.allocated for at, p in positions.items()}, today)
    sources = read_sources(tx, [sku for sku, _ in places], tx.now)
    rules = {(r.sku, r.node): r for r in tx.scalars(select(ReplenishmentRule))}
    of = [source_of(sources, sku, rule.supplier if (rule := rules.get((sku, node))) else None) for sku, node in places]
    known = classes(tx)
    kept = [
        Kept(place, positions[place], source, terms_of(known[code], rules.get(place), source, today))
        for place, source, code in zip(places, of, _class_codes(places, past, of), strict=True)
    ]
    groups: defaultdict[tuple[int, int, int, str], list[int]] = defaultdict(list)
    for n, t in enumerate(k.terms for k in kept):
        groups[t.review_days, t.order_cost, t.holding_ppm, t.measured_by].append(n)
    found: list[Planned] = []
    for rows in groups.values():
        alike = [kept[n] for n in rows]
        reckoned = plan(asked_of(alike, past.sold[rows], past.censored[rows]))
        patterns = reckoned.demand.pattern()
        found += [_planned(k, reckoned, i, str(patterns[i]), today) for i, k in enumerate(alike)]
    return sorted(found, key=lambda p: p.place)


def _class_codes(places: Sequence[Place], past: Past, of: Sequence[Source]) -> list[str]:
    """Of the SKU as a whole by value, of the place by variation over weeks: days of a slow mover all look wild."""
    weeks = past.sold.shape[1] // 7
    weekly = past.sold[:, -weeks * 7 :].reshape(len(places), weeks, 7).sum(axis=2)
    demand = measure(weekly)
    value: defaultdict[tuple[str, str], float] = defaultdict(float)
    for n, (sku, _) in enumerate(places):
        source = of[n]
        currency = source.supplier.currency if source.supplier is not None else ""
        unit_cost = source.item.unit_cost if source.item is not None else 0
        value[currency, sku] += float(demand.mean[n]) * 52 * unit_cost
    letters = letters_of(value)
    return [f"{letters[sku]}{x}" for (sku, _), x in zip(places, xyz(demand.mean, demand.deviation), strict=True)]


def letters_of(value: Mapping[tuple[str, str], float]) -> dict[str, str]:
    """A to C of each SKU, by what is bought of it in a year: (currency, SKU) to minor units of that currency.

    Nobody knows what one currency is worth in another, so SKUs are ranked among those that are bought in the same. One
    that is bought in several has the best of its letters.
    """
    found: dict[str, str] = {}
    for currency in sorted({currency for currency, _ in value}):
        skus = sorted(sku for of, sku in value if of == currency)
        for sku, letter in zip(skus, abc([value[currency, sku] for sku in skus]), strict=True):
            found[sku] = min(found.get(sku, "C"), str(letter))
    return found


def terms_of(kept: ReplenishmentClass, rule: ReplenishmentRule | None, source: Source, today: date) -> Terms:
    said = {name: getattr(rule, name, None) for name in ("policy", "service_ppm", "review_days")}
    review = said["review_days"] or max(kept.review_days, source.calendar.days_between_orders(today))
    return Terms(
        class_code=kept.code,
        policy=said["policy"] or kept.policy,
        service_ppm=said["service_ppm"] or kept.service_ppm,
        measured_by=kept.measured_by,
        review_days=review,
        order_cost=kept.order_cost,
        holding_ppm=kept.holding_ppm,
        minimum=rule.minimum if rule else None,
        maximum=rule.maximum if rule else None,
        lot=rule.lot if rule else None,
        snoozed_until=rule.snoozed_until if rule else None,
        key=f"{kept.code}/{kept.version}" + (f" rule/{rule.created_at.isoformat()}/{rule.version}" if rule else ""),
    )


def asked_of(kept: Sequence[Kept], sold: NDArray[np.float64], censored: NDArray[np.bool_]) -> Asked:
    def numbers(values: Iterable[float]) -> NDArray[np.float64]:
        return np.array(list(values), float)

    terms, items = [k.terms for k in kept], [k.source.item for k in kept]
    return Asked(
        sold=sold,
        censored=censored,
        lead_times=[k.source.lead for k in kept],
        position=numbers(k.position.total for k in kept),
        on_hand=numbers(k.position.on_hand for k in kept),
        # What costs nothing would be bought for ever at once.
        unit_cost=numbers(max(1, k.source.held_at) for k in kept),
        service=numbers(t.service_ppm / MILLION for t in terms),
        policy=np.array([t.policy for t in terms], str),
        review_days=float(terms[0].review_days),
        order_cost=float(terms[0].order_cost),
        holding_rate=terms[0].holding_ppm / MILLION,
        minimum=numbers(item.minimum_quantity if item is not None else 1 for item in items),
        pack=numbers(item.case_pack if item is not None else 1 for item in items),
        measured_by=Service.cycle if terms[0].measured_by == ServiceMeasure.cycle else Service.fill,
        given_point=numbers(_or_nan(t.minimum) for t in terms),
        given_up_to=numbers(_or_nan(t.maximum) for t in terms),
    )


def _or_nan(value: int | None) -> float:
    return np.nan if value is None else float(value)


def _planned(kept: Kept, reckoned: Plan, i: int, pattern: str, today: date) -> Planned:
    position, terms, item, supplier = kept.position, kept.terms, kept.source.item, kept.source.supplier
    minimum, pack = (item.minimum_quantity, item.case_pack) if item is not None else (1, 1)
    suggested, why = int(reckoned.suggested[i]), reckoned.why(i)
    if terms.policy == PolicyKind.fixed and terms.lot is not None:
        suggested, why = -(-max(terms.lot, minimum) // pack) * pack, f"{terms.lot} at every review, as somebody said."
    if terms.policy in REVIEWED and not kept.source.calendar.is_review_day(today, terms.review_days):
        suggested, why = 0, f"{why} Looked at every {terms.review_days} days, and not today."
    why += _calendar(kept.source, today)
    days_left, daily = float(reckoned.days_left[i]), float(reckoned.daily[i])
    ahead, safety = point_parts(_whole(reckoned.point[i]), float(reckoned.ahead[i]))
    numbers = {
        **position._asdict(),
        "position": position.total,
        "class_code": terms.class_code,
        "pattern": pattern,
        "policy": terms.policy,
        "service_ppm": terms.service_ppm,
        "daily_milli": _milli(daily),
        "lead_days": round(float(reckoned.lead_days[i])),
        "late_days": round(float(kept.source.lead.at(0.95))),
        "ahead_milli": ahead,
        "safety_milli": safety,
        "point": _whole(reckoned.point[i]),
        "lot": _whole(reckoned.lot[i]),
        "up_to": _whole(reckoned.up_to[i]),
        "out_on": today + timedelta(days=int(days_left)) if days_left < LONGEST_DAYS else None,
        "at_risk": round(float(reckoned.short[i]) * item.unit_cost) if item is not None else 0,
        "supplier": supplier.code if supplier is not None else None,
        "unit_cost": item.unit_cost if item is not None else 0,
        "currency": supplier.currency if supplier is not None else None,
        "minimum_quantity": minimum,
        "case_pack": pack,
    }
    del numbers["held"], numbers["tracked"]
    needed = max(0, int(np.ceil(float(reckoned.up_to[i]) - position.total))) if suggested else 0
    spare = max(0, min(position.free, position.total - _whole(reckoned.up_to[i])))
    return Planned(kept.place, numbers, suggested, needed, spare, why, terms)


def _calendar(source: Source, today: date) -> str:
    if source.supplier is None:
        return ""
    code, takes = source.supplier.code, source.calendar.order_day(today)
    next_one = f" {code} takes orders again on {takes}." if takes != today else ""
    return f"{next_one} {code} is closed on {source.closed_days} days until then." if source.closed_days else next_one


def point_parts(point: int, ahead: float) -> tuple[int, int]:
    """Mean demand in a lead time and safety, in thousandths, that add up to `point`.

    The former is rounded down: 1.9997 under a point of 2 must not become the point.
    """
    mean = int(min(max(ahead * MILLI, 0.0), MOST))
    return mean, max(-MOST, min(point * MILLI - mean, MOST))


def _milli(value: float) -> int:
    return round(min(max(value * MILLI, -MOST), MOST))


def _whole(value: float) -> int:
    return int(min(np.ceil(float(value) - 1e-9), MOST))


def from_other_nodes(planned: Sequence[Planned]) -> list[tuple[Planned, str, int]]:
    """(place in need, node that has more than it needs, units): before anything is bought.

    The node with the most to spare gives first. What remains to be bought is what the place then still needs.
    """
    by_sku: defaultdict[str, list[Planned]] = defaultdict(list)
    for p in planned:
        by_sku[p.place[0]].append(p)
    found = []
    for of in by_sku.values():
        spare = {p.place[1]: p.spare for p in of if not p.suggested}
        for p in sorted((p for p in of if p.suggested), key=lambda p: (-p.numbers["at_risk"], p.place)):
            needed = p.needed
            for node in sorted(spare, key=lambda node: (-spare[node], node)):
                if units := min(needed, spare[node]):
                    found.append((p, node, units))
                    spare[node] -= units
                    needed -= units
    return found


def left_to_buy(p: Planned, sent: int) -> Planned:
    """What is still to be bought of a place to which another node sends so many units."""
    rest = p.needed - sent
    if not sent:
        return p
    # The point is reached with what is sent: whatever is missing above it can wait for the next order.
    if rest <= 0 or p.numbers["position"] + sent > p.numbers["point"]:
        return replace(p, suggested=0)
    pack, minimum = p.numbers["case_pack"], p.numbers["minimum_quantity"]
    return replace(p, suggested=-(-max(rest, minimum) // pack) * pack)
