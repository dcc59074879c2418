"""Demand and lead times that really were, cut in time: what a planner may know, and what comes afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEED = 20261126
FEWEST_RECEIPTS = 20  # of a vendor, before the cut and after it
GROCERY_DAYS = 14  # what a grocer's supplier quotes; the vendors of the data set ship medicines over seas


@dataclass(frozen=True)
class Vendor:
    """Lead times in days. An order that was out at the cut is known by how long it had been."""

    quoted: float
    before: Floats
    ages: Floats  # days from each receipt to the cut
    out: Floats
    after: Floats

    def scaled(self, factor: float) -> Vendor:
        return Vendor(*(factor * x for x in (self.quoted, self.before, self.ages, self.out, self.after)))


@dataclass(frozen=True)
class Case:
    """One data set. Demand (n, buckets) in whole units; the first `known` buckets are before the cut."""

    name: str
    demand: Floats
    known: int
    warm: int  # buckets before the cut in which a replay begins, so that what is measured has forgotten the start
    days_a_bucket: float
    vendors: list[Vendor]
    vendor: NDArray[np.int64]  # of each SKU
    drawn: NDArray[np.int64]  # (n, orders) buckets, from orders sent after the cut
    unit_cost: Floats
    order_cost: float


def cases(data: Path, *, quick: bool) -> list[Case]:
    some = 150 if quick else 600
    found = []
    for make in (car_parts, walmart, grocery):
        case = make(data, some if make is not car_parts or quick else 2000)
        found.append(case)
    return found


def car_parts(data: Path, most: int) -> Case:
    """Monthly demand for spare parts, three years known and fifteen months to come."""
    frame = pd.read_parquet(data / "expsmooth_demand" / "carparts_odd.parquet").drop(columns=["t", "month"])
    demand = frame.dropna(axis=1).to_numpy(float).T
    demand = _some(demand[demand[:, :36].sum(axis=1) > 0], most)
    cost = np.full(len(demand), 20.0)
    return _case("car parts", data, demand, known=36, warm=18, days_a_bucket=30.4375, unit_cost=cost, order_cost=5.0)


def walmart(data: Path, most: int) -> Case:
    """Weekly sales of departments in cases of 100 dollars, a year and a half known and a year to come."""
    frame = pd.read_parquet(data / "walmart_weekly" / "sales_to_2012-07.parquet")
    wide = frame.pivot_table(index=["Store", "Dept"], columns="Date", values="Weekly_Sales").dropna()
    demand = np.round(np.maximum(wide.to_numpy(float), 0) / 100)
    demand = _some(demand[demand[:, :78].sum(axis=1) > 0], most)
    cost = np.full(len(demand), 70.0)
    return _case("Walmart", data, demand, known=78, warm=40, days_a_bucket=7.0, unit_cost=cost, order_cost=50.0)


def grocery(data: Path, most: int) -> Case:
    """Daily sales of groceries in pieces, half a year known and three months to come; no fuel, nothing by weight."""
    frame = pd.read_parquet(
        data / "complete_journey" / "transactions_2017_q1_q3.parquet",
        columns=["product_id", "quantity", "sales_value", "transaction_timestamp"],
    )
    frame = frame[frame.quantity.between(1, 24)]
    frame["day"] = (frame.transaction_timestamp.dt.normalize() - pd.Timestamp("2017-01-01")).dt.days
    known = frame[frame.day < 182]
    often = known.groupby("product_id").size()
    frame = frame[frame.product_id.isin(often[often >= 60].index)]
    wide = frame.pivot_table(index="product_id", columns="day", values="quantity", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=range(273), fill_value=0)
    sums = frame[frame.day < 182].groupby("product_id")[["sales_value", "quantity"]].sum()
    price = (sums.sales_value / sums.quantity).reindex(wide.index).to_numpy(float)
    picked = _some(np.arange(len(wide)), most)
    demand, cost = wide.to_numpy(float)[picked], np.maximum(0.7 * price[picked], 0.1)
    return _case(
        "Complete Journey", data, demand, known=182, warm=60, days_a_bucket=1.0, unit_cost=cost, order_cost=0.5,
        quoted=GROCERY_DAYS,
    )  # fmt: skip


def _case(
    name: str, data: Path, demand: Floats, *, known: int, warm: int, days_a_bucket: float, unit_cost: Floats,
    order_cost: float, quoted: float | None = None,
) -> Case:  # fmt: skip
    """`quoted` in days scales the vendors' receipts to another quoted time; without it they stay as they are."""
    rng = np.random.default_rng(SEED)
    vendors = [v if quoted is None else v.scaled(quoted / v.quoted) for v in read_vendors(data)]
    vendor = rng.integers(0, len(vendors), len(demand))
    days = np.array([rng.choice(vendors[v].after, demand.shape[1]) for v in vendor])
    drawn = np.rint(days / days_a_bucket).astype(np.int64)
    return Case(name, demand, known, warm, days_a_bucket, vendors, vendor, drawn, unit_cost, order_cost)


def read_vendors(data: Path) -> list[Vendor]:
    """Vendors of SCMS with enough receipts: those received before a cut are known, those sent after it are to come.

    The cut is the day on which half of a vendor's orders had been received.
    """
    frame = pd.read_parquet(data / "scms_delivery" / "scms_to_2012.parquet")
    names = {"sent": "PO Sent to Vendor Date", "due": "Scheduled Delivery Date", "there": "Delivered to Client Date"}
    table = pd.DataFrame({k: pd.to_datetime(frame[c], format="mixed", errors="coerce") for k, c in names.items()})
    table["vendor"], table["took"] = frame["Vendor"], (table.there - table.sent).dt.days
    table["quoted"] = (table.due - table.sent).dt.days
    # One order has many lines; dates that run backwards are mistakes of the file.
    table = table[(table.took > 0) & (table.quoted > 0)].drop_duplicates()
    found = []
    for _, of in table.groupby("vendor"):
        cut = of.there.median()
        before, after = of[of.there < cut], of[of.sent >= cut]
        out = of[(of.sent < cut) & (of.there >= cut)]
        if min(len(before), len(after)) >= FEWEST_RECEIPTS:
            days = (before.took, (cut - before.there).dt.days, (cut - out.sent).dt.days, after.took)
            found.append(Vendor(float(before.quoted.median()), *(d.to_numpy(float) for d in days)))
    return found


def _some(rows: NDArray[Any], most: int) -> NDArray[Any]:
    if len(rows) <= most:
        return rows
    return rows[np.sort(np.random.default_rng(SEED).choice(len(rows), most, replace=False))]
