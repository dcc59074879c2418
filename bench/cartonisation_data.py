"""Boxes to be filled and orders to be packed: instances of the literature, and what a marketplace really sold."""

from __future__ import annotations

import csv
import gzip
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ml.cartonisation.goods import Box, Goods

SETS = {
    "BR1": "bischoff1995/BR1.txt_",
    "BR2": "bischoff1995/BR2.txt_",
    "BR3": "bischoff1995/BR3.txt_",
    "BR4": "bischoff1995/BR4.txt_",
    "Loh": "loh1992/thpack8.txt_",
}  # fmt: skip
STANDING = (("ZYX", "YZX"), ("XZY", "ZXY"), ("XYZ", "YXZ"))  # columns of the turns with each side upright
CARRIES = 10**9  # grams: the instances know no weight

BOXES = tuple(
    Box(code, size, most_grams=most, grams=grams, cost=cost, wall=4)
    for code, size, most, grams, cost in (
        ("A", (200, 150, 100), 5_000, 90, 28),
        ("B", (250, 200, 120), 8_000, 140, 38),
        ("C", (300, 220, 150), 10_000, 190, 47),
        ("D", (350, 250, 250), 15_000, 300, 69),
        ("E", (450, 350, 250), 20_000, 460, 98),
        ("F", (600, 400, 300), 30_000, 780, 156),
        ("G", (600, 400, 600), 30_000, 1_150, 228),
        ("H", (1050, 500, 500), 30_000, 2_050, 420),
    )
)
"""Cartons as sold in tens, in cents, within what a parcel of a national post may measure."""


@dataclass(frozen=True)
class Instance:
    """One box, more goods than go into it, and the most volume that anybody is known to have put in."""

    name: str
    box: Box
    goods: tuple[Goods, ...]
    best_known: int | None  # mm³ of the instance's unit

    @property
    def bound(self) -> int:
        """No more than this goes in: what is best known, or all of it where the box is the larger."""
        return self.best_known or min(self.box.volume, sum(g.volume * g.quantity for g in self.goods))


def instances(data: Path, name: str) -> Iterator[Instance]:
    folder = data / "box_packing"
    with gzip.open(folder / "best_known_knapsack_BR.csv.gz", "rt") as file:
        known = {row["Path"]: int(row["Best known solution value"]) for row in csv.DictReader(file)}
    with tarfile.open(folder / "box_instances.tar.gz") as archive:
        members = {member.name.removeprefix("./"): member for member in archive.getmembers()}
        n = 1
        while (path := f"{SETS[name]}{n}") + "_items.csv" in members:
            (box,) = _rows(archive, members[f"{path}_bins.csv"])
            yield Instance(
                f"{name}.{n}",
                Box("box", (int(box["X"]), int(box["Y"]), int(box["Z"])), CARRIES),
                tuple(_goods(row) for row in _rows(archive, members[f"{path}_items.csv"])),
                known.get(path),
            )
            n += 1


def _rows(archive: tarfile.TarFile, member: tarfile.TarInfo) -> list[dict[str, str]]:
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"{member.name} is no file")
    return list(csv.DictReader(io.TextIOWrapper(file)))


def _goods(row: dict[str, str]) -> Goods:
    upright = tuple(
        side for side, turns in enumerate(STANDING) if any(row[f"ROTATION_{turn}"] == "1" for turn in turns)
    )
    return Goods(row["ID"], (int(row["X"]), int(row["Y"]), int(row["Z"])), 1, int(row["COPIES"]), upright)


def orders(data: Path) -> list[list[Goods]]:
    """Orders of two units and more of a marketplace, with the sizes and weights that its sellers gave."""
    return [_basket(rows) for rows in _sold(data) if len(rows) > 1]


def baskets(data: Path, together: int = 5) -> list[list[Goods]]:
    """So many successive orders as if one customer had sent them: what a shop with larger orders packs."""
    sold = _sold(data)
    return [_basket([row for rows in sold[n : n + together] for row in rows]) for n in range(0, len(sold), together)]


Row = tuple[str, tuple[int, int, int], int]


def _sold(data: Path) -> list[list[Row]]:
    folder = data / "olist"
    sides = ["product_length_cm", "product_width_cm", "product_height_cm"]
    products = pd.read_parquet(folder / "products_full.parquet").dropna(subset=[*sides, "product_weight_g"])
    products = products[(products[sides] > 0).all(axis=1) & (products["product_weight_g"] > 0)]
    items = pd.read_parquet(folder / "order_items.parquet").merge(products, on="product_id")
    items = items.sort_values(["shipping_limit_date", "order_id", "order_item_id"])
    sold: dict[str, list[Row]] = {}
    for row in items.itertuples():
        size = (round(10 * row.product_length_cm), round(10 * row.product_width_cm), round(10 * row.product_height_cm))
        sold.setdefault(row.order_id, []).append((row.product_id, size, round(row.product_weight_g)))
    return list(sold.values())


def _basket(rows: list[Row]) -> list[Goods]:
    counted: dict[Row, int] = {}
    for row in rows:
        counted[row] = counted.get(row, 0) + 1
    return [Goods(sku, size, grams, quantity) for (sku, size, grams), quantity in counted.items()]
