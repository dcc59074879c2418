"""An inventory agent alone, and makers of what orders would have left in its tables."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, text

from agents.contract import Command
from db.allocations import Want, allocate, lock_allocations, mark
from db.base import uuid7
from db.errors import Refused
from db.ledger import Movement, lock_skus, post
from db.stock import AllocationState, BinStock, MovementKind
from tests.shop import TESTER, Shop

WATCHED = ("outbox", "audit_log", "transitions", "stock_ledger", "stock_holds", "allocations", "bins", "transfers")


class Warehouse(Shop):
    def __init__(self, url: str) -> None:
        super().__init__(url, only=("inventory",))

    def promised(
        self, sku: str, units: int, *, node: str = "LON", backordered: bool = False, order: UUID | None = None
    ) -> UUID:
        """Units of a new order; returns the order's id. A second passes, so that later is later."""
        order_id = order or uuid7()
        with self.db.transaction(TESTER, now=self.later(seconds=1)) as tx:
            lock_skus(tx, [sku])
            allocate(tx, [Want(order_id, 1, sku, node, units, backordered=backordered)])
        return order_id

    def picked(self, order_id: UUID) -> None:
        """What the fulfilment agent does: units of the order go from PICK to PACK."""
        rows = self.allocations(order_id)
        with self.db.transaction(TESTER, now=self.now) as tx:
            locked = lock_allocations(tx, [r.id for r in rows])
            mark(tx, locked.values(), AllocationState.picked)
            for r in locked.values():
                moved = (("PICK", -r.quantity), ("PACK", r.quantity))
                post(tx, [Movement(r.sku, r.node, MovementKind.moved, "pick:t", on_hand=n, bin=b) for b, n in moved])

    def states(self, order_id: UUID) -> list[tuple[str, int]]:
        return sorted((a.state, a.quantity) for a in self.allocations(order_id))

    def bins(self, sku: str, node: str = "LON") -> dict[tuple[str, str, str], int]:
        """Units by (bin, lot, status)."""
        with self.db.reading() as session:
            rows = session.scalars(select(BinStock).where(BinStock.sku == sku, BinStock.node == node))
            return {(r.bin, r.lot, r.status): r.quantity for r in rows if r.quantity}

    def numbers(self, sku: str, node: str = "LON") -> tuple[int, int, int, int, int]:
        """on hand, sellable, allocated, held, backordered"""
        level = self.level(sku, node)
        return level.on_hand, level.sellable, level.allocated, level.held, level.backordered

    def books_agree(self) -> None:
        """Levels are the sums of the ledger, of the bins and of the promises."""
        with self.db.reading() as session:
            for table in ("stock_ledger", "bin_stock"):
                units = "on_hand" if table == "stock_ledger" else "quantity"
                wrong = session.execute(
                    text(f"""
                    SELECT l.node, l.sku, l.on_hand, l.sellable, s.* FROM stock_levels l LEFT JOIN LATERAL (
                      SELECT coalesce(sum({units}) FILTER (WHERE status <> 'transit'), 0) a,
                             coalesce(sum({units}) FILTER (WHERE status = 'sellable'), 0) b
                      FROM {table} t WHERE (t.node, t.sku) = (l.node, l.sku)) s ON true
                    WHERE (l.on_hand, l.sellable) <> (s.a, s.b)""")
                ).all()
                assert wrong == [], table
            promises = session.execute(
                text("""
                SELECT l.node, l.sku FROM stock_levels l
                WHERE l.allocated <> (SELECT coalesce(sum(allocated), 0) FROM stock_ledger t
                                      WHERE (t.node, t.sku) = (l.node, l.sku))
                   OR l.allocated <> (SELECT coalesce(sum(quantity), 0) FROM allocations a
                      WHERE (a.node, a.sku) = (l.node, l.sku) AND state IN ('allocated', 'picked'))
                   OR l.backordered <> (SELECT coalesce(sum(quantity), 0) FROM allocations a
                      WHERE (a.node, a.sku) = (l.node, l.sku) AND state = 'backordered')
                   OR l.held <> (SELECT coalesce(sum(quantity), 0) FROM stock_holds h
                      WHERE (h.node, h.sku) = (l.node, l.sku) AND state = 'live')""")
            ).all()
            assert promises == []

    def refused(self, ask: Command, code: str) -> Refused:
        """The refusal of a command, having checked that it left no trace at all."""
        before, books = [self.count(t) for t in WATCHED], self._stock()
        with pytest.raises(Refused) as caught:
            self.do("inventory", ask, msgspec.Struct)
        assert caught.value.code == code, caught.value
        assert ([self.count(t) for t in WATCHED], self._stock()) == (before, books)
        return caught.value

    def _stock(self) -> list[tuple[object, ...]]:
        with self.db.reading() as session:
            tables = ("stock_levels", "bin_stock", "allocations", "stock_holds")
            return [tuple(r) for t in tables for r in session.execute(text(f"SELECT * FROM {t} ORDER BY 1, 2"))]


@pytest.fixture
def house(db_url: str) -> Iterator[Warehouse]:
    """One node LON, one SKU MUG, nothing in stock; the books agree at the end."""
    company = Warehouse(db_url)
    company.a_node()
    company.a_sku()
    yield company
    company.books_agree()
    company.close()
