"""The only writer of stock quantities: ledger rows, levels and bins change together, in the caller's transaction.

Lock levels first (`lock_levels`, `lock_skus`), judge, then `post`. Levels are locked in the order
(node, sku) everywhere, so that two batches that touch the same goods wait for each other and never
block each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer, Text

from db.errors import Conflict
from db.session import Transaction
from db.stock import PROMISES, MovementKind, StockLedger, StockStatus
from db.wire import Statement

MOST_UNITS = 1_000_000_000  # of a SKU at one node; the columns hold twice that


class Movement(NamedTuple):
    """One row to be. `on_hand` and `allocated` are signed changes in units.

    A movement of sellable units needs a bin; a promise has none.
    """

    sku: str
    node: str
    kind: MovementKind
    cause: str
    on_hand: int = 0
    allocated: int = 0
    bin: str | None = None
    lot: str = ""
    status: str = StockStatus.sellable
    why: str | None = None


class Level(NamedTuple):
    """A locked level, as it was when the lock was taken."""

    on_hand: int
    sellable: int
    allocated: int
    held: int
    backordered: int
    backorder_limit: int

    @property
    def free(self) -> int:
        """Units that lie there and nobody has a claim on."""
        return self.sellable - self.allocated - self.held

    @property
    def purchasable(self) -> int:
        """sellable − allocated − held + what may still be promised beyond stock."""
        return self.free + max(0, self.backorder_limit - self.backordered)


_LOCK = text("""
    SELECT l.node, l.sku, l.on_hand, l.sellable, l.allocated, l.held, l.backordered, v.backorder_limit
    FROM stock_levels l JOIN variants v USING (sku)
    WHERE (l.node, l.sku) IN (SELECT * FROM unnest(:nodes, :skus))
    ORDER BY l.node, l.sku FOR UPDATE OF l
""").bindparams(bindparam("nodes", type_=ARRAY(Text)), bindparam("skus", type_=ARRAY(Text)))

_LOCK_SKUS = """
    SELECT l.node, l.sku, l.on_hand, l.sellable, l.allocated, l.held, l.backordered, v.backorder_limit
    FROM stock_levels l JOIN variants v USING (sku)
    WHERE l.sku = ANY(%(skus)s::text[])
    ORDER BY l.node, l.sku FOR UPDATE OF l
"""

Place = tuple[str, str]
"""(sku, node)"""


def lock_levels(tx: Transaction, places: Iterable[Place]) -> dict[Place, Level]:
    """Lock the levels of (sku, node) pairs, in the one global order. Pairs without a level are absent."""
    pairs = sorted({(node, sku) for sku, node in places})
    rows = tx.execute(_LOCK, {"nodes": [p[0] for p in pairs], "skus": [p[1] for p in pairs]})
    return {(r.sku, r.node): Level(*r[2:]) for r in rows}


def lock_skus(tx: Transaction, skus: Iterable[str]) -> dict[Place, Level]:
    """Lock every level of the SKUs, at all nodes, in the one global order."""
    (rows,) = tx.ask_together(Statement(_LOCK_SKUS, {"skus": sorted(set(skus))}))
    return {(sku, node): Level(*units) for node, sku, *units in rows}


_UPDATE_LEVELS = """
    UPDATE stock_levels l SET on_hand = l.on_hand + d.on_hand, sellable = l.sellable + d.sellable,
      allocated = l.allocated + d.allocated, held = l.held + d.held,
      backordered = l.backordered + d.backordered, updated_at = %(at)s
    FROM unnest(%(node)s::text[], %(sku)s::text[], %(on_hand)s::bigint[], %(sellable)s::bigint[],
      %(allocated)s::bigint[], %(held)s::bigint[], %(backordered)s::bigint[])
      AS d(node, sku, on_hand, sellable, allocated, held, backordered)
    WHERE l.node = d.node AND l.sku = d.sku
"""

_OPEN_LEVELS = text("""
    INSERT INTO stock_levels (node, sku, on_hand, sellable, allocated, held, backordered, updated_at)
    SELECT node, sku, 0, 0, 0, 0, 0, :at FROM unnest(:node, :sku) AS d(node, sku)
    ORDER BY node, sku ON CONFLICT DO NOTHING
