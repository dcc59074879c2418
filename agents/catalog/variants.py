"""Brings variants, prices and kits to what was said, touching only rows that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from agents.catalog.messages import VariantAsk
from agents.catalog.rules import (
    BackorderLimitTooLow,
    BarcodeTaken,
    KitInKit,
    OrderInTheWay,
    SkuOfAnotherProduct,
    StockInTheWay,
    check_components,
)
from agents.promising.messages import PlaceAsk, Repromise
from db.base import Base
from db.catalog import (
    PRODUCT_MOVES,
    KitComponent,
    Price,
    Product,
    ProductStatus,
    Variant,
    barcode_owners,
    components_of,
    kits_with,
    prices_of,
    variants_by_sku,
)
from db.ledger import lock_skus, open_levels
from db.nodes import shipping_nodes
from db.purchasing import orders_awaiting
from db.session import Transaction

PLAIN_FIELDS = (
    "barcode", "weight_grams", "length_mm", "width_mm", "height_mm", "cost_amount", "cost_currency",
    "tax_rate_ppm", "tracking", "hazmat", "hazard_class", "hs_code", "origin_country",
    "customs_title", "temperature", "keep_upright", "fragile", "load_bearing_grams", "ships_alone", "backorder_limit",
)  # fmt: skip


def bring(row: Base, values: Mapping[str, Any]) -> bool:
    """Set what differs; says whether anything did. A row that is right already is not touched."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def put_variants(tx: Transaction, product: Product, asks: Sequence[VariantAsk]) -> bool:
    """Create or change the variants of a product; says whether anything changed.

    Raises:
        SkuOfAnotherProduct, BarcodeTaken, UnknownComponent, KitInKit, StockInTheWay, OrderInTheWay,
            BackorderLimitTooLow.
    """
    skus = [a.sku for a in asks]
    stored = variants_by_sku(tx, skus)
    _check_owners(tx, product, asks, stored)
    _check_stock(tx, asks, stored)
    changed = False
    for ask in asks:
        changed |= _put_variant(tx, product, ask, stored.get(ask.sku))
    tx.flush()
    changed |= put_prices(tx, {a.sku: a.prices for a in asks})
    return _put_components(tx, asks) or changed


def put_prices(tx: Transaction, prices: Mapping[str, Mapping[str, int]]) -> bool:
    """Set prices by SKU and currency. A currency that is not named keeps its price."""
    stored = prices_of(tx, prices)
    changed = False
    for sku, by_currency in prices.items():
        for currency, amount in by_currency.items():
            row = stored.get((sku, currency))
            if row is None:
                tx.add(Price(sku=sku, currency=currency, amount=amount))
                changed = True
            else:
                changed |= bring(row, {"amount": amount})
    tx.flush()
    return changed


def set_release(tx: Transaction, variant: Variant, release_on: date | None) -> bool:
    """Says whether anything changed. A SKU that is to be sold before there is any has a level to be waited at."""
    if not bring(variant, {"release_on": release_on}):
        return False
    variant.updated_at = tx.now
    tx.flush()
    first = next(iter(shipping_nodes(tx)), None)
    if release_on is not None and first is not None and not lock_skus(tx, [variant.sku]):
        open_levels(tx, [(variant.sku, first)])
    places = [PlaceAsk(sku=sku, node=node) for sku, node in lock_skus(tx, [variant.sku])]
    if places:
        said = f"is released on {release_on}" if release_on else "has no day of release any more"
        tx.send("promising", f"sku:{variant.sku}", Repromise(places=places, why=f"{variant.sku} {said}"))
    return True


def _check_owners(tx: Transaction, product: Product, asks: Sequence[VariantAsk], stored: dict[str, Variant]) -> None:
    for variant in stored.values():
        if variant.product_id != product.id:
            raise SkuOfAnotherProduct(variant.sku, _handle_of(tx, variant))
    owners = barcode_owners(tx, (a.barcode for a in asks if a.barcode is not None))
    for ask in asks:
        owner = owners.get(ask.barcode or "")
        if owner is not None and owner != ask.sku:
            raise BarcodeTaken(ask.barcode or "", owner)


