"""Steps on the floor: walk, pick, find a bin empty, pack, unpack, send, deliver, put back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from agents.fulfilment.messages import (
    CancelPickList,
    ConfirmDelivery,
    CreatePickList,
    DispatchFulfilment,
    FulfilmentState,
    PackedLine,
    PackParcel,
    ParcelState,
    Pick,
    PickListState,
    ShortPick,
    TakeBack,
    TakenBack,
    Unpack,
)
from tests.stateful.base import SideBySide, nth
from tests.stateful.company import NODES, units_of
from tests.stateful.model import Order, must
from tests.stateful.selling import some_orders

MEANWHILE = {"cancelled_meanwhile", "task_closed", "order_not_released", "not_picked", "not_packed", "picked_too_many"}
"""What is said to people who have not heard yet what became of an order."""

walked = precondition(lambda self: self.walks)


class Floor(SideBySide):
    @rule(node=st.sampled_from(NODES), turns=st.lists(nth, min_size=1, max_size=8), sends=st.integers(0, 2))
    def work_a_shift(self, node: str, turns: list[int], sends: int) -> None:
        """Walk once, pick some, pack and send what can be."""
        self.pump()
        self.walk(node=node, limit=4)
        for n in turns:
            self.pick(n=n, units=n)
        for n in turns[:2]:
            self.pack(n=n, part=False)
        if sends:
            self.pump()
        for n in turns[:sends]:
            self.dispatch(n=n)

    @rule(node=st.sampled_from(NODES), limit=st.integers(1, 4))
    def walk(self, node: str, limit: int) -> None:
        self.step()
        ask = CreatePickList(node=node, limit=limit)
        made = self.ask("fulfilment", ask, PickListState, expect={"", "nothing_ready"})
        self.walks += bool(made)
        for task in self.shop.tasks():
            if made and task.pick_list_id == made.id and not task.done:
                must(not self.model.orders[task.order_id].holds, f"a held order is on a pick list: {task}")

    def _task(self, n: int) -> Any:
        """One to be done, or once in a while one that is done."""
        tasks = self.shop.tasks()
        found = [t for t in tasks if not t.done] if n % 8 else tasks
        return found[n % len(found)] if found else None

    def _may_work(self, task: Any) -> set[str]:
        if task.done and not task.closed_why:
            return {"task_closed"}
        if self.model.orders[task.order_id].holds:
            return {"order_on_hold"}
        if task.done:
            return {"task_closed"}
        return {""} if self.was_quiet else {"", *MEANWHILE}

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.walks = 0  # pick lists that were made

    def step(self) -> None:
        self.was_quiet = self.quiet
        super().step()

    @walked
    @rule(n=nth, units=st.integers(0, 5))
    def pick(self, n: int, units: int) -> None:
        self.step()
        if (task := self._task(n)) is None:
            return
        quantity = 1 + units % max(1, task.quantity - task.picked - task.short)
        ask = Pick(task_id=task.id, quantity=quantity)
        if self.ask("fulfilment", ask, PickListState, expect=self._may_work(task)):
            self._picked(task, quantity)

    def _picked(self, task: Any, quantity: int) -> None:
        line = self.model.orders[task.order_id].lines[task.line_no]
        line.picked[(task.sku, task.node)] += quantity
        line.check()

    @walked
    @rule(n=nth)
    def pick_short(self, n: int) -> None:
        self.step()
        if (task := self._task(n)) is None:
            return
        place, rest = (task.sku, task.node), task.quantity - task.picked - task.short
        wanted = min(rest, task.promised) if task.state == "allocated" else 0
        before = self.shop.allocations_of(task.order_id)
        missing = min(rest, self.model.in_pick_face(place), max(0, self.model.free(place)) + wanted)
        ask = ShortPick(task_id=task.id)
        if not self.ask("fulfilment", ask, PickListState, expect=self._may_work(task)):
            return
        after = self.shop.allocations_of(task.order_id)
        self.model.on_hand[place] -= missing
        self.model.lost[place[0]] += missing
        self.model.orders[task.order_id].take_over(after)
        waits = units_of(after, *place, "backordered") - units_of(before, *place, "backordered")
        must(0 <= waits <= rest, f"{waits} wait of {rest} that were short")
        self.model.waiting[place] += waits

    @walked
    @rule(n=nth)
    def walk_no_further(self, n: int) -> None:
        self.step()
        lists = self.shop.rows("SELECT id FROM pick_lists ORDER BY id")
        if lists:
            ask = CancelPickList(pick_list_id=lists[n % len(lists)].id, reason="shift is over")
            self.ask("fulfilment", ask, PickListState, expect={""})

    def _fulfilment(self, n: int, *statuses: str) -> tuple[Any, Order] | tuple[None, None]:
        """One in such a state, or once in a while any."""
        found = self.shop.fulfilments(*(statuses if n % 8 else ()))
        row = found[n % len(found)] if found else None
        return (row, self.model.orders[row.order_id]) if row else (None, None)

    @walked
    @rule(n=nth, part=st.booleans())
    def pack(self, n: int, part: bool) -> None:
        self.step()
        row, order = self._fulfilment(n, "picked")
        if row is None or order is None:
            return
        expect = {"not_picked", "order_not_released", "nothing_left_to_pack"}
        if order.holds:
            expect = {"order_on_hold"}
        elif row.status == "picked":
            expect = {""} if self.was_quiet and not part else {"", "packed_too_many", *MEANWHILE}
        lines = []
        if part:
            sku = self.shop.rows("SELECT min(sku) AS sku FROM fulfilment_lines WHERE fulfilment_id = :f", f=row.id)
            lines = [PackedLine(sku=sku[0].sku or "MUG", quantity=1)]
        self.ask("fulfilment", PackParcel(fulfilment_id=row.id, lines=lines), ParcelState, expect=expect)

    @walked
    @rule(n=nth)
    def unpack(self, n: int) -> None:
        self.step()
        parcels = self.shop.parcels()
        if parcels:
            parcel = parcels[n % len(parcels)]
            expect = "" if parcel.status in ("packed", "labelled") else "illegal_move"
            self.ask("fulfilment", Unpack(parcel_id=parcel.id, reason="dented"), ParcelState, expect={expect})

    @walked
    @rule(n=nth)
    def dispatch(self, n: int) -> None:
        self.step()
        row, order = self._fulfilment(n, "packed")
        if row is None or order is None:
            return
        expect = {"not_packed", "order_not_released"}
        if row.status in ("shipped", "delivered"):
            expect = {"illegal_move"}
        elif order.holds:
            expect = {"order_on_hold"}
        elif row.status == "packed":
            waits = any(a.state == "backordered" for a in self.shop.allocations_of(row.order_id))
            expect = {"ships_complete"} if order.ship_complete and waits else {""}
            expect |= set() if self.was_quiet else {"label_missing", *MEANWHILE}
        state = self.ask("fulfilment", DispatchFulfilment(fulfilment_id=row.id), FulfilmentState, expect=expect)
        if state:
            self._left(order, state)

    def _left(self, order: Order, state: FulfilmentState) -> None:
        order.parcels[state.id] = False
        for told in state.lines:
            line, place, units = order.lines[told["line_no"]], (told["sku"], state.node), told["packed"]
            must(units == told["quantity"] <= line.picked[place], f"{told} left, {line.picked[place]} were picked")
            line.picked[place] -= units
            line.open[place] -= units
            line.left[told["sku"]] += units
            self.model.on_hand[place] -= units
            self.model.shipped[told["sku"]] += units
            line.check()

    @walked
    @rule(n=nth)
    def deliver(self, n: int) -> None:
        self.step()
        row, order = self._fulfilment(n, "shipped", "delivered")
        if row is None or order is None:
            return
        expect = "" if row.status in ("shipped", "delivered") else "illegal_move"
        if self.ask("fulfilment", ConfirmDelivery(fulfilment_id=row.id), FulfilmentState, expect={expect}):
            order.parcels[row.id] = True

    @some_orders
    @rule(n=nth)
    def put_back(self, n: int) -> None:
        self.step()
        order_id, order = self.order(n)
        self._put_back(order_id, order)

    def _put_back(self, order_id: UUID, order: Order) -> None:
        expect = "has_left" if order.parcels else ""
        taken = self.ask("fulfilment", TakeBack(order_id=order_id, reason="wrong box"), TakenBack, expect={expect})
        if taken is None:
            return
        picked = sum(line.picked.total() for line in order.lines.values())
        must(taken.units == picked, f"{taken.units} were put back, {picked} had been picked")
        for line in order.lines.values():
            line.picked.clear()
