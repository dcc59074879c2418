"""Whatever is received, put away, brought back, moved and cancelled, in any order: each unit is in one bin, once."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import TypeVar
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from agents.contract import Command
from agents.inbound.messages.putaways import (
    CancelPutaway,
    GiveBackPutaway,
    PlanPutaway,
    PutAway,
    PutawaysPlanned,
    PutawayState,
    StartPutaway,
    UndoPutaway,
)
from agents.inbound.messages.receipts import ReceiptState, ReceiveGoods, TakeGoodsBack
from agents.inventory.messages import MoveStock, StockState
from db.audit import run
from db.errors import Refusal
from db.putaway import PutawayTask, suggestions_of
from tests.conftest import FreshDatabase
from tests.inbound.conftest import Dock, good
from tests.inbound.test_any_inspecting import SETTINGS

S = TypeVar("S", bound=msgspec.Struct)
ORDERED = 60
UNITS = st.integers(1, 8)
LIMITS = {"PICK": 6, "R1": 10, "R2": None}
BINS = st.sampled_from(sorted(LIMITS))


class AnyPutaway(RuleBasedStateMachine):
    """The model knows what lies in each bin and how many units of it are on a list."""

    receipts: Bundle[tuple[UUID, int]] = Bundle("receipts")
    done: Bundle[UUID] = Bundle("done")

    def __init__(self, fresh_database: FreshDatabase) -> None:
        super().__init__()
        self.scans = 0
        self.lies: Counter[str] = Counter()
        self.listed = 0
        self.put: dict[UUID, tuple[str, int]] = {}
        self.gone: set[UUID] = set()
        self.made = ExitStack()
        self.dock = Dock(self.made.enter_context(fresh_database()))
        self.made.callback(self.dock.close)
        self.dock.a_node()
        self.dock.a_supplier()
        self.dock.a_sku("MUG")
        self.dock.sells("MUG")
        self.dock.a_bin("PICK", "pick_face", capacity_units=LIMITS["PICK"], sequence=1)
        self.dock.a_bin("R1", capacity_units=LIMITS["R1"])
        self.dock.a_bin("R2")
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

    @property
    def task(self) -> PutawayTask | None:
        tasks = self.dock.tasks()
        assert len(tasks) <= 1
        return tasks[0] if tasks else None

    @property
    def left(self) -> int:
        """What a task asks for once somebody looks."""
        return min(self.listed, self.lies["RECEIVING"])

    @rule(target=receipts, units=UNITS)
    def receive(self, units: int) -> object:
        self.scans += 1
        ask = ReceiveGoods(purchase_id=self.order, scan=str(self.scans), lines=[good(1, units)])
        made = self.says(ask, ReceiptState, may=units <= self.dock.coming("MUG"))
        if made is None:
            return multiple()
        self.lies["RECEIVING"] += units
        self.listed = min(self.listed + units, self.lies["RECEIVING"])
        return made.id, units

    @rule(receipt=receipts)
    def take_back(self, receipt: tuple[UUID, int]) -> None:
        id, units = receipt
        may = id not in self.gone and self.lies["RECEIVING"] >= units
        if self.says(TakeGoodsBack(receipt_id=id, reason="x"), ReceiptState, may=may):
            self.gone.add(id)
            self.lies["RECEIVING"] -= units
            self.listed = self.left

    @rule(target=done, bin=BINS, units=UNITS, why=st.booleans())
    def put_away(self, bin: str, units: int, why: bool) -> object:
        if (task := self.task) is None:
            return multiple()
        with self.dock.db.reading() as session:
            suggested = {s.bin for s in suggestions_of(session, [task.id]).get(task.id, [])}
        limit = LIMITS[bin]
        full = limit is not None and self.lies[bin] + units > limit
        may = units <= self.left and (why or (bin in suggested and not full))
        made = self.says(PutAway(task_id=task.id, bin=bin, quantity=units, reason="x" if why else None), PutawayState,
                         may=may)  # fmt: skip
        if made is None:
            return multiple()
        assert made.putaway_id is not None
        assert ("units" in made.overridden, "suggestion" in made.overridden) == (full, bin not in suggested)
        self.listed = self.left - units
        self.lies["RECEIVING"] -= units
        self.lies[bin] += units
        self.put[made.putaway_id] = (bin, units)
        assert made.left == self.listed
        return made.putaway_id

    @rule(putaway=done)
    def bring_back(self, putaway: UUID) -> None:
        bin, units = self.put.get(putaway, ("", 0))
        ask = UndoPutaway(putaway_id=putaway)
        if self.says(ask, PutawayState, may=putaway in self.put and self.lies[bin] >= units):
            del self.put[putaway]
            self.lies[bin] -= units
            self.lies["RECEIVING"] += units
            self.listed += units

    @rule(units=UNITS, to=st.sampled_from(["R2", "RECEIVING"]))
    def move(self, units: int, to: str) -> None:
        source = "RECEIVING" if to == "R2" else "R2"
        ask = MoveStock(node="LON", sku="MUG", quantity=units, from_bin=source, to_bin=to)
        if self.says(ask, StockState, may=self.lies[source] >= units, agent="inventory"):
            self.lies[source] -= units
            self.lies[to] += units

    @rule()
    def start_or_give_back(self) -> None:
        if (task := self.task) is None:
            return
        if task.status == "ready":
            self.says(StartPutaway(task_id=task.id), PutawayState, may=True)
            self.listed = self.left
        else:
            self.says(GiveBackPutaway(task_id=task.id), PutawayState, may=True)

    @rule()
    def cancel(self) -> None:
        if (task := self.task) is not None:
            self.says(CancelPutaway(task_id=task.id, reason="x"), PutawayState, may=True)
            self.listed = 0

    @rule()
    def plan(self) -> None:
        planned = self.says(PlanPutaway(node="LON"), PutawaysPlanned, may=True)
        self.listed = self.lies["RECEIVING"]
        assert planned is not None
        assert (planned.units, planned.open) == (self.listed, int(self.listed > 0))

    @invariant()
    def the_books_are_the_models(self) -> None:
        with self.dock.db.reading() as session:
            assert [r for r in run(session) if r.violations] == []
        assert self.dock.lies() == {bin: units for bin, units in self.lies.items() if units}
        task = self.task
        assert (task.left if task is not None else 0) == self.listed


def test_whatever_is_put_away_in_any_order_each_unit_is_in_one_bin(fresh_database: FreshDatabase) -> None:
    run_state_machine_as_test(lambda: AnyPutaway(fresh_database), settings=SETTINGS)
