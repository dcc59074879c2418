"""What becomes of units that came back, and the terms by which that is reckoned. Written by the returns agent alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Amount, Base, UuidKey
from db.costing import MILLI, UnitCost
from db.errors import NotFound
from db.returns import Grade
from db.session import Transaction
from db.suppliers import Supplier, SupplierItem


class GoodsChoice(StrEnum):
    """In the order in which the first of equals is taken."""

    restock = "restock"  # on sale again, as new
    refurbish = "refurbish"  # put right, and then on sale
    outlet = "outlet"  # sold elsewhere for less
    vendor = "vendor"  # back to the supplier, for credit
    recycle = "recycle"
    destroy = "destroy"


class DispositionStatus(StrEnum):
    waiting = "waiting"  # lies in quarantine until somebody does it
    done = "done"


DISPOSITION_MOVES = {
    DispositionStatus.waiting: frozenset({DispositionStatus.done}),
    DispositionStatus.done: frozenset[DispositionStatus](),
}


class DispositionTerms(Base):
    """A version, in force from when it was made until the next one is. What it said of units then stays with them."""

    __tablename__ = "disposition_terms"
    __audited__ = True
    __kind__ = "disposition_terms"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    vendors: Mapped[list[Any]] = mapped_column(default=list)  # codes of suppliers that take units back
    note: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class DispositionRule(Base):
    """The first of its version that fits a unit's category, grade and currency tells what a choice brings.

    value = resale · share · chance - resale · cost rate - cost - freight, each for one unit.
    """

    __tablename__ = "disposition_rules"
    __audited__ = True
    __kind__ = "disposition_rule"
    version: Mapped[int] = mapped_column(ForeignKey("disposition_terms.version"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str | None]  # with all that is under it
    grade: Mapped[str]
    choice: Mapped[str]
    currency: Mapped[str | None]  # of the order, and of the amounts
    share_ppm: Mapped[int] = mapped_column(default=0)  # of the resale value; of the unit's cost for `vendor`
    chance_ppm: Mapped[int] = mapped_column(default=1_000_000)  # that it is sold, or that the supplier gives credit
    cost_ppm: Mapped[int] = mapped_column(default=0)  # handling or putting right, of the resale value
    cost_amount: Mapped[Amount] = mapped_column(default=0)
    freight_amount: Mapped[Amount] = mapped_column(default=0)
    __table_args__ = (
        CheckConstraint("no > 0", name="no"),
        CheckConstraint(
            "share_ppm BETWEEN 0 AND 1000000 AND chance_ppm BETWEEN 0 AND 1000000 AND cost_ppm BETWEEN 0 AND 1000000",
            name="rates",
        ),
        CheckConstraint(
            "cost_amount >= 0 AND freight_amount >= 0 AND (cost_amount + freight_amount = 0 OR currency IS NOT NULL)",
            name="amounts",
        ),
    )


class ReturnDisposition(Base):
    """Units that were graded in one go and what becomes of them. `value` is expected of one, in the order's currency.

    `best` is what the arithmetic says; where somebody chose something else, `why` says why.
    """

    __tablename__ = "return_dispositions"
    __audited__ = True
    __kind__ = "return_disposition"
    id: Mapped[UuidKey]
    units_id: Mapped[UUID] = mapped_column(ForeignKey("return_units.id"), unique=True)
    return_id: Mapped[UUID]
    line_no: Mapped[int]
    node: Mapped[str] = mapped_column(ForeignKey("nodes.code"))
    sku: Mapped[str]
    grade: Mapped[str]
    quantity: Mapped[int]
    choice: Mapped[str]
    best: Mapped[str]
    why: Mapped[str | None]
    value: Mapped[Amount]
    currency: Mapped[str]
    weighed: Mapped[list[Any]] = mapped_column(default=list)  # [{choice, resale, … , value, why}], the best first
    terms_version: Mapped[int | None]  # null: those that a shop begins with
    supplier: Mapped[str | None]  # that it goes back to
    goods: Mapped[list[Any]] = mapped_column(default=list)  # where they were put: [{sku, units, bin, lot, status}]
    status: Mapped[str] = mapped_column(default=DispositionStatus.waiting)
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    done_why: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["return_id", "line_no"], ["return_lines.return_id", "return_lines.line_no"]),
        CheckConstraint("quantity > 0", name="positive"),
        CheckConstraint("choice = best OR why IS NOT NULL", name="explained"),
        CheckConstraint("choice <> 'restock' OR grade = 'sellable'", name="restocked_as_new"),
        CheckConstraint("choice <> 'vendor' OR supplier IS NOT NULL", name="vendor_named"),
        CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name="done"),
        Index("ix_return_dispositions_return", "return_id", "line_no"),
        Index("ix_return_dispositions_status", "status", "created_at", "id"),
        Index("ix_return_dispositions_created", "created_at", "id"),
    )


class Terms(Protocol):
    @property
    def category(self) -> str | None: ...
    @property
    def grade(self) -> str: ...
    @property
    def choice(self) -> str: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def share_ppm(self) -> int: ...
    @property
    def chance_ppm(self) -> int: ...
    @property
    def cost_ppm(self) -> int: ...
    @property
    def cost_amount(self) -> int: ...
    @property
    def freight_amount(self) -> int: ...


class FirstTerms(NamedTuple):
    """What a shop begins with: rates alone, as amounts would need a currency."""

    grade: str
    choice: str
    share_ppm: int
    chance_ppm: int = 1_000_000
    cost_ppm: int = 0
    category: str | None = None
    currency: str | None = None
    cost_amount: int = 0
    freight_amount: int = 0


FIRST_TERMS = (
    FirstTerms(Grade.sellable, GoodsChoice.restock, 1_000_000, 950_000),
    FirstTerms(Grade.sellable, GoodsChoice.outlet, 500_000, 900_000, 50_000),
    FirstTerms(Grade.sellable, GoodsChoice.destroy, 0),
    FirstTerms(Grade.damaged, GoodsChoice.refurbish, 800_000, 800_000, 250_000),
    FirstTerms(Grade.damaged, GoodsChoice.outlet, 400_000, 700_000, 50_000),
    FirstTerms(Grade.damaged, GoodsChoice.vendor, 1_000_000, 700_000, 50_000),
    FirstTerms(Grade.damaged, GoodsChoice.recycle, 20_000, cost_ppm=10_000),
    FirstTerms(Grade.damaged, GoodsChoice.destroy, 0, cost_ppm=10_000),
    FirstTerms(Grade.not_as_described, GoodsChoice.outlet, 200_000, 500_000, 50_000),
    FirstTerms(Grade.not_as_described, GoodsChoice.recycle, 20_000, cost_ppm=10_000),
    FirstTerms(Grade.not_as_described, GoodsChoice.destroy, 0, cost_ppm=10_000),
)


def terms_in_force(session: Session) -> tuple[DispositionTerms | None, Sequence[Terms]]:
    """The last version with its rules; without one, what a shop begins with."""
    last = session.scalars(select(DispositionTerms).order_by(DispositionTerms.version.desc()).limit(1)).first()
    if last is None:
        return None, FIRST_TERMS
    rules = select(DispositionRule).where(DispositionRule.version == last.version).order_by(DispositionRule.no)
    return last, list(session.scalars(rules))


def next_terms(tx: Transaction) -> int:
    """The number of the next version; nobody else can take it until the transaction ends."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext("disposition_terms"))))
    return (tx.scalar(select(func.max(DispositionTerms.version))) or 0) + 1


