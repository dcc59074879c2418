"""Everybody at a dock: who buys, who takes in, who keeps stock, and orders that wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest

from agents.contract import Command
from agents.inbound.messages import GoodsAsk, ReceiptState, ReceiveGoods, TakeGoodsBack
from db.audit import run
from db.errors import Refused
from tests.purchasing.conftest import Office
from tests.shop import Shop

WATCHED = (
    "stock_ledger", "receipts", "receipt_lines", "inspections", "inspection_findings", "dispositions",
    "inspection_plans", "supplier_standings", "transitions", "outbox", "lots",
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
