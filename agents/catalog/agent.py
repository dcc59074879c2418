"""Keeps the catalogue. The only writer of products, variants, prices and kits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text

from agents.agent import Agent
from agents.catalog.messages import MoveProduct, ProductChanged, ProductState, PutPrices, PutProduct
from agents.catalog.rules import BadField, check_prices, check_product
from agents.catalog.variants import bring, put_prices, put_variants
from agents.handlers import command
from db.base import uuid7
from db.catalog import PRODUCT_MOVES, Product, ProductStatus, Variant
from db.errors import NotFound
from db.session import Transaction, check_version

# SKUs, handles and barcodes are unique over all products, so writers of the catalogue take turns.
_CATALOGUE_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('backoffice catalogue'))")


class CatalogAgent(Agent):
    """Brings products to what is said of them; the same thing said twice changes nothing."""

    name = "catalog"

    @command
    def put_product(self, tx: Transaction, ask: PutProduct) -> ProductState:
        check_product(ask)
        tx.execute(_CATALOGUE_LOCK)
        product = tx.scalars(select(Product).where(Product.handle == ask.handle).with_for_update()).one_or_none()
        created = product is None
        if product is None:
            if ask.version is not None:
                raise NotFound("product", ask.handle)
            product = _new_product(tx, ask)
        else:
            check_version(product, ask.version, kind="product", id=ask.handle)
        changed = put_variants(tx, product, ask.variants)
        if not created:
            changed |= _change(tx, product, ask)
        return _tell(tx, product, created=created, changed=changed or created, count=not created)

    @command
    def put_prices(self, tx: Transaction, ask: PutPrices) -> ProductState:
        check_prices(ask.sku, ask.prices)
        tx.execute(_CATALOGUE_LOCK)
        variant = tx.get(Variant, ask.sku)
        if variant is None:
            raise NotFound("SKU", ask.sku)
        product = _locked(tx, variant.product_id)
        return _tell(tx, product, changed=put_prices(tx, {ask.sku: ask.prices}))

    @command
    def move_product(self, tx: Transaction, ask: MoveProduct) -> ProductState:
        product = _locked(tx, ask.product_id)
        check_version(product, ask.version, kind="product", id=str(ask.product_id))
        if ask.to not in list(ProductStatus):
            raise BadField("to", ask.to, f"it is one of {', '.join(ProductStatus)}")
        tx.move(product, ProductStatus(ask.to), moves=PRODUCT_MOVES, subject=f"product:{product.id}")
        return _tell(tx, product, changed=True)


def _locked(tx: Transaction, product_id: UUID) -> Product:
    product = tx.scalars(select(Product).where(Product.id == product_id).with_for_update()).one_or_none()
    if product is None:
        raise NotFound("product", str(product_id))
    return product


def _described(ask: PutProduct) -> dict[str, object]:
    names = ("title", "description", "brand", "category", "attributes", "images")
    return {name: getattr(ask, name) for name in names}


def _new_product(tx: Transaction, ask: PutProduct) -> Product:
    product = Product(
        id=uuid7(), handle=ask.handle, status=ask.status, created_at=tx.now, updated_at=tx.now, **_described(ask)
    )
    tx.add(product)
    tx.flush()
    tx.note(f"product:{product.id}", to_status=ask.status)
    return product


def _change(tx: Transaction, product: Product, ask: PutProduct) -> bool:
    changed = bring(product, _described(ask))
    if product.status != ask.status:
        tx.move(product, ProductStatus(ask.status), moves=PRODUCT_MOVES, subject=f"product:{product.id}")
        changed = True
    return changed


def _tell(
    tx: Transaction, product: Product, *, changed: bool, created: bool = False, count: bool = True
) -> ProductState:
    """One step of the product's version for all that changed below it, one event, and how it stands now."""
    if changed and count:
        product.version += 1
        product.updated_at = tx.now
    tx.flush()
    skus = list(tx.scalars(select(Variant.sku).where(Variant.product_id == product.id).order_by(Variant.sku)))
    if changed:
        tx.announce(
            f"product:{product.id}",
            ProductChanged(product_id=product.id, handle=product.handle, skus=skus, created=created),
        )
    return ProductState(
        id=product.id,
        handle=product.handle,
        title=product.title,
        status=product.status,
        version=product.version,
        skus=skus,
        created=created,
        next=sorted(s.value for s in PRODUCT_MOVES[ProductStatus(product.status)]),
    )
