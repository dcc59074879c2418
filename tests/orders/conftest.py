"""A company of which only the orders agent is at work, and words to talk to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import event, select, text

from agents.contract import Answer, Asked, encode
from agents.fulfilment.messages import FulfilmentShipped, ShippedLine
from agents.orders.messages import OrderState, PaymentGiven, PlacedLine, PlaceOrder
from agents.payments.messages import OrderMoney
from db import session, wire
from db.allocations import lock_allocations, mark
from db.fulfilment import Fulfilment
from db.ledger import Change, post
from db.orders import OrderSheet, order_sheet
from db.stock import Allocation, AllocationState, StockHold
from db.wire import Statement
from tests.shop import TESTER, Shop

CARD = PaymentGiven(provider="test", token="tok_ok")


class OrdersShop(Shop):
    def __init__(self, database_url: str) -> None:
        super().__init__(database_url, only=("orders",))

    def order(self, **what: Any) -> OrderState:
        return self.do("orders", self.ask_for(**what), OrderState)

    def ask_for(self, *, lines: Any = None, **what: Any) -> PlaceOrder:
        """`lines` as {"MUG": 2} or a list of PlacedLine."""
        if isinstance(lines, dict):
            lines = [PlacedLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()]
        if lines is None:
            lines = [PlacedLine(sku="MUG", quantity=1)]
        return PlaceOrder(**{"channel": "web", "currency": "EUR", "lines": lines, **what})

    def many(self, asks: list[PlaceOrder]) -> list[Answer]:
        batch = [Asked("PlaceOrder", encode(a), TESTER.actor, TESTER.actor, None, "req-test") for a in asks]
        return self.agent("orders").work(batch)

    def statements(self, asks: list[PlaceOrder]) -> int:
        """How many statements a batch takes."""
        seen: list[str] = []
        engine = self.agent("orders").db.engine

        def count(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        def asking(connection: Any, questions: Sequence[Statement]) -> Any:
            seen.extend(q.sql for q in questions)
            return wire.ask_all(connection, questions)

        def telling(connection: Any, statements: Sequence[Statement], *, commit: bool = False) -> None:
            seen.extend(s.sql for s in statements)
            wire.tell_all(connection, statements, commit=commit)

        event.listen(engine, "before_cursor_execute", count)
        try:
            with patch.object(session, "ask_all", asking), patch.object(session, "tell_all", telling):
                assert all(a.status == 200 for a in self.many(asks))
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    def sheet(self, order_id: UUID) -> OrderSheet:
        with self.db.reading() as session:
            return order_sheet(session, order_id)

    def a_hold(self, reference: str, sku: str, node: str, quantity: int) -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            post(tx, [], [Change(sku, node, held=quantity)])
            tx.add(
                StockHold(
                    reference=reference, sku=sku, node=node, quantity=quantity, expires_at=tx.now, created_at=tx.now
                )
            )

    def picked(self, order_id: UUID, sku: str, quantity: int | None = None) -> None:
        """A picker took allocated units of a SKU."""
        from db.allocations import split

        with self.db.transaction(TESTER, now=self.now) as tx:
            row = tx.scalars(
                select(Allocation).where(
                    Allocation.order_id == order_id, Allocation.sku == sku, Allocation.state == "allocated"
                )
            ).first()
            assert row is not None
            row = lock_allocations(tx, [row.id])[row.id]
            mark(tx, [split(tx, row, quantity)], AllocationState.picked)

    def announce(self, subject: str, message: msgspec.Struct) -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            tx.announce(subject, message)
        self.pump()
        assert self.dead() == []

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.db.reading() as session:
            return list(session.execute(text(query), values))

    def timeline(self, order_id: UUID) -> list[tuple[str | None, str]]:
        rows = self.rows(
            "SELECT from_status, to_status FROM transitions WHERE subject = :s ORDER BY id", s=f"order:{order_id}"
        )
        return [(r.from_status, r.to_status) for r in rows]

    def silence(self) -> dict[str, int]:
        """Row counts of everything that an order could leave behind."""
        tables = ("orders", "order_lines", "order_holds", "allocations", "outbox", "transitions")
        return {t: self.count(t) for t in (*tables, "audit_log", "stock_ledger")}

    def books_balance(self) -> None:
        """The ledger, the levels and the allocations tell the same story (Y1, Y2, Y3)."""
        wrong = self.rows("""
            SELECT l.sku, l.node FROM stock_levels l
            WHERE l.allocated <> (SELECT coalesce(sum(allocated), 0) FROM stock_ledger s
                                  WHERE s.sku = l.sku AND s.node = l.node)
               OR l.allocated <> (SELECT coalesce(sum(quantity), 0) FROM allocations a
                                  WHERE a.sku = l.sku AND a.node = l.node AND a.state IN ('allocated', 'picked'))
               OR l.backordered <> (SELECT coalesce(sum(quantity), 0) FROM allocations a
                                    WHERE a.sku = l.sku AND a.node = l.node AND a.state = 'backordered')
               OR l.held <> (SELECT coalesce(sum(quantity), 0) FROM stock_holds h
                             WHERE h.sku = l.sku AND h.node = l.node AND h.state = 'live')
        """)
        assert wrong == []


@pytest.fixture
def shop(db_url: str) -> Iterator[OrdersShop]:
    company = OrdersShop(db_url)
    yield company
    company.close()


@pytest.fixture
def mugs(shop: OrdersShop) -> OrdersShop:
    """Ten mugs at 10.00 EUR in London."""
    shop.a_node("LON", rank=10)
    shop.a_sku("MUG", price=1000)
    shop.some_stock("MUG", "LON", 10)
    return shop


def a_uuid() -> UUID:
    return uuid4()


def ship(shop: OrdersShop, order_id: UUID, *, node: str = "LON") -> None:
    """Everything picked leaves the house, and fulfilment says so."""
    from db.allocations import Leaving
    from db.allocations import ship as leave

    with shop.db.transaction(TESTER, now=shop.now) as tx:
        rows = tx.scalars(select(Allocation).where(Allocation.order_id == order_id, Allocation.state == "picked")).all()
        locked = list(lock_allocations(tx, [r.id for r in rows]).values())
        leave(tx, [Leaving(a, "PICK", "", a.quantity) for a in locked], cause=f"order:{order_id}")
        lines = [ShippedLine(line_no=a.line_no, sku=a.sku, quantity=a.quantity) for a in locked]
    shipped = FulfilmentShipped(fulfilment_id=uuid4(), order_id=order_id, node=node, lines=lines, tracking=["TRK1"])
    shop.announce(f"order:{order_id}", shipped)


def a_fulfilment(shop: OrdersShop, order_id: UUID, status: str) -> UUID:
    with shop.db.transaction(TESTER, now=shop.now) as tx:
        row = Fulfilment(
            number=f"F{uuid4()}", order_id=order_id, node="LON", status=status, created_at=tx.now, updated_at=tx.now
        )
        tx.add(row)
        tx.flush()
        return row.id


def money(order_id: UUID, **what: Any) -> OrderMoney:
    none = {"authorised": 0, "captured": 0, "refunded": 0, "open": 0, "declined": False}
    return OrderMoney(**{"order_id": order_id, "currency": "EUR", **none, **what})
