"""Which node sent what in the demo shop's past: whole from the first that has everything, else from as few as may be.

The orders agent decides about today's orders; this is the same in short, for orders that nobody asks it about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cli.demo.places import SITES

Units = tuple[str, int]  # SKU and quantity
_RANKS = {site.code: site.rank for site in SITES}


@dataclass(frozen=True)
class Route:
    """For each line (node, SKU, quantity) of its parts; nothing for a line that was not to be had whole."""

    by_line: list[list[tuple[str, str, int]]]
    whole: bool

    def why(self, node: str) -> str:
        return f"{'whole order' if self.whole else 'split: the rest'} from {node}, rank {_RANKS[node]}"


def route(lines: Sequence[Sequence[Units]], free: Callable[[str, str], int], nodes: Sequence[str]) -> Route:
    for node in nodes:
        if all(free(sku, node) >= needed for sku, needed in _sum(lines).items()):
            return Route([[(node, sku, quantity) for sku, quantity in parts] for parts in lines], whole=True)
    taken: dict[tuple[str, str], int] = {}
    by_line = []
    for parts in lines:
        chosen: list[tuple[str, str, int]] = []
        for sku, quantity in parts:
            for node in nodes:
                if free(sku, node) - taken.get((sku, node), 0) >= quantity:
                    chosen.append((node, sku, quantity))
                    break
        if len(chosen) < len(parts):
            chosen = []
        for node, sku, quantity in chosen:
            taken[(sku, node)] = taken.get((sku, node), 0) + quantity
        by_line.append(chosen)
    return Route(by_line, whole=len({node for parts in by_line for node, _, _ in parts}) == 1)


def _sum(lines: Sequence[Sequence[Units]]) -> dict[str, int]:
    needed: dict[str, int] = {}
    for parts in lines:
        for sku, quantity in parts:
            needed[sku] = needed.get(sku, 0) + quantity
    return needed
