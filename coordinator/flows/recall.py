"""Call an order back out of the warehouse: it is picked or packed already, but has not left."""

from __future__ import annotations

from uuid import UUID

from agents.fulfilment.messages import TakeBack
from agents.orders.messages import CancelOrder, HoldOrder, ReleaseOrder
from coordinator.flows.flow import Data, FlowSpec, Step

HOLD = "manual"


def _order(data: Data) -> UUID:
    return UUID(data["order_id"])


def stop(data: Data) -> HoldOrder:
    return HoldOrder(order_id=_order(data), reason=HOLD, note=f"called back: {data['reason']}")


def go_on(data: Data) -> ReleaseOrder:
    return ReleaseOrder(order_id=_order(data), reason=HOLD, note="could not be called back")


def take_back(data: Data) -> TakeBack:
    return TakeBack(order_id=_order(data), reason=data["reason"])


def cancel(data: Data) -> CancelOrder:
    return CancelOrder(order_id=_order(data), reason=data["reason"])


RECALL_ORDER = FlowSpec(
    "recall",
    (
        Step("hold", "orders", do=stop, undo=go_on),
        # Refused when something has left the house: then the order goes on as if nothing had been asked.
        Step("take_back", "fulfilment", do=take_back),
        Step("cancel", "orders", do=cancel),
    ),
)
