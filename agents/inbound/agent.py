"""Takes in what was bought: receipts, inspections and what becomes of rejected goods. The only writer of them.

Locks are taken in one order: the purchase order, the receipt, the inspection, the supplier's standing,
unit costs by SKU, levels by node and SKU, lots, allocations, bins.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command
from agents.inbound import arrivals, disposing, inspecting, lots, plans
from agents.inbound.messages import (
    CorrectLot,
    DecideUnits,
    DisposeUnits,
    InspectionPlanRemoved,
    InspectionPlanState,
    InspectionState,
    LotState,
    PutInspectionPlan,
    ReceiptState,
    ReceiveGoods,
    RecordSample,
    RemoveInspectionPlan,
    RestartSampling,
    StandingState,
    TakeGoodsBack,
)
from db.session import Transaction


class InboundAgent(Agent):
    """What has come is counted on its order, booked and promised to whoever waits in one transaction."""

    name = "inbound"

    @command
    def receive_goods(self, tx: Transaction, ask: ReceiveGoods) -> ReceiptState:
        return arrivals.receive_goods(tx, ask)

    @command
    def take_goods_back(self, tx: Transaction, ask: TakeGoodsBack) -> ReceiptState:
        return arrivals.take_goods_back(tx, ask)

    @command
    def correct_lot(self, tx: Transaction, ask: CorrectLot) -> LotState:
        return lots.correct_lot(tx, ask)

    @command
    def put_inspection_plan(self, tx: Transaction, ask: PutInspectionPlan) -> InspectionPlanState:
        return plans.put_inspection_plan(tx, ask)

    @command
    def remove_inspection_plan(self, tx: Transaction, ask: RemoveInspectionPlan) -> InspectionPlanRemoved:
        return plans.remove_inspection_plan(tx, ask)

    @command
    def restart_sampling(self, tx: Transaction, ask: RestartSampling) -> StandingState:
        return plans.restart_sampling(tx, ask)

    @command
    def record_sample(self, tx: Transaction, ask: RecordSample) -> InspectionState:
        return inspecting.record_sample(tx, ask)

    @command
    def decide_units(self, tx: Transaction, ask: DecideUnits) -> InspectionState:
        return inspecting.decide_units(tx, ask)

    @command
    def dispose_units(self, tx: Transaction, ask: DisposeUnits) -> InspectionState:
        return disposing.dispose_units(tx, ask)
