"""Products, their variants (SKUs), prices per currency and kits. Written by the catalog agent alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Amount, Base, UuidKey


class ProductStatus(StrEnum):
    draft = "draft"  # not yet for sale
    active = "active"
    discontinued = "discontinued"  # sells what is left, is not bought again


PRODUCT_MOVES = {
    ProductStatus.draft: frozenset({ProductStatus.active}),
    ProductStatus.active: frozenset({ProductStatus.discontinued}),
    ProductStatus.discontinued: frozenset({ProductStatus.active}),
}


class Tracking(StrEnum):
    none = "none"
    lot = "lot"
    serial = "serial"


class Product(Base):
    __tablename__ = "products"
    __audited__ = True
    __kind__ = "product"
    id: Mapped[UuidKey]
    handle: Mapped[str] = mapped_column(unique=True)  # stable name for imports: `classic-tee`
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    brand: Mapped[str | None]
    category: Mapped[str | None]  # path: `Home > Kitchen > Mugs`
    status: Mapped[str] = mapped_column(default=ProductStatus.active)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    images: Mapped[list[str]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_products_created", "created_at", "id"),
        Index("ix_products_category", "category"),
    )


class Variant(Base):
    __tablename__ = "variants"
    __audited__ = True
    __kind__ = "variant"
    sku: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    title: Mapped[str]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"size": "M", "colour": "red"}
    barcode: Mapped[str | None] = mapped_column(unique=True)
    weight_grams: Mapped[int] = mapped_column(default=0)
    length_mm: Mapped[int] = mapped_column(default=0)
    width_mm: Mapped[int] = mapped_column(default=0)
    height_mm: Mapped[int] = mapped_column(default=0)
    cost_amount: Mapped[Amount | None]
    cost_currency: Mapped[str | None]
    tax_rate_ppm: Mapped[int] = mapped_column(default=0)  # 200000 is 20 %
    tracking: Mapped[str] = mapped_column(default=Tracking.none)
    hazmat: Mapped[bool] = mapped_column(default=False)
    backorder_limit: Mapped[int] = mapped_column(default=0)  # units that may be promised beyond stock, per node
    status: Mapped[str] = mapped_column(default=ProductStatus.active)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("weight_grams >= 0 AND backorder_limit >= 0", name="sane"),
        Index("ix_variants_product", "product_id"),
        Index("ix_variants_created", "created_at", "sku"),
    )


class Price(Base):
    __tablename__ = "prices"
    __audited__ = True
    __kind__ = "price"
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"),)


class KitComponent(Base):
    """A kit is sold as one SKU and picked as its components; it has no stock of its own."""

    __tablename__ = "kit_components"
    __audited__ = True
    __kind__ = "kit_component"
    kit_sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True)
    quantity: Mapped[int]
    __table_args__ = (CheckConstraint("quantity > 0 AND kit_sku <> sku", name="sane"),)
