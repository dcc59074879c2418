"""Units on their way from a shelf to the packing bin, and the locks that a pick needs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from agents.fulfilment.fulfilments import (
    live_holds,
    lock_with_order,
)
from agents.fulfilment.messages import Pick, PickListState
from agents.fulfilment.picklists import get_list
from agents.fulfilment.progress import settle
from agents.fulfilment.refusals import (
    CancelledMeanwhile,
    OrderOnHold,
    PickedTooMany,
    TaskClosed,
    WrongScan,
)
from agents.fulfilment.releasing import still_promised
from agents.fulfilment.rules import objection
from agents.fulfilment.tasks import list_state, packing_bin, rest_of
from db.allocations import lock_allocations, mark, split
from db.catalog import barcode_owners
from db.errors import NotFound
from db.fulfilment import (
    Fulfilment,
    FulfilmentLine,
    PickTask,
)
from db.ledger import Movement, post
from db.orders import Order, OrderStatus
from db.session import Transaction
from db.stock import Allocation, AllocationState, MovementKind


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
    _check_scans(tx, ask, task)
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


def _check_scans(tx: Transaction, ask: Pick, task: PickTask) -> None:
    if ask.scanned_bin is not None and ask.scanned_bin.strip().upper() != task.bin.upper():
        raise WrongScan("bin", f"Bin {task.bin}", f"bin {ask.scanned_bin.strip()}")
    if ask.scanned_item is None:
        return
    code = ask.scanned_item.strip()
    scanned = barcode_owners(tx, [code]).get(code, code)
    if scanned.upper() != task.sku.upper():
        raise WrongScan("item", task.sku, scanned)


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
