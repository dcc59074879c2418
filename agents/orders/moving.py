"""Units that are promised at one node and shall come from another: let go there and promised here, in one step."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from agents.orders.deciding import tells
from agents.orders.messages import OrderRerouted, Rerouted
from agents.orders.progress import remark
from agents.orders.router import Destination, Router
from agents.orders.routing import Piece
from agents.orders.routing_rules import Facts, Place
from db.allocations import Part, Want, allocate, release
from db.orders import Order
from db.routing import RoutedFor, RoutingDecision
from db.session import Transaction
from db.stock import OPEN_ALLOCATIONS, Allocation, AllocationState

MOVABLE = (AllocationState.backordered, AllocationState.allocated)
"""In the order in which they are moved: what waits anyway first, so that what lies ready stays ready."""


@dataclass
class Move:
    """Parts of one order's allocations and where they go. `why` is kept with each promise."""

    order: Order
    allocations: Sequence[Allocation]  # all that the order is promised, as it was
    parts: list[tuple[Allocation, int]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    moves: list[Rerouted] = field(default_factory=list)

    def add(self, taken: Iterable[tuple[Allocation, int]], pieces: Iterable[Piece]) -> None:
        """Units that leave and the pieces that take their place, of one line and SKU or of several."""
        leaving: defaultdict[tuple[int, str], list[list[Any]]] = defaultdict(list)
        for row, quantity in taken:
            self.parts.append((row, quantity))
            leaving[(row.line_no, row.sku)].append([row.node, quantity])
        for piece in pieces:
            self.pieces.append(piece)
            left, queue = piece.quantity, leaving[(piece.line_no, piece.sku)]
            while left:
                node, there = queue[0]
                units = min(left, there)
                self.moves.append(
                    Rerouted(
                        line_no=piece.line_no,
                        sku=piece.sku,
                        from_node=node,
                        to_node=piece.node,
                        quantity=units,
                        waits=piece.backordered,
                    )
                )
                left -= units
                queue[0][1] -= units
                if not queue[0][1]:
                    queue.pop(0)

    @property
    def stock(self) -> Counter[tuple[str, str, str]]:
        """What it does to SKU, node and state, in units."""
        effect: Counter[tuple[str, str, str]] = Counter()
        for row, quantity in self.parts:
            effect[(row.sku, row.node, str(row.state))] -= quantity
        for p in self.pieces:
            effect[(p.sku, p.node, "backordered" if p.backordered else "allocated")] += p.quantity
        return effect

    def before(self) -> list[Piece]:
        """The order's open promises as pieces."""
        return [
            Piece(a.line_no, a.sku, a.node, a.quantity, a.state == AllocationState.backordered, a.why or "")
            for a in self.allocations
            if a.state in (*MOVABLE, AllocationState.picked)
        ]

    @property
    def going(self) -> Counter[UUID]:
        """Units that leave, by allocation."""
        going: Counter[UUID] = Counter()
        for row, quantity in self.parts:
            going[row.id] += quantity
        return going

    def after(self) -> list[Piece]:
        going = self.going
        kept = [
            Piece(a.line_no, a.sku, a.node, rest, a.state == AllocationState.backordered, a.why or "")
            for a in self.allocations
            if a.state in (*MOVABLE, AllocationState.picked) and (rest := a.quantity - going[a.id])
        ]
        return [*kept, *self.pieces]


def open_promises(
    tx: Transaction, ids: Sequence[UUID], *, lock: bool
) -> tuple[dict[UUID, Order], dict[UUID, list[Allocation]]]:
    """Orders and all that they are promised, in that order of locks; levels come between them at the caller's."""
    orders = select(Order).where(Order.id.in_(ids)).order_by(Order.id).execution_options(populate_existing=True)
    found = {o.id: o for o in tx.scalars(orders.with_for_update() if lock else orders)}
    rows = (
        select(Allocation)
        .where(Allocation.order_id.in_(ids), Allocation.state.in_(OPEN_ALLOCATIONS))
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    )
    allocations: defaultdict[UUID, list[Allocation]] = defaultdict(list)
    for row in tx.scalars(rows):
        allocations[row.order_id].append(row)
    return found, allocations


def take(
    allocations: Iterable[Allocation], quantity: int, *, gone: Mapping[UUID, int] | None = None
) -> tuple[list[tuple[Allocation, int]], int]:
    """So many units of the rows that can be moved, and how many could not be had; `gone` go elsewhere already."""
    taken: list[tuple[Allocation, int]] = []
    rows = [a for a in allocations if a.state in MOVABLE]
    for row in sorted(rows, key=lambda a: (MOVABLE.index(AllocationState(a.state)), a.created_at, a.id)):
        units = min(quantity, row.quantity - (gone or {}).get(row.id, 0))
        if units > 0:
            taken.append((row, units))
            quantity -= units
    return taken, quantity


def carry_out(tx: Transaction, move: Move, facts: Facts | None, *, why: str, cause: RoutedFor) -> set[Place]:
    """Make it true and say so; levels and allocations are locked. Returns where units came free."""
    after = move.after()  # told from the rows as they were
    freed = let_go(tx, move, why=why)
    promise_there(tx, move, facts, after, why=why, cause=cause)
    return freed


def let_go(tx: Transaction, move: Move, *, why: str) -> set[Place]:
    """The first half of a move. Where several take each other's units, all let go before any is promised."""
    nodes = ", ".join(sorted({m.to_node for m in move.moves}))
    released = release(tx, [Part(*part) for part in move.going.items()], why=f"goes from {nodes}: {why}")
    return {(a.sku, a.node) for a in released}


def promise_there(
    tx: Transaction, move: Move, facts: Facts | None, after: Sequence[Piece], *, why: str, cause: RoutedFor
) -> None:
    """The second half. `after` is what the order is promised then, as `Move.after` told it before the first."""
    order = move.order
    wants = [
        Want(order.id, p.line_no, p.sku, p.node, p.quantity, backordered=p.backordered, why=p.why) for p in move.pieces
    ]
    allocate(tx, wants)
    order.updated_at = tx.now
    tx.flush()
    remark(tx, order, why=f"{said(move.moves)}: {why}", detail={"moves": [_plain(m) for m in move.moves]})
    tx.announce(f"order:{order.id}", OrderRerouted(order_id=order.id, number=order.number, moves=move.moves, why=why))
    if facts is not None:
        tx.insert_all(RoutingDecision, [_row(tx, move, facts, after, why=why, cause=cause)])


def _plain(m: Rerouted) -> list[Any]:
    return [m.line_no, m.sku, m.from_node, m.to_node, m.quantity, m.waits]


def said(moves: Sequence[Rerouted]) -> str:
    """`moved: 2 MUG from LON to BER`"""
    units: Counter[tuple[str, str, str]] = Counter()
    for m in moves:
        units[(m.sku, m.from_node, m.to_node)] += m.quantity
    return "moved: " + ", ".join(f"{q} {sku} from {a} to {b}" for (sku, a, b), q in sorted(units.items()))


def _row(
    tx: Transaction, move: Move, facts: Facts, after: Sequence[Piece], *, why: str, cause: RoutedFor
) -> dict[str, Any]:
    """As a decision by rules is kept, without the ranks: here somebody has decided."""
    return {
        "order_id": move.order.id,
        "at": tx.now,
        "actor": tx.who.actor,
        "cause": cause.value,
        "rule_set_id": None,
        "inputs": {
            "needs": [[p.line_no, p.sku, p.quantity] for p in move.pieces],
            "country": facts.country,
            "held": [],
            "hazards": {},
            "daily": [],
            "nodes": [{**n._asdict(), "free": {}, "room": {}} for n in facts.nodes.values()],
        },
        "outcome": {
            "excluded": {},
            "barred": [],
            "order": [],
            "ranks": {},
            "by": [],
            "plan": [[p.line_no, p.sku, p.node, p.quantity, p.backordered, p.why] for p in move.pieces],
            "tells": tells(after, facts),
            "next": None,
        },
        "why": f"{said(move.moves)}: {why}",
    }


def facts_of(router: Router, order: Order, units: Mapping[str, int]) -> Facts:
    return router.facts(destination_of(order), units)


def destination_of(order: Order) -> Destination:
    return Destination(order.channel, order.shipping_address, order.currency)


def units_by_sku(allocations: Iterable[Allocation]) -> Counter[str]:
    units: Counter[str] = Counter()
    for a in allocations:
        units[a.sku] += a.quantity
    return units
