"""Who goods are bought from and on which terms. Written by the purchasing agent alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    case,
    cast,
    exists,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from db.base import Amount, Base


class Supplier(Base):
    __tablename__ = "suppliers"
    __audited__ = True
    __kind__ = "supplier"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]  # where orders are sent to
    currency: Mapped[str]
    terms: Mapped[str] = mapped_column(default="")  # as printed on an order: `30 days net, FOB Hamburg`
    pay_days: Mapped[int] = mapped_column(default=30)
    lead_days: Mapped[int] = mapped_column(default=14)  # as quoted, from the sending of an order
    order_weekdays: Mapped[list[Any]] = mapped_column(default=lambda: [0, 1, 2, 3, 4])  # Monday is 0
    closed_dates: Mapped[list[Any]] = mapped_column(default=list)  # ISO dates on which nothing is made or sent
    minimum_order: Mapped[Amount] = mapped_column(default=0)  # value of the lines
    over_ppm: Mapped[int] = mapped_column(default=0)  # how far a line may be over-received without being asked about
    rank: Mapped[int] = mapped_column(default=100)  # lower is asked first among suppliers of the same SKU
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("pay_days >= 0 AND lead_days >= 0 AND minimum_order >= 0 AND over_ppm >= 0", name="sane"),
    )


class SupplierItem(Base):
    """What a supplier calls one of our SKUs, and how it is sold to us: costs are minor units of its currency."""

    __tablename__ = "supplier_items"
    __audited__ = True
    __kind__ = "supplier_item"
    supplier: Mapped[str] = mapped_column(ForeignKey("suppliers.code"), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True)
    supplier_sku: Mapped[str]
    unit_cost: Mapped[Amount]
    breaks: Mapped[list[Any]] = mapped_column(default=list)  # [{"from": 100, "unit_cost": 950}], quantities rising
    minimum_quantity: Mapped[int] = mapped_column(default=1)
    case_pack: Mapped[int] = mapped_column(default=1)
    lead_days: Mapped[int | None]  # None: the supplier's
    rank: Mapped[int | None]  # None: the supplier's
    active: Mapped[bool] = mapped_column(default=True)  # false: blocked, not to be ordered
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("unit_cost >= 0 AND minimum_quantity > 0 AND case_pack > 0", name="sane"),
        CheckConstraint("lead_days IS NULL OR lead_days >= 0", name="lead_days"),
        Index("ix_supplier_items_sku", "sku"),
    )


def items_of(session: Session, supplier: str, skus: Iterable[str]) -> dict[str, SupplierItem]:
    """How the supplier sells those of the SKUs that it sells at all."""
    rows = session.scalars(
        select(SupplierItem).where(SupplierItem.supplier == supplier, SupplierItem.sku.in_(sorted(set(skus))))
    )
    return {item.sku: item for item in rows}


def _order_of_asking(supplier: type[Supplier], item: type[SupplierItem]) -> tuple[ColumnElement[Any], ...]:
    return func.coalesce(item.rank, supplier.rank), item.unit_cost.expression, supplier.code.expression


def asked_in_turn(session: Session, skus: Iterable[str]) -> list[tuple[Supplier, SupplierItem]]:
    """Everybody who sells one of the SKUs and is asked for it; those of a SKU in the order in which they are asked."""
    rows = session.execute(
        select(Supplier, SupplierItem)
        .join(SupplierItem, SupplierItem.supplier == Supplier.code)
        .where(SupplierItem.sku.in_(sorted(set(skus))), Supplier.active, SupplierItem.active)
        .order_by(*_order_of_asking(Supplier, SupplierItem))
    )
    return [(supplier, item) for supplier, item in rows]


def lock_sellers(session: Session, sku: str) -> None:
    """Whoever changes the order of asking does it alone."""
    items = select(SupplierItem).where(SupplierItem.sku == sku).order_by(SupplierItem.supplier)
    session.scalars(items.with_for_update(), execution_options={"populate_existing": True}).all()


def place_of_item() -> ColumnElement[Any]:
    """When the supplier of a listed item is asked for its SKU: 1 is first; null is never."""
    whose, item = aliased(Supplier), aliased(SupplierItem)
    before = tuple_(*_order_of_asking(whose, item)) < tuple_(*_order_of_asking(Supplier, SupplierItem))
    ahead = (
        select(func.count())
        .select_from(item)
        .join(whose, whose.code == item.supplier)
        .where(item.sku == SupplierItem.sku, item.active, whose.active, before)
        .correlate(SupplierItem, Supplier)
        .scalar_subquery()
    )
    return case((SupplierItem.active & Supplier.active, cast(ahead + 1, Integer)))


def sellers_of_item() -> ColumnElement[Any]:
    """How many suppliers are asked for the SKU of a listed item."""
    whose, item = aliased(Supplier), aliased(SupplierItem)
    return cast(
        select(func.count())
        .select_from(item)
        .join(whose, whose.code == item.supplier)
        .where(item.sku == SupplierItem.sku, item.active, whose.active)
        .correlate(SupplierItem)
        .scalar_subquery(),
        Integer,
    )


def skus_of_supplier() -> ColumnElement[Any]:
    """How many SKUs a listed supplier sells us that are not blocked."""
    sold = select(func.count()).where(SupplierItem.supplier == Supplier.code, SupplierItem.active)
    return cast(sold.correlate(Supplier).scalar_subquery(), Integer)


def anything_bought(session: Session, _now: datetime) -> bool:
    """Whether any supplier sells anything to us: a company that buys nothing needs no plan."""
    return bool(session.scalar(select(exists().where(SupplierItem.active))))
