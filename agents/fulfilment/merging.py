"""Makes one fulfilment of several: an order's parts at one node that nobody has begun to pick leave together."""

from __future__ import annotations

from sqlalchemy import select

from agents.fulfilment.fulfilments import is_workable, lines_of, lock_fulfilments, lock_orders, state_of
from agents.fulfilment.messages import FulfilmentState, MergeFulfilments
from agents.fulfilment.progress import settle
from agents.fulfilment.refusals import NothingToMerge
from agents.fulfilment.tasks import open_tasks
from agents.fulfilment.to_floor import put_on_floor
from db.errors import NotFound
from db.fulfilment import Fulfilment, FulfilmentStatus
from db.session import Transaction

S = FulfilmentStatus


def merge(tx: Transaction, ask: MergeFulfilments) -> FulfilmentState:
    """Take the lines of the order's other ready fulfilments at the node; those are cancelled.

    Raises:
        NothingToMerge: there is no other, or this one is begun.
    """
    order_id = tx.scalar(select(Fulfilment.order_id).where(Fulfilment.id == ask.fulfilment_id))
    if order_id is None:
        raise NotFound("fulfilment", str(ask.fulfilment_id))
    order = lock_orders(tx, [order_id])[order_id]
    live = select(Fulfilment.id).where(Fulfilment.order_id == order_id, Fulfilment.status == S.ready)
    found = {f.id: f for f in lock_fulfilments(tx, {ask.fulfilment_id, *tx.scalars(live)})}  # all at once, by id
    fulfilment = found.pop(ask.fulfilment_id)
    begun = fulfilment.status != S.ready
    others = [f for f in found.values() if f.node == fulfilment.node and f.status == S.ready and not begun]
    busy = {t.fulfilment_id for t in open_tasks(tx, [o.id for o in others])}
    # The lines of one that was begun and given up may be picked in part: they leave as they are.
    picked = {n.fulfilment_id for n in lines_of(tx, [o.id for o in others]) if n.picked}
    others = [o for o in others if o.id not in busy | picked]
    if not others:
        raise NothingToMerge(fulfilment.number, fulfilment.status)
    for line in lines_of(tx, [o.id for o in others]):
        line.fulfilment_id = fulfilment.id
    tx.flush()
    for other in others:
        tx.note(f"fulfilment:{other.id}", to_status=other.status, why=f"goes with {fulfilment.number}")
    numbers = ", ".join(o.number for o in others)
    tx.note(f"fulfilment:{fulfilment.id}", to_status=fulfilment.status, why=f"took the lines of {numbers}")
    fulfilment.updated_at = tx.now
    fulfilment.due_at = min((f.due_at for f in (fulfilment, *others) if f.due_at is not None), default=None)
    on_floor = next((o for o in others if o.released_at is not None), None)
    if on_floor is not None and fulfilment.wave_id is None:
        put_on_floor(tx, [fulfilment], why=f"with {on_floor.number}, which was on it")
    settle(tx, others)
    return state_of(tx, fulfilment, workable=is_workable(tx, order))
