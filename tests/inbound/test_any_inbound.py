"""Whatever is ordered, amended, announced, received, inspected, put away, brought back and closed, in any order.

The parts have tests of their own that know more of each; here they meet.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from sqlalchemy import func, select

from agents.contract import Command
from agents.inbound.messages.inspections import DecideUnits, DisposeUnits, InspectionState
from agents.inbound.messages.notices import AnnounceDelivery, NoticeLineAsk, NoticeState
from agents.inbound.messages.putaways import PutAway, PutawayState, UndoPutaway
from agents.inbound.messages.receipts import ReceiptState, ReceiveGoods, TakeGoodsBack
from agents.purchasing.messages.orders import AmendedLine, AmendPurchase, PurchaseState, ShortClosePurchase
from db.advance_notices import AdvanceNoticeLine
from db.audit import run
from db.errors import Refusal
from db.purchasing import RECEIVING, PurchaseLine
from tests.conftest import FreshDatabase
from tests.inbound.conftest import Dock, good
from tests.inbound.test_any_inspecting import SETTINGS

S = TypeVar("S", bound=msgspec.Struct)
UNITS = st.integers(1, 8)
SHELF = "R2"


@dataclass
class Bought:
    ordered: int
    received: int = 0
    short: int = 0
    status: str = "sent"
    notice: UUID | None = None
    on_notice: int = 0

    @property
    def open(self) -> int:
        return max(0, self.ordered - self.received - self.short)

    def settle(self) -> None:
        if not self.open:
            self.status = "short_closed" if self.short else "received"
        else:
            self.status = "partly_received" if self.received else "sent"


@dataclass
class Came:
    """A receipt, and its inspection where the goods had to be looked at."""

    order: UUID
    units: int
    condition: str
    on_notice: bool
    inspection: UUID | None = None
    accepted: int = 0
    rejected: int = 0
    disposed: int = 0
    gone: bool = False

    @property
    def awaiting(self) -> int:
        return 0 if self.gone or self.condition == "good" else self.units - self.accepted - self.rejected

    @property
    def there(self) -> int:
        return 0 if self.gone else self.rejected - self.disposed

    @property
    def untouched(self) -> bool:
        return not (self.disposed if self.condition == "damaged" else self.accepted + self.rejected)


class AnyInbound(RuleBasedStateMachine):
    orders: Bundle[UUID] = Bundle("orders")
    receipts: Bundle[UUID] = Bundle("receipts")
    putaways: Bundle[UUID] = Bundle("putaways")

    def __init__(self, fresh_database: FreshDatabase) -> None:
        super().__init__()
        self.scans = 0
        self.bought: dict[UUID, Bought] = {}
        self.came: dict[UUID, Came] = {}
        self.put: dict[UUID, int] = {}
        self.at_dock = self.on_shelf = 0  # sellable
        self.listed = 0  # of those at the dock, on somebody's list to put away
        self.made = ExitStack()
        self.dock = Dock(self.made.enter_context(fresh_database()))
        self.made.callback(self.dock.close)
        self.dock.a_node()
        self.dock.a_supplier()
        self.dock.a_sku("MUG")
        self.dock.sells("MUG")
        self.dock.a_bin(SHELF)

    def teardown(self) -> None:
        self.made.close()

    def says(
        self, ask: Command, answer: type[S], *, may: bool, agent: str = "inbound", by: str | None = None
    ) -> S | None:
        said: S | str
        try:
            said = self.dock.by(by, ask, answer) if by is not None else self.dock.do(agent, ask, answer)
        except Refusal as refusal:
            said = str(refusal)
        assert isinstance(said, answer) == may, (ask, said)
        return said if isinstance(said, answer) else None

    @rule(target=orders, units=st.integers(4, 20))
    def order(self, units: int) -> UUID:
        made = self.dock.sent(MUG=units).id
        self.bought[made] = Bought(units)
        return made

    @rule(order=orders, units=st.integers(1, 20))
    def amend(self, order: UUID, units: int) -> None:
        found = self.bought[order]
        may = found.status in RECEIVING and (units == found.ordered or units >= found.received + found.short)
        may = may and found.status not in ("received", "short_closed")
        ask = AmendPurchase(purchase_id=order, reason="x", lines=[AmendedLine(line_no=1, quantity=units)])
        if self.says(ask, PurchaseState, may=may, agent="purchasing", by=self.dock.admin):
            found.ordered = units
            found.settle()

    @rule(order=orders, units=UNITS)
    def announce(self, order: UUID, units: int) -> None:
        found = self.bought[order]
        if found.notice is not None:
            return
        line = NoticeLineAsk(purchase_id=order, line_no=1, units=units)
        ask = AnnounceDelivery(supplier="HANSA", node="LON", reference=f"of {order}", lines=[line])
        if made := self.says(ask, NoticeState, may=found.status in RECEIVING):
            found.notice = made.id
            assert made.lines[0]["beyond"] == max(0, units - found.open)

    @rule(order=orders)
    def close_short(self, order: UUID) -> None:
        found = self.bought[order]
        may = found.status in ("sent", "partly_received") and found.open > 0
        ask = ShortClosePurchase(purchase_id=order, reason="x")
        if self.says(ask, PurchaseState, may=may, agent="purchasing"):
            found.short += found.open
            found.settle()

    @rule(target=receipts, order=orders, units=UNITS, condition=st.sampled_from(["good", "good", "inspect", "damaged"]))
    def receive(self, order: UUID, units: int, condition: str) -> object:
        found = self.bought[order]
        self.scans += 1
        ask = ReceiveGoods(
            purchase_id=order, scan=str(self.scans), notice_id=found.notice,
            lines=[good(1, units, condition=condition, reason="x")],
        )  # fmt: skip
        made = self.says(ask, ReceiptState, may=found.status in RECEIVING and units <= found.open)
        if made is None:
            return multiple()
        again = self.says(ask, ReceiptState, may=True)
        assert again is not None
        assert again.id == made.id
        came = Came(order, units, condition, on_notice=found.notice is not None)
        if condition == "good":
            self._at_dock(units)
        else:
            came.inspection = UUID(str(made.inspections[0]["id"]))
            came.rejected = units if condition == "damaged" else 0
        found.received += units
        found.on_notice += units if came.on_notice else 0
        found.settle()
        self.came[made.id] = came
        return made.id

    @rule(receipt=receipts)
    def take_back(self, receipt: UUID) -> None:
        came = self.came[receipt]
        free = self.at_dock >= came.units if came.condition == "good" else came.untouched
        if not self.says(TakeGoodsBack(receipt_id=receipt, reason="x"), ReceiptState, may=not came.gone and free):
            return
        came.gone = True
        if came.condition == "good":
            self.at_dock -= came.units
            self.listed = min(self.listed, self.at_dock)
        found = self.bought[came.order]
        found.received -= came.units
        found.on_notice -= came.units if came.on_notice else 0
        found.settle()

    @rule(receipt=receipts, accept=st.integers(0, 5), reject=st.integers(0, 5))
    def judge(self, receipt: UUID, accept: int, reject: int) -> None:
        came = self.came[receipt]
        if came.inspection is None:
            return
        ask = DecideUnits(inspection_id=came.inspection, accept=accept, reject=reject, reason="x")
        if self.says(ask, InspectionState, may=0 < accept + reject <= came.awaiting):
            came.accepted += accept
            came.rejected += reject
            self._at_dock(accept)

    @rule(receipt=receipts, units=UNITS)
    def scrap(self, receipt: UUID, units: int) -> None:
        came = self.came[receipt]
        if came.inspection is None:
            return
        ask = DisposeUnits(inspection_id=came.inspection, kind="scrap", quantity=units, reason="x")
        if self.says(ask, InspectionState, may=units <= came.there):
            came.disposed += units

    @rule(target=putaways, units=UNITS)
    def put_away(self, units: int) -> object:
        tasks = self.dock.tasks()
        if not tasks:
            return multiple()
        ask = PutAway(task_id=tasks[0].id, bin=SHELF, quantity=units, reason="x")
        made = self.says(ask, PutawayState, may=units <= min(self.listed, self.at_dock))
        if made is None:
            return multiple()
        assert made.putaway_id is not None
        self.put[made.putaway_id] = units
        self.listed = min(self.listed, self.at_dock) - units
        self.at_dock -= units
        self.on_shelf += units
        return made.putaway_id

    @rule(putaway=putaways)
    def bring_back(self, putaway: UUID) -> None:
        units = self.put.get(putaway, 0)
        if self.says(UndoPutaway(putaway_id=putaway), PutawayState, may=putaway in self.put):
            del self.put[putaway]
            self.on_shelf -= units
            self._at_dock(units)

    def _at_dock(self, units: int) -> None:
        self.at_dock += units
        self.listed += units

    @invariant()
    def the_books_are_the_models(self) -> None:
        with self.dock.db.reading() as session:
            assert [r for r in run(session) if r.violations] == []
            received = session.execute(select(PurchaseLine.purchase_id, PurchaseLine.received))
            lines = {purchase: int(units) for purchase, units in received}
            announced = session.execute(
                select(AdvanceNoticeLine.notice_id, func.sum(AdvanceNoticeLine.received)).group_by(
                    AdvanceNoticeLine.notice_id
                )
            )
            on_notices = {notice: int(units) for notice, units in announced}
        for id, found in self.bought.items():
            assert (self.dock.status(id), lines[id]) == (found.status, found.received)
            assert found.notice is None or on_notices[found.notice] == found.on_notice
        assert self.dock.coming() == sum(found.open for found in self.bought.values())
        kept = sum(came.awaiting + came.there for came in self.came.values())
        sellable = {"RECEIVING": self.at_dock, SHELF: self.on_shelf}
        assert self.dock.lies() == {bin: units for bin, units in sellable.items() if units}
        if self.came:
            level = self.dock.level("MUG", "LON")
            assert (level.sellable, level.on_hand - level.sellable) == (sum(sellable.values()), kept)


def test_whatever_comes_in_in_any_order_the_books_agree(fresh_database: FreshDatabase) -> None:
    run_state_machine_as_test(lambda: AnyInbound(fresh_database), settings=SETTINGS)