""").bindparams(*(bindparam(c, type_=ARRAY(Text)) for c in ("node", "sku")))


def open_levels(tx: Transaction, places: Iterable[Place]) -> None:
    """Let there be a level of nothing at (sku, node) pairs that have none."""
    pairs = sorted({(node, sku) for sku, node in places})
    tx.execute(_OPEN_LEVELS, {"node": [n for n, _ in pairs], "sku": [s for _, s in pairs], "at": tx.now})


_BIN_COLUMNS = tuple(bindparam(c, type_=ARRAY(Text)) for c in ("node", "sku", "bin", "lot", "status"))
_QUANTITY = bindparam("quantity", type_=ARRAY(Integer))
_THOSE_BINS = """
    FROM unnest(:node, :sku, :bin, :lot, :status, :quantity) AS d(node, sku, bin, lot, status, quantity)
    WHERE (b.node, b.sku, b.bin, b.lot, b.status) = (d.node, d.sku, d.bin, d.lot, d.status)
"""

_LOCK_BINS = text("""
    SELECT b.node, b.sku, b.bin, b.lot, b.status, b.quantity FROM bin_stock b
    WHERE (b.node, b.sku, b.bin, b.lot, b.status) IN
      (SELECT node, sku, bin, lot, status
       FROM unnest(:node, :sku, :bin, :lot, :status, :quantity) AS d(node, sku, bin, lot, status, quantity))
    ORDER BY b.node, b.sku, b.bin, b.lot, b.status FOR UPDATE OF b
""").bindparams(*_BIN_COLUMNS, _QUANTITY)

_TAKE_BINS = text("UPDATE bin_stock b SET quantity = b.quantity - d.quantity" + _THOSE_BINS).bindparams(  # noqa: S608 - constants of this file
    *_BIN_COLUMNS, _QUANTITY
)

_DROP_EMPTY_BINS = text(
    "DELETE FROM bin_stock b USING"  # noqa: S608 - constants of this file
    + _THOSE_BINS.replace("FROM", "", 1)
    + "AND b.quantity = 0"
).bindparams(*_BIN_COLUMNS, _QUANTITY)

_ADD_BINS = text("""
    INSERT INTO bin_stock AS b (node, sku, bin, lot, status, quantity)
    SELECT * FROM unnest(:node, :sku, :bin, :lot, :status, :quantity)
    ON CONFLICT (node, sku, bin, lot, status) DO UPDATE SET quantity = b.quantity + excluded.quantity
