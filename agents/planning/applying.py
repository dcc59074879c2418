"""A plan is done slice by slice: each goes to the orders agent, which looks again; the next goes when it is back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update

from agents.orders.messages.routing import MovePlanned, PlannedMove, PlannedOrder
from agents.planning.keeping import subject
from agents.planning.messages import (
    ApplyRoutingPlan,
    RoutingPlanApplied,
    RoutingPlanProgressed,
    RoutingPlanState,
    SliceMoved,
    StopRoutingPlan,
)
from agents.planning.refusals import NothingMoves
from db.errors import NotFound
from db.routing_plans import (
    PLAN_MOVES,
    PlanMoveState,
    PlanStatus,
    RoutingPlan,
    RoutingPlanMove,
    counts_of_moves,
)
from db.session import Transaction, check_version

S = PlanMoveState


def apply(tx: Transaction, ask: ApplyRoutingPlan) -> RoutingPlanState:
    """Raises NothingMoves; IllegalMove of a plan that does not stand."""
    plan = locked(tx, ask.plan_id)
    check_version(plan, ask.version, kind="routing plan", id=str(plan.id))
    if plan.status == PlanStatus.planned and not plan.moving:
        raise NothingMoves(plan.number)
    begin(tx, plan)
    return state_of(plan)


def begin(tx: Transaction, plan: RoutingPlan) -> None:
    tx.move(plan, PlanStatus.applying, moves=PLAN_MOVES, subject=subject(plan.id))
    plan.applied_by = tx.who.actor
    tx.flush()
    _next_slice(tx, plan)


def stop(tx: Transaction, ask: StopRoutingPlan) -> RoutingPlanState:
    """What is with the orders agent already is still done, and said on its rows."""
    plan = locked(tx, ask.plan_id)
    to = PlanStatus.stopped if plan.status == PlanStatus.applying else PlanStatus.dropped
    tx.move(plan, to, moves=PLAN_MOVES, subject=subject(plan.id), why=ask.reason)
    plan.why, plan.stage, plan.ended_at = ask.reason, None, tx.now
    if to is PlanStatus.stopped:
        _end_rows(tx, plan.id, "the plan was stopped before")
    tx.flush()
    _tell(tx, plan)
    return state_of(plan)


def slice_moved(tx: Transaction, task: SliceMoved) -> None:
    plan = locked(tx, task.plan_id)
    for row in task.rows:
        tx.execute(
            update(RoutingPlanMove)
            .where(RoutingPlanMove.plan_id == plan.id, RoutingPlanMove.row_no == row.row_no,
                   RoutingPlanMove.state == S.sent)
            .values(state=S.skipped if row.sentence else S.moved, sentence=row.sentence, at=tx.now)
        )  # fmt: skip
    if plan.status == PlanStatus.applying:
        _next_slice(tx, plan)


def _next_slice(tx: Transaction, plan: RoutingPlan) -> None:
    """Hand out the next slice; after the last the plan is applied."""
    next_one = select(func.min(RoutingPlanMove.slice_no)).where(
        RoutingPlanMove.plan_id == plan.id, RoutingPlanMove.state == S.planned
    )
    slice_no = tx.scalar(next_one)
    if slice_no is None:
        counts = counts_of_moves(tx, plan.id)
        why = f"{counts[S.moved]} orders moved, {counts[S.skipped]} were left where they are"
        tx.move(plan, PlanStatus.applied, moves=PLAN_MOVES, subject=subject(plan.id), why=why)
        plan.ended_at = tx.now
        tx.flush()
        told = RoutingPlanApplied(plan_id=plan.id, number=plan.number, moved=counts[S.moved], skipped=counts[S.skipped])
        tx.announce(subject(plan.id), told)
        return
    its = select(RoutingPlanMove).where(RoutingPlanMove.plan_id == plan.id, RoutingPlanMove.slice_no == slice_no)
    rows = tx.scalars(its.order_by(RoutingPlanMove.row_no)).all()
    for row in rows:
        row.state = S.sent
    tx.flush()
    orders = [
        PlannedOrder(
            row_no=row.row_no,
            order_id=row.order_id,
            saved=row.saved,
            why=row.why,
            moves=[
                PlannedMove(sku=sku, from_node=a, to_node=b, quantity=q, waits=waits)
                for sku, a, b, q, waits, _ in row.moves
            ],
        )
        for row in rows
    ]
    task = MovePlanned(plan_id=plan.id, number=plan.number, slice_no=slice_no, whole=rows[0].whole, orders=orders)
    tx.send("orders", subject(plan.id), task)
    _tell(tx, plan)


def _end_rows(tx: Transaction, plan_id: UUID, sentence: str) -> None:
    tx.execute(
        update(RoutingPlanMove)
        .where(RoutingPlanMove.plan_id == plan_id, RoutingPlanMove.state == S.planned)
        .values(state=S.skipped, sentence=sentence, at=tx.now)
    )


def locked(tx: Transaction, plan_id: UUID) -> RoutingPlan:
    plan = tx.get(RoutingPlan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise NotFound("routing plan", str(plan_id))
    return plan


def state_of(plan: RoutingPlan) -> RoutingPlanState:
    return RoutingPlanState(
        id=plan.id,
        number=plan.number,
        status=str(plan.status),
        version=plan.version,
        next=next_of(plan.status, plan.moving),
    )


def next_of(status: str, moving: int) -> list[str]:
    """What people may do with it: of the lifecycle the moves that are theirs."""
    if status == PlanStatus.planned:
        return ["apply", "drop"] if moving else ["drop"]
    return {PlanStatus.planning: ["drop"], PlanStatus.applying: ["stop"]}.get(PlanStatus(status), [])


def _tell(tx: Transaction, plan: RoutingPlan) -> None:
    counts = counts_of_moves(tx, plan.id)
    done = counts[S.moved] + counts[S.skipped]
    told = RoutingPlanProgressed(
        plan_id=plan.id, number=plan.number, status=str(plan.status), stage=None, done=done, total=plan.moving
    )
    tx.announce(subject(plan.id), told)
