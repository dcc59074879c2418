"""The stock under a batch of orders: locked once, judged in memory, written once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, update

from agents.inventory.messages import BackordersFilled
from agents.orders.routing import Need, Piece, Place, Pool, ShippingNode, route
from db.allocations import Want, allocate, fill_backorders
from db.ledger import Change, Level, lock_skus
from db.session import Transaction
from db.stock import Allocation, HoldState, StockHold
from db.wire import Row, Statement


@dataclass
class Stockroom:
    """Holds locks until the transaction ends. `reserve` changes only this copy; `write` makes it true."""

    pool: Pool
    levels: dict[Place, Level]  # as they were when they were locked
    holds: dict[str, list[StockHold]]
    waiting: Counter[Place]  # units that orders wait for, those of this batch included
    used_holds: list[StockHold] = field(default_factory=list)
    owed: set[Place] = field(default_factory=set)  # where units came free for those who wait

    def reserve(self, needs: Sequence[Need], *, reference: str | None = None) -> list[Piece]:
        """Plan an order and keep its units from the orders after it. The checkout's hold is used up.

        Raises:
            OutOfStock: nothing was kept.
        """
        holds = self.holds.get(reference, []) if reference else []
        held: Counter[Place] = Counter()
        for hold in holds:
            held[(hold.sku, hold.node)] += hold.quantity
        pieces = route(needs, self.pool, held=held)
        for piece in pieces:
            if piece.backordered:
                self.waiting[(piece.sku, piece.node)] += piece.quantity
        if reference and holds:
            self._use_up(self.holds.pop(reference), held, pieces)
        return pieces

    def _use_up(self, holds: list[StockHold], held: Counter[Place], pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if not piece.backordered:
                held[(piece.sku, piece.node)] -= piece.quantity
        for place, left in held.items():
            if left > 0 and place in self.pool.free:  # held for more than was ordered: who waits goes first
                due = min(left, self.waiting[place])
                self.waiting[place] -= due
                self.pool.free[place] += left - due
                self.owed |= {place} if due else set()
        self.used_holds.extend(holds)

    def write(self, tx: Transaction, wants: Sequence[Want]) -> list[UUID]:
        """Make the reservations true; returns the ids of the allocations, in order."""
        if not wants and not self.used_holds:
            return []
        changes = [Change(h.sku, h.node, held=-h.quantity) for h in self.used_holds]
        ids = allocate(tx, wants, extra=changes, locked=self.levels)
        if self.used_holds:
            used = [h.id for h in self.used_holds]
            tx.execute(
                update(StockHold).where(StockHold.id.in_(used)).values(state=HoldState.converted),
                execution_options={"synchronize_session": False},
            )
            for h in self.used_holds:
                tx.audit("update", f"hold:{h.id}", before={"state": HoldState.live}, after={"state": "converted"})
        if self.owed:
            fill(tx, self.owed)
        return ids


QUESTION_OF_NODES = Statement("SELECT rank, code FROM nodes WHERE ships", {})


def nodes_from(rows: Iterable[Row]) -> list[ShippingNode]:
    """The nodes that ship, from the answer to `QUESTION_OF_NODES`."""
    return [ShippingNode(rank, code) for rank, code in rows]


def open_stockroom(
    tx: Transaction,
    skus: Iterable[str],
    *,
    references: Iterable[str] = (),
    not_backordered: Collection[str] = (),
    nodes: list[ShippingNode] | None = None,
) -> Stockroom:
    """Lock every level of the SKUs, and the live checkout holds of the references, in the one global order.

    `nodes` are asked for when the caller does not know them.
    """
    wanted = set(references)
    skus = set(skus)
    if wanted:
        live = select(StockHold).where(StockHold.reference.in_(wanted), StockHold.state == HoldState.live)
        skus |= set(tx.scalars(live.with_only_columns(StockHold.sku)))
    levels = lock_skus(tx, skus) if skus else {}
    if nodes is None:
        nodes = nodes_from(*tx.ask_together(QUESTION_OF_NODES))
    # Whoever waits goes first: units that came free and were given to nobody are not for the new order.
    overdue = [place for place, level in levels.items() if level.backordered and level.free > 0]
    if overdue:
        fill(tx, overdue)
        levels = lock_skus(tx, skus)
    holds: defaultdict[str, list[StockHold]] = defaultdict(list)
    if wanted:
        locked = live.order_by(StockHold.id).with_for_update().execution_options(populate_existing=True)
        for hold in tx.scalars(locked):
            if (hold.sku, hold.node) in levels:
                holds[hold.reference].append(hold)
    waiting = Counter({place: level.backordered for place, level in levels.items()})
    return Stockroom(_pool(levels, nodes, not_backordered), levels, dict(holds), waiting)


def _pool(levels: dict[Place, Level], nodes: list[ShippingNode], not_backordered: Collection[str]) -> Pool:
    free = {place: level.free for place, level in levels.items()}
    room = {
        place: max(0, level.backorder_limit - level.backordered)
        for place, level in levels.items()
        if place[0] not in not_backordered
    }
    return Pool(nodes, free, room)


def fill(tx: Transaction, places: Iterable[Place]) -> list[Allocation]:
    """Give free units to the orders that wait for them, and tell those orders."""
    filled = fill_backorders(tx, places)
    by_order: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for row in filled:
        by_order[row.order_id].append(row.id)
    for order_id, ids in by_order.items():
        tx.announce(f"order:{order_id}", BackordersFilled(order_id=order_id, allocations=ids))
    return filled