class Taker(NamedTuple):
    """A supplier that takes a SKU back, and what it would give credit for."""

    supplier: str
    cost: int


def takers_of(session: Session, skus: Iterable[str], vendors: Iterable[str], currency: str) -> dict[str, Taker]:
    """For each SKU the supplier that takes it back at the best price, in this currency.

    A unit's cost is the average that it was landed at, else what the supplier asks for one.
    """
    wanted, named = sorted(set(skus)), sorted(set(vendors))
    rows = session.execute(
        select(SupplierItem.sku, SupplierItem.supplier, SupplierItem.unit_cost, UnitCost.average_milli, UnitCost.units)
        .join(Supplier, Supplier.code == SupplierItem.supplier)
        .outerjoin(UnitCost, (UnitCost.sku == SupplierItem.sku) & (UnitCost.currency == currency))
        .where(SupplierItem.sku.in_(wanted), SupplierItem.supplier.in_(named), Supplier.currency == currency)
        .order_by(SupplierItem.sku, Supplier.rank, SupplierItem.supplier)
    )
    takers: dict[str, Taker] = {}
    for sku, supplier, asked, average, units in rows:
        cost = average // MILLI if units else asked
        if sku not in takers or cost > takers[sku].cost:
            takers[sku] = Taker(supplier, cost)
    return takers


def lock_disposition(tx: Transaction, disposition_id: UUID) -> ReturnDisposition:
    """Raises NotFound."""
    wanted = select(ReturnDisposition).where(ReturnDisposition.id == disposition_id).with_for_update()
    found = tx.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFound("disposition", str(disposition_id))
    return found


def disposition_next(status: str) -> list[str]:
    return ["done", "change"] if status == DispositionStatus.waiting else []
