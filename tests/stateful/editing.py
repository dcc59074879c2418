"""Steps of those who change placed orders."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from agents.orders.messages import ApplyEdit, DiscardEdit, EditPreview, LineChange, OrderState, ProposeEdit
from tests.stateful.base import nth
from tests.stateful.company import PRICES
from tests.stateful.model import Line, Order, must
from tests.stateful.selling import Selling, some_orders

changes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), min_size=0, max_size=2, unique_by=lambda c: c[0])
some_edits = precondition(lambda self: self.edits)


@dataclass
class Edit:
    """`lines` are new quantities by line number, `added` a new line."""

    id: UUID
    order_id: UUID
    lines: dict[int, int]
    added: tuple[str, int] | None
    shipping: int | None
    proposed_at: int  # step
    ended: bool = False


class Editing(Selling):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.edits: list[Edit] = []

    @some_orders
    @rule(
        n=nth,
        lines=changes,
        sku=st.sampled_from([None, *sorted(PRICES)]),
        units=st.integers(1, 3),
        shipping=st.sampled_from([None, None, 990]),
        at_once=st.booleans(),
    )
    def propose(
        self,
        n: int,
        lines: list[tuple[int, int]],
        sku: str | None,
        units: int,
        shipping: int | None,
        at_once: bool,
    ) -> None:
        order_id, order = self.order(n)
        named = {no: quantity for no, quantity in lines if no in order.lines}
        if not named and sku is None and shipping is None:
            return
        self.step()
        asked = [LineChange(line_no=no, quantity=quantity) for no, quantity in named.items()]
        asked += [LineChange(sku=sku, quantity=units)] if sku else []
        expect = ""
        if order.complete():
            expect = "not_editable"
        elif any(e.order_id == order_id and not e.ended for e in self.edits):
            expect = "edit_is_open"
        ask = ProposeEdit(order_id=order_id, lines=asked, shipping=shipping)
        preview = self.ask("orders", ask, EditPreview, expect={expect})
        if preview is None:
            return
        edit = Edit(preview.id, order_id, named, (sku, units) if sku else None, shipping, self.steps)
        self.edits.append(edit)
        self._look_at_stock(order, edit)
        obstructed = self._obstructed(order, edit)
        must(bool(preview.obstacles) == obstructed, f"{preview.obstacles}, expected {obstructed}")
        if at_once:
            self._apply(edit, {"edit_obstructed" if obstructed else ""})

    def _look_at_stock(self, order: Order, edit: Edit) -> None:
        mine = {sku for line in order.lines.values() for sku in line.parts}
        self.model.serve(self.model.places(mine | set(self.model.parts(edit.added[0]) if edit.added else ())))

    def _obstructed(self, order: Order, edit: Edit) -> bool:
        units: Counter[str] = Counter()
        if edit.added:
            units += self.model.explode([edit.added])
        left = 0
        for no, line in order.lines.items():
            now = line.ordered - line.cancelled
            then = edit.lines.get(no, now)
            left += min(now, then)
            if now - then > line.cancellable():
                return True
            for sku, per in line.parts.items():
                units[sku] += max(0, then - now) * per
        raised = any(q > order.lines[no].ordered - order.lines[no].cancelled for no, q in edit.lines.items())
        return not self.model.enough(+units) or not (left or edit.added or raised)

    @some_edits
    @rule(n=nth)
    def apply(self, n: int) -> None:
        self.step()
        edit = self.edits[n % len(self.edits)]
        order = self.model.orders[edit.order_id]
        if edit.ended:
            self._apply(edit, {"edit_ended"})
        elif order.complete():
            self._apply(edit, {"not_editable", "stale_version"})
        else:
            self._apply(edit, {"stale_version", "edit_obstructed" if self._obstructed_then(order, edit) else ""})

    def _obstructed_then(self, order: Order, edit: Edit) -> bool:
        before = self.model.waiting.copy()
        self._look_at_stock(order, edit)
        obstructed = self._obstructed(order, edit)
        self.model.waiting = before
        return obstructed

    @some_edits
    @rule(n=nth)
    def discard(self, n: int) -> None:
        self.step()
        edit = self.edits[n % len(self.edits)]
        expect = {"edit_ended" if edit.ended else ""}
        if self.ask("orders", DiscardEdit(edit_id=edit.id), OrderState, expect=expect):
            edit.ended = True

    def _apply(self, edit: Edit, expect: set[str]) -> None:
        order = self.model.orders[edit.order_id]
        state = self.ask("orders", ApplyEdit(edit_id=edit.id), OrderState, expect=expect)
        if state is None:
            return
        edit.ended = True
        self._look_at_stock(order, edit)
        for no, then in edit.lines.items():
            line = order.lines[no]
            more = then - (line.ordered - line.cancelled)
            line.ordered += max(0, more)
            line.cancelled += max(0, -more)
        if edit.added:
            sku, units = edit.added
            order.lines[max(order.lines) + 1] = Line(sku, PRICES[sku], self.model.parts(sku), units)
        order.shipping = order.shipping if edit.shipping is None else edit.shipping
        order.take_over(state.allocations)
        self._look_at_stock(order, edit)
        self._agrees(order, state)
