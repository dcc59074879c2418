"""When the bin is empty after all: correct the books, find the units elsewhere, or let the customer wait.

What is decided here: a picker vouches for the units he was sent for, not for the whole bin, so exactly
those go off the books of that bin and lot (fewer, when the books have fewer). They are looked for on other
shelves of the node first, then at other nodes in their rank, and wait for stock otherwise. Where routing rules are in
force for the order's channel they wait, and the orders agent routes them by the rules at once.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from agents.fulfilment.messages import PickListState, ShortPick
from agents.fulfilment.picking import lock_task
from agents.fulfilment.picklists import get_list, task_for
from agents.fulfilment.progress import settle
from agents.fulfilment.releasing import cut_line, open_more, still_promised
from agents.fulfilment.rules import Grab, Need, Pool, Rescue, rescue
from agents.fulfilment.tasks import list_state, rest_of, shelves_at
from agents.inventory.messages import AllocationsLost
from agents.orders.messages import RouteMissing
from db.allocations import Part, Want, allocate, lock_allocations, release, to_backorder
from db.fulfilment import Fulfilment, FulfilmentLine, PickTask
from db.ledger import Level, Movement, Place, lock_skus, post
from db.nodes import Node
from db.orders import Order
from db.routing import EVERY_CHANNEL, RoutingRuleSet, RuleSetStatus
from db.session import Transaction
from db.stock import OPEN_ALLOCATIONS, Allocation, AllocationState, BinStock, MovementKind, StockStatus


def short_pick(tx: Transaction, ask: ShortPick) -> PickListState:
    order, fulfilment, task = lock_task(tx, ask.task_id)
    rest = rest_of(task)
    # Those of the whole order: what else it is promised is looked at in the end, and levels are locked once.
    levels = lock_skus(tx, {task.sku, *_open_skus(tx, order.id)})
    allocation = lock_allocations(tx, [task.allocation_id])[task.allocation_id]
    wanted = min(rest, allocation.quantity) if allocation.state == AllocationState.allocated else 0
    free_here = levels[(task.sku, fulfilment.node)].free
    missing = min(rest, _in_the_books(tx, fulfilment.node, task), max(0, free_here) + wanted)
    task.short, task.done, task.closed_why = rest, True, ask.reason

    by_rules = _has_rules(tx, order.channel)
    grabs = _other_shelves(tx, fulfilment.node, task, wanted)
    plan = rescue(
        wanted,
        missing=missing,
        free_here=free_here,
        on_other_shelves=sum(g.quantity for g in grabs),
        # By the rules of the order's channel, where any are in force, routing says who sends them: see below.
        free_by_node={} if by_rules else _other_nodes(tx, task.sku, fulfilment.node, levels),
    )
    # Promises go first and the stock after them: at no moment is more promised than lies there.
    lost = _let_go(tx, order, allocation, plan, f"short at {fulfilment.node}")
    if missing:
        post(tx, [_gone(task, fulfilment.node, missing, ask.reason)])
    _walk_on(tx, task, grabs, plan.stay)
    line = tx.get(FulfilmentLine, allocation.id, populate_existing=True)
    if line is not None and not line.picked:
        cut_line(tx, line, min(line.quantity, still_promised(allocation)))
    _tell(tx, fulfilment, task, plan, missing=missing)
    if lost:
        why = f"short at {fulfilment.node}: {ask.reason}"
        tx.announce(f"order:{order.id}", AllocationsLost(order_id=order.id, allocations=lost, why=why))
    if lost and by_rules:
        route = RouteMissing(
            order_id=order.id, allocations=lost, node=fulfilment.node, why=f"short at {fulfilment.node}"
        )
        tx.send("orders", f"order:{order.id}", route)
    settle(tx, [fulfilment])
    if plan.elsewhere:
        open_more(tx, order)
    return list_state(tx, get_list(tx, task.pick_list_id))


def _has_rules(tx: Transaction, channel: str) -> bool:
    """Whether routing rules are in force for a channel."""
    active = select(RoutingRuleSet.id).where(
        RoutingRuleSet.status == RuleSetStatus.active, RoutingRuleSet.channel.in_((channel, EVERY_CHANNEL))
    )
    return tx.scalar(active.limit(1)) is not None


def _open_skus(tx: Transaction, order_id: UUID) -> set[str]:
    mine = select(Allocation.sku).where(Allocation.order_id == order_id, Allocation.state.in_(OPEN_ALLOCATIONS))
    return set(tx.scalars(mine))


def _in_the_books(tx: Transaction, node: str, task: PickTask) -> int:
    """What the books say lies in the task's bin and lot."""
    place = (node, task.sku, task.bin, task.lot, StockStatus.sellable)
    row = tx.get(BinStock, place, populate_existing=True)
    return row.quantity if row else 0


