"""Promises on the real deliveries of a marketplace (Olist, Brazil), a week at a time: who promises better?

Everything is known on the day of the purchase and nothing later: an order that had not arrived by then counts as being
on its way. Time runs in days from purchase to the customer's door, since that is what is promised there, so it has the
seller's handling in it; a lane is the state it is sent to, the state it is sent from and the beginning of the postcode.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.carriers.transit import HORIZON, Forecast, History, learn

Floats = NDArray[np.float64]
PROMISES = (0.5, 0.8, 0.9, 0.95)
CUT = pd.Timestamp("2018-01-01")  # about half of the orders come later
QUICK_UNTIL = pd.Timestamp("2018-03-01")
REFIT_DAYS = 7
FEWEST = 20  # deliveries that a lane needs for a quantile of its own
LEVELS = ["to_state", "from_state", "postcode"]
NAIVE_DAYS = (None, 90)  # of history that the rival looks at


@dataclass(frozen=True)
class Judged:
    """Orders after the cut, one a row: days each took, what was promised by whom, and the chance to be late."""

    took: NDArray[np.int64]
    estimate: NDArray[np.int64]  # the marketplace's own, in days
    ours: Floats  # (n, promises)
    reached: Floats  # (n, promises) the chance to arrive by the day that was promised
    naive: dict[str, Floats]  # (n, promises)
    late: Floats  # our chance that the marketplace's date is missed
    naive_late: Floats  # the lane's share of missed ones so far


def orders(data: Path, *, quick: bool = False) -> pd.DataFrame:
    """Delivered orders with one seller's state each, as they were bought; quick: none after `QUICK_UNTIL`."""
    folder = data / "olist"
    found = pd.read_parquet(folder / "orders.parquet")
    found = found[found.order_status == "delivered"].dropna(subset=["order_delivered_customer_date"])
    items = pd.read_parquet(folder / "order_items.parquet").sort_values(["order_id", "order_item_id"])
    items = items.drop_duplicates("order_id")[["order_id", "seller_id"]]
    sellers = pd.read_parquet(folder / "sellers_full.parquet")[["seller_id", "seller_state"]]
    customers = pd.read_parquet(folder / "customers.parquet")
    found = found.merge(items, on="order_id").merge(sellers, on="seller_id").merge(customers, on="customer_id")
    bought = found.order_purchase_timestamp.dt.normalize()
    table = pd.DataFrame(
        {
            "bought": bought,
            "took": (found.order_delivered_customer_date.dt.normalize() - bought).dt.days,
            "estimate": (found.order_estimated_delivery_date.dt.normalize() - bought).dt.days,
            "to_state": found.customer_state,
            "from_state": found.seller_state,
            "postcode": found.customer_zip_code_prefix.str[:2],
            "seller": found.seller_id,
            "weekday": bought.dt.dayofweek,
        }
    )
    if quick:
        table = table[table.bought < QUICK_UNTIL]
    return table[table.took >= 0].sort_values("bought", kind="stable").reset_index(drop=True)


def measured(data: Path, *, quick: bool = False) -> dict[str, Any]:
    return figures(judged(orders(data, quick=quick)))


def judged(table: pd.DataFrame) -> Judged:
    parts = []
    for start in pd.date_range(CUT, table.bought.max(), freq=f"{REFIT_DAYS}D"):
        asked = table[(table.bought >= start) & (table.bought < start + pd.Timedelta(days=REFIT_DAYS))]
        if len(asked):
            parts.append(_week(table[table.bought < start], asked, start))
    return Judged(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("took", "estimate", "ours", "reached")),
        {name: np.concatenate([p.naive[name] for p in parts]) for name in parts[0].naive},
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("late", "naive_late")),
    )


