"""Plans many open orders at once and has the orders agent move them. The only writer of plans and their weights.

A plan takes seconds of a processor. It is made in this process, away from whoever takes orders, and holds no lock.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command, on, outside
from agents.planning import applying, asking, weights
from agents.planning.messages import (
    ApplyRoutingPlan,
    AskRoutingPlan,
    MakeRoutingPlan,
    PlanByTheClock,
    PutRoutingWeights,
    RoutingPlanState,
    RoutingWeightsState,
    SliceMoved,
    StopRoutingPlan,
)
from db.session import Transaction, Who


class PlanningAgent(Agent):
    """Holds no truth: kill it and the plan is made again, or goes on being applied where it was."""

    name = "planning"

    @command
    def put_weights(self, tx: Transaction, ask: PutRoutingWeights) -> RoutingWeightsState:
        return weights.put_weights(tx, ask)

    @command
    def ask_for_plan(self, tx: Transaction, ask: AskRoutingPlan) -> RoutingPlanState:
        return asking.ask_for_plan(tx, ask)

    @on
    def plan_by_the_clock(self, tx: Transaction, _task: PlanByTheClock) -> None:
        asking.plan_by_the_clock(tx)

    @outside
    def make(self, task: MakeRoutingPlan, who: Who) -> None:
        asking.make_plan(self.db, self.clock, task.plan_id, who)

    @command
    def apply(self, tx: Transaction, ask: ApplyRoutingPlan) -> RoutingPlanState:
        return applying.apply(tx, ask)

    @command
    def stop(self, tx: Transaction, ask: StopRoutingPlan) -> RoutingPlanState:
        return applying.stop(tx, ask)

    @on
    def slice_moved(self, tx: Transaction, task: SliceMoved) -> None:
        applying.slice_moved(tx, task)
