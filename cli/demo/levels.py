"""Levels and bins of the demo shop: the sums of its ledger."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from cli.demo.past import Past
from cli.demo.pen import Pen
from db.stock import StockStatus


def shelve(pen: Pen, past: Past) -> None:
    """Write the ledger, and what it adds up to."""
    pen.tables["stock_ledger"] = [{**e._asdict(), "lot": ""} for e in past.entries]
    levels: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    bins: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    moved: dict[tuple[str, str], datetime] = {}
    for e in past.entries:
        moved[(e.node, e.sku)] = e.at
        level = levels[(e.node, e.sku)]
        level[0] += e.on_hand
        level[1] += e.on_hand if e.status == StockStatus.sellable else 0
        level[2] += e.allocated
        if e.bin and e.on_hand:
            bins[(e.node, e.sku, e.bin, str(e.status))] += e.on_hand
    for (node, sku), (on_hand, sellable, allocated) in sorted(levels.items()):
        pen.add(
            "stock_levels", node=node, sku=sku, on_hand=on_hand, sellable=sellable, allocated=allocated, held=0,
            backordered=0, updated_at=moved[(node, sku)],
        )  # fmt: skip
    for (node, sku, bin, status), quantity in sorted(bins.items()):
        if quantity:
            pen.add("bin_stock", node=node, sku=sku, bin=bin, lot="", status=status, quantity=quantity)