def _week(known: pd.DataFrame, asked: pd.DataFrame, today: pd.Timestamp) -> Judged:
    age = (today - known.bought).dt.days.to_numpy()
    arrived = known.took.to_numpy() < age
    model = learn(
        History(
            np.where(arrived, known.took, age).astype(np.int64),
            arrived,
            age.astype(float),
            [known[name].tolist() for name in LEVELS],
            [known.weekday.tolist(), known.seller.tolist()],
            [True, False],
        )
    )
    told = [
        model.forecast([row[name] for name in LEVELS], [row["weekday"], row["seller"]])
        for row in asked.to_dict("records")
    ]
    estimate = asked.estimate.to_numpy(np.int64)
    ours = np.array([[f.promise(p) for p in PROMISES] for f in told], float)
    there = known[arrived]
    missed = (there.took > there.estimate).groupby([there.from_state, there.to_state]).agg(["sum", "size"])
    return Judged(
        asked.took.to_numpy(np.int64),
        estimate,
        ours,
        np.array([_reached(f, days) for f, days in zip(told, ours, strict=True)]),
        {_named(days): _naive(there, age[arrived], asked, days) for days in NAIVE_DAYS},
        np.array([f.late(int(e)) for f, e in zip(told, estimate, strict=True)]),
        _naive_late(missed, asked, float((there.took > there.estimate).mean())),
    )


def _reached(forecast: Forecast, days: Floats) -> list[float]:
    return [1 - forecast.late(int(min(d, HORIZON - 1))) for d in days]


def _named(days: int | None) -> str:
    return "lane, all" if days is None else f"lane, {days} d"


def _naive(there: pd.DataFrame, age: NDArray[Any], asked: pd.DataFrame, days: int | None) -> Floats:
    """Quantiles of what the lane's deliveries took; with too few of them those of all."""
    there = there if days is None else there[age - there.took.to_numpy() <= days]
    everybody = [float(np.quantile(there.took, p, method="higher")) for p in PROMISES]
    lanes = {
        lane: [float(np.quantile(took, p, method="higher")) for p in PROMISES]
        for lane, took in there.groupby(["from_state", "to_state"]).took
        if len(took) >= FEWEST
    }
    return np.array([lanes.get(lane, everybody) for lane in zip(asked.from_state, asked.to_state, strict=True)])


def _naive_late(missed: pd.DataFrame, asked: pd.DataFrame, everybody: float) -> Floats:
    shares = {lane: row["sum"] / row["size"] for lane, row in missed.to_dict("index").items() if row["size"] >= FEWEST}
    return np.array([shares.get(lane, everybody) for lane in zip(asked.from_state, asked.to_state, strict=True)])


def pinball(took: Floats, promised: Floats, probability: float) -> float:
    """Koenker and Bassett's loss of a quantile, in days."""
    over = took - promised
    return float(np.mean(np.maximum(probability * over, (probability - 1) * over)))


def figures(found: Judged) -> dict[str, Any]:
    """Coverage and pinball loss of each promise, and how well chances to be late are meant."""
    took = found.took.astype(float)
    promises = {}
    for n, p in enumerate(PROMISES):
        losses = {"ours": pinball(took, found.ours[:, n], p), "estimate": pinball(took, found.estimate, p)}
        losses |= {name: pinball(took, days[:, n], p) for name, days in found.naive.items()}
        promises[str(p)] = {
            "meant": round(float(found.reached[:, n].mean()), 4),
            "kept": round(float((took <= found.ours[:, n]).mean()), 4),
            "days": round(float(found.ours[:, n].mean()), 2),
            "kept_naive": {k: round(float((took <= d[:, n]).mean()), 4) for k, d in found.naive.items()},
            "pinball": {name: round(loss, 4) for name, loss in losses.items()},
        }
    was_late = (took > found.estimate).astype(float)
    return {
        "orders": len(took),
        "promises": promises,
        "estimate": {"kept": round(float(1 - was_late.mean()), 4), "days": round(float(found.estimate.mean()), 2)},
        "late": {
            "share": round(float(was_late.mean()), 4),
            "meant": round(float(found.late.mean()), 4),
            "brier": round(float(np.mean((found.late - was_late) ** 2)), 5),
            "brier_naive": round(float(np.mean((found.naive_late - was_late) ** 2)), 5),
            "bins": _bins(found.late, was_late),
        },
    }


def _bins(meant: Floats, was: Floats, bins: int = 10) -> list[dict[str, float]]:
    """Ten equally large groups by the chance that was told: what was meant and what came of it."""
    order = np.argsort(meant, kind="stable")
    return [
        {"meant": round(float(meant[part].mean()), 4), "was": round(float(was[part].mean()), 4), "orders": len(part)}
        for part in np.array_split(order, bins)
    ]
