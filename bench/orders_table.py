"""What was measured, for people: a table on the terminal and a chart as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

Cell = dict[str, Any]
HEADS = ("what", "good", "callers", "orders/s", "p50", "p95", "p99", "to pgbench", "whole/s")
COLOURS = {"pgbench": "#8a8f98", "agent": "#2f6fdb", "HTTP": "#1b9e77"}


def medians(rounds: Sequence[Sequence[Cell]]) -> list[Cell]:
    """The cell of the middle rate of each kind; rounds have the same cells in the same order."""
    chosen = []
    for cells in zip(*rounds, strict=True):
        rate = median(c["orders_per_second"] for c in cells)
        nearest = min(cells, key=lambda c: abs(c["orders_per_second"] - rate))
        chosen.append({**nearest, "rounds": [round(c["orders_per_second"], 1) for c in cells]})
    return chosen


def show(cells: Sequence[Cell], console: Console) -> None:
    """Rates and latencies, then where the processor time of an order goes. `whole` counts until all that follows from
    the orders is done as well."""
    table = Table(*HEADS, title="Orders placed, durably; latencies in ms", title_justify="left")
    for c in cells:
        table.add_row(
            c["what"], c["good"], str(c["callers"]), f"{c['orders_per_second']:,.0f}",
            *(f"{c[p]:,.1f}" for p in ("p50", "p95", "p99")),
            f"{c['ratio']:.2f}" if "ratio" in c else "",
            f"{c['whole']:,.0f}" if "whole" in c else "",
        )  # fmt: skip
    console.print(table)
    parts = list(dict.fromkeys(part for c in cells for part in c["cpu"]))
    title = "Processor time of an order, µs"
    table = Table("what", "good", "callers", "all", *parts, title=title, title_justify="left")
    for c in cells:
        split = [c["cpu"].get(part, 0.0) for part in parts]
        table.add_row(c["what"], c["good"], str(c["callers"]), *(f"{v:,.0f}" for v in (sum(split), *split)))
    console.print(table)


def chart(cells: Sequence[Cell], file: Path) -> None:
    """Bars of orders a second, hot and a thousand goods side by side."""
    groups = list(dict.fromkeys((c["what"], c["callers"]) for c in cells))
    most = max(c["orders_per_second"] for c in cells) or 1.0
    height, bar = 18, 480
    rows = []
    for y, (what, callers) in enumerate(groups):
        top = 40 + y * (2 * height + 14)
        rows.append(f'<text x="8" y="{top + height + 4}">{what}, {callers}</text>')
        for i, good in enumerate(("hot", "1,000")):
            cell = next((c for c in cells if (c["what"], c["callers"], c["good"]) == (what, callers, good)), None)
            if cell is None:
                continue
            width = bar * cell["orders_per_second"] / most
            shade = COLOURS.get(what, "#999")
            at = top + i * height
            rows.append(f'<rect x="120" y="{at}" width="{width:.1f}" height="{height - 3}" fill="{shade}" '
                        f'fill-opacity="{1 if i else 0.55}"/>')  # fmt: skip
            rows.append(f'<text x="{126 + width:.1f}" y="{at + 12}">{cell["orders_per_second"]:,.0f} {good}</text>')
    total = 60 + len(groups) * (2 * height + 14)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{total}" font-family="sans-serif" '
        f'font-size="12"><rect width="760" height="{total}" fill="#fff"/>'
        '<text x="8" y="22" font-size="14">Orders a second, durable (pale: one hot good; full: a thousand goods)</text>'
        + "".join(rows) + "</svg>\n"
    )  # fmt: skip
