"""The part of an edit that says from which node a line is to come. What is picked or has left stays where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from agents.orders.messages import ComesFrom, StaysAt
from agents.orders.moving import MOVABLE, Move, take
from agents.orders.routing import Need, Piece
from agents.orders.stockroom import Stockroom
from db.orders import OrderLine
from db.stock import Allocation, AllocationState

_WHY = "from {node}, as an edit says"


def add_at(needs: Sequence[Need], node: str, stock: Stockroom, channel: str) -> tuple[list[Piece], list[str]]:
    """Units that an edit adds, at the node that it names; and what stands in the way."""
    pieces: list[Piece] = []
    for need in needs:
        found = stock.pieces_at(need, node, why=_WHY.format(node=node), channel=channel)
        if isinstance(found, str):
            return [], [f"line {need.line_no}: {found}"]
        pieces += found
    return pieces, []


def move_to(
    line: OrderLine, node: str, move: Move, stock: Stockroom, *, released: Sequence[tuple[UUID, int]]
) -> list[str]:
    """Plan to take the open units of a line to a node; `released` are cancelled by the same edit.

    Returns what stands in the way. Units that are picked do not, as long as others can move.
    """
    gone = move.going + Counter(dict(released))
    mine = [a for a in move.allocations if a.line_no == line.line_no]
    if all(a.node == node for a in mine if a.state != AllocationState.released):
        return []
    elsewhere = [a for a in mine if a.node != node and a.state in MOVABLE]
    moved = False
    for sku, _ in line.parts:
        here = [a for a in elsewhere if a.sku == sku]
        units = sum(a.quantity - gone[a.id] for a in here)
        if not units:
            continue
        taken, _ = take(here, units, gone=gone)
        pieces = stock.pieces_at(Need(line.line_no, sku, units), node, why=f"moved: {_WHY.format(node=node)}")
        if isinstance(pieces, str):
            return [f"line {line.line_no}: {pieces}"]
        move.add(taken, pieces)
        moved = True
    if not moved and not any(a.node == node for a in mine):
        return [f"line {line.line_no}: nothing of it can leave for {node}; what is picked stays where it is"]
    return []


def comes_from(line_no: int, pieces: Sequence[Piece], move: Move | None) -> list[ComesFrom]:
    """What an edit adds to a line and what it moves, by node."""
    added = [
        ComesFrom(sku=p.sku, node=p.node, quantity=p.quantity, waits=p.backordered)
        for p in pieces
        if p.line_no == line_no
    ]
    moved = [
        ComesFrom(sku=m.sku, node=m.to_node, quantity=m.quantity, waits=m.waits, moved_from=m.from_node)
        for m in (move.moves if move else ())
        if m.line_no == line_no
    ]
    return added + moved


def stays_at(line_no: int, allocations: Sequence[Allocation]) -> list[StaysAt]:
    """Units of a line that no edit touches any more."""
    kept: Counter[tuple[str, str, str]] = Counter()
    for a in allocations:
        if a.line_no == line_no and a.state in (AllocationState.picked, AllocationState.shipped):
            kept[(a.sku, a.node, str(a.state))] += a.quantity
    return [StaysAt(sku=sku, node=node, quantity=n, state=state) for (sku, node, state), n in sorted(kept.items())]
