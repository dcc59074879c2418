"""Out of the packing bin and back to the shelf: an order is called back before it has left."""

from __future__ import annotations

from sqlalchemy import select

from agents.fulfilment.fulfilments import is_workable, lines_of, live_parcels, lock_fulfilments, lock_orders
from agents.fulfilment.messages import TakeBack, TakenBack
from agents.fulfilment.packing import take_out
from agents.fulfilment.progress import settle
from agents.fulfilment.refusals import HasLeft
from agents.fulfilment.releasing import cut_line, lock_promises, open_more
from agents.fulfilment.tasks import open_tasks, withdraw
from db.allocations import lock_allocations, mark
from db.errors import NotFound
from db.fulfilment import LIVE_FULFILMENTS, Fulfilment, FulfilmentLine, FulfilmentStatus
from db.ledger import Movement, post
from db.nodes import BinType, first_bin
from db.session import Transaction
from db.stock import AllocationState, MovementKind


def take_back(tx: Transaction, ask: TakeBack) -> TakenBack:
    """Open parcels, put picked units back and cancel the fulfilments; the units stay promised to the order.

    An order that is not held is ready to be picked anew.

    Raises:
        NotFound: there is no such order.
        HasLeft: a part of it has been dispatched.
    """
    order = lock_orders(tx, [ask.order_id]).get(ask.order_id)
    if order is None:
        raise NotFound("order", str(ask.order_id))
    found = lock_fulfilments(tx, tx.scalars(select(Fulfilment.id).where(Fulfilment.order_id == order.id)).all())
    left = [f.number for f in found if f.status in (FulfilmentStatus.shipped, FulfilmentStatus.delivered)]
    if left:
        raise HasLeft(order.number, left)
    live = [f for f in found if f.status in LIVE_FULFILMENTS]
    lock_promises(tx, [order.id], with_levels=[order.id])
    withdraw(tx, open_tasks(tx, [f.id for f in live]), why=ask.reason)
    for fulfilment in live:
        for parcel in live_parcels(tx, fulfilment.id):
            take_out(tx, parcel, ask.reason)
    units = sum(_put_back(tx, fulfilment, ask.reason) for fulfilment in live)
    settle(tx, live)
    if is_workable(tx, order):
        open_more(tx, order)
    return TakenBack(order_id=order.id, fulfilments=[f.id for f in live], units=units)


def _put_back(tx: Transaction, fulfilment: Fulfilment, why: str) -> int:
    lines = lines_of(tx, [fulfilment.id])
    picked = [line for line in lines if line.picked]
    allocations = lock_allocations(tx, [line.allocation_id for line in picked])
    shelf = first_bin(tx, fulfilment.node, BinType.pick_face) or "PICK"
    post(tx, [m for line in picked for m in _movements(line, fulfilment, shelf, why)])
    mark(tx, allocations.values(), AllocationState.allocated, why=why)
    for line in lines:
        cut_line(tx, line, 0)
    return sum(line.picked for line in picked)


def _movements(line: FulfilmentLine, fulfilment: Fulfilment, shelf: str, why: str) -> list[Movement]:
    moved = Movement(
        line.sku, fulfilment.node, MovementKind.moved, f"order:{fulfilment.order_id}", lot=line.lot, why=why
    )
    return [moved._replace(on_hand=-line.picked, bin=line.bin), moved._replace(on_hand=line.picked, bin=shelf)]
