"""The only writer of allocations: promises of units to order lines, kept with levels and ledger in one transaction.

Lock order everywhere: the order or fulfilment row, then levels (node, sku), then allocations by id, then bins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update

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
            "passed": 0,
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
        passed=row.passed,
        moved_up_at=row.moved_up_at,
        moved_up_why=row.moved_up_why,
        parked_at=row.parked_at,
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
    row.parked_at = None
    row.updated_at = tx.now
    row.why = why or row.why


def release(tx: Transaction, parts: Sequence[Part], *, why: str) -> list[Allocation]:
    """Give promised units back; returns the released rows (parts are split off).

    Freed units go to nobody by themselves: call `agents.stock.filling.fill_waiting` for their places afterwards.

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


class Grant(NamedTuple):
    """Free units for an allocation that waits for them, and why it gets them."""

    allocation_id: UUID
    quantity: int
    why: str


def grant(tx: Transaction, grants: Sequence[Grant]) -> list[Allocation]:
    """Promise free units to those who wait; the levels are locked, and who gets them was judged (`agents.stock`).

    A row that is filled in part only is split: what waits on keeps its id. Returns the rows with units, in order.
    """
    if not grants:
        return []
    rows = _waiting(tx, [g.allocation_id for g in grants])
    movements, changes, filled = [], [], []
    for ident, quantity, why in grants:
        part = split(tx, rows[ident], quantity)
        _set(tx, part, AllocationState.allocated, why)
        movements.append(_promise(part.sku, part.node, quantity, f"order:{part.order_id}", why))
        changes.append(Change(part.sku, part.node, backordered=-quantity))
        filled.append(part)
    tx.flush()
    post(tx, movements, changes)
    return filled


def _waiting(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Allocation]:
    wanted = (
        select(Allocation)
        .where(Allocation.id.in_(sorted(set(ids))), Allocation.state == AllocationState.backordered)
        .order_by(Allocation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in tx.scalars(wanted)}


def pass_over(tx: Transaction, ids: Iterable[UUID]) -> None:
    """Count that later ones were served before these; the levels are locked."""
    if passed := sorted(set(ids)):
        tx.execute(
            update(Allocation).where(Allocation.id.in_(passed)).values(passed=Allocation.passed + 1),
            execution_options={"synchronize_session": False},
        )


def move_up(tx: Transaction, row: Allocation, *, why: str | None) -> None:
    """Let a locked row that waits go before the others, or no longer (without a reason)."""
    row.moved_up_at = tx.now if why is not None else None
    row.moved_up_why = why
    row.updated_at = tx.now
    tx.flush()


def park(tx: Transaction, rows: Iterable[Allocation], *, why: str) -> None:
    """Take locked rows that wait out of the queue: nothing that comes is theirs until they are back in it."""
    for row in rows:
        if row.state != AllocationState.backordered:
            raise ValueError("only what waits can be parked")
        row.parked_at, row.updated_at, row.why = tx.now, tx.now, why
    tx.flush()


def unpark(tx: Transaction, rows: Iterable[Allocation]) -> set[Place]:
    """Back into the queue at their old place, as far as they still wait; returns where."""
    places = set()
    for row in rows:
        if row.parked_at is not None and row.state == AllocationState.backordered:
            row.parked_at, row.updated_at = None, tx.now
            row.why = "waits for stock since the order was released"
            places.add((row.sku, row.node))
    tx.flush()
    return places


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
