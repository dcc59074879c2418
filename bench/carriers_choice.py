"""What choosing by expected cost is worth, against always the cheapest and always the fastest.

The choice set is simulated on real lanes: three services whose speed differs from state to state by factors that
nobody knows, on orders of a marketplace (Olist) that really took the days they took. A service delivers an order in its
real days times its factor in that state. Before the cut each order went by a service drawn at random; from then on each
policy sends every order, learns again every month from what itself sent, and pays prices and lateness, of which two
costs are tried. With hindsight means the service that turned out least costly for each order, which nobody can know.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd

from agents.shipping.carrier_rules import CarrierRules, weighed
from agents.shipping.choosing import Asked, Goods, Weights, choose, offers_of
from agents.shipping.deciding import decide
from agents.shipping.messages import Offer
from agents.shipping.messages.choosing import CarrierRule, Facts
from agents.shipping.pricing import Consignment, Place, Tariff
from bench.carriers_transit import CUT, orders
from ml.carriers.forecasts import Forecasts, Sent, learn_from

SEED = 20261127
SERVICES = {"economy": (800, 12, 1.25), "standard": (1100, 10, 1.0), "express": (1900, 5, 0.5)}  # cents, days, factor
SPREAD = 0.3  # standard deviation of the logarithm of a service's factor in a state
AWAY = 1.3  # times the price to another state
PROMISE_DAYS = 14
LATE_COSTS = (1500, 3000)  # cents
GOODS = Goods(value=8000, currency="EUR")
MONTH = pd.Timedelta(days=30)
RATED = 4000  # parcels for the speed, by each process
RULES = CarrierRules(
    1,
    (
        CarrierRule(kind="forbid", services=["bench economy"], hazmat=True),
        CarrierRule(kind="require", services=["bench express"], over_value=20_000, currency="EUR"),
        CarrierRule(kind="most_above", limit_ppm=1_500_000),
        CarrierRule(kind="most_late", limit_ppm=400_000),
    ),
)

Pick = Callable[[list[Offer]], Offer]


def measured(data: Path, *, quick: bool = False) -> dict[str, Any]:
    table = orders(data, quick=quick)
    rng = np.random.default_rng(SEED)
    states = sorted(set(table.to_state))
    factors = {
        (name, state): factor * float(np.exp(rng.normal(0, SPREAD)))
        for name, (_, _, factor) in SERVICES.items()
        for state in states
    }
    for name in SERVICES:
        table[name] = np.ceil(table.took * table.to_state.map(lambda s, n=name: factors[n, s])).astype(int)
    table["sent_by"] = rng.choice(list(SERVICES), len(table))
    tariffs = _tariffs(states)
    picks: dict[str, Pick] = {"expected cost": _least, "cheapest": _cheapest, "fastest": _fastest}
    later = table[table.bought >= CUT]
    found: dict[str, Any] = {}
    for late_cost in LATE_COSTS:
        weights = Weights(code="bench", currency="EUR", promise_days=PROMISE_DAYS, late_cost=late_cost)
        ran = {name: _run(table, tariffs, pick, weights) for name, pick in picks.items()}
        best = np.min([_paid(later, np.full(len(later), name), late_cost) for name in SERVICES], axis=0)
        found[str(late_cost)] = ran | {"with hindsight": {"cost": round(float(best.mean()) / 100, 3)}}
    return {"orders": len(later), "policies": found, "parcels_a_second": _speed(table, tariffs)}


def _run(table: pd.DataFrame, tariffs: list[Tariff], pick: Pick, weights: Weights) -> dict[str, float]:
    sent = table.copy()
    for start in pd.date_range(CUT, table.bought.max(), freq=MONTH):
        known = _learned(sent[sent.bought < start], start)
        month = (sent.bought >= start) & (sent.bought < start + MONTH)
        sent.loc[month, "sent_by"] = [pick(_offers(row, tariffs, known, weights)).service for row in _rows(sent[month])]
    later = sent[sent.bought >= CUT]
    by = later.sent_by.to_numpy()
    took = np.array([row[row["sent_by"]] for row in _rows(later)])
    return {
        "cost": round(float(_paid(later, by, weights.late_cost).mean()) / 100, 3),
        "late": round(float((took > PROMISE_DAYS).mean()), 4),
        **{name: round(float((by == name).mean()), 3) for name in SERVICES},
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")  # type: ignore[return-value]


def _learned(known: pd.DataFrame, today: pd.Timestamp) -> Forecasts:
    sent = []
    for row in _rows(known):
        age, took = (today - row["bought"]).days, row[row["sent_by"]]
        service = f"bench {row['sent_by']}"
        came = took < age
        sent.append(Sent(service, row["to_state"], row["from_state"], row["weekday"], age, min(took, age), came))
    return learn_from(sent, {f"bench {name}": days for name, (_, days, _) in SERVICES.items()})


def _offers(row: dict[str, Any], tariffs: list[Tariff], known: Forecasts, weights: Weights) -> list[Offer]:
    parcel = Consignment(1000, row["to_state"], row["bought"].date(), origin=row["from_state"])
    return offers_of(tariffs, parcel, GOODS, po_box=False, weights=weights, asked=Asked(), known=known)


def _least(offers: list[Offer]) -> Offer:
    choice = choose(offers, currency="EUR", price_alone=False)
    if choice is None:
        raise AssertionError("every order can be sent")
    return choice.offer


def _cheapest(offers: list[Offer]) -> Offer:
    return min(offers, key=lambda o: o.amount)


def _fastest(offers: list[Offer]) -> Offer:
    """By what the carriers quote."""
    return min(offers, key=lambda o: o.transit_days)


def _paid(later: pd.DataFrame, by: Any, late_cost: int) -> Any:
    price = np.array([SERVICES[name][0] for name in by])
    away = np.where(later.to_state == later.from_state, 1.0, AWAY)
    took = np.array([row[name] for row, name in zip(_rows(later), by, strict=True)])
    return np.round(price * away) + np.where(took > PROMISE_DAYS, late_cost, 0)


def _tariffs(states: list[str]) -> list[Tariff]:
    places = (Place("away"), *(Place("home", state, origin=state) for state in states))
    return [
        Tariff(
            id=UUID(int=n),
            carrier="bench",
            service=name,
            currency="EUR",
            transit_days=days,
            rates={("home", 30_000): cents, ("away", 30_000): round(cents * AWAY)},
            places=places,
        )
        for n, (name, (cents, days, _)) in enumerate(SERVICES.items())
    ]


def _speed(table: pd.DataFrame, tariffs: list[Tariff]) -> dict[str, float]:
    """Parcels rated, scored, steered by rules and chosen in a second, three services each: by one process, and by one
    for each core, as replicas of the agent are. All begin at once, and the last one to end counts."""
    known = _learned(table[table.bought < CUT], CUT)
    work = Work(_rows(table.tail(RATED)), tariffs, known)
    cores = len(os.sched_getaffinity(0))
    fork = get_context("fork")
    found = {"cores": float(cores)}
    for name, processes in (("one", 1), ("all", cores)):
        gate, ended = fork.Barrier(processes + 1), fork.Queue()
        replicas = [fork.Process(target=work.do, args=(gate, ended)) for _ in range(processes)]
        for replica in replicas:
            replica.start()
        gate.wait()
        begun = time.perf_counter()
        chosen = sum(ended.get() for _ in replicas)
        found[name] = round(chosen / (time.perf_counter() - begun), 1)
        for replica in replicas:
            replica.join()
    return found


class Work(NamedTuple):
    """Parcels to choose for, by rules of which the last two fit them."""

    rows: list[dict[str, Any]]
    tariffs: list[Tariff]
    known: Forecasts

    def do(self, gate: Any, ended: Any) -> None:
        weights = Weights(code="bench", currency="EUR", promise_days=PROMISE_DAYS, late_cost=LATE_COSTS[0])
        gate.wait()
        for row in self.rows:
            facts = Facts(
                channel="web", country=row["to_state"], node=row["from_state"], grams=1000, value=GOODS.value,
                currency="EUR", on=row["bought"].date(),
            )  # fmt: skip
            fitting = RULES.fitting(facts)
            offers = _offers(row, self.tariffs, self.known, weighed(weights, fitting, "EUR"))
            if decide(offers, facts, weights, fitting, number=1).choice is None:
                raise AssertionError("every order can be sent")
        ended.put(len(self.rows))
