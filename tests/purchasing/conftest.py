"""A purchasing agent alone, people with roles, and makers of suppliers and orders."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from agents.contract import Asked, Command, encode, unwrap
from agents.purchasing.messages.orders import (
    ApprovePurchase,
    CreatePurchase,
    PurchaseLineAsk,
    PurchaseState,
    SendPurchase,
    SetApprovalLimit,
)
from agents.purchasing.messages.suppliers import (
    PriceBreak,
    PutSupplier,
    PutSupplierItem,
    SupplierItemState,
    SupplierState,
)
from db.audit import run
from db.errors import Refused
from db.purchasing import Acceptance, PurchaseAmendment, amendments_of, count_received, on_order
from serve.people import make_user
from serve.scopes import ensure_roles
from tests.shop import TESTER, Shop

S = TypeVar("S", bound=msgspec.Struct)
WATCHED = (
    "outbox", "audit_log", "transitions", "suppliers", "supplier_items", "purchase_orders", "purchase_lines",
    "purchase_charges", "purchase_amendments", "over_receipts", "approval_limits",
    "supplier_invoices", "supplier_credits",
)  # fmt: skip


class Office(Shop):
    def __init__(self, url: str, *, only: Collection[str] = ("purchasing",)) -> None:
        super().__init__(url, only=only)
        with self.db.transaction(TESTER, now=self.now) as tx:
            ensure_roles(tx)
            people = {role: make_user(tx, email=f"{role}@example.com", name=role, role=role, password_hash="")
                      for role in ("admin", "manager")}  # fmt: skip
            tx.flush()
            self.admin, self.manager = (f"user:{people[role].id}" for role in ("admin", "manager"))

    def by(self, actor: str, command: Command, answer: type[S], *, key: str | None = None) -> S:
        asked = Asked(type(command).__name__, encode(command), actor, actor, key, "req-test")
        return msgspec.msgpack.decode(unwrap(self.ask_now("purchasing", asked)), type=answer)

    def a_supplier(self, code: str = "HANSA", **terms: Any) -> SupplierState:
        ask = PutSupplier(**({"code": code, "name": code.title(), "currency": "EUR"} | terms))
        return self.do("purchasing", ask, SupplierState)

    def sells(self, sku: str = "MUG", *, supplier: str = "HANSA", unit_cost: int = 400, **how: Any) -> None:
        ask = PutSupplierItem(supplier=supplier, sku=sku, unit_cost=unit_cost, **how)
        self.do("purchasing", ask, SupplierItemState)

    def drafted(self, **units: int) -> PurchaseState:
        lines = [PurchaseLineAsk(sku=sku, quantity=n) for sku, n in units.items()]
        return self.do("purchasing", CreatePurchase(supplier="HANSA", node="LON", lines=lines), PurchaseState)

    def approved(self, **units: int) -> PurchaseState:
        return self.by(self.admin, ApprovePurchase(purchase_id=self.drafted(**units).id), PurchaseState)

    def sent(self, **units: int) -> PurchaseState:
        return self.do("purchasing", SendPurchase(purchase_id=self.approved(**units).id), PurchaseState)

    def limit(self, role: str, amount: int | None, currency: str = "EUR") -> None:
        self.do("purchasing", SetApprovalLimit(role=role, currency=currency, amount=amount), msgspec.Struct)

    def came(self, purchase: UUID, line_no: int, units: int, *, accepted: Acceptance | None = None) -> None:
        """What whoever books goods in does about the order."""
        with self.db.transaction(TESTER, now=self.now) as tx:
            count_received(tx, purchase, [(line_no, units)], accepted=accepted)

    def status(self, purchase: UUID) -> str:
        with self.db.reading() as session:
            found = session.execute(text("SELECT status FROM purchase_orders WHERE id = :id"), {"id": purchase})
            return str(found.scalar_one())

    def coming(self, sku: str = "MUG", node: str = "LON") -> int:
        with self.db.reading() as session:
            return on_order(session, [(sku, node)]).get((sku, node), 0)

    def amendments(self, purchase: UUID) -> list[PurchaseAmendment]:
        with self.db.reading() as session:
            return amendments_of(session, purchase)

    def refused(self, ask: Command, code: str, *, by: str = TESTER.actor) -> Refused:
        """The refusal of a command, having checked that it left no trace at all."""
        before = [self.count(t) for t in WATCHED], self._books()
        with pytest.raises(Refused) as caught:
            self.by(by, ask, msgspec.Struct)
        assert caught.value.code == code, caught.value
        assert ([self.count(t) for t in WATCHED], self._books()) == before
        return caught.value

    def audited(self) -> None:
        """But for receipts: here units are counted without any."""
        with self.db.reading() as session:
            found = [r for r in run(session) if r.violations and r.name != "received_units_have_receipts"]
        assert found == []

    def _books(self) -> list[tuple[object, ...]]:
        tables = ("suppliers", "supplier_items", "purchase_orders", "purchase_lines", "approval_limits")
        with self.db.reading() as session:
            return [tuple(r) for t in tables for r in session.execute(text(f"SELECT * FROM {t} ORDER BY 1, 2"))]


@pytest.fixture
def office(db_url: str) -> Iterator[Office]:
    """HANSA sells MUG in sixes and PLATE singly to LON; the auditor finds nothing at the end."""
    company = Office(db_url)
    company.a_node()
    company.a_sku("MUG", weight_grams=300)
    company.a_sku("PLATE", weight_grams=500)
    company.a_supplier()
    company.sells("MUG", case_pack=6, minimum_quantity=12, breaks=[PriceBreak(from_quantity=60, unit_cost=350)])
    company.sells("PLATE", unit_cost=333)
    yield company
    company.audited()
    company.close()