def _handle_of(tx: Transaction, variant: Variant) -> str:
    return tx.scalars(select(Product.handle).where(Product.id == variant.product_id)).one()


def _check_stock(tx: Transaction, asks: Sequence[VariantAsk], stored: dict[str, Variant]) -> None:
    """Levels are locked, so that no order is placed between the look and the change."""
    kits = components_of(tx, stored)
    delicate = [
        a
        for a in asks
        if a.sku in stored
        and (
            a.backorder_limit < stored[a.sku].backorder_limit
            or a.tracking != stored[a.sku].tracking
            or (a.components and a.sku not in kits)
        )
    ]
    if not delicate:
        return
    levels = lock_skus(tx, [a.sku for a in delicate])
    by_sku = {a.sku: a for a in delicate}
    for (sku, node), level in levels.items():
        ask, promised = by_sku[sku], level.allocated + level.held + level.backordered
        if level.backordered > ask.backorder_limit and ask.backorder_limit < stored[sku].backorder_limit:
            raise BackorderLimitTooLow(sku, node, ask.backorder_limit, level.backordered)
        if ask.tracking != stored[sku].tracking and (level.on_hand or promised):
            raise StockInTheWay(sku, node, level.on_hand, promised, f"tracked by {ask.tracking}")
        if ask.components and sku not in kits and (level.on_hand or promised):
            raise StockInTheWay(sku, node, level.on_hand, promised, "a kit")
    for sku, number in orders_awaiting(tx, [a.sku for a in delicate if a.components and a.sku not in kits]).items():
        raise OrderInTheWay(sku, number)


def _put_variant(tx: Transaction, product: Product, ask: VariantAsk, row: Variant | None) -> bool:
    values = {name: getattr(ask, name) for name in PLAIN_FIELDS}
    values |= {"title": ask.title or product.title, "options": dict(ask.options)}
    if row is None:
        tx.add(
            Variant(
                sku=ask.sku,
                product_id=product.id,
                status=ask.status,
                created_at=tx.now,
                updated_at=tx.now,
                **values,
            )
        )
        return True
    with tx.no_autoflush:  # one audit entry and one step of the version for all that changes
        changed = bring(row, values)
        if row.status != ask.status:
            tx.move(row, ProductStatus(ask.status), moves=PRODUCT_MOVES, subject=f"sku:{row.sku}")
            changed = True
        if changed:
            row.updated_at = tx.now
    return changed


def _put_components(tx: Transaction, asks: Sequence[VariantAsk]) -> bool:
    skus = [a.sku for a in asks]
    named = {c for a in asks for c in a.components}
    stored = components_of(tx, {*skus, *named})
    kits = {s: s for s in stored if s not in skus} | {a.sku: a.sku for a in asks if a.components}
    known = variants_by_sku(tx, named)
    for ask in asks:
        check_components(ask.sku, ask.components, known=known, kits=kits)
    _check_not_components(tx, asks)
    changed = False
    for ask in asks:
        if ask.components != stored.get(ask.sku, {}):
            _replace_components(tx, ask)
            changed = True
    tx.flush()
    return changed


def _check_not_components(tx: Transaction, asks: Iterable[VariantAsk]) -> None:
    """What becomes a kit is not a part of a kit that keeps it."""
    becoming = {a.sku: a for a in asks if a.components}
    by_sku = {a.sku: a for a in asks}
    for sku, kit in kits_with(tx, becoming).items():
        if kit not in by_sku or sku in by_sku[kit].components:
            raise KitInKit(kit, sku)


def _replace_components(tx: Transaction, ask: VariantAsk) -> None:
    rows = {r.sku: r for r in tx.scalars(select(KitComponent).where(KitComponent.kit_sku == ask.sku))}
    for sku, row in rows.items():
        if sku not in ask.components:
            tx.delete(row)
    for sku, quantity in ask.components.items():
        if sku in rows:
            bring(rows[sku], {"quantity": quantity})
        else:
            tx.add(KitComponent(kit_sku=ask.sku, sku=sku, quantity=quantity))
