"""Says what can be promised, from where and by when, and keeps what was promised to those who wait.

The only writer of channel buffers, fill policies and promised days. Who gets units that arrive is decided by whoever
books them, in the same transaction, under the policy that is written here (`agents.stock.filling`).
"""

from __future__ import annotations

from agents.agent import Agent
from agents.handlers import command, on, on_set
from agents.inbound.messages.notices import AnnouncedDeliveryMoved, DeliveryAnnounced
from agents.inbound.messages.receipts import GoodsReceived
from agents.inventory.messages import AllocationsLost, BackordersFilled
from agents.orders.messages import LinesCancelled, OrderRerouted
from agents.promising import answering, keeping, policies, queueing, releases
from agents.promising.messages import (
    AcceptPromise,
    AskAvailability,
    AvailabilityState,
    BackorderState,
    ChannelBufferState,
    FillPolicyState,
    MoveBackBackorder,
    MoveUpBackorder,
    PreviewRelease,
    PromiseState,
    PutChannelBuffer,
    PutFillPolicy,
    QueueState,
    ReleasePreview,
    RemoveChannelBuffer,
    RemoveFillPolicy,
    Repromise,
    RepromiseAll,
    ShowQueue,
    SimulateFill,
)
from agents.promising.reading import Lateness
from agents.purchasing.messages.orders import (
    PurchaseOrderAmended,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderSent,
    PurchaseOrderShortClosed,
)
from db.ledger import Place
from db.session import Transaction, Who


class PromisingAgent(Agent):
    """Remembers for some minutes how late suppliers come; everything else is asked anew."""

    name = "promising"

    def set_up(self) -> None:
        self._lateness = Lateness()

    # Questions

    @command
    def availability(self, tx: Transaction, ask: AskAvailability) -> AvailabilityState:
        return answering.answer(tx, ask, self._lateness)

    @command
    def show_queue(self, tx: Transaction, ask: ShowQueue) -> QueueState:
        return queueing.show_queue(tx, ask, self._lateness)

    @command
    def simulate(self, tx: Transaction, ask: SimulateFill) -> QueueState:
        return queueing.simulate(tx, ask, self._lateness)

    @command
    def preview_release(self, tx: Transaction, ask: PreviewRelease) -> ReleasePreview:
        return releases.preview_release(tx, ask, self._lateness)

    # What people set

    @command
    def put_buffer(self, tx: Transaction, ask: PutChannelBuffer) -> ChannelBufferState:
        return policies.put_buffer(tx, ask)

    @command
    def remove_buffer(self, tx: Transaction, ask: RemoveChannelBuffer) -> ChannelBufferState:
        return policies.remove_buffer(tx, ask)

    @command
    def put_policy(self, tx: Transaction, ask: PutFillPolicy) -> FillPolicyState:
        return policies.put_policy(tx, ask)

    @command
    def remove_policy(self, tx: Transaction, ask: RemoveFillPolicy) -> FillPolicyState:
        return policies.remove_policy(tx, ask)

    @command
    def move_up(self, tx: Transaction, ask: MoveUpBackorder) -> BackorderState:
        moved = queueing.move_up_backorder(tx, ask)
        self._repromise(tx, [(moved.sku, moved.node)], "somebody was moved up")
        return moved

    @command
    def move_back(self, tx: Transaction, ask: MoveBackBackorder) -> BackorderState:
        moved = queueing.move_back_backorder(tx, ask)
        self._repromise(tx, [(moved.sku, moved.node)], "somebody is back in their turn")
        return moved

    @command
    def accept_promise(self, tx: Transaction, ask: AcceptPromise) -> PromiseState:
        return keeping.accept_promise(tx, ask)

    # What promises follow

    @on_set
    def repromise(self, tx: Transaction, tasks: list[Repromise], whos: list[Who]) -> None:
        """Many orders beyond the stock of the same goods are one queue to work out."""
        tx.who = whos[0]
        places = [place for task in tasks for place in keeping.asked(task.places)]
        self._repromise(tx, places, "; ".join(dict.fromkeys(task.why for task in tasks)))

    @on
    def repromise_all(self, tx: Transaction, _: RepromiseAll) -> None:
        keeping.repromise_all(tx)

    @on
    def follow_purchase(
        self,
        tx: Transaction,
        event: PurchaseOrderApproved | PurchaseOrderSent | PurchaseOrderConfirmed | PurchaseOrderAmended
        | PurchaseOrderShortClosed | PurchaseOrderCancelled,
    ) -> None:  # fmt: skip
        said = _SAID[type(event).__name__]
        self._repromise(tx, keeping.places_of_purchases(tx, [event.purchase_id]), f"{event.number} {said}")

    @on
    def follow_notice(self, tx: Transaction, event: DeliveryAnnounced | AnnouncedDeliveryMoved) -> None:
        self._repromise(
            tx, keeping.places_of_notices(tx, [event.notice_id]), f"delivery {event.number} is on another day"
        )

    @on
    def follow_receipt(self, tx: Transaction, event: GoodsReceived) -> None:
        places = keeping.places_of_purchases(tx, [event.purchase_id])
        self._repromise(tx, [p for p in places if p[0] == event.sku], f"goods of {event.number} came")

    @on
    def follow_units(
        self, tx: Transaction, event: BackordersFilled | AllocationsLost | LinesCancelled | OrderRerouted
    ) -> None:
        said = _SAID[type(event).__name__]
        self._repromise(tx, keeping.places_of_orders(tx, [event.order_id]), said)

    def _repromise(self, tx: Transaction, places: list[Place], why: str) -> None:
        keeping.repromise(tx, places, self._lateness, why=why)


_SAID = {
    "PurchaseOrderApproved": "is on order",
    "PurchaseOrderSent": "was sent to the supplier",
    "PurchaseOrderConfirmed": "was given another day by the supplier",
    "PurchaseOrderAmended": "was changed",
    "PurchaseOrderShortClosed": "will not come whole",
    "PurchaseOrderCancelled": "was cancelled",
    "BackordersFilled": "units came",
    "AllocationsLost": "units were not there after all",
    "OrderRerouted": "units are to come from another node",
    "LinesCancelled": "somebody else's units were cancelled",
}
