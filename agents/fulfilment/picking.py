"""Walking the bins: pick lists, and units on their way from a shelf to the packing bin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from agents.fulfilment.fulfilments import (
    advance,
    check_workable,
    lines_of,
    live_holds,
    lock_fulfilments,
    lock_orders,
    lock_with_order,
)
from agents.fulfilment.messages import CreatePickList, Pick, PickListState
from agents.fulfilment.progress import settle
from agents.fulfilment.refusals import (
    CancelledMeanwhile,
    NothingReady,
    NotPickable,
    NotReady,
    OrderOnHold,
    OtherNode,
    PickedTooMany,
    TaskClosed,
)
from agents.fulfilment.releasing import drop_lost, still_promised
from agents.fulfilment.rules import WORKABLE, Grab, Need, Pool, in_walking_order, objection
from agents.fulfilment.tasks import list_state, packing_bin, rest_of, shelves_at, withdraw
from db.allocations import lock_allocations, mark, split
from db.errors import NotFound
from db.fulfilment import (
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    PickList,
    PickListStatus,
    PickTask,
)
from db.ledger import Movement, post
from db.orders import Order, OrderStatus
from db.session import Transaction
from db.stock import Allocation, AllocationState, MovementKind

ROUNDS = 3  # looks for ready fulfilments, when others took those of the look before


def create_pick_list(tx: Transaction, ask: CreatePickList) -> PickListState:
    """A list for the fulfilments that are named, all of them, or for the oldest whose units can be found."""
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


def _plan(
    tx: Transaction, ask: CreatePickList, fulfilments: Sequence[Fulfilment], needs: dict[UUID, list[Need]]
) -> list[Grab]:
    """Which bins to walk: all units of a fulfilment, or none of it, the oldest first."""
    pool = Pool(shelves_at(tx, ask.node, {n.sku for rows in needs.values() for n in rows}))
    grabs: list[Grab] = []
    for fulfilment in sorted(fulfilments, key=lambda f: (f.created_at, f.number)):
        if not needs[fulfilment.id]:
            continue
        found = pool.take_all(needs[fulfilment.id])
        if found is None and ask.fulfilments:
            raise _what_is_missing(fulfilment, needs[fulfilment.id], pool)
        grabs += found or []
    return grabs


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
    return fulfilments


def _oldest_ready(tx: Transaction, ask: CreatePickList, *, but_not: set[UUID]) -> list[Fulfilment]:
    """The oldest fulfilments that are ready and may be worked on, locked."""
    for _ in range(ROUNDS):
        pairs = dict(
            tx.execute(
                select(Fulfilment.id, Fulfilment.order_id)
                .join(Order, Order.id == Fulfilment.order_id)
                .where(Fulfilment.node == ask.node, Fulfilment.status == FulfilmentStatus.ready)
                .where(Order.status.in_(list(WORKABLE)), Fulfilment.id.not_in(but_not))
                .order_by(Fulfilment.created_at, Fulfilment.number)
                .limit(max(1, ask.limit))
            ).all()
        )
        orders = lock_orders(tx, pairs.values())
        holds = live_holds(tx, orders)
        may = {o.id for o in orders.values() if objection(o.number, o.status, holds[o.id]) is None}
        rows = lock_fulfilments(tx, pairs)
        ready = [f for f in rows if f.status == FulfilmentStatus.ready and f.order_id in may]
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
    pick_list = PickList(node=ask.node, assigned_to=ask.assigned_to, created_at=tx.now, updated_at=tx.now)
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


def get_list(tx: Transaction, pick_list_id: UUID) -> PickList:
    row = tx.get(PickList, pick_list_id, populate_existing=True)
    if row is None:
        raise NotFound("pick list", str(pick_list_id))
    return row


def lock_task(tx: Transaction, task_id: UUID) -> tuple[Order, Fulfilment, PickTask]:
    """An open task with its order and fulfilment, locked. Raises NotFound, TaskClosed, OrderOnHold."""
    fulfilment_id = tx.scalar(select(PickTask.fulfilment_id).where(PickTask.id == task_id))
    if fulfilment_id is None:
        raise NotFound("pick task", str(task_id))
    order, fulfilment = lock_with_order(tx, fulfilment_id)
    task = tx.get_one(PickTask, task_id, with_for_update=True, populate_existing=True)
    closed = TaskClosed(str(task_id), task.picked, task.picked_by, task.closed_why)
    if task.done and not task.closed_why:
        raise closed
    refusal = objection(order.number, order.status, live_holds(tx, [order.id])[order.id])
    if isinstance(refusal, OrderOnHold):
        raise refusal
    if task.done:
        raise closed
    # A cancelled order goes on to its allocation, which knows what became of these very units.
    if refusal is not None and order.status != OrderStatus.cancelled:
        raise refusal
    return order, fulfilment, task


def pick(tx: Transaction, ask: Pick) -> PickListState:
    """Book units from their bin to the packing bin, and mark their part of the allocation picked."""
    order, fulfilment, task = lock_task(tx, ask.task_id)
    if not 0 < ask.quantity <= rest_of(task):
        raise PickedTooMany(task.sku, task.bin, rest_of(task), ask.quantity)
    allocation = lock_allocations(tx, [task.allocation_id]).get(task.allocation_id)
    if allocation is None or allocation.state != AllocationState.allocated or allocation.quantity < ask.quantity:
        wanted = allocation.quantity if allocation and allocation.state == AllocationState.allocated else 0
        raise CancelledMeanwhile(task.sku, wanted, ask.quantity)
    to_bin = packing_bin(tx, fulfilment.node)
    moved = Movement(
        task.sku,
        fulfilment.node,
        MovementKind.moved,
        f"order:{order.id}",
        lot=task.lot,
        why=f"picked {fulfilment.number}",
    )
    post(
        tx,
        [moved._replace(on_hand=-ask.quantity, bin=task.bin), moved._replace(on_hand=ask.quantity, bin=to_bin)],
    )
    part = split(tx, allocation, ask.quantity)
    mark(tx, [part], AllocationState.picked)
    _book_line(tx, allocation, part, to_bin, task.lot)
    task.picked += ask.quantity
    task.picked_by, task.picked_at = tx.who.actor, tx.now
    task.done = rest_of(task) == 0
    settle(tx, [fulfilment])
    return list_state(tx, get_list(tx, task.pick_list_id))


def _book_line(tx: Transaction, whole: Allocation, part: Allocation, to_bin: str, lot: str) -> None:
    """Keep a line for each allocation: a part that was picked takes its units along into a line of its own."""
    line = tx.get_one(FulfilmentLine, whole.id, populate_existing=True)
    if part is whole:
        line.quantity = line.picked = still_promised(whole)
        line.bin, line.lot = to_bin, lot
        return
    line.quantity -= part.quantity
    tx.add(
        FulfilmentLine(
            allocation_id=part.id,
            fulfilment_id=line.fulfilment_id,
            line_no=line.line_no,
            sku=line.sku,
            quantity=part.quantity,
            picked=part.quantity,
            bin=to_bin,
            lot=lot,
        )
    )
