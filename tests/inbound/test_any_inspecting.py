"""Whatever is received, sampled, decided on, disposed of and taken back, in any order: the books agree with a model."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from sqlalchemy import select

from agents.contract import Command
from agents.inbound.messages.inspections import (
    DecideUnits,
    DisposeUnits,
    InspectionPlanRemoved,
    InspectionPlanState,
    InspectionState,
    PutInspectionPlan,
    RecordSample,
    RemoveInspectionPlan,
    UnitAsk,
)
from agents.inbound.messages.receipts import ReceiptState, ReceiveGoods, TakeGoodsBack
from agents.inventory.messages import MoveStock, StockState
from db.audit import run
from db.errors import Refusal
from db.inspection import Inspection
from tests.conftest import FreshDatabase
from tests.inbound.conftest import Dock, good

S = TypeVar("S", bound=msgspec.Struct)
ORDERED = 60
UNITS = st.integers(1, 8)
LEAVES = ("return_to_vendor", "scrap")
SETTINGS = settings(
    derandomize=True,
    max_examples=8,
    stateful_step_count=30,
    phases=(Phase.generate,),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Lot:
    """`size` of the sample is 0 where every unit is looked at."""

    receipt: UUID
    units: int
    size: int
    damaged: bool
    rework: bool = False
    accepted: int = 0
    rejected: int = 0
    disposed: int = 0
    seen: dict[int, bool] = field(default_factory=dict)
    judged: bool = False
    cancelled: bool = False

    @property
    def awaiting(self) -> int:
        return 0 if self.cancelled else self.units - self.accepted - self.rejected

    @property
    def there(self) -> int:
        return 0 if self.cancelled else self.rejected - self.disposed

    @property
    def over(self) -> bool:
        return self.awaiting == self.there == 0

    @property
    def untouched(self) -> bool:
        decided = self.disposed if self.damaged else self.accepted + self.rejected
        return not (decided or self.seen or self.rework)


class AnyInspecting(RuleBasedStateMachine):
    receipts: Bundle[UUID] = Bundle("receipts")
    lots: Bundle[UUID] = Bundle("lots")

    def __init__(self, fresh_database: FreshDatabase) -> None:
        super().__init__()
        self.sampled = False
        self.scans = 0
        self.left = ORDERED
        self.good: dict[UUID, int] = {}
        self.known: dict[UUID, Lot] = {}
        self.on_hand = self.sellable = 0
        self.made = ExitStack()
        self.dock = Dock(self.made.enter_context(fresh_database()))
        self.made.callback(self.dock.close)
        self.dock.a_node()
        self.dock.a_supplier()
        self.dock.a_sku("MUG")
        self.dock.sells("MUG")
        self.order = self.dock.sent(MUG=ORDERED).id

    def teardown(self) -> None:
        self.made.close()

    def says(self, ask: Command, answer: type[S], *, may: bool, agent: str = "inbound") -> S | None:
        said: S | str
        try:
            said = self.dock.do(agent, ask, answer)
        except Refusal as refusal:
            said = str(refusal)
        assert isinstance(said, answer) == may, (ask, said)
        return said if isinstance(said, answer) else None

    @rule()
    def begin_to_sample(self) -> None:
        ask = PutInspectionPlan(supplier="HANSA", sku="MUG", level="S-1", aql="10")
        self.says(ask, InspectionPlanState, may=True)
        self.sampled = True

    @rule()
    def end_sampling(self) -> None:
        ask = RemoveInspectionPlan(supplier="HANSA", sku="MUG")
        self.says(ask, InspectionPlanRemoved, may=self.sampled)
        self.sampled = False

    @rule(target=lots, units=UNITS, condition=st.sampled_from(["good", "inspect", "damaged"]))
    def receive(self, units: int, condition: str) -> object:
        self.scans += 1
        goods = good(1, units, condition=condition, reason="x")
        ask = ReceiveGoods(purchase_id=self.order, scan=str(self.scans), lines=[goods])
        made = self.says(ask, ReceiptState, may=units <= self.left)
        if made is None:
            return multiple()
        self.left -= units
        self.on_hand += units
        self.good[made.id] = 0
        if condition == "good" and not self.sampled:
            self.sellable += units
            self.good[made.id] = units
            return multiple()
        (opened,) = made.inspections
        # How many are looked at is up to the severity of the moment, which test_sampling is about.
        lot = Lot(made.id, units, int(opened["sample_size"] or 0), damaged=condition == "damaged")
        assert (lot.size > 0) <= self.sampled
        if lot.damaged:
            lot.rejected = units
        self.known[UUID(str(opened["id"]))] = lot
        return UUID(str(opened["id"]))

    @rule(lot=lots)
    def take_back(self, lot: UUID) -> None:
        found = self.known[lot]
        if found.cancelled:
            return
        ask = TakeGoodsBack(receipt_id=found.receipt, reason="x")
        mine = [each for each in self.known.values() if each.receipt == found.receipt]
        if self.says(ask, ReceiptState, may=all(each.untouched for each in mine)):
            found.cancelled = True
            self.left += found.units
            self.on_hand -= found.units

    @rule(lot=lots, unit=st.integers(1, 6), conforming=st.booleans())
    def look_at(self, lot: UUID, unit: int, conforming: bool) -> None:
        found = self.known[lot]
        may = bool(found.size) and not found.over and not found.judged and unit <= found.size
        ask = RecordSample(inspection_id=lot, units=[UnitAsk(unit=unit, conforming=conforming)])
        state = self.says(ask, InspectionState, may=may)
        if state is None:
            return
        found.seen[unit] = conforming
        assert (state.sampled, state.nonconforming) == (len(found.seen), list(found.seen.values()).count(False))
        found.judged = state.verdict is not None
        # What is judged how is test_sampling's; here it is what follows.
        if state.verdict == "accepted":
            bad = min(state.nonconforming, found.awaiting)
            self.sellable += found.awaiting - bad
            found.accepted, found.rejected = found.units - found.rejected - bad, found.rejected + bad
        assert found.judged == (state.verdict == "rejected" or len(found.seen) == found.size)

    @rule(lot=lots, accept=st.integers(0, 5), reject=st.integers(0, 5), why=st.booleans())
    def decide(self, lot: UUID, accept: int, reject: int, why: bool) -> None:
        found = self.known[lot]
        may = 0 < accept + reject <= found.awaiting
        may = may and (not accept or not found.size or found.judged or why)
        ask = DecideUnits(inspection_id=lot, accept=accept, reject=reject, reason="x" if why else None)
        if self.says(ask, InspectionState, may=may):
            found.accepted += accept
            found.rejected += reject
            self.sellable += accept

    @rule(target=lots, lot=lots, units=UNITS, kind=st.sampled_from([*LEAVES, "rework", "accept_at_discount"]))
    def dispose(self, lot: UUID, units: int, kind: str) -> object:
        found = self.known[lot]
        ask = DisposeUnits(inspection_id=lot, kind=kind, quantity=units, reason="x",
                           discount=1 if kind == "accept_at_discount" else 0)  # fmt: skip
        if not self.says(ask, InspectionState, may=units <= found.there):
            return multiple()
        found.disposed += units
        if kind in LEAVES:
            self.on_hand -= units
        if kind == "accept_at_discount":
            self.sellable += units
        if kind != "rework":
            return multiple()
        with self.dock.db.reading() as session:
            again = session.scalars(select(Inspection.id).order_by(Inspection.number.desc())).first()
        assert again is not None
        self.known[again] = Lot(found.receipt, units, 0, damaged=False, rework=True)
        return again

    @rule(status=st.sampled_from(["quarantine", "damaged"]))
    def go_past_it(self, status: str) -> None:
        ask = MoveStock(node="LON", sku="MUG", quantity=1, from_bin="QUARANTINE", to_bin="PICK", from_status=status)
        self.says(ask, StockState, may=False, agent="inventory")

    @invariant()
    def the_books_are_the_models(self) -> None:
        with self.dock.db.reading() as session:
            assert [r for r in run(session) if r.violations] == []
        level = self.dock.level("MUG", "LON") if self.scans and self.known | self.good else None
        if level is not None:
            assert (level.on_hand, level.sellable) == (self.on_hand, self.sellable)
        kept = sum(lot.awaiting + lot.there for lot in self.known.values())
        assert self.on_hand - self.sellable == kept


def test_whatever_is_inspected_in_any_order_the_books_agree(fresh_database: FreshDatabase) -> None:
    run_state_machine_as_test(lambda: AnyInspecting(fresh_database), settings=SETTINGS)
