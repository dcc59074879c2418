"""Orders, a person who may work on them, and words for actions on many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from agents.bulk.messages import BulkRecord, BulkState, CancelBulk, StartBulk, UndoBulk
from agents.contract import Asked, Command, encode, unwrap
from agents.orders.messages import OrderState, PlacedLine, PlaceOrder
from db.base import uuid7
from db.bulk import BulkRow
from db.orders import Order
from db.people import Role, User
from tests.shop import TESTER, Shop


class Desk(Shop):
    """A company of orders, catalogue and bulk; `person` is the one who asks."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url, only=("orders", "catalog", "bulk"))
        self.person = f"user:{self.somebody('write_orders', 'write_catalog')}"

    def somebody(self, *scopes: str) -> UUID:
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.add(Role(name="clerk", scopes=list(scopes), created_at=tx.now))
            tx.flush()
            user = User(email="ada@example.com", name="Ada", role="clerk", password_hash="x", created_at=tx.now)
            tx.add(user)
            tx.flush()
            return user.id

    def ask_as(self, command: Command, *, key: str | None = None) -> BulkState:
        asked = Asked(type(command).__name__, encode(command), self.person, self.person, key, "req-desk")
        return msgspec.msgpack.decode(unwrap(self.ask_now("bulk", asked)), type=BulkState)

    def orders(self, count: int) -> list[OrderState]:
        ask = PlaceOrder(channel="web", currency="EUR", lines=[PlacedLine(sku="MUG", quantity=1)])
        return [self.do("orders", ask, OrderState) for _ in range(count)]

    def start(self, orders: Sequence[OrderState], kind: str = "HoldOrder", **body: Any) -> BulkState:
        records = [BulkRecord(id=o.id, label=o.number) for o in orders]
        body = body or {"reason": "manual"}
        return self.ask_as(
            StartBulk(
                id=uuid7(), noun="orders", action=kind, scope="write_orders", kind=kind, body=body,
                selection={"ids": len(records)}, records=records,
            )
        )  # fmt: skip

    def cancel(self, job: BulkState) -> BulkState:
        return self.ask_as(CancelBulk(job_id=job.id))

    def undo(self, job: BulkState) -> BulkState:
        return self.ask_as(UndoBulk(id=uuid7(), job_id=job.id))

    def rows(self, job: BulkState) -> list[BulkRow]:
        with self.db.reading() as session:
            return list(session.scalars(select(BulkRow).where(BulkRow.job_id == job.id).order_by(BulkRow.row_no)))

    def states(self, job: BulkState) -> list[str]:
        return [r.state for r in self.rows(job)]

    def order_rows(self) -> list[Order]:
        with self.db.reading() as session:
            return list(session.scalars(select(Order).order_by(Order.number)))


@pytest.fixture
def desk(db_url: str) -> Iterator[Desk]:
    company = Desk(db_url)
    company.a_node()
    company.a_sku()
    company.some_stock("MUG", "LON", 500)
    yield company
    company.close()
