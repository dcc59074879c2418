"""Pick lists: which bins to walk for which fulfilments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from agents.fulfilment.fulfilments import (
    advance,
    check_workable,
    lines_of,
    live_holds,
    lock_fulfilments,
    lock_orders,
)
from agents.fulfilment.messages import CreatePickList, LeaveLot, NextPickList, PickListState
from agents.fulfilment.progress import settle
from agents.fulfilment.refusals import (
    NothingReady,
    NotOnFloor,
    NotPickable,
    NotReady,
    OtherNode,
    WaveNotReleased,
)
from agents.fulfilment.releasing import drop_lost
from agents.fulfilment.rules import WORKABLE, Grab, Need, Pool, in_walking_order, objection
from agents.fulfilment.tasks import list_state, shelves_at, withdraw
from agents.fulfilment.wave_rows import need_wave
from db.errors import NotFound
from db.fulfilment import (
    Fulfilment,
    FulfilmentStatus,
    PickList,
    PickListStatus,
    PickTask,
)
from db.orders import Order
from db.session import Transaction
from db.waves import WaveStatus

ROUNDS = 3  # looks for ready fulfilments, when others took those of the look before


def create_pick_list(tx: Transaction, ask: CreatePickList) -> PickListState:
    """A list for the fulfilments that are named, all of them, or for the oldest whose units can be found."""
    _check_wave(tx, ask)
    tried: set[UUID] = set()
    waiting = 0
    for _ in range(ROUNDS):
        fulfilments = _named(tx, ask) if ask.fulfilments else _oldest_ready(tx, ask, but_not=tried)
        drop_lost(tx, fulfilments)
        settle(tx, fulfilments)
        needs = _needs(tx, [f for f in fulfilments if f.status == FulfilmentStatus.ready])
        grabs = _plan(tx, ask, fulfilments, needs)
        if grabs:
            return list_state(tx, _write_list(tx, ask, grabs, {f.id: f for f in fulfilments}))
        waiting += sum(1 for rows in needs.values() if rows)
        tried |= {f.id for f in fulfilments}
        if ask.fulfilments or not fulfilments:
            break
    raise NothingReady(ask.node, waiting=waiting)


def next_pick_list(tx: Transaction, ask: NextPickList) -> PickListState:
    """The oldest open list of the picker at the node, else a new one. Raises NothingReady."""
    of_wave = [PickList.wave_id == ask.wave] if ask.wave is not None else []
    mine = tx.scalars(
        select(PickList)
        .where(*of_wave)
        .where(PickList.node == ask.node, PickList.assigned_to == ask.picker, PickList.status == PickListStatus.open)
        .order_by(PickList.created_at, PickList.id)
        .limit(1)
    ).first()
    if mine is not None:
        return list_state(tx, mine)
    return create_pick_list(tx, CreatePickList(node=ask.node, limit=ask.limit, assigned_to=ask.picker, wave=ask.wave))


def _check_wave(tx: Transaction, ask: CreatePickList) -> None:
    if ask.wave is None:
        return
    wave = need_wave(tx, ask.wave)
    if wave.node != ask.node:
        raise OtherNode(f"wave {wave.number}", wave.node, ask.node)
    if wave.status != WaveStatus.released:
        raise WaveNotReleased(wave.number, wave.status)


def _plan(
    tx: Transaction, ask: CreatePickList, fulfilments: Sequence[Fulfilment], needs: dict[UUID, list[Need]]
) -> list[Grab]:
    """Which bins to walk: all units of a fulfilment, or none of it, what is due first before the rest."""
    pool = Pool(shelves_at(tx, ask.node, {n.sku for rows in needs.values() for n in rows}))
    grabs: list[Grab] = []
    for fulfilment in sorted(fulfilments, key=_turn):
        if not needs[fulfilment.id]:
            continue
        found = pool.take_all(needs[fulfilment.id])
        if found is None and ask.fulfilments:
            raise _what_is_missing(fulfilment, needs[fulfilment.id], pool)
        grabs += found or []
    return grabs


def _turn(fulfilment: Fulfilment) -> tuple[datetime, datetime, str]:
    return fulfilment.due_at or fulfilment.created_at, fulfilment.created_at, fulfilment.number


def _named(tx: Transaction, ask: CreatePickList) -> list[Fulfilment]:
    pairs = dict(tx.execute(select(Fulfilment.id, Fulfilment.order_id).where(Fulfilment.id.in_(ask.fulfilments))).all())
    for ident in ask.fulfilments:
        if ident not in pairs:
            raise NotFound("fulfilment", str(ident))
    orders = lock_orders(tx, pairs.values())
    fulfilments = lock_fulfilments(tx, pairs)
    for fulfilment in fulfilments:
        if fulfilment.node != ask.node:
            raise OtherNode(fulfilment.number, fulfilment.node, ask.node)
        check_workable(tx, orders[fulfilment.order_id])
        if fulfilment.status != FulfilmentStatus.ready:
            raise NotReady(fulfilment.number, fulfilment.status)
        if fulfilment.released_at is None:
            raise NotOnFloor(fulfilment.number, fulfilment.node)
    return fulfilments


def _oldest_ready(tx: Transaction, ask: CreatePickList, *, but_not: set[UUID]) -> list[Fulfilment]:
    """What is on the floor, ready and may be worked on: what is due first, then the oldest; locked."""
    of_wave = [Fulfilment.wave_id == ask.wave] if ask.wave is not None else []
    for _ in range(ROUNDS):
        pairs = dict(
            tx.execute(
                select(Fulfilment.id, Fulfilment.order_id)
                .join(Order, Order.id == Fulfilment.order_id)
                .where(Fulfilment.node == ask.node, Fulfilment.status == FulfilmentStatus.ready)
                .where(Fulfilment.released_at.is_not(None), *of_wave)
                .where(Order.status.in_(list(WORKABLE)), Fulfilment.id.not_in(but_not))
                .order_by(Fulfilment.due_at, Fulfilment.created_at, Fulfilment.number)
                .limit(max(1, ask.limit))
            ).all()
        )
        orders = lock_orders(tx, pairs.values())
        holds = live_holds(tx, orders)
        may = {o.id for o in orders.values() if objection(o.number, o.status, holds[o.id]) is None}
        rows = lock_fulfilments(tx, pairs)
        ready = [f for f in rows if f.status == FulfilmentStatus.ready and f.released_at and f.order_id in may]
        if ready or not pairs:
            return ready
    return []


def _needs(tx: Transaction, fulfilments: Sequence[Fulfilment]) -> dict[UUID, list[Need]]:
    needs: dict[UUID, list[Need]] = defaultdict(list)
    for line in lines_of(tx, [f.id for f in fulfilments]):
        if line.picked < line.quantity:
            needs[line.fulfilment_id].append(Need(line.fulfilment_id, line.allocation_id, line.sku, line.quantity))
    return needs


def _what_is_missing(fulfilment: Fulfilment, needs: Sequence[Need], pool: Pool) -> NotPickable:
    wanted: dict[str, int] = defaultdict(int)
    for need in needs:
        wanted[need.sku] += need.quantity
    sku = max(wanted, key=lambda s: wanted[s] - pool.free(s))
    return NotPickable(fulfilment.number, fulfilment.node, sku, wanted[sku], pool.free(sku))


def _write_list(
    tx: Transaction, ask: CreatePickList, grabs: Sequence[Grab], fulfilments: dict[UUID, Fulfilment]
) -> PickList:
    pick_list = PickList(
        node=ask.node, assigned_to=ask.assigned_to, wave_id=ask.wave, created_at=tx.now, updated_at=tx.now
    )
    tx.add(pick_list)
    tx.flush()
    tx.note(f"pick_list:{pick_list.id}", to_status=PickListStatus.open)
    for n, grab in enumerate(in_walking_order(grabs), start=1):
        tx.add(task_for(pick_list.id, grab, sequence=n))
    for ident in dict.fromkeys(g.need.fulfilment_id for g in grabs):
        advance(tx, fulfilments[ident], FulfilmentStatus.picking, why=f"pick list for {ask.assigned_to or 'anybody'}")
    tx.flush()
    return pick_list


def task_for(pick_list_id: UUID, grab: Grab, *, sequence: int) -> PickTask:
    return PickTask(
        pick_list_id=pick_list_id,
        fulfilment_id=grab.need.fulfilment_id,
        allocation_id=grab.need.allocation_id,
        sku=grab.need.sku,
        bin=grab.shelf.bin,
        lot=grab.shelf.lot,
        sequence=sequence,
        quantity=grab.quantity,
    )


def cancel_pick_list(tx: Transaction, pick_list_id: UUID, reason: str) -> PickListState:
    """Withdraw what is open of a list; its fulfilments wait for another one."""
    ids = tx.scalars(select(PickTask.fulfilment_id).where(PickTask.pick_list_id == pick_list_id).distinct()).all()
    fulfilments = lock_fulfilments(tx, ids)
    tasks = tx.scalars(
        select(PickTask)
        .where(PickTask.pick_list_id == pick_list_id, PickTask.done.is_(False))
        .execution_options(populate_existing=True)
    ).all()
    withdraw(tx, tasks, why=reason)
    settle(tx, fulfilments)
    return list_state(tx, get_list(tx, pick_list_id))


def leave_lot(tx: Transaction, task: LeaveLot) -> None:
    """Withdraw what open lists of the node still fetch of a lot; those fulfilments wait for another list."""
    wanted = (
        select(PickTask)
        .join(PickList, PickList.id == PickTask.pick_list_id)
        .where(PickList.node == task.node, PickTask.sku == task.sku, PickTask.lot == task.lot, PickTask.done.is_(False))
        .execution_options(populate_existing=True)
    )
    fulfilments = lock_fulfilments(tx, {t.fulfilment_id for t in tx.scalars(wanted)})
    withdraw(tx, tx.scalars(wanted.where(PickTask.fulfilment_id.in_([f.id for f in fulfilments]))).all(), why=task.why)
    settle(tx, fulfilments)


def get_list(tx: Transaction, pick_list_id: UUID) -> PickList:
    row = tx.get(PickList, pick_list_id, populate_existing=True)
    if row is None:
        raise NotFound("pick list", str(pick_list_id))
    return row
