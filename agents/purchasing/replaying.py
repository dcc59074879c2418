"""A policy over the days that were, beside the one that holds. Nothing is written.

Imported when first asked for: the arithmetic needs numpy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from agents.purchasing.demand import HISTORY_DAYS, Past, Place, read_past
from agents.purchasing.messages.replays import (
    ReplayClass,
    ReplayedCost,
    ReplayedDay,
    ReplayedLead,
    ReplayedPolicy,
    ReplayRule,
    ReplayState,
)
from agents.purchasing.messages.replenishment import PutReplenishmentClass, PutReplenishmentRule
from agents.purchasing.planning import REVIEWED, Kept, asked_of, terms_of
from agents.purchasing.policies import check_class, check_rule
from agents.purchasing.positions import Position
from agents.purchasing.refusals import LONGEST_REPLAY, SHORTEST_REPLAY, NotPlanned, TooLittlePast
from agents.purchasing.rules import check_number
from agents.purchasing.sources import NOBODY_LEAD_DAYS, read_sources, source_of
from db.errors import NotFound
from db.money import MILLION, half_up
from db.replenishment import ReplenishmentClass, ReplenishmentPlan, ReplenishmentRule
from db.session import Transaction
from db.stock import StockLevel
from ml.replenishment.replay import Replay
from ml.replenishment.trial import RENEWED_DAYS, Days, Trial, lead_days, likely, on_trial

T = TypeVar("T")

MOST_PLACES = 40  # of a class at once: a replay keeps others waiting for a second or two
LONGEST_WARM_UP = 180
FOUR_YEARS = 1461  # days
NOWHERE = Position(0, 0, 0, 0, 0, 0, 0, 0, False)


@dataclass(frozen=True)
class Keeping:
    """A place with what keeps it now and what would."""

    place: Place
    now: tuple[ReplenishmentClass, ReplenishmentRule | None]
    then: tuple[ReplenishmentClass, ReplenishmentRule | None]


@dataclass(frozen=True)
class Ground:
    """What both policies are replayed over, rows as the places: units a day, the counted days the last."""

    past: Past
    demand: NDArray[np.float64]
    days: Days
    today: date

    @property
    def since(self) -> date:
        return self.today - timedelta(days=self.days.counted)


def replay_rule(tx: Transaction, ask: ReplayRule) -> ReplayState:
    """Raises NotPlanned, TooLittlePast."""
    asked = ask.proposed
    check_rule(tx, asked)
    check_number("days", ask.days, least=SHORTEST_REPLAY, most=LONGEST_REPLAY)
    plan = tx.get(ReplenishmentPlan, (asked.node, asked.sku))
    if plan is None:
        raise NotPlanned(f"{asked.sku} at {asked.node}")
    kept = tx.get_one(ReplenishmentClass, plan.class_code)
    rule = tx.get(ReplenishmentRule, (asked.node, asked.sku))
    keeping = [Keeping((asked.sku, asked.node), (kept, rule), (kept, _rule(tx, asked)))]
    return _beside(tx, keeping, ask.days, of=1, class_code=kept.code, alone=True)


def replay_class(tx: Transaction, ask: ReplayClass) -> ReplayState:
    """Places in even steps through the order of SKU and node. Raises NotPlanned, TooLittlePast."""
    asked = ask.proposed
    check_class(asked)
    check_number("days", ask.days, least=SHORTEST_REPLAY, most=LONGEST_REPLAY)
    kept = tx.get(ReplenishmentClass, asked.code)
    if kept is None:
        raise NotFound("replenishment class", asked.code)
    of = ReplenishmentPlan.class_code == asked.code
    count = tx.scalar(select(func.count()).select_from(ReplenishmentPlan).where(of)) or 0
    if not count:
        raise NotPlanned(f"No place of {asked.code}")
    at = func.row_number().over(order_by=(ReplenishmentPlan.sku, ReplenishmentPlan.node)) - 1
    places = select(ReplenishmentPlan.sku, ReplenishmentPlan.node, at.label("at")).where(of).subquery()
    step = -(-count // MOST_PLACES)
    chosen = tx.execute(
        select(places.c.sku, places.c.node).where(places.c.at % step == 0).order_by(places.c.sku, places.c.node)
    ).all()
    rules = {
        (r.sku, r.node): r
        for r in tx.scalars(select(ReplenishmentRule).where(ReplenishmentRule.sku.in_({sku for sku, _ in chosen})))
    }
    then = _class(tx, asked)
    keeping = [Keeping((s, n), (kept, rules.get((s, n))), (then, rules.get((s, n)))) for s, n in chosen]
    return _beside(tx, keeping, ask.days, of=count, class_code=kept.code, alone=False)


def _rule(tx: Transaction, asked: PutReplenishmentRule) -> ReplenishmentRule:
    """Never added to the transaction."""
    names = ("node", "sku", "policy", "service_ppm", "minimum", "maximum", "lot", "review_days", "supplier")
    return ReplenishmentRule(**{n: getattr(asked, n) for n in names}, version=0, created_at=tx.now)


def _class(tx: Transaction, asked: PutReplenishmentClass) -> ReplenishmentClass:
    """Never added to the transaction."""
    names = ("code", "policy", "service_ppm", "measured_by", "review_days", "order_cost", "holding_ppm")
    return ReplenishmentClass(**{n: getattr(asked, n) for n in names}, version=0, updated_at=tx.now)


def _beside(
    tx: Transaction, keeping: Sequence[Keeping], days: int, *, of: int, class_code: str, alone: bool
) -> ReplayState:
    sources = read_sources(tx, {k.place[0] for k in keeping}, tx.now)

    def kept(place: Place, by: tuple[ReplenishmentClass, ReplenishmentRule | None]) -> Kept:
        source = source_of(sources, place[0], by[1].supplier if by[1] is not None else None)
        return Kept(place, NOWHERE, source, terms_of(by[0], by[1], source, tx.now.date()))

    now, then = [kept(k.place, k.now) for k in keeping], [kept(k.place, k.then) for k in keeping]
    ground = _ground(tx, now, then, days)
    known = (~np.isnan(ground.past.sold)).sum(axis=1)
    old = [i for i, n in enumerate(known) if n >= days]
    if not old:
        what = f"{keeping[0].place[0]} at {keeping[0].place[1]}" if alone else f"Every place of {class_code} looked at"
        raise TooLittlePast(what, days, int(known.max()))
    now, then, ground = [now[i] for i in old], [then[i] for i in old], _of(ground, old)
    censored = int(ground.past.censored[:, -days:].sum())
    return ReplayState(
        class_code=class_code,
        sku=keeping[0].place[0] if alone else None,
        node=keeping[0].place[1] if alone else None,
        since=ground.since,
        until=ground.today - timedelta(days=1),
        days=days,
        warm_up_days=ground.days.warm_up,
        places=len(old),
        places_of=of,
        demand=int(ground.demand[:, -days:].sum()),
        censored_days=censored,
        lead_times=_leads(then),
        current=_figures(now, _replayed(now, ground), ground.since),
        proposed=_figures(then, _replayed(then, ground), ground.since),
        caveats=_caveats(then, ground, censored, looked_at=len(keeping), of=of),
    )


def _ground(tx: Transaction, now: Sequence[Kept], then: Sequence[Kept], days: int) -> Ground:
    longest = max(float(k.source.lead.at(0.95)) + k.terms.review_days for k in (*now, *then))
    span = Days(counted=days, warm_up=min(LONGEST_WARM_UP, int(np.ceil(longest))), known=HISTORY_DAYS)
    places = [k.place for k in now]
    skus = sorted({sku for sku, _ in places})
    levels = select(StockLevel.sku, StockLevel.node, StockLevel.sellable - StockLevel.allocated)
    free = {(sku, node): int(units) for sku, node, units in tx.execute(levels.where(StockLevel.sku.in_(skus)))}
    today = tx.now.date()
    past = read_past(tx, places, free, today, days=span.known + span.run, skus=skus)
    return Ground(past, likely(past.sold, past.censored)[:, -span.run :], span, today)


def _of(ground: Ground, rows: list[int]) -> Ground:
    past = Past(ground.past.sold[rows], ground.past.censored[rows])
    return Ground(past, ground.demand[rows], ground.days, ground.today)


def _replayed(kept: Sequence[Kept], ground: Ground) -> Trial:
    """Places whose terms are alike at once; the k-th order of a place takes equally long under every policy."""
    takes = lead_days([k.source.lead for k in kept], ground.days.run)
    groups: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for n, t in enumerate(k.terms for k in kept):
        groups[t.review_days, t.order_cost, t.holding_ppm, t.measured_by, t.policy in REVIEWED].append(n)
    first = (ground.today - timedelta(days=ground.days.run)).toordinal()
    trials = []
    for (review, *_, is_reviewed), rows in groups.items():
        alike = [kept[n] for n in rows]
        every = int(review) if is_reviewed else 1
        trials.append(
            on_trial(
                asked_of(alike, ground.past.sold[rows], ground.past.censored[rows]),
                ground.demand[rows],
                ground.days,
                takes=takes[rows],
                given_lot=np.array([np.nan if k.terms.lot is None else k.terms.lot for k in alike]),
                review_days=every,
                reviewed_before=first % every,
            )
        )
    order = np.argsort([n for rows in groups.values() for n in rows])

    def whole(pick: str, of: Sequence[object]) -> NDArray[np.float64]:
        return np.asarray(np.concatenate([getattr(one, pick) for one in of])[order])

    paths = [t.path for t in trials]
    names = ("demand", "served", "start", "end", "ordered", "arrived")
    return Trial(Replay(*(whole(n, paths) for n in names)), *(whole(n, trials) for n in ("point", "up_to", "lot")))


def _figures(kept: Sequence[Kept], trial: Trial, since: date) -> ReplayedPolicy:
    path, alone = trial.path, len(kept) == 1
    asked, served = int(path.demand.sum()), int(path.served.sum())
    sums = [a.sum(axis=0).astype(int).tolist() for a in (path.demand, path.end, path.short, path.ordered, path.arrived)]
    days = [
        ReplayedDay(day=since + timedelta(days=n), demand=d, stock=s, short=x, ordered=o, arrived=a)
        for n, (d, s, x, o, a) in enumerate(zip(*sums, strict=True))
    ]

    def level(of: NDArray[np.float64]) -> int | None:
        return int(np.ceil(of[0, -1] - 1e-9)) if alone else None

    return ReplayedPolicy(
        policy=_common([k.terms.policy for k in kept]),
        service_ppm=_common([k.terms.service_ppm for k in kept]),
        review_days=_common([k.terms.review_days for k in kept]),
        point=level(trial.point),
        up_to=level(trial.up_to),
        lot=level(trial.lot),
        served=served,
        short=asked - served,
        fill_ppm=half_up(served * MILLION, asked) if asked else MILLION,
        stock_out_days=path.stock_outs,
        average_milli=half_up(int((path.start + path.end).sum()) * 1000, 2 * len(days)),
        orders=path.orders,
        ordered=int(path.ordered.sum()),
        costs=_costs(kept, path),
        path=days,
    )


def _common(values: Sequence[T]) -> T | None:
    return values[0] if all(v == values[0] for v in values) else None


def _costs(kept: Sequence[Kept], path: Replay) -> list[ReplayedCost]:
    """For each currency; nothing is known of what nobody sells to us."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    days = path.demand.shape[1]
    for i, k in enumerate(kept):
        item, supplier = k.source.item, k.source.supplier
        if item is None or supplier is None:
            continue
        unit_days = int((path.start[i] + path.end[i]).sum())  # twice as many: start and end of each
        value = unit_days * k.source.held_at
        for n, amount in enumerate(
            (
                half_up(value * k.terms.holding_ppm * 4, 2 * MILLION * FOUR_YEARS),
                int((path.ordered[i] > 0).sum()) * k.terms.order_cost,
                half_up(value, 2 * days),
                int(path.short[i].sum()) * item.unit_cost,
            )
        ):
            found[supplier.currency][n] += amount
    return [
        ReplayedCost(currency=c, holding=h, ordering=o, total=h + o, stock=stock, short=short)
        for c, (h, o, stock, short) in sorted(found.items())
    ]


