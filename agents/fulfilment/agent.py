"""Gets promised goods out of the house: fulfilments, pick lists, parcels. Their only writer."""

from __future__ import annotations

from agents.agent import Agent
from agents.fulfilment.dispatching import confirm_delivery, dispatch, parcel_delivered
from agents.fulfilment.messages import (
    CancelPickList,
    ConfirmDelivery,
    CreatePickList,
    DispatchFulfilment,
    FulfilmentState,
    NextPickList,
    PackParcel,
    ParcelState,
    Pick,
    PickListState,
    ShortPick,
    TakeBack,
    TakenBack,
    Unpack,
)
from agents.fulfilment.packing import label_changed, pack_parcel, unpack
from agents.fulfilment.picking import pick
from agents.fulfilment.picklists import cancel_pick_list, create_pick_list, next_pick_list
from agents.fulfilment.releasing import reconcile
from agents.fulfilment.shortage import short_pick
from agents.fulfilment.takeback import take_back
from agents.handlers import command, on, on_set
from agents.inventory.messages import AllocationsLost, BackordersFilled
from agents.orders.messages import LinesCancelled, OrderCancelled, OrderEdited, OrderHeld, OrderReleased
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
            | AllocationsLost
        ],
        whos: list[Who],
    ) -> None:
        reconcile(tx, [e.order_id for e in events], whos)

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

    @command
    def pack(self, tx: Transaction, ask: PackParcel) -> ParcelState:
        return pack_parcel(tx, ask)

    @command
    def unpack(self, tx: Transaction, ask: Unpack) -> ParcelState:
        return unpack(tx, ask.parcel_id, ask.reason)

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
