"""Orders of a marketplace (Olist, Brazil) over five nodes that are made up, with stock that does not reach for all.

What is real: who bought what and when, weights, where customers and sellers are (post code and town; co-ordinates are
those of the town, GeoNames), what a parcel cost on each lane and how many days it took. What is made up, with a fixed
seed: five nodes (k-means of the customers), units at each node, parcels that a node can send in the window.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ml.carriers.transit import Forecast, History, learn
from ml.routing.measure import sent
from ml.routing.problem import Floats, Ints, Lanes, Lines, Nodes, Problem, Stock
from ml.routing.rivals import nearest
from ml.routing.worth import last_units, late

SEED = 20261129
NODES = 5
AT_HOME = 0.5  # of a seller's goods lie at the node nearest to the seller, the others by where customers are
REACH = 0.95  # units there are for each unit asked for, over all nodes
EASY, CAPACITY = 0.9, 1.15  # parcels a node can send, of those that it would if the nearest node sent whatever it has
PROMISED = 0.9  # the promise is the day by which this share of parcels from the nearest node has come
SPLIT, OVERTIME = 3.0, 2.0  # R$ a parcel: packing one more, sending one more than is easy
LATE = 15.0  # R$ a late order: a coupon of the price of a parcel
WAIT, MARGIN = 10.0, 0.15  # R$ a unit that waits, and the share of its price that is lost with those who do not
LAST, AHEAD = 3, 0.1  # of the last units, how many are given a worth; demand before goods come, of that in the window
LEAVES = (0, 0, 1, 0, 1)  # days that a node's cut-off costs: two have passed it
BANDS = (50, 200, 500, 1000, 2000)  # km, in which transit is learned
# GeoNames' numbers of the states.
STATES = {
    "AC": 1, "AL": 2, "AP": 3, "AM": 4, "BA": 5, "CE": 6, "DF": 7, "ES": 8, "MS": 11, "MA": 13, "MT": 14, "MG": 15,
    "PA": 16, "PB": 17, "PR": 18, "PI": 20, "RJ": 21, "RN": 22, "RS": 23, "RO": 24, "RR": 25, "SC": 26, "SP": 27,
    "SE": 28, "GO": 29, "PE": 30, "TO": 31,
}  # fmt: skip


@dataclass(frozen=True)
class Lane:
    """R$ a parcel: `base + per_km · km + kg · (per_kg + per_kg_km · km)`, and how well that tells real freights."""

    base: float
    per_km: float
    per_kg: float
    per_kg_km: float
    r2: float
    error: float  # mean, R$
    items: int


@dataclass(frozen=True)
class World:
    """Everything that windows of orders are drawn from."""

    orders: pd.DataFrame  # one row each, in the order of purchase: order_id, lat, lon, state
    items: pd.DataFrame  # order (row number), sku, quantity
    goods: pd.DataFrame  # by sku: kg, price, lat and lon of its seller, category
    at: Floats  # (nodes, 2) degrees
    lane: Lane
    transit: dict[tuple[str, int], Forecast]
    placed: dict[str, float]  # how towns were found


def read(data: Path) -> World:
    folder = data / "olist"
    orders, items = pd.read_parquet(folder / "orders.parquet"), pd.read_parquet(folder / "order_items.parquet")
    customers, sellers = pd.read_parquet(folder / "customers.parquet"), pd.read_parquet(folder / "sellers_full.parquet")
    goods = pd.read_parquet(folder / "products_full.parquet")[
        ["product_id", "product_weight_g", "product_category_name"]
    ]
    customers.columns = customers.columns.str.replace("customer_(zip|city|state)", r"\1", regex=True)
    sellers.columns = sellers.columns.str.replace("seller_(zip|city|state)", r"\1", regex=True)
    towns = _towns(data)
    buyers, how = _located(customers, towns)
    sold_by, _ = _located(sellers, towns)
    orders = orders.merge(buyers[["customer_id", "lat", "lon", "state"]], on="customer_id")
    orders = orders[orders.order_id.isin(items.order_id)].sort_values(["order_purchase_timestamp", "order_id"])
    orders = orders.reset_index(drop=True)
    rows = items.merge(goods, on="product_id").merge(sold_by[["seller_id", "lat", "lon"]], on="seller_id")
    rows = rows.merge(orders[["order_id", "lat", "lon", "state"]], on="order_id", suffixes=("", "_to"))
    rows["kg"] = rows.product_weight_g.fillna(rows.product_weight_g.median()) / 1000
    rows["km"] = kilometres(rows[["lat", "lon"]].to_numpy(float), rows[["lat_to", "lon_to"]].to_numpy(float))
    numbers, _ = pd.factorize(rows.product_id, sort=True)
    rows["sku"] = numbers
    rows["order"] = rows.order_id.map(pd.Series(orders.index, orders.order_id))
    rows["category"] = rows.product_category_name.fillna("")
    by_sku = rows.groupby("sku")[["kg", "price", "lat", "lon", "category"]].first()
    lines = rows.groupby(["order", "sku"]).size().rename("quantity").reset_index()
    at = _k_means(orders[["lat", "lon"]].to_numpy(float))
    return World(orders, lines, by_sku, at, _lane(rows), _transit(orders, rows), how)


def of_few_goods(world: World) -> World:
    """The same orders from a shop that has one good for all of a category that weigh about the same (twice as much)."""
    named = world.goods.category + np.round(np.log2(world.goods.kg.clip(lower=0.05))).astype(int).astype(str)
    numbers, _ = pd.factorize(named, sort=True)
    items = world.items.assign(sku=numbers[world.items.sku])
    items = items.groupby(["order", "sku"], as_index=False).quantity.sum()
    goods = world.goods[["kg", "price", "lat", "lon"]].groupby(numbers).median()
    return replace(world, items=items, goods=goods)


def kilometres(one: Floats, other: Floats) -> Floats:
    """Between points in degrees, on a sphere (haversine)."""
    a, b = np.radians(one), np.radians(other)
    half = np.sin((a - b) / 2) ** 2
    through = half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]
    return np.asarray(2 * 6371.0 * np.arcsin(np.sqrt(through)))


def window(world: World, first: int, count: int, *, together: int = 1) -> Problem:
    """`count` orders from the first on. `together` makes one order of so many of the same state that follow each other.

    Shops of many goods for each order are not in the data; that is how windows of such orders are made.
    """
    chosen = world.orders.iloc[first : first + count * together]
    nth = chosen.groupby("state").cumcount() // together
    number, _ = pd.factorize(chosen.state + nth.astype(str))
    heads = chosen.groupby(number).head(1)
    of = world.items[world.items.order.isin(chosen.index)].copy()
    of["order"] = of.order.map(pd.Series(number, chosen.index))
    of = of.groupby(["order", "sku"], as_index=False).quantity.sum()
    skus, sku = np.unique(of.sku, return_inverse=True)
    lines = Lines(of.order.to_numpy(np.int64), sku.astype(np.int64), of.quantity.to_numpy(np.int64))
    return _problem(world, heads, lines, world.goods.loc[skus])


def _problem(world: World, heads: pd.DataFrame, lines: Lines, goods: pd.DataFrame) -> Problem:
    rng = np.random.default_rng(SEED)
    home = heads[["lat", "lon"]].to_numpy(float)
    km = kilometres(home[:, None], world.at[None])
    near = km.argmin(axis=1)
    share = np.bincount(near, minlength=NODES) / len(heads)
    asked = np.bincount(lines.sku, lines.quantity, len(goods))
    units = _units(rng, asked, share, goods, world.at)
    # What waits is sent from the nearest node once goods have come, and has missed its promise by then.
    with_waiting = np.concatenate([km, km.min(axis=1, keepdims=True)], axis=1)
    lane, price = world.lane, goods.price.to_numpy(float)
    ahead = AHEAD * asked[:, None] * share[None]
    most = int(lines.quantity.sum())
    of = Problem(
        lines=lines,
        lanes=Lanes(
            fixed=lane.base + lane.per_km * with_waiting,
            per_kg=lane.per_kg + lane.per_kg_km * with_waiting,
            late=np.concatenate([_late(world, heads.state.tolist(), km, near), np.ones((len(heads), 1))], axis=1),
            late_cost=np.full(len(heads), LATE),
        ),
        nodes=Nodes(np.full(NODES, most), np.full(NODES, most), np.full(NODES, OVERTIME)),
        stock=Stock(units, last_units(ahead, MARGIN * price, LAST), WAIT + MARGIN * price),
        kg=goods.kg.to_numpy(float),
        allowed=np.ones((len(lines.order), NODES), bool),
        whole=np.zeros(len(heads), bool),
        split=SPLIT,
        most=NODES + 1,  # so that no policy is kept from a split
    )
    parcels = sent(of, nearest(of))[:, :NODES].sum(axis=0)
    easy, capacity = np.floor(EASY * parcels).astype(np.int64), np.ceil(CAPACITY * parcels).astype(np.int64)
    return replace(of, nodes=Nodes(easy, capacity, of.nodes.overtime))


def _units(rng: np.random.Generator, asked: Floats, share: Floats, goods: pd.DataFrame, at: Floats) -> Ints:
    """REACH units for each that is asked for, drawn to nodes one by one."""
    home = kilometres(goods[["lat", "lon"]].to_numpy(float)[:, None], at[None]).argmin(axis=1)
    total = np.floor(REACH * asked + rng.random(len(asked))).astype(np.int64)
    chance = (1 - AT_HOME) * share[None] + AT_HOME * np.eye(NODES)[home]
    return np.asarray(rng.multinomial(total, chance), np.int64)


def _late(world: World, states: list[str], km: Floats, near: Ints) -> Floats:
    """Chance to miss the promise, which was made as if the nearest node sent it at once."""
    band = np.searchsorted(BANDS, km)
    found, known = np.empty(km.shape), {}
    for n, (state, bands) in enumerate(zip(states, band.tolist(), strict=True)):
        key = (state, tuple(bands), int(near[n]))
        if key not in known:
            forecasts = [world.transit.get((state, b)) or world.transit["", b] for b in bands]
            promise = forecasts[key[2]].promise(PROMISED)
            known[key] = [late(f, promise, leaves) for f, leaves in zip(forecasts, LEAVES, strict=True)]
        found[n] = known[key]
    return found


def _towns(data: Path) -> pd.DataFrame:
    places = pd.read_parquet(data / "geonames_cities" / "br_cities500.parquet")
    numbers = {f"{n:02d}": state for state, n in STATES.items()}
    places["state"], places["town"] = places.admin1code.map(numbers), places.name.map(_plain)
    places = places.sort_values("population", ascending=False).drop_duplicates(["state", "town"])
    return places[["state", "town", "latitude", "longitude", "population"]]


def _located(people: pd.DataFrame, towns: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """By town; where its name is not known, the middle of the towns with the same first three digits of the post code.

    And where that is not known either, the state's largest town.
    """
    people = people.assign(town=people.city.map(_plain)).merge(towns, on=["state", "town"], how="left")
    area = people.zip_code_prefix.str[:3]
    middle = people.groupby(area)[["latitude", "longitude"]].median()
    capital = towns.drop_duplicates("state").set_index("state")[["latitude", "longitude"]]
    by_town = people.latitude.notna()
    found = people[["latitude", "longitude"]].fillna(middle.reindex(area).set_axis(people.index))
    by_code = found.latitude.notna() & ~by_town
    found = found.fillna(capital.reindex(people.state).set_axis(people.index))
    how = {"town": round(float(by_town.mean()), 4), "post code": round(float(by_code.mean()), 4)}
    return people.assign(lat=found.latitude, lon=found.longitude), how


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]+", " ", ascii_only).strip()


def _lane(rows: pd.DataFrame) -> Lane:
    """Least squares over items that were sent alone, so that each freight is of one parcel."""
    alone = rows[rows.groupby("order_id").order_id.transform("size") == 1]
    alone = alone[alone.freight_value > 0]
    km, kg, paid = (alone[name].to_numpy(float) for name in ("km", "kg", "freight_value"))
    terms = np.stack([np.ones(len(km)), km, kg, kg * km], axis=1)
    found = np.linalg.lstsq(terms, paid, rcond=None)[0]
    off = paid - terms @ found
    r2 = 1 - float(off @ off) / float(((paid - paid.mean()) ** 2).sum())
    base, per_km, per_kg, per_kg_km = (float(x) for x in found)
    return Lane(base, per_km, per_kg, per_kg_km, round(r2, 3), round(float(np.abs(off).mean()), 2), len(paid))


def _transit(orders: pd.DataFrame, rows: pd.DataFrame) -> dict[tuple[str, int], Forecast]:
    """Days from the carrier's taking a parcel to the customer's door, by state and distance; "" is any state."""
    one = rows.drop_duplicates("order_id").set_index("order_id")
    done = orders.dropna(subset=["order_delivered_customer_date", "order_delivered_carrier_date"])
    done = done[done.order_id.isin(one.index)]
    took = (done.order_delivered_customer_date - done.order_delivered_carrier_date).dt.days
    done, took = done[took >= 0], took[took >= 0]
    band = np.searchsorted(BANDS, one.km.reindex(done.order_id).to_numpy(float))
    states = done.state.tolist()
    newest = done.order_delivered_carrier_date.max()
    history = History(
        days=took.to_numpy(np.int64),
        arrived=np.ones(len(done), bool),
        age=(newest - done.order_delivered_carrier_date).dt.days.to_numpy(float),
        levels=[band.tolist(), states],
        factors=[],
        by_day=[],
    )
    known: Any = learn(history)
    every = range(len(BANDS) + 1)
    found = {(state, b): known.forecast([b, state]) for state in sorted(set(states)) for b in every}
    return found | {("", b): known.forecast([b]) for b in every}


def _k_means(points: Floats, *, rounds: int = 50) -> Floats:
    """Lloyd's algorithm on a map that is flat in the middle of the country, from points far from each other."""
    rng = np.random.default_rng(SEED)
    flat = points * np.array([1.0, np.cos(np.radians(floor(points[:, 0].mean())))])
    centres = [flat[rng.integers(len(flat))]]
    for _ in range(NODES - 1):  # k-means++ (Arthur and Vassilvitskii 2007)
        far = np.min([((flat - c) ** 2).sum(axis=1) for c in centres], axis=0)
        centres.append(flat[rng.choice(len(flat), p=far / far.sum())])
    at = np.array(centres)
    for _ in range(rounds):
        of = ((flat[:, None] - at[None]) ** 2).sum(axis=2).argmin(axis=1)
        at = np.array([flat[of == k].mean(axis=0) if (of == k).any() else at[k] for k in range(NODES)])
    sizes = np.bincount(of, minlength=NODES)
    order = np.argsort(-sizes, kind="stable")
    return np.array([points[of == k].mean(axis=0) for k in order])
