"""The only writer of allocations: promises of units to order lines, kept with levels and ledger in one transaction.

Lock order everywhere: the order or fulfilment row, then levels (node, sku), then allocations by id, then bins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from db.base import uuid7
from db.errors import Conflict
from db.ledger import Change, Level, Movement, Place, lock_levels, post
from db.session import Transaction
from db.stock import ALLOCATION_MOVES, Allocation, AllocationState, MovementKind


@dataclass(eq=False)
class AllocationMoved(Conflict):
    """The allocation is in another state than the caller needs."""

    allocation_id: str
    state: str
    wanted: str

    def __str__(self) -> str:
        return f"These units are {self.state} and cannot become {self.wanted}. Load the order again."


class Want(NamedTuple):
    """Units of one order line to be promised at one node; `backordered` when they do not lie there yet."""

    order_id: UUID
    line_no: int
    sku: str
    node: str
    quantity: int
    backordered: bool = False
    why: str | None = None


class Part(NamedTuple):
    """So many units of an allocation; None for all of them."""

    allocation_id: UUID
    quantity: int | None = None


def allocate(
    tx: Transaction,
    wants: Sequence[Want],
    *,
    extra: Sequence[Change] = (),
    locked: Mapping[Place, Level] | None = None,
) -> list[UUID]:
    """Promise units; the caller has locked the levels and judged that they are there.

    `extra` changes (a hold that is used up) go with the same write; `locked` is as in `post`. Returns the ids,
    in order.

    Raises:
        WouldOversell: more than lies free would be allocated.
    """
    ids = [uuid7() for _ in wants]
    rows = [
        {
            "id": ident,
            "order_id": w.order_id,
            "line_no": w.line_no,
            "sku": w.sku,
            "node": w.node,
            "quantity": w.quantity,
            "state": AllocationState.backordered if w.backordered else AllocationState.allocated,
            "why": w.why,
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        for ident, w in zip(ids, wants, strict=True)
    ]
    tx.insert_all(Allocation, rows)
    post(
        tx,
        [_promise(w.sku, w.node, w.quantity, f"order:{w.order_id}", w.why) for w in wants if not w.backordered],
        [*(Change(w.sku, w.node, backordered=w.quantity) for w in wants if w.backordered), *extra],
        locked=locked,
    )
    return ids


def _promise(sku: str, node: str, quantity: int, cause: str, why: str | None) -> Movement:
    kind = MovementKind.allocated if quantity > 0 else MovementKind.released
    return Movement(sku, node, kind, cause, allocated=quantity, why=why)


def lock_allocations(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Allocation]:
    """Lock allocations and the levels under them, in the one global order."""
    wanted = sorted(set(ids))
    places = tx.execute(select(Allocation.sku, Allocation.node).where(Allocation.id.in_(wanted))).all()
    lock_levels(tx, [(p.sku, p.node) for p in places])
    rows = tx.scalars(
        select(Allocation)
        .where(Allocation.id.in_(wanted))
        .order_by(Allocation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {r.id: r for r in rows}


def split(tx: Transaction, row: Allocation, quantity: int | None) -> Allocation:
    """The part of an allocation that goes its own way: the row itself when it is all of it, else a new row."""
    if quantity is None or quantity == row.quantity:
        return row
    if not 0 < quantity < row.quantity:
        raise ValueError(f"cannot take {quantity} of {row.quantity}")
    row.quantity -= quantity
    row.updated_at = tx.now
    part = Allocation(
        id=uuid7(),
        order_id=row.order_id,
        line_no=row.line_no,
        sku=row.sku,
        node=row.node,
        quantity=quantity,
        state=row.state,
        why=row.why,
        created_at=row.created_at,  # keeps its place in the queue
        updated_at=tx.now,
    )
    tx.add(part)
    return part


def _set(tx: Transaction, row: Allocation, to: AllocationState, why: str | None = None) -> None:
    now_at = AllocationState(row.state)
    if to not in ALLOCATION_MOVES[now_at]:
        raise AllocationMoved(str(row.id), now_at.value, to.value)
    row.state = to
    row.updated_at = tx.now
    row.why = why or row.why


def release(tx: Transaction, parts: Sequence[Part], *, why: str) -> list[Allocation]:
    """Give promised units back; returns the released rows (parts are split off).

    Freed units go to nobody by themselves: call `fill_backorders` for their places afterwards.

    Raises:
        AllocationMoved: some units are shipped or released already.
    """
    rows = lock_allocations(tx, [p.allocation_id for p in parts])
    movements, changes, released = [], [], []
    for part in parts:
        row = split(tx, rows[part.allocation_id], part.quantity)
        if row.state == AllocationState.backordered:
            changes.append(Change(row.sku, row.node, backordered=-row.quantity))
        else:
            movements.append(_promise(row.sku, row.node, -row.quantity, f"order:{row.order_id}", why))
        _set(tx, row, AllocationState.released, why)
        released.append(row)
    tx.flush()
    post(tx, movements, changes)
    return released


def to_backorder(tx: Transaction, parts: Sequence[Part], *, why: str) -> list[Allocation]:
    """Turn allocated units into backordered ones, because they are not there after all."""
    rows = lock_allocations(tx, [p.allocation_id for p in parts])
    movements, changes, moved = [], [], []
    for part in parts:
        row = split(tx, rows[part.allocation_id], part.quantity)
        _set(tx, row, AllocationState.backordered, why)
        movements.append(_promise(row.sku, row.node, -row.quantity, f"order:{row.order_id}", why))
        changes.append(Change(row.sku, row.node, backordered=row.quantity))
        moved.append(row)
    tx.flush()
    post(tx, movements, changes)
    return moved


def fill_backorders(tx: Transaction, places: Iterable[Place]) -> list[Allocation]:
    """Promise free units to those who wait for them, first come first served; returns what was filled.

    A row that can be filled in part only is split.
    """
    wanted = sorted(set(places))
    levels = lock_levels(tx, wanted)
    movements, changes, filled = [], [], []
    for sku, node in wanted:
        level = levels.get((sku, node))
        if level is None or level.backordered == 0 or level.free <= 0:
            continue
        free = level.free
        waiting = tx.scalars(
            select(Allocation)
            .where(Allocation.sku == sku, Allocation.node == node, Allocation.state == AllocationState.backordered)
            .order_by(Allocation.created_at, Allocation.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        for row in waiting:
            if free == 0:
                break
            part = split(tx, row, min(free, row.quantity))
            _set(tx, part, AllocationState.allocated, "stock arrived")
            free -= part.quantity
            movements.append(_promise(sku, node, part.quantity, f"order:{part.order_id}", "stock arrived"))
            changes.append(Change(sku, node, backordered=-part.quantity))
            filled.append(part)
    tx.flush()
    post(tx, movements, changes)
    return filled


def mark(tx: Transaction, rows: Iterable[Allocation], to: AllocationState, *, why: str | None = None) -> None:
    """Move locked allocations between `allocated` and `picked`: the promise itself does not change."""
    for row in rows:
        if AllocationState.backordered in (row.state, to) or to in (AllocationState.released, AllocationState.shipped):
            raise ValueError("mark only moves between allocated and picked")
        _set(tx, row, to, why)
    tx.flush()


class Leaving(NamedTuple):
    """Units of an allocation that leave from a bin (and lot) at dispatch."""

    allocation: Allocation
    bin: str
    lot: str
    quantity: int


def ship(tx: Transaction, leaving: Sequence[Leaving], *, cause: str) -> None:
    """Take shipped units off the books: out of the bin, out of the promise, in one movement each.

    The allocations are locked and `picked`; the quantities of each must add up to its own.
    """
    taken: dict[UUID, int] = {}
    for part in leaving:
        taken[part.allocation.id] = taken.get(part.allocation.id, 0) + part.quantity
    for part in leaving:
        row = part.allocation
        if taken[row.id] != row.quantity:
            raise ValueError(f"allocation {row.id} has {row.quantity} units, {taken[row.id]} leave")
        if row.state != AllocationState.shipped:
            _set(tx, row, AllocationState.shipped)
    tx.flush()
    post(
        tx,
        [
            Movement(
                p.allocation.sku,
                p.allocation.node,
                MovementKind.shipped,
                cause,
                on_hand=-p.quantity,
                allocated=-p.quantity,
                bin=p.bin,
                lot=p.lot,
            )
            for p in leaving
        ],
    )
