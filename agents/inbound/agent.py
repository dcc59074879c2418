"""Takes in what was bought: notices, docks and appointments, receipts, inspections, rejected goods, putaway.

The only writer of them. Locks are taken in one order: purchase orders by id, the supplier, the advance notice, the
receipt, the inspection, the supplier's standing, unit costs by SKU, levels by node and SKU, lots, allocations, bins.
Putaway tasks have the lock of their level. Docks and then the appointment come after the notice; whoever books or
changes one locks nothing further, and goods that come lock it last.
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command, on
from agents.inbound import (
    appointments,
    arrivals,
    disposing,
    docks,
    expiring,
    inspecting,
    lots,
    notices,
    plans,
    putaway,
    putaway_rules,
    putting,
)
from agents.inbound.messages.docks import (
    AppointmentState,
    ArriveAppointment,
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    DockHoursState,
    DockState,
    FinishAppointment,
    MissAppointment,
    PutDock,
    PutDockHours,
)
from agents.inbound.messages.inspections import (
    DecideUnits,
    DisposeUnits,
    InspectionPlanRemoved,
    InspectionPlanState,
    InspectionState,
    PutInspectionPlan,
    RecordSample,
    RemoveInspectionPlan,
    RestartSampling,
    StandingState,
)
from agents.inbound.messages.notices import (
    AnnounceDelivery,
    CancelNotice,
    CloseNotice,
    NoticeState,
    PostponeNotice,
    ReportArrival,
    ShipNotice,
)
from agents.inbound.messages.putaways import (
    CancelPutaway,
    GiveBackPutaway,
    PlanPutaway,
    PutAway,
    PutawayRuleRemoved,
    PutawayRuleState,
    PutawayRuleTried,
    PutawaysPlanned,
    PutawayState,
    PutPutawayRule,
    RemovePutawayRule,
    StartPutaway,
    TidyPutaways,
    TryPutawayRule,
    UndoPutaway,
)
from agents.inbound.messages.receipts import (
    CorrectLot,
    LotState,
    LotTakenOut,
    ReceiptState,
    ReceiveGoods,
    SetExpiredAside,
    TakeGoodsBack,
    TakeLotOut,
)
from agents.purchasing.messages.orders import PurchaseOrderCancelled
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
    def put_dock(self, tx: Transaction, ask: PutDock) -> DockState:
        return docks.put_dock(tx, ask)

    @command
    def put_dock_hours(self, tx: Transaction, ask: PutDockHours) -> DockHoursState:
        return docks.put_dock_hours(tx, ask)

    @command
    def book_appointment(self, tx: Transaction, ask: BookAppointment) -> AppointmentState:
        return appointments.book_appointment(tx, ask)

    @command
    def change_appointment(self, tx: Transaction, ask: ChangeAppointment) -> AppointmentState:
        return appointments.change_appointment(tx, ask)

    @command
    def arrive_appointment(self, tx: Transaction, ask: ArriveAppointment) -> AppointmentState:
        return appointments.arrive_appointment(tx, ask)

    @command
    def finish_appointment(self, tx: Transaction, ask: FinishAppointment) -> AppointmentState:
        return appointments.finish_appointment(tx, ask)

    @command
    def miss_appointment(self, tx: Transaction, ask: MissAppointment) -> AppointmentState:
        return appointments.miss_appointment(tx, ask)

    @command
    def cancel_appointment(self, tx: Transaction, ask: CancelAppointment) -> AppointmentState:
        return appointments.cancel_appointment(tx, ask)

    @on
    def call_off_order(self, tx: Transaction, event: PurchaseOrderCancelled) -> None:
        appointments.call_off_order(tx, event)

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
    def take_lot_out(self, tx: Transaction, ask: TakeLotOut) -> LotTakenOut:
        return expiring.take_lot_out(tx, ask)

    @on
    def set_expired_aside(self, tx: Transaction, task: SetExpiredAside) -> None:
        expiring.set_expired_aside(tx, task)

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

    @command
    def put_putaway_rule(self, tx: Transaction, ask: PutPutawayRule) -> PutawayRuleState:
        return putaway_rules.put_putaway_rule(tx, ask)

    @command
    def try_putaway_rule(self, tx: Transaction, ask: TryPutawayRule) -> PutawayRuleTried:
        return putaway_rules.try_putaway_rule(tx, ask)

    @command
    def remove_putaway_rule(self, tx: Transaction, ask: RemovePutawayRule) -> PutawayRuleRemoved:
        return putaway_rules.remove_putaway_rule(tx, ask)

    @command
    def plan_putaway(self, tx: Transaction, ask: PlanPutaway) -> PutawaysPlanned:
        return putaway.plan_putaway(tx, ask)

    @on
    def tidy_putaways(self, tx: Transaction, _task: TidyPutaways) -> None:
        putaway.tidy_putaways(tx)

    @command
    def start_putaway(self, tx: Transaction, ask: StartPutaway) -> PutawayState:
        return putaway.start_putaway(tx, ask)

    @command
    def give_back_putaway(self, tx: Transaction, ask: GiveBackPutaway) -> PutawayState:
        return putaway.give_back_putaway(tx, ask)

    @command
    def cancel_putaway(self, tx: Transaction, ask: CancelPutaway) -> PutawayState:
        return putaway.cancel_putaway(tx, ask)

    @command
    def put_away(self, tx: Transaction, ask: PutAway) -> PutawayState:
        return putting.put_away(tx, ask)

    @command
    def undo_putaway(self, tx: Transaction, ask: UndoPutaway) -> PutawayState:
        return putting.undo_putaway(tx, ask)
