"""Tasks to put away what lies in a receiving bin: made when goods come, taken on, given back, closed.

Order of locks: levels, tasks, bins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from agents.contract import Undo
from agents.inbound.finding import forget_places, look_for_places
from agents.inbound.messages.putaways import (
    CancelPutaway,
    GiveBackPutaway,
    PlanPutaway,
    PutawaysPlanned,
    PutawayState,
    StartPutaway,
)
from agents.inbound.refusals import PutawayOver
from agents.stock.goods import need_node
from agents.stock.rules import check_words
from db.base import uuid7
from db.errors import NotFound
from db.fulfilment import claimed_units
from db.ledger import lock_levels
from db.nodes import BinType, bins_of
from db.putaway import (
    OPEN_PUTAWAYS,
    PUTAWAY_MOVES,
    Putaway,
    PutawayStatus,
    PutawaySuggestion,
    PutawayTask,
    lock_putaway,
    lying,
    new_putaway_number,
    open_putaways,
    putaway_next,
    received_at,
    stale_putaways,
    suggestions_of,
)
from db.session import Transaction, check_version

MOST_LOOKED_AT = 100  # tasks in one transaction: whoever sells these goods waits for it
SUGGESTED = (
    "bin", "quantity", "purpose", "rule", "why", "seconds", "second_bin", "second_seconds", "second_why",
)  # fmt: skip


# What goods that come and go make of the tasks


def arrived(tx: Transaction, node: str, goods: Iterable[tuple[str, str, str, int]], *, why: str) -> None:
    """(bin, SKU, lot, units) can be sold now. What lies in a receiving bin is to be put away. The levels are locked."""
    wanted: Counter[tuple[str, str, str]] = Counter()
    for bin, sku, lot, units in goods:
        wanted[(bin, sku, lot)] += units
    kinds = bins_of(tx, node, {bin for bin, _, _ in wanted})
    wanted = Counter({cell: n for cell, n in wanted.items() if kinds[cell[0]].type == BinType.receiving})
    if wanted:
        tasks = _grow(tx, node, wanted, why=why)
        _lower(tx, node, tasks, why="units left the bin otherwise")
        _look(tx, node, tasks)


def withdraw_gone(tx: Transaction, node: str, skus: Collection[str], *, why: str) -> None:
    """Let open tasks ask for no more than lies there. The levels are locked."""
    tasks = open_putaways(tx, node, skus)
    before = {t.id: t.left for t in tasks}
    _lower(tx, node, tasks, why=why)
    _look(tx, node, [t for t in tasks if t.left < before[t.id]])


def plan_putaway(tx: Transaction, ask: PlanPutaway) -> PutawaysPlanned:
    """Also what came into a receiving bin past any receipt: moved there, or received blind.

    Places are looked for anew for what has changed, then for tasks that have none, and for those for which nobody has
    looked the longest.
    """
    need_node(tx, ask.node)
    skus = received_at(tx, ask.node)
    lock_levels(tx, [(sku, ask.node) for sku in skus])
    tasks = open_putaways(tx, ask.node, skus)
    before = {t.id: t.left for t in tasks}
    closed = _lower(tx, ask.node, tasks, why="units left the bin otherwise")
    left = {(t.bin, t.sku, t.lot): t.left for t in tasks if t.status in OPEN_PUTAWAYS}
    more = {
        (bin, sku, lot): units - left.get((bin, sku, lot), 0)
        for (sku, bin, lot), units in lying(tx, ask.node, skus).items()
        if units > left.get((bin, sku, lot), 0)
    }
    grown = {task.id for task in _grow(tx, ask.node, more, why="found in the receiving bin")}
    tasks = open_putaways(tx, ask.node, skus)
    changed = {t.id for t in tasks if t.id in grown or t.left != before[t.id]}
    placed = suggestions_of(tx, before)
    others = sorted((t for t in tasks if t.id not in changed), key=lambda t: (t.id in placed, t.updated_at))
    rest = others[: max(0, MOST_LOOKED_AT - len(changed))]
    looked_at = _look(tx, ask.node, [t for t in tasks if t.id in changed] + rest)
    return PutawaysPlanned(
        node=ask.node,
        open=len(tasks),
        opened=len(more.keys() - left.keys()),
        closed=closed,
        looked_at=looked_at,
        units=sum(t.left for t in tasks),
        unplaced=sum(t.unplaced for t in tasks),
    )


def tidy_putaways(tx: Transaction) -> None:
    """Places for what is left are looked for when somebody wants to put it away: nobody waits for them now."""
    for node, skus in sorted(stale_putaways(tx).items()):
        lock_levels(tx, [(sku, node) for sku in skus])
        tasks = open_putaways(tx, node, skus)
        before = {t.id: t.left for t in tasks}
        _lower(tx, node, tasks, why="units left the bin otherwise")
        forget_places(tx, [t for t in tasks if t.left < before[t.id]])


def _grow(tx: Transaction, node: str, wanted: dict[tuple[str, str, str], int], *, why: str) -> list[PutawayTask]:
    known = {(t.bin, t.sku, t.lot): t for t in open_putaways(tx, node, {sku for _, sku, _ in wanted})}
    tasks = []
    for (bin, sku, lot), units in sorted(wanted.items()):
        task = known.get((bin, sku, lot))
        if task is None:
            task = PutawayTask(
                id=uuid7(), number=new_putaway_number(tx), node=node, bin=bin, sku=sku, lot=lot, quantity=units,
                put_away=0, withdrawn=0, status=PutawayStatus.ready, why=why, waiting=[], unplaced=0, version=1,
                created_at=tx.now, updated_at=tx.now,
            )  # fmt: skip
            tx.add(task)
            tx.note(subject_of(task), to_status=task.status, why=f"{why}: {units} in {bin}")
        else:
            task.quantity += units
            tx.note(subject_of(task), from_status=task.status, to_status=task.status, why=f"{why}: {units} more")
        tasks.append(task)
    tx.flush()
    return tasks


def _look(tx: Transaction, node: str, tasks: Sequence[PutawayTask]) -> int:
    """Returns for how many, no more than `MOST_LOOKED_AT`. The others have no places until somebody plans, starts or
    puts away.
    """
    still_open = [t for t in tasks if t.status in OPEN_PUTAWAYS]
    forget_places(tx, still_open[MOST_LOOKED_AT:])
    look_for_places(tx, node, still_open[:MOST_LOOKED_AT])
    return min(len(still_open), MOST_LOOKED_AT)


def _lower(tx: Transaction, node: str, tasks: Sequence[PutawayTask], *, why: str) -> int:
    there = lying(tx, node, {t.sku for t in tasks})
    closed = 0
    for task in tasks:
        gone = task.left - there.get((task.sku, task.bin, task.lot), 0)
        if gone > 0:
            withdraw(tx, task, gone, why=f"{gone} less: {why}")
            closed += task.status not in OPEN_PUTAWAYS
    tx.flush()
    return closed


def withdraw(tx: Transaction, task: PutawayTask, units: int, *, why: str) -> None:
    task.withdrawn += units
    task.updated_at = tx.now
    if task.left:
        tx.note(subject_of(task), from_status=task.status, to_status=task.status, why=why)
    else:
        close(tx, task, why=why)


def close(tx: Transaction, task: PutawayTask, *, why: str) -> None:
    """Nothing is left of it."""
    tx.execute(delete(PutawaySuggestion).where(PutawaySuggestion.task_id == task.id))
    to = PutawayStatus.completed if task.put_away else PutawayStatus.cancelled
    tx.move(task, to, moves=PUTAWAY_MOVES, subject=subject_of(task), why=why)
    task.waiting, task.unplaced, task.unplaced_why = [], 0, None
    task.updated_at = tx.now


# What people do with a task


def start_putaway(tx: Transaction, ask: StartPutaway) -> PutawayState:
    """Raises NotFound, PutawayOver, IllegalMove (somebody else is at it), StaleVersion."""
    task = lock_open(tx, ask.task_id, ask.version)
    tx.move(task, PutawayStatus.started, moves=PUTAWAY_MOVES, subject=subject_of(task))
    task.assigned_to = tx.who.actor
    task.updated_at = tx.now
    _lower(tx, task.node, [task], why="units left the bin otherwise")
    look_for_places(tx, task.node, [task])
    return state_of(tx, task)


def give_back_putaway(tx: Transaction, ask: GiveBackPutaway) -> PutawayState:
    task = lock_open(tx, ask.task_id, ask.version)
    tx.move(task, PutawayStatus.ready, moves=PUTAWAY_MOVES, subject=subject_of(task), why="given back")
    task.assigned_to = None
    task.updated_at = tx.now
    return state_of(tx, task)


def cancel_putaway(tx: Transaction, ask: CancelPutaway) -> PutawayState:
    """A later plan of the node, or goods that join them, bring the units back on the list."""
    check_words("reason", ask.reason)
    task = lock_open(tx, ask.task_id, ask.version)
    withdraw(tx, task, task.left, why=ask.reason)
    look_for_places(tx, task.node, [task])
    return state_of(tx, task)


def lock_open(tx: Transaction, task_id: UUID, version: int | None) -> PutawayTask:
    """Locked with the level of its goods. Raises NotFound, StaleVersion, PutawayOver."""
    task = lock_any(tx, task_id)
    check_version(task, version, kind="putaway", id=task.number)
    if task.status not in OPEN_PUTAWAYS:
        raise PutawayOver(task.number, task.status)
    return task


def lock_any(tx: Transaction, task_id: UUID) -> PutawayTask:
    seen = tx.get(PutawayTask, task_id)
    if seen is None:
        raise NotFound("putaway", str(task_id))
    lock_levels(tx, [(seen.sku, seen.node)])
    task = lock_putaway(tx, task_id)
    assert task is not None  # noqa: S101 - tasks are never deleted
    return task


# How it stands


def state_of(tx: Transaction, task: PutawayTask, done: Putaway | None = None, undo: Undo | None = None) -> PutawayState:
    tx.flush()
    (told,) = told_of(tx, [task])
    return PutawayState(
        **told,
        node=task.node,
        status=task.status,
        quantity=task.quantity,
        put_away=task.put_away,
        withdrawn=task.withdrawn,
        assigned_to=task.assigned_to,
        version=task.version,
        next=putaway_next(task.status),
        putaway_id=done.id if done is not None else None,
        overridden=list(done.overridden) if done is not None else [],
        undo=undo,
    )


def told_of(tx: Transaction, tasks: Sequence[PutawayTask]) -> list[dict[str, Any]]:
    """What whoever carries the goods has to know, of tasks of one node."""
    if not tasks:
        return []
    suggested = suggestions_of(tx, [t.id for t in tasks])
    node, skus = tasks[0].node, {t.sku for t in tasks}
    there, picked = lying(tx, node, skus), claimed_units(tx, node, skus)
    told = []
    for task in tasks:
        key = (task.sku, task.bin, task.lot)
        told.append(
            {n: getattr(task, n) for n in ("id", "number", "bin", "sku", "lot", "left", "waiting", "unplaced")}
            | {
                "there": there.get(key, 0),
                "picked": picked.get(key, 0),
                "unplaced_why": task.unplaced_why,
                "suggestions": [{n: getattr(s, n) for n in SUGGESTED} for s in suggested.get(task.id, [])],
            }
        )
    return told


def subject_of(task: PutawayTask) -> str:
    return f"putaway:{task.id}"
