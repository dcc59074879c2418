"""How far a fulfilment is, read from its lines and tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from agents.fulfilment.fulfilments import advance, lines_of
from agents.fulfilment.messages import RefreshPackingPlan
from agents.fulfilment.tasks import close_lists, open_tasks
from agents.fulfilment.wave_rows import leave_waves
from db.fulfilment import LIVE_FULFILMENTS, Fulfilment, FulfilmentLine, FulfilmentStatus
from db.packing import nodes_with_boxes
from db.session import Transaction

S = FulfilmentStatus


def settle(tx: Transaction, fulfilments: Sequence[Fulfilment]) -> None:
    """Let statuses follow from lines and tasks, and close the pick lists that nobody needs to walk on."""
    tx.flush()
    ids = [f.id for f in fulfilments]
    lines: dict[UUID, list[FulfilmentLine]] = defaultdict(list)
    for line in lines_of(tx, ids):
        lines[line.fulfilment_id].append(line)
    busy = {task.fulfilment_id for task in open_tasks(tx, ids)}
    for fulfilment in fulfilments:
        now_at, rows = S(fulfilment.status), lines[fulfilment.id]
        picked = all(line.picked == line.quantity for line in rows)
        packed = all(line.packed == line.quantity for line in rows)
        if now_at not in LIVE_FULFILMENTS:
            continue
        if not rows:
            advance(tx, fulfilment, S.cancelled, why="nothing is left to ship")
        elif now_at in (S.ready, S.picking) and picked:
            advance(tx, fulfilment, S.picked)
        elif now_at is S.picking and fulfilment.id not in busy:
            advance(tx, fulfilment, S.ready, why="waits for another pick list")
        elif now_at is S.picked and packed:
            advance(tx, fulfilment, S.packed)
        elif now_at is S.packed and not packed:
            advance(tx, fulfilment, S.picked)
    tx.flush()
    close_lists(tx, ids)
    leave_waves(tx, [f for f in fulfilments if f.status == S.cancelled], why="nothing is left to ship")
    _plan_packing(tx, [f for f in fulfilments if f.status == S.picked])


def _plan_packing(tx: Transaction, picked: Sequence[Fulfilment]) -> None:
    """Have it worked out what goes into which box before somebody stands at the bench, where the node has boxes."""
    nodes = nodes_with_boxes(tx, {f.node for f in picked}) if picked else set()
    for fulfilment in picked:
        if fulfilment.node in nodes:
            tx.send("fulfilment", f"order:{fulfilment.order_id}", RefreshPackingPlan(fulfilment_id=fulfilment.id))
