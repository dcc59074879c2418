"""A small company for tests: agents in this process, a clock that only moves when told, makers of rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from agents.contract import Asked, Command, encode, unwrap
from coordinator.local import LocalCluster
from db.catalog import KitComponent, Price, Product, Variant
from db.ledger import Movement, post
from db.nodes import STANDARD_BINS, Bin, Node
from db.session import Who
from db.stock import Allocation, MovementKind, StockLevel

S = TypeVar("S", bound=msgspec.Struct)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TESTER = Who("user:tester", "req-test")


class Shop(LocalCluster):
    """`do` sends a command and returns its state, or raises `Refused`."""

    def __init__(self, database_url: str, *, only: Collection[str] | None = None) -> None:
        self.now = START
        super().__init__(database_url, clock=lambda: self.now, only=only)

    def later(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now

    def do(self, agent: str, command: Command, answer: type[S], *, key: str | None = None) -> S:
        asked = Asked(type(command).__name__, encode(command), TESTER.actor, TESTER.actor, key, TESTER.request_id)
        return msgspec.msgpack.decode(unwrap(self.ask_now(agent, asked)), type=answer)

    # Makers: rows as the agents would have left them.

    def a_node(
        self, code: str = "LON", *, rank: int = 100, time_zone: str = "Europe/London", address: Any = None
    ) -> str:
        with self.db.transaction(TESTER, now=self.now) as tx:
            where = {"time_zone": time_zone, "address": address or {}}
            tx.add(Node(code=code, name=code, rank=rank, created_at=tx.now, updated_at=tx.now, **where))
            tx.flush()
            for n, (name, kind) in enumerate(STANDARD_BINS.items()):
                tx.add(Bin(node=code, code=name, type=kind, sequence=n))
        return code

    def a_sku(self, sku: str = "MUG", *, price: int = 1000, currency: str = "EUR", **variant: Any) -> str:
        with self.db.transaction(TESTER, now=self.now) as tx:
            product = Product(handle=sku.lower(), title=sku.title(), created_at=tx.now, updated_at=tx.now)
            tx.add(product)
            tx.flush()
            tx.add(
                Variant(
                    sku=sku, product_id=product.id, title=sku.title(), created_at=tx.now, updated_at=tx.now, **variant
                )
            )
            tx.flush()
            tx.add(Price(sku=sku, currency=currency, amount=price))
        return sku

    def a_kit(self, sku: str, components: dict[str, int], *, price: int = 3000) -> str:
        self.a_sku(sku, price=price)
        with self.db.transaction(TESTER, now=self.now) as tx:
            for component, quantity in components.items():
                tx.add(KitComponent(kit_sku=sku, sku=component, quantity=quantity))
        return sku

    def some_stock(self, sku: str, node: str, quantity: int, *, bin: str = "PICK", lot: str = "") -> None:
        with self.db.transaction(TESTER, now=self.now) as tx:
            post(tx, [Movement(sku, node, MovementKind.received, "receipt:test", on_hand=quantity, bin=bin, lot=lot)])

    # Looking

    def level(self, sku: str, node: str) -> StockLevel:
        with self.db.reading() as session:
            level = session.get(StockLevel, (node, sku))
            assert level is not None, f"no level of {sku} at {node}"
            return level

    def allocations(self, order_id: UUID) -> list[Allocation]:
        with self.db.reading() as session:
            rows = session.scalars(
                select(Allocation).where(Allocation.order_id == order_id).order_by(Allocation.line_no, Allocation.id)
            )
            return list(rows)

    def said(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Payloads of what was written to the outbox so far, oldest first."""
        with self.db.reading() as session:
            rows = session.execute(text("SELECT kind, payload FROM outbox ORDER BY id"))
            return [{"kind": r.kind, **r.payload} for r in rows if kind in (None, r.kind)]

    def dead(self) -> list[str]:
        with self.db.reading() as session:
            return [r.error for r in session.execute(text("SELECT error FROM deliveries WHERE state = 'dead'"))]

    def count(self, table: str) -> int:
        with self.db.reading() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
