"""Putting ready fulfilments on the floor: by hand, when their cut-off comes near, and when a node changes its way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import exists, select

from agents.fulfilment.due import timing_again
from agents.fulfilment.fulfilments import are_workable, live_holds, lock_fulfilments, lock_orders
from agents.fulfilment.messages.waves import (
    FulfilmentsReleased,
    NotLetGo,
    PutReleasePolicy,
    ReleaseDue,
    ReleaseFulfilments,
    ReleasePolicyState,
    ReviewRelease,
)
from agents.fulfilment.refusals import IsNotReady
from agents.fulfilment.rules import WORKABLE, objection
from agents.fulfilment.timings import houses
from agents.fulfilment.wave_rows import leave_waves, lock_waves
from agents.stock.goods import need_node
from agents.stock.rules import BadField, check_words
from db.errors import NotFound, Refusal
from db.fulfilment import Fulfilment, FulfilmentLine, FulfilmentStatus
from db.orders import Order, OrderHold
from db.session import Transaction, check_version
from db.waves import ReleaseMode, ReleasePolicy, WaveStatus

S = FulfilmentStatus
AT_ONCE = 500  # fulfilments in one transaction
MOST_BY_HAND = 500
LONGEST_MINUTES = 7 * 24 * 60


def put_on_floor(tx: Transaction, fulfilments: Iterable[Fulfilment], *, why: str) -> None:
    """From now on pick lists find them; they are locked and ready."""
    for one in fulfilments:
        if one.released_at is not None:
            continue
        one.released_at = one.updated_at = tx.now
        one.released_why = why
        tx.note(f"fulfilment:{one.id}", to_status=one.status, why=f"on the floor: {why}")
    tx.flush()


def take_off_floor(tx: Transaction, fulfilments: Sequence[Fulfilment], *, why: str) -> None:
    """Of an order that may not be worked on: out of its wave, and where work is not streamed it is released anew
    later. What is begun stays as it is, and waits for the hold to end."""
    leave_waves(tx, fulfilments, why=why)
    begun = set(
        tx.scalars(
            select(FulfilmentLine.fulfilment_id).where(
                FulfilmentLine.fulfilment_id.in_([f.id for f in fulfilments]), FulfilmentLine.picked > 0
            )
        )
    )
    back = [f for f in fulfilments if f.status == S.ready and f.released_at is not None and f.id not in begun]
    if not back:
        return
    streams = _streaming(tx, {f.node for f in back})
    for one in back:
        if one.node not in streams:
            one.released_at = one.released_why = None
            one.updated_at = tx.now
            tx.note(f"fulfilment:{one.id}", to_status=one.status, why=f"off the floor: {why}")
    tx.flush()


def _streaming(tx: Transaction, nodes: Collection[str]) -> set[str]:
    others = select(ReleasePolicy.node).where(
        ReleasePolicy.node.in_(nodes), ReleasePolicy.mode != ReleaseMode.streaming
    )
    return set(nodes) - set(tx.scalars(others))


def release_by_hand(tx: Transaction, ask: ReleaseFulfilments) -> FulfilmentsReleased:
    """Each is judged by itself; those in a wave that is only planned leave it. Raises BadField."""
    check_words("reason", ask.reason)
    if not 0 < len(ask.fulfilments) <= MOST_BY_HAND:
        raise BadField("fulfilments", len(ask.fulfilments), f"name between 1 and {MOST_BY_HAND} of them")
    named = list(dict.fromkeys(ask.fulfilments))
    pairs = dict(tx.execute(select(Fulfilment.id, Fulfilment.order_id).where(Fulfilment.id.in_(named))).all())
    orders = lock_orders(tx, pairs.values())
    holds = live_holds(tx, orders)
    rows = {f.id: f for f in lock_fulfilments(tx, pairs)}
    already, refused, may = [], [], []
    for ident in named:
        one = rows.get(ident)
        refusal = _against(ident, one, orders, holds)
        if refusal is not None:
            refused.append(NotLetGo(id=ident, code=refusal.code, sentence=str(refusal)))
        elif one is not None and one.released_at is not None:
            already.append(ident)
        elif one is not None:
            may.append(one)
    waves = {w.id for w in lock_waves(tx, [f.wave_id for f in may if f.wave_id]) if w.status == WaveStatus.planned}
    leave_waves(tx, [f for f in may if f.wave_id in waves], why="released by hand")
    put_on_floor(tx, may, why=f"by hand: {ask.reason.strip()}")
    return FulfilmentsReleased(released=[f.id for f in may], already=already, refused=refused)


def _against(
    ident: UUID, one: Fulfilment | None, orders: dict[UUID, Order], holds: dict[UUID, list[str]]
) -> Refusal | None:
    if one is None:
        return NotFound("fulfilment", str(ident))
    if one.released_at is not None:
        return None
    if one.status != S.ready:
        return IsNotReady(one.number, one.status)
    order = orders[one.order_id]
    return objection(order.number, order.status, holds[order.id])


def release_due(tx: Transaction, task: ReleaseDue) -> int:
    """What is to be on the floor by now; more of it is asked for when there is more. What is held waits."""
    held = exists().where(OrderHold.order_id == Order.id, OrderHold.released_at.is_(None))
    pairs = dict(
        tx.execute(
            select(Fulfilment.id, Fulfilment.order_id)
            .join(Order, Order.id == Fulfilment.order_id)
            .where(Fulfilment.status == S.ready, Fulfilment.released_at.is_(None), Fulfilment.release_at <= tx.now)
            .where(Fulfilment.wave_id.is_(None), Order.status.in_(list(WORKABLE)), ~held)
            .order_by(Fulfilment.release_at, Fulfilment.id)
            .limit(AT_ONCE)
        ).all()
    )
    if not pairs:
        return 0
    may = {o.id for o in are_workable(tx, list(lock_orders(tx, pairs.values()).values()))}
    due = [
        f
        for f in lock_fulfilments(tx, pairs)
        if f.status == S.ready and f.released_at is None and f.wave_id is None and f.order_id in may
    ]
    put_on_floor(tx, due, why="its cut-off comes near")
    if due and len(pairs) == AT_ONCE:
        tx.send("fulfilment", "release:due", task)
    return len(due)


def put_release_policy(tx: Transaction, ask: PutReleasePolicy) -> ReleasePolicyState:
    """Raises NotFound, BadField, StaleVersion."""
    need_node(tx, ask.node)
    if ask.mode not in list(ReleaseMode):
        raise BadField("mode", ask.mode, f"it is one of {', '.join(ReleaseMode)}")
    if not 0 <= ask.minutes_before <= LONGEST_MINUTES:
        raise BadField("minutes_before", ask.minutes_before, f"it is between 0 and {LONGEST_MINUTES}, which are a week")
    row = tx.get(ReleasePolicy, ask.node, with_for_update=True, populate_existing=True)
    if row is None:
        if ask.version is not None:
            raise NotFound("release policy", ask.node)
        row = ReleasePolicy(node=ask.node, version=1, updated_at=tx.now)
        tx.add(row)
    else:
        check_version(row, ask.version, kind="release policy", id=ask.node)
    row.mode, row.minutes_before, row.updated_at = ask.mode, ask.minutes_before, tx.now
    tx.flush()
    tx.send("fulfilment", f"node:{ask.node}", ReviewRelease(node=ask.node))
    return ReleasePolicyState(node=row.node, mode=row.mode, minutes_before=row.minutes_before, version=row.version)


def review_release(tx: Transaction, task: ReviewRelease) -> int:
    """What waits at a node comes to the floor, or waits for another moment, as the node now releases work."""
    wanted = (
        select(Fulfilment.id, Fulfilment.order_id)
        .where(Fulfilment.node == task.node, Fulfilment.status == S.ready, Fulfilment.released_at.is_(None))
        .where(Fulfilment.wave_id.is_(None))
        .order_by(Fulfilment.id)
        .limit(AT_ONCE)
    )
    if task.after is not None:
        wanted = wanted.where(Fulfilment.id > task.after)
    pairs = dict(tx.execute(wanted).all())
    if not pairs:
        return 0
    may = {o.id for o in are_workable(tx, list(lock_orders(tx, pairs.values()).values()))}
    house = houses(tx, [task.node])[task.node]
    rows = [f for f in lock_fulfilments(tx, pairs) if f.status == S.ready and f.released_at is None]
    for one in rows:
        one.release_at = timing_again(house, one.due_at or one.created_at, one.service)
    tx.flush()
    streams = house.mode == ReleaseMode.streaming
    floor = [f for f in rows if f.wave_id is None and (f.order_id in may or streams)]
    if streams:
        put_on_floor(tx, floor, why="as soon as it was ready")
    else:
        put_on_floor(tx, [f for f in floor if f.release_at and f.release_at <= tx.now], why="its cut-off comes near")
    if len(pairs) == AT_ONCE:
        tx.send("fulfilment", f"node:{task.node}", ReviewRelease(node=task.node, after=max(pairs)))
    return len(rows)
