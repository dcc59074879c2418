"""Keeps the catalogue. The only writer of products, variants, prices and kits."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from agents.agent import Agent
from agents.bulk.messages import RowDone
from agents.catalog.messages import (
    DoProductRow,
    JudgeProducts,
    MoveProduct,
    ProductChanged,
    ProductsJudged,
    ProductState,
    ProductWouldRefuse,
    PutBarcode,
    PutPrices,
    PutProduct,
    SetRelease,
)
from agents.catalog.rules import (
    BadField,
    BarcodeTaken,
    HasOtherBarcode,
    check_barcode,
    check_prices,
    check_product,
)
from agents.catalog.variants import bring, put_prices, put_variants, set_release
from agents.contract import Undo
from agents.handlers import command, on
from agents.rows import do_row
from db.base import uuid7
from db.catalog import PRODUCT_MOVES, Product, ProductStatus, Variant, barcode_owners
from db.errors import IllegalMove, NotFound, Refusal
from db.session import Transaction, check_version

UNDO_FOR = timedelta(minutes=10)
A_FEW_YEARS = timedelta(days=3 * 366)
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
    def put_barcode(self, tx: Transaction, ask: PutBarcode) -> ProductState:
        check_barcode(ask.barcode)
        tx.execute(_CATALOGUE_LOCK)
        variant = tx.get(Variant, ask.sku)
        if variant is None:
            raise NotFound("SKU", ask.sku)
        product = _locked(tx, variant.product_id)
        owner = barcode_owners(tx, [ask.barcode]).get(ask.barcode)
        if owner not in (None, ask.sku):
            raise BarcodeTaken(ask.barcode, owner)
        if variant.barcode not in (ask.instead_of, ask.barcode):
            raise HasOtherBarcode(ask.sku, variant.barcode)
        return _tell(tx, product, changed=bring(variant, {"barcode": ask.barcode}))

    @command
    def set_release(self, tx: Transaction, ask: SetRelease) -> ProductState:
        if ask.release_on is not None and abs(ask.release_on - tx.now.date()) > A_FEW_YEARS:
            raise BadField("release_on", ask.release_on.isoformat(), "a day within a few years from now")
        tx.execute(_CATALOGUE_LOCK)
        variant = tx.get(Variant, ask.sku)
        if variant is None:
            raise NotFound("SKU", ask.sku)
        product = _locked(tx, variant.product_id)
        return _tell(tx, product, changed=set_release(tx, variant, ask.release_on))

    @command
    def move_product(self, tx: Transaction, ask: MoveProduct) -> ProductState:
        product = _locked(tx, ask.product_id)
        check_version(product, ask.version, kind="product", id=str(ask.product_id))
        if ask.to not in list(ProductStatus):
            raise BadField("to", ask.to, f"it is one of {', '.join(ProductStatus)}")
        before = ProductStatus(product.status)
        tx.move(product, ProductStatus(ask.to), moves=PRODUCT_MOVES, subject=f"product:{product.id}")
        state = _tell(tx, product, changed=True)
        return msgspec.structs.replace(state, undo=_way_back(tx, product, before))

    @command
    def judge(self, tx: Transaction, ask: JudgeProducts) -> ProductsJudged:
        if ask.to not in list(ProductStatus):
            raise BadField("to", ask.to, f"it is one of {', '.join(ProductStatus)}")
        found = {p.id: p for p in tx.scalars(select(Product).where(Product.id.in_(ask.product_ids)))}
        refused = []
        for ident in ask.product_ids:
            product = found.get(ident)
            why: Refusal | None = None
            if product is None:
                why = NotFound("product", str(ident))
            elif ask.to not in (may := PRODUCT_MOVES[ProductStatus(product.status)]):
                why = IllegalMove("product", product.handle, product.status, ask.to, sorted(s.value for s in may))
            if why is not None:
                refused.append(ProductWouldRefuse(id=ident, code=why.code, sentence=str(why)))
        return ProductsJudged(refused=refused)

    @on
    def row(self, tx: Transaction, task: DoProductRow) -> None:
        tx.send("bulk", f"bulk:{task.job_id}", RowDone(**do_row(self, tx, task)))


def _locked(tx: Transaction, product_id: UUID) -> Product:
    product = tx.scalars(select(Product).where(Product.id == product_id).with_for_update()).one_or_none()
    if product is None:
        raise NotFound("product", str(product_id))
    return product


def _way_back(tx: Transaction, product: Product, before: ProductStatus) -> Undo | None:
    if before not in PRODUCT_MOVES[ProductStatus(product.status)]:
        return None
    body = {"product_id": str(product.id), "to": before.value}
    return Undo(says=f"Back to {before}", kind="MoveProduct", body=body, until=tx.now + UNDO_FOR)


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
