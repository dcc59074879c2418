"""The last day of a company: half of its orders are sent out, the others cancelled, and nothing is left over."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from agents.fulfilment.messages import (
    ConfirmDelivery,
    CreatePickList,
    DispatchFulfilment,
    FulfilmentState,
    PackParcel,
    ParcelState,
    Pick,
    PickListState,
)
from agents.inventory.messages import ExpireHolds, ReceivedLine, ReceiveStock, StockState
from agents.orders.messages import CancelOrder, LineQuantity, OrderState, ReleaseOrder
from agents.payments.messages import ReconcilePayments
from tests.stateful.company import NODES
from tests.stateful.editing import Editing
from tests.stateful.model import Order, must
from tests.stateful.storing import Storing
from tests.stateful.warehouse import Floor

ROUNDS = 12  # of walking, packing and sending until everything has left


class Closing(Editing, Floor, Storing):
    def teardown(self) -> None:
        try:
            if self.well:
                self.close_down()
        finally:
            self.resources.close()

    def close_down(self) -> None:
        self.shop.later(days=1)
        self.pump()
        for transfer in self.transfers:
            if transfer.status == "in_transit":
                self._receive(transfer, True, 0)
        self.shop.send("inventory", ExpireHolds())
        self.shop.send("payments", ReconcilePayments())
        self.pump()
        lapsed = {p for h in self.model.holds.values() for p in h.units}
        self.model.lapse(lapsed, now=self.shop.now)
        for n, (order_id, order) in enumerate(list(self.model.orders.items())):
            if order.holds:
                self._let_go(order_id, order)
            if n % 2 and not order.complete():
                self._call_off(order_id, order)
        self._buy_what_is_waited_for()
        self.pump()
        for _ in range(ROUNDS):
            if all(o.complete() for o in self.model.orders.values()):
                break
            self._work_a_round()
        for row in self.shop.fulfilments("shipped"):
            self.ask("fulfilment", ConfirmDelivery(fulfilment_id=row.id), FulfilmentState, expect={""})
            self.model.orders[row.order_id].parcels[row.id] = True
        self.pump()
        self._nothing_is_left_over()

    def _let_go(self, order_id: UUID, order: Order) -> None:
        order.freed = order.freed or "payment" in order.holds
        state = self.ask("orders", ReleaseOrder(order_id=order_id), OrderState, expect={""})
        assert state is not None
        order.holds.clear()

    def _call_off(self, order_id: UUID, order: Order) -> None:
        """Cancel all of it, or what is still open when a parcel has left."""
        if not order.parcels:
            self._put_back(order_id, order)
        take = {no: line.cancellable() for no, line in order.lines.items() if line.cancellable() > 0}
        if take:
            lines = [LineQuantity(line_no=no, quantity=units) for no, units in take.items()]
            self._cancel(order, CancelOrder(order_id=order_id, reason="closing", lines=lines), take)

    def _buy_what_is_waited_for(self) -> None:
        for (sku, node), units in (+self.model.waiting).items():
            lines = [ReceivedLine(sku=sku, quantity=units)]
            self.ask("inventory", ReceiveStock(node=node, lines=lines, reference="last"), StockState, expect={""})
            self.model.change((sku, node), units, now=self.shop.now)
        must(not +self.model.waiting, f"{self.model.waiting} still wait")

    def _work_a_round(self) -> None:
        for node in NODES:
            walk = CreatePickList(node=node, limit=50)
            self.ask("fulfilment", walk, PickListState, expect={"", "nothing_ready"})
        for task in self.shop.tasks():
            if not task.done:
                rest = task.quantity - task.picked - task.short
                self.ask("fulfilment", Pick(task_id=task.id, quantity=rest), PickListState, expect={""})
                self._picked(task, rest)
        for row in self.shop.fulfilments("picked"):
            self.ask("fulfilment", PackParcel(fulfilment_id=row.id), ParcelState, expect={""})
        self.pump()
        for row in self.shop.fulfilments("packed"):
            ask = DispatchFulfilment(fulfilment_id=row.id)
            state = self.ask("fulfilment", ask, FulfilmentState, expect={""})
            assert state is not None
            self._left(self.model.orders[row.order_id], state)
        self.pump()

    def _nothing_is_left_over(self) -> None:
        model = self.model
        self.the_model_and_the_database_agree()
        must((wrong := self.shop.violations()) == [], wrong)
        open_orders = [o.status() for o in model.orders.values() if not o.complete()]
        must(open_orders == [], f"{open_orders} could not be closed")
        for place in model.places():
            level = model.level(place)
            must((level["allocated"], level["held"], level["backordered"]) == (0, 0, 0), f"{place} is {level}")
        in_house = Counter[str]()
        for (sku, _), level in self.shop.look().levels.items():
            in_house[sku] += level["on_hand"]
        for sku in model.limits:
            left = model.came[sku] - model.shipped[sku] - model.lost[sku]
            must(in_house[sku] == left, f"{in_house[sku]} {sku} are left, not {left}")
        for order_id, row in self.shop.look().orders.items():
            if model.orders[order_id].over():
                must(row.captured == row.refunded, f"{order_id} is cancelled and paid: {row}")
