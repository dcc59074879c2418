"""What waits at a node for its release, with all that a wave's filter asks about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from agents.fulfilment.rules import PICKED_FROM, WORKABLE
from agents.fulfilment.wave_choice import Box, Candidate, Due
from db.session import Transaction
from db.stock import StockStatus
from db.wire import Statement

MOST = 5_000  # fulfilments looked at for a wave, what is due first

_WAITING = """
    SELECT f.id, f.order_id, f.number, f.due_at, f.created_at, f.service, o.channel, o.ship_complete,
      o.tags || coalesce(c.tags, '{}'), o.status = ANY(%(workable)s::text[])
        AND NOT EXISTS (SELECT 1 FROM order_holds h WHERE h.order_id = o.id AND h.released_at IS NULL) AS may,
      l.lines, l.units, l.grams, l.volume, l.skus
    FROM fulfilments f JOIN orders o ON o.id = f.order_id LEFT JOIN customers c ON c.id = o.customer_id
    JOIN LATERAL (
      SELECT count(DISTINCT (n.line_no, n.sku)) AS lines, sum(n.quantity - n.picked) AS units,
        coalesce(sum(n.quantity * v.weight_grams), 0) AS grams,
        coalesce(sum(n.quantity::bigint * v.length_mm * v.width_mm * v.height_mm), 0) AS volume,
        array_agg(DISTINCT n.sku) AS skus
      FROM fulfilment_lines n JOIN variants v ON v.sku = n.sku WHERE n.fulfilment_id = f.id
    ) l ON l.units > 0
    WHERE f.node = %(node)s AND f.status = 'ready' AND f.released_at IS NULL AND f.wave_id IS NULL
    ORDER BY f.due_at, f.created_at, f.number LIMIT %(most)s
"""
_ZONES = """
    SELECT DISTINCT s.sku, b.zone FROM bin_stock s JOIN bins b ON b.node = s.node AND b.code = s.bin
    WHERE s.node = %(node)s AND s.sku = ANY(%(skus)s::text[]) AND s.status = %(sellable)s AND s.quantity > 0
      AND b.active AND b.zone IS NOT NULL AND b.type = ANY(%(types)s::text[])
"""
_FLOOR = """
    SELECT coalesce(f.due_at, f.created_at), count(*), sum(n.quantity - n.picked)
    FROM fulfilments f JOIN fulfilment_lines n ON n.fulfilment_id = f.id
    WHERE f.node = %(node)s AND f.status IN ('ready', 'picking') AND f.released_at IS NOT NULL AND n.picked < n.quantity
    GROUP BY f.id
"""
_BOXES = """
    SELECT length_mm::bigint * width_mm * height_mm, max_grams - tare_grams FROM packing_boxes
    WHERE node = %(node)s AND active
"""


class Waiting:
    """`candidates` may be worked on, and `held` is how many may not. Weights and volumes are by fulfilment."""

    def __init__(self) -> None:
        self.candidates: list[Candidate] = []
        self.held = 0
        self.grams: dict[UUID, int] = {}
        self.volumes: dict[UUID, int] = {}


def read_waiting(tx: Transaction, node: str, *, zones: bool) -> Waiting:
    """Without locks: whoever takes them locks them and looks again. `zones` are asked for where a filter names any."""
    asked = {"node": node, "workable": [s.value for s in WORKABLE], "most": MOST}
    (rows,) = tx.ask_together(Statement(_WAITING, asked))
    skus = {sku for row in rows for sku in row[14]}
    lies = _zones(tx, node, skus) if zones else {}
    found = Waiting()
    for ident, order_id, number, due_at, created_at, service, channel, complete, tags, may, *goods in rows:
        lines, units, grams, volume, theirs = goods
        if not may:
            found.held += 1
            continue
        found.grams[ident], found.volumes[ident] = int(grams), int(volume)
        found.candidates.append(
            Candidate(
                ident, order_id, number, due_at, created_at, service, channel, complete, tags, lines, int(units),
                [lies.get(sku, frozenset()) for sku in theirs],
            )
        )  # fmt: skip
    return found


def _zones(tx: Transaction, node: str, skus: Collection[str]) -> dict[str, set[str]]:
    asked = {
        "node": node,
        "skus": sorted(skus),
        "sellable": StockStatus.sellable.value,
        "types": [t.value for t in PICKED_FROM],
    }
    (rows,) = tx.ask_together(Statement(_ZONES, asked))
    lies: dict[str, set[str]] = defaultdict(set)
    for sku, zone in rows:
        lies[sku].add(zone)
    return lies


def read_floor(tx: Transaction, node: str) -> list[Due]:
    """What is on the floor of a node and not picked yet."""
    (rows,) = tx.ask_together(Statement(_FLOOR, {"node": node}))
    return [Due(due_at, lines, int(units)) for due_at, lines, units in rows]


def read_boxes(tx: Transaction, node: str) -> list[Box]:
    (rows,) = tx.ask_together(Statement(_BOXES, {"node": node}))
    return [Box(int(volume), grams) for volume, grams in rows]


def due_of(candidates: Iterable[Candidate]) -> list[Due]:
    return [Due(c.due_at or c.created_at, c.lines, c.units) for c in candidates]
