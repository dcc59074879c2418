"""Whatever is ordered, amended, received and closed, in any order: the books are those of a plain model."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from agents.contract import Command
from agents.purchasing.messages.orders import (
    AmendedLine,
    AmendPurchase,
    ApprovePurchase,
    CancelPurchase,
    ChargeAsk,
    ConfirmPurchase,
    CreatePurchase,
    PurchaseLineAsk,
    PurchaseState,
    SendPurchase,
    ShortClosePurchase,
)
from db.audit import run
from db.errors import Refusal
from db.purchasing import PurchaseOrder, on_order
from tests.conftest import FreshDatabase
from tests.purchasing.conftest import Office

SKUS = ("MUG", "PLATE")
UNITS = st.integers(1, 9)
DISCOUNTS = st.sampled_from([0, 33_333, 500_000])
SETTINGS = settings(
    derandomize=True,
    max_examples=15,
    stateful_step_count=30,
    phases=(Phase.generate,),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Line:
    sku: str
    ordered: int
    cost: int
    discount: int
    received: int = 0
    short: int = 0

    @property
    def open(self) -> int:
        return max(0, self.ordered - self.received - self.short)

    @property
    def total(self) -> int:
        """The discount in whole millionths, rounded by hand: half of a minor unit and more is taken off."""
        gross = self.ordered * self.cost
        off, rest = divmod(gross * self.discount, 1_000_000)
        return gross - off - (1 if rest >= 500_000 else 0)


@dataclass
class Bought:
    status: str
    lines: list[Line]
    charge: int
    approved: int | None = None
    confirmed: bool = False

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines) + self.charge

    def settle(self) -> None:
        if all(not line.open for line in self.lines):
            self.status = "short_closed" if any(line.short for line in self.lines) else "received"
        elif any(line.received for line in self.lines):
            self.status = "partly_received"
        else:
            self.status = "confirmed" if self.confirmed else "sent"


class AnyBuying(RuleBasedStateMachine):
    purchases: Bundle[UUID] = Bundle("purchases")

    def __init__(self, fresh_database: FreshDatabase) -> None:
        super().__init__()
        self.orders: dict[UUID, Bought] = {}
        self.made = ExitStack()
        self.office = Office(self.made.enter_context(fresh_database()))
        self.made.callback(self.office.close)
        self.office.a_node()
        self.office.a_supplier()
        for sku, cost in zip(SKUS, (399, 7), strict=True):
            self.office.a_sku(sku)
            self.office.sells(sku, unit_cost=cost)

    def teardown(self) -> None:
        self.made.close()

    def says(self, ask: Command, *, may: bool, by: str | None = None) -> PurchaseState | None:
        """The answer; a refusal exactly when the model says that it may not be."""
        said: PurchaseState | str
        try:
            said = self.office.by(by or self.office.admin, ask, PurchaseState)
        except Refusal as refusal:
            said = str(refusal)
        assert isinstance(said, PurchaseState) == may, (ask, said)
        return said if isinstance(said, PurchaseState) else None

    @rule(target=purchases, units=st.lists(UNITS, min_size=1, max_size=2), off=DISCOUNTS, charge=st.integers(0, 50))
    def create(self, units: list[int], off: int, charge: int) -> UUID:
        asked = [PurchaseLineAsk(sku=s, quantity=n, discount_ppm=off) for s, n in zip(SKUS, units, strict=False)]
        charges = [ChargeAsk(name="Freight", amount=charge)] if charge else []
        ask = CreatePurchase(supplier="HANSA", node="LON", lines=asked, charges=charges)
        state = self.says(ask, may=True)
        assert state is not None
        lines = [Line(a.sku, a.quantity, n["unit_cost"], off) for a, n in zip(asked, state.lines, strict=True)]
        self.orders[state.id] = Bought("draft", lines, charge)
        return state.id

    @rule(purchase=purchases)
    def approve(self, purchase: UUID) -> None:
        order = self.orders[purchase]
        if self.says(ApprovePurchase(purchase_id=purchase), may=order.status == "draft"):
            order.status, order.approved = "approved", order.total

    @rule(purchase=purchases)
    def approve_without_a_limit(self, purchase: UUID) -> None:
        self.says(ApprovePurchase(purchase_id=purchase), may=False, by=self.office.manager)

    @rule(purchase=purchases)
    def send(self, purchase: UUID) -> None:
        order = self.orders[purchase]
        if self.says(SendPurchase(purchase_id=purchase), may=order.status == "approved"):
            order.status = "sent"

    @rule(purchase=purchases)
    def confirm(self, purchase: UUID) -> None:
        order = self.orders[purchase]
        may = order.status in ("sent", "confirmed", "partly_received")
        if self.says(ConfirmPurchase(purchase_id=purchase), may=may):
            order.confirmed = True
            if order.status == "sent":
                order.status = "confirmed"

    @rule(purchase=purchases, units=UNITS, off=DISCOUNTS, trusted=st.booleans())
    def amend(self, purchase: UUID, units: int, off: int, trusted: bool) -> None:
        order = self.orders[purchase]
        line = order.lines[0]
        new = Line(line.sku, units, line.cost, off, line.received, line.short)
        total = order.total - line.total + new.total
        may = order.status not in ("received", "short_closed", "cancelled")
        may = may and (units == line.ordered or units >= line.received + line.short)
        may = may and (trusted or order.approved is None or total <= order.approved)
        change = AmendedLine(line_no=1, quantity=units, discount_ppm=off)
        ask = AmendPurchase(purchase_id=purchase, reason="x", lines=[change])
        if self.says(ask, may=may, by=self.office.admin if trusted else self.office.manager):
            order.lines[0] = new
            if order.approved is not None:
                order.approved = max(order.approved, total)
            if order.status in ("sent", "confirmed", "partly_received"):
                order.settle()

    @rule(purchase=purchases, line=st.integers(0, 1), units=st.integers(-4, 9))
    def receive(self, purchase: UUID, line: int, units: int) -> None:
        order = self.orders[purchase]
        found = order.lines[line] if line < len(order.lines) else None
        may = found is not None and units >= -found.received and (units < 0 or units <= found.open)
        may = may and (units < 0 or order.status in ("sent", "confirmed", "partly_received", "received"))
        said = ""
        try:
            self.office.came(purchase, line + 1, units)
        except Refusal as refusal:
            said = str(refusal)
        assert (said == "") == may, said
        if may and found is not None:
            found.received += units
            order.settle()

    @rule(purchase=purchases, named=st.sampled_from([[], [1], [2]]))
    def close_short(self, purchase: UUID, named: list[int]) -> None:
        order = self.orders[purchase]
        closing = [n for n, line in enumerate(order.lines, 1) if line.open and (not named or n in named)]
        may = order.status in ("sent", "confirmed", "partly_received") and bool(closing)
        if self.says(ShortClosePurchase(purchase_id=purchase, reason="x", lines=named), may=may):
            for n in closing:
                order.lines[n - 1].short += order.lines[n - 1].open
            order.settle()

    @rule(purchase=purchases)
    def cancel(self, purchase: UUID) -> None:
        order = self.orders[purchase]
        may = order.status in ("draft", "approved", "sent", "confirmed")
        if self.says(CancelPurchase(purchase_id=purchase, reason="x"), may=may):
            order.status = "cancelled"

    @invariant()
    def the_books_are_the_models(self) -> None:
        with self.office.db.reading() as session:
            coming = on_order(session, [(sku, "LON") for sku in SKUS])
            # But for receipts: here units are counted without any.
            found = [r for r in run(session) if r.violations and r.name != "received_units_have_receipts"]
            assert found == []
        counted = ("approved", "sent", "confirmed", "partly_received")
        live = [line for o in self.orders.values() if o.status in counted for line in o.lines]
        for sku in SKUS:
            assert coming.get((sku, "LON"), 0) == sum(line.open for line in live if line.sku == sku)
        for purchase, order in self.orders.items():
            assert _stored(self.office, purchase) == (order.status, order.total, order.approved)


def _stored(office: Office, purchase: UUID) -> tuple[Any, ...]:
    with office.db.reading() as session:
        found = session.get_one(PurchaseOrder, purchase)
        return found.status, found.total, found.approved_total


def test_whatever_is_bought_in_any_order_the_books_agree(fresh_database: FreshDatabase) -> None:
    run_state_machine_as_test(lambda: AnyBuying(fresh_database), settings=SETTINGS)
