"""Takes in what was bought: notices of it, receipts, inspections, what becomes of rejected goods. Their only writer.

Locks are taken in one order: the supplier, purchase orders by id, the advance notice, the receipt, the inspection,
the supplier's standing, levels by node and SKU, lots, allocations, bins.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command
from agents.inbound import arrivals, disposing, inspecting, lots, notices, plans
from agents.inbound.messages import (
    AnnounceDelivery,
    CancelNotice,
    CloseNotice,
    CorrectLot,
    DecideUnits,
    DisposeUnits,
    InspectionPlanRemoved,
    InspectionPlanState,
    InspectionState,
    LotState,
    NoticeState,
    PostponeNotice,
    PutInspectionPlan,
    ReceiptState,
    ReceiveGoods,
    RecordSample,
    RemoveInspectionPlan,
    ReportArrival,
    RestartSampling,
    ShipNotice,
    StandingState,
    TakeGoodsBack,
)
from db.session import Transaction


class InboundAgent(Agent):
    """What has come is counted on its order, booked and promised to whoever waits in one transaction."""

    name = "inbound"

    @command
    def announce_delivery(self, tx: Transaction, ask: AnnounceDelivery) -> NoticeState:
        return notices.announce_delivery(tx, ask)

    @command
    def ship_notice(self, tx: Transaction, ask: ShipNotice) -> NoticeState:
        return notices.ship_notice(tx, ask)

    @command
    def postpone_notice(self, tx: Transaction, ask: PostponeNotice) -> NoticeState:
        return notices.postpone_notice(tx, ask)

    @command
    def report_arrival(self, tx: Transaction, ask: ReportArrival) -> NoticeState:
        return notices.report_arrival(tx, ask)

    @command
    def close_notice(self, tx: Transaction, ask: CloseNotice) -> NoticeState:
        return notices.close_notice(tx, ask)

    @command
    def cancel_notice(self, tx: Transaction, ask: CancelNotice) -> NoticeState:
        return notices.cancel_notice(tx, ask)

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
