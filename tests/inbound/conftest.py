"""Everybody at a dock: who buys, who takes in, who keeps stock, and orders that wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select

from agents.contract import Command
from agents.inbound.messages.putaways import PutAway, PutawayState
from agents.inbound.messages.receipts import GoodsAsk, ReceiptState, ReceiveGoods, TakeGoodsBack
from agents.inventory.messages import BinState, PutBin, PutZone, ZoneState
from db.audit import run
from db.errors import Refused
from db.putaway import OPEN_PUTAWAYS, PutawayTask
from db.stock import BinStock
from tests.purchasing.conftest import Office
from tests.shop import Shop

WATCHED = (
    "stock_ledger", "receipts", "receipt_lines", "inspections", "inspection_findings", "dispositions",
    "inspection_plans", "supplier_standings", "lots", "putaway_rules", "putaway_tasks", "putaways",
    "transitions", "outbox",
)  # fmt: skip


class Dock(Office):
    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.close()
        Shop.__init__(
            self, url, only=("purchasing", "inbound", "inventory", "orders", "catalog", "payments", "fulfilment")
        )

    def receive(
        self, purchase: UUID, *goods: GoodsAsk, scan: str = "S1", accept_over: str | None = None
    ) -> ReceiptState:
        ask = ReceiveGoods(purchase_id=purchase, scan=scan, lines=list(goods), accept_over=accept_over)
        return self.do("inbound", ask, ReceiptState)

    def back(self, receipt: UUID, reason: str = "wrong pallet") -> ReceiptState:
        return self.do("inbound", TakeGoodsBack(receipt_id=receipt, reason=reason), ReceiptState)

    def a_bin(self, code: str, type: str = "reserve", *, zone: str | None = None, **how: Any) -> str:
        """At LON, behind all others in the pick path unless `sequence` says otherwise."""
        if zone is not None:
            self.do("inventory", PutZone(node="LON", code=zone, name=zone), ZoneState)
        ask = PutBin(node="LON", code=code, type=type, zone=zone, **({"sequence": 10} | how))
        self.do("inventory", ask, BinState)
        return code

    def tasks(self, *, open: bool = True) -> list[PutawayTask]:
        with self.db.reading() as session:
            rows = list(session.scalars(select(PutawayTask).order_by(PutawayTask.number)))
            return [row for row in rows if row.status in OPEN_PUTAWAYS or not open]

    def put(self, task: UUID, bin: str, units: int, *, reason: str | None = None) -> PutawayState:
        return self.do("inbound", PutAway(task_id=task, bin=bin, quantity=units, reason=reason), PutawayState)

    def lies(self, sku: str = "MUG") -> dict[str, int]:
        """Sellable units at LON by bin."""
        with self.db.reading() as session:
            wanted = select(BinStock.bin, func.sum(BinStock.quantity)).where(
                BinStock.node == "LON", BinStock.sku == sku, BinStock.status == "sellable", BinStock.quantity > 0
            )
            return {bin: int(units) for bin, units in session.execute(wanted.group_by(BinStock.bin))}

    def beyond(self) -> int:
        """Bins that the audit finds too full."""
        with self.db.reading() as session:
            return next(r.violations for r in run(session) if r.name == "bins_hold_no_more_than_they_can")

    def no(self, ask: Command, code: str, agent: str = "inbound") -> Refused:
        before = [self.count(t) for t in WATCHED]
        with pytest.raises(Refused) as caught:
            self.do(agent, ask, msgspec.Struct)
        assert caught.value.code == code, caught.value
        after = [self.count(t) for t in WATCHED]
        assert after == before
        return caught.value


@pytest.fixture
def dock(db_url: str) -> Iterator[Dock]:
    company = Dock(db_url)
    company.a_node()
    company.a_sku("MUG", backorder_limit=100)
    company.a_sku("PLATE")
    company.a_supplier()
    company.sells("MUG")
    company.sells("PLATE", unit_cost=333)
    yield company
    with company.db.reading() as session:
        assert [r for r in run(session) if r.violations] == []
    company.close()


def good(line_no: int | None, quantity: int, **more: Any) -> GoodsAsk:
    return GoodsAsk(line_no=line_no, quantity=quantity, **more)
