"""What may be said to the planning agent, and what it says."""

from __future__ import annotations

from uuid import UUID

import msgspec

from agents.contract import Command, Event, State, Task


class NodeLoad(msgspec.Struct, frozen=True, kw_only=True):
    """Parcels of a day that a node sends with ease, and at most."""

    easy: int
    most: int


class PutRoutingWeights(Command, frozen=True, kw_only=True):
    """What counts in plans beside what carriers ask; amounts are minor units of `currency`."""

    currency: str
    split_cost: int
    late_cost: int
    promise_days: int
    wait_cost: int
    parcel_cost: int
    far_cost: int
    overtime_cost: int
    loads: dict[str, NodeLoad] = {}
    cover_days: int
    margin_ppm: int
    most_orders: int
    least_age_minutes: int
    least_gain: int
    every_minutes: int | None = None
    least_saving: int
    version: int | None = None


class RoutingWeightsState(State, frozen=True, kw_only=True):
    """`version` 0: nobody has set anything yet, and these are what plans begin with."""

    currency: str
    split_cost: int
    late_cost: int
    promise_days: int
    wait_cost: int
    parcel_cost: int
    far_cost: int
    overtime_cost: int
    loads: dict[str, dict[str, int]]  # node: easy and most
    cover_days: int
    margin_ppm: int
    most_orders: int
    least_age_minutes: int
    least_gain: int
    every_minutes: int | None
    least_saving: int
    version: int


class AskRoutingPlan(Command, frozen=True, kw_only=True):
    """Plan open orders that nobody has begun: all, or those with units at a node, of a channel, of some age.

    Answers at once; the plan is made meanwhile.
    """

    id: UUID
    node: str | None = None
    channel: str | None = None
    older_than_minutes: int | None = None
    most_orders: int | None = None


class ApplyRoutingPlan(Command, frozen=True, kw_only=True):
    """Move the orders, some in a transaction, each looked at again under its locks."""

    plan_id: UUID
    version: int | None = None


class StopRoutingPlan(Command, frozen=True, kw_only=True):
    """Drop a plan that is being made or stands, or move no further orders of one that is being applied."""

    plan_id: UUID
    reason: str | None = None


class MakeRoutingPlan(Task, frozen=True, kw_only=True):
    plan_id: UUID


class PlanByTheClock(Task, frozen=True, kw_only=True):
    """Make a plan if plans are to make themselves and one is due, and apply it if it saves enough. By a schedule."""


class MovedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one order of a slice; a sentence says why it was left where it is."""

    row_no: int
    sentence: str | None = None


class SliceMoved(Task, frozen=True, kw_only=True):
    """The orders agent has moved a slice of a plan, or what could still be moved of it."""

    plan_id: UUID
    slice_no: int
    rows: list[MovedOrder]


class RoutingPlanState(State, frozen=True, kw_only=True):
    id: UUID
    number: int
    status: str
    version: int
    next: list[str]


class RoutingPlanProgressed(Event, frozen=True, kw_only=True):
    """Said while a plan is made or applied. Subject: the plan."""

    plan_id: UUID
    number: int
    status: str
    stage: str | None
    done: int
    total: int


class RoutingPlanned(Event, frozen=True, kw_only=True):
    plan_id: UUID
    number: int
    currency: str | None
    orders: int
    moving: int
    saved: int


class RoutingPlanApplied(Event, frozen=True, kw_only=True):
    """Everything that could be moved has moved."""

    plan_id: UUID
    number: int
    moved: int
    skipped: int
