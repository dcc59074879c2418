"""A company that buys, waits and promises, and words to talk to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from agents.inbound.messages.notices import AnnounceDelivery, NoticeLineAsk, NoticeState
from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from agents.promising.messages import AskAvailability, AvailabilityAnswer, AvailabilityQuestion, AvailabilityState
from agents.purchasing.messages.orders import ConfirmPurchase, PurchaseState
from db.audit import run
from db.stock import Allocation, AllocationState
from serve.app import create_app
from serve.keys import make_key
from serve.scopes import ALL_SCOPES
from tests.inbound.conftest import Dock
from tests.shop import TESTER, Shop


class House(Dock):
    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.close()
        Shop.__init__(self, url)

    def asked(self, *questions: AvailabilityQuestion) -> list[AvailabilityAnswer]:
        return self.do("promising", AskAvailability(questions=list(questions)), AvailabilityState).answers

    def available(self, sku: str = "MUG", quantity: int = 1, **how: Any) -> AvailabilityAnswer:
        (answer,) = self.asked(AvailabilityQuestion(sku=sku, quantity=quantity, **how))
        return answer

    def confirmed(self, order: PurchaseState, days: float) -> PurchaseState:
        ask = ConfirmPurchase(purchase_id=order.id, expected_at=self.now + timedelta(days=days))
        return self.do("purchasing", ask, PurchaseState)

    def announced(self, order: PurchaseState, units: int, *, said_at: datetime, reference: str = "A1") -> NoticeState:
        lines = [NoticeLineAsk(purchase_id=order.id, line_no=1, units=units)]
        ask = AnnounceDelivery(supplier="HANSA", node="LON", reference=reference, lines=lines, said_at=said_at)
        return self.do("inbound", ask, NoticeState)

    def ordered(self, units: int = 1, sku: str = "MUG", **what: Any) -> OrderState:
        lines = [PlacedLine(sku=sku, quantity=units)]
        return self.do(
            "orders", PlaceOrder(**{"channel": "web", "currency": "EUR", "lines": lines, **what}), OrderState
        )

    def waiting(self, sku: str = "MUG", node: str = "LON") -> list[Allocation]:
        with self.db.reading() as session:
            rows = session.scalars(
                select(Allocation)
                .where(Allocation.sku == sku, Allocation.node == node, Allocation.state == AllocationState.backordered)
                .order_by(Allocation.created_at, Allocation.id)
            )
            return list(rows)

    def has(self, order: OrderState | UUID) -> int:
        """Units that are there for an order."""
        ident = order if isinstance(order, UUID) else order.id
        return sum(a.quantity for a in self.allocations(ident) if a.state in ("allocated", "picked", "shipped"))

    def client(self, scopes: list[str] | None = None) -> TestClient:
        with self.db.transaction(TESTER, now=self.now) as tx:
            _, secret = make_key(tx, "test", scopes or sorted(ALL_SCOPES))
        client = TestClient(create_app(self.db, self, clock=lambda: self.now))
        client.headers["authorization"] = f"Bearer {secret}"
        return client


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    company = House(db_url)
    company.a_node()
    company.a_sku("MUG", backorder_limit=100)
    company.a_sku("PLATE", backorder_limit=100)
    company.a_supplier(lead_days=10)
    company.sells("MUG")
    company.sells("PLATE", unit_cost=333)
    yield company
    with company.db.reading() as session:
        assert [r for r in run(session) if r.violations] == []
    company.close()
