"""Anything may happen to a company, in any order: it stays what its model says, and the books stay right.

One database for each example, copied from the migrated template. `BACKOFFICE_EXPLORE=500` tries that many
examples that nobody has seen; without it the examples are always the same.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from agents.contract import Asked, encode
from agents.inventory.messages import ExpireHolds
from agents.orders.messages import HoldOrder
from agents.payments.messages import ReconcilePayments
from db.base import uuid7
from tests.conftest import FreshDatabase
from tests.stateful.base import nth
from tests.stateful.closing import Closing
from tests.stateful.company import read
from tests.stateful.model import must

pytestmark = pytest.mark.thorough

EXPLORE = int(os.environ.get("BACKOFFICE_EXPLORE", "0"))
SETTINGS = settings(
    derandomize=not EXPLORE,
    max_examples=EXPLORE or 12,
    stateful_step_count=60 if EXPLORE else 40,
    phases=(Phase.generate,),  # shrinking takes minutes; the steps that fail are printed and can be read
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class AnyCompany(Closing):
    """Messages are carried when somebody carries them, sometimes twice; commands are sometimes repeated."""

    @rule()
    def carry_messages(self) -> None:
        self.step()
        self.pump()

    @rule(minutes=st.sampled_from([0, 1, 2]))
    def time_passes(self, minutes: int) -> None:
        self.step()
        self.shop.now += timedelta(minutes=minutes)
        self.minutes_later()

    @precondition(lambda self: self.steps % 4 == 0)
    @rule(n=nth)
    def carry_a_message_twice(self, n: int) -> None:
        self.step()
        self.pump()
        handled = self.shop.handled()
        if handled:
            said = self.shop.count("outbox")
            self.shop.deliver_again(handled[-1 - n % len(handled)])
            self.pump()
            must(self.shop.count("outbox") == said, "a message that came twice was answered twice")

    @precondition(lambda self: self.shop.heard and self.steps % 3 == 0)
    @rule(n=nth, other=st.booleans())
    def repeat_a_command(self, n: int, other: bool) -> None:
        self.step()
        before = self.shop.heard[-1 - n % len(self.shop.heard)]
        if other:
            body = encode(HoldOrder(order_id=uuid7(), reason="fraud"))
            asked = Asked("HoldOrder", body, before.asked.actor, before.asked.principal, before.asked.key)
            _, code = read(self.shop.ask_now("orders", asked), HoldOrder, asked)
            must(code == "key_reused", f"a key was used for something else: {code}")
            return
        again = self.shop.ask_now(before.agent, before.asked)
        same = (again.status, again.body) == (before.answer.status, before.answer.body)
        must(again.replayed and same, f"{before.asked}: {before.answer}, then {again}")

    def minutes_later(self) -> None:
        self.shop.send("inventory", ExpireHolds())
        self.shop.send("payments", ReconcilePayments())
        self.pump()
        lapsed = {p for h in self.model.holds.values() if h.expires_at <= self.shop.now for p in h.units}
        self.model.lapse(lapsed, now=self.shop.now)


HAPPENS = (
    ("PlaceOrder", ""),
    ("PlaceOrder", "out_of_stock"),
    ("CancelOrder", ""),
    ("ApplyEdit", ""),
    ("Pick", ""),
    ("DispatchFulfilment", ""),
    ("ConfirmDelivery", ""),
    ("TakeBack", ""),
)
"""(command, refusal) that must come up, or the examples say nothing."""


@pytest.mark.timeout(1200)
def test_whatever_happens_a_company_is_what_its_model_says(fresh_database: FreshDatabase) -> None:
    said: Counter[tuple[str, str]] = Counter()
    run_state_machine_as_test(lambda: AnyCompany(fresh_database, said), settings=SETTINGS)
    assert [what for what in HAPPENS if not said[what]] == [], said