def _leads(kept: Sequence[Kept]) -> list[ReplayedLead]:
    found: defaultdict[tuple[str, int, int], int] = defaultdict(int)
    for k in kept:
        code = k.source.supplier.code if k.source.supplier is not None else ""
        found[code, round(k.source.lead.mean), round(float(k.source.lead.at(0.95)))] += 1
    return [
        ReplayedLead(supplier=code or None, mean_days=mean, late_days=late, places=n)
        for (code, mean, late), n in sorted(found.items())
    ]


def _caveats(kept: Sequence[Kept], ground: Ground, censored: int, *, looked_at: int, of: int) -> list[str]:
    found = [
        f"Levels are reckoned anew every {RENEWED_DAYS} days from what was known by then; terms of suppliers, classes "
        "and costs are today's.",
        "Lead times are those learned until today; both policies get the same ones in the same order.",
        f"Each begins {ground.days.warm_up} days earlier with its own level on the shelf; those days do not count.",
        "What is not there is waited for and counts as short. Transfers from other nodes and orders that are joined to "
        "reach a supplier's minimum are left out.",
    ]
    if censored:
        found.append(
            f"{censored} days ended with nothing free: what was asked for is taken to be at least the mean of the "
            "other days, which is a guess."
        )
    if looked_at < of:
        found.append(f"A sample: {looked_at} of {of} places, in even steps through the order of SKU and node.")
    if young := looked_at - len(kept):
        found.append(f"{young} of them have been kept for less than {ground.days.counted} days and are left out.")
    if nobody := sum(k.source.item is None for k in kept):
        found.append(
            f"Nobody sells what is kept at {nobody} of {len(kept)} places to us: {NOBODY_LEAD_DAYS:.0f} days of lead "
            "time are assumed, and no cost is known."
        )
    return found
