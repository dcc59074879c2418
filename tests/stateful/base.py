"""The company and its model side by side: how a step is taken, and what must agree after it."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from agents.contract import Command
from tests.conftest import FreshDatabase
from tests.stateful.company import KITS, LIMITS, NODES, PRICES, Company
from tests.stateful.model import Model, Order, must

S = TypeVar("S", bound=msgspec.Struct)
nth = st.integers(0, 60)
"""Which of those that there are, counted round."""
AUDITED_EVERY = 6  # steps


class SideBySide(RuleBasedStateMachine):
    """Steps that people take; each says which refusals the model allows, "" being none."""

    def __init__(self, fresh_database: FreshDatabase, said: Counter[tuple[str, str]]) -> None:
        """`said` counts commands and refusals over all examples."""
        super().__init__()
        self.said = said
        self.resources = ExitStack()
        self.shop = Company(self.resources.enter_context(fresh_database()))
        self.resources.callback(self.shop.close)
        self.model = Model(LIMITS, KITS, PRICES, NODES)
        self.shop.furnish(self.model)
        self.steps = 0
        self.quiet = True  # everybody has heard of everything
        self.well = False  # the last step agreed with the model

    def step(self) -> None:
        self.steps += 1
        self.well = self.quiet = False
        self.shop.later(seconds=1)

    def ask(self, agent: str, command: Command, answer: type[S], *, expect: set[str]) -> S | None:
        """The state that was answered, None for a refusal; either must be among what the model expects."""
        state, code = self.shop.tell(agent, command, answer)
        self.said[(type(command).__name__, code)] += 1
        must(code in expect, f"{command} was answered with {code or 'yes'!r}; expected {sorted(expect)}: {state}")
        return state

    def order(self, n: int) -> tuple[UUID, Order]:
        return list(self.model.orders.items())[n % len(self.model.orders)]

    def pump(self) -> None:
        """Everybody hears of everything; the model too."""
        self.shop.pump()
        self.quiet = True
        for order in self.model.orders.values():
            for line in order.lines.values():
                line.heard = max(line.heard, line.gone())
            self._call_back(order)
            if order.complete():
                order.holds.clear()
        for order_id, row in self.shop.look().orders.items():
            self._follow_payment_hold(self.model.orders[order_id], row)

    def _call_back(self, order: Order) -> None:
        """What the flow does: hold, take back, cancel; nothing when a parcel has left or the order is held."""
        recalled, order.recalled = order.recalled, False
        if not recalled or order.complete() or "manual" in order.holds or order.parcels:
            return
        places = order.places()
        for line in order.lines.values():
            line.cancelled = line.ordered
            line.open.clear()
            line.picked.clear()
        self.model.serve(places)

    def _follow_payment_hold(self, order: Order, row: Any) -> None:
        """The hold for money is the payments agent's to lift: the model only says when it may be on or off."""
        covered = row.authorised - row.refunded
        if "payment" in row.holds:
            must(covered < order.worth, f"{covered} of {order.worth} are covered, and the order waits for money")
            order.holds.add("payment")
            return
        if order.token and not order.freed and not order.complete():
            must(covered >= order.worth, f"{covered} of {order.worth} are covered, and nothing holds the order")
        order.holds.discard("payment")

    @invariant()
    def the_model_and_the_database_agree(self) -> None:
        self.model.conserved()
        levels, lines, orders, dead = self.shop.look()
        for place in self.model.places():
            must(levels[place] == self.model.level(place), f"{place} is {levels[place]}, not {self.model.level(place)}")
        must(len(lines) == sum(len(o.lines) for o in self.model.orders.values()), f"{len(lines)} order lines")
        for order_id, order in self.model.orders.items():
            for no, n in order.lines.items():
                found, told = lines[(order_id, no)], (n.ordered, n.cancelled, n.heard)
                must(found == told, f"line {no} of {order_id} is {found}, not {told}")
        must(dead == [], dead)
        self._orders_agree(orders)
        if self.steps % AUDITED_EVERY == 0:
            must((wrong := self.shop.violations()) == [], wrong)
            must((wrong := self.shop.unequal_shares()) == [], wrong)
        self.well = True

    def _orders_agree(self, rows: dict[UUID, Any]) -> None:
        for order_id, row in rows.items():
            order = self.model.orders[order_id]
            must(row.worth == order.worth, f"{order_id} is worth {row.worth}, not {order.worth}")
            must(set(row.holds) == order.holds, f"{order_id} is held for {row.holds}, not {order.holds}")
            must(0 <= row.refunded <= row.captured <= row.authorised, f"the money of {order_id}: {row}")
            if not self.quiet:
                continue
            must(row.status == order.status(), f"{order_id} is {row.status}, not {order.status()}")
            if not row.under_way:
                self._money_agrees(order, row)

    def _money_agrees(self, order: Order, row: Any) -> None:
        """Nobody has paid for what is not delivered, or not at all for what is."""
        kept = row.captured - row.refunded
        must(kept <= order.worth, f"{kept} is kept of an order that is worth {order.worth}")
        must(bool(order.parcels) or kept == 0, f"{kept} is kept of an order of which nothing has left")
        if order.complete() and order.token and not order.freed:
            must(kept == order.worth, f"{kept} is kept of {order.worth}, and everything has left")
