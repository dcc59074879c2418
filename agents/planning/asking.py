"""A plan is asked for, made while nobody waits, and kept; what goes wrong with it is said on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import select

from agents.planning.applying import begin, locked, state_of
from agents.planning.keeping import keep, subject
from agents.planning.messages import (
    AskRoutingPlan,
    MakeRoutingPlan,
    RoutingPlanned,
    RoutingPlanProgressed,
    RoutingPlanState,
    RoutingWeightsState,
)
from agents.planning.planning import Planned, make
from agents.planning.problem import Built, build
from agents.planning.refusals import BadWeights, PlanUnderWay, UnknownNode
from agents.planning.weights import weights_of
from agents.planning.window import Wanted, Window, plain, read
from db.base import uuid7
from db.nodes import Node
from db.routing_plans import MOST_PLANNED, PLAN_MOVES, PlanStatus, RoutingPlan, plan_due, routing_plan_numbers
from db.session import Database, Transaction, Who

log = structlog.get_logger()

STAGES = ("reading the orders", "asking the rate cards", "looking for the cheapest plan",
          "leaving alone what gains too little", "saying why")  # fmt: skip


def ask_for_plan(tx: Transaction, ask: AskRoutingPlan) -> RoutingPlanState:
    """Raises PlanUnderWay, UnknownNode, BadWeights."""
    if ask.node is not None and tx.get(Node, ask.node) is None:
        raise UnknownNode(ask.node)
    if ask.most_orders is not None and not 1 <= ask.most_orders <= MOST_PLANNED:
        raise BadWeights("most_orders", f"say 1 to {MOST_PLANNED}")
    plan = _begun(tx, ask.id, msgspec.to_builtins(ask), automatic=False)
    return state_of(plan)


def plan_by_the_clock(tx: Transaction) -> None:
    """Nothing when a plan is being made or applied, or none is due."""
    busy = select(RoutingPlan.id).where(RoutingPlan.status.in_([PlanStatus.planning, PlanStatus.applying]))
    if plan_due(tx, tx.now) and tx.scalar(busy.limit(1)) is None:
        ident = uuid7()
        _begun(tx, ident, {"id": str(ident)}, automatic=True)


def _begun(tx: Transaction, ident: UUID, ask: dict[str, object], *, automatic: bool) -> RoutingPlan:
    other = tx.scalars(select(RoutingPlan).where(RoutingPlan.status == PlanStatus.planning)).first()
    if other is not None:
        raise PlanUnderWay(other.number)
    plan = RoutingPlan(
        id=ident, number=tx.scalar(routing_plan_numbers.next_value()), status=PlanStatus.planning,
        ask={k: v for k, v in ask.items() if k != "id" and v is not None}, weights=plain(weights_of(tx)),
        automatic=automatic, asked_by=tx.who.actor, stage=STAGES[0], stage_no=0, stages=len(STAGES),
        created_at=tx.now,
    )  # fmt: skip
    tx.add(plan)
    tx.note(subject(ident), to_status=PlanStatus.planning, why="by the clock" if automatic else None)
    tx.flush()
    tx.send("planning", subject(ident), MakeRoutingPlan(plan_id=ident))
    return plan


def make_plan(database: Database, clock: Callable[[], datetime], plan_id: UUID, who: Who) -> None:
    """Twice is once: whoever is killed meanwhile begins anew, and what has become of the plan otherwise stands."""

    def told(stage: str) -> None:
        with database.transaction(who, now=clock()) as tx:
            plan = locked(tx, plan_id)
            if plan.status == PlanStatus.planning:
                plan.stage, plan.stage_no = stage, STAGES.index(stage)
                _tell(tx, plan)

    try:
        window = _read(database, clock, plan_id, who)
        if window is None:
            return
        told(STAGES[1])
        of = build(window) if window.orders else None
        planned = None
        if of is not None:
            weights = window.weights
            planned = make(of, currency=weights.currency, least_gain=weights.least_gain, told=told)
    except (ValueError, ArithmeticError) as wrong:
        log.error("no routing plan", plan=str(plan_id), exc_info=wrong)
        _fail(database, clock, plan_id, who, f"The plan was refused by the check of plans: {wrong}")
        return
    if of is None or planned is None:
        _fail(database, clock, plan_id, who, "No open order can be planned" + _left(window))
        return
    with database.transaction(who, now=clock()) as tx:
        _finish(tx, plan_id, window, of, planned)


def _read(database: Database, clock: Callable[[], datetime], plan_id: UUID, who: Who) -> Window | None:
    """None when the plan is wanted no more."""
    with database.transaction(who, now=clock()) as tx:
        plan = tx.get(RoutingPlan, plan_id)
        if plan is None or plan.status != PlanStatus.planning:
            return None
        weights = msgspec.convert(plan.weights, RoutingWeightsState)
        age = plan.ask.get("older_than_minutes")
        wanted = Wanted(
            node=plan.ask.get("node"),
            channel=plan.ask.get("channel"),
            older_than_minutes=weights.least_age_minutes if age is None else age,
            most_orders=min(weights.most_orders, plan.ask.get("most_orders") or weights.most_orders),
        )
        return read(tx, wanted, weights)


def _finish(tx: Transaction, plan_id: UUID, window: Window, of: Built, planned: Planned) -> None:
    plan = locked(tx, plan_id)
    if plan.status != PlanStatus.planning:
        return
    keep(tx, plan, window, of, planned)
    tx.announce(
        subject(plan.id),
        RoutingPlanned(
            plan_id=plan.id,
            number=plan.number,
            currency=plan.currency,
            orders=plan.orders,
            moving=plan.moving,
            saved=plan.saved,
        ),
    )
    if not plan.automatic:
        return
    if plan.moving and plan.saved >= window.weights.least_saving:
        begin(tx, plan)
    else:
        why = "it saves less than what automatic plans are to save" if plan.moving else "no order moves"
        tx.move(plan, PlanStatus.dropped, moves=PLAN_MOVES, subject=subject(plan.id), why=why)
        plan.why, plan.ended_at = why, tx.now


def _fail(database: Database, clock: Callable[[], datetime], plan_id: UUID, who: Who, why: str) -> None:
    with database.transaction(who, now=clock()) as tx:
        plan = locked(tx, plan_id)
        if plan.status == PlanStatus.planning:
            tx.move(plan, PlanStatus.failed, moves=PLAN_MOVES, subject=subject(plan.id), why=why)
            plan.why, plan.stage, plan.ended_at = why, None, tx.now
            _tell(tx, plan)


def _left(window: Window) -> str:
    told = [f"{count} {why}" for why, count in sorted(window.left_out.items()) if count]
    return f": {'; '.join(told)}." if told else ": there is none."


def _tell(tx: Transaction, plan: RoutingPlan) -> None:
    tx.announce(
        subject(plan.id),
        RoutingPlanProgressed(
            plan_id=plan.id,
            number=plan.number,
            status=str(plan.status),
            stage=plan.stage,
            done=plan.stage_no,
            total=plan.stages,
        ),
    )