""").bindparams(*_BIN_COLUMNS, _QUANTITY)


@dataclass(eq=False)
class NotInBin(Conflict):
    """A movement wants to take more out of a bin than lies there."""

    sku: str
    node: str
    bin: str
    lot: str
    stock_status: str
    wanted: int
    found: int

    def __str__(self) -> str:
        lot = f" of lot {self.lot}" if self.lot else ""
        return (
            f"Bin {self.bin} at {self.node} holds {self.found} {self.stock_status} {self.sku}{lot}; "
            f"{self.wanted} were asked for."
        )


@dataclass(eq=False)
class WouldOversell(Conflict):
    """Sellable units would fall below what is promised."""

    sku: str
    node: str
    sellable: int
    promised: int

    def __str__(self) -> str:
        return (
            f"{self.sku} at {self.node} would have {self.sellable} sellable units while {self.promised} are "
            "allocated or held. Release or move allocations first."
        )


@dataclass(eq=False)
class TooManyToCount(Conflict):
    """More units of a SKU at one node, or waiting for it there, than are counted."""

    sku: str
    node: str
    units: int
    largest: int

    def __str__(self) -> str:
        return f"{self.sku} at {self.node} would come to {self.units} units; {self.largest} are counted at most."


class _Delta:
    __slots__ = ("allocated", "backordered", "held", "on_hand", "sellable")

    def __init__(self) -> None:
        self.on_hand = self.sellable = self.allocated = self.held = self.backordered = 0

    def __bool__(self) -> bool:
        return bool(self.on_hand or self.sellable or self.allocated or self.held or self.backordered)


class Change(NamedTuple):
    """A change of held or backordered units: claims that are rows of their own and need no ledger row."""

    sku: str
    node: str
    held: int = 0
    backordered: int = 0


def post(
    tx: Transaction,
    movements: Sequence[Movement],
    changes: Sequence[Change] = (),
    *,
    locked: Mapping[Place, Level] | None = None,
) -> None:
    """Write ledger rows and bring levels and bins along.

    Levels that do not exist are opened. Everything is set-based: the number of statements does not
    depend on the number of movements. `locked` are levels that the caller locked and nobody has changed since:
    when all that change are among them, they are not read again.

    Raises:
        NotInBin: a bin does not hold what is to be taken out of it.
        WouldOversell: sellable units would fall below allocated plus held.
        TooManyToCount: a place would hold, or wait for, more than a billion units.
    """
    deltas: defaultdict[Place, _Delta] = defaultdict(_Delta)
    bins: defaultdict[tuple[str, str, str, str, str], int] = defaultdict(int)
    for m in movements:
        delta = deltas[(m.sku, m.node)]
        delta.allocated += m.allocated
        if m.kind in PROMISES:
            continue
        if m.bin is None:
            raise ValueError(f"a physical movement of {m.sku} needs a bin")
        bins[(m.node, m.sku, m.bin, m.lot, m.status)] += m.on_hand
        if m.status != StockStatus.transit:
            delta.on_hand += m.on_hand
        if m.status == StockStatus.sellable:
            delta.sellable += m.on_hand
    for c in changes:
        deltas[(c.sku, c.node)].held += c.held
        deltas[(c.sku, c.node)].backordered += c.backordered
    _write_levels(tx, deltas, locked or {})
    _write_bins(tx, bins)
    tx.insert_all(StockLedger, [{"at": tx.now, "actor": tx.who.actor, **m._asdict()} for m in movements])


def _write_levels(tx: Transaction, deltas: dict[Place, _Delta], locked: Mapping[Place, Level]) -> None:
    changed = sorted(((node, sku), d) for (sku, node), d in deltas.items() if d)
    if not changed:
        return
    places = [(sku, node) for (node, sku), _ in changed]
    seen = locked if all(place in locked for place in places) else lock_levels(tx, places)
    if any(place not in seen for place in places):
        tx.execute(_OPEN_LEVELS, {"node": [n for _, n in places], "sku": [s for s, _ in places], "at": tx.now})
        seen = lock_levels(tx, places)
    for (node, sku), d in changed:
        level = seen[(sku, node)]
        sellable = level.sellable + d.sellable
        promised = level.allocated + d.allocated + level.held + d.held
        if promised > sellable:
            raise WouldOversell(sku, node, sellable, promised)
        most = max(level.on_hand + d.on_hand, level.backordered + d.backordered)
        if most > MOST_UNITS:
            raise TooManyToCount(sku, node, most, MOST_UNITS)
    keys = {"node": [node for _, node in places], "sku": [sku for sku, _ in places]}
    values = {n: [getattr(d, n) for _, d in changed] for n in _Delta.__slots__}
    tx.put_off(_UPDATE_LEVELS, {**keys, **values, "at": tx.now})


def _write_bins(tx: Transaction, bins: dict[tuple[str, str, str, str, str], int]) -> None:
    added = sorted((k, q) for k, q in bins.items() if q > 0)
    taken = sorted((k, -q) for k, q in bins.items() if q < 0)
    if taken:
        found = {tuple(r[:5]): r[5] for r in tx.execute(_LOCK_BINS, _bin_arrays(taken))}
        for k, q in taken:
            if found.get(k, 0) < q:
                raise NotInBin(k[1], k[0], k[2], k[3], k[4], q, found.get(k, 0))
        tx.execute(_TAKE_BINS, _bin_arrays(taken))
        tx.execute(_DROP_EMPTY_BINS, _bin_arrays(taken))
    if added:
        tx.execute(_ADD_BINS, _bin_arrays(added))


def _bin_arrays(
    rows: Sequence[tuple[tuple[str, str, str, str, str], int]],
) -> dict[str, list[str] | list[int]]:
    keys = zip(("node", "sku", "bin", "lot", "status"), zip(*(k for k, _ in rows), strict=True), strict=True)
    return {**{name: [str(v) for v in column] for name, column in keys}, "quantity": [q for _, q in rows]}