def _other_shelves(tx: Transaction, node: str, task: PickTask, wanted: int) -> list[Grab]:
    """Where else at the node the units could be taken from; not where the picker just looked."""
    if not wanted:
        return []
    shelves = [s for s in shelves_at(tx, node, [task.sku]) if (s.bin, s.lot) != (task.bin, task.lot)]
    return Pool(shelves).take(Need(task.fulfilment_id, task.allocation_id, task.sku, wanted))


def _other_nodes(tx: Transaction, sku: str, node: str, levels: dict[Place, Level]) -> dict[str, int]:
    """Free units by node, in the nodes' rank."""
    codes = tx.scalars(select(Node.code).where(Node.ships.is_(True), Node.code != node).order_by(Node.rank, Node.code))
    return {code: levels[(sku, code)].free for code in codes if (sku, code) in levels}


def _let_go(tx: Transaction, order: Order, allocation: Allocation, plan: Rescue, why: str) -> list[UUID]:
    """Move promises to other nodes, and what nobody has to the queue; returns the ids that wait now."""
    for node, quantity in plan.elsewhere:
        release(tx, [Part(allocation.id, quantity)], why=f"{why}: goes from {node}")
        want = Want(order.id, allocation.line_no, allocation.sku, node, quantity, why=f"{node}: {why}")
        allocate(tx, [want])
    if not plan.backordered:
        return []
    return [row.id for row in to_backorder(tx, [Part(allocation.id, plan.backordered)], why=why)]


def _gone(task: PickTask, node: str, missing: int, reason: str) -> Movement:
    return Movement(
        task.sku,
        node,
        MovementKind.counted,
        f"pick_task:{task.id}",
        on_hand=-missing,
        bin=task.bin,
        lot=task.lot,
        why=f"short pick: {reason}",
    )


def _walk_on(tx: Transaction, task: PickTask, grabs: list[Grab], stay: int) -> None:
    """New tasks on the same list for the units that were found on other shelves of the node."""
    tx.flush()
    last = tx.scalar(select(func.max(PickTask.sequence)).where(PickTask.pick_list_id == task.pick_list_id)) or 0
    for grab in grabs:
        quantity = min(stay, grab.quantity)
        if not quantity:
            break
        stay -= quantity
        known = _open_task(tx, task.allocation_id, grab)
        if known is not None:  # the same allocation goes to that bin already
            known.quantity += quantity
            continue
        last += 1
        tx.add(task_for(task.pick_list_id, grab._replace(quantity=quantity), sequence=last))
    tx.flush()


def _open_task(tx: Transaction, allocation_id: UUID, grab: Grab) -> PickTask | None:
    return tx.scalars(
        select(PickTask)
        .where(PickTask.allocation_id == allocation_id, PickTask.done.is_(False))
        .where(PickTask.bin == grab.shelf.bin, PickTask.lot == grab.shelf.lot)
    ).one_or_none()


def _tell(tx: Transaction, fulfilment: Fulfilment, task: PickTask, plan: Rescue, *, missing: int) -> None:
    parts = [f"{plan.stay} from another bin"] if plan.stay else []
    parts += [f"{quantity} from {node}" for node, quantity in plan.elsewhere]
    parts += [f"{plan.backordered} wait for stock"] if plan.backordered else []
    tx.note(
        f"order:{fulfilment.order_id}",
        to_status="short pick",
        why=f"{task.short} {task.sku} short in bin {task.bin} at {fulfilment.node}, {task.closed_why}: "
        + (", ".join(parts) or "no longer wanted"),
        detail={"fulfilment_id": str(fulfilment.id), "booked_down": missing},
    )
