"""Products, their variants (SKUs), prices per currency and kits. Written by the catalog agent alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

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


class Temperature(StrEnum):
    """What goods need, and what a bin keeps."""

    ambient = "ambient"
    chilled = "chilled"
    frozen = "frozen"


class HazardClass(StrEnum):
    """Classes and divisions of dangerous goods (UN Model Regulations, chapter 2)."""

    explosive = "1"
    flammable_gas = "2.1"
    gas = "2.2"
    toxic_gas = "2.3"
    flammable_liquid = "3"
    flammable_solid = "4.1"
    self_igniting = "4.2"
    dangerous_when_wet = "4.3"
    oxidiser = "5.1"
    organic_peroxide = "5.2"
    toxic = "6.1"
    infectious = "6.2"
    radioactive = "7"
    corrosive = "8"
    other = "9"


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
    hazard_class: Mapped[str | None]  # of dangerous goods: which bins may take them
    hs_code: Mapped[str | None]  # of the Harmonized System, six digits or more: what customs know it by
    origin_country: Mapped[str | None]  # where it was made, ISO 3166 alpha-2
    customs_title: Mapped[str | None]  # what it is, in plain words for customs; null: the title
    temperature: Mapped[str] = mapped_column(default=Temperature.ambient)
    keep_upright: Mapped[bool] = mapped_column(default=False)  # packed with its height up and down, or not at all
    fragile: Mapped[bool] = mapped_column(default=False)  # nothing is packed above it
    load_bearing_grams: Mapped[int | None]  # that may be packed above one unit; null: any
    ships_alone: Mapped[bool] = mapped_column(default=False)  # in a carton of its own, which its size and weight are of
    backorder_limit: Mapped[int] = mapped_column(default=0)  # units that may be promised beyond stock, per node
    release_on: Mapped[date | None]  # sold before (a pre-order, up to the limit), not shipped before this day
    status: Mapped[str] = mapped_column(default=ProductStatus.active)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("weight_grams >= 0 AND backorder_limit >= 0", name="sane"),
        CheckConstraint("hazard_class IS NULL OR hazmat", name="hazard"),
        CheckConstraint("load_bearing_grams >= 0", name="bears"),
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


def variants_by_sku(session: Session, skus: Iterable[str]) -> dict[str, Variant]:
    """The variants that exist among the SKUs."""
    return {v.sku: v for v in session.scalars(select(Variant).where(Variant.sku.in_(sorted(set(skus)))))}


def components_of(session: Session, skus: Iterable[str]) -> dict[str, dict[str, int]]:
    """What each kit among the SKUs is made of: units of each component in one kit. SKUs that are no kits are absent."""
    kits: dict[str, dict[str, int]] = {}
    wanted = select(KitComponent).where(KitComponent.kit_sku.in_(sorted(set(skus))))
    for row in session.scalars(wanted.order_by(KitComponent.kit_sku, KitComponent.sku)):
        kits.setdefault(row.kit_sku, {})[row.sku] = row.quantity
    return kits


def kits_with(session: Session, skus: Iterable[str]) -> dict[str, str]:
    """A kit that contains it, for each of the SKUs that is a component."""
    rows = session.execute(
        select(KitComponent.sku, KitComponent.kit_sku).where(KitComponent.sku.in_(sorted(set(skus))))
    )
    return {r.sku: r.kit_sku for r in rows}


def barcode_owners(session: Session, barcodes: Iterable[str]) -> dict[str, str]:
    """The SKU that carries each of the barcodes; those in nobody's use are absent."""
    rows = session.execute(select(Variant.barcode, Variant.sku).where(Variant.barcode.in_(sorted(set(barcodes)))))
    return {r.barcode: r.sku for r in rows}


def prices_of(session: Session, skus: Iterable[str]) -> dict[tuple[str, str], Price]:
    """Prices by (SKU, currency)."""
    return {(p.sku, p.currency): p for p in session.scalars(select(Price).where(Price.sku.in_(sorted(set(skus)))))}


def demo_shop(session: Session) -> bool:
    """Whether products of the demo shop are here."""
    return session.scalar(select(Product.id).where(Product.attributes["demo"].as_boolean()).limit(1)) is not None


def any_releases(session: Session, now: datetime) -> bool:
    """Whether anything is, or was of late, sold before it may leave."""
    recent = now.date() - timedelta(days=30)
    return session.scalar(select(Variant.sku).where(Variant.release_on >= recent).limit(1)) is not None
