"""The stock under a batch of orders: locked once, judged in memory, written once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, update

from agents.inventory.messages import BackordersFilled
from agents.orders.deciding import Decision, decide
from agents.orders.router import Destination, Router
from agents.orders.routing import Need, Piece, Pool, ShippingNode, route, units_of
from agents.orders.routing_rules import Place
from agents.promising.messages import PlaceAsk, Repromise
from agents.stock.filling import fill_waiting
from db.allocations import Want, allocate
from db.ledger import Change, Level, lock_skus
from db.promising import Buffer, buffers_from, kept_from, question_of_buffers
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
    buffers: Sequence[Buffer] = ()
    used_holds: list[StockHold] = field(default_factory=list)
    owed: set[Place] = field(default_factory=set)  # where units came free for those who wait
    router: Router | None = None  # None: no rules are in force

    def reserve(
        self, needs: Sequence[Need], *, to: Destination, reference: str | None = None
    ) -> tuple[list[Piece], Decision | None]:
        """Plan an order and keep its units from the orders after it. The checkout's hold is used up.

        What is kept from the order's channel is left for others. What it was decided from comes along when rules are
        in force for it.

        Raises:
            OutOfStock: nothing was kept.
        """
        holds = self.holds.get(reference, []) if reference else []
        held: Counter[Place] = Counter()
        for hold in holds:
            held[(hold.sku, hold.node)] += hold.quantity
        judge = self.router.judge(to, units_of(needs)) if self.router else None
        decision = None
        with self.without_what_is_kept_from(to.channel, {n.sku for n in needs}):
            if judge is None:
                pieces = route(needs, self.pool, held=held)
            else:
                pieces, decision = decide(needs, self.pool, judge, held=held)
        for piece in pieces:
            if piece.backordered:
                self.waiting[(piece.sku, piece.node)] += piece.quantity
        if reference and holds:
            self._use_up(self.holds.pop(reference), held, pieces)
        return pieces, decision

    def pieces_at(self, need: Need, node: str, *, why: str, channel: str | None = None) -> list[Piece] | str:
        """Keep units at one node that somebody named, beyond its stock as far as it may be; else what stands in the
        way."""
        if node not in {n.code for n in self.pool.nodes}:
            return f"{node} does not ship"
        place = (need.sku, node)
        with self.without_what_is_kept_from(channel, {need.sku}):
            has, room = max(0, self.pool.free.get(place, 0)), self.pool.room.get(place, 0)
            free = min(need.quantity, has)
            waits = need.quantity - free
            if waits > room:
                return f"{need.sku}: {need.quantity} wanted at {node}, {has} free and {room} beyond stock"
            self.pool.free[place] = self.pool.free.get(place, 0) - free
            self.pool.room[place] = room - waits
            self.waiting[place] += waits
        parts = ((free, False), (waits, True))
        return [Piece(need.line_no, need.sku, node, units, late, why) for units, late in parts if units]

    @contextmanager
    def without_what_is_kept_from(self, channel: str | None, skus: Collection[str]) -> Iterator[None]:
        """The pool has no units that are not sold through the channel, for as long as this is open."""
        if channel is None or not self.buffers:
            yield
            return
        kept = {
            place: min(free, kept_from(self.buffers, channel, place, self.levels[place].sellable))
            for place, free in self.pool.free.items()
            if place[0] in skus and free > 0
        }
        for place, units in kept.items():
            self.pool.free[place] -= units
        try:
            yield
        finally:
            for place, units in kept.items():
                self.pool.free[place] += units

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
        _tell_waiting(tx, [w for w in wants if w.backordered])
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
    channels: Collection[str] = (),
    nodes: list[ShippingNode] | None = None,
    buffers: Sequence[Buffer] | None = None,
    router: Router | None = None,
) -> Stockroom:
    """Lock every level of the SKUs, and the live checkout holds of the references, in the one global order.

    `nodes`, and what is kept from the `channels`, are asked for when the caller does not know them.
    """
    wanted = set(references)
    skus = set(skus)
    if wanted:
        live = select(StockHold).where(StockHold.reference.in_(wanted), StockHold.state == HoldState.live)
        skus |= set(tx.scalars(live.with_only_columns(StockHold.sku)))
    levels = lock_skus(tx, skus) if skus else {}
    if router is not None:  # of one moment with the facts, so that a decision can be made again from them
        nodes = router.nodes
    elif nodes is None:
        nodes = nodes_from(*tx.ask_together(QUESTION_OF_NODES))
    if buffers is None:
        buffers = buffers_from(*tx.ask_together(question_of_buffers(channels, skus)))
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
    pool = pool_of(levels, nodes, not_backordered)
    return Stockroom(pool, levels, dict(holds), waiting, buffers, router=router)


def pool_of(levels: Mapping[Place, Level], nodes: list[ShippingNode], not_backordered: Collection[str] = ()) -> Pool:
    """What these levels leave to promise."""
    free = {place: level.free for place, level in levels.items()}
    room = {
        place: max(0, level.backorder_limit - level.backordered)
        for place, level in levels.items()
        if place[0] not in not_backordered
    }
    return Pool(nodes, free, room)


def _tell_waiting(tx: Transaction, wants: Iterable[Want]) -> None:
    """Have it worked out when those who wait now are served."""
    of_order: defaultdict[UUID, set[Place]] = defaultdict(set)
    for want in wants:
        of_order[want.order_id].add((want.sku, want.node))
    for order_id, places in of_order.items():
        asked = [PlaceAsk(sku=sku, node=node) for sku, node in sorted(places)]
        # In the order's lane, so that the tasks of many orders for the same goods are worked as one set.
        tx.send("promising", f"order:{order_id}", Repromise(places=asked, why="it was ordered beyond stock"))


def fill(tx: Transaction, places: Iterable[Place]) -> list[Allocation]:
    """Give free units to the orders that wait for them, and tell those orders."""
    filled = fill_waiting(tx, places)
    by_order: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for row in filled:
        by_order[row.order_id].append(row.id)
    for order_id, ids in by_order.items():
        tx.announce(f"order:{order_id}", BackordersFilled(order_id=order_id, allocations=ids))
    return filled
