"""Gets promised goods out of the house: fulfilments, pick lists, parcels, boxes. Their only writer."""

from __future__ import annotations

from agents.agent import Agent
from agents.fulfilment.boxes import put_box
from agents.fulfilment.cartons import pack_as_planned, plan_packing, refresh_plan
from agents.fulfilment.dispatching import confirm_delivery, dispatch, parcel_delivered
from agents.fulfilment.merging import merge
from agents.fulfilment.messages import (
    CancelPickList,
    ConfirmDelivery,
    CreatePickList,
    DispatchFulfilment,
    FulfilmentState,
    LeaveLot,
    MergeFulfilments,
    NextPickList,
    OpenReleased,
    PackAsPlanned,
    PackingBoxState,
    PackingPlanState,
    PackParcel,
    ParcelState,
    Pick,
    PickListState,
    PlanPacking,
    PutBox,
    RefreshPackingPlan,
    ShortPick,
    TakeBack,
    TakenBack,
    Unpack,
)
from agents.fulfilment.messages.waves import (
    CancelWave,
    CarrierCutOffState,
    FulfilmentsReleased,
    PlanWave,
    PreviewWave,
    PutCarrierCutOff,
    PutReleasePolicy,
    PutWaveTemplate,
    ReleaseDue,
    ReleaseFulfilments,
    ReleasePolicyState,
    ReleaseWave,
    ReviewRelease,
    RunWaveTemplates,
    WavePreview,
    WaveState,
    WaveTemplateState,
)
from agents.fulfilment.packing import label_changed, pack_parcel, unpack
from agents.fulfilment.picking import pick
from agents.fulfilment.picklists import cancel_pick_list, create_pick_list, leave_lot, next_pick_list
from agents.fulfilment.releasing import open_released, reconcile
from agents.fulfilment.shortage import short_pick
from agents.fulfilment.takeback import take_back
from agents.fulfilment.to_floor import put_release_policy, release_by_hand, release_due, review_release
from agents.fulfilment.wave_templates import put_cut_off, put_template, run_templates
from agents.fulfilment.waves import cancel_wave, plan_wave, preview_wave, release_wave
from agents.handlers import command, on, on_set
from agents.inventory.messages import AllocationsLost, BackordersFilled
from agents.orders.messages import (
    LinesCancelled,
    OrderCancelled,
    OrderEdited,
    OrderHeld,
    OrderMayPart,
    OrderReleased,
    OrderRerouted,
    OrderShippingPlanned,
)
from agents.shipping.messages import LabelBought, LabelVoided, ParcelDelivered
from db.session import Transaction, Who


class FulfilmentAgent(Agent):
    """Every command about an order's goods locks the order first, so a held order is never worked on."""

    name = "fulfilment"

    @on_set
    def follow_order(
        self,
        tx: Transaction,
        events: list[
            OrderReleased
            | BackordersFilled
            | OrderHeld
            | LinesCancelled
            | OrderCancelled
            | OrderEdited
            | OrderMayPart
            | OrderShippingPlanned
            | OrderRerouted
            | AllocationsLost
        ],
        whos: list[Who],
    ) -> None:
        reconcile(tx, [e.order_id for e in events], whos)

    @on
    def open_released(self, tx: Transaction, _: OpenReleased) -> None:
        open_released(tx)

    @command
    def preview_wave(self, tx: Transaction, ask: PreviewWave) -> WavePreview:
        return preview_wave(tx, ask)

    @command
    def plan_wave(self, tx: Transaction, ask: PlanWave) -> WaveState:
        return plan_wave(tx, ask)

    @command
    def release_wave(self, tx: Transaction, ask: ReleaseWave) -> WaveState:
        return release_wave(tx, ask)

    @command
    def cancel_wave(self, tx: Transaction, ask: CancelWave) -> WaveState:
        return cancel_wave(tx, ask)

    @command
    def release_fulfilments(self, tx: Transaction, ask: ReleaseFulfilments) -> FulfilmentsReleased:
        return release_by_hand(tx, ask)

    @command
    def put_release_policy(self, tx: Transaction, ask: PutReleasePolicy) -> ReleasePolicyState:
        return put_release_policy(tx, ask)

    @command
    def put_carrier_cut_off(self, tx: Transaction, ask: PutCarrierCutOff) -> CarrierCutOffState:
        return put_cut_off(tx, ask)

    @command
    def put_wave_template(self, tx: Transaction, ask: PutWaveTemplate) -> WaveTemplateState:
        return put_template(tx, ask)

    @on
    def run_wave_templates(self, tx: Transaction, _: RunWaveTemplates) -> None:
        run_templates(tx)

    @on
    def release_due(self, tx: Transaction, task: ReleaseDue) -> None:
        release_due(tx, task)

    @on
    def review_release(self, tx: Transaction, task: ReviewRelease) -> None:
        review_release(tx, task)

    @command
    def create_pick_list(self, tx: Transaction, ask: CreatePickList) -> PickListState:
        return create_pick_list(tx, ask)

    @command
    def next_pick_list(self, tx: Transaction, ask: NextPickList) -> PickListState:
        return next_pick_list(tx, ask)

    @command
    def pick(self, tx: Transaction, ask: Pick) -> PickListState:
        return pick(tx, ask)

    @command
    def short_pick(self, tx: Transaction, ask: ShortPick) -> PickListState:
        return short_pick(tx, ask)

    @command
    def cancel_pick_list(self, tx: Transaction, ask: CancelPickList) -> PickListState:
        return cancel_pick_list(tx, ask.pick_list_id, ask.reason)

    @on
    def leave_lot(self, tx: Transaction, task: LeaveLot) -> None:
        leave_lot(tx, task)

    @command
    def pack(self, tx: Transaction, ask: PackParcel) -> ParcelState:
        return pack_parcel(tx, ask)

    @command
    def plan_packing(self, tx: Transaction, ask: PlanPacking) -> PackingPlanState:
        return plan_packing(tx, ask)

    @on
    def refresh_plan(self, tx: Transaction, task: RefreshPackingPlan) -> None:
        refresh_plan(tx, task)

    @command
    def pack_as_planned(self, tx: Transaction, ask: PackAsPlanned) -> FulfilmentState:
        return pack_as_planned(tx, ask)

    @command
    def put_box(self, tx: Transaction, ask: PutBox) -> PackingBoxState:
        return put_box(tx, ask)

    @command
    def unpack(self, tx: Transaction, ask: Unpack) -> ParcelState:
        return unpack(tx, ask.parcel_id, ask.reason)

    @command
    def merge(self, tx: Transaction, ask: MergeFulfilments) -> FulfilmentState:
        return merge(tx, ask)

    @command
    def take_back(self, tx: Transaction, ask: TakeBack) -> TakenBack:
        return take_back(tx, ask)

    @on
    def follow_label(self, tx: Transaction, event: LabelBought | LabelVoided) -> None:
        label_changed(tx, event.parcel_id)

    @command
    def dispatch(self, tx: Transaction, ask: DispatchFulfilment) -> FulfilmentState:
        return dispatch(tx, ask)

    @on
    def follow_parcel(self, tx: Transaction, event: ParcelDelivered) -> None:
        parcel_delivered(tx, event.parcel_id, event.order_id, event.at)

    @command
    def confirm_delivery(self, tx: Transaction, ask: ConfirmDelivery) -> FulfilmentState:
        return confirm_delivery(tx, ask.fulfilment_id)
