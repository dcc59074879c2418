"""Plans of many open orders at once: what would be saved, which order moves where, and what became of each.

Written by the planning agent alone. A plan keeps all that it was worked out from, so that it can be made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, select, text
from sqlalchemy import Sequence as Numbers
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey, metadata
from db.money import minor_digits
from db.shipping import RateCard

routing_plan_numbers = Numbers("routing_plan_numbers", start=1, metadata=metadata)

MOST_PLANNED = 10_000  # orders in one plan
ONE = "*"
"""The key of the one row of settings."""


class PlanStatus(StrEnum):
    planning = "planning"
    planned = "planned"  # can be applied
    failed = "failed"  # `why` says why there is no plan
    dropped = "dropped"  # nobody wants it any more
    applying = "applying"  # orders move, some at a time
    stopped = "stopped"  # what had moved stays moved
    applied = "applied"


_S = PlanStatus
PLAN_MOVES = {
    _S.planning: frozenset({_S.planned, _S.failed, _S.dropped}),
    _S.planned: frozenset({_S.applying, _S.dropped}),
    _S.failed: frozenset[PlanStatus](),
    _S.dropped: frozenset[PlanStatus](),
    _S.applying: frozenset({_S.applied, _S.stopped}),
    _S.stopped: frozenset[PlanStatus](),
    _S.applied: frozenset[PlanStatus](),
}


class PlanMoveState(StrEnum):
    planned = "planned"
    sent = "sent"  # with the orders agent
    moved = "moved"
    skipped = "skipped"  # `sentence` says what changed meanwhile


class RoutingPlan(Base):
    """Amounts are minor units of `currency`. `figures` are costs by cause and counts, as things are and as planned."""

    __tablename__ = "routing_plans"
    __audited__ = True
    __kind__ = "routing_plan"
    __secret__ = frozenset({"inputs"})  # megabytes, which the plan keeps itself
    id: Mapped[UuidKey]
    number: Mapped[int] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=PlanStatus.planning)
    ask: Mapped[dict[str, Any]]  # which orders
    weights: Mapped[dict[str, Any]]  # the settings that it was made with
    automatic: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[str]
    stage: Mapped[str | None]  # what is being done, for people
    stage_no: Mapped[int] = mapped_column(default=0)
    stages: Mapped[int] = mapped_column(default=1)
    currency: Mapped[str | None]
    orders: Mapped[int] = mapped_column(default=0)  # that were planned
    left_out: Mapped[dict[str, Any]] = mapped_column(default=dict)  # how many were not, by why
    cost_now: Mapped[Amount] = mapped_column(default=0)
    cost_planned: Mapped[Amount] = mapped_column(default=0)
    bound: Mapped[Amount] = mapped_column(default=0)  # no plan costs less
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    moving: Mapped[int] = mapped_column(default=0)  # orders that would move
    inputs: Mapped[bytes | None] = mapped_column(LargeBinary)  # see agents/planning/keeping.py
    why: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]
    applied_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("bound <= cost_planned AND cost_planned <= cost_now", name="never_dearer"),
        Index("ix_routing_plans_created", "created_at", "id"),
        Index("ix_routing_plans_under_way", "status", unique=True, postgresql_where=text("status = 'planning'")),
    )

    @property
    def saved(self) -> int:
        return self.cost_now - self.cost_planned


class RoutingPlanMove(Base):
    """One order that moves. `moves`: [[sku, from node, to node, units, waits now, waits then], …].

    Orders of one `slice` move in one transaction, because units that some give up are what others take.
    """

    __tablename__ = "routing_plan_moves"
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("routing_plans.id", ondelete="CASCADE"), primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True)
    slice_no: Mapped[int]
    whole: Mapped[bool]  # nobody outside of the slice takes what its orders give up
    order_id: Mapped[UUID]
    number: Mapped[str]
    country: Mapped[str | None]
    units: Mapped[int]
    cost_now: Mapped[Amount]
    cost_planned: Mapped[Amount]
    saved: Mapped[Amount]  # below zero where it makes room for others
    from_nodes: Mapped[list[str]]
    to_nodes: Mapped[list[str]]
    moves: Mapped[list[Any]]
    why: Mapped[str]
    next_best: Mapped[str | None]
    next_dearer: Mapped[Amount | None]
    state: Mapped[str] = mapped_column(default=PlanMoveState.planned)
    sentence: Mapped[str | None]
    at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("saved = cost_now - cost_planned AND units > 0", name="adds_up"),
        Index("ix_routing_plan_moves_order", "order_id", "plan_id"),
        Index("ix_routing_plan_moves_slice", "plan_id", "slice_no"),
    )


class RoutingWeights(Base):
    """What counts in a plan beside what carriers ask, and whether plans make themselves. One row."""

    __tablename__ = "routing_weights"
    __audited__ = True
    __kind__ = "routing_weights"
    code: Mapped[str] = mapped_column(primary_key=True, default=ONE)
    currency: Mapped[str]
    split_cost: Mapped[Amount]  # of each parcel of an order beyond the first, on top of what it costs
    late_cost: Mapped[Amount]  # of an order that comes late, where no shipping policy says
    promise_days: Mapped[int]  # after placing, where no shipping policy says
    wait_cost: Mapped[Amount]  # of a unit that waits for stock
    parcel_cost: Mapped[Amount]  # where no card says what a parcel costs …
    far_cost: Mapped[Amount]  # … and for each 100 km of it
    overtime_cost: Mapped[Amount]  # of a parcel beyond what a node sends with ease
    loads: Mapped[dict[str, Any]] = mapped_column(default=dict)  # node: {"easy": parcels, "most": parcels}
    cover_days: Mapped[int]  # for which the last units at a node are worth something there
    margin_ppm: Mapped[int]  # of a SKU's price, what is lost with a sale
    most_orders: Mapped[int]  # in one plan
    least_age_minutes: Mapped[int]  # younger orders are left alone
    every_minutes: Mapped[int | None]  # null: plans are asked for by people
    least_gain: Mapped[Amount]  # for less than that an order is not moved, those it makes room for counted with it
    least_saving: Mapped[Amount]  # below it an automatic plan is not applied
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    __table_args__ = (
        CheckConstraint(
            "least(split_cost, late_cost, wait_cost, parcel_cost, far_cost, overtime_cost, least_gain, least_saving)"
            " >= 0",
            name="not_negative",
        ),
        CheckConstraint("every_minutes IS NULL OR every_minutes >= 5", name="not_too_often"),
    )


def weights_now(session: Session) -> RoutingWeights:
    """As somebody set them; of version 0 what a company begins with, in units of the currency of most rate cards.

    A split costs two, a unit that waits eight, an order that comes late ten, and a parcel without a card four.
    """
    row = session.get(RoutingWeights, ONE)
    if row is not None:
        return row
    known = Counter(session.scalars(select(RateCard.currency).where(RateCard.active)))
    currency = min(known, key=lambda code: (-known[code], code), default="EUR")
    unit: int = 10 ** minor_digits(currency)
    return RoutingWeights(
        code=ONE,
        currency=currency,
        split_cost=2 * unit,
        late_cost=10 * unit,
        promise_days=5,
        wait_cost=8 * unit,
        parcel_cost=4 * unit,
        far_cost=unit // 5,
        overtime_cost=2 * unit,
        loads={},
        cover_days=7,
        margin_ppm=300_000,
        most_orders=MOST_PLANNED,
        least_age_minutes=0,
        least_gain=unit // 2,
        every_minutes=None,
        least_saving=20 * unit,
        version=0,
    )


def counts_of_moves(session: Session, plan_id: UUID) -> Mapping[str, int]:
    """Orders of a plan by what became of them; every state is there."""
    counts = {state.value: 0 for state in PlanMoveState}
    rows = select(RoutingPlanMove.state, func.count()).where(RoutingPlanMove.plan_id == plan_id)
    for state, count in session.execute(rows.group_by(RoutingPlanMove.state)):
        counts[state] = count
    return counts


def plan_due(session: Session, now: datetime) -> bool:
    """Whether plans make themselves, and the last one was begun long enough ago."""
    every = session.scalar(select(RoutingWeights.every_minutes).where(RoutingWeights.code == ONE))
    if every is None:
        return False
    last = session.scalar(select(func.max(RoutingPlan.created_at)))
    return last is None or (now - last).total_seconds() >= every * 60
